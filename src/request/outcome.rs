//! What a request makes of a pod.

use serde_json::{Map, Value, json};

use super::binding::bind;
use super::deletion::{Deletion, delete, evict, is_gone};
use super::fields::{part, second_after, text};
use super::patch::{Patch, kind_of, patch};
use crate::model::{Condition, EventKind, ObservedAt, Pod, Request, Target, Verb};

/// What became of a pod by a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was written, or removed as the word says; this is how it was left.
    Written(EventKind, Value),
    /// Nothing: it was so before.
    Nothing,
    /// Something, but not what: why that is not known.
    Unknown(Box<str>),
}

/// Applies a request to a pod as known so far; nothing is known of a pod that no record before shows. The object that it
/// makes has no version: the log that tells of the request does not say which it made.
#[must_use]
pub fn outcome(before: Option<&Value>, request: &Request, target: &Target) -> Outcome {
    let mut pod = before.cloned().unwrap_or_else(|| bare(target));
    let null = Value::Null;
    let Some(at) = request.at else { return Outcome::Unknown("when it was is not known".into()) };
    let lacks = || Outcome::Unknown(request.lacks.clone().unwrap_or_else(|| "the request has no body".into()));
    let outcome = match (&request.verb, request.subresource.as_deref()) {
        (Verb::Removed, _) => Ok(EventKind::Deleted),
        (Verb::DeleteCollection, _) if request.object.is_none() && request.lacks.is_some() => return lacks(),
        (Verb::DeleteCollection, _) if request.object.is_none() && has_selector(&request.uri) => {
            return Outcome::Unknown("the log does not say which pods it selected".into());
        }
        (Verb::DeleteCollection, _) => {
            if before.is_none()
                && let Some(told) = &request.object
            {
                pod = told.clone();
            }
            Ok(kind_of_deletion(delete(&mut pod, request.body.as_ref().unwrap_or(&null), at)))
        }
        (Verb::Create, None) if before.is_some() => return Outcome::Nothing,
        (Verb::Create, None) => {
            if let Some(sent) = &request.body {
                pod = create(sent, target, at);
            }
            if let Some(metadata) = part(&mut pod, "metadata") {
                metadata.insert("creationTimestamp".to_owned(), json!(second_after(at, 0).to_string()));
            }
            Ok(EventKind::Added)
        }
        (verb, subresource) => match (&request.object, &request.body) {
            (Some(told), _) => {
                pod = told.clone();
                Ok(if is_gone(&pod) { EventKind::Deleted } else { EventKind::Modified })
            }
            (None, None) => return lacks(),
            (None, Some(body)) => write(&mut pod, verb, subresource, request, body),
        },
    };
    let kind = match outcome {
        Ok(kind) => kind,
        Err(why) => return Outcome::Unknown(why.into()),
    };
    // A binding is accepted once.
    let may_repeat = kind == EventKind::Modified && request.subresource.as_deref() != Some("binding");
    if may_repeat && before.is_some_and(|before| is_same(before, &pod)) {
        return Outcome::Nothing;
    }
    if let Some(metadata) = part(&mut pod, "metadata") {
        metadata.remove("resourceVersion");
    }
    if matches!(request.verb, Verb::Patch | Verb::Update) {
        sign(&mut pod, request, &second_after(at, 0).to_string());
    }
    Outcome::Written(kind, pod)
}

fn has_selector(uri: &str) -> bool {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|parameter| parameter.starts_with("labelSelector=") || parameter.starts_with("fieldSelector="))
}

