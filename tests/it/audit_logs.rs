//! What an audit log knows besides the writes it answers: deletions by a finalizer, several logs of one cluster, objects that
//! somebody read, requests that were refused.

use crate::common::{
    Dice, captures, captures_folder, events, exported, file_of, lines, log_of, reports, take, told_with_times,
};
use podreplay::model::EventKind;
use podreplay::ops::Reading;
use podreplay::ops::recordings::sum_up;
use podreplay::ops::related::Notes;
use podreplay::report::{Note, PodReport};
use serde_json::{Value, json};

const UID: &str = "11111111-2222-4333-8444-555555555555";

/// A pod of version `version`, with more in its metadata.
fn pod(version: &str, more: &Value) -> Value {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "team", "name": "web", "uid": UID, "resourceVersion": version,
            "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [{"name": "app", "image": "x"}], "nodeName": "node-a"},
        "status": {"phase": "Succeeded"}});
    let fields = pod["metadata"].as_object_mut().expect("it is one");
    fields.extend(more.as_object().expect("fields").clone());
    pod
}

/// A line of an audit log about `team/web`: `VERB[/SUBRESOURCE]`, answered at a second of one minute.
fn audit(id: &str, verb: &str, second: &str, request: &Value, response: &Value) -> Value {
    let (verb, subresource) = verb.split_once('/').unwrap_or((verb, ""));
    let (level, at) = ("RequestResponse", format!("2026-01-01T00:00:{second}Z"));
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": level, "auditID": id, "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/team/pods/web", "verb": verb, "userAgent": "kubectl/v1.36.0",
        "objectRef": {"resource": "pods", "namespace": "team", "name": "web", "subresource": subresource},
        "responseStatus": {"code": 200}, "requestObject": request, "responseObject": response,
        "requestReceivedTimestamp": at, "stageTimestamp": at})
}

