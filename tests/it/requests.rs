//! Holds what the module `request` makes of a request against what a real API server made of it: audit logs of
//! recorded clusters have the request and the object in the response.

use std::collections::{BTreeMap, BTreeSet};

use crate::common;
use podreplay::model::ObservedAt;
use podreplay::request::{Deletion, Patch, bind, delete, disrupt, evict, kind_of, patch};
use proptest::prelude::*;
use serde_json::{Value, json};

/// How often the prediction was the answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    patches: usize,
    patches_equal: usize,
    deletions: usize,
    deletions_equal: usize,
    /// Only those of which a watch shows the next version.
    bindings: usize,
    bindings_equal: usize,
    evictions: usize,
    evictions_equal: usize,
    differences: Vec<String>,
}

/// The pods of one audit log as known so far.
#[derive(Default)]
struct Known {
    pods: BTreeMap<String, Value>,
    /// Namespace and name, for requests whose answer carries no object.
    uids: BTreeMap<String, String>,
    /// What a watch showed, by uid and version.
    watched: BTreeMap<(String, u64), Value>,
    figures: Figures,
}

fn text<'value>(value: &'value Value, pointer: &str) -> &'value str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn version(pod: &Value) -> u64 {
    text(pod, "/metadata/resourceVersion").parse().unwrap_or_default()
}

/// An object without what no request tells: the version, and who owns which field.
fn comparable(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        for name in ["managedFields", "resourceVersion"] {
            metadata.remove(name);
        }
    }
    object
}

/// Where two values differ, by JSON pointer.
fn differences(ours: &Value, theirs: &Value, place: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                match (ours.get(name), theirs.get(name)) {
                    (Some(ours), Some(theirs)) => differences(ours, theirs, &format!("{place}/{name}"), found),
                    (ours, theirs) => found.push(format!("{place}/{name}: {ours:?} is {theirs:?}")),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(ours, theirs, &format!("{place}/{number}"), found);
            }
        }
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => found.push(format!("{place}: {ours} is {theirs}")),
    }
}

impl Known {
    fn take(&mut self, event: &Value) {
        let code = event.pointer("/responseStatus/code").and_then(Value::as_u64).unwrap_or_default();
        if text(event, "/stage") != "ResponseComplete" || code >= 300 || text(event, "/objectRef/resource") != "pods" {
            return;
        }
        let Some(at) = ObservedAt::parse(text(event, "/requestReceivedTimestamp")) else { return };
        let (request, response) = (&event["requestObject"], &event["responseObject"]);
        let place = format!("{}/{}", text(event, "/objectRef/namespace"), text(event, "/objectRef/name"));
        match (text(event, "/verb"), text(event, "/objectRef/subresource")) {
            ("create", "binding") => {
                if let Some(pod) = self.named(&place) {
                    let before = version(pod);
                    bind(pod, request, at).unwrap_or_else(|why| panic!("{place}: {why}"));
                    let ours = pod.clone();
                    if let Some(theirs) = self.watched_after(&ours, before) {
                        self.figures.bindings += 1;
                        self.figures.bindings_equal += usize::from(self.compare(event, &ours, &theirs));
                    }
                }
            }
            ("create", "eviction") => {
                if let Some(pod) = self.named(&place) {
                    let before = version(pod);
                    let mut first = pod.clone();
                    disrupt(&mut first, at);
                    evict(pod, request, at);
                    let second = pod.clone();
                    if let Some(disrupted) = self.watched_after(&first, before)
                        && let Some(deleted) = self.watched_after(&second, version(&disrupted))
                    {
                        self.figures.evictions += 1;
                        let equal = self.compare(event, &first, &disrupted) & self.compare(event, &second, &deleted);
                        self.figures.evictions_equal += usize::from(equal);
                    }
                }
            }
            ("deletecollection", "") => {
                for item in response["items"].as_array().into_iter().flatten() {
                    let mut whole = item.clone();
                    whole["kind"] = "Pod".into();
                    whole["apiVersion"] = "v1".into();
                    self.learn(&whole);
                    if let Some(pod) = self.pods.get_mut(text(item, "/metadata/uid")) {
                        delete(pod, request, at);
                    }
                }
            }
            ("delete", "") => {
                if let Some(before) = self.pods.get(text(response, "/metadata/uid")) {
                    let mut ours = before.clone();
                    let became = delete(&mut ours, request, at);
                    self.figures.deletions += 1;
                    let equal = self.compare(event, &ours, response);
                    self.figures.deletions_equal += usize::from(equal && became != Deletion::Unchanged);
                }
                self.learn(response);
            }
            ("patch", _) => {
                if let Some(before) = self.pods.get(text(response, "/metadata/uid")) {
                    let mut ours = before.clone();
                    let kind = kind_of(request, text(event, "/requestURI"));
                    self.figures.patches += 1;
                    let equal = match patch(&mut ours, request, kind) {
                        Ok(()) => self.compare(event, &ours, response),
                        Err(why) => {
                            self.figures.differences.push(format!("{place}: {why}"));
                            false
                        }
                    };
                    self.figures.patches_equal += usize::from(equal);
                }
                self.learn(response);
            }
            ("create" | "update", _) => self.learn(response),
            (_, _) => {}
        }
    }

