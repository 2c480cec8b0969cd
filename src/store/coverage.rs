//! What recordings cover, where they were interrupted and where they listed all pods: look-ups of rows of the log. What
//! follows from it is for `history/`.

use std::collections::BTreeSet;

use rusqlite::{Row, params};

use super::error::StoreError;
use super::read::Reader;
use super::version_key::VersionKey;

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
    /// The newest version of the recording before.
    pub version_before: Option<VersionKey>,
    /// The newest version at once when it went on: of the new list, or of the first record.
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
    /// It has records of pods, and not only of what is related to them.
    pub has_pods: bool,
}

/// A place where a recording listed all pods: a list, or the ADDED events that a watch begins with.
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
    /// The namespaces of its pods.
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
             coalesce((SELECT seq FROM record WHERE seq >= ?2 AND kind = 'LIST-END' AND kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END') ORDER BY seq LIMIT 1), 0) ELSE 0 END,
         coalesce((SELECT seq FROM record WHERE seq >= ?2 AND kind NOT IN ('ADDED', 'BOOKMARK', 'ERROR', 'EVENT', 'NODE')
                   ORDER BY seq LIMIT 1) - 1, 9223372036854775807)))";

impl Reader<'_> {
    /// Where recordings were interrupted, in the order of the log.
    pub fn interruptions(&self) -> Result<Vec<InterruptionRow>, StoreError> {
        const PLACES: &str = "SELECT place.seq, is_error, batch.recording, recording.cluster FROM (
                 SELECT seq, 1 AS is_error FROM record WHERE kind = 'ERROR' AND kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END')
                     AND NOT EXISTS (SELECT 1 FROM record AS before WHERE before.seq = record.seq - 1 AND before.kind = 'ERROR')
                 UNION ALL SELECT seq, 0 FROM relist
                 UNION ALL SELECT seq, 0 FROM record WHERE kind = 'LIST-BEGIN' AND kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END')
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

    /// For each recording what it covers: the newest version at its beginning, and the newest of all.
    pub fn coverages(&self) -> Result<Vec<CoverageRow>, StoreError> {
        const BOUNDS: &str = "SELECT recording.id, recording.cluster, min(batch.first_seq),
                 max(batch.first_seq + batch.records), recording.format
             FROM recording JOIN batch ON batch.recording = recording.id GROUP BY recording.id ORDER BY recording.id";
        const HAS_PODS: &str = "SELECT EXISTS (SELECT 1 FROM record
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
            let has_pods = self.rows(HAS_PODS, [recording], |row| row.get(0))?.contains(&true);
            let stated = if until.is_none() { self.stated_between(first, end)? } else { None };
            rows.push(CoverageRow { recording, cluster, first: begin, from, until, format, stated, has_pods });
        }
        Ok(rows)
    }

    fn stated_between(&self, first: i64, end: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let sql = "SELECT min(stated), max(stated) FROM record WHERE seq >= ?1 AND seq < ?2";
        let rows =
            self.rows(sql, [first, end], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
        Ok(rows.first().and_then(|(first, last)| (*first).zip(*last)))
    }

    /// Where recordings listed all pods, in the order of the log. The ADDED events at the beginning of a recording are such
    /// a place only if one of them shows a pod that was there before, and only if something follows: else they may be new
    /// pods, or cut off.
    pub fn listings(&self) -> Result<Vec<ListingRow>, StoreError> {
        const PLACES: &str = "SELECT place.seq, batch.recording, recording.cluster, place.what FROM (
                 SELECT seq, 0 AS what FROM record WHERE kind = 'LIST-BEGIN' AND kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END')
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
                  OR own.lifecycle IS NOT 'creation')
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
}
