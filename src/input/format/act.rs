//! Writes to what pods belong to or run on, as an audit log tells them: workloads, nodes, namespaces.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use serde_json::value::RawValue;

use super::audited::{Audited, is_skipped};
use super::reading::Reading;
use super::refused;
use crate::input::json_text::Text;
use crate::model::{ActChange, Actor, EventKind, ObservedAt, Target};

/// What is told of: workloads, and what ends, moves or bounds their pods.
const RESOURCES: [&str; 14] = [
    "namespaces",
    "nodes",
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "replicationcontrollers",
    "poddisruptionbudgets",
    "persistentvolumeclaims",
    "persistentvolumes",
    "resourcequotas",
    "limitranges",
];
/// Those of no namespace.
const OF_CLUSTER: [&str; 3] = ["nodes", "namespaces", "persistentvolumes"];

/// The annotation that `kubectl rollout restart` writes.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";
/// The path of the template of pods below the spec.
const TEMPLATE: &str = "template";

/// Conditions of workloads and namespaces that tell why pods end, or do not come: with this type and status.
const CONDITIONS: [(&str, &str); 7] = [
    ("Failed", "True"),
    ("FailureTarget", "True"),
    ("Suspended", "True"),
    ("Progressing", "False"),
    ("ReplicaFailure", "True"),
    ("NamespaceFinalizersRemaining", "True"),
    ("NamespaceDeletionContentFailure", "True"),
];

/// Of what was sent as a status its conditions.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Sent<'a> {
    status: Option<SentStatus<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct SentStatus<'a> {
    conditions: Option<Vec<SentCondition<'a>>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct SentCondition<'a> {
    #[serde(rename = "type")]
    kind: Text<'a>,
    status: Text<'a>,
}

/// Whether a request is one about these, or tells that a namespace is being deleted.
pub(super) fn is_about_workloads(audited: &Audited<'_>) -> bool {
    RESOURCES.contains(&&*audited.resource)
        || (!matches!(&*audited.resource, "pods" | "events") && is_in_ending_namespace(audited))
}

/// Whether something could not be created because its namespace is being deleted (`NamespaceTerminatingCause`).
fn is_in_ending_namespace(audited: &Audited<'_>) -> bool {
    let message = audited.outcome.message.as_deref().unwrap_or_default();
    audited.verb == "create" && audited.outcome.code == Some(403) && message.contains("because it is being terminated")
}

/// Why such a request is passed over.
pub(super) fn reason_to_skip(audited: &Audited<'_>) -> Option<&'static str> {
    let is_write = matches!(&*audited.verb, "create" | "update" | "patch" | "apply" | "delete" | "deletecollection");
    match () {
        () if !is_write => Some("audit events about reading"),
        () if is_registration(audited) || refusal(audited).is_some() => None,
        () if !matches!(&*audited.subresource, "" | "scale") && !has_told_condition(audited) => {
            Some("audit events about the status of other resources")
        }
        () if audited.has_failed() => Some("audit events about requests that failed"),
        () if audited.is_dry_run() => Some("audit events about dry runs"),
        () => None,
    }
}

/// Whether a kubelet asks for its own node to be there, as it does when it starts: of one that is there already that is refused.
pub(super) fn is_registration(audited: &Audited<'_>) -> bool {
    audited.resource == "nodes"
        && audited.verb == "create"
        && audited.subresource.is_empty()
        && matches!(audited.outcome.code, Some(201 | 409))
        && audited.actor().node().is_some()
}

/// The code with which a write was refused to a person: forbidden, or not valid. Controllers ask again until it is right, and in a
/// namespace that is being deleted in vain.
pub(super) fn refusal(audited: &Audited<'_>) -> Option<i64> {
    let is_write = !audited.is_reading() && !audited.is_dry_run();
    let is_told = || audited.actor().component().is_none() || is_in_ending_namespace(audited);
    audited.outcome.code.filter(|code| matches!(code, 403 | 422) && is_write && is_told())
}

/// Whether a controller writes a condition that says why pods end, or do not come.
fn has_told_condition(audited: &Audited<'_>) -> bool {
    let sent = audited.request.filter(|body| audited.subresource == "status" && !is_skipped(body));
    let sent = sent.and_then(|body| serde_json::from_str::<Sent<'_>>(body.get()).ok());
    let conditions = sent.and_then(|sent| sent.status).and_then(|status| status.conditions).unwrap_or_default();
    conditions.iter().any(|it| is_told(it.kind.as_deref(), it.status.as_deref()))
}

fn is_told(kind: Option<&str>, status: Option<&str>) -> bool {
    kind.zip(status).is_some_and(|condition| CONDITIONS.contains(&condition))
}

/// Reads such a request; it stands in the log under `RESOURCE/NAME`.
pub(super) fn read<'a>(audited: &Audited<'a>, at: Option<ObservedAt>) -> Reading<'a> {
    let Some(at) = at else { return Reading::Skip("audit events without a time".into()) };
    let by = audited.actor();
    let target = target_of(audited, &by);
    if let Some(code) = refusal(audited) {
        return refused::read(audited, target, code, (audited.begun.filter(|begun| *begun <= at), at));
    }
    let is_kept = |body: &&RawValue| !is_skipped(body) && !is_registration(audited);
    let sent = audited.request.filter(is_kept).map_or("null", |body| body.get());
    Reading::Related { kind: EventKind::Act, target, at: Some(at), text: sent.into(), by: Some(Box::new(by)) }
}

