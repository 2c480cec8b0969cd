//! Reads the bytes of records: block after block, unpacked with their dictionaries.

use std::rc::Rc;

use rusqlite::Row;
use zstd::dict::DecoderDictionary;

use super::block::{OpenBlock, Unpacker};
use super::error::StoreError;
use super::log_table::{BLOCK, DICTIONARY};
use super::read::Reader;

impl Reader<'_> {
    /// The bytes of a record, exactly as they were appended.
    pub fn with_body<T>(&self, seq: i64, read: impl FnOnce(&[u8]) -> T) -> Result<T, StoreError> {
        if let Some(reads) = &mut *self.log.reads.borrow_mut() {
            *reads.entry(seq).or_default() += 1;
        }
        let ahead = self.ahead.borrow().get(&seq).cloned();
        if let Some(body) = ahead {
            return Ok(read(&body));
        }
        let block = self.open_block(seq)?;
        Ok(read(block.record(seq).ok_or_else(|| self.not_in_block(seq))?))
    }

    /// So many readers share the room for unpacked blocks.
    pub fn share_room(&self, readers: usize) {
        self.blocks.borrow_mut().share_room(readers);
    }

    /// What stands before a position is not asked for again.
    pub fn let_go_before(&self, seq: i64) {
        self.blocks.borrow_mut().let_go_before(seq);
    }

    fn not_in_block(&self, seq: i64) -> StoreError {
        self.log.damaged(format!("the record {seq} is not in its block"))
    }

    /// A copy of the same, for comparing records.
    pub(super) fn body(&self, seq: i64) -> Result<Vec<u8>, StoreError> {
        let block = self.open_block(seq)?;
        Ok(block.record(seq).ok_or_else(|| self.not_in_block(seq))?.to_vec())
    }

    /// The dictionary that was stored last.
    pub fn newest_dictionary(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.checked(&DICTIONARY, "ORDER BY id DESC LIMIT 1", [], |row| row.get(2))?.0.pop())
    }

    pub(super) fn open_block(&self, seq: i64) -> Result<Rc<OpenBlock>, StoreError> {
        if let Some(block) = self.blocks.borrow_mut().get(seq) {
            return Ok(block);
        }
        let which = "WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1";
        let unpack =
            |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Vec<u8>>(2)?));
        let (mut found, _) = self.checked(&BLOCK, which, [seq], unpack)?;
        let no_block = || self.log.damaged(format!("the block of record {seq} is not there"));
        let (first_seq, dictionary, packed) = found.pop().ok_or_else(no_block)?;
        let dictionary = dictionary.map(|id| self.dictionary(id)).transpose()?;
        let how = (&mut *self.context.borrow_mut(), dictionary.as_ref());
        let room = self.blocks.borrow_mut().take_spare();
        let block = OpenBlock::unpack(first_seq, &packed, room, how).map_err(|error| {
            self.log
                .damaged(format!("the block of record {seq}, which begins with {first_seq}, does not unpack: {error}"))
        })?;
        let block = Rc::new(block);
        self.blocks.borrow_mut().put(Rc::clone(&block));
        Ok(block)
    }

    fn dictionary(&self, id: i64) -> Result<Unpacker, StoreError> {
        if let Some(dictionary) = self.dictionaries.borrow().get(&id) {
            return Ok(Rc::clone(dictionary));
        }
        let (mut found, _) = self.checked(&DICTIONARY, "WHERE id = ?1", [id], |row| row.get::<_, Vec<u8>>(2))?;
        let body = found.pop().ok_or_else(|| self.log.damaged(format!("the dictionary {id} is not there")))?;
        let dictionary = Rc::new(DecoderDictionary::copy(&body));
        self.dictionaries.borrow_mut().insert(id, Rc::clone(&dictionary));
        Ok(dictionary)
    }
}
