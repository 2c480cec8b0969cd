//! Bodies that are asked for next. Pods that are read in the order of their names have records in blocks far apart: the blocks are
//! unpacked in the order of the log, each once for many pods, and what those pods need of them is copied out.

use std::collections::BTreeMap;

use super::error::StoreError;
use super::read::Reader;

/// Pods that are read one after the other.
pub struct InTurn<'a> {
    reader: &'a Reader<'a>,
    pods: Vec<i64>,
    /// Whose turn it is.
    turn: usize,
    /// The first of which nothing was read ahead.
    ahead: usize,
}

impl<'a> InTurn<'a> {
    /// Pods by their rows, in the order in which they will be read.
    pub fn new(reader: &'a Reader<'a>, pods: impl Iterator<Item = i64>) -> Self {
        Self { reader, pods: pods.collect(), turn: 0, ahead: 0 }
    }

    /// The next one will be read now. Of one alone nothing is read ahead.
    pub fn step(&mut self) {
        if self.turn == self.ahead && self.turn < self.pods.len() && self.pods.len() > 1 {
            self.ahead += self.reader.read_ahead(&self.pods[self.turn..]);
        }
        self.turn += 1;
    }
}

impl Reader<'_> {
    /// Reads the bodies of the first of these pods ahead; how many pods they are of, at least one. What was read ahead before is
    /// forgotten. What cannot be read is an error for whoever asks for it, not here.
    fn read_ahead(&self, pods: &[i64]) -> usize {
        // They get as much room as blocks do; what has none is read from its block when it is asked for.
        let bytes_max = self.blocks.borrow().bytes_max();
        let (mut wanted, mut count, mut room) = (Vec::new(), 0, 0);
        for pod in pods {
            let records = self.rows("SELECT seq FROM record WHERE pod = ?1", [pod], |row| row.get::<_, i64>(0));
            let Ok(records) = records else { break };
            if let Some(first) = records.first().filter(|_| wanted.is_empty()) {
                room = self.mean_size(*first).map_or(0, |size| bytes_max / size);
            }
            if count > 0 && wanted.len() + records.len() > room {
                break;
            }
            count += 1;
            wanted.extend(records.into_iter().take(room));
        }
        wanted.sort_unstable();
        let (mut ahead, mut bytes) = (BTreeMap::new(), 0);
        for seq in wanted {
            let Ok(block) = self.open_block(seq) else { continue };
            let Some(body) = block.record(seq) else { continue };
            bytes += body.len();
            if bytes > bytes_max {
                break;
            }
            ahead.insert(seq, body.into());
        }
        self.ahead.replace(ahead);
        count.max(1)
    }

    /// The mean size of the records that stand in a batch with this one.
    fn mean_size(&self, seq: i64) -> Result<usize, StoreError> {
        let batch = self.batch_of(seq)?;
        Ok(usize::try_from(batch.bytes / batch.records.max(1)).unwrap_or_default().max(1))
    }
}
