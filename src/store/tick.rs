//! What versions tell of time. Within a cluster the resourceVersion orders all writes, so the time of one write bounds
//! the times of all others; the rows that say most are kept, about one for each second of a recording. Which rows these
//! are follows from the records alone and not from the order in which they came.

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::open::Log;
use super::version_key::VersionKey;
use crate::model::Clock;

const LAST_AT: &str = "SELECT at FROM tick WHERE cluster = ?1 AND version <= ?2 ORDER BY version DESC LIMIT 1";
const NEXT_STAMP: &str =
    "SELECT at FROM tick WHERE cluster = ?1 AND version >= ?2 AND is_stamped ORDER BY version LIMIT 1";
/// Times rise with the versions, so what says less stands in one stretch: up to the first row with a later time. (A blob
/// sorts behind all versions.)
const DROP_DOMINATED: &str = "DELETE FROM tick WHERE cluster = ?1 AND version >= ?2 AND version < coalesce(
     (SELECT version FROM tick WHERE cluster = ?1 AND version >= ?2 AND at > ?3 ORDER BY version LIMIT 1), x'ff')";
const UPGRADE: &str = "UPDATE tick SET is_stamped = 1 WHERE cluster = ?1 AND version = ?2 AND at = ?3";
const INSERT: &str = "INSERT INTO tick (cluster, version, at, is_stamped) VALUES (?1, ?2, ?3, ?4)";

impl Log {
    /// The latest time that the write of `version` is known not to have happened before, in microseconds.
    pub fn not_before(&self, cluster: i64, version: &VersionKey) -> Result<Option<i64>, StoreError> {
        self.tick(LAST_AT, cluster, version)
    }

    /// The API server's stamp on the first write from `version` on that carries a new one: the write of `version` did not
    /// happen after that second. In microseconds.
    pub fn next_stamp(&self, cluster: i64, version: &VersionKey) -> Result<Option<i64>, StoreError> {
        self.tick(NEXT_STAMP, cluster, version)
    }

    fn tick(&self, sql: &str, cluster: i64, version: &VersionKey) -> Result<Option<i64>, StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(params![cluster, version], |row| row.get(0)).optional())
            .map_err(|source| self.error(source))
    }

    /// Takes note that the object of `version` carries the time `at`.
    pub fn note_tick(&self, cluster: i64, version: &VersionKey, at: i64, clock: Clock) -> Result<(), StoreError> {
        let is_stamped = clock == Clock::ManagedFields;
        let known = self.tick(LAST_AT, cluster, version)?;
        let note = || -> rusqlite::Result<()> {
            if known.is_some_and(|known| known >= at) {
                if is_stamped && known == Some(at) {
                    self.connection.prepare_cached(UPGRADE)?.execute(params![cluster, version, at])?;
                }
                return Ok(());
            }
            self.connection.prepare_cached(DROP_DOMINATED)?.execute(params![cluster, version, at])?;
            self.connection.prepare_cached(INSERT)?.execute(params![cluster, version, at, is_stamped])?;
            Ok(())
        };
        note().map_err(|source| self.error(source))
    }
}
