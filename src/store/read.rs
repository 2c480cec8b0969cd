//! Reads the log.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use rusqlite::{OptionalExtension, Row, params};
use zstd::dict::DecoderDictionary;

use super::block::{BlockCache, OpenBlock, Unpacker};
use super::error::StoreError;
use super::open::Log;
use super::version_key::VersionKey;
use crate::history::{Skyline, TimeBound};
use crate::model::{
    Clock, EventKind, ObservedAt, PodIdentity, RecordLifecycle, RecordingSummary, Seq, StampedAt, StoredRecord,
};

/// Reads records and their bytes; remembers the blocks unpacked last.
pub struct Reader<'log> {
    log: &'log Log,
    pub(super) skylines: RefCell<BTreeMap<i64, Rc<Skyline>>>,
    blocks: RefCell<BlockCache>,
    dictionaries: RefCell<HashMap<i64, Unpacker>>,
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
    /// The pod's cluster.
    pub cluster: Option<i64>,
    /// The version it shows.
    pub version: Option<VersionKey>,
    /// The newest time in it, in microseconds.
    pub stamp: Option<i64>,
    /// Whose clock that is.
    pub clock: Clock,
    /// The time that its format states, in microseconds, and whose clock that is.
    pub stated: Option<(i64, Clock)>,
    /// The recording that it belongs to.
    pub recording: i64,
}

const POD_COLUMNS: &str = "SELECT pod.id, pod.cluster, cluster.name, pod.uid, pod.namespace, pod.name
     FROM pod JOIN cluster ON cluster.id = pod.cluster";

fn pod_row(row: &Row<'_>) -> rusqlite::Result<PodRow> {
    Ok(PodRow {
        id: row.get(0)?,
        cluster: row.get(1)?,
        identity: PodIdentity { cluster: row.get(2)?, uid: row.get(3)?, namespace: row.get(4)?, name: row.get(5)? },
    })
}

