//! The folder of Parquet files: `TABLE/cluster=NAME/date=DAY/part-N.parquet`. What is written depends on the rows alone.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use serde::Serialize;
use serde_json::Value as Json;

use super::batch::{Cell, Rows, TABLE_KEY, VERSION_KEY, in_json, json_of, time};
use super::layout::{Export, Partition, WRITER, day_of};
use super::table::{CLUSTER, Kind, Table, VERSION};
use crate::render::json::RowSink;

/// The key that the number of a file's rows stands under.
pub(super) const ROWS_KEY: &str = "podreplay.rows";
/// The key for the recording and the position of a file's first row, of events.
pub(super) const FIRST_KEY: &str = "podreplay.first";
/// The key for how many records the export has.
pub(super) const RECORDS_KEY: &str = "podreplay.records";
/// The key for what tells an export from another.
pub(super) const EXPORT_KEY: &str = "podreplay.export";
/// The key for the recordings that go on from others.
pub(super) const FORKS_KEY: &str = "podreplay.forks";
/// The key for the checksum of what stands under the others.
pub(super) const CHECKSUM_KEY: &str = "podreplay.checksum";
/// What stands under that checksum, in this order.
pub(super) const CHECKED_KEYS: [&str; 7] =
    [VERSION_KEY, TABLE_KEY, EXPORT_KEY, RECORDS_KEY, FORKS_KEY, FIRST_KEY, ROWS_KEY];

/// So many bytes of rows make a row group.
const GROUP_BYTES: usize = 8 << 20;
/// So many are held in all.
const HELD_BYTES_MAX: usize = 16 << 20;
/// So many files are open at once.
const OPEN_MAX: usize = 64;
/// A page has about so many bytes: who merges files holds one of each column and file.
const PAGE_BYTES: usize = 256 << 10;
/// After so many values a page's size is looked at.
const PAGE_ROWS: usize = 32;
/// A row with more stands in a group of its own, so that no page becomes much larger than it.
const LARGE_BYTES: usize = 1 << 20;
const ZSTD_LEVEL: i32 = 3;
/// Row groups of a file: its metadata is read as a whole.
const GROUPS_MAX: usize = 1000;

/// Where the files of a folder come from.
pub trait Files {
    /// A file that is written.
    type File: Write + Send;

    /// Makes a file, and the folders that it is in. `path` is below the folder, `/` between its parts.
    ///
    /// # Errors
    /// When it cannot be made, or is there.
    fn create(&mut self, path: &str) -> io::Result<Self::File>;
}

/// The recording and the position of an event.
type EventKey = (i64, i64);

