//! Lawful captures as other kubelets and other hands would have left them are as silent as they are: as the lists of kubelets,
//! under other names of the kubelet, without managed fields, each pod alone, each object alone. `PODREPLAY_CAPTURES` names a
//! folder of other captures to hold this against.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::common::{self, captures_folder, file_of, log_of, pods};
use podreplay::ops::check::check;
use podreplay::report::PodFindings;
use podreplay::rules::Severity;
use serde_json::{Value, json};

/// Enough of the shipped captures to have each way in which a pod lives and ends.
const SHIPPED: [&str; 9] = [
    "container-restart-rules",
    "crashloop",
    "drain-eviction-pdb",
    "graceful-delete",
    "init-retry",
    "job-success",
    "native-sidecar",
    "node-lost",
    "static-mirror-pod",
];

/// Statuses that others wrote by hand; a kubelet's bug; one pod of 700 kB over and over.
const UNLAWFUL: [&str; 3] = ["external-status-writes", "83-node-lost-back", "edge-objects"];

/// What kubelets are called elsewhere.
const KUBELETS: [&str; 5] = ["kubelet.exe", "microshift", "kwok", "edgecore", "fargate-ip-10-0-0-1"];

fn captures() -> Vec<PathBuf> {
    let shipped = || SHIPPED.map(|name| captures_folder().join(name)).to_vec();
    let all = common::captures_named().unwrap_or_else(shipped);
    let is_lawful = |capture: &PathBuf| !UNLAWFUL.iter().any(|name| capture.to_string_lossy().ends_with(name));
    all.into_iter().filter(is_lawful).collect()
}

/// The pod events of a capture.
fn events(capture: &Path) -> Vec<Value> {
    let watch = file_of(capture, "raw-watch.jsonl").unwrap_or_default();
    let lines = watch.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let events = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    events.filter(|event| event["object"]["kind"] == "Pod" && event["object"]["metadata"]["uid"].is_string()).collect()
}

fn uid(event: &Value) -> String {
    event["object"]["metadata"]["uid"].as_str().expect("a uid").to_owned()
}

/// The errors of what these documents show, one a line.
fn errors(documents: &[Value]) -> Vec<String> {
    let bytes: Vec<u8> = documents.iter().flat_map(|document| format!("{document}\n").into_bytes()).collect();
    let log = log_of(&[&bytes]);
    let checked = check(&log, pods(&log), None).expect("a readable log");
    let of_pod = |pod: &PodFindings| -> Vec<String> {
        let errors = pod.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let name = &pod.identity.name;
        errors.map(|it| format!("{} {name} {:?} {}, not {}", it.rule.id, it.subject, it.actual, it.expected)).collect()
    };
    checked.pods.iter().flat_map(of_pod).collect()
}

fn without_managed_fields(mut event: Value) -> Value {
    event["object"]["metadata"].as_object_mut().expect("metadata").remove("managedFields");
    event
}

fn under(name: &str, mut event: Value) -> Value {
    for entry in event["object"]["metadata"]["managedFields"].as_array_mut().into_iter().flatten() {
        if entry["manager"] == "kubelet" {
            entry["manager"] = json!(name);
        }
    }
    event
}

/// Of which write a kubelet's copy has its metadata.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Metadata {
    /// Of the one that the kubelet saw first, as kubelets keep them.
    First,
    /// Of the one before.
    Before,
    /// Of its own, but for what was cleaned away.
    Cleaned,
}

/// What a kubelet keeps of an object: the newest status, labels and deletion in the metadata of another write.
fn copy(known: &Value, object: &Value, metadata: Metadata) -> Value {
    let mut copy = object.clone();
    if metadata == Metadata::Cleaned {
        copy["metadata"].as_object_mut().expect("metadata").remove("managedFields");
    } else {
        copy["metadata"]["resourceVersion"] = known["metadata"]["resourceVersion"].clone();
        copy["metadata"]["managedFields"] = known["metadata"]["managedFields"].clone();
    }
    copy["metadata"]["annotations"]["kubernetes.io/config.source"] = json!("api");
    copy["metadata"]["annotations"]["kubernetes.io/config.seen"] = json!("2026-01-01T10:00:00.5Z");
    copy
}

/// The answers of kubelets to `/pods` behind events: as a list grows with the pods, of a long capture not behind all.
fn lists(events: &[Value], metadata: Metadata) -> Vec<Value> {
    const LISTS_MAX: usize = 60;
    let mut copies: BTreeMap<String, Value> = BTreeMap::new();
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut lists = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let (object, uid) = (&event["object"], uid(event));
        let node = &object["spec"]["nodeName"];
        if event["type"] == "DELETED" {
            copies.remove(&uid);
        } else if node.is_string() {
            let of_metadata = known.entry(uid.clone()).or_insert_with(|| object.clone());
            copies.insert(uid, copy(of_metadata, object, metadata));
            if metadata == Metadata::Before {
                *of_metadata = object.clone();
            }
        }
        if place % (events.len() / LISTS_MAX + 1) != 0 {
            continue;
        }
        let items: Vec<&Value> = copies.values().filter(|copy| copy["spec"]["nodeName"] == *node).collect();
        lists.push(json!({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}));
    }
    lists
}

/// The objects of a capture, each a pod of its own.
fn alone(events: &[Value]) -> Vec<Value> {
    let shown = events.iter().filter(|event| event["type"] != "DELETED");
    let object = |(place, event): (usize, &Value)| {
        let mut object = event["object"].clone();
        object["metadata"]["uid"] = json!(format!("00000000-0000-4000-8000-{place:012}"));
        object["metadata"]["name"] = json!(format!("pod-{place}"));
        object
    };
    shown.enumerate().map(object).collect()
}

/// Hands on each way in which a capture is rewritten: its name, and the documents that stand in one store.
fn each_way(events: &[Value], mut take: impl FnMut(&str, Vec<Value>)) {
    const PODS_MAX: usize = 40;
    for metadata in [Metadata::First, Metadata::Before, Metadata::Cleaned] {
        take(&format!("kubelet lists, metadata {metadata:?}"), lists(events, metadata));
    }
    for name in KUBELETS {
        take(name, events.iter().cloned().map(|event| under(name, event)).collect());
    }
    take("objects alone", alone(events));
    let bare: Vec<Value> = events.iter().cloned().map(without_managed_fields).collect();
    take("objects alone without managedFields", alone(&bare));
    let uids: BTreeSet<String> = events.iter().map(uid).collect();
    for uid_alone in uids.into_iter().take(PODS_MAX) {
        for (name, events) in [("a pod alone", events), ("a pod alone without managedFields", &bare)] {
            take(name, events.iter().filter(|event| uid(event) == uid_alone).cloned().collect());
        }
    }
    take("without managedFields", bare);
}

#[test]
fn a_lawful_capture_stays_lawful_however_it_was_taken() {
    let mut judged: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for capture in captures() {
        let name = capture.file_name().expect("a folder").to_string_lossy().into_owned();
        each_way(&events(&capture), |way, documents| {
            wrong.extend(errors(&documents).into_iter().map(|error| format!("{name}, {way}: {error}")));
            *judged.entry(way.to_owned()).or_default() += documents.len();
        });
    }
    judged.iter().for_each(|(way, count)| println!("{way}: {count} documents judged"));
    assert_eq!(wrong, Vec::<String>::new());
    let count_min = if common::captures_named().is_some() { 1 } else { 200 };
    assert!(
        judged.len() == 13 && judged.values().all(|count| *count >= count_min),
        "the captures are there: {judged:?}"
    );
}
