//! The events of a log as rows: each record as it came, with what is known of it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

use super::batch::Cell;
use super::folder::{Files, Folder};
use super::layout::{Export, Fork};
use super::table::EVENTS;
use crate::model::{Clock, EventKind, PodIdentity, Target};
use crate::ops::salvage::{Found, Lost, SalvageError, each_record, sound};
use crate::store::{BatchRow, Reader, RecordingLabel, StoreError};

/// What is known of so many records is read at once.
const AT_ONCE: i64 = 1024;
/// So many pods are remembered.
const PODS_MAX: usize = 4096;

/// The labels of recordings by their rows.
type Labels = BTreeMap<i64, RecordingLabel>;

/// What all files of an export of this log say of it. The batches stand for the records; where they cannot be read, each record is read.
///
/// # Errors
/// When the store cannot be read for another reason than damage.
pub fn export_of(reader: &Reader<'_>) -> Result<Export, SalvageError> {
    let (labels, batches) = (sound(reader.recording_labels())?, sound(reader.all_batches())?);
    let mut hash = blake3::Hasher::new();
    let mut add = |row: &Checked<'_>| {
        row.each_part(|bytes| {
            hash.update(bytes);
        });
    };
    match (&labels, &batches) {
        (Ok(labels), Ok(batches)) => batches.iter().for_each(|batch| {
            add(&Checked::of(labels, Some(batch.recording), batch.first_seq, "", &batch.hash));
        }),
        (Err(_), _) | (_, Err(_)) => {
            let labels = labels.unwrap_or_default();
            each_record(reader, None, |found, body| {
                add(&Checked::of_record(&labels, found, body));
                Ok(())
            })?;
        }
    }
    let id = hash.finalize().to_hex()[..32].to_owned();
    let forks = match batches {
        Ok(batches) => forks(&batches),
        Err(_) => forks(&reader.sound_batches()?),
    };
    Ok(Export { id, forks, records: reader.last_seq_told() })
}

fn forks(batches: &[BatchRow]) -> Vec<Fork> {
    let by_id: BTreeMap<i64, &BatchRow> = batches.iter().map(|batch| (batch.id, batch)).collect();
    let fork = |batch: &BatchRow| {
        let parent = by_id.get(&batch.parent?)?;
        let fork = Fork { recording: batch.recording, of: parent.recording, until: parent.end() - 1 };
        (parent.recording != batch.recording).then_some(fork)
    };
    batches.iter().filter_map(fork).collect()
}

/// Writes all records of a log, recording after recording. Returns what is lost.
///
/// # Errors
/// When the store cannot be read for another reason than damage, or the files cannot be written.
pub fn write_events<F: Files>(reader: &Reader<'_>, folder: &mut Folder<F>) -> Result<Vec<Lost>, SalvageError> {
    // Of a damaged store the records are there, if not all that is known of them.
    let mut incomplete = Vec::new();
    let all = |what| Lost { first: 1, last: reader.last_seq_told(), what };
    let labels = sound(reader.recording_labels())?.unwrap_or_else(|what| {
        incomplete.push(all(what));
        Labels::new()
    });
    let (mut targets, mut unreadable) = (Targets::default(), None);
    let lost = each_record(reader, None, |found, body| {
        let facts = found.facts.as_ref();
        let checked = Checked::of_record(&labels, found, body);
        let format = labels.get(&checked.recording).map_or("", |label| &label.format);
        let about = targets.of(reader, found).map_err(|error| {
            unreadable = Some(error);
            io::ErrorKind::Other
        })?;
        let about = about.map(|it| (&*it.namespace, &*it.name, &*it.uid));
        let uid = about.map(|(.., uid)| uid).filter(|uid| !uid.is_empty());
        let stated = facts.and_then(|facts| facts.stated);
        let stamp = facts.and_then(|facts| Some((facts.stamp?, facts.clock)));
        let (at, clock) = stated.or(stamp).unzip();
        let version = facts.and_then(|facts| facts.version.as_ref()?.to_version()).map(|version| version.to_string());
        folder.take(
            &EVENTS,
            &[
                Cell::Text(checked.cluster),
                Cell::Number(checked.recording),
                Cell::Text(checked.name),
                Cell::Text(format),
                Cell::Number(found.seq),
                Cell::of(facts.map(|facts| facts.line), Cell::Number),
                Cell::Text(checked.kind),
                Cell::of(about.map(|(namespace, ..)| namespace), Cell::text),
                Cell::of(about.map(|(_, name, _)| name), Cell::text),
                Cell::of(uid, Cell::text),
                Cell::of(version.as_deref(), Cell::text),
                Cell::of(at, Cell::Number),
                Cell::of(clock.map(Clock::as_str), Cell::text),
                Cell::of(stated.map(|(at, _)| at), Cell::Number),
                Cell::Number(checksum(&checked)),
                Cell::Bytes(body),
            ],
        )
    });
    incomplete.extend(lost.map_err(|error| unreadable.map_or(error, SalvageError::Store))?);
    incomplete.append(&mut targets.lost);
    incomplete.sort_by_key(|lost| lost.first);
    Ok(incomplete)
}

