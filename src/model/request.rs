//! A request to the API server, as an audit log or a recorder tells of it.

use serde_json::Value;

use super::id::PodIdentity;
use super::pod::Metadata;
use super::time::ObservedAt;
use super::words::words;

words! {
    /// What a request asks for.
    Verb {
        /// A new object.
        Create = "create",
        /// The whole object anew.
        Update = "update",
        /// A part of the object.
        Patch = "patch",
        /// The end of the object.
        Delete = "delete",
        /// The end of all objects of a collection, of which this is one.
        DeleteCollection = "deletecollection",
        /// No request: the object is told to have become so, as a patch of what it was before.
        Changed = "changed",
        /// No request: the object is told to be gone.
        Removed = "removed",
    }
}

/// A request about a pod that was granted.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What was asked for.
    pub verb: Verb,
    /// Of which part: `status`, `binding`, `eviction` ...
    pub subresource: Option<Box<str>>,
    /// The path and its parameters, as far as they are told.
    pub uri: Box<str>,
    /// Who asked, as the API server names the manager of the fields that a client writes.
    pub manager: Option<Box<str>>,
    /// What the API server calls it in every log that has it.
    pub audit_id: Option<Box<str>>,
    /// When it was answered.
    pub at: Option<ObservedAt>,
    /// What was sent, where that is told.
    pub body: Option<Value>,
    /// The object that is told with it: for a deletion of a collection as it was before, else as it was left.
    pub object: Option<Value>,
    /// Why neither is told, if that is known.
    pub lacks: Option<Box<str>>,
}

impl Request {
    /// Whether it deleted some pods of a namespace by a selector, and does not list which.
    #[must_use]
    pub fn is_of_some(&self) -> bool {
        self.verb == Verb::DeleteCollection && self.object.is_none() && self.uri.contains("Selector=")
    }
}

/// The pod that a record speaks of where it does not show it; the uid is empty if it is not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The namespace.
    pub namespace: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// The uid.
    pub uid: Box<str>,
}

impl Target {
    /// The object that this is.
    #[must_use]
    pub fn of(metadata: Metadata) -> Self {
        Self { namespace: metadata.namespace, name: metadata.name, uid: metadata.uid.0 }
    }

    /// What stands for all workloads of a namespace: no object has such a name.
    #[must_use]
    pub fn of_workloads(namespace: &str) -> Self {
        Self { namespace: namespace.into(), name: "/".into(), uid: Box::default() }
    }

    /// The pod's identity in a cluster.
    #[must_use]
    pub fn identity(&self, cluster: &str) -> PodIdentity {
        PodIdentity {
            cluster: cluster.into(),
            namespace: self.namespace.to_string(),
            name: self.name.to_string(),
            uid: self.uid.to_string(),
        }
    }
}
