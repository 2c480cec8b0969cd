//! JSON Patch (RFC 6902) and JSON merge patch (RFC 7386). Why not a crate: `docs/decisions/0007-patches.md`.

use serde_json::{Map, Value};

use super::nesting::{DEPTH_MAX, depth, refuse_deep};

/// As many operations as the API server takes (`maxJSONPatchOperations` in k8s.io/apiserver endpoints/handlers/patch.go).
const OPERATIONS_MAX: usize = 10_000;
/// How much a patch may copy, move and shift in all, in bytes or nearly so. A patch that copies the object into itself
/// doubles it with each operation; the API server too has a limit for that (`JSONPatchMaxCopyBytes`).
const WORK_MAX: usize = 16 << 20;
/// What a value counts for beside its text.
const VALUE_WORK: usize = 16;

/// Applies a JSON Patch.
///
/// # Errors
/// One sentence about the first operation that cannot be applied; the object may then be patched in part.
pub fn json_patch(object: &mut Value, patch: &Value) -> Result<(), String> {
    refuse_deep(object)?;
    refuse_deep(patch)?;
    let Value::Array(operations) = patch else { return Err("a JSON patch is a list of operations".to_owned()) };
    if operations.len() > OPERATIONS_MAX {
        return Err(format!("a JSON patch has at most {OPERATIONS_MAX} operations"));
    }
    let mut patching = Patching { object, work_left: WORK_MAX };
    operations.iter().enumerate().try_for_each(|(number, operation)| {
        patching.apply(operation).map_err(|why| format!("operation {number} of the JSON patch: {why}"))
    })
}

/// Applies a JSON merge patch.
///
/// # Errors
/// One sentence if the object or the patch nests too deep.
pub fn merge_patch(object: &mut Value, patch: &Value) -> Result<(), String> {
    refuse_deep(object)?;
    refuse_deep(patch)?;
    merge(object, patch);
    Ok(())
}

fn merge(object: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Value::Object(fields) = object else { return };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

struct Patching<'object> {
    object: &'object mut Value,
    work_left: usize,
}

