//! Looks at what a Parquet file claims before anything is made room for: how long its lists are, how large its pages become. A writer of
//! ours makes none of what is refused here.

use std::io::Read;
use std::ops::Range;

use parquet::file::reader::ChunkReader;

/// Pages of ours are small but for a record of 16 MB; those of DuckDB have 100 MB at most.
const PAGE_BYTES_MAX: i64 = 104 << 20;
/// Pages of ours have 20 000 values at most; a row group of pyarrow may be one page.
const VALUES_MAX: i64 = 1 << 20;
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Row groups of a file, columns of a row group.
const LIST_MAX: u64 = 10_000;
const DEPTH_MAX: usize = 16;

/// Each value as it is, or places in a dictionary: other encodings make much of little.
const ENCODINGS: [i64; 3] = [0, 2, 8];
const DICTIONARY_PAGE: i64 = 2;

/// Values of Thrift's compact protocol.
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Checked<T> = Result<T, String>;

impl Compact<'_> {
    fn byte(&mut self) -> Checked<u8> {
        let byte = self.bytes.get(self.at).ok_or("it ends within a header")?;
        self.at += 1;
        Ok(*byte)
    }

    fn skip(&mut self, length: u64) -> Checked<()> {
        let left = (self.bytes.len() - self.at) as u64;
        if length > left {
            return Err(format!("a header claims {length} bytes and has {left}"));
        }
        self.at += usize::try_from(length).map_err(|_| "a header is too long")?;
        Ok(())
    }

    fn unsigned(&mut self) -> Checked<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number in a header does not end".to_owned())
    }

    fn signed(&mut self) -> Checked<i64> {
        let value = self.unsigned()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Goes through a struct; `take` gets the path of each whole number in it and its value.
    fn structure(&mut self, path: &[i64], take: &mut dyn FnMut(&[i64], i64)) -> Checked<()> {
        if path.len() >= DEPTH_MAX {
            return Err("a header is nested too deep".to_owned());
        }
        let mut last = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            let delta = i64::from(head >> 4);
            last = if delta == 0 { self.signed()? } else { last + delta };
            let mut inner = path.to_vec();
            inner.push(last);
            self.value(head & 0x0f, &inner, take)?;
        }
    }

    fn value(&mut self, kind: u8, path: &[i64], take: &mut dyn FnMut(&[i64], i64)) -> Checked<()> {
        match kind {
            1 | 2 => Ok(()),
            3 => self.skip(1),
            4..=6 => {
                let value = self.signed()?;
                take(path, value);
                Ok(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.unsigned()?;
                self.skip(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let short = u64::from(head >> 4);
                let count = if short == 15 { self.unsigned()? } else { short };
                if count > LIST_MAX {
                    return Err(format!("a list of {count}; expected {LIST_MAX} at most"));
                }
                (0..count).try_for_each(|_| match head & 0x0f {
                    1 | 2 => self.skip(1),
                    inner => self.value(inner, path, take),
                })
            }
            12 => self.structure(path, take),
            _ => Err(format!("a header has a value of type {kind}")),
        }
    }
}

/// Looks at the metadata at the end of a file.
pub(super) fn check_footer(footer: &[u8]) -> Checked<()> {
    Compact { bytes: footer, at: 0 }.structure(&[], &mut |_, _| ())
}

#[derive(Default)]
struct PageHeader {
    kind: i64,
    unpacked: i64,
    packed: i64,
    encoding: i64,
    /// How many values it has: of a data page of either version, of a dictionary.
    values: i64,
}

/// Looks at the pages of a column of a row group. Returns how large the largest becomes.
pub(super) fn check_pages(file: &impl ChunkReader, range: Range<u64>) -> Checked<u64> {
    let mut at = range.start;
    let mut largest = 0;
    while at < range.end {
        let mut head = Vec::new();
        let reader = file.get_read(at).map_err(|error| error.to_string())?;
        let length = (range.end - at).min(HEADER_BYTES_MAX as u64);
        // Nearly all headers are short.
        let mut reader = reader.take(length);
        let mut header = None;
        for _ in 0..2 {
            let more = if head.is_empty() { 128 } else { HEADER_BYTES_MAX as u64 };
            reader.by_ref().take(more).read_to_end(&mut head).map_err(|error| error.to_string())?;
            header = Some(page_header(&head));
            if matches!(header, Some(Ok(_))) {
                break;
            }
        }
        let Some(header) = header else { break };
        let (page, header_bytes) = header?;
        if page.kind != DICTIONARY_PAGE && !ENCODINGS.contains(&page.encoding) {
            let encoding = page.encoding;
            return Err(format!("a page in the encoding {encoding}; expected plain values or a dictionary"));
        }
        let sizes = [page.unpacked, page.packed];
        if let Some(size) = sizes.into_iter().find(|size| !(0..=PAGE_BYTES_MAX).contains(size)) {
            return Err(format!("a page of {size} bytes; expected {PAGE_BYTES_MAX} at most"));
        }
        if !(0..=VALUES_MAX).contains(&page.values) {
            return Err(format!("a page of {} values; expected {VALUES_MAX} at most", page.values));
        }
        largest = largest.max(page.unpacked.unsigned_abs());
        at += header_bytes as u64 + page.packed.unsigned_abs();
    }
    Ok(largest)
}

fn page_header(bytes: &[u8]) -> Checked<(PageHeader, usize)> {
    let mut compact = Compact { bytes, at: 0 };
    let mut header = PageHeader::default();
    compact.structure(&[], &mut |path, value| match path {
        [1] => header.kind = value,
        [2] => header.unpacked = value,
        [3] => header.packed = value,
        [5, 2] | [8, 4] => header.encoding = value,
        [5 | 7 | 8, 1] => header.values = value,
        _ => {}
    })?;
    Ok((header, compact.at))
}

#[cfg(test)]
mod tests {
    use super::{check_footer, page_header};

    #[test]
    fn what_claims_too_much_is_refused() {
        let nested = [0x1c; 40];
        let table: [(&[u8], &str); 6] = [
            // A list of 2^31 structs.
            (&[0x19, 0xfc, 0x80, 0x80, 0x80, 0x80, 0x08], "a list of 2147483648"),
            (&[0x18, 0xff, 0xff, 0x03, b'a'], "claims 65535 bytes and has 1"),
            (&[0x15], "ends within"),
            (&[0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "does not end"),
            (&nested, "nested too deep"),
            (&[0x1d, 0], "of type 13"),
        ];
        for (footer, expected) in table {
            let found = check_footer(footer).expect_err("it is refused");
            assert!(found.contains(expected), "{found}");
        }
        assert_eq!(check_footer(&[0x15, 0x02, 0x19, 0x2c, 0, 0, 0]), Ok(()));
    }

    #[test]
    fn a_page_header_says_how_large_the_page_becomes() {
        // A data page of 64 bytes, 32 of them packed, with 3 values in the encoding 8.
        let bytes = [0x15, 0, 0x15, 0x80, 0x01, 0x15, 0x40, 0x2c, 0x15, 0x06, 0x15, 0x10, 0, 0, 0xff];
        let (page, length) = page_header(&bytes).expect("a header");
        assert_eq!((page.unpacked, page.packed, page.values, page.encoding), (64, 32, 3, 8));
        assert_eq!(length, bytes.len() - 1);
    }
}
