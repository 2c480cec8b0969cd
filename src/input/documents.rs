//! What a JSON value of a recording becomes: a watch event, a list, an object, or a record of another format.

use super::audited;
use super::builder::DecodedChunk;
use super::format::{Around, Format, Reading, Time, begins_as_document, kwok, named_tool, read, read_parts};
use super::lines::{Cursor, Location};
use super::list;
use super::object_json::{Document, Object, Outline};
use super::parts::Parts;
use super::problem::{ProblemKind, explain};
use super::record::{Record, Stated, Subject};
use crate::model::{Actor, AuditFact, Clock, EventKind, ResourceVersion, Target, Told};

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Nothing,
    List,
}

impl DecodedChunk {
    pub(super) fn take_document(&mut self, document: Document<'_>, text: &str, place: &Location) {
        if let Some(items) = document.items {
            let resource_version = document.resource_version();
            self.take_list(text, items, resource_version, document.kind.as_deref().unwrap_or("list"), place);
            return;
        }
        if document.event.is_none() && document.object.is_none() && document.raw_object.is_none() {
            if document.is_pod() && begins_as_document(text) {
                self.format.get_or_insert(Format::Object);
                self.take_object(EventKind::Observed, document.into_object(), text, place);
            } else {
                self.look_closer(text, place, Around::default());
            }
            return;
        }
        if document.raw_object.is_some() {
            self.format.get_or_insert(Format::Dump);
        }
        match (document.event.0, document.raw_object.or(document.object)) {
            (Some(event), Some(object)) => self.take_event(&event, object, text, place),
            (None, Some(_)) if memchr::memmem::find(text.as_bytes(), b"\"observationType\"").is_some() => {
                self.look_closer(text, place, Around::default());
            }
            // An Event has a type of its own, and log entries may.
            (Some(_), None) if document.kind.as_deref() != Some("Pod") => {
                self.look_closer(text, place, Around::default());
            }
            (event, _) => {
                let found = if event.is_some() { "`type` without `object`" } else { "`object` without `type`" };
                self.malformed(place, format!("found {found}; expected a watch event {{\"type\":…,\"object\":…}}"));
            }
        }
    }

    pub(super) fn take_event(&mut self, event: &str, object: Object<'_>, text: &str, place: &Location) {
        let kind = EventKind::from(event);
        match kind {
            EventKind::Bookmark | EventKind::Error => {
                // It may be all that is there yet. A bookmark says of what the watch is.
                if kind == EventKind::Error || object.is_pod() {
                    self.format.get_or_insert(Format::Watch);
                }
                let subject = Subject::Stream { resource_version: object.resource_version(), code: object.code };
                self.push(kind, subject, text, None, place);
            }
            EventKind::Observed
            | EventKind::Printed
            | EventKind::ListBegin
            | EventKind::ListEnd
            | EventKind::Request
            | EventKind::CoreEvent
            | EventKind::Node
            | EventKind::Refused
            | EventKind::Act
            | EventKind::Workload
            | EventKind::Taken
            | EventKind::WrapBegin
            | EventKind::WrapMiddle
            | EventKind::WrapEnd
            | EventKind::Envelope
            | EventKind::EnvelopeEnd => self.malformed(
                place,
                format!("the event type is {event}, which no API server sends; expected ADDED, MODIFIED or DELETED"),
            ),
            EventKind::Added | EventKind::Modified | EventKind::Deleted | EventKind::Other(_) if object.is_pod() => {
                self.is_of(Format::Watch);
                let before = self.records.len();
                self.take_object(kind, object, text, place);
                if !begins_as_document(text) {
                    self.refuse_if_unsaid(before, text, place);
                }
            }
            EventKind::Added | EventKind::Modified | EventKind::Deleted | EventKind::Other(_) => {
                self.look_closer(text, place, Around::default());
            }
        }
    }

    pub(super) fn take_object(&mut self, kind: EventKind, object: Object<'_>, text: &str, place: &Location) {
        if kind == EventKind::Observed && object.is_manifest() {
            self.skip("manifest of a Pod");
            return;
        }
        let stated = object.printed_at().map(Stated::received);
        if stated.is_some() && self.records.is_empty() {
            // However a text of kubectl comes back from an export, it says no more than the text.
            self.format = Some(Format::KubectlText);
        }
        let kind = if stated.is_some() && kind != EventKind::Deleted { EventKind::Printed } else { kind };
        let taken = match object.into_pod() {
            // Only kwokctl writes pods without a version whose times are offsets.
            Ok(pod) if pod.is_without_times() && kwok::has_offsets(text) => {
                self.format = Some(Format::Kwok);
                return self.take_pod(kind, text, Time::SinceStart(0), text, place);
            }
            taken => taken,
        };
        self.push_pod(taken, kind, text, stated, place);
    }

