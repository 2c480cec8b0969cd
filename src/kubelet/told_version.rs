//! Which release wrote an object.

use super::conditions::{INITIALIZED, READY_TO_START};
use super::phase::is_static;
use super::version::KubernetesVersion;
use crate::model::Pod;

impl KubernetesVersion {
    /// The release that wrote an object, as far as the object tells: by what newer releases would have written. What no
    /// field tells counts as the newest.
    #[must_use]
    pub fn told_by(pod: &Pod) -> Self {
        let status = &pod.status;
        let wrote_kubelet = status.start_at.is_some() && status.condition(INITIALIZED).is_some();
        if status.observed_generation.is_some() {
            Self::NEWEST
        } else if wrote_kubelet && status.condition(READY_TO_START).is_none() {
            Self::of_minor(28)
        } else if pod.metadata.generation.is_none() {
            Self::of_minor(32)
        } else if wrote_kubelet && !is_static(pod) {
            Self::of_minor(33)
        } else {
            Self::NEWEST
        }
    }
}
