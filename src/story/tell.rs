//! From a scene to its sentences: alike things together, and not more than fit a screen.

use super::acts::{acts, birth};
use super::group::{Closeness, Group, grouped};
use super::sentence::of_group;
use super::told::{HowMuch, Sentence};
use crate::cause::{Happening, Kind, PodStory, Scene, Weight};
use crate::timeline::Excerpt;

/// So many sentences are a screen, for a few pods and for a fleet.
const SENTENCES_MAX: usize = 10;
const SENTENCES_OF_FLEET_MAX: usize = 30;
const FEW_PODS: usize = 25;

/// The sentences of a scene, and how many more there are.
pub(super) fn sentences(scene: &Scene, how_much: HowMuch, excerpt: Excerpt) -> (Vec<Sentence>, usize) {
    let births: Vec<(&PodStory, Happening)> = scene.pods.iter().filter_map(|pod| Some((pod, birth(pod)?))).collect();
    let loose: Vec<Happening> = acts(scene);
    let mut members: Vec<(Option<&PodStory>, &Happening)> = Vec::new();
    members.extend(births.iter().map(|(pod, birth)| (Some(*pod), birth)));
    for pod in &scene.pods {
        members.extend(pod.happenings.iter().map(|it| (Some(pod), it)));
    }
    members.extend(loose.iter().map(|it| (None, it)));
    let is_birth = |it: &Happening| matches!(it.kind, Kind::Ready | Kind::Scheduled);
    members.sort_by_key(|(pod, it)| {
        (it.at, !is_birth(it), it.kind, pod.map(|pod| (&pod.identity.namespace, &pod.identity.name, &pod.identity.uid)))
    });
    let max = if scene.pods.len() <= FEW_PODS { SENTENCES_MAX } else { SENTENCES_OF_FLEET_MAX };
    let mut told = Vec::new();
    for closeness in [Closeness::Reason, Closeness::Workload, Closeness::Kind] {
        told = grouped(&members, closeness);
        told.retain(|group| excerpt.touches(group.first().at, group.last_until()));
        told = excerpt.last_of(told);
        if how_much == HowMuch::All || told.len() <= max {
            break;
        }
    }
    let all = told.len();
    if how_much == HowMuch::Screen && all > max {
        let mut by_weight: Vec<usize> = (0..all).collect();
        by_weight.sort_by_key(|place| (std::cmp::Reverse(importance(&told[*place])), *place));
        let mut kept: Vec<usize> = by_weight.into_iter().take(max).collect();
        kept.sort_unstable();
        let mut groups: Vec<Option<Group<'_>>> = told.into_iter().map(Some).collect();
        told = kept.into_iter().filter_map(|place| groups[place].take()).collect();
    }
    let left_out = all - told.len();
    (told.iter().map(of_group).collect(), left_out)
}

fn importance(group: &Group<'_>) -> (Weight, bool, usize) {
    let weight = group.happenings().map(|it| it.weight).max().unwrap_or(Weight::Info);
    (weight, group.first().kind == Kind::Changed, group.pods().len())
}
