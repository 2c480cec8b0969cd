//! One Parquet file of events: looked at before it is read, and read row by row.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, DictionaryArray, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};

use super::batch::{TABLE_KEY, VERSION_KEY, schema_of};
use super::events::{Checked, checksum, kind_of};
use super::folder::{CHECKSUM_KEY, EXPORT_KEY, FIRST_KEY, FORKS_KEY, RECORDS_KEY, ROWS_KEY, checksum_of};
use super::layout::Export;
use super::pages::{Encodings, check_footer, check_pages};
use super::table::{EVENTS, VERSION};
use crate::input::{Source, SourceError};
use crate::model::EventKind;

/// The last bytes of a file: how long its metadata is, and PAR1.
const TAIL_BYTES: usize = 8;
/// The metadata of 1000 row groups has 4 MB.
const FOOTER_BYTES_MAX: u64 = 16 << 20;
/// So many bytes of a column are unpacked at once, or one page of it.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH_ROWS_MAX: u64 = 128;

/// The columns that are read, each with the encodings that it may have.
const READ: [(&str, Encodings); 7] = [
    ("cluster", Encodings::Dictionary),
    ("recording", Encodings::Plain),
    ("recordingName", Encodings::Dictionary),
    ("seq", Encodings::Plain),
    ("type", Encodings::Dictionary),
    ("checksum", Encodings::Plain),
    ("body", Encodings::Plain),
];

