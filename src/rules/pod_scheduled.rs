//! PodScheduled contradicts the pod's node.
//!
//! **Why it matters.** Autoscalers act on pods that are not scheduled.
//!
//! **Example.** nodeName node-a, PodScheduled False.
//!
//! **What to do.** Look at the scheduler or provider that wrote it.
//!
//! **Exceptions.** A pod bound by hand has no PodScheduled until the kubelet writes; a rejected pod loses it
//! (H9).

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::POD_SCHEDULED;
use crate::kubelet::writer::Writer;
use crate::model::ConditionStatus;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let Some(recorded) = pod.status.condition(POD_SCHEDULED).filter(|_| context.writer != Writer::Nobody) else {
        return;
    };
    let is_bound = pod.spec.node_name.is_some();
    let is_true = recorded.status == ConditionStatus::True;
    let actual = || match &recorded.reason {
        Some(reason) => format!("{} ({reason})", recorded.status),
        None => recorded.status.to_string(),
    };
    if is_bound && (!is_true || (context.is_by_kubelet() && (recorded.reason.is_some() || recorded.message.is_some())))
    {
        diagnostics.push(condition(POD_SCHEDULED), "True", actual(), "the pod has a node");
    } else if !is_bound && is_true {
        diagnostics.push(condition(POD_SCHEDULED), "False", actual(), "the pod has no node");
    } else if !is_bound && recorded.reason.is_none() {
        diagnostics.push(
            condition(POD_SCHEDULED),
            "False with a reason",
            actual(),
            "whoever does not schedule a pod says why",
        );
    }
}
