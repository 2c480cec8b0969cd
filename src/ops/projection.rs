//! Keeps the projection in step with the log: the same replay, event by event as they are appended, and anew for a pod
//! that gets events in between.

use std::collections::{BTreeSet, HashMap};

use super::history::{NO_WINDOW, events_of};
use super::ingest::IngestError;
use crate::model::{Clock, EventKind, Pod, PodUid, Seq, WatchEvent};
use crate::replay::{Evidence, PodState, Transition, step};
use crate::store::projection::WordCache;
use crate::store::tick::Side;
use crate::store::{Log, Reader, TransitionRow, VersionKey};

/// What is remembered of a pod between two of its records.
struct Track {
    state: PodState,
    last: Option<WriteKey>,
    evidence: Evidence,
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
    after: Option<(VersionKey, i64)>,
    before: Option<(VersionKey, i64)>,
    added_run: AddedRun,
    pods: HashMap<PodUid, i64>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum AddedRun {
    #[default]
    Outside,
    Inside,
    Told,
}

/// How many pods are remembered. The others are read from the log when they change.
const TRACKS_MAX: usize = 12_000;

/// How many ids are remembered.
const PODS_MAX: usize = 100_000;

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
            after: None,
            before: None,
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
            Some(false) => AddedRun::Inside,
            Some(true) => AddedRun::Told,
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
        if let (Some(version), Some(at)) = (place.version, evidence.not_before) {
            self.note_after(place.cluster, version, at.micros())?;
        }
        if !self.tracks.contains_key(&place.pod) {
            let track = if place.is_new_pod { Track::new() } else { self.load(place.pod)? };
            self.tracks.insert(place.pod, track);
        }
        let track = self.tracks.get_mut(&place.pod).expect("it was put there if it was missing");
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
        let bound = bound_before(track.last.as_ref(), track.evidence, evidence);
        if key.is_some() {
            track.last = key;
        }
        track.evidence = evidence;
        let event = WatchEvent { seq: Seq(place.seq), kind: kind.clone(), window: NO_WINDOW, pod };
        let step = step(std::mem::take(&mut track.state), event);
        track.state = step.after;
        self.log.add_transitions(&step.transitions, &mut self.words)?;
        if let Some((version, at)) = bound {
            self.note_before(place.cluster, &version, at)?;
        }
        Ok(Sighted::New)
    }

    /// A record that is about the stream ends a run of ADDED; a bookmark may stand within one.
    pub(super) fn pass(&mut self, kind: &EventKind) {
        if *kind != EventKind::Bookmark {
            self.added_run = AddedRun::Outside;
        }
    }

    /// Replays the pods that got events in between. To be called when a batch is appended, before it is committed.
    pub(super) fn settle(&mut self) -> Result<(), IngestError> {
        for pod in std::mem::take(&mut self.out_of_order) {
            self.log.drop_transitions(pod)?;
            self.tracks.remove(&pod);
            self.project(pod)?;
        }
        if self.tracks.len() > TRACKS_MAX {
            self.tracks.clear();
        }
        Ok(())
    }

    /// Projects one pod from the self.log.
    pub(super) fn project(&mut self, pod: i64) -> Result<(), IngestError> {
        let cluster = self.log.cluster_of(pod)?;
        let mut track = Track::new();
        for event in events_of(&self.reader, &self.reader.records_of(pod)?)? {
            let evidence = Evidence::of(&event.pod);
            let key = WriteKey::of(&event);
            if let (Some(key), Some(at)) = (&key, evidence.not_before) {
                self.note_after(cluster, &key.version, at.micros())?;
            }
            if let Some((version, at)) = bound_before(track.last.as_ref(), track.evidence, evidence) {
                self.note_before(cluster, &version, at)?;
            }
            track.evidence = evidence;
            track.last = key.or(track.last);
            let step = step(std::mem::take(&mut track.state), event);
            track.state = step.after;
            self.log.add_transitions(&step.transitions, &mut self.words)?;
        }
        Ok(())
    }

    /// Takes note of the stamps of sightings that stand for no write: they bound the time all the same.
    pub(super) fn note_stamp(&mut self, cluster: i64, version: &VersionKey, at: i64) -> Result<(), IngestError> {
        self.note_after(cluster, version, at)
    }

    fn load(&self, pod: i64) -> Result<Track, IngestError> {
        let mut track = Track::new();
        for event in events_of(&self.reader, &self.reader.records_of(pod)?)? {
            track.evidence = Evidence::of(&event.pod);
            track.last = WriteKey::of(&event).or(track.last);
            track.state = step(track.state, event).after;
        }
        Ok(track)
    }

    /// A run of ADDED that tells of a pod the recording knows alive is a new list: the watch was begun anew.
    pub(super) fn follow_added(&mut self, place: &RecordPlace<'_>, kind: &EventKind) -> Result<(), IngestError> {
        match kind {
            EventKind::Added if self.added_run == AddedRun::Told => {}
            EventKind::Added => {
                self.added_run = AddedRun::Inside;
                if !place.is_new_pod && self.log.knows_alive(place.recording, place.pod, place.seq)? {
                    self.log.note_relist(place.seq)?;
                    self.added_run = AddedRun::Told;
                }
            }
            EventKind::Modified
            | EventKind::Deleted
            | EventKind::Observed
            | EventKind::Error
            | EventKind::ListBegin
            | EventKind::ListEnd
            | EventKind::Other(_) => self.added_run = AddedRun::Outside,
            EventKind::Bookmark => {}
        }
        Ok(())
    }

    fn note_after(&mut self, cluster: i64, version: &VersionKey, at: i64) -> Result<(), IngestError> {
        let is_told = self.after.as_ref().is_some_and(|(known, known_at)| known <= version && *known_at >= at);
        if !is_told {
            self.log.note_tick(cluster, Side::After, version, at)?;
            self.after = Some((version.clone(), at));
        }
        Ok(())
    }

    fn note_before(&mut self, cluster: i64, version: &VersionKey, at: i64) -> Result<(), IngestError> {
        let is_told = self.before.as_ref().is_some_and(|(known, known_at)| known >= version && *known_at <= at);
        if !is_told {
            self.log.note_tick(cluster, Side::Before, version, at)?;
            self.before = Some((version.clone(), at));
        }
        Ok(())
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
}

