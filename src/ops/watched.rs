//! What was done to workloads and namespaces as watches show it: what changed of each from one time to the next, and whose fields moved
//! with it; and what controllers said of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::read_error::ReadError;
use super::reading::Reading;
use super::unchanged::Known;
use crate::cause::{OwnerNote, Scene, SceneAct};
use crate::input::stored_workload::{Workload, workload_of};
use crate::model::time::SECOND_US;
use crate::model::{Act, ActChange, Actor, EventKind, ObservedAt, ResourceVersion, Seq, Target};

/// A workload as a record shows it, by the order of its writes.
struct Shown {
    place: (Option<ResourceVersion>, usize, i64),
    workload: Workload,
}

/// What was done to a workload.
pub(super) struct WatchedAct {
    act: SceneAct,
    /// The changes that are new, compared with how the watch showed the workload before.
    told: Vec<ActChange>,
}

/// What is itself of no namespace.
const NAMESPACES: &str = "namespaces";

/// The namespace that what is shown among the workloads of one is of.
fn namespace_of<'a>(workload: &Workload, namespace: &'a str) -> &'a str {
    if &*workload.resource == NAMESPACES { "" } else { namespace }
}

/// What was done to the workloads of a namespace and to itself, and what controllers said of them.
pub(super) fn watched(
    reading: &Reading<'_>,
    (cluster, namespace): (i64, &str),
    scene: &Scene,
) -> Result<(Vec<WatchedAct>, Vec<OwnerNote>), ReadError> {
    let begins_at = scene.pods.iter().filter_map(|pod| pod.told).map(|(first, _)| first).min();
    let mut workloads: BTreeMap<[Box<str>; 3], Vec<Shown>> = BTreeMap::new();
    let target = Target::of_workloads(namespace);
    let rows = reading.reader().related(cluster, &target.namespace, &target.name)?;
    for it in rows.into_iter().filter(|it| it.kind == EventKind::Workload) {
        let Ok(mut workload) = reading.reader().with_body(it.seq, workload_of)? else { continue };
        let key = [&workload.resource, &workload.name, &workload.uid].map(Clone::clone);
        let known = workloads.entry(key).or_default();
        if let Some(before) = known.last() {
            workload.share_spec(&before.workload);
        }
        let place = (workload.resource_version.clone(), reading.reader().rank_at(it.seq)?, it.seq);
        known.push(Shown { place, workload });
    }
    let (mut acts, mut notes) = (Vec::new(), Vec::new());
    for mut shown in workloads.into_values() {
        shown.sort_by(|left, right| left.place.cmp(&right.place));
        // Several watches may show the same write.
        shown.dedup_by(|left, right| left.place.0.is_some() && left.place.0 == right.place.0);
        // A namespace has no spec that tells of pods.
        if shown.first().is_some_and(|first| &*first.workload.resource != NAMESPACES) {
            acts.extend(acts_of(namespace, &shown, begins_at));
        }
        acts.extend(deletion(namespace, &shown));
        notes.extend(shown.iter().flat_map(|shown| notes_of(namespace, shown)));
    }
    Ok((acts, notes))
}

/// That somebody asked for the end of what then waited for something; who that was no object tells.
fn deletion(namespace: &str, shown: &[Shown]) -> Option<WatchedAct> {
    let (first, at) = shown.iter().find_map(|it| Some((it, it.workload.deletion_asked_at?)))?;
    let act = act(namespace, first, (Actor::unknown("delete"), at), Vec::new());
    Some(WatchedAct { act, told: Vec::new() })
}

/// What a status says.
fn notes_of(namespace: &str, shown: &Shown) -> Vec<OwnerNote> {
    let workload = &shown.workload;
    let note = |(change, at): &(ActChange, Option<ObservedAt>)| {
        let source = workload.status_writer().unwrap_or_default();
        let place = (&*workload.resource, namespace_of(workload, namespace), &*workload.name);
        OwnerNote::of_condition(place, change, *at, source, Seq(shown.place.2))
    };
    workload.said.iter().filter_map(note).collect()
}

