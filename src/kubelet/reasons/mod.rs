//! A glossary of the reasons that stand on a pod, its conditions and its containers: what each means, who writes it,
//! since when, and what to look at next. One file a place. Not for judging what happened.

mod condition;
mod elsewhere;
mod pod;
mod terminated;
mod waiting;

/// One reason at one place. The same word at another place is another entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The word as it is written. `OutOf<resource>` is a family: every word that begins with `OutOf`.
    pub word: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Who writes it.
    pub writer: &'static str,
    /// The versions of Kubernetes in which it is written, as far as they are known.
    pub versions: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to look at next.
    pub next: &'static str,
    /// The rules of `docs/semantics.md` that speak of it.
    pub rules: &'static [&'static str],
}

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `status.reason`.
    Pod,
    /// The reason of a condition of one of these types.
    Condition(&'static [&'static str]),
    /// `state.waiting.reason` of a container.
    Waiting,
    /// `state.terminated.reason` or `lastState.terminated.reason` of a container.
    Terminated,
    /// The column STATUS of `kubectl get pods`; not on the pod.
    Column,
    /// The reason of a core/v1 Event about the pod; not on the pod.
    Event,
    /// The message of a node's condition Ready; not on the pod.
    Node,
    /// The kubelet's log; not on the pod.
    Log,
}

impl Place {
    /// The place in one word, as it stands in the documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Condition(_) => "condition",
            Self::Waiting => "waiting",
            Self::Terminated => "terminated",
            Self::Column => "column",
            Self::Event => "event",
            Self::Node => "node",
            Self::Log => "log",
        }
    }
}

impl Reason {
    /// What the words of a family begin with; `None` if it is one word.
    fn prefix(&self) -> Option<&'static str> {
        self.word.split_once('<').map(|(prefix, _)| prefix)
    }

    /// The first sentence of the meaning.
    #[must_use]
    pub fn first_sentence(&self) -> &'static str {
        self.meaning.find(". ").map_or(self.meaning, |end| &self.meaning[..=end])
    }
}

/// Every reason, place by place, by word within a place.
pub fn all() -> impl Iterator<Item = &'static Reason> {
    let tables: [&'static [Reason]; 5] =
        [pod::REASONS, condition::REASONS, waiting::REASONS, terminated::REASONS, elsewhere::REASONS];
    tables.into_iter().flatten()
}

/// The entries of a word, whatever the case of its letters: the word itself, else the family that it belongs to.
/// `Init:` of the column STATUS is looked through: `Init:OOMKilled` gives both halves.
#[must_use]
pub fn lookup(word: &str) -> Vec<&'static Reason> {
    let mut found: Vec<&Reason> = all().filter(|reason| reason.word.eq_ignore_ascii_case(word)).collect();
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

/// The word goes on after the prefix.
fn begins_with(word: &str, prefix: &str) -> bool {
    word.len() > prefix.len() && word.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::lookup;

    #[test]
    fn words_families_and_init_are_found() {
        let table: [(&str, &[(&str, &str)]); 10] = [
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
