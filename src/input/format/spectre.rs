//! Records of spectre: what became of an object, with the time at which it was seen.

use serde_json::value::RawValue;

use super::reading::{RawRequest, Reading, Time, present};
use crate::input::json_text::Text;
use crate::model::{EventKind, ObservedAt, Target, Verb};

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Change<'a> {
    /// In nanoseconds since 1970.
    timestamp: Option<i64>,
    #[serde(rename = "type")]
    event: Text<'a>,
    resource: Resource<'a>,
    data: Option<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Resource<'a> {
    group: Text<'a>,
    kind: Text<'a>,
    namespace: Text<'a>,
    name: Text<'a>,
    uid: Text<'a>,
}

/// Whether this is a word for what became of an object.
pub(crate) fn is_change(event: &str) -> bool {
    matches!(event, "CREATE" | "UPDATE" | "DELETE")
}

/// Reads one record.
pub(super) fn read(text: &str) -> Result<Reading<'_>, serde_json::Error> {
    let change: Change<'_> = serde_json::from_str(text)?;
    let Resource { group, kind, namespace, name, uid } = change.resource;
    let is_pod = kind.as_deref() == Some("Pod") && group.as_deref().is_none_or(str::is_empty);
    if !is_pod {
        return Ok(Reading::Skip("changes of other objects".into()));
    }
    let Some(at) = change.timestamp.map(|nanos| ObservedAt::from_micros(nanos / 1_000)) else {
        return Ok(Reading::Bad("the change has no timestamp; expected nanoseconds since 1970".to_owned()));
    };
    let time = Time::Received(at);
    let word = change.event.as_deref().unwrap_or_default();
    let kind = match word {
        "CREATE" => EventKind::Added,
        "UPDATE" => EventKind::Modified,
        "DELETE" => EventKind::Deleted,
        _ => return Ok(Reading::Bad(format!("the type is {word:?}; expected CREATE, UPDATE or DELETE"))),
    };
    if let Some(object) = present(change.data) {
        return Ok(Reading::Pod { kind, text: object.get().into(), time, by: None });
    }
    let word = |text: Text<'_>| Box::from(text.as_deref().unwrap_or_default());
    let target = Target { namespace: word(namespace), name: word(name), uid: word(uid) };
    if kind != EventKind::Deleted || target.name.is_empty() {
        return Ok(Reading::Bad("the change has no data; expected the pod".to_owned()));
    }
    Ok(Reading::Request(RawRequest {
        audit_id: "".into(),
        verb: Verb::Removed,
        subresource: None,
        uri: "".into(),
        agent: "".into(),
        target,
        time,
        body: None,
        object: None,
        lacks: None,
        by: None,
    }))
}
