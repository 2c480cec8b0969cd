//! Where documents begin within a text: at the start of a line, where the one before has ended.

use memchr::memmem;

use super::csv_rows::row_ends;
use super::encoding::Encoding;
use super::nesting::Nesting;

/// The text that stands where a document begins: a bracket or a separator at the start of a line; of what was pasted, a fence or a
/// prompt too.
fn boundary_marks(encoding: Encoding) -> &'static [&'static [u8]] {
    match encoding {
        Encoding::Json => &[b"\n{"],
        Encoding::Yaml => &[b"\n---", b"\n```", b"\n$ "],
        Encoding::PrefixedJson | Encoding::Csv => &[b"\n"],
        // Rows stand below their heading.
        Encoding::KubectlText => &[],
    }
}

/// Whether a line that begins like a document goes on with the one before it: no document ends behind a comma, a colon or the
/// bracket of an array.
fn goes_on(buffer: &[u8], start: usize) -> bool {
    matches!(buffer[..start].trim_ascii_end().last(), Some(b',' | b':' | b'['))
}

/// The start of the last document of the buffer, if it is not also the first.
pub(super) fn boundary_last(buffer: &[u8], encoding: Encoding) -> Option<usize> {
    if encoding == Encoding::Csv {
        return row_ends(buffer).last();
    }
    let last = |mark: &&[u8]| {
        let mut lines = memmem::rfind_iter(buffer, *mark).map(|index| index + 1);
        lines.find(|start| encoding != Encoding::Json || !goes_on(buffer, *start))
    };
    boundary_marks(encoding).iter().filter_map(last).max()
}

/// The start of the first document behind that with which the buffer begins.
pub(super) fn boundary_first(buffer: &[u8], encoding: Encoding) -> Option<usize> {
    let first = |mark: &&[u8]| {
        let mut lines = memmem::find_iter(buffer, *mark).map(|index| index + 1);
        lines.find(|start| encoding != Encoding::Json || !goes_on(buffer, *start))
    };
    boundary_marks(encoding).iter().filter_map(first).min()
}

/// The starts of all documents of a chunk, the first always 0.
pub(super) fn boundaries(bytes: &[u8], encoding: Encoding) -> Vec<usize> {
    let mut starts = vec![0];
    if encoding == Encoding::Csv {
        starts.extend(row_ends(bytes));
        return starts;
    }
    let of_mark = |mark: &&[u8]| memmem::find_iter(bytes, *mark).map(|index| index + 1).collect::<Vec<_>>();
    let mut lines: Vec<usize> = boundary_marks(encoding).iter().flat_map(of_mark).collect();
    if encoding != Encoding::Json {
        lines.sort_unstable();
        starts.extend(lines);
        return starts;
    }
    // The lines that go on with the document before them.
    let mut inner: Vec<usize> = Vec::new();
    for start in lines.into_iter().chain([bytes.len()]) {
        if start < bytes.len() && goes_on(bytes, start) {
            inner.push(start);
            continue;
        }
        let first = starts.last().copied().unwrap_or(0);
        if !inner.is_empty() && !is_whole(&bytes[first..start], inner.iter().map(|inner| inner - first)) {
            starts.append(&mut inner);
        }
        inner.clear();
        starts.extend((start < bytes.len()).then_some(start));
    }
    starts
}

/// Whether all these lines stand within a document that ends with the text: else it was cut off in front of one of them.
fn is_whole(text: &[u8], lines: impl Iterator<Item = usize>) -> bool {
    let (mut nesting, mut from) = (Nesting::default(), 0);
    for line in lines {
        text[from..line].iter().for_each(|byte| {
            nesting.feed(*byte);
        });
        from = line;
        if nesting.depth() == 0 {
            return false;
        }
    }
    text[from..].iter().for_each(|byte| {
        nesting.feed(*byte);
    });
    nesting.depth() == 0 && !nesting.in_string()
}

#[cfg(test)]
mod tests {
    use super::{Encoding, boundaries};

    #[test]
    fn a_line_within_a_document_is_no_document() {
        let starts = |text: &str| boundaries(text.as_bytes(), Encoding::Json);
        let table: [(&str, &[usize]); 6] = [
            ("{\"a\":[\n{\"b\":1},\n{\"b\":2}]}\n{\"c\":3}\n", &[0, 26]),
            ("{\"a\":\n{\"b\":[\n\n{}]}}\n", &[0]),
            // The first was cut off behind a comma: the second is a document.
            ("{\"a\":1,\n{\"b\":2}\n", &[0, 8]),
            ("{\"a\":[\n{\"b\":2}\n{\"c\":3}\n", &[0, 7, 15]),
            ("{\"a\":1},\n{\"b\":2}\n", &[0, 9]),
            ("{\"a\":\"[\n{\"b\":2}\n", &[0, 8]),
        ];
        for (text, expected) in table {
            assert_eq!(starts(text), expected, "{text}");
        }
    }
}
