//! A static pod, as its kubelet lists it, and its mirror in the API are one pod.

use std::collections::BTreeMap;

use crate::common::{captures_folder, file_of, log_of, pods, store_of, tales, told};
use podreplay::ops::check::check;
use podreplay::ops::projection::verify;
use podreplay::ops::{Reading, pods_at};
use podreplay::rules::Severity;
use podreplay::store::Log;
use serde_json::{Value, json};

fn watch() -> Vec<u8> {
    file_of(&captures_folder().join("static-mirror-pod"), "raw-watch.jsonl").expect("a watch")
}

/// What the kubelet knows of the pod that a mirror shows: no version, no creation, and the hash of the file for a uid.
fn as_its_kubelet_knows_it(mirror: &Value) -> Value {
    let mut pod = mirror.clone();
    let metadata = pod["metadata"].as_object_mut().expect("metadata");
    for of_server in ["resourceVersion", "managedFields", "ownerReferences", "generation"] {
        metadata.remove(of_server);
    }
    // The mirror is deleted, not what it mirrors.
    metadata.remove("deletionTimestamp");
    metadata.remove("deletionGracePeriodSeconds");
    metadata.insert("creationTimestamp".to_owned(), Value::Null);
    let annotations = metadata["annotations"].as_object_mut().expect("annotations");
    let hash = annotations.remove("kubernetes.io/config.mirror").expect("a mirror");
    metadata.insert("uid".to_owned(), hash);
    pod
}

/// The answers of the kubelet to `/pods` behind each change of a status, every `step`th of them.
fn kubelet_lists(watch: &[u8], step: usize) -> Vec<u8> {
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut lists = Vec::new();
    for line in watch.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let event: Value = serde_json::from_slice(line).expect("JSON");
        let object = &event["object"];
        if event["type"] == "DELETED" || !object["status"]["startTime"].is_string() {
            continue;
        }
        known.insert(object["metadata"]["name"].to_string(), as_its_kubelet_knows_it(object));
        let items: Vec<&Value> = known.values().collect();
        lists.push(json!({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}));
    }
    assert!(lists.len() > 5, "{}", lists.len());
    lists.iter().step_by(step).flat_map(|list| format!("{list}\n").into_bytes()).collect()
}

fn errors(log: &Log) -> Vec<String> {
    let checked = check(log, pods(log), None).expect("a readable log");
    let findings = checked.pods.iter().flat_map(|pod| &pod.findings);
    let errors = findings.filter(|finding| finding.severity == Severity::Error);
    errors.map(|it| format!("{} {:?} {}", it.rule.id, it.subject, it.actual)).collect()
}

#[test]
fn a_kubelets_list_adds_no_pod_and_no_change_to_its_mirrors() {
    let watch = watch();
    let alone = tales(&log_of(&[&watch]), told);
    for step in [1, 5] {
        let lists = kubelet_lists(&watch, step);
        for (_scratch, log) in [store_of(&[&watch, &lists]), store_of(&[&lists, &watch])] {
            let mut both = tales(&log, told);
            both.retain(|_, told| !told.is_empty());
            assert_eq!(both, alone, "every {step}th list");
            assert_eq!(errors(&log), Vec::<String>::new());
            assert_eq!(verify(&log).expect("a readable log"), Vec::<String>::new());
        }
    }
}

/// What the list shows newer than the watch is newer, and has the age of the mirror.
#[test]
fn a_kubelets_list_goes_on_where_the_watch_ended() {
    let watch = watch();
    let lines: Vec<&[u8]> = watch.split_inclusive(|&byte| byte == b'\n').collect();
    let begun = lines[..4].concat();
    let log = log_of(&[&begun, &kubelet_lists(&lines[..12].concat(), 1)]);
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let mut moments = pods_at(&reading, pods(&log), None, None).expect("a readable log");
    moments.retain(|moment| moment.identity.name == "static-web-node-a");
    let told: Vec<_> = moments.iter().map(|it| (it.columns.status.as_str(), it.columns.ready_text())).collect();
    assert_eq!(told, [("Running", "1/1".to_owned())]);
    assert!(moments[0].created_at.is_some(), "the mirror tells when it was created");
    assert_eq!(errors(&log), Vec::<String>::new());
}

#[test]
fn static_pods_alone_are_pods() {
    let log = log_of(&[&kubelet_lists(&watch(), 1)]);
    assert_eq!(errors(&log), Vec::<String>::new());
    let names: Vec<String> = pods(&log).into_iter().map(|row| row.identity.name).collect();
    // The file of one was changed: its hash is another.
    assert_eq!(names, ["static-crash-node-a", "static-web-node-a", "static-web-node-a"]);
}
