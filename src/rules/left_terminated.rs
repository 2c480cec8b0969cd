//! A container leaves `terminated` although its restart policy forbids a restart.
//!
//! **Why it matters.** Jobs count such a container as finished. One that runs again does its work twice.
//!
//! **Example.** restartPolicy Never, `terminated(Error, 1)`, then `running`.
//!
//! **What to do.** Look at the kubelet (or provider) that wrote it: the real kubelet and the API server both
//! refuse this.
//!
//! **Exceptions.** restartPolicy Always, OnFailure with a non-zero exit code, sidecars, and what
//! `restartPolicyRules` allow (R1); pods with a rule RestartAllContainers.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::kubelet::container_moves::{kubelet_allows, refused_by_api};
use crate::model::{ContainerSpec, ContainerStatus, Pod, RestartAction, Role, Spec, Status};
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    for (role, is) in pod.container_statuses() {
        if is.state.terminated.is_some() {
            continue;
        }
        let illegal = |was: &ContainerStatus| is_illegal(context, pod, role, was, is).then(|| was.state.to_string());
        if let Some(was) = context.trusted.container(role, &is.name).fault(illegal) {
            let message = "its restart policy does not start it again";
            diagnostics.push(Subject::Container((*is.name).into(), role), was, is.state.to_string(), message);
        }
    }
}

/// Both the kubelet's guard (T1) and the API server's (T2) know the move for illegal. Sidecars are free.
fn is_illegal(context: &EventContext<'_>, pod: &Pod, role: Role, was: &ContainerStatus, is: &ContainerStatus) -> bool {
    if was.state.terminated.is_none() || role == Role::Sidecar {
        return false;
    }
    let alone = |status: &ContainerStatus| {
        let list = Some(vec![status.clone()]);
        match role {
            Role::Regular => Status { containers: list, ..Status::default() },
            Role::Init | Role::Sidecar => Status { init_containers: list, ..Status::default() },
            Role::Ephemeral => Status { ephemeral_containers: list, ..Status::default() },
        }
    };
    // The container by itself: the guard matches init containers by place. Rules that restart all count wherever they are.
    let is_its = |spec: &&ContainerSpec| {
        let same = spec.name == is.name && (spec.role == Role::Regular) == (role == Role::Regular);
        same || spec.restart_rules.iter().any(|rule| rule.action == RestartAction::RestartAllContainers)
    };
    let containers = pod.spec.containers.iter().filter(is_its).cloned().collect();
    let spec = Spec { containers, restart_policy: pod.spec.restart_policy.clone(), ..Spec::default() };
    let old = Pod { spec, status: alone(was), ..Pod::default() };
    let new = alone(is);
    let by_api = !refused_by_api(&old, &new, context.features).is_empty();
    by_api && (role == Role::Ephemeral || kubelet_allows(&old, &old.status, &new, context.features).is_err())
}
