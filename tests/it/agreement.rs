//! The same writes, told by other formats, give the same transitions: audit logs of two levels, the cloud's wrappers around
//! them, recorders with clocks of their own. What a format cannot carry is named here and in docs/formats.md.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::BTreeMap;

use crate::common::{captures, captures_folder, file_of, lines, log_of, reports, store_of, take_with};
use podreplay::model::{Clock, ObservedAt};
use podreplay::ops::IngestOptions;
use podreplay::ops::projection::verify;
use podreplay::replay::Transition;
use podreplay::report::PodReport;
use podreplay::store::Log;
use serde_json::{Value, json};

/// What happened to each subject of each pod, by uid and subject. The order across subjects is left out: where a watch shows
/// two writes an audit log tells of one request.
type Tales = BTreeMap<(String, String), Vec<String>>;

fn words(transition: &Transition) -> String {
    format!(
        "{:?} -> {:?} reason {:?} message {:?} stamped {:?} restarts {:?} inferred {}",
        transition.from,
        transition.to,
        transition.reason,
        transition.message,
        transition.stamped_at,
        transition.restart_count,
        transition.inferred
    )
}

fn tales(log: &Log) -> Tales {
    let mut tales = Tales::new();
    for PodReport { identity, timeline, .. } in reports(log) {
        for transition in &timeline.transitions {
            let subject = format!("{:?}", transition.subject);
            tales.entry((identity.uid.clone(), subject)).or_default().push(words(transition));
        }
    }
    tales
}

/// Every tale of a watch is told by another source, which may go on when the watch has ended. Returns how many.
fn assert_told(watch: &Tales, other: &Tales, what: &str) -> usize {
    for (subject, tale) in watch {
        let found = other.get(subject).map(Vec::as_slice).unwrap_or_default();
        let found = &found[..found.len().min(tale.len())];
        assert_eq!(found, tale.as_slice(), "{what}: {subject:?}");
    }
    watch.len()
}

fn value(line: &[u8]) -> Value {
    serde_json::from_slice(line).expect("a line is JSON")
}

/// An audit log in which the writes of statuses are logged at level Request, as the usual policies have it.
fn without_answers(audit: &[u8]) -> Vec<u8> {
    let lower = |line: Vec<u8>| {
        let mut event = value(&line);
        if event["objectRef"]["subresource"] == "status" {
            event["level"] = json!("Request");
            event.as_object_mut().expect("an event").remove("responseObject");
        }
        format!("{event}\n")
    };
    lines(audit).into_iter().map(lower).collect::<String>().into_bytes()
}

/// An audit log of level Metadata.
fn without_bodies(audit: &[u8]) -> Vec<u8> {
    let lower = |line: Vec<u8>| {
        let mut event = value(&line);
        event["level"] = json!("Metadata");
        let fields = event.as_object_mut().expect("an event");
        fields.remove("responseObject");
        fields.remove("requestObject");
        format!("{event}\n")
    };
    lines(audit).into_iter().map(lower).collect::<String>().into_bytes()
}

#[test]
fn an_audit_log_tells_what_the_watch_tells() {
    let (mut logs, mut answered, mut requested) = (0, 0, 0);
    for capture in captures() {
        let Some(audit) = file_of(&capture, "audit.jsonl") else { continue };
        let watch = tales(&log_of(&[&file_of(&capture, "raw-watch.jsonl").expect("a watch")]));
        let name = capture.display().to_string();
        let ((_first, whole), (_second, reduced)) = (store_of(&[&audit]), store_of(&[&without_answers(&audit)]));
        answered += assert_told(&watch, &tales(&whole), &format!("{name}, RequestResponse"));
        requested += assert_told(&watch, &tales(&reduced), &format!("{name}, Request"));
        for log in [whole, reduced] {
            assert_eq!(verify(&log).expect("a readable log"), Vec::<String>::new(), "{name}");
        }
        logs += 1;
    }
    println!("{logs} audit logs: {answered} subjects agree at level RequestResponse, {requested} at level Request");
    assert!(logs >= 28 && answered > 3_000, "the captures are there: {logs} logs, {answered} subjects");
}

