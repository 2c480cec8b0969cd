//! The facts of a record that follow from those before it, drawn as it is appended: does it begin a list of pods that its
//! recording knew, does it show a revision that no record showed before, and what its version proves of time.

use super::ingest_error::IngestError;
use super::recent::Recent;
use crate::history::{Skyline, TimeBound};
use crate::model::time::SECOND_US;
use crate::model::{Clock, EventKind, ObservedAt, StampedAt};
use crate::store::{Log, Spans, VersionKey};

/// Where a pod record stands.
pub(super) struct RecordPlace<'a> {
    pub(super) seq: i64,
    pub(super) recording: i64,
    pub(super) cluster: i64,
    pub(super) pod: i64,
    pub(super) is_new_pod: bool,
    /// It tells of a write, not of what was there when somebody looked.
    pub(super) is_write: bool,
    pub(super) version: Option<&'a VersionKey>,
    /// What the write did not happen before, and whose clock says so.
    pub(super) stamp: Option<StampedAt>,
    pub(super) clock: Clock,
    pub(super) stated: Option<(ObservedAt, Clock)>,
}

/// The order of the revisions of one pod.
type RevisionKey = (VersionKey, bool);

/// What a record adds to what the log knows of its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Novelty {
    /// A revision that follows on those known.
    Next,
    /// A revision between those known.
    Between,
    /// A revision that another record showed already.
    Again {
        /// Whether one of those stands for it, whatever the recordings are that they belong to.
        is_shown_better: bool,
    },
}

/// Follows an ingest.
pub(super) struct Facts<'a> {
    log: &'a Log,
    /// The newest revision of each pod.
    newest: Recent<Option<RevisionKey>>,
    added_run: AddedRun,
    /// The records that the recording goes on from.
    own: Spans,
    /// The first record of the recording, or of what it goes on from.
    begins: i64,
    bounds: Vec<TimeBound>,
    /// The last of them: a later version with a time no later says nothing more.
    last_bound: Option<(VersionKey, StampedAt)>,
}

/// The run of ADDED that a recording is in.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum AddedRun {
    #[default]
    Outside,
    /// It began at this record.
    Inside(i64),
    /// It is known to be a new list.
    Noted,
}

/// How many pods are remembered.
const PODS_MAX: usize = 50_000;

/// An answer that shows an object older than this may show what was written before the request.
pub(super) const FRESH_US: i64 = 2 * SECOND_US;

impl<'a> Facts<'a> {
    pub(super) fn new(log: &'a Log) -> Self {
        Self {
            log,
            newest: Recent::new(PODS_MAX),
            added_run: AddedRun::default(),
            own: Spans::default(),
            begins: 0,
            bounds: Vec::new(),
            last_bound: None,
        }
    }

    /// Forgets what it knows of the pods: another process has written.
    pub(super) fn forget(&mut self) {
        self.newest.clear();
    }

    /// Begins a recording that goes on from no other, with the record at this position.
    pub(super) fn begin(&mut self, first: i64) {
        self.own = Spans::default();
        self.begins = first;
        self.added_run = AddedRun::Outside;
    }

    /// Goes on behind a batch of the log: its last records may have been a run of ADDED.
    pub(super) fn resume(&mut self, batch: i64) -> Result<(), IngestError> {
        self.own = self.log.reader().spans_behind(batch)?;
        self.begins = self.own.begin();
        self.added_run = match self.log.added_run(&self.own)? {
            None => AddedRun::Outside,
            Some((first, false)) => AddedRun::Inside(first),
            Some((_, true)) => AddedRun::Noted,
        };
        Ok(())
    }

    /// Takes a pod record that is about to be appended.
    pub(super) fn take_pod(&mut self, place: &RecordPlace<'_>, kind: &EventKind) -> Result<Novelty, IngestError> {
        self.follow_added(place, kind)?;
        self.take_time(place);
        let Some(version) = place.version else { return Ok(Novelty::Next) };
        let key = (version.clone(), *kind == EventKind::Deleted);
        if !self.newest.contains(place.pod) {
            let known = if place.is_new_pod { None } else { self.log.newest_version(place.pod)? };
            self.newest.insert(place.pod, known);
        }
        let newest = self.newest.get(place.pod).expect("it was put there if it was missing");
        if newest.as_ref().is_none_or(|newest| *newest < key) {
            *newest = Some(key);
            return Ok(Novelty::Next);
        }
        let shown = self.log.has_write(place.pod, version, key.1, place.seq)?;
        // Of records with one clock the first of its recording counts; between recordings their content decides.
        // Of an audit log a write stands before who read it, wherever it stands.
        let is_first =
            |recording: i64| recording == place.recording && !matches!(place.stated, Some((_, Clock::Audit)));
        let is_better =
            |(recording, clock): &(i64, Clock)| *clock < place.clock || *clock == place.clock && is_first(*recording);
        let is_shown_better = shown.iter().any(is_better);
        Ok(if shown.is_empty() { Novelty::Between } else { Novelty::Again { is_shown_better } })
    }

    fn take_time(&mut self, place: &RecordPlace<'_>) {
        let (Some(version), Some(stamp)) = (place.version, place.stamp) else { return };
        if self.last_bound.as_ref().is_some_and(|(last, at)| last < version && *at >= stamp) {
            return;
        }
        self.bounds.extend(time_bound(place));
        self.last_bound = Some((version.clone(), stamp));
    }

    /// Takes a record that shows no pod. It ends a run of ADDED, unless it may stand within one.
    pub(super) fn take_other(&mut self, kind: &EventKind) {
        if !kind.is_aside() {
            self.added_run = AddedRun::Outside;
        }
    }

    /// What the records of a batch prove of time.
    pub(super) fn end_batch(&mut self) -> Skyline {
        self.last_bound = None;
        Skyline::new(std::mem::take(&mut self.bounds))
    }

    /// A run of ADDED with a pod that the recording knows alive is a new list: the watch was begun anew.
    fn follow_added(&mut self, place: &RecordPlace<'_>, kind: &EventKind) -> Result<(), IngestError> {
        // The ADDED of an audit log is a creation, not the beginning of a watch.
        if *kind != EventKind::Added || matches!(place.stated, Some((_, Clock::Audit))) {
            self.take_other(kind);
            if *kind == EventKind::Added {
                self.added_run = AddedRun::Outside;
            }
            return Ok(());
        }
        let first = match self.added_run {
            AddedRun::Noted => return Ok(()),
            AddedRun::Inside(first) => first,
            AddedRun::Outside => place.seq,
        };
        self.added_run = AddedRun::Inside(first);
        let earlier = self.begins..place.seq;
        if !place.is_new_pod && self.log.knows_alive(&self.own, place.recording, place.pod, earlier)? {
            self.log.note_relist(first)?;
            self.added_run = AddedRun::Noted;
        }
        Ok(())
    }
}

/// What a record proves of its version: not before the newest time in it, or, of an audit log, before the request came in;
/// there the API server's word that it was written then.
fn time_bound(place: &RecordPlace<'_>) -> Option<TimeBound> {
    let (version, stamp) = (place.version?.to_version()?, place.stamp?);
    let is_fresh_answer = match place.stated {
        Some((at, Clock::Audit)) => place.is_write && at.micros() - stamp.micros() <= FRESH_US,
        Some(_) | None => false,
    };
    let is_stamped = is_fresh_answer || place.clock == Clock::ManagedFields;
    Some(TimeBound { version, at: ObservedAt::from_micros(stamp.micros()), is_stamped })
}