struct Part<W: Write + Send> {
    rows: Rows,
    writer: Option<ArrowWriter<W>>,
    /// Of events: of the first row that is held, and of the first in the file.
    first_held: Option<EventKey>,
    first: Option<EventKey>,
    /// Of the row that was taken last.
    last: Option<EventKey>,
    written: usize,
    /// What each file says of itself, but for its rows.
    metadata: [(&'static str, String); 5],
    /// When it was written to last, counted in writes.
    used: u64,
}

/// Writes the tables.
pub struct Folder<F: Files> {
    files: F,
    export: Export,
    parts: BTreeMap<Partition, Part<F::File>>,
    held_bytes: usize,
    /// How many files each table has so far.
    numbers: BTreeMap<&'static str, usize>,
    writes: u64,
}

impl<F: Files> Folder<F> {
    /// Begins.
    pub fn new(files: F, export: Export) -> Self {
        Self { files, export, parts: BTreeMap::new(), held_bytes: 0, numbers: BTreeMap::new(), writes: 0 }
    }

    /// Takes rows of a table, as their JSON says them.
    pub fn rows_of(&mut self, table: &'static Table) -> TableRows<'_, F> {
        TableRows { folder: self, table }
    }

    /// Takes an event, a value a column.
    pub(super) fn take(&mut self, table: &'static Table, cells: &[Cell<'_>]) -> io::Result<()> {
        let text_of = |name: &str| match cells[table.place_of(name)] {
            Cell::Text(text) => text,
            Cell::Null | Cell::Number(_) | Cell::Bytes(_) => "",
        };
        let at = match cells[table.place_of(table.dated_by)] {
            Cell::Number(at) => Some(at),
            Cell::Null | Cell::Text(_) | Cell::Bytes(_) => None,
        };
        let bytes: usize = cells.iter().map(|cell| if let Cell::Bytes(bytes) = cell { bytes.len() } else { 0 }).sum();
        let partition = Partition { table: table.name, cluster: text_of(CLUSTER.name).to_owned(), day: day_of(at) };
        let number_of = |name: &str| match cells[table.place_of(name)] {
            Cell::Number(number) => number,
            Cell::Null | Cell::Text(_) | Cell::Bytes(_) => 0,
        };
        let key = (number_of("recording"), number_of("seq"));
        // Files are merged by their keys: in each they rise.
        if self.parts.get(&partition).is_some_and(|part| part.last > Some(key)) {
            self.end_part(&partition)?;
        }
        let is_large = bytes > LARGE_BYTES;
        if is_large {
            self.write_group(&partition)?;
        }
        self.add(&partition, table, |rows| rows.take(cells));
        if let Some(part) = self.parts.get_mut(&partition) {
            part.first_held.get_or_insert(key);
            part.last = Some(key);
        }
        if is_large { self.write_group(&partition) } else { self.make_room(&partition) }
    }

    fn take_json(&mut self, table: &'static Table, row: &Json) -> io::Result<()> {
        let dated_by = &table.columns[table.place_of(table.dated_by)];
        let at = time(&in_json(row, dated_by));
        let cluster = row[CLUSTER.name].as_str().unwrap_or_default().to_owned();
        let partition = Partition { table: table.name, cluster, day: day_of(at) };
        self.add(&partition, table, |rows| rows.take_json(row));
        self.make_room(&partition)
    }

    fn add(&mut self, partition: &Partition, table: &'static Table, take: impl FnOnce(&mut Rows)) {
        let (forks, records) = (self.export.forks_text(), self.export.records.to_string());
        let metadata = [
            (VERSION_KEY, VERSION),
            (TABLE_KEY, table.name),
            (EXPORT_KEY, &self.export.id),
            (RECORDS_KEY, &records),
            (FORKS_KEY, &forks),
        ];
        let new = || Part {
            rows: Rows::new(table),
            writer: None,
            first_held: None,
            first: None,
            last: None,
            written: 0,
            metadata: metadata.map(|(key, value)| (key, value.to_owned())),
            used: 0,
        };
        // Most rows find their part.
        let part = match self.parts.contains_key(partition) {
            true => self.parts.get_mut(partition).expect("it was just found"),
            false => self.parts.entry(partition.clone()).or_insert_with(new),
        };
        let before = if part.rows.count() > 0 { part.rows.bytes() } else { 0 };
        take(&mut part.rows);
        self.held_bytes += part.rows.bytes() - before;
    }

    /// Writes what is held where it is much.
    fn make_room(&mut self, partition: &Partition) -> io::Result<()> {
        if self.parts.get(partition).is_some_and(|part| part.rows.bytes() >= GROUP_BYTES) {
            self.write_group(partition)?;
        }
        while self.held_bytes >= HELD_BYTES_MAX {
            let largest = self.parts.iter().max_by_key(|(_, part)| part.rows.bytes());
            let Some(largest) = largest.map(|(partition, _)| partition.clone()) else { return Ok(()) };
            self.write_group(&largest)?;
        }
        Ok(())
    }

    /// Writes the rows of a part that are held.
    fn write_group(&mut self, partition: &Partition) -> io::Result<()> {
        let Some(part) = self.parts.get_mut(partition).filter(|part| part.rows.count() > 0) else { return Ok(()) };
        self.writes += 1;
        part.used = self.writes;
        part.written += part.rows.count();
        let first = part.first_held.take();
        self.held_bytes -= part.rows.bytes();
        if part.writer.is_none() {
            let number = self.numbers.entry(partition.table).or_default();
            *number += 1;
            let file = self.files.create(&partition.path(*number))?;
            let writer = ArrowWriter::try_new(file, Arc::clone(part.rows.schema()), Some(properties()));
            part.writer = Some(writer.map_err(failed)?);
            part.first = first;
        }
        let batch = part.rows.batch().map_err(io::Error::other)?;
        if let Some(writer) = &mut part.writer {
            writer.write(&batch).map_err(failed)?;
            writer.flush().map_err(failed)?;
            if writer.flushed_row_groups().len() >= GROUPS_MAX {
                close(part)?;
            }
        }
        self.close_some()
    }

    /// Closes the file that was written to longest ago, where too many are open. What comes later for it goes to another.
    fn close_some(&mut self) -> io::Result<()> {
        let open = self.parts.iter().filter(|(_, part)| part.writer.is_some());
        if open.clone().count() <= OPEN_MAX {
            return Ok(());
        }
        let Some((oldest, _)) = open.min_by_key(|(_, part)| part.used) else { return Ok(()) };
        let oldest = oldest.clone();
        match self.parts.get_mut(&oldest) {
            Some(part) if part.rows.count() > 0 => close(part),
            Some(_) | None => self.parts.remove(&oldest).map_or(Ok(()), |mut part| close(&mut part)),
        }
    }

    /// Writes what is held and ends all files. Returns what made them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(mut self) -> io::Result<F> {
        let partitions: Vec<Partition> = self.parts.keys().cloned().collect();
        partitions.iter().try_for_each(|partition| self.end_part(partition))?;
        Ok(self.files)
    }

    /// Writes what is held of a part and ends its file.
    fn end_part(&mut self, partition: &Partition) -> io::Result<()> {
        self.write_group(partition)?;
        self.parts.remove(partition).map_or(Ok(()), |mut part| close(&mut part))
    }
}

fn close<W: Write + Send>(part: &mut Part<W>) -> io::Result<()> {
    let written = std::mem::take(&mut part.written).to_string();
    let (first, Some(mut writer)) = (part.first.take(), part.writer.take()) else { return Ok(()) };
    let metadata = part
        .metadata
        .clone()
        .into_iter()
        .chain(first.map(|(recording, seq)| (FIRST_KEY, format!("{recording} {seq}"))))
        .chain([(ROWS_KEY, written)]);
    let metadata: BTreeMap<&str, String> = metadata.collect();
    let checksum = checksum_of(|key| metadata.get(key).map(String::as_str));
    for (key, value) in metadata.into_iter().chain([(CHECKSUM_KEY, checksum)]) {
        writer.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
    }
    let mut file = writer.into_inner().map_err(failed)?;
    file.flush()
}

/// The checksum of what a file says of itself.
pub(super) fn checksum_of<'a>(value_of: impl Fn(&str) -> Option<&'a str>) -> String {
    let lines: Vec<&str> = CHECKED_KEYS.into_iter().map(|key| value_of(key).unwrap_or_default()).collect();
    blake3::hash(lines.join("\n").as_bytes()).to_hex()[..32].to_owned()
}

