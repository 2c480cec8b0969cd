//! What the records of a batch come to: kept beside the batch, so that nobody has to go through its records for it.

use std::collections::BTreeSet;

use rusqlite::Row;

use super::append::{RecordRow, Writer};
use super::error::StoreError;
use super::followers::BatchPlace;
use super::log_table::SUMMARY;
use super::packed::{pack_bounds, pack_numbers};
use super::read::Reader;
use super::seal::Group;
use super::version_key::VersionKey;
use crate::history::Skyline;
use crate::model::EventKind;

/// The sums of the records of a batch, as they are appended.
#[derive(Debug, Default)]
pub struct BatchSummary {
    errors: i64,
    /// The newest version that its records show.
    newest: Option<VersionKey>,
    /// It holds what cannot stand within a list, or the ADDED events that a watch begins with.
    has_writes: bool,
    /// The first and the last of the newest times in its objects, in microseconds.
    stamps: Option<(i64, i64)>,
    /// The rows of the pods that it is about.
    pods: BTreeSet<i64>,
}

impl BatchSummary {
    /// Takes a record; `has_uid` says that its pod has one.
    pub fn take(&mut self, row: &RecordRow<'_>, has_uid: bool) {
        self.errors += i64::from(*row.kind == EventKind::Error);
        self.newest = std::mem::take(&mut self.newest).max(row.version.cloned());
        self.has_writes |= is_write(row.kind);
        if let Some(stamp) = row.stamp {
            let (first, last) = self.stamps.unwrap_or((stamp, stamp));
            self.stamps = Some((first.min(stamp), last.max(stamp)));
        }
        self.pods.extend(row.pod.filter(|_| has_uid));
    }
}

/// The summary of a batch as it is read.
pub(super) struct SummaryRow {
    pub(super) batch: i64,
    pub(super) cluster: i64,
    pub(super) errors: i64,
    pub(super) newest: Option<VersionKey>,
    pub(super) has_writes: bool,
    pub(super) stamps: Option<(i64, i64)>,
    /// Packed.
    pub(super) pods: Vec<u8>,
    /// Packed.
    pub(super) time_bounds: Vec<u8>,
    /// Packed.
    pub(super) ends: Option<Vec<u8>>,
}

fn summary_row(row: &Row<'_>) -> rusqlite::Result<SummaryRow> {
    let stamps: (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
    Ok(SummaryRow {
        batch: row.get(0)?,
        cluster: row.get(1)?,
        errors: row.get(2)?,
        newest: row.get(3)?,
        has_writes: row.get(4)?,
        stamps: stamps.0.zip(stamps.1),
        pods: row.get(7)?,
        time_bounds: row.get(8)?,
        ends: row.get(9)?,
    })
}

/// What stands among the ADDED events that a watch begins with, they included.
pub(super) fn may_stand_within_added(kind: &EventKind) -> bool {
    *kind == EventKind::Added || kind.is_aside()
}

/// What comes after them. An ERROR shows no version, and the watch that begins again after it lists again.
pub(super) fn is_write(kind: &EventKind) -> bool {
    *kind != EventKind::Error && !may_stand_within_added(kind)
}

impl Writer<'_> {
    /// Adds what the records of a batch of a cluster come to, and what they prove of time.
    pub fn summary(
        &self,
        (place, cluster): (BatchPlace, i64),
        summary: &BatchSummary,
        bounds: &Skyline,
    ) -> Result<(), StoreError> {
        let BatchSummary { errors, newest, has_writes, stamps, pods } = summary;
        let (first, last) = (stamps.map(|(first, _)| first), stamps.map(|(_, last)| last));
        let (pods, packed) = (pack_numbers(pods.iter().copied()), pack_bounds(bounds.bounds()));
        let ends = self.log.reader().ends_to_keep(place.batch.unwrap_or_default(), (cluster, bounds.bounds()))?;
        self.log.add_row(
            &SUMMARY,
            &[&place.batch, &cluster, errors, newest, has_writes, &first, &last, &pods, &packed, &ends],
            &[Group::Summaries { cluster }],
        )
    }
}

impl Reader<'_> {
    /// The summaries of the batches of a cluster, in the order of the log.
    pub(super) fn summaries(&self, cluster: i64) -> Result<Vec<SummaryRow>, StoreError> {
        let of_cluster = "WHERE cluster = ?1 ORDER BY batch";
        self.whole(Group::Summaries { cluster }, &SUMMARY, of_cluster, [cluster], summary_row)
    }

    /// The summaries of the batches after one up to another, of all clusters: the rows of batches are numbered from 1.
    pub(super) fn summaries_between(&self, after: i64, until: i64) -> Result<Vec<SummaryRow>, StoreError> {
        let between = "WHERE batch > ?1 AND batch <= ?2 ORDER BY batch";
        let (found, _) = self.checked(&SUMMARY, between, [after, until], summary_row)?;
        if found.iter().map(|summary| summary.batch).eq(after + 1..=until) {
            Ok(found)
        } else {
            Err(self.log.damaged(format!("a summary of the batches {} to {until} is not there", after + 1)))
        }
    }

    /// What was packed in a summary, or that it is damaged.
    pub(super) fn unpacked<T>(&self, summary: &SummaryRow, unpacked: Option<T>) -> Result<T, StoreError> {
        unpacked.ok_or_else(|| self.log.damaged(format!("the summary of batch {} cannot be read", summary.batch)))
    }
}
