//! Where an input stands in the log: which of its records the log has already, batch after batch.

use super::ingest_error::IngestError;
use crate::input::DecodedChunk;
use crate::store::append::hash_after;
use crate::store::block::Hasher;
use crate::store::{BatchPlace, EncodedBatch, KnownBatch, Log};

/// Behind which batch of the log an input stands.
pub(super) struct Position<'a> {
    log: &'a Log,
    cluster: &'a str,
    place: BatchPlace,
    /// Nothing in the log follows on `place`.
    at_leaf: bool,
    /// The batch in front of `place` was appended by this ingest.
    is_own: bool,
}

/// What the log has of a chunk.
pub(super) struct Known {
    /// How many records, from the first on, are batches of the log.
    pub(super) records: usize,
    /// What the records behind them are.
    pub(super) rest: Rest,
    /// The recording that has the last of them.
    pub(super) recording: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    None,
    /// The log has them as the beginning of a batch.
    BeginsBatch,
    Unknown,
}

impl Known {
    /// Whether something is to be appended.
    pub(super) fn is_open(&self) -> bool {
        self.rest == Rest::Unknown
    }
}

impl<'a> Position<'a> {
    pub(super) fn beginning(log: &'a Log, cluster: &'a str) -> Self {
        Self { log, cluster, place: BatchPlace::beginning(cluster), at_leaf: false, is_own: false }
    }

    pub(super) fn place(&self) -> &BatchPlace {
        &self.place
    }

    /// The recording that the next batch continues; `None` if another batch continues it already.
    pub(super) fn continued(&self) -> Option<i64> {
        self.place.recording.filter(|_| self.at_leaf)
    }

    /// Whether the batch in front was appended by this ingest.
    pub(super) fn is_own(&self) -> bool {
        self.is_own
    }

    /// A batch was appended here.
    pub(super) fn follow(&mut self, place: BatchPlace) {
        self.place = place;
        self.at_leaf = true;
        self.is_own = true;
    }

    /// Another process may have appended batches behind this place.
    pub(super) fn forget(&mut self) {
        self.at_leaf = false;
    }

    /// Passes the batches that the log has of the chunk, whose first `known` records have been passed before. `encoded` is the
    /// whole chunk, where it is packed.
    pub(super) fn pass(
        &mut self,
        decoded: &DecodedChunk,
        encoded: Option<&EncodedBatch>,
        mut known: usize,
    ) -> Result<Known, IngestError> {
        while !self.at_leaf && known < decoded.records.len() {
            let rest = &decoded.records[known..];
            let candidates = self.log.batches_after(&self.place)?;
            self.at_leaf = candidates.is_empty();
            let (mut hasher, mut hashed) = (Hasher::default(), 0);
            let matching = candidates.within(rest.len()).filter_map(|(records, of_size)| {
                let whole = encoded.filter(|_| records == decoded.records.len()).map(|whole| whole.hash);
                let hash = whole.unwrap_or_else(|| {
                    rest[hashed..records].iter().for_each(|record| hasher.add(decoded.body(record)));
                    hashed = records;
                    hasher.finish()
                });
                of_size.get(&hash_after(&self.place, &hash)).map(|batch| (records, *batch))
            });
            if let Some((records, next)) = matching.min_by_key(|(_, next)| next.place.batch) {
                known += records;
                self.place = next.place;
                self.is_own = false;
                continue;
            }
            let longer = match candidates.beyond(rest.len()).next() {
                Some(_) => self.log.batches_beginning_with(&self.place, decoded.body(&rest[0]))?,
                None => Vec::new(),
            };
            for candidate in longer.iter().filter(|batch| batch.records > rest.len()) {
                if self.begins(candidate, rest.iter().map(|record| decoded.body(record)))?
                    && self.is_of_cluster(candidate)?
                {
                    return Ok(Known { records: known, rest: Rest::BeginsBatch, recording: candidate.place.recording });
                }
            }
            break;
        }
        let rest = if known < decoded.records.len() { Rest::Unknown } else { Rest::None };
        Ok(Known { records: known, rest, recording: self.place.recording })
    }

    /// Whether a batch is of the cluster of the input. That the hash of one fits says so already.
    fn is_of_cluster(&self, batch: &KnownBatch) -> Result<bool, IngestError> {
        let clusters = self.log.reader().clusters_of_recordings()?;
        Ok(batch
            .place
            .recording
            .and_then(|recording| clusters.get(&recording))
            .is_some_and(|name| name == self.cluster))
    }

    /// Whether a batch of the log begins with these records.
    fn begins<'b>(&self, batch: &KnownBatch, bodies: impl Iterator<Item = &'b [u8]>) -> Result<bool, IngestError> {
        let reader = self.log.reader();
        for (seq, body) in (batch.first_seq..).zip(bodies) {
            if !reader.with_body(seq, |stored| stored == body)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
