//! Which pods are asked for, all in all.

use std::collections::BTreeMap;

use super::labels::LabelSelector;
use super::pattern::Pattern;
use crate::model::PodIdentity;

/// Which pods are asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// These; all if none is named.
    pub pods: Vec<Pattern>,
    /// Only this namespace.
    pub namespace: Option<String>,
    /// Only this cluster.
    pub cluster: Option<String>,
    /// Only pods whose newest labels fit.
    pub labels: Option<LabelSelector>,
    /// Every pod that a name matches: all incarnations, in all namespaces.
    pub all: bool,
}

impl Selection {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.pods.is_empty() && self.namespace.is_none() && self.labels.is_none() && self.cluster.is_none()
    }

    /// Whether namespace and cluster fit.
    #[must_use]
    pub fn admits(&self, pod: &PodIdentity) -> bool {
        self.namespace.as_ref().is_none_or(|namespace| *namespace == pod.namespace)
            && self.cluster.as_ref().is_none_or(|cluster| *cluster == pod.cluster)
    }

    /// Whether a pod with these labels is asked for.
    #[must_use]
    pub fn fits(&self, pod: &PodIdentity, labels: &BTreeMap<String, String>) -> bool {
        let is_named = |pattern: &Pattern| pattern.matches(pod) || pattern.matches_uid(pod);
        (self.pods.is_empty() || self.pods.iter().any(is_named))
            && self.admits(pod)
            && self.labels.as_ref().is_none_or(|selector| selector.matches(labels))
    }
}
