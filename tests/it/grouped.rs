//! `podreplay replay`: pods one after the other from a stream, each by its own records and those given to all.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Deserializer, Value, json};

use crate::common::{
    Scratch, captures, captures_folder, captures_named, file_of, folders, lines, log_of, reports, unpacked,
};
use podreplay::input::Source;
use podreplay::ops::broadcast::Broadcast;
use podreplay::ops::grouped::{Grouped, GroupedError, GroupedOptions, ReplayedPod, Shard, each_pod, replayed_row};
use podreplay::ops::related::Notes;
use podreplay::ops::select_pods::recorded;
use podreplay::ops::{IngestOptions, Reading};
use podreplay::render::json::{Lines, finding_rows, interval_rows, latency_row, transition_rows};
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

/// Everything that is printed of a pod, a line a row, by what is emitted. Without the numbers of its records: a store counts others too.
type Rows = [Vec<String>; 4];

fn rows(it: &ReplayedPod<'_, '_>) -> Rows {
    let mut rows = [const { Vec::new() }; 4];
    let [transitions, findings, intervals, latencies] = &mut rows;
    transition_rows(&it.pod, &mut Lines(transitions)).expect("a vector takes everything");
    finding_rows(&it.pod, &mut Lines(findings)).expect("a vector takes everything");
    interval_rows(&it.pod, &mut Lines(intervals)).expect("a vector takes everything");
    latency_row(&it.latency().expect("a readable log"), &mut Lines(latencies)).expect("a vector takes everything");
    rows.map(|bytes| {
        let text = String::from_utf8(bytes).expect("JSON is UTF-8");
        text.lines().map(|line| without(line, "seq")).collect()
    })
}

/// A row without a key.
fn without(row: &str, key: &str) -> String {
    match row.split_once(&format!("\"{key}\":")) {
        Some((before, behind)) => before.to_owned() + behind.split_once(',').map_or("}", |(_, rest)| rest),
        None => row.to_owned(),
    }
}

/// The rows of each pod by its uid.
type Printed = BTreeMap<String, Rows>;

/// What a store prints of each pod that has all of these.
fn stored(inputs: &[&[u8]]) -> Printed {
    let log = log_of(inputs);
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let notes = Notes::new(&reading);
    let mut told = BTreeMap::new();
    for row in recorded(&reading).expect("a readable log") {
        let keep = |it: &ReplayedPod<'_, '_>| {
            told.insert(row.identity.uid.clone(), rows(it));
            Ok(())
        };
        replayed_row::<GroupedError>(&reading, &notes, &row, keep).expect("a readable log");
    }
    told
}

/// What is printed of each pod of a grouped stream, with what is given to all.
fn streamed(grouped: &[u8], broadcast: &[&[u8]]) -> Printed {
    let sources = broadcast.iter().map(|bytes| source(bytes.to_vec())).collect();
    let broadcast = Broadcast::read(sources, &IngestOptions::default()).expect("whole inputs");
    let options = GroupedOptions { broadcast: Some(broadcast), ..GroupedOptions::default() };
    let mut told = BTreeMap::new();
    let keep = |it: &ReplayedPod<'_, '_>| {
        told.insert(it.pod.report.identity.uid.clone(), rows(it));
        Ok(())
    };
    each_pod::<GroupedError>(source(grouped.to_vec()), &options, keep).expect("a grouped stream");
    told
}

/// A record, or the items of a list as objects that say what they are.
fn with_items(record: &Value) -> Vec<Value> {
    let Some(items) = record["items"].as_array() else { return vec![record.clone()] };
    let object = |item: &Value| {
        let mut object = json!({"kind": "Pod", "apiVersion": "v1"});
        object.as_object_mut().expect("an object").extend(item.as_object().expect("an item").clone());
        object
    };
    items.iter().map(object).collect()
}

/// The namespace, the name and the uid of the pod that a record is about, as far as it says so; `None` of what is about no pod.
fn pod_of(record: &Value) -> Option<[Option<&str>; 3]> {
    let asked = record["objectRef"]["resource"].as_str();
    let objects = match (asked, &record["object"]) {
        (None, Value::Null) => [record, &Value::Null],
        (None, watched) => [watched, &Value::Null],
        (Some("pods" | "events"), _) => [&record["responseObject"], &record["requestObject"]],
        (Some(_), _) => return None,
    };
    let about = |object: &'_ Value| match (object["kind"].as_str(), asked) {
        (Some("Event"), _) if object["involvedObject"]["kind"] == "Pod" => Some("involvedObject"),
        (Some("Event"), _) if object["regarding"]["kind"] == "Pod" => Some("regarding"),
        (Some("Pod"), _) | (_, Some("pods")) => Some("metadata"),
        _ => None,
    };
    let abouts = objects.map(|object| about(object).map_or(&Value::Null, |key| &object[key]));
    let asked = if asked == Some("pods") { &record["objectRef"] } else { &Value::Null };
    let told = |key: &str| {
        let mut words = abouts.into_iter().chain([asked]).filter_map(|names| names[key].as_str());
        words.find(|word| !word.is_empty())
    };
    told("name").is_some().then(|| ["namespace", "name", "uid"].map(told))
}