/// Why a Parquet file is not read.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// It cannot be opened.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Another program wrote it.
    #[error("{}: a Parquet file of something else; expected events that podreplay export --parquet wrote", name.display())]
    Foreign {
        /// The file.
        name: PathBuf,
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

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartHead {
    pub(super) name: PathBuf,
    /// Which export it is of.
    pub(super) export: Export,
    /// The recording and the position of its first row.
    pub(super) first: (i64, i64),
    pub(super) rows: u64,
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
    table_in(name, &*metadata(name, &Source::packed_file(name)?)?)
}

fn table_in(name: &Path, metadata: &ParquetMetaData) -> Result<String, PartError> {
    let foreign = || PartError::Foreign { name: name.into() };
    let version = value_of(metadata, VERSION_KEY).ok_or_else(foreign)?;
    if version != VERSION {
        return Err(PartError::Version { name: name.into(), version: version.chars().take(20).collect() });
    }
    let table = value_of(metadata, TABLE_KEY).map(str::to_owned).ok_or_else(foreign)?;
    match value_of(metadata, CHECKSUM_KEY) == Some(&checksum_of(|key| value_of(metadata, key))) {
        true => Ok(table),
        false => Err(damaged(name, "what it says of itself is not as it was written")),
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
    /// Reads what a file of events says of itself.
    pub(super) fn read(name: &Path) -> Result<Self, PartError> {
        let metadata = metadata(name, &Source::packed_file(name)?)?;
        let table = table_in(name, &metadata)?;
        if table != EVENTS.name {
            return Err(PartError::OtherTable { name: name.into(), table });
        }
        let missing = |key: &str| damaged(name, format!("its {key} is missing"));
        let number = |text: &str| text.parse::<i64>().ok();
        let value = |key: &str| value_of(&metadata, key).ok_or_else(|| missing(key));
        let forks = Export::forks_of(value(FORKS_KEY)?);
        let first = value(FIRST_KEY)?.split_once(' ');
        let first = first.and_then(|(recording, seq)| Some((number(recording)?, number(seq)?)));
        let export = Export {
            id: value(EXPORT_KEY)?.to_owned(),
            forks: forks.ok_or_else(|| missing(FORKS_KEY))?,
            records: number(value(RECORDS_KEY)?).ok_or_else(|| missing(RECORDS_KEY))?,
        };
        Ok(Self {
            name: name.into(),
            export,
            first: first.ok_or_else(|| missing(FIRST_KEY))?,
            rows: value(ROWS_KEY)?.parse().ok().filter(|rows| *rows > 0).ok_or_else(|| missing(ROWS_KEY))?,
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
        for (column, encodings) in READ {
            let place = (0..root.num_columns()).find(|place| root.column(*place).path().string() == column);
            read.push((place.ok_or_else(|| damaged(format!("the column {column} is missing")))?, encodings));
        }
        let mut largest = 0;
        for group in metadata.row_groups() {
            for (place, encodings) in &read {
                let column = group.columns().get(*place).ok_or_else(|| damaged("a column is missing".to_owned()))?;
                let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
                let (start, length) = (u64::try_from(start), u64::try_from(column.compressed_size()));
                let range =
                    start.ok().zip(length.ok()).and_then(|(start, length)| Some(start..start.checked_add(length)?));
                let range = range.filter(|range| range.end <= file.len());
                let range = range.ok_or_else(|| damaged("a column is not within the file".to_owned()))?;
                largest = check_pages(&file, range, *encodings).map_err(damaged)?.max(largest);
            }
        }
        let mask = ProjectionMask::leaves(root, read.iter().map(|(place, _)| *place));
        let rows = usize::try_from((BATCH_BYTES / largest.max(1)).clamp(1, BATCH_ROWS_MAX)).unwrap_or(1);
        let schema = schema_of(&EVENTS);
        // As the columns were written: dictionaries stay dictionaries.
        let with_schema = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(schema);
        let reader = decoded(|| {
            let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, with_schema)?;
            builder.with_projection(mask).with_batch_size(rows).build()
        });
        let reader = reader.map_err(damaged)?;
        Ok(Self { head, reader, batch: None, place: 0, read: 0 })
    }

    fn damaged(&self, what: impl ToString) -> PartError {
        damaged(&self.head.name, what)
    }

    /// The file.
    pub(super) fn name(&self) -> &Path {
        &self.head.name
    }

    /// A row that stands behind one that it should stand before.
    pub(super) fn out_of_order(&self, row: &EventRow) -> PartError {
        self.damaged(format!("record {} of recording {} is not in order", row.seq, row.recording))
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<EventRow>, PartError> {
        loop {
            if let Some(batch) = &self.batch
                && self.place < batch.num_rows()
            {
                let row = row(batch, self.place).ok_or_else(|| self.damaged("a value is missing"))?;
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
                if found != row.checksum || is_first && self.head.first != (row.recording, row.seq) {
                    let (recording, seq) = (row.recording, row.seq);
                    return Err(self.damaged(format!("record {seq} of recording {recording} is not as it was written")));
                }
                return Ok(Some(row));
            }
            let batch = decoded(|| self.reader.next().transpose()).map_err(|what| self.damaged(what))?;
            match batch {
                Some(batch) => self.batch = Some(batch),
                None if self.read == self.head.rows => return Ok(None),
                None => {
                    return Err(self.damaged(format!("it has {} rows; {} were written", self.read, self.head.rows)));
                }
            }
            self.place = 0;
        }
    }
}

fn row(batch: &RecordBatch, place: usize) -> Option<EventRow> {
    let column = |name: &str| batch.column_by_name(name).filter(|column| column.is_valid(place));
    let number = |name: &str| Some(column(name)?.as_primitive_opt::<Int64Type>()?.value(place));
    let word = |name: &str| {
        let words: &DictionaryArray<Int32Type> = column(name)?.as_dictionary_opt()?;
        let texts = words.values().as_any().downcast_ref::<StringArray>()?;
        let key = words.key(place)?;
        (key < texts.len()).then(|| texts.value(key).to_owned())
    };
    Some(EventRow {
        cluster: word("cluster")?,
        recording: number("recording")?,
        recording_name: word("recordingName")?,
        seq: number("seq")?,
        kind: kind_of(&word("type")?),
        checksum: number("checksum")?,
        body: column("body")?.as_binary_opt::<i32>()?.value(place).to_vec(),
    })
}
