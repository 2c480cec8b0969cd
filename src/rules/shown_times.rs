//! Which conditions of Kubernetes the events of a pod have shown, by type and time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::condition::CORE_CONDITIONS;
use crate::model::{Condition, ConditionStatus, Pod, StampedAt};

/// What was shown so far: the conditions of one type and one time, each once. What they say beside their time is nearly always
/// one of few things.
#[derive(Debug, Default)]
pub(super) struct ShownTimes {
    /// The object that was taken last.
    last: Option<Arc<Pod>>,
    /// The conditions without their times, each with its number.
    said: BTreeMap<Condition, usize>,
    statuses: Vec<ConditionStatus>,
    /// The place of the type, the time, and the number of what was said.
    shown: BTreeSet<(usize, StampedAt, usize)>,
}

impl ShownTimes {
    pub(super) fn take(&mut self, pod: &Arc<Pod>) {
        let last = self.last.replace(Arc::clone(pod));
        for (place, kind) in CORE_CONDITIONS.into_iter().enumerate() {
            let Some(condition) = pod.status.condition(kind) else { continue };
            let Some(at) = condition.last_transition_at else { continue };
            if last.as_ref().and_then(|last| last.status.condition(kind)) == Some(condition) {
                continue;
            }
            let next = self.said.len();
            let number = *self.said.entry(without_time(condition)).or_insert(next);
            if number == next {
                self.statuses.push(condition.status.clone());
            }
            self.shown.insert((place, at, number));
        }
    }

    /// Whether a condition had this status since this time before.
    pub(super) fn has(&self, kind: &str, at: StampedAt, status: &ConditionStatus) -> bool {
        let Some(place) = CORE_CONDITIONS.iter().position(|core| *core == kind) else { return false };
        let mut shown = self.shown.range((place, at, 0)..=(place, at, usize::MAX));
        shown.any(|(.., number)| self.statuses[*number] == *status)
    }

    /// The newest time that a condition had, one way of it left out.
    pub(super) fn newest_but(&self, kind: &str, but: Option<&Condition>) -> Option<StampedAt> {
        let place = CORE_CONDITIONS.iter().position(|core| *core == kind)?;
        let but = but.and_then(|but| Some((but.last_transition_at?, *self.said.get(&without_time(but))?)));
        let earliest = (place, StampedAt::from_micros(i64::MIN), 0);
        let mut newest_first = self.shown.range(earliest..=(place, StampedAt::from_micros(i64::MAX), usize::MAX)).rev();
        newest_first.find(|(_, at, number)| Some((*at, *number)) != but).map(|(_, at, _)| *at)
    }
}

fn without_time(condition: &Condition) -> Condition {
    Condition { last_transition_at: None, ..condition.clone() }
}
