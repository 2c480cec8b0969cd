//! Keeps the projection in step with the log: the same replay, event by event as they are appended, and anew for a pod
//! that gets events in between.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::history::{NO_WINDOW, events_among, events_of};
use super::ingest::IngestError;
use super::namesakes::records_of;
use crate::model::time::SECOND_US;
use crate::model::{Clock, EventKind, Known, ObservedAt, Pod, PodUid, Seq, StampedAt, Target, WatchEvent};
use crate::replay::{Evidence, PodState, Transition, step};
use crate::store::projection::WordCache;
use crate::store::{Log, PodRow, Reader, StoredRecord, TransitionRow, VersionKey};

/// What is remembered of a pod between two of its records.
#[derive(Default)]
struct Track {
    state: PodState,
    last: Option<WriteKey>,
    /// Some of its writes are told by requests only: where they belong is found out anew with each record.
    has_requests: bool,
    /// Of a pod that one audit log tells of in order: its last answer, and what was asked since.
    answered: Option<Answered>,
}

/// The last write of a pod that an audit log shows, and the requests behind it, which wait for the next: the stamps that
/// the API server made when it granted them are in that.
struct Answered {
    last: StoredRecord,
    /// When the newest of the answered requests had come in.
    begun_at: Option<ObservedAt>,
    waiting: Vec<StoredRecord>,
}

/// The order of the writes to one pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct WriteKey {
    version: VersionKey,
    is_deletion: bool,
}

/// Follows an ingest.
pub(super) struct Projector<'a> {
    log: &'a Log,
    reader: Reader<'a>,
    tracks: HashMap<i64, Track>,
    words: WordCache,
    out_of_order: BTreeSet<i64>,
    newest_tick: Option<(i64, VersionKey, i64)>,
    added_run: AddedRun,
    pods: HashMap<PodUid, i64>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum AddedRun {
    #[default]
    Outside,
    /// It began at this record.
    Inside(i64),
    /// It is known to be a new list.
    Told,
}

/// How many pods are remembered. The others are read from the log when they change.
const TRACKS_MAX: usize = 10_000;

/// How many ids are remembered.
const PODS_MAX: usize = 50_000;

/// What the projector made of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sighted {
    /// A write not known before.
    New,
    /// A write that another record showed already.
    Again,
}

impl<'a> Projector<'a> {
    pub(super) fn new(log: &'a Log) -> Self {
        Self {
            log,
            reader: log.reader(),
            tracks: HashMap::new(),
            words: WordCache::default(),
            out_of_order: BTreeSet::new(),
            newest_tick: None,
            added_run: AddedRun::default(),
            pods: HashMap::new(),
        }
    }

    /// Forgets everything: another process has written.
    pub(super) fn forget(&mut self) {
        *self = Self { added_run: self.added_run, ..Self::new(self.log) };
    }

    /// Picks up a recording in the middle: its last records may have been a run of ADDED.
    pub(super) fn resume(&mut self, recording: i64) -> Result<(), IngestError> {
        self.added_run = match self.log.added_run(recording)? {
            None => AddedRun::Outside,
            Some((first, false)) => AddedRun::Inside(first),
            Some((_, true)) => AddedRun::Told,
        };
        Ok(())
    }

    /// The row of a pod, if it is remembered.
    pub(super) fn known_pod(&self, uid: &PodUid) -> Option<i64> {
        self.pods.get(uid).copied()
    }

    /// Remembers the row of a pod.
    pub(super) fn remember_pod(&mut self, uid: &PodUid, id: i64) {
        if !self.pods.contains_key(uid) {
            if self.pods.len() >= PODS_MAX {
                self.pods.clear();
            }
            self.pods.insert(uid.clone(), id);
        }
    }

