//! How deep a request and an object may nest: everything here that recurses stays within it.

use serde_json::Value;

/// As deep as a parsed document can be: the limit of `serde_json`.
pub(super) const DEPTH_MAX: usize = 128;

/// The depth of a value: 0 for a plain one. Counts without recursion.
pub(super) fn depth(value: &Value) -> usize {
    let mut deepest = 0;
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        deepest = deepest.max(depth);
        match value {
            Value::Object(fields) => open.extend(fields.values().map(|value| (value, depth + 1))),
            Value::Array(items) => open.extend(items.iter().map(|value| (value, depth + 1))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    deepest
}

/// Refuses a value that could not have been parsed.
pub(super) fn refuse_deep(value: &Value) -> Result<(), String> {
    if depth(value) > DEPTH_MAX { Err(format!("nested deeper than {DEPTH_MAX} levels")) } else { Ok(()) }
}
