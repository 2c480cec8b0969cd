//! PodReadyToStartContainers is False while a container keeps running.
//!
//! **Why it matters.** A container needs the pod's sandbox. Startup times measured with this condition
//! are wrong.
//!
//! **Example.** `app` running since 10:00:00, the condition False at 10:05:00, True again at 10:05:01, the same run
//! throughout.
//!
//! **What to do.** Check the kubelet or provider that wrote it.
//!
//! **Exceptions.** After the sandbox is lost, its containers still show until they end (I5): only a run that goes on
//! for more than a minute, or runs in a sandbox again, breaks the rule. Without a running container the object does not
//! determine the condition, and the check accepts the recorded value.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::READY_TO_START;
use crate::model::{ConditionStatus, EventKind};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let is_false = pod.status.condition(READY_TO_START).is_some_and(|it| it.status == ConditionStatus::False);
    if is_false && context.event().kind != EventKind::Deleted && context.sandbox_runs.runs_on(pod) {
        diagnostics.push(condition(READY_TO_START), "True", "False", "a container keeps running in the sandbox");
    }
}
