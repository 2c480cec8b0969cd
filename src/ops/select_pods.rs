//! Which pods of a store are asked for, by names, globs, uids and labels; and which moment.

use std::collections::BTreeSet;

use super::bodies::EVENTS_HELD;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory, ownership_at};
use crate::kubelet::columns_as_known;
use crate::model::id::is_of_incarnation;
use crate::model::{ObservedAt, PodIdentity, Zone};
use crate::select::{NamePattern, Pattern, Selection};
use crate::store::{PodRow, Reader, StoreError};
use crate::timeline::Moment;

/// Why it cannot be said which pods are meant.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is none.
    #[error("no pod '{name}' in the recordings")]
    Unknown {
        /// As it was asked for.
        name: String,
        /// Pods of a like name.
        near: Vec<String>,
    },
    /// There are several.
    #[error("'{name}' matches {count} pods:")]
    Ambiguous {
        /// As it was asked for.
        name: String,
        /// How many.
        count: usize,
        /// A line about each of the first.
        candidates: Vec<String>,
    },
}

impl From<StoreError> for SelectError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// How many candidates or near names an error lists.
const LISTED_MAX: usize = 20;
const NEAR_NAMES_MAX: usize = 5;
/// Names less alike than this are not suggested.
const NEAR_ENOUGH: f64 = 0.7;

/// The pods asked for, whatever their labels, in the order of the arguments; within one by namespace, name and first
/// observation.
///
/// # Errors
/// When a name fits none or several, when the store cannot be read.
pub fn pods(reading: &Reading<'_>, selection: &Selection) -> Result<Vec<PodRow>, SelectError> {
    let reader = reading.reader();
    if selection.pods.is_empty() {
        let mut rows = reader.all_pods()?;
        rows.retain(|row| selection.admits(&row.identity));
        return Ok(known(reading, rows)?);
    }
    let mut rows: Vec<PodRow> = Vec::new();
    let mut taken: BTreeSet<i64> = BTreeSet::new();
    for pattern in &selection.pods {
        let mut found = known(reading, find(reader, pattern)?)?;
        found.retain(|row| selection.admits(&row.identity));
        if found.is_empty() {
            return Err(unknown(reader, pattern)?);
        }
        if found.len() > 1 && pattern.exact_name().is_some() && !selection.all {
            return Err(ambiguous(reading, pattern, &found)?);
        }
        found.retain(|row| taken.insert(row.id));
        rows.extend(found);
    }
    Ok(rows)
}

/// The one pod asked for: of several of its name the one that is meant.
///
/// # Errors
/// When it is none or several, when the store cannot be read.
pub fn the_pod<'a>(
    reading: &'a Reading<'a>,
    selection: &Selection,
    is_meant: impl Fn(&StoredHistory<'_>) -> bool,
) -> Result<StoredHistory<'a>, SelectError> {
    let rows = pods(reading, selection)?;
    let mut histories =
        rows.iter().map(|row| reading.pod(row)).collect::<Result<Vec<StoredHistory<'a>>, ReadError>>()?;
    if histories.iter().filter(|history| is_meant(history)).count() == 1 {
        histories.retain(|history| is_meant(history));
    }
    let found = <[StoredHistory<'a>; 1]>::try_from(histories);
    found.map(|[history]| history).or_else(|_| Err(not_one(reading, selection, &rows)?))
}

/// The only one of the pods that one name fits.
///
/// # Errors
/// When there is none or there are several, when the store cannot be read.
pub fn one_of(reading: &Reading<'_>, selection: &Selection, rows: Vec<PodRow>) -> Result<PodRow, SelectError> {
    let found = <[PodRow; 1]>::try_from(rows);
    found.map(|[row]| row).or_else(|rows| Err(not_one(reading, selection, &rows)?))
}

fn not_one(reading: &Reading<'_>, selection: &Selection, rows: &[PodRow]) -> Result<SelectError, ReadError> {
    match selection.pods.first() {
        Some(pattern) => ambiguous(reading, pattern, rows),
        None => Ok(SelectError::Unknown { name: String::new(), near: Vec::new() }),
    }
}

/// Whether a pod was there at the moment.
#[must_use]
pub fn was_there(history: &StoredHistory<'_>, at: Option<ObservedAt>) -> bool {
    history.is_there(at)
}

/// Whether a pod is asked for by what its objects tell: labels and owner as they were last, the node, and a STATUS that it
/// had at some time.
///
/// # Errors
/// When the store cannot be read.
pub fn is_asked_for(
    reading: &Reading<'_>,
    selection: &Selection,
    history: &StoredHistory<'_>,
) -> Result<bool, ReadError> {
    if !selection.needs_objects() {
        return Ok(true);
    }
    let Some(newest) = history.revisions.last() else { return Ok(false) };
    if selection.needs_ownership() && !selection.admits_ownership(&ownership_at(reading, history, newest)?) {
        return Ok(false);
    }
    if selection.node.is_some() && !selection.admits_node(node_of(history)?.as_deref()) {
        return Ok(false);
    }
    selection.status.as_ref().map_or(Ok(true), |status| had_status(reading, history, status))
}