#[test]
fn versions_of_an_audit_log_are_those_of_the_watch() {
    for capture in captures() {
        let Some(audit) = file_of(&capture, "audit.jsonl") else { continue };
        let watch = log_of(&[&file_of(&capture, "raw-watch.jsonl").expect("a watch")]);
        let versions = |log: &Log| -> BTreeMap<(String, String, usize), Option<String>> {
            let mut versions = BTreeMap::new();
            for PodReport { identity, timeline, .. } in reports(log) {
                let mut counts: BTreeMap<String, usize> = BTreeMap::new();
                for transition in &timeline.transitions {
                    let subject = format!("{:?}", transition.subject);
                    let count = counts.entry(subject.clone()).or_default();
                    let version = transition.resource_version.as_ref().map(ToString::to_string);
                    versions.insert((identity.uid.clone(), subject, *count), version);
                    *count += 1;
                }
            }
            versions
        };
        let (shown, told) = (versions(&watch), versions(&log_of(&[&audit])));
        let mut unknown = 0;
        for (transition, version) in &shown {
            match &told[transition] {
                None => unknown += 1,
                // A deletion without grace is two writes to a watch, the last of which is answered.
                Some(told) if transition.1 == "Lifecycle" => {
                    let number = |text: &str| text.parse::<u64>().expect("a number");
                    let shown = number(version.as_deref().expect("a watch has versions"));
                    assert!(number(told) >= shown, "{transition:?}: {shown}, told {told}");
                }
                Some(told) => assert_eq!(Some(told), version.as_ref(), "{}: {transition:?}", capture.display()),
            }
        }
        assert!(unknown * 4 < shown.len(), "{}: {unknown} of {}", capture.display(), shown.len());
    }
}

#[test]
fn a_watch_and_an_audit_log_are_one_log() {
    let mut better = 0;
    for capture in captures() {
        let (Some(audit), Some(watch)) = (file_of(&capture, "audit.jsonl"), file_of(&capture, "raw-watch.jsonl"))
        else {
            continue;
        };
        let alone = log_of(&[&watch]);
        let told = |log: &Log| -> BTreeMap<String, Vec<String>> {
            let told = |report: PodReport| {
                let transitions =
                    report.timeline.transitions.iter().map(|it| format!("{:?} {}", it.subject, words(it)));
                (report.identity.uid.clone(), transitions.collect())
            };
            reports(log).into_iter().map(told).collect()
        };
        let expected = told(&alone);
        for (level, audit) in [
            ("RequestResponse", audit.clone()),
            ("Request", without_answers(&audit)),
            ("Metadata", without_bodies(&audit)),
        ] {
            for (order, files) in [("behind", [&watch, &audit]), ("before", [&audit, &watch])] {
                let (_folder, merged) = store_of(&[files[0], files[1]]);
                let found = told(&merged);
                let name = format!("{}, {level} {order} the watch", capture.display());
                for (uid, tale) in &expected {
                    let found = &found[uid];
                    assert_eq!(&found[..found.len().min(tale.len())], tale.as_slice(), "{name}: {uid}");
                }
                assert_eq!(verify(&merged).expect("a readable log"), Vec::<String>::new(), "{name}");
                if level == "RequestResponse" {
                    let entries = reports(&merged).into_iter().flat_map(|report| report.timeline.entries);
                    better += entries.filter(|entry| entry.window.clock == Clock::Audit).count();
                }
            }
        }
    }
    println!("{better} events of the watches got the time of an answer");
    assert!(better > 2_000, "{better}");
}

/// The entry of Cloud Logging that tells of an audit event.
fn gke(event: &Value) -> Value {
    let about = &event["objectRef"];
    let word = |field: &str| about[field].as_str().unwrap_or_default().to_owned();
    let part = |prefix: &str, word: String| if word.is_empty() { word } else { format!("{prefix}{word}") };
    let (resource, verb) = (word("resource"), event["verb"].as_str().unwrap_or_default());
    let code = event["responseStatus"]["code"].as_i64().unwrap_or(200);
    let mut payload = json!({
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "methodName": format!("io.k8s.core.v1.{resource}{}.{verb}", part(".", word("subresource"))),
        "resourceName": format!(
            "core/v1/namespaces/{}/{resource}{}{}", word("namespace"), part("/", word("name")), part("/", word("subresource"))
        ),
        "status": if code < 300 { json!({}) } else { json!({"code": 7}) },
        "requestMetadata": {"callerSuppliedUserAgent": event["userAgent"]},
    });
    for (field, body) in [("request", "requestObject"), ("response", "responseObject")] {
        if event[body].is_object() {
            payload[field] = event[body].clone();
        }
    }
    json!({
        "insertId": "a", "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "timestamp": event["stageTimestamp"], "protoPayload": payload,
        "operation": {"first": true, "last": true}
    })
}

