//! Reads the log.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use rusqlite::{OptionalExtension, Row, params};
use zstd::dict::DecoderDictionary;

use super::block::{BlockCache, OpenBlock, Unpacker};
use super::error::StoreError;
use super::open::Log;
use super::version_key::VersionKey;
use crate::model::{Clock, EventKind, ObservedAt, PodIdentity, RecordingSummary, ResourceVersion, StampedAt};

/// Reads records and their bytes; remembers the blocks unpacked last.
pub struct Reader<'log> {
    log: &'log Log,
    /// The records of the name that was asked for last: its incarnations are asked for one after the other.
    pub(crate) attributed: RefCell<Option<Attribution>>,
    blocks: RefCell<BlockCache>,
    dictionaries: RefCell<HashMap<i64, Unpacker>>,
}

/// The records of a name, each with the row of the pod that it was found to be about.
pub(crate) struct Attribution {
    /// The row of one pod of the name.
    pub(crate) cluster: i64,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// The last record of the log when it was made.
    pub(crate) until: i64,
    pub(crate) records: Rc<Vec<(Option<i64>, StoredRecord)>>,
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

/// A record's row without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its position.
    pub seq: i64,
    /// What it says of its object.
    pub kind: EventKind,
    /// The version it shows, in its plainest spelling.
    pub resource_version: Option<ResourceVersion>,
    /// Its line in the input.
    pub line: i64,
    /// The newest time in it.
    pub stamp: Option<StampedAt>,
    /// Whose clock that is.
    pub clock: Clock,
    /// The time that its format states, and whose clock that is.
    pub stated: Option<(ObservedAt, Clock)>,
    /// The recording that it belongs to.
    pub recording: i64,
}

/// A record that stands beside pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BesideRow {
    /// Its position.
    pub seq: i64,
    /// What it is.
    pub kind: EventKind,
    /// The uid of the pod that it is about, if it says so, or of the node.
    pub uid: String,
    /// The time that it states.
    pub at: Option<ObservedAt>,
}

/// A place where a recording was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterruptionRow {
    /// The ERROR record, or the first record of the new list.
    pub seq: i64,
    /// True for an ERROR record.
    pub is_error: bool,
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// The newest version that the recording had told of before.
    pub version_before: Option<VersionKey>,
    /// The newest version that it told of at once when it went on: of the new list, or of the first record.
    pub version_behind: Option<VersionKey>,
}

/// From which version to which a recording covers its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageRow {
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// The version of its first record that has one, a bookmark perhaps.
    pub first: Option<VersionKey>,
    /// The newest version of the list that it begins with, or its first.
    pub from: Option<VersionKey>,
    /// Its newest version.
    pub until: Option<VersionKey>,
    /// What it was read as.
    pub format: String,
    /// Of a recording without versions: its first and its last stated time, in microseconds.
    pub stated: Option<(i64, i64)>,
    /// It has records of pods, and not only of what stands beside them.
    pub tells_of_pods: bool,
}

/// A place where a recording told of all pods: a list, or the ADDED events that a watch begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRow {
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// Its first record.
    pub first: i64,
    /// The last record of a list; `None` for ADDED events.
    pub list_end: Option<i64>,
    /// The newest version in it.
    pub from: Option<VersionKey>,
    /// The version of the list, or of the first record behind the ADDED events.
    pub by: Option<VersionKey>,
    /// The namespaces that it tells of.
    pub namespaces: BTreeSet<String>,
}

/// The first version at or behind a place.
const VERSION_FIRST: &str = "SELECT version FROM record WHERE version IS NOT NULL AND seq BETWEEN ?2 AND
     (SELECT max(first_seq + records) - 1 FROM batch WHERE recording = ?1) ORDER BY seq LIMIT 1";
/// The newest version before a place. The records of a list come in no order, so some are looked at.
const VERSION_BEFORE: &str = "SELECT max(version) FROM (SELECT record.version FROM record
     WHERE record.seq < ?2 AND record.seq >= (SELECT min(first_seq) FROM batch WHERE recording = ?1)
       AND version IS NOT NULL ORDER BY record.seq DESC LIMIT 200)";
