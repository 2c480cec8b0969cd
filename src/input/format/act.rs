//! Writes to what pods belong to or run on, as an audit log tells them: workloads, nodes, namespaces.

use serde_json::Value;

use super::audited::{Audited, is_skipped};
use super::reading::Reading;
use crate::model::{ActChange, EventKind, ObservedAt, Target};

/// What is told of: workloads, and what ends or moves their pods.
const RESOURCES: [&str; 10] = [
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
];

/// Whether a request is one about these.
pub(super) fn is_about_workloads(audited: &Audited<'_>) -> bool {
    RESOURCES.contains(&&*audited.resource)
}

/// Why such a request is passed over.
pub(super) fn reason_to_skip(audited: &Audited<'_>) -> Option<&'static str> {
    let is_write = matches!(&*audited.verb, "create" | "update" | "patch" | "apply" | "delete" | "deletecollection");
    match () {
        () if !is_write => Some("audit events about reading"),
        () if !matches!(&*audited.subresource, "" | "scale") => {
            Some("audit events about the status of other resources")
        }
        () if audited.has_failed() => Some("audit events about requests that failed"),
        () if audited.is_dry_run() => Some("audit events about dry runs"),
        () => None,
    }
}

/// Reads such a request; it stands in the log under `RESOURCE/NAME`.
pub(super) fn read<'a>(audited: &Audited<'a>, at: Option<ObservedAt>) -> Reading<'a> {
    let Some(at) = at else { return Reading::Skip("audit events without a time".into()) };
    let about = &audited.target;
    let name = match &*about.name {
        "" => named(audited.response.map_or("", |answer| answer.get())),
        name => name.to_owned(),
    };
    let is_of_cluster = matches!(&*audited.resource, "nodes" | "namespaces");
    let target = Target {
        namespace: if is_of_cluster { Box::default() } else { about.namespace.clone() },
        name: format!("{}/{name}", audited.resource).into(),
        uid: about.uid.clone(),
    };
    let sent = audited.request.filter(|body| !is_skipped(body)).map_or("null", |body| body.get());
    Reading::Related {
        kind: EventKind::Act,
        target,
        at: Some(at),
        text: sent.into(),
        by: Some(Box::new(audited.actor())),
    }
}

/// The name of the object of an answer.
fn named(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    answer["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

/// What a request changes, by what was sent.
pub(crate) fn changes(verb: &str, sent: &Value) -> Vec<ActChange> {
    match sent {
        Value::Null if matches!(verb, "patch" | "update") => vec![ActChange::Untold],
        // A JSON patch: one change a path.
        Value::Array(steps) => steps.iter().flat_map(|step| by_path(step["path"].as_str(), &step["value"])).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => of_object(verb, sent),
    }
}

fn by_path(path: Option<&str>, value: &Value) -> Vec<ActChange> {
    match path.unwrap_or_default() {
        "/spec/template" => with_template(value),
        "/spec/replicas" => value.as_i64().map(ActChange::Replicas).into_iter().collect(),
        "/spec/unschedulable" => vec![ActChange::Unschedulable(value.as_bool().unwrap_or(false))],
        "/spec/suspend" => value.as_bool().map(ActChange::Suspended).into_iter().collect(),
        path if path.starts_with("/spec/template/") => vec![ActChange::Template],
        _ => Vec::new(),
    }
}

/// Of an update, which sends the whole object, only what one number says is told.
fn of_object(verb: &str, sent: &Value) -> Vec<ActChange> {
    let spec = &sent["spec"];
    let mut changes: Vec<ActChange> = Vec::new();
    changes.extend(spec["replicas"].as_i64().map(ActChange::Replicas));
    if verb == "update" {
        return changes;
    }
    changes.extend(spec["suspend"].as_bool().map(ActChange::Suspended));
    if spec.get("unschedulable").is_some() {
        changes.push(ActChange::Unschedulable(spec["unschedulable"].as_bool().unwrap_or(false)));
    }
    if let Some(taints) = spec.get("taints") {
        let taints = taints.as_array().into_iter().flatten().filter(|taint| taint["$patch"] != "delete");
        changes.push(ActChange::Taints(taints.map(taint_text).collect()));
    }
    if !spec["template"].is_null() {
        changes.extend(with_template(&spec["template"]));
    }
    changes
}

fn with_template(template: &Value) -> Vec<ActChange> {
    const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";
    let text = |value: &Value| value.as_str().map(Box::<str>::from);
    let containers = ["initContainers", "containers"].map(|list| template["spec"][list].as_array());
    let image = |container: &Value| {
        Some(ActChange::Image { container: text(&container["name"])?, image: text(&container["image"])? })
    };
    let images: Vec<ActChange> = containers.into_iter().flatten().flatten().filter_map(image).collect();
    if !images.is_empty() {
        return images;
    }
    let is_restart = template["metadata"]["annotations"].get(RESTARTED).is_some();
    vec![if is_restart { ActChange::Restarted } else { ActChange::Template }]
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
        let table: [(&str, Value, &str); 9] = [
            ("patch", json!({"spec": image}), r#"[Image { container: "app", image: "demo:2" }]"#),
            ("patch", json!({"spec": restart}), "[Restarted]"),
            ("patch", json!({"spec": {"replicas": 0}}), "[Replicas(0)]"),
            ("update", json!({"spec": {"replicas": 3, "template": {}}}), "[Replicas(3)]"),
            ("patch", json!({"spec": taint}), r#"[Taints(["maintenance=true:NoExecute"])]"#),
            ("patch", json!({"spec": {"unschedulable": true}}), "[Unschedulable(true)]"),
            (
                "patch",
                json!([{"op": "replace", "path": "/spec/template", "value": {"spec": {"containers": [{"name": "app", "image": "demo:1"}]}}}]),
                r#"[Image { container: "app", image: "demo:1" }]"#,
            ),
            ("patch", json!(null), "[Untold]"),
            ("patch", json!({"metadata": {"annotations": {"a": "b"}}}), "[]"),
        ];
        for (verb, sent, expected) in table {
            assert_eq!(format!("{:?}", changes(verb, &sent)), expected, "{sent}");
        }
    }
}
