//! What stands beside a pod: core/v1 Events about it, and the readiness of its node. Never a part of the pod's state.

use super::condition::ConditionStatus;
use super::id::ResourceVersion;
use super::time::ObservedAt;
use super::words::words;

words! {
    /// `type` of a core/v1 Event.
    KubeEventType {
        /// As it goes.
        Normal = "Normal",
        /// Something went wrong.
        Warning = "Warning",
    }
}

/// A core/v1 Event, or one of events.k8s.io, as one record shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeEvent {
    /// Its own name, or its uid where it has none. One Event is written again with a higher count; an audit log of its creation
    /// tells the name only.
    pub id: Box<str>,
    /// The version of this object.
    pub resource_version: Option<ResourceVersion>,
    /// Normal or Warning.
    pub kind: KubeEventType,
    /// One CamelCase word.
    pub reason: Box<str>,
    /// A sentence.
    pub message: Box<str>,
    /// How often it happened, from 1.
    pub count: i64,
    /// When it happened first, by the clock of its writer.
    pub first_at: Option<ObservedAt>,
    /// When it happened last.
    pub last_at: Option<ObservedAt>,
    /// The component that tells it: `kubelet`, `default-scheduler`.
    pub source: Box<str>,
    /// Where that runs, if it says so.
    pub host: Box<str>,
}

/// The condition Ready of a node, as one record shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeReady {
    /// The version of the node.
    pub resource_version: Option<ResourceVersion>,
    /// Whether it is ready.
    pub status: ConditionStatus,
    /// Why, in one word.
    pub reason: Option<Box<str>>,
    /// Since when: `lastTransitionTime`, by the clock of whoever wrote it.
    pub since: Option<ObservedAt>,
    /// The release of its kubelet, as the node says: `v1.26.4`.
    pub kubelet_version: Box<str>,
    /// When the node was written last, and by whom, as its managed fields tell it.
    pub written: Option<(ObservedAt, Option<Box<str>>)>,
    /// Its taints, as kubectl writes them: `key=value:Effect`.
    pub taints: Vec<Box<str>>,
    /// Pods are not to come to it (`kubectl cordon`).
    pub is_unschedulable: bool,
}
