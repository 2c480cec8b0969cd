//! From a chunk of documents to records, in the order of the text.

use memchr::memchr_iter;
use serde::de::IgnoredAny;

use super::boundary::boundaries;
use super::builder::{DecodedChunk, KIND_CHARS_MAX};
use super::chunk::{Chunk, ChunkKind, DOCUMENT_BYTES_MAX};
use super::documents::Within;
use super::encoding::Encoding;
use super::format::{
    Around, Format, Reading, audit, begins_as_audit, begins_as_document, holds_known, may_be_document,
};
use super::kept_line::{document_to_keep, has_record, next_bracket};
use super::lines::{
    Cursor, LOGS_BEGIN, Location, holds_doubled_quotes, json_begin, line_bounds, next_value, record_begin, resync,
    stamped_line, talk_in_front, time_in_front, without_colours,
};
use super::list;
use super::nesting::{closed_brackets, closing, open_brackets};
use super::object_json::Document;
use super::parts::Parts;
use super::printed;
use super::problem::{ProblemKind, explain};
use super::record::{Body, Record, Stated};
use super::unwrap::{InLine, LineParts, documents_in};
use super::yaml;
use crate::model::{EventKind, ObservedAt};

const NOT_DATED: &str = "kubectl printed this for people, without the time at which it did; expected --base-time with that time, in RFC 3339";

/// How often a stretch is tried again behind a value that fails only after many lines: each try reads them again.
const RETRIES_MAX: usize = 16;
const LINES_CHEAP: usize = 32;

impl DecodedChunk {
    /// Reads every document of a chunk.
    #[must_use]
    pub fn decode(chunk: Chunk, encoding: Encoding, base: Option<ObservedAt>) -> Self {
        let mut decoded = Self { input_bytes: chunk.bytes.len() as u64, base, ..Self::default() };
        let place = Place { line: chunk.line, offset: chunk.offset, is_last: chunk.is_last };
        match chunk.kind {
            ChunkKind::Documents => {
                let starts = boundaries(&chunk.bytes, encoding);
                let mut cursor = Cursor { bytes: &chunk.bytes, at: 0, line: place.line };
                for (index, &start) in starts.iter().enumerate() {
                    let end = starts.get(index + 1).copied().unwrap_or(chunk.bytes.len());
                    let stretch = Location {
                        start,
                        line: cursor.line_at(start),
                        offset: place.offset + start as u64,
                        ends_input: place.is_last && end == chunk.bytes.len(),
                    };
                    match std::str::from_utf8(&chunk.bytes[start..end]) {
                        Ok(text) => match encoding {
                            Encoding::Json => decoded.read_json(text, stretch),
                            Encoding::Yaml => decoded.read_yaml(text, stretch),
                            Encoding::Csv if stretch.offset == 0 => decoded.read_first_row(text, stretch),
                            Encoding::PrefixedJson | Encoding::Csv => decoded.read_line(text, stretch),
                            Encoding::KubectlText => decoded.read_printed(text, stretch),
                        },
                        Err(error) => decoded.report(
                            ProblemKind::Malformed,
                            cursor.line_at(start + error.valid_up_to()),
                            stretch.offset,
                            format!(
                                "the text is not UTF-8 at byte {}; expected JSON, which is always UTF-8",
                                stretch.offset + error.valid_up_to() as u64
                            ),
                        ),
                    }
                }
                let is_empty = |record: &Record| matches!(record.kind, EventKind::Envelope | EventKind::EnvelopeEnd);
                if decoded.records.iter().all(is_empty) {
                    decoded.records.clear();
                }
                if decoded.records.iter().any(|record| record.kind == EventKind::Taken) {
                    decoded.format.get_or_insert(Format::KubectlText);
                }
            }
            ChunkKind::ListBegin => {
                let end = closing(&open_brackets(&chunk.bytes));
                if serde_json::from_slice::<IgnoredAny>(&[chunk.bytes.as_slice(), &end].concat()).is_err() {
                    let message = "the head of the list is not JSON; expected a PodList or a List".to_owned();
                    decoded.report(ProblemKind::Malformed, place.line, place.offset, message);
                }
                let kind = if is_list_head(&chunk.bytes) { EventKind::ListBegin } else { EventKind::WrapBegin };
                decoded.push_bound(kind, &chunk.bytes, None, place.line);
            }
            ChunkKind::ListMiddle => decoded.push_bound(EventKind::WrapMiddle, &chunk.bytes, None, place.line),
            ChunkKind::ListItems => decoded.read_items(&chunk.bytes, &place),
            ChunkKind::ListEnd => decoded.read_list_end(&chunk.bytes, &place),
            ChunkKind::TooLarge => decoded.report(
                ProblemKind::TooLarge,
                place.line,
                place.offset,
                format!(
                    "the document has more than {DOCUMENT_BYTES_MAX} bytes; expected one object of a cluster, or a list in JSON"
                ),
            ),
        }
        decoded.bytes = chunk.bytes;
        decoded
    }

