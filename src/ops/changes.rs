//! What changed in an object beside the things that make transitions: labels, annotations, owners, the spec.

use serde_json::Value;

/// More paths than this are only counted.
const PATHS_MAX: usize = 4;

/// The paths at which two objects differ, such as `metadata.labels.touched`, shortest tellable form. The version and
/// the managed fields, which differ with every write, are left out.
#[must_use]
pub fn changed_paths(before: &Value, after: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    compare("", before, after, &mut paths);
    if paths.len() > PATHS_MAX {
        let more = paths.len() - PATHS_MAX;
        paths.truncate(PATHS_MAX);
        paths.push(format!("{more} more"));
    }
    paths
}

fn compare(path: &str, before: &Value, after: &Value, paths: &mut Vec<String>) {
    if before == after || matches!(path, "metadata.managedFields" | "metadata.resourceVersion") {
        return;
    }
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let side = |fields: &serde_json::Map<String, Value>| fields.get(key).cloned().unwrap_or(Value::Null);
                compare(&path, &side(before), &side(after), paths);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (before, after) in before.iter().zip(after) {
                compare(&format!("{path}[]"), before, after, paths);
            }
        }
        _ if paths.iter().any(|told| told == path) => {}
        _ => paths.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::changed_paths;

    #[test]
    fn the_deepest_difference_is_named() {
        let before = json!({"metadata": {"labels": {"a": "1"}, "resourceVersion": "1"}, "spec": {"x": [{"y": 1}]}});
        let after =
            json!({"metadata": {"labels": {"a": "2", "b": "3"}, "resourceVersion": "2"}, "spec": {"x": [{"y": 2}]}});
        assert_eq!(changed_paths(&before, &after), ["metadata.labels.a", "metadata.labels.b", "spec.x[].y"]);
    }
}
