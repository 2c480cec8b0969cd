//! The projection as a whole: settled when an ingest ends, made from the log again, compared with it.

use std::collections::{BTreeMap, BTreeSet};

use super::read_error::ReadError;
use super::replayed::replay_each;
use crate::model::id::is_of_incarnation;
use crate::store::projection::WordCache;
use crate::store::{Log, PodRow, TransitionRow};

/// How many pods are projected in one transaction.
const PODS_AT_ONCE: usize = 1_000;

/// Projects the pods that wait, and settles what only all batches together prove of time, when everything that comes together
/// was appended: to do so after each of many files would take their number squared. What a killed ingest left is settled too. A pod
/// that cannot be read goes on waiting.
///
/// # Errors
/// When the store cannot be written, or a record in it is damaged: then the others are projected all the same.
pub fn settle(log: &Log) -> Result<(), ReadError> {
    let (mut after, mut damage) = (0, Ok(()));
    while !log.stale_pods(after, 1)?.is_empty() {
        let writer = log.write()?;
        let stale = log.stale_pods(after, PODS_AT_ONCE)?;
        if let Some(found) = project(log, &stale)? {
            damage = damage.and(Err(found));
        }
        writer.commit()?;
        after = stale.last().copied().unwrap_or(after);
    }
    if !log.unsettled()?.is_empty() {
        let writer = log.write()?;
        log.unsettled()?.into_iter().try_for_each(|cluster| log.settle_skyline(cluster))?;
        writer.commit()?;
    }
    damage
}

/// Projects pods that wait. What was found damaged of the first that cannot be read, if there is one.
fn project(log: &Log, stale: &[i64]) -> Result<Option<ReadError>, ReadError> {
    let (reader, mut words, mut damage) = (log.reader(), WordCache::default(), None);
    let mut rows: BTreeMap<i64, PodRow> = BTreeMap::new();
    for pod in stale {
        // What states no uid may be about any incarnation of its name.
        let namesakes = reader.namesakes(*pod)?;
        let has_nameless = namesakes.iter().any(|row| !is_of_incarnation(&row.identity.uid));
        rows.extend(namesakes.into_iter().filter(|row| has_nameless || row.id == *pod).map(|row| (row.id, row)));
    }
    // All of them go first: what is about one incarnation may stand in the row of the name.
    rows.keys().try_for_each(|pod| log.set_stale(*pod))?;
    let rows: Vec<PodRow> = rows.into_values().collect();
    replay_each(log, &rows, true, |row, transitions| {
        match transitions {
            Ok(transitions) => {
                log.add_transitions(row.id, &transitions, &mut words)?;
                log.unset_stale(row.id)?;
            }
            Err(error) if error.is_of_one_pod() => {
                damage = damage.take().or_else(|| error.is_damage().then_some(error));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    })?;
    Ok(damage)
}

/// Makes the projection again. Returns how many transitions it has.
///
/// # Errors
/// When the store cannot be written or a record in it is damaged; the projection is then as it was.
pub fn rebuild(log: &Log) -> Result<i64, ReadError> {
    let writer = log.write()?;
    log.drop_projection()?;
    let mut words = WordCache::default();
    replay_each(log, &in_order_of_log(log)?, true, |row, transitions| {
        Ok(log.add_transitions(row.id, &transitions?, &mut words)?)
    })?;
    log.project_skylines()?;
    let count = log.transition_count()?;
    writer.commit()?;
    Ok(count)
}

/// Where the stored projection differs from a fresh replay, in words; empty if nowhere. Nothing is written.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn verify(log: &Log) -> Result<Vec<String>, ReadError> {
    const DIFFERENCES_MAX: usize = 20;
    let (mut differences, mut count) = (Vec::new(), 0);
    let waiting: BTreeSet<i64> = log.stale_pods(0, usize::MAX)?.into_iter().collect();
    // An ingest goes on, or was cut: what waits is projected by the next.
    let pods: Vec<PodRow> = in_order_of_log(log)?.into_iter().filter(|pod| !waiting.contains(&pod.id)).collect();
    replay_each(log, &pods, false, |pod, transitions| {
        let stored = log.stored_transitions(pod.id)?;
        let mut fresh = TransitionRow::of_pod(&transitions?);
        fresh.sort_by_key(|row| (row.seq, row.ordinal));
        count += fresh.len();
        if stored != fresh && differences.len() < DIFFERENCES_MAX {
            let at = stored.iter().zip(&fresh).position(|(stored, fresh)| stored != fresh);
            let place = at.map_or_else(
                || format!("{} transitions stored, {} replayed", stored.len(), fresh.len()),
                |at| format!("stored {:?}, replayed {:?}", stored[at], fresh[at]),
            );
            let identity = &pod.identity;
            differences.push(format!("{}/{} ({}): {place}", identity.namespace, identity.name, identity.uid));
        }
        Ok(())
    })?;
    let stored = usize::try_from(log.transition_count()?).unwrap_or(usize::MAX);
    if waiting.is_empty() && differences.is_empty() && stored != count {
        differences.push(format!("{stored} transitions stored, {count} replayed"));
    }
    let (stored, fresh) = (log.stored_skyline()?, log.fresh_skyline()?);
    if log.unsettled()?.is_empty() && stored != fresh {
        differences.push(format!("time bounds: {} rows stored, {} computed", stored.len(), fresh.len()));
    }
    Ok(differences)
}

/// All pods. Neighbours share the blocks of their records.
fn in_order_of_log(log: &Log) -> Result<Vec<PodRow>, ReadError> {
    let mut rows = log.reader().all_pods()?;
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}
