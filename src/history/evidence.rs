//! When a write must have happened, by what the object itself says.

use crate::model::{Clock, ConditionStatus, Pod, StampedAt};

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
        // A kubelet's own list has its newest status beside the managed fields of an older object.
        let is_of_kubelet = metadata.config_source.as_deref() == Some("api");
        if let Some(written_at) = metadata.written_at.filter(|_| !is_of_kubelet) {
            // A binding leaves no entry there: the API server stamps the condition that it sets.
            let bound = pod.status.conditions.iter().find(|condition| &*condition.kind == "PodScheduled");
            let bound_at =
                bound.filter(|bound| bound.status == ConditionStatus::True).and_then(|it| it.last_transition_at);
            return Self { clock: Clock::ManagedFields, not_before: own.max(Some(written_at)).max(bound_at) };
        }
        let conditions = pod
            .status
            .conditions
            .iter()
            .filter(|condition| crate::model::condition::CORE_CONDITIONS.contains(&&*condition.kind))
            .map(|condition| condition.last_transition_at);
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
        let newest = conditions.chain(containers).max().flatten();
        let not_before = newest.max(own).max(pod.status.start_at).max(metadata.written_at);
        let clock = if not_before.is_some() { Clock::Status } else { Clock::None };
        Self { clock, not_before }
    }
}

/// Whether the API server must have stamped the write between these two objects: the kubelet's part of the status
/// changed, and a write to the status is attributed to its manager. (A binding, which only sets PodScheduled, is not, nor is
/// an eviction, which only sets DisruptionTarget.)
#[must_use]
pub fn is_attributed(before: &Pod, after: &Pod) -> bool {
    let (old, new) = (&before.status, &after.status);
    let own = |pod: &'_ Pod| -> Vec<crate::model::Condition> {
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
