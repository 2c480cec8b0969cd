//! Alike things are one sentence: happenings of one kind, in one cluster, by one actor, for one reason, near in time. Where that makes too many
//! sentences the reasons count less; what is normal goes first.

use std::collections::BTreeMap;

use crate::cause::{Happening, Kind, PodStory, core_of};
use crate::model::ObservedAt;
use crate::model::time::SECOND_US;

/// What may be told: a happening, of the pod that it happened to, in a cluster.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) cluster: &'a str,
    pub(super) pod: Option<&'a PodStory>,
    pub(super) it: &'a Happening,
}

/// Happenings of one cluster that one sentence tells.
pub(super) struct Group<'a> {
    members: Vec<Member<'a>>,
}

impl<'a> Group<'a> {
    pub(super) fn first(&self) -> &'a Happening {
        self.members[0].it
    }

    pub(super) fn cluster(&self) -> &'a str {
        self.members[0].cluster
    }

    pub(super) fn happenings(&self) -> impl Iterator<Item = &'a Happening> {
        self.members.iter().map(|member| member.it)
    }

    pub(super) fn pods(&self) -> Vec<&'a PodStory> {
        let mut pods: Vec<&PodStory> = Vec::new();
        for pod in self.members.iter().filter_map(|member| member.pod) {
            if pods.iter().all(|known| !std::ptr::eq(*known, pod)) {
                pods.push(pod);
            }
        }
        pods
    }

    /// The pods for which it was over.
    pub(super) fn pods_over(&self) -> Vec<&'a PodStory> {
        self.members.iter().filter(|member| member.it.is_over).filter_map(|member| member.pod).collect()
    }

    /// How often it happened, of all.
    pub(super) fn count(&self) -> usize {
        self.happenings().map(|it| it.detail.count.max(1)).sum()
    }

    /// How often containers were started again behind it, of all.
    pub(super) fn restarts(&self) -> usize {
        self.happenings().map(|it| it.detail.restarts).sum()
    }

    pub(super) fn last_at(&self) -> Option<ObservedAt> {
        self.happenings().filter_map(|it| it.at).max()
    }

    pub(super) fn last_until(&self) -> Option<ObservedAt> {
        self.happenings().filter_map(|it| it.until.or(it.at)).max()
    }
}

/// How alike things are that one sentence tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closeness {
    /// The same reason, of one workload.
    Reason,
    /// The same, and pods that began soon after each other.
    Began,
    /// By one actor, for one cause, of whatever workloads.
    Cause,
    /// Of one workload or of none, whatever the reason.
    Workload,
    /// Of one kind.
    Kind,
}

/// Alike things are one sentence while they follow each other within this; what somebody did, and how pods began, where it was at once.
const FOLLOWS_WITHIN_US: i64 = 120 * SECOND_US;
const AT_ONCE_US: i64 = 10 * SECOND_US;
/// Pods that began later took the place of others; where there is much to tell they are told with them.
const BORN_WITHIN_US: i64 = 5 * SECOND_US;

/// Whether it tells how a pod began.
pub(super) fn is_birth(it: &Happening) -> bool {
    matches!(it.kind, Kind::Ready | Kind::Started | Kind::Scheduled)
}

fn follows_within_us(it: &Happening, closeness: Closeness) -> i64 {
    let is_by_person = it.by.as_ref().is_some_and(|by| by.component().is_none());
    match (is_birth(it), is_by_person) {
        (true, _) if closeness == Closeness::Reason => BORN_WITHIN_US,
        (true, _) | (false, true) => AT_ONCE_US,
        (false, false) => FOLLOWS_WITHIN_US,
    }
}

/// Alike things together, in the order of their beginnings.
pub(super) fn grouped<'a>(members: &[Member<'a>], closeness: Closeness) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    // Of each when the last began, and when the last was over.
    let mut latest: Vec<[Option<ObservedAt>; 2]> = Vec::new();
    let mut last: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for member in members {
        let it = member.it;
        let key = (member.cluster, signature(member.pod, it, closeness));
        let near = last.get(&key).copied().filter(|place| {
            let [last_at, last_until] = latest[*place];
            let before = if is_birth(it) { last_at } else { last_until };
            closeness == Closeness::Kind
                || before
                    .zip(it.at)
                    .is_none_or(|(before, at)| at.micros_since(before) <= follows_within_us(it, closeness))
        });
        let place = near.unwrap_or_else(|| {
            last.insert(key, groups.len());
            groups.push(Group { members: Vec::new() });
            latest.push([None; 2]);
            groups.len() - 1
        });
        groups[place].members.push(*member);
        let [last_at, last_until] = latest[place];
        latest[place] = [last_at.max(it.at), last_until.max(it.until.or(it.at))];
    }
    groups
}

