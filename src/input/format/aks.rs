//! Audit entries of Azure Monitor (AKS): the audit event as text in `properties.log`, or the columns of the table AKSAudit.

use serde_json::value::RawValue;

use super::audit::{Annotations, Audited, Code, ObjectRef, Stamp, read_audited};
use super::reading::{Around, Read, Reading, present, unquoted};
use super::table::Format;
use crate::input::json_text::Text;
use crate::model::ObservedAt;

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Properties<'a> {
    log: Option<&'a RawValue>,
}

/// Which log of the control plane an entry is of.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Category<'a> {
    category: Text<'a>,
}

/// Reads one entry by its properties.
pub(super) fn read(
    text: &str,
    properties: &str,
    around: Around<'_>,
    read_inner: Read,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    // Some exports keep the properties as text, too.
    let unpacked = serde_json::from_str::<String>(properties).ok();
    let properties: Properties<'_> = serde_json::from_str(unpacked.as_deref().unwrap_or(properties))?;
    let category = serde_json::from_str::<Category<'_>>(text)?.category;
    let is_audit = category.as_deref().is_none_or(|category| category.starts_with("kube-audit"));
    let inner = properties.log.and_then(unquoted).filter(|_| is_audit);
    match inner.as_deref().filter(|inner| inner.trim_start().starts_with('{')).zip(around.deeper()) {
        Some((inner, around)) => {
            let mut within = |_: Format, reading: Reading<'_>| then(Format::Aks, reading);
            if let Err(error) = read_inner(inner, around, &mut within) {
                then(Format::Aks, Reading::Bad(format!("properties.log does not read as an audit event: {error}")));
            }
        }
        None if is_audit => {
            let what = "the log entry has no properties.log; expected the audit event as text".to_owned();
            then(Format::Aks, Reading::Bad(what));
        }
        None => then(Format::Aks, Reading::Skip("log entries that are no audit events".into())),
    }
    Ok(())
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Row<'a> {
    level: Text<'a>,
    stage: Text<'a>,
    verb: Text<'a>,
    request_uri: Text<'a>,
    user_agent: Text<'a>,
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
        then(Format::Aks, Reading::Bad("the ObjectRef of the row is no object; expected the audit event's".into()));
        return Ok(());
    };
    let annotations = annotations.as_deref();
    let annotations = annotations.and_then(|it| serde_json::from_str::<Annotations<'_>>(it.get()).ok());
    let code = status.as_deref().and_then(|status| serde_json::from_str::<Code>(status.get()).ok());
    let begun = row.request_received_time.as_deref().and_then(ObservedAt::parse);
    let at = match row.stage_received_time.0 {
        None => Stamp { key: "RequestReceivedTime", found: row.request_received_time },
        found => Stamp { key: "StageReceivedTime", found: Text(found) },
    };
    let audited = Audited {
        verb: row.verb.0.unwrap_or_default(),
        uri: row.request_uri.0.unwrap_or_default(),
        agent: row.user_agent.0.unwrap_or_default(),
        code: code.and_then(|status| status.code),
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
