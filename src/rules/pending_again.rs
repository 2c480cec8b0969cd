//! A pod that ran is Pending again, and its containers do not explain it.
//!
//! **Why it matters.** Pending means that some container has never run. Schedulers and autoscalers count such pods
//! as waiting for room.
//!
//! **Example.** Running, then Pending, while the container keeps running.
//!
//! **What to do.** Look at the writer of the event.
//!
//! **Exceptions.** A restart of all containers (RestartAllContainers, 1.36), and a container that goes
//! back to waiting without a last run (P5).

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::Phase;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let (Some(Phase::Pending), Some(model)) = (context.pod().status.phase.as_ref(), &context.model) else { return };
    let ran = |was: &Phase| (*was == Phase::Running).then(|| was.clone());
    let Some(was) = context.trusted.phase().fault(ran) else { return };
    if model.inferred.computed.phase != Phase::Pending {
        diagnostics.push(Subject::Phase, was.as_str(), "Pending", "no container is waiting for its first run");
    }
}
