//! Which pods are asked for, all in all.

use std::collections::BTreeMap;

use super::labels::LabelSelector;
use super::owner::OwnerPattern;
use super::pattern::{NamePattern, Pattern};
use crate::model::{Ownership, PodIdentity};

/// Which pods are asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// These; all if none is named.
    pub pods: Vec<Pattern>,
    /// Only these namespaces.
    pub namespace: Option<NamePattern>,
    /// Only this cluster.
    pub cluster: Option<String>,
    /// Only pods whose newest labels fit.
    pub labels: Option<LabelSelector>,
    /// Only pods that this workload owns.
    pub owner: Option<OwnerPattern>,
    /// Only pods on this node.
    pub node: Option<NamePattern>,
    /// Only pods with this STATUS.
    pub status: Option<NamePattern>,
    /// Only pods of which the rules find something.
    pub with_findings: bool,
    /// Every pod that a name matches: all incarnations, in all namespaces.
    pub all: bool,
}

impl Selection {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.is_of_namespaces() && self.namespace.is_none() && self.cluster.is_none()
    }

    /// Whether all pods of some namespaces are asked for.
    #[must_use]
    pub fn is_of_namespaces(&self) -> bool {
        self.pods.is_empty() && !self.with_findings && !self.needs_objects()
    }

    /// Whether names do not tell which pods are asked for: their objects are needed.
    #[must_use]
    pub fn needs_objects(&self) -> bool {
        self.needs_ownership() || self.node.is_some() || self.status.is_some()
    }

    /// Whether labels or owners are asked for.
    #[must_use]
    pub fn needs_ownership(&self) -> bool {
        self.labels.is_some() || self.owner.is_some()
    }

    /// Whether labels and owner fit.
    #[must_use]
    pub fn admits_ownership(&self, ownership: &Ownership) -> bool {
        self.labels.as_ref().is_none_or(|labels| labels.matches(&ownership.labels))
            && self.owner.as_ref().is_none_or(|owner| owner.matches(ownership))
    }

    /// Whether the node fits.
    #[must_use]
    pub fn admits_node(&self, node: Option<&str>) -> bool {
        self.node.as_ref().is_none_or(|wanted| node.is_some_and(|node| wanted.matches(node)))
    }

    /// Whether namespace and cluster fit.
    #[must_use]
    pub fn admits(&self, pod: &PodIdentity) -> bool {
        self.namespace.as_ref().is_none_or(|namespace| namespace.matches(&pod.namespace))
            && self.cluster.as_ref().is_none_or(|cluster| **cluster == *pod.cluster)
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

#[cfg(test)]
mod tests {
    use super::Selection;
    use crate::model::{Owner, Ownership, PodIdentity};
    use crate::select::{LabelSelector, NamePattern, OwnerPattern};

    #[test]
    fn pods_are_chosen_by_namespace_owner_and_node() {
        let [cluster, namespace, name, uid] = ["default", "team-a", "web-868c-x", "8fc3"].map(str::to_owned);
        let pod = PodIdentity { cluster: cluster.into(), namespace, name, uid };
        let labels = [("pod-template-hash".to_owned(), "868c".to_owned())].into();
        let controller = Some(Owner { kind: "ReplicaSet".to_owned(), name: "web-868c".to_owned() });
        let ownership = Ownership { labels, controller };
        let of = |what: &str, value: &str| {
            let name = || Some(NamePattern::parse(value).expect("a name"));
            match what {
                "namespace" => Selection { namespace: name(), ..Selection::default() },
                "node" => Selection { node: name(), ..Selection::default() },
                "owner" => Selection { owner: OwnerPattern::parse(value).ok(), ..Selection::default() },
                _ => Selection { labels: LabelSelector::parse(value).ok(), ..Selection::default() },
            }
        };
        let table = [
            ("namespace", "team-a", true),
            ("namespace", "team-*", true),
            ("namespace", "team", false),
            ("node", "node-b", true),
            ("node", "node-[ab]", true),
            ("node", "node-a", false),
            ("owner", "deployment/web", true),
            ("owner", "sts/web", false),
            ("labels", "pod-template-hash=868c", true),
            ("labels", "!pod-template-hash", false),
        ];
        for (what, value, expected) in table {
            let selection = of(what, value);
            assert!(!selection.is_everything(), "{what}");
            assert_eq!(selection.needs_objects(), what != "namespace", "{what}");
            let is_chosen = selection.admits(&pod)
                && selection.admits_node(Some("node-b"))
                && selection.admits_ownership(&ownership);
            assert_eq!(is_chosen, expected, "{what} {value}");
        }
        assert!(!of("node", "*").admits_node(None));
    }
}
