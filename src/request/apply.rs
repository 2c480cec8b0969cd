//! Server-side apply, approximated: the applied fields are merged into the object, lists by the keys of their
//! `listMapKey` tags. What cannot be known from the request: a field that the manager applied before and now leaves
//! out is removed by the API server, here it stays; a conflict is not found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::lists::{Field, Fields, Items, POD, field, inside, key, ordered, places};
use super::nesting::refuse_deep;

/// Applies a configuration to a Pod.
///
/// # Errors
/// One sentence if the API server would refuse the configuration; the object may then be merged in part.
pub fn apply(object: &mut Value, applied: &Value) -> Result<(), String> {
    refuse_deep(object)?;
    refuse_deep(applied)?;
    match (object, applied) {
        (Value::Object(object), Value::Object(applied)) => merge_object(object, applied, POD),
        (_, _) => Err("an applied configuration is an object and is applied to an object".to_owned()),
    }
}

fn merge_object(object: &mut Map<String, Value>, applied: &Map<String, Value>, fields: Fields) -> Result<(), String> {
    for (name, value) in applied {
        match (object.get_mut(name), value) {
            (_, Value::Null) => {}
            (Some(Value::Object(before)), Value::Object(value)) => merge_object(before, value, inside(fields, name))?,
            (Some(Value::Array(before)), Value::Array(value)) => {
                *before = merge_list(std::mem::take(before), value, field(fields, name))?;
            }
            (_, value) => {
                object.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(())
}

fn merge_list(before: Vec<Value>, applied: &[Value], field: Option<&'static Field>) -> Result<Vec<Value>, String> {
    match field {
        Some(Field::Items(Items { apply_keys, fields, .. })) if !apply_keys.is_empty() => {
            merge_items(before, applied, apply_keys, fields)
        }
        Some(Field::Set) => {
            let mut seen = BTreeSet::new();
            let all = before.into_iter().chain(applied.iter().cloned());
            Ok(all.filter(|value| seen.insert(value.to_string())).collect())
        }
        Some(Field::Items(_) | Field::Part(_)) | None => Ok(applied.to_vec()),
    }
}

fn merge_items(
    before: Vec<Value>,
    applied: &[Value],
    key_names: &[&str],
    fields: Fields,
) -> Result<Vec<Value>, String> {
    let key_of = |item: &Value| {
        key(item, key_names).ok_or_else(|| format!("an item of the list has no {}", key_names.join(" and ")))
    };
    let keys: Vec<String> = before.iter().map(key_of).collect::<Result<_, _>>()?;
    let server = places(&keys);
    let mut known: BTreeMap<String, usize> = server.clone();
    let mut merged: Vec<(String, Value)> = keys.into_iter().zip(before).collect();
    let wanted: Vec<String> = applied.iter().map(key_of).collect::<Result<_, _>>()?;
    let mut seen = BTreeSet::new();
    for (key, item) in wanted.iter().zip(applied) {
        if !seen.insert(key) {
            return Err(format!("an applied list has two items of the key {key}"));
        }
        let place = known.get(key).and_then(|place| merged.get_mut(*place));
        match (place, item) {
            (Some((_, Value::Object(before))), Value::Object(item)) => merge_object(before, item, fields)?,
            (_, item) => {
                known.insert(key.clone(), merged.len());
                merged.push((key.clone(), item.clone()));
            }
        }
    }
    Ok(ordered(merged, &places(&wanted), &server))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::apply;

    #[test]
    fn what_is_applied_is_merged() {
        for (part, before, applied, after) in [
            // By two keys, the protocol being TCP unless told.
            (
                "spec",
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 1, "protocol": "UDP"}, {"containerPort": 1, "protocol": "TCP"}]}]}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 1, "name": "t"}]}]}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 1, "protocol": "UDP"}, {"containerPort": 1, "protocol": "TCP", "name": "t"}]}]}),
            ),
            (
                "spec",
                json!({"tolerations": [{"key": "a"}]}),
                json!({"tolerations": [{"key": "b"}]}),
                json!({"tolerations": [{"key": "b"}]}),
            ),
            (
                "status",
                json!({"hostIPs": [{"ip": "1"}]}),
                json!({"hostIPs": [{"ip": "2"}]}),
                json!({"hostIPs": [{"ip": "2"}]}),
            ),
            (
                "metadata",
                json!({"finalizers": ["a"]}),
                json!({"finalizers": ["b", "a"]}),
                json!({"finalizers": ["a", "b"]}),
            ),
            // What is left out stays: who owned it cannot be known.
            (
                "metadata",
                json!({"labels": {"a": "1"}}),
                json!({"labels": {"b": "2", "c": null}}),
                json!({"labels": {"a": "1", "b": "2"}}),
            ),
        ] {
            let mut pod = json!({part: before});
            apply(&mut pod, &json!({part: applied})).expect("a good configuration");
            assert_eq!(pod[part], after);
        }
    }
}
