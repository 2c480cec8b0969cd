//! What a JSON value is known by: its keys, never a name.

use serde_json::value::RawValue;

use super::reading::unquoted;
use super::related::{is_workload, kind_of};
use super::spectre;
use crate::input::parts::Parts;
use crate::input::unwrap::{Known, Shape, Unwrapped, unwrap_whole};

/// What is looked for within what is not known.
pub(super) const KNOWN: Known = Known { shape, is_alone: is_lone_audit_event };

/// Whether a document is known, or holds something that is.
pub(crate) fn holds_known(document: &str) -> bool {
    let value = Parts::of(document);
    shape(&value) == Shape::Known || unwrap_whole(&value, KNOWN) != Unwrapped::Nothing
}

/// What a value is.
fn shape(value: &Parts<'_>) -> Shape {
    if begins_as_audit(value.text) {
        return Shape::Known;
    }
    let is_known = is_audit(value)
        || value.has("observationType")
        || value.has("protoPayload")
        || value.has("protopayload_auditlog")
        || value.has("ObjectRef") && value.has("Verb")
        || is_of_sloop(value)
        || is_of_k8shark(value)
        || is_of_spectre(value)
        || is_log_record(value)
        || value.has("Object") && value.has("Type")
        || is_of_kwok(value);
    if is_known {
        return Shape::Known;
    }
    // The items of a list are found one by one.
    if value.has("items") {
        return Shape::Unknown;
    }
    match (watched_object(value).map(|object| kind_of(object.get())), is_object(value)) {
        (Some(Some(kind)), _) if is_workload(&kind) => Shape::Known,
        (Some(kind), _) => told(&kind.unwrap_or_default()),
        (None, true) => told(&kind_of(value.text).unwrap_or_default()),
        (None, false) => Shape::Unknown,
    }
}

/// Objects of other kinds tell nothing of pods, whatever is written in them.
fn told(kind: &str) -> Shape {
    if matches!(kind, "Pod" | "Event" | "Node" | "Status") { Shape::Known } else { Shape::Opaque }
}

/// Whether a text begins like an audit event: then it need not be looked at twice.
pub(crate) fn begins_as_audit(text: &str) -> bool {
    const SEEN_BYTES: usize = 160;
    let head = text.as_bytes().get(..SEEN_BYTES).unwrap_or(text.as_bytes());
    let at = memchr::memmem::find(head, b"\"audit.k8s.io/");
    // Behind a backslash it stands in a text, and a list has many: something is wrapped around it.
    text.starts_with("{\"kind\":\"Event\"") && at.is_some_and(|at| at > 0 && head[at - 1] != b'\\')
}

/// Whether a text is one audit event, for all that can be told without reading it: a shipper may run several together.
fn is_lone_audit_event(text: &str) -> bool {
    let mut groups = memchr::memmem::find_iter(text.as_bytes(), b"\"audit.k8s.io/");
    begins_as_audit(text) && groups.nth(1).is_none() && text.trim_end().ends_with('}')
}

/// Whether a text begins like a watch event, a list or an object, of which each key has its place.
pub(crate) fn begins_as_document(text: &str) -> bool {
    const KEYS: [&str; 9] =
        ["type", "kind", "apiVersion", "object", "raw_object", "items", "metadata", "spec", "status"];
    let first = text.strip_prefix('{').and_then(|rest| rest.trim_start().strip_prefix('"'));
    let is_first = |first: &str, key: &str| first.strip_prefix(key).is_some_and(|rest| rest.starts_with('"'));
    first.is_some_and(|first| KEYS.into_iter().any(|key| is_first(first, key)))
}

/// Whether it may be a watch event, a list or an object.
pub(crate) fn may_be_document(value: &Parts<'_>) -> bool {
    ["kind", "object", "raw_object", "items", "spec"].into_iter().any(|key| value.has(key))
}

/// Whether it has the fields of an audit event, whatever it says to be.
pub(super) fn is_audit(value: &Parts<'_>) -> bool {
    let has_own = || ["auditID", "objectRef", "requestURI"].into_iter().any(|key| value.has(key));
    let is_one = || {
        value.word("apiVersion").starts_with("audit.k8s.io/") || value.has("stage") && value.has("verb") && has_own()
    };
    !value.has("items") && is_one()
}

/// Whether it is a record of sloop: its payload is an object as text.
pub(super) fn is_of_sloop(value: &Parts<'_>) -> bool {
    let is_text = value.get("payload").is_some_and(|payload| payload.get().starts_with("\"{"));
    is_text && (value.has("watchType") || value.has("kind") && !value.has("metadata"))
}

pub(super) fn is_of_k8shark(value: &Parts<'_>) -> bool {
    value.has("captured_at") && value.has("api_path")
}

/// Whether it is a change as spectre exports it.
pub(super) fn is_of_spectre(value: &Parts<'_>) -> bool {
    let event = value.beginning_with("resource", '{').and_then(|_| value.get("type"));
    event.and_then(unquoted).is_some_and(|event| spectre::is_change(&event))
}

/// The words of kwok since v0.7, and before.
pub(super) fn is_of_kwok(value: &Parts<'_>) -> bool {
    let api_version = value.word("apiVersion");
    api_version.starts_with("action.kwok.x-k8s.io/") || api_version.starts_with("kwok.x-k8s.io/internal")
}

/// Whether it is a log record of OpenTelemetry.
pub(super) fn is_log_record(value: &Parts<'_>) -> bool {
    let is_any_value = |body: &RawValue| {
        let value = body.get().trim_start_matches('{').trim_start();
        ["\"kvlistValue\"", "\"stringValue\"", "\"arrayValue\""].into_iter().any(|key| value.starts_with(key))
    };
    let has_time = || value.has("observedTimeUnixNano") || value.has("timeUnixNano");
    value.get("body").is_some_and(|body| has_time() || is_any_value(body))
}

/// Whether it is an object of a cluster.
pub(super) fn is_object(value: &Parts<'_>) -> bool {
    let has_kind = value.beginning_with("kind", '"').is_some();
    let is_event = || ["involvedObject", "regarding"].into_iter().any(|key| value.beginning_with(key, '{').is_some());
    has_kind && (value.has("apiVersion") || value.has("metadata")) || is_event() || is_named(value)
}

/// Whether it says of itself what an API server writes into an object.
fn is_named(value: &Parts<'_>) -> bool {
    let Some(metadata) = value.beginning_with("metadata", '{').map(|metadata| Parts::of(metadata.get())) else {
        return false;
    };
    let is_written = ["uid", "resourceVersion", "creationTimestamp"].into_iter().any(|key| metadata.has(key));
    metadata.has("name") && (is_written || value.has("spec"))
}

/// The object of a watch event.
pub(super) fn watched_object<'a>(value: &Parts<'a>) -> Option<&'a RawValue> {
    value.beginning_with("type", '"').and_then(|_| value.beginning_with("object", '{'))
}

pub(super) fn is_watch_word(event: &str) -> bool {
    matches!(event, "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR")
}
