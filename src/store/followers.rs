//! Which batches follow on a place of the log, found by their hashes.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::rows::BatchRow;
use super::seal::Seal;

/// Where the next batch of a recording goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchPlace {
    /// The recording, once it has a batch.
    pub recording: Option<i64>,
    /// The batch before, `None` at the beginning.
    pub batch: Option<i64>,
    /// The hash that stands for everything up to here.
    pub hash: [u8; 32],
}

impl BatchPlace {
    /// Before the first batch of a recording. The same records in two clusters are two recordings: their hashes differ from here on.
    #[must_use]
    pub fn beginning(cluster: &str) -> Self {
        Self { recording: None, batch: None, hash: *blake3::hash(cluster.as_bytes()).as_bytes() }
    }
}

/// A batch that follows on another in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownBatch {
    /// The place behind it.
    pub place: BatchPlace,
    /// Its first record.
    pub first_seq: i64,
    /// How many records it has.
    pub records: usize,
}

impl KnownBatch {
    fn of(row: &BatchRow) -> Self {
        let place = BatchPlace { recording: Some(row.recording), batch: Some(row.id), hash: row.hash };
        Self { place, first_seq: row.first_seq, records: usize::try_from(row.records).unwrap_or(0) }
    }
}

/// The batches that follow on a place: by how many records they have, and by their hashes.
#[derive(Debug, Clone, Default)]
pub struct Followers(BTreeMap<usize, BTreeMap<[u8; 32], KnownBatch>>);

impl Followers {
    /// Whether none does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that have at most so many records, by their number.
    pub fn within(&self, records: usize) -> impl Iterator<Item = (usize, &BTreeMap<[u8; 32], KnownBatch>)> {
        self.0.range(..=records).map(|(records, batches)| (*records, batches))
    }

    /// Those that have more records.
    pub fn beyond(&self, records: usize) -> impl Iterator<Item = &KnownBatch> {
        self.0.range(records.saturating_add(1)..).flat_map(|(_, batches)| batches.values())
    }

    pub(super) fn add(&mut self, row: &BatchRow) {
        let batch = KnownBatch::of(row);
        self.0.entry(batch.records).or_default().insert(row.hash, batch);
    }
}

impl<'a> FromIterator<&'a BatchRow> for Followers {
    fn from_iter<I: IntoIterator<Item = &'a BatchRow>>(rows: I) -> Self {
        let mut followers = Self::default();
        rows.into_iter().for_each(|row| followers.add(row));
        followers
    }
}

/// The batches that begin recordings, as far as they were read, the last of them, and the seal of these.
#[derive(Debug, Default)]
pub(super) struct FirstBatches {
    pub(super) followers: Rc<Followers>,
    pub(super) newest: i64,
    pub(super) seal: Seal,
    /// By the hashes of their first records.
    pub(super) by_first_record: BTreeMap<[u8; 32], Vec<KnownBatch>>,
    /// Those whose first records were not asked for yet.
    pub(super) unread: Vec<KnownBatch>,
}

impl FirstBatches {
    pub(super) fn add(&mut self, rows: &[BatchRow], found: Seal) {
        let followers = Rc::make_mut(&mut self.followers);
        rows.iter().for_each(|row| followers.add(row));
        self.unread.extend(rows.iter().map(KnownBatch::of));
        self.newest = rows.last().map_or(self.newest, |row| row.id);
        self.seal.with(found);
    }
}
