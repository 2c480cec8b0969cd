//! What a patched Pod looks like after it has gone through the types of Kubernetes: what they always write is there,
//! what they leave out when it is empty is not. Only for the fields that requests touch; defaults are not filled in.

use serde_json::{Map, Value};

use super::fields::part;

/// Maps that are left out when they are empty. Objects behind pointers, such as `securityContext`, stay.
const MAPS: [&str; 5] = ["labels", "annotations", "nodeSelector", "overhead", "allocatedResources"];
/// The one list that is always written.
const CONTAINERS: &str = "containers";

/// What a write of the status that leaves it out does not take away (`podStatusStrategy.PrepareForUpdate`).
const KEPT: [&str; 2] = ["observedGeneration", "qosClass"];

/// Normalizes a Pod that was `before`.
pub(super) fn normalize(before: &Value, pod: &mut Value) {
    for name in KEPT {
        if let Some(value) = before.get("status").and_then(|status| status.get(name))
            && let Some(status) = part(pod, "status")
        {
            status.entry(name).or_insert_with(|| value.clone());
        }
    }
    for name in ["metadata", "spec", "status"] {
        if let Some(Value::Object(part)) = pod.get_mut(name) {
            part.retain(|name, value| !is_left_out(name, value));
        }
    }
    let Some(status) = pod.get_mut("status") else { return };
    for condition in items(status, "conditions") {
        always(condition, "lastProbeTime");
        always(condition, "lastTransitionTime");
    }
    for list in ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] {
        for container in items(status, list) {
            for state in ["state", "lastState"] {
                let Some(Value::Object(state)) = container.get_mut(state) else { continue };
                if let Some(Value::Object(running)) = state.get_mut("running") {
                    always(running, "startedAt");
                }
                if let Some(Value::Object(terminated)) = state.get_mut("terminated") {
                    always(terminated, "startedAt");
                    always(terminated, "finishedAt");
                }
            }
        }
    }
}

/// The objects in a list of the status.
fn items<'status>(status: &'status mut Value, list: &str) -> impl Iterator<Item = &'status mut Map<String, Value>> {
    let items = status.get_mut(list).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn is_left_out(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => name != "creationTimestamp",
        Value::Array(items) => items.is_empty() && name != CONTAINERS,
        Value::Object(fields) => fields.is_empty() && MAPS.contains(&name),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A time without `omitempty`: `null` where there is none.
fn always(fields: &mut Map<String, Value>, name: &str) {
    fields.entry(name).or_insert(Value::Null);
}
