//! Audit events of an API server (`audit.k8s.io/v1`): who asked for what, and, by the level of the policy, what was sent
//! and what came of it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::audited::{Audited, Outcome, Stamp, is_skipped};
use super::reading::{RawRequest, Reading, Time, present};
use super::{act, refused, related};
use crate::input::json_text::Text;
use crate::input::object_json::Object;
use crate::model::id::is_of_incarnation;
use crate::model::{EventKind, ObservedAt, Target, Verb};

/// Subresources through which a pod is written.
const WRITING: [&str; 6] = ["", "status", "binding", "eviction", "ephemeralcontainers", "resize"];

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct AuditEvent<'a> {
    #[serde(rename = "auditID")]
    audit_id: Text<'a>,
    level: Text<'a>,
    /// Where OpenShift's logging keeps the level: `level` is then that of the log.
    #[serde(rename = "k8s_audit_level")]
    own_level: Text<'a>,
    stage: Text<'a>,
    verb: Text<'a>,
    #[serde(rename = "requestURI")]
    request_uri: Text<'a>,
    user_agent: Text<'a>,
    object_ref: Option<ObjectRef<'a>>,
    response_status: Option<Outcome<'a>>,
    user: Option<&'a RawValue>,
    impersonated_user: Option<&'a RawValue>,
    #[serde(rename = "sourceIPs")]
    source_ips: Option<&'a RawValue>,
    request_received_timestamp: Text<'a>,
    stage_timestamp: Text<'a>,
    request_object: Option<&'a RawValue>,
    response_object: Option<&'a RawValue>,
    annotations: Option<Annotations<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ObjectRef<'a> {
    pub(super) resource: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) uid: Text<'a>,
    pub(super) api_group: Text<'a>,
    pub(super) subresource: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Annotations<'a> {
    #[serde(rename = "audit.k8s.io/truncated")]
    truncated: Text<'a>,
}

impl Annotations<'_> {
    /// The API server left bodies out because they were too large.
    pub(super) fn is_truncated(&self) -> bool {
        self.truncated.as_deref() == Some("true")
    }
}

/// What an object says of itself in a request or an answer.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Named<'a> {
    kind: Text<'a>,
    metadata: Option<Names<'a>>,
    preconditions: Option<Names<'a>>,
    items: Option<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Names<'a> {
    name: Text<'a>,
    uid: Text<'a>,
}

impl<'a> ObjectRef<'a> {
    /// What it says of a request.
    pub(super) fn into_audited(self) -> Audited<'a> {
        let word = |text: &Text<'a>| text.as_deref().unwrap_or_default().into();
        // Where a static pod's mirror is created, the hash of its manifest stands in place of the uid.
        let uid = self.uid.as_deref().filter(|uid| is_of_incarnation(uid)).unwrap_or_default().into();
        Audited {
            target: Target { namespace: word(&self.namespace), name: word(&self.name), uid },
            resource: self.resource.0.unwrap_or_default(),
            api_group: self.api_group.0.unwrap_or_default(),
            subresource: self.subresource.0.unwrap_or_default(),
            ..Audited::default()
        }
    }
}

/// Reads one audit event.
pub(super) fn read(text: &str) -> Result<Reading<'_>, serde_json::Error> {
    serde_json::from_str(text).map(read_event)
}

/// Reads the audit event with which a text begins, and how long it is.
pub(crate) fn read_first(text: &str) -> Option<Result<(Reading<'_>, usize), serde_json::Error>> {
    let mut events = serde_json::Deserializer::from_str(text).into_iter::<AuditEvent<'_>>();
    let event = events.next()?;
    Some(event.map(|event| (read_event(event), events.byte_offset())))
}