impl Track {
    fn new() -> Self {
        let evidence = Evidence { clock: Clock::None, not_before: None };
        Self { state: PodState::default(), last: None, evidence }
    }
}

impl WriteKey {
    fn of(event: &WatchEvent) -> Option<Self> {
        let version = event.resource_version()?;
        Some(Self { version: VersionKey::from(version), is_deletion: event.kind == EventKind::Deleted })
    }
}

/// A write that carries a newer stamp than the one before it proves that the one before was over by that stamp.
fn bound_before(last: Option<&WriteKey>, earlier: Evidence, later: Evidence) -> Option<(VersionKey, i64)> {
    let both_stamped = earlier.clock == Clock::ManagedFields && later.clock == Clock::ManagedFields;
    let is_newer = later.not_before > earlier.not_before;
    let at = later.not_before.filter(|_| both_stamped && is_newer)?;
    last.map(|last| (last.version.clone(), at.micros()))
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
    for pod in reader.all_pods()? {
        projector.project(pod.id)?;
    }
    let mut after = 0;
    let mut recording_before = None;
    loop {
        let rows = reader.sightings_after(after, SIGHTINGS_AT_ONCE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        for row in rows {
            if recording_before.replace(row.recording) != Some(row.recording) {
                projector.added_run = AddedRun::Outside;
            }
            let (Some(pod), Some(cluster)) = (row.pod, row.cluster) else {
                projector.pass(&row.kind);
                continue;
            };
            let version = row.version.as_ref();
            let place =
                RecordPlace { seq: row.seq, recording: row.recording, cluster, pod, is_new_pod: false, version };
            projector.follow_added(&place, &row.kind)?;
            if let (Some(version), Some(stamp)) = (version, row.stamp) {
                projector.note_stamp(cluster, version, stamp)?;
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
        let stored = log.stored_transitions(pod.id)?;
        let mut state = PodState::default();
        let mut fresh: Vec<TransitionRow> = Vec::new();
        for event in events_of(&reader, &reader.records_of(pod.id)?)? {
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
