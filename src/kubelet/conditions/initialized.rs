//! Initialized (C5): generate.go, `GeneratePodInitializedCondition`.

use super::computed::{Computed, INITIALIZED, Statuses, containers_with};
use crate::kubelet::phase::has_started;
use crate::kubelet::version::{Feature, Features};
use crate::model::{ConditionStatus, Phase, Pod, Role};

/// Computes Initialized for a phase. The pod's own Initialized is the one of before.
#[must_use]
pub fn initialized(pod: &Pod, phase: &Phase, features: Features) -> Computed {
    let in_init =
        || pod.spec.containers.iter().filter(|container| matches!(container.role, Role::Init | Role::Sidecar));
    let statuses = Statuses::of(pod, pod.status.init_containers.as_deref(), features);
    if statuses.is_absent() && in_init().next().is_some() {
        return Computed::new(false, Some("UnknownContainerStatuses"), "C5.1");
    }
    let (mut unknown, mut incomplete) = (Vec::new(), Vec::new());
    for container in in_init() {
        let is_done = |status: &crate::model::ContainerStatus| match container.role {
            Role::Sidecar => status.started == Some(true),
            Role::Init | Role::Regular | Role::Ephemeral => status.ready,
        };
        match statuses.get(&container.name) {
            None => unknown.push(&*container.name),
            Some(status) if !is_done(status) => incomplete.push(&*container.name),
            Some(_) => {}
        }
    }
    if *phase == Phase::Succeeded && unknown.is_empty() {
        return Computed::new(true, Some("PodCompleted"), "C5.3");
    }
    if features.has(Feature::StartedIsInitialized) && has_started(pod) {
        return Computed::new(true, None, "C5.4");
    }
    if unknown.is_empty() && incomplete.is_empty() {
        return Computed::new(true, None, "C5.6");
    }
    let was_true = || pod.status.condition(INITIALIZED).is_some_and(|before| before.status == ConditionStatus::True);
    if features.has(Feature::RestartAllContainers) && was_true() {
        return Computed::new(true, None, "C5.5");
    }
    let message = containers_with([("unknown", &unknown), ("incomplete", &incomplete)]);
    Computed::new(false, Some("ContainersNotInitialized"), "C5.5").with_message(message)
}