    /// Takes a pod record that is about to be appended at `seq`.
    pub(super) fn take(
        &mut self,
        place: &RecordPlace<'_>,
        kind: &EventKind,
        pod: Pod,
        evidence: Evidence,
    ) -> Result<Sighted, IngestError> {
        self.follow_added(place, kind)?;
        let key = place
            .version
            .map(|version| WriteKey { version: version.clone(), is_deletion: *kind == EventKind::Deleted });
        let stamp = place.stamp.map(|at| at.micros());
        if let (Some(version), Some((at, clock))) = (place.version, tick_of(stamp, evidence.clock, place.stated)) {
            self.note_tick(place.cluster, version, at, clock)?;
        }
        if !self.tracks.contains_key(&place.pod) {
            let track = if place.is_new_pod { self.begin(place.cluster, &pod)? } else { self.load(place.pod)? };
            self.tracks.insert(place.pod, track);
        }
        let track = self.tracks.get_mut(&place.pod).expect("it was put there if it was missing");
        if track.has_requests {
            self.out_of_order.insert(place.pod);
        }
        if self.out_of_order.contains(&place.pod) || key.is_some() && track.last.is_some() && key <= track.last {
            // A better sighting of the newest write, or a write from before: the pod is replayed when the batch ends.
            let is_known = match &key {
                Some(key) => self.log.has_write(place.pod, &key.version, key.is_deletion, place.seq)?,
                None => None,
            };
            return Ok(match is_known {
                Some(best) => {
                    if evidence.clock < best {
                        self.out_of_order.insert(place.pod);
                    }
                    Sighted::Again
                }
                None => {
                    self.out_of_order.insert(place.pod);
                    Sighted::New
                }
            });
        }
        if key.is_some() {
            track.last = key;
        }
        let answer = place.as_answer(kind, evidence);
        if !follow_answers(&mut track.answered, answer.as_ref(), track.state.pod.is_none()) {
            self.out_of_order.insert(place.pod);
            return Ok(Sighted::New);
        }
        if let (Some(answered), Some(answer)) = (&mut track.answered, answer) {
            let requests = std::mem::take(&mut answered.waiting);
            let before = std::mem::replace(&mut answered.last, answer);
            if !requests.is_empty() {
                let target = target_of(&pod);
                let events = granted_between(&self.reader, &before, requests, &answered.last, target)?;
                for event in events {
                    let step = step(std::mem::take(&mut track.state), event);
                    track.state = step.after;
                    self.log.add_transitions(&step.transitions, &mut self.words)?;
                }
            }
        }
        let event = WatchEvent { seq: Seq(place.seq), kind: kind.clone(), window: NO_WINDOW, pod, known: Known::Shown };
        let step = step(std::mem::take(&mut track.state), event);
        track.state = step.after;
        self.log.add_transitions(&step.transitions, &mut self.words)?;
        Ok(Sighted::New)
    }

    /// Takes a request about a pod that is about to be appended. Where it follows on what is known it waits for the next
    /// answer; else the pod is replayed when the batch ends.
    pub(super) fn take_request(&mut self, pod: i64, request: StoredRecord) {
        self.added_run = AddedRun::Outside;
        if let Some(track) = self.tracks.get_mut(&pod) {
            let is_next = |answered: &&mut Answered| {
                let begun_at = observed(request.stamp);
                let earlier = answered.waiting.last().map_or(answered.begun_at, |last| observed(last.stamp));
                let is_audit = matches!(request.stated, Some((_, Clock::Audit)));
                is_audit && !track.has_requests && earlier <= begun_at
            };
            if let Some(answered) = track.answered.as_mut().filter(is_next)
                && !self.out_of_order.contains(&pod)
            {
                // Of a pod that is gone nothing can be asked: it was asked before.
                if !track.state.is_deleted {
                    answered.waiting.push(request);
                }
                return;
            }
            track.has_requests = true;
        }
        self.out_of_order.insert(pod);
    }

    /// A record that is about the stream ends a run of ADDED; a bookmark may stand within one.
    pub(super) fn pass(&mut self, kind: &EventKind) {
        if !matches!(kind, EventKind::Bookmark | EventKind::CoreEvent | EventKind::Node) {
            self.added_run = AddedRun::Outside;
        }
    }