fn target_of(audited: &Audited<'_>, by: &Actor) -> Target {
    let about = &audited.target;
    let name = match (&*about.name, by.node()) {
        ("", Some(node)) if is_registration(audited) => node.to_owned(),
        ("", _) => named(audited.response.map_or("", |answer| answer.get())),
        (name, _) => name.to_owned(),
    };
    let is_of_cluster = OF_CLUSTER.contains(&&*audited.resource);
    Target {
        namespace: if is_of_cluster { Box::default() } else { about.namespace.clone() },
        name: format!("{}/{name}", audited.resource).into(),
        uid: about.uid.clone(),
    }
}

/// The name of the object of an answer.
fn named(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    answer["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

/// What a request changes, by what was sent to this part of an object.
pub(crate) fn changes(verb: &str, part: &str, sent: &Value) -> Vec<ActChange> {
    match (verb, part, sent) {
        (_, "status", _) => conditions(&sent["status"]["conditions"]),
        ("patch" | "update", _, Value::Null) => vec![ActChange::Untold],
        // A JSON patch: one change a path.
        (_, _, Value::Array(steps)) => steps.iter().flat_map(of_step).collect(),
        ("update", "scale", _) => sent["spec"]["replicas"].as_i64().map(ActChange::Replicas).into_iter().collect(),
        // An update sends the whole object: what of it is new, it does not tell.
        ("update", _, _) => {
            let volume = sent["spec"]["volumeName"].as_str();
            vec![volume.map_or(ActChange::Untold, |name| ActChange::Volume(name.into()))]
        }
        ("patch", _, _) => of_patch(&sent["spec"]),
        // With what it began, so that what changes later, and what goes back, is known.
        ("create", _, _) => of_patch(&sent["spec"]),
        (_, _, _) => Vec::new(),
    }
}

fn conditions(conditions: &Value) -> Vec<ActChange> {
    told_conditions(conditions).map(condition).collect()
}

/// The conditions that say why pods end, or do not come.
pub(crate) fn told_conditions(conditions: &Value) -> impl Iterator<Item = &Value> {
    let told = |it: &&Value| is_told(it["type"].as_str(), it["status"].as_str());
    conditions.as_array().into_iter().flatten().filter(told)
}

/// What a condition says.
pub(crate) fn condition(it: &Value) -> ActChange {
    let word = |key: &str| it[key].as_str().unwrap_or_default().into();
    ActChange::Condition { reason: word("reason"), message: word("message") }
}

/// What one step of a JSON patch changes.
fn of_step(step: &Value) -> Vec<ActChange> {
    let place = |key: &str| step[key].as_str().unwrap_or_default();
    let is_of_spec = |path: &str| path.is_empty() || path == "/spec" || path.starts_with("/spec/");
    match step["op"].as_str().unwrap_or_default() {
        "test" => Vec::new(),
        // What was there before, it does not tell.
        "copy" | "move" => {
            let is_told = is_of_spec(place("path")) || (step["op"] == "move" && is_of_spec(place("from")));
            if is_told { vec![ActChange::Untold] } else { Vec::new() }
        }
        "remove" => by_path(place("path"), &Value::Null),
        _ => by_path(place("path"), &step["value"]),
    }
}

fn by_path(path: &str, value: &Value) -> Vec<ActChange> {
    // So a JSON pointer writes what stands for something else in it.
    let unescaped = |name: &str| name.replace("~1", "/").replace("~0", "~");
    let names: Vec<String> = path.split('/').skip(1).map(unescaped).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match names.as_slice() {
        [] => of_patch(&value["spec"]),
        ["spec"] => of_patch(value),
        ["spec", "taints", _] if value.is_object() => vec![ActChange::Taints(vec![taint_text(value)])],
        // Which one that is, the path does not tell.
        ["spec", "taints", _, ..] => vec![ActChange::Untold],
        ["spec", .., RESTARTED] if !value.is_null() => vec![ActChange::Restarted],
        ["spec", path @ ..] => of_field(&path.join("."), value),
        _ => Vec::new(),
    }
}

fn of_patch(spec: &Value) -> Vec<ActChange> {
    let fields = spec.as_object().into_iter().flatten();
    fields.flat_map(|(name, value)| of_field(name, value)).collect()
}

/// What one field of a spec is to be.
fn of_field(path: &str, value: &Value) -> Vec<ActChange> {
    match (path, value) {
        ("replicas", _) => value.as_i64().map(ActChange::Replicas).into_iter().collect(),
        ("suspend", _) => value.as_bool().map(ActChange::Suspended).into_iter().collect(),
        ("unschedulable", _) => vec![ActChange::Unschedulable(value.as_bool().unwrap_or(false))],
        ("taints", _) => {
            let taints = value.as_array().into_iter().flatten().filter(|taint| taint["$patch"] != "delete");
            vec![ActChange::Taints(taints.map(taint_text).collect())]
        }
        (path, _) if is_template(path) && value.is_null() => Vec::new(),
        (path, _) if is_template(path) => with_template(value),
        // What stands in a template may be secret.
        (path, _) if is_in_template(path) => vec![ActChange::Template],
        (_, Value::Object(fields)) => {
            fields.iter().flat_map(|(name, value)| of_field(&format!("{path}.{name}"), value)).collect()
        }
        // What only says how a list is to be merged.
        (path, _) if path.contains('$') => Vec::new(),
        (_, Value::String(text)) => vec![ActChange::Field { path: path.into(), value: text.as_str().into() }],
        (_, Value::Array(_)) => vec![ActChange::Field { path: path.into(), value: digest_of(value) }],
        (_, Value::Null | Value::Bool(_) | Value::Number(_)) => {
            vec![ActChange::Field { path: path.into(), value: value.to_string().into() }]
        }
    }
}

/// Whether this is where pods to come are described: of a CronJob that stands in the template of its jobs.
fn is_template(path: &str) -> bool {
    path == TEMPLATE || path.ends_with(".template")
}

fn is_in_template(path: &str) -> bool {
    path.starts_with("template.") || path.contains(".template.")
}

/// Stands for a list or an object, to tell it from another one: what is in it is not told.
fn digest_of(value: &Value) -> Box<str> {
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    format!("[{:016x}]", hasher.finish()).into()
}

/// What the template of pods is to be: its images, and that the rest of it is this one.
fn with_template(template: &Value) -> Vec<ActChange> {
    let mut changes = images(template);
    if changes.is_empty() && template["metadata"]["annotations"].get(RESTARTED).is_some() {
        return vec![ActChange::Restarted];
    }
    let mut rest = template.clone();
    for list in ["initContainers", "containers"] {
        let containers = rest.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
            container.remove("image");
        }
    }
    if says_more(&rest) {
        changes.push(ActChange::Field { path: TEMPLATE.into(), value: digest_of(&rest) });
    }
    if changes.is_empty() { vec![ActChange::Template] } else { changes }
}

/// Whether a part of a template holds more than what it is about and how it is to be merged.
fn says_more(part: &Value) -> bool {
    let is_about = |key: &str| matches!(key, "name" | "creationTimestamp" | "$retainKeys");
    match part {
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| !is_about(key) && !key.starts_with("$setElementOrder") && says_more(value))
        }
        Value::Array(items) => items.iter().any(says_more),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn images(template: &Value) -> Vec<ActChange> {
    let text = |value: &Value| value.as_str().map(Box::<str>::from);
    let containers = ["initContainers", "containers"].map(|list| template["spec"][list].as_array());
    let image = |container: &Value| {
        let (container, image) = (text(&container["name"])?, text(&container["image"])?);
        Some(ActChange::Image { container, image, is_back: false })
    };
    containers.into_iter().flatten().flatten().filter_map(image).collect()
}

/// `key=value:Effect`, as kubectl writes a taint.
pub(crate) fn taint_text(taint: &Value) -> Box<str> {
    let word = |key: &str| taint[key].as_str().unwrap_or_default();
    let value = if word("value").is_empty() { String::new() } else { format!("={}", word("value")) };
    format!("{}{value}:{}", word("key"), word("effect")).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::changes;

    #[test]
    fn what_was_sent_tells_what_changed() {
        let image = json!({"template": {"spec": {"containers": [{"name": "app", "image": "demo:2"}]}}});
        let restart = json!({"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}});
        let taint = json!({"taints": [{"key": "maintenance", "value": "true", "effect": "NoExecute"}]});
        let failed = json!([{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"},
            {"type": "Complete", "status": "False"}]);
        let in_cron_job = json!({"jobTemplate": {"spec": {"template": {"spec": {"containers": [
            {"name": "app", "env": [{"name": "A", "value": "secret"}]}]}}}}});
        let table: [(&str, Value, &str); 26] = [
            ("patch", json!({"spec": in_cron_job}), r#"[Field { path: "template", "#),
            (
                "patch",
                json!([{"op": "add", "path": "/spec/jobTemplate", "value": in_cron_job["jobTemplate"]}]),
                r#"[Field { path: "template", "#,
            ),
            ("patch", json!([{"op": "add", "path": "/spec", "value": in_cron_job}]), r#"[Field { path: "template", "#),
            ("patch", json!([{"op": "test", "path": "/spec/replicas", "value": 7}]), "[]"),
            ("patch", json!([{"op": "copy", "from": "/metadata/a", "path": "/spec/b"}]), "[Untold]"),
            ("patch", json!([{"op": "move", "from": "/metadata/a", "path": "/metadata/b"}]), "[]"),
            (
                "patch",
                json!([{"op": "add", "path": "/spec/taints/-", "value": {"key": "m", "effect": "NoExecute"}}]),
                r#"[Taints(["m:NoExecute"])]"#,
            ),
            ("patch", json!([{"op": "remove", "path": "/spec/taints/0"}]), "[Untold]"),
            (
                "patch",
                json!([{"op": "add", "path": "/spec/hard/a~1b~0c", "value": "5"}]),
                r#"[Field { path: "hard.a/b~c", value: "5" }]"#,
            ),
            (
                "patch",
                json!([{"op": "add", "path": "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt", "value": "now"}]),
                "[Restarted]",
            ),
            (
                "patch",
                json!([{"op": "add", "path": "/spec/jobTemplate/spec/template/spec/containers/0/env", "value": ["secret"]}]),
                "[Template]",
            ),
            ("patch", json!({"spec": image}), r#"[Image { container: "app", image: "demo:2", is_back: false }]"#),
            ("patch", json!({"spec": restart}), "[Restarted]"),
            ("patch", json!({"spec": {"replicas": 0}}), "[Replicas(0)]"),
            ("update", json!({"spec": {"replicas": 3, "template": {}}}), "[Untold]"),
            ("update scale", json!({"spec": {"replicas": 3}}), "[Replicas(3)]"),
            ("update", json!({"spec": {"volumeName": "pv-1"}}), r#"[Volume("pv-1")]"#),
            (
                "update status",
                json!({"status": {"conditions": failed}}),
                r#"[Condition { reason: "BackoffLimitExceeded", message: "m" }]"#,
            ),
            (
                "create",
                json!({"spec": {"replicas": 3, "schedule": "* * * * *"}}),
                r#"[Replicas(3), Field { path: "schedule", value: "* * * * *" }]"#,
            ),
            (
                "patch",
                json!({"spec": {"hard": {"pods": "5"}, "paused": true}}),
                r#"[Field { path: "hard.pods", value: "5" }, Field { path: "paused", value: "true" }]"#,
            ),
            (
                "patch",
                json!([{"op": "replace", "path": "/spec/minAvailable", "value": 1}]),
                r#"[Field { path: "minAvailable", value: "1" }]"#,
            ),
            ("patch", json!({"spec": taint}), r#"[Taints(["maintenance=true:NoExecute"])]"#),
            ("patch", json!({"spec": {"unschedulable": true}}), "[Unschedulable(true)]"),
            (
                "patch",
                json!([{"op": "replace", "path": "/spec/template", "value": {"spec": {"containers": [{"name": "app", "image": "demo:1"}]}}}]),
                r#"[Image { container: "app", image: "demo:1", is_back: false }]"#,
            ),
            ("patch", json!(null), "[Untold]"),
            ("patch", json!({"metadata": {"annotations": {"a": "b"}}}), "[]"),
        ];
        for (asked, sent, expected) in table {
            let (verb, part) = asked.split_once(' ').unwrap_or((asked, ""));
            let told = format!("{:?}", changes(verb, part, &sent));
            // Of a list or an object only which one it is.
            let told = told.split(r#"value: "["#).next().unwrap_or_default();
            assert_eq!(told, expected, "{sent}");
            assert!(!told.contains("secret"), "{sent}");
        }
    }
}
