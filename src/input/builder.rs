//! Records as they are built: each keeps its bytes, and a pod record its pod in the model's words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::compact::compact;
use super::format::{Format, Time, begins_as_document, kwok};
use super::kept_line::on_one_line;
use super::lines::Location;
use super::object_json::Object;
use super::problem::{Problem, ProblemKind, explain, lines_before};
use super::record::{Body, Record, Stated, Subject};
use super::stored_record::{pod_of, pod_of_value, request_of};
use crate::model::{Clock, EventKind, ObservedAt, Pod, ResourceVersion, Target};

/// What was read from one chunk, in the order of the text.
#[derive(Debug, Default)]
pub struct DecodedChunk {
    pub(super) bytes: Vec<u8>,
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
    pub format: Option<Format>,
    /// When the recording began, for formats that tell times since then.
    pub(super) base: Option<ObservedAt>,
    /// On which lines the entries of a YAML document begin that is a list or a batch.
    pub(super) entry_lines: Vec<u64>,
    /// Within the logs of a container, which `kubectl cluster-info dump` prints between lists.
    pub(super) in_logs: bool,
    /// How many documents stand around what is read.
    pub(super) depth: usize,
    /// A record of it does not stand for all of the text that it was found in.
    pub(super) is_part: bool,
}

/// How many problems of a chunk are kept; the others are counted.
pub(super) const PROBLEMS_KEPT: usize = 20;
/// The parser quotes what it found: no more than this of a message is kept.
pub(super) const MESSAGE_CHARS_MAX: usize = 400;
/// How many kinds of other objects are told apart, and how much of a kind is kept.
pub(super) const KINDS_MAX: usize = 40;
pub(super) const KIND_CHARS_MAX: usize = 60;

const OTHER_FORMAT: &str = "the pod has keys of another format beside its own, so it could not be told from that one; expected an \
                            object as an API server returns it";
const NO_BASE: &str = "the recording tells its times since its beginning, but not when that was; expected --base-time \
                       with the time at which kwokctl began to record, in RFC 3339";

impl DecodedChunk {
    /// The bytes of a record, without a line break.
    #[must_use]
    pub fn body<'a>(&'a self, record: &'a Record) -> &'a [u8] {
        match &record.body {
            Body::Slice(range) => &self.bytes[range.clone()],
            Body::Rewritten(bytes) => bytes,
        }
    }

    /// The records of both, one behind the other.
    #[must_use]
    pub fn followed_by(mut self, mut next: Self) -> Self {
        let offset = self.bytes.len();
        self.bytes.append(&mut next.bytes);
        self.records.extend(next.records.into_iter().map(|record| record.moved_by(offset)));
        self
    }

    /// All but the first records.
    #[must_use]
    pub fn without(mut self, first: usize) -> Self {
        self.records.drain(..first);
        self
    }

    pub(super) fn report(&mut self, kind: ProblemKind, line: u64, offset: u64, message: String) {
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

    pub(super) fn malformed(&mut self, place: &Location, message: impl Into<String>) {
        self.report(ProblemKind::Malformed, place.line, place.offset, message.into());
    }

    /// The same of what the parser found in a value.
    pub(super) fn unparsed(&mut self, place: &Location, error: &serde_json::Error) {
        let line = place.line + lines_before(error);
        self.report(ProblemKind::Malformed, line, place.offset, explain(error));
    }

    /// A record whose text this is.
    pub(super) fn push(
        &mut self,
        kind: EventKind,
        subject: Subject,
        text: &str,
        stated: Option<Stated>,
        place: &Location,
    ) {
        let body = body_of(text, place.start);
        self.records.push(Record { kind, subject, line: place.line, body, stated, audited: None, by: None });
    }

    pub(super) fn skip(&mut self, kind: &str) {
        let kind: String = kind.chars().take(KIND_CHARS_MAX).collect();
        let is_told = self.skipped.len() < KINDS_MAX || self.skipped.contains_key(&kind);
        *self.skipped.entry(if is_told { kind } else { "objects of other kinds".to_owned() }).or_default() += 1;
    }

    /// A pod, by the text of its object; `text` is the whole record.
    pub(super) fn take_pod(&mut self, kind: EventKind, object: &str, time: Time, text: &str, place: &Location) {
        let is_alone = std::ptr::eq(object, text);
        let may_be_offset = matches!(time, Time::SinceStart(_) | Time::Untold);
        let base = self.base.filter(|_| may_be_offset && kwok::has_offsets(object));
        let time = if base.is_some() && time == Time::Untold { Time::SinceStart(0) } else { time };
        let stated = match self.stated(time) {
            Ok(stated) => stated,
            Err(message) => return self.malformed(place, message),
        };
        let object = base.map_or(Cow::Borrowed(object), |base| kwok::with_times(object, base).into());
        let pod = match serde_json::from_str::<Object<'_>>(&object) {
            Ok(object) if object.kind.as_deref().is_some_and(|kind| kind != "Pod") => {
                return self.skip("objects of other kinds");
            }
            Ok(object) => object.into_pod(),
            Err(error) => Err(explain(&error)),
        };
        let before = self.records.len();
        self.push_pod(pod, kind, text, stated, place);
        if is_alone && !begins_as_document(text) {
            self.refuse_if_unsaid(before, text, place);
        }
    }

