//! Tells formats apart by their keys, never by a name, and has each read by its own file.

use serde_json::value::RawValue;

use super::reading::{Around, Reading, unquoted};
use super::related::{is_workload, kind_of};
use super::table::Format;
use super::{
    aks, audit, cloudwatch, dump, foreign, gke, k8shark, kwok, opentelemetry, related, resourcewatch, sloop, spectre,
};
use crate::input::unwrap::{Inner, Shape, Unwrapped, texts_within, unwrap, unwrap_whole};

/// The keys by which formats are known, each with its value as it stands there.
#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Keys<'a> {
    kind: Option<&'a RawValue>,
    api_version: Option<&'a RawValue>,
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
    #[serde(rename = "protopayload_auditlog")]
    protopayload_auditlog: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    spec: Option<&'a RawValue>,
    properties: Option<&'a RawValue>,
    #[serde(rename = "ObjectRef")]
    object_ref_column: Option<&'a RawValue>,
    #[serde(rename = "Verb")]
    verb_column: Option<&'a RawValue>,
    payload: Option<&'a RawValue>,
    watch_type: Option<&'a RawValue>,
    #[serde(rename = "captured_at")]
    captured_at: Option<serde::de::IgnoredAny>,
    #[serde(rename = "api_path")]
    api_path: Option<serde::de::IgnoredAny>,
    resource: Option<&'a RawValue>,
    body: Option<&'a RawValue>,
    observed_time_unix_nano: Option<&'a RawValue>,
    time_unix_nano: Option<&'a RawValue>,
    // An audit event's own.
    stage: Option<&'a RawValue>,
    verb: Option<&'a RawValue>,
    #[serde(rename = "auditID")]
    audit_id: Option<&'a RawValue>,
    object_ref: Option<&'a RawValue>,
    #[serde(rename = "requestURI")]
    request_uri: Option<&'a RawValue>,
    // An Event's own.
    involved_object: Option<&'a RawValue>,
    regarding: Option<&'a RawValue>,
    // Batches of records.
    events: Option<&'a RawValue>,
    log_events: Option<&'a RawValue>,
    message: Option<&'a RawValue>,
    #[serde(rename = "@message")]
    at_message: Option<&'a RawValue>,
    records: Option<&'a RawValue>,
    results: Option<&'a RawValue>,
    #[serde(rename = "Data")]
    data: Option<&'a RawValue>,
    resource_logs: Option<&'a RawValue>,
    /// Of the query API of Azure Monitor.
    tables: Option<&'a RawValue>,
}

impl Keys<'_> {
    fn word(value: Option<&RawValue>) -> &str {
        value.map_or("", |value| value.get().trim_matches('"'))
    }

    /// Whether it has the fields of an audit event, whatever it says to be.
    fn is_audit(&self) -> bool {
        if self.items.is_some() {
            return false;
        }
        let own = [self.audit_id, self.object_ref, self.request_uri].into_iter().flatten().count();
        Self::word(self.api_version).starts_with("audit.k8s.io/")
            || self.stage.is_some() && self.verb.is_some() && own > 0
    }

    /// Whether it is a record of sloop: its payload is an object as text.
    fn is_of_sloop(&self) -> bool {
        let is_text = self.payload.is_some_and(|payload| payload.get().starts_with("\"{"));
        is_text && (self.watch_type.is_some() || self.kind.is_some() && self.metadata.is_none())
    }

    fn is_of_k8shark(&self) -> bool {
        self.captured_at.is_some() && self.api_path.is_some()
    }

    /// Whether it is a change as spectre exports it.
    fn is_of_spectre(&self) -> bool {
        self.resource.is_some_and(|resource| resource.get().starts_with('{'))
            && self.event.and_then(unquoted).is_some_and(|event| spectre::is_change(&event))
    }

    /// Whether it is a log record of OpenTelemetry.
    fn is_log_record(&self) -> bool {
        let has_time = self.observed_time_unix_nano.is_some() || self.time_unix_nano.is_some();
        let is_any_value = |body: &RawValue| {
            let value = body.get().trim_start_matches('{').trim_start();
            ["\"kvlistValue\"", "\"stringValue\"", "\"arrayValue\""].into_iter().any(|key| value.starts_with(key))
        };
        self.body.is_some_and(|body| has_time || is_any_value(body))
    }

    /// Whether it is an object of a cluster, or a watch event of one.
    fn is_object(&self) -> bool {
        let has_kind = self.kind.is_some_and(|kind| kind.get().starts_with('"'));
        has_kind && (self.api_version.is_some() || self.metadata.is_some()) || self.is_event() || self.is_named()
    }

    /// Whether it has what only an Event has.
    fn is_event(&self) -> bool {
        [self.involved_object, self.regarding].into_iter().flatten().any(|about| about.get().starts_with('{'))
    }

    /// Whether it says of itself what an API server writes into an object.
    fn is_named(&self) -> bool {
        #[derive(serde::Deserialize, Default)]
        #[serde(default, rename_all = "camelCase")]
        struct Names {
            name: Option<serde::de::IgnoredAny>,
            uid: Option<serde::de::IgnoredAny>,
            resource_version: Option<serde::de::IgnoredAny>,
            creation_timestamp: Option<serde::de::IgnoredAny>,
        }
        let names = self.metadata.and_then(|metadata| serde_json::from_str::<Names>(metadata.get()).ok());
        names.is_some_and(|names| {
            let is_written =
                names.uid.is_some() || names.resource_version.is_some() || names.creation_timestamp.is_some();
            names.name.is_some() && (is_written || self.spec.is_some())
        })
    }

    fn is_watch_event(&self) -> bool {
        let is_word = self.event.is_some_and(|event| event.get().starts_with('"'));
        is_word && self.object.is_some_and(|object| object.get().starts_with('{'))
    }
}