/// The records about pods of several inputs, grouped: of each pod in their order. One without a uid belongs to the pod of its name
/// before it.
fn grouped(inputs: &[&[u8]]) -> Vec<u8> {
    let mut pods: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut uids: BTreeMap<[Option<String>; 2], String> = BTreeMap::new();
    for input in inputs {
        let records = Deserializer::from_slice(input).into_iter::<Value>().map_while(Result::ok);
        for record in records.flat_map(|record| with_items(&record)) {
            let Some([namespace, name, uid]) = pod_of(&record) else { continue };
            let name = [namespace, name].map(|word| word.map(str::to_owned));
            let Some(uid) = uid.map(str::to_owned).or_else(|| uids.get(&name).cloned()) else { continue };
            uids.insert(name, uid.clone());
            pods.entry(uid).or_default().extend(format!("{record}\n").into_bytes());
        }
    }
    pods.into_values().flatten().collect()
}

/// The captures, those of other releases and the shipped recordings, each with inputs that show pods together.
fn inputs() -> Vec<(String, Vec<Vec<u8>>)> {
    const TOGETHER: [&[&str]; 9] = [
        &["watch.jsonl"],
        &["raw-watch.jsonl", "nodes.jsonl", "nodes-watch.jsonl", "audit.jsonl", "events.jsonl"],
        &["list-initial.json", "raw-watch.jsonl", "list-final.json"],
        &["recording.jsonl"],
        &["recording-no-rv.jsonl"],
        &["recording-relist.jsonl"],
        &["recording-resumed.jsonl"],
        &["part1.jsonl", "part2.jsonl"],
        &["part1.jsonl", "part2-relist.jsonl"],
    ];
    let own = |name: &str| folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let mut found = Vec::new();
    let own = captures_named().is_none().then(|| own("tests/stories").into_iter().chain(own("recordings")));
    for folder in captures().into_iter().chain(own.into_iter().flatten()) {
        for names in TOGETHER.into_iter().filter(|names| file_of(&folder, names[0]).is_some()) {
            let files: Vec<Vec<u8>> = names.iter().filter_map(|name| file_of(&folder, name)).collect();
            found.push((format!("{} {names:?}", folder.display()), files));
        }
    }
    found
}

/// Of how many pods each sort of rows differs.
fn different(one: &Printed, other: &Printed) -> [usize; 4] {
    let mut different = [0; 4];
    for (uid, rows) in one {
        let nothing = [const { Vec::new() }; 4];
        let others = other.get(uid).unwrap_or(&nothing);
        for (count, (rows, others)) in different.iter_mut().zip(rows.iter().zip(others)) {
            *count += usize::from(rows != others);
        }
    }
    different
}

/// Where each pod is given what all share, the rows are those of a store with everything in it, each time and each gap too.
#[test]
fn with_what_pods_share_a_stream_shows_what_a_store_shows() {
    let (mut pods, mut rows, mut alone) = (0, [0; 4], [0; 4]);
    for (name, inputs) in inputs() {
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let (grouped, stored) = (grouped(&inputs), stored(&inputs));
        let mut differences = different(&stored, &streamed(&grouped, &inputs));
        // Events name a static pod by the hash of its manifest: which incarnation they are about only a store can say, which has all.
        differences[3] = if name.contains("static-mirror-pod") { 0 } else { differences[3] };
        assert_eq!(differences, [0; 4], "{name}");
        pods += stored.len();
        for of_pod in stored.values() {
            rows.iter_mut().zip(of_pod).for_each(|(sum, rows)| *sum += rows.len());
        }
        if !name.contains("audit") {
            alone.iter_mut().zip(different(&stored, &streamed(&grouped, &[]))).for_each(|(sum, count)| *sum += count);
        }
    }
    assert!(pods > 900 && rows.iter().all(|count| *count > 100), "{pods} pods, {rows:?} rows");
    // The rows of so many pods are others where each stands alone.
    assert!(alone.iter().all(|count| *count > 20), "{alone:?}");
}

/// What a recording covers, with as few lines about pods as say so: all but the writes with a write on both sides.
fn excerpt(input: &[u8]) -> Vec<u8> {
    let lines = lines(input);
    let is_write = |line: Option<&Vec<u8>>| {
        line.is_some_and(|line| {
            line.starts_with(b"{\"type\":\"MODIFIED\"") || line.starts_with(b"{\"type\":\"DELETED\"")
        })
    };
    let is_within = |place: &usize| (*place..place + 3).all(|place| is_write(lines.get(place.wrapping_sub(1))));
    (0..lines.len()).filter(|place| !is_within(place)).flat_map(|place| lines[place].clone()).collect()
}

