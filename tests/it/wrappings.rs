//! One audit log as shippers, clouds and search engines hand it out: whatever is wrapped around its events, the pods have the same
//! transitions, times and versions, and `export` gives back what came.

use std::collections::BTreeMap;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::common::{Dice, captures_folder, exported, file_of, lines, log_of, take, tales, told_with_times};
use podreplay::store::Log;

/// Something that wraps the events of a log.
struct Wrapping {
    name: &'static str,
    wrap: fn(&[String]) -> Vec<u8>,
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

fn value(event: &str) -> Value {
    serde_json::from_str(event).expect("an event is JSON")
}

fn each(events: &[String], line: impl Fn(&str) -> String) -> Vec<u8> {
    events.iter().map(|event| line(event) + "\n").collect::<String>().into_bytes()
}

fn each_json(events: &[String], wrap: impl Fn(&str) -> Value) -> Vec<u8> {
    each(events, |event| wrap(event).to_string())
}

/// All events in one document.
fn whole(events: &[String], entry: impl Fn(&str) -> Value, wrap: impl Fn(Vec<Value>) -> Value) -> Vec<u8> {
    wrap(events.iter().map(|event| entry(event)).collect()).to_string().into_bytes()
}

/// A document that is no record and longer than one.
fn longer(event: &str) -> String {
    json!({ "labels": "x".repeat(event.len()) }).to_string()
}

fn text(event: &str) -> Value {
    Value::String(event.to_owned())
}

fn log_events(events: &[String]) -> Value {
    let entry = |(id, event): (usize, &String)| json!({"id": id.to_string(), "timestamp": 1_795_187_387_593_u64, "message": event});
    json!({"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/eks/a/cluster", "logStream": "kube-apiserver-audit-1",
           "logEvents": events.iter().enumerate().map(entry).collect::<Vec<_>>()})
}

fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('"', "\"\""))
}

/// Without what says that it is an audit event.
fn bare(event: &str) -> Value {
    let mut event = value(event);
    let fields = event.as_object_mut().expect("an event is an object");
    fields.remove("kind");
    fields.remove("apiVersion");
    event
}

const STAMP: &str = "2026-11-20T15:09:47.593Z";

