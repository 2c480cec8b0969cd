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
    let Some(pod) = worst.and_then(|it| it.pods.first()).or(pods(scenes).next().map(|pod| &pod.identity)) else {
        return "podreplay pods -A".to_owned();
    };
    let of_name = |other: &&PodStory| {
        let other = &other.identity;
        (&other.cluster, &other.namespace, &other.name) == (&pod.cluster, &pod.namespace, &pod.name)
    };
    let mut name = format!("{}/{}", pod.namespace, pod.name);
    if pods(scenes).filter(of_name).count() > 1 {
        name.push_str(&format!("@{}", pod.uid.get(..UID_LETTERS).unwrap_or(&pod.uid)));
    }
    let cluster = if scenes.len() > 1 { format!(" --cluster {}", quoted(&pod.cluster)) } else { String::new() };
    format!("podreplay timeline{cluster} {}", quoted(&name))
}

/// So many letters of a uid tell the pods of a name apart.
const UID_LETTERS: usize = 8;
