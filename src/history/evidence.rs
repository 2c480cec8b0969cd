//! When a write must have happened, by what the object itself says.

use crate::model::condition::CORE_CONDITIONS;
use crate::model::time::SECOND_US;
use crate::model::{Clock, Condition, ConditionStatus, ObservedAt, Pod, StampedAt};

/// The newest time in an object and whose clock it is. The write that made the object did not happen before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// Whose clock.
    pub clock: Clock,
    /// The time, if there is any.
    pub not_before: Option<StampedAt>,
}

impl Evidence {
    /// Reads the evidence of one object. The API server's stamps come first; without managedFields the times that
    /// other components wrote must do. Conditions of third parties are left out: their times follow no rule
    /// (SEMANTICS L8).
    #[must_use]
    pub fn of(pod: &Pod) -> Self {
        let metadata = &pod.metadata;
        let own = metadata.created_at.max(metadata.deletion_requested_at());
        if let Some(written_at) = metadata.written_at {
            let set_at = pod.status.conditions.iter().filter(|it| is_set_by_api_server(it));
            let set_at = set_at.filter_map(|condition| condition.last_transition_at).max();
            return Self { clock: Clock::ManagedFields, not_before: own.max(Some(written_at)).max(set_at) };
        }
        let newest = stamps(pod).max();
        let not_before = newest.max(own).max(pod.status.start_at);
        let clock = if not_before.is_some() { Clock::Status } else { Clock::None };
        Self { clock, not_before }
    }
}

/// Whether the API server sets a condition itself, and stamps it: a binding and an eviction leave no entry in managedFields.
fn is_set_by_api_server(condition: &Condition) -> bool {
    let is_of_eviction = condition.reason.as_deref() == Some("EvictionByEvictionAPI");
    let is_set = match &*condition.kind {
        "PodScheduled" => true,
        "DisruptionTarget" => is_of_eviction,
        _ => false,
    };
    is_set && condition.status == ConditionStatus::True
}

/// Whether the API server must have stamped the write between these two objects: the kubelet's part of the status
/// changed, and a write to the status is attributed to its manager. (A binding, which only sets PodScheduled, is not, nor is
/// an eviction, which only sets DisruptionTarget.)
#[must_use]
pub fn is_attributed(before: &Pod, after: &Pod) -> bool {
    let (old, new) = (&before.status, &after.status);
    let own = |pod: &'_ Pod| -> Vec<Condition> {
        pod.status
            .conditions
            .iter()
            .filter(|condition| !matches!(&*condition.kind, "PodScheduled" | "DisruptionTarget"))
            .cloned()
            .collect()
    };
    old.phase != new.phase
        || old.containers != new.containers
        || old.init_containers != new.init_containers
        || old.ephemeral_containers != new.ephemeral_containers
        || own(before) != own(after)
}

/// The times that components of the cluster wrote into a status. Conditions of third parties follow no rule (SEMANTICS L8).
fn stamps(pod: &Pod) -> impl Iterator<Item = StampedAt> {
    let core = |condition: &&Condition| CORE_CONDITIONS.contains(&&*condition.kind);
    let conditions = pod.status.conditions.iter().filter(core).map(|condition| condition.last_transition_at);
    let containers = pod.container_statuses().flat_map(|(_, status)| {
        [&status.state, &status.last].into_iter().flat_map(|state| {
            let run = state.terminated.as_deref();
            [
                state.running.as_ref().and_then(|running| running.started_at),
                run.and_then(|run| run.started_at),
                run.and_then(|run| run.finished_at),
            ]
        })
    });
    conditions.chain(containers).flatten()
}

/// The longest that a status was seen to wait between the time that its writer stamped and its arrival is 15 s, at a
/// kubelet that may ask five times a second: four times that.
pub(super) const SETTLED_US: i64 = 60 * SECOND_US;

/// When the write between two objects had happened by, as far as the times tell that are new with it: what was stamped has been
/// written within a minute. What was written no earlier than `at` was not written before it, whatever the clock of a node says.
pub(super) fn settled_by(before: Option<&Pod>, after: &Pod, at: Option<ObservedAt>) -> Option<ObservedAt> {
    let all = |pod: &Pod| -> Vec<StampedAt> {
        stamps(pod).chain(pod.status.start_at).chain(pod.metadata.written_at).collect()
    };
    let known = before.map(all).unwrap_or_default();
    let newest = all(after).into_iter().filter(|stamp| !known.contains(stamp)).max();
    let asked = after.metadata.deletion_requested_at();
    let is_asked_anew = asked != before.and_then(|before| before.metadata.deletion_requested_at());
    let created = after.metadata.created_at.filter(|_| before.is_none());
    let newest = newest.max(asked.filter(|_| is_asked_anew)).max(created)?;
    Some(ObservedAt::from_micros(newest.micros()).max(at?).plus_micros(SETTLED_US))
}
