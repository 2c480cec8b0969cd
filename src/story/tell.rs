//! From a scene to its sentences: alike things together, and not more than fit a screen.

use std::collections::{BTreeMap, BTreeSet};

use super::acts::{acts, birth};
use super::group::{Closeness, Group, Member, grouped, is_birth};
use super::sentence::of_group;
use super::title::pods;
use super::told::{HowMuch, Sentence};
use crate::cause::{Happening, Kind, PodStory, Scene, Weight};
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Owner, Seq};
use crate::timeline::Excerpt;

/// So many sentences are a screen, for a few pods and for a fleet.
const SENTENCES_MAX: usize = 11;
const SENTENCES_OF_FLEET_MAX: usize = 30;
const FEW_PODS: usize = 25;

/// The sentences of scenes, and how many more there are where everything is told.
pub(super) fn sentences(scenes: &[Scene], how_much: HowMuch, excerpt: Excerpt) -> (Vec<Sentence>, usize) {
    let of_group = |group| of_group(group, scenes.len() > 1);
    let loose: Vec<Vec<Happening>> = scenes.iter().map(acts).collect();
    let all_births = births(scenes, HowMuch::All);
    let all = told_of(&members(scenes, &all_births, &loose, excerpt), Closeness::Reason, excerpt);
    if how_much == HowMuch::All {
        return (all.iter().map(of_group).collect(), 0);
    }
    let births = births(scenes, how_much);
    let members = members(scenes, &births, &loose, excerpt);
    let is_fleet = pods(scenes).count() > FEW_PODS;
    let max = if is_fleet { SENTENCES_OF_FLEET_MAX } else { SENTENCES_MAX };
    // Of a few pods each cause is worth more than how one of them began.
    let closest: &[Closeness] = if is_fleet {
        &[Closeness::Reason, Closeness::Workload, Closeness::Kind]
    } else {
        &[Closeness::Reason, Closeness::Began, Closeness::Cause]
    };
    let mut told = Vec::new();
    for closeness in closest.iter().copied() {
        told = told_of(&members, closeness, excerpt);
        if told.len() <= max {
            break;
        }
    }
    if told.len() > max {
        told = most_important(told, max, scenes);
    }
    let left_out = all.len().saturating_sub(told.len());
    (told.iter().map(of_group).collect(), left_out)
}

fn births(scenes: &[Scene], how_much: HowMuch) -> Vec<(&PodStory, Happening)> {
    pods(scenes).filter_map(|pod| Some((pod, birth(pod, how_much)?))).collect()
}

/// All that happened within the times of the excerpt, in the order of time; `loose` is what happened to no pod in each of the scenes.
fn members<'a>(
    scenes: &'a [Scene],
    births: &'a [(&'a PodStory, Happening)],
    loose: &'a [Vec<Happening>],
    excerpt: Excerpt,
) -> Vec<Member<'a>> {
    let of_pod =
        |(pod, it): (&'a PodStory, &'a Happening)| Member { cluster: &pod.identity.cluster, pod: Some(pod), it };
    let mut members: Vec<Member<'a>> = births.iter().map(|(pod, birth)| of_pod((*pod, birth))).collect();
    members.extend(pods(scenes).flat_map(|pod| pod.happenings.iter().map(move |it| (pod, it))).map(of_pod));
    for (scene, loose) in scenes.iter().zip(loose) {
        members.extend(loose.iter().map(|it| Member { cluster: &scene.cluster, pod: None, it }));
    }
    members.retain(|Member { it, .. }| excerpt.touches(it.at, it.until.or(it.at)));
    put_in_order(&mut members);
    members
}

fn told_of<'a>(members: &[Member<'a>], closeness: Closeness, excerpt: Excerpt) -> Vec<Group<'a>> {
    excerpt.last_of(grouped(members, closeness))
}

/// What fits a screen, in the order of time.
fn most_important<'a>(told: Vec<Group<'a>>, max: usize, scenes: &[Scene]) -> Vec<Group<'a>> {
    let weighed = Weighed::of(&told, scenes);
    let mut by_weight: Vec<usize> = (0..told.len()).collect();
    by_weight.sort_by_key(|place| (std::cmp::Reverse(weighed.importance(&told[*place])), *place));
    let kept: BTreeSet<usize> = by_weight.into_iter().take(max).collect();
    let is_kept = |(place, group)| kept.contains(&place).then_some(group);
    told.into_iter().enumerate().filter_map(is_kept).collect()
}

