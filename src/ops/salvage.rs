//! Reads every record of a log, and goes on behind those that are damaged.

use std::collections::BTreeMap;
use std::io;

use crate::model::EventKind;
use crate::store::RecordFacts;
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

impl Lost {
    /// Adds a record to those that were lost before it.
    pub fn add(lost: &mut Vec<Self>, seq: i64, what: String) {
        match lost.last_mut() {
            Some(last) if (last.last..=last.last + 1).contains(&seq) => last.last = seq,
            Some(_) | None => lost.push(Self { first: seq, last: seq, what }),
        }
    }

    /// How many records these are, each counted once; they are in the order of their first records.
    #[must_use]
    pub fn count(lost: &[Self]) -> i64 {
        let mut end = 0;
        let counted = lost.iter().map(|it| {
            let new = (it.last - it.first.max(end + 1) + 1).max(0);
            end = end.max(it.last);
            new
        });
        counted.sum()
    }
}

/// What is known of a record whose bytes are there: its recording and its kind, each if its row can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its position.
    pub seq: i64,
    /// Its row, if it can be read; the recording in it is 0 where that is not known.
    pub facts: Option<RecordFacts>,
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

/// Hands on every record, recording after recording; of one recording also what it shares with the one that it goes on from.
/// Returns what is lost, in the order of the log. Where the log does not tell any more which records are of the recording, those are handed on that may be.
///
/// # Errors
/// When the store cannot be read for another reason than damage, or `take` fails.
pub fn each_record(
    reader: &Reader<'_>,
    recording: Option<i64>,
    mut take: impl FnMut(&Found, &[u8]) -> io::Result<()>,
) -> Result<Vec<Lost>, SalvageError> {
    let mut lost: Vec<Lost> = Vec::new();
    let (ranges, unknown) = match sound(ranges(reader, recording))? {
        Ok(ranges) => (ranges, None),
        Err(what) if recording.is_some() => (vec![(1, reader.last_seq_told())], Some(what)),
        Err(what) => (ranges_left(reader)?, Some(what)),
    };
    let is_wanted = |found: &Found| recording.is_none() || found.recording.is_none() || found.recording == recording;
    let mut take = |found: &Found, body: &[u8]| if is_wanted(found) { take(found, body) } else { Ok(()) };
    for (first, last) in &ranges {
        let mut next = *first;
        while next <= *last {
            let end = (*last).min(next.saturating_add(AT_ONCE - 1)) + 1;
            each_between(reader, next, end, &mut take, &mut lost)?;
            next = end;
        }
    }
    // Each record can be read, but not of which recording it is, or whether it is the last.
    if let (Some(what), true) = (unknown, lost.is_empty()) {
        lost.extend(ranges.into_iter().map(|(first, last)| Lost { first, last, what: what.clone() }));
    }
    lost.sort_by_key(|lost| lost.first);
    Ok(lost)
}

/// The records as ranges of positions, the last included: of all recordings one after the other, or of one.
fn ranges(reader: &Reader<'_>, recording: Option<i64>) -> Result<Vec<(i64, i64)>, StoreError> {
    if let Some(recording) = recording {
        return Ok(reader.spans()?.get(&recording).map_or_else(Vec::new, |own| own.ranges().collect()));
    }
    let mut own: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    for batch in reader.all_batches()?.iter() {
        own.entry(batch.recording).or_default().push((batch.first_seq, batch.end() - 1));
    }
    Ok(own.into_values().flatten().collect())
}

/// The same of all recordings, where not all batches can be read. What lies between those that can is handed on with the recording of the
/// batch before it: most often it goes on there.
fn ranges_left(reader: &Reader<'_>) -> Result<Vec<(i64, i64)>, StoreError> {
    let last = reader.last_seq_told();
    let mut own: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    let (mut next, mut recording) = (1, 0);
    for batch in reader.sound_batches()? {
        let range = (batch.first_seq.max(next), last.min(batch.end() - 1));
        if range.0 > range.1 {
            continue;
        }
        if next < range.0 {
            own.entry(recording).or_default().push((next, range.0 - 1));
        }
        own.entry(batch.recording).or_default().push(range);
        (next, recording) = (range.1 + 1, batch.recording);
    }
    if next <= last {
        own.entry(recording).or_default().push((next, last));
    }
    Ok(own.into_values().flatten().collect())
}

fn each_between(
    reader: &Reader<'_>,
    first: i64,
    end: i64,
    take: &mut impl FnMut(&Found, &[u8]) -> io::Result<()>,
    lost: &mut Vec<Lost>,
) -> Result<(), SalvageError> {
    let rows = sound(reader.records_between(first, end))?.ok();
    for seq in first..end {
        let index = usize::try_from(seq - first).unwrap_or(usize::MAX);
        let (row, recording) = match rows.as_ref().and_then(|rows| rows.get(index)) {
            Some(row) => (Ok(row.clone()), Ok(row.recording)),
            None => {
                let recording = reader.batch_of(seq).map(|batch| batch.recording);
                (sound(reader.record_without_batch(seq))?, sound(recording)?)
            }
        };
        let kind = row.as_ref().map_or_else(|_| EventKind::from(""), |row| row.kind.clone());
        let found = Found { seq, recording: recording.as_ref().ok().copied(), kind, facts: row.as_ref().ok().cloned() };
        match sound(reader.with_body(seq, |body| take(&found, body)))? {
            Ok(taken) => taken?,
            Err(what) => Lost::add(lost, seq, what),
        }
        for what in row.err().into_iter().chain(recording.err()) {
            Lost::add(lost, seq, what);
        }
    }
    Ok(())
}

/// Tells damage from what else may be wrong with a store.
///
/// # Errors
/// When something else is wrong.
pub fn sound<T>(read: Result<T, StoreError>) -> Result<Result<T, String>, StoreError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(error) => error.damage().map_or(Err(error), |what| Ok(Err(what))),
    }
}

#[cfg(test)]
mod tests {
    use super::Lost;

    #[test]
    fn a_record_that_is_lost_twice_counts_once() {
        let lost = |ranges: &[(i64, i64)]| {
            let lost = |(first, last): &(i64, i64)| Lost { first: *first, last: *last, what: String::new() };
            Lost::count(&ranges.iter().map(lost).collect::<Vec<_>>())
        };
        assert_eq!(lost(&[]), 0);
        assert_eq!(lost(&[(1, 1), (3, 4)]), 3);
        assert_eq!(lost(&[(1, 9), (2, 3), (9, 10)]), 10);
    }
}
