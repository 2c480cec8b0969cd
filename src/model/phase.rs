//! `status.phase`.

use super::words::words;

words! {
    /// The phase of a pod. `Unknown` is a real phase (SEMANTICS P9), so the escape is `Other`.
    Phase {
        /// Accepted, not every container has been started yet.
        Pending = "Pending",
        /// Bound to a node, all containers created, at least one alive or about to restart.
        Running = "Running",
        /// Every container ended with exit code 0 and none will start again.
        Succeeded = "Succeeded",
        /// Every container ended, at least one badly; or the pod was rejected or evicted.
        Failed = "Failed",
        /// Written by node controllers before Kubernetes 1.5, by tests and by hand.
        Unknown = "Unknown",
    }
}

impl Phase {
    /// True for `Succeeded` and `Failed`: no container will start again.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed => true,
            Self::Pending | Self::Running | Self::Unknown | Self::Other(_) => false,
        }
    }
}