    /// Replays the pods that got events in between. To be called when a batch is appended, before it is committed.
    pub(super) fn settle(&mut self) -> Result<(), IngestError> {
        // What waits for its next answer beyond this batch is granted without it, and again when it is there.
        for (pod, track) in &mut self.tracks {
            if track.answered.take_if(|answered| !answered.waiting.is_empty()).is_some() {
                track.has_requests = true;
                self.out_of_order.insert(*pod);
            }
        }
        let mut rows: BTreeMap<i64, PodRow> = BTreeMap::new();
        for pod in std::mem::take(&mut self.out_of_order) {
            // What tells no uid may be about any incarnation of its name.
            let namesakes = self.reader.namesakes(pod)?;
            let has_nameless = namesakes.iter().any(|row| row.identity.uid.is_empty());
            rows.extend(namesakes.into_iter().filter(|row| has_nameless || row.id == pod).map(|row| (row.id, row)));
        }
        for pod in rows.keys() {
            self.log.drop_transitions(*pod)?;
            self.tracks.remove(pod);
        }
        for row in rows.values() {
            self.project(row)?;
        }
        if self.tracks.len() > TRACKS_MAX {
            self.tracks.retain(|_, track| !track.state.is_deleted);
            // Still too many: half of the room is for those to come. Which ones go does not matter for what is written.
            if self.tracks.len() > TRACKS_MAX / 2 {
                self.tracks.clear();
            }
        }
        Ok(())
    }

    /// Projects the transitions of one pod from the log.
    pub(super) fn project(&mut self, row: &PodRow) -> Result<(), IngestError> {
        let mut state = PodState::default();
        for event in events_of(&self.reader, row, &records_of(&self.reader, row)?)? {
            let step = step(state, event);
            state = step.after;
            self.log.add_transitions(&step.transitions, &mut self.words)?;
        }
        Ok(())
    }

    fn begin(&self, cluster: i64, pod: &Pod) -> Result<Track, IngestError> {
        let identity = target_of(pod).identity("");
        let has_requests = self.reader.has_nameless(&identity, cluster)?;
        Ok(Track { has_requests, ..Track::default() })
    }

    fn load(&self, pod: i64) -> Result<Track, IngestError> {
        let mut track = Track::default();
        let Some(row) = self.reader.pod(pod)? else { return Ok(track) };
        let records = records_of(&self.reader, &row)?;
        track.has_requests = self.reader.has_nameless(&row.identity, row.cluster)?
            || records.iter().any(|record| record.kind == EventKind::Request || record.resource_version.is_none());
        for event in events_of(&self.reader, &row, &records)? {
            track.last = WriteKey::of(&event).or(track.last);
            track.state = step(track.state, event).after;
        }
        Ok(track)
    }

    /// A run of ADDED that tells of a pod the recording knows alive is a new list: the watch was begun anew.
    pub(super) fn follow_added(&mut self, place: &RecordPlace<'_>, kind: &EventKind) -> Result<(), IngestError> {
        // An audit log tells of creations, not of a watch.
        if matches!(place.stated, Some((_, Clock::Audit))) {
            self.added_run = AddedRun::Outside;
            return Ok(());
        }
        match kind {
            EventKind::Added if self.added_run == AddedRun::Told => {}
            EventKind::Added => {
                let first = if let AddedRun::Inside(first) = self.added_run { first } else { place.seq };
                self.added_run = AddedRun::Inside(first);
                if !place.is_new_pod && self.log.knows_alive(place.recording, place.pod, place.seq)? {
                    self.log.note_relist(first)?;
                    self.added_run = AddedRun::Told;
                }
            }
            EventKind::Modified
            | EventKind::Deleted
            | EventKind::Observed
            | EventKind::Error
            | EventKind::ListBegin
            | EventKind::ListEnd
            | EventKind::Request
            | EventKind::WrapBegin
            | EventKind::WrapMiddle
            | EventKind::WrapEnd
            | EventKind::Other(_) => self.added_run = AddedRun::Outside,
            EventKind::Bookmark | EventKind::CoreEvent | EventKind::Node => {}
        }
        Ok(())
    }

