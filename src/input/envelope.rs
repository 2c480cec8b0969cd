//! Documents that hold records not as they are: as texts, packed, or as what a request took. The document is kept as it came, and
//! behind it each record as it was found.

use super::builder::DecodedChunk;
use super::lines::Location;
use super::record::{Body, Record, Subject};
use crate::model::EventKind;

impl DecodedChunk {
    /// Takes the records that `take` finds in a document. One of its own kind stands for the document.
    pub(super) fn take_envelope(&mut self, text: &str, place: &Location, take: &mut dyn FnMut(&mut Self)) {
        let mut inner = Self { base: self.base, depth: self.depth + 1, is_part: true, ..Self::default() };
        if self.depth < DEPTH_MAX {
            take(&mut inner);
        } else {
            inner.malformed(place, "documents within documents within documents; expected records");
        }
        self.take_found(inner, text, place);
    }

    /// Takes what was found in a text. One record that is all there is to it is kept as the text.
    pub(super) fn take_found(&mut self, mut inner: Self, text: &str, place: &Location) {
        let is_all = !inner.is_part && inner.problem_count == 0 && inner.skipped.is_empty();
        self.problem_count += inner.problem_count;
        self.problems.append(&mut inner.problems);
        self.format = self.format.or(inner.format);
        for (kind, count) in inner.skipped {
            *self.skipped.entry(kind).or_default() += count;
        }
        if inner.records.is_empty() {
            return;
        }
        if is_all && inner.records.len() == 1 {
            let record = inner.records.pop().expect("it has one");
            self.push(record.kind, record.subject, text, record.stated, place);
            self.tell(self.records.len() - 1, record.audited.as_ref(), record.by.as_deref());
            return;
        }
        self.push(EventKind::Envelope, BOUND, text, None, place);
        self.records.append(&mut inner.records);
        self.push_envelope_end(place);
    }

    /// Takes a text that holds no record, and is kept with those behind it.
    pub(super) fn take_wrapping(&mut self, text: &str, place: &Location) {
        self.push(EventKind::Envelope, BOUND, text, None, place);
        self.push_envelope_end(place);
    }

    fn push_envelope_end(&mut self, place: &Location) {
        let (kind, body) = (EventKind::EnvelopeEnd, Body::Rewritten(Vec::new()));
        self.records.push(Record {
            kind,
            subject: BOUND,
            line: place.line,
            body,
            stated: None,
            audited: None,
            by: None,
        });
    }

    /// Takes the records of one document within another; each keeps its own bytes.
    pub(super) fn take_inner(&mut self, document: &str, place: &Location, take: &mut dyn FnMut(&mut Self, Location)) {
        let (first, problem) = (self.records.len(), self.problems.len());
        take(self, Location { start: 0, ends_input: false, ..*place });
        for record in &mut self.records[first..] {
            if let Body::Slice(range) = &record.body {
                record.body = Body::Rewritten(document.as_bytes()[range.clone()].to_vec());
            }
            record.line = place.line;
        }
        for problem in &mut self.problems[problem..] {
            (problem.line, problem.offset) = (place.line, place.offset);
        }
    }
}

const BOUND: Subject = Subject::Stream { resource_version: None, code: None };

/// How many documents may stand within each other.
const DEPTH_MAX: usize = 4;