/// What was done to one workload. A watch begins with what is there: how it was first shown only tells what is new of what came after.
fn acts_of(namespace: &str, shown: &[Shown], begins_at: Option<ObservedAt>) -> Vec<WatchedAct> {
    let Some(first) = shown.first() else { return Vec::new() };
    let mut known = Known::default();
    let mut new_of = |mut changes: Vec<ActChange>| {
        known.leave_out_unchanged(&mut changes);
        changes
    };
    let mut acts = Vec::new();
    let told = new_of(first.workload.all());
    if let Some(by_at) = creation(&first.workload, begins_at) {
        acts.push(WatchedAct { act: act(namespace, first, by_at, first.workload.all()), told });
    }
    for (place, pair) in shown.windows(2).enumerate() {
        let [before, now] = pair else { continue };
        if now.workload.has_spec_of(&before.workload) {
            continue;
        }
        let next = shown.get(place + 2).map(|next| &next.workload);
        if let Some((by, at, changes)) = now.workload.changes_since(&before.workload, next) {
            let told = new_of(changes.clone());
            acts.push(WatchedAct { act: act(namespace, now, (by, at), changes), told });
        }
        // Whoever made it so.
        new_of(now.workload.all());
    }
    acts
}

/// Who created a workload, and when: workloads created long before the pods of the story are left out.
fn creation(workload: &Workload, begins_at: Option<ObservedAt>) -> Option<(Actor, ObservedAt)> {
    const CREATED_WITHIN_US: i64 = 15 * 60 * SECOND_US;
    let begins_at = begins_at?;
    workload.creation().filter(|(_, at)| begins_at.micros_since(*at) <= CREATED_WITHIN_US)
}

fn act(namespace: &str, shown: &Shown, (by, at): (Actor, ObservedAt), changes: Vec<ActChange>) -> SceneAct {
    let workload = &shown.workload;
    let namespace = namespace_of(workload, namespace).into();
    let (resource, name) = (workload.resource.clone(), workload.name.clone());
    let act = Act { by: Arc::new(by), at, resource, namespace, name, changes };
    SceneAct { seq: Seq(shown.place.2), act }
}

/// Adds to what an audit log tells what only a watch shows, and to requests whose content is not logged what the watch shows that they
/// changed. Answers what of each is told, by its record.
pub(super) fn add_watched(acts: &mut Vec<SceneAct>, watched: Vec<WatchedAct>) -> BTreeMap<Seq, Vec<ActChange>> {
    let requests = requests_of(acts, &watched);
    let mut told = BTreeMap::new();
    for (shown, request) in watched.into_iter().zip(requests) {
        let Some(request) = request else {
            if is_of_wider(&shown.act.act, acts) {
                continue;
            }
            told.insert(shown.act.seq, shown.told);
            acts.push(shown.act);
            continue;
        };
        let request = &mut acts[request];
        if request.act.changes.contains(&ActChange::Untold) {
            told.insert(request.seq, shown.told);
            request.act.changes = shown.act.act.changes;
        }
    }
    told
}

/// Whether something was deleted with others: with all of its kind, or with its namespace.
fn is_of_wider(shown: &Act, acts: &[SceneAct]) -> bool {
    // A namespace waits for what is in it.
    const ENDS_WITHIN_US: i64 = 900 * SECOND_US;
    let ends_all = |act: &Act| {
        let since_us = shown.at.micros_since(act.at);
        let is_of_all = &*act.by.verb == "deletecollection" && act.resource == shown.resource;
        let is_at_once = (-AFTER_US..=BEFORE_US).contains(&since_us) && act.namespace == shown.namespace;
        let is_of_namespace = act.is_deletion() && &*act.resource == NAMESPACES && *act.name == *shown.namespace;
        is_of_all && is_at_once || is_of_namespace && (-AFTER_US..=ENDS_WITHIN_US).contains(&since_us)
    };
    shown.is_deletion() && acts.iter().any(|it| ends_all(&it.act))
}

