//! A condition as the kubelet computes it, the names of the types, and what several of them read.

use crate::kubelet::version::{Feature, Features};
use crate::model::{Condition, ConditionStatus, ContainerStatus, Pod, StatusesByName};

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

/// The statuses that a condition is made of, by name: of one list, or of both together, the first of a name (C1).
pub(super) struct Statuses<'a> {
    lists: [Option<&'a [ContainerStatus]>; 2],
    by_name: [StatusesByName<'a>; 2],
}

impl<'a> Statuses<'a> {
    /// `own` is the list of the containers that the condition is about.
    pub(super) fn of(pod: &'a Pod, own: Option<&'a [ContainerStatus]>, features: Features) -> Self {
        let lists = match features.has(Feature::OneStatusList) {
            true => [pod.status.init_containers.as_deref(), pod.status.containers.as_deref()],
            false => [own, None],
        };
        Self { lists, by_name: lists.map(StatusesByName::of) }
    }

    /// No list exists: that differs from empty ones.
    pub(super) fn is_absent(&self) -> bool {
        self.lists.iter().all(Option::is_none)
    }

    /// The status of a container.
    pub(super) fn get(&self, name: &str) -> Option<&'a ContainerStatus> {
        self.by_name.iter().find_map(|list| list.get(name))
    }
}

/// `containers with WHAT status: [a b]`, for each list that is not empty, joined by commas.
pub(super) fn containers_with(lists: [(&str, &[&str]); 2]) -> String {
    let parts = lists.into_iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> =
        parts.map(|(what, names)| format!("containers with {what} status: [{}]", names.join(" "))).collect();
    parts.join(", ")
}
