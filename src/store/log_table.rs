//! The tables of the log: their columns, and the checksum that each row carries. It stands for every value of the row, its key
//! included, and is compared whenever the row is read.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};
use xxhash_rust::xxh3::xxh3_64;

/// A table of the log.
pub(super) struct LogTable {
    pub(super) name: &'static str,
    /// All columns but the checksum.
    pub(super) columns: &'static [&'static str],
    /// The columns, the checksum last, as a query names them.
    pub(super) selected: &'static str,
    pub(super) insert: &'static str,
}

macro_rules! log_table {
    ($table:literal, $first:literal $(, $column:literal)*) => {
        LogTable {
            name: $table,
            columns: &[$first $(, $column)*],
            selected: concat!($table, ".", $first $(, ", ", $table, ".", $column)*, ", ", $table, ".checksum"),
            insert: concat!(
                "INSERT INTO ", $table, " (", $first $(, ", ", $column)*, ", checksum) VALUES (?",
                $(log_table!(@value $column),)* ", ?)"
            ),
        }
    };
    (@value $column:literal) => { ", ?" };
}

pub(super) const CLUSTER: LogTable = log_table!("cluster", "id", "name");
pub(super) const RECORDING: LogTable = log_table!("recording", "id", "cluster", "name", "format", "forks");
pub(super) const BATCH: LogTable = log_table!(
    "batch",
    "id",
    "recording",
    "parent",
    "hash",
    "first_seq",
    "records",
    "bytes",
    "stated_first",
    "stated_last",
    "of_pods"
);
pub(super) const POD: LogTable = log_table!("pod", "id", "cluster", "uid", "namespace", "name");
pub(super) const RECORD: LogTable = log_table!(
    "record",
    "seq",
    "kind",
    "pod",
    "version",
    "line",
    "stamp",
    "clock",
    "stated",
    "stated_by",
    "lifecycle",
    "audited",
    "actor"
);
pub(super) const ACTOR: LogTable =
    log_table!("actor", "id", "user", "through", "agent", "verb", "part", "code", "source");
pub(super) const RELATED: LogTable = log_table!("related", "seq", "cluster", "namespace", "name", "uid");
pub(super) const RELIST: LogTable = log_table!("relist", "seq");
pub(super) const SUMMARY: LogTable = log_table!(
    "summary",
    "batch",
    "cluster",
    "errors",
    "newest",
    "has_writes",
    "stamp_first",
    "stamp_last",
    "pods",
    "time_bounds",
    "ends"
);
pub(super) const DICTIONARY: LogTable = log_table!("dictionary", "id", "hash", "body");
pub(super) const BLOCK: LogTable = log_table!("block", "first_seq", "dictionary", "body");

/// All of them.
pub(super) const LOG_TABLES: [LogTable; 11] =
    [CLUSTER, RECORDING, BATCH, POD, ACTOR, RECORD, RELATED, RELIST, SUMMARY, DICTIONARY, BLOCK];

/// A row whose checksum does not fit its values.
#[derive(Debug, thiserror::Error)]
#[error("the row {key} of the table {table} does not fit its checksum")]
pub(super) struct AlteredRow {
    table: &'static str,
    key: String,
}

impl LogTable {
    /// The checksum of a row that begins with the first selected column, if it fits.
    pub(super) fn checked(&self, row: &Row<'_>) -> rusqlite::Result<i64> {
        let mut bytes = self.begun();
        for column in 0..self.columns.len() {
            take(&mut bytes, row.get_ref(column)?);
        }
        let stored: i64 = row.get(self.columns.len())?;
        if stored == digest(&bytes) {
            return Ok(stored);
        }
        let key = match row.get_ref(0)? {
            ValueRef::Integer(key) => key.to_string(),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => "without a key".to_owned(),
        };
        let altered = AlteredRow { table: self.name, key };
        Err(rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, Box::new(altered)))
    }

    /// The checksum of the values of a row, in the order of the columns.
    pub(super) fn checksum(&self, values: &[&dyn ToSql]) -> rusqlite::Result<i64> {
        let mut bytes = self.begun();
        for value in values {
            match value.to_sql()? {
                ToSqlOutput::Borrowed(value) => take(&mut bytes, value),
                ToSqlOutput::Owned(value) => take(&mut bytes, ValueRef::from(&value)),
                _ => return Err(rusqlite::Error::InvalidQuery),
            }
        }
        Ok(digest(&bytes))
    }

    /// What the checksum is of, from its beginning. Collected and not fed piece by piece: rows are short.
    fn begun(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ROW_BYTES);
        bytes.extend_from_slice(self.name.as_bytes());
        bytes
    }
}

/// A value with its type, and with its length where that varies.
fn take(into: &mut Vec<u8>, value: ValueRef<'_>) {
    let mut of_length = |kind: u8, bytes: &[u8]| {
        into.push(kind);
        into.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        into.extend_from_slice(bytes);
    };
    match value {
        ValueRef::Null => of_length(0, &[]),
        ValueRef::Integer(value) => of_length(1, &value.to_le_bytes()),
        ValueRef::Real(value) => of_length(2, &value.to_le_bytes()),
        ValueRef::Text(bytes) => of_length(3, bytes),
        ValueRef::Blob(bytes) => of_length(4, bytes),
    }
}

/// SQLite's integers have a sign.
fn digest(bytes: &[u8]) -> i64 {
    xxh3_64(bytes).cast_signed()
}

/// Most rows, and most words, are shorter.
const ROW_BYTES: usize = 256;

/// A number for words that belong together.
pub(super) fn hash_words(words: &[ValueRef<'_>]) -> i64 {
    let mut bytes = Vec::with_capacity(ROW_BYTES);
    words.iter().for_each(|word| take(&mut bytes, *word));
    digest(&bytes)
}
