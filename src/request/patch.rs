//! A patch, in whatever language it is written.

use serde_json::Value;

use super::apply::apply;
use super::fields::next_generation;
use super::json::{json_patch, merge_patch};
use super::nesting::refuse_deep;
use super::normalized::normalize;
use super::strategic::{has_directive, strategic_merge};

/// The languages in which a patch can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// `application/strategic-merge-patch+json`.
    Strategic,
    /// `application/json-patch+json`.
    Json,
    /// `application/merge-patch+json`.
    JsonMerge,
    /// `application/apply-patch+yaml`.
    Apply,
}

/// Applies a patch to a Pod.
///
/// # Errors
/// One sentence if the API server would refuse the patch; the object is then as it was.
pub fn patch(object: &mut Value, body: &Value, kind: Patch) -> Result<(), String> {
    refuse_deep(object)?;
    let mut patched = object.clone();
    match kind {
        Patch::Strategic => strategic_merge(&mut patched, body)?,
        Patch::Json => json_patch(&mut patched, body)?,
        Patch::JsonMerge => merge_patch(&mut patched, body)?,
        Patch::Apply => apply(&mut patched, body)?,
    }
    normalize(object, &mut patched);
    if patched.get("spec") != object.get("spec") {
        next_generation(&mut patched);
    }
    *object = patched;
    Ok(())
}

/// The language of a patch, by its looks: an audit log does not record the content type.
///
/// A list is a JSON patch; directives make a strategic merge patch; a whole object with its kind and name, sent with a
/// `fieldManager`, is applied. Anything else is taken for a strategic merge patch, which is what the kubelet, the
/// controllers and kubectl send: a JSON merge patch looks the same and differs only where it holds a list, which it
/// replaces whole.
#[must_use]
pub fn kind_of(body: &Value, request_uri: &str) -> Patch {
    if body.is_array() {
        return Patch::Json;
    }
    if has_directive(body) {
        return Patch::Strategic;
    }
    let is_text = |value: Option<&Value>| value.is_some_and(Value::is_string);
    let is_whole = is_text(body.get("apiVersion"))
        && is_text(body.get("kind"))
        && is_text(body.get("metadata").and_then(|metadata| metadata.get("name")));
    let query = request_uri.split_once('?').map_or("", |(_, query)| query);
    let has_manager = query.split('&').any(|parameter| parameter.starts_with("fieldManager="));
    if is_whole && has_manager { Patch::Apply } else { Patch::Strategic }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Patch, kind_of, patch};

    #[test]
    fn the_language_of_a_patch_shows_in_its_body() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}});
        let ordered = json!({"status": {"$setElementOrder/conditions": []}});
        for (body, uri, kind) in [
            (json!([{"op": "remove", "path": "/spec"}]), "/p?fieldManager=kubectl-patch", Patch::Json),
            (ordered, "/p?fieldManager=x", Patch::Strategic),
            (pod.clone(), "/p?force=true&fieldManager=x", Patch::Apply),
            (pod, "/p?force=true", Patch::Strategic),
            (json!({"apiVersion": "v1", "kind": "Pod"}), "/p?fieldManager=x", Patch::Strategic),
            (json!({"metadata": {"labels": null}}), "/p?fieldManager=x", Patch::Strategic),
            (json!(null), "", Patch::Strategic),
        ] {
            assert_eq!(kind_of(&body, uri), kind, "{body} {uri}");
        }
    }

    #[test]
    fn a_refused_patch_changes_nothing() {
        let pod = json!({"metadata": {"labels": {"a": "1"}}, "spec": {}});
        for (kind, body) in [
            (Patch::Strategic, json!({"metadata": {"labels": null}, "spec": {"$unknown": 1}})),
            (Patch::Json, json!([{"op": "remove", "path": "/metadata"}, {"op": "remove", "path": "/metadata"}])),
            (Patch::Apply, json!({"metadata": {"labels": {"b": "2"}}, "spec": {"containers": [{}]}})),
            (Patch::Apply, json!({"spec": {"containers": [{"name": "a"}, {"name": "a"}]}})),
        ] {
            let mut object = pod.clone();
            object["spec"]["containers"] = json!([]);
            let before = object.clone();
            assert!(patch(&mut object, &body, kind).is_err(), "{body}");
            assert_eq!(object, before, "{body}");
        }
    }

    #[test]
    fn a_patch_leaves_what_the_types_of_kubernetes_write() {
        for (before, body, after) in [
            // The last label leaves no labels; what a pointer holds stays although it is empty.
            (
                json!({"metadata": {"labels": {"a": "1"}}, "spec": {"securityContext": {}}}),
                json!({"metadata": {"labels": {"a": null}}}),
                json!({"metadata": {}, "spec": {"securityContext": {}}}),
            ),
            // Times without omitempty.
            (
                json!({"status": {}}),
                json!({"status": {
                    "conditions": [{"type": "Ready"}],
                    "containerStatuses": [{"state": {"terminated": {"exitCode": 1, "startedAt": null}}}],
                }}),
                json!({"status": {
                    "conditions": [{"type": "Ready", "lastProbeTime": null, "lastTransitionTime": null}],
                    "containerStatuses": [{"state": {"terminated":
                        {"exitCode": 1, "startedAt": null, "finishedAt": null}}}],
                }}),
            ),
            // A status that is taken away leaves its class, and another spec is another generation.
            (
                json!({"metadata": {"generation": 1}, "spec": {}, "status": {"qosClass": "Burstable", "phase": "Failed"}}),
                json!({"spec": {"activeDeadlineSeconds": 5}, "status": null}),
                json!({"metadata": {"generation": 2}, "spec": {"activeDeadlineSeconds": 5},
                    "status": {"qosClass": "Burstable"}}),
            ),
        ] {
            let mut object = before;
            patch(&mut object, &body, Patch::Strategic).expect("a good patch");
            assert_eq!(object, after, "{body}");
        }
    }
}
