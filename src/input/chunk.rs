//! Cuts an input of any size into chunks of whole documents. Where a chunk ends depends on the bytes alone, never on how they
//! arrived, but for a pipe that has nothing to give for a moment: what it gave is not kept waiting.

use std::io::{self, Read};

use memchr::memchr_iter;

use super::boundary::{boundary_first, boundary_last};
use super::encoding::Encoding;
use super::format::begins_as_audit;
use super::nesting::Nesting;
use super::paced::{is_pause, is_stop};

/// How many bytes of the input a chunk aims at.
pub const CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// The largest document that is taken. An object in etcd has 1.5 MB at most; lists are cut into their items.
pub const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How much of a document tells whether it is an audit event.
const HEAD_BYTES: usize = 512;

/// A stretch of the input.
#[derive(Debug)]
pub struct Chunk {
    /// What the bytes are.
    pub kind: ChunkKind,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they begin in the unpacked input, from 0.
    pub offset: u64,
    /// The line on which they begin, from 1.
    pub line: u64,
    /// The input ends with this chunk: a document that is not whole was cut off.
    pub is_last: bool,
}

/// What the bytes of a chunk are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkKind {
    /// Whole documents, one behind the other.
    Documents,
    /// The beginning of a list too large for one chunk, up to and with the `[` of its items.
    ListBegin,
    /// Items of that list, with the commas between them.
    ListItems,
    /// What stands between the items of that document and those of another array in it.
    ListMiddle,
    /// The end of that list, from the `]` of its items.
    ListEnd,
    /// The first bytes of a document that is larger than a document may be; the rest was passed over.
    TooLarge,
}

/// Reads chunks.
pub struct ChunkReader<R> {
    reader: R,
    encoding: Encoding,
    buffer: Vec<u8>,
    chunk_bytes: usize,
    document_bytes_max: usize,
    offset: u64,
    line: u64,
    at_end: bool,
    /// The reader has nothing to give for now: what is whole must not wait for more.
    is_paused: bool,
    /// A chunk was given away since the last pause: what stands in the buffer is young.
    has_cut: bool,
    /// Reading was stopped: a document that is not whole is not the input's fault.
    is_stopped: bool,
    failure: Option<io::Error>,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    BetweenDocuments,
    /// Of a list, or of any other array; the brackets that are open around its items, the outermost first.
    InItems(Vec<u8>),
    AfterItems(Vec<u8>),
    PassingOver,
}

/// What to do with the buffer.
struct Cut {
    length: usize,
    kind: ChunkKind,
    then: Place,
}

impl<R: Read> ChunkReader<R> {
    /// Reads `reader` from its beginning.
    pub fn new(reader: R, encoding: Encoding) -> Self {
        Self::with_sizes(reader, encoding, CHUNK_BYTES, DOCUMENT_BYTES_MAX)
    }

    /// The same with other sizes, for tests.
    pub fn with_sizes(reader: R, encoding: Encoding, chunk_bytes: usize, document_bytes_max: usize) -> Self {
        Self {
            reader,
            encoding,
            buffer: Vec::new(),
            chunk_bytes,
            document_bytes_max,
            offset: 0,
            line: 1,
            at_end: false,
            is_paused: false,
            has_cut: false,
            is_stopped: false,
            failure: None,
            place: Place::BetweenDocuments,
        }
    }

