//! PodReadyToStartContainers is False while a container runs on.
//!
//! **Why it matters.** A container needs the pod's sandbox. Those who watch this condition to measure the start of
//! pods are misled.
//!
//! **Example.** `app` running since 10:00:00, the condition False at 10:05:00, True again at 10:05:01, the same run
//! throughout.
//!
//! **What to do.** Look at the kubelet or provider that wrote it.
//!
//! **Lawful exceptions.** Right after the sandbox was lost one write shows the old containers (I5); they end then.
//! Without a container that runs the condition does not follow from the object and is taken as recorded.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::READY_TO_START;
use crate::model::{ConditionStatus, Pod, Role, StampedAt};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let is_false = |pod: &Pod| {
        pod.status.condition(READY_TO_START).is_some_and(|condition| condition.status == ConditionStatus::False)
    };
    let (pod, Some(next)) = (context.pod(), context.next()) else { return };
    // A sandbox that was lost takes its containers with it.
    let runs_on = running(pod).any(|run| running(&next.pod).any(|later| later == run));
    if is_false(pod) && runs_on && next.kind != crate::model::EventKind::Deleted {
        diagnostics.push(condition(READY_TO_START), "True", "False", "a container runs in the sandbox, and runs on");
    }
}

fn running(pod: &Pod) -> impl Iterator<Item = (&str, StampedAt)> {
    pod.container_statuses()
        .filter(|(role, _)| *role != Role::Ephemeral)
        .filter_map(|(_, status)| Some((&*status.name, status.state.running.as_ref()?.started_at?)))
}
