//! What the drawings of `timeline` show is what its JSON tells: every interval, no more and no less, in a document that
//! others can read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::{Scratch, folders, log_of, pods, unpacked};
use podreplay::ops::Reading;
use podreplay::ops::check::judged;
use podreplay::picture::{Lane, rows};
use podreplay::redact::Secrets;
use podreplay::render::bars::bars;
use podreplay::render::layout::{ExpectedColumn, Width};
use podreplay::render::svg::svg;
use podreplay::render::trace::TraceWriter;
use podreplay::render::words::subject_text;
use podreplay::report::JudgedPod;
use podreplay::rules::Track;
use serde_json::{Value as Json, json};

fn recordings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<PathBuf> = folders(&root.join("recordings")).iter().map(|it| it.join("watch.jsonl.zst")).collect();
    // Among the recordings of a cluster are some with Events, nodes and gaps.
    all.extend(folders(&root.join("tests/captures")).iter().map(|it| it.join("raw-watch.jsonl.zst")));
    all.retain(|path| path.exists());
    assert!(all.len() > 30, "{}", all.len());
    all
}

fn timeline(recording: &Path, form: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podreplay"))
        .args(["timeline", "--all", "-o", form, "-f"])
        .arg(recording)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    assert!(!output.stdout.is_empty(), "{}: {}", recording.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

fn word<'a>(json: &'a Json, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_default()
}

fn micros(time: &str) -> i64 {
    podreplay::model::ObservedAt::parse(time).expect("RFC 3339").micros()
}

/// The rows of a drawing are those of the phase, the conditions, the containers and a few fields.
fn row_name(subject: &Json) -> Option<String> {
    Some(match (word(subject, "kind"), word(subject, "type"), word(subject, "role")) {
        ("pod", "", _) => "pod".to_owned(),
        ("pod", field @ ("nodeName" | "nominatedNodeName" | "reason"), _) => field.to_owned(),
        ("pod", ..) => return None,
        ("phase", ..) => "phase".to_owned(),
        ("condition", kind, _) => kind.to_owned(),
        (_, _, "container" | "regular" | "") => format!("container {}", word(subject, "name")),
        (_, _, role) => format!("{role} {}", word(subject, "name")),
    })
}

/// An interval: row, value, from, until where it ended.
type Interval = (String, String, i64, Option<i64>);

/// A transition that nothing dates: no event shows it and no stamp is its own.
fn is_undated(transition: &Json) -> bool {
    let is_stamped = !transition["stamped"].is_null() || !transition["lastTransitionTime"].is_null();
    let is_wide = transition["atLatest"]
        .as_str()
        .is_none_or(|latest| micros(latest) - micros(word(transition, "at")) > 1_000_000);
    transition["inferred"] == true && !is_stamped && is_wide
}

/// From one transition of a subject to the next that tells of another value. Behind one that nothing dates it is not known; what
/// no event showed ends with the stamp of what came.
fn intervals_of_json(pod: &Json) -> Vec<Interval> {
    let mut all: Vec<Interval> = Vec::new();
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    let mut inferred: BTreeMap<String, bool> = BTreeMap::new();
    for transition in pod["transitions"].as_array().expect("a list") {
        let Some(row) = row_name(&transition["subject"]) else { continue };
        let mut at = micros(word(transition, "at"));
        let is_unknown = is_undated(transition) || transition["inferred"] == true && transition["to"].is_null();
        let to = if is_unknown { Some("unknown") } else { transition["to"].as_str() };
        let is_inferred = inferred.insert(row.clone(), transition["inferred"] == true) == Some(true);
        let stamp = transition["stamped"].as_str().or(transition["lastTransitionTime"].as_str()).map(micros);
        if let Some(before) = open.get(&row).copied() {
            at = stamp.filter(|stamp| is_inferred && (all[before].2..=at).contains(stamp)).unwrap_or(at);
            if to == Some(all[before].1.as_str()) {
                continue;
            }
            all[before].3 = Some(at);
            open.remove(&row);
        }
        if let Some(to) = to {
            open.insert(row.clone(), all.len());
            all.push((row, to.to_owned(), at, None));
        }
    }
    all.sort();
    all
}

/// The pairs of a trace by process, after a look at how they stand.
fn intervals_of_trace(trace: &Json) -> BTreeMap<i64, Vec<Interval>> {
    assert_eq!(trace["displayTimeUnit"], "ms");
    let mut names: BTreeMap<(i64, i64), String> = BTreeMap::new();
    let mut reached: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    let mut open: BTreeMap<(i64, i64), (String, i64, bool)> = BTreeMap::new();
    let mut all: BTreeMap<i64, Vec<Interval>> = BTreeMap::new();
    for event in trace["traceEvents"].as_array().expect("a list") {
        let number = |key: &str| event[key].as_i64().expect("a number");
        let thread = (number("pid"), number("tid"));
        let name = word(event, "name").to_owned();
        let kind = word(event, "ph");
        if kind == "M" {
            if name == "thread_name" {
                names.insert(thread, word(&event["args"], "name").to_owned());
            }
            continue;
        }
        let at = number("ts");
        assert!(reached.insert(thread, at).is_none_or(|before| before <= at), "time goes back: {event}");
        match kind {
            "B" => {
                let is_open = word(&event["args"], "end") != "changed";
                assert_eq!(open.insert(thread, (name, at, is_open)), None, "{event}");
            }
            "E" => {
                let (begun, from, is_open) = open.remove(&thread).expect("a beginning");
                assert_eq!(begun, name);
                let until = Some(at).filter(|_| !is_open);
                all.entry(thread.0).or_default().push((names[&thread].clone(), name, from, until));
            }
            "i" => assert_eq!(event["s"], "t"),
            other => panic!("{other}: {event}"),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let is_recorded = |row: &str| row != "STATUS" && row != "not recorded" && !row.ends_with(" (expected)");
    for intervals in all.values_mut() {
        intervals.retain(|(row, ..)| is_recorded(row));
        intervals.sort();
    }
    all
}

#[test]
fn a_trace_has_the_intervals_of_the_transitions() {
    let mut count = 0;
    for recording in recordings() {
        let json: Json = serde_json::from_str(&timeline(&recording, "json")).expect("JSON");
        let trace: Json = serde_json::from_str(&timeline(&recording, "trace")).expect("JSON");
        let drawn = intervals_of_trace(&trace);
        let pods = json["pods"].as_array().expect("a list");
        for (process, pod) in (1..).zip(pods) {
            let told = intervals_of_json(pod);
            assert_eq!(drawn.get(&process).cloned().unwrap_or_default(), told, "{}", recording.display());
            count += told.len();
        }
    }
    assert!(count > 2000, "{count}");
}

/// Tags that close in order, attributes in quotes, only the five entities, no control characters: what the drawings use of
/// XML.
fn assert_is_well_formed(document: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    for (index, piece) in document.split('<').enumerate() {
        let (tag, text) = if index == 0 { ("", piece) } else { piece.split_once('>').expect("a tag ends") };
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let name = entity.split_once(';').map(|(name, _)| name);
            assert!(matches!(name, Some("amp" | "lt" | "gt" | "quot" | "#39")), "{entity}");
        }
        assert!(!open.is_empty() || text.trim().is_empty(), "text outside: {text}");
        if index == 0 {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (body, is_empty) = tag.strip_suffix('/').map_or((tag, false), |body| (body, true));
        let (name, mut rest) = body.split_once(' ').unwrap_or((body, ""));
        assert!(!name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric()), "{tag}");
        let mut keys: Vec<&str> = Vec::new();
        while !rest.is_empty() {
            let (key, value) = rest.split_once("=\"").unwrap_or_else(|| panic!("{tag}"));
            let (_, behind) = value.split_once('"').unwrap_or_else(|| panic!("{tag}"));
            assert!(!keys.contains(&key) && !key.starts_with("on") && !key.contains("href"), "{tag}");
            keys.push(key);
            rest = behind.trim_start();
        }
        roots += usize::from(open.is_empty());
        if !is_empty {
            open.push(name);
        }
    }
    assert!(open.is_empty() && roots == 1, "{open:?}");
    assert!(document.chars().all(|letter| letter == '\n' || !letter.is_control()));
}

#[test]
fn the_svg_is_well_formed_and_loads_nothing() {
    for recording in recordings() {
        let document = timeline(&recording, "svg");
        assert_is_well_formed(&document);
        assert!(document.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "));
        assert_eq!(document.matches("://").count(), 1, "only the name of the language looks like an address");
        for word in ["<script", "<image", "<use", "<foreignObject", "@import", "url(http"] {
            assert!(!document.contains(word), "{word}");
        }
    }
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    for recording in recordings().iter().step_by(5) {
        for form in ["bars", "svg", "trace"] {
            assert!(timeline(recording, form) == timeline(recording, form), "{form} of {}", recording.display());
        }
    }
}

#[test]
fn bars_are_no_wider_than_the_page() {
    for recording in recordings() {
        for line in timeline(&recording, "bars").lines() {
            // The first line of a pod names it and its uid, however long they are.
            assert!(line.starts_with("pod ") || line.chars().count() <= 100, "{}: {line}", recording.display());
        }
    }
}

/// The pods of a recording, judged.
fn pods_of(recording: &Path) -> Vec<JudgedPod> {
    let log = log_of(&[&unpacked(recording)]);
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let of_row = |row| {
        let history = reading.pod(&row).expect("a readable log");
        judged(&reading, &history, Track::Kept).expect("a readable log").0
    };
    pods(&log).into_iter().map(of_row).collect()
}

#[test]
fn the_names_of_rows_are_whole_at_every_width() {
    for recording in recordings() {
        for pod in pods_of(&recording) {
            let lanes: Vec<String> = rows(&pod)
                .into_iter()
                .map(|row| match row.lane {
                    Lane::Status => "STATUS".to_owned(),
                    Lane::Subject(subject) => subject_text(&subject),
                })
                .collect();
            let one = [pod];
            for columns in [40, 80, 200] {
                let drawn = bars(&one, &[], ExpectedColumn::Hidden, Width::Columns(columns));
                let drawn = anstream::adapter::strip_str(&drawn).to_string();
                let is_there = |lane: &&String| {
                    let mut rests = drawn.lines().filter_map(|line| line.strip_prefix(lane.as_str()));
                    rests.any(|rest| rest.is_empty() || rest.starts_with(' '))
                };
                let missing: Vec<&String> = lanes.iter().filter(|lane| !is_there(lane)).collect();
                assert!(missing.is_empty(), "{} at {columns}: {missing:?}", recording.display());
            }
        }
    }
}

#[test]
fn the_sentences_of_the_story_stand_above_the_drawing_with_their_numbers() {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/crashloop/watch.jsonl.zst");
    let (drawn, document) = (timeline(&recording, "bars"), timeline(&recording, "svg"));
    let sentence = "15:09:50  2! container app of pod crash crashed 6 times in 3m6s (exit 1), a crash loop";
    assert!(drawn.lines().any(|line| line.starts_with(sentence)), "{drawn}");
    let numbers: Vec<&str> = drawn.lines().filter_map(|line| line.strip_prefix("story ")).map(str::trim).collect();
    assert_eq!(numbers.len(), 3, "one above the axis of each pod: {drawn}");
    assert!(numbers.iter().all(|line| line.starts_with("1,2,3 ") && line.ends_with(" 4")), "{numbers:?}");
    assert!(document.contains("container app of pod crash crashed 6 times in 3m6s (exit 1), a crash loop"));
    let guides: Vec<&str> = document.lines().filter(|line| line.contains("class=\"guide\"")).collect();
    assert_eq!(guides.len(), 3, "through the rows of each pod");
    assert!(guides.iter().all(|line| line.matches('V').count() == 4), "{guides:?}");
}

#[test]
fn why_a_container_ended_stands_below_the_main_row() {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/oom/watch.jsonl.zst");
    let drawn = timeline(&recording, "bars");
    let lines: Vec<&str> = drawn.lines().collect();
    let below = lines.windows(2).filter(|lines| lines[0].starts_with("STATUS"));
    assert!(below.clone().count() > 2);
    assert!(below.clone().all(|lines| lines[1].contains("†OOMKilled")), "{drawn}");
    assert!(timeline(&recording, "svg").contains(">OOMKilled</text>"));
    let trace: Json = serde_json::from_str(&timeline(&recording, "trace")).expect("JSON");
    let is_end = |event: &&Json| event["cat"] == "end" && event["name"] == "OOMKilled" && event["ph"] == "i";
    assert!(trace["traceEvents"].as_array().expect("a list").iter().filter(is_end).count() >= below.count());
}

/// The main row of a pod in each drawing: the blocks of 80 columns, the shapes of the document, the slices of the trace.
fn main_rows(recording: &Path, pod: &str) -> (String, Vec<String>, Vec<String>) {
    let one: Vec<JudgedPod> =
        pods_of(recording).into_iter().filter(|it| *it.report.identity.name == *pod).take(1).collect();
    let drawn = bars(&one, &[], ExpectedColumn::Hidden, Width::Columns(80));
    let drawn = anstream::adapter::strip_str(&drawn).to_string();
    let line = drawn.lines().find(|line| line.starts_with("STATUS ")).expect("a main row").to_owned();
    let document = svg(&one, &[], Secrets::Hidden);
    let shapes = document.split("<title>STATUS: ").skip(1).map(|shape| {
        let (value, rest) = shape.split_once('\n').expect("a time below it");
        let class = rest.split("class=\"bar ").nth(1).and_then(|rest| rest.split('"').next());
        format!("{} {value}", class.expect("a shape"))
    });
    let mut trace = Vec::new();
    let mut writer = TraceWriter::begin(&mut trace).expect("memory");
    one.iter().for_each(|pod| writer.pod(pod).expect("memory"));
    writer.end().expect("memory");
    let trace: Json = serde_json::from_slice(&trace).expect("JSON");
    let slices = trace["traceEvents"].as_array().expect("a list").iter();
    let slices = slices.filter(|event| event["cat"] == "status" && event["ph"] == "B");
    let slices = slices.map(|event| format!("{} {}", word(&event["args"], "health"), word(event, "name")));
    (line, shapes.collect(), slices.collect())
}

#[test]
fn the_main_row_is_what_the_pod_was_to_its_users() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let check = |recording: &str, pod: &str, line: &str, states: &[&str]| {
        let (drawn, shapes, slices) = main_rows(&root.join(recording).join("watch.jsonl.zst"), pod);
        assert_eq!(drawn, line, "{pod}");
        assert_eq!(slices, states, "{pod}");
        // What is narrow is drawn last.
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        assert_eq!(sorted(shapes), sorted(slices), "{pod}");
    };
    check(
        "node-lost",
        "probed",
        "STATUS                    ▒█ Running 1/1 ████▓ Running 1/1, not ready ▓▓▓▓│▓▓██►",
        &[
            "waiting Pending",
            "waiting ContainerCreating",
            "good Running 1/1",
            "unready Running 1/1, not ready",
            "unready Running 0/1",
            "good Running 1/1",
        ],
    );
    // Nobody knows whether it was ready.
    check(
        "external-status-writes",
        "p3",
        "STATUS                    ▒███░░░░█ Running 1/1 ███████████████████████████████►",
        &["waiting Pending", "waiting ContainerCreating", "good Running 1/1", "unknown unknown", "good Running 1/1"],
    );
}

#[test]
fn in_the_document_what_is_unknown_is_hatched() {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/external-status-writes/watch.jsonl.zst");
    let document = timeline(&recording, "svg");
    assert!(document.contains("<rect class=\"bar unknown\""));
    assert!(document.contains(".podreplay .unknown{fill:url(#podreplay-unknown);"));
    let pattern = document.split("<pattern id=\"podreplay-unknown\"").nth(1).expect("a pattern");
    assert!(pattern.split("</pattern>").next().expect("its end").contains("<path class=\"gap-1\""));
}

#[test]
fn the_document_draws_once_what_falls_on_one_pixel() {
    let event = |place: usize| {
        let at = format!("2026-11-20T10:{:02}:{:02}Z", place / 60, place % 60);
        let ready = place.is_multiple_of(2);
        let event = json!({"type": if place == 0 { "ADDED" } else { "MODIFIED" }, "object": {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": "p", "namespace": "ns", "uid": "u1", "resourceVersion": format!("{}", place + 1), "creationTimestamp": "2026-11-20T10:00:00Z",
                "managedFields": [{"manager": "kubelet", "operation": "Update", "subresource": "status", "time": at, "fieldsType": "FieldsV1", "fieldsV1": {}}],
            },
            "spec": {"nodeName": "n", "containers": [{"name": "c"}]},
            "status": {
                "phase": "Running",
                "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }, "lastTransitionTime": at}],
                "containerStatuses": [{"name": "c", "ready": ready, "restartCount": 0, "state": {"running": {"startedAt": "2026-11-20T10:00:00Z"}}}],
            },
        }});
        format!("{event}\n")
    };
    let scratch = Scratch::new();
    let flapping: String = (0..3_000).map(event).collect();
    let document = timeline(&scratch.file("flapping.jsonl", flapping.as_bytes()), "svg");
    let shapes = document.matches("<title>STATUS: ").count();
    assert!((1..400).contains(&shapes), "{shapes} shapes for 3 000 states");
    assert!(document.contains(" values, the worst: Running 0/1\n"));
}