/// What of a row is read back.
pub(super) struct Checked<'a> {
    pub(super) cluster: &'a str,
    pub(super) recording: i64,
    pub(super) name: &'a str,
    pub(super) seq: i64,
    pub(super) kind: &'a str,
    pub(super) body: &'a [u8],
}

impl<'a> Checked<'a> {
    /// What is not known of a damaged store is empty, and the recording 0.
    fn of(labels: &'a Labels, recording: Option<i64>, seq: i64, kind: &'a str, body: &'a [u8]) -> Self {
        let recording = recording.unwrap_or_default();
        let (cluster, name) = labels.get(&recording).map_or(("", ""), |label| (&label.cluster, &label.name));
        Self { cluster, recording, name, seq, kind, body }
    }

    fn of_record(labels: &'a Labels, found: &'a Found, body: &'a [u8]) -> Self {
        Self::of(labels, found.recording, found.seq, found.kind.as_str(), body)
    }

    /// All of it, a part after the other: no two rows have the same.
    fn each_part(&self, mut take: impl FnMut(&[u8])) {
        for part in [self.cluster.as_bytes(), self.name.as_bytes(), self.kind.as_bytes(), self.body] {
            take(&(part.len() as u64).to_le_bytes());
            take(part);
        }
        take(&self.recording.to_le_bytes());
        take(&self.seq.to_le_bytes());
    }
}

/// What a damaged file does not fit.
pub(super) fn checksum(row: &Checked<'_>) -> i64 {
    let mut hash = Xxh3::new();
    row.each_part(|bytes| hash.update(bytes));
    hash.digest().cast_signed()
}

/// What records are about.
#[derive(Default)]
struct Targets {
    /// The pods that were asked for last.
    pods: HashMap<i64, Result<Target, String>>,
    read: Range<i64>,
    found: BTreeMap<i64, Target>,
    /// Of those that were read last.
    damaged: BTreeMap<i64, String>,
    /// Of which records it is not known, although it was.
    lost: Vec<Lost>,
}

impl Targets {
    fn of(&mut self, reader: &Reader<'_>, record: &Found) -> Result<Option<&Target>, StoreError> {
        let seq = record.seq;
        if let Some(pod) = record.facts.as_ref().and_then(|facts| facts.pod) {
            return self.of_pod(reader, seq, pod);
        }
        if !self.read.contains(&seq) {
            self.read = seq..seq.saturating_add(AT_ONCE);
            self.damaged.clear();
            self.found = match sound(reader.targets_between(self.read.start, self.read.end))? {
                Ok(found) => found,
                Err(_) => self.one_by_one(reader)?,
            };
        }
        let found = self.found.get(&seq);
        if let Some(what) = self.damaged.get(&seq) {
            Lost::add(&mut self.lost, seq, what.clone());
        } else if found.is_none() && record.facts.is_some() && record.kind.has_target() {
            Lost::add(&mut self.lost, seq, "what it is about is not there".to_owned());
        }
        Ok(found)
    }

    fn of_pod(&mut self, reader: &Reader<'_>, seq: i64, pod: i64) -> Result<Option<&Target>, StoreError> {
        if self.pods.len() >= PODS_MAX && !self.pods.contains_key(&pod) {
            self.pods.clear();
        }
        let found = match self.pods.entry(pod) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(sound(reader.pod(pod))?.and_then(|row| {
                let PodIdentity { namespace, name, uid, .. } = row.ok_or("its pod is not there")?.identity;
                Ok(Target { namespace: namespace.into(), name: name.into(), uid: uid.into() })
            })),
        };
        if let Err(what) = found {
            Lost::add(&mut self.lost, seq, what.clone());
        }
        Ok(found.as_ref().ok())
    }

    fn one_by_one(&mut self, reader: &Reader<'_>) -> Result<BTreeMap<i64, Target>, StoreError> {
        let mut all = BTreeMap::new();
        for seq in self.read.clone() {
            match sound(reader.targets_between(seq, seq + 1))? {
                Ok(found) => all.extend(found),
                Err(what) => {
                    self.damaged.insert(seq, what);
                }
            }
        }
        Ok(all)
    }
}

/// The kind of a record by its word.
pub(super) fn kind_of(word: &str) -> EventKind {
    EventKind::from(word)
}
