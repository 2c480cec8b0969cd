//! What a story is made of: pods with what happened to them, what changed of their nodes, what people did to what pods belong to,
//! and what was refused.

use std::sync::Arc;

use super::pod::PodStory;
use crate::model::{Act, ActChange, Actor, ConditionStatus, ObservedAt, Owner, Refused, Seq};

/// Everything that is known of one cluster.
#[derive(Debug, Default)]
pub struct Scene {
    /// The cluster.
    pub cluster: Box<str>,
    /// The pods.
    pub pods: Vec<PodStory>,
    /// What changed of nodes, in the order of time.
    pub nodes: Vec<NodeChange>,
    /// What was done to workloads, nodes and namespaces, in the order of time.
    pub acts: Vec<SceneAct>,
    /// What controllers said of workloads and namespaces, in the order of time.
    pub notes: Vec<OwnerNote>,
    /// What was asked about pods and refused, in the order of time.
    pub refused: Vec<SceneRefused>,
}

/// What a controller said of a workload, a claim or a namespace: by an Event, or by a condition in its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerNote {
    /// The record that shows it.
    pub seq: Seq,
    /// When, for the first time.
    pub at: Option<ObservedAt>,
    /// When, for the last time.
    pub last_at: Option<ObservedAt>,
    /// How often.
    pub count: usize,
    /// Of what.
    pub owner: Owner,
    /// In which namespace.
    pub namespace: Box<str>,
    /// In one word.
    pub reason: Box<str>,
    /// In a sentence.
    pub message: Box<str>,
    /// Who says so: the controller.
    pub source: Box<str>,
}

impl OwnerNote {
    /// What a controller says by a condition of the status of a resource with this namespace and name.
    #[must_use]
    pub fn of_condition(
        (resource, namespace, name): (&str, &str, &str),
        change: &ActChange,
        at: Option<ObservedAt>,
        source: &str,
        seq: Seq,
    ) -> Option<Self> {
        let ActChange::Condition { reason, message } = change else { return None };
        Some(Self {
            seq,
            at,
            last_at: None,
            count: 1,
            owner: Owner { kind: kind_of(resource), name: name.to_owned() },
            namespace: namespace.into(),
            reason: reason.clone(),
            message: message.clone(),
            source: source.into(),
        })
    }
}

/// The kind of a resource, as owners are called by it.
fn kind_of(resource: &str) -> String {
    const KINDS: [(&str, &str); 4] =
        [("deployments", "Deployment"), ("replicasets", "ReplicaSet"), ("jobs", "Job"), ("namespaces", "Namespace")];
    let kind = KINDS.iter().find(|(known, _)| *known == resource).map(|(_, kind)| *kind);
    kind.unwrap_or(resource).to_owned()
}

/// Something that was done to what pods belong to or run on.
#[derive(Debug, Clone)]
pub struct SceneAct {
    /// The record that tells it.
    pub seq: Seq,
    /// What was done.
    pub act: Act,
}

/// Something that was refused.
#[derive(Debug, Clone)]
pub struct SceneRefused {
    /// The record that tells it.
    pub seq: Seq,
    /// What was refused.
    pub refused: Refused,
}

/// A change of a node.
#[derive(Debug, Clone)]
pub struct NodeChange {
    /// The node.
    pub node: Box<str>,
    /// When; not before this.
    pub at: Option<ObservedAt>,
    /// Who changed it, where that is known.
    pub by: Option<Arc<Actor>>,
    /// What changed.
    pub turn: NodeTurn,
    /// The record that shows it.
    pub seq: Seq,
}

/// What changed of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeTurn {
    /// Its readiness: what it was, what it became, and why.
    Ready(ConditionStatus, ConditionStatus, Option<Box<str>>),
    /// It got a taint: `key=value:Effect`.
    Tainted(Box<str>),
    /// It lost one.
    Untainted(Box<str>),
    /// No more pods are to come to it.
    Cordoned,
    /// Pods may come to it again.
    Uncordoned,
    /// Its kubelet was started.
    KubeletStarted,
    /// It was booted.
    Booted,
    /// It was deleted.
    Deleted,
}
