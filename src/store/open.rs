//! Opens a store, creates it where there is none, refuses what is not one.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::StoreError;
use super::followers::FirstBatches;
use super::log_table::{LOG_TABLES, hash_words};
use super::seal::{Group, Seal, Unsealed};

/// The schema that this podreplay writes.
pub const SCHEMA_VERSION: i64 = 8;

/// "podr" in ASCII: the file is a podreplay store.
const APPLICATION_ID: i64 = 0x706f_6472;
const SCHEMA: &str = include_str!("../../schema.sql");
const PAGE_BYTES: i64 = 4096;
const CACHE_KIB: i64 = 16 * 1024;
/// Who reads keeps blocks unpacked besides, and may open the store twice.
const READ_CACHE_KIB: i64 = 4 * 1024;
/// How long another process that writes is waited for, asking again every millisecond.
const BUSY_SECONDS: u64 = 600;
/// A store that is being created is waited for.
const CREATION_WAIT: Duration = Duration::from_millis(20);
const CREATION_WAITS_MAX: u32 = 100;
/// The write-ahead log is folded into the store when it has this many pages.
const CHECKPOINT_PAGES: i64 = 16_384;

/// An open store.
#[derive(Debug)]
pub struct Log {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// How often the body of each record was read, where that is counted.
    pub(super) reads: RefCell<Option<BTreeMap<i64, u64>>>,
    /// The statements by which rows were read, where they are kept.
    pub(super) statements: RefCell<Option<BTreeSet<String>>>,
    pub(super) unsealed: RefCell<Unsealed>,
    pub(super) first_batches: RefCell<FirstBatches>,
    /// Whether the log stays as it is, and then the position of its last record, once it was asked for.
    pub(super) stays: Cell<Option<Option<i64>>>,
}

impl Log {
    /// Opens a store for writing; creates it where there is no file, for nobody but its owner to read.
    ///
    /// # Errors
    /// When the file is not a store, is of a newer podreplay, or cannot be written.
    pub fn open_or_create(path: &Path) -> Result<Self, StoreError> {
        refuse_what_is_no_file(path)?;
        create_file(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|source| sqlite_error(path, source))?;
        let mut log = Self::of(connection, path);
        log.set_up().map_err(|source| log.error(source))?;
        if log.is_empty()? {
            log.create()?;
        } else {
            log.check_identity()?;
        }
        Ok(log)
    }