/// Puts things in the order of time. Where a time is known to the second only, what people did within that second comes first.
fn put_in_order(members: &mut [Member<'_>]) {
    let second = |cluster, at: ObservedAt| (cluster, at.micros().div_euclid(SECOND_US));
    let mut acts: BTreeMap<(&str, i64), ObservedAt> = BTreeMap::new();
    for act in members.iter().filter(|member| member.it.kind == Kind::Changed) {
        let Some(at) = act.it.at else { continue };
        let last = acts.entry(second(act.cluster, at)).or_insert(at);
        *last = at.max(*last);
    }
    let place = |cluster, it: &Happening| {
        let at = it.at?;
        let is_whole = at.micros().rem_euclid(SECOND_US) == 0;
        Some(if is_whole && it.kind != Kind::Changed { *acts.get(&second(cluster, at)).unwrap_or(&at) } else { at })
    };
    members.sort_by_key(|Member { cluster, pod, it }| {
        (
            place(*cluster, it),
            it.kind != Kind::Changed,
            it.at,
            !is_birth(it),
            it.kind,
            pod.map(|pod| (&pod.identity.namespace, &pod.identity.name, &pod.identity.uid)),
        )
    });
}

/// How much a sentence is worth where there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// How pods began.
    Birth,
    /// A person made pods, or they took the place of others.
    Act,
    /// What somebody did, where what came of it tells that too.
    ToldAsCause,
    /// What came of something.
    Consequence,
    /// What somebody changed.
    Change,
}

/// A workload: its cluster, its namespace and itself.
type OfWorkload<'a> = (&'a str, &'a str, &'a Owner);

fn of_workload(pod: &PodStory) -> Option<OfWorkload<'_>> {
    Some((&pod.identity.cluster, &pod.identity.namespace, pod.workload.as_ref()?))
}

/// What the worth of sentences is told by.
struct Weighed<'a> {
    /// The records that prove causes.
    causes: BTreeSet<Seq>,
    /// When pods of each workload were taken from it; those that its controller replaced are not.
    ends: BTreeMap<OfWorkload<'a>, BTreeSet<ObservedAt>>,
}

impl<'a> Weighed<'a> {
    fn of(told: &[Group<'_>], scenes: &'a [Scene]) -> Self {
        let causes = told.iter().flat_map(Group::happenings).flat_map(|it| &it.because);
        let causes = causes.flat_map(|because| because.evidence.iter().copied()).collect();
        let mut ends: BTreeMap<OfWorkload<'_>, BTreeSet<ObservedAt>> = BTreeMap::new();
        for pod in pods(scenes) {
            let is_planned = pod.happenings.iter().any(|it| matches!(it.kind, Kind::Replaced | Kind::Scaled));
            if let (Some(workload), Some(ended_at), false) = (of_workload(pod), pod.ended_at, is_planned) {
                ends.entry(workload).or_default().insert(ended_at);
            }
        }
        Self { causes, ends }
    }

    /// What is bad counts most, then what somebody did and what came of it.
    fn importance(&self, group: &Group<'_>) -> (Weight, Worth, usize) {
        let weight = group.happenings().map(|it| it.weight).max().unwrap_or(Weight::Info);
        let first = group.first();
        let is_cause = || group.happenings().flat_map(|it| &it.evidence).any(|seq| self.causes.contains(seq));
        let is_by_person = first.by.as_ref().is_some_and(|by| by.component().is_none());
        let worth = match (first.kind == Kind::Changed, is_birth(first)) {
            (_, true) if is_by_person || self.is_in_place_of_another(group) => Worth::Act,
            (_, true) => Worth::Birth,
            (true, false) if is_cause() => Worth::ToldAsCause,
            (true, false) => Worth::Change,
            (false, false) => Worth::Consequence,
        };
        (weight, worth, group.pods().len())
    }

    /// Whether a pod of the same workload had ended shortly before.
    fn is_in_place_of_another(&self, group: &Group<'_>) -> bool {
        const ENDED_WITHIN_US: i64 = 120 * SECOND_US;
        let workload = group.pods().first().copied().and_then(of_workload);
        let ends = workload.and_then(|workload| self.ends.get(&workload));
        let last = group.first().at.zip(ends).and_then(|(at, ends)| Some((at, *ends.range(..=at).next_back()?)));
        last.is_some_and(|(at, ended)| at.micros_since(ended) <= ENDED_WITHIN_US)
    }
}
