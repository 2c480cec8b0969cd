//! What differs between two objects, value by value. What else that means is for others to say.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::input::compared::ComparedObject;
use crate::model::{FieldPath, Segment};
use crate::report::Change;

/// More paths than this are only counted.
const PATHS_MAX: usize = 4;

/// A part that came or went with more values than this is told as one.
const LEAVES_MAX: usize = 8;

/// What differs with every write.
const LEFT_OUT: [&str; 2] = ["managedFields", "resourceVersion"];

/// Lists of words of a command line: what one word means, the word before it says.
const WHOLE: [&str; 2] = ["args", "command"];

/// What tells the items of a list apart. Those of other lists go by `name`.
const ITEM_KEYS: [(&str, &[&str]); 10] = [
    ("conditions", &["type"]),
    ("hostAliases", &["ip"]),
    ("hostIPs", &["ip"]),
    ("ownerReferences", &["uid"]),
    ("podIPs", &["ip"]),
    ("ports", &["name", "containerPort"]),
    ("tolerations", &["key"]),
    ("topologySpreadConstraints", &["topologyKey"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
];

/// The values in which two objects differ, keys in their order, items of a list in the order of the list. The version
/// and the managed fields, which differ with every write, are left out. Null is as good as absent.
#[must_use]
pub fn changes(before: &ComparedObject, after: &ComparedObject, paths: &mut Paths) -> Box<[Change]> {
    let mut changes = Changes { leaves_max: LEAVES_MAX, found: Vec::new(), paths };
    if let Some([before, after]) = ComparedObject::differing(before, after, &LEFT_OUT) {
        changes.compare(&FieldPath::default(), Some(&before), Some(&after));
    }
    changes.found.into()
}

/// The paths at which two objects differ, such as `metadata.labels.touched`; of many only the first. A part that came or
/// went is one path, and so is a field that changed in several items of a list: `status.conditions[].reason`.
#[must_use]
pub fn changed_paths(before: &Value, after: &Value) -> Vec<String> {
    let mut changes = Changes { leaves_max: 0, found: Vec::new(), paths: &mut Paths::default() };
    changes.compare(&FieldPath::default(), Some(before), Some(after));
    let folded: Vec<String> = changes.found.iter().map(|change| change.path.without_items().to_string()).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in &folded {
        *counts.entry(path).or_default() += 1;
    }
    let mut paths = Vec::new();
    for (change, folded) in changes.found.iter().zip(&folded) {
        match counts.get_mut(folded.as_str()) {
            Some(1) => paths.push(change.path.to_string()),
            Some(count) if *count > 1 => {
                paths.push(folded.clone());
                *count = 0;
            }
            Some(_) | None => {}
        }
    }
    if paths.len() > PATHS_MAX {
        let more = paths.len() - PATHS_MAX;
        paths.truncate(PATHS_MAX);
        paths.push(format!("{more} more"));
    }
    paths
}

/// The paths of changes, each once: those of a fleet are few.
#[derive(Debug, Default)]
pub struct Paths(HashSet<Arc<FieldPath>>);

impl Paths {
    fn shared(&mut self, path: &FieldPath) -> Arc<FieldPath> {
        if let Some(known) = self.0.get(path) {
            return Arc::clone(known);
        }
        let path = Arc::new(path.clone());
        self.0.insert(Arc::clone(&path));
        path
    }
}

/// What was found so far.
struct Changes<'a> {
    /// A part that came or went with more values is told as one.
    leaves_max: usize,
    found: Vec<Change>,
    paths: &'a mut Paths,
}

impl Changes<'_> {
    fn compare(&mut self, path: &FieldPath, before: Option<&Value>, after: Option<&Value>) {
        let [before, after] = [before, after].map(|side| side.filter(|value| !value.is_null()));
        match (before, after) {
            (None, None) => {}
            (Some(before), Some(after)) if before == after => {}
            (Some(Value::Object(before)), Some(Value::Object(after))) => self.fields(path, before, after),
            (Some(Value::Array(before)), Some(Value::Array(after))) => self.items(path, before, after),
            (Some(value), None) => self.whole(path, value, |value| (Some(value), None)),
            (None, Some(value)) => self.whole(path, value, |value| (None, Some(value))),
            (Some(before), Some(after)) => self.add(path, Some(before.clone()), Some(after.clone())),
        }
    }

    fn fields(&mut self, path: &FieldPath, before: &Map<String, Value>, after: &Map<String, Value>) {
        let is_metadata = *path == FieldPath::of_keys(&["metadata"]);
        for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let (before, after) = (before.get(key), after.get(key));
            if before != after && !(is_metadata && LEFT_OUT.contains(&key.as_str())) {
                self.compare(&path.with(Segment::Key(key.as_str().into())), before, after);
            }
        }
    }

    fn items(&mut self, path: &FieldPath, before: &[Value], after: &[Value]) {
        let told = self.found.len();
        let list = list_name(path);
        if let Some([left, right]) = keyed(list, before, after) {
            let known: BTreeMap<&str, &Value> = names(&left).zip(before).collect();
            let now: BTreeMap<&str, &Value> = names(&right).zip(after).collect();
            for name in names(&left).chain(names(&right).filter(|name| !known.contains_key(name))) {
                let path = path.with(Segment::Item(name.into()));
                self.compare(&path, known.get(name).copied(), now.get(name).copied());
            }
            if self.found.len() > told || left == right {
                return;
            }
        } else if before.len() == after.len() && !WHOLE.contains(&list) {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                self.compare(&path.with(Segment::Index(index)), Some(before), Some(after));
            }
            return;
        }
        let [before, after] = [before, after].map(|side| Some(Value::Array(side.to_vec())));
        self.add(path, before, after);
    }

    /// A part that stands on one side only: its values one by one, or as one if they are many.
    fn whole(&mut self, path: &FieldPath, value: &Value, sides: fn(Value) -> (Option<Value>, Option<Value>)) {
        let mut leaves = Vec::new();
        if !collect(path, value, self.leaves_max, &mut leaves) {
            leaves = vec![(path.clone(), value)];
        }
        for (path, value) in leaves {
            let (before, after) = sides(value.clone());
            self.add(&path, before, after);
        }
    }

    fn add(&mut self, path: &FieldPath, before: Option<Value>, after: Option<Value>) {
        self.found.push(Change { path: self.paths.shared(path), before, after });
    }
}

