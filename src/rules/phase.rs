//! The phase does not match the container statuses.
//!
//! **Why it matters.** Jobs, Deployments and people depend on the phase. If it does not match the containers, one of
//! the two is wrong.
//!
//! **Example.** One container, running; phase Failed without a reason.
//!
//! **What to do.** `podreplay explain POD --at T` shows which container and which rule give the expected phase.
//! Then look at the kubelet or provider that wrote the status.
//!
//! **Exceptions.** The kubelet holds a terminal phase back until everything has stopped (H6): old and new
//! phase are both accepted. Eviction, preemption, shutdown, a deadline and rejection by the node set Failed with a
//! reason of their own (H3, H5, H9).

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, Model};
use super::verdict::Allowance;
use crate::kubelet::restart::can_restart_all;
use crate::model::{ContainerStatus, Phase, Pod};
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(model) = &context.model else { return };
    let status = &context.pod().status;
    let Some(is) = &status.phase else {
        diagnostics.push(Subject::Phase, model.inferred.expected.as_str(), "none", "the kubelet always writes a phase");
        return;
    };
    let legal = &model.inferred.legal;
    let (pod, unknown_before) = (context.pod(), is_unknown_before(context, model));
    if legal.contains(is) || killed(pod).is_some() || is_declared_ended(pod) || unknown_before || is_restarting_all(pod)
    {
        return;
    }
    let rule = model.inferred.computed.rule;
    let message = format!("the container statuses give {} ({rule})", model.inferred.computed.phase);
    diagnostics.push(Subject::Phase, model.inferred.expected.as_str(), is.as_str(), message);
}

/// Which phase is held back cannot be told across a gap.
pub(super) fn is_unknown_before(context: &EventContext<'_>, model: &Model) -> bool {
    let is_terminal = context.pod().status.phase.as_ref().is_some_and(Phase::is_terminal);
    context.is_after_gap && model.inferred.computed.phase.is_terminal() && !is_terminal
}

/// H3, H5, H9: the kubelet ended the pod for a reason of its own.
#[must_use]
pub fn killed(pod: &Pod) -> Option<Allowance> {
    const REASONS: [&str; 6] = ["Evicted", "Preempting", "Terminated", "NodeShutdown", "Shutdown", "ContainerGCFailed"];
    let status = &pod.status;
    let reason = status.reason.as_deref().filter(|_| status.phase == Some(Phase::Failed))?;
    if is_rejected(pod) {
        return Some(Allowance::Rejected);
    }
    match reason {
        "DeadlineExceeded" => Some(Allowance::DeadlineExceeded),
        reason => REASONS.contains(&reason).then(|| Allowance::Killed(reason.into())),
    }
}

/// H9: the node did not take the pod.
#[must_use]
pub fn is_rejected(pod: &Pod) -> bool {
    let status = &pod.status;
    status.phase == Some(Phase::Failed)
        && status.conditions.is_empty()
        && status.containers.is_none()
        && status.reason.is_some()
}

/// H7: what had not ended was declared ended.
pub(super) fn is_declared_ended(pod: &Pod) -> bool {
    let is_lost = |status: &ContainerStatus| {
        status.state.terminated.as_ref().is_some_and(|run| run.reason.as_deref() == Some("ContainerStatusUnknown"))
    };
    pod.status.phase == Some(Phase::Failed)
        && (pod.container_statuses().any(|(_, status)| is_lost(status))
            || (pod.metadata.deletion_at.is_some()
                && pod.container_statuses().all(|(_, status)| status.state.running.is_none())))
}

/// R3: what ran before all containers were started again counts no longer.
pub(super) fn is_restarting_all(pod: &Pod) -> bool {
    can_restart_all(&pod.spec) && matches!(pod.status.phase, Some(Phase::Pending | Phase::Running))
}
