//! Who did it: each deletion and eviction of a pod is told with the user of the request that caused it, held against the audit
//! logs themselves, also where those keep no bodies.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::common::{Scratch, captures, captures_folder, file_of, lines, log_of, pods};
use crate::policy::{POLICIES, under};
use crate::report::data_of;
use crate::stories::stories;
use podreplay::model::{Actor, Basis};
use podreplay::ops::{Reading, replayed};
use podreplay::replay::{PodField, Subject};
use podreplay::store::Log;

/// Who asked for the end of a pod, and between when.
#[derive(Debug, Clone)]
struct Asked {
    begun: String,
    answered: String,
    user: String,
}

/// The requests for the end of each pod that were granted: by the uid that the log tells, else by the name.
fn asked(audit: &[u8]) -> (BTreeMap<String, Vec<Asked>>, BTreeMap<String, Vec<Asked>>) {
    let (mut by_uid, mut by_name) = (BTreeMap::<String, Vec<Asked>>::new(), BTreeMap::<String, Vec<Asked>>::new());
    for line in lines(audit) {
        let event: Value = serde_json::from_slice(&line).expect("a line is JSON");
        let (about, verb) = (&event["objectRef"], event["verb"].as_str().unwrap_or_default());
        let is_eviction = verb == "create" && about["subresource"] == "eviction";
        let is_granted = event["responseStatus"]["code"].as_i64().is_some_and(|code| (200..300).contains(&code));
        if about["resource"] != "pods" || !is_granted || !(is_eviction || verb.starts_with("delete")) {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let asked = || Asked {
            begun: text(&event["requestReceivedTimestamp"]),
            answered: text(&event["stageTimestamp"]),
            user: text(&event["user"]["username"]),
        };
        let answer = &event["responseObject"];
        if verb == "deletecollection" {
            let items = answer["items"].as_array().into_iter().flatten().map(|item| &item["metadata"]);
            for taken in items.filter(|metadata| metadata["deletionTimestamp"].is_null()) {
                by_uid.entry(text(&taken["uid"])).or_default().push(asked());
            }
        } else if let Some(uid) = answer["metadata"]["uid"].as_str() {
            by_uid.entry(uid.to_owned()).or_default().push(asked());
        } else {
            by_name.entry(text(&about["name"])).or_default().push(asked());
        }
    }
    (by_uid, by_name)
}

/// Who is told to have asked first for the end of each pod, and between when it lived.
fn told(log: &Log) -> BTreeMap<String, (String, Option<Actor>, [String; 2])> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let is_end = |by: &Actor| by.basis == Basis::Audit && (by.verb.starts_with("delete") || &*by.part == "eviction");
    let mut told = BTreeMap::new();
    for row in pods(log).into_iter().filter(|row| !row.identity.uid.is_empty()) {
        let history = reading.pod(&row).expect("a readable pod");
        let timeline = replayed(&reading, &history).expect("a readable pod").timeline;
        let mut actors = timeline.entries.iter().filter_map(|entry| entry.by.as_deref());
        let by = actors.find(|by| is_end(by)).cloned();
        let time = |at: Option<podreplay::model::ObservedAt>| at.map(|at| at.to_string()).unwrap_or_default();
        let (first, last) = (timeline.entries.first(), timeline.entries.last());
        let until = if timeline.state.is_deleted { last.and_then(|entry| entry.window.at) } else { None };
        let until = until.map_or_else(|| "9".to_owned(), |at| at.to_string());
        let lived = [time(first.and_then(|entry| entry.window.at)), until];
        told.insert(row.identity.uid, (row.identity.name, by, lived));
    }
    told
}