/// What a value is, for looking for what is known within what is not.
fn shape(text: &str) -> Shape {
    if begins_as_audit(text) {
        return Shape::Known;
    }
    let Ok(keys) = serde_json::from_str::<Keys<'_>>(text) else { return Shape::Unknown };
    let is_known = keys.is_audit()
        || keys.observation_type.is_some()
        || keys.proto_payload.is_some()
        || keys.protopayload_auditlog.is_some()
        || keys.object_ref_column.is_some() && keys.verb_column.is_some()
        || keys.is_of_sloop()
        || keys.is_of_k8shark()
        || keys.is_of_spectre()
        || keys.is_log_record()
        || keys.capital_object.is_some() && keys.capital_event.is_some()
        || is_of_kwok(Keys::word(keys.api_version));
    if is_known {
        return Shape::Known;
    }
    // The items of a list are found one by one.
    if keys.items.is_some() {
        return Shape::Unknown;
    }
    let inner = keys.object.filter(|_| keys.is_watch_event());
    match (inner.map(|object| kind_of(object.get())), keys.is_object()) {
        (Some(Some(kind)), _) if is_workload(&kind) => Shape::Known,
        (Some(kind), _) => told(&kind.unwrap_or_default()),
        (None, true) => told(&kind_of(text).unwrap_or_default()),
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
    if !text.trim_start().starts_with('{') {
        let value = text.trim();
        serde_json::from_str::<&RawValue>(value)?;
        if !value.starts_with('[') || !cloudwatch::lacks_message(value, then) {
            read_within(value, &Keys::default(), around, then)?;
        }
        return Ok(());
    }
    let keys: Keys<'_> = serde_json::from_str(text)?;
    let api_version = Keys::word(keys.api_version);
    if keys.is_audit() {
        then(Format::Audit, audit::read(text)?);
    } else if is_of_kwok(api_version) && Keys::word(keys.kind) == "ResourcePatch" {
        then(Format::Kwok, kwok::read(text)?);
    } else if keys.observation_type.is_some() {
        then(Format::Resourcewatch, resourcewatch::read(text)?);
    } else if keys.is_of_k8shark() {
        then(Format::K8shark, k8shark::read(text)?);
    } else if keys.is_of_spectre() {
        then(Format::Spectre, spectre::read(text)?);
    } else if keys.proto_payload.is_some() || keys.protopayload_auditlog.is_some() {
        gke::read(text, &mut |reading| then(Format::Gke, reading))?;
    } else if keys.object_ref_column.is_some() {
        aks::read_row(text, then)?;
    } else if keys.capital_object.is_some() || is_watch_word(keys.capital_event) {
        dump::read(text, around, then)?;
    } else if let Some(payload) = keys.payload.filter(|_| keys.is_of_sloop() || around.batch == Some(Format::Sloop)) {
        sloop::read(text, payload, around, then)?;
    } else if let Some(body) = keys.body.filter(|_| keys.is_log_record()) {
        opentelemetry::read(text, body, around, read, then)?;
    } else if let Some(rows) = keys.tables.and_then(aks::rows_of) {
        let rows = rows.into_iter().enumerate().map(|(index, row)| (format!("tables.rows[{index}]"), row.into()));
        then(Format::Aks, Reading::Several(rows.collect()));
    } else if let Some(tool) = keys.events.and_then(|_| foreign::named(text)) {
        then(Format::Object, Reading::Unrecognized(tool.to_owned()));
    } else if let Some((format, items)) = batch(&keys).filter(|_| around.depth == 0) {
        then(format, items.map_or_else(|| Reading::Bad(NO_ITEMS.to_owned()), Reading::Wrapped));
    } else if let Some(object) = keys.raw_object {
        let kind = keys.event.and_then(|event| serde_json::from_str::<String>(event.get()).ok());
        let mut within = |_: Format, reading: Reading<'_>| then(Format::Dump, reading);
        related::read(object.get(), kind.as_deref(), around, &mut within)?;
    } else if let Some(object) = keys.object.filter(|_| keys.is_watch_event()) {
        let kind = keys.event.and_then(|event| serde_json::from_str::<String>(event.get()).ok());
        related::read(object.get(), kind.as_deref(), around, then)?;
    } else if keys.is_object() || around.list_kind.is_some() {
        related::read(text, None, around, then)?;
    } else {
        read_within(text, &keys, around, then)?;
    }
    Ok(())
}

/// Reads what a value holds that is not known itself.
fn read_within(
    text: &str,
    keys: &Keys<'_>,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let is_whole = around.depth > 0;
    let unwrapped = if is_whole { unwrap_whole(text, &shape) } else { unwrap(text, &shape) };
    let shipper = around.batch.or_else(|| shipper(keys));
    match unwrapped {
        Unwrapped::One(Inner { path, text: inner }) => match around.deeper() {
            Some(around) => {
                let mut within = |format: Format, reading: Reading<'_>| {
                    then(shipper.unwrap_or(format), reading.at(&path));
                };
                read(&inner, around, &mut within)?;
            }
            None => then(Format::Object, Reading::Bad(format!("{path} is wrapped too deep; expected records"))),
        },
        Unwrapped::Entries(_, entries) => then(shipper.unwrap_or(Format::Object), Reading::Wrapped(entries)),
        Unwrapped::Several(inner) => then(
            shipper.unwrap_or(Format::Object),
            Reading::Several(inner.into_iter().map(|inner| (inner.path, inner.text)).collect()),
        ),
        Unwrapped::Nothing => {
            let (format, reading) = nothing_within(text, keys, around);
            then(shipper.unwrap_or(format), reading);
        }
    }
    Ok(())
}

