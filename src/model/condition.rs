//! Entries of `status.conditions`.

use super::time::StampedAt;
use super::words::words;

words! {
    /// The status of a condition.
    ConditionStatus {
        /// The condition holds.
        True = "True",
        /// The condition does not hold.
        False = "False",
        /// The writer could not tell.
        Unknown = "Unknown",
    }
}

/// One condition as an event shows it. The list is a map by type: the first entry of a type counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The condition's type, for example `Ready`.
    pub kind: Box<str>,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// One CamelCase word, if the writer gave one.
    pub reason: Option<Box<str>>,
    /// A sentence, if the writer gave one.
    pub message: Option<Box<str>>,
    /// `lastTransitionTime`: the writer's clock, whole seconds. `None` when null or absent.
    pub last_transition_at: Option<StampedAt>,
    /// `lastProbeTime`: set for the resize conditions only, null for all others.
    pub last_probe_at: Option<StampedAt>,
    /// `observedGeneration`, Kubernetes 1.34 and newer.
    pub observed_generation: Option<i64>,
}

/// The conditions that the kubelet, the scheduler and the API server write, in the order in which a pod passes them.
pub const CORE_CONDITIONS: [&str; 5] =
    ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"];
