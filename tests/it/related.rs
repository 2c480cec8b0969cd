//! What stands beside pods: Events about them and the readiness of their nodes are told with the timeline and change
//! nothing in it.

use std::process::{Command, Stdio};

use crate::common::{self, Scratch, captures_folder, file_of, log_of, pods, recorded_of, tales, told_with_times};
use podreplay::compare::golden_pod;
use podreplay::input::Source;
use podreplay::input::stored_related::{kube_event_of, node_ready_of};
use podreplay::model::{EventKind, ObservedAt};
use podreplay::ops::check::judged;
use podreplay::ops::related::Notes;
use podreplay::ops::{IngestOptions, Reading, ingest, replayed};
use podreplay::report::{Note, PodReport};
use podreplay::rules::Track;
use podreplay::store::Log;

const CAPTURES: [&str; 4] = ["crashloop", "node-lost", "readiness-flap", "static-mirror-pod"];

fn file(capture: &str, name: &str) -> Vec<u8> {
    file_of(&captures_folder().join(capture), name).unwrap_or_else(|| panic!("{capture}/{name}"))
}

fn sample(name: &str) -> Vec<u8> {
    let path = captures_folder().join("../formats").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every pod of this name with what stands beside it.
fn noted(log: &Log, name: &str) -> Vec<PodReport> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let notes = Notes::new(&reading);
    let rows = pods(log).into_iter().filter(|row| row.identity.name == name);
    let mut reports: Vec<PodReport> = rows
        .map(|row| {
            let history = reading.pod(&row).expect("a readable log");
            let mut report = replayed(&reading, &history).expect("a readable log");
            report.related = notes.of(&row, &report).expect("a readable log");
            report
        })
        .collect();
    reports.sort_by_key(|report| report.timeline.bounds());
    reports
}

fn time(at: Option<ObservedAt>) -> String {
    at.map_or_else(|| "?".to_owned(), |at| at.to_string()[11..19].to_owned())
}

fn text(note: &Note) -> String {
    match note {
        Note::Event(note) => {
            let event = &note.event;
            let (first, last) = (time(event.first_at), time(event.last_at));
            format!("{first}-{last} {} {} x{} {}", event.kind, event.reason, event.count, event.source)
        }
        Note::Node(note) => {
            let from = note.from.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
            let reason = note.reason.as_deref().unwrap_or_default();
            format!("{} {} {from} to {} {reason}", time(Some(note.at)), note.node, note.to)
        }
        Note::Refused(note) => format!("{} {} {}", time(Some(note.refused.at)), note.refused.what(), note.refused.code),
    }
}

fn texts(report: &PodReport) -> Vec<String> {
    report.related.iter().map(text).collect()
}

#[test]
fn events_change_no_transition_no_gap_and_no_finding() {
    for capture in CAPTURES {
        let (watch, events) = (file(capture, "raw-watch.jsonl"), file(capture, "events.jsonl"));
        let nodes = sample("nodes.jsonl");
        let alone = log_of(&[&watch]);
        let behind = log_of(&[&watch, &events, &nodes]);
        let before = log_of(&[&events, &nodes, &watch]);
        // In one file, each line of the watch behind one of the Events.
        let mut lines = common::lines(&events).into_iter();
        let mixed: Vec<u8> = common::lines(&watch)
            .into_iter()
            .flat_map(|line| [lines.next().unwrap_or_default(), line].concat())
            .collect();
        let mixed = log_of(&[&mixed]);
        let gaps =
            |report: &PodReport| report.gaps.iter().map(|gap| format!("{:?} {:?}", gap.kind, gap.from)).collect();
        let golden_pods = |log: &Log| format!("{:?}", recorded_of(log).pods.iter().map(golden_pod).collect::<Vec<_>>());
        for log in [&behind, &before, &mixed] {
            assert_eq!(tales(log, told_with_times), tales(&alone, told_with_times), "{capture}");
            assert_eq!(tales(log, gaps), tales(&alone, gaps), "{capture}");
            let until = |report: &PodReport| vec![format!("{:?}", report.recorded_until)];
            assert_eq!(tales(log, until), tales(&alone, until), "{capture}");
        }
        assert_eq!(findings(&behind), findings(&alone), "{capture}");
        assert_eq!(golden_pods(&behind), golden_pods(&alone), "{capture}");
    }
}

fn findings(log: &Log) -> Vec<String> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let told = |row| {
        let history = reading.pod(&row).expect("a readable log");
        let (pod, _) = judged(&reading, &history, Track::Kept).expect("a readable log");
        format!("{:?}", pod.judgement.findings())
    };
    pods(log).into_iter().map(told).collect()
}

