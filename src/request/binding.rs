//! What `pods/binding` makes of a pod: `setPodNodeAndMetadata` in pkg/registry/core/pod/storage/storage.go.

use serde_json::{Map, Value, json};

use super::condition::set_condition;
use super::fields::{part, second_after, text};
use crate::model::ObservedAt;

/// Binds a pod: the node, the annotations of the Binding, and the condition `PodScheduled`, whose reason and message
/// go. `labels` of a node that an admission plugin adds to the Binding are not in the request and so not known.
///
/// # Errors
/// One sentence for a Binding that the API server refuses: of a pod that is bound, gated or being deleted.
pub fn bind(pod: &mut Value, binding: &Value, at: ObservedAt) -> Result<(), String> {
    let Some(node) = text(binding, "target", "name") else { return Err("the binding names no node".to_owned()) };
    if text(pod, "metadata", "deletionTimestamp").is_some() {
        return Err("the pod is being deleted".to_owned());
    }
    if let Some(bound_to) = text(pod, "spec", "nodeName") {
        return Err(format!("the pod is bound to node {bound_to:?}"));
    }
    let gates = pod.get("spec").and_then(|spec| spec.get("schedulingGates")).and_then(Value::as_array);
    if gates.is_some_and(|gates| !gates.is_empty()) {
        return Err("the pod has scheduling gates".to_owned());
    }
    let Some(spec) = part(pod, "spec") else { return Err("the pod is not an object".to_owned()) };
    spec.insert("nodeName".to_owned(), json!(node));
    let annotations = binding.get("metadata").and_then(|metadata| metadata.get("annotations"));
    if let Some(added) = annotations.and_then(Value::as_object).filter(|added| !added.is_empty())
        && let Some(metadata) = part(pod, "metadata")
    {
        let annotations = metadata.entry("annotations").or_insert(Value::Null);
        let mut all = annotations.as_object().cloned().unwrap_or_default();
        all.extend(added.clone());
        *annotations = Value::Object(all);
    }
    // Since 1.35, feature ClearingNominatedNodeNameAfterBinding; before, the name was that of the node in most cases.
    if let Some(status) = part(pod, "status") {
        status.remove("nominatedNodeName");
    }
    let scheduled = Map::from_iter([("type".to_owned(), json!("PodScheduled")), ("status".to_owned(), json!("True"))]);
    set_condition(pod, scheduled, &second_after(at, 0).to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::bind;
    use crate::model::ObservedAt;

    fn at() -> ObservedAt {
        ObservedAt::parse("2026-11-20T12:00:10.7Z").expect("a time")
    }

    #[test]
    fn a_binding_schedules_the_pod() {
        let mut pod = json!({"metadata": {"annotations": {"a": "1", "b": "1"}}, "spec": {},
        "status": {"nominatedNodeName": "n", "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no",
                "lastTransitionTime": "2026-11-20T12:00:00Z"},
            {"type": "Other", "status": "True"},
        ]}});
        let binding = json!({"metadata": {"annotations": {"b": "2"}}, "target": {"kind": "Node", "name": "n"}});
        bind(&mut pod, &binding, at()).expect("a good binding");
        let expected = json!({"metadata": {"annotations": {"a": "1", "b": "2"}}, "spec": {"nodeName": "n"},
        "status": {"conditions": [
            {"type": "PodScheduled", "status": "True", "lastProbeTime": null,
                "lastTransitionTime": "2026-11-20T12:00:10Z"},
            {"type": "Other", "status": "True"},
        ]}});
        assert_eq!(pod, expected);
    }

    #[test]
    fn a_binding_that_the_api_server_refuses_changes_nothing() {
        let good = json!({"target": {"name": "n"}});
        for (pod, binding) in [
            (json!({"spec": {"nodeName": "m"}}), &good),
            (json!({"spec": {"schedulingGates": [{"name": "g"}]}}), &good),
            (json!({"metadata": {"deletionTimestamp": "2026-11-20T12:00:00Z"}}), &good),
            (json!({}), &json!({"target": {}})),
            (json!([]), &good),
        ] {
            let mut bound = pod.clone();
            assert!(bind(&mut bound, binding, at()).is_err(), "{pod}");
            assert_eq!(bound, pod);
        }
    }
}
