//! Replays a stream that is grouped by pod, one pod after the other. The output for a pod is a function of its own records
//! and of those that are given to all pods: it is the same alone, among others, and in any order of the pods.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use super::append::{Append, Packed, pack};
use super::broadcast::Broadcast;
use super::check::judged;
use super::ingest_error::IngestError;
use super::ingest_options::IngestOptions;
use super::ingest_report::IngestReport;
use super::latency::latency;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use super::related::Notes;
use super::select_pods::recorded;
use crate::input::guess::guess;
use crate::input::record::{Body, Record, Subject};
use crate::input::{ChunkReader, DecodedChunk, Encoding, Source, SourceError};
use crate::kubelet::KubernetesVersion;
use crate::latency::PodLatency;
use crate::model::{EventKind, Target};
use crate::report::JudgedPod;
use crate::rules::Track;
use crate::store::{Log, PodRow, StoreError};

/// Which pods of a stream are replayed, and how.
#[derive(Debug, Default)]
pub struct GroupedOptions {
    /// How the records are read.
    pub ingest: IngestOptions,
    /// By the rules of which release; of what the objects tell if none is given.
    pub release: Option<KubernetesVersion>,
    /// Of so many shards this one, from 0: a pod belongs to one of them by its uid.
    pub shard: Option<Shard>,
    /// What is given to every pod.
    pub broadcast: Option<Broadcast>,
}

/// One of several shards of all pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// How many there are, at least 1.
    pub of: u64,
    /// Which one, from 0.
    pub index: u64,
}

impl Shard {
    /// Whether a pod belongs to it.
    #[must_use]
    pub fn holds(self, uid: &str) -> bool {
        let hash = blake3::hash(uid.as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h]) % self.of.max(1) == self.index
    }
}

/// What was read of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grouped {
    /// The pods that were replayed.
    pub pods: u64,
    /// Their records.
    pub records: u64,
    /// Records that are about no pod: bookmarks, nodes, workloads.
    pub skipped: u64,
}

/// A pod of a stream: what it went through, and how it was judged.
pub struct ReplayedPod<'a, 'r> {
    /// The pod.
    pub pod: JudgedPod,
    reading: &'a Reading<'r>,
    history: &'a StoredHistory<'r>,
}

impl ReplayedPod<'_, '_> {
    /// How long it took.
    ///
    /// # Errors
    /// When a record of it cannot be read again.
    pub fn latency(&self) -> Result<PodLatency, GroupedError> {
        Ok(latency(self.reading, self.history, &self.pod.report)?)
    }
}

/// Why a stream is not replayed to its end.
#[derive(Debug, thiserror::Error)]
pub enum GroupedError {
    /// It cannot be read.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A pod cannot be read again.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is not grouped by pod.
    #[error("{}: line {line}: pod {uid} again, which ended at line {before}; expected all records of a pod one behind the other", name.display())]
    Again {
        /// The stream.
        name: PathBuf,
        /// Where it comes back.
        line: u64,
        /// The pod.
        uid: Box<str>,
        /// Where its last record was.
        before: u64,
    },
    /// A record names no pod by its uid, and stands behind none of that name.
    #[error("{}: line {line}: a record of pod {pod} without its uid; expected it behind a record of that pod that has one", name.display())]
    NoUid {
        /// The stream.
        name: PathBuf,
        /// Where.
        line: u64,
        /// The pod, as far as it is named.
        pod: String,
    },
}

impl From<StoreError> for GroupedError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

impl From<SourceError> for GroupedError {
    fn from(error: SourceError) -> Self {
        Self::Ingest(error.into())
    }
}

/// Replays each pod of a stream, and hands it on when its last record was read. No more than one pod is held, and of each that passed
/// a hash.
///
/// # Errors
/// When the stream cannot be read, has a broken record, or is not grouped by pod; and whatever `then` fails with.
pub fn each_pod<E: From<GroupedError>>(
    source: Source,
    options: &GroupedOptions,
    mut then: impl FnMut(&ReplayedPod<'_, '_>) -> Result<(), E>,
) -> Result<Grouped, E> {
    let name = source.name.clone();
    let known = options.ingest.encoding.or_else(|| Encoding::detect(&source.head));
    let Some(encoding) = known else {
        let head = source.head.escape_ascii().take(60).map(char::from).collect();
        let unknown = IngestError::UnknownFormat { name, head, guess: guess(&source.head) };
        return Err(GroupedError::from(unknown).into());
    };
    let log = Log::in_memory().map_err(GroupedError::from)?;
    let mut stream = Stream { name, options, log, passed: HashMap::new(), now: None, read: Grouped::default() };
    let mut chunks = ChunkReader::new(source.reader, encoding);
    loop {
        let read = chunks.next_chunk().map_err(|source| SourceError::Read { name: stream.name.clone(), source });
        let Some(chunk) = read.map_err(GroupedError::from)? else { break };
        let mut decoded = DecodedChunk::decode(chunk, encoding, options.ingest.base_time);
        let problem = std::mem::take(&mut decoded.problems).into_iter().min_by_key(|problem| problem.line);
        // What ended before a broken record is replayed.
        let is_before = |record: &Record| problem.as_ref().is_none_or(|problem| record.line < problem.line);
        for mut record in std::mem::take(&mut decoded.records).into_iter().filter(is_before) {
            record.body = Body::Rewritten(decoded.body(&record).to_vec());
            let Some(target) = pod_of(&record) else {
                stream.read.skipped += 1;
                continue;
            };
            if stream.now.as_ref().is_some_and(|now| !now.is_of(&target)) {
                stream.end_pod(&mut then)?;
            }
            stream.take(record, target)?;
        }
        if let Some(problem) = problem {
            return Err(GroupedError::from(IngestError::Strict { name: stream.name, problem }).into());
        }
    }
    stream.end_pod(&mut then)?;
    Ok(stream.read)
}

