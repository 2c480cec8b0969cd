//! PodReadyToStartContainers (C6): generate.go and kuberuntime/util.

use super::computed::Computed;
use crate::model::Pod;

/// A pod's sandbox as the runtime reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    /// It stands.
    pub is_ready: bool,
    /// Its address; `None` if the runtime reports no network at all.
    pub ip: Option<String>,
    /// Whose network it uses.
    pub network: Network,
}

/// Whose network a sandbox uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Its own.
    Pod,
    /// The node's.
    Node,
}

/// Computes PodReadyToStartContainers from the sandboxes, the newest first.
#[must_use]
pub fn ready_to_start(pod: &Pod, sandboxes: &[Sandbox]) -> Computed {
    let wanted = if pod.spec.host_network { Network::Node } else { Network::Pod };
    let stands = match sandboxes {
        [newest, ..] => {
            let is_alone = sandboxes.iter().filter(|sandbox| sandbox.is_ready).count() == 1;
            let has_address = pod.spec.host_network || newest.ip.as_deref() != Some("");
            is_alone && newest.is_ready && newest.network == wanted && has_address
        }
        [] => false,
    };
    Computed::new(stands, None, "C6")
}
