//! Who made a write, and how that is known.

use std::borrow::Cow;
use std::fmt;

use super::id::shortened;

/// Who made a write.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor {
    /// As whom it was made; empty where that is not known.
    pub user: Box<str>,
    /// Who asked in the name of that user.
    pub through: Option<Box<str>>,
    /// The first word of the client's `User-Agent`, or the manager of the fields.
    pub agent: Box<str>,
    /// What was asked for: `patch`, `delete`; by managed fields `update` or `apply`.
    pub verb: Box<str>,
    /// Of which part: `status`, `binding`, `eviction`; empty for the object itself.
    pub part: Box<str>,
    /// The HTTP status of the answer.
    pub code: Option<i64>,
    /// The address that the request came from; empty where that is not known.
    pub source: Box<str>,
    /// What says so.
    pub basis: Basis,
}

/// What says who made a write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// An audit log: the API server knew who asked.
    #[default]
    Audit,
    /// `metadata.managedFields`: a client names itself there as it likes.
    ManagedFields,
}

impl Basis {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::ManagedFields => "managedFields",
        }
    }
}

const SERVICE_ACCOUNT: &str = "system:serviceaccount:";
const NODE: &str = "system:node:";
/// The service accounts of the controllers live here.
const SYSTEM_NAMESPACE: &str = "kube-system";

impl Actor {
    /// Somebody of whom nothing is known but what was asked.
    #[must_use]
    pub fn unknown(verb: &str) -> Self {
        Self { verb: verb.into(), basis: Basis::ManagedFields, ..Self::default() }
    }

    /// Whether nothing is known of who it is.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.user.is_empty() && self.agent.is_empty()
    }

    /// The node whose kubelet it is.
    #[must_use]
    pub fn node(&self) -> Option<&str> {
        self.user.strip_prefix(NODE)
    }

    /// The namespace and the name of the service account that it is.
    #[must_use]
    pub fn service_account(&self) -> Option<(&str, &str)> {
        self.user.strip_prefix(SERVICE_ACCOUNT)?.split_once(':')
    }

    /// The controller or the component of Kubernetes that it is; `None` for a person or a robot.
    #[must_use]
    pub fn component(&self) -> Option<&str> {
        match self.basis {
            Basis::Audit => match self.service_account() {
                Some((SYSTEM_NAMESPACE, name)) => Some(name),
                Some(_) => None,
                None if self.node().is_some() => Some("kubelet"),
                // Others are people who log in with certificates of the cluster: system:admin, system:masters.
                None => self.user.strip_prefix("system:").filter(|name| USERS.contains(name)),
            },
            Basis::ManagedFields => COMPONENTS.into_iter().find(|name| *name == &*self.agent),
        }
    }

    /// What people call it: a controller by its name, a kubelet by its node, anybody else by the user.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match (self.service_account(), self.node()) {
            (Some((SYSTEM_NAMESPACE, name)), _) => name.into(),
            (Some((namespace, name)), _) => format!("{namespace}/{name}").into(),
            (None, Some(node)) => format!("kubelet on {node}").into(),
            (None, None) if self.user.is_empty() => (&*self.agent).into(),
            (None, None) => self.component().unwrap_or(&self.user).into(),
        }
    }
}

/// The users as whom components of Kubernetes ask that are neither nodes nor service accounts, behind `system:`.
const USERS: [&str; 6] = [
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "apiserver",
    "cloud-controller-manager",
    "volume-scheduler",
];

/// The managers under which components of Kubernetes write.
const COMPONENTS: [&str; 4] = ["kubelet", "kube-controller-manager", "kube-scheduler", "kube-apiserver"];

/// `dave, through kubernetes-admin`, long names without their middle; what only managed fields say is marked.
impl fmt::Display for Actor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&shortened(&self.name()))?;
        if let Some(through) = &self.through {
            write!(out, ", through {}", shortened(through))?;
        }
        match self.basis {
            Basis::Audit => Ok(()),
            Basis::ManagedFields => out.write_str(" (managedFields)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Actor, Basis};

    #[test]
    fn an_actor_is_called_what_people_call_it() {
        let table = [
            ("alice", None, "alice"),
            ("dave", Some("kubernetes-admin"), "dave, through kubernetes-admin"),
            ("system:serviceaccount:kube-system:job-controller", None, "job-controller"),
            ("system:serviceaccount:ci:ci-bot", None, "ci/ci-bot"),
            ("system:node:node-a", None, "kubelet on node-a"),
            ("system:kube-scheduler", None, "kube-scheduler"),
            // A person: the administrator of k3s and of MicroShift.
            ("system:admin", None, "system:admin"),
        ];
        for (user, through, expected) in table {
            let actor = Actor { user: user.into(), through: through.map(Into::into), ..Actor::default() };
            assert_eq!(actor.to_string(), expected);
        }
        let long = "u".repeat(150) + &"v".repeat(150);
        let actor = Actor { user: long.as_str().into(), through: Some(long.as_str().into()), ..Actor::default() };
        let cut = format!("{}…{}", "u".repeat(42), "v".repeat(20));
        assert_eq!((actor.to_string(), actor.name().len()), (format!("{cut}, through {cut}"), 300));
        let manager = Actor { agent: "kubelet".into(), basis: Basis::ManagedFields, ..Actor::default() };
        assert_eq!(manager.to_string(), "kubelet (managedFields)");
    }
}
