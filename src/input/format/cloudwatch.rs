//! Entries of CloudWatch Logs, in which EKS keeps the audit log: each holds an audit event as text.

use serde_json::value::RawValue;

use super::{Reading, Shape, audit, unquoted};

/// Reads one log entry by its message: text, or what the text holds. The other logs of a control plane may be JSON too.
pub(super) fn read(message: &RawValue, then: &mut dyn FnMut(Shape, Reading<'_>)) {
    let inner = unquoted(message);
    let inner = inner.as_deref().unwrap_or(message.get());
    let is_audit = memchr::memmem::find(inner.as_bytes(), b"\"audit.k8s.io/").is_some();
    if !is_audit || !inner.trim_start().starts_with('{') {
        return then(Shape::CloudWatch, Reading::Skip("log entries that are no audit events".into()));
    }
    match audit::read(inner) {
        Ok(reading) => then(Shape::CloudWatch, reading),
        Err(error) => {
            let what = format!("the message does not read as an audit event: {error}; expected all of it");
            then(Shape::CloudWatch, Reading::Bad(what));
        }
    }
}

#[derive(serde::Deserialize)]
struct Field<'a> {
    field: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// Reads one row of a Logs Insights query: a list of fields.
pub(super) fn read_row(text: &str, then: &mut dyn FnMut(Shape, Reading<'_>)) -> Result<(), serde_json::Error> {
    let fields: Vec<Field<'_>> = serde_json::from_str(text)?;
    match fields.iter().find(|field| field.field == "@message") {
        Some(message) => read(message.value, then),
        None => {
            let what = "the row of the query has no field @message; expected `fields @timestamp, @message`".to_owned();
            then(Shape::CloudWatch, Reading::Bad(what));
        }
    }
    Ok(())
}
