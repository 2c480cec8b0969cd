//! What a patched Pod looks like after it has gone through the types of Kubernetes: what they always write is there,
//! what they leave out when it is empty is not. Only for the fields that requests touch; defaults are not filled in.

use serde_json::{Map, Value};

/// Maps that are left out when they are empty. Objects behind pointers, such as `securityContext`, stay.
const MAPS: [&str; 5] = ["labels", "annotations", "nodeSelector", "overhead", "allocatedResources"];
/// The one list that is always written.
const CONTAINERS: &str = "containers";

/// Settles a Pod.
pub(super) fn settle(pod: &mut Value) {
    for name in ["metadata", "spec", "status"] {
        if let Some(Value::Object(part)) = pod.get_mut(name) {
            part.retain(|name, value| !is_left_out(name, value));
        }
    }
    let conditions = pod.get_mut("status").and_then(|status| status.get_mut("conditions"));
    for condition in conditions.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        always(condition, "lastProbeTime");
        always(condition, "lastTransitionTime");
    }
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
fn always(condition: &mut Map<String, Value>, name: &str) {
    condition.entry(name).or_insert(Value::Null);
}
