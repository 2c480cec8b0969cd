//! What a request proves of writes that are not told: what it builds on was never shown.

use serde_json::Value;

use crate::model::{ConditionStatus, Pod, Request, Verb};

/// Whether the object that a request left shows that others wrote before and nobody told: a kubelet has acted on a spec that is
/// newer than the one known, or a patch keeps conditions that were never shown.
#[must_use]
pub fn proves_untold_writes(left: &Pod, request: &Request) -> bool {
    has_seen_newer_spec(left) || keeps_unknown_conditions(left, request)
}

/// The API server raises the generation with each write of the spec and with the deletion; a kubelet tells which it acted on.
fn has_seen_newer_spec(pod: &Pod) -> bool {
    let conditions = pod.status.conditions.iter().map(|condition| condition.observed_generation);
    let seen = conditions.chain([pod.status.observed_generation]).flatten().max();
    matches!((seen, pod.metadata.generation), (Some(seen), Some(known)) if seen > known)
}

/// A strategic patch names every condition that there is, in their order, and gives the fields of those that it changes.
fn keeps_unknown_conditions(left: &Pod, request: &Request) -> bool {
    let Some(status) = request.body.as_ref().filter(|_| request.verb == Verb::Patch).map(|body| &body["status"]) else {
        return false;
    };
    let named = status["$setElementOrder/conditions"].as_array().into_iter().flatten();
    let is_known = |kind: &str| {
        let condition = left.status.condition(kind);
        condition.is_some_and(|condition| !matches!(&condition.status, ConditionStatus::Other(word) if word.is_empty()))
    };
    named.filter_map(|item| item["type"].as_str()).any(|kind| !is_known(kind))
}

/// Whether it only follows from what is known of a pod that a deletion ended it at once: the request does not ask for that.
#[must_use]
pub fn is_end_inferred(request: &Request) -> bool {
    let is_deletion = matches!(request.verb, Verb::Delete | Verb::DeleteCollection)
        || request.subresource.as_deref() == Some("eviction");
    let options = request.body.as_ref().unwrap_or(&Value::Null);
    let asked = [options, &options["deleteOptions"]].into_iter().find_map(|it| it["gracePeriodSeconds"].as_i64());
    is_deletion && request.object.is_none() && asked != Some(0)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{is_end_inferred, proves_untold_writes};
    use crate::model::{Condition, ConditionStatus, Pod, Request, Verb};

    fn request(verb: Verb, body: Value) -> Request {
        let (subresource, uri) = (None, "".into());
        Request {
            verb,
            subresource,
            uri,
            manager: None,
            audit_id: None,
            at: None,
            body: Some(body),
            object: None,
            lacks: None,
        }
    }

    fn pod(generation: Option<i64>, observed: Option<i64>, conditions: &[&str]) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.generation = generation;
        let condition = |kind: &&str| Condition {
            kind: (*kind).into(),
            status: ConditionStatus::True,
            reason: None,
            message: None,
            last_transition_at: None,
            last_probe_at: None,
            observed_generation: observed,
        };
        pod.status.conditions = conditions.iter().map(condition).collect();
        pod
    }

    #[test]
    fn what_a_patch_builds_on_proves_writes_that_nobody_told() {
        let order = |kinds: &[&str]| -> Value {
            let items: Vec<Value> = kinds.iter().map(|kind| json!({"type": kind})).collect();
            json!({"status": {"$setElementOrder/conditions": items}})
        };
        for (generation, observed, order_of, expected) in [
            (Some(1), Some(1), &["Ready"][..], false),
            // The kubelet acted on a spec that is newer than the one known.
            (Some(1), Some(2), &["Ready"], true),
            (None, Some(2), &["Ready"], false),
            // A condition is kept that was never shown.
            (Some(1), Some(1), &["Ready", "Initialized"], true),
        ] {
            let (pod, patch) = (pod(generation, observed, &["Ready"]), request(Verb::Patch, order(order_of)));
            assert_eq!(proves_untold_writes(&pod, &patch), expected, "{generation:?} {observed:?} {order_of:?}");
        }
    }

    #[test]
    fn only_a_deletion_without_grace_ends_a_pod_by_itself() {
        for (verb, body, expected) in [
            (Verb::Delete, json!({}), true),
            (Verb::Delete, json!({"gracePeriodSeconds": 30}), true),
            (Verb::Delete, json!({"gracePeriodSeconds": 0}), false),
            (Verb::DeleteCollection, json!({}), true),
            (Verb::Patch, json!({}), false),
        ] {
            assert_eq!(is_end_inferred(&request(verb.clone(), body.clone())), expected, "{verb} {body}");
        }
    }
}
