//! Files of events merged into the recordings that they came from, each as the text that `export` prints.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::layout::Fork;
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
struct MergedRows {
    waiting: BTreeMap<(Key, usize), Waiting>,
}

impl MergedRows {
    fn of<'a>(heads: impl Iterator<Item = &'a PartHead>) -> Self {
        let key = |head: &PartHead| (head.export.id.clone(), head.first.0, head.first.1);
        let closed = |(place, head): (usize, &PartHead)| ((key(head), place), Waiting::Closed(head.clone()));
        Self { waiting: heads.enumerate().map(closed).collect() }
    }

    /// The next row, and which export it is of. A row that several files have comes once. After an error there are no
    /// more rows.
    fn next(&mut self) -> Result<Option<(String, EventRow)>, PartError> {
        let next = self.merged();
        if next.is_err() {
            self.waiting.clear();
        }
        next
    }

    fn merged(&mut self) -> Result<Option<(String, EventRow)>, PartError> {
        // The same row in a file before.
        let mut before: Option<(i64, PathBuf)> = None;
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
            if let Some((_, other)) = before.filter(|(checksum, _)| *checksum != row.checksum) {
                let (recording, seq) = (row.recording, row.seq);
                return Err(PartError::Differs { name: rows.name().to_owned(), other, recording, seq });
            }
            before = Some((row.checksum, rows.name().to_owned()));
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

    fn next_key(&self) -> Option<&Key> {
        self.waiting.keys().next().map(|(key, _)| key)
    }
}

/// The recordings in files of events.
pub struct MergedEvents {
    heads: Vec<PartHead>,
    rows: Arc<Mutex<MergedRows>>,
    /// The export and the recording that was given last.
    last: Option<(String, i64)>,
    /// What is given before the next row is looked at.
    ready: VecDeque<Source>,
}

/// A recording up to one of its records, or to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    recording: i64,
    until: i64,
}