    /// The next chunk, `None` at the end.
    ///
    /// # Errors
    /// When reading fails; what was read before stands in the chunks already given.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        let mut wanted = self.chunk_bytes;
        loop {
            self.fill(wanted);
            if self.buffer.is_empty() && self.at_end {
                return self.failure.take().map_or(Ok(None), Err);
            }
            if let Some(cut) = self.find_cut() {
                if self.place == Place::PassingOver {
                    self.take(cut.length);
                    self.place = cut.then;
                    wanted = self.chunk_bytes;
                    continue;
                }
                let (offset, line) = (self.offset, self.line);
                let bytes = self.take(cut.length);
                self.place = cut.then;
                self.has_cut = true;
                let is_last = self.at_end && !self.is_stopped && self.buffer.is_empty();
                return Ok(Some(Chunk { kind: cut.kind, bytes, offset, line, is_last }));
            }
            if self.is_stopped {
                return Ok(None);
            }
            if !self.is_paused {
                wanted =
                    self.buffer.len().saturating_mul(2).min(self.document_bytes_max + 1).max(self.buffer.len() + 1);
            }
        }
    }

    /// Whether the whole input was given away, and nothing went wrong.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at_end && self.buffer.is_empty() && self.failure.is_none()
    }

    /// Reads until the buffer has as many bytes as wanted, or the reader pauses. A failure ends the input; it is told when
    /// everything read before has been given away.
    fn fill(&mut self, wanted: usize) {
        let missing = wanted.saturating_sub(self.buffer.len());
        self.is_paused = false;
        if missing > 0 && !self.at_end {
            self.buffer.reserve(missing);
            match self.reader.by_ref().take(missing as u64).read_to_end(&mut self.buffer) {
                // What stands in the buffer came since the last chunk: it may wait for the next pause.
                Err(failure) if is_pause(&failure) && std::mem::take(&mut self.has_cut) => self.fill(wanted),
                Ok(length) => self.at_end = length < missing,
                Err(failure) if is_pause(&failure) => self.is_paused = true,
                Err(failure) if is_stop(&failure) => {
                    self.is_stopped = true;
                    self.at_end = true;
                }
                Err(failure) => {
                    self.failure = Some(failure);
                    self.at_end = true;
                }
            }
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length);
        let taken = std::mem::replace(&mut self.buffer, rest);
        self.offset += length as u64;
        self.line += memchr_iter(b'\n', &taken).count() as u64;
        taken
    }

    /// Where the buffer can be cut, `None` if more must be read first.
    fn find_cut(&self) -> Option<Cut> {
        let length = self.buffer.len();
        match &self.place {
            Place::PassingOver => {
                let (length, then) = match boundary_first(&self.buffer, self.encoding) {
                    Some(boundary) => (boundary, Place::BetweenDocuments),
                    None if self.at_end => (length, Place::BetweenDocuments),
                    None => (length.saturating_sub(4).max(1), Place::PassingOver),
                };
                Some(Cut { length, kind: ChunkKind::Documents, then })
            }
            Place::AfterItems(around) => self.find_list_end(around),
            Place::InItems(around) => self.find_items(around),
            Place::BetweenDocuments if self.is_paused || self.is_stopped => self.find_whole(),
            Place::BetweenDocuments if self.at_end && length <= self.chunk_bytes => {
                Some(Cut { length, kind: ChunkKind::Documents, then: Place::BetweenDocuments })
            }
            Place::BetweenDocuments => self.find_documents(),
        }
    }

    /// The documents that are whole, be there more to come or not.
    fn find_whole(&self) -> Option<Cut> {
        let begin = boundary_last(&self.buffer, self.encoding).unwrap_or(0);
        let length = match self.encoding {
            Encoding::PrefixedJson | Encoding::Csv => begin,
            Encoding::Yaml if self.is_stopped && self.buffer.ends_with(b"\n") => self.buffer.len(),
            Encoding::KubectlText if self.is_stopped => memchr::memrchr(b'\n', &self.buffer).map_or(0, |last| last + 1),
            Encoding::Yaml | Encoding::KubectlText => begin,
            Encoding::Json => match scan_document(&self.buffer[begin..]) {
                Scan::Ends { last } => begin + last + usize::from(self.buffer.get(begin + last) == Some(&b'\n')),
                Scan::Items { .. } | Scan::Open => begin,
            },
        };
        let then = Place::BetweenDocuments;
        (length > 0).then_some(Cut { length, kind: ChunkKind::Documents, then })
    }

    fn find_documents(&self) -> Option<Cut> {
        let length = self.buffer.len();
        let documents = |length| Cut { length, kind: ChunkKind::Documents, then: Place::BetweenDocuments };
        if let Some(boundary) = boundary_last(&self.buffer, self.encoding) {
            return Some(documents(boundary));
        }
        if self.encoding == Encoding::Json {
            match scan_document(&self.buffer) {
                Scan::Ends { last } => return Some(documents(last)),
                Scan::Items { begin, around } => {
                    return Some(Cut { length: begin, kind: ChunkKind::ListBegin, then: Place::InItems(around) });
                }
                Scan::Open => {}
            }
        }
        if length > self.document_bytes_max {
            let is_record = begins_as_audit(&String::from_utf8_lossy(&self.buffer[..HEAD_BYTES.min(length)]));
            if let Some((begin, around)) =
                open_array(&self.buffer, &[]).filter(|_| self.encoding == Encoding::Json && !is_record)
            {
                return Some(Cut { length: begin, kind: ChunkKind::ListBegin, then: Place::InItems(around) });
            }
            let length = self.document_bytes_max;
            return Some(Cut { length, kind: ChunkKind::TooLarge, then: Place::PassingOver });
        }
        self.at_end.then(|| documents(length))
    }

    fn find_items(&self, around: &[u8]) -> Option<Cut> {
        let (items_end, closed) = scan_items(&self.buffer);
        let length = self.buffer.len();
        if self.is_stopped && items_end == 0 {
            return None;
        }
        let items = |length, then| Cut { length, kind: ChunkKind::ListItems, then };
        if closed {
            if items_end > 0 {
                return Some(items(items_end, Place::AfterItems(around.to_vec())));
            }
            return self.find_list_end(around);
        }
        if items_end > 0 {
            return Some(items(items_end, Place::InItems(around.to_vec())));
        }
        if length > self.document_bytes_max {
            return Some(Cut { length, kind: ChunkKind::TooLarge, then: Place::PassingOver });
        }
        self.at_end.then(|| items(length, Place::BetweenDocuments))
    }

    /// The end of a document runs from the `]` of its items to its last bracket. What is too large may have another array in it.
    fn find_list_end(&self, around: &[u8]) -> Option<Cut> {
        let mut nesting = Nesting::default();
        for bracket in around {
            nesting.feed(*bracket);
        }
        let end = self.buffer.iter().position(|&byte| nesting.feed(byte)).map(|index| index + 1);
        let then = Place::BetweenDocuments;
        match end {
            Some(length) => Some(Cut { length, kind: ChunkKind::ListEnd, then }),
            None if self.buffer.len() > self.document_bytes_max => match open_array(&self.buffer, around) {
                Some((length, around)) => {
                    Some(Cut { length, kind: ChunkKind::ListMiddle, then: Place::InItems(around) })
                }
                None => Some(Cut { length: self.buffer.len(), kind: ChunkKind::TooLarge, then: Place::PassingOver }),
            },
            None => self.at_end.then_some(Cut { length: self.buffer.len(), kind: ChunkKind::ListEnd, then }),
        }
    }
}

