//! Log records of OpenTelemetry's k8sobjects receiver: the watch event, or the object, as the record's body.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::reading::{Around, Read, Reading, Time, present};
use super::table::Format;
use crate::model::ObservedAt;

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ResourceLogs<'a> {
    scope_logs: Vec<ScopeLogs<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ScopeLogs<'a> {
    log_records: Vec<&'a RawValue>,
}

/// The log records of a batch as the file exporter writes it.
pub(super) fn log_records(logs: &RawValue) -> Option<Vec<&str>> {
    let logs: Vec<ResourceLogs<'_>> = serde_json::from_str(logs.get()).ok()?;
    let scopes = logs.into_iter().flat_map(|logs| logs.scope_logs);
    Some(scopes.flat_map(|scope| scope.log_records).map(RawValue::get).collect())
}

/// When the receiver had it: text, as OTLP writes 64-bit integers, or a number.
#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Times<'a> {
    observed_time_unix_nano: Option<&'a RawValue>,
    time_unix_nano: Option<&'a RawValue>,
}

impl Times<'_> {
    fn received(&self) -> Result<Time, String> {
        for (key, value) in
            [("observedTimeUnixNano", self.observed_time_unix_nano), ("timeUnixNano", self.time_unix_nano)]
        {
            let Some(value) = present(value) else { continue };
            let nanoseconds: i64 = value
                .get()
                .trim_matches('"')
                .parse()
                .map_err(|_| format!("the {key} is {value}; expected nanoseconds since 1970, as text"))?;
            if nanoseconds > 0 {
                return Ok(Time::Received(ObservedAt::from_micros(nanoseconds / 1_000)));
            }
        }
        Ok(Time::Untold)
    }
}

/// Reads one log record by its body.
pub(super) fn read(
    text: &str,
    body: &RawValue,
    around: Around<'_>,
    read_inner: Read,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let received = match serde_json::from_str::<Times<'_>>(text)?.received() {
        Ok(received) => received,
        Err(what) => {
            then(Format::OpenTelemetry, Reading::Bad(what));
            return Ok(());
        }
    };
    let value: Value = serde_json::from_str(body.get())?;
    let plain = match plain(&value, NESTING_MAX) {
        Err(what) => {
            then(Format::OpenTelemetry, Reading::Bad(what));
            return Ok(());
        }
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
    };
    match around.deeper().filter(|_| plain.starts_with('{')) {
        Some(around) => {
            let mut within = |_: Format, reading: Reading<'_>| then(Format::OpenTelemetry, timed(reading, received));
            if let Err(error) = read_inner(&plain, around, &mut within) {
                let what = format!("the body does not read as an object or a watch event: {error}");
                then(Format::OpenTelemetry, Reading::Bad(what));
            }
        }
        None => then(Format::OpenTelemetry, Reading::Skip("log records without an object".into())),
    }
    Ok(())
}

/// serde_json's own bound is 128.
const NESTING_MAX: usize = 128;

/// What a record says, with the time at which it was received where it tells none itself.
fn timed(reading: Reading<'_>, received: Time) -> Reading<'_> {
    match (reading, received) {
        (Reading::Pod { kind, text, time: Time::Untold, by }, time) => Reading::Pod { kind, text, time, by },
        (Reading::Related { kind, target, at: None, text, by }, Time::Received(at)) => {
            Reading::Related { kind, target, at: Some(at), text, by }
        }
        (reading, _) => reading,
    }
}

/// An `AnyValue` of OTLP as the JSON that it stands for, an empty one as null; anything else as it is.
fn plain(value: &Value, nesting: usize) -> Result<Value, String> {
    let Some(nesting) = nesting.checked_sub(1) else {
        return Err(format!("the body has more than {NESTING_MAX} values within each other; expected an object"));
    };
    let Value::Object(fields) = value else { return Ok(value.clone()) };
    if fields.is_empty() {
        return Ok(Value::Null);
    }
    let only = fields.iter().next().filter(|_| fields.len() == 1);
    Ok(match only.map(|(key, inner)| (key.as_str(), inner)) {
        Some(("kvlistValue", list)) => {
            let entry = |entry: &Value| -> Result<(String, Value), String> {
                let key = entry.get("key").and_then(Value::as_str).ok_or("an entry of a kvlistValue has no key")?;
                let value = entry.get("value").map_or(Ok(Value::Null), |value| plain(value, nesting))?;
                Ok((key.to_owned(), value))
            };
            Value::Object(values("kvlistValue", list)?.iter().map(entry).collect::<Result<Map<_, _>, _>>()?)
        }
        Some(("arrayValue", list)) => {
            let items = values("arrayValue", list)?.iter().map(|item| plain(item, nesting));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Some(("stringValue" | "boolValue" | "doubleValue" | "bytesValue", inner)) => inner.clone(),
        // OTLP writes 64-bit integers as text.
        Some(("intValue", Value::String(text))) => {
            let number: i64 = text.parse().map_err(|_| format!("an intValue is {text:?}; expected a whole number"))?;
            number.into()
        }
        Some(("intValue", inner)) => inner.clone(),
        // An empty AnyValue is null.
        None if fields.is_empty() => Value::Null,
        Some(_) | None => value.clone(),
    })
}

/// The values of a list of OTLP; an empty one may leave them out.
fn values<'a>(key: &str, list: &'a Value) -> Result<&'a [Value], String> {
    match (list, list.get("values")) {
        (Value::Object(_), None | Some(Value::Null)) => Ok(&[]),
        (Value::Object(_), Some(Value::Array(values))) => Ok(values),
        (_, _) => Err(format!("the {key} of the body is not a list of values; expected {{\"values\":[…]}}")),
    }
}