fn text(lines: &[Value]) -> Vec<u8> {
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

/// The same log of level Request.
fn at_request(log: &[Value]) -> Vec<Value> {
    let mut log = log.to_vec();
    for event in &mut log {
        event["level"] = json!("Request");
        event.as_object_mut().expect("an event").remove("responseObject");
    }
    log
}

/// The events of the only pod, `KIND [VERSION] AT..AT_LATEST` a line.
fn told(files: &[Vec<u8>]) -> Vec<String> {
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    // What names no uid has a row of its own, without an event where it was found to be about another.
    let mut pods = events(&log_of(&files));
    pods.retain(|_, events| !events.is_empty());
    assert_eq!(pods.keys().collect::<Vec<_>>(), [UID], "one pod");
    let time = |at: Option<podreplay::model::ObservedAt>| {
        at.map_or("?".to_owned(), |at| at.to_string()[17..].trim_end_matches('Z').to_owned())
    };
    let line = |event: &podreplay::model::WatchEvent| {
        let (at, latest) = (time(event.window.at), time(event.window.at_latest));
        format!("{} {at}..{latest}", event.kind.as_str())
    };
    pods[UID].iter().map(line).collect()
}

#[test]
fn a_patch_that_takes_the_last_finalizer_is_the_deletion() {
    let deleting = json!({"deletionTimestamp": "2026-01-01T00:00:05Z", "deletionGracePeriodSeconds": 0});
    let held = |more: &Value| {
        let mut more = more.clone();
        more["finalizers"] = json!(["example.com/hold"]);
        more
    };
    let (new, marked) = (pod("10", &held(&json!({}))), pod("12", &held(&deleting)));
    let (left, gone) = (pod("12", &deleting), pod("15", &deleting));
    for body in [
        json!([{"op": "remove", "path": "/metadata/finalizers"}]),
        json!({"metadata": {"finalizers": null}}),
        json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/hold"]}}),
    ] {
        let patch = audit("3", "patch", "40", &body, &left);
        let log = [
            audit("1", "create", "00", &new, &new),
            audit("2", "delete", "05", &json!({"gracePeriodSeconds": 0}), &marked),
            patch.clone(),
        ];
        let watch = [
            json!({"type": "ADDED", "object": new}),
            json!({"type": "MODIFIED", "object": marked}),
            json!({"type": "DELETED", "object": gone}),
        ];
        let last = |files: &[Vec<u8>]| told(files).pop().expect("an event");
        let (log_text, watch_text) = (text(&log), text(&watch));
        assert_eq!(last(std::slice::from_ref(&watch_text)), "DELETED 05..?", "{body}");
        for files in [
            vec![log_text.clone()],
            vec![text(&at_request(&log))],
            vec![watch_text.clone(), log_text.clone()],
            vec![log_text.clone(), watch_text.clone()],
            vec![watch_text, text(&at_request(&log))],
            vec![text(&[patch])],
        ] {
            let all = told(&files);
            assert_eq!(all.last().map(String::as_str), Some("DELETED 40..40"), "{body}: {all:?}");
            assert_eq!(all.iter().filter(|line| line.starts_with("DELETED")).count(), 1, "{body}: {all:?}");
        }
    }
}

/// Everything that is told of each pod but the positions in the log.
fn whole(files: &[Vec<u8>]) -> Vec<String> {
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let report = |report: &podreplay::report::PodReport| {
        let gaps = report.gaps.iter().map(|gap| format!("{:?} {:?} {:?}", gap.kind, gap.from, gap.until));
        let gaps: Vec<String> = gaps.collect();
        format!("{:?} {gaps:?} {:?} {:#?}", report.identity, report.recorded_until, told_with_times(report))
    };
    reports(&log_of(&files)).iter().map(report).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The audit log of each capture, as it is and as other policies write it.
fn every_log() -> Vec<(String, Vec<Vec<u8>>)> {
    let mut logs = Vec::new();
    for capture in captures() {
        let Some(audit) = file_of(&capture, "audit.jsonl") else { continue };
        let name = capture.display().to_string();
        let without = |keys: &[&str]| -> Vec<Vec<u8>> {
            let lower = |line: Vec<u8>| {
                let mut event: Value = serde_json::from_slice(&line).expect("a line is JSON");
                let is_status = event["objectRef"]["subresource"] == "status";
                for key in keys.iter().filter(|_| is_status || keys.len() > 1) {
                    event.as_object_mut().expect("an event").remove(*key);
                }
                format!("{event}\n").into_bytes()
            };
            lines(&audit).into_iter().map(lower).collect()
        };
        logs.push((format!("{name} at Metadata"), without(&["requestObject", "responseObject"])));
        logs.push((format!("{name} at Request"), without(&["responseObject"])));
        logs.push((name, lines(&audit)));
    }
    assert!(logs.len() >= 84, "the captures are there: {}", logs.len());
    logs
}

#[test]
fn logs_of_several_api_servers_are_one_log() {
    let mut dice = Dice(15);
    for (place, (name, lines)) in every_log().into_iter().enumerate() {
        let expected = whole(&[lines.concat()]);
        let mut servers = vec![Vec::new(); 3];
        for line in &lines {
            servers[dice.below(3)].extend_from_slice(line);
        }
        let reversed: Vec<Vec<u8>> = lines.iter().rev().cloned().collect();
        let backwards: Vec<Vec<u8>> = servers.iter().rev().cloned().collect();
        let spaced: Vec<u8> = lines.iter().flat_map(|line| [b" ".as_slice(), line].concat()).collect();
        // Each log in two of the ways.
        let mut ways = [
            ("over three servers", servers),
            ("over three servers, the last first", backwards),
            ("newest first", vec![reversed.concat()]),
            ("twice", vec![lines.concat(), spaced]),
            ("twice in one file", vec![[lines.concat(), lines.concat()].concat()]),
        ];
        ways.rotate_left(place % 5);
        for (how, files) in ways.into_iter().take(2) {
            assert_same(&whole(&files), &expected, &format!("{name}, {how}"));
        }
    }
}

fn assert_same(found: &[String], expected: &[String], case: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{case}");
    }
    assert_eq!(found.len(), expected.len(), "{case}");
}

#[test]
fn audit_logs_that_are_far_apart_leave_a_gap() {
    let patch = |version: &str, at: &str| {
        let labels = json!({"metadata": {"labels": {"version": version}}});
        let mut event = audit(version, "patch", "00", &labels, &pod(version, &json!({"labels": {"version": version}})));
        for key in ["requestReceivedTimestamp", "stageTimestamp"] {
            event[key] = json!(at);
        }
        text(&[event])
    };
    for (second, gaps) in [("2026-01-01T00:09:00Z", 0), ("2026-01-02T00:00:00Z", 1)] {
        let log = log_of(&[&patch("10", "2026-01-01T00:00:01Z"), &patch("20", second)]);
        let found = reports(&log).remove(0).gaps;
        let between = |gap: &&podreplay::history::Gap| gap.kind == podreplay::history::GapKind::BetweenRecordings;
        assert_eq!(found.iter().filter(between).count(), gaps, "{second}: {found:?}");
    }
}

#[test]
fn a_request_in_two_logs_counts_once() {
    let patch = |id: &str, second: &str, phase: &str| {
        audit(
            id,
            "patch/status",
            second,
            &json!({"metadata": {"uid": UID}, "status": {"message": phase}}),
            &Value::Null,
        )
    };
    let log = |seconds: [&str; 2]| text(&at_request(&[patch("a", seconds[0], "one"), patch("b", seconds[1], "two")]));
    // Who ships one of them cuts the times to milliseconds.
    let (whole, cut) = (log(["01.000123", "01.000456"]), log(["01.000", "01.000"]));
    let alone = told(std::slice::from_ref(&whole));
    assert_eq!(alone.len(), 2, "two requests within a millisecond: {alone:?}");
    for files in [vec![whole.clone(), cut.clone()], vec![cut, whole]] {
        assert_eq!(told(&files).len(), 2, "{:?}", told(&files));
    }
}

#[test]
fn a_binding_that_a_watch_shows_is_one_write_at_its_own_stamp() {
    let waiting = |status: &str, at: &str, version: &str| {
        let fields = json!([{"manager": "kube-scheduler", "operation": "Update", "time": "2026-01-01T00:00:00Z"}]);
        let mut pod = pod(version, &json!({"managedFields": fields}));
        pod["status"] = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": status,
            "lastTransitionTime": format!("2026-01-01T00:00:{at}Z")}]});
        if status == "False" {
            pod["spec"].as_object_mut().expect("it is one").remove("nodeName");
        }
        pod
    };
    let (before, after) = (waiting("False", "00", "10"), waiting("True", "39", "12"));
    let watch = text(&[json!({"type": "ADDED", "object": before}), json!({"type": "MODIFIED", "object": after})]);
    let body = json!({"metadata": {"name": "web", "uid": UID}, "target": {"kind": "Node", "name": "node-a"}});
    let binding = audit("2", "create/binding", "39.6", &body, &json!({"kind": "Status", "status": "Success"}));
    let log = text(&[audit("1", "create", "00.1", &before, &before), binding]);
    assert_eq!(told(std::slice::from_ref(&watch))[1], "MODIFIED 39..40");
    for files in [vec![watch.clone(), log.clone()], vec![log, watch]] {
        assert_eq!(told(&files), ["ADDED 00.100..00.100", "MODIFIED 39.600..39.600"]);
    }
}