const WRAPPINGS: &[Wrapping] = &[
    Wrapping {
        name: "webhook EventList",
        wrap: |events| {
            whole(
                events,
                bare,
                |items| json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items}),
            )
        },
    },
    Wrapping {
        name: "webhook EventLists of five",
        wrap: |events| {
            events.chunks(5).flat_map(|some| whole(some, bare, |items| json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items})).into_iter().chain(*b"\n")).collect()
        },
    },
    Wrapping { name: "without kind and apiVersion", wrap: |events| each_json(events, bare) },
    Wrapping { name: "jq -s", wrap: |events| whole(events, value, Value::Array) },
    Wrapping {
        name: "jq -s, pretty",
        wrap: |events| {
            serde_json::to_vec_pretty(&events.iter().map(|event| value(event)).collect::<Vec<_>>()).expect("JSON")
        },
    },
    Wrapping {
        name: "pretty",
        wrap: |events| {
            events
                .iter()
                .flat_map(|event| serde_json::to_vec_pretty(&value(event)).expect("JSON").into_iter().chain(*b"\n"))
                .collect()
        },
    },
    Wrapping { name: "slashes behind backslashes", wrap: |events| each(events, |event| event.replace('/', "\\/")) },
    Wrapping {
        name: "YAML, a list of texts",
        wrap: |events| each(events, |event| format!("- '{}'", event.replace('\'', "''"))),
    },
    Wrapping { name: "YAML, a list of JSON texts", wrap: |events| each(events, |event| format!("- {}", text(event))) },
    Wrapping { name: "jq strings", wrap: |events| each_json(events, text) },
    Wrapping { name: "array of strings", wrap: |events| whole(events, text, Value::Array) },
    Wrapping {
        name: "Fluent Bit log",
        wrap: |events| each_json(events, |event| json!({"@timestamp": 1_764_730_101.9, "log": event})),
    },
    Wrapping {
        name: "Docker log",
        wrap: |events| {
            each_json(events, |event| json!({"log": format!("{event}\n"), "stream": "stdout", "time": STAMP}))
        },
    },
    Wrapping {
        name: "Fluent Bit log, and what it read of it",
        wrap: |events| {
            each_json(events, |event| json!({"@timestamp": STAMP, "log": event, "log_processed": value(event)}))
        },
    },
    Wrapping {
        name: "Logstash message",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"@version": "1", "@timestamp": STAMP, "message": event, "host": {"name": "a"}}),
            )
        },
    },
    Wrapping {
        name: "Filebeat message",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"@timestamp": STAMP, "@metadata": {"beat": "filebeat"}, "message": event, "log": {"offset": 1, "file": {"path": "/var/log/audit.log"}}}),
            )
        },
    },
    Wrapping {
        name: "Filebeat json",
        wrap: |events| {
            each_json(events, |event| json!({"@timestamp": STAMP, "json": value(event), "input": {"type": "log"}}))
        },
    },
    Wrapping {
        name: "Elastic kubernetes.audit",
        wrap: |events| each_json(events, |event| json!({"@timestamp": STAMP, "kubernetes": {"audit": value(event)}})),
    },
    Wrapping {
        name: "Elasticsearch _source",
        wrap: |events| each_json(events, |event| json!({"_index": "a", "_id": "1", "_source": value(event)})),
    },
    Wrapping {
        name: "Elasticsearch hits.hits",
        wrap: |events| {
            whole(
                events,
                |event| json!({"_index": "a", "_source": value(event)}),
                |hits| json!({"took": 1, "hits": {"total": {"value": 9}, "hits": hits}}),
            )
        },
    },
    Wrapping {
        name: "Elasticsearch hits.hits, message",
        wrap: |events| {
            whole(
                events,
                |event| json!({"_index": "a", "_source": {"message": event}}),
                |hits| json!({"took": 1, "hits": {"total": {"value": 9}, "hits": hits}}),
            )
        },
    },
    Wrapping {
        name: "Loki query_range",
        wrap: |events| {
            whole(
                events,
                |event| json!(["1795187387593000000", event]),
                |values| json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"job": "audit"}, "values": values}], "stats": {}}}),
            )
        },
    },
    Wrapping {
        name: "Loki query_range, two streams",
        wrap: |events| {
            let (one, other) = events.split_at(events.len() / 2);
            let values = |events: &[String]| {
                events.iter().map(|event| json!(["1795187387593000000", event])).collect::<Vec<_>>()
            };
            json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"node": "a"}, "values": values(one)}, {"stream": {"node": "b"}, "values": values(other)}]}}).to_string().into_bytes()
        },
    },
    Wrapping {
        name: "logcli",
        wrap: |events| {
            each(events, |event| {
                format!("2026-11-20T15:09:47Z {{filename=\"/var/log/audit.log\", job=\"audit\"}} {event}")
            })
        },
    },
    Wrapping {
        name: "logcli jsonl",
        wrap: |events| {
            each_json(events, |event| json!({"labels": {"job": "audit"}, "line": event, "timestamp": STAMP}))
        },
    },
    Wrapping {
        name: "Splunk JSON",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"preview": false, "offset": 1, "result": {"_raw": event, "_time": STAMP, "host": "a"}}),
            )
        },
    },
    Wrapping {
        name: "Splunk results",
        wrap: |events| {
            whole(
                events,
                |event| json!({"_raw": event, "_time": STAMP}),
                |results| json!({"preview": false, "init_offset": 0, "results": results}),
            )
        },
    },
    Wrapping {
        name: "Splunk CSV",
        wrap: |events| {
            let mut out = b"\"_raw\",\"_time\",host\n".to_vec();
            out.extend(each(events, |event| format!("{},\"{STAMP}\",a", quoted(event))));
            out
        },
    },
    Wrapping {
        name: "CSV with attributes before the message",
        wrap: |events| {
            let mut out = b"time,attributes,message\n".to_vec();
            out.extend(each(events, |event| format!("{STAMP},{},{}", quoted("{\"app\":\"audit\"}"), quoted(event))));
            out
        },
    },
    Wrapping {
        name: "CSV with attributes that are longer than the message",
        wrap: |events| {
            let mut out = b"time,message,attributes\n".to_vec();
            out.extend(each(events, |event| format!("{STAMP},{},{}", quoted(event), quoted(&longer(event)))));
            out
        },
    },
    Wrapping {
        name: "labels that are longer than the event before them",
        wrap: |events| each(events, |event| format!("{STAMP} host audit: {event} {}", longer(event))),
    },
    Wrapping {
        name: "CSV with semicolons",
        wrap: |events| {
            let mut out = b"time;message;host\n".to_vec();
            out.extend(each(events, |event| format!("{STAMP};{};a", quoted(event))));
            out
        },
    },
    Wrapping {
        name: "CSV of pretty documents",
        wrap: |events| {
            let pretty = |event: &str| serde_json::to_string_pretty(&value(event)).expect("JSON");
            let row = |event: &str| format!("2026-11-20 15:09:47,{}\n", quoted(&pretty(event)));
            ["time,message\n".to_owned(), events.iter().map(|event| row(event)).collect()].concat().into_bytes()
        },
    },
    Wrapping {
        name: "CloudWatch Insights CSV",
        wrap: |events| {
            let mut out = b"@timestamp,@message\n".to_vec();
            out.extend(each(events, |event| format!("2026-11-20 15:09:47.593,{}", quoted(event))));
            out
        },
    },
    Wrapping {
        name: "CloudWatch Insights JSON",
        wrap: |events| {
            whole(
                events,
                |event| json!([{"field": "@timestamp", "value": STAMP}, {"field": "@message", "value": event}, {"field": "@ptr", "value": "x"}]),
                |results| json!({"results": results, "status": "Complete"}),
            )
        },
    },
    Wrapping {
        name: "get-log-events text",
        wrap: |events| each(events, |event| format!("EVENTS\t1795187387600\t{event}\t1795187387593")),
    },
    Wrapping {
        name: "get-log-events JSON",
        wrap: |events| {
            whole(
                events,
                |event| json!({"timestamp": 1, "message": event, "ingestionTime": 2}),
                |events| json!({"events": events, "nextForwardToken": "f"}),
            )
        },
    },
    Wrapping { name: "subscription filter", wrap: |events| log_events(events).to_string().into_bytes() },
    Wrapping {
        name: "awslogs.data",
        wrap: |events| {
            json!({"awslogs": {"data": STANDARD.encode(gzip(log_events(events).to_string().as_bytes()))}})
                .to_string()
                .into_bytes()
        },
    },
    Wrapping {
        name: "Kinesis records",
        wrap: |events| {
            let record = |some: &[String]| json!({"kinesis": {"kinesisSchemaVersion": "1.0", "data": STANDARD.encode(gzip(log_events(some).to_string().as_bytes()))}, "eventSource": "aws:kinesis"});
            json!({"Records": events.chunks(7).map(record).collect::<Vec<_>>()}).to_string().into_bytes()
        },
    },
    Wrapping {
        name: "Firehose records",
        wrap: |events| {
            let record = |some: &[String]| json!({"recordId": "1", "approximateArrivalTimestamp": 1, "data": STANDARD.encode(gzip(log_events(some).to_string().as_bytes()))});
            json!({"invocationId": "i", "records": events.chunks(7).map(record).collect::<Vec<_>>()})
                .to_string()
                .into_bytes()
        },
    },
    Wrapping {
        name: "Firehose objects run together",
        wrap: |events| events.chunks(7).map(|some| log_events(some).to_string()).collect::<String>().into_bytes(),
    },
    Wrapping { name: "events run together", wrap: |events| events.concat().into_bytes() },
    Wrapping {
        name: "AzureDiagnostics rows",
        wrap: |events| {
            whole(
                events,
                |event| json!({"Category": "kube-audit", "TimeGenerated": STAMP, "log_s": event}),
                Value::Array,
            )
        },
    },
    Wrapping {
        name: "Azure query API",
        wrap: |events| {
            whole(
                events,
                |event| json!([STAMP, "kube-audit", event]),
                |rows| json!({"tables": [{"name": "PrimaryResult", "columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Category", "type": "string"}, {"name": "log_s", "type": "string"}], "rows": rows}]}),
            )
        },
    },
    Wrapping {
        name: "AKS properties.log as text",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"time": STAMP, "category": "kube-audit", "properties": {"log": event, "stream": "stdout"}}),
            )
        },
    },
    Wrapping {
        name: "AKS properties.log as object",
        wrap: |events| {
            each_json(events, |event| json!({"category": "kube-audit-admin", "properties": {"log": value(event)}}))
        },
    },
    Wrapping {
        name: "AKS properties as text",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"category": "kube-audit", "properties": json!({"log": event}).to_string()}),
            )
        },
    },
    Wrapping {
        name: "event hub records",
        wrap: |events| {
            whole(
                events,
                |event| json!({"category": "kube-audit", "properties": {"log": event}}),
                |records| json!({"records": records}),
            )
        },
    },
    Wrapping {
        name: "Pub/Sub message.data",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"message": {"data": STANDARD.encode(event), "messageId": "1", "publishTime": STAMP}, "subscription": "s"}),
            )
        },
    },
    Wrapping {
        name: "Pub/Sub pull",
        wrap: |events| {
            whole(events, |event| json!({"ackId": "a", "message": {"data": STANDARD.encode(event)}}), Value::Array)
        },
    },
    Wrapping {
        name: "Datadog",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"id": "A", "type": "log", "attributes": {"timestamp": STAMP, "service": "audit", "attributes": value(event)}}),
            )
        },
    },
    Wrapping {
        name: "journald MESSAGE",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"__REALTIME_TIMESTAMP": "1795187387593000", "_PID": "1", "MESSAGE": event}),
            )
        },
    },
    Wrapping {
        name: "journald MESSAGE as bytes",
        wrap: |events| {
            each_json(events, |event| json!({"__REALTIME_TIMESTAMP": "1795187387593000", "MESSAGE": event.as_bytes()}))
        },
    },
    Wrapping {
        name: "syslog",
        wrap: |events| {
            each(events, |event| format!("<134>1 {STAMP} host kube-apiserver 7 ID1 [meta@1 iut=\"3\"] {event}"))
        },
    },
    Wrapping {
        name: "syslog of BSD",
        wrap: |events| each(events, |event| format!("Nov 20 15:09:47 host kube-apiserver[7]: {event}")),
    },
    Wrapping {
        name: "syslog with counted octets, run together",
        wrap: |events| {
            let line = |event: &String| format!("<134>1 {STAMP} host kube-apiserver 7 ID1 - {event}");
            events.iter().map(line).map(|line| format!("{} {line}", line.len())).collect::<String>().into_bytes()
        },
    },
    Wrapping {
        name: "CRI",
        wrap: |events| each(events, |event| format!("2026-11-20T15:09:47.593123456Z stdout F {event}")),
    },
    Wrapping { name: "a word in front", wrap: |events| each(events, |event| format!("audit: {event}")) },
    Wrapping {
        name: "logfmt",
        wrap: |events| each(events, |event| format!("ts={STAMP} level=info msg={}", text(event))),
    },
    Wrapping {
        name: "OTLP body string",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": [{"timeUnixNano": "1795187387593000000", "body": {"stringValue": event}}]}]}]}),
            )
        },
    },
    Wrapping {
        name: "CloudEvents data",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"specversion": "1.0", "type": "audit", "source": "/a", "id": "1", "datacontenttype": "application/json", "data": value(event)}),
            )
        },
    },
    Wrapping {
        name: "CloudEvents data_base64",
        wrap: |events| {
            each_json(
                events,
                |event| json!({"specversion": "1.0", "type": "audit", "source": "/a", "id": "1", "data_base64": STANDARD.encode(event)}),
            )
        },
    },
    Wrapping {
        name: "Panther",
        wrap: |events| {
            each_json(events, |event| {
                let mut event = value(event);
                event["p_log_type"] = "Amazon.EKS.Audit".into();
                event["p_event_time"] = STAMP.into();
                event["p_any_usernames"] = json!(["a"]);
                event
            })
        },
    },
    Wrapping {
        name: "ViaQ",
        wrap: |events| {
            each_json(events, |event| {
                let mut event = value(event);
                event["k8s_audit_level"] = event["level"].take();
                event["level"] = "default".into();
                event["@timestamp"] = STAMP.into();
                event["openshift"] = json!({"sequence": 1});
                event
            })
        },
    },
    Wrapping {
        name: "gzip in base64 in a string",
        wrap: |events| each_json(events, |event| json!({"payload": STANDARD.encode(gzip(event.as_bytes()))})),
    },
    Wrapping {
        name: "newest first",
        wrap: |events| each(&events.iter().rev().cloned().collect::<Vec<_>>(), str::to_owned),
    },
];

