//! What versions tell of time. Within a cluster the resourceVersion orders all writes, so the time of one write bounds
//! the times of all others; the rows that say most are kept, about one for each second of a recording.

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::open::Log;
use super::version_key::VersionKey;
use crate::model::time::SECOND_US;

/// Which way a row bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// This write and later ones did not happen before the time.
    After,
    /// This write and earlier ones did not happen after the second of the time.
    Before,
}

impl Side {
    const fn as_str(self) -> &'static str {
        match self {
            Self::After => "after",
            Self::Before => "before",
        }
    }
}

const AFTER_AT: &str =
    "SELECT at FROM tick WHERE cluster = ?1 AND side = 'after' AND version <= ?2 ORDER BY version DESC LIMIT 1";
const BEFORE_AT: &str =
    "SELECT at FROM tick WHERE cluster = ?1 AND side = 'before' AND version >= ?2 ORDER BY version LIMIT 1";
const DROP_AFTER: &str = "DELETE FROM tick WHERE cluster = ?1 AND side = 'after' AND version >= ?2 AND at <= ?3";
const DROP_BEFORE: &str = "DELETE FROM tick WHERE cluster = ?1 AND side = 'before' AND version <= ?2 AND at >= ?3";
const INSERT: &str = "INSERT INTO tick (cluster, side, version, at) VALUES (?1, ?2, ?3, ?4)";

impl Log {
    /// The latest time that the write of `version` is known not to have happened before, in microseconds.
    pub fn not_before(&self, cluster: i64, version: &VersionKey) -> Result<Option<i64>, StoreError> {
        self.tick(AFTER_AT, cluster, version)
    }

    /// The earliest time that the write of `version` is known not to have happened after, in microseconds.
    pub fn not_after(&self, cluster: i64, version: &VersionKey) -> Result<Option<i64>, StoreError> {
        Ok(self.tick(BEFORE_AT, cluster, version)?.map(end_of_second))
    }

    fn tick(&self, sql: &str, cluster: i64, version: &VersionKey) -> Result<Option<i64>, StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(params![cluster, version], |row| row.get(0)).optional())
            .map_err(|source| self.error(source))
    }

    /// Takes note that the write of `version` did not happen before, or after the second of, `at`.
    pub fn note_tick(&self, cluster: i64, side: Side, version: &VersionKey, at: i64) -> Result<(), StoreError> {
        let (known, drop) = match side {
            Side::After => (AFTER_AT, DROP_AFTER),
            Side::Before => (BEFORE_AT, DROP_BEFORE),
        };
        let says_more = match self.tick(known, cluster, version)? {
            Some(known) if side == Side::After => known < at,
            Some(known) => known > at,
            None => true,
        };
        if !says_more {
            return Ok(());
        }
        self.connection
            .prepare_cached(drop)
            .and_then(|mut statement| statement.execute(params![cluster, version, at]))
            .and_then(|_| self.connection.prepare_cached(INSERT))
            .and_then(|mut statement| statement.execute(params![cluster, side.as_str(), version, at]))
            .map_err(|source| self.error(source))?;
        Ok(())
    }
}

/// Stamps are rounded down: the second that they name lasts until just before the next.
fn end_of_second(at: i64) -> i64 {
    at + SECOND_US - 1
}