    /// Takes note of the time that the object of a version carries.
    pub(super) fn note_tick(
        &mut self,
        cluster: i64,
        version: &VersionKey,
        at: i64,
        clock: Clock,
    ) -> Result<(), IngestError> {
        let says_less =
            |(of, known, known_at): &(i64, VersionKey, i64)| *of == cluster && known < version && *known_at >= at;
        if !self.newest_tick.as_ref().is_some_and(says_less) {
            self.log.note_tick(cluster, version, at, clock)?;
            self.newest_tick = Some((cluster, version.clone(), at));
        }
        Ok(())
    }
}

/// Follows the answers about one pod. Whether they go on in order: what was asked before came in before.
fn follow_answers(answered: &mut Option<Answered>, answer: Option<&StoredRecord>, is_first: bool) -> bool {
    let Some(answer) = answer else {
        return answered.take().is_none_or(|answered| answered.waiting.is_empty());
    };
    let begun_at = observed(answer.stamp);
    match answered {
        Some(answered) => {
            let is_behind = answered.waiting.iter().all(|request| observed(request.stamp) < begun_at);
            answered.begun_at = answered.begun_at.max(begun_at);
            is_behind
        }
        None if is_first => {
            *answered = Some(Answered { last: answer.clone(), begun_at, waiting: Vec::new() });
            true
        }
        // Something else told of the pod before.
        None => true,
    }
}

/// What the requests between two answers made of a pod.
fn granted_between(
    reader: &Reader<'_>,
    before: &StoredRecord,
    requests: Vec<StoredRecord>,
    behind: &StoredRecord,
    target: Target,
) -> Result<Vec<WatchEvent>, IngestError> {
    let records: Vec<StoredRecord> =
        std::iter::once(before.clone()).chain(requests).chain(std::iter::once(behind.clone())).collect();
    let events = events_among(reader, &records, target)?;
    Ok(events.into_iter().filter(|event| event.seq.0 > before.seq && event.seq.0 < behind.seq).collect())
}

fn observed(stamp: Option<StampedAt>) -> Option<ObservedAt> {
    stamp.map(|at| ObservedAt::from_micros(at.micros()))
}

fn target_of(pod: &Pod) -> Target {
    let metadata = &pod.metadata;
    Target { namespace: metadata.namespace.clone(), name: metadata.name.clone(), uid: metadata.uid.0.clone() }
}

impl RecordPlace<'_> {
    /// The record as an answer of the API server; `None` if it is none.
    fn as_answer(&self, kind: &EventKind, evidence: Evidence) -> Option<StoredRecord> {
        let (at, clock) = self.stated.filter(|(_, clock)| *clock == Clock::Audit)?;
        Some(StoredRecord {
            seq: self.seq,
            kind: kind.clone(),
            resource_version: Some(self.version?.to_version()?),
            line: 0,
            stamp: self.stamp,
            clock: evidence.clock,
            stated: Some((ObservedAt::from_micros(at), clock)),
            recording: self.recording,
        })
    }
}

/// Where a pod record stands.
pub(super) struct RecordPlace<'a> {
    pub(super) seq: i64,
    pub(super) recording: i64,
    pub(super) cluster: i64,
    pub(super) pod: i64,
    pub(super) is_new_pod: bool,
    pub(super) version: Option<&'a VersionKey>,
    /// What the write did not happen before.
    pub(super) stamp: Option<StampedAt>,
    pub(super) stated: Option<(i64, Clock)>,
}

/// What a record tells of the time of its version: not before the newest time in it, or, of an audit log, before the request
/// came in; there the API server's word that it was written then.
fn tick_of(stamp: Option<i64>, clock: Clock, stated: Option<(i64, Clock)>) -> Option<(i64, Clock)> {
    match (stated, stamp) {
        (Some((at, Clock::Audit)), Some(stamp)) if at - stamp <= FRESH_US => Some((stamp, Clock::ManagedFields)),
        (_, stamp) => Some((stamp?, clock)),
    }
}

/// An answer that shows an object older than this may show what was written before the request.
pub(super) const FRESH_US: i64 = 2 * SECOND_US;

