//! What a deletion and an eviction make of a pod: `BeforeDelete` in k8s.io/apiserver registry/rest/delete.go,
//! `CheckGracefulDelete` of the pod strategy, `addConditionAndDeletePod` in pkg/registry/core/pod/storage/eviction.go.
//! Preconditions and disruption budgets are not checked: the request is known to have been accepted.

use serde_json::{Map, Value, json};

use super::condition::set_condition;
use super::fields::{next_generation, part, second_after, text};
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, StampedAt};

/// `DefaultTerminationGracePeriodSeconds`, which the API server fills in.
const GRACE_SECONDS_DEFAULT: i64 = 30;
const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// What became of a pod that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It stays, with another time of deletion or other finalizers: a watch shows MODIFIED.
    Marked,
    /// It was being deleted as fast before, or this was a dry run: nothing is written.
    Unchanged,
    /// It is removed: a watch shows DELETED with the object as it is now.
    Removed,
}

/// Deletes a pod with the given DeleteOptions; `null` for none.
pub fn delete(pod: &mut Value, options: &Value, at: ObservedAt) -> Deletion {
    if is_dry_run(options) {
        return Deletion::Unchanged;
    }
    let asked =
        options.get("gracePeriodSeconds").and_then(Value::as_i64).map(|seconds| if seconds < 0 { 1 } else { seconds });
    let before_finalizers = finalizers(pod);
    let after_finalizers = finalizers_for(&before_finalizers, options);
    let changes_grace = match text(pod, "metadata", "deletionTimestamp").map(StampedAt::parse) {
        Some(due) => shorten(pod, asked, due, at),
        None => {
            let seconds = grace_seconds(pod, asked);
            mark(pod, seconds, second_after(at, seconds));
            next_generation(pod);
            true
        }
    };
    let changes_finalizers = before_finalizers != after_finalizers;
    if changes_finalizers && let Some(metadata) = part(pod, "metadata") {
        if after_finalizers.is_empty() {
            metadata.remove("finalizers");
        } else {
            metadata.insert("finalizers".to_owned(), json!(after_finalizers));
        }
    }
    if is_gone(pod) {
        Deletion::Removed
    } else if changes_grace || changes_finalizers {
        Deletion::Marked
    } else {
        Deletion::Unchanged
    }
}

/// Evicts a pod: first the condition, then a deletion with the `deleteOptions` of the Eviction. The API server
/// writes twice; `disrupt` makes the first write alone, the answer speaks of the second.
pub fn evict(pod: &mut Value, eviction: &Value, at: ObservedAt) -> Deletion {
    let options = eviction.get("deleteOptions").unwrap_or(&Value::Null);
    if !is_dry_run(options) {
        disrupt(pod, at);
    }
    delete(pod, options, at)
}

fn is_dry_run(options: &Value) -> bool {
    options.get("dryRun").and_then(Value::as_array).is_some_and(|stages| !stages.is_empty())
}

/// Says of a pod that it is about to be evicted.
pub fn disrupt(pod: &mut Value, at: ObservedAt) {
    let fields = [
        ("type", "DisruptionTarget"),
        ("status", "True"),
        ("reason", "EvictionByEvictionAPI"),
        ("message", "Eviction API: evicting"),
    ];
    let condition: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    set_condition(pod, condition, &second_after(at, 0).to_string());
}

/// Whether nothing keeps a pod any more: it is being deleted, without grace and without finalizers. The write that
/// makes it so removes it (`ShouldDeleteDuringUpdate` in registry/generic/registry/store.go).
#[must_use]
pub fn is_gone(pod: &Value) -> bool {
    text(pod, "metadata", "deletionTimestamp").is_some()
        && grace_left(pod).unwrap_or_default() == 0
        && finalizers(pod).is_empty()
}

/// A deletion of a pod that is being deleted may only shorten the grace, and not into the past. Tells whether it did.
fn shorten(pod: &mut Value, asked: Option<i64>, due: Option<StampedAt>, at: ObservedAt) -> bool {
    let (Some(asked), Some(grace), Some(due)) = (asked, grace_left(pod), due) else { return false };
    if asked >= grace {
        return false;
    }
    let wanted = due.plus_micros((asked - grace).saturating_mul(SECOND_US));
    if wanted.micros() < at.micros() {
        mark(pod, asked.min(1), second_after(at, 0));
    } else {
        mark(pod, asked, wanted);
    }
    true
}

fn mark(pod: &mut Value, grace_seconds: i64, due: StampedAt) {
    if let Some(metadata) = part(pod, "metadata") {
        metadata.insert("deletionTimestamp".to_owned(), json!(due.to_string()));
        metadata.insert("deletionGracePeriodSeconds".to_owned(), json!(grace_seconds));
    }
}