#[test]
fn what_a_cloud_wraps_around_an_audit_log_changes_nothing() {
    for name in ["crashloop", "drain-eviction-pdb", "statefulset-recreate", "static-mirror-pod"] {
        let folder = captures_folder().join(name);
        let audit = file_of(&folder, "audit.jsonl").expect("an audit log");
        let expected = tales(&log_of(&[&audit]));
        let events: Vec<Value> = lines(&audit).iter().map(|line| value(line)).collect();
        let texts: Vec<String> = events.iter().map(ToString::to_string).collect();
        let stream = "kube-apiserver-audit-1";
        let entries: Vec<Value> =
            texts.iter().map(|text| json!({"logStreamName": stream, "timestamp": 1, "message": text})).collect();
        let joined = |values: &[Value]| values.iter().map(|value| format!("{value}\n")).collect::<String>();
        let entry_of_aks: Vec<Value> =
            texts.iter().map(|text| json!({"category": "kube-audit", "properties": {"log": text}})).collect();
        let rows: Vec<Value> = texts
            .iter()
            .map(|text| json!([{"field": "@timestamp", "value": "1"}, {"field": "@message", "value": text}]))
            .collect();
        let entries_of_gke: Vec<Value> = events.iter().map(gke).collect();
        let tail: String =
            texts.iter().map(|text| format!("2026-11-20T15:09:42.123000+00:00 {stream} {text}\n")).collect();
        let table: Vec<(&str, String)> = vec![
            ("aws logs filter-log-events", json!({"events": entries}).to_string()),
            ("the same, pretty", serde_json::to_string_pretty(&json!({"events": entries})).expect("JSON")),
            ("a subscription", json!({"messageType": "DATA_MESSAGE", "logEvents": entries}).to_string()),
            ("aws logs get-query-results", json!({"results": rows}).to_string()),
            ("aws logs tail", tail),
            ("AKS, lines", joined(&entry_of_aks)),
            ("AKS, event hub", json!({"records": entry_of_aks}).to_string()),
            ("GKE, lines", joined(&entries_of_gke)),
            ("GKE, gcloud", serde_json::to_string_pretty(&entries_of_gke).expect("JSON")),
        ];
        for (what, text) in table {
            let log = Log::in_memory().expect("memory");
            let report = take_with(&log, text.as_bytes(), &IngestOptions::default());
            assert_eq!(report.problem_count, 0, "{name}, {what}: {:?}", report.problems);
            let found = tales(&log);
            for (subject, tale) in &expected {
                assert_eq!(found.get(subject), Some(tale), "{name}, {what}: {subject:?}");
            }
            assert_eq!(found.len(), expected.len(), "{name}, {what}");
        }
    }
}

/// When each write arrived, by uid, version and whether it is a deletion.
fn arrivals(tsv: &[u8]) -> BTreeMap<(String, String, bool), String> {
    let text = String::from_utf8(tsv.to_vec()).expect("a table is UTF-8");
    let mut lines = text.lines();
    let headings: Vec<&str> = lines.next().expect("headings").split('\t').collect();
    let column = |name: &str| headings.iter().position(|heading| *heading == name).expect("a known heading");
    let (at, version, event, uid) = (column("received_utc"), column("resourceVersion"), column("event"), column("uid"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        ((cells[uid].to_owned(), cells[version].to_owned(), cells[event] == "DELETED"), cells[at].to_owned())
    };
    lines.map(row).collect()
}

/// An `AnyValue` of OTLP.
fn any_value(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let entries: Vec<Value> =
                fields.iter().map(|(key, value)| json!({"key": key, "value": any_value(value)})).collect();
            json!({"kvlistValue": {"values": entries}})
        }
        Value::Array(items) => json!({"arrayValue": {"values": items.iter().map(any_value).collect::<Vec<_>>()}}),
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
        Value::String(text) => json!({"stringValue": text}),
        Value::Null => json!({}),
    }
}

