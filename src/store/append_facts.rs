//! What an append asks of the log to draw the facts of a record that follow from those before it in its recording.

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::log_table::RELIST;
use super::open::Log;
use super::seal::Group;
use super::version_key::VersionKey;
use crate::model::{Clock, EventKind};

/// A recording, and those that it goes on from, each with its last record of those that they share.
const LINEAGE: &str = "WITH RECURSIVE lineage(recording, until) AS (
         SELECT ?1, 9223372036854775807
         UNION ALL SELECT shared.recording, shared.first_seq + shared.records - 1 FROM lineage
             JOIN recording ON recording.id = lineage.recording JOIN batch AS shared ON shared.id = recording.forks)";

impl Log {
    /// Which records before `before_seq` show this write of the pod: the recording of each, and its clock.
    pub fn has_write(
        &self,
        pod: i64,
        version: &VersionKey,
        is_deletion: bool,
        before_seq: i64,
    ) -> Result<Vec<(i64, Clock)>, StoreError> {
        const SHOWN: &str =
            "SELECT (SELECT recording FROM batch WHERE first_seq <= record.seq ORDER BY first_seq DESC LIMIT 1), clock
             FROM record WHERE pod = ?1 AND version = ?2 AND (kind = 'DELETED') = ?3 AND seq < ?4";
        let read = || -> rusqlite::Result<Vec<(i64, Clock)>> {
            let mut statement = self.connection.prepare_cached(SHOWN)?;
            let shown = statement.query_map(params![pod, version, is_deletion, before_seq], |row| {
                Ok((row.get(0)?, Clock::of_word(row.get::<_, Option<String>>(1)?.as_deref())))
            })?;
            shown.collect()
        };
        read().map_err(|source| self.error(source))
    }

    /// The newest version that the log shows of a pod, and whether that is its deletion.
    pub fn newest_version(&self, pod: i64) -> Result<Option<(VersionKey, bool)>, StoreError> {
        const NEWEST: &str = "SELECT version, kind = 'DELETED' FROM record WHERE pod = ?1 AND version IS NOT NULL
             ORDER BY version DESC, 2 DESC LIMIT 1";
        self.connection
            .prepare_cached(NEWEST)
            .and_then(|mut statement| statement.query_row([pod], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .map_err(|source| self.error(source))
    }

    /// The first record of the run of ADDED, bookmarks, Events and nodes aside, that a recording ends with at the end of this batch, and
    /// whether a relist was noted there; `None` if it ends with something else. What an audit log calls ADDED is a creation.
    pub fn added_run(&self, batch: i64) -> Result<Option<(i64, bool)>, StoreError> {
        let reader = self.reader();
        let Some(own) = reader.spans_behind(batch)? else { return Ok(None) };
        let mut first = None;
        for record in reader.walk_back(&own) {
            let record = record?;
            let is_audit = matches!(record.stated, Some((_, Clock::Audit)));
            if record.kind == EventKind::Added && !is_audit {
                first = Some(record.seq);
            } else if !record.kind.is_aside() {
                break;
            }
        }
        first.map(|first| Ok((first, self.is_relist(first)?))).transpose()
    }

    fn is_relist(&self, seq: i64) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached("SELECT 1 FROM relist WHERE seq = ?1")
            .and_then(|mut statement| statement.exists([seq]))
            .map_err(|source| self.error(source))
    }

    /// Takes note that the watch of a recording was begun anew before this record.
    pub fn note_relist(&self, seq: i64) -> Result<(), StoreError> {
        if self.is_relist(seq)? { Ok(()) } else { self.add_row(&RELIST, &[&seq], &[Group::Relists]) }
    }

    /// Whether a recording shows the pod alive before this position.
    pub fn knows_alive(&self, recording: i64, pod: i64, before_seq: i64) -> Result<bool, StoreError> {
        const LAST: &str = "SELECT record.kind <> 'DELETED' FROM record
             JOIN batch ON record.seq BETWEEN batch.first_seq AND batch.first_seq + batch.records - 1
             JOIN lineage ON lineage.recording = batch.recording AND record.seq <= lineage.until
             WHERE record.pod = ?2 AND record.seq < ?3 ORDER BY record.seq DESC LIMIT 1";
        let last = self
            .connection
            .prepare_cached(&format!("{LINEAGE} {LAST}"))
            .and_then(|mut statement| {
                statement.query_row(params![recording, pod, before_seq], |row| row.get(0)).optional()
            })
            .map_err(|source| self.error(source))?;
        Ok(last.unwrap_or(false))
    }

    /// Whether a record without a version is about this pod.
    pub fn has_versionless(&self, pod: i64) -> Result<bool, StoreError> {
        const VERSIONLESS: &str = "SELECT 1 FROM record WHERE pod = ?1 AND version IS NULL LIMIT 1";
        self.connection
            .prepare_cached(VERSIONLESS)
            .and_then(|mut statement| statement.exists([pod]))
            .map_err(|source| self.error(source))
    }

    /// Whether records name this pod without a uid.
    pub fn has_nameless(&self, namespace: &str, name: &str, cluster: i64) -> Result<bool, StoreError> {
        const NAMELESS: &str = "SELECT 1 FROM pod WHERE uid = '' AND cluster = ?3 AND namespace = ?2 AND name = ?1";
        self.connection
            .prepare_cached(NAMELESS)
            .and_then(|mut statement| statement.exists(params![name, namespace, cluster]))
            .map_err(|source| self.error(source))
    }
}
