//! The law of orders: whatever the order in which files are ingested, whole or in parts, every output is the same but for the
//! numbers of records and of recordings.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::common::{Dice, Scratch, captures, captures_folder, file_of, lines, pods};
use podreplay::input::Source;
use podreplay::model::ObservedAt;
use podreplay::ops::check::{check, judged};
use podreplay::ops::pod_report::replayed_with_changes;
use podreplay::ops::recordings::sum_up;
use podreplay::ops::related::Notes;
use podreplay::ops::select_pods::bounds;
use podreplay::ops::story::Scope;
use podreplay::ops::{IngestOptions, Reading, ingest, pods_at, projection};
use podreplay::redact::Secrets;
use podreplay::render::findings::Summary;
use podreplay::render::history::write_history_table;
use podreplay::render::json::{HistoryPod, ListWriter, TimelinePod, write_findings, write_pods, write_recordings};
use podreplay::render::layout::{Detail, ExpectedColumn, Width};
use podreplay::render::story::story_text;
use podreplay::render::timeline::{Depth, Told, write_timeline};
use podreplay::rules::Track;
use podreplay::store::Log;
use podreplay::story::HowMuch;
use podreplay::timeline::Excerpt;

/// A file with its name, which stands in outputs.
type Named = (String, Vec<u8>);

/// The keys of numbers that the order of ingest gives.
const NUMBERS: [&str; 7] = ["seq", "lastSeq", "afterSeq", "beforeSeq", "recording", "id", "list"];

