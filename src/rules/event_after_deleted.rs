//! An event of a pod follows its DELETED.
//!
//! **Why it matters.** The uid of a deleted pod never comes back.
//!
//! **Example.** DELETED, then MODIFIED with a higher resourceVersion.
//!
//! **What to do.** If the watch had a selector the pod only left and entered its selection; record without one to
//! see it whole.
//!
//! **Lawful exceptions.** A watch with a label or field selector tells DELETED when a pod leaves the selection:
//! without a deletionTimestamp this is reported as a warning that names it.

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
        let message = "known cause: a watch with a selector tells DELETED when a pod leaves the selection";
        diagnostics.warn(Subject::Lifecycle, "no more events", actual, message);
    }
}
