//! Entries of CloudWatch Logs, in which EKS keeps the audit log: each holds an audit event as text.

use serde_json::value::RawValue;

use super::audit;
use super::reading::{Reading, unquoted};
use super::table::Format;

/// Reads one log entry by its message: text, or what the text holds. The other logs of a control plane may be JSON too.
pub(super) fn read(message: &RawValue, then: &mut dyn FnMut(Format, Reading<'_>)) {
    let inner = unquoted(message);
    let inner = inner.as_deref().unwrap_or(message.get());
    let is_audit = memchr::memmem::find(inner.as_bytes(), b"\"audit.k8s.io/").is_some();
    if !is_audit || !inner.trim_start().starts_with('{') {
        return then(Format::CloudWatch, Reading::Skip("log entries that are no audit events".into()));
    }
    match audit::read(inner) {
        Ok(reading) => then(Format::CloudWatch, reading),
        Err(error) => {
            let what = format!("the message does not read as an audit event: {error}; expected all of it");
            then(Format::CloudWatch, Reading::Bad(what));
        }
    }
}

#[derive(serde::Deserialize)]
struct Field<'a> {
    field: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// Reads one row of a Logs Insights query, which is a list of fields. Hands back an array that is none.
pub(super) fn read_row<'a>(text: &'a str, then: &mut dyn FnMut(Format, Reading<'_>)) -> Option<&'a str> {
    let Ok(fields) = serde_json::from_str::<Vec<Field<'_>>>(text) else { return Some(text) };
    match fields.iter().find(|field| field.field == "@message") {
        Some(message) => read(message.value, then),
        None if fields.is_empty() => return Some(text),
        None => {
            let what = "the row of the query has no field @message; expected `fields @timestamp, @message`".to_owned();
            then(Format::CloudWatch, Reading::Bad(what));
        }
    }
    None
}
