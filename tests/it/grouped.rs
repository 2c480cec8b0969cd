//! `podreplay replay`: pods one after the other from a stream, each by its own records alone.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{captures, file_of, lines, log_of, reports};
use podreplay::input::Source;
use podreplay::ops::grouped::{Grouped, GroupedError, GroupedOptions, ReplayedPod, Shard, each_pod};
use podreplay::render::json::{Lines, transition_rows};
use podreplay::replay::Transition;

fn source(bytes: Vec<u8>) -> Source {
    Source::of_reader(Path::new("-"), Box::new(Cursor::new(bytes))).expect("readable bytes")
}

/// The records of a watch by pod, each pod's in their order.
fn by_pod(watch: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut pods: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for line in lines(watch) {
        let Ok(event) = serde_json::from_slice::<Value>(&line) else { continue };
        let Some(uid) = event["object"]["metadata"]["uid"].as_str() else { continue };
        pods.entry(uid.to_owned()).or_default().push(line);
    }
    pods.into_values().collect()
}

fn stream<'a>(pods: impl Iterator<Item = &'a Vec<Vec<u8>>>) -> Vec<u8> {
    pods.flatten().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect()
}

/// What is printed of each pod, and how much was read.
fn replayed(bytes: Vec<u8>, shard: Option<Shard>) -> Result<(Vec<String>, Grouped), GroupedError> {
    let options = GroupedOptions { shard, ..GroupedOptions::default() };
    let mut told = Vec::new();
    let read = each_pod::<GroupedError>(source(bytes), &options, |it| {
        let mut out = Vec::new();
        transition_rows(&it.pod, &mut Lines(&mut out)).expect("a vector takes everything");
        told.push(String::from_utf8(out).expect("JSON is UTF-8"));
        Ok(())
    })?;
    Ok((told, read))
}

/// What changed, and the stamps of the cluster: all that one pod's records tell by themselves.
fn changes<'a>(transitions: impl Iterator<Item = &'a Transition>) -> Vec<String> {
    let words = |it: &Transition| {
        let side = |value: &Option<podreplay::replay::Value>| value.as_ref().map(ToString::to_string);
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            it.subject,
            side(&it.from),
            side(&it.to),
            it.reason,
            it.stamped_at,
            it.by
        )
    };
    transitions.map(words).collect()
}

#[test]
fn a_pod_changes_in_a_stream_as_it_does_in_a_store() {
    let mut compared = 0;
    for folder in captures() {
        let Some(watch) = file_of(&folder, "raw-watch.jsonl") else { continue };
        let pods = by_pod(&watch);
        let mut streamed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let keep = |it: &ReplayedPod<'_, '_>| {
            let report = &it.pod.report;
            streamed.insert(report.identity.uid.clone(), changes(report.timeline.transitions.iter()));
            Ok(())
        };
        let read = each_pod::<GroupedError>(source(stream(pods.iter())), &GroupedOptions::default(), keep);
        assert_eq!(read.expect("a grouped stream").pods, pods.len() as u64, "{}", folder.display());
        for report in reports(&log_of(&[&stream(pods.iter())])) {
            let stored = changes(report.timeline.transitions.iter());
            assert_eq!(
                streamed.get(&report.identity.uid),
                Some(&stored),
                "{} {}",
                folder.display(),
                report.identity.name
            );
            compared += stored.len();
        }
    }
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn what_is_told_of_a_pod_depends_on_its_own_records_alone() {
    for folder in captures() {
        let Some(watch) = file_of(&folder, "raw-watch.jsonl") else { continue };
        let pods = by_pod(&watch);
        let (whole, read) = replayed(stream(pods.iter()), None).expect("a grouped stream");
        assert_eq!(read.records, pods.iter().map(Vec::len).sum::<usize>() as u64);
        let (mut backwards, _) = replayed(stream(pods.iter().rev()), None).expect("a grouped stream");
        backwards.reverse();
        assert!(backwards == whole, "{}: the order of the pods", folder.display());
        let mut sharded: Vec<String> = Vec::new();
        for index in 0..3 {
            let shard = Shard { of: 3, index };
            sharded.extend(replayed(stream(pods.iter()), Some(shard)).expect("a grouped stream").0);
        }
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        assert!(sorted(sharded) == sorted(whole), "{}: shards", folder.display());
    }
}

#[test]
fn a_stream_that_is_not_grouped_is_refused_where_it_is_not() {
    let pod = |name: &str, uid: Option<&str>, version: u32| {
        let metadata = json!({"namespace": "shop", "name": name, "uid": uid, "resourceVersion": version.to_string(),
            "creationTimestamp": "2026-11-20T10:00:00Z"});
        json!({"type": "MODIFIED", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": {"containers":
            [{"name": "app", "image": "i"}]}, "status": {"phase": "Running"}}})
        .to_string()
    };
    let bookmark =
        json!({"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": "9"}}}).to_string();
    let deletion = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "a",
        "stage": "ResponseComplete", "verb": "delete", "user": {"username": "ann"},
        "objectRef": {"resource": "pods", "namespace": "shop", "name": "c"}, "responseStatus": {"code": 200},
        "stageTimestamp": "2026-11-20T10:00:09.5Z"})
    .to_string();
    let of_workload = json!({"kind": "Event", "apiVersion": "v1", "metadata": {"name": "e", "namespace": "shop"},
        "involvedObject": {"kind": "ReplicaSet", "namespace": "shop", "name": "web-7d"}, "reason": "SuccessfulCreate",
        "lastTimestamp": "2026-11-20T10:00:00Z"})
    .to_string();
    let refused = deletion.replace("\"pods\"", "\"deployments\"").replace("200", "403");
    let told = |lines: &[String]| match replayed(lines.join("\n").into_bytes(), None) {
        Ok((_, read)) => format!("{} of {}, {} skipped", read.records, read.pods, read.skipped),
        Err(error) => error.to_string(),
    };
    let (a, b) = (pod("a", Some("u1"), 1), pod("b", Some("u2"), 2));
    let table = [
        (vec![a.clone(), bookmark.clone(), pod("a", Some("u1"), 3), b.clone()], "3 of 2, 1 skipped"),
        (vec![a.clone(), of_workload, refused, pod("a", Some("u1"), 3)], "2 of 1, 2 skipped"),
        // A request without a uid belongs to the pod of its name in front of it; an object without one is a pod by its name.
        (vec![pod("c", Some("u3"), 1), deletion.clone()], "2 of 1, 0 skipped"),
        (vec![a.clone(), pod("c", None, 3), pod("c", None, 4)], "3 of 2, 0 skipped"),
        (vec![a.clone(), pod("b", Some("u1"), 3)], "2 of 2, 0 skipped"),
        (
            vec![a.clone(), bookmark, b.clone(), a.clone()],
            "-: line 4: pod u1 again, which ended at line 1; expected all records of a pod one behind the other",
        ),
        (
            vec![a.clone(), deletion],
            "-: line 2: a record of pod shop/c without its uid; expected it behind a record of that pod that has one",
        ),
        (vec![a, "{\"type\":".to_owned()], "-: line 2"),
    ];
    for (lines, expected) in table {
        let told = told(&lines);
        assert!(told.starts_with(expected), "{told}\n{expected}");
    }
}
