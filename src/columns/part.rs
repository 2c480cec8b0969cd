//! One Parquet file of events: looked at before it is read, and read row by row.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Compression, Encoding, Type};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};

use super::batch::{TABLE_KEY, VERSION_KEY};
use super::events::{Checked, checksum, kind_of};
use super::folder::{CHECKED_KEYS, CHECKSUM_KEY, EXPORT_KEY, FIRST_KEY, FORKS_KEY, RECORDS_KEY, ROWS_KEY, checksum_of};
use super::layout::{Export, WRITER};
use super::pages::{check_footer, check_pages};
use super::table::{EVENTS, TABLES, Table, VERSION};
use crate::input::{Source, SourceError};
use crate::model::EventKind;

/// The last bytes of a file: how long its metadata is, and PAR1.
const TAIL_BYTES: usize = 8;
/// The metadata of 1000 row groups has 4 MB.
const FOOTER_BYTES_MAX: u64 = 16 << 20;
/// So many bytes of a column are unpacked at once, or one page of it.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH_ROWS_MAX: u64 = 128;

/// The columns that are read, each with what Parquet makes of it.
const READ: [(&str, Type); 7] = [
    ("cluster", Type::BYTE_ARRAY),
    ("recording", Type::INT64),
    ("recordingName", Type::BYTE_ARRAY),
    ("seq", Type::INT64),
    ("type", Type::BYTE_ARRAY),
    ("checksum", Type::INT64),
    ("body", Type::BYTE_ARRAY),
];

/// Why a Parquet file is not read.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// It cannot be opened.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It is of something else.
    #[error("{}: a Parquet file without the columns {missing}; expected the table events of podreplay export --parquet", name.display())]
    Foreign {
        /// The file.
        name: PathBuf,
        /// Which of those that are read it does not have.
        missing: String,
    },
    /// Another program wrote the table of events in a way that is not read.
    #[error("{}: rewritten by another program: {what}; expected the rows as podreplay export --parquet wrote them", name.display())]
    Rewritten {
        /// The file.
        name: PathBuf,
        /// What is not read.
        what: String,
    },
    /// It is of another version.
    #[error("{}: tables of version {version}; expected version {VERSION}", name.display())]
    Version {
        /// The file.
        name: PathBuf,
        /// Of which.
        version: String,
    },
    /// It is another table of an export.
    #[error("{}: the table {table} of an export; expected its table events", name.display())]
    OtherTable {
        /// The file.
        name: PathBuf,
        /// Which.
        table: String,
    },
    /// Another file of the export has one of its records with other contents: at least one is of a damaged store.
    #[error("{}: record {seq} of recording {recording} is not as in {}; expected files of one export", name.display(), other.display())]
    Differs {
        /// The file.
        name: PathBuf,
        /// The other.
        other: PathBuf,
        /// The recording.
        recording: i64,
        /// The record.
        seq: i64,
    },
    /// It is damaged.
    #[error("{}: damaged Parquet: {what}; expected a file as podreplay export --parquet wrote it", name.display())]
    Damaged {
        /// The file.
        name: PathBuf,
        /// How.
        what: String,
    },
}

impl PartError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Source(_) => None,
            Self::Foreign { .. } => Some("save its records as lines of JSON and load that file"),
            Self::Rewritten { .. } => Some(
                "copy all columns as they are (in DuckDB: hive_partitioning = false), ordered by recording and seq, or load the files of the export",
            ),
            Self::Version { .. } => Some("use the podreplay that wrote it, or a newer one"),
            Self::OtherTable { .. } => Some("load the events: podreplay ingest FOLDER/events"),
            Self::Differs { .. } => Some("load one of them by itself: podreplay ingest FOLDER/events"),
            Self::Damaged { .. } => Some("take the file from a copy, or export the store again"),
        }
    }
}

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartHead {
    pub(super) name: PathBuf,
    /// Which export it is of.
    pub(super) export: Export,
    /// The recording and the position of its first row.
    pub(super) first: (i64, i64),
    pub(super) rows: u64,
    /// Another program wrote it: what it kept of the export is true, but not where the file begins and ends.
    is_rewritten: bool,
}

