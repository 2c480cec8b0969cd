//! What can go wrong with a store.

use std::path::PathBuf;

/// A store that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file there.
    #[error("{}: there is no store here", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A name that SQLite takes for something else than a file.
    #[error("{}: is no file; expected one in which the store is kept", if path.as_os_str().is_empty() { "''".into() } else { path.display().to_string() })]
    NotAFile {
        /// What was given.
        path: PathBuf,
    },
    /// A folder.
    #[error("{}: is a folder; expected the file of a store", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The file cannot be made or opened.
    #[error("{}: the store cannot be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No one has put anything into it.
    #[error("{}: the store is empty: nothing has been ingested yet", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A write-ahead log stands beside the store, and it cannot be read without the right to write.
    #[error("{}: the newest records still stand in {}-wal, which only who may write beside it can read", path.display(), path.file_name().unwrap_or_default().display())]
    ChangesBeside {
        /// The file.
        path: PathBuf,
    },
    /// Not a store of podreplay.
    #[error("{}: this is not a podreplay store", path.display())]
    Unrecognized {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer podreplay.
    #[error("{}: the store has schema {found}, this podreplay knows schemas up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema known.
        known: i64,
    },
    /// Written by a podreplay that was never released.
    #[error("{}: the store has schema {found}, this podreplay writes {known}; ingest the captures again", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The schema that is written now.
        known: i64,
    },
    /// The disk, or the quota, is full.
    #[error("{}: the disk is full: what was committed before is kept", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Another process is writing.
    #[error("{}: another process has been writing to the store for {waited_seconds} s", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long was waited.
        waited_seconds: u64,
    },
    /// Any other answer of SQLite.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// What is read does not fit its checksum, or is not there although it was written.
    #[error("{}: the store is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
}