/// The pod that a record is about; its uid is empty where none is told.
fn pod_of(record: &Record) -> Option<Target> {
    match (&record.subject, &record.kind) {
        (Subject::Pod(pod), _) => {
            let metadata = &pod.metadata;
            let (namespace, name, uid) = (metadata.namespace.clone(), metadata.name.clone(), metadata.uid.0.clone());
            Some(Target { namespace, name, uid })
        }
        (Subject::Request { target, .. }, _) => Some(target.clone()),
        // What is about workloads, or refused of them, has a name with a slash.
        (Subject::Related(target), EventKind::CoreEvent | EventKind::Refused)
            if !target.namespace.is_empty() && !target.name.contains('/') =>
        {
            Some(target.clone())
        }
        (Subject::Related(_) | Subject::Stream { .. }, _) => None,
    }
}

/// The pod whose records are read.
struct Now {
    pod: Target,
    records: Vec<Record>,
    last_line: u64,
}

impl Now {
    fn is_of(&self, other: &Target) -> bool {
        let is_named = self.pod.namespace == other.namespace && self.pod.name == other.name;
        is_named && (other.uid.is_empty() || self.pod.uid == other.uid)
    }
}

struct Stream<'a> {
    name: PathBuf,
    /// Of the pod that is replayed.
    log: Log,
    options: &'a GroupedOptions,
    /// Of each pod that ended by its hash the line of its last record.
    passed: HashMap<[u8; 16], u64>,
    now: Option<Now>,
    read: Grouped,
}

impl Stream<'_> {
    fn take(&mut self, record: Record, pod: Target) -> Result<(), GroupedError> {
        let line = record.line;
        let now = match &mut self.now {
            Some(now) => now,
            None if pod.uid.is_empty() => {
                let pod = format!("{}/{}", pod.namespace, pod.name);
                return Err(GroupedError::NoUid { name: self.name.clone(), line, pod });
            }
            None => {
                if let Some(before) = self.passed.get(&hash_of(&pod)).copied() {
                    return Err(GroupedError::Again { name: self.name.clone(), line, uid: pod.uid, before });
                }
                self.now.insert(Now { pod, records: Vec::new(), last_line: line })
            }
        };
        now.last_line = line;
        now.records.push(record);
        Ok(())
    }

    /// Replays the pod whose records were read.
    fn end_pod<E: From<GroupedError>>(
        &mut self,
        then: &mut impl FnMut(&ReplayedPod<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(now) = self.now.take() else { return Ok(()) };
        self.passed.insert(hash_of(&now.pod), now.last_line);
        if self.options.shard.is_some_and(|shard| !shard.holds(&now.pod.uid)) {
            return Ok(());
        }
        self.read.pods += 1;
        self.read.records += now.records.len() as u64;
        replayed(&self.log, now, self.options, then)
    }
}

/// A pod is its uid, namespace and name.
fn hash_of(pod: &Target) -> [u8; 16] {
    let hash = blake3::hash(format!("{}\n{}\n{}", pod.uid, pod.namespace, pod.name).as_bytes());
    std::array::from_fn(|place| hash.as_bytes()[place])
}

/// Replays the records of one pod, in a log that has no others: they are never committed.
fn replayed<E: From<GroupedError>>(
    log: &Log,
    now: Now,
    options: &GroupedOptions,
    then: &mut impl FnMut(&ReplayedPod<'_, '_>) -> Result<(), E>,
) -> Result<(), E> {
    let shared = options.broadcast.as_ref().map(|broadcast| &broadcast.shared);
    let requests = shared.map(|shared| shared.requests_of(&now.pod)).filter(|it| !it.is_empty());
    let (no_dictionary, mut uncommitted) = (OnceLock::from(None), None);
    for records in [Some(now.records), requests].into_iter().flatten() {
        let append = Append::new(log, &options.ingest, IngestReport::default(), &no_dictionary);
        let mut append = append.map_err(GroupedError::from)?.within(uncommitted);
        append.take(packed(records)?, &()).map_err(GroupedError::from)?;
        uncommitted = append.uncommitted();
    }
    let reader = log.reader();
    for row in recorded(&Reading::new(&reader)).map_err(GroupedError::from)? {
        // Where the records of a pod stand among the shared recordings is remembered with the reading.
        let reading = Reading::new(&reader).by_rules_of(options.release).with_shared(shared);
        replayed_row(&reading, &Notes::new(&reading), &row, &mut *then)?;
    }
    Ok(())
}

/// Replays a pod of a log, and hands it on.
///
/// # Errors
/// When the log cannot be read or a record in it is damaged; and whatever `then` fails with.
pub fn replayed_row<E: From<GroupedError>>(
    reading: &Reading<'_>,
    notes: &Notes<'_>,
    row: &PodRow,
    then: impl FnOnce(&ReplayedPod<'_, '_>) -> Result<(), E>,
) -> Result<(), E> {
    let history = reading.pod(row).map_err(GroupedError::from)?;
    let (mut pod, _) = judged(reading, &history, Track::Left).map_err(GroupedError::from)?;
    pod.report.related = notes.of(row, &pod.report).map_err(GroupedError::from)?;
    then(&ReplayedPod { pod, reading, history: &history })
}

fn packed(records: Vec<Record>) -> Result<Packed, GroupedError> {
    let mut chunk = DecodedChunk::default();
    chunk.records = records;
    Ok(pack(chunk, None).map_err(IngestError::Pack)?)
}