fn grace_left(pod: &Value) -> Option<i64> {
    let grace = pod.get("metadata")?.get("deletionGracePeriodSeconds")?.as_i64()?;
    Some(if grace < 0 { 1 } else { grace })
}

/// A pod that no kubelet has, or that has ended, goes at once.
fn grace_seconds(pod: &Value, asked: Option<i64>) -> i64 {
    let is_unscheduled = text(pod, "spec", "nodeName").is_none();
    if is_unscheduled || matches!(text(pod, "status", "phase"), Some("Succeeded" | "Failed")) {
        return 0;
    }
    let own = || pod.get("spec").and_then(|spec| spec.get("terminationGracePeriodSeconds")).and_then(Value::as_i64);
    let seconds = asked.or_else(own).unwrap_or(GRACE_SECONDS_DEFAULT);
    if seconds < 0 { 1 } else { seconds }
}

fn finalizers(pod: &Value) -> Vec<String> {
    let list = pod.get("metadata").and_then(|metadata| metadata.get("finalizers")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The finalizers of the garbage collector follow the policy of the request
/// (`deletionFinalizersForGarbageCollection` in registry/generic/registry/store.go).
fn finalizers_for(before: &[String], options: &Value) -> Vec<String> {
    let orphans = options.get("orphanDependents").and_then(Value::as_bool);
    let added = match (options.get("propagationPolicy").and_then(Value::as_str), orphans) {
        (Some("Orphan"), _) | (None, Some(true)) => Some(ORPHAN),
        (Some("Foreground"), _) => Some(FOREGROUND),
        (Some(_), _) | (None, Some(false)) => None,
        (None, None) => return before.to_vec(),
    };
    if added.is_some_and(|added| before.iter().any(|name| name == added))
        && !before.iter().any(|name| (name == ORPHAN || name == FOREGROUND) && Some(name.as_str()) != added)
    {
        return before.to_vec();
    }
    let others = before.iter().filter(|name| *name != ORPHAN && *name != FOREGROUND);
    others.cloned().chain(added.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Deletion, delete, evict};
    use crate::model::ObservedAt;

    /// 10.7 seconds after twelve.
    fn at() -> ObservedAt {
        ObservedAt::parse("2026-11-20T12:00:10.7Z").expect("a time")
    }

    fn pod(node: &str, phase: &str, metadata: Value) -> Value {
        json!({"metadata": metadata, "spec": {"nodeName": node, "terminationGracePeriodSeconds": 20},
            "status": {"phase": phase}})
    }

    fn marked(metadata: &Value) -> (&str, i64, i64) {
        (
            metadata["deletionTimestamp"].as_str().unwrap_or_default(),
            metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or(-1),
            metadata["generation"].as_i64().unwrap_or(-1),
        )
    }

    #[test]
    fn the_grace_of_a_deletion() {
        let new = || json!({"generation": 1});
        let going = |due: &str, grace: i64| json!({"generation": 2, "deletionTimestamp": due, "deletionGracePeriodSeconds": grace});
        let grace = |seconds: i64| json!({"gracePeriodSeconds": seconds});
        for (case, pod, options, due, seconds, generation, became) in [
            ("its own", pod("n", "Running", new()), json!(null), "12:00:30", 20, 2, Deletion::Marked),
            ("as asked", pod("n", "Running", new()), grace(5), "12:00:15", 5, 2, Deletion::Marked),
            ("longer", pod("n", "Running", new()), grace(60), "12:01:10", 60, 2, Deletion::Marked),
            ("negative", pod("n", "Running", new()), grace(-7), "12:00:11", 1, 2, Deletion::Marked),
            ("at once", pod("n", "Running", new()), grace(0), "12:00:10", 0, 2, Deletion::Removed),
            ("not scheduled", pod("", "Pending", new()), grace(9), "12:00:10", 0, 2, Deletion::Removed),
            ("ended", pod("n", "Failed", new()), json!(null), "12:00:10", 0, 2, Deletion::Removed),
            (
                "shorter",
                pod("n", "Running", going("2026-11-20T12:00:30Z", 20)),
                grace(8),
                "12:00:18",
                8,
                2,
                Deletion::Marked,
            ),
            (
                "not into the past",
                pod("n", "Running", going("2026-11-20T12:00:12Z", 20)),
                grace(5),
                "12:00:10",
                1,
                2,
                Deletion::Marked,
            ),
            (
                "by the kubelet",
                pod("n", "Running", going("2026-11-20T12:00:12Z", 20)),
                grace(0),
                "12:00:10",
                0,
                2,
                Deletion::Removed,
            ),
            (
                "not longer",
                pod("n", "Running", going("2026-11-20T12:00:30Z", 20)),
                grace(40),
                "12:00:30",
                20,
                2,
                Deletion::Unchanged,
            ),
            (
                "again",
                pod("n", "Running", going("2026-11-20T12:00:30Z", 20)),
                json!({}),
                "12:00:30",
                20,
                2,
                Deletion::Unchanged,
            ),
            (
                "left over",
                pod("n", "Running", going("2026-11-20T12:00:01Z", 0)),
                json!({}),
                "12:00:01",
                0,
                2,
                Deletion::Removed,
            ),
        ] {
            let mut pod = pod;
            assert_eq!(delete(&mut pod, &options, at()), became, "{case}");
            assert_eq!(marked(&pod["metadata"]), (&*format!("2026-11-20T{due}Z"), seconds, generation), "{case}");
        }
    }

    #[test]
    fn finalizers_keep_a_pod() {
        for (before, options, after, became) in [
            (json!(["x/y"]), json!({"gracePeriodSeconds": 0}), json!(["x/y"]), Deletion::Marked),
            (
                json!([]),
                json!({"gracePeriodSeconds": 0, "propagationPolicy": "Foreground"}),
                json!(["foregroundDeletion"]),
                Deletion::Marked,
            ),
            (
                json!(["orphan", "x/y"]),
                json!({"propagationPolicy": "Foreground"}),
                json!(["x/y", "foregroundDeletion"]),
                Deletion::Marked,
            ),
            (
                json!(["foregroundDeletion"]),
                json!({"gracePeriodSeconds": 0, "propagationPolicy": "Background"}),
                json!(null),
                Deletion::Removed,
            ),
            (json!(["x/y"]), json!({"orphanDependents": true}), json!(["x/y", "orphan"]), Deletion::Marked),
        ] {
            let mut pod = pod("n", "Running", json!({"finalizers": before}));
            assert_eq!(delete(&mut pod, &options, at()), became, "{before} {options}");
            assert_eq!(pod["metadata"]["finalizers"], after, "{before} {options}");
        }
    }

    #[test]
    fn an_eviction_says_why_and_deletes() {
        let mut evicted = pod("n", "Running", json!({"generation": 1}));
        let eviction = json!({"deleteOptions": {"gracePeriodSeconds": 3}});
        assert_eq!(evict(&mut evicted, &eviction, at()), Deletion::Marked);
        assert_eq!(marked(&evicted["metadata"]), ("2026-11-20T12:00:13Z", 3, 2));
        let condition = json!({"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting", "lastProbeTime": null, "lastTransitionTime": "2026-11-20T12:00:10Z"});
        assert_eq!(evicted["status"]["conditions"], json!([condition]));
        // A second eviction keeps the time of the first.
        let later = ObservedAt::parse("2026-11-20T12:00:12Z").expect("a time");
        assert_eq!(evict(&mut evicted, &json!({}), later), Deletion::Unchanged);
        assert_eq!(evicted["status"]["conditions"], json!([condition]));
    }

    #[test]
    fn a_dry_run_changes_nothing() {
        let before = pod("n", "Running", json!({"generation": 1}));
        let (mut pod, options) = (before.clone(), json!({"dryRun": ["All"]}));
        assert_eq!(delete(&mut pod, &options, at()), Deletion::Unchanged);
        assert_eq!(evict(&mut pod, &json!({"deleteOptions": options}), at()), Deletion::Unchanged);
        assert_eq!(pod, before);
    }

    #[test]
    fn what_is_no_pod_is_no_trouble() {
        for odd in [json!(null), json!([1]), json!({"metadata": 1, "spec": [], "status": {"conditions": "x"}})] {
            let mut pod = odd.clone();
            evict(&mut pod, &odd, at());
            delete(&mut pod, &json!({"gracePeriodSeconds": i64::MAX}), ObservedAt::from_micros(i64::MAX));
            delete(&mut pod, &json!({"gracePeriodSeconds": i64::MIN}), ObservedAt::from_micros(i64::MIN));
        }
        let mut strange = pod(
            "n",
            "Running",
            json!({"generation": i64::MAX, "deletionTimestamp": "2026-11-20T12:00:12Z",
            "deletionGracePeriodSeconds": i64::MAX}),
        );
        assert_eq!(delete(&mut strange, &json!({"gracePeriodSeconds": 0}), at()), Deletion::Removed);
    }
}
