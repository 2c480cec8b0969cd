//! Appends to the log. Rows are inserted and never touched again.

use std::rc::Rc;

use rusqlite::{OptionalExtension, Row, ToSql, Transaction, TransactionBehavior, params, params_from_iter};

use super::block::{Dictionary, EncodedBatch};
use super::error::StoreError;
use super::followers::{BatchPlace, FirstBatches, Followers, KnownBatch};
use super::log_table::{ACTOR, BATCH, BLOCK, CLUSTER, DICTIONARY, LogTable, POD, RECORD, RECORDING, RELATED};
use super::open::Log;
use super::rows::batch_row;
use super::seal::Group;
use super::version_key::VersionKey;
use crate::model::{Actor, AuditFact, Clock, EventKind, RecordLifecycle, Target};

/// An open write transaction. Dropped without `commit`, it leaves no trace.
pub struct Writer<'log> {
    pub(super) log: &'log Log,
    transaction: Option<Transaction<'log>>,
}

/// What a batch is made of.
#[derive(Clone, Copy)]
pub struct NewBatch<'a> {
    /// The recording.
    pub recording: i64,
    /// The place that it follows on.
    pub before: &'a BatchPlace,
    /// The position of its first record.
    pub first_seq: i64,
    /// How many records it has.
    pub records: usize,
    /// Their bytes.
    pub encoded: &'a EncodedBatch,
    /// What they were packed with.
    pub dictionary: Option<i64>,
    /// The first and the last time that they state, in microseconds.
    pub stated: Option<(i64, i64)>,
    /// How many of them are about pods.
    pub of_pods: usize,
}

/// A record's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow<'a> {
    /// Its position.
    pub seq: i64,
    /// What it says of its object.
    pub kind: &'a EventKind,
    /// The pod's row.
    pub pod: Option<i64>,
    /// The version it shows.
    pub version: Option<&'a VersionKey>,
    /// Its line in the input.
    pub line: u64,
    /// The newest time in it, in microseconds.
    pub stamp: Option<i64>,
    /// Whose clock that is.
    pub clock: Option<Clock>,
    /// The time that its format states, in microseconds, and whose clock that is.
    pub stated: Option<(i64, Clock)>,
    /// Whether it begins or ends a pod's life, as far as it says so by itself.
    pub lifecycle: Option<RecordLifecycle>,
    /// What it adds to the sums of an audit log.
    pub audited: Option<&'a AuditFact>,
    /// The row of who made the write.
    pub actor: Option<i64>,
}

impl Log {
    /// Begins to write; waits for another writer to finish.
    ///
    /// # Errors
    /// When another process keeps writing, or the disk is full.
    pub fn write(&self) -> Result<Writer<'_>, StoreError> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
            .map_err(|source| self.error(source))?;
        Ok(Writer { log: self, transaction: Some(transaction) })
    }

    /// A number that changes when another process has written. What was remembered of the store is then stale.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(|source| self.error(source))
    }

    /// The batches that follow on a place: usually one or none. Those that follow on none begin the recordings of all clusters: what is
    /// read of them is remembered.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn batches_after(&self, place: &BatchPlace) -> Result<Rc<Followers>, StoreError> {
        self.as_of_one_moment(|| self.batches_after_now(place))
    }

    fn batches_after_now(&self, place: &BatchPlace) -> Result<Rc<Followers>, StoreError> {
        // The index of parents does not help to find the newest: it has them by their hashes.
        const ADDED: &str = "WHERE +coalesce(parent, 0) = 0 AND id > ?1 ORDER BY id";
        let (reader, group) = (self.reader(), Group::BatchesAfter { batch: place.batch });
        if let Some(batch) = place.batch {
            let which = "WHERE coalesce(parent, 0) = ?1 ORDER BY id";
            return Ok(Rc::new(reader.whole(group, &BATCH, which, [batch], batch_row)?.iter().collect()));
        }
        let mut first = self.first_batches.borrow_mut();
        let sealed = self.seal_of(group)?;
        if first.seal != sealed {
            let (added, found) = reader.checked(&BATCH, ADDED, [first.newest], batch_row)?;
            first.add(&added, found);
        }
        if first.seal != sealed {
            // What was remembered was never committed, or something is damaged.
            *first = FirstBatches::default();
            let (batches, found) = reader.checked(&BATCH, ADDED, [0], batch_row)?;
            self.compare(group, found)?;
            first.add(&batches, found);
        }
        Ok(Rc::clone(&first.followers))
    }

    /// Of the batches that follow on a place, which were asked for before, those that may begin with this record.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn batches_beginning_with(&self, place: &BatchPlace, record: &[u8]) -> Result<Vec<KnownBatch>, StoreError> {
        if place.batch.is_some() {
            return Ok(self.batches_after(place)?.beyond(0).copied().collect());
        }
        let (reader, mut first) = (self.reader(), self.first_batches.borrow_mut());
        for batch in std::mem::take(&mut first.unread) {
            let hash = reader.with_body(batch.first_seq, |body| *blake3::hash(body).as_bytes())?;
            first.by_first_record.entry(hash).or_default().push(batch);
        }
        Ok(first.by_first_record.get(blake3::hash(record).as_bytes()).cloned().unwrap_or_default())
    }
}