    /// The first format that is found is that of the recording; of a watch of pods and their workloads that of the pods.
    fn is_of(&mut self, format: Format) {
        if matches!(self.format, None | Some(Format::Workloads)) {
            self.format = Some(format);
        }
    }

    /// Reads a value that is no bare watch event, list or pod.
    pub(super) fn look_closer(&mut self, text: &str, place: &Location, around: Around<'_>) {
        let outcome = read(text, around, &mut |format, reading| self.take_known(reading, format, text, place, around));
        outcome.unwrap_or_else(|error| self.unparsed(place, &error));
    }

    /// The same of a value that was taken apart already; `text` is the line that it stands on.
    pub(super) fn look_into(&mut self, value: &Parts<'_>, text: &str, place: &Location, around: Around<'_>) {
        let mut take = |format, reading: Reading<'_>| self.take_known(reading, format, text, place, around);
        let outcome = read_parts(value, around, &mut take);
        outcome.unwrap_or_else(|error| self.unparsed(place, &error));
    }

    /// A reading that carries data decides the format of the input.
    fn take_known(&mut self, reading: Reading<'_>, format: Format, text: &str, place: &Location, around: Around<'_>) {
        let tells_nothing = matches!(
            reading,
            Reading::Skip(_)
                | Reading::Bad(_)
                | Reading::Unrecognized(_)
                | Reading::Wrapped(_)
                | Reading::Several(_)
                | Reading::Taken(_)
        );
        if !tells_nothing {
            self.is_of(format);
        }
        self.take_reading(reading, format, text, place, around);
    }

    pub(super) fn take_reading(
        &mut self,
        reading: Reading<'_>,
        format: Format,
        text: &str,
        place: &Location,
        around: Around<'_>,
    ) {
        let before = self.records.len();
        match reading {
            Reading::Pod { kind, text: object, time, by } => {
                let fact = audited::of_answer(&kind, time, by.as_deref());
                self.take_pod(kind, &object, time, text, place);
                // An audit event is recognized the same way in every place.
                if format != Format::Audit && around != Around::default() {
                    self.refuse_if_unsaid(before, text, place);
                }
                self.tell(before, fact.as_ref(), by.as_deref());
            }
            Reading::Request(request) => {
                let (lifecycle, fact) = (request.lifecycle(), audited::of_request(&request));
                let subject = match request.target.name.is_empty() {
                    true => Subject::Related(request.target),
                    false => Subject::Request { target: request.target, lifecycle },
                };
                self.push_request(subject, request.time, text, place);
                self.tell(before, fact.as_ref(), request.by.as_deref());
            }
            Reading::Refused(refused) => {
                let fact = AuditFact { told: Told::Refused(refused.code), what: refused.what().into() };
                let stated = Stated { at: refused.at, clock: Clock::Audit, begun: refused.begun };
                self.push(EventKind::Refused, Subject::Related(refused.target), text, Some(stated), place);
                self.tell(before, Some(&fact), None);
            }
            Reading::Related { kind, target, at, by, .. } => {
                self.push(kind, Subject::Related(target), text, at.map(Stated::received), place);
                self.tell(before, None, by.as_deref());
            }
            Reading::Collection { items, time, by } => self.take_apart(text, items, place, &mut |inner, item, at| {
                inner.take_collected(item, time, by.as_deref(), at);
            }),
            Reading::Listed { items, time } => self.take_apart(text, items, place, &mut |inner, item, at| {
                inner.take_pod(EventKind::Observed, item, time, item, at);
            }),
            Reading::Several(documents) => self.take_envelope(text, place, &mut |inner| {
                for (path, document) in &documents {
                    let first = inner.problems.len();
                    inner.take_inner(document, place, &mut |inner, at| inner.read_json(document, at));
                    for problem in &mut inner.problems[first..] {
                        problem.message = format!("in {path}: {}", problem.message);
                    }
                }
            }),
            Reading::Observed { items, time } => match list::items_of(items) {
                Some(items) => self.take_wrapped(text, &items, place, &mut |decoded, item, place| {
                    decoded.take_pod(EventKind::Observed, item, time, item, place);
                }),
                None => self.malformed(place, "the items of the list are no array"),
            },
            Reading::Stream { kind, resource_version, code } => {
                self.push(kind, Subject::Stream { resource_version, code }, text, None, place);
            }
            Reading::Taken(at) => {
                let subject = Subject::Stream { resource_version: None, code: None };
                self.push(EventKind::Taken, subject, text, Some(Stated::received(at)), place);
            }
            Reading::Wrapped(items) => match around.deeper() {
                Some(around) => self.take_wrapped(text, &items, place, &mut |decoded, item, place| {
                    decoded.look_closer(item, place, Around { batch: Some(format), ..around });
                }),
                None => self.malformed(place, "batches within batches; expected records"),
            },
            Reading::Skip(what) => self.skip(&what),
            Reading::Bad(message) => self.malformed(place, message),
            Reading::Unrecognized(message) => self.report(ProblemKind::Unrecognized, place.line, place.offset, message),
        }
    }

