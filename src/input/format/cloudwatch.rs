//! Entries of CloudWatch Logs, in which EKS keeps the audit log: each holds an audit event as text.

use serde_json::value::RawValue;

use super::{Around, Reading, Shape, read as read_inner, unquoted};

/// Reads one log entry by its message.
pub(super) fn read(message: &RawValue, around: Around<'_>, then: &mut dyn FnMut(Shape, Reading<'_>)) {
    let inner = unquoted(message);
    match inner.as_deref().filter(|inner| inner.trim_start().starts_with('{')).zip(around.deeper()) {
        Some((inner, around)) => {
            let mut within = |_: Shape, reading: Reading<'_>| then(Shape::CloudWatch, reading);
            if let Err(error) = read_inner(inner, around, &mut within) {
                let what = format!("the message does not read as an audit event: {error}");
                then(Shape::CloudWatch, Reading::Bad(what));
            }
        }
        None => then(Shape::CloudWatch, Reading::Skip("log entries that are no audit events".into())),
    }
}

#[derive(serde::Deserialize)]
struct Field<'a> {
    field: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// Reads one row of a Logs Insights query: a list of fields.
pub(super) fn read_row(
    text: &str,
    around: Around<'_>,
    then: &mut dyn FnMut(Shape, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let fields: Vec<Field<'_>> = serde_json::from_str(text)?;
    match fields.iter().find(|field| field.field == "@message") {
        Some(message) => read(message.value, around, then),
        None => {
            let what = "the row of the query has no field @message; expected `fields @timestamp, @message`".to_owned();
            then(Shape::CloudWatch, Reading::Bad(what));
        }
    }
    Ok(())
}
