//! Who owns a condition type (C4a): pod_status.go.

use super::computed::{
    ALL_CONTAINERS_RESTARTING, CONTAINERS_READY, DISRUPTION_TARGET, INITIALIZED, POD_SCHEDULED, READY, READY_TO_START,
};
use crate::kubelet::version::{Feature, Features};

/// The resize of a running pod waits.
pub const RESIZE_PENDING: &str = "PodResizePending";
/// The resize of a running pod is being carried out.
pub const RESIZE_IN_PROGRESS: &str = "PodResizeInProgress";

/// The kubelet writes this type and nobody else's entry of it stays.
#[must_use]
pub fn is_kubelets(kind: &str, features: Features) -> bool {
    match kind {
        READY | CONTAINERS_READY | INITIALIZED | POD_SCHEDULED => true,
        READY_TO_START => features.has(Feature::SandboxCondition),
        RESIZE_PENDING | RESIZE_IN_PROGRESS => features.has(Feature::ResizeConditions),
        ALL_CONTAINERS_RESTARTING => features.has(Feature::RestartAllContainers),
        _ => false,
    }
}

/// The kubelet and others write this type.
#[must_use]
pub fn is_shared(kind: &str, features: Features) -> bool {
    kind == DISRUPTION_TARGET && features.has(Feature::SharedDisruptionTarget)
}
