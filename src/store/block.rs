//! Blocks: the bytes of consecutive records, one a line, compressed together. Neighbours resemble each other (the same
//! application, the same pod a moment later), so a block of a dozen records takes less than half of the room that they
//! take one by one; and it is small enough to be unpacked for a single one of them.

use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use zstd::bulk::Compressor;
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{DCtx, compress_bound, get_error_name, get_frame_content_size};

/// A block is closed when its records have this many bytes.
const BLOCK_BYTES: usize = 256 * 1024;
const LEVEL: i32 = 1;
const DICTIONARY_BYTES: usize = 32 * 1024;
/// How many records from the beginning of a recording the dictionary is trained on.
const SAMPLES_MAX: usize = 200;
/// Fewer samples make no dictionary that is worth its room.
const SAMPLES_MIN: usize = 20;

/// What the compressor knows before it begins.
pub struct Dictionary {
    body: Vec<u8>,
    hash: [u8; 32],
    encoder: EncoderDictionary<'static>,
}

impl Dictionary {
    /// Trains a dictionary on the first records of a recording. The same records give the same dictionary. `None` if
    /// there are too few.
    #[must_use]
    pub fn train(samples: &[&[u8]]) -> Option<Self> {
        let samples = &samples[..samples.len().min(SAMPLES_MAX)];
        if samples.len() < SAMPLES_MIN {
            return None;
        }
        zstd::dict::from_samples(samples, DICTIONARY_BYTES).ok().map(Self::new)
    }

    /// A dictionary from the store.
    #[must_use]
    pub fn new(body: Vec<u8>) -> Self {
        let encoder = EncoderDictionary::copy(&body, LEVEL);
        Self { hash: *blake3::hash(&body).as_bytes(), encoder, body }
    }

    /// The dictionary's bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// BLAKE3 of its bytes.
    #[must_use]
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

/// The records of one batch, packed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct EncodedBatch {
    /// For each block the index of its first record within the batch, and its packed bytes.
    pub blocks: Vec<(usize, Box<[u8]>)>,
    /// BLAKE3 of the records, each with a line break.
    pub hash: [u8; 32],
    /// How many bytes the records have.
    pub bytes: u64,
}

/// Packs records.
///
/// # Errors
/// When zstd fails, which it does only without memory.
pub fn encode_batch<'a>(
    bodies: impl Iterator<Item = &'a [u8]>,
    dictionary: Option<&Dictionary>,
) -> io::Result<EncodedBatch> {
    let mut compressor = match dictionary {
        Some(dictionary) => Compressor::with_prepared_dictionary(&dictionary.encoder)?,
        None => Compressor::new(LEVEL)?,
    };
    let mut hasher = blake3::Hasher::new();
    let mut batch = EncodedBatch::default();
    let (mut block, mut packed) = (Vec::with_capacity(BLOCK_BYTES + BLOCK_BYTES / 4), Vec::new());
    let mut first = 0;
    let mut close = |block: &mut Vec<u8>, first: usize, batch: &mut EncodedBatch| -> io::Result<()> {
        hasher.update(block);
        batch.bytes += block.len() as u64;
        packed.clear();
        packed.reserve(compress_bound(block.len()));
        compressor.compress_to_buffer(block, &mut packed)?;
        batch.blocks.push((first, packed.as_slice().into()));
        block.clear();
        Ok(())
    };
    for (index, body) in bodies.enumerate() {
        if block.is_empty() {
            first = index;
        }
        block.extend_from_slice(body);
        block.push(b'\n');
        if block.len() >= BLOCK_BYTES {
            close(&mut block, first, &mut batch)?;
        }
    }
    if !block.is_empty() {
        close(&mut block, first, &mut batch)?;
    }
    batch.hash = *hasher.finalize().as_bytes();
    Ok(batch)
}

/// BLAKE3 of records, each with a line break: the hash of the batch that they would make.
#[derive(Default)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Takes the next record.
    pub fn add(&mut self, body: &[u8]) {
        self.0.update(body);
        self.0.update(b"\n");
    }

    /// The hash of all of them.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// The dictionary to unpack with.
pub(super) type Unpacker = Rc<DecoderDictionary<'static>>;

/// A block, unpacked.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub(super) first_seq: i64,
    text: Vec<u8>,
    /// The end of each record in the text, its line break left out.
    ends: Vec<usize>,
}

