//! Unpacks gzip.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// Gzip, member after member. Zeros after one only fill a block of a tape or a disk, as `gzip` itself takes them.
pub(in crate::input) struct Gunzip<R: BufRead> {
    /// `None` only while the next is looked for.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gunzip<R> {
    pub(in crate::input) fn new(packed: R) -> Self {
        Self { member: Some(GzDecoder::new(packed)) }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let length = member.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            if is_end(member.get_mut())? {
                break;
            }
            self.member = self.member.take().map(|member| GzDecoder::new(member.into_inner()));
        }
        Ok(0)
    }
}

/// Passes over zeros: whether nothing comes after them.
fn is_end(packed: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = packed.fill_buf()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let (is_end, is_over) = (bytes.is_empty(), zeros < bytes.len());
        packed.consume(zeros);
        if is_end || is_over {
            return Ok(is_end);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::Gunzip;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn members_are_read_one_after_the_other_and_zeros_are_none() {
        let (zeros, nothing, one, two) = (vec![0; 700], packed(""), packed("one "), packed("two"));
        let cut = &two[..two.len() - 1];
        let table = [
            (vec![&one[..]], "one ", true),
            (vec![&one, &two], "one two", true),
            (vec![&one, &zeros], "one ", true),
            (vec![&one, &zeros, &two, &zeros], "one two", true),
            (vec![&one, &zeros, b"else"], "one ", false),
            (vec![&one, cut], "one two", false),
            (vec![&nothing], "", true),
        ];
        for (parts, expected, is_whole) in table {
            let mut text = Vec::new();
            let read = Gunzip::new(&*parts.concat()).read_to_end(&mut text);
            assert_eq!((String::from_utf8_lossy(&text).as_ref(), read.is_ok()), (expected, is_whole), "{read:?}");
        }
    }
}