/// A row without its times, and these: not before, and not after.
fn apart(row: &str) -> (String, [Option<String>; 2]) {
    let mut row: Value = serde_json::from_str(row).expect("JSON");
    let fields = row.as_object_mut().expect("an object");
    let is_interval = fields.contains_key("until");
    let keys = if is_interval { ["from", "until"] } else { ["at", "atLatest"] };
    let times = keys.map(|key| fields.remove(key).and_then(|time| time.as_str().map(str::to_owned)));
    fields.remove("clock");
    (row.to_string(), times)
}

/// Whether what is known of a time with fewer bounds holds: it is no later, and not over before the time that more of them tell.
fn holds([from, until]: &[Option<String>; 2], of_store: &[Option<String>; 2]) -> bool {
    from <= &of_store[0] && (until.is_none() || *until >= of_store[0])
}

/// Where a recording begins, breaks and ends is enough for everything but the times that other pods bound: these are known less well.
#[test]
fn an_excerpt_of_the_recordings_decides_all_but_times() {
    let (mut pods, mut rows, mut wider, mut alone) = (0, 0, 0, 0);
    for (name, inputs) in inputs().into_iter().filter(|(name, _)| !name.contains("audit")) {
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let excerpts: Vec<Vec<u8>> = inputs.iter().map(|input| excerpt(input)).collect();
        let excerpts: Vec<&[u8]> = excerpts.iter().map(Vec::as_slice).collect();
        let (grouped, stored) = (grouped(&inputs), stored(&inputs));
        let told = streamed(&grouped, &excerpts);
        for (uid, of_pod) in &stored {
            let [transitions, findings, intervals, _] = &told[uid];
            for (place, found) in [transitions, findings, intervals].into_iter().enumerate() {
                assert_eq!(found.len(), of_pod[place].len(), "{name} {uid}");
                for (found, stored) in found.iter().zip(&of_pod[place]) {
                    let ((found, wide), (stored, narrow)) = (apart(found), apart(stored));
                    assert_eq!(found, stored, "{name} {uid}");
                    assert!(place == 2 || holds(&wide, &narrow), "{name} {uid}: {wide:?} {narrow:?} {found}");
                    wider += usize::from(wide != narrow);
                }
            }
            rows += transitions.len() + findings.len() + intervals.len();
        }
        pods += told.len();
        alone += different(&stored, &streamed(&grouped, &[]))[1];
    }
    assert!(pods > 300 && wider < rows / 10 && alone > 20, "{pods} pods, {wider} of {rows} rows, {alone}");
}

/// By which rules a pod is judged its node says, where that is given to it.
#[test]
fn findings_rest_on_the_kubelet_of_the_node() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases");
    let [watch, nodes] = ["watch", "nodes"].map(|it| unpacked(&folder.join(format!("release-1.26-{it}.jsonl.zst"))));
    let newer = String::from_utf8(nodes.clone()).expect("JSON is UTF-8").replace("v1.26.4", "v1.36.0");
    let findings = |nodes: &[u8]| {
        let (told, stored) = (streamed(&grouped(&[&watch]), &[nodes]), stored(&[&watch, nodes]));
        assert_eq!(different(&stored, &told)[1], 0);
        told.values().map(|rows| rows[1].len()).sum::<usize>()
    };
    assert_eq!(findings(&nodes), 0);
    assert!(findings(newer.as_bytes()) > 0);
}

#[test]
fn what_is_given_to_all_pods_is_read_first_and_is_whole() {
    let scratch = Scratch::new();
    let recording = |name: &str| file_of(&captures_folder().join("watch-expired"), name).expect("a capture");
    let watch = recording("recording.jsonl");
    let stdin = scratch.file("grouped.jsonl", &grouped(&[&watch]));
    let whole = scratch.file("watch.jsonl", &watch);
    let broken = scratch.file("broken.jsonl", &watch[..watch.len() - 9]);
    let replay = |broadcast: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
        command.args(["replay", "--emit", "findings", "--broadcast"]).arg(broadcast);
        command.stdin(fs::File::open(&stdin).expect("a file")).output().expect("it runs")
    };
    let said = |output: &Output| String::from_utf8(output.stderr.clone()).expect("UTF-8");
    let done = replay(&whole);
    assert_eq!(done.status.code(), Some(0));
    let first = said(&done).lines().next().map(str::to_owned);
    let expected = "broadcast 88 records; of 81 records about pods only resourceVersions and times count";
    assert_eq!(first.as_deref(), Some(expected));
    // The records of the pod are counted, and no others.
    let rows: Vec<Value> = lines(&done.stdout).iter().map(|line| serde_json::from_slice(line).expect("JSON")).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["seq"].as_u64().is_some_and(|seq| (1..50).contains(&seq))));
    let done = replay(&broken);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(3), 0), "{}", said(&done));
    let done = replay(Path::new("-"));
    assert_eq!((done.status.code(), done.stdout.len()), (Some(2), 0), "{}", said(&done));
}
