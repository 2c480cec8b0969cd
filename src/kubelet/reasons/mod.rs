//! A glossary of the reasons that stand on a pod, its conditions and its containers: what each means, who writes it,
//! since when, and what to look at next. The table is `reasons.txt`. Not for judging what happened.

mod reason;
mod table;

pub use reason::{Place, Reason};
pub use table::all;

/// The entries of a word, whatever the case of its letters: the word itself, else the family that it belongs to.
/// `Init:` of the column STATUS is looked through: `Init:OOMKilled` gives both halves.
#[must_use]
pub fn lookup(word: &str) -> Vec<&'static Reason> {
    let mut found: Vec<&Reason> = all().filter(|reason| reason.word.eq_ignore_ascii_case(word)).collect();
    if let Some((_, today)) = FORMER.iter().find(|(former, _)| former.eq_ignore_ascii_case(word)) {
        found.extend(lookup(today));
    }
    if found.is_empty() {
        found = all().filter(|reason| reason.prefix().is_some_and(|prefix| begins_with(word, prefix))).collect();
    }
    if let Some((head, rest)) = word.split_once(':')
        && head.eq_ignore_ascii_case("Init")
    {
        found.extend(lookup(rest));
    }
    found
}

/// What old texts, and the code of old kubelets, call a reason that has an entry.
const FORMER: [(&str, &str); 4] = [
    ("m.internalLifecycle.PreStartContainer", "PreStartHookError"),
    ("KillPodSandbox", "KillPodSandboxError"),
    ("PullImageError", "ErrImagePull"),
    ("RunContainer", "RunContainerError"),
];

/// The word goes on after the prefix.
fn begins_with(word: &str, prefix: &str) -> bool {
    word.len() > prefix.len() && word.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::lookup;

    #[test]
    fn words_families_and_init_are_found() {
        let table: [(&str, &[(&str, &str)]); 12] = [
            ("m.internalLifecycle.PreStartContainer", &[("PreStartHookError", "waiting")]),
            ("PullImageError", &[("ErrImagePull", "waiting")]),
            ("OOMKilled", &[("OOMKilled", "terminated")]),
            ("oomkilled", &[("OOMKilled", "terminated")]),
            ("Error", &[("Error", "condition"), ("Error", "terminated")]),
            ("OutOfcpu", &[("OutOf<resource>", "pod")]),
            ("OutOfnvidia.com/gpu", &[("OutOf<resource>", "pod")]),
            ("OutOfDisk", &[("OutOfDisk", "pod")]),
            ("Init:CrashLoopBackOff", &[("Init:<reason>", "column"), ("CrashLoopBackOff", "waiting")]),
            ("Init:0/2", &[("Init:<reason>", "column")]),
            ("OutOf", &[]),
            ("äöü", &[]),
        ];
        for (word, expected) in table {
            let found: Vec<(&str, &str)> =
                lookup(word).iter().map(|reason| (reason.word, reason.place.as_str())).collect();
            assert_eq!(found, expected, "{word}");
        }
    }
}
