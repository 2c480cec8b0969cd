//! A container's lastState was there and is cleared.
//!
//! **Why it matters.** The exit code of the run before is what an on-call engineer needs, and the phase depends on
//! it: a waiting container without it counts as never started.
//!
//! **Example.** `lastState: terminated(Error, 1)`, then `lastState: {}`.
//!
//! **What to do.** Look at the writer of the event; Kubernetes' own kubelet keeps it.
//!
//! **Lawful exceptions.** None known for a container that stays in its pod.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::ContainerStatus;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    for (role, is) in context.pod().container_statuses() {
        if is.last.terminated.is_some() {
            continue;
        }
        let had = |was: &ContainerStatus| was.last.terminated.is_some().then(|| was.last.to_string());
        if let Some(was) = context.trusted.container(role, &is.name).fault(had) {
            let subject = Subject::Container(is.name.clone(), role);
            diagnostics.push(subject, format!("lastState {was}"), "lastState empty", "a run that ended stays recorded");
        }
    }
}