#[test]
fn an_event_that_happens_again_is_told_once() {
    let log = log_of(&[&file("crashloop", "raw-watch.jsonl"), &file("crashloop", "events.jsonl")]);
    let expected = [
        "15:09:47-15:09:47 Normal Scheduled x1 default-scheduler",
        "15:09:48-15:12:54 Normal Pulled x6 kubelet",
        "15:09:48-15:12:54 Normal Created x6 kubelet",
        "15:09:48-15:12:54 Normal Started x6 kubelet",
        "15:09:54-15:12:56 Warning BackOff x6 kubelet",
    ];
    assert_eq!(texts(&noted(&log, "crash")[0]), expected);
    // The list at the end tells the same, whether items say their kind or not, and nothing twice beside the watch.
    let lines = common::lines(&file("crashloop", "events.jsonl"));
    let mut items: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for line in lines {
        let mut event: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        let object = event["object"].as_object_mut().expect("an object");
        object.remove("kind");
        object.remove("apiVersion");
        items.insert(object["metadata"]["uid"].to_string(), event["object"].to_string());
    }
    let items: Vec<String> = items.into_values().collect();
    let list = format!(
        r#"{{"kind":"EventList","apiVersion":"v1","metadata":{{"resourceVersion":"9999"}},"items":[{}]}}"#,
        items.join(",")
    );
    let watch = file("crashloop", "raw-watch.jsonl");
    let mut listed = texts(&noted(&log_of(&[&watch, list.as_bytes()]), "crash")[0]);
    let mut wanted = expected.map(str::to_owned);
    // The list does not tell which of one second was first.
    listed.sort();
    wanted.sort();
    assert_eq!(listed, wanted);
    let both = log_of(&[&watch, &file("crashloop", "events.jsonl"), list.as_bytes()]);
    assert_eq!(texts(&noted(&both, "crash")[0]), expected);
}

#[test]
fn events_of_both_groups_are_told() {
    let watch = file("happy-rollout", "raw-watch.jsonl");
    let name = "web-868cd4c6b-p7q94";
    let core = [
        "15:09:45-15:09:45 Normal Scheduled x1 default-scheduler",
        "15:09:45-15:09:45 Normal Started x1 kubelet",
        "15:09:49-15:09:52 Warning Unhealthy x2 kubelet",
        "15:10:10-15:10:10 Normal Killing x1 kubelet",
    ];
    for (sample_name, expected) in [
        ("events.jsonl", core.to_vec()),
        ("events-list.json", core.to_vec()),
        ("events-v1.jsonl", vec![core[0], core[2], core[3]]),
    ] {
        let log = log_of(&[&watch, &sample(sample_name)]);
        assert_eq!(texts(&noted(&log, name)[0]), expected, "{sample_name}");
    }
}

/// A kubelet knows a static pod by the hash of its manifest: the Events of three mirrors in a row, the last two of one
/// manifest.
#[test]
fn events_of_static_pods_stand_beside_the_mirror_of_their_time() {
    let log = log_of(&[&file("static-mirror-pod", "raw-watch.jsonl"), &file("static-mirror-pod", "events.jsonl")]);
    let told: Vec<Vec<String>> = noted(&log, "static-web-node-a").iter().map(texts).collect();
    let expected = [
        vec!["15:12:13 Pulled", "15:12:13 Created", "15:12:14 Started", "15:12:24 Killing"],
        vec!["15:12:35 Pulled", "15:12:35 Created", "15:12:35 Started"],
        vec!["15:13:34 Killing"],
    ];
    let short = |told: &String| {
        let words: Vec<&str> = told.split(' ').collect();
        format!("{} {}", &words[0][..8], words[2])
    };
    let told: Vec<Vec<String>> = told.iter().map(|told| told.iter().map(short).collect()).collect();
    assert_eq!(told, expected);
}

/// `node-lost` with a watch of its node, which no capture has: the sample, at the times of the capture.
fn nodes() -> Vec<u8> {
    let text = String::from_utf8(sample("nodes.jsonl")).expect("UTF-8");
    text.replace("T15:20:31Z", "T15:17:22Z").replace("T15:22:03Z", "T15:18:01Z").into_bytes()
}