impl WriteKey {
    fn of(event: &WatchEvent) -> Option<Self> {
        let version = event.resource_version()?;
        Some(Self { version: VersionKey::from(version), is_deletion: event.kind == EventKind::Deleted })
    }
}

/// Makes the projection anew. Returns how many transitions it has.
///
/// # Errors
/// When the store cannot be written or a record in it is damaged; the projection is then as it was.
pub fn rebuild(log: &Log) -> Result<i64, IngestError> {
    let writer = log.write()?;
    log.drop_projection()?;
    let mut projector = Projector::new(log);
    project_all(log, &mut projector)?;
    let count = log.transition_count()?;
    writer.commit()?;
    Ok(count)
}

fn project_all(log: &Log, projector: &mut Projector<'_>) -> Result<(), IngestError> {
    let reader = log.reader();
    for row in reader.all_pods()? {
        projector.project(&row)?;
    }
    let mut after = 0;
    let mut runs: BTreeMap<i64, AddedRun> = BTreeMap::new();
    loop {
        let rows = reader.sightings_after(after, SIGHTINGS_AT_ONCE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        for row in rows {
            projector.added_run = runs.get(&row.recording).copied().unwrap_or_default();
            let (Some(pod), Some(cluster)) = (row.pod, row.cluster) else {
                projector.pass(&row.kind);
                runs.insert(row.recording, projector.added_run);
                continue;
            };
            let version = row.version.as_ref();
            let (seq, recording, stated) = (row.seq, row.recording, row.stated);
            let place = RecordPlace { seq, recording, cluster, pod, is_new_pod: false, version, stamp: None, stated };
            projector.follow_added(&place, &row.kind)?;
            runs.insert(row.recording, projector.added_run);
            if let (Some(version), Some((at, clock))) = (version, tick_of(row.stamp, row.clock, row.stated)) {
                projector.note_tick(cluster, version, at, clock)?;
            }
        }
    }
}

const SIGHTINGS_AT_ONCE: i64 = 10_000;

/// Where the stored projection differs from a fresh replay, in words; empty if nowhere. Nothing is written.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn verify(log: &Log) -> Result<Vec<String>, IngestError> {
    const DIFFERENCES_MAX: usize = 20;
    let reader = log.reader();
    let mut differences = Vec::new();
    for pod in reader.all_pods()? {
        let mut state = PodState::default();
        let mut fresh: Vec<TransitionRow> = Vec::new();
        let records = records_of(&reader, &pod)?;
        let mut stored: Vec<TransitionRow> = Vec::new();
        for row in reader.namesakes(pod.id)? {
            if row.id == pod.id || row.identity.uid.is_empty() {
                stored.extend(log.stored_transitions(row.id)?);
            }
        }
        stored.retain(|row| records.binary_search_by_key(&row.seq, |record| record.seq).is_ok());
        stored.sort_by_key(|row| (row.seq, row.ordinal));
        for event in events_of(&reader, &pod, &records)? {
            let step = step(state, event);
            state = step.after;
            let row = |(ordinal, transition): (usize, &Transition)| TransitionRow::new(ordinal, transition);
            fresh.extend(step.transitions.iter().enumerate().map(row));
        }
        fresh.sort_by_key(|row| (row.seq, row.ordinal));
        if stored != fresh && differences.len() < DIFFERENCES_MAX {
            let at = stored.iter().zip(&fresh).position(|(stored, fresh)| stored != fresh);
            let place = at.map_or_else(
                || format!("{} transitions stored, {} replayed", stored.len(), fresh.len()),
                |at| format!("stored {:?}, replayed {:?}", stored[at], fresh[at]),
            );
            let identity = &pod.identity;
            differences.push(format!("{}/{} ({}): {place}", identity.namespace, identity.name, identity.uid));
        }
    }
    let stored = log.ticks()?;
    let writer = log.write()?;
    log.drop_projection()?;
    project_all(log, &mut Projector::new(log))?;
    let fresh = log.ticks()?;
    drop(writer);
    if stored != fresh {
        differences.push(format!("the clock of the versions: {} rows stored, {} computed", stored.len(), fresh.len()));
    }
    Ok(differences)
}