#[test]
fn an_object_that_somebody_read_was_written_before() {
    let patch = |version: &str, second: &str| {
        let labels = json!({"metadata": {"labels": {"version": version}}});
        audit(version, "patch", second, &labels, &pod(version, &json!({"labels": {"version": version}})))
    };
    let get = |version: &str, second: &str| {
        let object = pod(version, &json!({"labels": {"version": version}}));
        audit("g", "get", second, &Value::Null, &object)
    };
    for (log, expected) in [
        (vec![get("10", "00.2")], vec!["OBSERVED 00..00.200"]),
        // Of two readings the first.
        (vec![get("10", "09"), get("10", "07")], vec!["OBSERVED 00..07"]),
        // Read from a cache that is behind: the version says where it belongs.
        (vec![patch("10", "03"), patch("12", "05"), get("10", "08")], vec!["MODIFIED 03..03", "MODIFIED 05..05"]),
        (
            vec![patch("10", "03"), get("12", "08"), patch("14", "09")],
            vec!["MODIFIED 03..03", "OBSERVED 03..08", "MODIFIED 09..09"],
        ),
    ] {
        assert_eq!(told(&[text(&log)]), expected, "{log:?}");
        let backwards: Vec<Value> = log.iter().rev().cloned().collect();
        assert_eq!(told(&[text(&backwards)]), expected, "{backwards:?}");
    }
}

