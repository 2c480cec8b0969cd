//! What a JSON value of any format says.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::table::Format;
use crate::input::json_text::Text;
use crate::model::{Actor, EventKind, ObservedAt, RecordLifecycle, Refused, ResourceVersion, Target, Verb};

/// What a JSON value says.
pub(crate) enum Reading<'a> {
    /// The object of a pod as a whole, as the word says.
    Pod {
        kind: EventKind,
        /// The pod's own JSON.
        text: Cow<'a, str>,
        time: Time,
        /// Who wrote it, where an audit log tells.
        by: Option<Box<Actor>>,
    },
    /// What was asked of a pod, without the object that came of it.
    Request(RawRequest<'a>),
    /// What was asked of pods and not granted.
    Refused(Box<Refused>),
    /// Something that stands beside pods: an Event about one, a node.
    Related {
        kind: EventKind,
        target: Target,
        at: Option<ObservedAt>,
        /// The object's own JSON.
        text: Cow<'a, str>,
        by: Option<Box<Actor>>,
    },
    /// The pods that a deletion of a collection took, as they were before.
    Collection { items: &'a RawValue, time: Time, by: Option<Box<Actor>> },
    /// Pods that an answer shows as they were at a time; some of many, perhaps.
    Listed { items: &'a RawValue, time: Time },
    /// Pods as they were at a time.
    Observed { items: &'a RawValue, time: Time },
    /// The stream itself: a bookmark, an error.
    Stream { kind: EventKind, resource_version: Option<ResourceVersion>, code: Option<i64> },
    /// A time at which a dump was being taken.
    Taken(ObservedAt),
    /// Several records in one value: where in its text each stands.
    Wrapped(Vec<&'a str>),
    /// Several documents in one record, each with the keys that lead to it.
    Several(Vec<(String, Cow<'a, str>)>),
    /// Nothing about a pod's life: what it is, in the plural.
    Skip(Cow<'a, str>),
    /// It should say something and does not: what was found, what was expected.
    Bad(String),
    /// It is of no known format: what was found, what was expected.
    Unrecognized(String),
}

impl Reading<'_> {
    /// The same of what stands at this place of a document.
    pub(super) fn at(mut self, path: &str) -> Self {
        if let Self::Bad(what) = &mut self
            && !path.is_empty()
        {
            *what = format!("in {path}: {what}");
        }
        self
    }
}

/// What is told of the time of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// A request that began and was answered then.
    Answered {
        /// When the API server received it, if that is told.
        begun: Option<ObservedAt>,
        /// When its answer was complete.
        at: ObservedAt,
    },
    /// When whoever recorded it received it.
    Received(ObservedAt),
    /// Microseconds since the beginning of the recording, which the format does not state.
    SinceStart(i64),
    /// Only what the object itself tells.
    Untold,
}

/// Tells what a value within another says, of whatever format it is.
pub(super) type Read = fn(&str, Around<'_>, &mut dyn FnMut(Format, Reading<'_>)) -> Result<(), serde_json::Error>;

/// A request with its bodies still as text.
pub(crate) struct RawRequest<'a> {
    pub(crate) verb: Verb,
    pub(crate) subresource: Option<Cow<'a, str>>,
    pub(crate) uri: Cow<'a, str>,
    /// The `User-Agent` of the client.
    pub(crate) agent: Cow<'a, str>,
    /// The `auditID`; empty where none is told.
    pub(crate) audit_id: Cow<'a, str>,
    pub(crate) target: Target,
    pub(crate) time: Time,
    pub(crate) body: Option<Cow<'a, str>>,
    pub(crate) object: Option<Cow<'a, str>>,
    pub(crate) lacks: Option<&'static str>,
    /// Who asked, where an audit log tells.
    pub(crate) by: Option<Box<Actor>>,
}

impl RawRequest<'_> {
    /// Whether it asks for the creation or the deletion of the whole pod; an eviction deletes it.
    pub(crate) fn lifecycle(&self) -> Option<RecordLifecycle> {
        match (&self.verb, self.subresource.as_deref()) {
            (Verb::Create, None) => Some(RecordLifecycle::Creation),
            (Verb::Delete, None) | (_, Some("eviction")) => Some(RecordLifecycle::Deletion),
            (_, _) => None,
        }
    }
}

/// Where a value was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Around<'a> {
    /// The kind of the list that it is an item of: items often leave out their own.
    pub(crate) list_kind: Option<&'a str>,
    /// The batch that it is a record of.
    pub(crate) batch: Option<Format>,
    /// How many formats are wrapped around it.
    pub(crate) depth: usize,
}

impl Around<'_> {
    /// A record by itself: it holds one document, whatever stands around that.
    pub(crate) const RECORD: Self = Self { list_kind: None, batch: None, depth: 1 };

    pub(crate) fn deeper(self) -> Option<Self> {
        (self.depth < DEPTH_MAX).then_some(Self { list_kind: None, batch: None, depth: self.depth + 1 })
    }
}

/// An audit event in a log entry in a batch: deeper than this is nonsense.
const DEPTH_MAX: usize = 8;

/// A text within a value that is a JSON string.
pub(super) fn unquoted(value: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(value.get()).ok()?.0
}

/// Whether a raw value is there and not null.
pub(super) fn present(value: Option<&RawValue>) -> Option<&RawValue> {
    value.filter(|value| value.get() != "null")
}