    /// Takes the items of an answer within a document, which is kept as it is.
    fn take_apart(
        &mut self,
        text: &str,
        items: &serde_json::value::RawValue,
        place: &Location,
        take: &mut dyn FnMut(&mut Self, &str, &Location),
    ) {
        let Some(items) = list::items_of(items) else {
            return self.malformed(place, "the items of the answer are no array");
        };
        self.take_envelope(text, place, &mut |inner| {
            for item in &items {
                inner.take_inner(item, place, &mut |inner, at| take(inner, item, &at));
            }
        });
    }

    /// A pod that was deleted with others, as it was before.
    pub(super) fn take_collected(&mut self, item: &str, time: Time, by: Option<&Actor>, place: &Location) {
        let object = serde_json::from_str::<Object<'_>>(item).map_err(|error| explain(&error));
        let object = match object {
            Ok(object) if !object.is_pod() => return self.skip("items of deleted collections that are no pods"),
            object => object,
        };
        match object.and_then(Object::into_pod) {
            Ok(pod) => {
                let target = Target::of(pod.metadata);
                let (before, what) = (self.records.len(), AuditFact::COLLECTION.into());
                self.push_request(Subject::Request { target, lifecycle: None }, time, item, place);
                self.refuse_if_unsaid(before, item, place);
                self.tell(before, Some(&AuditFact { told: Told::Answer, what }), by);
            }
            Err(message) => self.malformed(place, message),
        }
    }

    /// Takes the records within a document, and what stands around them, so that the document can be put together again.
    pub(super) fn take_wrapped(
        &mut self,
        text: &str,
        items: &[&str],
        place: &Location,
        take: &mut dyn FnMut(&mut Self, &str, &Location),
    ) {
        let before = self.records.len();
        let (end, line) = self.take_items(text, 0, items, place, take);
        if !self.drop_bounds(before) {
            self.push_bound(EventKind::WrapEnd, &text.as_bytes()[end..], None, line);
        }
    }

