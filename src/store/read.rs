//! Reads the log.

use std::cell::{LazyCell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::{Row, params};
use zstd::zstd_safe::DCtx;

use super::block::{BlockCache, Unpacker};
use super::ends::{KnownEnds, earliest_and_latest};
use super::error::StoreError;
use super::log_table::{ACTOR, BATCH, BLOCK, CLUSTER, LogTable, RECORD, RELATED};
use super::open::Log;
use super::rows::{BatchRow, PodRow, RecordFacts, RelatedRow, batch_row, record_facts, stated};
use super::seal::{Group, Seal};
use super::spans::{Shared, Spans};
use super::version_key::VersionKey;
use crate::history::Skyline;
use crate::model::{Actor, Basis, Clock, EventKind, ObservedAt, RecordLifecycle, Seq, StampedAt, StoredRecord, Target};

/// Reads records and their bytes; remembers the blocks unpacked last.
pub struct Reader<'log> {
    pub(super) log: &'log Log,
    pub(super) skylines: RefCell<BTreeMap<i64, Rc<Skyline>>>,
    pub(super) ends: RefCell<Option<KnownEnds>>,
    pub(super) ranks: RefCell<Option<Rc<BTreeMap<i64, usize>>>>,
    pub(super) shared: RefCell<Option<Rc<Shared>>>,
    stream: RefCell<Option<Rc<StreamRows>>>,
    /// What was walked through last.
    pub(super) walked: RefCell<Stretches>,
    /// The incarnations asked for last: those of one name are asked for one after the other.
    pub(super) incarnations: RefCell<Option<Rc<Vec<PodRow>>>>,
    /// The names that records tell without the uid of an incarnation, with their cluster and namespace, once all pods were read.
    pub(super) nameless: OnceCell<BTreeSet<(i64, String, String)>>,
    pub(super) blocks: RefCell<BlockCache>,
    /// Bodies that were read ahead, by the positions of their records.
    pub(super) ahead: RefCell<BTreeMap<i64, Rc<[u8]>>>,
    pub(super) dictionaries: RefCell<HashMap<i64, Unpacker>>,
    /// What unpacks them, once something is unpacked: it takes 128 KiB, and most readers look up rows alone.
    pub(super) context: LazyCell<RefCell<DCtx<'static>>>,
    /// The batches looked up so far, by their first record.
    batches: RefCell<BTreeMap<i64, BatchRow>>,
    /// All of them, and where the records of each recording stand, as of this seal.
    all_batches: AsOf<Vec<BatchRow>>,
    pub(super) spans: AsOf<BTreeMap<i64, Spans>>,
    clusters: OnceCell<BTreeMap<i64, Arc<str>>>,
    actors: OnceCell<BTreeMap<i64, Arc<Actor>>>,
}

/// What was read when the rows that it follows from had this seal.
type AsOf<T> = RefCell<Option<(Seal, Rc<T>)>>;

/// Rows of records, by their first and their end.
pub(super) type Stretches = BTreeMap<(i64, i64), Rc<Vec<RecordFacts>>>;

/// The records that tell of the stream, each with what it says.
pub(super) type StreamRows = Vec<(i64, EventKind)>;

impl Log {
    /// Begins to read.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            log: self,
            skylines: RefCell::default(),
            ends: RefCell::default(),
            ranks: RefCell::default(),
            shared: RefCell::default(),
            stream: RefCell::default(),
            walked: RefCell::default(),
            incarnations: RefCell::default(),
            nameless: OnceCell::new(),
            blocks: RefCell::default(),
            ahead: RefCell::default(),
            dictionaries: RefCell::default(),
            context: LazyCell::new(|| RefCell::new(DCtx::create())),
            batches: RefCell::default(),
            all_batches: RefCell::default(),
            spans: RefCell::default(),
            clusters: OnceCell::new(),
            actors: OnceCell::new(),
        }
    }

    /// Keeps what is read from here on as it is now, whatever a writer adds meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn hold_still(&self) -> Result<(), StoreError> {
        let begin = "BEGIN; SELECT count(*) FROM sqlite_schema;";
        self.connection.execute_batch(begin).map_err(|source| self.error(source))?;
        self.stays.set(Some(None));
        Ok(())
    }
}

