//! What was written of each of very many pods before the first of them can be printed: beyond some megabytes it stands in a file
//! without a name.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use tempfile::SpooledTempFile;

use super::failure::{Failure, Kind};

/// So much is kept in memory.
const MEMORY_BYTES: usize = 8 * 1024 * 1024;

/// Texts, one a place.
pub(crate) struct Kept(Mutex<Texts>);

struct Texts {
    written: SpooledTempFile,
    end: u64,
    /// Where each begins, and how long it is.
    places: Vec<(u64, usize)>,
    /// Why one could not be kept.
    error: Option<io::Error>,
}

impl Kept {
    /// So many places, nothing in any of them.
    pub(crate) fn new(places: usize) -> Self {
        let written = SpooledTempFile::new(MEMORY_BYTES);
        Self(Mutex::new(Texts { written, end: 0, places: vec![(0, 0); places], error: None }))
    }

    /// Puts a text in a place, instead of what was there. That it cannot be is told when the texts are read.
    pub(crate) fn put(&self, place: usize, text: &str) {
        let texts = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.places[place] = (texts.end, text.len());
        texts.end += text.len() as u64;
        if texts.error.is_none() {
            texts.error = texts.written.write_all(text.as_bytes()).err();
        }
    }

    /// Reads them in this order of their places.
    pub(crate) fn read<E: From<Failure>>(
        self,
        order: &[usize],
        mut each: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let Texts { written, places, error, .. } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        error.map_or(Ok(()), Err).map_err(not_kept)?;
        let mut written = BufReader::new(written);
        let (mut text, mut at) = (String::new(), None);
        for (begin, length) in order.iter().map(|place| places[*place]).filter(|(_, length)| *length > 0) {
            if at != Some(begin) {
                written.seek(SeekFrom::Start(begin)).map_err(not_kept)?;
            }
            text.clear();
            (&mut written).take(length as u64).read_to_string(&mut text).map_err(not_kept)?;
            at = Some(begin + length as u64);
            each(&text)?;
        }
        Ok(())
    }
}

fn not_kept(error: io::Error) -> Failure {
    Failure::new(Kind::Store, format!("cannot write the temporary file for so many pods: {error}"))
        .hint("free disk space, set TMPDIR to another folder, or select fewer pods: by name, -n NAMESPACE or -l LABELS")
}

#[cfg(test)]
mod tests {
    use super::{Failure, Kept, MEMORY_BYTES};

    #[test]
    fn texts_come_in_the_order_that_is_asked_for() {
        let kept = Kept::new(5);
        let long = "x".repeat(MEMORY_BYTES);
        for (place, text) in [(3, "d"), (0, "é"), (2, &long), (3, "D"), (4, "")] {
            kept.put(place, text);
        }
        let mut read = Vec::new();
        let each = |text: &str| {
            read.push(text.to_owned());
            Ok::<(), Failure>(())
        };
        kept.read(&[4, 3, 0, 2], each).expect("a temporary file");
        assert_eq!(read, ["D", "é", &long]);
    }
}
