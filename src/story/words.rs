//! The words of each sentence: a table of templates, and what their blanks are filled with.

use super::fates::{birth, changed, ended, lost, refused, unready};
use super::group::Group;
use super::names::{alternatives, between, first_of, image_of, joined, last_of, length, pods_text, times, within};
use crate::cause::{Happening, Kind, TAINT_GONE};
use crate::model::Seq;
use crate::model::time::SECOND_US;
use std::collections::BTreeSet;

/// When a template fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// It was over for all of them.
    Over,
    /// It is known who did it.
    By,
    /// A controller says by an Event that it did it.
    Said,
    /// It is known what it came from.
    Caused,
    /// It is about an object that is no pod.
    OfNoPod,
    /// The reason is this.
    Reason(&'static str),
    Always,
}

/// The sentences, the first that fits; what stands in braces is a blank.
const TEMPLATES: [(Kind, When, &str); 52] = [
    (Kind::Unschedulable, When::Over, "{who} {was} not scheduled for {long}{said}{why}"),
    (Kind::Unschedulable, When::Always, "{who} {is} still not scheduled{said}{why}"),
    (Kind::Gated, When::Over, "{who} waited {long} for scheduling gates to be opened"),
    (Kind::Gated, When::Always, "{who} still {waits} for scheduling gates to be opened"),
    (Kind::BoundByHand, When::Always, "{by} bound {who} to {node}, past the scheduler"),
    (Kind::ImagePullFailed, When::Over, "{who} could not pull an image for {long} ({reason}){said}"),
    (Kind::ImagePullFailed, When::Always, "{who} could not pull an image {lasted} ({reason}){said}"),
    (Kind::ConfigMissing, When::Over, "{who} could not start for {long} ({reason}){said}{why}"),
    (Kind::ConfigMissing, When::Always, "{who} could not start {lasted} ({reason}){said}{why}"),
    (Kind::NodeBack, When::Always, "{node} came back after {for}{again}"),
    (Kind::KubeletRestarted, When::Reason("Rebooted"), "{node} was booted again with {pods} on it"),
    (Kind::KubeletRestarted, When::Always, "the kubelet of {node} was started again with {pods} on it"),
    (Kind::SandboxLost, When::Always, "the sandbox of {who} was lost and recreated"),
    (Kind::Preempted, When::Always, "{who} {was} preempted by the scheduler{why}"),
    (Kind::Evicted, When::Reason("EvictionByEvictionAPI"), "{evicted}{why}"),
    (Kind::Evicted, When::By, "{evicted}{said}{why}"),
    (Kind::Evicted, When::Always, "{who} {was} evicted by the kubelet{within}{said}{why}"),
    (Kind::Drained, When::Always, "{by} drained {node}{within}: {who} evicted"),
    (Kind::EvictionRefused, When::Always, "{by} asked {times}{in} to evict {who} and was refused{said}"),
    (Kind::RequestRefused, When::Always, "{by} asked {times}{in} to {reason} {who} and was refused{said}"),
    (Kind::TaintEvicted, When::By, "{who} {was} deleted for a NoExecute taint by {by}{within}{gone}{why}"),
    (
        Kind::TaintEvicted,
        When::Always,
        "{who} {was} deleted for a NoExecute taint by the taint manager{within}{gone}{why}",
    ),
    (
        Kind::DeletionCancelled,
        When::Reason(TAINT_GONE),
        "{who} {was} spared: the taint was gone before {they} had to go",
    ),
    (Kind::DeletionCancelled, When::Always, "the taint manager cancelled the deletion of {who}"),
    (Kind::DeletionRequested, When::By, "{by} deleted {who}{within}{gone}{why}"),
    (Kind::DeletionRequested, When::Said, "{source} deleted {who}{within}{gone}{why}"),
    (Kind::DeletionRequested, When::Always, "{who} {was} deleted{within}, by whom is not recorded{gone}{why}"),
    (Kind::ForceDeleted, When::Always, "{by} force-deleted {who}, without waiting for the containers"),
    (Kind::Deleted, When::Always, "{who} {was} gone; who asked for that is not recorded"),
    (Kind::Replaced, When::By, "{who} {was} replaced by {by}{within}{why}"),
    (Kind::Replaced, When::Said, "{who} {was} replaced by {source}{within}{why}"),
    (Kind::Replaced, When::Always, "{who} {was} replaced by the controller{within}{why}"),
    (Kind::Scaled, When::By, "{by} deleted {who}{within}{why}"),
    (Kind::Scaled, When::Said, "{source} deleted {who}{within}{why}"),
    (Kind::Scaled, When::Always, "{who} {was} deleted{within}{why}"),
    (Kind::Completed, When::Always, "{who} completed{within}{late}"),
    (Kind::Failed, When::OfNoPod, "{name} failed ({reason}){said}"),
    (Kind::Failed, When::Always, "{who} failed{because}{said}"),
    (Kind::Rejected, When::Always, "the kubelet rejected {who} ({reason}){said}"),
    (Kind::Deadline, When::OfNoPod, "{name} took longer than its deadline allows ({reason}){said}"),
    (Kind::Deadline, When::Always, "{who} took longer than the deadline allows ({reason}){said}"),
    (Kind::RolloutStalled, When::Always, "{name} made no progress ({reason}){said}"),
    (Kind::NamespaceStuck, When::Always, "{name} cannot go away yet{said}"),
    (Kind::Resized, When::Always, "{by} resized {who} {times}{why}"),
    (Kind::NamespaceDeleted, When::Caused, "{who} {was} deleted with the namespace{within}{gone}{why}"),
    (
        Kind::NamespaceDeleted,
        When::Always,
        "{who} {was} deleted with the namespace{within}{gone}; who deleted the namespace is not recorded",
    ),
    (Kind::GarbageCollected, When::By, "{who} {was} deleted by {by}{within}{why}"),
    (Kind::GarbageCollected, When::Always, "{who} {was} deleted by the garbage collector{within}{why}"),
    (
        Kind::ForeignWrite,
        When::Always,
        "{by} wrote the status of {who} {each}, though the status is the kubelet's{said}{undone}",
    ),
    (Kind::RuleBroken, When::Always, "{who} broke a rule of Kubernetes ({reason}){said}"),
    (Kind::Vanished, When::Always, "{who} {was} not listed any more: deleted while nothing was recorded"),
    (Kind::Gap, When::Always, "nothing was recorded for {long} ({reason}): meanwhile {who} changed"),
];