/// What is said of a value that holds nothing known.
fn nothing_within<'a>(text: &str, keys: &Keys<'_>, around: Around<'_>) -> (Format, Reading<'a>) {
    if let Some((path, error)) = cut_text(text) {
        let what = format!("{path} does not read as an audit event: {error}; expected all of it");
        return (Format::Audit, Reading::Bad(what));
    }
    if let Some(tool) = foreign::named(text) {
        return (Format::Object, Reading::Unrecognized(tool.to_owned()));
    }
    match around.batch {
        Some(Format::CloudWatch) if keys.message.is_none() && keys.at_message.is_none() => {
            return (Format::CloudWatch, Reading::Bad(NO_MESSAGE.to_owned()));
        }
        Some(Format::Aks) if lacks_log(text, keys) => {
            return (Format::Aks, Reading::Bad(NO_PROPERTIES.to_owned()));
        }
        Some(Format::Sloop) => return (Format::Sloop, Reading::Bad(NO_PAYLOAD.to_owned())),
        Some(_) | None => {}
    }
    if keys.kind.is_none() && is_watch_word(keys.event) {
        return (Format::Watch, Reading::Bad(NO_OBJECT.to_owned()));
    }
    if keys.kind.is_some_and(|kind| kind.get().starts_with('"')) {
        return (Format::Object, Reading::Skip(Keys::word(keys.kind).to_owned().into()));
    }
    if around.depth > 0 || shipper(keys).is_some() {
        return (Format::Object, Reading::Skip("log entries that are no audit events".into()));
    }
    (Format::Object, Reading::Unrecognized(NO_KIND.to_owned()))
}

fn is_watch_word(event: Option<&RawValue>) -> bool {
    matches!(Keys::word(event), "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR")
}

/// Whether an entry of Azure Monitor should have an audit event and has none: entries of other logs name their category.
fn lacks_log(text: &str, keys: &Keys<'_>) -> bool {
    let has = |text: &str, words: &[u8]| memchr::memmem::find(text.as_bytes(), words).is_some();
    let is_of_other_log = has(text, b"\"category\"") && !has(text, b"\"kube-audit");
    !is_of_other_log && keys.properties.is_none_or(|properties| !has(properties.get(), b"log\""))
}

/// What most of those are known by who send audit events as text.
fn shipper(keys: &Keys<'_>) -> Option<Format> {
    if keys.properties.is_some() {
        Some(Format::Aks)
    } else if keys.message.or(keys.at_message).is_some() && keys.metadata.is_none() {
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
    let array = |value: Option<&'a RawValue>| value.filter(|value| value.get().starts_with('['));
    if let Some(items) = array(keys.events).or(array(keys.log_events)).or(array(keys.results)) {
        return Some((Format::CloudWatch, plain(items)));
    }
    if let Some(items) = array(keys.records) {
        return Some((Format::Aks, plain(items)));
    }
    if let Some(items) = keys.data {
        return Some((Format::Sloop, plain(items)));
    }
    keys.resource_logs.map(|logs| (Format::OpenTelemetry, opentelemetry::log_records(logs)))
}
