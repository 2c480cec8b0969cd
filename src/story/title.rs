//! The first line of a story, and its last: what it is about, and where to look next.

use super::told::Sentence;
use crate::cause::{Kind, PodStory, Scene, Weight};
use crate::model::ObservedAt;
use crate::model::shell::quoted;

pub(super) fn pods(scenes: &[Scene]) -> impl Iterator<Item = &PodStory> {
    scenes.iter().flat_map(|scene| &scene.pods)
}

pub(super) fn namespaces(scenes: &[Scene]) -> Vec<String> {
    let mut namespaces: Vec<String> = pods(scenes).map(|pod| pod.identity.namespace.clone()).collect();
    namespaces.sort();
    namespaces.dedup();
    namespaces
}

pub(super) fn span(scenes: &[Scene]) -> Option<(ObservedAt, ObservedAt)> {
    let told = || pods(scenes).filter_map(|pod| pod.told);
    Some((told().map(|(first, _)| first).min()?, told().map(|(_, last)| last).max()?))
}

/// The command that shows more of what is worst.
pub(super) fn next(scenes: &[Scene], sentences: &[Sentence]) -> String {
    let worst = sentences.iter().filter(|it| it.weight > Weight::Info && !it.pods.is_empty());
    let worst = worst.max_by_key(|it| (it.weight, it.kind == Kind::RuleBroken, std::cmp::Reverse(it.at)));
    match worst.and_then(|it| it.pods.first()).or(pods(scenes).next().map(|pod| &pod.identity)) {
        Some(pod) if scenes.len() > 1 => {
            let (cluster, name) = (quoted(&pod.cluster), quoted(&format!("{}/{}", pod.namespace, pod.name)));
            format!("podreplay timeline --cluster {cluster} {name}")
        }
        Some(pod) => format!("podreplay timeline {}", quoted(&format!("{}/{}", pod.namespace, pod.name))),
        None => "podreplay pods -A".to_owned(),
    }
}
