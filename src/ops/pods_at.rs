//! The pods that were there at a moment.

use std::collections::BTreeSet;

use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory, ownership_at};
use super::select_pods::is_asked_for;
use crate::history::{GapKind, Revision, StateAt, Uncertain};
use crate::kubelet::status_column::readiness_gates;
use crate::kubelet::{Told, columns_as_known};
use crate::model::time::SECOND_US;
use crate::model::{EventKind, ObservedAt, Pod, PodIdentity};
use crate::report::{LastSeen, PodMoment};
use crate::select::Selection;
use crate::store::PodRow;

/// The pods that were there at a moment, in the order of `rows`; of each one body is read.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn pods_at(
    reading: &Reading<'_>,
    rows: Vec<PodRow>,
    at: Option<ObservedAt>,
    selection: Option<&Selection>,
) -> Result<Vec<Box<PodMoment>>, ReadError> {
    pods_with(reading, rows, at, selection, Labels::Left)
}

/// Whether the labels of the pods are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// They are.
    Read,
    /// They are not: there may be many pods.
    Left,
}

/// The same, perhaps with the labels of the pods.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn pods_with(
    reading: &Reading<'_>,
    rows: Vec<PodRow>,
    at: Option<ObservedAt>,
    selection: Option<&Selection>,
    labels: Labels,
) -> Result<Vec<Box<PodMoment>>, ReadError> {
    let mut moments: Vec<(usize, Box<PodMoment>)> = Vec::new();
    let mut unfit: BTreeSet<usize> = BTreeSet::new();
    for (place, row) in in_order_of_log(rows).into_iter().flatten() {
        let history = reading.pod(&row)?;
        let Some(found) = history.at(at)?.filter(StateAt::may_be_there) else { continue };
        let pod = history.pod(found.revision)?;
        let mut moment = moment(row.identity, found.revision, &pod, found.uncertain, reading.told(&history)?);
        if let Some(selection) = selection {
            let fits = (!selection.needs_ownership()
                || selection.admits_ownership(&ownership_at(reading, &history, found.revision)?))
                && selection.admits_node(moment.node.as_deref())
                && selection.status.as_ref().is_none_or(|status| status.matches(&moment.columns.status));
            if !fits {
                unfit.insert(place);
            }
        }
        if labels == Labels::Read {
            moment.labels = Some(Box::new(ownership_at(reading, &history, found.revision)?.labels));
        }
        moments.push((place, Box::new(moment)));
    }
    keep_newest(&mut moments);
    moments.retain(|(place, _)| !unfit.contains(place));
    moments.sort_unstable_by_key(|(place, _)| *place);
    Ok(moments.into_iter().map(|(_, moment)| moment).collect())
}

/// Pods with their places in the order of the log, in which neighbours share their blocks. In pieces: where a row was, there is
/// room for what is found of it.
fn in_order_of_log(rows: Vec<PodRow>) -> Vec<Vec<(usize, PodRow)>> {
    const PIECE: usize = 512;
    let mut ordered: Vec<(usize, PodRow)> = rows.into_iter().enumerate().collect();
    ordered.sort_unstable_by_key(|(_, row)| row.id);
    let mut pieces = Vec::with_capacity(ordered.len().div_ceil(PIECE));
    let mut ordered = ordered.into_iter().peekable();
    while ordered.peek().is_some() {
        pieces.push(ordered.by_ref().take(PIECE).collect());
    }
    pieces
}

fn moment(
    identity: PodIdentity,
    revision: &Revision,
    pod: &Pod,
    uncertain: Option<Uncertain>,
    kubernetes: Told,
) -> PodMoment {
    let known = columns_as_known(pod, &revision.provenance, kubernetes.releases.likely());
    let is_status_logged = !matches!(&uncertain, Some(Uncertain::Gap(gap)) if gap.kind == GapKind::StatusNotLogged);
    PodMoment {
        identity,
        seq: revision.seq.0,
        window: revision.window,
        columns: if is_status_logged { known } else { known.with_unknown_status() },
        readiness_gates: readiness_gates(pod),
        resource_version: pod.metadata.resource_version.clone(),
        phase: pod.status.phase.clone(),
        created_at: pod.aged_from(),
        labels: None,
        ip: pod.status.pod_ips.first().filter(|ip| !ip.is_empty()).cloned(),
        node: pod.spec.node_name.clone(),
        nominated_node: pod.status.nominated_node_name.clone(),
        uncertain: uncertain.map(Box::new),
        kubernetes,
    }
}

/// A name has one incarnation at a time: the creation of a later one proves that the earlier was gone.
fn keep_newest(moments: &mut Vec<(usize, Box<PodMoment>)>) {
    fn name(moment: &PodMoment) -> (&str, &str, &str) {
        let PodIdentity { cluster, namespace, name, .. } = &moment.identity;
        (cluster, namespace, name)
    }
    moments.sort_by(|(left_place, left), (right_place, right)| {
        let by_age = (left.created_at, left_place).cmp(&(right.created_at, right_place));
        name(left).cmp(&name(right)).then(by_age)
    });
    let newest: Vec<bool> = (0..moments.len())
        .map(|index| moments.get(index + 1).is_none_or(|(_, next)| name(next) != name(&moments[index].1)))
        .collect();
    let mut newest = newest.into_iter();
    moments.retain(|_| newest.next().unwrap_or(true));
}

/// When there were pods last of these, which are all gone. `None` if nothing tells it.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn last_seen(reading: &Reading<'_>, rows: &[PodRow], selection: &Selection) -> Result<Option<LastSeen>, ReadError> {
    let mut last: Option<LastSeen> = None;
    let (mut pods, mut deleted) = (0, 0);
    for row in rows {
        let history = reading.pod(row)?;
        if !is_asked_for(reading, selection, &history)? {
            continue;
        }
        pods += 1;
        let deletion = history.revisions.last().filter(|revision| revision.kind == EventKind::Deleted);
        deleted += usize::from(deletion.is_some());
        let gone_by = match deletion {
            Some(deletion) => deletion.window.at_latest.or(deletion.window.at),
            None => history.presence.vanished_at().flatten(),
        };
        let Some(gone_by) = gone_by.filter(|by| last.is_none_or(|last| last.gone_by < *by)) else { continue };
        let Some(at) = moment_before(&history, gone_by)? else { continue };
        last = Some(LastSeen { pods, deleted, gone_by, at });
    }
    Ok(last.map(|last| LastSeen { pods, deleted, ..last }))
}

/// The last whole second, or else the last moment, at which a pod was there before it was gone.
fn moment_before(history: &StoredHistory<'_>, gone_by: ObservedAt) -> Result<Option<ObservedAt>, ReadError> {
    let just_before = gone_by.plus_micros(-1);
    let second = just_before.plus_micros(-just_before.micros().rem_euclid(SECOND_US));
    for at in [second, just_before] {
        if history.at(Some(at))?.is_some_and(|found| found.may_be_there()) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}
