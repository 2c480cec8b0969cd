//! OpenShift's resourcewatch: one observation a line, with the time at which it was made.

use serde_json::value::RawValue;

use super::reading::{RawRequest, Reading, Time, present};
use crate::input::json_text::Text;
use crate::model::{EventKind, ObservedAt, Target, Verb};

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Observation<'a> {
    group: Text<'a>,
    resource: Text<'a>,
    uid: Text<'a>,
    object: Option<&'a RawValue>,
    observation_type: Text<'a>,
    observation_time: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Tombstone<'a> {
    metadata: Option<Names<'a>>,
    spec: Option<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Names<'a> {
    name: Text<'a>,
    namespace: Text<'a>,
    uid: Text<'a>,
}

/// Reads one observation.
pub(super) fn read(text: &str) -> Result<Reading<'_>, serde_json::Error> {
    let seen: Observation<'_> = serde_json::from_str(text)?;
    if seen.resource.as_deref() != Some("pods") || seen.group.as_deref().is_some_and(|group| !group.is_empty()) {
        return Ok(Reading::Skip("observations of other resources".into()));
    }
    let Some(at) = seen.observation_time.as_deref().and_then(ObservedAt::parse) else {
        let found = seen.observation_time.0.unwrap_or_default();
        return Ok(Reading::Bad(format!("the observationTime is {found:?}; expected RFC 3339")));
    };
    let Some(object) = present(seen.object) else {
        return Ok(Reading::Bad("the observation has no object; expected the pod that was seen".into()));
    };
    let word = seen.observation_type.as_deref().unwrap_or_default();
    let kind = match word {
        "add" => EventKind::Added,
        "update" => EventKind::Modified,
        "delete" => EventKind::Deleted,
        _ => return Ok(Reading::Bad(format!("the observationType is {word:?}; expected add, update or delete"))),
    };
    let time = Time::Received(at);
    if kind == EventKind::Deleted
        && let Ok(tombstone) = serde_json::from_str::<Tombstone<'_>>(object.get())
        && tombstone.spec.is_none()
    {
        // The observer missed the deletion and knows only the name.
        let names = tombstone.metadata;
        let word = |text: Option<&str>| Box::from(text.unwrap_or_default());
        let target = Target {
            namespace: word(names.as_ref().and_then(|it| it.namespace.as_deref())),
            name: word(names.as_ref().and_then(|it| it.name.as_deref())),
            uid: word(names.as_ref().and_then(|it| it.uid.as_deref()).or(seen.uid.as_deref())),
        };
        if target.name.is_empty() {
            return Ok(Reading::Bad("the deletion names no pod; expected metadata.name".into()));
        }
        return Ok(Reading::Request(RawRequest {
            verb: Verb::Removed,
            subresource: None,
            uri: "".into(),
            agent: "".into(),
            audit_id: "".into(),
            target,
            time,
            body: None,
            object: None,
            lacks: None,
            by: None,
        }));
    }
    Ok(Reading::Pod { kind, text: object.get().into(), time, by: None })
}
