//! Reads a workload or a namespace again that a watch shows, and what changed from one time to the next: as a patch would say it.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::format::{changes, condition, told_conditions};
use super::json_value::value_of;
use super::stored_related::{text_in, time_in, with_object};
use crate::model::time::SECOND_US;
use crate::model::{ActChange, Actor, Basis, EventKind, ObservedAt, ResourceVersion};

/// A workload, or a namespace, as a record shows it.
#[derive(Debug)]
pub struct Workload {
    /// What it is: `deployments`, `jobs`, `namespaces` ...
    pub resource: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Its uid.
    pub uid: Box<str>,
    /// Its version.
    pub resource_version: Option<ResourceVersion>,
    /// When somebody asked for its deletion, if it waits for something.
    pub deletion_asked_at: Option<ObservedAt>,
    /// What its status says of its pods, and since when.
    pub said: Vec<(ActChange, Option<ObservedAt>)>,
    created_at: Option<ObservedAt>,
    generation: Option<i64>,
    observed_generation: Option<i64>,
    /// Who wrote it and when, as the managed fields say; of the status too.
    writers: Vec<(Actor, Option<ObservedAt>)>,
    spec: Rc<Value>,
}

/// The workload that a record shows.
///
/// # Errors
/// What was found instead.
pub fn workload_of(body: &[u8]) -> Result<Workload, String> {
    with_object(body, &EventKind::Workload, |text| {
        let mut object = value_of(text).map_err(|error| error.to_string())?;
        let metadata = &object["metadata"];
        let word = |key: &str| text_in(&metadata[key]).unwrap_or_default().into();
        let entries = metadata["managedFields"].as_array().into_iter().flatten();
        Ok(Workload {
            resource: resource_of(text_in(&object["kind"]).unwrap_or_default()),
            name: word("name"),
            uid: word("uid"),
            resource_version: text_in(&metadata["resourceVersion"]).and_then(ResourceVersion::new),
            deletion_asked_at: time_in(&metadata["deletionTimestamp"]),
            said: told_conditions(&object["status"]["conditions"])
                .map(|it| (condition(it), time_in(&it["lastTransitionTime"])))
                .collect(),
            created_at: time_in(&metadata["creationTimestamp"]),
            generation: metadata["generation"].as_i64(),
            observed_generation: object["status"]["observedGeneration"].as_i64(),
            writers: entries.map(|entry| (writer(entry), time_in(&entry["time"]))).collect(),
            spec: Rc::new(object["spec"].take()),
        })
    })
}

/// `Deployment` as requests call it: `deployments`.
fn resource_of(kind: &str) -> Box<str> {
    format!("{}s", kind.to_ascii_lowercase()).into()
}

fn writer(entry: &Value) -> Actor {
    let word = |key: &str| text_in(&entry[key]).unwrap_or_default();
    Actor {
        agent: word("manager").into(),
        verb: if word("operation") == "Apply" { "apply" } else { "update" }.into(),
        part: word("subresource").into(),
        basis: Basis::ManagedFields,
        ..Actor::default()
    }
}

impl Workload {
    /// Who created it and when, if nobody wrote it since.
    #[must_use]
    pub fn creation(&self) -> Option<(Actor, ObservedAt)> {
        let [(by, at)] = self.writers.as_slice() else { return None };
        let at = at.filter(|at| Some(*at) == self.created_at && self.generation.unwrap_or(1) == 1)?;
        Some((Actor { verb: "create".into(), ..by.clone() }, at))
    }

    /// Who wrote its status last: one of the two controllers of a status, or its only one.
    #[must_use]
    pub fn status_writer(&self) -> Option<&str> {
        let of_status = self.writers.iter().filter(|(by, _)| &*by.part == "status");
        of_status.max_by_key(|(_, at)| *at).map(|(by, _)| &*by.agent)
    }

    /// Everything that its spec says.
    #[must_use]
    pub fn all(&self) -> Vec<ActChange> {
        changes("create", "", &json!({ "spec": *self.spec }))
    }

    /// Whether nothing of its spec changed.
    #[must_use]
    pub fn has_spec_of(&self, other: &Self) -> bool {
        self.spec == other.spec
    }

    /// Keeps one copy of a spec that both have: its controller writes the status much more often.
    pub fn share_spec(&mut self, other: &Self) {
        if self.has_spec_of(other) {
            self.spec = Rc::clone(&other.spec);
        }
    }

