//! A pod is removed while one of its containers still runs.
//!
//! **Why it matters.** The object is gone, but the process may still run unwatched, and a StatefulSet may start its
//! successor next to it.
//!
//! **Example.** DELETED with `app: running`.
//!
//! **What to do.** Check on the node that the container has ended. Avoid `--force --grace-period=0`.
//!
//! **Exceptions.** Forced deletions, PodGC on a lost node and mirrors of static pods are warnings. A pod that only stopped
//! matching the watch's selector has no deletionTimestamp and is not checked.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::kubelet::phase::is_static;
use crate::model::Role;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    if !context.is_deleted() || pod.metadata.deletion_at.is_none() {
        return;
    }
    let was_forced = pod.metadata.deletion_grace_seconds == Some(0);
    for (role, status) in pod.container_statuses().filter(|(role, _)| *role != Role::Ephemeral) {
        if status.state.running.is_none() {
            continue;
        }
        let subject = Subject::Container((*status.name).into(), role);
        let message = if is_static(pod) {
            "known cause: this is the mirror of a static pod, which keeps running on the node"
        } else if was_forced {
            "known cause: a forced deletion (grace period 0) removes the object before the kubelet has stopped the containers"
        } else {
            "removed before the kubelet reported that it had stopped; the recording does not show why"
        };
        diagnostics.push(subject, "terminated", "running", message);
    }
}