/// An answer to `list` at a second: a pod for each version.
fn list(versions: &[&str], second: &str) -> Value {
    let item = |version: &&str| {
        let mut item = pod(version, &json!({"labels": {"version": version}}));
        // Items do not say what they are.
        for key in ["kind", "apiVersion"] {
            item.as_object_mut().expect("it is one").remove(key);
        }
        item
    };
    let items: Vec<Value> = versions.iter().map(item).collect();
    let answer = json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "99"}, "items": items});
    audit("l", "list", second, &Value::Null, &answer)
}

#[test]
fn the_pods_of_a_list_were_written_before_it() {
    let patch = |version: &str, second: &str| {
        let labels = json!({"metadata": {"labels": {"version": version}}});
        audit(version, "patch", second, &labels, &pod(version, &json!({"labels": {"version": version}})))
    };
    for (log, expected) in [
        (vec![list(&["10"], "00.2")], vec!["OBSERVED 00..00.200"]),
        (vec![list(&["10"], "09"), list(&["10", "10"], "07")], vec!["OBSERVED 00..07"]),
        (
            vec![patch("10", "03"), list(&["12"], "08"), patch("14", "09")],
            vec!["MODIFIED 03..03", "OBSERVED 03..08", "MODIFIED 09..09"],
        ),
        // A list without a pod may be of others.
        (vec![patch("10", "03"), list(&[], "08"), patch("14", "09")], vec!["MODIFIED 03..03", "MODIFIED 09..09"]),
    ] {
        assert_eq!(told(&[text(&log)]), expected, "{log:?}");
        let backwards: Vec<Value> = log.iter().rev().cloned().collect();
        assert_eq!(told(&[text(&backwards)]), expected, "{backwards:?}");
        // As entries of a batch too.
        assert_eq!(told(&[json!({"items": log, "kind": "EventList"}).to_string().into_bytes()]), expected, "{log:?}");
        let told: Vec<Value> =
            log.iter().filter(|event| event["responseObject"]["items"] != json!([])).cloned().collect();
        assert_eq!(exported(&log_of(&[&text(&log)])), text(&told));
    }
    let other = |kind: &str| {
        let mut event = list(&["10"], "08");
        event["responseObject"]["kind"] = json!(kind);
        take(&log_of(&[]), &text(&[event])).records
    };
    assert_eq!((other("PodList"), other("Table"), other("PartialObjectMetadataList")), (3, 0, 0));
}

/// `TIME WHAT CODE by USER: MESSAGE` of what was asked of each pod and refused.
fn refused_of(log: &podreplay::store::Log, report: &PodReport) -> Vec<String> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let mut rows = crate::common::pods(log);
    rows.retain(|row| row.identity == report.identity);
    let notes = Notes::new(&reading).with_refused_of(&rows[0], report).expect("a readable log");
    let line = |note: &Note| match note {
        Note::Refused(note) => {
            let it = &note.refused;
            let (at, what, count) = (it.at.to_string(), it.what(), note.count);
            Some(format!(
                "{} {} {what} {} x{count} by {}: {}",
                &at[11..19],
                it.target.name,
                it.code,
                it.user,
                it.told()
            ))
        }
        Note::Event(_) | Note::Node(_) => None,
    };
    notes.iter().filter_map(line).collect()
}