impl Patching<'_> {
    fn apply(&mut self, operation: &Value) -> Result<(), String> {
        let text = |name: &str| {
            operation.get(name).and_then(Value::as_str).ok_or_else(|| format!("it has no {name:?} that is text"))
        };
        let value = || operation.get("value").ok_or_else(|| "it has no \"value\"".to_owned());
        let path = tokens(text("path")?)?;
        match text("op")? {
            "add" => self.add(&path, value()?.clone()),
            "remove" => self.remove(&path).map(drop),
            "replace" => {
                let new = value()?.clone();
                let place = at(self.object, &path).ok_or_else(nothing_there)?;
                *place = new;
                Ok(())
            }
            "test" => match (at(self.object, &path), value()?) {
                (Some(found), value) if *found == *value => Ok(()),
                (None, Value::Null) => Ok(()),
                (Some(_) | None, _) => Err("its test fails".to_owned()),
            },
            "copy" => {
                let found = at(self.object, &tokens(text("from")?)?).ok_or_else(nothing_there)?;
                spend(&mut self.work_left, size(found))?;
                let copied = found.clone();
                self.add(&path, copied)
            }
            "move" => {
                let from = tokens(text("from")?)?;
                if path.len() > from.len() && path.starts_with(&from) {
                    return Err("it moves a value into itself".to_owned());
                }
                let moved = self.remove(&from)?;
                spend(&mut self.work_left, size(&moved))?;
                self.add(&path, moved)
            }
            other => Err(format!("it has no known \"op\": {other:?}")),
        }
    }

    fn add(&mut self, path: &[String], value: Value) -> Result<(), String> {
        spend(&mut self.work_left, size(&value))?;
        if path.len() + depth(&value) > DEPTH_MAX {
            return Err(format!("it nests deeper than {DEPTH_MAX} levels"));
        }
        let Some((last, parents)) = path.split_last() else {
            *self.object = value;
            return Ok(());
        };
        match at(self.object, parents).ok_or_else(nothing_there)? {
            Value::Object(fields) => {
                fields.insert(last.clone(), value);
            }
            Value::Array(items) if last == "-" => items.push(value),
            Value::Array(items) => {
                let place = index(last, items.len() + 1).ok_or_else(nothing_there)?;
                spend(&mut self.work_left, items.len() - place)?;
                items.insert(place, value);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(nothing_there()),
        }
        Ok(())
    }

    fn remove(&mut self, path: &[String]) -> Result<Value, String> {
        let (last, parents) = path.split_last().ok_or_else(|| "it removes the whole object".to_owned())?;
        match at(self.object, parents).ok_or_else(nothing_there)? {
            Value::Object(fields) => fields.remove(last).ok_or_else(nothing_there),
            Value::Array(items) => {
                let place = index(last, items.len()).ok_or_else(nothing_there)?;
                spend(&mut self.work_left, items.len() - place)?;
                Ok(items.remove(place))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(nothing_there()),
        }
    }
}

fn nothing_there() -> String {
    "there is nothing at its path".to_owned()
}

fn spend(work_left: &mut usize, work: usize) -> Result<(), String> {
    *work_left = work_left.checked_sub(work).ok_or("it copies and moves more than an API server allows")?;
    Ok(())
}

/// What a value counts for: the values in it, itself included, and all text.
fn size(value: &Value) -> usize {
    let (mut size, mut open) = (0, vec![value]);
    while let Some(value) = open.pop() {
        size += VALUE_WORK;
        match value {
            Value::Object(fields) => {
                size += fields.keys().map(String::len).sum::<usize>();
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            Value::String(text) => size += text.len(),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    size
}

/// The parts of a JSON pointer (RFC 6901).
fn tokens(path: &str) -> Result<Vec<String>, String> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let path = path.strip_prefix('/').ok_or_else(|| format!("{path:?} is not a JSON pointer"))?;
    Ok(path.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

fn at<'object>(object: &'object mut Value, path: &[String]) -> Option<&'object mut Value> {
    path.iter().try_fold(object, |value, token| match value {
        Value::Object(fields) => fields.get_mut(token),
        Value::Array(items) => {
            let place = index(token, items.len())?;
            items.get_mut(place)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// A place in a list; a negative one counts from the end, as the API server's library has it.
fn index(token: &str, len: usize) -> Option<usize> {
    let place = match token.strip_prefix('-') {
        Some(from_end) => len.checked_sub(from_end.parse::<usize>().ok()?)?,
        None => token.parse::<usize>().ok()?,
    };
    (place < len).then_some(place)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{json_patch, merge_patch};

    fn patched(object: Value, operation: Value) -> Option<Value> {
        let mut object = object;
        json_patch(&mut object, &json!([operation])).ok().map(|()| object)
    }

    #[test]
    fn operations_of_a_json_patch() {
        let list = || json!({"l": [1, 2]});
        for (object, operation, after) in [
            (list(), json!({"op": "add", "path": "/l/1", "value": 9}), Some(json!({"l": [1, 9, 2]}))),
            (list(), json!({"op": "add", "path": "/l/-", "value": 9}), Some(json!({"l": [1, 2, 9]}))),
            (list(), json!({"op": "add", "path": "/l/3", "value": 9}), None),
            (list(), json!({"op": "add", "path": "/l/x", "value": 9}), None),
            (list(), json!({"op": "add", "path": "", "value": 9}), Some(json!(9))),
            (list(), json!({"op": "add", "path": "/l/0/x", "value": 9}), None),
            (list(), json!({"op": "add", "path": "/m"}), None),
            (list(), json!({"op": "remove", "path": "/l/0"}), Some(json!({"l": [2]}))),
            (list(), json!({"op": "remove", "path": "/l/-1"}), Some(json!({"l": [1]}))),
            (list(), json!({"op": "remove", "path": "/l/-3"}), None),
            (list(), json!({"op": "remove", "path": "/l/-"}), None),
            (list(), json!({"op": "remove", "path": "/m"}), None),
            (list(), json!({"op": "remove", "path": ""}), None),
            (list(), json!({"op": "replace", "path": "/l", "value": null}), Some(json!({"l": null}))),
            (list(), json!({"op": "replace", "path": "/m", "value": 1}), None),
            (list(), json!({"op": "copy", "from": "/l", "path": "/m"}), Some(json!({"l": [1, 2], "m": [1, 2]}))),
            (list(), json!({"op": "move", "from": "/l/0", "path": "/m"}), Some(json!({"l": [2], "m": 1}))),
            (list(), json!({"op": "move", "from": "/l", "path": "/l/0"}), None),
            (list(), json!({"op": "test", "path": "/l/0", "value": 1}), Some(list())),
            (list(), json!({"op": "test", "path": "/l/0", "value": 2}), None),
            (json!({"a/b": {"~": 1}}), json!({"op": "remove", "path": "/a~1b/~0"}), Some(json!({"a/b": {}}))),
            (list(), json!({"op": "shift", "path": "/l"}), None),
            (list(), json!({"op": "remove", "path": "l"}), None),
            (list(), json!(7), None),
        ] {
            assert_eq!(patched(object, operation.clone()), after, "{operation}");
        }
    }

    #[test]
    fn a_patch_that_doubles_the_object_is_refused() {
        let double = json!({"op": "copy", "from": "", "path": "/a"});
        let mut wide = json!({"l": []});
        let copies: Vec<Value> =
            (0..100).map(|number| json!({"op": "copy", "from": "", "path": format!("/{number}")})).collect();
        assert!(json_patch(&mut wide, &json!(copies)).is_err_and(|why| why.contains("more than an API server allows")));
        let mut deep = json!({});
        assert!(json_patch(&mut deep, &json!(vec![double; 200])).is_err_and(|why| why.contains("nests deeper")));
        let into = json!([{"op": "add", "path": "/b", "value": {}}, {"op": "move", "from": "/a", "path": "/b/a"}, {"op": "move", "from": "/b", "path": "/a"}]);
        let moves: Vec<Value> =
            std::iter::repeat_n(into, 200).flat_map(|three| three.as_array().cloned().unwrap_or_default()).collect();
        let mut moved = json!({"a": {}});
        assert!(json_patch(&mut moved, &json!(moves)).is_err_and(|why| why.contains("nests deeper")));
        let shifts = vec![json!({"op": "add", "path": "/0", "value": 1}); 9_000];
        assert!(json_patch(&mut json!(vec![0; 100_000]), &json!(shifts)).is_err());
    }

    #[test]
    fn a_merge_patch_replaces_lists_and_removes_by_null() {
        for (object, patch, after) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": [{"b": 1}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": null}}), json!({"a": {"c": 2}})),
            (json!({}), json!({"a": {"b": {"c": null}}}), json!({"a": {"b": {}}})),
            (json!([1]), json!({"a": 1}), json!({"a": 1})),
            (json!({"a": 1}), json!(["c"]), json!(["c"])),
        ] {
            let mut merged = object;
            merge_patch(&mut merged, &patch).expect("not deep");
            assert_eq!(merged, after, "{patch}");
        }
    }
}