    /// Opens an existing store for reading, beside a writer if there is one. The right to write is not needed.
    ///
    /// # Errors
    /// When there is no file, it is not a store, or it is of a newer podreplay.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        refuse_what_is_no_file(path)?;
        if !path.exists() {
            return Err(StoreError::Missing { path: path.into() });
        }
        let opened = Self::open_beside_writers(path);
        match opened {
            Err(StoreError::Sqlite { source, .. }) if is_for_want_of_rights(&source) => {
                Self::open_untouched(path, source)
            }
            Ok(_) | Err(_) => opened,
        }
    }

    /// Opens a damaged store, to read of it what can be read.
    ///
    /// # Errors
    /// When nothing can be read.
    pub fn open_damaged(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|source| sqlite_error(path, source))?;
        let mut log = Self::of(connection, path);
        log.connection.busy_handler(Some(is_waited_for)).map_err(|source| sqlite_error(path, source))?;
        // SQLite then reads what is there of a file that is shorter than it says.
        log.connection.pragma_update(None, "writable_schema", true).map_err(|source| log.error(source))?;
        Ok(log)
    }

    fn open_beside_writers(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|source| sqlite_error(path, source))?;
        Self::of(connection, path).ready_to_read()
    }

    /// Beside a store in WAL mode SQLite makes files for its readers. Where it may not, the store can be read as a file that nobody
    /// changes: whoever changed it would have left a log beside it.
    fn open_untouched(path: &Path, source: rusqlite::Error) -> Result<Self, StoreError> {
        let mut write_ahead_log = path.as_os_str().to_owned();
        write_ahead_log.push("-wal");
        let has_changes_beside = std::fs::metadata(&write_ahead_log).is_ok_and(|file| file.len() > 0);
        if has_changes_beside {
            return Err(StoreError::ChangesBeside { path: path.into() });
        }
        if let Err(source) = File::open(path) {
            return Err(StoreError::Open { path: path.into(), source });
        }
        let Some(uri) = uri_of_untouched(path) else { return Err(sqlite_error(path, source)) };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri, flags).map_err(|source| sqlite_error(path, source))?;
        Self::of(connection, path).ready_to_read()
    }

    fn of(connection: Connection, path: &Path) -> Self {
        Self {
            connection,
            path: path.into(),
            reads: RefCell::default(),
            statements: RefCell::default(),
            unsealed: RefCell::default(),
            first_batches: RefCell::default(),
            stays: Cell::default(),
        }
    }

    fn ready_to_read(mut self) -> Result<Self, StoreError> {
        let path = self.path.clone();
        let failed = |source| sqlite_error(&path, source);
        self.connection.busy_handler(Some(is_waited_for)).map_err(failed)?;
        self.connection.pragma_update(None, "cache_size", -READ_CACHE_KIB).map_err(failed)?;
        self.keep_statements().map_err(failed)?;
        // Another process may be about to create it.
        let mut waits = 0;
        while self.is_empty()? {
            if waits == CREATION_WAITS_MAX {
                return Err(StoreError::Empty { path });
            }
            waits += 1;
            std::thread::sleep(CREATION_WAIT);
        }
        self.check_identity()?;
        Ok(self)
    }

    /// The store's file, for opening it once more; `None` for a store in memory.
    #[must_use]
    pub fn path_on_disk(&self) -> Option<&Path> {
        let is_file = self.connection.path().is_some_and(|path| !path.is_empty());
        is_file.then_some(self.path.as_path())
    }

    /// A store in memory, for replaying files without keeping them.
    ///
    /// # Errors
    /// When SQLite cannot allocate.
    pub fn in_memory() -> Result<Self, StoreError> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|source| sqlite_error(&path, source))?;
        let mut log = Self::of(connection, &path);
        log.keep_statements().map_err(|source| log.error(source))?;
        log.create()?;
        Ok(log)
    }

    /// Where the store lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins to keep, from nothing, the statements by which rows are read.
    pub fn keep_statements_read(&self) {
        self.statements.replace(Some(BTreeSet::new()));
    }

    /// How SQLite runs each statement that was kept: the steps of its plan.
    ///
    /// # Errors
    /// When SQLite cannot say it.
    pub fn plans(&self) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        let plan = |sql: &String| -> rusqlite::Result<(String, Vec<String>)> {
            let mut explained = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let unbound = vec![rusqlite::types::Null; explained.parameter_count()];
            let steps = explained.query_map(rusqlite::params_from_iter(unbound), |row| row.get(3))?;
            Ok((sql.clone(), steps.collect::<rusqlite::Result<_>>()?))
        };
        let kept = self.statements.borrow();
        kept.iter().flatten().map(plan).collect::<rusqlite::Result<_>>().map_err(|source| self.error(source))
    }

    /// Begins to count, from nothing, how often the body of each record is read.
    pub fn count_reads(&self) {
        self.reads.replace(Some(BTreeMap::new()));
    }

    /// How often the body of each record was read since `count_reads`.
    #[must_use]
    pub fn reads(&self) -> BTreeMap<i64, u64> {
        self.reads.borrow().clone().unwrap_or_default()
    }

    pub(super) fn error(&self, source: rusqlite::Error) -> StoreError {
        sqlite_error(&self.path, source)
    }

    fn set_up(&mut self) -> rusqlite::Result<()> {
        self.connection.busy_handler(Some(is_waited_for))?;
        self.connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        self.connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        self.connection.pragma_update(None, "foreign_keys", false)?;
        self.connection.pragma_update(None, "recursive_triggers", true)?;
        self.connection.pragma_update(None, "trusted_schema", false)?;
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        self.keep_statements()
    }

    /// A statement that was prepared once is not prepared anew for another value: SQLite would plan anew where a `LIMIT` is one.
    fn keep_statements(&self) -> rusqlite::Result<()> {
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        self.connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    /// Whether nobody has made anything of the file yet: a store whose tables are gone is damaged.
    fn is_empty(&self) -> Result<bool, StoreError> {
        let tables = self
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
            .map_err(|source| self.error(source))?;
        Ok(tables == 0 && self.pragma("application_id")? == 0)
    }

    fn pragma(&self, name: &str) -> Result<i64, StoreError> {
        self.connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|source| self.error(source))
    }

    fn check_identity(&self) -> Result<(), StoreError> {
        if self.pragma("application_id")? != APPLICATION_ID {
            return Err(StoreError::Unrecognized { path: self.path.clone() });
        }
        let found = self.pragma("user_version")?;
        if found > SCHEMA_VERSION {
            return Err(StoreError::Newer { path: self.path.clone(), found, known: SCHEMA_VERSION });
        }
        // No schema before this one was released.
        if found < SCHEMA_VERSION {
            return Err(StoreError::Older { path: self.path.clone(), found, known: SCHEMA_VERSION });
        }
        self.compare(Group::Schema, self.schema()?)
    }

    /// The tables of the log and their indexes, as SQLite reads them.
    fn schema(&self) -> Result<Seal, StoreError> {
        const DEFINITIONS: &str = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema
             WHERE type IN ('table', 'index')";
        let is_of_log = |table: &str| table == "seal" || LOG_TABLES.iter().any(|known| known.name == table);
        let read = || -> rusqlite::Result<Seal> {
            let mut seal = Seal::default();
            let mut statement = self.connection.prepare(DEFINITIONS)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if !is_of_log(row.get_ref(2)?.as_str()?) {
                    continue;
                }
                seal.add(hash_words(&[row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?, row.get_ref(3)?]));
            }
            Ok(seal)
        };
        read().map_err(|source| self.error(source))
    }

    /// Creates the schema in one transaction: a store is whole or empty.
    fn create(&mut self) -> Result<(), StoreError> {
        // A file that is not empty and no database says so here, before anything is written. While another process creates the
        // store this fails at once, whatever is to be done when the store is busy.
        let mut times = 0;
        while let Err(source) = self.connection.pragma_update(None, "journal_mode", "WAL") {
            times += 1;
            if source.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) || !is_waited_for(times) {
                return Err(self.error(source));
            }
        }
        let writer = self.write()?;
        if self.is_empty()? {
            let create = || -> rusqlite::Result<()> {
                self.connection.execute_batch(SCHEMA)?;
                self.connection.pragma_update(None, "application_id", APPLICATION_ID)?;
                self.connection.pragma_update(None, "user_version", SCHEMA_VERSION)
            };
            create().map_err(|source| self.error(source))?;
            self.add_all_to(Group::Schema, self.schema()?);
        }
        writer.commit()
    }
}

