//! Tells formats apart by their keys, never by a name, and has each read by its own file.

use serde_json::value::RawValue;

use super::reading::{Around, Reading};
use super::table::Format;
use super::{aks, audit, cloudwatch, dump, gke, kwok, opentelemetry, related, resourcewatch, sloop};
use crate::input::json_text::Text;

/// The keys by which formats are known, each with its value as it stands there.
#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Keys<'a> {
    kind: Text<'a>,
    api_version: Text<'a>,
    items: Option<&'a RawValue>,
    #[serde(rename = "type")]
    event: Option<&'a RawValue>,
    object: Option<&'a RawValue>,
    #[serde(rename = "Object")]
    capital_object: Option<&'a RawValue>,
    #[serde(rename = "Type")]
    capital_event: Option<&'a RawValue>,
    #[serde(rename = "raw_object")]
    raw_object: Option<&'a RawValue>,
    observation_type: Option<&'a RawValue>,
    proto_payload: Option<&'a RawValue>,
    /// Objects have it, log entries have not.
    metadata: Option<serde::de::IgnoredAny>,
    message: Option<&'a RawValue>,
    #[serde(rename = "@message")]
    at_message: Option<&'a RawValue>,
    properties: Option<&'a RawValue>,
    #[serde(rename = "ObjectRef")]
    object_ref: Option<&'a RawValue>,
    payload: Option<&'a RawValue>,
    body: Option<&'a RawValue>,
    // Batches of records.
    events: Option<&'a RawValue>,
    log_events: Option<&'a RawValue>,
    records: Option<&'a RawValue>,
    results: Option<&'a RawValue>,
    #[serde(rename = "Data")]
    data: Option<&'a RawValue>,
    resource_logs: Option<&'a RawValue>,
    /// Of the query API of Azure Monitor.
    tables: Option<&'a RawValue>,
}

/// Whether a text begins like an audit event: then it need not be looked at twice.
pub(crate) fn begins_as_audit(text: &str) -> bool {
    const SEEN_BYTES: usize = 160;
    let head = text.as_bytes().get(..SEEN_BYTES).unwrap_or(text.as_bytes());
    let at = memchr::memmem::find(head, b"\"audit.k8s.io/");
    // Behind a backslash it stands in a text: something is wrapped around it.
    at.is_some_and(|at| at > 0 && head[at - 1] != b'\\')
}

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
    if text.trim_start().starts_with('[') {
        // A row of a query, or records one behind the other as `gcloud` and `az` print them.
        if let Some(array) = cloudwatch::read_row(text, then) {
            let items: Vec<&RawValue> = serde_json::from_str(array)?;
            then(Format::Object, Reading::Wrapped(items.into_iter().map(RawValue::get).collect()));
        }
        return Ok(());
    }
    let keys: Keys<'_> = serde_json::from_str(text)?;
    let api_version = keys.api_version.as_deref().unwrap_or_default();
    if api_version.starts_with("audit.k8s.io/") && keys.items.is_none() {
        then(Format::Audit, audit::read(text)?);
    } else if is_of_kwok(api_version) && keys.kind.as_deref() == Some("ResourcePatch") {
        then(Format::Kwok, kwok::read(text)?);
    } else if keys.observation_type.is_some() {
        then(Format::Resourcewatch, resourcewatch::read(text)?);
    } else if keys.proto_payload.is_some() {
        then(Format::Gke, gke::read(text)?);
    } else if let Some(properties) = keys.properties {
        aks::read(text, properties.get(), around, read, then)?;
    } else if keys.object_ref.is_some() {
        aks::read_row(text, then)?;
    } else if let Some(message) =
        keys.message.or(keys.at_message).filter(|_| keys.kind.is_none() && keys.metadata.is_none())
    {
        cloudwatch::read(message, then);
    } else if keys.capital_object.is_some() || keys.capital_event.is_some() {
        dump::read(text, around, then)?;
    } else if let Some(payload) = keys.payload {
        sloop::read(text, payload, around, then)?;
    } else if let Some(body) = keys.body {
        opentelemetry::read(text, body, around, read, then)?;
    } else if let Some((format, items)) = batch(&keys) {
        then(format, items.map_or_else(|| Reading::Bad(NO_ITEMS.to_owned()), Reading::Wrapped));
    } else if let Some(object) = keys.raw_object {
        let kind = keys.event.and_then(|event| serde_json::from_str::<String>(event.get()).ok());
        let mut within = |_: Format, reading: Reading<'_>| then(Format::Dump, reading);
        related::read(object.get(), kind.as_deref(), around, &mut within)?;
    } else if let Some(object) = keys.object {
        let kind = keys.event.and_then(|event| serde_json::from_str::<String>(event.get()).ok());
        related::read(object.get(), kind.as_deref(), around, then)?;
    } else if let Some((format, lacking)) = around.batch.and_then(lacking).filter(|_| keys.kind.is_none()) {
        then(format, lacking);
    } else if keys.tables.is_some() {
        then(Format::Aks, Reading::Bad(TABLES.to_owned()));
    } else {
        related::read(text, None, around, then)?;
    }
    Ok(())
}

const TABLES: &str = "the answer of the query API tells its columns apart from its rows; expected rows with their keys, as \
                      `az monitor log-analytics query -o json` prints them";

/// What a record of a batch is called that lacks the key by which such records are known.
fn lacking(batch: Format) -> Option<(Format, Reading<'static>)> {
    let what = match batch {
        Format::CloudWatch => "the log event has no message; expected the audit event as text",
        Format::Aks => "the log entry has no properties.log; expected the audit event as text",
        Format::Sloop => "the record has no payload; expected the object as JSON in a string",
        Format::OpenTelemetry => return Some((batch, Reading::Skip("log records without an object".into()))),
        Format::Watch
        | Format::List
        | Format::Object
        | Format::Audit
        | Format::Gke
        | Format::Kwok
        | Format::Resourcewatch
        | Format::Dump
        | Format::CoreEvents
        | Format::Nodes => return None,
    };
    Some((batch, Reading::Bad(what.to_owned())))
}

const NO_ITEMS: &str = "the batch holds no array of records; expected one, as the format has it";

/// The words of kwok since v0.7, and before.
fn is_of_kwok(api_version: &str) -> bool {
    api_version.starts_with("action.kwok.x-k8s.io/") || api_version.starts_with("kwok.x-k8s.io/internal")
}

/// The records of a batch, if the keys are those of one.
fn batch<'a>(keys: &Keys<'a>) -> Option<(Format, Option<Vec<&'a str>>)> {
    let plain = |items: &'a RawValue| -> Option<Vec<&'a str>> {
        let items: Vec<&'a RawValue> = serde_json::from_str(items.get()).ok()?;
        Some(items.into_iter().map(RawValue::get).collect())
    };
    if let Some(items) = keys.events.or(keys.log_events).or(keys.results) {
        return Some((Format::CloudWatch, plain(items)));
    }
    if let Some(items) = keys.records {
        return Some((Format::Aks, plain(items)));
    }
    if let Some(items) = keys.data {
        return Some((Format::Sloop, plain(items)));
    }
    keys.resource_logs.map(|logs| (Format::OpenTelemetry, opentelemetry::log_records(logs)))
}
