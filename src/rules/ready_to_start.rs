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
//! **Lawful exceptions.** Where the sandbox was lost its containers are shown until they have ended (I5): only a run that is
//! known to have gone on for more than a minute, or to run in a sandbox again, breaks the rule.
//! Without a container that runs the condition does not follow from the object and is taken as recorded.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::READY_TO_START;
use crate::model::{ConditionStatus, EventKind};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let is_false = pod.status.condition(READY_TO_START).is_some_and(|it| it.status == ConditionStatus::False);
    if is_false && context.event().kind != EventKind::Deleted && context.sandbox_runs.runs_on(pod) {
        diagnostics.push(condition(READY_TO_START), "True", "False", "a container runs in the sandbox, and runs on");
    }
}
