//! lastTransitionTime (L1, L2): status_manager.go, and the helper that everybody else uses (pkg/api/v1/pod/util.go).

use super::conditions::{
    ALL_CONTAINERS_RESTARTING, CONTAINERS_READY, DISRUPTION_TARGET, INITIALIZED, POD_SCHEDULED, READY, READY_TO_START,
};
use crate::model::{Condition, StampedAt};

/// The types whose times the kubelet keeps (L1), in the order in which it does.
pub const TIMED: [&str; 7] =
    [CONTAINERS_READY, READY, INITIALIZED, READY_TO_START, POD_SCHEDULED, DISRUPTION_TARGET, ALL_CONTAINERS_RESTARTING];

/// L1: gives the new condition of a type the time of the old one if the status is the same, else `now`.
pub fn keep_time(kind: &str, old: &[Condition], new: &mut [Condition], now: StampedAt) {
    let Some(condition) = new.iter_mut().find(|condition| *condition.kind == *kind) else { return };
    let same = old.iter().find(|old| *old.kind == *kind).filter(|old| old.status == condition.status);
    condition.last_transition_at = match same {
        Some(old) => old.last_transition_at,
        None => Some(now),
    };
}

/// L2: sets a condition among those of the object that is edited. True if that changed anything the helper looks at.
pub fn set_condition(conditions: &mut Vec<Condition>, mut condition: Condition, now: StampedAt) -> bool {
    condition.last_transition_at = Some(now);
    let Some(old) = conditions.iter_mut().find(|old| old.kind == condition.kind) else {
        conditions.push(condition);
        return true;
    };
    if old.status == condition.status {
        condition.last_transition_at = old.last_transition_at;
    }
    // observedGeneration is written, but not looked at.
    let is_changed = old.status != condition.status
        || old.reason != condition.reason
        || old.message != condition.message
        || old.last_probe_at != condition.last_probe_at
        || old.last_transition_at != condition.last_transition_at;
    *old = condition;
    is_changed
}
