//! Reads every record of a log, and goes on behind those that are damaged.

use std::io;

use crate::model::EventKind;
use crate::store::read::RecordFacts;
use crate::store::{Reader, StoreError};

/// Records in a row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The first of them.
    pub first: i64,
    /// The last of them.
    pub last: i64,
    /// What is damaged, of the first.
    pub what: String,
}

/// What is known of a record whose bytes are there: its recording and its kind, each if its row can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The recording.
    pub recording: Option<i64>,
    /// What it says of its object.
    pub kind: EventKind,
}

/// What stopped the reading.
#[derive(Debug, thiserror::Error)]
pub enum SalvageError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What takes the records failed.
    #[error(transparent)]
    Take(#[from] io::Error),
}

const AT_ONCE: i64 = 10_000;
/// So many records in a row that cannot be read are the end of a log whose end is not known.
const LOST_MAX: i64 = 1_000_000;

/// Hands on every record in the order of the log. Returns what is lost.
///
/// # Errors
/// When the store cannot be read for another reason than damage, or `take` fails.
pub fn each_record(
    reader: &Reader<'_>,
    mut take: impl FnMut(&Found, &[u8]) -> io::Result<()>,
) -> Result<Vec<Lost>, SalvageError> {
    let last = reader.last_seq_told();
    let mut lost: Vec<Lost> = Vec::new();
    let mut first = 1;
    while first <= last {
        let end = last.min(first + AT_ONCE - 1) + 1;
        let rows = sound(reader.records_between(first, end))?.ok();
        for seq in first..end {
            let index = usize::try_from(seq - first).unwrap_or(usize::MAX);
            let row = match rows.as_ref().and_then(|rows| rows.get(index)) {
                Some(row) => Ok(row.clone()),
                None => sound(reader.record(seq))?,
            };
            let found = found(reader, seq, row.as_ref().ok());
            match sound(reader.with_body(seq, |body| take(&found, body)))? {
                Ok(taken) => taken?,
                Err(what) => add(&mut lost, seq, what),
            }
            if let Err(what) = row {
                add(&mut lost, seq, what);
            }
        }
        if lost.last().is_some_and(|lost| lost.last + 1 == end && lost.last - lost.first >= LOST_MAX) {
            break;
        }
        first = end;
    }
    Ok(lost)
}

/// Tells damage from what else may be wrong with a store.
fn sound<T>(read: Result<T, StoreError>) -> Result<Result<T, String>, StoreError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(StoreError::Damaged { what, .. }) => Ok(Err(what)),
        Err(error) => Err(error),
    }
}

fn found(reader: &Reader<'_>, seq: i64, row: Option<&RecordFacts>) -> Found {
    match row {
        Some(row) => Found { recording: Some(row.recording), kind: row.kind.clone() },
        None => {
            let recording = reader.batch_of(seq).ok().map(|batch| batch.recording);
            Found { recording, kind: EventKind::from("") }
        }
    }
}

fn add(lost: &mut Vec<Lost>, seq: i64, what: String) {
    match lost.last_mut() {
        Some(last) if last.last + 1 >= seq => last.last = seq,
        Some(_) | None => lost.push(Lost { first: seq, last: seq, what }),
    }
}