impl MergedEvents {
    /// Looks at the files, in any order. Those of other tables are skipped, so that all files of an export may be given.
    ///
    /// # Errors
    /// When one cannot be read, or none is of the table of events.
    pub fn open(files: &[PathBuf]) -> Result<Self, PartError> {
        let (mut heads, mut other) = (Vec::new(), None);
        for file in files {
            match PartHead::read(file) {
                Ok(head) => heads.push(head),
                Err(error @ PartError::OtherTable { .. }) => other = other.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = other.filter(|_| heads.is_empty()) {
            return Err(error);
        }
        let rows = Arc::new(Mutex::new(MergedRows::of(heads.iter())));
        Ok(Self { heads, rows, last: None, ready: VecDeque::new() })
    }

    /// Of each export of which files are missing, how many of its records are in those that there are, and how many it has.
    #[must_use]
    pub fn incomplete(&self) -> Vec<(u64, u64)> {
        // A file may be given twice.
        let known = || self.heads.iter().filter(|head| head.knows_export());
        let files: BTreeSet<_> = known().map(|head| (&head.export.id, head.first, head.rows)).collect();
        let mut exports: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for (id, _, rows) in files {
            exports.entry(id).or_default().0 += rows;
        }
        for head in known() {
            exports.entry(&head.export.id).or_default().1 = u64::try_from(head.export.records).unwrap_or(0);
        }
        exports.into_values().filter(|(found, records)| found < records).collect()
    }

    /// Whether some files do not say of which export they are: another program wrote them.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        self.heads.iter().any(|head| !head.knows_export())
    }

    /// The next recording as an input, by the name and of the cluster that it had. What was not read of the one before is left. One that
    /// others go on from comes as often as it was there: up to each record where one does, then whole.
    ///
    /// # Errors
    /// When a file cannot be read. Nothing is read any more then: what is missing would look like a gap.
    pub fn next_recording(&mut self) -> Result<Option<Source>, PartError> {
        if let Some(ready) = self.ready.pop_front() {
            return Ok(Some(ready));
        }
        let rows = Arc::clone(&self.rows);
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = |rows: &MergedRows| {
            let last = self.last.as_ref();
            last.zip(rows.next_key()).is_some_and(|((export, recording), key)| key.0 == *export && key.1 == *recording)
        };
        while is_last(&rows) {
            rows.next()?;
        }
        let Some((export, row)) = rows.next()? else { return Ok(None) };
        drop(rows);
        let whole = Stretch { recording: row.recording, until: i64::MAX };
        self.last = Some((export.clone(), row.recording));
        let forks = self.forks_of(&export);
        let is_forked = |fork: &Fork| fork.recording == row.recording || fork.of == row.recording;
        if !forks.iter().any(is_forked) {
            let mut text = RecordingText::new(Arc::clone(&self.rows), export, [whole].into());
            text.put(&row);
            return source(text, &row).map(Some);
        }
        let points: BTreeSet<i64> =
            forks.iter().filter(|fork| fork.of == row.recording).map(|fork| fork.until).collect();
        for until in points.into_iter().chain([i64::MAX]) {
            let of_export = self.heads.iter().filter(|head| head.export.id == export);
            let rows = Arc::new(Mutex::new(MergedRows::of(of_export)));
            let stretches = chain(&forks, Stretch { until, ..whole });
            self.ready.push_back(source(RecordingText::new(rows, export.clone(), stretches), &row)?);
        }
        Ok(self.ready.pop_front())
    }

    fn forks_of(&self, export: &str) -> Vec<Fork> {
        let of_export = self.heads.iter().find(|head| head.export.id == export);
        of_export.map(|head| head.export.forks.clone()).unwrap_or_default()
    }
}

/// What a recording shares with the one that it goes on from, and then it; each goes on from one before it.
fn chain(forks: &[Fork], last: Stretch) -> VecDeque<Stretch> {
    let mut chain = VecDeque::from([last]);
    while let Some(fork) = chain.front().and_then(|first| forks.iter().find(|fork| fork.recording == first.recording)) {
        chain.push_front(Stretch { recording: fork.of, until: fork.until });
    }
    chain
}

fn source(text: RecordingText, row: &EventRow) -> Result<Source, PartError> {
    let source = Source::of_reader(&PathBuf::from(&row.recording_name), Box::new(text))?;
    Ok(Source { cluster: Some(row.cluster.clone()), ..source })
}

/// The text of one recording.
struct RecordingText {
    rows: Arc<Mutex<MergedRows>>,
    export: String,
    /// What is still to be read.
    stretches: VecDeque<Stretch>,
    exported: ExportedText,
    ready: Vec<u8>,
    given: usize,
    is_over: bool,
}

impl RecordingText {
    fn new(rows: Arc<Mutex<MergedRows>>, export: String, stretches: VecDeque<Stretch>) -> Self {
        let (exported, ready) = (ExportedText::default(), Vec::new());
        Self { rows, export, stretches, exported, ready, given: 0, is_over: false }
    }

    fn put(&mut self, row: &EventRow) {
        if let Some((before, behind)) = self.exported.around(&row.kind) {
            [before, &row.body, behind].into_iter().for_each(|bytes| self.ready.extend_from_slice(bytes));
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.given = 0;
        self.ready.clear();
        let rows = Arc::clone(&self.rows);
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(stretch) = self.stretches.front().copied() {
            match rows.next_key() {
                Some((export, recording, _)) if *export == self.export && *recording < stretch.recording => {
                    rows.next().map_err(io::Error::other)?;
                }
                Some((export, recording, seq))
                    if *export == self.export && *recording == stretch.recording && *seq <= stretch.until =>
                {
                    if let Some((_, row)) = rows.next().map_err(io::Error::other)? {
                        self.put(&row);
                    }
                    return Ok(());
                }
                Some(_) | None => {
                    self.stretches.pop_front();
                }
            }
        }
        self.is_over = true;
        self.ready.extend_from_slice(self.exported.leave());
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
