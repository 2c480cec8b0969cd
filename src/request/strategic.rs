//! Strategic merge patch as the API server applies it to a Pod: k8s.io/apimachinery `pkg/util/strategicpatch/patch.go`
//! (`mergeMap`, `mergeSlice`). Not the making of such patches.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::lists::{Field, Fields, Items, POD, field, inside, key, ordered, places};
use super::nesting::refuse_deep;

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const ELEMENT_ORDER: &str = "$setElementOrder/";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";

/// Applies a strategic merge patch to a Pod.
///
/// # Errors
/// One sentence if the API server would refuse the patch; the object may then be patched in part.
pub fn strategic_merge(object: &mut Value, patch: &Value) -> Result<(), String> {
    refuse_deep(object)?;
    refuse_deep(patch)?;
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => merge_object(object, patch, POD),
        (_, _) => Err("a strategic merge patch is an object and patches an object".to_owned()),
    }
}

/// Whether an object, or anything in it, has a directive.
pub(super) fn has_directive(patch: &Value) -> bool {
    let mut open = vec![patch];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) if fields.keys().any(|name| is_directive(name)) => return true,
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(items) => open.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    false
}

fn is_directive(name: &str) -> bool {
    name == PATCH || name == RETAIN_KEYS || name.starts_with(ELEMENT_ORDER) || name.starts_with(DELETE_FROM)
}

fn merge_object(object: &mut Map<String, Value>, patch: &Map<String, Value>, fields: Fields) -> Result<(), String> {
    if let Some(unknown) = patch.keys().find(|name| name.starts_with('$') && !is_directive(name)) {
        return Err(format!("a strategic merge patch has no directive {unknown:?}"));
    }
    match patch.get(PATCH) {
        Some(Value::String(directive)) if directive == "replace" => {
            *object = patch.iter().filter_map(|(name, value)| Some((name.clone(), taken(value)?))).collect();
            object.retain(|name, _| !is_directive(name));
            return Ok(());
        }
        Some(Value::String(directive)) if directive == "delete" => {
            object.clear();
            return Ok(());
        }
        Some(other) => return Err(format!("{PATCH} of an object is \"replace\" or \"delete\", not {other}")),
        None => {}
    }
    retain_keys(object, patch)?;
    let mut merged = BTreeSet::new();
    for (name, order) in patch {
        if let Some(name) = name.strip_prefix(ELEMENT_ORDER) {
            merge_in_order(object, patch, fields, name, order)?;
            merged.insert(name);
        }
    }
    for (name, value) in patch {
        if let Some(name) = name.strip_prefix(DELETE_FROM) {
            delete_from(object, name, value)?;
        } else if !is_directive(name) && !merged.contains(name.as_str()) {
            merge_field(object, name, value, fields)?;
        }
    }
    Ok(())
}

fn merge_field(object: &mut Map<String, Value>, name: &str, value: &Value, fields: Fields) -> Result<(), String> {
    match (object.get_mut(name), value) {
        (_, Value::Null) => {
            object.remove(name);
        }
        (Some(Value::Object(before)), Value::Object(patch)) => merge_object(before, patch, inside(fields, name))?,
        (Some(Value::Array(before)), Value::Array(patch)) => {
            *before = merge_list(std::mem::take(before), patch, field(fields, name))?;
        }
        (_, value) => {
            if let Some(value) = taken(value) {
                object.insert(name.to_owned(), value);
            }
        }
    }
    Ok(())
}

/// A value of the patch where the object had none: without nulls and directives. `None` for one that has `$patch`.
fn taken(value: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) if fields.contains_key(PATCH) => None,
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, value)| !is_directive(name) && !value.is_null());
            Some(Value::Object(fields.filter_map(|(name, value)| Some((name.clone(), taken(value)?))).collect()))
        }
        Value::Array(items) => Some(Value::Array(items.iter().filter_map(taken).collect())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.clone()),
    }
}

