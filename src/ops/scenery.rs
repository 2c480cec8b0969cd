//! Gathers from a log what a story has beside its pods: what people and controllers did to workloads, nodes and namespaces, what
//! controllers said of them, and what was refused.

use std::collections::{BTreeMap, BTreeSet};

use super::read_error::ReadError;
use super::reading::Reading;
use super::related::Notes;
use super::unchanged::leave_out_unchanged;
use super::watched::{add_watched, watched};
use crate::cause::{NodeChange, NodeTurn, OwnerNote, Scene, SceneAct, SceneRefused};
use crate::input::stored_related::{act_changes_of, refused_of, request_place_of};
use crate::model::{Act, ActChange, EventKind, ObservedAt, Seq, Target};
use crate::store::{PodRow, RecordFacts};

/// Adds to a scene of these pods of one cluster what was done and said of their workloads, nodes and namespaces, and what was
/// refused there.
pub(super) fn add_scenery(
    reading: &Reading<'_>,
    notes: &Notes<'_>,
    (cluster, rows): (i64, &[&PodRow]),
    scene: &mut Scene,
) -> Result<(), ReadError> {
    let namespaces: BTreeSet<&str> = rows.iter().map(|row| row.identity.namespace.as_str()).collect();
    add_acts(reading, (cluster, &namespaces), scene)?;
    by_time(scene);
    order_ties(reading, &mut scene.acts)?;
    // Several logs may tell the same request.
    scene.acts.dedup_by(|left, right| left.act == right.act);
    // A status is written again with the conditions that it had: the first tells since when.
    let mut known = BTreeSet::new();
    let mut is_new =
        |it: &OwnerNote| known.insert((it.owner.clone(), it.namespace.clone(), it.reason.clone(), it.message.clone()));
    scene.notes.retain(&mut is_new);
    let mut shown = Vec::new();
    for namespace in namespaces {
        let (acts, mut said) = watched(reading, (cluster, namespace), scene)?;
        said.retain(&mut is_new);
        scene.notes.extend(said);
        scene.notes.extend(notes.about_workloads(cluster, namespace)?);
        shown.extend(acts);
    }
    let told = add_watched(&mut scene.acts, shown);
    by_time(scene);
    order_ties(reading, &mut scene.acts)?;
    scene.refused.dedup_by(|left, right| left.refused == right.refused);
    leave_out_unchanged(&mut scene.acts, told);
    Ok(())
}

/// Puts what stands beside the pods in the order of time, whatever was ingested first; acts of one time stay as they are.
pub(super) fn by_time(scene: &mut Scene) {
    scene.nodes.sort_by(|left, right| {
        let key = |it: &NodeChange| (it.at, it.node.clone(), it.turn.clone(), it.by.clone(), it.seq);
        key(left).cmp(&key(right))
    });
    scene.acts.sort_by_key(|it| it.act.at);
    // The time of what was refused comes first in it.
    scene.refused.sort_by(|left, right| (&left.refused, left.seq).cmp(&(&right.refused, right.seq)));
    scene.notes.sort_by(|left, right| {
        let key = |it: &OwnerNote| (it.at, it.owner.clone(), it.reason.clone(), it.message.clone(), it.seq);
        key(left).cmp(&key(right))
    });
}

/// Puts acts of one time in the order of the versions that they made, then of their ids, then of what they say.
fn order_ties(reading: &Reading<'_>, acts: &mut [SceneAct]) -> Result<(), ReadError> {
    for ties in acts.chunk_by_mut(|left, right| left.act.at == right.act.at).filter(|ties| ties.len() > 1) {
        let mut places = BTreeMap::new();
        for seq in ties.iter().map(|it| it.seq) {
            places.insert(seq, reading.reader().with_body(seq.0, request_place_of)?);
        }
        ties.sort_by(|left, right| {
            (places.get(&left.seq), &left.act, left.seq).cmp(&(places.get(&right.seq), &right.act, right.seq))
        });
    }
    Ok(())
}

