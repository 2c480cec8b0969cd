//! A table as a stream of Arrow.

use std::io::{self, Write};

use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use serde::Serialize;

use super::batch::{Rows, json_of};
use super::table::Table;
use crate::render::json::RowSink;

/// So many rows make a batch, or so many bytes of them.
const BATCH_ROWS: usize = 8192;
const BATCH_BYTES: usize = 4 << 20;

/// Writes rows as a stream of Arrow.
pub struct TableStream<W: Write> {
    rows: Rows,
    writer: StreamWriter<W>,
}

impl<W: Write> TableStream<W> {
    /// Begins the stream.
    ///
    /// # Errors
    /// When writing fails.
    pub fn new(table: &'static Table, out: W) -> io::Result<Self> {
        let rows = Rows::new(table);
        let writer = StreamWriter::try_new(out, rows.schema()).map_err(failed)?;
        Ok(Self { rows, writer })
    }

    /// Writes the rows that are held.
    ///
    /// # Errors
    /// When writing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.rows.count() > 0 {
            let batch = self.rows.batch().map_err(failed)?;
            self.writer.write(&batch).map_err(failed)?;
        }
        self.writer.flush().map_err(failed)
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.writer.finish().map_err(failed)?;
        self.writer.flush().map_err(failed)
    }
}

impl<W: Write> RowSink for TableStream<W> {
    fn row<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        self.rows.take_json(&json_of(row)?);
        if self.rows.count() >= BATCH_ROWS || self.rows.bytes() >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }
}

fn failed(error: ArrowError) -> io::Error {
    if let ArrowError::IoError(_, source) = error { source } else { io::Error::other(error) }
}
