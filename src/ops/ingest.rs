//! Reads an input and appends what it says to the log. Reading, decoding and packing run beside the writing; what is
//! written, and in which order, depends on the input's bytes alone.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use super::facts::{FRESH_US, Facts, Novelty, RecordPlace};
use super::ingest_error::IngestError;
use super::projection::Projector;
use crate::history::Evidence;
use crate::input::guess::guess;
use crate::input::record::{Record, Stated, Subject};
use crate::input::{Chunk, ChunkReader, DecodedChunk, Encoding, Format, Problem, ProblemKind, Source, SourceError};
use crate::model::{Clock, ObservedAt, Pod, PodUid, RecordLifecycle, StampedAt, Target};
use crate::replay::is_creation;
use crate::store::append::{KnownBatch, hash_after};
use crate::store::block::hash_records;
use crate::store::{BatchPlace, Dictionary, EncodedBatch, Log, NewBatch, RecordRow, VersionKey, Writer, encode_batch};

/// How to take an input.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// The cluster that the capture was taken from.
    pub cluster: String,
    /// The format, where it must not be told by the first bytes.
    pub encoding: Option<Encoding>,
    /// Take nothing of an input that has a bad record.
    pub strict: bool,
    /// When the recording began, for formats that tell times since then and do not say it.
    pub base_time: Option<ObservedAt>,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self { cluster: DEFAULT_CLUSTER.to_owned(), encoding: None, strict: false, base_time: None }
    }
}

/// The cluster of captures that name none.
pub const DEFAULT_CLUSTER: &str = "default";

/// What an ingest did.
#[derive(Debug, Default)]
pub struct IngestReport {
    /// The input.
    pub name: PathBuf,
    /// What it was read as.
    pub encoding: Option<Encoding>,
    /// What its first record is.
    pub format: Option<Format>,
    /// Unpacked bytes read.
    pub bytes: u64,
    /// Records appended.
    pub records: u64,
    /// Records that the log had already, from the same recording.
    pub records_known: u64,
    /// Pod events among the appended records that show a write not known before.
    pub events: u64,
    /// Pod events among the appended records that show a known write again.
    pub repeated: u64,
    /// Requests without the object that came of them, among the appended records.
    pub requests: u64,
    /// Records that stand beside pods: Events about them, nodes.
    pub related: u64,
    /// Bookmarks, errors and bounds of lists among the appended records.
    pub markers: u64,
    /// Pods not known before.
    pub pods: u64,
    /// Pods that the pod events among the appended records are of.
    pub pods_seen: u64,
    /// Objects of other kinds, passed over.
    pub skipped: BTreeMap<String, u64>,
    /// The first problems.
    pub problems: Vec<Problem>,
    /// How many records had a problem.
    pub problem_count: u64,
    /// The input ended in the middle: of a record, or of its compression.
    pub truncated: Option<String>,
    /// The recording that it became or continued.
    pub recording: Option<i64>,
}

/// Told while an ingest runs.
pub trait Progress {
    /// So many pod events have been appended or recognised.
    fn events(&self, events: u64);
}

/// No one listens.
impl Progress for () {
    fn events(&self, _: u64) {}
}

const PROBLEMS_KEPT: usize = 20;
/// How many rows of pods are remembered.
const PODS_MAX: usize = 50_000;
/// How many kinds of other objects are told apart.
const KINDS_MAX: usize = 40;
const WORKERS: usize = 2;
/// After so many batches another process may write, and how long it is waited for.
const BATCHES_AT_ONCE: u64 = 8;
const GIVE_WAY: Duration = Duration::from_millis(3);
/// How much of an unknown input its error shows.
const HEAD_SHOWN_BYTES: usize = 60;