fn write(
    pod: &mut Value,
    verb: &Verb,
    subresource: Option<&str>,
    request: &Request,
    body: &Value,
) -> Result<EventKind, String> {
    let at = request.at.ok_or("when it was is not known")?;
    match (verb, subresource) {
        (Verb::Create, Some("binding")) => bind(pod, body, at)?,
        (Verb::Create, Some("eviction")) => return Ok(kind_of_deletion(evict(pod, body, at))),
        (Verb::Delete, _) => return Ok(kind_of_deletion(delete(pod, body, at))),
        (Verb::Changed, _) => {
            patch(pod, body, Patch::Strategic)?;
            return Ok(EventKind::Modified);
        }
        (Verb::Patch, _) => patch(pod, body, kind_of(body, &request.uri))?,
        (Verb::Update, Some("status")) => replace(pod, body, |field| field == "status"),
        (Verb::Update, _) => replace(pod, body, |field| field != "status"),
        (verb, _) => return Err(format!("what a {verb} does is not known")),
    }
    // No request sets when a pod is deleted: that is a recorder's patch, which tells the removal by itself.
    let is_recorded = body["metadata"]["deletionTimestamp"].is_string();
    let is_removed = subresource.is_none() && is_gone(pod) && !is_recorded;
    Ok(if is_removed { EventKind::Deleted } else { EventKind::Modified })
}

/// Whether an object already has what a request asks for: then the request may be the write that made it.
#[must_use]
pub fn is_met_by(object: &Value, kind: &EventKind, request: &Request, target: &Target) -> bool {
    let is_deletion = *kind == EventKind::Deleted;
    match (&request.verb, request.subresource.as_deref()) {
        (Verb::Removed, _) => is_deletion,
        (Verb::Create, None) => matches!(kind, EventKind::Added | EventKind::Observed),
        (Verb::Create, Some("binding")) => {
            let node = request.body.as_ref().map(|body| &body["target"]["name"]);
            node.is_some_and(|node| node.is_string() && object["spec"]["nodeName"] == *node)
        }
        (Verb::Create, Some("eviction")) => text(object, "metadata", "deletionTimestamp").is_some(),
        (Verb::Delete | Verb::DeleteCollection, _) if is_deletion => true,
        // With which grace is not told.
        (Verb::Delete | Verb::DeleteCollection, _) if request.body.is_none() && request.object.is_none() => {
            text(object, "metadata", "deletionTimestamp").is_some()
        }
        (verb, _) if *verb != Verb::Delete && request.object.as_ref().is_some_and(is_gone) => is_deletion,
        _ => outcome(Some(object), request, target) == Outcome::Nothing,
    }
}

/// Takes over from the next object that shows it what the API server stamped when it accepted the request, instead of what
/// was computed from the time of its answer.
pub fn restamp(pod: &mut Value, next: &Pod) {
    if text(pod, "metadata", "deletionTimestamp").is_some()
        && let (Some(due), Some(grace)) = (next.metadata.deletion_at, next.metadata.deletion_grace_seconds)
        && pod["metadata"]["deletionGracePeriodSeconds"].as_i64() == Some(grace)
        && let Some(metadata) = part(pod, "metadata")
    {
        metadata.insert("deletionTimestamp".to_owned(), json!(due.to_string()));
    }
    let Some(own) = part(pod, "status").and_then(|status| status.get_mut("conditions")).and_then(Value::as_array_mut)
    else {
        return;
    };
    for condition in own {
        let is_computed = matches!(condition["type"].as_str(), Some("PodScheduled" | "DisruptionTarget"));
        let same = |other: &&Condition| {
            Some(&*other.kind) == condition["type"].as_str()
                && Some(other.status.as_str()) == condition["status"].as_str()
        };
        let stamp = next.status.conditions.iter().find(same).and_then(|other| other.last_transition_at);
        if is_computed
            && let Some(stamp) = stamp
            && let Some(fields) = condition.as_object_mut()
        {
            fields.insert("lastTransitionTime".to_owned(), json!(stamp.to_string()));
        }
    }
}

fn kind_of_deletion(deletion: Deletion) -> EventKind {
    match deletion {
        Deletion::Removed => EventKind::Deleted,
        Deletion::Marked | Deletion::Unchanged => EventKind::Modified,
    }
}

/// A pod of which only the name is known.
fn bare(target: &Target) -> Value {
    let mut metadata = Map::new();
    for (key, value) in [("namespace", &target.namespace), ("name", &target.name), ("uid", &target.uid)] {
        if !value.is_empty() {
            metadata.insert(key.to_owned(), json!(value));
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})
}

