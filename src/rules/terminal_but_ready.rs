//! A pod in a terminal phase is Ready.
//!
//! **Why it matters.** Endpoints follow Ready: traffic goes to a pod that is gone.
//!
//! **Example.** phase Failed, Ready True, written by the kubelet.
//!
//! **What to do.** Look at the kubelet or provider: Kubernetes' own sets Ready and ContainersReady to False in the
//! same write (M4).
//!
//! **Exceptions.** PodGC sets the phase to Failed on a lost node's pods and leaves the conditions alone
//! (H10): only writes of the kubelet are judged.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::{CONTAINERS_READY, READY};
use crate::model::{ConditionStatus, Phase};
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let status = &context.pod().status;
    // A phase that is in doubt itself says nothing about readiness.
    if !status.phase.as_ref().is_some_and(Phase::is_terminal) || diagnostics.is_found(&Subject::Phase) {
        return;
    }
    let legal = context.model.as_ref().is_some_and(|model| model.inferred.computed.phase.is_terminal());
    let both = [READY, CONTAINERS_READY];
    let true_now: Vec<&str> = both
        .into_iter()
        .filter(|kind| status.condition(kind).is_some_and(|it| it.status == ConditionStatus::True))
        .collect();
    // Both true: it is the phase that does not fit, and its rule says so.
    if legal || true_now.len() == 1 {
        for kind in true_now {
            diagnostics.push(condition(kind), "False", "True", "a pod in a terminal phase is not ready");
        }
    }
}
