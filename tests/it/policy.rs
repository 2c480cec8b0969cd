//! Audit logs as other policies would have written them, made of one in which everything is logged with its answer. Pure:
//! an event goes in, and what of it such a cluster would have kept comes out.

use serde_json::{Value, json};

use crate::common::lines;

/// What of an event a policy keeps.
pub(crate) type Keep = fn(Value) -> Option<Value>;

/// The usual policies, by name.
pub(crate) const POLICIES: [(&str, Keep); 8] = [
    ("kube-up", kube_up),
    ("AKS", aks),
    ("GKE without DATA_WRITE", gke_without_data_write),
    ("OpenShift Default", |event| Some(at_level(event, "Metadata"))),
    ("WriteRequestBodies", Some),
    ("AllRequestBodies", |event| Some(at_level(event, "Request"))),
    ("docs", docs),
    ("pods only", pods_only),
];

/// An audit log as a policy would have written it.
pub(crate) fn under(keep: Keep, audit: &[u8]) -> Vec<u8> {
    let event = |line: Vec<u8>| serde_json::from_slice(&line).expect("a line is JSON");
    let kept = lines(audit).into_iter().filter_map(|line| keep(event(line)));
    kept.map(|event| format!("{event}\n")).collect::<String>().into_bytes()
}

fn at_level(mut event: Value, level: &str) -> Value {
    event["level"] = json!(level);
    if let Some(fields) = event.as_object_mut() {
        fields.remove("responseObject");
        if level == "Metadata" {
            fields.remove("requestObject");
        }
    }
    event
}

fn subresource(event: &Value) -> Option<&str> {
    event["objectRef"]["subresource"].as_str()
}

/// cluster/gce/gci/configure-helper.sh, which EKS has taken over: what kubelets write of nodes and pods, and how the namespace
/// controller empties a namespace, is logged without the answer.
fn kube_up(event: Value) -> Option<Value> {
    let user = event["user"]["username"].as_str().unwrap_or_default();
    let is_of_kubelet = user.starts_with("system:node:")
        && subresource(&event) == Some("status")
        && matches!(event["verb"].as_str(), Some("update" | "patch"));
    let is_of_namespace =
        user == "system:serviceaccount:kube-system:namespace-controller" && event["verb"] == "deletecollection";
    Some(if is_of_kubelet || is_of_namespace { at_level(event, "Request") } else { event })
}

/// Azure Monitor replaces bodies that are too large.
fn aks(mut event: Value) -> Option<Value> {
    const BODY_CHARS_MAX: usize = 4_000;
    for body in ["requestObject", "responseObject"] {
        if event[body].to_string().chars().count() > BODY_CHARS_MAX {
            event[body] = json!("skipped-too-big-size-object");
        }
    }
    Some(event)
}

fn gke_without_data_write(event: Value) -> Option<Value> {
    (subresource(&event) != Some("status")).then_some(event)
}

/// The example in the documentation of Kubernetes: pods with their answers, `pods/log` and `pods/status` at Metadata, other
/// resources of the core group at Request.
fn docs(event: Value) -> Option<Value> {
    Some(match subresource(&event) {
        None => event,
        Some("log" | "status") => at_level(event, "Metadata"),
        Some(_) => at_level(event, "Request"),
    })
}

/// Pods with their answers; of whatever is part of one, that it was written.
fn pods_only(event: Value) -> Option<Value> {
    Some(if subresource(&event).is_some() { at_level(event, "Metadata") } else { event })
}