/// What alike things have in common.
fn signature(pod: Option<&PodStory>, it: &Happening, closeness: Closeness) -> String {
    // With a namespace its controller deletes pods, and the garbage collector those that had owners.
    let by = it.by.as_ref().filter(|_| it.kind != Kind::NamespaceDeleted);
    let detail = &it.detail;
    let by = match (by, detail.source.as_deref()) {
        (Some(by), _) => format!("{} {:?} {}", by.name(), by.through, by.basis.as_str()),
        (None, source) => source.unwrap_or_default().to_owned(),
    };
    let word = |word: &Option<Box<str>>| word.as_deref().unwrap_or_default().to_owned();
    // What somebody did is told by itself, but for what he created at once.
    if it.kind == Kind::Changed {
        return format!("changed {by} {} {}", word(&detail.reason), word(&detail.message));
    }
    if it.kind == Kind::CreateRefused {
        let by = if matches!(closeness, Closeness::Reason | Closeness::Began) { by.as_str() } else { "" };
        return format!("create refused {by} {}", core_of(&word(&detail.message)));
    }
    if it.kind == Kind::Gap {
        return format!("gap {:?} {:?}", it.at, it.until);
    }
    // What is told in other words is another thing.
    let told_as = if BY_REASON.contains(&it.kind) { word(&detail.reason) } else { String::new() };
    if it.kind == Kind::DeletionCancelled {
        return format!("{} {told_as}", it.kind.as_str());
    }
    if ABOUT_NODES.contains(&it.kind) || detail.namespace.is_some() {
        let (node, namespace, name) = (word(&detail.node), word(&detail.namespace), word(&detail.name));
        return format!("{} {told_as}|{node}|{namespace}|{name}", it.kind.as_str());
    }
    let workload = pod.and_then(|pod| pod.workload.as_ref()).map(|owner| format!("{}/{}", owner.kind, owner.name));
    let workload = workload.unwrap_or_default();
    let because: Vec<&str> = it.because.iter().map(|because| &*because.text).collect();
    let lasts = match (LASTING.contains(&it.kind) && !it.is_over, it.until.is_some()) {
        (true, true) => " to its deletion",
        (true, false) => " to the end",
        (false, _) => "",
    };
    let is_loop = it.kind == Kind::CrashLoop;
    let loops = match it.detail.count {
        0 if is_loop || it.kind == Kind::InitFailed => " found",
        _ if is_loop && it.is_well() => " well",
        _ if detail.is_loop => " loop",
        _ => "",
    };
    let kind = format!("{}{lasts}{loops}{told_as}", it.kind.as_str());
    match closeness {
        Closeness::Reason | Closeness::Began => format!(
            "{kind}|{by}|{workload}|{}|{}|{:?}|{}|{}|{}",
            word(&detail.container),
            // The reason of what was preempted is the pod that it made room for.
            word(&detail.reason),
            detail.exit_codes,
            because.join(";"),
            if matches!(it.kind, Kind::TaintEvicted | Kind::Drained) { word(&detail.node) } else { String::new() },
            if matches!(
                it.kind,
                Kind::CreateRefused
                    | Kind::EvictionRefused
                    | Kind::RequestRefused
                    | Kind::CrashLoop
                    | Kind::Crashed
                    | Kind::RuleBroken
                    | Kind::ImagePullFailed
                    | Kind::ConfigMissing
            ) {
                word(&detail.message)
            } else {
                it.is_over.to_string()
            }
        ),
        // Of containers of one pod.
        Closeness::Cause if matches!(it.kind, Kind::Crashed | Kind::CrashLoop) => {
            format!("{kind}|{}|{}", pod.map_or("", |pod| &pod.identity.uid), it.is_well())
        }
        Closeness::Cause if CAUSED.contains(&it.kind) || it.kind == Kind::Unready && !because.is_empty() => {
            format!("{kind}|{by}|{}", because.join(";"))
        }
        Closeness::Cause => signature(pod, it, Closeness::Reason),
        Closeness::Workload => format!("{kind}|{by}|{workload}|{}", because.first().copied().unwrap_or_default()),
        Closeness::Kind => format!("{kind}|{by}"),
    }
}

