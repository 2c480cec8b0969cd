//! AllContainersRestarting (C8): generate.go.

use super::computed::{ALL_CONTAINERS_RESTARTING, Computed};
use crate::kubelet::restart::{can_restart_all, matching_rule};
use crate::kubelet::version::{Feature, Features};
use crate::model::{ConditionStatus, Phase, Pod, RestartAction};

/// A container that the runtime still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeContainer {
    /// Its name.
    pub name: String,
    /// How it ended, if it did.
    pub exit_code: Option<i64>,
}

/// Computes AllContainersRestarting; `None` for a pod that cannot restart all of its containers.
#[must_use]
pub fn all_containers_restarting(
    pod: &Pod,
    phase: &Phase,
    left: &[RuntimeContainer],
    features: Features,
) -> Option<Computed> {
    if !features.has(Feature::RestartAllContainers) || !can_restart_all(&pod.spec) {
        return None;
    }
    let was_true =
        pod.status.condition(ALL_CONTAINERS_RESTARTING).is_some_and(|before| before.status == ConditionStatus::True);
    Some(if *phase == Phase::Succeeded {
        Computed::new(false, Some("PodCompleted"), "C8")
    } else if *phase == Phase::Failed {
        Computed::new(false, Some("PodFailed"), "C8")
    } else if left.is_empty() || !(was_true || left.iter().any(|container| asks_for_it(pod, container))) {
        Computed::new(false, None, "C8")
    } else {
        Computed::new(true, Some("RestartAllContainersStarted"), "C8")
            .with_message("container exited with restart policy rule".to_owned())
    })
}

/// It ended with a code whose rule restarts all containers.
fn asks_for_it(pod: &Pod, container: &RuntimeContainer) -> bool {
    let spec = pod.spec.containers.iter().find(|spec| *spec.name == *container.name);
    let rule = spec.zip(container.exit_code).and_then(|(spec, exit_code)| matching_rule(spec, exit_code));
    rule.is_some_and(|rule| rule.action == RestartAction::RestartAllContainers)
}