#[test]
fn changes_of_the_node_are_told_while_the_pod_lives() {
    let log = log_of(&[&file("node-lost", "raw-watch.jsonl"), &file("node-lost", "events.jsonl"), &nodes()]);
    let told = texts(&noted(&log, "bare")[0]);
    let expected = [
        "15:16:57-15:16:57 Normal Scheduled x1 default-scheduler",
        "15:16:58-15:16:58 Normal Pulled x1 kubelet",
        "15:16:58-15:16:58 Normal Created x1 kubelet",
        "15:16:58-15:16:58 Normal Started x1 kubelet",
        "15:17:22 node-b True to Unknown NodeStatusUnknown",
        "15:17:23-15:17:23 Warning NodeNotReady x1 node-controller",
        "15:17:33-15:17:33 Normal TaintManagerEviction x1 taint-eviction-controller",
        "15:18:00-15:18:00 Normal Killing x1 kubelet",
        "15:18:01 node-b Unknown to True KubeletReady",
    ];
    assert_eq!(told, expected);
    // Those that came later stood on the node again, or on another.
    for report in noted(&log, "db-0") {
        let is_on_node = report.timeline.pod().and_then(|pod| pod.spec.node_name.as_deref()) == Some("node-b");
        let begins = report.timeline.bounds().map(|(first, _)| time(Some(first)));
        let changes = report.related.iter().filter(|note| matches!(note, Note::Node(_))).count();
        let expected = if is_on_node && begins.as_deref() == Some("15:16:57") { 2 } else { 0 };
        assert_eq!(changes, expected, "{begins:?}");
    }
    // A list alone tells what the node became, not what it was.
    let list = String::from_utf8(sample("nodes-list.json")).expect("UTF-8").replace("T15:20:31Z", "T15:17:22Z");
    let log = log_of(&[&file("node-lost", "raw-watch.jsonl"), list.as_bytes()]);
    assert_eq!(texts(&noted(&log, "bare")[0]), ["15:17:22 node-b ? to Unknown NodeStatusUnknown"]);
}

/// Whatever format stands around an Event or a node, it reads again as it was.
#[test]
fn what_stands_beside_pods_reads_again_in_every_format() {
    let (mut events, mut nodes) = (0, 0);
    let folder = captures_folder().join("../formats");
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder").map(|it| it.expect("readable").path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.is_file()) {
        let log = Log::in_memory().expect("memory");
        let options =
            IngestOptions { base_time: ObservedAt::parse("2026-11-20T15:00:00Z"), ..IngestOptions::default() };
        // The malformed twins hold records that are taken, too.
        if ingest(&log, Source::open(path).expect("a file"), &options, &()).is_err() {
            continue;
        }
        let reader = log.reader();
        for row in reader.records_after(0, 10_000).expect("a readable log") {
            if row.kind == EventKind::CoreEvent {
                let event = reader.with_body(row.seq, kube_event_of).expect("a record");
                let event = event.unwrap_or_else(|what| panic!("{}: {what}", path.display()));
                assert!(!event.reason.is_empty() && event.last_at.is_some(), "{}: {event:?}", path.display());
                events += 1;
            } else if row.kind == EventKind::Node {
                let ready = reader.with_body(row.seq, node_ready_of).expect("a record");
                assert!(matches!(ready, Ok(Some(_))), "{}: {ready:?}", path.display());
                nodes += 1;
            }
        }
    }
    assert!(events > 25 && nodes > 10, "the samples are there: {events} {nodes}");
}

fn run(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).env_remove("PODREPLAY_DB").env_remove("NO_COLOR").stdin(Stdio::null());
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

#[test]
fn they_are_shown_in_their_places_and_can_be_left_out() {
    let scratch = Scratch::new();
    let path = |name: &str, bytes: &[u8]| scratch.file(name, bytes).display().to_string();
    let watch = path("watch.jsonl", &file("node-lost", "raw-watch.jsonl"));
    let events = path("events.jsonl", &file("node-lost", "events.jsonl"));
    let nodes = path("nodes.jsonl", &nodes());
    let alone = ["-f", &watch, "bare"];
    let all = ["-f", &watch, "-f", &events, "-f", &nodes, "bare"];
    let told = |command: &str, rest: &[&str], more: &[&str]| run(&[&[command], rest, more].concat());

    let timeline = told("timeline", &all, &[]);
    let part = "\
15:17:22·  +24s  node node-b  Ready True → Unknown  NodeStatusUnknown
15:17:23    +1s  Ready                      True (25s) → False
        ·        Warning NodeNotReady  Node is not ready
15:17:33·  +10s  event TaintManagerEviction  Marking for deletion Pod cap-16-node-lost/bare
15:17:34    +1s  DisruptionTarget           True";
    assert!(timeline.contains(part), "{timeline}");
    assert!(timeline.contains("\n·   Events and node readiness"), "{timeline}");

    let table = told("history", &all, &[]);
    let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows: Vec<String> = table.lines().map(row).collect();
    for expected in [
        "15:17:22 Node node-b Ready True → Unknown: NodeStatusUnknown",
        "15:17:23 Event Warning NodeNotReady: Node is not ready",
    ] {
        assert!(rows.iter().any(|row| row == expected), "{table}");
    }

    for (command, form) in [("timeline", "text"), ("history", "text"), ("timeline", "wide"), ("timeline", "json")] {
        let (hidden, without) =
            (told(command, &all, &["-o", form, "--no-events"]), told(command, &alone, &["-o", form]));
        assert_eq!(hidden, without, "{command} {form}");
    }
    for command in ["timeline", "history"] {
        let whole: serde_json::Value = serde_json::from_str(&told(command, &all, &["-o", "json"])).expect("JSON");
        let pod = &whole["pods"][0];
        assert_eq!(pod["coreEvents"].as_array().map(Vec::len), Some(7), "{pod}");
        assert_eq!(pod["coreEvents"][4]["reason"], "NodeNotReady");
        assert_eq!(pod["coreEvents"][4]["source"], "node-controller");
        let change = &pod["nodeReadiness"][0];
        assert_eq!(
            (&change["node"], &change["from"], &change["to"]),
            (&"node-b".into(), &"True".into(), &"Unknown".into())
        );
        let whole: serde_json::Value = serde_json::from_str(&told(command, &alone, &["-o", "json"])).expect("JSON");
        assert_eq!(whole["pods"][0]["coreEvents"], serde_json::json!([]));
        assert_eq!(whole["pods"][0]["nodeReadiness"], serde_json::json!([]));
    }
}