    /// What changed since it was shown before, who changed it, and when; `next` is how it was shown after. Nothing where nothing did, or
    /// where it is not known who did.
    #[must_use]
    pub fn changes_since(&self, before: &Self, next: Option<&Self>) -> Option<(Actor, ObservedAt, Vec<ActChange>)> {
        let is_one_write = self.generation.zip(before.generation).is_none_or(|(now, before)| now == before + 1);
        if self.has_spec_of(before) || !is_one_write {
            return None;
        }
        let changes = changes("patch", "", &json!({ "spec": difference(&before.spec, &self.spec) }));
        let is_scaling = changes.iter().all(|it| matches!(it, ActChange::Replicas(_)));
        let seen_at = self.seen_at(next);
        let (by, at) = self.writer_since(before, is_scaling, seen_at)?;
        Some((Actor { verb: "patch".into(), ..by.clone() }, at.or(seen_at)?, changes))
    }

    /// The one whose fields moved with the spec. An entry stays as it was where it has no time, as one of a scaling has none, or where its
    /// second was not over; where a field goes, none moves. So one that stayed wrote only what its controller saw at once.
    fn writer_since(
        &self,
        before: &Self,
        is_scaling: bool,
        seen_at: Option<ObservedAt>,
    ) -> Option<&(Actor, Option<ObservedAt>)> {
        const SEEN_WITHIN_US: i64 = SECOND_US;
        let newest = before.newest_at();
        let is_seen_at_once = |at: ObservedAt| seen_at.is_some_and(|seen| seen.micros_since(at) <= SEEN_WITHIN_US);
        let of_spec = || self.writers.iter().filter(|(by, at)| &*by.part != "status" && (at.is_some() || is_scaling));
        let moved: Vec<_> = of_spec().filter(|writer| !before.writers.contains(writer)).collect();
        let may_have = |(_, at): &&(Actor, Option<ObservedAt>)| match at {
            Some(_) => *at >= newest && at.is_some_and(is_seen_at_once),
            None => true,
        };
        let may_have: Vec<_> = of_spec().filter(may_have).collect();
        match (moved.as_slice(), may_have.as_slice()) {
            ([one], _) | ([], [one]) => Some(*one),
            _ => None,
        }
    }

    /// When its controller had seen this spec, as its next status says: it looks at once.
    fn seen_at(&self, next: Option<&Self>) -> Option<ObservedAt> {
        let next = next.filter(|next| self.generation.is_some() && next.observed_generation == self.generation)?;
        next.newest_at()
    }

    fn newest_at(&self) -> Option<ObservedAt> {
        self.writers.iter().filter_map(|(_, at)| *at).max()
    }
}

/// The patch that makes one value of another. Of lists of what has a name it says what is new of each, as `kubectl` does.
fn difference(before: &Value, after: &Value) -> Value {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => Value::Object(of_objects(before, after)),
        (Value::Array(before), Value::Array(after)) if before.iter().chain(after).all(|it| it["name"].is_string()) => {
            let find = |all: &[Value], item: &Value| all.iter().find(|it| it["name"] == item["name"]).cloned();
            let named = |item: &Value, rest: Value| {
                let mut fields = rest.as_object().cloned().unwrap_or_default();
                fields.insert("name".to_owned(), item["name"].clone());
                Value::Object(fields)
            };
            let is_new = |item: &&Value| find(before, item).as_ref() != Some(item);
            let new = after.iter().filter(is_new).map(|item| match find(before, item) {
                Some(before) => named(item, difference(&before, item)),
                None => item.clone(),
            });
            let gone = before.iter().filter(|item| find(after, item).is_none());
            new.chain(gone.map(|item| named(item, json!({"$patch": "delete"})))).collect()
        }
        (_, after) => after.clone(),
    }
}

