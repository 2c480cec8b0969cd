//! Reads the log.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use rusqlite::{Row, params};
use zstd::dict::DecoderDictionary;

use super::block::{BlockCache, OpenBlock, Unpacker};
use super::error::StoreError;
use super::log_table::{BATCH, BLOCK, CLUSTER, DICTIONARY, LogTable, POD, RECORD, RECORDING, RELATED};
use super::open::Log;
use super::seal::{Group, Seal};
use super::spans::Shared;
use super::version_key::VersionKey;
use crate::history::{Skyline, TimeBound};
use crate::model::{
    Clock, EventKind, ObservedAt, PodIdentity, RecordLifecycle, RecordingSummary, Seq, StampedAt, StoredRecord,
};

/// Reads records and their bytes; remembers the blocks unpacked last.
pub struct Reader<'log> {
    log: &'log Log,
    pub(super) skylines: RefCell<BTreeMap<i64, Rc<Skyline>>>,
    pub(super) ranks: RefCell<Option<Rc<BTreeMap<i64, usize>>>>,
    pub(super) shared: RefCell<Option<Rc<Shared>>>,
    stream: RefCell<Option<Rc<StreamRows>>>,
    /// What was walked through last.
    pub(super) walked: RefCell<Stretches>,
    /// The incarnations asked for last: those of one name are asked for one after the other.
    incarnations: RefCell<Option<Rc<Vec<PodRow>>>>,
    /// The names that records tell without a uid, with their cluster and namespace, once all pods were read.
    nameless: OnceCell<BTreeSet<(i64, String, String)>>,
    blocks: RefCell<BlockCache>,
    dictionaries: RefCell<HashMap<i64, Unpacker>>,
    /// The batches looked up so far, by their first record.
    batches: RefCell<BTreeMap<i64, BatchRow>>,
    clusters: OnceCell<BTreeMap<i64, String>>,
}

/// Rows of records, by their first and their end.
pub(super) type Stretches = BTreeMap<(i64, i64), Rc<Vec<RecordFacts>>>;

/// The records that tell of the stream, each with what it says.
pub(super) type StreamRows = Vec<(i64, EventKind)>;

/// A batch of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRow {
    /// Its row.
    pub id: i64,
    /// Its recording.
    pub recording: i64,
    /// The batch before it.
    pub parent: Option<i64>,
    /// What stands for all records up to its end.
    pub hash: [u8; 32],
    /// Its first record.
    pub first_seq: i64,
    /// How many records it has.
    pub records: i64,
    /// How many bytes they have.
    pub bytes: i64,
    /// The first and the last time that they state, in microseconds.
    pub stated: Option<(i64, i64)>,
    /// How many of its records are about pods.
    pub of_pods: i64,
}

impl BatchRow {
    /// The position behind its last record.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.first_seq.saturating_add(self.records)
    }
}

fn batch_row(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    let stated: (Option<i64>, Option<i64>) = (row.get(7)?, row.get(8)?);
    Ok(BatchRow {
        id: row.get(0)?,
        recording: row.get(1)?,
        parent: row.get(2)?,
        hash: row.get(3)?,
        first_seq: row.get(4)?,
        records: row.get(5)?,
        bytes: row.get(6)?,
        stated: stated.0.zip(stated.1),
        of_pods: row.get(9)?,
    })
}

/// A pod of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodRow {
    /// Its row.
    pub id: i64,
    /// Its cluster's row.
    pub cluster: i64,
    /// Which pod it is.
    pub identity: PodIdentity,
}

/// A record related to pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedRow {
    /// Its position.
    pub seq: i64,
    /// What it is.
    pub kind: EventKind,
    /// The uid of the pod that it is about, if it says so, or of the node.
    pub uid: String,
    /// The time that it states.
    pub at: Option<ObservedAt>,
}

