//! The status of a container disappeared, though the spec still has it.
//!
//! **Why it matters.** The kubelet keeps an entry for every container from its first report to the end. A pod
//! without it counts as Pending, and readers of the API lose the exit code and the restarts.
//!
//! **Example.** `containerStatuses` held `app` and `proxy`; the next event holds `app` only.
//!
//! **What to do.** See who wrote the event (managedFields). A virtual kubelet that rebuilds statuses must carry all
//! of them.
//!
//! **Exceptions.** None on a pod that keeps its node. A container that left the spec may leave the status.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let status_now = pod.statuses_by_name();
    for (role, name, held) in context.trusted.containers() {
        let is_in_spec = || pod.spec.containers.iter().any(|spec| spec.role == role && *spec.name == *name);
        if let (None, Some(was)) = (status_now(role, name), held.trusted)
            && is_in_spec()
        {
            let subject = Subject::Container(name.into(), role);
            diagnostics.push(
                subject,
                was.state.to_string(),
                "none",
                "a status once reported stays as long as the container",
            );
        }
    }
}
