//! Expectations made of the shipped recordings: they hold for the recording, for the same events in another order, from a
//! store and in another format, and for no altered one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::common::{self, Dice};
use podreplay::compare::{Comparison, Verdict, compare};
use podreplay::model::ResourceVersion;
use podreplay::render::suite::deviations;
use podreplay::store::Log;
use serde_json::{Value, json};

/// Every shipped recording with its name.
fn recordings() -> Vec<(String, Vec<u8>)> {
    let folders = common::folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings"));
    let name = |folder: &Path| folder.file_name().expect("a name").to_string_lossy().into_owned();
    folders.iter().map(|folder| (name(folder), common::unpacked(&folder.join("watch.jsonl.zst")))).collect()
}

fn values(bytes: &[u8]) -> Vec<Value> {
    bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect()
}

fn bytes(lines: &[Value]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

/// A capture against the expectation made of another.
fn held_against(expected: &[u8], recorded: &[u8]) -> Comparison {
    let expectation = common::blessed(&common::recorded_of(&common::log_of(&[expected])));
    compare(&expectation, &common::recorded_of(&common::log_of(&[recorded])))
}

#[test]
fn what_is_blessed_passes() {
    for folder in common::captures() {
        for file in ["raw-watch.jsonl", "watch-events.json", "recording.jsonl", "recording-no-rv.jsonl"] {
            if let Some(bytes) = common::file_of(&folder, file) {
                let comparison = held_against(&bytes, &bytes);
                assert_eq!(comparison.verdict(), Verdict::Passed, "{}/{file}", folder.display());
                assert!(comparison.pods.iter().all(|pod| !pod.rows.is_empty()), "{}/{file}", folder.display());
            }
        }
    }
}

/// One event among the others of its pod, and what is to be altered in it.
struct Place<'a> {
    lines: &'a [Value],
    index: usize,
}

impl Place<'_> {
    fn object(&self) -> &Value {
        &self.lines[self.index]["object"]
    }

    fn with(&self, path: &str, value: Value) -> Vec<Value> {
        let mut lines = self.lines.to_vec();
        *lines[self.index].pointer_mut(path).expect("it is there") = value;
        lines
    }

    fn some_condition(&self, dice: &mut Dice) -> Option<(String, Value)> {
        let conditions = self.object()["status"]["conditions"].as_array()?;
        let index = dice.below(conditions.len());
        Some((format!("/object/status/conditions/{index}"), conditions.get(index)?.clone()))
    }

    fn some_container(&self, dice: &mut Dice) -> Option<(String, Value)> {
        let containers = self.object()["status"]["containerStatuses"].as_array()?;
        let index = dice.below(containers.len());
        Some((format!("/object/status/containerStatuses/{index}"), containers.get(index)?.clone()))
    }
}

/// An altered capture, and words that some deviation must have: the subject and both values.
type Altered = Option<(Vec<Value>, Vec<String>)>;
type Alter = fn(&Place<'_>, &mut Dice) -> Altered;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn status(place: &Place<'_>, dice: &mut Dice) -> Altered {
    let (path, condition) = place.some_condition(dice)?;
    let now = if condition["status"] == "True" { "False" } else { "True" };
    let words = vec![text(&condition["type"]), text(&condition["status"]), now.to_owned()];
    Some((place.with(&format!("{path}/status"), now.into()), words))
}

fn last_transition_time(place: &Place<'_>, dice: &mut Dice) -> Altered {
    let (path, condition) = place.some_condition(dice)?;
    let was = text(&condition["lastTransitionTime"]);
    let time = chrono::DateTime::parse_from_rfc3339(&was).ok()? + chrono::Duration::seconds(5);
    let now = time.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let words = vec![text(&condition["type"]), now.clone()];
    Some((place.with(&format!("{path}/lastTransitionTime"), now.into()), words))
}

fn phase(place: &Place<'_>, dice: &mut Dice) -> Altered {
    let was = place.object()["status"]["phase"].as_str()?;
    let others: Vec<&str> = ["Pending", "Running", "Succeeded", "Failed"].into_iter().filter(|it| *it != was).collect();
    let now = others[dice.below(others.len())];
    Some((place.with("/object/status/phase", now.into()), vec!["phase".to_owned(), was.to_owned(), now.to_owned()]))
}

