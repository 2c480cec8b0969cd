//! Records of k8shark: an answer of the API server, or an event of a watch, with the time at which it came.

use serde_json::value::RawValue;

use super::reading::{Reading, Time, present};
use crate::input::json_text::Text;
use crate::model::{EventKind, ObservedAt};

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Answer<'a> {
    captured_at: Text<'a>,
    api_path: Text<'a>,
    event_type: Text<'a>,
    response_code: Option<i64>,
    response_body: Option<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Outline<'a> {
    kind: Text<'a>,
    items: Option<&'a RawValue>,
}

/// Reads one record.
pub(super) fn read(text: &str) -> Result<Reading<'_>, serde_json::Error> {
    let answer: Answer<'_> = serde_json::from_str(text)?;
    let body = present(answer.response_body).filter(|body| body.get().starts_with('{'));
    let (Some(body), 200 | 0) = (body, answer.response_code.unwrap_or(0)) else {
        return Ok(Reading::Skip("answers without an object".into()));
    };
    let outline: Outline<'_> = serde_json::from_str(body.get())?;
    let is_of_pods = answer.api_path.as_deref().is_some_and(|path| path.ends_with("/pods"));
    let kind = match outline.kind.as_deref() {
        Some("List") if is_of_pods => "PodList",
        Some(kind) => kind,
        None if is_of_pods && outline.items.is_some() => "PodList",
        None if is_of_pods => "Pod",
        None => "unknown kind",
    };
    if !matches!(kind, "Pod" | "PodList") {
        return Ok(Reading::Skip(format!("answers with {kind}").into()));
    }
    let Some(at) = answer.captured_at.as_deref().and_then(ObservedAt::parse) else {
        let found = answer.captured_at.0.unwrap_or_default();
        return Ok(Reading::Bad(format!("the captured_at is {found:?}; expected RFC 3339")));
    };
    let time = Time::Received(at);
    Ok(match (kind, outline.items) {
        ("PodList", Some(items)) => Reading::Observed { items, time },
        ("PodList", None) => Reading::Bad("the list in the response_body has no items".to_owned()),
        _ => Reading::Pod {
            kind: answer.event_type.as_deref().map_or(EventKind::Observed, EventKind::from),
            text: body.get().into(),
            time,
            by: None,
        },
    })
}
