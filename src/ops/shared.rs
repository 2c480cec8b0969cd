//! What the pods of a cluster share, apart from the pods: what recordings cover and prove of time, the kubelets of nodes, and what was asked
//! of whole namespaces. Not how it is read.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::history::{Recordings, Skyline};
use crate::input::record::{Record, Subject};
use crate::kubelet::Releases;
use crate::model::Target;

/// What all pods share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// What the recordings cover.
    pub(super) recordings: Recordings,
    /// What their versions prove of time.
    pub(super) skyline: Rc<Skyline>,
    /// The releases of the kubelets, by the names of their nodes.
    pub(super) kubelets: BTreeMap<Box<str>, Releases>,
    /// Requests about all pods of a namespace, and the pods that each names, if it does.
    pub(super) requests: BTreeMap<Box<str>, Vec<Record>>,
}

impl Shared {
    /// What was asked of all pods of the namespace of one.
    pub(super) fn requests_of(&self, pod: &Target) -> Vec<Record> {
        let of_namespace = self.requests.get(&pod.namespace).into_iter().flatten();
        let of_pod = of_namespace.filter(|record| match &record.subject {
            Subject::Request { target, .. } => target == pod,
            Subject::Pod(_) | Subject::Stream { .. } | Subject::Related(_) => true,
        });
        of_pod.cloned().collect()
    }
}
