//! Which pod a row of `kubectl get pods` shows: it has the name of one, and no uid.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::bodies::RecordBodies;
use super::read_error::ReadError;
use crate::history::{Attributed, Bodies};
use crate::kubelet::human_duration;
use crate::model::id::is_config_hash;
use crate::model::time::SECOND_US;
use crate::model::{EventKind, ObservedAt, PrintedRow, StoredRecord};

/// When an incarnation that objects show lived.
struct Life {
    pod: i64,
    from: ObservedAt,
    until: Option<ObservedAt>,
}

/// How far the clocks of who printed and of the cluster may be apart.
const CLOCKS_SECONDS: i64 = 2;

/// Hands the rows of a pod that is known by its name alone to the incarnation that lived when they were printed, among the records of
/// its name. What else is known of it, a description or a deletion, keeps it apart.
pub(super) fn hand_to_shown(
    bodies: &RecordBodies<'_>,
    by_name: i64,
    records: &mut [Attributed],
) -> Result<(), ReadError> {
    let mut found: Vec<(usize, i64)> = Vec::new();
    let lives = lives(bodies, by_name, records)?;
    let own = records.iter().enumerate().filter(|(_, (pod, _))| *pod == Some(by_name));
    for (place, (_, record)) in own {
        let printed = bodies.pod(record)?;
        let row = printed.printed.as_ref().filter(|_| record.kind == EventKind::Printed).and_then(|it| it.row.as_ref());
        let living = row.and_then(|row| living_at(&lives, record, row));
        let Some(life) = living else { return Ok(()) };
        found.push((place, life.pod));
    }
    for (place, pod) in found {
        records[place].0 = Some(pod);
    }
    Ok(())
}

/// When each incarnation of a name that objects show lived, in the order of time.
fn lives(bodies: &RecordBodies<'_>, by_name: i64, records: &[Attributed]) -> Result<Vec<Life>, ReadError> {
    let mut lives: BTreeMap<i64, Life> = BTreeMap::new();
    for (pod, record) in records {
        let Some(pod) = pod.filter(|pod| *pod != by_name && record.kind.shows_pod()) else { continue };
        if let Entry::Vacant(vacant) = lives.entry(pod) {
            let metadata = &bodies.pod(record)?.metadata;
            let created = metadata.created_at.map(|at| ObservedAt::from_micros(at.micros()));
            // What a kubelet knows by the hash of its file is handed to a pod elsewhere.
            if let Some(from) = created.filter(|_| !is_config_hash(&metadata.uid.0)) {
                vacant.insert(Life { pod, from, until: None });
            }
        }
        let ended = record.stated_at().or(record.not_before()).filter(|_| record.kind == EventKind::Deleted);
        if let (Some(life), Some(ended)) = (lives.get_mut(&pod), ended) {
            life.until = Some(life.until.map_or(ended, |until| until.min(ended)));
        }
    }
    let mut lives: Vec<Life> = lives.into_values().collect();
    lives.sort_by_key(|life| life.from);
    // A later incarnation proves that the earlier was gone.
    let begins: Vec<ObservedAt> = lives.iter().map(|life| life.from).collect();
    for (life, next) in lives.iter_mut().zip(begins.into_iter().skip(1)) {
        life.until = Some(life.until.map_or(next, |until| until.min(next)));
    }
    Ok(lives)
}

/// The incarnation that lived when a row was printed, if it is as old as the row says.
fn living_at<'a>(lives: &'a [Life], record: &StoredRecord, row: &PrintedRow) -> Option<&'a Life> {
    let at = record.stated_at()?;
    let life = lives.iter().find(|life| life.from <= at && life.until.is_none_or(|until| at < until))?;
    let age = |from: i64| (at.micros() - from) / SECOND_US;
    let printed = human_duration(age(row.created_at?.micros()));
    let may_be = |apart: i64| human_duration(age(life.from.micros()) + apart) == printed;
    (-CLOCKS_SECONDS..=CLOCKS_SECONDS).any(may_be).then_some(life)
}
