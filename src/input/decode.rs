//! From a chunk of documents to records: each keeps its bytes, and a pod record its pod in the model's words.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memchr_iter;
use serde::de::IgnoredAny;

use super::chunk::{Chunk, ChunkKind, boundaries};
use super::compact::compact;
use super::detect::Format;
use super::format::{Around, Reading, Shape, Time, audit, begins_as_audit, kwok, read};
use super::list;
use super::pod_json::{Document, Object, Outline};
use super::problem::{Problem, ProblemKind};
use super::recall::json_begin;
use super::yaml;
use crate::model::{Clock, EventKind, ObservedAt, Pod, RecordLifecycle, ResourceVersion, Target};

/// What was read from one chunk, in the order of the text.
#[derive(Debug, Default)]
pub struct DecodedChunk {
    bytes: Vec<u8>,
    /// The records.
    pub records: Vec<Record>,
    /// The first documents that could not be taken.
    pub problems: Vec<Problem>,
    /// How many documents could not be taken.
    pub problem_count: u64,

    /// Objects of other kinds than Pod, by kind.
    pub skipped: BTreeMap<String, u64>,
    /// How many bytes of the input the chunk covers.
    pub input_bytes: u64,
    /// What its first record is.
    pub shape: Option<Shape>,
    /// When the recording began, for formats that tell times since then.
    base: Option<ObservedAt>,
    /// On which lines the entries of a YAML document begin that is a list or a batch.
    entry_lines: Vec<u64>,
    /// Within the logs of a container, which `kubectl cluster-info dump` prints between lists.
    in_logs: bool,
}

/// How many problems of a chunk are kept; the others are counted.
const PROBLEMS_KEPT: usize = 20;
/// The parser quotes what it found: no more than this of a message is kept.
const MESSAGE_CHARS_MAX: usize = 400;
/// How many kinds of other objects are told apart, and how much of a kind is kept.
const KINDS_MAX: usize = 40;
const KIND_CHARS_MAX: usize = 60;
/// How often a stretch is tried again behind a value that fails only after many lines: each try reads them again.
const RETRIES_MAX: usize = 16;
const LINES_CHEAP: usize = 32;

/// One record of a recording.
#[derive(Debug)]
pub struct Record {
    /// What it says of its object.
    pub kind: EventKind,
    /// What it is about.
    pub subject: Subject,
    /// The line in the input on which it begins, from 1.
    pub line: u64,
    /// Its bytes.
    pub body: Body,
    /// The time that its format states.
    pub stated: Option<Stated>,
}

/// A time that a format states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// The time.
    pub at: ObservedAt,
    /// Whose clock that is.
    pub clock: Clock,
    /// When a request had come in.
    pub begun: Option<ObservedAt>,
}

impl Stated {
    fn received(at: ObservedAt) -> Self {
        Self { at, clock: Clock::Received, begun: None }
    }
}

/// What a record is about.
#[derive(Debug)]
pub enum Subject {
    /// A pod.
    Pod(Box<Pod>),
    /// The stream itself: a bookmark, an error, the bounds of a list.
    Stream {
        /// The version it carries.
        resource_version: Option<ResourceVersion>,
        /// The code of an ERROR.
        code: Option<i64>,
    },
    /// A pod that was asked something of, without the object that came of it.
    Request {
        /// The pod.
        target: Target,
        /// Whether the request begins or ends the pod's life.
        lifecycle: Option<RecordLifecycle>,
    },
    /// Something that stands beside pods: the pod that an Event is about, or a node.
    Beside(Target),
}

/// The bytes of a record: one line of JSON, exactly as read where it stood on one line.
#[derive(Debug)]
pub enum Body {
    /// A stretch of the chunk.
    Slice(Range<usize>),
    /// Text that stood on several lines, or in YAML.
    Rewritten(Vec<u8>),
}

impl DecodedChunk {
    /// The bytes of a record, without a line break.
    #[must_use]
    pub fn body<'a>(&'a self, record: &'a Record) -> &'a [u8] {
        match &record.body {
            Body::Slice(range) => &self.bytes[range.clone()],
            Body::Rewritten(bytes) => bytes,
        }
    }