#[test]
fn hostile_events_are_told_harmlessly() {
    let scratch = Scratch::new();
    let events = String::from_utf8(file("crashloop", "events.jsonl")).expect("UTF-8");
    let events =
        events.replace("Back-off restarting", r"\u001b[31m\u202eBack\noff").replace("BackOff", r"Back\u001bOff");
    let events = scratch.file("events.jsonl", events.as_bytes()).display().to_string();
    let watch = scratch.file("watch.jsonl", &file("crashloop", "raw-watch.jsonl")).display().to_string();
    for arguments in
        [["timeline", "-o", "text"], ["timeline", "-o", "wide"], ["history", "-o", "text"], ["history", "-o", "json"]]
    {
        let told = run(&[&arguments[..], &["-f", &watch, "-f", &events, "crash"]].concat());
        let dangerous = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!told.contains(dangerous), "{arguments:?}: {told:?}");
        assert!(told.contains("Back\\u{1b}Off") || told.contains("Back\\u001bOff"), "{arguments:?}: {told}");
    }
}

/// Go writes no time as the year 1, and JSON as null: another time of the Event is taken, and one without any is kept.
#[test]
fn an_event_without_a_time_of_its_own_is_kept() {
    let zero = "\"0001-01-01T00:00:00Z\"";
    let event = |reason: &str, times: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"v1","metadata":{{"name":"{reason}","namespace":"team","uid":"{reason}","creationTimestamp":{times}}},"involvedObject":{{"kind":"Pod","namespace":"team","name":"web","uid":"u"}},"reason":"{reason}","message":"m","type":"Warning"}}"#
        )
    };
    let pod = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"team","uid":"u","resourceVersion":"5","creationTimestamp":"2026-01-01T10:00:00Z"},"spec":{"containers":[{"name":"a","image":"b"}]},"status":{"phase":"Running"}}"#;
    let created = r#""2026-01-01T10:00:09Z""#;
    let lines = [
        event(
            "Created",
            &format!(r#"{created}}},"firstTimestamp":{zero},"lastTimestamp":{zero},"eventTime":null,"x":{{"#),
        ),
        event("Null", &format!(r#"{created}}},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"x":{{"#)),
        event("Own", &format!(r#"{zero}}},"lastTimestamp":{zero},"eventTime":"2026-01-01T10:00:08.000000Z","x":{{"#)),
        event(
            "Series",
            &format!(r#"{zero}}},"series":{{"count":3,"lastObservedTime":"2026-01-01T10:00:07Z"}},"x":{{"#),
        ),
        event("None", &format!(r#"{zero}}},"firstTimestamp":{zero},"lastTimestamp":{zero},"x":{{"#)),
        event("Bad", r#""yesterday""#),
        pod.to_owned(),
    ];
    let log = Log::in_memory().expect("memory");
    let report = common::take(&log, lines.join("\n").as_bytes());
    assert_eq!((report.related, report.problem_count), (5, 1), "{:?}", report.problems);
    let reports = noted(&log, "web");
    let mut told: Vec<String> = reports[0].related.iter().map(text).collect();
    told.sort();
    assert_eq!(
        told,
        [
            "10:00:08-10:00:08 Warning Own x1 ",
            "10:00:09-10:00:09 Warning Created x1 ",
            "10:00:09-10:00:09 Warning Null x1 ",
            "?-10:00:07 Warning Series x3 ",
            "?-? Warning None x1 ",
        ]
    );
}
