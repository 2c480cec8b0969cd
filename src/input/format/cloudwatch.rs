//! Rows of a query of CloudWatch Logs Insights, each a list of fields: the audit event stands in `@message`.

use super::reading::Reading;
use super::table::Format;

#[derive(serde::Deserialize)]
struct Field {
    field: String,
    #[serde(rename = "value")]
    _value: serde::de::IgnoredAny,
}

/// Whether a text is a row that has no message; that is said.
pub(super) fn lacks_message(text: &str, then: &mut dyn FnMut(Format, Reading<'_>)) -> bool {
    let Ok(fields) = serde_json::from_str::<Vec<Field>>(text) else { return false };
    let lacks = !fields.is_empty() && fields.iter().all(|field| field.field != "@message");
    if lacks {
        let what = "the row of the query has no field @message; expected `fields @timestamp, @message`".to_owned();
        then(Format::CloudWatch, Reading::Bad(what));
    }
    lacks
}
