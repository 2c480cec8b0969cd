//! The phase is not the one that the kubelet computes from the container statuses.
//!
//! **Why it matters.** The phase is what Jobs, Deployments and people go by. If it does not follow from the
//! containers, one of the two is wrong.
//!
//! **Example.** One container, running; phase Failed without a reason.
//!
//! **What to do.** `podreplay explain POD --at T` tells which container and which rule give the expected phase.
//! Then look at the kubelet or provider that wrote the status.
//!
//! **Lawful exceptions.** The kubelet holds a terminal phase back until everything has stopped (H6): old and new
//! phase are both accepted. Eviction, preemption, shutdown, a deadline and rejection by the node set Failed with a
//! reason of their own (H3, H5, H9).

use super::draft::Draft;
use super::sight::Sight;
use crate::kubelet::restart::can_restart_all;
use crate::model::{ContainerStatus, Phase};
use crate::replay::Subject;

pub(super) fn judge(sight: &Sight<'_>, draft: &mut Draft) {
    let (Some(model), false) = (&sight.model, draft.doubts_containers()) else { return };
    let status = &sight.pod().status;
    let Some(is) = &status.phase else {
        draft.push(Subject::Phase, model.inferred.expected.as_str(), "none", "the kubelet always writes a phase");
        return;
    };
    let legal = &model.inferred.legal;
    let unknown_before = sight.is_after_gap && model.inferred.computed.phase.is_terminal() && !is.is_terminal();
    let is_restarting = can_restart_all(&sight.pod().spec) && matches!(is, Phase::Pending | Phase::Running);
    if legal.contains(is) || is_killed(sight) || is_defaulted(sight) || unknown_before || is_restarting {
        return;
    }
    let rule = model.inferred.computed.rule;
    let message = format!("the container statuses give {} ({rule})", model.inferred.computed.phase);
    draft.push(Subject::Phase, model.inferred.expected.as_str(), is.as_str(), message);
}

/// H3, H5, H9: the kubelet ends a pod for a reason of its own.
fn is_killed(sight: &Sight<'_>) -> bool {
    const REASONS: [&str; 7] =
        ["Evicted", "Preempting", "DeadlineExceeded", "Terminated", "NodeShutdown", "Shutdown", "ContainerGCFailed"];
    let status = &sight.pod().status;
    let is_rejected = status.conditions.is_empty() && status.containers.is_none() && status.reason.is_some();
    status.phase == Some(Phase::Failed)
        && (is_rejected || status.reason.as_deref().is_some_and(|reason| REASONS.contains(&reason)))
}

/// H7: what had not ended was declared ended.
fn is_defaulted(sight: &Sight<'_>) -> bool {
    let pod = sight.pod();
    let is_lost = |status: &ContainerStatus| {
        status.state.terminated.as_ref().is_some_and(|run| run.reason.as_deref() == Some("ContainerStatusUnknown"))
    };
    pod.status.phase == Some(Phase::Failed)
        && (pod.container_statuses().any(|(_, status)| is_lost(status))
            || (pod.metadata.deletion_at.is_some()
                && pod.container_statuses().all(|(_, status)| status.state.running.is_none())))
}