/// `$retainKeys`: the object keeps only these fields.
fn retain_keys(object: &mut Map<String, Value>, patch: &Map<String, Value>) -> Result<(), String> {
    let Some(directive) = patch.get(RETAIN_KEYS) else { return Ok(()) };
    let Value::Array(names) = directive else { return Err(format!("{RETAIN_KEYS} is a list of names")) };
    let names: BTreeSet<&str> = names.iter().filter_map(Value::as_str).collect();
    let missing =
        |(name, value): &(&String, &Value)| !is_directive(name) && !value.is_null() && !names.contains(name.as_str());
    if let Some((name, _)) = patch.iter().find(missing) {
        return Err(format!("{RETAIN_KEYS} does not name {name:?}, which the patch sets"));
    }
    object.retain(|name, _| names.contains(name.as_str()));
    Ok(())
}

/// `$deleteFromPrimitiveList/<name>`.
fn delete_from(object: &mut Map<String, Value>, name: &str, values: &Value) -> Result<(), String> {
    let Value::Array(values) = values else { return Err(format!("{DELETE_FROM}{name} is a list")) };
    let deleted: BTreeSet<String> = values.iter().map(Value::to_string).collect();
    match object.get_mut(name) {
        Some(Value::Array(list)) => list.retain(|value| !deleted.contains(&value.to_string())),
        Some(_) => return Err(format!("{DELETE_FROM}{name}: {name} is not a list")),
        None => {}
    }
    Ok(())
}

/// How the items of a list are told apart.
enum Told {
    ByKey(&'static str, Fields),
    ByValue,
}

impl Told {
    fn of(field: Option<&'static Field>) -> Option<Self> {
        match field {
            Some(Field::Items(Items { strategic_key: Some(key), fields, .. })) => Some(Self::ByKey(key, fields)),
            Some(Field::Set) => Some(Self::ByValue),
            Some(Field::Items(Items { strategic_key: None, .. }) | Field::Part(_)) | None => None,
        }
    }

    fn key(&self, item: &Value) -> Result<String, String> {
        match (self, item) {
            (Self::ByKey(name, _), Value::Object(_)) => {
                key(item, &[name]).ok_or_else(|| format!("an item of the list has no {name:?}, the key of its merge"))
            }
            (Self::ByKey(name, _), _) => Err(format!("an item of a list that is merged by {name:?} is not an object")),
            (Self::ByValue, Value::Object(_) | Value::Array(_)) => {
                Err("an item of a list of plain values is none".to_owned())
            }
            (Self::ByValue, value) => Ok(value.to_string()),
        }
    }