fn of_objects(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let new = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    let new = new.map(|(key, value)| (key.clone(), difference(before.get(key).unwrap_or(&Value::Null), value)));
    let gone = before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    new.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{difference, workload_of};

    #[test]
    fn a_difference_is_the_patch_that_was_sent() {
        let containers = |image: &str, more: Value| json!([{"name": "app", "image": image, "env": [{"name": "A", "value": "1"}]}, more]);
        let side = json!({"name": "side", "image": "s"});
        let table = [
            (json!({"replicas": 3, "paused": true}), json!({"replicas": 5, "paused": true}), json!({"replicas": 5})),
            (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": 1}}), json!({"a": {"c": null}})),
            (json!({"list": [1, 2]}), json!({"list": [1]}), json!({"list": [1]})),
            (
                containers("demo:1", side.clone()),
                containers("demo:2", side.clone()),
                json!([{"name": "app", "image": "demo:2"}]),
            ),
            (
                containers("demo:1", side.clone()),
                containers("demo:1", json!({"name": "other", "image": "o"})),
                json!([{"name": "other", "image": "o"}, {"name": "side", "$patch": "delete"}]),
            ),
        ];
        for (before, after, expected) in table {
            assert_eq!(difference(&before, &after), expected, "{before} {after}");
        }
    }

    /// `MANAGER@SECOND` for each entry, `!` where it is of the status.
    fn deployment(kind: &str, generation: i64, writers: &str, spec: &Value) -> Vec<u8> {
        let entry = |word: &str| {
            let (manager, second) = word.trim_end_matches('!').split_once('@').expect("a manager and a second");
            let part = if word.ends_with('!') { json!("status") } else { Value::Null };
            let time = if second.is_empty() { Value::Null } else { json!(format!("2026-11-28T10:00:{second}Z")) };
            json!({"manager": manager, "operation": "Update", "time": time, "subresource": part})
        };
        let writers: Vec<Value> = writers.split_whitespace().map(entry).collect();
        let metadata = json!({"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "7", "generation": generation,
            "creationTimestamp": "2026-11-28T10:00:01Z", "managedFields": writers});
        let status = json!({"observedGeneration": generation});
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec, "status": status});
        json!({"type": kind, "object": object}).to_string().into_bytes()
    }

    #[test]
    fn who_changed_a_workload_is_whose_fields_moved() {
        let (three, five) = (json!({"replicas": 3, "paused": true}), json!({"replicas": 5, "paused": true}));
        let resumed = json!({"replicas": 3});
        let before = workload_of(&deployment("ADDED", 1, "kubectl@01", &three)).expect("a workload");
        let by = before.creation().map(|(by, at)| format!("{by} at {at}"));
        assert_eq!(by.as_deref(), Some("kubectl (managedFields) at 2026-11-28T10:00:01Z"));
        // Who wrote it, and in which second its controller answered.
        let table = [
            ("kubectl@09 -> 10", 2, &five, Some("kubectl (managedFields) at 2026-11-28T10:00:09Z: [Replicas(5)]")),
            ("kubectl@01 helm@09 -> 10", 2, &five, Some("helm (managedFields) at 2026-11-28T10:00:09Z: [Replicas(5)]")),
            // Its controller says what it did.
            ("kubectl@01 manager@09! -> 10", 1, &three, None),
            // Several wrote, or nobody left a time.
            ("kubectl@08 helm@09 -> 10", 3, &five, None),
            ("kubectl@09 helm@09 -> 10", 2, &five, None),
            (" -> 10", 2, &five, None),
            // Twice within a second; or long after, by who left no trace.
            ("kubectl@01 -> 02", 2, &five, Some("kubectl (managedFields) at 2026-11-28T10:00:01Z: [Replicas(5)]")),
            ("kubectl@01 -> 10", 2, &five, None),
            ("kubectl@01 -> 10", 2, &resumed, None),
            // Scaling leaves no time: it is that of the controller's answer. Nothing else is without one.
            ("kubectl@01 hpa@ -> 10", 2, &five, Some("hpa (managedFields) at 2026-11-28T10:00:10Z: [Replicas(5)]")),
            ("kubectl@01 hpa@ -> 10", 2, &resumed, None),
        ];
        for (line, generation, spec, expected) in table {
            let (writers, second) = line.split_once(" -> ").expect("writers and a second");
            let after = workload_of(&deployment("MODIFIED", generation, writers, spec)).expect("a workload");
            let answered = format!("{writers} manager@{second}!");
            let next = workload_of(&deployment("MODIFIED", generation, &answered, spec)).expect("a workload");
            let told =
                after.changes_since(&before, Some(&next)).map(|(by, at, changes)| format!("{by} at {at}: {changes:?}"));
            assert_eq!(told.as_deref(), expected, "{line}");
        }
        let old = workload_of(&deployment("ADDED", 1, "kubectl@01 manager@01!", &three)).expect("a workload");
        assert!(old.creation().is_none());
    }
}
