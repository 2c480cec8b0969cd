//! A record of the log without its bytes: the facts that were drawn from it when it was appended.

use super::event::{Clock, EventKind};
use super::id::{ResourceVersion, Seq};
use super::time::{ObservedAt, StampedAt};

/// What the log knows of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its position.
    pub seq: Seq,
    /// What it says of its object.
    pub kind: EventKind,
    /// The version it shows, in its plainest spelling.
    pub resource_version: Option<ResourceVersion>,
    /// Its line in the input, from 1.
    pub line: i64,
    /// The newest time in the object; of a request, when it came in.
    pub stamp: Option<StampedAt>,
    /// Whose clock that is.
    pub clock: Clock,
    /// The time that its format states, and whose clock that is.
    pub stated: Option<(ObservedAt, Clock)>,
    /// The recording that it belongs to.
    pub recording: i64,
    /// The place of that recording among those that records are compared of, by what it holds and not by when it was ingested.
    pub recording_rank: usize,
    /// Whether it begins or ends a pod's life, as far as it says so by itself.
    pub lifecycle: Option<RecordLifecycle>,
    /// The row of who made the write, where an audit log tells.
    pub actor: Option<i64>,
}

/// What one record says of the beginning and the end of a pod's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordLifecycle {
    /// The object is as its creation left it, or the request asks for its creation.
    Creation,
    /// The request asks for the deletion of the whole pod: a delete or an eviction.
    Deletion,
}

impl RecordLifecycle {
    /// The word used in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Deletion => "deletion",
        }
    }

    /// The value of a word of SQL.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Creation, Self::Deletion].into_iter().find(|lifecycle| lifecycle.as_str() == word)
    }
}

impl StoredRecord {
    /// Where it stands among all records, whichever recording was ingested first: within one in the order of the capture.
    #[must_use]
    pub fn place(&self) -> (usize, Seq) {
        (self.recording_rank, self.seq)
    }

    /// The newest time in the object, taken for the observer's: nothing in it happened later.
    #[must_use]
    pub fn not_before(&self) -> Option<ObservedAt> {
        self.stamp.map(|at| ObservedAt::from_micros(at.micros()))
    }

    /// The time that the format states.
    #[must_use]
    pub fn stated_at(&self) -> Option<ObservedAt> {
        self.stated.map(|(at, _)| at)
    }

    /// An audit log tells of the write, and states when that was answered; of an object that was read only when that was.
    #[must_use]
    pub fn is_of_audit(&self) -> bool {
        matches!(self.stated, Some((_, Clock::Audit))) && self.kind != EventKind::Observed
    }
}

/// The record at a position, of records in the order of the log.
#[must_use]
pub fn record_at(records: &[StoredRecord], seq: Seq) -> Option<&StoredRecord> {
    records_at(records, seq).first()
}

/// The record at a position once for each recording that holds it: one that goes on from another shares records with it.
#[must_use]
pub fn records_at(records: &[StoredRecord], seq: Seq) -> &[StoredRecord] {
    let first = records.partition_point(|record| record.seq < seq);
    let count = records[first..].iter().take_while(|record| record.seq == seq).count();
    &records[first..first + count]
}