    /// The next version of a pod that a watch showed.
    fn watched_after(&self, pod: &Value, before: u64) -> Option<Value> {
        let uid = text(pod, "/metadata/uid").to_owned();
        let (_, next) = self.watched.range((uid.clone(), before + 1)..(uid, u64::MAX)).next()?;
        Some(next.clone())
    }

    fn named(&mut self, place: &str) -> Option<&mut Value> {
        self.pods.get_mut(self.uids.get(place)?)
    }

    fn compare(&mut self, event: &Value, ours: &Value, theirs: &Value) -> bool {
        let mut found = Vec::new();
        differences(&comparable(ours), &comparable(theirs), "", &mut found);
        let is_equal = found.is_empty();
        let (verb, id) = (text(event, "/verb"), text(event, "/auditID"));
        let name = text(theirs, "/metadata/name");
        let told = found.into_iter().map(|difference| format!("{verb} {name} {id} {difference}"));
        self.figures.differences.extend(told);
        is_equal
    }

    fn learn(&mut self, pod: &Value) {
        let uid = text(pod, "/metadata/uid");
        if self.pods.get(uid).is_none_or(|before| version(before) <= version(pod)) {
            let place = format!("{}/{}", text(pod, "/metadata/namespace"), text(pod, "/metadata/name"));
            self.uids.insert(place, uid.to_owned());
            self.pods.insert(uid.to_owned(), pod.clone());
        }
    }
}

/// What comes of an audit log.
fn figures(log: &[u8], watch: &[u8]) -> Figures {
    let parse = |line: &Vec<u8>| serde_json::from_slice(line).expect("a line of an audit log");
    let mut events: Vec<Value> = common::lines(log).iter().map(parse).collect();
    // A line is written when the request has ended: a binding may stand behind the first patch of the kubelet.
    events.sort_by_key(|event| text(event, "/requestReceivedTimestamp").to_owned());
    let mut known = Known::default();
    for line in common::lines(watch) {
        let line: Value = serde_json::from_slice(&line).expect("a line of a watch");
        let pod = &line["object"];
        known.watched.insert((text(pod, "/metadata/uid").to_owned(), version(pod)), pod.clone());
    }
    for event in &events {
        known.take(event);
    }
    known.figures
}

/// The captures that have an audit log, and what comes of them: patches, deletions, bindings, evictions, each with how
/// many are equal.
const EXPECTED: [(&str, [usize; 8]); 8] = [
    ("crashloop", [60, 60, 4, 4, 3, 3, 0, 0]),
    ("drain-eviction-pdb", [50, 50, 8, 8, 8, 8, 5, 5]),
    ("ephemeral-container", [15, 12, 2, 2, 1, 1, 0, 0]),
    ("graceful-delete", [39, 39, 16, 16, 7, 7, 0, 0]),
    ("happy-rollout", [41, 41, 11, 11, 6, 6, 0, 0]),
    ("inplace-resize", [21, 21, 1, 1, 1, 1, 0, 0]),
    ("node-lost", [64, 59, 13, 13, 10, 10, 0, 0]),
    ("readiness-gate", [26, 26, 2, 2, 1, 1, 0, 0]),
];

