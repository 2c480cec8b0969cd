//! The conditions that the kubelet computes (C0 to C8): generate.go and kubelet_pods.go.

mod computed;
pub mod containers_ready;
pub mod initialized;
pub mod owner;
pub mod ready;
pub mod restarting;
pub mod sandbox;

use super::version::{Feature, Features};
use crate::model::{Condition, Phase, Pod};
pub use computed::{
    ALL_CONTAINERS_RESTARTING, CONTAINERS_READY, Computed, DISRUPTION_TARGET, INITIALIZED, POD_SCHEDULED, READY,
    READY_TO_START,
};
pub use containers_ready::containers_ready;
pub use initialized::initialized;
pub use ready::ready;
pub use restarting::{RuntimeContainer, all_containers_restarting};
pub use sandbox::{Network, Sandbox, ready_to_start};

/// What the runtime knows and the object does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Runtime<'a> {
    /// The pod's sandboxes, the newest first; `None` leaves PodReadyToStartContainers out.
    pub sandboxes: Option<&'a [Sandbox]>,
    /// The containers that are left of the pod.
    pub containers: &'a [RuntimeContainer],
}

/// The kubelet's conditions in the order in which it writes them (C0), for a phase (after H1 to H4, before H6). The
/// pod's own conditions are the ones of before.
#[must_use]
pub fn conditions(pod: &Pod, phase: &Phase, runtime: Runtime<'_>, features: Features) -> Vec<Condition> {
    let generation =
        pod.metadata.generation.filter(|generation| *generation != 0 && features.has(Feature::ObservedGeneration));
    let mut written = Vec::with_capacity(6);
    if let Some(sandboxes) = runtime.sandboxes
        && features.has(Feature::SandboxCondition)
    {
        written.push(ready_to_start(pod, sandboxes).into_condition(READY_TO_START, generation));
    }
    written.push(initialized(pod, phase, features).into_condition(INITIALIZED, generation));
    let containers_ready = containers_ready(pod, phase, features);
    let ready = ready(pod, &containers_ready, &written, features);
    written.push(ready.into_condition(READY, generation));
    written.push(containers_ready.into_condition(CONTAINERS_READY, generation));
    // C7
    written.push(Computed::new(true, None, "C7").into_condition(POD_SCHEDULED, generation));
    if let Some(restarting) = all_containers_restarting(pod, phase, runtime.containers, features) {
        // C8: the one condition without an observedGeneration.
        written.push(restarting.into_condition(ALL_CONTAINERS_RESTARTING, None));
    }
    written
}
