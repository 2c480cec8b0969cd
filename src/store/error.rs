//! What can go wrong with a store.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// A store that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file there.
    #[error("{}: no store here", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A name that SQLite takes for something else than a file.
    #[error("{}: not a file; expected the path of a store", if path.as_os_str().is_empty() { "''".into() } else { path.display().to_string() })]
    NotAFile {
        /// What was given.
        path: PathBuf,
    },
    /// A folder.
    #[error("{}: a folder; expected the file of a store", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The file cannot be made or opened.
    #[error("cannot open the store {}: {source}", path.display())]
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
    #[error("{}: the newest records are in {}-wal, and reading them needs write access to this folder", path.display(), path.file_name().unwrap_or_default().display())]
    ChangesBeside {
        /// The file.
        path: PathBuf,
    },
    /// Not a store of podreplay.
    #[error("{}: not a podreplay store", path.display())]
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
    #[error("{}: the disk is full; everything committed so far is saved", path.display())]
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

impl StoreError {
    /// What cannot be read, if the rest of the store may be: damage, or a place of the disk that fails.
    #[must_use]
    pub fn damage(&self) -> Option<String> {
        match self {
            Self::Damaged { what, .. } => Some(what.clone()),
            Self::Sqlite { source, .. } if source.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) => {
                Some(format!("the disk fails: {source}"))
            }
            Self::Missing { .. }
            | Self::NotAFile { .. }
            | Self::Folder { .. }
            | Self::Open { .. }
            | Self::Empty { .. }
            | Self::ChangesBeside { .. }
            | Self::Unrecognized { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Full { .. }
            | Self::Busy { .. }
            | Self::Sqlite { .. } => None,
        }
    }
}