/// A row as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EventRow {
    pub(super) cluster: String,
    pub(super) recording: i64,
    pub(super) recording_name: String,
    pub(super) seq: i64,
    pub(super) kind: EventKind,
    pub(super) checksum: i64,
    pub(super) body: Vec<u8>,
}

/// Which table of an export a file is.
///
/// # Errors
/// When it cannot be read, or is none of an export.
pub fn table_of(name: &Path) -> Result<String, PartError> {
    Ok(table_in(name, &*metadata(name, &Source::packed_file(name)?)?)?.0)
}

/// Which table a file is, and whether it says of which export.
fn table_in(name: &Path, metadata: &ParquetMetaData) -> Result<(String, bool), PartError> {
    if let Some(version) = value_of(metadata, VERSION_KEY).filter(|version| *version != VERSION) {
        return Err(PartError::Version { name: name.into(), version: version.chars().take(20).collect() });
    }
    // What stands in the schema too, other programs keep.
    let ours = CHECKED_KEYS.iter().chain([&CHECKSUM_KEY]).filter(|key| ![VERSION_KEY, TABLE_KEY].contains(key));
    if ours.clone().all(|key| value_of(metadata, key).is_none()) {
        return table_by_columns(name, metadata).map(|table| (table, false));
    }
    let is_as_written = value_of(metadata, CHECKSUM_KEY) == Some(&checksum_of(|key| value_of(metadata, key)));
    match value_of(metadata, TABLE_KEY).filter(|_| is_as_written) {
        Some(table) => Ok((table.to_owned(), true)),
        None => Err(damaged(name, "what it says of itself is not as it was written")),
    }
}

fn table_by_columns(name: &Path, metadata: &ParquetMetaData) -> Result<String, PartError> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let has = |name: &str| columns.iter().any(|column| column.path().parts().first().is_some_and(|it| it == name));
    let missing: Vec<&str> = READ.into_iter().map(|(column, _)| column).filter(|column| !has(column)).collect();
    if missing.is_empty() {
        return Ok(EVENTS.name.to_owned());
    }
    let has_all = |table: &&Table| table.columns.iter().all(|column| has(column.name));
    match TABLES.into_iter().find(has_all) {
        Some(table) => Ok(table.name.to_owned()),
        None => Err(PartError::Foreign { name: name.into(), missing: missing.join(", ") }),
    }
}

fn value_of<'a>(metadata: &'a ParquetMetaData, key: &str) -> Option<&'a str> {
    let values = metadata.file_metadata().key_value_metadata()?;
    values.iter().find(|it| it.key == key)?.value.as_deref()
}

fn damaged(name: &Path, what: impl ToString) -> PartError {
    PartError::Damaged { name: name.into(), what: what.to_string() }
}