/// Tells a group.
type Tell = fn(&Group<'_>) -> String;

/// What no template tells.
const BY_FUNCTION: [(Kind, Tell); 14] = [
    (Kind::Changed, changed),
    (Kind::Scheduled, birth),
    (Kind::Started, birth),
    (Kind::Ready, birth),
    (Kind::ProbeFailed, |group| unready(group, &why(group))),
    (Kind::Unready, |group| unready(group, &why(group))),
    (Kind::NodeLost, lost),
    (Kind::Restarted, of_container),
    (Kind::OomKilled, of_container),
    (Kind::Crashed, of_container),
    (Kind::CrashLoop, of_container),
    (Kind::InitFailed, of_container),
    (Kind::HookFailed, of_container),
    (Kind::CreateRefused, refused),
];

fn of_container(group: &Group<'_>) -> String {
    ended(group, &why(group), said(group))
}

/// The sentence of a group of alike happenings.
pub(super) fn sentence(group: &Group<'_>) -> String {
    let kind = group.first().kind;
    if let Some((_, tell)) = BY_FUNCTION.iter().find(|(known, _)| *known == kind) {
        return tell(group);
    }
    let fits = |(known, when, _): &&(Kind, When, &str)| *known == kind && fits(*when, group);
    TEMPLATES.iter().find(fits).map_or_else(String::new, |(.., template)| fill(template, group))
}

fn fits(when: When, group: &Group<'_>) -> bool {
    let it = group.first();
    match when {
        When::Over => lasting(group).is_some(),
        When::By => it.by.is_some(),
        When::Said => it.detail.source.is_some(),
        When::Caused => !why(group).is_empty(),
        When::OfNoPod => group.pods().is_empty(),
        When::Reason(reason) => it.detail.reason.as_deref() == Some(reason),
        When::Always => true,
    }
}

/// A template with its blanks filled.
fn fill(template: &str, group: &Group<'_>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (blank, behind) = behind.split_once('}').unwrap_or((behind, ""));
        text.push_str(before);
        text.push_str(&filled(blank, group));
        rest = behind;
    }
    text + rest
}