/// The hash of a place behind a batch: it stands for all records from the beginning of the recording.
#[must_use]
pub fn hash_after(before: &BatchPlace, batch_hash: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&before.hash);
    hasher.update(batch_hash);
    *hasher.finalize().as_bytes()
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        self.log.drop_unsealed();
    }
}

impl Log {
    /// Adds a row to a table of the log, and counts it into the groups that it belongs to.
    pub(super) fn add_row(
        &self,
        table: &LogTable,
        values: &[&dyn ToSql],
        groups: &[Group<'_>],
    ) -> Result<(), StoreError> {
        let insert = || -> rusqlite::Result<i64> {
            let checksum = table.checksum(values)?;
            let mut statement = self.connection.prepare_cached(table.insert)?;
            statement.execute(params_from_iter(values.iter().copied().chain([&checksum as &dyn ToSql])))?;
            Ok(checksum)
        };
        let checksum = insert().map_err(|source| self.error(source))?;
        groups.iter().for_each(|group| self.add_to(*group, checksum));
        Ok(())
    }

    /// The key of the next row of a table.
    pub(super) fn next_id(&self, table: &LogTable) -> Result<i64, StoreError> {
        let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {}", table.name);
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|source| self.error(source))
    }
}

impl Writer<'_> {
    /// Makes everything written since `write` last, or nothing of it.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn commit(mut self) -> Result<(), StoreError> {
        self.log.seal()?;
        let transaction = self.transaction.take().expect("it is committed once");
        transaction.commit().map_err(|source| self.log.error(source))
    }

    fn find<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Option<T>, StoreError> {
        self.log
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(values, |row| row.get(0)).optional())
            .map_err(|source| self.log.error(source))
    }

    /// The row of a cluster, made if there is none.
    pub fn cluster(&self, name: &str) -> Result<i64, StoreError> {
        let clusters = self
            .log
            .reader()
            .whole(Group::Clusters, &CLUSTER, "", [], |row| Ok((row.get::<_, String>(1)?, row.get::<_, i64>(0)?)))?;
        if let Some((_, id)) = clusters.into_iter().find(|(known, _)| known == name) {
            return Ok(id);
        }
        let id = self.log.next_id(&CLUSTER)?;
        self.log.add_row(&CLUSTER, &[&id, &name], &[Group::Clusters])?;
        Ok(id)
    }

    /// Begins a recording; `forks` is the batch behind which it differs from another.
    pub fn recording(&self, cluster: i64, name: &str, format: &str, forks: Option<i64>) -> Result<i64, StoreError> {
        let id = self.log.next_id(&RECORDING)?;
        self.log.add_row(&RECORDING, &[&id, &cluster, &name, &format, &forks], &[Group::Recordings])?;
        Ok(id)
    }

    /// The row of a dictionary, made if there is none.
    pub fn dictionary(&self, dictionary: &Dictionary) -> Result<i64, StoreError> {
        let hash = dictionary.hash().as_slice();
        if let Some(id) = self.find("SELECT id FROM dictionary WHERE hash = ?1", [hash])? {
            return Ok(id);
        }
        let id = self.log.next_id(&DICTIONARY)?;
        self.log.add_row(&DICTIONARY, &[&id, &hash, &dictionary.body()], &[])?;
        Ok(id)
    }

    /// Adds a batch and its blocks. The records' rows are for the caller, from the first position on.
    pub fn batch(&self, batch: &NewBatch<'_>) -> Result<BatchPlace, StoreError> {
        let NewBatch { recording, before, first_seq, records, encoded, dictionary, stated, of_pods } = *batch;
        assert!(records > 0, "a batch has records");
        assert!(!encoded.blocks.is_empty(), "a batch with records has blocks");
        let hash = hash_after(before, &encoded.hash);
        let id = self.log.next_id(&BATCH)?;
        let (stated_first, stated_last) = (stated.map(|(first, _)| first), stated.map(|(_, last)| last));
        let (records, bytes) = (saturating(records as u64), saturating(encoded.bytes));
        self.log.add_row(
            &BATCH,
            &[
                &id,
                &recording,
                &before.batch,
                &hash.as_slice(),
                &first_seq,
                &records,
                &bytes,
                &stated_first,
                &stated_last,
                &saturating(of_pods as u64),
            ],
            &[Group::Batches, Group::BatchesAfter { batch: before.batch }],
        )?;
        for (first, body) in &encoded.blocks {
            let block_seq = first_seq + saturating(*first as u64);
            self.log.add_row(&BLOCK, &[&block_seq, &dictionary, body], &[])?;
        }
        Ok(BatchPlace { recording: Some(recording), batch: Some(id), hash })
    }

    /// The row of a pod, if there is one. A request may tell the uid alone.
    pub fn find_pod(&self, cluster: i64, uid: &str, namespace: &str, name: &str) -> Result<Option<i64>, StoreError> {
        let (reader, group) = (self.log.reader(), Group::PodOfUid { cluster, uid });
        let which = "WHERE uid = ?1 AND cluster = ?2";
        let of_row = |row: &Row<'_>| Ok((row.get(0)?, row.get("namespace")?, row.get("name")?));
        let found: Vec<(i64, String, String)> = reader.whole(group, &POD, which, params![uid, cluster], of_row)?;
        let own = found.into_iter().find(|row| name.is_empty() || row.1 == namespace && row.2 == name);
        Ok(own.map(|(id, ..)| id))
    }

    /// The row of the records that name a pod without its uid, if there is one.
    pub fn find_without_uid(&self, cluster: i64, namespace: &str, name: &str) -> Result<Option<i64>, StoreError> {
        let which = "WHERE uid = '' AND cluster = ?3 AND namespace = ?2 AND name = ?1";
        let found = self.log.reader().checked(&POD, which, params![name, namespace, cluster], |row| row.get(0))?;
        Ok(found.0.first().copied())
    }

    /// The row of who made a write, made if there is none.
    pub fn actor(&self, actor: &Actor) -> Result<i64, StoreError> {
        const FIND: &str = "SELECT id FROM actor WHERE user = ?1 AND through = ?2 AND agent = ?3 AND verb = ?4 \
             AND part = ?5 AND code = ?6 AND source = ?7";
        let Actor { user, through, agent, verb, part, code, source, basis: _ } = actor;
        let (through, code) = (through.as_deref().unwrap_or_default(), code.unwrap_or(0));
        if let Some(id) = self.find(FIND, params![user, through, agent, verb, part, code, source])? {
            return Ok(id);
        }
        let id = self.log.next_id(&ACTOR)?;
        self.log.add_row(&ACTOR, &[&id, user, &through, agent, verb, part, &code, source], &[Group::Actors])?;
        Ok(id)
    }

    /// Adds a record related to a pod.
    pub fn add_related(&self, seq: i64, cluster: i64, target: &Target) -> Result<(), StoreError> {
        let Target { namespace, name, uid } = target;
        self.log.add_row(
            &RELATED,
            &[&seq, &cluster, namespace, name, uid],
            &[Group::Related { cluster, namespace, name }],
        )
    }

    /// Adds a pod.
    pub fn add_pod(&self, cluster: i64, uid: &str, namespace: &str, name: &str) -> Result<i64, StoreError> {
        let id = self.log.next_id(&POD)?;
        let mut groups = vec![Group::Pods, Group::PodsNamed { name }, Group::Namesakes { cluster, namespace, name }];
        groups.extend((!uid.is_empty()).then_some(Group::PodOfUid { cluster, uid }));
        self.log.add_row(&POD, &[&id, &cluster, &uid, &namespace, &name], &groups)?;
        Ok(id)
    }

    /// Adds a record.
    pub fn add_record(&self, row: &RecordRow<'_>) -> Result<(), StoreError> {
        let is_of_stream = matches!(row.kind, EventKind::Error | EventKind::ListBegin | EventKind::ListEnd);
        let is_act = matches!(row.kind, EventKind::Act | EventKind::Refused);
        let of_pod = row.pod.map(|pod| Group::RecordsOf { pod });
        let (of_stream, of_acts) = (is_of_stream.then_some(Group::Stream), is_act.then_some(Group::Acts));
        let groups: Vec<Group<'_>> = [Some(Group::Records), of_stream, of_acts, of_pod].into_iter().flatten().collect();
        self.log.add_row(
            &RECORD,
            &[
                &row.seq,
                &row.kind.as_str(),
                &row.pod,
                &row.version,
                &saturating(row.line),
                &row.stamp,
                &row.clock.map(Clock::as_str),
                &row.stated.map(|(at, _)| at),
                &row.stated.map(|(_, clock)| clock.as_str()),
                &row.lifecycle.map(RecordLifecycle::as_str),
                &row.audited.map(ToString::to_string),
                &row.actor,
            ],
            &groups,
        )
    }
}

fn saturating(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