fn exit_code(place: &Place<'_>, dice: &mut Dice) -> Altered {
    let (path, container) = place.some_container(dice)?;
    let states = ["state", "lastState"];
    let state = states[dice.below(2)];
    let code = container[state]["terminated"]["exitCode"].as_i64()?;
    let words = vec![text(&container["name"]), format!(", {})", code + 41)];
    Some((place.with(&format!("{path}/{state}/terminated/exitCode"), (code + 41).into()), words))
}

fn reason(place: &Place<'_>, dice: &mut Dice) -> Altered {
    let now = "Confused";
    if dice.below(2) == 0 {
        let (path, mut condition) = place.some_condition(dice)?;
        condition["reason"] = now.into();
        let words = vec![text(&condition["type"]), now.to_owned()];
        return Some((place.with(&path, condition), words));
    }
    let (path, container) = place.some_container(dice)?;
    let state = ["waiting", "terminated"].into_iter().find(|state| container["state"][state].is_object())?;
    let words = vec![text(&container["name"]), now.to_owned()];
    let was = &container["state"][state]["reason"];
    was.is_string().then(|| (place.with(&format!("{path}/state/{state}/reason"), now.into()), words))
}

fn removed(place: &Place<'_>, _: &mut Dice) -> Altered {
    let mut lines = place.lines.to_vec();
    let event = lines.remove(place.index);
    Some((lines, vec![text(&event["object"]["metadata"]["resourceVersion"])]))
}

/// One restart more than there was, from this event on.
fn restarted_twice(place: &Place<'_>, dice: &mut Dice) -> Altered {
    let (_, container) = place.some_container(dice)?;
    let count = container["restartCount"].as_i64().filter(|count| *count > 0)?;
    let (uid, name) = (&place.object()["metadata"]["uid"], &container["name"]);
    let mut lines = place.lines.to_vec();
    for line in &mut lines[place.index..] {
        if line["object"]["metadata"]["uid"] != *uid {
            continue;
        }
        let statuses = line["object"]["status"]["containerStatuses"].as_array_mut();
        for status in statuses.into_iter().flatten().filter(|status| status["name"] == *name) {
            status["restartCount"] = json!(status["restartCount"].as_i64().unwrap_or(0) + 1);
        }
    }
    let words = vec![text(name), "restarts: expected".to_owned(), format!("{count}, recorded {}", count + 1)];
    Some((lines, words))
}

/// The first or the last version of a capture is at its edge: without it the recording is a shorter one, and nothing is
/// missing from that. A pod that vanished behind its only event may have been gone before that.
fn is_at_the_edge(lines: &[Value], index: usize) -> bool {
    let uid = &lines[index]["object"]["metadata"]["uid"];
    let mut own = lines.iter().filter(|line| line["object"]["metadata"]["uid"] == *uid);
    if own.clone().count() == 1 && own.all(|line| line["type"] == "ADDED") {
        return true;
    }
    let version = |line: &Value| ResourceVersion::new(line["object"]["metadata"]["resourceVersion"].as_str()?);
    let (first, last) = (lines.iter().filter_map(version).min(), lines.iter().filter_map(version).max());
    [first, last].contains(&version(&lines[index]))
}

/// How many events of each recording are altered, each in every way.
const ALTERED_EVENTS: usize = 8;

#[test]
fn every_single_change_is_told_with_pod_transition_and_both_values() {
    let ways: [(&str, Alter); 7] = [
        ("status", status),
        ("lastTransitionTime", last_transition_time),
        ("phase", phase),
        ("exit code", exit_code),
        ("reason", reason),
        ("removed", removed),
        ("restarted twice", restarted_twice),
    ];
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    let mut at_the_edge = 0;
    for (name, capture) in recordings() {
        let lines = values(&capture);
        let expectation = common::blessed(&common::recorded_of(&common::log_of(&[&capture])));
        let events: Vec<usize> =
            (0..lines.len()).filter(|&index| lines[index]["object"]["metadata"]["uid"].is_string()).collect();
        let mut dice = Dice(7);
        for _ in 0..ALTERED_EVENTS {
            let place = Place { lines: &lines, index: events[dice.below(events.len())] };
            for (way, alter) in ways {
                let Some((altered, words)) = alter(&place, &mut dice) else { continue };
                if altered == lines {
                    continue;
                }
                let recorded = common::recorded_of(&common::log_of(&[&bytes(&altered)]));
                let comparison = compare(&expectation, &recorded);
                let told = deviations(&comparison);
                if way == "removed" && is_at_the_edge(&lines, place.index) {
                    at_the_edge += 1;
                    assert_ne!(comparison.verdict(), Verdict::Passed, "{name}: {way}");
                    continue;
                }
                *tried.entry(way).or_default() += 1;
                assert_eq!(comparison.verdict(), Verdict::Failed, "{name}: {way} of event {} {told:?}", place.index);
                let pod = text(&place.object()["metadata"]["name"]);
                let is_told = told
                    .iter()
                    .any(|it| it.text.contains(&pod) && words.iter().all(|word| it.text.contains(word.as_str())));
                assert!(is_told, "{name}: {way} of event {}: no word of {pod} {words:?} in {told:#?}", place.index);
            }
        }
    }
    for (way, _) in ways {
        assert!(tried.get(way).is_some_and(|count| *count >= 15), "{way}: {tried:?}");
    }
    assert!(at_the_edge < 20, "{at_the_edge}");
}