/// What a blank is filled with.
fn filled(blank: &str, group: &Group<'_>) -> String {
    let it = group.first();
    let (detail, many) = (&it.detail, group.pods().len() > 1);
    let word = |word: &Option<Box<str>>| word.as_deref().unwrap_or_default().to_owned();
    let either = |one: &str, several: &str| if many { several } else { one }.to_owned();
    match blank {
        "who" if group.pods().is_empty() => word(&detail.name),
        "who" => pods_text(&group.pods()),
        "pods" => {
            if many {
                format!("{} pods", group.pods().len())
            } else {
                pods_text(&group.pods())
            }
        }
        "was" => either("was", "were"),
        "is" => either("is", "are"),
        "they" => either("it", "they"),
        "waits" => either("waits", "wait"),
        "by" => it.by.as_ref().map_or_else(|| "somebody".to_owned(), ToString::to_string),
        "evicted" => evicted(group),
        "source" => word(&detail.source),
        "name" => word(&detail.name),
        "node" => match each(group, |it| it.detail.node.as_deref()) {
            node if node.is_empty() => "its node".to_owned(),
            node => node,
        },
        "reason" => each(group, |it| it.detail.reason.as_deref()),
        "because" => match each(group, |it| it.detail.reason.as_deref()) {
            reason if reason.is_empty() => reason,
            reason => format!(" ({reason})"),
        },
        "said" => {
            let said = said(group).map(|said| format!(": {said}")).unwrap_or_default();
            // What follows goes on.
            if why(group).is_empty() { said } else { said.trim_end_matches('.').to_owned() }
        }
        "why" => why(group),
        "long" => lasting(group).unwrap_or_else(|| "some time".to_owned()),
        "for" => detail.for_us.map_or_else(|| "some time".to_owned(), length),
        "lasted" => lasted(group),
        "gone" => gone(group),
        "again" => match group.pods_over() {
            again if again.is_empty() => String::new(),
            again => format!(": {} ready again", pods_text(&again)),
        },
        "times" => times(group.count()),
        "each" if many && group.count() == group.pods().len() => "once each".to_owned(),
        "each" => times(group.count()),
        "within" => within(group),
        "late" => late(group),
        "undone" => undone(group),
        "in" => {
            let until = group.last_at().filter(|_| group.count() > 1);
            between(it.at, until).map(|length| format!(" in {length}")).unwrap_or_default()
        }
        blank => format!("{{{blank}}}"),
    }
}

/// What is told of each, where that differs one after the other.
fn each<'a>(group: &Group<'a>, of: impl Fn(&'a Happening) -> Option<&'a str>) -> String {
    alternatives(group.happenings().filter_map(of))
}

fn evicted(group: &Group<'_>) -> String {
    let by = group.first().by.as_ref().filter(|by| by.node().is_none() && &*by.agent != "kubelet");
    match by {
        Some(by) => format!("{by} evicted {}{}", pods_text(&group.pods()), within(group)),
        None if group.first().detail.reason.as_deref() == Some("EvictionByEvictionAPI") => {
            fill("{who} {was} evicted through the eviction API{within}, by whom is not recorded", group)
        }
        None => fill("{who} {was} evicted by the kubelet{within}", group),
    }
}

/// Two different words of the same are both told where they are no longer than this.
const BOTH_CHARS_MAX: usize = 200;

/// What is said of it in a sentence, where that differs as an example.
fn said(group: &Group<'_>) -> Option<String> {
    let it = group.first();
    let shorten = if it.kind == Kind::ImagePullFailed { image_of } else { last_of };
    let said = it.detail.message.as_deref().map(shorten).filter(|said| !said.is_empty())?;
    let all: Vec<String> = group.happenings().filter_map(|it| it.detail.message.as_deref()).map(shorten).collect();
    // Of three and of thousands one is the example.
    let mut different: Vec<&str> = Vec::with_capacity(3);
    all.iter().filter(|said| !said.is_empty()).for_each(|said| {
        if different.len() < 3 && !different.contains(&said.as_str()) {
            different.push(said);
        }
    });
    Some(match different.as_slice() {
        [one] if all.len() == group.happenings().count() => (*one).to_owned(),
        [one, other] if one.len() + other.len() <= BOTH_CHARS_MAX => joined(&[one, other]),
        _ => format!("for example {said}"),
    })
}

