//! A terminating pod is no longer terminating.
//!
//! **Why it matters.** A deletion cannot be undone: the kubelet has begun to stop the containers.
//!
//! **Example.** deletionTimestamp set, then gone, with the same uid.
//!
//! **What to do.** Find out who wrote the object without the API server (a restored etcd backup).
//!
//! **Exceptions.** None. Shortening the grace period is fine.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::Pod;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let was_deleting = |was: &Pod| was.metadata.deletion_at.map(|at| at.to_string());
    if context.pod().metadata.deletion_at.is_some() {
        return;
    }
    if let Some(was) = context.trusted.pod().fault(was_deleting) {
        let expected = format!("deletionTimestamp {was}");
        diagnostics.push(Subject::Lifecycle, expected, "no deletionTimestamp", "a deletion cannot be withdrawn");
    }
}