/// Reads the metadata of a file, once it was looked at.
fn metadata(name: &Path, file: &(impl ChunkReader + 'static)) -> Result<Arc<ParquetMetaData>, PartError> {
    let damaged = |what: String| damaged(name, what);
    let length = file.len();
    let cut = || damaged("it does not end as Parquet does: it is cut, or still being written".to_owned());
    let tail_at = length.checked_sub(TAIL_BYTES as u64).ok_or_else(cut)?;
    let tail = file.get_bytes(tail_at, TAIL_BYTES).map_err(|error| damaged(error.to_string()))?;
    let footer_bytes = match &tail[..] {
        [a, b, c, d, b'P', b'A', b'R', b'1'] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => return Err(cut()),
    };
    if footer_bytes > FOOTER_BYTES_MAX || footer_bytes > tail_at {
        return Err(damaged(format!("its metadata claims {footer_bytes} bytes")));
    }
    let footer = usize::try_from(footer_bytes).map_err(|_| damaged("its metadata is too long".to_owned()))?;
    let footer = file.get_bytes(tail_at - footer_bytes, footer).map_err(|error| damaged(error.to_string()))?;
    check_footer(&footer).map_err(damaged)?;
    let metadata = decoded(|| ArrowReaderMetadata::load(file, options())).map_err(damaged)?;
    Ok(Arc::clone(metadata.metadata()))
}

thread_local! {
    static IS_DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread decodes Parquet: the decoder panics at some damage, which is then an error as any other, and no fault of the program.
#[must_use]
pub fn is_decoding() -> bool {
    IS_DECODING.get()
}

/// Has the decoder do something.
fn decoded<T, E: ToString>(decode: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    IS_DECODING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(decode));
    IS_DECODING.set(false);
    match outcome {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("its pages do not fit together".to_owned()),
    }
}

/// What a file says of Arrow is not asked.
fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

impl PartHead {
    /// Whether it says of which export it is.
    pub(super) fn knows_export(&self) -> bool {
        !self.export.id.is_empty()
    }

    /// The rows are not those that podreplay wrote, or not as it reads them.
    fn unfit(&self, what: String) -> PartError {
        match self.is_rewritten {
            true => PartError::Rewritten { name: self.name.clone(), what },
            false => damaged(&self.name, what),
        }
    }

    /// Reads what a file of events says of itself.
    pub(super) fn read(name: &Path) -> Result<Self, PartError> {
        let metadata = metadata(name, &Source::packed_file(name)?)?;
        let (table, knows_export) = table_in(name, &metadata)?;
        if table != EVENTS.name {
            return Err(PartError::OtherTable { name: name.into(), table });
        }
        let missing = |key: &str| damaged(name, format!("its {key} is missing"));
        let number = |text: &str| text.parse::<i64>().ok();
        let value = |key: &str| value_of(&metadata, key).ok_or_else(|| missing(key));
        let export = match knows_export {
            false => Export::default(),
            true => Export {
                id: value(EXPORT_KEY)?.to_owned(),
                forks: Export::forks_of(value(FORKS_KEY)?).ok_or_else(|| missing(FORKS_KEY))?,
                records: number(value(RECORDS_KEY)?).ok_or_else(|| missing(RECORDS_KEY))?,
            },
        };
        let is_ours = metadata.file_metadata().created_by().is_some_and(|program| program == WRITER);
        if !knows_export || !is_ours {
            let rows = metadata.file_metadata().num_rows().unsigned_abs();
            let head = Self { name: name.into(), export, first: (0, 0), rows, is_rewritten: true };
            let first = PartRows::open(head.clone())?.next()?;
            return Ok(Self { first: first.map_or(head.first, |row| (row.recording, row.seq)), ..head });
        }
        let first = value(FIRST_KEY)?.split_once(' ');
        let first = first.and_then(|(recording, seq)| Some((number(recording)?, number(seq)?)));
        Ok(Self {
            name: name.into(),
            export,
            first: first.ok_or_else(|| missing(FIRST_KEY))?,
            rows: value(ROWS_KEY)?.parse().ok().filter(|rows| *rows > 0).ok_or_else(|| missing(ROWS_KEY))?,
            is_rewritten: false,
        })
    }
}

/// The rows of a file.
pub(super) struct PartRows {
    head: PartHead,
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    /// The place in the batch.
    place: usize,
    read: u64,
}

impl PartRows {
    /// Opens the file again, and looks at all pages that will be read.
    pub(super) fn open(head: PartHead) -> Result<Self, PartError> {
        let name = head.name.clone();
        let file = Source::packed_file(&name)?;
        let metadata = metadata(&name, &file)?;
        let damaged = |what: String| damaged(&name, what);
        let root = metadata.file_metadata().schema_descr();
        let mut read = Vec::new();
        for (column, kind) in READ {
            let place = (0..root.num_columns()).find(|place| root.column(*place).path().string() == column);
            let place = place.ok_or_else(|| head.unfit(format!("the column {column} is missing")))?;
            let found = root.column(place);
            if found.physical_type() != kind || found.max_rep_level() > 0 {
                let found = found.physical_type();
                return Err(head.unfit(format!("the column {column} has values of type {found} and not {kind}")));
            }
            read.push((place, column));
        }
        let mut largest = 0;
        for group in metadata.row_groups() {
            for (place, name) in &read {
                let column = group.columns().get(*place).ok_or_else(|| damaged("a column is missing".to_owned()))?;
                match column.compression() {
                    Compression::UNCOMPRESSED | Compression::ZSTD(_) | Compression::SNAPPY | Compression::GZIP(_) => {}
                    other @ (Compression::LZO | Compression::BROTLI(_) | Compression::LZ4 | Compression::LZ4_RAW) => {
                        return Err(
                            head.unfit(format!("it is packed with {other}; podreplay unpacks zstd, snappy and gzip"))
                        );
                    }
                }
                use Encoding::{PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY};
                let is_read = |it: &Encoding| matches!(it, PLAIN | RLE | PLAIN_DICTIONARY | RLE_DICTIONARY);
                if let Some(other) = column.encodings().find(|it| !is_read(it)) {
                    let what =
                        format!("the column {name} is encoded as {other}; podreplay reads PLAIN and dictionaries");
                    return Err(head.unfit(what));
                }
                let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
                let (start, length) = (u64::try_from(start), u64::try_from(column.compressed_size()));
                let range =
                    start.ok().zip(length.ok()).and_then(|(start, length)| Some(start..start.checked_add(length)?));
                let range = range.filter(|range| range.end <= file.len());
                let range = range.ok_or_else(|| damaged("a column is not within the file".to_owned()))?;
                let checked = check_pages(&file, range);
                largest = checked.map_err(|what| head.unfit(format!("in the column {name} {what}")))?.max(largest);
            }
        }
        let mask = ProjectionMask::leaves(root, read.iter().map(|(place, _)| *place));
        let rows = usize::try_from((BATCH_BYTES / largest.max(1)).clamp(1, BATCH_ROWS_MAX)).unwrap_or(1);
        let reader = decoded(|| {
            let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options())?;
            builder.with_projection(mask).with_batch_size(rows).build()
        });
        let reader = reader.map_err(damaged)?;
        Ok(Self { head, reader, batch: None, place: 0, read: 0 })
    }

    /// The file.
    pub(super) fn name(&self) -> &Path {
        &self.head.name
    }

    /// A row that stands behind one that it should stand before.
    pub(super) fn out_of_order(&self, row: &EventRow) -> PartError {
        self.head.unfit(format!("record {} of recording {} is not in order", row.seq, row.recording))
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<EventRow>, PartError> {
        loop {
            if let Some(batch) = &self.batch
                && self.place < batch.num_rows()
            {
                let row = row(batch, self.place)
                    .map_err(|column| self.head.unfit(format!("row {} has no {column}", self.read + 1)))?;
                self.place += 1;
                self.read += 1;
                let is_first = self.read == 1;
                let found = checksum(&Checked {
                    cluster: &row.cluster,
                    recording: row.recording,
                    name: &row.recording_name,
                    seq: row.seq,
                    kind: row.kind.as_str(),
                    body: &row.body,
                });
                let is_another = is_first && !self.head.is_rewritten && self.head.first != (row.recording, row.seq);
                if found != row.checksum || is_another {
                    let (recording, seq) = (row.recording, row.seq);
                    let what = format!("record {seq} of recording {recording} is not as it was written");
                    return Err(self.head.unfit(what));
                }
                return Ok(Some(row));
            }
            let batch = decoded(|| self.reader.next().transpose()).map_err(|what| damaged(self.name(), what))?;
            match batch {
                Some(batch) => self.batch = Some(batch),
                None if self.read == self.head.rows => return Ok(None),
                None => {
                    let what = format!("it has {} rows; {} were written", self.read, self.head.rows);
                    return Err(damaged(self.name(), what));
                }
            }
            self.place = 0;
        }
    }
}

/// A row, or the column that has no value there.
fn row(batch: &RecordBatch, place: usize) -> Result<EventRow, &'static str> {
    let column = |name: &str| batch.column_by_name(name).filter(|column| column.is_valid(place));
    let number = |name: &'static str| {
        let column = column(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
        column.map(|column| column.value(place)).ok_or(name)
    };
    // What of it is text, a program may say or not.
    let bytes = |name: &'static str| {
        let column = column(name).ok_or(name)?;
        let text = column.as_string_opt::<i32>().map(|column| column.value(place).as_bytes());
        text.or_else(|| Some(column.as_binary_opt::<i32>()?.value(place))).ok_or(name)
    };
    let word = |name: &'static str| std::str::from_utf8(bytes(name)?).map(str::to_owned).map_err(|_| name);
    Ok(EventRow {
        cluster: word("cluster")?,
        recording: number("recording")?,
        recording_name: word("recordingName")?,
        seq: number("seq")?,
        kind: kind_of(&word("type")?),
        checksum: number("checksum")?,
        body: bytes("body")?.to_vec(),
    })
}