/// Takes out the numbers that the order of ingest gives.
fn erase(value: &mut Json) {
    match value {
        Json::Object(members) => {
            for (key, value) in members {
                let is_number =
                    value.is_number() && (NUMBERS.contains(&key.as_str()) || key == "after" || key == "before");
                if is_number { *value = Json::Null } else { erase(value) }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(erase),
        Json::String(text) => *text = without_numbers(text),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A text without the numbers behind the words `record` and `recording`.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut is_named = false;
    for word in text.split_inclusive(' ') {
        let number = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        out.push_str(if is_named && is_number { &word[number.len()..] } else { word });
        is_named = matches!(word.trim(), "record" | "(record" | "recording");
    }
    out
}

fn json(name: &str, bytes: &[u8], told: &mut Vec<(String, String)>) {
    let mut document: Json = serde_json::from_slice(bytes).expect("an output is JSON");
    erase(&mut document);
    if let Some(recordings) = document.get_mut("recordings").and_then(Json::as_array_mut) {
        // They are listed by their numbers.
        recordings.sort_by_key(ToString::to_string);
    }
    told.push((name.to_owned(), serde_json::to_string_pretty(&document).expect("JSON")));
}

/// Everything that a log tells, without the numbers that the order of ingest gives.
fn told(log: &Log) -> Vec<(String, String)> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let notes = Notes::new(&reading);
    let mut told = Vec::new();
    let (mut timeline, mut history, mut text) = (Vec::new(), Vec::new(), String::new());
    let mut transitions = ListWriter::begin(&mut timeline, &[], "pods").expect("memory");
    let mut events = ListWriter::begin(&mut history, &[], "pods").expect("memory");
    for row in pods(log) {
        let stored = reading.pod(&row).expect("a readable log");
        let (mut pod, seen) = judged(&reading, &stored, Track::Kept).expect("a readable log");
        pod.report.related = notes.of(&row, &pod.report).expect("a readable log");
        let (mut report, changes) = replayed_with_changes(&reading, &stored).expect("a readable log");
        report.related = pod.report.related.clone();
        let detail = (Detail::Normal, Width::Unlimited);
        let mut lines = Vec::new();
        write_history_table(&report, &changes, Excerpt::WHOLE, detail, &mut lines).expect("memory");
        let show = (Depth::Every, ExpectedColumn::Shown);
        write_timeline(&pod, show, Excerpt::WHOLE, detail, &mut Told::default(), &mut lines).expect("memory");
        text += &String::from_utf8(lines).expect("text");
        if let Some(last) = stored.revisions.last() {
            write!(text, "{:#} {}", stored.object(last).expect("a readable log"), seen.tally.events).expect("memory");
        }
        transitions.item(&TimelinePod(&pod, ExpectedColumn::Shown, Excerpt::WHOLE)).expect("memory");
        events.item(&HistoryPod(&report, Excerpt::WHOLE)).expect("memory");
    }
    transitions.end().expect("memory");
    events.end().expect("memory");
    json("timeline", &timeline, &mut told);
    json("history", &history, &mut told);
    told.push(("text".to_owned(), text));
    let mut findings = Vec::new();
    let checked = check(log, pods(log), None).expect("a readable log");
    let summary = Summary { events: checked.tally.events, ..Summary::default() };
    write_findings(&checked.pods, &summary, &mut findings).expect("memory");
    json("check", &findings, &mut told);
    let asked = (&*pods(log), Scope::Namespaces);
    let story = podreplay::ops::story::told(&reading, asked, (HowMuch::All, Secrets::Shown), Excerpt::WHOLE);
    told.push(("story".to_owned(), story_text(&story.expect("a readable log"), Width::Unlimited)));
    let mut recordings = Vec::new();
    write_recordings(&sum_up(&reading).expect("a readable log"), &mut recordings).expect("memory");
    json("recordings", &recordings, &mut told);
    let (first, last) = bounds(&reader).expect("a readable log").expect("something has a time");
    for quarter in 0..=4 {
        let at = ObservedAt::from_micros(first.micros() + (last.micros() - first.micros()) / 4 * quarter);
        let mut table = Vec::new();
        let moments = pods_at(&reading, pods(log), Some(at), None).expect("a readable log");
        write_pods(&moments, Some(at), &mut table).expect("memory");
        json(&format!("pods at {at}"), &table, &mut told);
    }
    told
}

fn assert_same(label: &str, expected: &[(String, String)], found: &[(String, String)]) {
    for ((name, expected), (_, found)) in expected.iter().zip(found) {
        if let Some((line, (left, right))) =
            expected.lines().zip(found.lines()).enumerate().find(|(_, (left, right))| left != right)
        {
            panic!("{label}, {name}, line {}:\n{left}\n{right}", line + 1);
        }
        assert_eq!(expected.lines().count(), found.lines().count(), "{label}, {name}");
    }
    assert_eq!(expected.len(), found.len(), "{label}");
}

fn ingested(log: &Log, scratch: &Scratch, (name, bytes): &Named) {
    let file = scratch.file(name, bytes);
    ingest(log, Source::open(&file).expect("it was just made"), &IngestOptions::default(), &()).expect("an ingest");
}

/// What a log in memory tells in which these files were ingested in this order.
fn told_by<'a>(scratch: &Scratch, files: impl IntoIterator<Item = &'a Named>) -> Vec<(String, String)> {
    let log = Log::in_memory().expect("memory");
    files.into_iter().for_each(|file| ingested(&log, scratch, file));
    told(&log)
}

fn shuffle<T>(items: &mut [T], dice: &mut Dice) {
    for index in (1..items.len()).rev() {
        items.swap(index, dice.below(index + 1));
    }
}

/// The files of a capture that tell the same pods, the watch and the audit log first.
fn files_of(capture: &Path) -> Vec<Named> {
    let names = [
        "raw-watch.jsonl",
        "audit.jsonl",
        "recording.jsonl",
        "recording-no-rv.jsonl",
        "watch-events.json",
        "list-initial.json",
        "list-final.json",
        "list-final-with-managedFields.json",
        "relist.json",
        "part1.jsonl",
        "part2.jsonl",
        "events.jsonl",
        "v-rv0.jsonl",
        "v-watchlist.jsonl",
        "v-list-chunk1.json",
        "v-list-chunk2.json",
    ];
    let mut files: Vec<Named> = Vec::new();
    for name in names {
        let Some(bytes) = file_of(capture, name) else { continue };
        // One file under two names is one recording, called by the name that came first.
        if !files.iter().any(|(_, known)| *known == bytes) {
            files.push((name.to_owned(), bytes));
        }
    }
    files
}

fn two_formats(capture: &Path) -> Option<[Named; 2]> {
    let file = |name: &str| Some((name.to_owned(), file_of(capture, name)?));
    Some([file("raw-watch.jsonl")?, file("audit.jsonl")?])
}

#[test]
fn files_in_any_order() {
    let (scratch, mut dice, mut compared) = (Scratch::new(), Dice(7), 0);
    for capture in captures() {
        let files = files_of(&capture);
        let label = capture.file_name().expect("a name").to_string_lossy().into_owned();
        if let Some(pair) = two_formats(&capture) {
            let expected = told_by(&scratch, &pair);
            assert_same(&label, &expected, &told_by(&scratch, pair.iter().rev()));
            compared += 1;
        }
        if files.len() > 2 {
            let mut order: Vec<&Named> = files.iter().collect();
            let expected = told_by(&scratch, order.iter().copied());
            shuffle(&mut order, &mut dice);
            assert_same(&label, &expected, &told_by(&scratch, order.iter().copied()));
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
}

/// Cuts a file of lines into 2 to 6 parts.
fn parts((name, bytes): &Named, dice: &mut Dice) -> Vec<Named> {
    let lines = lines(bytes);
    let mut cuts: Vec<usize> = (0..1 + dice.below(5)).map(|_| 1 + dice.below(lines.len() - 1)).collect();
    cuts.extend([0, lines.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let part = |(number, cut): (usize, &[usize])| (format!("{number}-{name}"), lines[cut[0]..cut[1]].concat());
    cuts.windows(2).enumerate().map(part).collect()
}

#[test]
fn parts_in_any_order() {
    let (scratch, mut dice, mut orders) = (Scratch::new(), Dice(14), 0);
    for pair in captures().iter().filter_map(|capture| two_formats(capture)).cycle() {
        let cut: Vec<Named> = pair.iter().flat_map(|file| parts(file, &mut dice)).collect();
        let expected = told_by(&scratch, &cut);
        for _ in 0..3 {
            let mut order: Vec<&Named> = cut.iter().collect();
            shuffle(&mut order, &mut dice);
            let names: Vec<&str> = order.iter().map(|(name, _)| name.as_str()).collect();
            assert_same(&names.join(" "), &expected, &told_by(&scratch, order.iter().copied()));
            orders += 1;
        }
        if orders >= 100 {
            return;
        }
    }
}

/// Files that grow in turn, as two ingests at once append them batch by batch, tell what they tell whole.
#[test]
fn files_that_grow_in_turn() {
    let mut dice = Dice(15);
    for capture in ["happy-rollout", "watch-variants", "statefulset-recreate", "node-lost", "oom", "edge-objects"] {
        let capture = captures_folder().join(capture);
        let mut files = files_of(&capture);
        files.retain(|(name, _)| name.ends_with(".jsonl"));
        let scratch = Scratch::new();
        let expected = told_by(&scratch, &files);
        let log = Log::open_or_create(&scratch.path("store.db")).expect("a new store");
        let mut grown: Vec<(&str, Vec<Vec<u8>>, usize)> =
            files.iter().map(|(name, bytes)| (name.as_str(), lines(bytes), 0)).collect();
        while grown.iter().any(|(_, lines, taken)| *taken < lines.len()) {
            for (name, lines, taken) in &mut grown {
                *taken = (*taken + 1 + dice.below(lines.len() / 3 + 1)).min(lines.len());
                ingested(&log, &scratch, &((*name).to_owned(), lines[..*taken].concat()));
            }
        }
        assert_same(&capture.display().to_string(), &expected, &told(&log));
        assert_eq!(projection::verify(&log).expect("a readable log"), [""; 0], "{}", capture.display());
    }
}

/// A recording that goes on from a part of another knows what that part shows: its new list is a relist.
#[test]
fn a_recording_that_forks_off_remembers_what_it_shares() {
    let whole = file_of(&captures_folder().join("watch-resume"), "recording-no-rv.jsonl").expect("a recording");
    let all = lines(&whole);
    let scratch = Scratch::new();
    let gaps = |files: &[&Named]| -> Vec<String> {
        let told = told_by(&scratch, files.iter().copied());
        let (_, timeline) = told.iter().find(|(name, _)| name == "timeline").expect("it is told");
        timeline.lines().filter(|line| line.contains("\"kind\": \"relist\"")).map(str::to_owned).collect()
    };
    let named = |name: &str, lines: &[Vec<u8>]| (name.to_owned(), lines.concat());
    let relists = gaps(&[&named("whole", &all)]);
    assert!(!relists.is_empty());
    let last = all.iter().rposition(|line| line.starts_with(b"{\"type\":\"MODIFIED\"")).expect("an event");
    let is_bookmark = |line: &&Vec<u8>| line.starts_with(b"{\"type\":\"BOOKMARK\"");
    let bookmark = all.iter().find(is_bookmark).expect("a bookmark");
    // The last lists stand behind what is shared, or within it.
    for shared in [last + 1, last + 4] {
        let (part, other) =
            (named("a", &all[..shared]), named("a", &[&all[..shared], std::slice::from_ref(bookmark)].concat()));
        assert_eq!(gaps(&[&part, &other, &named("b", &all)]), relists, "{shared}");
    }
}

#[test]
fn the_program_is_given_files_in_any_order() {
    let scratch = Scratch::new();
    let pair = two_formats(&captures_folder().join("happy-rollout")).expect("both files");
    let files: Vec<PathBuf> = pair.iter().map(|(name, bytes)| scratch.file(name, bytes)).collect();
    let run = |arguments: &[&str], order: [usize; 2]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
        let files = order.iter().flat_map(|place| [Path::new("-f"), files[*place].as_path()]);
        let output = command.args(arguments).args(files).output();
        output.map(|output| String::from_utf8(output.stdout).expect("UTF-8")).expect("the program runs")
    };
    let table: [&[&str]; 8] = [
        &["report", "-A", "-o", "-"],
        &["timeline", "-A"],
        &["timeline", "-A", "-o", "svg"],
        &["timeline", "-A", "-o", "bars"],
        &["history", "-A"],
        &["check", "-A"],
        &["pods", "-A", "-o", "wide", "--at", "+10s"],
        &["explain", "-n", "cap-01-happy-rollout", "web-5dfc866f4c-bjwc7"],
    ];
    for arguments in table {
        let told = run(arguments, [0, 1]);
        assert!(told.len() > 20, "{arguments:?}: {told}");
        assert_eq!(without_numbers(&told), without_numbers(&run(arguments, [1, 0])), "{arguments:?}");
    }
}

/// Two acts of one microsecond: the version that each made tells which came first, then its id.
#[test]
fn acts_of_one_time_in_any_order() {
    let act = |user: &str, image: &str, version: Option<&str>, id: &str| {
        let mut event = serde_json::json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": id,
            "stage": "ResponseComplete", "verb": "patch", "userAgent": "kubectl/v1.34", "requestURI": "/apis/apps/v1",
            "user": {"username": user}, "responseStatus": {"code": 200},
            "objectRef": {"resource": "deployments", "namespace": "shop", "name": "web", "apiGroup": "apps", "apiVersion": "v1"},
            "requestObject": {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}},
            "requestReceivedTimestamp": "2026-11-28T10:00:20.000001Z", "stageTimestamp": "2026-11-28T10:00:20.000005Z"});
        if let Some(version) = version {
            event["responseObject"] =
                serde_json::json!({"kind": "Deployment", "metadata": {"name": "web", "resourceVersion": version}});
        }
        (format!("{user}.jsonl"), format!("{event}\n").into_bytes())
    };
    let watch = |name: &str| {
        let pod = serde_json::json!({"type": "ADDED", "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop",
            "name": name, "uid": "u", "resourceVersion": "5", "creationTimestamp": "2026-11-28T10:00:00Z"},
            "spec": {"containers": [{"name": "app", "image": "demo:1"}]}, "status": {"phase": "Pending"}}});
        ("watch.jsonl".to_owned(), format!("{pod}\n").into_bytes())
    };
    let cases = [
        // By their texts alice would be first.
        ([act("alice", "b:2", Some("200"), "a"), act("bob", "a:1", Some("99"), "b")], "bob"),
        ([act("alice", "b:2", None, "z"), act("bob", "a:1", None, "y")], "bob"),
        ([act("alice", "b:2", None, ""), act("bob", "a:1", None, "")], "alice"),
    ];
    let (scratch, pod) = (Scratch::new(), watch("web"));
    for ([one, other], first) in &cases {
        let expected = told_by(&scratch, [&pod, one, other]);
        assert_same(first, &expected, &told_by(&scratch, [&pod, other, one]));
        assert_same(first, &expected, &told_by(&scratch, [other, one, &pod]));
        let (_, story) = expected.iter().find(|(name, _)| name == "story").expect("it is told");
        let place =
            |user: &str| story.find(&format!("{user} set the image")).unwrap_or_else(|| panic!("{user}: {story}"));
        let last = if *first == "bob" { "alice" } else { "bob" };
        assert!(place(first) < place(last), "{first}: {story}");
    }
}