/// A pod as it was sent, with what the API server adds that is known.
fn create(sent: &Value, target: &Target, at: ObservedAt) -> Value {
    let mut pod = bare(target);
    replace(&mut pod, sent, |field| field == "spec");
    if let (Some(own), Some(told)) = (part(&mut pod, "metadata"), sent["metadata"].as_object()) {
        for (key, value) in told.iter().filter(|(_, value)| !value.is_null()) {
            own.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    let is_gated = pod["spec"]["schedulingGates"].as_array().is_some_and(|gates| !gates.is_empty());
    if let Some(fields) = pod.as_object_mut() {
        let mut status = json!({"phase": "Pending"});
        if is_gated {
            status["conditions"] = json!([scheduling_gated(at)]);
        }
        fields.insert("status".to_owned(), status);
    }
    pod
}

/// What the API server says of a pod that is created with scheduling gates (`applySchedulingGatedCondition` in
/// pkg/registry/core/pod/strategy.go).
fn scheduling_gated(at: ObservedAt) -> Value {
    json!({"type": "PodScheduled", "status": "False", "lastProbeTime": null, "lastTransitionTime": second_after(at, 0).to_string(),
        "reason": "SchedulingGated", "message": "Scheduling is blocked due to non-empty scheduling gates"})
}

/// Takes over the fields of another object that fit; who the pod is stays.
fn replace(pod: &mut Value, body: &Value, fits: impl Fn(&str) -> bool) {
    let (Some(own), Some(body)) = (pod.as_object_mut(), body.as_object()) else { return };
    let identity = own.get("metadata").cloned();
    for (field, value) in body.iter().filter(|(field, _)| fits(field)) {
        own.insert(field.clone(), value.clone());
    }
    let (Some(Value::Object(metadata)), Some(Value::Object(identity))) = (own.get_mut("metadata"), identity) else {
        return;
    };
    for key in ["namespace", "name", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        if let Some(value) = identity.get(key) {
            metadata.insert(key.to_owned(), value.clone());
        }
    }
}

/// The same but for what each write changes and no request tells.
fn is_same(before: &Value, after: &Value) -> bool {
    const MARKS: [&str; 2] = ["resourceVersion", "managedFields"];
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return before == after };
    let rest = |fields: &Map<String, Value>, left_out: &[&str]| -> usize {
        fields.keys().filter(|key| !left_out.contains(&key.as_str())).count()
    };
    let equal = |before: &Map<String, Value>, after: &Map<String, Value>, left_out: &[&str]| {
        let others = before.iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
        rest(before, left_out) == rest(after, left_out)
            && others.into_iter().all(|(key, value)| after.get(key) == Some(value))
    };
    let metadata = |pod: &Map<String, Value>| pod.get("metadata").and_then(Value::as_object).cloned();
    let same_metadata = match (metadata(before), metadata(after)) {
        (Some(before), Some(after)) => equal(&before, &after, &MARKS),
        (before, after) => before == after,
    };
    same_metadata && equal(before, after, &["metadata"])
}

/// Notes who wrote, as the API server does; which fields, it does not.
fn sign(pod: &mut Value, request: &Request, now: &str) {
    let (Some(manager), Some(metadata)) = (&request.manager, part(pod, "metadata")) else { return };
    let fields = metadata.entry("managedFields").or_insert_with(|| json!([]));
    let Value::Array(fields) = fields else { return };
    let subresource = request.subresource.as_deref().unwrap_or_default();
    let own = |entry: &&mut Value| {
        entry["manager"].as_str() == Some(manager) && entry["subresource"].as_str().unwrap_or_default() == subresource
    };
    match fields.iter_mut().find(own).and_then(Value::as_object_mut) {
        Some(entry) => {
            entry.insert("time".to_owned(), json!(now));
        }
        None => {
            let mut entry = json!({"manager": **manager, "operation": "Update", "time": now});
            if let Some(entry) = entry.as_object_mut().filter(|_| !subresource.is_empty()) {
                entry.insert("subresource".to_owned(), json!(subresource));
            }
            fields.push(entry);
        }
    }
}
