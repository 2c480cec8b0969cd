//! Whether a container that ended starts again (R1 to R4).

use super::version::{Feature, Features};
use crate::model::{
    ContainerSpec, ExitCodeOperator, Pod, RestartAction, RestartPolicy, RestartRule, Role, Spec, Terminated,
};

/// The reason of a run that was ended to start every container of the pod again (R3).
pub const RESTARTING_ALL: &str = "RestartingAllContainers";

/// Whether a container starts again after this exit code (R1).
#[must_use]
pub fn starts_again(
    container: &ContainerSpec,
    pod_policy: Option<&RestartPolicy>,
    exit_code: i64,
    features: Features,
) -> bool {
    let Some(own) = &container.restart_policy else {
        return match pod_policy {
            Some(RestartPolicy::OnFailure) => exit_code != 0,
            Some(RestartPolicy::Never) => false,
            // Anything else, absent included, counts as Always.
            Some(RestartPolicy::Always | RestartPolicy::Other(_)) | None => true,
        };
    };
    match matching_rule(container, exit_code).map(|rule| &rule.action) {
        Some(RestartAction::Restart) => return true,
        Some(RestartAction::RestartAllContainers) if features.has(Feature::RestartAllContainers) => return true,
        Some(RestartAction::RestartAllContainers | RestartAction::Other(_)) | None => {}
    }
    match own {
        RestartPolicy::Always => true,
        RestartPolicy::OnFailure => exit_code != 0,
        RestartPolicy::Never | RestartPolicy::Other(_) => false,
    }
}

/// The first of the container's rules that speaks of this exit code.
#[must_use]
pub fn matching_rule(container: &ContainerSpec, exit_code: i64) -> Option<&RestartRule> {
    container.restart_rules.iter().find(|rule| {
        rule.exit_codes.as_ref().is_some_and(|codes| match codes.operator {
            ExitCodeOperator::In => codes.values.contains(&exit_code),
            ExitCodeOperator::NotIn => !codes.values.contains(&exit_code),
            ExitCodeOperator::Other(_) => false,
        })
    })
}

/// Whether an exit of some container can start every container again (R2).
#[must_use]
pub fn can_restart_all(spec: &Spec) -> bool {
    spec.containers
        .iter()
        .filter(|container| container.role != Role::Ephemeral)
        .any(|container| container.restart_rules.iter().any(|rule| rule.action == RestartAction::RestartAllContainers))
}

/// Whether this run was ended to start every container again (R3).
#[must_use]
pub fn is_restarting_all(run: &Terminated, features: Features) -> bool {
    features.has(Feature::RestartAllContainers) && run.reason.as_deref() == Some(RESTARTING_ALL)
}

/// Whether the run was the container's last: neither its policy nor a restart of all starts it again (P1, P3).
#[must_use]
pub fn is_final(container: &ContainerSpec, run: &Terminated, pod: &Pod, features: Features) -> bool {
    let pod_policy = pod.spec.restart_policy.as_ref();
    !starts_again(container, pod_policy, run.exit_code, features) && !is_restarting_all(run, features)
}