/// What no request tells: the moment within a `deletecollection` at which a pod was deleted, and the defaults of a new
/// container.
const NOT_TOLD: [&str; 3] =
    [" /metadata/deletionTimestamp: ", "/imagePullPolicy: None", "/terminationMessagePath: None"];

#[test]
#[expect(clippy::print_stdout, reason = "the figures, for whoever asks with --nocapture")]
fn requests_make_of_a_pod_what_the_api_server_made_of_it() {
    for (name, expected) in EXPECTED {
        let capture = common::captures_folder().join(name);
        let log = common::file_of(&capture, "audit.jsonl").expect("an audit log");
        let watch = common::file_of(&capture, "raw-watch.jsonl").expect("a watch");
        let figures = figures(&log, &watch);
        println!("{name}: {figures:#?}");
        let counted = [
            figures.patches,
            figures.patches_equal,
            figures.deletions,
            figures.deletions_equal,
            figures.bindings,
            figures.bindings_equal,
            figures.evictions,
            figures.evictions_equal,
        ];
        for difference in &figures.differences {
            assert!(NOT_TOLD.iter().any(|known| difference.contains(known)), "{name}: {difference}");
        }
        assert_eq!(counted, expected, "{name}");
    }
}

/// JSON of the words that requests are made of, in any arrangement.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "metadata",
        "spec",
        "status",
        "conditions",
        "containers",
        "finalizers",
        "env",
        "ports",
        "type",
        "name",
        "protocol",
        "containerPort",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "gracePeriodSeconds",
        "generation",
        "target",
        "nodeName",
        "$patch",
        "$retainKeys",
        "$setElementOrder/conditions",
        "$setElementOrder/finalizers",
        "$deleteFromPrimitiveList/finalizers",
        "op",
        "path",
        "from",
        "value",
    ]);
    let word = prop::sample::select(vec![
        "delete",
        "replace",
        "merge",
        "a",
        "b",
        "add",
        "remove",
        "move",
        "copy",
        "test",
        "",
        "/",
        "/-",
        "/0",
        "/-1",
        "/spec",
        "/spec/containers/0",
        "/metadata/finalizers/-",
        "2026-11-20T12:00:00Z",
    ]);
    let leaf = prop_oneof![
        word.prop_map(|word| json!(word)),
        prop::sample::select(vec![json!(null), json!(true), json!(0), json!(-1), json!(i64::MIN), json!(i64::MAX)]),
    ];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..5).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_too_odd(
        before in any_json(),
        request in any_json(),
        micros in any::<i64>(),
        grace in any::<i64>(),
        asked in any::<i64>(),
    ) {
        let at = ObservedAt::from_micros(micros);
        let wrapped = |inner: &Value| [
            inner.clone(),
            json!([inner]),
            json!({"metadata": inner, "spec": inner, "status": inner}),
            json!({"metadata": {"finalizers": inner}, "spec": {"containers": inner}, "status": {"conditions": inner}}),
            json!({"spec": {"containers": [{"name": "a", "ports": inner}]}, "status": {"conditions": [inner]}}),
        ];
        for (object, request) in wrapped(&before).into_iter().zip(wrapped(&request)) {
            for kind in [Patch::Strategic, Patch::Json, Patch::JsonMerge, Patch::Apply] {
                let _ = kind_of(&request, "/?fieldManager=x");
                let mut patched = object.clone();
                if patch(&mut patched, &request, kind).is_err() {
                    prop_assert_eq!(&patched, &object);
                }
            }
            let mut pod = object;
            let _ = bind(&mut pod, &request, at);
            delete(&mut pod, &request, at);
            evict(&mut pod, &json!({"deleteOptions": request}), at);
        }
        let options = json!({"gracePeriodSeconds": asked});
        let due = ObservedAt::from_micros(micros).to_string();
        let mut running = json!({"metadata": {}, "spec": {"nodeName": "n", "terminationGracePeriodSeconds": grace}});
        delete(&mut running, &options, at);
        delete(&mut running, &options, at);
        let metadata = json!({"deletionTimestamp": due, "deletionGracePeriodSeconds": grace});
        delete(&mut json!({"metadata": metadata}), &options, at);
    }
}
