//! What somebody did to what pods belong to or run on: a workload, a node, a namespace.

use std::sync::Arc;

use super::actor::Actor;
use super::time::ObservedAt;

/// A write to something else than a pod, as an audit log tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// Who did it.
    pub by: Arc<Actor>,
    /// When it was answered.
    pub at: ObservedAt,
    /// What it was done to: `deployments`, `nodes`, `namespaces` ...
    pub resource: Box<str>,
    /// In which namespace; empty for nodes and namespaces.
    pub namespace: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// What it changed, as far as what was sent tells.
    pub changes: Vec<ActChange>,
}

impl Act {
    /// Whether it was to end the object, or all of its kind.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        self.by.verb.starts_with("delete")
    }

    /// Whether it made the object: server-side apply is a patch that may do so.
    #[must_use]
    pub fn is_creation(&self) -> bool {
        const CREATED: i64 = 201;
        &*self.by.verb == "create" || (&*self.by.verb == "patch" && self.by.code == Some(CREATED))
    }
}

/// What an act changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActChange {
    /// The image of a container of the pods to come.
    Image {
        /// Which container.
        container: Box<str>,
        /// The image.
        image: Box<str>,
        /// It had this image before another one: it was rolled back.
        is_back: bool,
    },
    /// Something: what was sent is not logged, or is the whole object.
    Untold,
    /// The template of the pods to come, somehow.
    Template,
    /// The pods were to be made anew (`kubectl rollout restart`).
    Restarted,
    /// How many pods there are to be.
    Replicas(i64),
    /// Whether a job waits.
    Suspended(bool),
    /// Whether pods may come to a node.
    Unschedulable(bool),
    /// The taints that a node is to have.
    Taints(Vec<Box<str>>),
    /// The volume that a claim is bound to.
    Volume(Box<str>),
    /// Another field of the spec.
    Field {
        /// Which, below `spec`: `updateStrategy.rollingUpdate.partition`.
        path: Box<str>,
        /// What it is to be; `null` where it is to go.
        value: Box<str>,
    },
    /// A controller says by a condition why pods end, or do not come.
    Condition {
        /// In one word.
        reason: Box<str>,
        /// In a sentence.
        message: Box<str>,
    },
}