/// Takes an input.
///
/// # Errors
/// When the input is unreadable or of no known format, when it has a bad record under `strict`, when the store fails.
/// Whatever was committed before stays, and taking the same input again goes on from there.
pub fn ingest(
    log: &Log,
    source: Source,
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<IngestReport, IngestError> {
    let name = source.name.clone();
    let encoding = match options.encoding.or_else(|| Encoding::detect(&source.head)) {
        Some(encoding) => encoding,
        None => {
            return Err(IngestError::UnknownFormat { name, head: shown(&source.head), guess: guess(&source.head) });
        }
    };
    let base_time = options.base_time;
    let mut chunks = ChunkReader::new(source.reader, encoding);
    let read_failed = |source| SourceError::Read { name: name.clone(), source };
    let report = IngestReport { name: name.clone(), encoding: Some(encoding), ..IngestReport::default() };
    let first = match chunks.next_chunk() {
        Ok(Some(chunk)) => DecodedChunk::decode(chunk, encoding, options.base_time),
        Ok(None) => return Ok(report),
        Err(failure) => return Err(read_failed(failure).into()),
    };
    let known_dictionary = log.reader().newest_dictionary()?;
    let dictionary: OnceLock<Option<Dictionary>> = OnceLock::new();
    let mut append = Append::new(log, options, report, &dictionary)?;
    let ending = std::thread::scope(|scope| -> Result<(), IngestError> {
        let mut packed: Vec<Receiver<io::Result<Packed>>> = Vec::with_capacity(WORKERS);
        let mut work: Vec<SyncSender<io::Result<Chunk>>> = Vec::with_capacity(WORKERS);
        for _ in 0..WORKERS {
            let (chunk_sender, chunk_receiver) = sync_channel::<io::Result<Chunk>>(1);
            let (packed_sender, packed_receiver) = sync_channel(1);
            let dictionary = &dictionary;
            scope.spawn(move || {
                for chunk in chunk_receiver {
                    let decoded = chunk.map(|chunk| DecodedChunk::decode(chunk, encoding, base_time));
                    let result = decoded.and_then(|decoded| pack(decoded, dictionary.wait().as_ref()));
                    if packed_sender.send(result).is_err() {
                        return;
                    }
                }
            });
            work.push(chunk_sender);
            packed.push(packed_receiver);
        }
        scope.spawn(move || {
            // Chunk after chunk to worker after worker: the writer collects them in the same order.
            for worker in (0..WORKERS).cycle() {
                let Some(chunk) = chunks.next_chunk().transpose() else { return };
                let is_failure = chunk.is_err();
                if work[worker].send(chunk).is_err() || is_failure {
                    return;
                }
            }
        });
        // The workers decode the next chunks while the dictionary is trained on the first.
        let dictionary = dictionary.get_or_init(|| choose_dictionary(known_dictionary, &first));
        append.take(pack(first, dictionary.as_ref()).map_err(IngestError::Pack)?, progress)?;
        for worker in (0..WORKERS).cycle() {
            match packed[worker].recv() {
                Ok(Ok(packed)) => append.take(packed, progress)?,
                Ok(Err(failure)) if failure.kind() == io::ErrorKind::UnexpectedEof => {
                    append.report.truncated = Some(format!("the compressed input ends too early: {failure}"));
                    return Ok(());
                }
                Ok(Err(failure)) => return Err(read_failed(failure).into()),
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    });
    let finished = append.finish(&ending);
    ending.and(finished)
}

/// The beginning of an unknown input, with nothing in it that a terminal would take amiss.
fn shown(head: &[u8]) -> String {
    let begin = head.get(..HEAD_SHOWN_BYTES).unwrap_or(head);
    match std::str::from_utf8(head) {
        Ok(text) => text.chars().take(HEAD_SHOWN_BYTES).collect::<String>().escape_debug().to_string(),
        Err(_) => begin.escape_ascii().to_string(),
    }
}

/// A chunk, decoded and packed, ready to be appended.
struct Packed {
    decoded: DecodedChunk,
    encoded: EncodedBatch,
}

fn pack(decoded: DecodedChunk, dictionary: Option<&Dictionary>) -> io::Result<Packed> {
    let encoded = encode_batch(decoded.records.iter().map(|record| decoded.body(record)), dictionary)?;
    Ok(Packed { decoded, encoded })
}

/// A recording that fills its first chunk trains a dictionary of its own; a smaller one is not worth the room and uses
/// the newest there is.
fn choose_dictionary(known: Option<Vec<u8>>, first: &DecodedChunk) -> Option<Dictionary> {
    if first.input_bytes > (crate::input::CHUNK_BYTES / 2) as u64 {
        let samples: Vec<&[u8]> = first.records.iter().map(|record| first.body(record)).collect();
        return Dictionary::train(&samples);
    }
    known.map(Dictionary::new)
}

/// Appends chunk after chunk.
struct Append<'a> {
    log: &'a Log,
    options: &'a IngestOptions,
    report: IngestReport,
    dictionary: &'a OnceLock<Option<Dictionary>>,
    place: BatchPlace,
    /// Nothing in the log follows on `place`.
    at_leaf: bool,
    /// The batch in front of `place` was appended here.
    is_own_place: bool,
    /// Records that begin the batch behind `place`: whether the input goes on like it shows what comes next.
    held: Option<DecodedChunk>,
    /// How many batches were appended here.
    batches: u64,
    /// Another process writes to the store too.
    has_company: bool,
    facts: Facts<'a>,
    /// A store in memory has no projection: nobody asks it in SQL.
    projector: Option<Projector<'a>>,
    /// The rows of the pods, as far as they are remembered.
    pods: HashMap<PodUid, i64>,
    pods_seen: HashSet<i64>,
    data_version: i64,
    /// Under `strict` one transaction holds the whole input.
    whole: Option<Writer<'a>>,
}

impl<'a> Append<'a> {
    fn new(
        log: &'a Log,
        options: &'a IngestOptions,
        report: IngestReport,
        dictionary: &'a OnceLock<Option<Dictionary>>,
    ) -> Result<Self, IngestError> {
        Ok(Self {
            log,
            options,
            report,
            dictionary,
            place: BatchPlace::beginning(&options.cluster),
            at_leaf: false,
            is_own_place: false,
            held: None,
            batches: 0,
            has_company: false,
            facts: Facts::new(log),
            projector: log.path_on_disk().map(|_| Projector::new(log)),
            pods: HashMap::new(),
            pods_seen: HashSet::new(),
            data_version: log.data_version()?,
            whole: if options.strict { Some(log.write()?) } else { None },
        })
    }

    fn take(&mut self, packed: Packed, progress: &dyn Progress) -> Result<(), IngestError> {
        let Packed { mut decoded, encoded } = packed;
        self.report.bytes += decoded.input_bytes;
        self.report.format = self.report.format.or(decoded.format);
        let untold = decoded.problem_count - decoded.problems.len() as u64;
        self.take_problems(std::mem::take(&mut decoded.problems))?;
        self.report.problem_count += untold;
        for (kind, count) in std::mem::take(&mut decoded.skipped) {
            let is_told = self.report.skipped.len() < KINDS_MAX || self.report.skipped.contains_key(&kind);
            let kind = if is_told { kind } else { "objects of other kinds".to_owned() };
            *self.report.skipped.entry(kind).or_default() += count;
        }
        let (decoded, encoded) = match self.held.take() {
            None => (decoded, Some(encoded)),
            Some(held) => (held.followed_by(decoded), None),
        };
        self.append_unknown(decoded, encoded)?;
        progress.events(self.report.events + self.report.repeated + self.report.records_known);
        Ok(())
    }

    /// Appends what of a chunk the log has not. Finding out what it has needs no right to write, and must not keep others from writing;
    /// whether that still holds is decided within the transaction.
    fn append_unknown(&mut self, decoded: DecodedChunk, encoded: Option<EncodedBatch>) -> Result<(), IngestError> {
        let mut known = self.pass_known(&decoded, encoded.as_ref(), 0)?;
        if known.is_open() {
            match self.whole.take() {
                Some(writer) => {
                    let result = self.append_with(&writer, decoded, known.records, encoded);
                    self.whole = Some(writer);
                    return result;
                }
                None => {
                    let writer = self.log.write()?;
                    if self.forget_if_stale()? {
                        known = self.pass_known(&decoded, encoded.as_ref(), known.records)?;
                    }
                    if known.is_open() {
                        self.append_with(&writer, decoded, known.records, encoded)?;
                        writer.commit()?;
                        self.give_way();
                        return Ok(());
                    }
                }
            }
        }
        if known.rest == Rest::BeginsBatch {
            self.held = Some(decoded.without(known.records));
        }
        Ok(())
    }

    /// SQLite gives its lock to whoever asks first, and nobody asks sooner than who has just given it back. Others ask every
    /// millisecond: they get it in such a pause.
    fn give_way(&mut self) {
        self.batches += 1;
        if self.has_company || self.batches.is_multiple_of(BATCHES_AT_ONCE) {
            std::thread::sleep(GIVE_WAY);
        }
    }

    fn take_problems(&mut self, problems: Vec<Problem>) -> Result<(), IngestError> {
        for problem in problems {
            if self.options.strict {
                return Err(IngestError::Strict { name: self.report.name.clone(), problem });
            }
            self.report.problem_count += 1;
            if problem.kind == ProblemKind::Truncated {
                self.report.truncated = Some(problem.to_string());
            }
            if self.report.problems.len() < PROBLEMS_KEPT {
                self.report.problems.push(problem);
            }
        }
        Ok(())
    }

    fn pack_rest(&self, decoded: &DecodedChunk, known: usize) -> Result<EncodedBatch, IngestError> {
        let bodies = decoded.records[known..].iter().map(|record| decoded.body(record));
        encode_batch(bodies, self.dictionary.wait().as_ref()).map_err(IngestError::Pack)
    }

    /// How many records of the chunk, the first `known` included, the log has already as batches at this place, and what the rest
    /// is.
    fn pass_known(
        &mut self,
        decoded: &DecodedChunk,
        encoded: Option<&EncodedBatch>,
        mut known: usize,
    ) -> Result<Known, IngestError> {
        while !self.at_leaf && known < decoded.records.len() {
            let rest = &decoded.records[known..];
            let candidates = self.log.batches_after(&self.options.cluster, &self.place)?;
            self.at_leaf = candidates.is_empty();
            let is_next = |candidate: &&KnownBatch| {
                let hash = match (rest.get(..candidate.records), encoded) {
                    (None, _) => return false,
                    (Some(records), Some(encoded)) if records.len() == decoded.records.len() => encoded.hash,
                    (Some(records), _) => hash_records(records.iter().map(|record| decoded.body(record))),
                };
                hash_after(&self.place, &hash) == candidate.place.hash
            };
            if let Some(next) = candidates.iter().find(is_next) {
                known += next.records;
                self.report.records_known += next.records as u64;
                self.report.recording = next.place.recording;
                self.place = next.place;
                self.is_own_place = false;
                continue;
            }
            for candidate in candidates.iter().filter(|candidate| candidate.records > rest.len()) {
                if self.begins(candidate, rest.iter().map(|record| decoded.body(record)))? {
                    self.report.recording = candidate.place.recording;
                    return Ok(Known { records: known, rest: Rest::BeginsBatch });
                }
            }
            break;
        }
        let rest = if known < decoded.records.len() { Rest::Unknown } else { Rest::None };
        Ok(Known { records: known, rest })
    }

    /// Whether a batch of the log begins with these records.
    fn begins<'b>(&self, batch: &KnownBatch, bodies: impl Iterator<Item = &'b [u8]>) -> Result<bool, IngestError> {
        let reader = self.log.reader();
        for (seq, body) in (batch.first_seq..).zip(bodies) {
            if !reader.with_body(seq, |stored| stored == body)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether another process has written. What is remembered of the store is then forgotten. To be called within a transaction.
    fn forget_if_stale(&mut self) -> Result<bool, IngestError> {
        let data_version = self.log.data_version()?;
        let is_stale = std::mem::replace(&mut self.data_version, data_version) != data_version;
        if is_stale {
            self.has_company = true;
            self.at_leaf = false;
            self.facts.forget();
            self.pods.clear();
            if let Some(projector) = &mut self.projector {
                projector.forget();
            }
        }
        Ok(is_stale)
    }

    fn append_with(
        &mut self,
        writer: &Writer<'_>,
        mut decoded: DecodedChunk,
        known: usize,
        encoded: Option<EncodedBatch>,
    ) -> Result<(), IngestError> {
        let encoded = match encoded {
            Some(encoded) if known == 0 => encoded,
            Some(_) | None => self.pack_rest(&decoded, known)?,
        };
        let cluster = writer.cluster(&self.options.cluster)?;
        let recording = self.recording(writer, cluster)?;
        let dictionary = self.dictionary.wait().as_ref().map(|dictionary| writer.dictionary(dictionary)).transpose()?;
        let first_seq = self.log.reader().last_seq()? + 1;
        let records: Vec<Record> = decoded.records.drain(known..).collect();
        let stated = records.iter().filter_map(|record| record.stated.map(|stated| stated.at.micros()));
        self.place = writer.batch(&NewBatch {
            recording,
            before: &self.place,
            first_seq,
            records: records.len(),
            encoded: &encoded,
            dictionary,
            stated: stated.clone().min().zip(stated.max()),
            of_pods: records.iter().filter(|record| record.is_about_pod()).count(),
        })?;
        self.at_leaf = true;
        self.is_own_place = true;
        self.report.recording = Some(recording);
        self.report.records += records.len() as u64;
        for (seq, record) in (first_seq..).zip(records) {
            self.append_record(writer, RecordIds { seq, recording, cluster }, record)?;
        }
        let bounds = self.facts.end_batch(cluster)?;
        match &mut self.projector {
            Some(projector) => projector.end_batch(cluster, &bounds),
            None => Ok(()),
        }
    }

    /// The recording that the next batch belongs to: the one it follows on, unless another batch does already.
    fn recording(&mut self, writer: &Writer<'_>, cluster: i64) -> Result<i64, IngestError> {
        let continued = match self.place.recording {
            Some(recording) if self.at_leaf => Some(recording),
            Some(_) | None => None,
        };
        let recording = match continued {
            Some(recording) => recording,
            None => {
                let name = self.report.name.to_string_lossy();
                let encoding = self.report.encoding.map_or("", Encoding::as_str);
                let format = self.report.format.map_or(encoding, Format::as_str);
                writer.recording(cluster, &name, format, self.place.batch)?
            }
        };
        if !self.is_own_place {
            self.facts.resume(recording)?;
        }
        Ok(recording)
    }

    fn append_record(&mut self, writer: &Writer<'_>, ids: RecordIds, record: Record) -> Result<(), IngestError> {
        let RecordIds { seq, recording, cluster } = ids;
        let Record { kind, subject, line, stated, .. } = record;
        let plain = RecordRow {
            seq,
            kind: &kind,
            pod: None,
            version: None,
            line,
            stamp: None,
            clock: None,
            stated: stated.map(|stated| (stated.at.micros(), stated.clock)),
            lifecycle: None,
        };
        match subject {
            Subject::Stream { resource_version, .. } => {
                let version = resource_version.as_ref().map(VersionKey::from);
                writer.add_record(&RecordRow { version: version.as_ref(), ..plain })?;
                self.facts.take_other(&kind);
                self.report.markers += 1;
            }
            Subject::Related(target) => {
                writer.add_record(&plain)?;
                writer.add_related(seq, cluster, &target)?;
                self.facts.take_other(&kind);
                self.report.related += 1;
            }
            Subject::Request { target, lifecycle } => {
                let (pod, is_new_pod) = self.row_of_target(writer, cluster, &target)?;
                // Requests about one pod follow each other by when they came in: answers overtake each other.
                let begun = stated.map(|stated| stated.begun.unwrap_or(stated.at).micros());
                writer.add_record(&RecordRow { pod: Some(pod), stamp: begun, lifecycle, ..plain })?;
                self.facts.take_other(&kind);
                if let Some(projector) = &mut self.projector {
                    projector.wait(pod);
                }
                self.report.pods += u64::from(is_new_pod && !target.uid.is_empty());
                self.report.requests += 1;
            }
            Subject::Pod(pod) => {
                let metadata = &pod.metadata;
                let version = metadata.resource_version.as_ref().map(VersionKey::from);
                let (pod_id, is_new_pod) = self.row_of_pod(writer, cluster, &pod)?;
                self.pods_seen.insert(pod_id);
                let evidence = Evidence::of(&pod);
                let stamp = evidence.not_before.max(begun_of(stated, evidence));
                let (version, clock) = (version.as_ref(), evidence.clock);
                let place = RecordPlace {
                    seq,
                    recording,
                    cluster,
                    pod: pod_id,
                    is_new_pod,
                    version,
                    stamp,
                    clock,
                    stated: stated.map(|stated| (stated.at, stated.clock)),
                };
                let novelty = self.facts.take_pod(&place, &kind)?;
                let lifecycle = is_creation(&pod).then_some(RecordLifecycle::Creation);
                if let Some(projector) = &mut self.projector {
                    projector.take(&place, &kind, *pod, novelty)?;
                }
                let (pod, stamp, clock) = (Some(pod_id), stamp.map(StampedAt::micros), Some(clock));
                writer.add_record(&RecordRow { pod, version, stamp, clock, lifecycle, ..plain })?;
                self.report.pods += u64::from(is_new_pod);
                match novelty {
                    Novelty::Next | Novelty::Between => self.report.events += 1,
                    Novelty::Again { .. } => self.report.repeated += 1,
                }
            }
        }
        Ok(())
    }

    /// The row of a pod, and whether it is new.
    fn row_of_pod(&mut self, writer: &Writer<'_>, cluster: i64, pod: &Pod) -> Result<(i64, bool), IngestError> {
        let metadata = &pod.metadata;
        if let Some(id) = self.pods.get(&metadata.uid) {
            return Ok((*id, false));
        }
        let (id, is_new) = match writer.find_pod(cluster, &metadata.uid.0)? {
            Some(id) => (id, false),
            None => (writer.add_pod(cluster, &metadata.uid.0, &metadata.namespace, &metadata.name)?, true),
        };
        if self.pods.len() >= PODS_MAX {
            self.pods.clear();
        }
        self.pods.insert(metadata.uid.clone(), id);
        Ok((id, is_new))
    }

    /// The row of the pod that a request is about; that of its name if it tells no uid.
    fn row_of_target(
        &mut self,
        writer: &Writer<'_>,
        cluster: i64,
        target: &Target,
    ) -> Result<(i64, bool), IngestError> {
        let Target { namespace, name, uid } = target;
        let known = if uid.is_empty() {
            writer.find_without_uid(cluster, namespace, name)?
        } else {
            writer.find_pod(cluster, uid)?
        };
        Ok(match known {
            Some(id) => (id, false),
            None => (writer.add_pod(cluster, uid, namespace, name)?, true),
        })
    }

    /// Commits a strict ingest that went well; drops one that did not. Projects what waits.
    fn finish(mut self, ending: &Result<(), IngestError>) -> Result<IngestReport, IngestError> {
        self.report.pods_seen = self.pods_seen.len() as u64;
        if let Some(held) = &self.held {
            self.report.records_known += held.records.len() as u64;
        }
        if let Some(writer) = self.whole.take() {
            if ending.is_ok() && self.report.truncated.is_none() {
                let mut behind = Some(0);
                while let Some(from) = behind {
                    behind = self.project_stale(from)?;
                }
                writer.commit()?;
            }
            return Ok(self.report);
        }
        let mut behind = self.projector.is_some().then_some(0);
        while let Some(from) = behind {
            let writer = self.log.write()?;
            self.forget_if_stale()?;
            behind = self.project_stale(from)?;
            writer.commit()?;
        }
        Ok(self.report)
    }

    fn project_stale(&mut self, behind: i64) -> Result<Option<i64>, IngestError> {
        match &mut self.projector {
            Some(projector) => Ok(projector.project_stale(behind)?),
            None => Ok(None),
        }
    }
}

/// When a request had come in that made this object, if it was made then: it was not written before.
fn begun_of(stated: Option<Stated>, evidence: Evidence) -> Option<StampedAt> {
    let Stated { at, begun, .. } = stated.filter(|stated| stated.clock == Clock::Audit)?;
    let is_fresh = at.micros() - evidence.not_before?.micros() <= FRESH_US;
    begun.filter(|_| is_fresh).map(|at| StampedAt::from_micros(at.micros()))
}

/// What the log has of a chunk.
struct Known {
    /// How many records, from the first on, are batches of the log.
    records: usize,
    /// What the records behind them are.
    rest: Rest,
}

impl Known {
    /// Whether something is to be appended.
    fn is_open(&self) -> bool {
        self.rest == Rest::Unknown
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    None,
    /// The log has them as the beginning of a batch.
    BeginsBatch,
    Unknown,
}

#[derive(Clone, Copy)]
struct RecordIds {
    seq: i64,
    recording: i64,
    cluster: i64,
}

impl IngestReport {
    /// Whether anything of the input could not be taken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problem_count == 0 && self.truncated.is_none()
    }

    /// Whether nothing in it is of a known format.
    #[must_use]
    pub fn is_unrecognized(&self) -> bool {
        let is_unrecognized = |problem: &Problem| problem.kind == ProblemKind::Unrecognized;
        self.records + self.records_known == 0
            && self.skipped.is_empty()
            && self.truncated.is_none()
            && !self.problems.is_empty()
            && self.problems.iter().all(is_unrecognized)
    }

    /// Whether the log had all of it already.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.records == 0 && self.records_known > 0
    }
}
