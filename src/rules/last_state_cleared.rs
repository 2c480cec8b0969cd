//! A container's lastState disappeared.
//!
//! **Why it matters.** The on-call engineer needs the exit code of the last run, and the phase depends on
//! it: a waiting container without it counts as never started.
//!
//! **Example.** `lastState: terminated(Error, 1)`, then `lastState: {}`.
//!
//! **What to do.** Look at the writer of the event; Kubernetes' own kubelet keeps it.
//!
//! **Exceptions.** The kubelet collected the older of two dead containers (E4b): one that will not start again, or one
//! that was waiting and shows its own end after a kubelet restart.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::kubelet::Features;
use crate::kubelet::restart::is_final;
use crate::model::{ContainerStatus, Pod, Role};
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    for (role, is) in context.pod().container_statuses() {
        if is.last.terminated.is_some() {
            continue;
        }
        let had = |was: &ContainerStatus| {
            let is_fault = was.last.terminated.is_some() && !is_collected(context, role, was, is);
            is_fault.then(|| was.last.to_string())
        };
        if let Some(was) = context.trusted.container(role, &is.name).fault(had) {
            let subject = Subject::Container((*is.name).into(), role);
            diagnostics.push(subject, format!("lastState {was}"), "lastState empty", "the kubelet keeps the last run");
        }
    }
}

/// E4b: of two dead containers the older one is not there any more; the newer is the state.
fn is_collected(context: &EventContext<'_>, role: Role, was: &ContainerStatus, is: &ContainerStatus) -> bool {
    let shows_its_end = was.state.waiting.is_some() && was.last.terminated == is.state.terminated;
    let pod = context.pod();
    let has_ended = |wanted: Role, name: &str| has_ended(pod, (wanted, name), context.features);
    let mut regular = pod.spec.containers.iter().filter(|spec| spec.role == Role::Regular);
    let starts_no_more = match role {
        // A sidecar ends with its pod.
        Role::Sidecar => regular.all(|spec| has_ended(Role::Regular, &spec.name)),
        Role::Init | Role::Regular | Role::Ephemeral => has_ended(role, &is.name),
    };
    is.state.terminated.is_some() && (pod.metadata.deletion_at.is_some() || starts_no_more || shows_its_end)
}

/// Whether a container ended for good.
fn has_ended(pod: &Pod, (role, name): (Role, &str), features: Features) -> bool {
    let spec = pod.spec.containers.iter().find(|spec| spec.role == role && *spec.name == *name);
    let run = pod.statuses_by_name()(role, name).and_then(|status| status.state.terminated.as_deref());
    spec.zip(run).is_some_and(|(spec, run)| is_final(spec, run, pod, features))
}