/// The newest version of the list that begins at a place, or of the first record behind it.
const VERSION_BEHIND: &str = "SELECT max(version) FROM record WHERE seq BETWEEN ?2 AND min(
     (SELECT max(first_seq + records) - 1 FROM batch WHERE recording = ?1),
     max(
         coalesce((SELECT seq FROM record WHERE seq >= ?2 AND version IS NOT NULL ORDER BY seq LIMIT 1), 0),
         CASE (SELECT kind FROM record WHERE seq >= ?2 ORDER BY seq LIMIT 1) WHEN 'LIST-BEGIN' THEN
             coalesce((SELECT seq FROM record WHERE seq >= ?2 AND kind = 'LIST-END' ORDER BY seq LIMIT 1), 0) ELSE 0 END,
         coalesce((SELECT seq FROM record WHERE seq >= ?2 AND kind NOT IN ('ADDED', 'BOOKMARK', 'ERROR', 'EVENT', 'NODE')
                   ORDER BY seq LIMIT 1) - 1, 9223372036854775807)))";

/// A record's row, for going through the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightingRow {
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
        Reader {
            log: self,
            attributed: RefCell::default(),
            blocks: RefCell::default(),
            dictionaries: RefCell::default(),
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
    fn rows<T>(
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

    /// The bounds of what the log tells of a cluster: earliest and latest stamp, in microseconds.
    pub fn stamp_bounds(&self, cluster: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let sql = "SELECT (SELECT at FROM tick WHERE cluster = ?1 ORDER BY version LIMIT 1),
                (SELECT at FROM tick WHERE cluster = ?1 ORDER BY version DESC LIMIT 1),
                (SELECT min(stated) FROM record WHERE stated IS NOT NULL),
                (SELECT max(stated) FROM record WHERE stated IS NOT NULL)";
        type Bounds = [Option<i64>; 4];
        let rows =
            self.rows(sql, [cluster], |row| Ok::<Bounds, _>([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
        let Some([first, last, stated_first, stated_last]) = rows.first().copied() else { return Ok(None) };
        let first = [first, stated_first].into_iter().flatten().min();
        let last = [last, stated_last].into_iter().flatten().max();
        Ok(first.zip(last))
    }

    /// Every pod, by namespace, name and first sighting.
    pub fn all_pods(&self) -> Result<Vec<PodRow>, StoreError> {
        let sql = format!("{POD_COLUMNS} ORDER BY pod.namespace, pod.name, pod.id");
        self.rows(&sql, [], pod_row)
    }

    /// The records of one pod in the order of the log.
    pub fn records_of(&self, pod: i64) -> Result<Vec<StoredRecord>, StoreError> {
        let sql = "SELECT seq, kind, line, clock, version, stamp,
                (SELECT recording FROM batch WHERE first_seq <= record.seq ORDER BY first_seq DESC LIMIT 1),
                stated, stated_by
             FROM record WHERE pod = ?1 ORDER BY seq";
        self.rows(sql, [pod], |row| {
            let kind: String = row.get(1)?;
            let clock: Option<String> = row.get(3)?;
            Ok(StoredRecord {
                seq: row.get(0)?,
                kind: EventKind::from(kind.as_str()),
                line: row.get(2)?,
                clock: Clock::of_word(clock.as_deref()),
                resource_version: row.get::<_, Option<VersionKey>>(4)?.and_then(|key| key.to_version()),
                stamp: row.get::<_, Option<i64>>(5)?.map(StampedAt::from_micros),
                stated: stated(row, 7)?.map(|(at, clock)| (ObservedAt::from_micros(at), clock)),
                recording: row.get(6)?,
            })
        })
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

    /// Whether a name is told of without a uid.
    pub fn has_nameless(&self, identity: &PodIdentity, cluster: i64) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM pod WHERE uid = '' AND cluster = ?3 AND namespace = ?2 AND name = ?1";
        let found = self.rows(sql, params![identity.name, identity.namespace, cluster], |_| Ok(()))?;
        Ok(!found.is_empty())
    }

    /// The records that stand beside what has this name: a pod in a namespace, or a node.
    pub fn beside(&self, cluster: i64, namespace: &str, name: &str) -> Result<Vec<BesideRow>, StoreError> {
        let sql = "SELECT record.seq, record.kind, beside.uid, record.stated
             FROM beside JOIN record ON record.seq = beside.seq
             WHERE beside.name = ?1 AND beside.namespace = ?2 AND beside.cluster = ?3 ORDER BY record.seq";
        self.rows(sql, params![name, namespace, cluster], |row| {
            Ok(BesideRow {
                seq: row.get(0)?,
                kind: EventKind::from(row.get::<_, String>(1)?.as_str()),
                uid: row.get(2)?,
                at: row.get::<_, Option<i64>>(3)?.map(ObservedAt::from_micros),
            })
        })
    }

    /// Where recordings were interrupted, in the order of the log.
    pub fn interruptions(&self) -> Result<Vec<InterruptionRow>, StoreError> {
        const PLACES: &str = "SELECT place.seq, is_error, batch.recording, recording.cluster FROM (
                 SELECT seq, 1 AS is_error FROM record WHERE kind = 'ERROR'
                     AND NOT EXISTS (SELECT 1 FROM record AS before WHERE before.seq = record.seq - 1 AND before.kind = 'ERROR')
                 UNION ALL SELECT seq, 0 FROM relist
                 UNION ALL SELECT seq, 0 FROM record WHERE kind = 'LIST-BEGIN'
             ) AS place
             JOIN batch ON batch.id = (SELECT id FROM batch WHERE first_seq <= place.seq ORDER BY first_seq DESC LIMIT 1)
             JOIN recording ON recording.id = batch.recording
             -- A recording may begin with a list.
             WHERE is_error OR place.seq > (SELECT min(first_seq) FROM batch AS own WHERE own.recording = recording.id)
             ORDER BY place.seq";
        let mut rows = self.rows(PLACES, [], |row| {
            Ok(InterruptionRow {
                seq: row.get(0)?,
                is_error: row.get(1)?,
                recording: row.get(2)?,
                cluster: row.get(3)?,
                version_before: None,
                version_behind: None,
            })
        })?;
        for row in &mut rows {
            row.version_before = self.version_at(VERSION_BEFORE, row.recording, row.seq)?;
            row.version_behind = self.version_at(VERSION_BEHIND, row.recording, row.seq)?;
        }
        Ok(rows)
    }

    /// For each recording what it covers: the newest version that it told of at once, and the newest of all.
    pub fn coverages(&self) -> Result<Vec<CoverageRow>, StoreError> {
        const BOUNDS: &str = "SELECT recording.id, recording.cluster, min(batch.first_seq),
                 max(batch.first_seq + batch.records), recording.format
             FROM recording JOIN batch ON batch.recording = recording.id GROUP BY recording.id ORDER BY recording.id";
        const TELLS_OF_PODS: &str = "SELECT EXISTS (SELECT 1 FROM record
             JOIN batch ON record.seq BETWEEN batch.first_seq AND batch.first_seq + batch.records - 1
             WHERE batch.recording = ?1 AND record.pod IS NOT NULL)";
        let bounds = self.rows(BOUNDS, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?, row.get(4)?))
        })?;
        let mut rows = Vec::with_capacity(bounds.len());
        for (recording, cluster, first, end, format) in bounds {
            let begin = self.version_at(VERSION_FIRST, recording, first)?;
            let from = self.version_at(VERSION_BEHIND, recording, first)?;
            let until = self.version_at(VERSION_BEFORE, recording, end)?;
            let tells_of_pods = self.rows(TELLS_OF_PODS, [recording], |row| row.get(0))?.contains(&true);
            let stated = if until.is_none() { self.stated_between(first, end)? } else { None };
            rows.push(CoverageRow { recording, cluster, first: begin, from, until, format, stated, tells_of_pods });
        }
        Ok(rows)
    }

    fn stated_between(&self, first: i64, end: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let sql = "SELECT min(stated), max(stated) FROM record WHERE seq >= ?1 AND seq < ?2";
        let rows =
            self.rows(sql, [first, end], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
        Ok(rows.first().and_then(|(first, last)| (*first).zip(*last)))
    }

    /// Where recordings told of all pods, in the order of the log. The ADDED events at the beginning of a recording are such
    /// a place only if one of them shows a pod that was there before, and only if something follows: else they may be new
    /// pods, or cut off.
    pub fn listings(&self) -> Result<Vec<ListingRow>, StoreError> {
        const PLACES: &str = "SELECT place.seq, batch.recording, recording.cluster, place.what FROM (
                 SELECT seq, 0 AS what FROM record WHERE kind = 'LIST-BEGIN'
                 UNION ALL SELECT seq, 1 FROM relist
                 UNION ALL SELECT min(first_seq), 2 FROM batch GROUP BY recording
             ) AS place
             JOIN batch ON batch.id = (SELECT id FROM batch WHERE first_seq <= place.seq ORDER BY first_seq DESC LIMIT 1)
             JOIN recording ON recording.id = batch.recording
             WHERE place.what < 2
                OR EXISTS (SELECT 1 FROM record WHERE record.seq = place.seq AND record.kind IN ('ADDED', 'BOOKMARK'))
             ORDER BY place.seq";
        const LIST_END: &str = "SELECT seq FROM record WHERE kind IN ('LIST-BEGIN', 'LIST-END', 'ERROR') AND seq > ?1
             ORDER BY seq LIMIT 1";
        /// The first record behind the ADDED events.
        const BEHIND: &str = "SELECT seq, kind FROM record WHERE seq >= ?1
             AND kind NOT IN ('ADDED', 'BOOKMARK', 'EVENT', 'NODE') ORDER BY seq LIMIT 1";
        const SHOWS_ONE_FROM_BEFORE: &str =
            "SELECT 1 FROM record AS own WHERE own.seq BETWEEN ?1 AND ?2 AND own.kind = 'ADDED'
             AND (EXISTS (SELECT 1 FROM record AS other WHERE other.pod = own.pod AND (other.version < own.version
                      OR other.version = own.version AND other.kind = 'MODIFIED'))
                  OR EXISTS (SELECT 1 FROM transition WHERE transition.seq = own.seq AND ordinal = 0 AND inferred = 1))
             LIMIT 1";
        const NEWEST: &str = "SELECT max(version) FROM record WHERE seq BETWEEN ?1 AND ?2";
        const NEXT: &str = "SELECT min(version) FROM (SELECT version FROM record WHERE seq BETWEEN ?1 AND ?2
             AND version IS NOT NULL AND kind <> 'BOOKMARK' ORDER BY seq LIMIT 1)";
        const NAMESPACES: &str = "SELECT DISTINCT pod.namespace FROM record JOIN pod ON pod.id = record.pod
             WHERE record.seq BETWEEN ?1 AND ?2";
        let places = self.rows(PLACES, [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
        })?;
        let seq_of = |row: &Row<'_>| row.get::<_, i64>(0);
        let version = |row: &Row<'_>| row.get::<_, Option<VersionKey>>(0);
        let mut listings = Vec::with_capacity(places.len());
        for (first, recording, cluster, what) in places {
            // Records that were appended in one piece: a recording that grew later goes on elsewhere.
            let own_end = "SELECT max(first_seq + records) - 1 FROM batch WHERE recording = ?1";
            let recording_end = self.rows(own_end, [recording], seq_of)?.pop().unwrap_or(first);
            let end = if what == 0 {
                let Some(end) = self.rows(LIST_END, [first], seq_of)?.pop() else { continue };
                let is_end = "SELECT seq FROM record WHERE seq = ?1 AND kind = 'LIST-END'";
                if self.rows(is_end, [end], seq_of)?.is_empty() {
                    continue;
                }
                end
            } else {
                let behind = self.rows(BEHIND, [first], seq_of)?.pop().unwrap_or(i64::MAX);
                behind.min(recording_end + 1) - 1
            };
            let has_bookmark = "SELECT 1 FROM record WHERE seq BETWEEN ?1 AND ?2 AND kind = 'BOOKMARK' LIMIT 1";
            if what > 0 && end >= recording_end && self.rows(has_bookmark, params![first, end], seq_of)?.is_empty() {
                continue;
            }
            if what == 2 && self.rows(SHOWS_ONE_FROM_BEFORE, params![first, end], seq_of)?.is_empty() {
                continue;
            }
            let by = match what {
                0 => self.rows("SELECT version FROM record WHERE seq = ?1", [end], version)?.pop().flatten(),
                _ => self.rows(NEXT, params![end + 1, recording_end], version)?.pop().flatten(),
            };
            let namespaces = self.rows(NAMESPACES, params![first, end], |row| row.get(0))?;
            listings.push(ListingRow {
                recording,
                cluster,
                first,
                list_end: (what == 0).then_some(end),
                from: self.rows(NEWEST, params![first, end], version)?.pop().flatten(),
                by,
                namespaces: namespaces.into_iter().collect(),
            });
        }
        Ok(listings)
    }

    fn version_at(&self, sql: &str, recording: i64, seq: i64) -> Result<Option<VersionKey>, StoreError> {
        let versions = self.rows(sql, params![recording, seq], |row| row.get::<_, Option<VersionKey>>(0))?;
        Ok(versions.into_iter().next().flatten())
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
    pub fn sightings_after(&self, after: i64, limit: i64) -> Result<Vec<SightingRow>, StoreError> {
        let sql = "SELECT record.seq, kind, pod, pod.cluster, version, stamp, clock,
                (SELECT recording FROM batch WHERE first_seq <= record.seq ORDER BY first_seq DESC LIMIT 1),
                stated, stated_by
             FROM record LEFT JOIN pod ON pod.id = record.pod WHERE record.seq > ?1 ORDER BY record.seq LIMIT ?2";
        self.rows(sql, params![after, limit], |row| {
            let kind: String = row.get(1)?;
            Ok(SightingRow {
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