impl Reader<'_> {
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        if let Some(statements) = &mut *self.log.statements.borrow_mut() {
            statements.insert(sql.to_owned());
        }
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
        self.log.as_of_one_moment(|| {
            let (rows, found) = self.checked(table, which, values, read)?;
            self.log.compare(group, found)?;
            Ok(rows)
        })
    }

    pub(super) fn cluster_names(&self) -> Result<&BTreeMap<i64, Arc<str>>, StoreError> {
        if let Some(known) = self.clusters.get() {
            return Ok(known);
        }
        let rows = self.whole(Group::Clusters, &CLUSTER, "", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(self.clusters.get_or_init(|| rows.into_iter().collect()))
    }

    /// The clusters, in the order of ingest.
    pub fn clusters(&self) -> Result<Vec<i64>, StoreError> {
        Ok(self.cluster_names()?.keys().copied().collect())
    }

    /// The earliest and the latest time that is recorded, in microseconds.
    pub fn stamp_bounds(&self) -> Result<Option<(i64, i64)>, StoreError> {
        let without_version = self.stamps_without_version()?.into_iter().map(|at| Some((at, at)));
        Ok(earliest_and_latest(without_version.chain([self.time_ends()?])))
    }

    /// How many batches there are.
    pub fn batch_count(&self) -> Result<i64, StoreError> {
        Ok(self.log.seal_of(Group::Batches)?.rows)
    }

    /// Every batch, in the order of the log.
    pub fn all_batches(&self) -> Result<Rc<Vec<BatchRow>>, StoreError> {
        let sealed = self.log.seal_of(Group::Batches)?;
        if let Some((seal, known)) = &*self.all_batches.borrow()
            && *seal == sealed
        {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(self.whole(Group::Batches, &BATCH, "ORDER BY first_seq", [], batch_row)?);
        self.all_batches.replace(Some((sealed, Rc::clone(&found))));
        Ok(found)
    }

    /// Those whose rows fit their checksums, whatever became of others.
    ///
    /// # Errors
    /// When the store cannot be read for another reason than damage.
    pub fn sound_batches(&self) -> Result<Vec<BatchRow>, StoreError> {
        let sql = format!("SELECT {} FROM {} ORDER BY id", BATCH.selected, BATCH.name);
        let mut batches = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.log.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                batches.extend(BATCH.checked(row).and_then(|_| batch_row(row)));
            }
            Ok(())
        };
        match read().map_err(|source| self.log.error(source)) {
            Err(error) if error.damage().is_none() => return Err(error),
            // Where the table itself is damaged the rows before that place are there.
            Ok(()) | Err(_) => {}
        }
        batches.sort_by_key(|batch| batch.first_seq);
        Ok(batches)
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

    /// The position of the last record.
    pub fn last_seq(&self) -> Result<i64, StoreError> {
        if let Some(Some(last)) = self.log.stays.get() {
            return Ok(last);
        }
        self.log.as_of_one_moment(|| self.last_seq_now())
    }

    fn last_seq_now(&self) -> Result<i64, StoreError> {
        let last = self.log.seal_of(Group::Records)?.rows;
        let (end, _) =
            self.checked(&RECORD, "WHERE seq >= ?1 ORDER BY seq LIMIT 2", [last], |row| row.get::<_, i64>(0))?;
        if last == 0 && end.is_empty() || end == [last] {
            self.log.stays.set(self.log.stays.get().map(|_| Some(last)));
            Ok(last)
        } else {
            Err(self
                .log
                .damaged(format!("{last} records were written, and the log does not end with the last of them")))
        }
    }

    /// The position of the last record, as well as a damaged log tells it: a row that does not fit its checksum may tell of any.
    #[must_use]
    pub fn last_seq_told(&self) -> i64 {
        let record = |row: &Row<'_>| row.get(0);
        let batch = |row: &Row<'_>| batch_row(row).map(|batch| batch.end() - 1);
        let ends = [
            self.first_sound(&RECORD, "ORDER BY seq DESC", record),
            self.first_sound(&BATCH, "ORDER BY id DESC", batch),
            self.first_sound(&BLOCK, "ORDER BY first_seq DESC", record),
        ];
        self.last_seq().unwrap_or_else(|_| ends.into_iter().flatten().max().unwrap_or(0))
    }

    /// The first of these rows that fits its checksum.
    fn first_sound<T>(
        &self,
        table: &LogTable,
        which: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Option<T> {
        let sql = format!("SELECT {} FROM {} {which}", table.selected, table.name);
        let mut statement = self.log.connection.prepare(&sql).ok()?;
        let mut rows = statement.query([]).ok()?;
        while let Some(row) = rows.next().ok()? {
            if let Ok(found) = table.checked(row).and_then(|_| read(row)) {
                return Some(found);
            }
        }
        None
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
            Ok(RelatedRow { seq, kind: record.kind, uid, at, actor: record.actor })
        };
        found.into_iter().map(with_record).collect()
    }

    /// What the records related to pods are about, from one position up to another.
    pub fn targets_between(&self, first: i64, end: i64) -> Result<BTreeMap<i64, Target>, StoreError> {
        let (found, _) = self.checked(&RELATED, "WHERE seq >= ?1 AND seq < ?2", [first, end], |row| {
            Ok((row.get(0)?, Target { namespace: row.get(2)?, name: row.get(3)?, uid: row.get(4)? }))
        })?;
        Ok(found.into_iter().collect())
    }

    /// What was done to workloads, nodes and namespaces, and what was refused: each with what it was about.
    pub fn acts(&self) -> Result<Vec<(RecordFacts, i64, Target)>, StoreError> {
        let which = "WHERE kind IN ('ACT', 'REFUSED') ORDER BY seq";
        let records = self.whole(Group::Acts, &RECORD, which, [], record_facts)?;
        let with_target = |record: RecordFacts| {
            let read = |row: &Row<'_>| {
                let (namespace, name, uid) = (row.get(2)?, row.get(3)?, row.get(4)?);
                Ok((row.get(1)?, Target { namespace, name, uid }))
            };
            let (mut found, _) = self.checked(&RELATED, "WHERE seq = ?1", [record.seq], read)?;
            let missing = || self.log.damaged(format!("what record {} is about is not there", record.seq));
            let (cluster, target) = found.pop().ok_or_else(missing)?;
            Ok((record, cluster, target))
        };
        records.into_iter().map(with_target).collect()
    }

    /// The requests about all pods of a namespace: they name no pod.
    pub fn requests_of_namespace(&self, cluster: i64, namespace: &str) -> Result<Vec<StoredRecord>, StoreError> {
        let mut records = Vec::new();
        for row in self.related(cluster, namespace, "")?.into_iter().filter(|row| row.kind == EventKind::Request) {
            records.extend(self.checked(&RECORD, "WHERE seq = ?1", [row.seq], stored_record)?.0);
        }
        self.with_recordings(records)
    }

    /// Who made a write.
    pub fn actor(&self, id: i64) -> Result<Arc<Actor>, StoreError> {
        if self.actors.get().is_none() {
            let actors = self.whole(Group::Actors, &ACTOR, "", [], |row| Ok((row.get(0)?, Arc::new(actor(row)?))))?;
            let _ = self.actors.set(actors.into_iter().collect());
        }
        let known = self.actors.get().and_then(|actors: &BTreeMap<i64, Arc<Actor>>| actors.get(&id));
        known.cloned().ok_or_else(|| self.log.damaged(format!("the actor {id} is not there")))
    }

    /// The row of a record.
    pub fn record(&self, seq: i64) -> Result<RecordFacts, StoreError> {
        Ok(RecordFacts { recording: self.batch_of(seq)?.recording, ..self.record_without_batch(seq)? })
    }

    /// The same where its batch may not be readable: its recording is 0.
    pub fn record_without_batch(&self, seq: i64) -> Result<RecordFacts, StoreError> {
        let (mut found, _) = self.checked(&RECORD, "WHERE seq = ?1", [seq], record_facts)?;
        found.pop().ok_or_else(|| self.log.damaged(format!("the row of record {seq} is not there")))
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
}

fn actor(row: &Row<'_>) -> rusqlite::Result<Actor> {
    let word = |column: usize| row.get::<_, Box<str>>(column);
    Ok(Actor {
        user: word(1)?,
        through: Some(word(2)?).filter(|through| !through.is_empty()),
        agent: word(3)?,
        verb: word(4)?,
        part: word(5)?,
        code: Some(row.get(6)?).filter(|code| *code != 0),
        source: word(7)?,
        basis: Basis::Audit,
    })
}

fn stored_record(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    let word = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
    Ok(StoredRecord {
        seq: Seq(row.get(0)?),
        kind: EventKind::from(word(1)?.unwrap_or_default()),
        line: row.get(4)?,
        clock: Clock::of_word(word(6)?),
        resource_version: row.get::<_, Option<VersionKey>>(3)?.and_then(|key| key.to_version()),
        stamp: row.get::<_, Option<i64>>(5)?.map(StampedAt::from_micros),
        stated: stated(row, 7)?.map(|(at, clock)| (ObservedAt::from_micros(at), clock)),
        recording: 0,
        recording_rank: 0,
        lifecycle: word(9)?.and_then(RecordLifecycle::of_word),
        actor: row.get(11)?,
    })
}