fn list_name(path: &FieldPath) -> &str {
    match path.0.last() {
        Some(Segment::Key(list)) => list,
        Some(Segment::Item(_) | Segment::Index(_)) | None => "",
    }
}

fn names(items: &[String]) -> impl Iterator<Item = &str> {
    items.iter().map(String::as_str)
}

/// What tells the items of both sides of a list apart, if each has it and no two have the same.
fn keyed(list: &str, before: &[Value], after: &[Value]) -> Option<[Vec<String>; 2]> {
    let keys = ITEM_KEYS.iter().find(|(name, _)| *name == list).map_or(&["name"][..], |(_, keys)| keys);
    keys.iter().find_map(|key| Some([told_apart(key, before)?, told_apart(key, after)?]))
}

fn told_apart(key: &str, items: &[Value]) -> Option<Vec<String>> {
    let names: Option<Vec<String>> = items
        .iter()
        .map(|item| match item.get(key)? {
            Value::String(name) => Some(name.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        })
        .collect();
    names.filter(|names| names.iter().collect::<BTreeSet<_>>().len() == items.len())
}

/// The values of a part, keys in their order; false if there are too many.
fn collect<'a>(
    path: &FieldPath,
    value: &'a Value,
    leaves_max: usize,
    leaves: &mut Vec<(FieldPath, &'a Value)>,
) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) if !fields.is_empty() => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            fields
                .into_iter()
                .all(|(key, value)| collect(&path.with(Segment::Key(key.as_str().into())), value, leaves_max, leaves))
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let names = keyed(list_name(path), items, &[]).map(|[names, _]| names);
            items.iter().enumerate().all(|(index, item)| {
                let name = names.as_ref().map(|names| Segment::Item(names[index].as_str().into()));
                collect(&path.with(name.unwrap_or(Segment::Index(index))), item, leaves_max, leaves)
            })
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            leaves.push((path.clone(), value));
            leaves.len() <= leaves_max
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ComparedObject, Paths, changed_paths, changes};

    /// `path: before -> after`, one a line.
    fn told(before: &Value, after: &Value) -> Vec<String> {
        let side = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.to_string());
        let line =
            |change: super::Change| format!("{}: {} -> {}", change.path, side(change.before), side(change.after));
        let told = |sides: [ComparedObject; 2]| -> Vec<String> {
            changes(&sides[0], &sides[1], &mut Paths::default()).into_iter().map(line).collect()
        };
        let text = |value: &Value| ComparedObject::of_text(&value.to_string()).expect("an object");
        let by_values = told([before, after].map(|value| ComparedObject::Value(value.clone().into())));
        assert_eq!(told([text(before), text(after)]), by_values, "{before} {after}");
        by_values
    }

    #[test]
    fn every_difference_is_told_at_its_place() {
        let long: serde_json::Map<String, Value> = (0..9).map(|n| (n.to_string(), json!(n))).collect();
        let cases = [
            (
                json!({"spec": {"nodeName": null}}),
                json!({"spec": {"nodeName": "node-a"}}),
                vec![r#"spec.nodeName: - -> "node-a""#],
            ),
            (json!({"a": null, "b": {}}), json!({"b": {}}), vec![]),
            (
                json!({"metadata": {"resourceVersion": "1", "managedFields": [1]}, "spec": {"resourceVersion": "1"}}),
                json!({"metadata": {"resourceVersion": "2", "managedFields": [2]}, "spec": {"resourceVersion": "2"}}),
                vec![r#"spec.resourceVersion: "1" -> "2""#],
            ),
            (
                json!({"metadata": {"labels": {"z": "1", "app.kubernetes.io/name": "web"}}}),
                json!({"metadata": {"labels": {"z": "2", "app.kubernetes.io/name": "api"}}}),
                vec![r#"metadata.labels[app.kubernetes.io/name]: "web" -> "api""#, r#"metadata.labels.z: "1" -> "2""#],
            ),
            // Items that Kubernetes tells apart, in another order and number.
            (
                json!({"conditions": [{"type": "Ready", "status": "False"}, {"type": "Gone", "status": "True"}]}),
                json!({"conditions": [{"type": "Initialized"}, {"type": "Ready", "status": "True"}]}),
                vec![
                    r#"conditions[Ready].status: "False" -> "True""#,
                    r#"conditions[Gone].status: "True" -> -"#,
                    r#"conditions[Gone].type: "Gone" -> -"#,
                    r#"conditions[Initialized].type: - -> "Initialized""#,
                ],
            ),
            (
                json!({"containerStatuses": [{"name": "main", "state": {"running": {"startedAt": "12:00"}}}]}),
                json!({"containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}),
                vec![
                    r#"containerStatuses[main].state.running.startedAt: "12:00" -> -"#,
                    r#"containerStatuses[main].state.waiting.reason: - -> "CrashLoopBackOff""#,
                ],
            ),
            (
                json!({"ports": [{"containerPort": 80}, {"containerPort": 81, "name": "a"}]}),
                json!({"ports": [{"containerPort": 80, "hostPort": 8}, {"containerPort": 81, "name": "a"}]}),
                vec!["ports[80].hostPort: - -> 8"],
            ),
            (
                json!({"podIPs": [{"ip": "10.0.0.1"}]}),
                json!({"podIPs": [{"ip": "10.0.0.2"}]}),
                vec![r#"podIPs[10.0.0.1].ip: "10.0.0.1" -> -"#, r#"podIPs[10.0.0.2].ip: - -> "10.0.0.2""#],
            ),
            (
                json!({"env": [{"name": "A"}, {"name": "B"}]}),
                json!({"env": [{"name": "B"}, {"name": "A"}]}),
                vec![r#"env: [{"name":"A"},{"name":"B"}] -> [{"name":"B"},{"name":"A"}]"#],
            ),
            // Items that nothing tells apart.
            (
                json!({"env": [{"name": "A", "value": "1"}, {"name": "A"}]}),
                json!({"env": [{"name": "A", "value": "2"}, {"name": "A"}]}),
                vec![r#"env[0].value: "1" -> "2""#],
            ),
            (
                json!({"finalizers": ["a", "b"]}),
                json!({"finalizers": ["a", "c"]}),
                vec![r#"finalizers[1]: "b" -> "c""#],
            ),
            (
                json!({"finalizers": ["a", "b"]}),
                json!({"finalizers": ["a"]}),
                vec![r#"finalizers: ["a","b"] -> ["a"]"#],
            ),
            (
                json!({"args": ["--password", "a"]}),
                json!({"args": ["--password", "b"]}),
                vec![r#"args: ["--password","a"] -> ["--password","b"]"#],
            ),
            // Parts that come and go.
            (
                json!({}),
                json!({"securityContext": {}, "volumes": [{"name": "v", "emptyDir": {}}]}),
                vec!["securityContext: - -> {}", "volumes[v].emptyDir: - -> {}", r#"volumes[v].name: - -> "v""#],
            ),
            (json!({"few": {"b": 1, "a": [1, 2]}}), json!({}), vec!["few.a: [1,2] -> -", "few.b: 1 -> -"]),
            (
                json!({}),
                json!({"many": long}),
                vec![r#"many: - -> {"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8}"#],
            ),
            (json!({"x": "1"}), json!({"x": {"y": 1}}), vec![r#"x: "1" -> {"y":1}"#]),
        ];
        for (before, after, lines) in cases {
            assert_eq!(told(&before, &after), lines, "{before} -> {after}");
            assert_eq!(told(&after, &after), Vec::<String>::new());
        }
    }

    #[test]
    fn of_many_paths_the_first_are_named() {
        let before = json!({"metadata": {"labels": {"a": "1"}, "resourceVersion": "1"}, "spec": {"x": [{"y": 1}]}});
        let after =
            json!({"metadata": {"labels": {"a": "2", "b": "3"}, "resourceVersion": "2"}, "spec": {"x": [{"y": 2}]}});
        assert_eq!(changed_paths(&before, &after), ["metadata.labels.a", "metadata.labels.b", "spec.x[0].y"]);
        let five = json!({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1});
        assert_eq!(changed_paths(&five, &json!({"a": 1})), ["b", "c", "d", "e"]);
        assert_eq!(changed_paths(&five, &json!({})), ["a", "b", "c", "d", "1 more"]);
    }

    #[test]
    fn what_came_whole_and_what_changed_in_many_items_is_one_path() {
        let before = json!({"conditions": [{"type": "A", "n": 1}, {"type": "B", "n": 1, "m": 1}], "metadata": {}});
        let after = json!({"conditions": [{"type": "A", "n": 2}, {"type": "B", "n": 2, "m": 2}],
            "metadata": {"annotations": {"a": "1", "b": "2"}, "ownerReferences": [{"uid": "u", "name": "web"}]}});
        let paths = ["conditions[].n", "conditions[B].m", "metadata.annotations", "metadata.ownerReferences"];
        assert_eq!(changed_paths(&before, &after), paths);
    }
}
