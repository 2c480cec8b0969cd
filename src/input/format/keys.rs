//! Tells formats apart by their keys, never by a name, and has each read by its own file.

use serde_json::value::RawValue;

use super::known::{
    KNOWN, begins_as_audit, is_audit, is_log_record, is_object, is_of_k8shark, is_of_kwok, is_of_sloop, is_of_spectre,
    is_watch_word, watched_object,
};
use super::reading::{Around, Reading, unquoted};
use super::table::Format;
use super::{
    aks, audit, cloudwatch, dump, foreign, gke, k8shark, kwok, opentelemetry, related, resourcewatch, sloop, spectre,
};
use crate::input::parts::Parts;
use crate::input::printed;
use crate::input::unwrap::{Inner, Known, Unwrapped, texts_within, unwrap, unwrap_whole};
use crate::model::ObservedAt;

/// Tells what a JSON value says, and hands it on. A value that is no JSON is an error.
pub(crate) fn read(
    text: &str,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    if begins_as_audit(text) {
        then(Format::Audit, audit::read(text)?);
        return Ok(());
    }
    read_parts(&Parts::of(text.trim()), around, then)
}

/// The same of a value that was taken apart already.
pub(crate) fn read_parts(
    value: &Parts<'_>,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    value.check()?;
    let (text, is_batch_of_sloop) = (value.text, around.batch == Some(Format::Sloop));
    if !text.starts_with('{') {
        if !text.starts_with('[') || !cloudwatch::lacks_message(text, then) {
            read_within(value, around, then)?;
        }
        return Ok(());
    }
    if is_audit(value) {
        then(Format::Audit, audit::read(text)?);
    } else if is_of_kwok(value) && value.word("kind") == "ResourcePatch" {
        then(Format::Kwok, kwok::read(text)?);
    } else if value.has("observationType") {
        then(Format::Resourcewatch, resourcewatch::read(text)?);
    } else if is_of_k8shark(value) {
        then(Format::K8shark, k8shark::read(text)?);
    } else if is_of_spectre(value) {
        then(Format::Spectre, spectre::read(text)?);
    } else if value.has("protoPayload") || value.has("protopayload_auditlog") {
        gke::read(text, &mut |reading| then(Format::Gke, reading))?;
    } else if value.has("ObjectRef") {
        aks::read_row(text, then)?;
    } else if value.has("Object") || is_watch_word(value.word("Type")) {
        dump::read(text, around, then)?;
    } else if let Some(payload) = value.get("payload").filter(|_| is_of_sloop(value) || is_batch_of_sloop) {
        sloop::read(text, payload, around, then)?;
    } else if let Some(body) = value.get("body").filter(|_| is_log_record(value)) {
        opentelemetry::read(text, body, around, read, then)?;
    } else if let Some(rows) = value.get("tables").and_then(aks::rows_of) {
        let rows = rows.into_iter().enumerate().map(|(index, row)| (format!("tables.rows[{index}]"), row.into()));
        then(Format::Aks, Reading::Several(rows.collect()));
    } else if let Some(tool) = value.get("events").and_then(|_| foreign::named(text)) {
        then(Format::Object, Reading::Unrecognized(tool.to_owned()));
    } else if let Some((format, items)) = batch(value).filter(|_| around.depth == 0) {
        then(format, items.map_or_else(|| Reading::Bad(NO_ITEMS.to_owned()), Reading::Wrapped));
    } else if let Some(object) = value.beginning_with("raw_object", '{') {
        let mut within = |_: Format, reading: Reading<'_>| then(Format::Dump, reading);
        related::read(object.get(), event_of(value).as_deref(), around, &mut within)?;
    } else if let Some(object) = watched_object(value) {
        related::read(object.get(), event_of(value).as_deref(), around, then)?;
    } else if is_object(value) || around.list_kind.is_some() {
        related::read(text, None, around, then)?;
    } else if let Some(at) = taken_at(value) {
        then(Format::KubectlText, Reading::Taken(at));
    } else {
        read_within(value, around, then)?;
    }
    Ok(())
}

/// The time of a dump, as a line of its `timestamp` is kept.
fn taken_at(value: &Parts<'_>) -> Option<ObservedAt> {
    let text = value.get("text").filter(|_| value.word("kind") == printed::TAKEN)?;
    printed::time(&unquoted(text)?)
}

/// What a watch event says to be.
fn event_of(value: &Parts<'_>) -> Option<String> {
    value.get("type").and_then(|event| serde_json::from_str(event.get()).ok())
}

/// Reads what a value holds that is not known itself.
fn read_within(
    value: &Parts<'_>,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    read_found(value, KNOWN, around, then)
}