/// The events of a capture's audit log.
fn events_of(capture: &str) -> Vec<String> {
    let log = file_of(&captures_folder().join(capture), "audit.jsonl").expect("a capture with an audit log");
    lines(&log).into_iter().map(|line| String::from_utf8(line).expect("JSON").trim_end().to_owned()).collect()
}

/// The transitions of each pod with their times and versions, and what of its life is not known.
fn told(log: &Log) -> BTreeMap<String, Vec<String>> {
    tales(log, |report| {
        let gaps = report.gaps.iter().map(|gap| format!("{:?} {:?} {:?}", gap.kind, gap.from, gap.until));
        told_with_times(report).into_iter().chain(gaps).collect()
    })
}

/// What of a log is a problem.
fn problems(bytes: &[u8]) -> (Log, Vec<String>) {
    let log = Log::in_memory().expect("memory");
    let report = take(&log, bytes);
    let problems = report.problems.iter().map(ToString::to_string).collect();
    (log, problems)
}

#[test]
fn every_wrapping_tells_the_same() {
    assert!(WRAPPINGS.len() >= 45, "{}", WRAPPINGS.len());
    let mut wrong = Vec::new();
    for capture in ["crashloop", "oom"] {
        let events = events_of(capture);
        let plain: Vec<u8> = each(&events, str::to_owned);
        let expected = told(&log_of(&[&plain]));
        assert!(!expected.is_empty());
        // The second is for what is deleted as a collection: a few wrappings of each kind.
        let step = if capture == "oom" { 5 } else { 1 };
        for Wrapping { name, wrap } in WRAPPINGS.iter().step_by(step) {
            let wrapped = wrap(&events);
            let (log, problems) = problems(&wrapped);
            let found = told(&log);
            if found != expected || !problems.is_empty() {
                wrong.push(format!("{capture}, {name}: {} pods of {}, {problems:?}", found.len(), expected.len()));
                continue;
            }
            let back = exported(&log);
            if told(&log_of(&[&back])) != expected {
                wrong.push(format!("{capture}, {name}: what was exported tells something else"));
            }
            let own: Vec<Vec<u8>> = lines(&wrapped);
            if own.len() > events.len() / 2
                && !["pretty", "YAML"].iter().any(|word| name.contains(word))
                && !lines(&back).iter().all(|line| own.contains(line))
            {
                wrong.push(format!("{capture}, {name}: a line comes back changed"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where each event is about a pod, a node or an Event, nothing of what was wrapped around them is lost either. Documents that
/// stand on several lines, or run together, come back one a line, and YAML as JSON.
#[test]
fn what_was_wrapped_comes_back_byte_for_byte() {
    let all = each(&events_of("crashloop"), str::to_owned);
    let kept = lines(&exported(&log_of(&[&all])));
    let events: Vec<String> = kept.into_iter().map(|line| String::from_utf8(line).expect("JSON")).collect();
    let events: Vec<String> = events.iter().map(|line| line.trim_end().to_owned()).collect();
    assert!(events.len() > 30, "{}", events.len());
    let documents = |bytes: &[u8]| -> Vec<Value> {
        serde_json::Deserializer::from_slice(bytes).into_iter().map(|document| document.expect("JSON")).collect()
    };
    let mut changed = Vec::new();
    for Wrapping { name, wrap } in WRAPPINGS {
        let mut wrapped = wrap(&events);
        if !wrapped.ends_with(b"\n") {
            wrapped.push(b'\n');
        }
        let back = exported(&log_of(&[&wrapped]));
        let is_laid_out = ["pretty", "run together", "YAML"].iter().any(|word| name.contains(word));
        let is_same = || match name.contains("CSV") {
            true => back
                .iter()
                .filter(|it| !it.is_ascii_whitespace())
                .eq(wrapped.iter().filter(|it| !it.is_ascii_whitespace())),
            false if name.contains("YAML") => back == [&*whole(&events, text, Value::Array), b"\n"].concat(),
            false => documents(&back) == documents(&wrapped),
        };
        if back != wrapped && !(is_laid_out && is_same()) {
            changed.push(format!("{name}: {} bytes of {}", back.len(), wrapped.len()));
        }
    }
    assert_eq!(changed, Vec::<String>::new());
}

/// A log that begins in the middle of a line, and one whose lines a shipper keeps up to a length: each line that lacks a part is a
/// problem, the others are read.
#[test]
fn a_line_that_was_cut_is_a_problem() {
    const LENGTH_MAX: usize = 8192;
    let events = events_of("oom");
    let plain = each(&events, str::to_owned);
    for begin in [1, 60, 400, 800] {
        let (log, problems) = problems(&plain[begin..]);
        assert_eq!(problems.len(), 1, "from byte {begin}: {problems:?}");
        assert_eq!(told(&log), told(&log_of(&[&plain[events[0].len()..]])), "from byte {begin}");
    }
    for before in
        ["<134>1 2026-11-20T15:09:47Z host kube-apiserver 7 ID1 [meta@1 iut=\"3\"]", "Nov 20 15:09:47 host audit:"]
    {
        let line = |event: &str| format!("{before} {event}");
        let is_long = |event: &&String| line(event).len() > LENGTH_MAX;
        let (_, problems) = problems(&each(&events, |event| line(event).chars().take(LENGTH_MAX).collect()));
        assert_eq!(problems.len(), events.iter().filter(is_long).count(), "{before}: {problems:?}");
        assert!(problems.len() > 10, "{before}");
        // After a whole one on the same line.
        let both = |event: &str| format!("{before} {}{}", events[0], &event[..event.len() / 2]);
        let (log, found) = self::problems(&each(&events[1..3], both));
        assert_eq!((found.len(), log.reader().last_seq().expect("readable")), (2, 2), "{before}: {found:?}");
    }
}

/// A program that logs parts of objects does not write records that were cut.
#[test]
fn what_a_program_says_of_objects_is_no_problem() {
    let said = [
        "I1120 15:09:47.1 7 reflector.go:255] Listing *v1.Pod resourceVersion=0 {",
        "2026-11-20T15:09:47Z stdout F I1120 15:09:47.1 1 round_trippers.go:580] Response Body: {\"kind\":\"ConfigMap\",\"auditID\":\"a\",\"x\":\"yy [truncated 1234 chars]",
        "level=info msg=\"patch {metadata: {resourceVersion: 12}\"",
    ];
    let events = events_of("oom");
    for line in said {
        let records = each(&events, |event| format!("{STAMP} stdout F {event}"));
        let (log, problems) = problems(&[records, line.as_bytes().to_vec(), b"\n".to_vec()].concat());
        assert_eq!(problems, Vec::<String>::new(), "{line}");
        assert!(!told(&log).is_empty());
    }
}

/// Where records stand behind each other on one line, each has the time in front of it.
#[test]
fn each_record_of_a_line_has_its_own_time() {
    let watch = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a watch");
    let watch = lines(&watch).into_iter().map(|line| String::from_utf8(line).expect("JSON").trim_end().to_owned());
    let stamped = watch.filter(|line| !line.contains("BOOKMARK")).take(8).zip(10..);
    let stamped: Vec<String> = stamped.map(|(line, minute)| format!("2026-11-20T16:{minute}:00Z {line}")).collect();
    let told = |text: String| told(&log_of(&[text.as_bytes()]));
    assert_eq!(told(stamped.join(" ") + "\n"), told(stamped.join("\n") + "\n"));
}

/// Wraps a document at random.
fn wrap_at_random(mut inner: Value, dice: &mut Dice) -> Value {
    const KEYS: [&str; 8] = ["a", "payload", "message", "body", "record", "data", "x-y", "Event"];
    let (mut depth, mut layers) = (0, 0);
    for _ in 0..1 + dice.below(6) {
        let key = KEYS[dice.below(KEYS.len())];
        inner = match dice.below(6) {
            0 if layers < 3 => {
                layers += 1;
                Value::String(inner.to_string())
            }
            1 if layers < 2 => {
                layers += 2;
                Value::String(STANDARD.encode(gzip(inner.to_string().as_bytes())))
            }
            2 if layers < 3 => {
                layers += 1;
                Value::String(STANDARD.encode(inner.to_string()))
            }
            3 => json!([inner]),
            4 => json!({ key: inner, "time": STAMP, "n": 7, "tags": ["a", "b"] }),
            _ => json!({ key: inner }),
        };
        depth += 1;
    }
    assert!(depth <= 6);
    if inner.is_string() { json!({ "log": inner }) } else { inner }
}

#[test]
fn a_wrapper_that_nobody_named_is_read() {
    let events = events_of("crashloop");
    let expected = told(&log_of(&[&each(&events, str::to_owned)]));
    let mut dice = Dice(15);
    for round in 0..30 {
        let seed = dice.below(1 << 30) as u64;
        // The same wrapping for all events of one log, as a shipper has it.
        let wrapped = each_json(&events, |event| wrap_at_random(value(event), &mut Dice(seed)));
        let (log, problems) = problems(&wrapped);
        let head = String::from_utf8_lossy(&wrapped[..300.min(wrapped.len())]).into_owned();
        assert_eq!(problems, [""; 0], "{round}: {head}");
        assert_eq!(told(&log), expected, "{round}: {head}");
        assert_eq!(told(&log_of(&[&exported(&log)])), expected, "{round}: {head}");
    }
}