    /// Reads the JSON values of a stretch that begins where a document may begin: usually exactly one.
    pub(super) fn read_json(&mut self, text: &str, stretch: Location) {
        let mut at = 0;
        let mut retries = 0;
        let mut line = Cursor { bytes: text.as_bytes(), at: 0, line: stretch.line };
        while let Some(begin) = next_value(text, at) {
            let place = Location {
                start: stretch.start + begin,
                line: line.line_at(begin),
                offset: stretch.offset + begin as u64,
                ends_input: stretch.ends_input,
            };
            let rest = &text[begin..];
            if let Some(length) = self.pass_logs(rest) {
                at = begin + length;
                continue;
            }
            if let Some(length) = self.take_closer_look(text, at, begin, &place) {
                at = begin + length;
                continue;
            }
            if let Some(length) = stamped_line(rest) {
                // What stands behind the last one of a stretch begins a stretch of its own: its record.
                if next_value(rest, length).is_some() {
                    self.skip("lines without a record");
                }
                at = begin + length;
                continue;
            }
            if !rest.starts_with('{') {
                let line = &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)];
                if has_record(line) {
                    self.read_line(line, place);
                    at = begin + line.len();
                    continue;
                }
                let message = format!(
                    "found {:?}; expected a record, which begins with '{{'",
                    rest.chars().take(KIND_CHARS_MAX).take_while(|letter| *letter != '\n').collect::<String>()
                );
                self.malformed(&place, message);
                at = begin + next_bracket(rest);
                continue;
            }
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Document<'_>>();
            at = match values.next() {
                Some(Ok(document)) => {
                    let end = begin + values.byte_offset();
                    let (from, until) = line_bounds(text, at, begin, end);
                    self.take_document(
                        document,
                        &text[from..until],
                        &Location { start: stretch.start + from, ..place },
                    );
                    end
                }
                Some(Err(error)) => match self.take_untyped(rest, &place, &error, Within::Nothing) {
                    Some(length) => begin + length,
                    None if retries < RETRIES_MAX => {
                        retries += usize::from(error.is_eof() || error.line() > LINES_CHEAP);
                        begin + resync(text, begin)
                    }
                    None => text.len(),
                },
                None => text.len(),
            };
        }
    }

    /// Reads one value that does not begin like a watch event, a list or an object. Returns its length; `None` of one that does, or is
    /// no JSON.
    fn take_closer_look(&mut self, text: &str, at: usize, begin: usize, place: &Location) -> Option<usize> {
        let rest = &text[begin..];
        let is_audit = begins_as_audit(rest);
        if !is_audit && (begins_as_document(rest) || !rest.starts_with(['{', '[', '"'])) {
            return None;
        }
        let around_it = |length: usize| {
            let (from, until) = line_bounds(text, at, begin, begin + length);
            (&text[from..until], Location { start: place.start + from - begin, ..*place })
        };
        if is_audit && let Some(Ok((reading, length))) = audit::read_first(rest) {
            let (line, place) = around_it(length);
            if !matches!(reading, Reading::Skip(_) | Reading::Bad(_)) {
                self.format.get_or_insert(Format::Audit);
            }
            self.take_reading(reading, Format::Audit, line, &place, Around::default());
            return Some(length);
        }
        match Parts::first_of(rest) {
            Ok(value) => {
                let (line, around) = around_it(value.text.len());
                match may_be_document(&value).then(|| serde_json::from_str::<Document<'_>>(value.text)) {
                    Some(Ok(document)) => self.take_document(document, line, &around),
                    Some(Err(error)) if !is_audit => {
                        self.take_untyped(value.text, place, &error, Within::Nothing);
                    }
                    Some(Err(_)) | None => self.look_into(&value, line, &around, Around::default()),
                }
                Some(value.text.len())
            }
            Err(error) if error.is_eof() && place.ends_input => {
                let message = format!("the input ends within a record ({} bytes of it)", rest.len());
                self.report(ProblemKind::Truncated, place.line, place.offset, message);
                Some(rest.len())
            }
            Err(error) if is_audit || !rest.starts_with('{') => {
                self.unparsed(place, &error);
                Some(resync(text, begin))
            }
            Err(_) => None,
        }
    }

    /// How much to pass over where the logs of a container stand between documents.
    fn pass_logs(&mut self, rest: &str) -> Option<usize> {
        const END: &str = "==== END logs for container";
        if rest.starts_with(LOGS_BEGIN) {
            self.in_logs = true;
            self.skip("logs of containers");
        }
        if !self.in_logs {
            return None;
        }
        let Some(end) = rest.find(END) else { return Some(rest.len()) };
        self.in_logs = false;
        Some(rest[end..].find('\n').map_or(rest.len(), |line| end + line))
    }

    /// Reads a line with something around its record: in front of it the time at which `ts` or `aws logs tail` saw it, around it the
    /// columns of a table. The line is kept as a whole.
    fn read_line(&mut self, text: &str, stretch: Location) {
        let line = text.trim_end_matches(['\n', '\r']);
        match document_to_keep(line) {
            Some(document) if is_record(line, &document) => {
                let mut inner = Self { base: self.base, depth: self.depth + 1, ..Self::default() };
                let received_at = |in_front: &str| {
                    in_front.split_ascii_whitespace().find_map(|word| time_in_front(&without_colours(word)))
                };
                let mut received = json_begin(line).and_then(|begin| received_at(&line[..begin]));
                // Without line breaks between them several stand on one line.
                let LineParts { mut documents, are_fields, rest } = documents_in(line);
                documents.retain(|it| !are_fields && (it.text == document || holds_known(&it.text)));
                if documents.is_empty() {
                    documents.push(InLine { in_front: "", text: document });
                }
                for InLine { in_front, text } in documents {
                    received = received_at(in_front).or(received);
                    let known = inner.records.len();
                    inner.take_inner(&text, &stretch, &mut |inner, at| inner.read_json(&text, at));
                    for record in &mut inner.records[known..] {
                        record.stated = record.stated.or(received.map(Stated::received));
                    }
                }
                self.take_found(inner, line, &stretch);
                if is_piece(rest) {
                    self.piece(&stretch);
                }
            }
            Some(_) if is_piece(line) => self.piece(&stretch),
            Some(_) => self.skip("lines without a record"),
            None => match record_begin(line) {
                Some(begin) => {
                    let ends_input = stretch.ends_input && !text.ends_with('\n');
                    self.read_json(&line[begin..], Location { start: stretch.start + begin, ends_input, ..stretch });
                }
                None if line.trim().is_empty() => {}
                None if is_piece(line) => self.piece(&stretch),
                None => self.skip("lines without a record"),
            },
        }
    }

    fn piece(&mut self, stretch: &Location) {
        self.malformed(stretch, "the line holds a piece of a record; expected all of it");
    }

    /// The first row of a table may name its columns: it is kept in front of those that hold something.
    fn read_first_row(&mut self, text: &str, stretch: Location) {
        if !documents_in(text).documents.is_empty() || record_begin(text).is_some() || text.trim().is_empty() {
            return self.read_line(text, stretch);
        }
        self.skip("lines without a record");
        self.take_wrapping(text.trim_end_matches(['\n', '\r']), &stretch);
    }

    fn read_items(&mut self, bytes: &[u8], place: &Place) {
        let mut cursor = Cursor { bytes, at: 0, line: place.line };
        let mut end_before = 0;
        for (begin, item) in list::items_of_stretch(bytes) {
            let item_place = Location {
                start: begin,
                line: cursor.line_at(begin),
                offset: place.offset + begin as u64,
                ends_input: place.is_last && begin + item.len() == bytes.len(),
            };
            let between = &bytes[end_before..begin];
            end_before = begin + item.len();
            if between.iter().any(|byte| *byte != b',' && !byte.is_ascii_whitespace()) {
                self.malformed(&item_place, "found something else than objects in the list; expected Pods");
            }
            match std::str::from_utf8(item) {
                Ok(text) if text.starts_with('{') => self.read_item(text, None, &item_place),
                Ok(text) => self.look_closer(text, &item_place, Around::RECORD),
                Err(_) => self.malformed(&item_place, "the item is not UTF-8; expected JSON, which is always UTF-8"),
            }
        }
    }

    fn read_list_end(&mut self, bytes: &[u8], place: &Place) {
        if bytes.trim_ascii() == b"]" {
            self.push_bound(EventKind::WrapEnd, bytes, None, place.line);
            return;
        }
        let whole = [b"{\"items\":[", bytes].concat();
        match serde_json::from_slice::<Document<'_>>(&whole) {
            Ok(document) => self.push_bound(EventKind::ListEnd, bytes, document.resource_version(), place.line),
            // The items stood deeper than those of a list do.
            Err(error) if !error.is_eof() && ends_document(bytes) => {
                self.push_bound(EventKind::WrapEnd, bytes, None, place.line);
            }
            Err(error) if error.is_eof() && place.is_last => {
                let message = "the input ends within a list".to_owned();
                self.report(ProblemKind::Truncated, place.line, place.offset, message);
            }
            Err(error) => self.report(ProblemKind::Malformed, place.line, place.offset, explain(&error)),
        }
    }

    /// Reads what kubectl printed for people, as of the time at which it did.
    fn read_printed(&mut self, text: &str, stretch: Location) {
        let text = &*without_colours(text);
        let Some(found) = printed::times(text).or_else(|| Some(printed::read(text, self.base?))) else {
            return self.malformed(&stretch, NOT_DATED);
        };
        (0..found.passed_over).for_each(|_| self.skip("lines that are not about a pod"));
        for (line, object) in found.objects {
            let (first, json) = (self.records.len(), object.to_string());
            let place = Location { start: 0, line: stretch.line + line, ends_input: false, ..stretch };
            self.format.get_or_insert(Format::KubectlText);
            self.read_json(&json, place);
            for record in &mut self.records[first..] {
                record.body = Body::Rewritten(json.clone().into_bytes());
            }
        }
    }

    fn read_yaml(&mut self, text: &str, stretch: Location) {
        let talk = talk_in_front(text);
        if talk > 0 {
            self.skip("texts around what was pasted");
            let rest = &text[talk..];
            if rest.trim().is_empty() {
                return;
            }
            let lines = memchr_iter(b'\n', &text.as_bytes()[..talk]).count() as u64;
            let place = Location {
                start: stretch.start + talk,
                line: stretch.line + lines,
                offset: stretch.offset + talk as u64,
                ..stretch
            };
            return if rest.starts_with(['{', '[']) {
                self.read_json(rest, place)
            } else {
                self.read_yaml(rest, place)
            };
        }
        // What was cut of a stream may still read as YAML: `uid: 222ce32d-`. A document by itself may be pasted without a line break.
        if stretch.ends_input && stretch.offset > 0 && !text.ends_with('\n') && !text.trim().is_empty() {
            let message = "the input ends within a line; expected a line break behind the last document".to_owned();
            let lines = memchr_iter(b'\n', text.as_bytes()).count() as u64;
            return self.report(ProblemKind::Truncated, stretch.line + lines, stretch.offset, message);
        }
        match yaml::to_json(text) {
            Ok(None) => {}
            Ok(Some(json)) => {
                let first = self.records.len();
                let problems = self.problems.len();
                self.entry_lines = yaml::item_lines(text).into_iter().map(|line| stretch.line + line).collect();
                if let Ok(json) = std::str::from_utf8(&json) {
                    self.read_json(json, Location { start: 0, ends_input: false, ..stretch });
                }
                self.entry_lines.clear();
                for record in &mut self.records[first..] {
                    if let Body::Slice(range) = &record.body {
                        record.body = Body::Rewritten(json[range.clone()].to_vec());
                    }
                }
                for problem in &mut self.problems[problems..] {
                    problem.offset = stretch.offset;
                }
            }
            Err((message, line)) => {
                let lines = memchr_iter(b'\n', text.trim_end().as_bytes()).count() as u64 + 1;
                let is_cut = stretch.ends_input && line >= lines;
                // Talk may look like YAML by its first line; objects and records have one of these.
                let is_unrecognized = !["kind:", "apiVersion:", "Data:"].into_iter().any(|key| text.contains(key));
                let kind = match (is_unrecognized, is_cut) {
                    (true, _) => ProblemKind::Unrecognized,
                    (false, true) => ProblemKind::Truncated,
                    (false, false) => ProblemKind::Malformed,
                };
                self.report(kind, stretch.line + line.saturating_sub(1), stretch.offset, message);
            }
        }
    }
}

