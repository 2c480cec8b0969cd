//! The events of a log as rows: each record as it came, with what is known of it.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

use super::batch::Cell;
use super::folder::{Files, Folder};
use super::table::EVENTS;
use crate::model::{Clock, EventKind, PodIdentity, Target};
use crate::ops::salvage::{Lost, SalvageError, each_record, sound};
use crate::store::{Reader, RecordingLabel, StoreError};

/// What is known of so many records is read at once.
const AT_ONCE: i64 = 1024;

/// Writes all records of a log, recording after recording. Returns what is lost.
///
/// # Errors
/// When the store cannot be read for another reason than damage, or the files cannot be written.
pub fn write_events<F: Files>(reader: &Reader<'_>, folder: &mut Folder<F>) -> Result<Vec<Lost>, SalvageError> {
    // Of a damaged store the records are there, if not all that is known of them.
    let labels = sound(reader.recording_labels())?.unwrap_or_default();
    let pods = sound(reader.pods_with_uid(""))?.unwrap_or_default();
    let pods: HashMap<i64, PodIdentity> = pods.into_iter().map(|pod| (pod.id, pod.identity)).collect();
    let (mut targets, unnamed) = (Targets::default(), RecordingLabel::default());
    each_record(reader, None, |found, body| {
        let facts = found.facts.as_ref();
        let recording = found.recording.unwrap_or_default();
        let label = labels.get(&recording).unwrap_or(&unnamed);
        let pod = facts.and_then(|facts| pods.get(&facts.pod?));
        let target = match pod {
            Some(_) => None,
            None => targets.of(reader, found.seq).map_err(io::Error::other)?,
        };
        let of_pod = pod.map(|it| (&*it.namespace, &*it.name, &*it.uid));
        let about = of_pod.or(target.map(|it| (&*it.namespace, &*it.name, &*it.uid)));
        let uid = about.map(|(.., uid)| uid).filter(|uid| !uid.is_empty());
        let stated = facts.and_then(|facts| facts.stated);
        let stamp = facts.and_then(|facts| Some((facts.stamp?, facts.clock)));
        let (at, clock) = stated.or(stamp).unzip();
        let version = facts.and_then(|facts| facts.version.as_ref()?.to_version()).map(|version| version.to_string());
        let checksum = checksum(&Checked {
            cluster: &label.cluster,
            recording,
            name: &label.name,
            seq: found.seq,
            kind: found.kind.as_str(),
            body,
        });
        folder.take(
            &EVENTS,
            &[
                Cell::Text(&label.cluster),
                Cell::Number(recording),
                Cell::Text(&label.name),
                Cell::Text(&label.format),
                Cell::Number(found.seq),
                Cell::of(facts.map(|facts| facts.line), Cell::Number),
                Cell::Text(found.kind.as_str()),
                Cell::of(about.map(|(namespace, ..)| namespace), Cell::text),
                Cell::of(about.map(|(_, name, _)| name), Cell::text),
                Cell::of(uid, Cell::text),
                Cell::of(version.as_deref(), Cell::text),
                Cell::of(at, Cell::Number),
                Cell::of(clock.map(Clock::as_str), Cell::text),
                Cell::of(stated.map(|(at, _)| at), Cell::Number),
                Cell::Number(checksum),
                Cell::Bytes(body),
            ],
        )
    })
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

/// What a damaged file does not fit.
pub(super) fn checksum(row: &Checked<'_>) -> i64 {
    let mut hash = Xxh3::new();
    for part in [row.cluster.as_bytes(), row.name.as_bytes(), row.kind.as_bytes(), row.body] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(&row.recording.to_le_bytes());
    hash.update(&row.seq.to_le_bytes());
    hash.digest().cast_signed()
}

/// What records without a pod's row are about.
#[derive(Default)]
struct Targets {
    read: Range<i64>,
    found: BTreeMap<i64, Target>,
}

impl Targets {
    fn of(&mut self, reader: &Reader<'_>, seq: i64) -> Result<Option<&Target>, StoreError> {
        if !self.read.contains(&seq) {
            self.read = seq..seq.saturating_add(AT_ONCE);
            self.found = sound(reader.targets_between(self.read.start, self.read.end))?.unwrap_or_default();
        }
        Ok(self.found.get(&seq))
    }
}

/// The kind of a record by its word.
pub(super) fn kind_of(word: &str) -> EventKind {
    EventKind::from(word)
}
