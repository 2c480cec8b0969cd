//! Which moves of container states are legal (T1, T2): the kubelet's own guard (status_manager.go) and the API server's
//! validation of a status write.

use super::restart::{can_restart_all, starts_again};
use super::version::{Feature, Features};
use crate::model::{ContainerStatus, Pod, RestartPolicy, Role, Status};

/// The kubelet's guard over a status that it computed (T1). The error is the kubelet's own sentence.
///
/// # Errors
/// When a container would leave `terminated` against its restart policy; the kubelet then drops the status.
pub fn kubelet_allows(pod: &Pod, old: &Status, new: &Status, features: Features) -> Result<(), String> {
    let may_restart_all = features.has(Feature::RestartAllContainers) && can_restart_all(&pod.spec);
    if pod.spec.restart_policy.as_ref().is_none_or(|policy| *policy == RestartPolicy::Always) || may_restart_all {
        return Ok(());
    }
    for (_, status) in left_terminated(old.containers.as_deref(), new.containers.as_deref()) {
        let container = pod.spec.containers.iter().find(|spec| spec.role == Role::Regular && spec.name == status.name);
        let by_rules = container.is_some_and(|container| by_own_rules(pod, container, status, features));
        if !by_rules && !on_failure(pod, status) {
            return Err(left_illegally("", &status.name));
        }
    }
    let by_index = features.has(Feature::InitStatusByIndex);
    // The old status at an index must be the one of the spec's init container at that index, moved or not.
    let mut in_spec = pod.spec.containers.iter().filter(|spec| matches!(spec.role, Role::Init | Role::Sidecar));
    let left = left_terminated(old.init_containers.as_deref(), new.init_containers.as_deref());
    for (index, status) in old.init_containers.iter().flatten().enumerate() {
        let name = &status.name;
        let has_left = left.iter().any(|(left, _)| *left == index);
        if !by_index {
            if has_left && !on_failure(pod, status) {
                return Err(left_illegally("", name));
            }
            continue;
        }
        let Some(container) = in_spec.next().filter(|container| container.name == *name) else {
            return Err(format!("found mismatch between pod spec and status, container: {name}"));
        };
        let is_free = container.role == Role::Sidecar || on_failure(pod, status);
        if has_left && !is_free && !by_own_rules(pod, container, status, features) {
            return Err(left_illegally("init ", name));
        }
    }
    Ok(())
}

fn left_illegally(which: &str, name: &str) -> String {
    format!("terminated {which}container {name} attempted illegal transition to non-terminated state")
}

/// The API server's validation (T2): the containers that may not leave `terminated`, as list and index in the old object.
#[must_use]
pub fn refused_by_api<'a>(pod: &'a Pod, new: &Status, features: Features) -> Vec<(Role, usize, &'a ContainerStatus)> {
    let old = &pod.status;
    let is_admitted = features.has(Feature::AdmittedPolicies) && has_container_policies(pod);
    let by_container = features.has(Feature::ContainerRestartRules) || is_admitted;
    let mut refused = Vec::new();
    let lists =
        [(Role::Regular, &old.containers, &new.containers), (Role::Init, &old.init_containers, &new.init_containers)];
    let is_always = pod.spec.restart_policy.as_ref().is_none_or(|policy| *policy == RestartPolicy::Always);
    let is_exempt = if by_container { can_restart_all(&pod.spec) } else { is_always };
    if !is_exempt {
        for (list, before, after) in lists {
            for (index, status) in left_terminated(before.as_deref(), after.as_deref()) {
                let container =
                    pod.spec.containers.iter().find(|spec| {
                        spec.name == status.name && (spec.role == Role::Regular) == (list == Role::Regular)
                    });
                let is_sidecar = container.is_some_and(|container| container.role == Role::Sidecar);
                let allowed = if by_container {
                    let policy = pod.spec.restart_policy.as_ref();
                    container.is_some_and(|spec| starts_again(spec, policy, exit_code(status), features))
                } else {
                    is_sidecar || on_failure(pod, status)
                };
                if !allowed {
                    refused.push((list, index, status));
                }
            }
        }
    }
    if features.has(Feature::EphemeralGuard) {
        let debug = left_terminated(old.ephemeral_containers.as_deref(), new.ephemeral_containers.as_deref());
        refused.extend(debug.into_iter().map(|(index, status)| (Role::Ephemeral, index, status)));
    }
    refused
}

/// A container of the pod has a restart policy of its own: where one was admitted, it is honoured, gate or not. Sidecars
/// had theirs before.
fn has_container_policies(pod: &Pod) -> bool {
    pod.spec.containers.iter().any(|container| match container.role {
        Role::Regular | Role::Init => container.restart_policy.is_some() || !container.restart_rules.is_empty(),
        Role::Sidecar => !container.restart_rules.is_empty(),
        Role::Ephemeral => false,
    })
}

/// The old statuses that are terminated while a new one of the same name is not, once for each such. A name that is gone is
/// no move.
fn left_terminated<'a>(
    old: Option<&'a [ContainerStatus]>,
    new: Option<&[ContainerStatus]>,
) -> Vec<(usize, &'a ContainerStatus)> {
    let new = new.unwrap_or_default();
    let terminated = old.unwrap_or_default().iter().enumerate().filter(|(_, old)| old.state.terminated.is_some());
    let moved = |old: &ContainerStatus| {
        new.iter().filter(|after| after.name == old.name && after.state.terminated.is_none()).count()
    };
    terminated.flat_map(|(index, old)| std::iter::repeat_n((index, old), moved(old))).collect()
}

fn exit_code(status: &ContainerStatus) -> i64 {
    status.state.terminated.as_ref().map_or(0, |run| run.exit_code)
}

fn on_failure(pod: &Pod, status: &ContainerStatus) -> bool {
    pod.spec.restart_policy == Some(RestartPolicy::OnFailure) && exit_code(status) != 0
}

fn by_own_rules(
    pod: &Pod,
    container: &crate::model::ContainerSpec,
    status: &ContainerStatus,
    features: Features,
) -> bool {
    features.has(Feature::ContainerRestartRules)
        && starts_again(container, pod.spec.restart_policy.as_ref(), exit_code(status), features)
}
