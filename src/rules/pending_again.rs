//! A pod that ran is Pending again, and its containers do not explain it.
//!
//! **Why it matters.** Pending means that some container has never run. Schedulers and autoscalers count such pods
//! as waiting for room.
//!
//! **Example.** Running, then Pending, while the container runs on.
//!
//! **What to do.** Look at the writer of the event.
//!
//! **Lawful exceptions.** A restart of all containers (RestartAllContainers, 1.36), and whenever a container falls
//! back to waiting without a last run (P5).

use super::draft::Draft;
use super::sight::Sight;
use crate::model::Phase;
use crate::replay::Subject;

pub(super) fn judge(sight: &Sight<'_>, draft: &mut Draft) {
    let (Some(Phase::Pending), Some(model)) = (sight.pod().status.phase.as_ref(), &sight.model) else { return };
    let ran = |was: &Phase| (*was == Phase::Running).then(|| was.clone());
    let Some(was) = sight.trusted.phase.fault(ran) else { return };
    if model.inferred.computed.phase != Phase::Pending {
        draft.push(Subject::Phase, was.as_str(), "Pending", "no container of it waits to run for the first time");
    }
}
