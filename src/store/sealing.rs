//! Writes the seals of what a transaction adds, and compares what is read with them.

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::open::Log;
use super::seal::{Group, Seal};

impl Log {
    /// Counts a row into a group.
    pub(super) fn add_to(&self, group: Group<'_>, checksum: i64) {
        self.add_all_to(group, Seal { rows: 1, checksum });
    }

    /// Counts rows into a group.
    pub(super) fn add_all_to(&self, group: Group<'_>, rows: Seal) {
        self.unsealed.borrow_mut().entry(group.id()).or_default().with(rows);
    }

    /// Writes the seals of the groups that have grown. To be called before a transaction is committed.
    pub(super) fn seal(&self) -> Result<(), StoreError> {
        const SEAL: &str = "INSERT INTO seal (id, rows, checksum) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET rows = rows + excluded.rows,
             -- Exclusive-or: SQLite has no operator for it.
             checksum = (checksum | excluded.checksum) - (checksum & excluded.checksum)";
        let write = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(SEAL)?;
            for (id, seal) in std::mem::take(&mut *self.unsealed.borrow_mut()) {
                statement.execute(params![id, seal.rows, seal.checksum])?;
            }
            Ok(())
        };
        write().map_err(|source| self.error(source))
    }

    /// The rows of a dropped transaction are gone.
    pub(super) fn drop_unsealed(&self) {
        self.unsealed.borrow_mut().clear();
    }

    /// What a group holds, this transaction's rows included.
    pub(super) fn seal_of(&self, group: Group<'_>) -> Result<Seal, StoreError> {
        const READ: &str = "SELECT rows, checksum FROM seal WHERE id = ?1";
        let id = group.id();
        let read = || {
            let mut statement = self.connection.prepare_cached(READ)?;
            statement.query_row([id], |row| Ok(Seal { rows: row.get(0)?, checksum: row.get(1)? })).optional()
        };
        let mut seal = read().map_err(|source| self.error(source))?.unwrap_or_default();
        if let Some(unsealed) = self.unsealed.borrow().get(&id) {
            seal.with(*unsealed);
        }
        Ok(seal)
    }

    /// Compares what was found of a group with its seal.
    pub(super) fn compare(&self, group: Group<'_>, found: Seal) -> Result<(), StoreError> {
        let sealed = self.seal_of(group)?;
        if found == sealed {
            return Ok(());
        }
        let words = group.words();
        let what = if found.rows == sealed.rows {
            format!("{words} do not fit their seal")
        } else {
            format!("{words}: {} written, {} found", sealed.rows, found.rows)
        };
        Err(self.damaged(what))
    }

    /// Reads rows and their seal as of one moment: between two statements another process may commit.
    pub(super) fn as_of_one_moment<T>(&self, read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if !self.connection.is_autocommit() {
            return read();
        }
        let moment = self.connection.unchecked_transaction().map_err(|source| self.error(source))?;
        let found = read();
        drop(moment);
        found
    }

    pub(super) fn damaged(&self, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.into() }
    }
}
