//! Files of events merged into the recordings that they came from, each as the text that `export` prints.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::part::{EventRow, PartError, PartHead, PartRows};
use crate::input::Source;
use crate::ops::exported_text::ExportedText;

const MAGIC: &[u8] = b"PAR1";

/// Whether an input that begins like this is Parquet.
#[must_use]
pub fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Which export, which of its recordings, which record.
type Key = (String, i64, i64);

/// A file: not opened yet, or opened and at its next row.
enum Waiting {
    Closed(PartHead),
    Open(Box<(PartRows, EventRow)>),
}

/// The rows of all files in the order of the exports, their recordings and their records.
struct Rows {
    waiting: BTreeMap<(Key, usize), Waiting>,
}

impl Rows {
    /// The next row, and which export it is of. Files that hold the same row give it once. Behind a failure there is none.
    fn next(&mut self) -> Result<Option<(String, EventRow)>, PartError> {
        let next = self.merged();
        if next.is_err() {
            self.waiting.clear();
        }
        next
    }

    fn merged(&mut self) -> Result<Option<(String, EventRow)>, PartError> {
        loop {
            let Some(((key, place), waiting)) = self.waiting.pop_first() else { return Ok(None) };
            let export = key.0.clone();
            let (mut rows, row) = match waiting {
                Waiting::Open(open) => *open,
                Waiting::Closed(head) => {
                    let mut rows = PartRows::open(head)?;
                    let Some(row) = rows.next()? else { continue };
                    (rows, row)
                }
            };
            if let Some(next) = rows.next()? {
                let next_key = (export.clone(), next.recording, next.seq);
                if next_key <= key {
                    return Err(rows.out_of_order(&next));
                }
                self.waiting.insert((next_key, place), Waiting::Open(Box::new((rows, next))));
            }
            let is_again = self.waiting.keys().next().is_some_and(|(next, _)| *next == key);
            if !is_again {
                return Ok(Some((export, row)));
            }
        }
    }

    /// Of which export and recording the next row is.
    fn next_recording(&self) -> Option<(String, i64)> {
        self.waiting.keys().next().map(|((export, recording, _), _)| (export.clone(), *recording))
    }
}

/// The recordings in files of events.
pub struct MergedEvents {
    rows: Arc<Mutex<Rows>>,
    /// The recording that was given last.
    last: Option<(String, i64)>,
}

impl MergedEvents {
    /// Looks at the files; in which order they are given does not matter. Who names all files of an export names other tables too: they
    /// are left.
    ///
    /// # Errors
    /// When one cannot be read, or none is of the table of events.
    pub fn open(files: &[PathBuf]) -> Result<Self, PartError> {
        let (mut waiting, mut other) = (BTreeMap::new(), None);
        for (place, file) in files.iter().enumerate() {
            match PartHead::read(file) {
                Ok(head) => {
                    let key = (head.export.clone(), head.first.0, head.first.1);
                    waiting.insert((key, place), Waiting::Closed(head));
                }
                Err(error @ PartError::OtherTable { .. }) => other = other.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        match other {
            Some(error) if waiting.is_empty() => Err(error),
            Some(_) | None => Ok(Self { rows: Arc::new(Mutex::new(Rows { waiting })), last: None }),
        }
    }

    /// The next recording as an input, by the name and of the cluster that it had. What was not read of the one before is left.
    ///
    /// # Errors
    /// When a file cannot be read. Nothing is read any more then: what is missing would look like a gap.
    pub fn next_recording(&mut self) -> Result<Option<Source>, PartError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        while self.last.is_some() && rows.next_recording() == self.last {
            rows.next()?;
        }
        let Some((export, row)) = rows.next()? else { return Ok(None) };
        drop(rows);
        let of = (export, row.recording);
        self.last = Some(of.clone());
        let mut text = RecordingText {
            rows: Arc::clone(&self.rows),
            of,
            exported: ExportedText::default(),
            ready: Vec::new(),
            given: 0,
            is_over: false,
        };
        text.put(&row);
        let source = Source::of_reader(&PathBuf::from(&row.recording_name), Box::new(text))?;
        Ok(Some(Source { cluster: Some(row.cluster), ..source }))
    }
}

/// The text of one recording.
struct RecordingText {
    rows: Arc<Mutex<Rows>>,
    of: (String, i64),
    exported: ExportedText,
    ready: Vec<u8>,
    given: usize,
    is_over: bool,
}

impl RecordingText {
    fn put(&mut self, row: &EventRow) {
        if let Some((before, behind)) = self.exported.around(&row.kind) {
            [before, &row.body, behind].into_iter().for_each(|bytes| self.ready.extend_from_slice(bytes));
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let rows = Arc::clone(&self.rows);
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        (self.given, self.is_over) = (0, rows.next_recording().as_ref() != Some(&self.of));
        self.ready.clear();
        if self.is_over {
            self.ready.extend_from_slice(self.exported.leave());
        } else if let Some((_, row)) = rows.next().map_err(io::Error::other)? {
            self.put(&row);
        }
        Ok(())
    }
}

impl Read for RecordingText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.is_over {
                return Ok(0);
            }
            self.fill()?;
        }
        let length = buffer.len().min(self.ready.len() - self.given);
        buffer[..length].copy_from_slice(&self.ready[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}
