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