/// A record's row, for going through the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFacts {
    /// Its position.
    pub seq: i64,
    /// What it says of its object.
    pub kind: EventKind,
    /// The pod's row.
    pub pod: Option<i64>,
    /// The version it shows.
    pub version: Option<VersionKey>,
    /// The newest time in it, in microseconds.
    pub stamp: Option<i64>,
    /// Whose clock that is.
    pub clock: Clock,
    /// The time that its format states, in microseconds, and whose clock that is.
    pub stated: Option<(i64, Clock)>,
    /// Whether it begins or ends a pod's life, as far as it says so by itself.
    pub lifecycle: Option<RecordLifecycle>,
    /// The recording that it belongs to.
    pub recording: i64,
}

/// The stated time in a column, with the clock in the next.
fn stated(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<(i64, Clock)>> {
    let at: Option<i64> = row.get(column)?;
    let clock = row.get_ref(column + 1)?.as_str_or_null()?;
    Ok(at.map(|at| (at, Clock::of_word(clock))))
}

impl Log {
    /// Begins to read.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            log: self,
            skylines: RefCell::default(),
            ranks: RefCell::default(),
            shared: RefCell::default(),
            stream: RefCell::default(),
            walked: RefCell::default(),
            incarnations: RefCell::default(),
            nameless: OnceCell::new(),
            blocks: RefCell::default(),
            dictionaries: RefCell::default(),
            batches: RefCell::default(),
            clusters: OnceCell::new(),
        }
    }

    /// Keeps what is read from here on as it is now, whatever a writer adds meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn hold_still(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;").map_err(|source| self.error(source))
    }
}

