//! Recordings of kwokctl (`kwokctl snapshot export --record`): objects as they were, then patches with the time since the
//! recording began. Times within are offsets from that beginning, which the recording does not state.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::reading::{RawRequest, Reading, Time};
use crate::input::json_text::Text;
use crate::model::time::SECOND_US;
use crate::model::{EventKind, ObservedAt, Target, Verb};

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ResourcePatch<'a> {
    method: Text<'a>,
    duration_nanosecond: Option<i64>,
    resource: Option<Resource<'a>>,
    target: Option<Name<'a>>,
    template: Option<&'a RawValue>,
    // The words of kwok before v0.7.
    patch: Option<&'a RawValue>,
    create: bool,
    delete: bool,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Resource<'a> {
    group: Text<'a>,
    resource: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Name<'a> {
    name: Text<'a>,
    namespace: Text<'a>,
    #[serde(rename = "type")]
    resource: Option<Resource<'a>>,
}

/// Reads one patch.
pub(super) fn read(text: &str) -> Result<Reading<'_>, serde_json::Error> {
    let patch: ResourcePatch<'_> = serde_json::from_str(text)?;
    let resource =
        patch.resource.as_ref().or_else(|| patch.target.as_ref().and_then(|target| target.resource.as_ref()));
    if resource.is_none() {
        let what = "the ResourcePatch has no target; expected the resource and the name of what it patches";
        return Ok(Reading::Bad(what.to_owned()));
    }
    let is_core = resource.is_some_and(|it| it.group.as_deref().unwrap_or_default().is_empty());
    let word = resource.and_then(|it| it.resource.as_deref()).unwrap_or_default();
    if word != "pods" || !is_core {
        return Ok(Reading::Skip("ResourcePatches of other resources".into()));
    }
    let Some(nanoseconds) = patch.duration_nanosecond else {
        return Ok(Reading::Bad(
            "the ResourcePatch has no durationNanosecond; expected the time since the start".into(),
        ));
    };
    let time = Time::SinceStart(nanoseconds / 1_000);
    let template = patch.template.or(patch.patch);
    let method = match (patch.method.as_deref(), patch.create, patch.delete) {
        (Some(method), ..) => method,
        (None, true, _) => "create",
        (None, false, true) => "delete",
        (None, false, false) => "patch",
    };
    let verb = match (method, template) {
        ("create", Some(object)) => {
            return Ok(Reading::Pod { kind: EventKind::Added, text: object.get().into(), time, by: None });
        }
        ("patch", Some(_)) => Verb::Changed,
        ("delete", _) => Verb::Removed,
        (_, None) => return Ok(Reading::Bad(format!("the ResourcePatch to {method} has no template"))),
        (_, Some(_)) => {
            return Ok(Reading::Bad(format!("the method is {method:?}; expected create, patch or delete")));
        }
    };
    let name = patch.target.unwrap_or_default();
    let target = Target {
        namespace: name.namespace.as_deref().unwrap_or_default().into(),
        name: name.name.as_deref().unwrap_or_default().into(),
        uid: Box::default(),
    };
    if target.name.is_empty() {
        return Ok(Reading::Bad("the ResourcePatch has no target.name; expected the pod's".into()));
    }
    Ok(Reading::Request(RawRequest {
        verb,
        subresource: None,
        uri: Cow::Borrowed(""),
        agent: Cow::Borrowed(""),
        audit_id: "".into(),
        target,
        time,
        body: template.map(|template| template.get().into()),
        object: None,
        lacks: None,
        by: None,
    }))
}

const OFFSET: &str = "$(time-offset-nanosecond ";

/// Whether a text holds times that are told from the beginning of a recording.
pub(crate) fn has_offsets(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), OFFSET.as_bytes()).is_some()
}

/// The text with its offsets as times. Kubernetes writes whole seconds, so an offset tells the fraction of the second at
/// which the recording began better than whoever names the beginning: the nearest second is meant.
pub(crate) fn with_times(text: &str, base: ObservedAt) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(OFFSET) {
        let (before, behind) = (&rest[..begin], &rest[begin + OFFSET.len()..]);
        out.push_str(before);
        let end = behind.find(')').unwrap_or(behind.len());
        match behind.get(..end).and_then(|number| number.trim().parse::<i64>().ok()) {
            Some(nanoseconds) if end < behind.len() => {
                let at = base.plus_micros(nanoseconds / 1_000).micros();
                let second = (at + SECOND_US / 2).div_euclid(SECOND_US) * SECOND_US;
                out.push_str(&ObservedAt::from_micros(second).to_string());
                rest = &behind[end + 1..];
            }
            Some(_) | None => {
                out.push_str(OFFSET);
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}
