//! A pod that was being deleted is no longer.
//!
//! **Why it matters.** A deletion cannot be taken back: the kubelet has begun to stop the containers.
//!
//! **Example.** deletionTimestamp set, then gone, with the same uid.
//!
//! **What to do.** Look for whoever wrote the object past the API server (a restored etcd backup).
//!
//! **Lawful exceptions.** None. A shorter grace period is no withdrawal.

use super::draft::Draft;
use super::sight::Sight;
use crate::model::Pod;
use crate::replay::Subject;

pub(super) fn judge(sight: &Sight<'_>, draft: &mut Draft) {
    let was_deleting = |was: &Pod| was.metadata.deletion_at.map(|at| at.to_string());
    if sight.pod().metadata.deletion_at.is_some() {
        return;
    }
    if let Some(was) = sight.trusted.pod.fault(was_deleting) {
        let expected = format!("deletionTimestamp {was}");
        draft.push(Subject::Lifecycle, expected, "no deletionTimestamp", "a deletion cannot be withdrawn");
    }
}