fn properties() -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("zstd has such a level");
    let mut properties = WriterProperties::builder()
        .set_created_by(WRITER.to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_data_page_size_limit(PAGE_BYTES)
        .set_write_batch_size(PAGE_ROWS);
    for column in super::table::TABLES.iter().flat_map(|table| table.columns) {
        let is_shared = match column.kind {
            Kind::Word | Kind::Truth | Kind::Texts | Kind::Steps => true,
            Kind::Text | Kind::Time | Kind::Number | Kind::Seconds | Kind::Bytes => false,
        };
        if !is_shared {
            let path = ColumnPath::new(vec![column.name.to_owned()]);
            properties = properties.set_column_dictionary_enabled(path, false);
        }
    }
    properties.build()
}

/// What failed below Parquet, as it was.
fn failed(error: ParquetError) -> io::Error {
    if let ParquetError::External(source) = error {
        return source.downcast::<io::Error>().map_or_else(io::Error::other, |error| *error);
    }
    io::Error::other(error)
}

/// Rows of one table on their way into the folder.
pub struct TableRows<'a, F: Files> {
    folder: &'a mut Folder<F>,
    table: &'static Table,
}

impl<F: Files> RowSink for TableRows<'_, F> {
    fn row<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        self.folder.take_json(self.table, &json_of(row)?)
    }
}