/// The stated time in a column, with the clock in the next.
fn stated(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<(i64, Clock)>> {
    let (at, clock): (Option<i64>, Option<String>) = (row.get(column)?, row.get(column + 1)?);
    Ok(at.map(|at| (at, Clock::of_word(clock.as_deref()))))
}

impl Log {
    /// Begins to read.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader { log: self, skylines: RefCell::default(), blocks: RefCell::default(), dictionaries: RefCell::default() }
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

    /// The pods of this name, all incarnations and namespaces.
    pub fn pods_named(&self, name: &str) -> Result<Vec<PodRow>, StoreError> {
        let sql = format!("{POD_COLUMNS} WHERE pod.name = ?1 ORDER BY pod.namespace, pod.id");
        self.rows(&sql, [name], pod_row)
    }

    /// The clusters, in the order of ingest.
    pub fn clusters(&self) -> Result<Vec<i64>, StoreError> {
        self.rows("SELECT id FROM cluster ORDER BY id", [], |row| row.get(0))
    }

    /// The pods whose uid begins like this.
    pub fn pods_with_uid(&self, prefix: &str) -> Result<Vec<PodRow>, StoreError> {
        let sql = format!("{POD_COLUMNS} WHERE pod.uid >= ?1 AND pod.uid < ?1 || char(1114111) ORDER BY pod.id");
        self.rows(&sql, [prefix], pod_row)
    }

    /// The bounds of what is recorded of a cluster: earliest and latest stamp, in microseconds.
    pub fn stamp_bounds(&self, cluster: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let sql = "SELECT (SELECT min(stated) FROM record WHERE stated IS NOT NULL),
                (SELECT max(stated) FROM record WHERE stated IS NOT NULL)";
        let stated = self.rows(sql, [], |row| Ok::<[Option<i64>; 2], _>([row.get(0)?, row.get(1)?]))?;
        let [stated_first, stated_last] = stated.first().copied().unwrap_or_default();
        let skyline = self.skyline(cluster)?;
        let micros = |bound: Option<&TimeBound>| bound.map(|bound| bound.at.micros());
        let first = [micros(skyline.bounds().first()), stated_first].into_iter().flatten().min();
        let last = [micros(skyline.bounds().last()), stated_last].into_iter().flatten().max();
        Ok(first.zip(last))
    }

    /// Every pod, by namespace, name and first record.
    pub fn all_pods(&self) -> Result<Vec<PodRow>, StoreError> {
        let sql = format!("{POD_COLUMNS} ORDER BY pod.namespace, pod.name, pod.id");
        self.rows(&sql, [], pod_row)
    }

    /// The records of one pod in the order of the log.
    pub fn records_of(&self, pod: i64) -> Result<Vec<StoredRecord>, StoreError> {
        let sql = "SELECT seq, kind, line, clock, version, stamp,
                (SELECT recording FROM batch WHERE first_seq <= record.seq ORDER BY first_seq DESC LIMIT 1),
                stated, stated_by, lifecycle
             FROM record WHERE pod = ?1 ORDER BY seq";
        self.rows(sql, [pod], |row| {
            let kind: String = row.get(1)?;
            let clock: Option<String> = row.get(3)?;
            let lifecycle: Option<String> = row.get(9)?;
            Ok(StoredRecord {
                seq: Seq(row.get(0)?),
                kind: EventKind::from(kind.as_str()),
                line: row.get(2)?,
                clock: Clock::of_word(clock.as_deref()),
                resource_version: row.get::<_, Option<VersionKey>>(4)?.and_then(|key| key.to_version()),
                stamp: row.get::<_, Option<i64>>(5)?.map(StampedAt::from_micros),
                stated: stated(row, 7)?.map(|(at, clock)| (ObservedAt::from_micros(at), clock)),
                recording: row.get(6)?,
                lifecycle: lifecycle.as_deref().and_then(RecordLifecycle::of_word),
            })
        })
    }

    /// How many records pods have. Once it is more than `enough` the others are not counted.
    pub fn count_records(&self, pods: &[PodRow], enough: usize) -> Result<usize, StoreError> {
        let mut count = 0;
        for pod in pods {
            let own = self.rows("SELECT count(*) FROM record WHERE pod = ?1", [pod.id], |row| row.get::<_, i64>(0))?;
            count += own.first().and_then(|own| usize::try_from(*own).ok()).unwrap_or(0);
            if count > enough {
                break;
            }
        }
        Ok(count)
    }

    /// The position of the last record.
    pub fn last_seq(&self) -> Result<i64, StoreError> {
        let rows = self.rows("SELECT coalesce(max(seq), 0) FROM record", [], |row| row.get(0))?;
        Ok(rows.first().copied().unwrap_or(0))
    }

    /// The pods of the name of this one, itself included, that without a uid too if there is one.
    pub fn namesakes(&self, pod: i64) -> Result<Vec<PodRow>, StoreError> {
        let sql = format!(
            "{POD_COLUMNS} JOIN pod AS own ON own.id = ?1
             WHERE pod.name = own.name AND pod.namespace = own.namespace AND pod.cluster = own.cluster ORDER BY pod.id"
        );
        self.rows(&sql, [pod], pod_row)
    }

    /// The pod of a row.
    pub fn pod(&self, id: i64) -> Result<Option<PodRow>, StoreError> {
        let sql = format!("{POD_COLUMNS} WHERE pod.id = ?1");
        Ok(self.rows(&sql, [id], pod_row)?.pop())
    }

    /// The row of a pod that is known otherwise.
    pub fn pod_known_as(&self, identity: &PodIdentity) -> Result<Option<PodRow>, StoreError> {
        let rows = self.pods_named(&identity.name)?;
        Ok(rows.into_iter().find(|row| row.identity == *identity))
    }

    /// The names of the recordings.
    pub fn recording_names(&self) -> Result<Vec<(i64, String)>, StoreError> {
        self.rows("SELECT id, name FROM recording ORDER BY id", [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Whether records name this pod without a uid.
    pub fn has_nameless(&self, identity: &PodIdentity, cluster: i64) -> Result<bool, StoreError> {
        self.log.has_nameless(&identity.namespace, &identity.name, cluster)
    }

    /// The records related to what has this name: a pod in a namespace, or a node.
    pub fn related(&self, cluster: i64, namespace: &str, name: &str) -> Result<Vec<RelatedRow>, StoreError> {
        let sql = "SELECT record.seq, record.kind, related.uid, record.stated
             FROM related JOIN record ON record.seq = related.seq
             WHERE related.name = ?1 AND related.namespace = ?2 AND related.cluster = ?3 ORDER BY record.seq";
        self.rows(sql, params![name, namespace, cluster], |row| {
            Ok(RelatedRow {
                seq: row.get(0)?,
                kind: EventKind::from(row.get::<_, String>(1)?.as_str()),
                uid: row.get(2)?,
                at: row.get::<_, Option<i64>>(3)?.map(ObservedAt::from_micros),
            })
        })
    }

    /// The recordings, in the order of ingest.
    pub fn recordings(&self) -> Result<Vec<RecordingSummary>, StoreError> {
        let sql = "SELECT recording.id, cluster.name, recording.name, recording.format,
                (SELECT coalesce(sum(records), 0) FROM batch WHERE recording = recording.id),
                (SELECT coalesce(sum(bytes), 0) FROM batch WHERE recording = recording.id),
                count(record.pod), count(DISTINCT record.pod) FILTER (WHERE record.pod IN (SELECT id FROM pod WHERE uid <> '')), min(record.stamp), max(record.stamp),
                count(*) FILTER (WHERE record.kind = 'ERROR')
             FROM recording JOIN cluster ON cluster.id = recording.cluster
             JOIN batch ON batch.recording = recording.id
             JOIN record ON record.seq BETWEEN batch.first_seq AND batch.first_seq + batch.records - 1
             GROUP BY recording.id ORDER BY recording.id";
        self.rows(sql, [], |row| {
            Ok(RecordingSummary {
                id: row.get(0)?,
                cluster: row.get(1)?,
                name: row.get(2)?,
                format: row.get(3)?,
                records: row.get(4)?,
                bytes: row.get(5)?,
                events: row.get(6)?,
                pods: row.get(7)?,
                first_at: row.get::<_, Option<i64>>(8)?.map(StampedAt::from_micros),
                last_at: row.get::<_, Option<i64>>(9)?.map(StampedAt::from_micros),
                errors: row.get(10)?,
            })
        })
    }

    /// The rows of the records behind `after`, at most `limit`, in the order of the log.
    pub fn records_after(&self, after: i64, limit: i64) -> Result<Vec<RecordFacts>, StoreError> {
        let sql = "SELECT record.seq, kind, pod, pod.cluster, version, stamp, clock,
                (SELECT recording FROM batch WHERE first_seq <= record.seq ORDER BY first_seq DESC LIMIT 1),
                stated, stated_by
             FROM record LEFT JOIN pod ON pod.id = record.pod WHERE record.seq > ?1 ORDER BY record.seq LIMIT ?2";
        self.rows(sql, params![after, limit], |row| {
            let kind: String = row.get(1)?;
            Ok(RecordFacts {
                seq: row.get(0)?,
                kind: EventKind::from(kind.as_str()),
                pod: row.get(2)?,
                cluster: row.get(3)?,
                version: row.get(4)?,
                stamp: row.get(5)?,
                clock: Clock::of_word(row.get::<_, Option<String>>(6)?.as_deref()),
                stated: stated(row, 8)?,
                recording: row.get(7)?,
            })
        })
    }

    /// The bytes of a record, exactly as they were appended.
    pub fn with_body<T>(&self, seq: i64, read: impl FnOnce(&[u8]) -> T) -> Result<T, StoreError> {
        if let Some(reads) = &mut *self.log.reads.borrow_mut() {
            *reads.entry(seq).or_default() += 1;
        }
        let block = self.open_block(seq)?;
        let body = block.record(seq).ok_or_else(|| self.damaged(seq, "its block is too short"))?;
        Ok(read(body))
    }

    /// The dictionary that was stored last.
    pub fn newest_dictionary(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.log
            .connection
            .query_row("SELECT body FROM dictionary ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
            .optional()
            .map_err(|source| self.log.error(source))
    }

    fn damaged(&self, seq: i64, what: &str) -> StoreError {
        StoreError::Damaged { path: self.log.path.clone(), seq, what: what.to_owned() }
    }

    fn open_block(&self, seq: i64) -> Result<Rc<OpenBlock>, StoreError> {
        if let Some(block) = self.blocks.borrow_mut().get(seq) {
            return Ok(block);
        }
        const BLOCK: &str = "SELECT first_seq, dictionary, body FROM block WHERE first_seq <= ?1
             ORDER BY first_seq DESC LIMIT 1";
        let found = self
            .log
            .connection
            .prepare_cached(BLOCK)
            .and_then(|mut statement| {
                statement
                    .query_row([seq], |row| {
                        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Vec<u8>>(2)?))
                    })
                    .optional()
            })
            .map_err(|source| self.log.error(source))?;
        let (first_seq, dictionary, packed) = found.ok_or_else(|| self.damaged(seq, "it has no block"))?;
        let dictionary = dictionary.map(|id| self.dictionary(id)).transpose()?;
        let block = OpenBlock::unpack(first_seq, &packed, dictionary.as_ref())
            .map_err(|error| self.damaged(seq, &format!("its block does not unpack: {error}")))?;
        let block = Rc::new(block);
        self.blocks.borrow_mut().put(Rc::clone(&block));
        Ok(block)
    }

    fn dictionary(&self, id: i64) -> Result<Unpacker, StoreError> {
        if let Some(dictionary) = self.dictionaries.borrow().get(&id) {
            return Ok(Rc::clone(dictionary));
        }
        let body: Vec<u8> = self
            .log
            .connection
            .query_row("SELECT body FROM dictionary WHERE id = ?1", [id], |row| row.get(0))
            .map_err(|source| self.log.error(source))?;
        let dictionary = Rc::new(DecoderDictionary::copy(&body));
        self.dictionaries.borrow_mut().insert(id, Rc::clone(&dictionary));
        Ok(dictionary)
    }
}
