//! A regular container runs before the init containers are done.
//!
//! **Why it matters.** Init containers fetch, migrate and wait. A container that runs too early misses
//! their results.
//!
//! **Example.** init container `migrate` running, container `app` running.
//!
//! **What to do.** Check the kubelet or provider that wrote it.
//!
//! **Exceptions.** Sidecars run alongside the regular containers. After the sandbox is lost, the kubelet stops the
//! regular containers and runs the init containers again.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::{ContainerStatus, Role};
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let is_open = |(role, status): &(Role, &ContainerStatus)| {
        let is_done = status.state.terminated.as_ref().is_some_and(|run| run.exit_code == 0)
            || status.last.terminated.as_ref().is_some_and(|run| run.exit_code == 0);
        *role == Role::Init && !is_done
    };
    let Some((_, open)) = pod.container_statuses().find(is_open) else { return };
    for (role, status) in pod.container_statuses() {
        let Some(running) = status.state.running.as_ref().filter(|_| role == Role::Regular) else { continue };
        // A run that began before the init container's was there first: the sandbox is being made anew around it.
        let open_since = open.state.running.as_ref().and_then(|running| running.started_at);
        if open_since.is_some() && open_since > running.started_at {
            continue;
        }
        let subject = Subject::Container((*status.name).into(), role);
        let expected = format!("waiting until init container {} is done ({})", open.name, open.state);
        diagnostics.push(
            subject,
            expected,
            "running",
            "regular containers start when every init container ended with code 0",
        );
    }
}
