//! Audit entries of Azure Monitor (AKS) in the columns of the table AKSAudit.

use serde_json::value::RawValue;

use super::audit::{Annotations, ObjectRef, read_audited};
use super::audited::{Audited, Outcome, Stamp};
use super::reading::{Reading, present, unquoted};
use super::table::Format;
use crate::input::json_text::Text;
use crate::model::ObservedAt;

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Row<'a> {
    level: Text<'a>,
    stage: Text<'a>,
    verb: Text<'a>,
    request_uri: Text<'a>,
    user_agent: Text<'a>,
    user: Option<&'a RawValue>,
    object_ref: Option<&'a RawValue>,
    response_status: Option<&'a RawValue>,
    stage_received_time: Text<'a>,
    request_received_time: Text<'a>,
    request_object: Option<&'a RawValue>,
    response_object: Option<&'a RawValue>,
    annotations: Option<&'a RawValue>,
}

/// Reads one row of the table AKSAudit. Its dynamic columns hold objects, or their text.
pub(super) fn read_row(text: &str, then: &mut dyn FnMut(Format, Reading<'_>)) -> Result<(), serde_json::Error> {
    let row: Row<'_> = serde_json::from_str(text)?;
    if row.stage.as_deref().is_some_and(|stage| stage != "ResponseComplete") {
        then(Format::Aks, Reading::Skip("audit events before the answer was complete".into()));
        return Ok(());
    }
    let columns = [row.object_ref, row.response_status, row.request_object, row.response_object, row.annotations];
    let columns = columns.map(present);
    let unpacked: Vec<Option<Box<RawValue>>> = columns.into_iter().map(|column| column.and_then(unpack)).collect();
    let [object_ref, status, request, response, annotations] = unpacked.as_slice() else { return Ok(()) };
    let Some(object_ref) = object_ref.as_deref().and_then(|it| serde_json::from_str::<ObjectRef<'_>>(it.get()).ok())
    else {
        then(Format::Aks, Reading::Bad("the ObjectRef of the row is not an object; expected the audit event's".into()));
        return Ok(());
    };
    let annotations = annotations.as_deref();
    let annotations = annotations.and_then(|it| serde_json::from_str::<Annotations<'_>>(it.get()).ok());
    let user = present(row.user).and_then(unpack);
    let begun = row.request_received_time.as_deref().and_then(ObservedAt::parse);
    let at = match row.stage_received_time.0 {
        None => Stamp { key: "RequestReceivedTime", found: row.request_received_time },
        found => Stamp { key: "StageReceivedTime", found: Text(found) },
    };
    let audited = Audited {
        verb: row.verb.0.unwrap_or_default(),
        uri: row.request_uri.0.unwrap_or_default(),
        agent: row.user_agent.0.unwrap_or_default(),
        outcome: Outcome::of_answer(status.as_deref()),
        user: user.as_deref(),
        begun,
        at,
        request: request.as_deref(),
        response: response.as_deref(),
        is_truncated: annotations.is_some_and(|annotations| annotations.is_truncated()),
        is_metadata_only: row.level.as_deref() == Some("Metadata"),
        ..object_ref.into_audited()
    };
    then(Format::Aks, read_audited(audited));
    Ok(())
}

/// The value of a dynamic column: itself, or what its text holds.
fn unpack(column: &RawValue) -> Option<Box<RawValue>> {
    let text = unquoted(column);
    let inner = text.as_deref().unwrap_or(column.get());
    serde_json::from_str::<Box<RawValue>>(inner).ok().or_else(|| Some(column.to_owned()))
}

#[derive(serde::Deserialize)]
struct Table<'a> {
    columns: Vec<Column>,
    #[serde(borrow)]
    rows: Vec<Vec<&'a RawValue>>,
}

#[derive(serde::Deserialize)]
struct Column {
    name: String,
}

/// The rows of the table AKSAudit as the query API answers, which tells columns apart from rows: each as an object. `None` if it is
/// another table.
pub(super) fn rows_of(tables: &RawValue) -> Option<Vec<String>> {
    let tables: Vec<Table<'_>> = serde_json::from_str(tables.get()).ok()?;
    let is_audit = |table: &&Table<'_>| {
        ["ObjectRef", "Verb"].iter().all(|wanted| table.columns.iter().any(|column| column.name == *wanted))
    };
    let rows = tables.iter().filter(is_audit).flat_map(|table| {
        table.rows.iter().map(|row| {
            let field = |(column, value): (&Column, &&RawValue)| {
                Some(format!("{}:{}", serde_json::to_string(&column.name).ok()?, value.get()))
            };
            let fields: Vec<String> = table.columns.iter().zip(row).filter_map(field).collect();
            format!("{{{}}}", fields.join(","))
        })
    });
    let rows: Vec<String> = rows.collect();
    (!rows.is_empty()).then_some(rows)
}
