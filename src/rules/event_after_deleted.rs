//! A pod has an event after its DELETED.
//!
//! **Why it matters.** The uid of a deleted pod never comes back.
//!
//! **Example.** DELETED, then MODIFIED with a higher resourceVersion.
//!
//! **What to do.** If the watch had a selector, the pod may only have stopped and started matching it; record
//! without a selector.
//!
//! **Exceptions.** A watch with a label or field selector sends DELETED when a pod stops matching. Without a
//! deletionTimestamp the finding is a warning.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::EventKind;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(before) = context.before().filter(|before| before.kind == EventKind::Deleted) else { return };
    let actual = format!("{} after DELETED", context.event().kind);
    if before.pod.metadata.deletion_at.is_some() {
        diagnostics.push(Subject::Lifecycle, "no more events", actual, "the uid of a deleted pod never comes back");
    } else {
        let message = "known cause: a watch with a selector sends DELETED when a pod stops matching";
        diagnostics.warn(Subject::Lifecycle, "no more events", actual, message);
    }
}
