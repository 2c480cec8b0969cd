//! By its timestamps a pod was deleted before it was created.
//!
//! **Why it matters.** Ages and durations based on either time are wrong by as much; AGE can show `<invalid>`.
//!
//! **Example.** creationTimestamp 10:00:00, deletion requested at 09:58:10.
//!
//! **What to do.** Compare the clocks of the API servers, or of a node whose kubelet deleted the pod.
//!
//! **Exceptions.** Two seconds are allowed for clocks. The state of the pod may still be right.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::time::SECOND_US;
use crate::replay::Subject;

/// Clocks differ.
const SKEW_US: i64 = 2 * SECOND_US;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let metadata = &context.pod().metadata;
    let (Some(created_at), Some(asked_at)) = (metadata.created_at, metadata.deletion_requested_at()) else { return };
    // It is said of the event that shows the deletion first.
    if context.before().is_some_and(|before| before.pod.metadata.deletion_at.is_some()) {
        return;
    }
    let behind_us = created_at.micros_since(asked_at);
    if behind_us > SKEW_US {
        let actual = format!("a deletion requested at {asked_at}");
        let message = format!("the two clocks are at least {} s apart", behind_us.div_euclid(SECOND_US));
        diagnostics.warn(Subject::Lifecycle, format!("a deletion at or after {created_at}"), actual, message);
    }
}
