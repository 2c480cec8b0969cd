//! Of a pod what its causes are found by: what it belongs to, and which other pods took its place.

use super::happening::Happening;
use super::kind::Kind;
use super::pod::PodStory;
use super::scene::{OwnerNote, SceneAct};
use super::toleration::Toleration;
use crate::model::time::SECOND_US;
use crate::model::{Act, ObservedAt, Owner};

/// A cause is looked for this long before what it caused.
pub(super) const CAUSED_WITHIN_US: i64 = 15 * 60 * SECOND_US;
/// An answer may come behind what it caused.
const ANSWERED_WITHIN_US: i64 = 2 * SECOND_US;

/// Of a pod what its causes are found by.
pub(super) struct OfPod {
    pub(super) created_at: Option<ObservedAt>,
    pub(super) exists_since: Option<ObservedAt>,
    pub(super) namespace: Box<str>,
    pub(super) name: Box<str>,
    pub(super) uid: Box<str>,
    pub(super) workload: Option<Owner>,
    pub(super) controller: Option<Owner>,
    pub(super) node: Option<Box<str>>,
    pub(super) tolerations: Vec<Toleration>,
    /// When its phase ended.
    pub(super) finished_at: Option<ObservedAt>,
}

impl OfPod {
    pub(super) fn of(pod: &PodStory) -> Self {
        let finished = pod.happenings.iter().find(|it| matches!(it.kind, Kind::Completed | Kind::Failed));
        Self {
            exists_since: pod.exists_since,
            created_at: pod.created.as_ref().and_then(|created| created.at),
            namespace: pod.identity.namespace.as_str().into(),
            name: pod.identity.name.as_str().into(),
            uid: pod.identity.uid.as_str().into(),
            workload: pod.workload.clone(),
            controller: pod.controller.clone(),
            node: pod.node.clone(),
            tolerations: pod.tolerations.clone(),
            finished_at: finished.and_then(|it| it.at),
        }
    }

    /// Whether an act was done to what the pod belongs to.
    pub(super) fn belongs_to(&self, act: &Act) -> bool {
        let is_owner = |owner: &Owner| is_called(owner, &act.resource, &act.name);
        act.namespace == self.namespace && self.workload.iter().chain(&self.controller).any(is_owner)
    }

    /// Whether a controller said something of what the pod belongs to.
    pub(super) fn is_owned_by(&self, note: &OwnerNote) -> bool {
        note.namespace == self.namespace
            && self.workload.iter().chain(&self.controller).any(|owner| *owner == note.owner)
    }
}

/// Whether a request names an owner: `deployments` and `web`.
pub(super) fn is_called(owner: &Owner, resource: &str, name: &str) -> bool {
    resource.strip_suffix('s') == Some(&*owner.kind.to_ascii_lowercase()) && *owner.name == *name
}

/// Of another pod what tells that it took the place of one.
pub(super) struct Sibling {
    pub(super) of_pod: OfPod,
    /// The nodes that it waited for.
    pub(super) nominations: Vec<Box<str>>,
}

impl Sibling {
    pub(super) fn of(pod: &PodStory) -> Self {
        let waited = pod.happenings.iter().filter(|it| it.kind == Kind::Unschedulable);
        Self { of_pod: OfPod::of(pod), nominations: waited.filter_map(|it| it.detail.node.clone()).collect() }
    }
}

/// Whether something at a time may have come from what was at another.
pub(super) fn may_come_from(at: Option<ObservedAt>, cause: Option<ObservedAt>) -> bool {
    at.zip(cause).is_some_and(|(at, cause)| {
        let since = at.micros_since(cause);
        (-ANSWERED_WITHIN_US..=CAUSED_WITHIN_US).contains(&since)
    })
}

/// The last thing that fits and that something may have come from, by when that was: of something whose time is not exact it may lie
/// within the times between which that was.
pub(super) fn last_cause<'a, T>(
    all: &'a [T],
    happening: &Happening,
    at: impl Fn(&T) -> Option<ObservedAt>,
    fits: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    let is_before = |it: &&T| may_come_from(happening.at, at(it)) && fits(it);
    let is_between = |time: ObservedAt| Some(time) >= happening.at && Some(time) <= happening.at_latest;
    let is_within = |it: &&T| happening.at.is_some() && at(it).is_some_and(is_between) && fits(it);
    all.iter().rev().find(is_before).or_else(|| all.iter().rev().find(is_within))
}

/// The last act that fits and that something may have come from.
pub(super) fn last_act<'a>(
    acts: &'a [SceneAct],
    happening: &Happening,
    fits: impl Fn(&Act) -> bool,
) -> Option<&'a SceneAct> {
    last_cause(acts, happening, |it| Some(it.act.at), |it| fits(&it.act))
}

/// Whether a person or a robot did it, and not a controller that follows.
pub(super) fn is_by_user(act: &Act) -> bool {
    act.by.component().is_none()
}