impl Reader<'_> {
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let collect = || -> rusqlite::Result<Vec<T>> {
            let mut statement = self.log.connection.prepare_cached(sql)?;
            let rows = statement.query_map(values, read)?;
            rows.collect()
        };
        collect().map_err(|source| self.log.error(source))
    }

    /// Rows of a table of the log, each compared with its checksum. `read` finds the columns of the table in their order; `which` is
    /// what stands behind the name of the table.
    pub(super) fn checked<T>(
        &self,
        table: &LogTable,
        which: &str,
        values: impl rusqlite::Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<(Vec<T>, Seal), StoreError> {
        let sql = format!("SELECT {} FROM {} {which}", table.selected, table.name);
        let mut seal = Seal::default();
        let rows = self.rows(&sql, values, |row| {
            seal.add(table.checked(row)?);
            read(row)
        })?;
        Ok((rows, seal))
    }

    /// The rows of a group: all of them, or an error.
    pub(super) fn whole<T>(
        &self,
        group: Group<'_>,
        table: &LogTable,
        which: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let (rows, found) = self.checked(table, which, values, read)?;
        self.log.compare(group, found)?;
        Ok(rows)
    }

    fn cluster_names(&self) -> Result<&BTreeMap<i64, String>, StoreError> {
        if let Some(known) = self.clusters.get() {
            return Ok(known);
        }
        let rows = self.whole(Group::Clusters, &CLUSTER, "", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(self.clusters.get_or_init(|| rows.into_iter().collect()))
    }

    fn pods_of(&self, group: Group<'_>, which: &str, values: impl rusqlite::Params) -> Result<Vec<PodRow>, StoreError> {
        let clusters = self.cluster_names()?;
        self.whole(group, &POD, which, values, |row| pod_row(row, clusters))
    }

    /// The pods of this name, all incarnations and namespaces.
    pub fn pods_named(&self, name: &str) -> Result<Vec<PodRow>, StoreError> {
        let pods = self.pods_of(Group::PodsNamed { name }, "WHERE name = ?1 ORDER BY namespace, id", [name])?;
        self.by_name_and_begin(pods)
    }

    /// The clusters, in the order of ingest.
    pub fn clusters(&self) -> Result<Vec<i64>, StoreError> {
        Ok(self.cluster_names()?.keys().copied().collect())
    }

    /// The pods whose uid begins like this.
    pub fn pods_with_uid(&self, prefix: &str) -> Result<Vec<PodRow>, StoreError> {
        let mut pods = self.pods_of(Group::Pods, "ORDER BY uid, id", [])?;
        pods.retain(|pod| pod.identity.uid.starts_with(prefix));
        pods.sort_by(|left, right| {
            (&left.identity.uid, &left.identity.cluster).cmp(&(&right.identity.uid, &right.identity.cluster))
        });
        Ok(pods)
    }

    /// The bounds of what is recorded of a cluster: earliest and latest stamp, in microseconds.
    pub fn stamp_bounds(&self, cluster: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let stated: Vec<(i64, i64)> = self.all_batches()?.iter().filter_map(|batch| batch.stated).collect();
        let skyline = self.skyline(cluster)?;
        let micros = |bound: Option<&TimeBound>| bound.map(|bound| bound.at.micros());
        let first = stated.iter().map(|(first, _)| *first).chain(micros(skyline.bounds().first())).min();
        let last = stated.iter().map(|(_, last)| *last).chain(micros(skyline.bounds().last())).max();
        Ok(first.zip(last))
    }

    /// Every pod, by namespace and name; those of one name by cluster and by when their first record was written.
    pub fn all_pods(&self) -> Result<Vec<PodRow>, StoreError> {
        let pods = self.pods_of(Group::Pods, "ORDER BY namespace, name, id", [])?;
        self.nameless.get_or_init(|| {
            let nameless = pods.iter().filter(|pod| pod.identity.uid.is_empty());
            nameless.map(|pod| (pod.cluster, pod.identity.namespace.clone(), pod.identity.name.clone())).collect()
        });
        self.by_name_and_begin(pods)
    }

    /// Puts the pods of one name, which stand together, in the order in which they lived.
    fn by_name_and_begin(&self, mut rows: Vec<PodRow>) -> Result<Vec<PodRow>, StoreError> {
        let is_namesake = |left: &PodRow, right: &PodRow| {
            (&left.identity.namespace, &left.identity.name) == (&right.identity.namespace, &right.identity.name)
        };
        for namesakes in rows.chunk_by_mut(is_namesake).filter(|namesakes| namesakes.len() > 1) {
            let mut keyed = Vec::with_capacity(namesakes.len());
            for row in namesakes.iter() {
                let of_pod = Group::RecordsOf { pod: row.id };
                let records = self.whole(of_pod, &RECORD, "WHERE pod = ?1", [row.id], record_facts)?;
                let stamp = records.iter().filter_map(|record| record.stamp).min();
                let begin = (stamp, records.into_iter().filter_map(|record| record.version).min());
                keyed.push((row.identity.cluster.clone(), begin, row.identity.uid.clone(), row.clone()));
            }
            keyed.sort_by(|left, right| (&left.0, &left.1, &left.2).cmp(&(&right.0, &right.1, &right.2)));
            for (place, (.., row)) in namesakes.iter_mut().zip(keyed) {
                *place = row;
            }
        }
        Ok(rows)
    }

    /// Every batch, in the order of the log.
    pub fn all_batches(&self) -> Result<Vec<BatchRow>, StoreError> {
        self.whole(Group::Batches, &BATCH, "ORDER BY first_seq", [], batch_row)
    }

    /// The batch that a record belongs to.
    pub fn batch_of(&self, seq: i64) -> Result<BatchRow, StoreError> {
        if let Some((_, known)) = self.batches.borrow().range(..=seq).next_back()
            && seq < known.end()
        {
            return Ok(*known);
        }
        let (found, _) =
            self.checked(&BATCH, "WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1", [seq], batch_row)?;
        match found.first() {
            Some(batch) if seq < batch.end() => {
                self.batches.borrow_mut().insert(batch.first_seq, *batch);
                Ok(*batch)
            }
            Some(_) | None => Err(self.log.damaged(format!("the record {seq} has no batch"))),
        }
    }

    /// The records of one pod in the order of the log.
    pub fn records_of(&self, pod: i64) -> Result<Vec<StoredRecord>, StoreError> {
        let rows =
            self.whole(Group::RecordsOf { pod }, &RECORD, "WHERE pod = ?1 ORDER BY seq", [pod], stored_record)?;
        self.with_recordings(rows)
    }

    /// Those of them that show its newest version.
    pub fn newest_records_of(&self, pod: i64) -> Result<Vec<StoredRecord>, StoreError> {
        const NEWEST: &str =
            "WHERE pod = ?1 AND version = (SELECT max(version) FROM record WHERE pod = ?1) ORDER BY seq";
        let (rows, _) = self.checked(&RECORD, NEWEST, [pod], stored_record)?;
        self.with_recordings(rows)
    }

    fn with_recordings(&self, rows: Vec<StoredRecord>) -> Result<Vec<StoredRecord>, StoreError> {
        let with_recording = |record: StoredRecord| {
            let recording = self.batch_of(record.seq.0)?.recording;
            Ok(StoredRecord { recording, ..record })
        };
        rows.into_iter().map(with_recording).collect()
    }

    /// The versions that the records of a pod show, each with what it says.
    pub(super) fn versions_of(&self, pod: i64) -> Result<Vec<(Option<VersionKey>, EventKind)>, StoreError> {
        self.whole(Group::RecordsOf { pod }, &RECORD, "WHERE pod = ?1", [pod], |row| {
            Ok((row.get(3)?, EventKind::from(row.get::<_, String>(1)?.as_str())))
        })
    }

    /// The records that tell of the stream: errors, and the bounds of lists.
    pub(super) fn stream(&self) -> Result<Rc<StreamRows>, StoreError> {
        if let Some(known) = &*self.stream.borrow() {
            return Ok(Rc::clone(known));
        }
        let which = "WHERE kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END') ORDER BY seq";
        let stream = self.whole(Group::Stream, &RECORD, which, [], |row| {
            Ok((row.get(0)?, EventKind::from(row.get::<_, String>(1)?.as_str())))
        })?;
        let stream = Rc::new(stream);
        self.stream.replace(Some(Rc::clone(&stream)));
        Ok(stream)
    }

    /// How many records pods have. Once it is more than `enough` the others are not counted.
    pub fn count_records(&self, pods: &[PodRow], enough: usize) -> Result<usize, StoreError> {
        let mut count = 0;
        for pod in pods {
            count += usize::try_from(self.log.seal_of(Group::RecordsOf { pod: pod.id })?.rows).unwrap_or(0);
            if count > enough {
                break;
            }
        }
        Ok(count)
    }

    /// The position of the last record.
    pub fn last_seq(&self) -> Result<i64, StoreError> {
        let last = self.log.seal_of(Group::Records)?.rows;
        let (end, _) =
            self.checked(&RECORD, "WHERE seq >= ?1 ORDER BY seq LIMIT 2", [last], |row| row.get::<_, i64>(0))?;
        if last == 0 && end.is_empty() || end == [last] {
            Ok(last)
        } else {
            Err(self
                .log
                .damaged(format!("{last} records were written, and the log does not end with the last of them")))
        }
    }

    /// The pods of the name of this one in the order in which they lived, itself included, that without a uid too if there is one.
    pub fn namesakes(&self, pod: i64) -> Result<Vec<PodRow>, StoreError> {
        match self.pod(pod)? {
            Some(own) => {
                Ok(self.incarnations(own.cluster, &own.identity.namespace, &own.identity.name)?.as_ref().clone())
            }
            None => Ok(Vec::new()),
        }
    }

    /// The pods of a name in the order in which they lived, that without a uid too if there is one.
    pub fn incarnations(&self, cluster: i64, namespace: &str, name: &str) -> Result<Rc<Vec<PodRow>>, StoreError> {
        if let Some(known) = &*self.incarnations.borrow()
            && let Some(PodRow { cluster: of, identity, .. }) = known.first()
            && (*of, identity.namespace.as_str(), identity.name.as_str()) == (cluster, namespace, name)
        {
            return Ok(Rc::clone(known));
        }
        let group = Group::Namesakes { cluster, namespace, name };
        let which = "WHERE name = ?1 AND namespace = ?2 AND cluster = ?3 ORDER BY id";
        let pods = Rc::new(self.by_name_and_begin(self.pods_of(group, which, params![name, namespace, cluster])?)?);
        self.incarnations.replace(Some(Rc::clone(&pods)));
        Ok(pods)
    }

    /// The pod of a row.
    pub fn pod(&self, id: i64) -> Result<Option<PodRow>, StoreError> {
        let clusters = self.cluster_names()?;
        Ok(self.checked(&POD, "WHERE id = ?1", [id], |row| pod_row(row, clusters))?.0.pop())
    }

    /// The row of a pod that is known otherwise.
    pub fn pod_known_as(&self, identity: &PodIdentity) -> Result<Option<PodRow>, StoreError> {
        let rows = self.pods_named(&identity.name)?;
        Ok(rows.into_iter().find(|row| row.identity == *identity))
    }

    /// The names of the recordings.
    pub fn recording_names(&self) -> Result<Vec<(i64, String)>, StoreError> {
        self.whole(Group::Recordings, &RECORDING, "ORDER BY id", [], |row| Ok((row.get(0)?, row.get(2)?)))
    }

    /// The name of the cluster of each recording.
    pub fn clusters_of_recordings(&self) -> Result<BTreeMap<i64, String>, StoreError> {
        let clusters = self.cluster_names()?;
        let rows = self.whole(Group::Recordings, &RECORDING, "", [], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        let named = |(recording, cluster)| (recording, clusters.get(&cluster).cloned().unwrap_or_default());
        Ok(rows.into_iter().map(named).collect())
    }

    /// The position of the last record, as well as a damaged log tells it.
    #[must_use]
    pub fn last_seq_told(&self) -> i64 {
        let ends = [
            "SELECT max(seq) FROM record",
            "SELECT max(first_seq + records) - 1 FROM batch",
            "SELECT max(first_seq) FROM block",
        ];
        let end = |sql: &str| self.rows(sql, [], |row| row.get::<_, Option<i64>>(0)).ok()?.pop().flatten();
        self.last_seq().ok().or_else(|| ends.into_iter().filter_map(end).max()).unwrap_or(0)
    }

    /// Whether records name this pod without a uid.
    pub fn has_nameless(&self, identity: &PodIdentity, cluster: i64) -> Result<bool, StoreError> {
        let PodIdentity { namespace, name, .. } = identity;
        if let Some(nameless) = self.nameless.get() {
            return Ok(!nameless.is_empty() && nameless.contains(&(cluster, namespace.clone(), name.clone())));
        }
        let pods = self.incarnations(cluster, namespace, name)?;
        Ok(pods.iter().any(|pod| pod.identity.uid.is_empty()))
    }

    /// The records related to what has this name: a pod in a namespace, or a node.
    pub fn related(&self, cluster: i64, namespace: &str, name: &str) -> Result<Vec<RelatedRow>, StoreError> {
        let which = "WHERE name = ?1 AND namespace = ?2 AND cluster = ?3 ORDER BY seq";
        let group = Group::Related { cluster, namespace, name };
        let found = self.whole(group, &RELATED, which, params![name, namespace, cluster], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(4)?))
        })?;
        let with_record = |(seq, uid)| {
            let record = self.record(seq)?;
            let at = record.stated.map(|(at, _)| ObservedAt::from_micros(at));
            Ok(RelatedRow { seq, kind: record.kind, uid, at })
        };
        found.into_iter().map(with_record).collect()
    }

    /// The row of a record.
    pub fn record(&self, seq: i64) -> Result<RecordFacts, StoreError> {
        let (mut found, _) = self.checked(&RECORD, "WHERE seq = ?1", [seq], record_facts)?;
        let missing = || self.log.damaged(format!("the row of record {seq} is not there"));
        Ok(RecordFacts { recording: self.batch_of(seq)?.recording, ..found.pop().ok_or_else(missing)? })
    }

    /// The recordings, in the order of ingest.
    pub fn recordings(&self) -> Result<Vec<RecordingSummary>, StoreError> {
        let clusters = self.cluster_names()?;
        let mut summaries = self.whole(Group::Recordings, &RECORDING, "ORDER BY id", [], |row| {
            Ok(RecordingSummary {
                id: row.get(0)?,
                cluster: clusters.get(&row.get(1)?).cloned().unwrap_or_default(),
                name: row.get(2)?,
                format: row.get(3)?,
                records: 0,
                bytes: 0,
                events: 0,
                pods: 0,
                first_at: None,
                last_at: None,
                errors: 0,
            })
        })?;
        let nameless: BTreeSet<i64> =
            self.all_pods()?.into_iter().filter(|pod| pod.identity.uid.is_empty()).map(|pod| pod.id).collect();
        let (batches, spans) = (self.all_batches()?, self.spans()?);
        for summary in &mut summaries {
            let mut pods = BTreeSet::new();
            // What a recording shares with the one that it goes on from counts as its own.
            let Some(own) = spans.get(&summary.id) else { continue };
            for batch in batches.iter().filter(|batch| own.contains(batch.first_seq)) {
                summary.records += batch.records;
                summary.bytes += batch.bytes;
                for record in self.records_between(batch.first_seq, batch.end())? {
                    let stamp = record.stamp.map(StampedAt::from_micros);
                    summary.first_at = [summary.first_at, stamp].into_iter().flatten().min();
                    summary.last_at = [summary.last_at, stamp].into_iter().flatten().max();
                    summary.errors += i64::from(record.kind == EventKind::Error);
                    summary.events += i64::from(record.pod.is_some());
                    pods.extend(record.pod.filter(|pod| !nameless.contains(pod)));
                }
            }
            summary.pods = i64::try_from(pods.len()).unwrap_or(i64::MAX);
        }
        summaries.retain(|summary| summary.records > 0);
        Ok(summaries)
    }

    /// The rows of the records from one position up to another, all of them.
    pub fn records_between(&self, first: i64, end: i64) -> Result<Vec<RecordFacts>, StoreError> {
        let (mut found, _) =
            self.checked(&RECORD, "WHERE seq >= ?1 AND seq < ?2 ORDER BY seq", [first, end], record_facts)?;
        let mut rows = found.iter_mut();
        for seq in first..end {
            match rows.next() {
                Some(row) if row.seq == seq => row.recording = self.batch_of(seq)?.recording,
                Some(_) | None => return Err(self.log.damaged(format!("the row of record {seq} is not there"))),
            }
        }
        Ok(found)
    }

    /// The rows of the records behind `after`, at most `limit`, in the order of the log.
    pub fn records_after(&self, after: i64, limit: i64) -> Result<Vec<RecordFacts>, StoreError> {
        let end = self.last_seq()?.min(after.saturating_add(limit)) + 1;
        self.records_between(after + 1, end)
    }

    /// The bytes of a record, exactly as they were appended.
    pub fn with_body<T>(&self, seq: i64, read: impl FnOnce(&[u8]) -> T) -> Result<T, StoreError> {
        if let Some(reads) = &mut *self.log.reads.borrow_mut() {
            *reads.entry(seq).or_default() += 1;
        }
        let block = self.open_block(seq)?;
        let too_short = || self.log.damaged(format!("the record {seq} is not in its block"));
        Ok(read(block.record(seq).ok_or_else(too_short)?))
    }

    /// A copy of the same, for comparing records.
    pub(super) fn body(&self, seq: i64) -> Result<Vec<u8>, StoreError> {
        let block = self.open_block(seq)?;
        Ok(block.record(seq).unwrap_or_default().to_vec())
    }

    /// The dictionary that was stored last.
    pub fn newest_dictionary(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.checked(&DICTIONARY, "ORDER BY id DESC LIMIT 1", [], |row| row.get(2))?.0.pop())
    }

    fn open_block(&self, seq: i64) -> Result<Rc<OpenBlock>, StoreError> {
        if let Some(block) = self.blocks.borrow_mut().get(seq) {
            return Ok(block);
        }
        let which = "WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1";
        let unpack =
            |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Vec<u8>>(2)?));
        let (mut found, _) = self.checked(&BLOCK, which, [seq], unpack)?;
        let no_block = || self.log.damaged(format!("the block of record {seq} is not there"));
        let (first_seq, dictionary, packed) = found.pop().ok_or_else(no_block)?;
        let dictionary = dictionary.map(|id| self.dictionary(id)).transpose()?;
        let block = OpenBlock::unpack(first_seq, &packed, dictionary.as_ref()).map_err(|error| {
            self.log
                .damaged(format!("the block of record {seq}, which begins with {first_seq}, does not unpack: {error}"))
        })?;
        let block = Rc::new(block);
        self.blocks.borrow_mut().put(Rc::clone(&block));
        Ok(block)
    }

    fn dictionary(&self, id: i64) -> Result<Unpacker, StoreError> {
        if let Some(dictionary) = self.dictionaries.borrow().get(&id) {
            return Ok(Rc::clone(dictionary));
        }
        let (mut found, _) = self.checked(&DICTIONARY, "WHERE id = ?1", [id], |row| row.get::<_, Vec<u8>>(2))?;
        let body = found.pop().ok_or_else(|| self.log.damaged(format!("the dictionary {id} is not there")))?;
        let dictionary = Rc::new(DecoderDictionary::copy(&body));
        self.dictionaries.borrow_mut().insert(id, Rc::clone(&dictionary));
        Ok(dictionary)
    }
}

