//! Appends to the log. Rows are inserted and never touched again.

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::block::{Dictionary, EncodedBatch};
use super::error::StoreError;
use super::open::{Log, sqlite_error};
use super::version_key::VersionKey;
use crate::model::{Clock, EventKind, RecordLifecycle, Target};

/// An open write transaction. Dropped without `commit`, it leaves no trace.
pub struct Writer<'log> {
    log: &'log Log,
    transaction: Transaction<'log>,
}

/// Where the next batch of a recording goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchPlace {
    /// The recording, once it has a batch.
    pub recording: Option<i64>,
    /// The batch before, `None` at the beginning.
    pub batch: Option<i64>,
    /// The hash that stands for everything up to here.
    pub hash: [u8; 32],
}

impl BatchPlace {
    /// Before the first batch of a recording. The same records in two clusters are two recordings: their hashes differ from here on.
    #[must_use]
    pub fn beginning(cluster: &str) -> Self {
        Self { recording: None, batch: None, hash: *blake3::hash(cluster.as_bytes()).as_bytes() }
    }
}

/// A batch that follows on another in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBatch {
    /// The place behind it.
    pub place: BatchPlace,
    /// Its first record.
    pub first_seq: i64,
    /// How many records it has.
    pub records: usize,
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
}

impl Log {
    /// Begins to write; waits for another writer to finish.
    ///
    /// # Errors
    /// When another process keeps writing, or the disk is full.
    pub fn write(&self) -> Result<Writer<'_>, StoreError> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
            .map_err(|source| self.error(source))?;
        Ok(Writer { log: self, transaction })
    }

    /// A number that changes when another process has written. What was remembered of the store is then stale.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(|source| self.error(source))
    }

    /// The batches that follow on a place: usually one or none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn batches_after(&self, cluster: &str, place: &BatchPlace) -> Result<Vec<KnownBatch>, StoreError> {
        const AFTER: &str = "SELECT batch.id, batch.recording, batch.hash, batch.records, batch.first_seq FROM batch
             JOIN recording ON recording.id = batch.recording JOIN cluster ON cluster.id = recording.cluster
             WHERE coalesce(batch.parent, 0) = coalesce(?1, 0) AND cluster.name = ?2 ORDER BY batch.id";
        let read = || -> rusqlite::Result<Vec<KnownBatch>> {
            let mut statement = self.connection.prepare_cached(AFTER)?;
            let rows = statement.query_map(params![place.batch, cluster], |row| {
                Ok(KnownBatch {
                    place: BatchPlace { batch: Some(row.get(0)?), recording: Some(row.get(1)?), hash: row.get(2)? },
                    records: usize::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
                    first_seq: row.get(4)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|source| self.error(source))
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

impl Writer<'_> {
    /// Makes everything written since `write` last, or nothing of it.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn commit(self) -> Result<(), StoreError> {
        let path = self.log.path.clone();
        self.transaction.commit().map_err(|source| sqlite_error(&path, source))
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(|source| self.log.error(source))?;
        Ok(())
    }

    fn find<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Option<T>, StoreError> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(values, |row| row.get(0)).optional())
            .map_err(|source| self.log.error(source))
    }

    /// The row of a cluster, made if there is none.
    pub fn cluster(&self, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.find("SELECT id FROM cluster WHERE name = ?1", [name])? {
            return Ok(id);
        }
        self.run("INSERT INTO cluster (name) VALUES (?1)", [name])?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// Begins a recording; `forks` is the batch behind which it differs from another.
    pub fn recording(&self, cluster: i64, name: &str, format: &str, forks: Option<i64>) -> Result<i64, StoreError> {
        self.run(
            "INSERT INTO recording (cluster, name, format, forks) VALUES (?1, ?2, ?3, ?4)",
            params![cluster, name, format, forks],
        )?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// The row of a dictionary, made if there is none.
    pub fn dictionary(&self, dictionary: &Dictionary) -> Result<i64, StoreError> {
        let hash = dictionary.hash().as_slice();
        if let Some(id) = self.find("SELECT id FROM dictionary WHERE hash = ?1", [hash])? {
            return Ok(id);
        }
        self.run("INSERT INTO dictionary (hash, body) VALUES (?1, ?2)", params![hash, dictionary.body()])?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// The position of the next record.
    pub fn next_seq(&self) -> Result<i64, StoreError> {
        Ok(self.find::<i64>("SELECT seq FROM record ORDER BY seq DESC LIMIT 1", [])?.unwrap_or(0) + 1)
    }

    /// Adds a batch and its blocks. The records' rows are for the caller, from `first_seq` on.
    pub fn batch(
        &self,
        recording: i64,
        before: &BatchPlace,
        first_seq: i64,
        records: usize,
        encoded: &EncodedBatch,
        dictionary: Option<i64>,
    ) -> Result<BatchPlace, StoreError> {
        assert!(records > 0, "a batch has records");
        assert!(!encoded.blocks.is_empty(), "a batch with records has blocks");
        let hash = hash_after(before, &encoded.hash);
        self.run(
            "INSERT INTO batch (recording, parent, hash, first_seq, records, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                recording,
                before.batch,
                hash.as_slice(),
                first_seq,
                i64::try_from(records).unwrap_or(i64::MAX),
                i64::try_from(encoded.bytes).unwrap_or(i64::MAX)
            ],
        )?;
        let batch = self.transaction.last_insert_rowid();
        for (first, body) in &encoded.blocks {
            let block_seq = first_seq + i64::try_from(*first).unwrap_or(i64::MAX);
            self.run(
                "INSERT INTO block (first_seq, dictionary, body) VALUES (?1, ?2, ?3)",
                params![block_seq, dictionary, body],
            )?;
        }
        Ok(BatchPlace { recording: Some(recording), batch: Some(batch), hash })
    }

    /// The row of a pod, if there is one.
    pub fn find_pod(&self, cluster: i64, uid: &str) -> Result<Option<i64>, StoreError> {
        self.find("SELECT id FROM pod WHERE uid = ?1 AND cluster = ?2", params![uid, cluster])
    }

    /// The row of the records that name a pod without its uid, if there is one.
    pub fn find_without_uid(&self, cluster: i64, namespace: &str, name: &str) -> Result<Option<i64>, StoreError> {
        self.find(
            "SELECT id FROM pod WHERE uid = '' AND cluster = ?3 AND namespace = ?2 AND name = ?1",
            params![name, namespace, cluster],
        )
    }

    /// Adds a record related to a pod.
    pub fn add_related(&self, seq: i64, cluster: i64, target: &Target) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO related (seq, cluster, namespace, name, uid) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![seq, cluster, target.namespace, target.name, target.uid],
        )
    }

    /// Adds a pod.
    pub fn add_pod(&self, cluster: i64, uid: &str, namespace: &str, name: &str) -> Result<i64, StoreError> {
        self.run(
            "INSERT INTO pod (cluster, uid, namespace, name) VALUES (?1, ?2, ?3, ?4)",
            params![cluster, uid, namespace, name],
        )?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// Adds a record.
    pub fn add_record(&self, row: &RecordRow<'_>) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO record (seq, kind, pod, version, line, stamp, clock, stated, stated_by, lifecycle)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                row.seq,
                row.kind.as_str(),
                row.pod,
                row.version,
                i64::try_from(row.line).unwrap_or(i64::MAX),
                row.stamp,
                row.clock.map(Clock::as_str),
                row.stated.map(|(at, _)| at),
                row.stated.map(|(_, clock)| clock.as_str()),
                row.lifecycle.map(RecordLifecycle::as_str)
            ],
        )
    }
}
