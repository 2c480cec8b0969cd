//! What was done to workloads as watches show it: what changed of each from one time to the next, and whose fields moved with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::read_error::ReadError;
use super::reading::Reading;
use crate::cause::{Scene, SceneAct};
use crate::input::stored_workload::{Workload, workload_of};
use crate::model::time::SECOND_US;
use crate::model::{Act, ActChange, Actor, EventKind, ObservedAt, ResourceVersion, Seq, Target};

/// What nobody did: what a workload was as it was first shown. It is left out once what came after it is compared with it.
const FIRST_SHOWN: &str = "get";

/// A workload as a record shows it, by the order of its writes.
struct Shown {
    place: (Option<ResourceVersion>, usize, i64),
    workload: Workload,
}

/// What was done to the workloads of a namespace, but for what an audit log tells.
pub(super) fn watched_acts(
    reading: &Reading<'_>,
    (cluster, namespace): (i64, &str),
    scene: &Scene,
) -> Result<Vec<SceneAct>, ReadError> {
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
    let mut acts = Vec::new();
    for mut shown in workloads.into_values() {
        shown.sort_by(|left, right| left.place.cmp(&right.place));
        // Several watches may show the same write.
        shown.dedup_by(|left, right| left.place.0.is_some() && left.place.0 == right.place.0);
        acts.extend(shown.first().and_then(|first| first_act(namespace, first, begins_at)));
        let changes = (1..shown.len()).filter_map(|place| {
            let (now, next) = (&shown[place], shown.get(place + 1).map(|next| &next.workload));
            let (by, at, changes) = now.workload.changes_since(&shown[place - 1].workload, next)?;
            Some(act(namespace, now, (by, at), changes))
        });
        acts.extend(changes);
    }
    acts.retain(|it| !scene.acts.iter().any(|other| is_same(&it.act, &other.act)));
    Ok(acts)
}

/// Leaves out what nobody did.
pub(super) fn leave_out_first_shown(acts: &mut Vec<SceneAct>) {
    acts.retain(|it| &*it.act.by.verb != FIRST_SHOWN);
}

/// How a workload began, or what it was when it was first shown. A watch begins with what is there: what was created long before the pods
/// of the story is no part of it.
fn first_act(namespace: &str, first: &Shown, begins_at: Option<ObservedAt>) -> Option<SceneAct> {
    const CREATED_WITHIN_US: i64 = 15 * 60 * SECOND_US;
    let workload = &first.workload;
    let is_recent = |at: ObservedAt| begins_at.is_some_and(|begins_at| begins_at.micros_since(at) <= CREATED_WITHIN_US);
    let first_shown = || Some((Actor { verb: FIRST_SHOWN.into(), ..Actor::default() }, workload.written_at()?));
    let (by, at) = workload.creation().filter(|(_, at)| is_recent(*at)).or_else(first_shown)?;
    Some(act(namespace, first, (by, at), workload.all()))
}

fn act(namespace: &str, shown: &Shown, (by, at): (Actor, ObservedAt), changes: Vec<ActChange>) -> SceneAct {
    let workload = &shown.workload;
    let (resource, name) = (workload.resource.clone(), workload.name.clone());
    let act = Act { by: Arc::new(by), at, resource, namespace: namespace.into(), name, changes };
    SceneAct { seq: Seq(shown.place.2), act }
}

/// Whether an audit log tells of the write that a watch shows: the managed fields have the whole second in which it was made, the log
/// when it was answered.
fn is_same(shown: &Act, audited: &Act) -> bool {
    const ANSWERED_WITHIN_US: i64 = 5 * SECOND_US;
    let place = |act: &Act| [&act.resource, &act.namespace, &act.name].map(Clone::clone);
    let since = audited.at.micros_since(shown.at);
    place(shown) == place(audited) && (-SECOND_US..SECOND_US + ANSWERED_WITHIN_US).contains(&since)
}
