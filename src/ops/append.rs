//! Appends the chunks of an input to the log, batch after batch.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use super::facts::{FRESH_US, Facts, Novelty, RecordPlace};
use super::ingest_error::IngestError;
use super::ingest_options::{IngestOptions, Progress};
use super::ingest_report::IngestReport;
use super::pod_rows::{ActorRows, PodRows, of_target};
use super::position::{Known, Position, Rest};
use super::projector::Projector;
use crate::history::Evidence;
use crate::input::record::{Record, Stated, Subject};
use crate::input::{DecodedChunk, Encoding, Format, Problem, ProblemKind};
use crate::model::{Clock, EventKind, RecordLifecycle, StampedAt};
use crate::replay::is_creation;
use crate::store::{
    BatchSummary, Dictionary, EncodedBatch, Log, NewBatch, RecordRow, VersionKey, Writer, encode_batch,
};

const PROBLEMS_KEPT: usize = 20;
/// How many kinds of other objects are told apart.
const KINDS_MAX: usize = 40;
/// How many batches one transaction takes. Each transaction waits for the disk, and the batches of one share the pages of indexes that they change.
const BATCHES_AT_ONCE: u64 = 64;
/// How long another process that wants to write is waited for behind a transaction of so many.
const GIVE_WAY: Duration = Duration::from_millis(3);

/// A chunk, decoded and packed, ready to be appended.
pub(super) struct Packed {
    pub(super) decoded: DecodedChunk,
    pub(super) encoded: EncodedBatch,
}

pub(super) fn pack(decoded: DecodedChunk, dictionary: Option<&Dictionary>) -> io::Result<Packed> {
    let encoded = encode_batch(decoded.records.iter().map(|record| decoded.body(record)), dictionary)?;
    Ok(Packed { decoded, encoded })
}

/// Appends chunk after chunk.
pub(super) struct Append<'a> {
    log: &'a Log,
    options: &'a IngestOptions,
    pub(super) report: IngestReport,
    dictionary: &'a OnceLock<Option<Dictionary>>,
    position: Position<'a>,
    /// Records that begin the batch behind the position: whether the input goes on like it shows what comes next.
    held: Option<DecodedChunk>,
    /// The transaction of the batches that were appended last, and how many they are.
    open: Option<(Writer<'a>, u64)>,
    facts: Facts<'a>,
    /// Of the batch that is appended.
    summary: BatchSummary,
    /// A store in memory has no projection: nobody asks it in SQL.
    projector: Option<Projector<'a>>,
    pods: PodRows,
    actors: ActorRows,
    pods_seen: HashSet<i64>,
    /// The namespaces of the cluster with requests about all their pods, once they were read.
    asked_together: Option<BTreeSet<Box<str>>>,
    data_version: i64,
}