/// Whether a line is a record, and not what a program says that has JSON in it: an audit event always is.
fn is_record(line: &str, document: &str) -> bool {
    let names = [&b"auditID"[..], b"audit.k8s.io/"];
    holds_doubled_quotes(line)
        || record_begin(line).is_some()
        || names.into_iter().any(|name| memchr::memmem::find(document.as_bytes(), name).is_some())
}

/// Whether a text without a record holds a part of one: a log that was cut begins so, and a shipper may cut what is long. It closes
/// more brackets than it opens, or fewer, and has keys that records have. What a program cut when it logged it is none.
fn is_piece(text: &str) -> bool {
    const KEYS: [&str; 5] =
        ["\"auditID", "\"stageTimestamp", "\"requestReceivedTimestamp", "\"containerStatuses", "audit.k8s.io/"];
    let count = |bracket| memchr_iter(bracket, text.as_bytes()).count();
    let has = |words: &str| memchr::memmem::find(text.as_bytes(), words.as_bytes()).is_some();
    count(b'{') != count(b'}') && KEYS.into_iter().any(has) && !has("[truncated ")
}

/// Whether a text is the end of a document, whatever stood before it.
fn ends_document(bytes: &[u8]) -> bool {
    let opened: Vec<&[u8]> = closed_brackets(bytes)
        .into_iter()
        .rev()
        .map(|bracket| if bracket == b']' { &b"["[..] } else { b"{\"\":" })
        .collect();
    serde_json::from_slice::<IgnoredAny>(&[opened.concat().as_slice(), bytes].concat()).is_ok()
}

/// Whether what stands before the items is the head of a list of objects, and not of a batch of records.
fn is_list_head(bytes: &[u8]) -> bool {
    let has = |words: &[u8]| memchr::memmem::rfind(bytes, words).is_some();
    open_brackets(bytes) == b"{[" && has(b"\"items\"") && !has(b"\"EventList\"") && !has(b"\"NodeList\"")
}

/// Where the chunk stands in the input.
struct Place {
    line: u64,
    offset: u64,
    is_last: bool,
}
