//! ContainersReady (C1): generate.go, `GenerateContainersReadyCondition`.

use super::computed::{Computed, Statuses, containers_with};
use crate::kubelet::version::{Feature, Features};
use crate::model::{Phase, Pod, Role};

/// Computes ContainersReady for a phase.
#[must_use]
pub fn containers_ready(pod: &Pod, phase: &Phase, features: Features) -> Computed {
    let statuses = Statuses::of(pod, pod.status.containers.as_deref(), features);
    if statuses.is_absent() {
        return Computed::new(false, Some("UnknownContainerStatuses"), "C1.1");
    }
    let (mut unknown, mut unready) = (Vec::new(), Vec::new());
    for container in &pod.spec.containers {
        if matches!(container.role, Role::Init | Role::Ephemeral) {
            continue;
        }
        match statuses.get(&container.name) {
            None => unknown.push(&*container.name),
            Some(status) if !status.ready => unready.push(&*container.name),
            Some(_) => {}
        }
    }
    if *phase == Phase::Succeeded && unknown.is_empty() {
        Computed::new(false, Some("PodCompleted"), "C1.3")
    } else if *phase == Phase::Failed && features.has(Feature::PodFailedReason) {
        Computed::new(false, Some("PodFailed"), "C1.4")
    } else if unknown.is_empty() && unready.is_empty() {
        Computed::new(true, None, "C1.6")
    } else {
        let message = containers_with([("unknown", &unknown), ("unready", &unready)]);
        Computed::new(false, Some("ContainersNotReady"), "C1.5").with_message(message)
    }
}