// The managed fields have the whole second in which a write was made, the log when it was answered.
const BEFORE_US: i64 = SECOND_US;
const AFTER_US: i64 = 6 * SECOND_US;

/// Of each act that a watch shows which of the audited ones it is: one write is one request.
fn requests_of(audited: &[SceneAct], watched: &[WatchedAct]) -> Vec<Option<usize>> {
    let mut by_place: BTreeMap<[&str; 3], BTreeMap<(ObservedAt, usize), &Act>> = BTreeMap::new();
    for (index, it) in audited.iter().enumerate() {
        by_place.entry(place_of(&it.act)).or_default().insert((it.act.at, index), &it.act);
    }
    let mut taken = BTreeSet::new();
    let request = |shown: &WatchedAct| {
        let shown = &shown.act.act;
        let bound = |after: i64| (ObservedAt::from_micros(shown.at.micros().saturating_add(after)), 0);
        let near = by_place.get(&place_of(shown))?.range(bound(-BEFORE_US)..bound(AFTER_US));
        let free = near.filter(|((_, index), _)| !taken.contains(index));
        let alike = free
            .filter_map(|((at, index), act)| Some((likeness(shown, act)?, at.micros_since(shown.at).abs(), *index)));
        let (.., index) = alike.min()?;
        taken.insert(index);
        Some(index)
    };
    watched.iter().map(request).collect()
}

fn place_of(act: &Act) -> [&str; 3] {
    [&act.resource, &act.namespace, &act.name]
}

/// Why a request is taken for the write that a watch shows; the better reason first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// It changed the same.
    SameChange,
    /// What it changed is not logged.
    Untold,
}

fn likeness(shown: &Act, audited: &Act) -> Option<Likeness> {
    if shown.is_deletion() || audited.is_deletion() {
        return (shown.is_deletion() && audited.is_deletion()).then_some(Likeness::SameChange);
    }
    // A request is answered soon; another one that is not logged may have changed anything.
    const UNTOLD_WITHIN_US: i64 = 2 * SECOND_US;
    if shown.is_creation() || audited.is_creation() {
        return (shown.is_creation() && audited.is_creation()).then_some(Likeness::SameChange);
    }
    if !audited.changes.contains(&ActChange::Untold) {
        return changes_agree(&shown.changes, &audited.changes).then_some(Likeness::SameChange);
    }
    let is_scaling = shown.changes.iter().all(|it| matches!(it, ActChange::Replicas(_)));
    let may_be = (&*audited.by.part != "scale" || is_scaling)
        && shown.by.component().is_some() == audited.by.component().is_some()
        && audited.at.micros_since(shown.at) <= UNTOLD_WITHIN_US;
    may_be.then_some(Likeness::Untold)
}

/// Whether what was sent has something of what changed. Of templates and lists a part may have been sent: they agree where nothing else
/// changed.
fn changes_agree(shown: &[ActChange], sent: &[ActChange]) -> bool {
    let listed = |change: &ActChange| match change {
        ActChange::Field { path, value } if value.starts_with('[') => Some(path.clone()),
        ActChange::Field { .. }
        | ActChange::Image { .. }
        | ActChange::Untold
        | ActChange::Template
        | ActChange::Restarted
        | ActChange::Replicas(_)
        | ActChange::Suspended(_)
        | ActChange::Unschedulable(_)
        | ActChange::Taints(_)
        | ActChange::Volume(_)
        | ActChange::Condition { .. } => None,
    };
    let is_part_of = |change: &ActChange| sent.iter().any(|it| listed(it).is_some() && listed(it) == listed(change));
    if shown.iter().all(|it| listed(it).is_some()) {
        shown.iter().any(is_part_of)
    } else {
        shown.iter().any(|it| sent.contains(it))
    }
}
