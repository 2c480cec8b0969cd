//! The conditions that the kubelet computes (C0 to C8): generate.go and kubelet_pods.go.

pub mod containers_ready;
pub mod initialized;
pub mod owner;
pub mod ready;
pub mod restarting;
pub mod sandbox;

use super::version::{Feature, Features};
use crate::model::{Condition, ConditionStatus, ContainerStatus, Phase, Pod};
pub use containers_ready::containers_ready;
pub use initialized::initialized;
pub use ready::ready;
pub use restarting::{RuntimeContainer, all_containers_restarting};
pub use sandbox::{Network, Sandbox, ready_to_start};

/// The types, as Kubernetes spells them.
pub const READY: &str = "Ready";
/// All containers are ready.
pub const CONTAINERS_READY: &str = "ContainersReady";
/// The init containers are done.
pub const INITIALIZED: &str = "Initialized";
/// The pod has a node.
pub const POD_SCHEDULED: &str = "PodScheduled";
/// The sandbox stands and has its network.
pub const READY_TO_START: &str = "PodReadyToStartContainers";
/// Somebody is about to end the pod.
pub const DISRUPTION_TARGET: &str = "DisruptionTarget";
/// Every container is being started again.
pub const ALL_CONTAINERS_RESTARTING: &str = "AllContainersRestarting";

/// A condition as computed: what it says, without when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// Whether it holds.
    pub status: ConditionStatus,
    /// One word.
    pub reason: Option<&'static str>,
    /// A sentence.
    pub message: Option<String>,
    /// The rule that gave it, for example `C1.5`.
    pub rule: &'static str,
}

impl Computed {
    pub(super) fn new(is_true: bool, reason: Option<&'static str>, rule: &'static str) -> Self {
        let status = if is_true { ConditionStatus::True } else { ConditionStatus::False };
        Self { status, reason, message: None, rule }
    }

    pub(super) fn with_message(self, message: String) -> Self {
        Self { message: Some(message), ..self }
    }

    /// Whether a condition of an object says the same.
    #[must_use]
    pub fn is_said_by(&self, condition: &Condition) -> bool {
        self.status == condition.status
            && self.reason == condition.reason.as_deref()
            && self.message.as_deref() == condition.message.as_deref()
    }

    /// As a condition of a type, without a time.
    #[must_use]
    pub fn into_condition(self, kind: &str, observed_generation: Option<i64>) -> Condition {
        Condition {
            kind: kind.into(),
            status: self.status,
            reason: self.reason.map(Box::from),
            message: self.message.map(Box::from),
            last_transition_at: None,
            last_probe_at: None,
            observed_generation,
        }
    }
}

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
    let containers_ready = containers_ready(pod, phase);
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

/// Whether any container status exists: absent lists differ from empty ones (C1).
pub(super) fn has_statuses(pod: &Pod) -> bool {
    pod.status.init_containers.is_some() || pod.status.containers.is_some()
}

/// The status of a container of `spec.initContainers` or `spec.containers`, by name, the first of both lists together.
pub(super) fn status_of<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let all = pod.status.init_containers.iter().chain(&pod.status.containers).flatten();
    let mut named = all.filter(|status| *status.name == *name);
    named.next()
}

/// `containers with WHAT status: [a b]`, for each list that is not empty, joined by commas.
pub(super) fn containers_with(lists: [(&str, &[&str]); 2]) -> String {
    let parts = lists.into_iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> =
        parts.map(|(what, names)| format!("containers with {what} status: [{}]", names.join(" "))).collect();
    parts.join(", ")
}
