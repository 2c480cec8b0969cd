//! Log records of OpenTelemetry's k8sobjects receiver: the watch event, or the object, as the record's body.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Around, Reading, Shape, read as read_inner};

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    #[serde(borrow, default)]
    scope_logs: Vec<ScopeLogs<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    #[serde(borrow, default)]
    log_records: Vec<&'a RawValue>,
}

/// The log records of a batch as the file exporter writes it.
pub(super) fn log_records(logs: &RawValue) -> Option<Vec<&str>> {
    let logs: Vec<ResourceLogs<'_>> = serde_json::from_str(logs.get()).ok()?;
    let scopes = logs.into_iter().flat_map(|logs| logs.scope_logs);
    Some(scopes.flat_map(|scope| scope.log_records).map(RawValue::get).collect())
}

/// Reads one log record by its body.
pub(super) fn read(
    body: &RawValue,
    around: Around<'_>,
    then: &mut dyn FnMut(Shape, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let value: Value = serde_json::from_str(body.get())?;
    let plain = match plain(&value, NESTING_MAX) {
        Value::String(text) => text,
        other @ (Value::Object(_) | Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_)) => {
            other.to_string()
        }
    };
    match around.deeper().filter(|_| plain.starts_with('{')) {
        Some(around) => {
            let mut within = |_: Shape, reading: Reading<'_>| then(Shape::OpenTelemetry, reading);
            if let Err(error) = read_inner(&plain, around, &mut within) {
                let what = format!("the body does not read as an object or a watch event: {error}");
                then(Shape::OpenTelemetry, Reading::Bad(what));
            }
        }
        None => then(Shape::OpenTelemetry, Reading::Skip("log records without an object".into())),
    }
    Ok(())
}

/// serde_json's own bound is 128.
const NESTING_MAX: usize = 128;

/// An `AnyValue` of OTLP as the JSON that it stands for, an empty one as null; anything else as it is.
fn plain(value: &Value, nesting: usize) -> Value {
    let Some(nesting) = nesting.checked_sub(1) else { return Value::Null };
    let Value::Object(fields) = value else { return value.clone() };
    if fields.is_empty() {
        return Value::Null;
    }
    let only = fields.iter().next().filter(|_| fields.len() == 1);
    match only.map(|(key, inner)| (key.as_str(), inner)) {
        Some(("kvlistValue", Value::Object(list))) => {
            let entries = list.get("values").and_then(Value::as_array).into_iter().flatten();
            let entry = |entry: &Value| {
                let key = entry.get("key")?.as_str()?.to_owned();
                Some((key, entry.get("value").map_or(Value::Null, |value| plain(value, nesting))))
            };
            Value::Object(entries.filter_map(entry).collect::<Map<_, _>>())
        }
        Some(("arrayValue", Value::Object(list))) => {
            let items = list.get("values").and_then(Value::as_array).into_iter().flatten();
            Value::Array(items.map(|item| plain(item, nesting)).collect())
        }
        Some(("stringValue" | "boolValue" | "doubleValue" | "bytesValue", inner)) => inner.clone(),
        // OTLP writes 64-bit integers as text.
        Some(("intValue", Value::String(text))) => text.parse::<i64>().map_or(Value::Null, Value::from),
        Some(("intValue", inner)) => inner.clone(),
        Some(_) | None => value.clone(),
    }
}