impl OpenBlock {
    /// Unpacks a block into `text`, whose content is lost. One context serves all blocks: to make one takes a fifth of the time of
    /// unpacking.
    pub(super) fn unpack(
        first_seq: i64,
        packed: &[u8],
        mut text: Vec<u8>,
        (context, dictionary): (&mut DCtx<'static>, Option<&Unpacker>),
    ) -> io::Result<Self> {
        let size = get_frame_content_size(packed)
            .ok()
            .flatten()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the block does not say its size"))?;
        let capacity = usize::try_from(size).map_err(io::Error::other)?.min(UNPACKED_BYTES_MAX);
        text.clear();
        // A long record makes a large block: the next need not take as much.
        if text.capacity() > 2 * capacity {
            text = Vec::new();
        }
        text.reserve_exact(capacity);
        match dictionary {
            Some(dictionary) => context.decompress_using_ddict(&mut text, packed, dictionary.as_ddict()),
            None => context.decompress(&mut text, packed),
        }
        .map_err(|code| io::Error::other(get_error_name(code)))?;
        let ends = memchr::memchr_iter(b'\n', &text).collect();
        Ok(Self { first_seq, text, ends })
    }

    /// The record at this position in the log, if it stands in this block.
    pub(super) fn record(&self, seq: i64) -> Option<&[u8]> {
        let index = usize::try_from(seq.checked_sub(self.first_seq)?).ok()?;
        let end = *self.ends.get(index)?;
        let begin = match index.checked_sub(1) {
            Some(before) => self.ends[before] + 1,
            None => 0,
        };
        Some(&self.text[begin..end])
    }

    /// The room that it takes.
    fn bytes(&self) -> usize {
        self.text.capacity()
    }

    fn is_before(&self, seq: i64) -> bool {
        usize::try_from(seq.saturating_sub(self.first_seq)).is_ok_and(|behind| behind >= self.ends.len())
    }
}

/// A block holds at most one record beyond `BLOCK_BYTES`; records are bounded by the reader. No honest block is larger.
const UNPACKED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The blocks unpacked last; at least one is kept.
pub(super) struct BlockCache {
    blocks: VecDeque<Rc<OpenBlock>>,
    bytes: usize,
    bytes_max: usize,
    /// The text of the block that was dropped last: the next is unpacked into its room.
    spare: Vec<u8>,
}

/// Room for the blocks unpacked last.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

impl Default for BlockCache {
    fn default() -> Self {
        Self { blocks: VecDeque::default(), bytes: 0, bytes_max: CACHE_BYTES, spare: Vec::new() }
    }
}

impl BlockCache {
    /// From here on it is one of so many caches that share the room.
    pub(super) fn share_room(&mut self, readers: usize) {
        self.bytes_max = CACHE_BYTES / readers.max(1);
    }

    pub(super) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub(super) fn get(&mut self, seq: i64) -> Option<Rc<OpenBlock>> {
        let index = self.blocks.iter().rposition(|block| block.record(seq).is_some())?;
        let block = self.blocks.remove(index)?;
        self.blocks.push_back(Rc::clone(&block));
        Some(block)
    }

    /// Drops the blocks that hold nothing from this position on.
    pub(super) fn let_go_before(&mut self, seq: i64) {
        let bytes = &mut self.bytes;
        self.blocks.retain(|block| {
            let stays = !block.is_before(seq);
            *bytes -= if stays { 0 } else { block.bytes() };
            stays
        });
    }

    /// Room to unpack a block into.
    pub(super) fn take_spare(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.spare)
    }

    pub(super) fn put(&mut self, block: Rc<OpenBlock>) {
        self.bytes += block.bytes();
        self.blocks.push_back(block);
        while self.bytes > self.bytes_max && self.blocks.len() > 1 {
            if let Some(oldest) = self.blocks.pop_front() {
                self.bytes -= oldest.bytes();
                self.spare = Rc::into_inner(oldest).map(|block| block.text).unwrap_or_default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use zstd::zstd_safe::DCtx;

    use super::{BlockCache, OpenBlock, encode_batch};

    #[test]
    fn what_is_passed_is_let_go_whatever_was_read_first() {
        let batch = encode_batch([b"{}".as_slice(), b"{}"].into_iter(), None).expect("memory");
        let mut cache = BlockCache::default();
        for first_seq in [9, 1, 3, 5] {
            let block = OpenBlock::unpack(first_seq, &batch.blocks[0].1, Vec::new(), (&mut DCtx::create(), None))
                .expect("it was packed here");
            cache.put(Rc::new(block));
        }
        cache.let_go_before(5);
        let is_kept = [9, 1, 3, 5].map(|seq| cache.get(seq).is_some());
        assert_eq!((is_kept, cache.bytes), ([true, false, false, true], 12));
    }
}