/// The arrays of lists, and of batches of records.
const ARRAYS: [&[u8]; 5] = [b"items", b"events", b"logEvents", b"records", b"results"];

enum Scan {
    /// A document ends, the last one here.
    Ends { last: usize },
    /// The first document is a list, or an array, and its items begin here.
    Items { begin: usize, around: Vec<u8> },
    /// Neither within the buffer.
    Open,
}

/// Looks into JSON text without line breaks between its documents.
fn scan_document(buffer: &[u8]) -> Scan {
    let mut nesting = Nesting::default();
    let (mut last, mut at) = (None, 0);
    let mut key_start = 0;
    let mut key: &[u8] = &[];
    while let Some(&byte) = buffer.get(at) {
        let (index, was_in_string) = (at, nesting.in_string());
        let (ends, next) = nesting.step(buffer, index);
        last = if ends { Some(index + 1) } else { last };
        at = next;
        match (was_in_string, nesting.in_string()) {
            (false, true) => key_start = index + 1,
            (true, false) => key = &buffer[key_start..index],
            (false, false) if last.is_none() && byte == b'[' && nesting.depth() == 2 && ARRAYS.contains(&key) => {
                return Scan::Items { begin: index + 1, around: b"{[".to_vec() };
            }
            (false, false) if last.is_none() && byte == b'[' && nesting.depth() == 1 => {
                return Scan::Items { begin: index + 1, around: b"[".to_vec() };
            }
            (false, false) | (true, true) => {}
        }
    }
    match last {
        Some(last) => Scan::Ends { last },
        None => Scan::Open,
    }
}