fn add_acts(
    reading: &Reading<'_>,
    (cluster, namespaces): (i64, &BTreeSet<&str>),
    scene: &mut Scene,
) -> Result<(), ReadError> {
    let nodes: BTreeSet<Box<str>> = scene.pods.iter().filter_map(|pod| pod.node.clone()).collect();
    for (record, of, target) in reading.reader().acts()? {
        let (resource, name) = target.name.split_once('/').unwrap_or(("", &target.name));
        let is_here = match resource {
            "namespaces" => namespaces.contains(name),
            "nodes" => nodes.contains(name),
            // Which of them belong here the claims tell.
            "persistentvolumes" => true,
            _ => namespaces.contains(&*target.namespace),
        };
        if of != cluster || !is_here {
            continue;
        }
        if record.kind == EventKind::Refused {
            if let Ok(refused) = reading.reader().with_body(record.seq, refused_of)? {
                scene.refused.push(SceneRefused { seq: Seq(record.seq), refused });
            }
        } else if let Some(act) = act(reading, &record, &target)? {
            add_act(act, Seq(record.seq), scene);
        }
    }
    let bound = |change: &ActChange| {
        let ActChange::Volume(volume) = change else { return None };
        Some(volume.clone())
    };
    let bound: BTreeSet<Box<str>> = scene.acts.iter().flat_map(|it| &it.act.changes).filter_map(bound).collect();
    scene.acts.retain(|it| &*it.act.resource != "persistentvolumes" || bound.contains(&it.act.name));
    Ok(())
}

fn act(reading: &Reading<'_>, record: &RecordFacts, target: &Target) -> Result<Option<Act>, ReadError> {
    let (Some(actor), Some((at, _))) = (record.actor, record.stated) else { return Ok(None) };
    let by = reading.reader().actor(actor)?;
    let Some((resource, name)) = target.name.split_once('/') else { return Ok(None) };
    let read = |body: &[u8]| act_changes_of(body, &by.verb, &by.part);
    let changes = reading.reader().with_body(record.seq, read)?.unwrap_or_default();
    let (resource, namespace, name) = (resource.into(), target.namespace.clone(), name.into());
    Ok(Some(Act { by, at: ObservedAt::from_micros(at), resource, namespace, name, changes }))
}

/// What was asked of a node is a change of it, and what a controller wrote of a status is what it said.
fn add_act(act: Act, seq: Seq, scene: &mut Scene) {
    if &*act.resource == "nodes" {
        let turns = node_turns(&act);
        let change =
            |turn| NodeChange { node: act.name.clone(), at: Some(act.at), by: Some(act.by.clone()), turn, seq };
        scene.nodes.extend(turns.into_iter().map(change));
        return;
    }
    for change in &act.changes {
        let place = (&*act.resource, &*act.namespace, &*act.name);
        scene.notes.extend(OwnerNote::of_condition(place, change, Some(act.at), &act.by.name(), seq));
    }
    if &*act.by.part != "status" {
        scene.acts.push(SceneAct { seq, act });
    }
}

fn node_turns(act: &Act) -> Vec<NodeTurn> {
    if &*act.by.verb == "create" && act.by.node() == Some(&*act.name) {
        return vec![NodeTurn::KubeletStarted];
    }
    if act.is_deletion() {
        return vec![NodeTurn::Deleted];
    }
    let turns = |change: &ActChange| match change {
        ActChange::Unschedulable(true) => vec![NodeTurn::Cordoned],
        ActChange::Unschedulable(false) => vec![NodeTurn::Uncordoned],
        ActChange::Taints(taints) => taints.iter().cloned().map(NodeTurn::Tainted).collect(),
        ActChange::Untold
        | ActChange::Image { .. }
        | ActChange::Template
        | ActChange::Restarted
        | ActChange::Replicas(_)
        | ActChange::Suspended(_)
        | ActChange::Volume(_)
        | ActChange::Field { .. }
        | ActChange::Condition { .. } => Vec::new(),
    };
    // How a node begins is no change of it.
    if act.is_creation() { Vec::new() } else { act.changes.iter().flat_map(turns).collect() }
}