#[test]
fn the_order_of_pods_the_store_and_the_format_change_no_verdict() {
    for (name, capture) in recordings() {
        let mut lines = common::lines(&capture);
        let is_marker =
            |line: &[u8]| line.starts_with(br#"{"type":"ERROR"#) || line.starts_with(br#"{"type":"BOOKMARK"#);
        // A broken watch tells by its place among the events what it lost.
        if !lines.iter().any(|line| is_marker(line)) {
            let uid = |line: &[u8]| {
                let value: Value = serde_json::from_slice(line).expect("JSON");
                text(&value["object"]["metadata"]["uid"])
            };
            lines.sort_by_cached_key(|line| uid(line));
            let comparison = held_against(&capture, &lines.concat());
            assert_eq!(comparison.verdict(), Verdict::Passed, "{name} pod by pod: {:?}", deviations(&comparison));
        }
        let expectation = common::blessed(&common::recorded_of(&common::log_of(&[&capture])));
        let scratch = common::Scratch::new();
        let log = Log::open_or_create(&scratch.path("store.db")).expect("a store");
        common::take(&log, &capture);
        assert_eq!(compare(&expectation, &common::recorded_of(&log)).verdict(), Verdict::Passed, "{name} from a store");
    }
}

#[test]
fn another_format_changes_no_verdict() {
    let mut compared = 0;
    for folder in common::captures() {
        let both = (common::file_of(&folder, "raw-watch.jsonl"), common::file_of(&folder, "watch-events.json"));
        let (Some(raw), Some(kubectl)) = both else { continue };
        for (expected, recorded) in [(&raw, &kubectl), (&kubectl, &raw)] {
            let comparison = held_against(expected, recorded);
            let told = deviations(&comparison);
            assert_eq!(comparison.verdict(), Verdict::Passed, "{}: {told:#?}", folder.display());
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn a_part_of_a_recording_never_fails() {
    let mut cuts = 0;
    for (name, capture) in recordings() {
        let lines = common::lines(&capture);
        let expectation = common::blessed(&common::recorded_of(&common::log_of(&[&capture])));
        let mut dice = Dice(11);
        for _ in 0..6 {
            let place = 1 + dice.below(lines.len() - 1);
            for (part, lines) in [("the end", &lines[place..]), ("the beginning", &lines[..place])] {
                let recorded = common::recorded_of(&common::log_of(&[&lines.concat()]));
                let comparison = compare(&expectation, &recorded);
                let told = deviations(&comparison);
                assert_ne!(comparison.verdict(), Verdict::Failed, "{name}: {part} at {place}: {told:#?}");
                cuts += usize::from(comparison.verdict() == Verdict::Inconclusive);
            }
        }
    }
    assert!(cuts > 150, "{cuts}");
}

#[test]
fn a_list_and_a_bare_stream_fail_nothing_that_they_cannot_show() {
    let mut lists = 0;
    for folder in common::captures() {
        let Some(raw) = common::file_of(&folder, "raw-watch.jsonl") else { continue };
        for file in
            ["list-final.json", "list-final-with-managedFields.json", "list-initial.json", "fmt-watch-json.json"]
        {
            let Some(list) = common::file_of(&folder, file) else { continue };
            let comparison = held_against(&raw, &list);
            let told = deviations(&comparison);
            assert_ne!(comparison.verdict(), Verdict::Failed, "{}/{file}: {told:#?}", folder.display());
            lists += 1;
        }
    }
    assert!(lists > 0);
}