/// An array that is still open at the end of a text, and has items enough to be cut between them: where its items begin, and the
/// brackets that are open around them. The outermost of these. `around` was open before the text.
fn open_array(text: &[u8], around: &[u8]) -> Option<(usize, Vec<u8>)> {
    struct Open {
        bracket: u8,
        begin: usize,
        commas: usize,
    }
    let before = |bracket: &u8| Open { bracket: *bracket, begin: 0, commas: 0 };
    let (mut nesting, mut open) = (Nesting::default(), around.iter().map(before).collect::<Vec<_>>());
    for (index, byte) in text.iter().enumerate() {
        let was_in_string = nesting.in_string();
        nesting.feed(*byte);
        match byte {
            _ if was_in_string => {}
            b'{' | b'[' => open.push(Open { bracket: *byte, begin: index + 1, commas: 0 }),
            b'}' | b']' => {
                open.pop();
            }
            b',' => {
                if let Some(innermost) = open.last_mut() {
                    innermost.commas += 1;
                }
            }
            _ => {}
        }
    }
    let holds_documents = |begin: usize| matches!(text[begin..].trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
    let is_cut = |open: &Open| open.bracket == b'[' && open.begin > 0 && open.commas > 0 && holds_documents(open.begin);
    let index = open.iter().position(is_cut)?;
    Some((open[index].begin, open[..=index].iter().map(|open| open.bracket).collect()))
}

/// The end of the last whole item within the items of a list, and whether the items end right behind it.
fn scan_items(buffer: &[u8]) -> (usize, bool) {
    let (mut nesting, mut items_end, mut index) = (Nesting::default(), 0, 0);
    while let Some(&byte) = buffer.get(index) {
        if nesting.depth() == 0 && !nesting.in_string() && byte == b']' {
            return (items_end, true);
        }
        let (ends, next) = nesting.step(buffer, index);
        if ends {
            items_end = index + 1;
        }
        index = next;
    }
    (items_end, false)
}

#[cfg(test)]
mod tests {
    use super::{ChunkKind, ChunkReader, Encoding};

    fn chunks(
        text: &str,
        encoding: Encoding,
        chunk_bytes: usize,
        document_bytes_max: usize,
    ) -> Vec<(ChunkKind, String)> {
        let mut reader = ChunkReader::with_sizes(text.as_bytes(), encoding, chunk_bytes, document_bytes_max);
        let mut chunks = Vec::new();
        while let Some(chunk) = reader.next_chunk().expect("memory can be read") {
            chunks.push((chunk.kind, String::from_utf8(chunk.bytes).expect("the text is ASCII")));
        }
        chunks
    }

    #[test]
    fn lines_are_cut_between_documents() {
        let found = chunks("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n", Encoding::Json, 18, 100);
        let expected = ["{\"a\":1}\n{\"b\":2}\n", "{\"c\":3}\n"];
        assert_eq!(found, expected.map(|text| (ChunkKind::Documents, text.to_owned())));
    }

    #[test]
    fn documents_without_line_breaks_are_cut_by_their_brackets() {
        let found = chunks("{\"a\":\"}{\"}{\"b\":[{}]}{\"c\":3}", Encoding::Json, 21, 100);
        let expected = ["{\"a\":\"}{\"}{\"b\":[{}]}", "{\"c\":3}"];
        assert_eq!(found, expected.map(|text| (ChunkKind::Documents, text.to_owned())));
    }

    #[test]
    fn a_list_larger_than_a_chunk_is_cut_between_its_items() {
        let found = chunks(
            "{\"kind\":\"PodList\",\"items\":[{\"a\":1},{\"b\":[2]},{\"c\":3}],\"x\":[]}\n",
            Encoding::Json,
            20,
            100,
        );
        let expected = [
            (ChunkKind::ListBegin, "{\"kind\":\"PodList\",\"items\":["),
            (ChunkKind::ListItems, "{\"a\":1},{\"b\":[2]}"),
            (ChunkKind::ListItems, ",{\"c\":3}"),
            (ChunkKind::ListEnd, "],\"x\":[]}"),
            (ChunkKind::Documents, "\n"),
        ];
        assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn a_list_with_an_item_on_each_line_is_cut_between_its_items() {
        let lines = format!("{{\"x\":[\n{}{{}}\n]}}\n", "{\"a\":1},\n".repeat(20));
        let kinds: Vec<ChunkKind> = chunks(&lines, Encoding::Json, 32, 64).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!((kinds[0], kinds[1]), (ChunkKind::ListBegin, ChunkKind::ListItems), "{kinds:?}");
        assert!(!kinds.contains(&ChunkKind::TooLarge) && kinds.contains(&ChunkKind::ListEnd), "{kinds:?}");
    }

    #[test]
    fn a_document_that_is_too_large_is_passed_over() {
        let large = format!("{{\"a\":\"{}\"}}\n{{\"b\":2}}\n", "x".repeat(100));
        let found = chunks(&large, Encoding::Json, 16, 40);
        assert_eq!(found[0].0, ChunkKind::TooLarge);
        assert_eq!(found[1..], [(ChunkKind::Documents, "{\"b\":2}\n".to_owned())]);
    }

    #[test]
    fn yaml_is_cut_at_its_separators() {
        let found = chunks("a: 1\n---\nb: 2\n---\nc: 3\n", Encoding::Yaml, 20, 100);
        let expected = ["a: 1\n---\nb: 2\n", "---\nc: 3\n"];
        assert_eq!(found, expected.map(|text| (ChunkKind::Documents, text.to_owned())));
    }

    #[test]
    fn chunks_do_not_depend_on_how_the_bytes_arrive() {
        struct Dribble<'a>(&'a [u8]);
        impl std::io::Read for Dribble<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let length = self.0.len().min(3).min(buffer.len());
                buffer[..length].copy_from_slice(&self.0[..length]);
                self.0 = &self.0[length..];
                Ok(length)
            }
        }
        let text = "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n{\"d\":4}\n";
        let mut reader = ChunkReader::with_sizes(Dribble(text.as_bytes()), Encoding::Json, 18, 100);
        let mut found = Vec::new();
        while let Some(chunk) = reader.next_chunk().expect("memory can be read") {
            found.push((chunk.kind, String::from_utf8(chunk.bytes).expect("the text is ASCII")));
        }
        assert_eq!(found, chunks(text, Encoding::Json, 18, 100));
    }

    /// Gives its pieces one by one, with a pause behind each, and then stops.
    struct Pieces<'a>(std::slice::Iter<'a, &'a str>, bool);

    impl std::io::Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if std::mem::take(&mut self.1) {
                return Err(super::super::paced::pause());
            }
            let Some(piece) = self.0.next() else { return Err(super::super::paced::stop()) };
            buffer[..piece.len()].copy_from_slice(piece.as_bytes());
            self.1 = true;
            Ok(piece.len())
        }
    }

    #[test]
    fn a_pause_gives_what_is_whole_and_a_stop_drops_what_is_not() {
        let table: [(Encoding, &[&str], &[&str]); 5] = [
            (Encoding::Json, &["{\"a\":1}\n", "{\"b\":2}\n", "{\"c\""], &["{\"a\":1}\n", "{\"b\":2}\n"]),
            (Encoding::Json, &["{\"a\":1}\n{\"b\"", ":2}\n"], &["{\"a\":1}\n", "{\"b\":2}\n"]),
            (Encoding::Json, &["{\n \"a\":1\n", "}\n{\n \"b\":2\n}\n"], &["{\n \"a\":1\n}\n{\n \"b\":2\n}\n"]),
            (Encoding::PrefixedJson, &["x {\"a\":1}\nx {", "\"b\":2}\n"], &["x {\"a\":1}\n", "x {\"b\":2}\n"]),
            (Encoding::Yaml, &["a: 1\n---\nb: 2\n", "c: 3\n"], &["a: 1\n", "---\nb: 2\nc: 3\n"]),
        ];
        for (encoding, pieces, expected) in table {
            let mut reader = ChunkReader::with_sizes(Pieces(pieces.iter(), false), encoding, 1000, 1000);
            let mut found = Vec::new();
            while let Some(chunk) = reader.next_chunk().expect("memory can be read") {
                assert!(!chunk.is_last, "nobody knows whether {pieces:?} had more");
                found.push(String::from_utf8(chunk.bytes).expect("the text is ASCII"));
            }
            assert_eq!(found, expected, "{pieces:?}");
        }
    }
}