    /// Reads every document of a chunk.
    #[must_use]
    pub fn decode(chunk: Chunk, format: Format, base: Option<ObservedAt>) -> Self {
        let mut decoded = Self { input_bytes: chunk.bytes.len() as u64, base, ..Self::default() };
        let place = Place { line: chunk.line, offset: chunk.offset, is_last: chunk.is_last };
        match chunk.kind {
            ChunkKind::Documents => {
                let starts: Vec<usize> = boundaries(&chunk.bytes, format).collect();
                let mut cursor = Cursor { bytes: &chunk.bytes, at: 0, line: place.line };
                for (index, &start) in starts.iter().enumerate() {
                    let end = starts.get(index + 1).copied().unwrap_or(chunk.bytes.len());
                    let stretch = Stretch {
                        start,
                        line: cursor.line_at(start),
                        offset: place.offset + start as u64,
                        ends_input: place.is_last && end == chunk.bytes.len(),
                    };
                    match std::str::from_utf8(&chunk.bytes[start..end]) {
                        Ok(text) => match format {
                            Format::Json => decoded.read_json(text, stretch),
                            Format::Yaml => decoded.read_yaml(text, stretch),
                            Format::PrefixedJson => decoded.read_prefixed(text, stretch),
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
            }
            ChunkKind::ListBegin => {
                let is_array = chunk.bytes.trim_ascii_start().first() == Some(&b'[');
                let end: &[u8] = if is_array { b"]" } else { b"]}" };
                if serde_json::from_slice::<IgnoredAny>(&[chunk.bytes.as_slice(), end].concat()).is_err() {
                    let message = "the head of the list is not JSON; expected a PodList or a List".to_owned();
                    decoded.report(ProblemKind::Malformed, place.line, place.offset, message);
                }
                let kind = if is_list_head(&chunk.bytes) { EventKind::ListBegin } else { EventKind::WrapBegin };
                decoded.push_bound(kind, &chunk.bytes, None, place.line);
            }
            ChunkKind::ListItems => decoded.read_items(&chunk.bytes, &place),
            ChunkKind::ListEnd => decoded.read_list_end(&chunk.bytes, &place),
            ChunkKind::TooLarge => decoded.report(
                ProblemKind::TooLarge,
                place.line,
                place.offset,
                format!(
                    "the document has more than {} bytes; expected one object of a cluster, or a list in JSON",
                    super::DOCUMENT_BYTES_MAX
                ),
            ),
        }
        decoded.bytes = chunk.bytes;
        decoded
    }

    fn report(&mut self, kind: ProblemKind, line: u64, offset: u64, message: String) {
        // That the beginning must be named is one problem, however many records tell times since then.
        if message == NO_BASE && self.problems.iter().any(|known| known.message == NO_BASE) {
            return;
        }
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS_KEPT || kind == ProblemKind::Truncated {
            let message = match message.char_indices().nth(MESSAGE_CHARS_MAX) {
                Some((end, _)) => format!("{}…", &message[..end]),
                None => message,
            };
            self.problems.push(Problem { kind, line, offset, message });
        }
    }

    /// Reads the JSON values of a stretch that begins where a document may begin: usually exactly one.
    fn read_json(&mut self, text: &str, stretch: Stretch) {
        let mut at = 0;
        let mut retries = 0;
        let mut line = Cursor { bytes: text.as_bytes(), at: 0, line: stretch.line };
        while let Some(begin) = next_value(text, at) {
            let place = Stretch {
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
            if begins_as_audit(rest) || rest.starts_with('[') {
                at = begin + self.take_closer_look(text, at, begin, &place);
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
                let message = format!(
                    "found {:?}; expected a record, which begins with '{{'",
                    rest.chars().take(KIND_CHARS_MAX).take_while(|letter| *letter != '\n').collect::<String>()
                );
                self.report(ProblemKind::Malformed, place.line, place.offset, message);
                at = begin + next_bracket(rest);
                continue;
            }
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Document<'_>>();
            at = match values.next() {
                Some(Ok(document)) => {
                    let end = begin + values.byte_offset();
                    let (from, until) = line_bounds(text, at, begin, end);
                    self.take_document(document, &text[from..until], &Stretch { start: stretch.start + from, ..place });
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

    /// Reads one value that is known not to be a bare watch event, list or object. Returns its length.
    fn take_closer_look(&mut self, text: &str, at: usize, begin: usize, place: &Stretch) -> usize {
        let rest = &text[begin..];
        if begins_as_audit(rest)
            && let Some(Ok((reading, length))) = audit::read_first(rest)
        {
            let (from, until) = line_bounds(text, at, begin, begin + length);
            let place = Stretch { start: place.start + from - begin, ..*place };
            if !matches!(reading, Reading::Skip(_) | Reading::Bad(_)) {
                self.shape.get_or_insert(Shape::Audit);
            }
            self.take_reading(reading, Shape::Audit, &text[from..until], &place, Around::default());
            return length;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&serde_json::value::RawValue>();
        match values.next() {
            Some(Ok(_)) => {
                let end = begin + values.byte_offset();
                let (from, until) = line_bounds(text, at, begin, end);
                let place = Stretch { start: place.start + from - begin, ..*place };
                self.look_closer(&text[from..until], &place, Around::default());
                end - begin
            }
            Some(Err(error)) if error.is_eof() && place.ends_input => {
                let message = format!("the input ends within a record ({} bytes of it)", rest.len());
                self.report(ProblemKind::Truncated, place.line, place.offset, message);
                rest.len()
            }
            Some(Err(error)) => {
                let line = place.line + lines_before(&error);
                self.report(ProblemKind::Malformed, line, place.offset, explain(&error));
                resync(text, begin)
            }
            None => rest.len(),
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

    fn take_document(&mut self, document: Document<'_>, text: &str, place: &Stretch) {
        if let Some(items) = document.items {
            let resource_version = document.resource_version();
            self.take_list(text, items, resource_version, document.kind().unwrap_or("list"), place);
            return;
        }
        if document.event.is_none() && document.object.is_none() {
            if document.is_pod() {
                self.shape.get_or_insert(Shape::Object);
                let body = body_of(text, place.start);
                self.take_object(EventKind::Observed, document.into_object(), text, body, place);
            } else {
                self.look_closer(text, place, Around::default());
            }
            return;
        }
        if document.raw_object.is_some() {
            self.shape.get_or_insert(Shape::Dump);
        }
        match (document.event, document.raw_object.or(document.object)) {
            (Some(event), Some(object)) => self.take_event(&event, object, text, place),
            (None, Some(_)) if memchr::memmem::find(text.as_bytes(), b"\"observationType\"").is_some() => {
                self.look_closer(text, place, Around::default());
            }
            // An Event has a type of its own.
            (Some(_), None) if document.kind.as_deref().is_some_and(|kind| kind != "Pod") => {
                self.look_closer(text, place, Around::default());
            }
            (event, _) => {
                let found = if event.is_some() { "`type` without `object`" } else { "`object` without `type`" };
                self.report(
                    ProblemKind::Malformed,
                    place.line,
                    place.offset,
                    format!("found {found}; expected a watch event {{\"type\":…,\"object\":…}}"),
                );
            }
        }
    }

    fn take_event(&mut self, event: &str, object: Object<'_>, text: &str, place: &Stretch) {
        let kind = EventKind::from(event);
        match kind {
            EventKind::Bookmark | EventKind::Error => {
                let subject = Subject::Stream { resource_version: object.resource_version(), code: object.code };
                let body = body_of(text, place.start);
                self.records.push(Record { kind, subject, line: place.line, body, stated: None });
            }
            EventKind::Observed
            | EventKind::ListBegin
            | EventKind::ListEnd
            | EventKind::Request
            | EventKind::CoreEvent
            | EventKind::Node
            | EventKind::WrapBegin
            | EventKind::WrapMiddle
            | EventKind::WrapEnd => self.report(
                ProblemKind::Malformed,
                place.line,
                place.offset,
                format!("the event type is {event}, which no API server sends; expected ADDED, MODIFIED or DELETED"),
            ),
            EventKind::Added | EventKind::Modified | EventKind::Deleted | EventKind::Other(_) if object.is_pod() => {
                self.shape.get_or_insert(Shape::Watch);
                self.take_object(kind, object, text, body_of(text, place.start), place);
            }
            EventKind::Added | EventKind::Modified | EventKind::Deleted | EventKind::Other(_) => {
                self.look_closer(text, place, Around::default());
            }
        }
    }

    fn take_object(&mut self, kind: EventKind, object: Object<'_>, text: &str, body: Body, place: &Stretch) {
        if kind == EventKind::Observed && object.is_manifest() {
            self.skip("manifest of a Pod");
            return;
        }
        let taken = match object.into_pod() {
            // Only kwokctl writes pods without a version whose times are offsets.
            Ok(pod) if pod.is_without_times() && kwok::has_offsets(text) => {
                self.shape = Some(Shape::Kwok);
                return self.take_pod(kind, text, Time::SinceStart(0), body, place);
            }
            taken => taken,
        };
        self.push_pod(taken, kind, None, body, place);
    }

    fn push_pod(
        &mut self,
        pod: Result<Pod, String>,
        kind: EventKind,
        stated: Option<Stated>,
        body: Body,
        place: &Stretch,
    ) {
        match pod {
            Ok(pod) => {
                let subject = Subject::Pod(Box::new(pod));
                self.records.push(Record { kind, subject, line: place.line, body, stated });
            }
            Err(message) => self.report(ProblemKind::Malformed, place.line, place.offset, message),
        }
    }

    /// Takes the pod that a piece of a record shows.
    fn take_pod(&mut self, kind: EventKind, text: &str, time: Time, body: Body, place: &Stretch) {
        let base = self.base.filter(|_| kwok::has_offsets(text));
        let time = if base.is_some() && time == Time::Untold { Time::SinceStart(0) } else { time };
        let stated = match self.stated(time) {
            Ok(stated) => stated,
            Err(message) => return self.report(ProblemKind::Malformed, place.line, place.offset, message),
        };
        let text = match base {
            Some(base) => kwok::with_times(text, base).into(),
            None => std::borrow::Cow::Borrowed(text),
        };
        match serde_json::from_str::<Object<'_>>(&text) {
            Ok(object) if object.kind.as_deref().is_some_and(|kind| kind != "Pod") => {
                self.skip("objects of other kinds");
            }
            Ok(object) => self.push_pod(object.into_pod(), kind, stated, body, place),
            Err(error) => self.push_pod(Err(explain(&error)), kind, stated, body, place),
        }
    }

    /// The time that a format states.
    fn stated(&self, time: Time) -> Result<Option<Stated>, String> {
        match (time, self.base) {
            (Time::Answered { begun, at }, _) => Ok(Some(Stated { at, clock: Clock::Audit, begun })),
            (Time::Received(at), _) => Ok(Some(Stated::received(at))),
            (Time::SinceStart(micros), Some(base)) => Ok(Some(Stated::received(base.plus_micros(micros)))),
            (Time::SinceStart(_), None) => Err(NO_BASE.to_owned()),
            (Time::Untold, _) => Ok(None),
        }
    }

    /// Reads a value that is no bare watch event, list or pod.
    fn look_closer(&mut self, text: &str, place: &Stretch, around: Around<'_>) {
        let outcome = read(text, around, &mut |shape, reading| {
            if !matches!(reading, Reading::Skip(_) | Reading::Bad(_) | Reading::Foreign(_) | Reading::Wrapped(_)) {
                self.shape.get_or_insert(shape);
            }
            self.take_reading(reading, shape, text, place, around);
        });
        if let Err(error) = outcome {
            let line = place.line + lines_before(&error);
            self.report(ProblemKind::Malformed, line, place.offset, explain(&error));
        }
    }

    fn take_reading(&mut self, reading: Reading<'_>, shape: Shape, text: &str, place: &Stretch, around: Around<'_>) {
        match reading {
            Reading::Pod { kind, text: object, time } => {
                self.take_pod(kind, &object, time, body_of(text, place.start), place);
            }
            Reading::Request(request) => {
                let lifecycle = request.lifecycle();
                let subject = Subject::Request { target: request.target, lifecycle };
                self.push_request(subject, request.time, body_of(text, place.start), place);
            }
            Reading::Beside { kind, target, at, .. } => {
                let (subject, body) = (Subject::Beside(target), body_of(text, place.start));
                let stated = at.map(Stated::received);
                self.records.push(Record { kind, subject, line: place.line, body, stated });
            }
            Reading::Collection { items, time } => match list::items_of(items) {
                // The items stand in this very text only where nothing is wrapped around it.
                Some(items) if items.iter().all(|item| list::place_in(text, item).is_some()) => {
                    self.take_wrapped(text, &items, place, &mut |decoded, item, place| {
                        decoded.take_collected(item, time, place);
                    });
                }
                Some(_) => self.skip("deletions of collections within log entries"),
                None => self.report(
                    ProblemKind::Malformed,
                    place.line,
                    place.offset,
                    "the items of the deleted collection are no array".to_owned(),
                ),
            },
            Reading::Stream { kind, resource_version, code } => {
                let (subject, body) = (Subject::Stream { resource_version, code }, body_of(text, place.start));
                self.records.push(Record { kind, subject, line: place.line, body, stated: None });
            }
            Reading::Wrapped(items) => match around.deeper() {
                Some(around) => self.take_wrapped(text, &items, place, &mut |decoded, item, place| {
                    decoded.look_closer(item, place, Around { batch: Some(shape), ..around });
                }),
                None => self.report(
                    ProblemKind::Malformed,
                    place.line,
                    place.offset,
                    "batches within batches; expected records".to_owned(),
                ),
            },
            Reading::Skip(what) => self.skip(&what),
            Reading::Bad(message) => self.report(ProblemKind::Malformed, place.line, place.offset, message),
            Reading::Foreign(message) => self.report(ProblemKind::Foreign, place.line, place.offset, message),
        }
    }

    fn push_request(&mut self, subject: Subject, time: Time, body: Body, place: &Stretch) {
        match self.stated(time) {
            Ok(Some(stated)) => {
                let kind = EventKind::Request;
                self.records.push(Record { kind, subject, line: place.line, body, stated: Some(stated) });
            }
            Ok(None) => {
                let message = "the record does not say when it was; expected a time in RFC 3339".to_owned();
                self.report(ProblemKind::Malformed, place.line, place.offset, message);
            }
            Err(message) => self.report(ProblemKind::Malformed, place.line, place.offset, message),
        }
    }

    /// A pod that was deleted with others, as it was before.
    fn take_collected(&mut self, item: &str, time: Time, place: &Stretch) {
        let object = serde_json::from_str::<Object<'_>>(item).map_err(|error| explain(&error));
        let object = match object {
            Ok(object) if !object.is_pod() => return self.skip("items of deleted collections that are no pods"),
            object => object,
        };
        match object.and_then(Object::into_pod) {
            Ok(pod) => {
                let metadata = pod.metadata;
                let target = Target { namespace: metadata.namespace, name: metadata.name, uid: metadata.uid.0 };
                let subject = Subject::Request { target, lifecycle: None };
                self.push_request(subject, time, body_of(item, place.start), place);
            }
            Err(message) => self.report(ProblemKind::Malformed, place.line, place.offset, message),
        }
    }

    /// Takes the records within a document, and what stands around them, so that the document can be put together again.
    fn take_wrapped(
        &mut self,
        text: &str,
        items: &[&str],
        place: &Stretch,
        take: &mut dyn FnMut(&mut Self, &str, &Stretch),
    ) {
        let mut cursor = Cursor { bytes: text.as_bytes(), at: 0, line: place.line };
        let mut end_before = 0;
        let entry_lines = self.entry_lines_of(items.len());
        for (index, item) in items.iter().enumerate() {
            let Some(begin) = list::place_in(text, item).filter(|begin| *begin >= end_before) else { continue };
            let line = cursor.line_at(begin);
            let between = &text[end_before..begin];
            if end_before == 0 {
                self.push_bound(EventKind::WrapBegin, between.as_bytes(), None, place.line);
            } else if between.bytes().any(|byte| byte != b',' && !byte.is_ascii_whitespace()) {
                self.push_bound(EventKind::WrapMiddle, between.as_bytes(), None, line);
            }
            let start = place.start + begin;
            let line = entry_lines.get(index).copied().unwrap_or(line);
            let item_place = Stretch { start, line, offset: place.offset + begin as u64, ends_input: false };
            take(self, item, &item_place);
            end_before = begin + item.len();
        }
        let line = cursor.line_at(text.len());
        self.push_bound(EventKind::WrapEnd, &text.as_bytes()[end_before..], None, line);
    }

    /// Reads a line with something in front of its record, for example the time at which `ts` or `aws logs tail` saw it.
    fn read_prefixed(&mut self, text: &str, stretch: Stretch) {
        let line = text.trim_end_matches(['\n', '\r']);
        let Some(begin) = record_begin(line) else {
            if !line.trim().is_empty() {
                self.skip("lines without a record");
            }
            return;
        };
        let first = self.records.len();
        let ends_input = stretch.ends_input && !text.ends_with('\n');
        let (start, line_number) = (stretch.start, stretch.line);
        self.read_json(&line[begin..], Stretch { start: start + begin, ends_input, ..stretch });
        let received_at = line[..begin].split_ascii_whitespace().map(without_colours).find_map(time_in_front);
        // A line is kept as a whole if it holds one record and nothing behind it; the places of several would not tell
        // them apart.
        if let [record] = &mut self.records[first..] {
            let end = start + line.trim_end().len();
            let is_whole =
                matches!(&record.body, Body::Slice(range) if range.start == start + begin && range.end >= end);
            if is_whole && json_begin(line) == Some(begin) {
                record.body = Body::Slice(start..start + line.len());
            }
            record.line = line_number;
            record.stated = record.stated.or(received_at.map(Stated::received));
        }
    }

    fn skip(&mut self, kind: &str) {
        let kind: String = kind.chars().take(KIND_CHARS_MAX).collect();
        let is_told = self.skipped.len() < KINDS_MAX || self.skipped.contains_key(&kind);
        *self.skipped.entry(if is_told { kind } else { "objects of other kinds".to_owned() }).or_default() += 1;
    }

    /// A value that does not read as a pod: an object of another kind is counted, anything else is a problem.
    /// Returns the length of the value if it is JSON at all.
    fn take_untyped(
        &mut self,
        text: &str,
        place: &Stretch,
        error: &serde_json::Error,
        within: Within,
    ) -> Option<usize> {
        let mut outlines = serde_json::Deserializer::from_str(text).into_iter::<Outline<'_>>();
        let error_line = place.line + lines_before(error);
        match outlines.next() {
            Some(Ok(outline)) => {
                let length = outlines.byte_offset();
                let object_kind = outline.object.as_ref().and_then(|object| object.kind.as_deref());
                let kind = if outline.object.is_some() { object_kind } else { outline.kind.as_deref() };
                if within == Within::List && (outline.items.is_some() || outline.event.is_some()) {
                    let message = "the item of the list is itself a list or an event; expected a Pod".to_owned();
                    self.report(ProblemKind::Malformed, place.line, place.offset, message);
                } else if outline.event.as_deref() == Some(EventKind::Error.as_str()) {
                    let code = outline.object.and_then(|object| object.code);
                    let subject = Subject::Stream { resource_version: None, code };
                    let body = body_of(&text[..length], place.start);
                    self.records.push(Record { kind: EventKind::Error, subject, line: place.line, body, stated: None });
                } else if let Some(items) = outline.items {
                    let kind = outline.kind.as_deref().unwrap_or("list").to_owned();
                    self.take_list(&text[..length], items, None, &kind, place);
                } else {
                    match kind {
                        Some("Pod") => self.report(ProblemKind::Malformed, error_line, place.offset, explain(error)),
                        Some(_) => self.look_closer(&text[..length], place, Around::default()),
                        None => self.look_closer_or(&text[..length], place, error),
                    }
                }
                Some(length)
            }
            Some(Err(outline_error)) if outline_error.is_eof() && place.ends_input => {
                let message = format!("the input ends within a record ({} bytes of it)", text.len());
                self.report(ProblemKind::Truncated, place.line, place.offset, message);
                Some(text.len())
            }
            Some(Err(outline_error)) => {
                let line = place.line + lines_before(&outline_error);
                self.report(ProblemKind::Malformed, line, place.offset, explain(&outline_error));
                None
            }
            None => None,
        }
    }

    /// Reads a value that may be of a format of its own; where it is of none, the first error stands.
    fn look_closer_or(&mut self, text: &str, place: &Stretch, error: &serde_json::Error) {
        let mut is_known = false;
        // Whether it reads at all is asked first: what it says is taken only once.
        let outcome = read(text, Around::default(), &mut |_, reading| {
            is_known = !matches!(reading, Reading::Bad(_) | Reading::Foreign(_));
        });
        if outcome.is_ok() && is_known {
            self.look_closer(text, place, Around::default());
        } else {
            let line = place.line + lines_before(error);
            self.report(ProblemKind::Malformed, line, place.offset, explain(error));
        }
    }

    fn take_list(
        &mut self,
        text: &str,
        items: &serde_json::value::RawValue,
        resource_version: Option<ResourceVersion>,
        kind: &str,
        place: &Stretch,
    ) {
        let Some(parts) = list::take_apart(text, items) else {
            let message = format!("the items of the {kind} are no array; expected a PodList or a List");
            self.report(ProblemKind::Malformed, place.line, place.offset, message);
            return;
        };
        self.shape.get_or_insert(Shape::List);
        let mut cursor = Cursor { bytes: text.as_bytes(), at: 0, line: place.line };
        // A list of other objects says nothing of the pods that it does not name.
        let is_of_pods = matches!(kind, "PodList" | "List" | "list");
        let bounds = [(EventKind::ListBegin, EventKind::WrapBegin), (EventKind::ListEnd, EventKind::WrapEnd)];
        let [begin_kind, end_kind] = bounds.map(|(list, wrap)| if is_of_pods { list } else { wrap });
        self.push_bound(begin_kind, parts.begin.as_bytes(), None, place.line);
        let entry_lines = self.entry_lines_of(parts.items.len());
        for (index, item) in parts.items.into_iter().enumerate() {
            let begin = item.as_ptr() as usize - text.as_ptr() as usize;
            let item_place = Stretch {
                start: place.start + begin,
                line: entry_lines.get(index).copied().unwrap_or_else(|| cursor.line_at(begin)),
                offset: place.offset + begin as u64,
                ends_input: false,
            };
            self.read_item(item, Some(kind), &item_place);
        }
        let line = cursor.line_at(text.len());
        self.push_bound(end_kind, parts.end.as_bytes(), resource_version.filter(|_| is_of_pods), line);
    }

    /// The lines of so many entries, if the document's are known.
    fn entry_lines_of(&mut self, entries: usize) -> Vec<u64> {
        let lines = std::mem::take(&mut self.entry_lines);
        if lines.len() == entries { lines } else { Vec::new() }
    }

    /// What stands around the records of a list or a batch.
    fn push_bound(&mut self, kind: EventKind, bytes: &[u8], resource_version: Option<ResourceVersion>, line: u64) {
        let subject = Subject::Stream { resource_version, code: None };
        self.records.push(Record { kind, subject, line, body: Body::Rewritten(one_line(bytes)), stated: None });
    }

    fn read_item(&mut self, item: &str, list_kind: Option<&str>, place: &Stretch) {
        match serde_json::from_str::<Object<'_>>(item) {
            Ok(object) if object.is_pod() => {
                self.shape.get_or_insert(Shape::List);
                self.take_object(EventKind::Observed, object, item, body_of(item, place.start), place);
            }
            Ok(_) => self.look_closer(item, place, Around { list_kind, batch: None, depth: 1 }),
            Err(error) => {
                self.take_untyped(item, place, &error, Within::List);
            }
        }
    }

    fn read_items(&mut self, bytes: &[u8], place: &Place) {
        let mut cursor = Cursor { bytes, at: 0, line: place.line };
        let mut end_before = 0;
        for (begin, item) in list::items_of_stretch(bytes) {
            let item_place = Stretch {
                start: begin,
                line: cursor.line_at(begin),
                offset: place.offset + begin as u64,
                ends_input: place.is_last && begin + item.len() == bytes.len(),
            };
            let between = &bytes[end_before..begin];
            end_before = begin + item.len();
            if between.iter().any(|byte| *byte != b',' && !byte.is_ascii_whitespace()) {
                let message = "found something else than objects in the list; expected Pods".to_owned();
                self.report(ProblemKind::Malformed, item_place.line, item_place.offset, message);
            }
            match std::str::from_utf8(item) {
                Ok(text) => self.read_item(text, None, &item_place),
                Err(_) => {
                    let message = "the item is not UTF-8; expected JSON, which is always UTF-8".to_owned();
                    self.report(ProblemKind::Malformed, item_place.line, item_place.offset, message);
                }
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
            Err(error) if error.is_eof() && place.is_last => {
                let message = "the input ends within a list".to_owned();
                self.report(ProblemKind::Truncated, place.line, place.offset, message);
            }
            Err(error) => {
                self.report(ProblemKind::Malformed, place.line, place.offset, explain(&error));
            }
        }
    }

    fn read_yaml(&mut self, text: &str, stretch: Stretch) {
        match yaml::to_json(text) {
            Ok(None) => {}
            Ok(Some(json)) => {
                let first = self.records.len();
                let problems = self.problems.len();
                self.entry_lines = yaml::item_lines(text).into_iter().map(|line| stretch.line + line).collect();
                if let Ok(json) = std::str::from_utf8(&json) {
                    self.read_json(json, Stretch { start: 0, ends_input: false, ..stretch });
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
                let is_foreign = !["kind:", "apiVersion:", "Data:"].into_iter().any(|key| text.contains(key));
                let kind = match (is_foreign, is_cut) {
                    (true, _) => ProblemKind::Foreign,
                    (false, true) => ProblemKind::Truncated,
                    (false, false) => ProblemKind::Malformed,
                };
                self.report(kind, stretch.line + line.saturating_sub(1), stretch.offset, message);
            }
        }
    }
}

/// Whether what stands before the items is the head of a list of objects, and not of a batch of records.
fn is_list_head(bytes: &[u8]) -> bool {
    let has = |words: &[u8]| memchr::memmem::rfind(bytes, words).is_some();
    has(b"\"items\"") && !has(b"\"EventList\"") && !has(b"\"NodeList\"")
}

const NO_BASE: &str = "the recording tells its times since its beginning, but not when that was; expected --base-time \
                       with the time at which kwokctl began to record, in RFC 3339";

/// What stands in front of the logs of a container that `kubectl cluster-info dump` prints between lists.
const LOGS_BEGIN: &str = "==== START logs for container";

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    List,
}

/// Where the chunk stands in the input.
struct Place {
    line: u64,
    offset: u64,
    is_last: bool,
}

/// Where a document stands.
struct Stretch {
    /// Byte within the chunk.
    start: usize,
    /// Line within the input.
    line: u64,
    /// Byte within the input.
    offset: u64,
    /// The input ends where the document ends.
    ends_input: bool,
}

/// Counts lines while moving forward.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Cursor<'_> {
    fn line_at(&mut self, index: usize) -> u64 {
        if index > self.at {
            self.line += memchr_iter(b'\n', &self.bytes[self.at..index]).count() as u64;
            self.at = index;
        }
        self.line
    }
}

/// The bytes of one line as they are; text on several lines is put on one.
fn body_of(text: &str, start: usize) -> Body {
    if memchr::memchr(b'\n', text.as_bytes()).is_some() {
        Body::Rewritten(compact(text.as_bytes()))
    } else {
        Body::Slice(start..start + text.len())
    }
}

/// JSON on one line. (A line break within a string is no JSON, and would break the log's lines.)
fn one_line(bytes: &[u8]) -> Vec<u8> {
    let mut line = compact(bytes);
    line.retain(|byte| *byte != b'\n');
    line
}

/// The length of a line that `aws logs tail --format json` prints in front of a record, or instead of one: it begins with a
/// time, and nothing in it is JSON.
fn stamped_line(rest: &str) -> Option<usize> {
    let line = rest.lines().next()?;
    let is_stamped = line.starts_with(|first: char| first.is_ascii_digit())
        && line.split_ascii_whitespace().next().is_some_and(|word| time_in_front(word).is_some());
    (is_stamped && !line.contains("{\"")).then_some(line.len())
}

/// A word without what a terminal takes as colours.
fn without_colours(word: &str) -> &str {
    let word = word.strip_prefix('\u{1b}').map_or(word, |rest| rest.split_once('m').map_or(rest, |(_, rest)| rest));
    word.split_once('\u{1b}').map_or(word, |(word, _)| word)
}

/// A time as logs write it in front of a line: without a zone it is UTC.
fn time_in_front(word: &str) -> Option<ObservedAt> {
    ObservedAt::parse(word).or_else(|| ObservedAt::parse(&format!("{word}Z")))
}

/// Where the record of a line begins, behind what stands in front of it: words, such as a time and the name of a stream. Text
/// that has JSON in it, as components log it, is no record.
fn record_begin(line: &str) -> Option<usize> {
    const WORDS_MAX: usize = 6;
    let begin = line.find('{')?;
    let before = &line[..begin];
    let is_prefix = before.is_empty() || before.ends_with(|last: char| last.is_ascii_whitespace() || last == '\u{1b}');
    let is_talk = before.contains(['"', '=']) || before.split_ascii_whitespace().count() > WORDS_MAX;
    (is_prefix && !is_talk).then_some(begin)
}

/// The next byte that is not white space.
fn next_value(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    rest.bytes().position(|byte| !byte.is_ascii_whitespace()).map(|index| at + index)
}

/// Widens a value to its whole line if it stands on one alone, so that the line comes back byte for byte. `at` is where the
/// value before it ended.
fn line_bounds(text: &str, at: usize, begin: usize, end: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let line_begin = match memchr::memrchr(b'\n', &bytes[at..begin]) {
        Some(index) => Some(at + index + 1),
        None => (at == 0).then_some(0),
    };
    let behind = bytes[end..].iter().position(|byte| *byte == b'\n' || !byte.is_ascii_whitespace());
    let line_end = match behind {
        Some(index) if bytes[end + index] == b'\n' => Some(end + index),
        Some(_) => None,
        None => Some(bytes.len()),
    };
    match (line_begin, line_end) {
        (Some(line_begin), Some(line_end)) => (line_begin, line_end),
        (None, _) | (_, None) => (begin, end),
    }
}

/// How far to skip behind a value that is not JSON: to the next line that begins with a bracket, indented no deeper than
/// the line of the value.
fn resync(text: &str, begin: usize) -> usize {
    let bytes = text.as_bytes();
    let line_begin = memchr::memrchr(b'\n', &bytes[..begin]).map_or(0, |index| index + 1);
    let indent = begin - line_begin;
    memchr_iter(b'\n', &bytes[begin..])
        .map(|index| begin + index + 1)
        .find_map(|line| {
            let depth = bytes[line..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let is_value = depth <= indent && bytes.get(line + depth) == Some(&b'{');
            (is_value || bytes[line..].starts_with(LOGS_BEGIN.as_bytes())).then_some(line - begin)
        })
        .unwrap_or(bytes.len() - begin)
}

/// How far to skip over text that is no record: to the next line that begins with a bracket.
fn next_bracket(text: &str) -> usize {
    let bytes = text.as_bytes();
    memchr_iter(b'\n', bytes)
        .map(|index| index + 1)
        .find(|&line| bytes[line..].iter().find(|byte| !matches!(byte, b' ' | b'\t')) == Some(&b'{'))
        .unwrap_or(bytes.len())
}

/// How many line breaks stand before the trouble; a line break that is itself the trouble (column 0 of the next line) is
/// not counted.
fn lines_before(error: &serde_json::Error) -> u64 {
    (error.line() as u64).saturating_sub(if error.column() == 0 { 2 } else { 1 })
}

/// The parser's words and what was expected.
pub(super) fn explain(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let reason = words.rsplit_once(" at line ").map_or(words.as_str(), |(reason, _)| reason);
    let expected = match error.classify() {
        serde_json::error::Category::Data => "not as an API server, or whoever recorded it, writes it",
        serde_json::error::Category::Eof => "the record is cut off; expected it to end before the next one begins",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            "not JSON; expected a watch event {\"type\":…,\"object\":…}, a Pod or a PodList"
        }
    };
    // The parser's words for a line break within a text: the line was cut.
    if reason.starts_with("control character") && error.column() > 0 {
        return format!(
            "a line break within a text (column {}): the record is cut off; expected all of it",
            error.column()
        );
    }
    // What the parser calls a struct is an object.
    let reason = match reason.split_once("expected struct ") {
        Some((found, name)) => format!("{found}expected an object{}", name.trim_start_matches(char::is_alphanumeric)),
        None => reason.to_owned(),
    };
    format!("{reason} (column {}): {expected}", error.column())
}
