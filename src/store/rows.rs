//! The rows of the log as they are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Row;

use super::version_key::VersionKey;
use crate::model::{AuditFact, Clock, EventKind, ObservedAt, PodIdentity, RecordLifecycle};

/// A batch of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRow {
    /// Its row.
    pub id: i64,
    /// Its recording.
    pub recording: i64,
    /// The batch before it.
    pub parent: Option<i64>,
    /// What stands for all records up to its end.
    pub hash: [u8; 32],
    /// Its first record.
    pub first_seq: i64,
    /// How many records it has.
    pub records: i64,
    /// How many bytes they have.
    pub bytes: i64,
    /// The first and the last time that they state, in microseconds.
    pub stated: Option<(i64, i64)>,
    /// How many of its records are about pods.
    pub of_pods: i64,
}

impl BatchRow {
    /// The position behind its last record.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.first_seq.saturating_add(self.records)
    }
}

pub(super) fn batch_row(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    let stated: (Option<i64>, Option<i64>) = (row.get(7)?, row.get(8)?);
    Ok(BatchRow {
        id: row.get(0)?,
        recording: row.get(1)?,
        parent: row.get(2)?,
        hash: row.get(3)?,
        first_seq: row.get(4)?,
        records: row.get(5)?,
        bytes: row.get(6)?,
        stated: stated.0.zip(stated.1),
        of_pods: row.get(9)?,
    })
}

/// A pod of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodRow {
    /// Its row.
    pub id: i64,
    /// Its cluster's row.
    pub cluster: i64,
    /// Which pod it is.
    pub identity: PodIdentity,
}

/// What a recording is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordingLabel {
    /// The cluster it was taken from.
    pub cluster: String,
    /// The file that it was.
    pub name: String,
    /// The format of that file.
    pub format: String,
}

/// A record related to pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedRow {
    /// Its position.
    pub seq: i64,
    /// What it is.
    pub kind: EventKind,
    /// The uid of the pod that it is about, if it says so, or of the node.
    pub uid: String,
    /// The time that it states.
    pub at: Option<ObservedAt>,
    /// The row of who made the write.
    pub actor: Option<i64>,
}

/// A record's row, for going through the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFacts {
    /// Its position.
    pub seq: i64,
    /// What it says of its object.
    pub kind: EventKind,
    /// The pod's row.
    pub pod: Option<i64>,
    /// The version it shows.
    pub version: Option<VersionKey>,
    /// Its line in the input, from 1.
    pub line: i64,
    /// The newest time in it, in microseconds.
    pub stamp: Option<i64>,
    /// Whose clock that is.
    pub clock: Clock,
    /// The time that its format states, in microseconds, and whose clock that is.
    pub stated: Option<(i64, Clock)>,
    /// Whether it begins or ends a pod's life, as far as it says so by itself.
    pub lifecycle: Option<RecordLifecycle>,
    /// What it adds to the sums of an audit log.
    pub audited: Option<AuditFact>,
    /// The row of who made the write.
    pub actor: Option<i64>,
    /// The recording that it belongs to.
    pub recording: i64,
}

/// The stated time in a column, with the clock in the next.
pub(super) fn stated(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<(i64, Clock)>> {
    let at: Option<i64> = row.get(column)?;
    let clock = row.get_ref(column + 1)?.as_str_or_null()?;
    Ok(at.map(|at| (at, Clock::of_word(clock))))
}

pub(super) fn record_facts(row: &Row<'_>) -> rusqlite::Result<RecordFacts> {
    let word = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
    Ok(RecordFacts {
        seq: row.get(0)?,
        kind: EventKind::from(word(1)?.unwrap_or_default()),
        pod: row.get(2)?,
        version: row.get(3)?,
        line: row.get(4)?,
        stamp: row.get(5)?,
        clock: Clock::of_word(word(6)?),
        stated: stated(row, 7)?,
        lifecycle: word(9)?.and_then(RecordLifecycle::of_word),
        audited: word(10)?.and_then(AuditFact::of_words),
        actor: row.get(11)?,
        recording: 0,
    })
}

pub(super) fn pod_row(row: &Row<'_>, clusters: &BTreeMap<i64, Arc<str>>) -> rusqlite::Result<PodRow> {
    let cluster = row.get(1)?;
    let identity = PodIdentity {
        cluster: clusters.get(&cluster).cloned().unwrap_or_default(),
        uid: row.get(2)?,
        namespace: row.get(3)?,
        name: row.get(4)?,
    };
    Ok(PodRow { id: row.get(0)?, cluster, identity })
}