    /// Takes the items behind the head of a document. Returns where the last one ends, and the line on which the document
    /// does.
    fn take_items(
        &mut self,
        text: &str,
        head: usize,
        items: &[&str],
        place: &Location,
        take: &mut dyn FnMut(&mut Self, &str, &Location),
    ) -> (usize, u64) {
        let mut cursor = Cursor { bytes: text.as_bytes(), at: 0, line: place.line };
        let mut end_before = head;
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
            let item_place = Location { start, line, offset: place.offset + begin as u64, ends_input: false };
            take(self, item, &item_place);
            end_before = begin + item.len();
        }
        (end_before, cursor.line_at(text.len()))
    }

    /// A value that does not read as a pod: an object of another kind is counted, anything else is a problem.
    /// Returns the length of the value if it is JSON at all.
    pub(super) fn take_untyped(
        &mut self,
        text: &str,
        place: &Location,
        error: &serde_json::Error,
        within: Within,
    ) -> Option<usize> {
        let mut outlines = serde_json::Deserializer::from_str(text).into_iter::<Outline<'_>>();
        match outlines.next() {
            Some(Ok(outline)) => {
                let length = outlines.byte_offset();
                let object_kind = outline.object.as_ref().and_then(|object| object.kind.as_deref());
                let kind = if outline.object.is_some() { object_kind } else { outline.kind.as_deref() };
                if within == Within::List && (outline.items.is_some() || outline.event.is_some()) {
                    let message = "the item of the list is itself a list or an event; expected a Pod".to_owned();
                    self.malformed(place, message);
                } else if outline.event.as_deref() == Some(EventKind::Error.as_str()) {
                    let code = outline.object.and_then(|object| object.code);
                    let subject = Subject::Stream { resource_version: None, code };
                    self.push(EventKind::Error, subject, &text[..length], None, place);
                } else if let Some(items) = outline.items {
                    let kind = outline.kind.as_deref().unwrap_or("list").to_owned();
                    self.take_list(&text[..length], items, None, &kind, place);
                } else {
                    match kind {
                        Some("Pod") => self.unparsed(place, error),
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
                self.unparsed(place, &outline_error);
                None
            }
            None => None,
        }
    }

    /// Reads a value that may be of a format of its own; where it is of none, the first error stands.
    pub(super) fn look_closer_or(&mut self, text: &str, place: &Location, error: &serde_json::Error) {
        let mut is_known = false;
        // Whether it reads at all is asked first: what it says is taken only once.
        let outcome = read(text, Around::default(), &mut |_, reading| {
            is_known = !matches!(reading, Reading::Bad(_) | Reading::Unrecognized(_));
        });
        if outcome.is_ok() && is_known {
            self.look_closer(text, place, Around::default());
        } else {
            self.unparsed(place, error);
        }
    }

    pub(super) fn take_list(
        &mut self,
        text: &str,
        items: &serde_json::value::RawValue,
        resource_version: Option<ResourceVersion>,
        kind: &str,
        place: &Location,
    ) {
        if let Some(tool) = (kind == "list").then(|| named_tool(text)).flatten() {
            return self.report(ProblemKind::Unrecognized, place.line, place.offset, tool.to_owned());
        }
        let Some((values, at)) = list::items_of(items).zip(list::place_in(text, items.get())) else {
            let message = format!("the items of the {kind} are no array; expected a PodList or a List");
            return self.malformed(place, message);
        };
        // Whose events these are they say themselves.
        if kind != "EventList" {
            self.format.get_or_insert(Format::List);
        }
        // A list of other objects says nothing of the pods that it does not name.
        let is_list = matches!(kind, "PodList" | "List" | "list");
        let (begin_kind, end_kind, resource_version) = if is_list {
            (EventKind::ListBegin, EventKind::ListEnd, resource_version)
        } else {
            (EventKind::WrapBegin, EventKind::WrapEnd, None)
        };
        let (head, before) = (at + "[".len(), self.records.len());
        // An empty list may be one of pods.
        let may_hold_pods = kind == "PodList" || is_list && values.is_empty();
        self.push_bound(begin_kind, &text.as_bytes()[..head], None, place.line);
        let (end, line) = self.take_items(text, head, &values, place, &mut |decoded, item, place| {
            decoded.read_item(item, Some(kind), place);
        });
        if may_hold_pods || !self.drop_bounds(before) {
            self.push_bound(end_kind, &text.as_bytes()[end..], resource_version, line);
        } else if values.is_empty() {
            self.skip(kind);
        }
    }

    /// Drops what stands around records behind the first `before` if there are none: what holds nothing is no recording.
    fn drop_bounds(&mut self, before: usize) -> bool {
        let is_bound = |record: &Record| {
            matches!(
                record.kind,
                EventKind::ListBegin | EventKind::WrapBegin | EventKind::WrapMiddle | EventKind::WrapEnd
            )
        };
        let is_empty = self.records[before..].iter().all(is_bound);
        if is_empty {
            self.records.truncate(before);
        }
        is_empty
    }

    pub(super) fn read_item(&mut self, item: &str, list_kind: Option<&str>, place: &Location) {
        match serde_json::from_str::<Object<'_>>(item) {
            Ok(object) if object.is_pod() && begins_as_document(item) => {
                self.format.get_or_insert(Format::List);
                self.take_object(EventKind::Observed, object, item, place);
            }
            Ok(_) => self.look_closer(item, place, Around { list_kind, batch: None, depth: 1 }),
            Err(error) => {
                self.take_untyped(item, place, &error, Within::List);
            }
        }
    }
}