fn read_event(event: AuditEvent<'_>) -> Reading<'_> {
    if event.stage.as_deref().is_some_and(|stage| stage != "ResponseComplete") {
        return Reading::Skip("audit events before the answer was complete".into());
    }
    let Some(object_ref) = event.object_ref else {
        return Reading::Skip("audit events that are about no object".into());
    };
    read_audited(Audited {
        verb: event.verb.0.unwrap_or_default(),
        uri: event.request_uri.0.unwrap_or_default(),
        agent: event.user_agent.0.unwrap_or_default(),
        audit_id: event.audit_id.0.unwrap_or_default(),
        outcome: event.response_status.unwrap_or_default(),
        user: event.user,
        impersonated: event.impersonated_user,
        sources: event.source_ips,
        begun: event.request_received_timestamp.as_deref().and_then(ObservedAt::parse),
        at: Stamp { key: "stageTimestamp", found: event.stage_timestamp },
        request: present(event.request_object),
        response: present(event.response_object),
        is_truncated: event.annotations.is_some_and(|annotations| annotations.is_truncated()),
        is_metadata_only: event.own_level.as_deref().or(event.level.as_deref()) == Some("Metadata"),
        ..object_ref.into_audited()
    })
}

/// What a request means for pods.
pub(super) fn read_audited(audited: Audited<'_>) -> Reading<'_> {
    if let Some(why) = reason_to_skip(&audited) {
        return Reading::Skip(why);
    }
    let begun = audited.begun;
    let at = audited.at.at();
    let time = at.map_or(Time::Untold, |at| Time::Answered { begun: begun.filter(|begun| *begun <= at), at });
    if is_act(&audited) {
        return act::read(&audited, at);
    }
    if audited.resource != "pods" {
        let mut bodies = [audited.response, audited.request].into_iter().flatten();
        return match bodies.find(|body| !is_skipped(body)).map(|object| related::read_audited(object.get(), at)) {
            Some(Reading::Related { kind: EventKind::Node, target, at, text, .. }) => {
                let by = Some(Box::new(audited.actor()));
                Reading::Related { kind: EventKind::Node, target, at, text, by }
            }
            Some(reading) => reading,
            None => Reading::Skip(format!("audit events about {} without a body", audited.resource).into()),
        };
    }
    if time == Time::Untold {
        let Stamp { key, found } = audited.at;
        let found = found.as_deref().map_or_else(|| "not there".to_owned(), |found| format!("{found:?}"));
        return Reading::Bad(format!("the {key} is {found}; expected the time of the answer in RFC 3339"));
    }
    if let (Some(code), Time::Answered { begun, at }) = (audited.refusal(), time) {
        return refused::read(&audited, target_of(&audited), code, (begun, at));
    }
    if audited.response.is_some_and(|object| object.get().starts_with('"') && !is_skipped(object)) {
        return Reading::Bad("the responseObject is a text; expected an object, or none".to_owned());
    }
    if let Some(object) = audited.response.filter(|object| object.get().starts_with(POD_BEGIN)) {
        return read_answer(&audited, object.get(), time);
    }
    let response = audited.response.map(|object| (object, named(object)));
    match response {
        Some((object, Some(named))) if named.kind.as_deref() == Some("Pod") => {
            read_answer(&audited, object.get(), time)
        }
        Some((_, Some(Named { kind, items: Some(items), .. })))
            if audited.verb == "list" && kind.as_deref() == Some("PodList") && !is_empty(items) =>
        {
            Reading::Listed { items, time }
        }
        Some(_) | None if audited.is_reading() => Reading::Skip(READING.into()),
        Some((_, Some(Named { items: Some(items), .. }))) => {
            Reading::Collection { items, time, by: Some(Box::new(audited.actor())) }
        }
        Some(_) | None => read_request(&audited, None, time),
    }
}

/// An API server writes the kind first: then the object need not be read to know it.
const POD_BEGIN: &str = r#"{"kind":"Pod","#;

fn named(object: &RawValue) -> Option<Named<'_>> {
    serde_json::from_str(object.get()).ok()
}

/// The resources whose requests are read.
const READ_RESOURCES: [&str; 3] = ["pods", "events", "nodes"];

const READING: &str = "audit events about reading";

fn is_empty(array: &RawValue) -> bool {
    array.get().trim_start_matches('[').trim_start().starts_with(']')
}

/// Whether a request is read as what it asked for: the node that came of one says more.
fn is_act(audited: &Audited<'_>) -> bool {
    let is_node_shown = audited.resource == "nodes" && audited.response.is_some_and(|answer| !is_skipped(answer));
    let is_asked =
        act::is_registration(audited) || act::refusal(audited).is_some() || audited.verb.starts_with("delete");
    act::is_about_workloads(audited) && (!is_node_shown || is_asked)
}

fn reason_to_skip<'a>(audited: &Audited<'a>) -> Option<Cow<'a, str>> {
    if is_act(audited) {
        return act::reason_to_skip(audited).map(Into::into);
    }
    let group_fits = audited.api_group.is_empty() || audited.resource == "events";
    if !READ_RESOURCES.contains(&&*audited.resource) || !group_fits {
        return Some("audit events about other resources".into());
    }
    if audited.is_reading() && (audited.verb == "watch" || audited.resource != "pods" || audited.response.is_none()) {
        return Some(READING.into());
    }
    if audited.resource == "pods" && !WRITING.contains(&&*audited.subresource) {
        return Some(format!("audit events about pods/{}", audited.subresource).into());
    }
    if audited.has_failed() && audited.refusal().is_none() {
        return Some("audit events about requests that failed".into());
    }
    if audited.is_dry_run() {
        return Some("audit events about dry runs".into());
    }
    (audited.resource != "pods" && audited.verb.starts_with("delete"))
        .then(|| format!("audit events about deletions of {}", audited.resource).into())
}