fn read_found(
    value: &Parts<'_>,
    known: Known,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let is_whole = around.depth > 0;
    let unwrapped = if is_whole { unwrap_whole(value, known) } else { unwrap(value, known) };
    let shipper = around.batch.or_else(|| shipper(value));
    match unwrapped {
        Unwrapped::One(Inner { path, text: inner }) => match around.deeper() {
            Some(deeper) => {
                let mut within = |format: Format, reading: Reading<'_>| {
                    then(shipper.unwrap_or(format), reading.at(&path));
                };
                match read(&inner, deeper, &mut within) {
                    // More stands behind it, or less than all of it is there.
                    Err(_) if (known.is_alone)(&inner) => read_found(value, KNOWN.one_by_one(), around, then)?,
                    outcome => outcome?,
                }
            }
            None => then(Format::Object, Reading::Bad(format!("{path} is wrapped too deep; expected records"))),
        },
        Unwrapped::Entries(_, entries) => then(shipper.unwrap_or(Format::Object), Reading::Wrapped(entries)),
        Unwrapped::Several(inner) => then(
            shipper.unwrap_or(Format::Object),
            Reading::Several(inner.into_iter().map(|inner| (inner.path, inner.text)).collect()),
        ),
        Unwrapped::Nothing => {
            let (format, reading) = nothing_within(value, around);
            then(shipper.unwrap_or(format), reading);
        }
    }
    Ok(())
}

/// What is said of a value that holds nothing known.
fn nothing_within<'a>(value: &Parts<'_>, around: Around<'_>) -> (Format, Reading<'a>) {
    let text = value.text;
    if let Some((path, error)) = cut_text(text) {
        let path = if path.is_empty() { "the text" } else { &path };
        let what = format!("{path} does not read as an audit event: {error}; expected all of it");
        return (Format::Audit, Reading::Bad(what));
    }
    if let Some(tool) = foreign::named(text) {
        return (Format::Object, Reading::Unrecognized(tool.to_owned()));
    }
    match around.batch {
        Some(Format::CloudWatch) if !value.has("message") && !value.has("@message") => {
            return (Format::CloudWatch, Reading::Bad(NO_MESSAGE.to_owned()));
        }
        Some(Format::Aks) if lacks_log(value) => {
            return (Format::Aks, Reading::Bad(NO_PROPERTIES.to_owned()));
        }
        Some(Format::Sloop) => return (Format::Sloop, Reading::Bad(NO_PAYLOAD.to_owned())),
        Some(_) | None => {}
    }
    if !value.has("kind") && is_watch_word(value.word("type")) {
        return (Format::Watch, Reading::Bad(NO_OBJECT.to_owned()));
    }
    if value.beginning_with("kind", '"').is_some() {
        return (Format::Object, Reading::Skip(value.word("kind").to_owned().into()));
    }
    if around.depth > 0 || shipper(value).is_some() {
        return (Format::Object, Reading::Skip("log entries that are no audit events".into()));
    }
    (Format::Object, Reading::Unrecognized(NO_KIND.to_owned()))
}

/// Whether an entry of Azure Monitor should have an audit event and has none: entries of other logs name their category.
fn lacks_log(value: &Parts<'_>) -> bool {
    let has = |text: &str, words: &[u8]| memchr::memmem::find(text.as_bytes(), words).is_some();
    let is_of_other_log = has(value.text, b"\"category\"") && !has(value.text, b"\"kube-audit");
    !is_of_other_log && value.get("properties").is_none_or(|properties| !has(properties.get(), b"log\""))
}

/// What most of those are known by who send audit events as text.
fn shipper(value: &Parts<'_>) -> Option<Format> {
    if value.has("properties") {
        Some(Format::Aks)
    } else if (value.has("message") || value.has("@message")) && !value.has("metadata") {
        Some(Format::CloudWatch)
    } else {
        None
    }
}

/// An audit event within a text that is cut, or no JSON.
fn cut_text(text: &str) -> Option<(String, serde_json::Error)> {
    memchr::memmem::find(text.as_bytes(), b"audit.k8s.io/")?;
    texts_within(text).into_iter().find_map(|(path, inner)| {
        let inner = inner.trim_start();
        let is_audit = inner.starts_with('{') && memchr::memmem::find(inner.as_bytes(), b"\"audit.k8s.io/").is_some();
        let error = serde_json::from_str::<&RawValue>(inner).err().filter(|_| is_audit)?;
        Some((path, error))
    })
}

const NO_KIND: &str = "the object has no kind; expected a watch event, a Pod or a PodList";
const NO_OBJECT: &str = "found `type` without `object`; expected a watch event {\"type\":…,\"object\":…}";
const NO_MESSAGE: &str = "the log event has no message; expected the audit event as text";
const NO_PROPERTIES: &str = "the log entry has no properties.log; expected the audit event as text";
const NO_PAYLOAD: &str = "the record has no payload; expected the object as JSON in a string";
const NO_ITEMS: &str = "the batch holds no array of records; expected one, as the format has it";

/// The records of a batch, if the keys are those of one.
fn batch<'a>(value: &Parts<'a>) -> Option<(Format, Option<Vec<&'a str>>)> {
    let plain = |items: &'a RawValue| -> Option<Vec<&'a str>> {
        let items: Vec<&'a RawValue> = serde_json::from_str(items.get()).ok()?;
        Some(items.into_iter().map(RawValue::get).collect())
    };
    let array = |key: &str| value.beginning_with(key, '[');
    if let Some(items) = ["events", "logEvents", "results"].into_iter().find_map(array) {
        return Some((Format::CloudWatch, plain(items)));
    }
    if let Some(items) = array("records") {
        return Some((Format::Aks, plain(items)));
    }
    if let Some(items) = value.get("Data") {
        return Some((Format::Sloop, plain(items)));
    }
    value.get("resourceLogs").map(|logs| (Format::OpenTelemetry, opentelemetry::log_records(logs)))
}
