//! A pod was deleted before it was created, by the clocks that stamped both.
//!
//! **Why it matters.** Ages and durations that rest on either are wrong by as much, up to `<invalid>` in AGE.
//!
//! **Example.** creationTimestamp 10:00:00, deletion asked for at 09:58:10.
//!
//! **What to do.** Compare the clocks of the API servers (two stamped the two times), or of a node whose kubelet deleted the pod.
//!
//! **Lawful exceptions.** Two seconds are allowed for clocks. It says nothing against the state of the pod.

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
        let actual = format!("a deletion asked for at {asked_at}");
        let message = format!("the clocks that stamped them are {} s apart at least", behind_us.div_euclid(SECOND_US));
        diagnostics.warn(Subject::Lifecycle, format!("a deletion at or after {created_at}"), actual, message);
    }
}
