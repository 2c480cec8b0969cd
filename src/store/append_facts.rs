//! What an append asks of the log to draw the facts of a record that follow from those before it in its recording.

use std::collections::BTreeSet;
use std::ops::Range;

use rusqlite::params;

use super::error::StoreError;
use super::log_table::{RECORD, RELIST};
use super::open::Log;
use super::rows::record_facts;
use super::seal::Group;
use super::spans::Spans;
use super::version_key::VersionKey;
use crate::model::id::is_of_incarnation;
use crate::model::{Clock, EventKind};

impl Log {
    /// Which records before `before_seq` show this write of the pod: the recording of each, and its clock.
    pub fn has_write(
        &self,
        pod: i64,
        version: &VersionKey,
        is_deletion: bool,
        before_seq: i64,
    ) -> Result<Vec<(i64, Clock)>, StoreError> {
        let (reader, which) = (self.reader(), "WHERE pod = ?1 AND version = ?2 AND seq < ?3");
        let (shown, _) = reader.checked(&RECORD, which, params![pod, version, before_seq], record_facts)?;
        let same = shown.into_iter().filter(|record| (record.kind == EventKind::Deleted) == is_deletion);
        same.map(|record| Ok((reader.batch_of(record.seq)?.recording, record.clock))).collect()
    }

    /// The newest version that the log shows of a pod, and whether that is its deletion.
    pub fn newest_version(&self, pod: i64) -> Result<Option<(VersionKey, bool)>, StoreError> {
        let which = "WHERE pod = ?1 AND version IS NOT NULL ORDER BY version DESC, kind = 'DELETED' DESC LIMIT 1";
        let (mut newest, _) = self.reader().checked(&RECORD, which, [pod], record_facts)?;
        Ok(newest.pop().and_then(|record| Some((record.version?, record.kind == EventKind::Deleted))))
    }

    /// The first record of the run of ADDED, bookmarks, Events and nodes aside, that these records end with, and
    /// whether a relist was noted there; `None` if it ends with something else. What an audit log calls ADDED is a creation.
    pub fn added_run(&self, own: &Spans) -> Result<Option<(i64, bool)>, StoreError> {
        let reader = self.reader();
        let mut first = None;
        for record in reader.walk_back(own) {
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

    /// Whether the pod is alive by the last record in a range that is of a recording, or of what it goes on from.
    pub fn knows_alive(&self, own: &Spans, recording: i64, pod: i64, earlier: Range<i64>) -> Result<bool, StoreError> {
        const AT_ONCE: i64 = 64;
        let (reader, mut before) = (self.reader(), earlier.end);
        loop {
            let which = "WHERE pod = ?1 AND seq >= ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4";
            let (records, _) = reader.checked(&RECORD, which, [pod, earlier.start, before, AT_ONCE], record_facts)?;
            for record in &records {
                if own.contains(record.seq) || reader.batch_of(record.seq)?.recording == recording {
                    return Ok(record.kind != EventKind::Deleted);
                }
            }
            match records.last() {
                Some(last) => before = last.seq,
                None => return Ok(false),
            }
        }
    }

    /// Whether a record without a version is about this pod.
    pub fn has_versionless(&self, pod: i64) -> Result<bool, StoreError> {
        const VERSIONLESS: &str = "SELECT 1 FROM record WHERE pod = ?1 AND version IS NULL LIMIT 1";
        self.connection
            .prepare_cached(VERSIONLESS)
            .and_then(|mut statement| statement.exists([pod]))
            .map_err(|source| self.error(source))
    }

    /// Whether records name this pod without the uid of an incarnation.
    pub fn has_nameless(&self, namespace: &str, name: &str, cluster: i64) -> Result<bool, StoreError> {
        const UIDS: &str = "SELECT uid FROM pod WHERE cluster = ?3 AND namespace = ?2 AND name = ?1";
        let uids: Vec<String> = self.reader().rows(UIDS, params![name, namespace, cluster], |row| row.get(0))?;
        Ok(uids.iter().any(|uid| !is_of_incarnation(uid)))
    }

    /// The pods of a namespace.
    pub fn pods_of_namespace(&self, cluster: i64, namespace: &str) -> Result<Vec<i64>, StoreError> {
        let of_namespace = "SELECT id FROM pod WHERE cluster = ?1 AND namespace = ?2";
        self.reader().rows(of_namespace, params![cluster, namespace], |row| row.get(0))
    }

    /// The namespaces with requests about all their pods: they name no pod, and were not refused.
    pub fn namespaces_asked_together(&self, cluster: i64) -> Result<BTreeSet<Box<str>>, StoreError> {
        const NAMELESS: &str = "SELECT DISTINCT namespace FROM related JOIN record USING (seq)
             WHERE name = '' AND cluster = ?1 AND record.kind = 'REQUEST'";
        let found = self.reader().rows(NAMELESS, [cluster], |row| row.get::<_, String>(0))?;
        Ok(found.into_iter().map(Box::from).collect())
    }
}