#[test]
fn refused_requests_are_kept_beside_the_pods_they_were_about() {
    let audit = file_of(&captures_folder().join("drain-eviction-pdb"), "audit.jsonl").expect("the capture has one");
    let is_refused = |line: &Vec<u8>| {
        let event: Value = serde_json::from_slice(line).expect("a line is JSON");
        let code = event["responseStatus"]["code"].as_i64().unwrap_or(200);
        event["objectRef"]["resource"] == "pods" && event["verb"] != "get" && code >= 400
    };
    let (refused, others): (Vec<Vec<u8>>, Vec<Vec<u8>>) = lines(&audit).into_iter().partition(is_refused);
    assert_eq!(refused.len(), 5, "the capture has refused requests");
    // They change nothing of what is told of the pods, wherever they stand.
    let without = whole(&[others.concat()]);
    assert_eq!(whole(std::slice::from_ref(&audit)), without);
    assert_eq!(whole(&[others.concat(), refused.concat()]), without);
    assert_eq!(whole(&[[refused.concat(), others.concat()].concat()]), without);

    let log = log_of(&[]);
    let report = take(&log, &audit);
    assert_eq!((report.refused, report.problem_count), (5, 0));
    let sums = sum_up(&Reading::new(&log.reader())).expect("a readable log");
    let refusals = sums.recordings[0].audit.as_ref().map(|audit| {
        audit.refused.iter().map(|sum| format!("{} {} {}", sum.count, sum.what, sum.code)).collect::<Vec<_>>()
    });
    assert_eq!(refusals.unwrap_or_default(), ["4 eviction 429", "1 create 403"]);
    let kept = exported(&log);
    assert!(refused.iter().all(|line| lines(&kept).contains(line)), "they are given back as they came");
    // In two logs each counts once.
    let twice = log_of(&[&audit, &[b" ".as_slice(), &audit].concat()]);
    for log in [&log, &twice] {
        let told: Vec<String> = reports(log).iter().flat_map(|report| refused_of(log, report)).collect();
        let why = "by kubernetes-admin: Cannot evict pod as it would violate the pod's disruption budget. The \
                   disruption budget web needs 2 healthy pods and has 2 currently";
        let expected = [
            // Alike ones in a row are one.
            format!("15:13:11 web-7f6cc6d748-dq767 eviction 429 x2 {why}"),
            format!("15:12:57 web-7f6cc6d748-mrq7r eviction 429 x1 {why}"),
            format!("15:13:11 web-7f6cc6d748-s4c5n eviction 429 x1 {why}"),
        ];
        assert_eq!(told, expected);
    }
}

#[test]
fn a_refused_request_is_about_who_bore_the_name_then() {
    let born = |uid: &str, second: &str| {
        let mut pod =
            pod(&second[..2], &json!({"uid": uid, "creationTimestamp": format!("2026-01-01T00:00:{second}Z")}));
        pod["status"] = json!({"phase": "Pending"});
        audit(uid, "create", second, &pod, &pod)
    };
    let gone = |uid: &str, second: &str| {
        let times = json!({"uid": uid, "deletionTimestamp": format!("2026-01-01T00:00:{second}Z"), "deletionGracePeriodSeconds": 0});
        audit(second, "delete", second, &Value::Null, &pod(second, &times))
    };
    let no = |verb: &str, second: &str, code: i64| {
        let mut event = audit(second, verb, second, &Value::Null, &Value::Null);
        event["responseStatus"] = json!({"code": code});
        event["user"] = json!({"username": "ann"});
        event
    };
    let other = UID.replace('1', "6");
    let mut exists = no("create", "25", 409);
    exists["requestObject"] = json!({"metadata": {"name": "web"}});
    let mut nameless = no("create", "26", 403);
    nameless["objectRef"].as_object_mut().expect("it is one").remove("name");
    let log = [born(UID, "10"), no("delete", "12", 403), gone(UID, "15"), born(&other, "20"), exists, nameless];
    let log = log_of(&[&text(&log)]);
    let told: Vec<String> = reports(&log).iter().flat_map(|report| refused_of(&log, report)).collect();
    assert_eq!(told, ["00:00:12 web delete 403 x1 by ann: ", "00:00:25 web create 409 x1 by ann: "]);
    // Nothing was asked of all pods of the namespace.
    let cluster = log.reader().clusters().expect("a readable log")[0];
    assert!(log.namespaces_asked_together(cluster).expect("a readable log").is_empty());
    let nameless = log.reader().related(cluster, "team", "").expect("a readable log");
    assert_eq!(nameless.iter().map(|row| &row.kind).collect::<Vec<_>>(), [&EventKind::Refused]);
}

#[test]
fn a_body_that_the_shipper_left_out_is_no_bad_record() {
    let skipped = json!("skipped-too-big-size-object");
    let mut event = audit("1", "patch", "00", &skipped, &skipped);
    event["objectRef"] = json!({"resource": "events", "name": "web.1"});
    let report = crate::common::take(&log_of(&[]), &text(&[event]));
    assert_eq!((report.problem_count, report.records), (0, 0), "{:?}", report.problems);
    assert_eq!(report.skipped.values().sum::<u64>(), 1, "{:?}", report.skipped);
}