#[test]
fn every_deletion_is_told_with_who_asked_for_it() {
    let metadata = POLICIES.iter().find(|(name, _)| *name == "OpenShift Default").expect("a policy").1;
    let (mut told_count, mut wrong) = (BTreeMap::<&str, usize>::new(), Vec::new());
    for capture in captures().into_iter().chain(stories()) {
        let Some(audit) = file_of(&capture, "audit.jsonl") else { continue };
        let watch = file_of(&capture, "raw-watch.jsonl");
        let (by_uid, by_name) = asked(&audit);
        let without_bodies = under(metadata, &audit);
        let watch = watch.as_deref();
        for (form, parts) in [
            ("watch and audit log", vec![watch, Some(&audit)]),
            ("audit log", vec![Some(&audit[..])]),
            ("watch and audit log without bodies", vec![watch, Some(&without_bodies)]),
        ] {
            let parts: Vec<&[u8]> = parts.into_iter().flatten().collect();
            for (uid, (name, by, [from, until])) in told(&log_of(&parts)) {
                let mut all = by_uid.get(&uid).cloned().unwrap_or_default();
                let living = |it: &&Asked| it.answered[..19] >= from[..from.len().min(19)] && it.begun <= until;
                all.extend(by_name.get(&name).into_iter().flatten().filter(living).cloned());
                all.sort_by(|left, right| left.begun.cmp(&right.begun));
                let Some(first) = all.first() else { continue };
                *told_count.entry(form).or_default() += 1;
                let found = by.map(|by| by.through.unwrap_or(by.user).into_string());
                if found.as_ref() != Some(&first.user) {
                    wrong.push(format!("{} {form} {name}: {found:?}, but {}", capture.display(), first.user));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for (form, count) in told_count {
        println!("{form}: {count} deletions, each by who asked for it");
        assert!(count > 150, "the captures are there: {form} {count}");
    }
}

#[test]
fn every_binding_is_the_write_that_put_the_pod_on_its_node() {
    // The kubelet reads the pod at once, and the log has what it read: it shows the binding, too.
    let (mut seen, mut wrong) = (0, Vec::new());
    for capture in captures().into_iter().chain(stories()) {
        let Some(audit) = file_of(&capture, "audit.jsonl") else { continue };
        let is_binding = |event: &Value| {
            let about = &event["objectRef"];
            about["subresource"] == "binding" && about["resource"] == "pods" && event["responseStatus"]["code"] == 201
        };
        let events = lines(&audit).into_iter().map(|line| serde_json::from_slice::<Value>(&line).expect("JSON"));
        let mut bound: Vec<String> = events
            .filter(is_binding)
            .filter_map(|event| Some(event["objectRef"]["uid"].as_str()?.to_owned()))
            .collect();
        bound.dedup();
        let watch = file_of(&capture, "raw-watch.jsonl");
        for parts in [vec![watch.as_deref(), Some(&audit[..])], vec![Some(&audit[..])]] {
            let parts: Vec<&[u8]> = parts.into_iter().flatten().collect();
            let parts_count = parts.len();
            let log = log_of(&parts);
            let reader = log.reader();
            let reading = Reading::new(&reader);
            for row in pods(&log).into_iter().filter(|row| bound.contains(&row.identity.uid)) {
                let history = reading.pod(&row).expect("a readable pod");
                let timeline = replayed(&reading, &history).expect("a readable pod").timeline;
                let puts = |index: &usize| {
                    let mut shown = timeline.transitions_of(*index).iter();
                    shown.any(|shown| shown.subject == Subject::Field(PodField::NodeName))
                };
                let by = |index: usize| timeline.entries[index].by.as_deref().map(|by| by.part.to_string());
                let found: Vec<Option<String>> = (0..timeline.entries.len()).filter(puts).map(by).collect();
                seen += 1;
                // Where nothing but the log tells, who read the pod before the binding was answered shows it first.
                let is_untold = parts_count == 1 && found == [None];
                if found != [Some("binding".to_owned())] && !is_untold {
                    wrong.push(format!("{} {}: {found:?}", capture.display(), row.identity.name));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen > 300, "{seen}");
}

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podreplay")).args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn audit_of(capture: &str, scratch: &Scratch) -> String {
    let bytes = file_of(&captures_folder().join(capture), "audit.jsonl").expect("an audit log");
    scratch.file(&format!("{capture}.jsonl"), &bytes).display().to_string()
}

#[test]
fn explain_names_who_asked_for_the_end_who_bound_and_who_else_wrote() {
    let scratch = Scratch::new();
    let evicted = audit_of("drain-eviction-pdb", &scratch);
    let text = run(&["explain", "-f", &evicted, "lone"]);
    // The kubelet's own delete ends what the eviction asked for.
    assert!(text.contains("requested at 2026-11-20T15:13:11Z by kubernetes-admin (eviction).\n"), "{text}");
    assert!(text.contains(", deleted by kubelet on node-b, by the rules of"), "{text}");
    assert!(text.contains("Bound to node-b by kube-scheduler.\n"), "{text}");
    assert!(!text.contains("Written by"), "{text}");
    let document: Value = serde_json::from_str(&run(&["explain", "-f", &evicted, "lone", "-o", "json"])).expect("JSON");
    assert_eq!(document["by"]["node"], "node-b");
    assert_eq!(document["deletionRequestedBy"]["subresource"], "eviction");
    assert_eq!(document["boundBy"]["user"], "system:kube-scheduler");
    assert_eq!(document["phase"]["by"]["agent"], "kubelet/v0.0.0");
    let ready = document["conditions"].as_array().expect("a list").iter().find(|it| it["type"] == "Ready");
    assert_eq!(ready.expect("Ready")["by"]["basis"], "audit");

    let foreign = audit_of("external-status-writes", &scratch);
    let text = run(&["explain", "-f", &foreign, "p2", "--at", "2026-11-20T15:16:10.2Z"]);
    let phase = text.split("\n\n").find(|part| part.starts_with("phase  Failed")).expect("the phase");
    assert!(phase.ends_with("\n  Written by kubernetes-admin."), "{phase}");
}

#[test]
fn show_and_the_report_say_who_wrote_each_object() {
    let scratch = Scratch::new();
    let evicted = audit_of("drain-eviction-pdb", &scratch);
    let shown = run(&["show", "-f", &evicted, "lone", "--at", "2026-11-20T15:12:50Z"]);
    assert!(
        shown.starts_with("# MODIFIED at 2026-11-20T15:12:48.678993Z by kubelet on node-b\napiVersion: v1\n"),
        "{shown}"
    );
    // The object itself is as it was recorded; the event with its version says who wrote it.
    let object = run(&["show", "-f", &evicted, "lone", "--at", "2026-11-20T15:12:50Z", "-o", "json"]);
    let object: Value = serde_json::from_str(&object).expect("JSON");
    assert!(object["metadata"]["uid"].is_string() && object.get("by").is_none());
    let history: Value = serde_json::from_str(&run(&["history", "-f", &evicted, "lone", "-o", "json"])).expect("JSON");
    let events = history["pods"][0]["events"].as_array().expect("events");
    let shown: Vec<&Value> =
        events.iter().filter(|it| it["resourceVersion"] == object["metadata"]["resourceVersion"]).collect();
    assert!(matches!(*shown, [it] if it["by"]["user"] == "system:node:node-b"), "{shown:?}");

    // Without an audit log only the managers of the fields tell, of the write that moved one.
    let watch = file_of(&captures_folder().join("external-status-writes"), "raw-watch.jsonl").expect("a watch");
    let watch = scratch.file("watch.jsonl", &watch).display().to_string();
    let shown = run(&["show", "-f", &watch, "p2", "--at", "2026-11-20T15:16:10.2Z"]);
    assert!(
        shown.starts_with("# MODIFIED at ") && shown.lines().next().is_some_and(|it| it.ends_with("(managedFields)")),
        "{shown}"
    );

    let page = run(&["report", "-f", &evicted, "lone", "-o", "-"]);
    let data: Value = serde_json::from_str(&data_of(&page)).expect("JSON");
    let texts = data["texts"].as_array().expect("texts");
    let by = |by: &Value| by.as_u64().map(|text| texts[usize::try_from(text).expect("a place")].clone());
    let told: Vec<Option<Value>> = data["events"]["by"].as_array().expect("events").iter().map(by).collect();
    assert_eq!(told.first(), Some(&Some("kubernetes-admin".into())), "{told:?}");
    assert_eq!(told.last(), Some(&Some("kubelet on node-b".into())), "{told:?}");
}

#[test]
fn whoever_deleted_some_pods_by_a_selector_is_not_said_to_have_deleted_this_one() {
    let metadata = json!({"name": "web-0", "namespace": "shop", "uid": "u-1", "resourceVersion": "5", "labels": {"app": "web"},
                          "creationTimestamp": "2026-11-20T10:00:00Z"});
    let mut ending = metadata.clone();
    ending["resourceVersion"] = json!("9");
    ending["deletionTimestamp"] = json!("2026-11-20T10:05:30Z");
    ending["deletionGracePeriodSeconds"] = json!(30);
    let event = |kind: &str, metadata: &Value| {
        let object = json!({"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": {"containers": [{"name": "c"}]},
                            "status": {"phase": "Running"}});
        json!({"type": kind, "object": object}).to_string()
    };
    let watch = [event("ADDED", &metadata), event("MODIFIED", &ending)].join("\n");
    let of = |uri: &str| {
        let audit = json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "a", "stage": "ResponseComplete",
            "requestURI": uri, "verb": "deletecollection", "user": {"username": "mallory"}, "userAgent": "kubectl/v1.30.0",
            "objectRef": {"resource": "pods", "namespace": "shop", "apiVersion": "v1"}, "responseStatus": {"code": 200},
            "requestReceivedTimestamp": "2026-11-20T10:05:00.000005Z", "stageTimestamp": "2026-11-20T10:05:00.000009Z"
        });
        let log = log_of(&[watch.as_bytes(), audit.to_string().as_bytes()]);
        let reader = log.reader();
        let reading = Reading::new(&reader);
        let row = pods(&log).pop().expect("a pod");
        let history = reading.pod(&row).expect("readable");
        let events = history.events().expect("readable");
        events
            .iter()
            .filter(|event| event.kind.shows_pod())
            .filter_map(|event| event.by.as_ref())
            .any(|by| &*by.user == "mallory")
    };
    assert!(of("/api/v1/namespaces/shop/pods"));
    assert!(!of("/api/v1/namespaces/shop/pods?labelSelector=app%3Ddb"));
    assert!(!of("/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dother"));
}
