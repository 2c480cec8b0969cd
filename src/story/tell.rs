//! From a scene to its sentences: alike things together, and not more than fit a screen.

use std::collections::BTreeSet;

use super::acts::{acts, birth};
use super::group::{Closeness, Group, grouped, is_birth};
use super::sentence::of_group;
use super::told::{HowMuch, Sentence};
use crate::cause::{Happening, Kind, PodStory, Scene, Weight};
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Seq};
use crate::timeline::Excerpt;

/// So many sentences are a screen, for a few pods and for a fleet.
const SENTENCES_MAX: usize = 11;
const SENTENCES_OF_FLEET_MAX: usize = 30;
const FEW_PODS: usize = 25;

/// The sentences of a scene, and how many more there are.
pub(super) fn sentences(scene: &Scene, how_much: HowMuch, excerpt: Excerpt) -> (Vec<Sentence>, usize) {
    let births: Vec<(&PodStory, Happening)> =
        scene.pods.iter().filter_map(|pod| Some((pod, birth(pod, how_much)?))).collect();
    let loose: Vec<Happening> = acts(scene);
    let mut members: Vec<(Option<&PodStory>, &Happening)> = Vec::new();
    members.extend(births.iter().map(|(pod, birth)| (Some(*pod), birth)));
    for pod in &scene.pods {
        members.extend(pod.happenings.iter().map(|it| (Some(pod), it)));
    }
    members.extend(loose.iter().map(|it| (None, it)));
    // Many times are whole seconds: within one what somebody did comes first.
    let second = |at: Option<ObservedAt>| at.map(|at| at.micros().div_euclid(SECOND_US));
    members.sort_by_key(|(pod, it)| {
        (
            second(it.at),
            it.kind != Kind::Changed,
            it.at,
            !is_birth(it),
            it.kind,
            pod.map(|pod| (&pod.identity.namespace, &pod.identity.name, &pod.identity.uid)),
        )
    });
    let is_fleet = scene.pods.len() > FEW_PODS;
    let max = if is_fleet { SENTENCES_OF_FLEET_MAX } else { SENTENCES_MAX };
    // Of a few pods each cause is worth more than how one of them began.
    let closest: &[Closeness] = if is_fleet {
        &[Closeness::Reason, Closeness::Workload, Closeness::Kind]
    } else {
        &[Closeness::Reason, Closeness::Cause]
    };
    let mut told = Vec::new();
    for closeness in closest.iter().copied() {
        told = grouped(&members, closeness);
        told.retain(|group| excerpt.touches(group.first().at, group.last_until()));
        told = excerpt.last_of(told);
        if how_much == HowMuch::All || told.len() <= max {
            break;
        }
    }
    let all = told.len();
    if how_much == HowMuch::Screen && all > max {
        let causes: BTreeSet<Seq> = told.iter().flat_map(Group::happenings).flat_map(causes_of).collect();
        let mut by_weight: Vec<usize> = (0..all).collect();
        by_weight.sort_by_key(|place| (std::cmp::Reverse(importance(&told[*place], &causes)), *place));
        let mut kept: Vec<usize> = by_weight.into_iter().take(max).collect();
        kept.sort_unstable();
        let mut groups: Vec<Option<Group<'_>>> = told.into_iter().map(Some).collect();
        told = kept.into_iter().filter_map(|place| groups[place].take()).collect();
    }
    let left_out = all - told.len();
    (told.iter().map(of_group).collect(), left_out)
}

/// How much a sentence is worth where there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// How pods began.
    Birth,
    /// What somebody did, where what came of it tells that too.
    ToldAsCause,
    /// What came of something.
    Consequence,
    /// What somebody did.
    Act,
}

/// What is bad counts most, then what somebody did and what came of it.
fn importance(group: &Group<'_>, causes: &BTreeSet<Seq>) -> (Weight, Worth, usize) {
    let weight = group.happenings().map(|it| it.weight).max().unwrap_or(Weight::Info);
    let first = group.first();
    let is_cause = || group.happenings().flat_map(|it| &it.evidence).any(|seq| causes.contains(seq));
    let worth = match (first.kind == Kind::Changed, is_birth(first)) {
        (_, true) => Worth::Birth,
        (true, false) if is_cause() => Worth::ToldAsCause,
        (true, false) => Worth::Act,
        (false, false) => Worth::Consequence,
    };
    (weight, worth, group.pods().len())
}

fn causes_of(happening: &Happening) -> impl Iterator<Item = Seq> {
    happening.because.iter().flat_map(|because| because.evidence.iter().copied())
}
