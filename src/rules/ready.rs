//! Ready does not match ContainersReady and the readiness gates.
//!
//! **Why it matters.** Services, Deployments and disruption budgets depend on Ready.
//!
//! **Example.** ContainersReady True, no readiness gates, Ready False.
//!
//! **What to do.** `podreplay explain POD --at T` shows where the value comes from. With readiness gates, check their
//! conditions first.
//!
//! **Exceptions.** The node controller sets Ready to False on a lost node (C9): the check
//! skips that write, as it is not the kubelet's. After a change of a gate the kubelet needs one write to follow (C4). A
//! single object does not show either.

use super::containers_ready::{before_final_default, compare};
use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::kubelet::conditions::{CONTAINERS_READY, INITIALIZED, READY, ready};
use crate::model::{ConditionStatus, Pod};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(model) = &context.model else { return };
    if context.before().is_none() && may_be_others(context.pod()) {
        return;
    }
    // C4: the kubelet may not have seen the newest gates yet.
    let own = [model.initialized.clone().into_condition(INITIALIZED, None)];
    let earlier = context.before().filter(|before| !before.pod.spec.readiness_gates.is_empty());
    let by_old_gates = earlier.map(|before| {
        let mut seen = context.pod().clone();
        seen.status.conditions.clone_from(&before.pod.status.conditions);
        ready(&seen, &model.containers_ready, &own, context.features)
    });
    let mut lawful = vec![&model.ready];
    lawful.extend(&by_old_gates);
    let as_before = before_final_default(context);
    lawful.extend(&as_before);
    compare(context, READY, &lawful, diagnostics);
}

/// Without the event before, the mark of the node controller (C9), and a gate that the kubelet has not seen yet (C4), are not
/// told from a fault.
fn may_be_others(pod: &Pod) -> bool {
    let is = |kind: &str, status: ConditionStatus| pod.status.condition(kind).is_some_and(|it| it.status == status);
    let is_marked = is(READY, ConditionStatus::False) && is(CONTAINERS_READY, ConditionStatus::True);
    is_marked || !pod.spec.readiness_gates.is_empty() && is(CONTAINERS_READY, ConditionStatus::True)
}