/// What is told in other words for another reason.
const BY_REASON: [Kind; 4] = [Kind::DeletionCancelled, Kind::Evicted, Kind::HookFailed, Kind::KubeletRestarted];
/// What is told in other words where it was not over.
const LASTING: [Kind; 6] =
    [Kind::Unschedulable, Kind::Gated, Kind::ImagePullFailed, Kind::ConfigMissing, Kind::ProbeFailed, Kind::Unready];
/// What is told by who did it and why, whatever it was done to.
const CAUSED: [Kind; 6] = [
    Kind::TaintEvicted,
    Kind::NamespaceDeleted,
    Kind::Drained,
    Kind::GarbageCollected,
    Kind::DeletionRequested,
    Kind::Completed,
];
/// What is told once of a node, of a workload or of a namespace.
const ABOUT_NODES: [Kind; 5] =
    [Kind::NodeLost, Kind::NodeBack, Kind::KubeletRestarted, Kind::RolloutStalled, Kind::NamespaceStuck];

#[cfg(test)]
mod tests {
    use super::{Closeness, Member, grouped, signature};
    use crate::cause::{Detail, Happening, Kind, Weight};
    use crate::model::ObservedAt;

    fn happening(kind: Kind) -> Happening {
        let at = Some(ObservedAt::from_micros(5));
        Happening {
            kind,
            at,
            at_latest: at,
            until: None,
            is_over: false,
            by: None,
            detail: Detail { count: 1, ..Detail::default() },
            because: Vec::new(),
            weight: Weight::Info,
            evidence: Vec::new(),
        }
    }

    #[test]
    fn a_sentence_is_about_one_cluster() {
        let it = happening(Kind::NodeLost);
        let member = |cluster| Member { cluster, pod: None, it: &it };
        for closeness in [Closeness::Reason, Closeness::Began, Closeness::Cause, Closeness::Workload, Closeness::Kind] {
            let groups = grouped(&[member("east"), member("west"), member("east")], closeness);
            let told: Vec<(&str, usize)> = groups.iter().map(|group| (group.cluster(), group.count())).collect();
            assert_eq!(told, [("east", 2), ("west", 1)], "{closeness:?}");
        }
    }

    /// What makes another thing of one.
    type Change = fn(&mut Happening);

    /// What a sentence says in words that are not true of the other is never told with it, however much there is to tell.
    #[test]
    fn what_is_told_in_other_words_is_told_apart() {
        let table: [(Kind, Change); 10] = [
            (Kind::Unschedulable, |it| it.is_over = true),
            (Kind::Gated, |it| it.is_over = true),
            (Kind::ImagePullFailed, |it| it.until = it.at),
            (Kind::Unready, |it| it.is_over = true),
            (Kind::ProbeFailed, |it| it.is_over = true),
            (Kind::Evicted, |it| it.detail.reason = Some("EvictionByEvictionAPI".into())),
            (Kind::CrashLoop, |it| it.detail.exit_codes = vec![0]),
            (Kind::CrashLoop, |it| it.detail.count = 0),
            (Kind::DeletionRequested, |it| it.detail.source = Some("job-controller".into())),
            (Kind::KubeletRestarted, |it| it.detail.reason = Some("Rebooted".into())),
        ];
        for (kind, change) in table {
            let (one, mut other) = (happening(kind), happening(kind));
            change(&mut other);
            for closeness in [Closeness::Reason, Closeness::Cause, Closeness::Workload, Closeness::Kind] {
                let of = |it: &Happening| signature(None, it, closeness);
                assert_ne!(of(&one), of(&other), "{kind:?} by {closeness:?}");
                assert_eq!(of(&one), of(&happening(kind)), "{kind:?} by {closeness:?}");
            }
        }
    }
}