    /// Refuses a record, if one was just taken, that does not say by itself what it said where it stood: the log does not keep that.
    pub(super) fn refuse_if_unsaid(&mut self, before: usize, text: &str, place: &Location) {
        let Some(record) = self.records.get(before) else { return };
        let (body, stated) = (text.as_bytes(), record.stated.map(|stated| stated.at));
        let is_said = match &record.subject {
            Subject::Pod(pod) => pod_of(body, stated).is_ok_and(|again| again == **pod),
            Subject::Request { target, .. } => request_of(body, stated).is_ok_and(|request| {
                let pod = request.object.as_ref().and_then(|object| pod_of_value(object).ok());
                pod.is_some_and(|pod| Target::of(pod.metadata) == *target)
            }),
            Subject::Related(_) | Subject::Stream { .. } => true,
        };
        if !is_said {
            self.records.truncate(before);
            self.malformed(place, OTHER_FORMAT);
        }
    }

    pub(super) fn push_pod(
        &mut self,
        pod: Result<Pod, String>,
        kind: EventKind,
        text: &str,
        stated: Option<Stated>,
        place: &Location,
    ) {
        match pod {
            Ok(pod) => self.push(kind, Subject::Pod(Box::new(pod)), text, stated, place),
            Err(message) => self.malformed(place, message),
        }
    }

    /// The time that a format states.
    pub(super) fn stated(&self, time: Time) -> Result<Option<Stated>, String> {
        match (time, self.base) {
            (Time::Answered { begun, at }, _) => Ok(Some(Stated { at, clock: Clock::Audit, begun })),
            (Time::Received(at), _) => Ok(Some(Stated::received(at))),
            (Time::SinceStart(micros), Some(base)) => Ok(Some(Stated::received(base.plus_micros(micros)))),
            (Time::SinceStart(_), None) => Err(NO_BASE.to_owned()),
            (Time::Untold, _) => Ok(None),
        }
    }

    pub(super) fn push_request(&mut self, subject: Subject, time: Time, text: &str, place: &Location) {
        match self.stated(time) {
            Ok(stated @ Some(_)) => self.push(EventKind::Request, subject, text, stated, place),
            Ok(None) => self.malformed(place, "the record does not say when it was; expected a time in RFC 3339"),
            Err(message) => self.malformed(place, message),
        }
    }

    /// What stands around the records of a list or a batch.
    pub(super) fn push_bound(
        &mut self,
        kind: EventKind,
        bytes: &[u8],
        resource_version: Option<ResourceVersion>,
        line: u64,
    ) {
        let subject = Subject::Stream { resource_version, code: None };
        let body = Body::Rewritten(compact(bytes));
        self.records.push(Record { kind, subject, line, body, stated: None, audited: None, by: None });
    }

    /// The lines of so many entries, if the document's are known.
    pub(super) fn entry_lines_of(&mut self, entries: usize) -> Vec<u64> {
        let lines = std::mem::take(&mut self.entry_lines);
        if lines.len() == entries { lines } else { Vec::new() }
    }
}

/// The bytes of a text on one line as they are; of others as they are kept.
fn body_of(text: &str, start: usize) -> Body {
    match on_one_line(text) {
        Cow::Borrowed(_) => Body::Slice(start..start + text.len()),
        Cow::Owned(line) => Body::Rewritten(line.into_bytes()),
    }
}
