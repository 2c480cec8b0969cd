//! Which pod of one run is which of another: by what owns it and its place there, not by its generated name.

use std::collections::BTreeMap;

use super::recorded::RecordedPod;

/// How pods of two runs are paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairBy {
    /// By the workload that owns them and their place in it: the ordinal of a StatefulSet, the completion index of a Job, the
    /// order of creation otherwise; bare pods by name.
    Role,
    /// By the value of this label, then by the order of creation.
    Label(String),
}

/// What a pod is called in every run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Role {
    namespace: Option<String>,
    kind: String,
    name: String,
    place: String,
}

const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// The pairs in the order of `left`, then what only `right` has.
#[must_use]
pub fn pair(left: &[&RecordedPod], right: &[&RecordedPod], by: &PairBy) -> Vec<(Option<usize>, Option<usize>)> {
    // Runs of one test often have a namespace each.
    let is_one_namespace =
        |pods: &[&RecordedPod]| pods.windows(2).all(|pods| pods[0].identity.namespace == pods[1].identity.namespace);
    let with_namespace = !(is_one_namespace(left) && is_one_namespace(right));
    let mut waiting: BTreeMap<Role, Vec<usize>> = BTreeMap::new();
    for index in in_order_of_creation(right).into_iter().rev() {
        waiting.entry(role(right[index], by, with_namespace)).or_default().push(index);
    }
    let mut twins: Vec<Option<usize>> = vec![None; left.len()];
    for index in in_order_of_creation(left) {
        twins[index] = waiting.get_mut(&role(left[index], by, with_namespace)).and_then(Vec::pop);
    }
    let mut rest: Vec<usize> = waiting.into_values().flatten().collect();
    rest.sort_unstable();
    let pairs = twins.into_iter().enumerate().map(|(index, twin)| (Some(index), twin));
    pairs.chain(rest.into_iter().map(|index| (None, Some(index)))).collect()
}

fn in_order_of_creation(pods: &[&RecordedPod]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pods.len()).collect();
    order.sort_by_key(|&index| (pods[index].created_at(), &pods[index].identity.name, index));
    order
}

fn role(pod: &RecordedPod, by: &PairBy, with_namespace: bool) -> Role {
    let namespace = with_namespace.then(|| pod.identity.namespace.clone());
    if let PairBy::Label(key) = by {
        let value = pod.ownership.labels.get(key).cloned().unwrap_or_default();
        return Role { namespace, kind: String::new(), name: value, place: String::new() };
    }
    let name = &pod.identity.name;
    let Some(owner) = pod.ownership.workload() else {
        return Role { namespace, kind: "Pod".to_owned(), name: name.clone(), place: String::new() };
    };
    let place = match owner.kind.as_str() {
        "StatefulSet" => name.strip_prefix(owner.name.as_str()).unwrap_or(name).to_owned(),
        // A mirror pod is called after its manifest and its node.
        "Node" => name.strip_suffix(owner.name.as_str()).unwrap_or(name).to_owned(),
        _ => pod.ownership.labels.get(COMPLETION_INDEX).cloned().unwrap_or_default(),
    };
    Role { namespace, kind: owner.kind, name: owner.name, place }
}
