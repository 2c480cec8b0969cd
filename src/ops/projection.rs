//! Keeps the projection in step with the log: the same replay, event by event as they are appended, and anew for a pod
//! that gets events in between.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::history::{NO_WINDOW, events_of};
use super::ingest::IngestError;
use crate::model::{Clock, EventKind, Pod, PodUid, Seq, WatchEvent};
use crate::replay::{Evidence, PodState, Transition, step};
use crate::store::projection::WordCache;
use crate::store::{Log, Reader, TransitionRow, VersionKey};

/// What is remembered of a pod between two of its records.
#[derive(Default)]
struct Track {
    state: PodState,
    last: Option<WriteKey>,
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
    newest_tick: Option<(VersionKey, i64)>,
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
        if let (Some(version), Some(at)) = (place.version, evidence.not_before) {
            self.note_tick(place.cluster, version, at.micros(), evidence.clock)?;
        }
        if !self.tracks.contains_key(&place.pod) {
            let track = if place.is_new_pod { Track::default() } else { self.load(place.pod)? };
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
        if key.is_some() {
            track.last = key;
        }
        let event = WatchEvent { seq: Seq(place.seq), kind: kind.clone(), window: NO_WINDOW, pod };
        let step = step(std::mem::take(&mut track.state), event);
        track.state = step.after;
        self.log.add_transitions(&step.transitions, &mut self.words)?;
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
            self.tracks.retain(|_, track| !track.state.is_deleted);
            // Still too many: half of the room is for those to come. Which ones go does not matter for what is written.
            if self.tracks.len() > TRACKS_MAX / 2 {
                self.tracks.clear();
            }
        }
        Ok(())
    }

    /// Projects the transitions of one pod from the log.
    pub(super) fn project(&mut self, pod: i64) -> Result<(), IngestError> {
        let mut state = PodState::default();
        for event in events_of(&self.reader, &self.reader.records_of(pod)?)? {
            let step = step(state, event);
            state = step.after;
            self.log.add_transitions(&step.transitions, &mut self.words)?;
        }
        Ok(())
    }

    fn load(&self, pod: i64) -> Result<Track, IngestError> {
        let mut track = Track::default();
        for event in events_of(&self.reader, &self.reader.records_of(pod)?)? {
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
            | EventKind::Other(_) => self.added_run = AddedRun::Outside,
            EventKind::Bookmark => {}
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
        let says_less = |(known, known_at): &(VersionKey, i64)| known < version && *known_at >= at;
        if !self.newest_tick.as_ref().is_some_and(says_less) {
            self.log.note_tick(cluster, version, at, clock)?;
            self.newest_tick = Some((version.clone(), at));
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
    for pod in reader.all_pods()? {
        projector.project(pod.id)?;
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
            let place =
                RecordPlace { seq: row.seq, recording: row.recording, cluster, pod, is_new_pod: false, version };
            projector.follow_added(&place, &row.kind)?;
            runs.insert(row.recording, projector.added_run);
            if let (Some(version), Some(stamp)) = (version, row.stamp) {
                projector.note_tick(cluster, version, stamp, row.clock)?;
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