fn stored_record(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    let kind: String = row.get(1)?;
    let clock: Option<String> = row.get(6)?;
    let lifecycle: Option<String> = row.get(9)?;
    Ok(StoredRecord {
        seq: Seq(row.get(0)?),
        kind: EventKind::from(kind.as_str()),
        line: row.get(4)?,
        clock: Clock::of_word(clock.as_deref()),
        resource_version: row.get::<_, Option<VersionKey>>(3)?.and_then(|key| key.to_version()),
        stamp: row.get::<_, Option<i64>>(5)?.map(StampedAt::from_micros),
        stated: stated(row, 7)?.map(|(at, clock)| (ObservedAt::from_micros(at), clock)),
        recording: 0,
        recording_rank: 0,
        lifecycle: lifecycle.as_deref().and_then(RecordLifecycle::of_word),
    })
}

pub(super) fn record_facts(row: &Row<'_>) -> rusqlite::Result<RecordFacts> {
    let word = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
    Ok(RecordFacts {
        seq: row.get(0)?,
        kind: EventKind::from(word(1)?.unwrap_or_default()),
        pod: row.get(2)?,
        version: row.get(3)?,
        stamp: row.get(5)?,
        clock: Clock::of_word(word(6)?),
        stated: stated(row, 7)?,
        lifecycle: word(9)?.and_then(RecordLifecycle::of_word),
        recording: 0,
    })
}

fn pod_row(row: &Row<'_>, clusters: &BTreeMap<i64, String>) -> rusqlite::Result<PodRow> {
    let cluster = row.get(1)?;
    let identity = PodIdentity {
        cluster: clusters.get(&cluster).cloned().unwrap_or_default(),
        uid: row.get(2)?,
        namespace: row.get(3)?,
        name: row.get(4)?,
    };
    Ok(PodRow { id: row.get(0)?, cluster, identity })
}
