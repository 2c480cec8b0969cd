//! Which records each recording holds, and the order of the recordings by what they hold, whichever was ingested first.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rusqlite::Row;

use super::error::StoreError;
use super::log_table::{BATCH, RECORDING};
use super::read::Reader;
use super::rows::{BatchRow, batch_row};
use super::seal::Group;
use super::spans::{Shared, Spans};
use crate::model::StoredRecord;

/// To find the ends of a recording takes about as long as to read so many batches.
const BATCHES_WORTH_IT: usize = 8;

impl Reader<'_> {
    /// Adds the records that a recording shares with another a second time, as those of the one that goes on from it.
    pub fn share(&self, records: &mut Vec<StoredRecord>) -> Result<(), StoreError> {
        for (recording, part) in self.shared()?.iter() {
            // Each has its row under the recording that was there first.
            let again = records.chunk_by(|left, right| left.seq == right.seq).map(|same| &same[0]);
            let again = again.filter(|record| part.contains(record.seq.0));
            let again: Vec<StoredRecord> =
                again.map(|record| StoredRecord { recording: *recording, ..record.clone() }).collect();
            records.extend(again);
            records.sort_by_key(|record| record.seq);
        }
        Ok(())
    }

    /// Gives records the ranks of their recordings, if they are of several.
    pub fn rank(&self, records: &mut [StoredRecord]) -> Result<(), StoreError> {
        let recordings: BTreeSet<i64> = records.iter().map(|record| record.recording).collect();
        if recordings.len() > 1 {
            let ranks = self.recording_ranks()?;
            for record in records {
                record.recording_rank = ranks.get(&record.recording).copied().unwrap_or(usize::MAX);
            }
        }
        Ok(())
    }

    /// The rank of the recording of a record, the first of those that share it.
    pub fn rank_at(&self, seq: i64) -> Result<usize, StoreError> {
        let ranks = self.recording_ranks()?;
        if ranks.len() < 2 {
            return Ok(0);
        }
        let shared = self.shared()?;
        let shared = shared.iter().filter(|(_, part)| part.contains(seq)).map(|(recording, _)| *recording);
        let recordings = std::iter::once(self.batch_of(seq)?.recording).chain(shared);
        Ok(recordings.filter_map(|recording| ranks.get(&recording).copied()).min().unwrap_or(usize::MAX))
    }

    /// The rank of each recording: by its first time, then by its bytes, record by record. So it depends neither on the order of
    /// ingest nor on what else is in the log, and it stays when the recording grows.
    pub fn recording_ranks(&self) -> Result<Rc<BTreeMap<i64, usize>>, StoreError> {
        if let Some(known) = &*self.ranks.borrow() {
            return Ok(Rc::clone(known));
        }
        let mut recordings = Vec::new();
        for (recording, own) in self.spans()?.iter() {
            recordings.push((*recording, self.first_time(own)?, own.clone()));
        }
        let mut damage = None;
        recordings.sort_by(|(_, left_time, left), (_, right_time, right)| {
            let time = (left_time.is_none(), left_time).cmp(&(right_time.is_none(), right_time));
            time.then_with(|| {
                self.compare_bytes(left, right).unwrap_or_else(|error| {
                    damage = Some(error);
                    Ordering::Equal
                })
            })
        });
        if let Some(damage) = damage {
            return Err(damage);
        }
        let ranks = recordings.iter().enumerate().map(|(rank, (recording, ..))| (*recording, rank));
        let ranks = Rc::new(ranks.collect());
        self.ranks.replace(Some(Rc::clone(&ranks)));
        Ok(ranks)
    }

    fn first_time(&self, own: &Spans) -> Result<Option<i64>, StoreError> {
        for record in self.walk(own) {
            let record = record?;
            if let Some(time) = record.stated.map(|(at, _)| at).or(record.stamp) {
                return Ok(Some(time));
            }
        }
        Ok(None)
    }

    /// The first record that differs decides.
    fn compare_bytes(&self, left: &Spans, right: &Spans) -> Result<Ordering, StoreError> {
        for (left, right) in left.positions().zip(right.positions()).filter(|(left, right)| left != right) {
            let order = self.body(left)?.cmp(&self.body(right)?);
            if order.is_ne() {
                return Ok(order);
            }
        }
        Ok(left.positions().count().cmp(&right.positions().count()))
    }

    /// The recordings that go on from another, each with the records that it shares with it.
    pub fn shared(&self) -> Result<Rc<Shared>, StoreError> {
        if let Some(known) = &*self.shared.borrow() {
            return Ok(Rc::clone(known));
        }
        let forks = self.forks()?;
        let mut shared = Vec::with_capacity(forks.len());
        if !forks.is_empty() {
            let (batches, spans) = (self.all_batches()?, self.spans()?);
            for (recording, fork) in forks {
                shared.extend(shared_behind(fork, &batches, &spans).map(|part| (recording, part)));
            }
        }
        let shared = Rc::new(shared);
        self.shared.replace(Some(Rc::clone(&shared)));
        Ok(shared)
    }

    /// The records of each recording.
    pub fn spans(&self) -> Result<Rc<BTreeMap<i64, Spans>>, StoreError> {
        let sealed = self.log.seal_of(Group::Batches)?;
        if let Some((seal, known)) = &*self.spans.borrow()
            && *seal == sealed
        {
            return Ok(Rc::clone(known));
        }
        let spans = self.log.as_of_one_moment(|| match self.spans_in_turn(sealed.rows)? {
            Some(spans) => Ok(spans),
            None => self.spans_of_batches(),
        })?;
        let spans = Rc::new(spans);
        self.spans.replace(Some((sealed, Rc::clone(&spans))));
        Ok(spans)
    }

    fn spans_of_batches(&self) -> Result<BTreeMap<i64, Spans>, StoreError> {
        let (forks, batches) = (self.forks()?, self.all_batches()?);
        let mut spans: BTreeMap<i64, Spans> = BTreeMap::new();
        for batch in batches.iter() {
            // What a recording goes on from was appended before it.
            if !spans.contains_key(&batch.recording) {
                let begin = forks.get(&batch.recording).and_then(|fork| shared_behind(*fork, &batches, &spans));
                spans.insert(batch.recording, begin.unwrap_or_default());
            }
            spans.entry(batch.recording).or_default().push(batch.first_seq, batch.end() - 1);
        }
        Ok(spans)
    }

    /// The same from the first and the last batch of each recording: `None` unless the recordings stand one after the other, and no
    /// record is left over. What begins and ends them is compared with what is known of the batches before and after, so that
    /// none that is lost is missed.
    fn spans_in_turn(&self, batches: i64) -> Result<Option<BTreeMap<i64, Spans>>, StoreError> {
        let recordings = self.whole(Group::Recordings, &RECORDING, "", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(4)?))
        })?;
        let is_worth_it = recordings.len().saturating_mul(BATCHES_WORTH_IT) < usize::try_from(batches).unwrap_or(0);
        if !is_worth_it || recordings.iter().any(|(_, fork)| fork.is_some()) {
            return Ok(None);
        }
        let mut ranges = Vec::with_capacity(recordings.len());
        for (recording, _) in recordings {
            let end = |which: &str| Ok(self.checked(&BATCH, which, [recording], batch_row)?.0.pop());
            let first = end("WHERE recording = ?1 ORDER BY id LIMIT 1")?.filter(|first| first.parent.is_none());
            let last = end("WHERE recording = ?1 ORDER BY id DESC LIMIT 1")?;
            let Some((first, last)) = first.zip(last) else { return Ok(None) };
            if self.log.seal_of(Group::BatchesAfter { batch: Some(last.id) })?.rows > 0 {
                return Ok(None);
            }
            ranges.push((first.first_seq, last.end(), recording));
        }
        ranges.sort_unstable();
        let (mut next, mut spans) = (1, BTreeMap::new());
        for (first, end, recording) in ranges {
            if first != next {
                return Ok(None);
            }
            spans.entry(recording).or_insert_with(Spans::default).push(first, end - 1);
            next = end;
        }
        Ok((next == self.last_seq()? + 1).then_some(spans))
    }

    /// The records up to the end of a batch, of its recording and of what that goes on from.
    pub fn spans_behind(&self, batch: i64) -> Result<Spans, StoreError> {
        let (batches, spans) = (self.all_batches()?, self.spans()?);
        Ok(shared_behind(batch, &batches, &spans).unwrap_or_default())
    }

    /// The batch behind which each recording goes on from another.
    pub(super) fn forks(&self) -> Result<BTreeMap<i64, i64>, StoreError> {
        let fork = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(4)?));
        let recordings = self.whole(Group::Recordings, &RECORDING, "ORDER BY id", [], fork)?;
        Ok(recordings.into_iter().filter_map(|(recording, fork)| Some((recording, fork?))).collect())
    }
}

/// The records up to the end of a batch, of its recording and of what that goes on from.
fn shared_behind(fork: i64, batches: &[BatchRow], spans: &BTreeMap<i64, Spans>) -> Option<Spans> {
    let last = batches.iter().find(|batch| batch.id == fork)?;
    Some(spans.get(&last.recording)?.between(0, last.end() - 1))
}