impl<'a> Append<'a> {
    pub(super) fn new(
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
            position: Position::beginning(log, &options.cluster),
            held: None,
            open: None,
            facts: Facts::new(log),
            summary: BatchSummary::default(),
            projector: log.path_on_disk().map(|_| Projector::new(log)),
            pods: PodRows::default(),
            actors: ActorRows::default(),
            pods_seen: HashSet::new(),
            asked_together: None,
            data_version: log.data_version()?,
        })
    }

    /// Goes on in the transaction of another, if there is one.
    pub(super) fn within(self, transaction: Option<Writer<'a>>) -> Self {
        Self { open: transaction.map(|writer| (writer, 0)), ..self }
    }

    /// The transaction of what was appended and not committed: dropped, it leaves no trace.
    pub(super) fn uncommitted(self) -> Option<Writer<'a>> {
        self.open.map(|(writer, _)| writer)
    }

    pub(super) fn take(&mut self, packed: Packed, progress: &dyn Progress) -> Result<(), IngestError> {
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
            let (writer, batches) = match self.open.take() {
                Some(open) => open,
                None => {
                    let writer = self.log.write()?;
                    if self.forget_if_stale()? {
                        known = self.pass_known(&decoded, encoded.as_ref(), known.records)?;
                    }
                    (writer, 0)
                }
            };
            if known.is_open() {
                self.append_with(&writer, decoded, known.records, encoded)?;
                self.open = Some((writer, batches + 1));
                // Under `strict` one transaction holds all that is appended.
                if batches + 1 == BATCHES_AT_ONCE && !self.options.strict {
                    self.commit()?;
                    self.give_way();
                }
                return Ok(());
            }
        }
        if known.rest == Rest::BeginsBatch {
            self.held = Some(decoded.without(known.records));
        }
        Ok(())
    }

    /// Nothing comes for now: what was appended is committed.
    pub(super) fn pause(&mut self) -> Result<(), IngestError> {
        if self.options.strict { Ok(()) } else { self.commit() }
    }

    fn commit(&mut self) -> Result<(), IngestError> {
        self.open.take().map_or(Ok(()), |(writer, _)| Ok(writer.commit()?))
    }

    /// SQLite gives its lock to whoever asks first, and nobody asks sooner than who has just given it back. Others ask every
    /// millisecond: they get it in such a pause.
    fn give_way(&self) {
        if self.log.path_on_disk().is_some() {
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

    /// What the log has of the chunk, whose first `known` records have been passed before.
    fn pass_known(
        &mut self,
        decoded: &DecodedChunk,
        encoded: Option<&EncodedBatch>,
        known: usize,
    ) -> Result<Known, IngestError> {
        let found = self.position.pass(decoded, encoded, known)?;
        self.report.records_known += (found.records - known) as u64;
        self.report.recording = found.recording.or(self.report.recording);
        Ok(found)
    }

    /// Whether another process has written. What is remembered of the store is then forgotten. To be called within a transaction.
    fn forget_if_stale(&mut self) -> Result<bool, IngestError> {
        let data_version = self.log.data_version()?;
        let is_stale = std::mem::replace(&mut self.data_version, data_version) != data_version;
        if is_stale {
            self.position.forget();
            self.facts.forget();
            self.pods.forget();
            self.actors.forget();
            self.asked_together = None;
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
        let first_seq = self.log.reader().last_seq()? + 1;
        let recording = self.recording(writer, cluster, first_seq)?;
        let dictionary = self.dictionary.wait().as_ref().map(|dictionary| writer.dictionary(dictionary)).transpose()?;
        let records: Vec<Record> = decoded.records.drain(known..).collect();
        // What was refused tells nothing of a pod, and so does its time.
        let told = records.iter().filter(|record| record.kind != EventKind::Refused);
        let stated = told.filter_map(|record| record.stated.map(|stated| stated.at.micros()));
        let place = writer.batch(&NewBatch {
            recording,
            before: self.position.place(),
            first_seq,
            records: records.len(),
            encoded: &encoded,
            dictionary,
            stated: stated.clone().min().zip(stated.max()),
            of_pods: records.iter().filter(|record| record.is_about_pod()).count(),
        })?;
        self.position.follow(place);
        self.report.recording = Some(recording);
        self.report.records += records.len() as u64;
        for (seq, record) in (first_seq..).zip(records) {
            self.append_record(writer, RecordIds { seq, recording, cluster }, record)?;
        }
        let bounds = self.facts.end_batch();
        writer.summary((place, cluster), &std::mem::take(&mut self.summary), &bounds)?;
        match &mut self.projector {
            Some(projector) => projector.end_batch(cluster, &bounds),
            None => Ok(()),
        }
    }

    /// The recording that the next batch belongs to: the one it follows on, unless another batch does already.
    fn recording(&mut self, writer: &Writer<'_>, cluster: i64, first_seq: i64) -> Result<i64, IngestError> {
        let recording = match self.position.continued() {
            Some(recording) => recording,
            None => {
                let name = self.report.name.to_string_lossy();
                let encoding = self.report.encoding.map_or("", Encoding::as_str);
                let format = self.report.format.map_or(encoding, Format::as_str);
                writer.recording(cluster, &name, format, self.position.place().batch)?
            }
        };
        match self.position.place().batch {
            Some(_) if self.position.is_own() => {}
            Some(batch) => self.facts.resume(batch)?,
            None => self.facts.begin(first_seq),
        }
        Ok(recording)
    }

    fn append_record(&mut self, writer: &Writer<'_>, ids: RecordIds, record: Record) -> Result<(), IngestError> {
        let RecordIds { seq, recording, cluster } = ids;
        let Record { kind, subject, line, stated, audited, by, body: _ } = record;
        let actor = by.map(|by| self.actors.row(writer, *by)).transpose()?;
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
            audited: audited.as_ref(),
            actor,
        };
        // Requests about one pod follow each other by when they came in: answers overtake each other.
        let begun = stated.map(|stated| stated.begun.unwrap_or(stated.at).micros());
        match subject {
            Subject::Stream { resource_version, .. } => {
                let version = resource_version.as_ref().map(VersionKey::from);
                self.add(writer, &RecordRow { version: version.as_ref(), ..plain }, false)?;
                self.facts.take_other(&kind);
                self.report.markers += 1;
                if let Some(at) = stated.map(|stated| stated.at).filter(|_| kind == EventKind::Taken) {
                    let (from, until) = self.report.taken.unwrap_or((at, at));
                    self.report.taken = Some((from.min(at), until.max(at)));
                }
            }
            Subject::Related(target) => {
                let row = RecordRow { stamp: begun.filter(|_| kind == EventKind::Request), ..plain };
                self.add(writer, &row, false)?;
                writer.add_related(seq, cluster, &target)?;
                self.facts.take_other(&kind);
                if kind == EventKind::Request {
                    self.take_of_namespace(cluster, target.namespace)?;
                } else if kind == EventKind::Refused {
                    self.report.refused += 1;
                } else {
                    self.report.related += 1;
                }
            }
            Subject::Request { target, lifecycle } => {
                let (pod, is_new_pod) = of_target(writer, cluster, &target)?;
                let row = RecordRow { pod: Some(pod), stamp: begun, lifecycle, ..plain };
                self.add(writer, &row, !target.uid.is_empty())?;
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
                let (pod_id, is_new_pod) = self.pods.of_pod(writer, cluster, &pod)?;
                self.pods_seen.insert(pod_id);
                let evidence = Evidence::of(&pod);
                let has_uid = !metadata.uid.0.is_empty();
                let is_write = !kind.is_bare();
                let begun = begun_of(stated.filter(|_| is_write), evidence);
                let stamp = evidence.not_before.max(begun);
                let (version, clock) = (version.as_ref(), evidence.clock);
                let place = RecordPlace {
                    seq,
                    recording,
                    cluster,
                    pod: pod_id,
                    is_new_pod,
                    is_write,
                    version,
                    stamp,
                    clock,
                    stated: stated.map(|stated| (stated.at, stated.clock)),
                };
                let novelty = self.facts.take_pod(&place, &kind)?;
                let lifecycle = is_creation(&pod).then_some(RecordLifecycle::Creation);
                let is_asked_together = self.is_asked_together(cluster, &pod.metadata.namespace)?;
                match &mut self.projector {
                    Some(projector) if is_asked_together => projector.wait(pod_id),
                    Some(projector) => projector.take(&place, &kind, *pod, novelty)?,
                    None => {}
                }
                let (pod, stamp, clock) = (Some(pod_id), stamp.map(StampedAt::micros), Some(clock));
                self.add(writer, &RecordRow { pod, version, stamp, clock, lifecycle, ..plain }, has_uid)?;
                self.report.pods += u64::from(is_new_pod);
                match novelty {
                    Novelty::Next | Novelty::Between => self.report.events += 1,
                    Novelty::Again { .. } => self.report.repeated += 1,
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, writer: &Writer<'_>, row: &RecordRow<'_>, has_uid: bool) -> Result<(), IngestError> {
        self.summary.take(row, has_uid);
        Ok(writer.add_record(row)?)
    }

    /// A request about all pods of a namespace: those that are known wait for the projection, and whatever comes of them.
    fn take_of_namespace(&mut self, cluster: i64, namespace: Box<str>) -> Result<(), IngestError> {
        self.report.requests += 1;
        let Some(projector) = &mut self.projector else { return Ok(()) };
        for pod in self.log.pods_of_namespace(cluster, &namespace)? {
            projector.wait(pod);
        }
        if let Some(known) = &mut self.asked_together {
            known.insert(namespace);
        }
        Ok(())
    }

    /// Whether something was asked of all pods of a namespace: then they are read again with it.
    fn is_asked_together(&mut self, cluster: i64, namespace: &str) -> Result<bool, IngestError> {
        if self.projector.is_none() {
            return Ok(false);
        }
        if self.asked_together.is_none() {
            self.asked_together = Some(self.log.namespaces_asked_together(cluster)?);
        }
        Ok(self.asked_together.as_ref().is_some_and(|known| known.contains(namespace)))
    }

    /// Commits what was appended; under `strict` only if all went well.
    pub(super) fn finish(mut self, ending: &Result<(), IngestError>) -> Result<IngestReport, IngestError> {
        self.report.pods_seen = self.pods_seen.len() as u64;
        if let Some(held) = &self.held {
            self.report.records_known += held.records.len() as u64;
        }
        if ending.is_ok() || !self.options.strict {
            self.commit()?;
        }
        Ok(self.report)
    }
}

/// When a request had come in that made this object, if it was made then: it was not written before.
fn begun_of(stated: Option<Stated>, evidence: Evidence) -> Option<StampedAt> {
    let Stated { at, begun, .. } = stated.filter(|stated| stated.clock == Clock::Audit)?;
    let is_fresh = at.micros() - evidence.not_before?.micros() <= FRESH_US;
    begun.filter(|_| is_fresh).map(|at| StampedAt::from_micros(at.micros()))
}

#[derive(Clone, Copy)]
struct RecordIds {
    seq: i64,
    recording: i64,
    cluster: i64,
}