/// A request that is told with the pod as it left it.
fn read_answer<'a>(audited: &Audited<'a>, text: &'a str, time: Time) -> Reading<'a> {
    let is_left = || serde_json::from_str::<Object<'_>>(text).is_ok_and(|object| object.is_unheld());
    let kind = match (&*audited.verb, audited.subresource.is_empty()) {
        ("create", true) => EventKind::Added,
        // It was written at any time before.
        ("get", _) => EventKind::Observed,
        ("delete", _) if is_left() => EventKind::Deleted,
        // The object keeps the version that it had: only the deletion, which is not shown, makes a new one.
        ("patch" | "update", true) if is_left() => return read_request(audited, Some(text), time),
        _ => EventKind::Modified,
    };
    let by = (kind != EventKind::Observed).then(|| Box::new(audited.actor()));
    Reading::Pod { kind, text: text.into(), time, by }
}

/// The pod that a request is about, as far as anything of it says so.
fn target_of(audited: &Audited<'_>) -> Target {
    let mut target = audited.target.clone();
    if audited.verb() == Verb::DeleteCollection {
        // Which pods it took follows from those that there were.
        return Target { namespace: target.namespace, ..Target::default() };
    }
    // A JSON patch says nothing of its pod, the answer to it does.
    let bodies = [audited.request.filter(|body| !is_skipped(body)), audited.response];
    for object in bodies.into_iter().flatten() {
        if !target.uid.is_empty() && !target.name.is_empty() {
            break;
        }
        let Some(Named { metadata, preconditions, .. }) = named(object) else { continue };
        let word = |names: &Option<Names<'_>>| names.as_ref().and_then(|names| names.uid.as_deref().map(Box::from));
        if target.uid.is_empty() {
            target.uid = word(&metadata).or_else(|| word(&preconditions)).unwrap_or_default();
        }
        if target.name.is_empty() {
            let name = metadata.and_then(|names| names.name.0);
            target.name = name.as_deref().unwrap_or_default().into();
        }
    }
    target
}

fn read_request<'a>(audited: &Audited<'a>, object: Option<&'a str>, time: Time) -> Reading<'a> {
    let (verb, target) = (audited.verb(), target_of(audited));
    let is_of_collection = verb == Verb::DeleteCollection;
    let body = audited.request.filter(|body| !is_skipped(body));
    if target.name.is_empty() && (!is_of_collection || target.namespace.is_empty()) {
        return Reading::Skip("audit events that do not name their pod".into());
    }
    let lacks = match body {
        Some(_) => None,
        None if audited.is_truncated || audited.request.is_some() => Some("the log was cut: the body was too large"),
        None if audited.is_metadata_only => Some("the audit level Metadata keeps no bodies"),
        None => Some("the body is not logged"),
    };
    Reading::Request(RawRequest {
        verb,
        subresource: (!audited.subresource.is_empty()).then(|| audited.subresource.clone()),
        uri: audited.uri.clone(),
        agent: audited.agent.clone(),
        audit_id: audited.audit_id.clone(),
        target,
        time,
        body: body.map(|body| body.get().into()),
        object: object.map(Into::into),
        lacks: lacks.filter(|_| object.is_none()),
        by: Some(Box::new(audited.actor())),
    })
}
