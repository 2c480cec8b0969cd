//! Which conditions of Kubernetes the events of a pod have shown, by type and time.

use std::collections::BTreeMap;

use crate::model::condition::CORE_CONDITIONS;
use crate::model::{Condition, ConditionStatus, Pod, StampedAt};

/// What was shown so far: the conditions of one type and one time, each once.
#[derive(Debug, Default)]
pub(super) struct ShownTimes<'a>(BTreeMap<(&'a str, StampedAt), Vec<&'a Condition>>);

impl<'a> ShownTimes<'a> {
    pub(super) fn take(&mut self, pod: &'a Pod) {
        for condition in CORE_CONDITIONS.into_iter().filter_map(|kind| pod.status.condition(kind)) {
            let Some(at) = condition.last_transition_at else { continue };
            let shown = self.0.entry((&condition.kind, at)).or_default();
            if !shown.contains(&condition) {
                shown.push(condition);
            }
        }
    }

    /// Whether a condition had this status since this time before.
    pub(super) fn has(&self, kind: &str, at: StampedAt, status: &ConditionStatus) -> bool {
        self.0.get(&(kind, at)).is_some_and(|shown| shown.iter().any(|condition| condition.status == *status))
    }

    /// The newest time that a condition had, one way of it left out.
    pub(super) fn newest_but(&self, kind: &str, but: Option<&Condition>) -> Option<StampedAt> {
        let first = StampedAt::from_micros(i64::MIN);
        let last = StampedAt::from_micros(i64::MAX);
        let mut newest_first = self.0.range((kind, first)..=(kind, last)).rev();
        let found = newest_first.find(|(_, shown)| shown.iter().any(|condition| Some(*condition) != but));
        found.map(|((_, at), _)| *at)
    }
}