/// The node of a pod: once it has one, it keeps it.
fn node_of(history: &StoredHistory<'_>) -> Result<Option<Box<str>>, ReadError> {
    for revision in history.revisions.iter().rev() {
        if let Some(node) = &history.pod(revision)?.spec.node_name {
            return Ok(Some(node.clone()));
        }
    }
    Ok(None)
}

fn had_status(reading: &Reading<'_>, history: &StoredHistory<'_>, wanted: &NamePattern) -> Result<bool, ReadError> {
    let features = reading.told(history)?.releases.likely();
    for event in history.each_event() {
        let event = event?;
        if wanted.matches(&columns_as_known(&event.pod, &event.provenance, features).status) {
            return Ok(true);
        }
        if history.revisions.len() > EVENTS_HELD {
            reading.bodies().pass(event.seq);
        }
    }
    Ok(false)
}

/// The moment asked for, typed by the clocks of a zone; the end of what is recorded if none is. `None` if nothing recorded has a time.
///
/// # Errors
/// When the store cannot be read.
pub fn moment(reader: &Reader<'_>, moment: Option<Moment>, zone: Zone) -> Result<Option<ObservedAt>, StoreError> {
    let bounds = bounds(reader)?;
    Ok(match (moment, bounds) {
        (Some(Moment::Absolute(at)), _) => Some(at),
        (Some(moment), Some((first, last))) => Some(moment.resolve(first, last, zone)),
        (None, Some((_, last))) => Some(last),
        (_, None) => None,
    })
}

/// The earliest and the latest time that is recorded.
///
/// # Errors
/// When the store cannot be read.
pub fn bounds(reader: &Reader<'_>) -> Result<Option<(ObservedAt, ObservedAt)>, StoreError> {
    let at = ObservedAt::from_micros;
    Ok(reader.stamp_bounds()?.map(|(first, last)| (at(first), at(last))))
}

fn find(reader: &Reader<'_>, pattern: &Pattern) -> Result<Vec<PodRow>, StoreError> {
    let Some(name) = pattern.exact_name() else {
        let mut rows = reader.all_pods()?;
        rows.retain(|row| pattern.matches(&row.identity));
        return Ok(rows);
    };
    let mut rows = reader.pods_named(name)?;
    rows.retain(|row| pattern.matches(&row.identity));
    if rows.is_empty() {
        rows = reader.pods_with_uid(name)?;
        rows.retain(|row| pattern.matches_uid(&row.identity));
    }
    Ok(rows)
}

/// All pods that are recorded.
///
/// # Errors
/// When the log cannot be read.
pub fn recorded(reading: &Reading<'_>) -> Result<Vec<PodRow>, ReadError> {
    known(reading, reading.reader().all_pods()?)
}

/// Without the names whose records without a uid are all about pods that are known.
fn known(reading: &Reading<'_>, mut rows: Vec<PodRow>) -> Result<Vec<PodRow>, ReadError> {
    let mut failed = Ok(());
    rows.retain(|row| {
        let is_known =
            || Ok::<bool, ReadError>(is_of_incarnation(&row.identity.uid) || !reading.records_of(row)?.is_empty());
        is_known().unwrap_or_else(|error| {
            failed = Err(error);
            false
        })
    });
    failed?;
    Ok(rows)
}

fn ambiguous(reading: &Reading<'_>, pattern: &Pattern, found: &[PodRow]) -> Result<SelectError, ReadError> {
    let several_clusters = found.iter().any(|row| row.cluster != found[0].cluster);
    let mut candidates = Vec::new();
    for row in found.iter().take(LISTED_MAX) {
        let PodIdentity { namespace, name, uid, cluster } = &row.identity;
        let cluster = if several_clusters { format!("  cluster {cluster}") } else { String::new() };
        let revisions = reading.pod(row)?.revisions;
        let mut times = revisions.iter().filter_map(|revision| revision.window.at);
        let span = times.next().map(|first| format!("  {first} to {}", times.next_back().unwrap_or(first)));
        let uid = uid.get(..8).unwrap_or(uid);
        candidates.push(format!("{namespace}/{name}@{uid}{cluster}{}", span.unwrap_or_default()));
    }
    if found.len() > LISTED_MAX {
        candidates.push(format!("and {} more", found.len() - LISTED_MAX));
    }
    Ok(SelectError::Ambiguous { name: pattern.text.clone(), count: found.len(), candidates })
}

fn unknown(reader: &Reader<'_>, pattern: &Pattern) -> Result<SelectError, StoreError> {
    let wanted = pattern.text.rsplit('/').next().unwrap_or(&pattern.text);
    let likeness = |row: PodRow| {
        let PodIdentity { namespace, name, .. } = row.identity;
        (strsim::jaro_winkler(wanted, &name), format!("{namespace}/{name}"))
    };
    let mut near: Vec<(f64, String)> = reader.all_pods()?.into_iter().map(likeness).collect();
    near.retain(|(likeness, _)| *likeness >= NEAR_ENOUGH);
    near.sort_by(|(left, left_name), (right, right_name)| {
        right.total_cmp(left).then_with(|| left_name.cmp(right_name))
    });
    near.dedup_by(|left, right| left.1 == right.1);
    near.truncate(NEAR_NAMES_MAX);
    let near = near.into_iter().map(|(_, name)| name).collect();
    Ok(SelectError::Unknown { name: pattern.text.clone(), near })
}
