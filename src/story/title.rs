//! The first line of a story, and its last: what it is about, and where to look next.

use super::told::Sentence;
use crate::cause::{Kind, Scene, Weight};
use crate::model::ObservedAt;
use crate::model::shell::quoted;

pub(super) fn namespaces(scene: &Scene) -> Vec<String> {
    let mut namespaces: Vec<String> = scene.pods.iter().map(|pod| pod.identity.namespace.clone()).collect();
    namespaces.sort();
    namespaces.dedup();
    namespaces
}

pub(super) fn span(scene: &Scene) -> Option<(ObservedAt, ObservedAt)> {
    let told = || scene.pods.iter().filter_map(|pod| pod.told);
    Some((told().map(|(first, _)| first).min()?, told().map(|(_, last)| last).max()?))
}

/// The command that shows more of what is worst.
pub(super) fn next(scene: &Scene, sentences: &[Sentence]) -> String {
    let worst = sentences.iter().filter(|it| it.weight > Weight::Info && !it.pods.is_empty());
    let worst = worst.max_by_key(|it| (it.weight, it.kind == Kind::RuleBroken, std::cmp::Reverse(it.at)));
    match worst.and_then(|it| it.pods.first()).or(scene.pods.first().map(|pod| &pod.identity)) {
        Some(pod) if scene.pods.iter().any(|other| other.identity.cluster != pod.cluster) => {
            let (cluster, name) = (quoted(&pod.cluster), quoted(&format!("{}/{}", pod.namespace, pod.name)));
            format!("podreplay timeline --cluster {cluster} {name}")
        }
        Some(pod) => format!("podreplay timeline {}", quoted(&format!("{}/{}", pod.namespace, pod.name))),
        None => "podreplay pods -A".to_owned(),
    }
}