    fn keys(&self, items: &[Value]) -> Result<Vec<String>, String> {
        items.iter().map(|item| self.key(item)).collect()
    }
}

/// `$setElementOrder/<name>` and the list of that name together.
fn merge_in_order(
    object: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    fields: Fields,
    name: &str,
    order: &Value,
) -> Result<(), String> {
    let Value::Array(order) = order else { return Err(format!("{ELEMENT_ORDER}{name} is a list")) };
    let field = field(fields, name);
    let Some(told) = Told::of(field) else {
        return Err(format!("{ELEMENT_ORDER}{name}: {name} is not a list that is merged"));
    };
    let empty = Value::Array(Vec::new());
    let (Some(Value::Array(patched)), before) = (patch.get(name).or(Some(&empty)), object.get_mut(name)) else {
        return Err(format!("{name} is not a list"));
    };
    let before = match before {
        Some(Value::Array(before)) => std::mem::take(before),
        Some(_) => return Err(format!("{name} is not a list")),
        None if patch.contains_key(name) => Vec::new(),
        None => return Ok(()),
    };
    let wanted = told.keys(order)?;
    refuse_other_order(&told, patched, &wanted, name)?;
    let server = places(&told.keys(&before)?);
    let merged = merge_list(before, patched, field)?;
    let merged = told.keys(&merged)?.into_iter().zip(merged).collect();
    object.insert(name.to_owned(), Value::Array(ordered(merged, &places(&wanted), &server)));
    Ok(())
}

/// The items of the patch must stand in the order that it asks for (`validatePatchWithSetOrderList`).
fn refuse_other_order(told: &Told, patched: &[Value], wanted: &[String], name: &str) -> Result<(), String> {
    let mut wanted = wanted.iter();
    if wanted.len() == 0 {
        return Ok(());
    }
    for item in patched.iter().filter(|item| item.get(PATCH).is_none()) {
        let key = told.key(item)?;
        if !wanted.any(|wanted| *wanted == key) {
            return Err(format!("{ELEMENT_ORDER}{name} does not name the patched items in their order"));
        }
    }
    Ok(())
}

fn merge_list(before: Vec<Value>, patch: &[Value], field: Option<&'static Field>) -> Result<Vec<Value>, String> {
    match Told::of(field) {
        None => Ok(patch.iter().filter_map(taken).collect()),
        Some(told @ Told::ByValue) => {
            let wanted = told.keys(patch)?;
            let server = places(&told.keys(&before)?);
            let mut seen = BTreeSet::new();
            let all = before.into_iter().chain(patch.iter().cloned()).map(|value| (value.to_string(), value));
            let merged = all.filter(|(key, _)| seen.insert(key.clone())).collect();
            Ok(ordered(merged, &places(&wanted), &server))
        }
        Some(told @ Told::ByKey(..)) => merge_items(before, patch, &told),
    }
}

fn merge_items(mut before: Vec<Value>, patch: &[Value], told: &Told) -> Result<Vec<Value>, String> {
    let Told::ByKey(_, fields) = told else { return Ok(before) };
    let (mut deleted, mut replaces, mut patched) = (BTreeSet::new(), false, Vec::new());
    for item in patch {
        match item.get(PATCH) {
            None => patched.push(item),
            Some(Value::String(directive)) if directive == "delete" => {
                deleted.insert(told.key(item)?);
            }
            Some(Value::String(directive)) if directive == "replace" => replaces = true,
            Some(other) => {
                return Err(format!("{PATCH} of an item of a list is \"delete\" or \"replace\", not {other}"));
            }
        }
    }
    if replaces {
        return Ok(patched.into_iter().filter_map(taken).collect());
    }
    if !deleted.is_empty() {
        let keys = told.keys(&before)?;
        let mut keys = keys.iter();
        before.retain(|_| keys.next().is_none_or(|key| !deleted.contains(key)));
    }
    let mut merged: Vec<(String, Value)> = told.keys(&before)?.into_iter().zip(before).collect();
    let server = places(merged.iter().map(|(key, _)| key));
    let mut known: BTreeMap<String, usize> = server.clone();
    let mut wanted = Vec::with_capacity(patched.len());
    let mut seen = BTreeSet::new();
    for item in patched {
        let key = told.key(item)?;
        // The API server merges one after the other, which takes as long as both lists' lengths multiplied.
        if !fields.is_empty() && !seen.insert(key.clone()) {
            return Err(format!("a list of the patch has two items of the key {key}"));
        }
        wanted.push(key.clone());
        let place = known.get(&key).and_then(|place| merged.get_mut(*place));
        match (place, item) {
            (Some((_, Value::Object(before))), Value::Object(patch)) => merge_object(before, patch, fields)?,
            (_, item) => {
                known.insert(key.clone(), merged.len());
                merged.extend(taken(item).map(|item| (key, item)));
            }
        }
    }
    Ok(ordered(merged, &places(&wanted), &server))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::strategic_merge;

    /// Merges a patch into one part of a pod.
    fn merged(part: &str, before: &Value, patch: &Value) -> Result<Value, String> {
        let mut pod = json!({part: before});
        strategic_merge(&mut pod, &json!({part: patch}))?;
        Ok(pod[part].take())
    }

    /// A list of conditions, one a letter.
    fn conditions(types: &str) -> Value {
        types.chars().map(|kind| json!({"type": kind.to_string()})).collect()
    }

    #[test]
    fn the_order_of_a_merged_list() {
        for (before, patch, order, after) in [
            ("abc", "b", None, "abc"),
            ("abc", "d", None, "dabc"),
            ("abc", "ca", None, "bca"),
            ("abc", "", Some("cb"), "acb"),
            ("abc", "b", Some("cba"), "cba"),
            ("ab", "cd", Some("cabd"), "cabd"),
            ("ab", "d", Some("dab"), "dab"),
            ("xa", "b", Some("ab"), "xab"),
            ("ax", "b", Some("ab"), "abx"),
            ("", "ba", Some("ba"), "ba"),
        ] {
            let mut body = json!({});
            if !patch.is_empty() {
                body["conditions"] = conditions(patch);
            }
            if let Some(order) = order {
                body["$setElementOrder/conditions"] = conditions(order);
            }
            let merged = merged("status", &json!({"conditions": conditions(before)}), &body);
            let expected = json!({"conditions": conditions(after)});
            assert_eq!(merged, Ok(expected), "{before} {patch} {order:?}");
        }
    }

    #[test]
    fn lists_are_merged_by_their_keys_or_replaced() {
        for (part, before, patch, after) in [
            // Merged within merged, what is not named stays.
            (
                "spec",
                json!({"containers": [{"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}], "args": ["p"]}]}),
                json!({"containers": [{"name": "a", "image": "2", "env": [{"name": "Y", "value": "2"}], "args": ["q"]}]}),
                json!({"containers": [{"name": "a", "image": "2", "env": [{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}], "args": ["q"]}]}),
            ),
            (
                "status",
                json!({"containerStatuses": [{"name": "a"}]}),
                json!({"containerStatuses": [{"name": "b"}]}),
                json!({"containerStatuses": [{"name": "b"}]}),
            ),
            (
                "status",
                json!({"podIPs": [{"ip": "1"}]}),
                json!({"podIPs": [{"ip": "2"}]}),
                json!({"podIPs": [{"ip": "2"}, {"ip": "1"}]}),
            ),
            ("spec", json!({"tolerations": [{"key": "a"}]}), json!({"tolerations": []}), json!({"tolerations": []})),
            (
                "metadata",
                json!({"finalizers": ["a", "b"]}),
                json!({"finalizers": ["b", "c"]}),
                json!({"finalizers": ["a", "b", "c"]}),
            ),
            (
                "metadata",
                json!({"finalizers": ["a", "b"]}),
                json!({"$deleteFromPrimitiveList/finalizers": ["a"]}),
                json!({"finalizers": ["b"]}),
            ),
            (
                "metadata",
                json!({"finalizers": ["a", "b"]}),
                json!({"$setElementOrder/finalizers": ["b", "a"]}),
                json!({"finalizers": ["b", "a"]}),
            ),
            (
                "metadata",
                json!({}),
                json!({"$deleteFromPrimitiveList/finalizers": ["a"], "$setElementOrder/finalizers": ["a"]}),
                json!({}),
            ),
            // Ports by number alone, also in this well-known case.
            (
                "spec",
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 1, "protocol": "UDP"}, {"containerPort": 1, "protocol": "TCP"}]}]}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 1, "name": "t"}]}]}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 1, "protocol": "UDP", "name": "t"}, {"containerPort": 1, "protocol": "TCP"}]}]}),
            ),
        ] {
            assert_eq!(merged(part, &before, &patch), Ok(after), "{patch}");
        }
    }

    #[test]
    fn directives() {
        for (part, before, patch, after) in [
            (
                "metadata",
                json!({"labels": {"a": "1"}}),
                json!({"labels": {"a": null, "b": "2", "c": null}}),
                json!({"labels": {"b": "2"}}),
            ),
            (
                "metadata",
                json!({"labels": {"a": "1"}}),
                json!({"labels": {"$patch": "replace", "b": "2"}}),
                json!({"labels": {"b": "2"}}),
            ),
            ("metadata", json!({"labels": {"a": "1"}}), json!({"labels": {"$patch": "delete"}}), json!({"labels": {}})),
            ("metadata", json!({}), json!({"labels": {"$patch": "delete"}}), json!({})),
            (
                "status",
                json!({"conditions": [{"type": "a"}, {"type": "b"}]}),
                json!({"conditions": [{"$patch": "delete", "type": "a"}]}),
                json!({"conditions": [{"type": "b"}]}),
            ),
            (
                "status",
                json!({"conditions": [{"type": "a"}]}),
                json!({"conditions": [{"type": "b"}, {"$patch": "replace"}]}),
                json!({"conditions": [{"type": "b"}]}),
            ),
            (
                "status",
                json!({"conditions": [{"type": "a"}, {"type": "b"}]}),
                json!({"$setElementOrder/conditions": [{"type": "c"}, {"type": "b"}], "conditions": [{"type": "c"}, {"$patch": "delete", "type": "a"}]}),
                json!({"conditions": [{"type": "c"}, {"type": "b"}]}),
            ),
            (
                "spec",
                json!({"volumes": [{"name": "v", "emptyDir": {}}]}),
                json!({"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/"}, "emptyDir": null}]}),
                json!({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}),
            ),
            // In what is new, directives and nulls are left out.
            (
                "spec",
                json!({}),
                json!({"volumes": [{"name": "v", "$retainKeys": ["name"], "emptyDir": null}, {"$patch": "delete", "name": "w"}]}),
                json!({"volumes": [{"name": "v"}]}),
            ),
        ] {
            assert_eq!(merged(part, &before, &patch), Ok(after), "{patch}");
        }
    }

    #[test]
    fn patches_that_the_api_server_refuses() {
        let before = json!({"conditions": [{"type": "a"}], "phase": "Running", "finalizers": [{}]});
        for patch in [
            json!({"$unknown": 1}),
            json!({"$patch": "merge"}),
            json!({"$patch": 1}),
            json!({"$retainKeys": ["a"], "phase": "Failed"}),
            json!({"$retainKeys": "phase"}),
            json!({"conditions": [{"status": "True"}]}),
            json!({"conditions": ["a"]}),
            json!({"conditions": [{"type": "a", "$patch": "merge"}]}),
            json!({"conditions": [{"$patch": "delete"}]}),
            json!({"$setElementOrder/conditions": "a"}),
            json!({"$setElementOrder/conditions": [{"type": "a"}], "conditions": [{"type": "b"}]}),
            json!({"$setElementOrder/conditions": [{"type": "a"}, {"type": "b"}], "conditions": [{"type": "b"}, {"type": "a"}]}),
            json!({"$setElementOrder/containerStatuses": [{"name": "a"}]}),
            json!({"$setElementOrder/phase": []}),
            json!({"$deleteFromPrimitiveList/phase": ["a"]}),
            json!({"$deleteFromPrimitiveList/finalizers": "a"}),
        ] {
            let refused = merged("status", &before, &patch);
            assert!(refused.is_err(), "{patch}: {refused:?}");
        }
        assert!(strategic_merge(&mut json!([]), &json!({})).is_err());
        let twice = json!({"containers": [{"name": "a"}, {"name": "a"}]});
        assert!(merged("spec", &json!({"containers": [{"name": "a"}]}), &twice).is_err());
    }

    #[test]
    fn deep_and_long_patches_are_no_trouble() {
        let deep =
            (0..100_000).fold(json!(null), |inner, _| Value::Object(Map::from_iter([("status".to_owned(), inner)])));
        assert!(strategic_merge(&mut json!({}), &deep).is_err());
        // Taken apart by hand: dropping so deep a value recurses.
        let mut rest = deep;
        while let Some(inner) = rest.get_mut("status").map(Value::take) {
            rest = inner;
        }
        let long = |from: usize| -> Value { (from..from + 50_000).map(|n| json!({"type": n.to_string()})).collect() };
        let patch = json!({"conditions": long(25_000), "$setElementOrder/conditions": long(25_000)});
        let merged = merged("status", &json!({"conditions": long(0)}), &patch).expect("a good patch");
        assert_eq!(merged["conditions"].as_array().map(Vec::len), Some(75_000));
    }
}
