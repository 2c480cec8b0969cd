//! A condition's lastTransitionTime is earlier than the pod.
//!
//! **Why it matters.** Durations that start from it are too long.
//!
//! **Example.** created 10:00:00, Ready since 09:12:00.
//!
//! **What to do.** See whether the node's clock is behind; otherwise look at the writer. The finding says so if the kubelet
//! reused the status of an earlier pod of the same name.
//!
//! **Exceptions.** Mirror pods of static pods: the kubelet had the pod before the API did. Conditions of
//! third parties follow no rule (L8). Two seconds are allowed for clocks.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::owner::{is_kubelets, is_shared};
use crate::kubelet::phase::is_static;
use crate::model::StampedAt;

/// Clocks of nodes and API servers differ.
const SKEW_US: i64 = 2 * crate::model::time::SECOND_US;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let Some(created_at) = pod.metadata.created_at.filter(|_| !is_static(pod)) else { return };
    let is_before = |at: StampedAt| at.plus_micros(SKEW_US) < created_at;
    let message = match pod.status.start_at.filter(|at| is_before(*at)) {
        // Seen on a node where a pod is made again under its name: the kubelet had not let go of the one before.
        Some(_) => {
            "startTime is older than the pod too: the kubelet reused the status of an earlier pod of the same name"
        }
        None => "the pod did not exist then",
    };
    for is in &pod.status.conditions {
        let is_ruled = is_kubelets(&is.kind, context.features) || is_shared(&is.kind, context.features);
        let Some(at) = is.last_transition_at.filter(|_| is_ruled) else { continue };
        if is_before(at) {
            let expected = format!("at or after {created_at}");
            diagnostics.push(condition(&is.kind), expected, at.to_string(), message);
        }
    }
}
