//! How the API server itself sets a condition: `UpdatePodCondition` in pkg/api/pod/util.go.

use serde_json::{Map, Value, json};

use super::fields::part;

/// Puts the condition in the place of the one of its type, or behind all others. Its time is `now` unless the status
/// stays as it was.
pub(super) fn set_condition(pod: &mut Value, mut condition: Map<String, Value>, now: &str) {
    let Some(status) = part(pod, "status") else { return };
    let conditions = status.entry("conditions").or_insert_with(|| json!([]));
    if !conditions.is_array() {
        *conditions = json!([]);
    }
    let Value::Array(conditions) = conditions else { return };
    let before = conditions.iter_mut().find(|before| before.get("type") == condition.get("type"));
    let stays = before.as_ref().filter(|before| before.get("status") == condition.get("status"));
    let since = stays.and_then(|before| before.get("lastTransitionTime")).cloned();
    condition.insert("lastTransitionTime".to_owned(), since.unwrap_or_else(|| json!(now)));
    condition.insert("lastProbeTime".to_owned(), Value::Null);
    match before {
        Some(before) => *before = Value::Object(condition),
        None => conditions.push(Value::Object(condition)),
    }
}