#[test]
fn recorders_tell_what_the_watch_tells() {
    for name in ["crashloop", "node-lost", "statefulset-recreate"] {
        let folder = captures_folder().join(name);
        let watch = file_of(&folder, "raw-watch.jsonl").expect("a watch");
        let arrivals = arrivals(&file_of(&folder, "status-by-rv.tsv").expect("the truth"));
        let expected = tales(&log_of(&[&watch]));
        let events: Vec<Value> =
            lines(&watch).iter().map(|line| value(line)).filter(|event| event["type"] != "BOOKMARK").collect();
        let arrival = |event: &Value| -> &str {
            let metadata = &event["object"]["metadata"];
            let word = |field: &str| metadata[field].as_str().expect("text").to_owned();
            &arrivals[&(word("uid"), word("resourceVersion"), event["type"] == "DELETED")]
        };
        let each = |make: &dyn Fn(&Value) -> Value| -> String {
            events.iter().map(|event| format!("{}\n", make(event))).collect()
        };
        let observation = |event: &Value| {
            let word = match event["type"].as_str() {
                Some("ADDED") => "add",
                Some("DELETED") => "delete",
                _ => "update",
            };
            json!({
                "group": "", "version": "v1", "resource": "pods", "uid": event["object"]["metadata"]["uid"],
                "object": event["object"], "observationType": word, "observationTime": arrival(event)
            })
        };
        let sloop: String = events
            .iter()
            .map(|event| {
                let at = ObservedAt::parse(arrival(event)).expect("a time").micros();
                let word = match event["type"].as_str() {
                    Some("ADDED") => "",
                    Some("DELETED") => "\n  watchType: 2",
                    _ => "\n  watchType: 1",
                };
                let payload = event["object"].to_string().replace('\'', "''");
                let (seconds, nanos) = (at / 1_000_000, at % 1_000_000 * 1_000);
                format!("- kind: Pod\n  payload: '{payload}'\n  timestamp:\n    nanos: {nanos}\n    seconds: {seconds}{word}\n")
            })
            .collect();
        let record = |body: Value| json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": body}]}]}]});
        let table: Vec<(&str, String, bool)> = vec![
            ("client-go", each(&|event| json!({"Type": event["type"], "Object": event["object"]})), false),
            (
                "the Python client",
                each(&|event| json!({"type": event["type"], "object": event["object"], "raw_object": event["object"]})),
                false,
            ),
            ("OpenTelemetry, text", each(&|event| record(json!({"stringValue": event.to_string()}))), false),
            ("OpenTelemetry, values", each(&|event| record(any_value(event))), false),
            ("resourcewatch", each(&observation), true),
            ("sloop", format!("Data:\n{sloop}"), true),
        ];
        for (what, text, has_clock) in table {
            let log = Log::in_memory().expect("memory");
            let report = take_with(&log, text.as_bytes(), &IngestOptions::default());
            assert_eq!(report.problem_count, 0, "{name}, {what}: {:?}", report.problems);
            assert_eq!(tales(&log), expected, "{name}, {what}");
            if has_clock {
                let entries: Vec<_> = reports(&log).into_iter().flat_map(|report| report.timeline.entries).collect();
                let exact = entries.iter().filter(|entry| entry.window.clock == Clock::Received).count();
                assert!(exact * 100 >= entries.len() * 90, "{name}, {what}: {exact} of {}", entries.len());
            }
        }
    }
}

#[test]
fn a_recording_of_kwok_tells_what_the_watch_tells() {
    let folder = captures_folder().join("kwok-recording");
    let watch = tales(&log_of(&[&file_of(&folder, "raw-watch.jsonl").expect("a watch")]));
    let log = Log::in_memory().expect("memory");
    let base_time = ObservedAt::parse("2026-11-20T16:11:36Z");
    let options = IngestOptions { base_time, ..IngestOptions::default() };
    let report = take_with(&log, &file_of(&folder, "kwok-pods.yaml").expect("a recording"), &options);
    assert_eq!(report.problem_count, 0, "{:?}", report.problems);
    let found = tales(&log);
    // Two pods were there when the recording began: of them it tells only what came later.
    let (mut same, mut later) = (0, 0);
    for (subject, tale) in &watch {
        let found = &found[subject];
        if found == tale {
            same += 1;
        } else {
            later += 1;
            assert_eq!(found[1..], tale[tale.len() + 1 - found.len()..], "{subject:?}");
        }
    }
    println!("kwok: {same} subjects agree, {later} began before the recording");
    assert!(same > 140 && later <= 14, "{same} and {later}");
    let unknown = take_with(
        &Log::in_memory().expect("memory"),
        &file_of(&folder, "kwok-pods.yaml").expect("it"),
        &IngestOptions::default(),
    );
    assert!(unknown.problems[0].message.contains("--base-time"), "{:?}", unknown.problems[0]);
}