/// Behind a colon what it came from, of many causes the first two; where it did not come from the same for all, as an example.
fn why(group: &Group<'_>) -> String {
    const TOLD_MAX: usize = 2;
    let texts_of = |it: &Happening| -> Vec<String> { it.because.iter().map(|it| first_of(&it.text)).collect() };
    let mut all: Vec<Vec<String>> = group.happenings().map(texts_of).collect();
    all.dedup();
    let is_same = all.len() == 1;
    // What was done again for each of them.
    let acts: BTreeSet<&[Seq]> = group.happenings().flat_map(|it| &it.because).map(|it| &*it.evidence).collect();
    let again = is_same && group.happenings().all(|it| matches!(it.because.as_slice(), [one] if one.is_act()));
    let often = if again && acts.len() > 1 { format!(" {}", times(acts.len())) } else { String::new() };
    let mut texts = all.into_iter().find(|texts| !texts.is_empty()).unwrap_or_default();
    let more = if texts.len() > TOLD_MAX { "; and more" } else { "" };
    texts.truncate(TOLD_MAX);
    let example = if is_same { "" } else { "for example " };
    if texts.is_empty() { String::new() } else { format!(": {example}{}{often}{more}", texts.join("; ")) }
}

/// How long it lasted, where it was over for all of them.
fn lasting(group: &Group<'_>) -> Option<String> {
    let mut longest: Option<i64> = None;
    for it in group.happenings() {
        let (from, until) = it.at.zip(it.until.filter(|_| it.is_over))?;
        longest = longest.max(Some(until.micros_since(from)));
    }
    let longest = length(longest?);
    let is_one = group.happenings().count() == 1 || group.first().kind == Kind::Gap;
    Some(if is_one { longest } else { format!("up to {longest}") })
}

/// How long something lasted that was never over, and until when.
fn lasted(group: &Group<'_>) -> String {
    let happenings: Vec<&Happening> = group.happenings().collect();
    let stretch = |it: &&Happening| it.at.zip(it.until).map(|(from, until)| until.micros_since(from));
    let longest = happenings.iter().map(stretch).collect::<Option<Vec<i64>>>().and_then(|all| all.into_iter().max());
    match (longest, happenings.len()) {
        (Some(longest), 1) => format!("for {}, until its deletion", length(longest)),
        (Some(longest), _) => format!("for up to {}, until their deletion", length(longest)),
        (None, _) => "until the end of the recording".to_owned(),
    }
}

/// Since when it is known, where its status came long after.
fn late(group: &Group<'_>) -> String {
    const LATE_US: i64 = 3 * SECOND_US;
    let latest = group.happenings().filter_map(|it| it.detail.for_us).max().unwrap_or_default();
    let up_to = if group.happenings().count() > 1 { "up to " } else { "" };
    if latest < LATE_US { String::new() } else { format!("; the kubelet reported it {up_to}{} later", length(latest)) }
}

/// When what somebody wrote had its value again.
fn undone(group: &Group<'_>) -> String {
    if !group.happenings().all(|it| it.is_over) {
        return String::new();
    }
    lasting(group).map(|long| format!("; undone after {long}")).unwrap_or_default()
}

/// When they were gone.
fn gone(group: &Group<'_>) -> String {
    let count = group.happenings().count();
    let left = group.happenings().filter(|it| !it.is_over).count();
    match lasting(group) {
        Some(length) if !length.ends_with("less than 1s") => format!(", gone after {length}"),
        Some(_) => String::new(),
        None if left == count => ", still there at the end".to_owned(),
        None => format!(", {left} still there at the end"),
    }
}

#[cfg(test)]
mod tests {
    use super::{BY_FUNCTION, TEMPLATES};
    use crate::cause::Kind;

    #[test]
    fn every_kind_has_words_and_every_blank_is_known() {
        const BLANKS: &str = "who pods was is they waits by evicted source name node reason because said why long for lasted gone again times in within late undone each";
        for kind in Kind::ALL {
            let is_told =
                TEMPLATES.iter().any(|(known, ..)| known == kind) || BY_FUNCTION.iter().any(|(known, _)| known == kind);
            assert!(is_told, "{kind:?} has no words");
        }
        for (kind, _, template) in TEMPLATES {
            for blank in template.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(BLANKS.split(' ').any(|known| known == blank), "{kind:?}: {template}");
            }
        }
    }
}
