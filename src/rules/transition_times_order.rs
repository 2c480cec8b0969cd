//! The conditions of a pod without restarts became true in the wrong order.
//!
//! **Why it matters.** The steps of a start are measured as differences of these times.
//!
//! **Example.** Initialized since 10:00:05, Ready since 10:00:01.
//!
//! **What to do.** Look at the writer of the later condition.
//!
//! **Exceptions.** Pods with restarts or readiness that came and went are not judged; times are whole
//! seconds, equal ones are in order.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::{CONTAINERS_READY, INITIALIZED, POD_SCHEDULED, READY, READY_TO_START};
use crate::kubelet::phase::is_static;
use crate::model::{ConditionStatus, StampedAt};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let is_fresh = pod.container_statuses().all(|(_, status)| status.restart_count == 0 && status.last.is_empty());
    if !is_fresh || is_static(pod) {
        return;
    }
    let since = |kind: &str| -> Option<StampedAt> {
        let condition = pod.status.condition(kind).filter(|condition| condition.status == ConditionStatus::True)?;
        condition.last_transition_at
    };
    let pairs = [
        (POD_SCHEDULED, READY_TO_START),
        (POD_SCHEDULED, INITIALIZED),
        (INITIALIZED, CONTAINERS_READY),
        (CONTAINERS_READY, READY),
    ];
    for (first, second) in pairs {
        if let (Some(first_at), Some(second_at)) = (since(first), since(second))
            && second_at < first_at
            && !diagnostics.is_found(&condition(first))
        {
            let expected = format!("at or after {first_at} ({first})");
            diagnostics.push(
                condition(second),
                expected,
                second_at.to_string(),
                format!("{second} comes after {first}"),
            );
        }
    }
}