/// What SQLite would take for something else than the file of this name.
fn refuse_what_is_no_file(path: &Path) -> Result<(), StoreError> {
    let text = path.to_string_lossy();
    if text.is_empty() || text == ":memory:" || text.starts_with("file:") {
        return Err(StoreError::NotAFile { path: path.into() });
    }
    if path.is_dir() {
        return Err(StoreError::Folder { path: path.into() });
    }
    Ok(())
}

/// Makes the file of a new store. SQLite gives what it makes beside it the same rights.
fn create_file(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => {
            sync_folder_of(path);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::Open { path: path.into(), source }),
    }
}

/// A new file survives a loss of power when its folder is on the disk too. Where folders cannot be synced, that is all that can be done.
fn sync_folder_of(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// SQLite's name for a file that nobody changes; `None` where the path has no such name.
fn uri_of_untouched(path: &Path) -> Option<String> {
    let mut uri = "file:".to_owned();
    for byte in path.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02x}"));
        }
    }
    uri.push_str("?immutable=1");
    Some(uri)
}

fn is_for_want_of_rights(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

/// Waits a millisecond for another process; false when it has been waited for long enough.
fn is_waited_for(times: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    u64::try_from(times).is_ok_and(|times| times < BUSY_SECONDS * 1000)
}

/// SQLite's answer in our words.
pub(super) fn sqlite_error(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { path },
        Some(ErrorCode::NotADatabase) => StoreError::Unrecognized { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy { path, waited_seconds: BUSY_SECONDS }
        }
        // `Unknown`: what is asked is always the same, so a table that SQLite does not find is lost.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => {
            StoreError::Damaged { path, what: format!("SQLite cannot make sense of one of its pages ({source})") }
        }
        Some(_) => StoreError::Sqlite { path, source },
        // What was read is not of the type that is stored, or does not fit its checksum.
        None => {
            StoreError::Damaged { path, what: source.source().map_or_else(|| source.to_string(), ToString::to_string) }
        }
    }
}
