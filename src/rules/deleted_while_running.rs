//! A pod is removed while a container of it still runs.
//!
//! **Why it matters.** The object is gone, the process may not be: nobody watches it any longer, and a StatefulSet
//! may start its successor beside it.
//!
//! **Example.** DELETED with `app: running`.
//!
//! **What to do.** Check on the node that the container has ended. Avoid `--force --grace-period=0`.
//!
//! **Lawful exceptions.** A forced deletion, and PodGC on a lost node, mirrors of static pods: all are reported as a warning. A pod that
//! merely left the selection of a watch has no deletionTimestamp and is not judged.

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
        let subject = Subject::Container(status.name.clone(), role);
        let message = if is_static(pod) {
            "known cause: this is the mirror of a static pod; the pod itself lives on the node and runs on"
        } else if was_forced {
            "known cause: a forced deletion (grace period 0) removes the object before the kubelet is done"
        } else {
            "removed before the kubelet reported the end of it; the cause is not in the recording"
        };
        diagnostics.push(subject, "terminated", "running", message);
    }
}
