//! What is made of every format: the samples of `tests/formats/`, each with a malformed twin.
//!
//! The samples hold some of the writes of pods of which `tests/captures/` has the watch. Whatever the format, the pods
//! must have the timeline that a watch of just these writes has, but for what the format cannot carry.

use std::path::{Path, PathBuf};

use crate::common::{self, Scratch, captures_folder, file_of, pods, reports, take};
use podreplay::input::Source;
use podreplay::model::ObservedAt;
use podreplay::ops::{IngestOptions, IngestReport, ingest};
use podreplay::replay::Subject;
use podreplay::report::PodReport;
use podreplay::store::Log;

const WEB: Pod = Pod { capture: "happy-rollout", uid: "3b17588e-56c4-4703-81ee-2e7f757f64c7" };
const CRASH: Pod = Pod { capture: "crashloop", uid: "8fc3fe36-d42e-4806-95a9-77d6d3f443ae" };
const DOOMED: Pod = Pod { capture: "kwok-recording", uid: "94b5a010-639c-447d-af5a-0845b2f0ee11" };
const BEFORE: Pod = Pod { capture: "kwok-recording", uid: "90f7570e-f4e7-49c1-bf46-f28f8a46a08d" };

/// When kwokctl began to record the sample: the creation of `doomed`, less the time since the start.
const KWOK_BEGAN: &str = "2026-11-20T16:11:35.877252Z";

/// What the samples were trimmed of.
const CUT_FROM_SAMPLES: &[&str] = &["podIPs: "];

/// What some samples were trimmed of, too.
const CUT_CONDITIONS: &[&str] = &[
    "qosClass: ",
    "startTime: ",
    "hostIP: ",
    "PodScheduled: ",
    "PodReadyToStartContainers: ",
    "Initialized: ",
    "ContainersReady: ",
];

/// What the kubelet's first patches tell, which are not among the requests of the samples.
const FIRST_PATCHES: &[&str] = &["startTime: ", "hostIP: ", "PodReadyToStartContainers: ", "Initialized: "];

/// The same, and the readiness that the first of them tells.
const FIRST_PATCHES_AND_READY: &[&str] = &[
    "startTime: ",
    "hostIP: ",
    "PodReadyToStartContainers: ",
    "Initialized: ",
    "ContainersReady: - ",
    "ContainersReady: False -> True",
    "Ready: - ",
    "Ready: False -> True",
];

/// What a pod without its binding and without the first patches lacks.
const UNBOUND: &[&str] = &[
    "nodeName: ",
    "startTime: ",
    "hostIP: ",
    "PodScheduled: ",
    "PodReadyToStartContainers: ",
    "Initialized: ",
    "ContainersReady: ",
    "Ready: ",
];

#[derive(Clone, Copy)]
struct Pod {
    capture: &'static str,
    uid: &'static str,
}

/// A pod of a sample, and the writes of it that the sample tells.
struct Told {
    pod: Pod,
    versions: &'static [u32],
    /// Transitions of the watch that the format cannot carry, by the beginning of their line.
    without: &'static [&'static str],
    /// Its deletion is told by its name alone, or with the object as it last was.
    is_removed: bool,
}

const fn told(pod: Pod, versions: &'static [u32]) -> Told {
    Told { pod, versions, without: &[], is_removed: false }
}

/// A pod of which the sample has requests of the kubelet.
const fn requested(pod: Pod, versions: &'static [u32]) -> Told {
    Told { pod, versions, without: FIRST_PATCHES, is_removed: false }
}

/// A pod of which the sample keeps less of the conditions.
const fn trimmed(pod: Pod, versions: &'static [u32]) -> Told {
    Told { pod, versions, without: CUT_CONDITIONS, is_removed: false }
}

struct Sample {
    file: &'static str,
    /// As `counts` writes them.
    counts: &'static str,
    pods: &'static [Told],
    /// The counts of the malformed twin.
    twin: &'static str,
    /// The line that the problem of the twin names, and a part of its message.
    problem: (u64, &'static str),
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

fn options() -> IngestOptions {
    IngestOptions { base_time: ObservedAt::parse(KWOK_BEGAN), ..IngestOptions::default() }
}

fn twin_of(file: &str) -> String {
    let (name, ending) = file.rsplit_once('.').expect("an ending");
    format!("{name}.malformed.{ending}")
}

fn take_sample(log: &Log, file: &str) -> IngestReport {
    let source = Source::open(&folder().join(file)).expect("a sample");
    ingest(log, source, &options(), &()).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn counts(report: &IngestReport) -> String {
    let format = report.format.map_or("nothing", |format| format.as_str());
    let mut text = format!("{format}: {} events", report.events);
    let skipped: u64 = report.skipped.values().sum();
    for (count, what) in [
        (report.repeated, "again"),
        (report.requests, "requests"),
        (report.refused, "refused"),
        (report.related, "beside"),
        (skipped, "skipped"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}

#[test]
fn a_watch_of_pods_and_their_workloads_is_one_of_pods() {
    let file = |name: &str| std::fs::read(folder().join(name)).expect("a sample");
    let (pods, workloads) = (file("watch.jsonl"), file("workloads.jsonl"));
    for both in [[&*pods, &workloads].concat(), [&*workloads, &pods].concat()] {
        let scratch = Scratch::new();
        let source = Source::open(&scratch.file("both.jsonl", &both)).expect("it was just made");
        let report = ingest(&Log::in_memory().expect("memory"), source, &options(), &()).expect("an ingest");
        assert_eq!(counts(&report), "watch: 6 events, 4 beside");
    }
}

/// What a pod went through, a line a transition, without versions and clocks.
fn tale(report: &PodReport) -> Vec<String> {
    let lines = report.timeline.transitions.iter().map(|it| {
        let subject = match &it.subject {
            Subject::Lifecycle => "life".to_owned(),
            Subject::Phase => "phase".to_owned(),
            Subject::Field(field) => field.as_str().to_owned(),
            Subject::Condition(kind) => kind.to_string(),
            Subject::Container(name, _) => format!("container {name}"),
        };
        let word = |value: &Option<podreplay::replay::Value>| value.as_ref().map_or("-".into(), ToString::to_string);
        let reason = it.reason.as_deref().map(|reason| format!(" {reason}")).unwrap_or_default();
        let stamped = it.stamped_at.map(|at| format!(" stamped {at}")).unwrap_or_default();
        let restarts = it.restart_count.map(|count| format!(" #{count}")).unwrap_or_default();
        format!("{subject}: {} -> {}{reason}{restarts}{stamped}", word(&it.from), word(&it.to))
    });
    lines.collect()
}

/// The tale of a watch of just these writes.
fn watched(told: &Told) -> Vec<String> {
    let watch = file_of(&captures_folder().join(told.pod.capture), "raw-watch.jsonl").expect("a watch");
    let is_told = |line: &[u8]| {
        let event: serde_json::Value = serde_json::from_slice(line).expect("JSON");
        let metadata = &event["object"]["metadata"];
        let version = metadata["resourceVersion"].as_str().and_then(|text| text.parse::<u32>().ok());
        metadata["uid"] == told.pod.uid && version.is_some_and(|version| told.versions.contains(&version))
    };
    let lines: Vec<u8> = common::lines(&watch).into_iter().filter(|line| is_told(line)).flatten().collect();
    let log = Log::in_memory().expect("memory");
    take(&log, &lines);
    let reports = reports(&log);
    assert_eq!(reports.len(), 1, "the capture has the pod");
    tale(&reports[0])
}

#[test]
fn every_sample_tells_what_a_watch_tells() {
    let mut wrong = String::new();
    for sample in SAMPLES {
        let log = Log::in_memory().expect("memory");
        let report = take_sample(&log, sample.file);
        let found = counts(&report);
        if found != sample.counts || !report.is_clean() {
            wrong.push_str(&format!("{}: {found}; {:?} {:?}\n", sample.file, report.problems, report.skipped));
        }
        let reports: Vec<PodReport> =
            reports(&log).into_iter().filter(|report| !report.timeline.entries.is_empty()).collect();
        if reports.len() != sample.pods.len() {
            let names: Vec<String> = pods(&log).iter().map(|row| format!("{:?}", row.identity)).collect();
            wrong.push_str(&format!("{}: {} pods: {names:?}\n", sample.file, reports.len()));
        }
        for told in sample.pods {
            let Some(report) = reports.iter().find(|report| report.identity.uid == told.pod.uid) else {
                wrong.push_str(&format!("{}: no pod {}\n", sample.file, told.pod.uid));
                continue;
            };
            let carried = |line: &String| {
                let mut without = told.without.iter().chain(CUT_FROM_SAMPLES);
                !without.any(|beginning| line.starts_with(beginning))
            };
            let removed = told.is_removed.then(|| "life: created -> deleted".to_owned());
            let expected: Vec<String> = watched(told).into_iter().chain(removed).filter(carried).collect();
            let found: Vec<String> = tale(report).into_iter().filter(carried).collect();
            if found != expected {
                wrong.push_str(&format!("{}: {}\n{}\n", sample.file, told.pod.uid, difference(&expected, &found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What `podreplay export` prints of a sample.
fn export(file: &Path) -> Vec<u8> {
    run(&["export", "--base-time", KWOK_BEGAN, "-f"], file).stdout
}

fn run(arguments: &[&str], file: &Path) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).arg(file).env_remove("PODREPLAY_DB").output().expect("it runs")
}

/// The JSON values of a text, whatever stands between them.
fn values(text: &str) -> Vec<serde_json::Value> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find('{') {
        let begin = if rest.starts_with('[') { 0 } else { begin };
        let mut stream = serde_json::Deserializer::from_str(&rest[begin..]).into_iter();
        let Some(Ok(value)) = stream.next() else { break };
        values.push(value);
        rest = &rest[begin + stream.byte_offset()..];
    }
    values
}

/// What is exported is what was read: the bytes where records stood on lines of their own, else the same JSON; and it is
/// read again as the same.
#[test]
fn what_is_exported_is_what_was_read() {
    let mut wrong = String::new();
    for sample in SAMPLES {
        let file = folder().join(sample.file);
        let exported = export(&file);
        let input = std::fs::read(&file).expect("a sample");
        let text = String::from_utf8(input.clone()).expect("UTF-8");
        if sample.counts.contains("skipped") {
            // What is passed over is not kept.
        } else if sample.file.ends_with(".yaml") {
            let documents = serde_yaml::Deserializer::from_str(&text);
            let documents: Vec<serde_json::Value> =
                documents.map(|document| serde::Deserialize::deserialize(document).expect("YAML")).collect();
            if values(&String::from_utf8_lossy(&exported)) != documents {
                wrong.push_str(&format!("{}: another YAML\n", sample.file));
            }
        } else if ["{\n", "[\n"].iter().any(|begin| text.starts_with(begin)) || text.contains("\n{\n") {
            if values(&String::from_utf8_lossy(&exported)) != values(&text) {
                wrong.push_str(&format!("{}: another JSON\n", sample.file));
            }
        } else if exported != input {
            wrong.push_str(&format!("{}: other bytes\n", sample.file));
        }
        let scratch = common::Scratch::new();
        let again = scratch.file("again", &exported);
        if export(&again) != exported {
            wrong.push_str(&format!("{}: the export of the export is another\n", sample.file));
        }
        let (first, second) = (Log::in_memory().expect("memory"), Log::in_memory().expect("memory"));
        take_sample(&first, sample.file);
        common::take_with(&second, &exported, &options());
        if common::tales(&first, tale) != common::tales(&second, tale) {
            wrong.push_str(&format!("{}: the export tells something else\n", sample.file));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn difference(expected: &[String], found: &[String]) -> String {
    let (expected, found) = (expected.join("\n") + "\n", found.join("\n") + "\n");
    let diff = similar::TextDiff::from_lines(&expected, &found);
    diff.unified_diff().context_radius(1).header("watched", "found").to_string()
}

#[test]
fn the_broken_record_of_every_twin_is_told_and_the_others_are_taken() {
    let mut wrong = String::new();
    for sample in SAMPLES {
        let log = Log::in_memory().expect("memory");
        let twin = twin_of(sample.file);
        let report = take_sample(&log, &twin);
        let found = counts(&report);
        let (line, words) = sample.problem;
        let is_told = report.problem_count == 1
            && report.problems.iter().all(|problem| problem.line == line && problem.message.contains(words));
        if found != sample.twin || !is_told {
            wrong.push_str(&format!("{twin}: {found} ({})\n", report.problem_count));
            for problem in &report.problems {
                wrong.push_str(&format!("    {problem}\n"));
            }
        }
        let code = run(&["export", "--base-time", KWOK_BEGAN, "-f"], &folder().join(&twin)).status.code();
        if code != Some(3) {
            wrong.push_str(&format!("{twin}: exit code {code:?}\n"));
        }
        // Whatever was taken can be replayed.
        if reports(&log).is_empty() && report.related == 0 {
            wrong.push_str(&format!("{twin}: nothing was taken\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A folder that `kubectl cluster-info dump` or `oc adm must-gather` made: each file is a recording, logs of containers are
/// passed over, what is not known is named.
#[test]
fn folders_are_read_file_by_file() {
    let table = [
        ("cluster-info", 0, "", "", vec![WEB.uid, CRASH.uid]),
        ("cluster-info.malformed", 3, "", "cap-02-crashloop/pods.json: line 1, byte 0: truncated", vec![WEB.uid]),
        ("must-gather", 0, "1 is of unknown format", "", vec![WEB.uid, CRASH.uid]),
        ("must-gather.malformed", 3, "1 is of unknown format", "p7q94.yaml: line 22, byte 0", vec![WEB.uid, CRASH.uid]),
    ];
    for (name, code, summary, complaint, uids) in table {
        let scratch = common::Scratch::new();
        let db = scratch.path("a.db");
        let output = run(&["ingest", "--db", &db.display().to_string()], &folder().join(name));
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{name}: {out}{err}");
        assert!(out.contains(summary) && !out.contains("logs"), "{name}: {out}");
        assert_eq!(err.lines().count(), usize::from(!complaint.is_empty()), "{name}: {err}");
        assert!(err.contains(complaint), "{name}: {err}");
        let log = Log::open_to_read(&db).expect("a store");
        let found: Vec<String> = pods(&log).into_iter().map(|row| row.identity.uid).collect();
        assert_eq!(found, uids, "{name}");
        let names: Vec<String> =
            log.reader().recordings().expect("readable").into_iter().map(|recording| recording.name).collect();
        assert!(names.len() > 3 && names.iter().all(|found| found.starts_with(name)), "{names:?}");
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(names, sorted, "{name}");
        // They are one dump of one moment.
        let output = run(&["recordings", "--db"], &db);
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        let rows: Vec<&str> = table
            .lines()
            .skip_while(|line| !line.starts_with("ID"))
            .skip(1)
            .take_while(|line| !line.is_empty())
            .collect();
        let first = rows.first().expect("a row").split_ascii_whitespace().collect::<Vec<_>>();
        assert_eq!((rows.len(), first[1]), (1, "dump"), "{table}");
        assert_eq!(first[3], uids.len().to_string(), "{table}");
        // The file `timestamp` says when it was taken.
        let taken = ["15:09:56", "15:10:04"];
        assert_eq!(first[5..7] == taken, name.starts_with("must-gather"), "{table}");
    }
}

/// Whatever else lies in a folder does no harm; hidden files and links to folders are passed over.
#[test]
fn a_folder_may_hold_anything() {
    let scratch = common::Scratch::new();
    let watch = std::fs::read(folder().join("watch.jsonl")).expect("a sample");
    for name in ["b/c", "b/.hidden", "d/logs"] {
        std::fs::create_dir_all(scratch.path(name)).expect("a folder");
    }
    scratch.file("b/c/watch.jsonl", &watch);
    scratch.file("b/.hidden/watch.jsonl", b"{\"cut");
    scratch.file("b/.watch.jsonl", b"{\"cut");
    scratch.file("d/logs/current.log", b"{\"kind\":\"Pod\"}");
    scratch.file("d/expect.yaml", b"pods: []\n");
    scratch.file("values.yaml", b"replicas: 3\n");
    scratch.file("talk.txt", b"error: it: broke\n");
    scratch.file("picture.png", &[0x89, b'P', b'N', b'G', 0]);
    scratch.file("empty", b"");
    #[cfg(unix)]
    std::os::unix::fs::symlink(scratch.path("."), scratch.path("b/loop")).expect("a link");
    let output = run(&["pods", "-f"], &scratch.path("."));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    assert!(err.contains("loaded 1 of 6 files; 2 are not about pods, 3 are of unknown format (--verbose"), "{err}");
    let named = String::from_utf8_lossy(&run(&["pods", "--verbose", "-f"], &scratch.path(".")).stderr).into_owned();
    let of_none = |name: &str| named.contains(&format!("{name}: unknown format: "));
    assert!(["picture.png", "talk.txt", "values.yaml"].into_iter().all(of_none), "{named}");
    let nothing = run(&["pods", "-f"], &scratch.path("d"));
    assert_eq!(nothing.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing about pods"));
}

/// The table of `podreplay formats` fits into a terminal, and each format can be asked for in each form.
#[test]
fn the_formats_are_told() {
    let text = String::from_utf8(run(&["formats"], Path::new("--color=never")).stdout).expect("UTF-8");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for format in podreplay::input::Format::ALL {
        let word = format.as_str();
        assert!(text.lines().any(|line| line.starts_with(&format!("{word} "))), "{word}");
        let one = run(&["formats"], Path::new(word));
        assert!(String::from_utf8_lossy(&one.stdout).contains("get one with"), "{word}");
        let json = run(&["formats", "-o", "json"], Path::new(word)).stdout;
        let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        assert_eq!(json["formats"][0]["format"], word);
        let yaml = run(&["formats", "-o", "yaml"], Path::new(word)).stdout;
        assert_eq!(serde_yaml::from_slice::<serde_json::Value>(&yaml).expect("YAML"), json);
    }
    assert_eq!(run(&["formats"], Path::new("kubecost")).status.code(), Some(2));
}

/// An input of no known format is shown escaped, with a guess and with what to do.
#[test]
fn an_unknown_format_comes_with_a_guess() {
    let scratch = common::Scratch::new();
    let table: [(&[u8], &str, &str); 4] = [
        (b"NAME    READY\nweb-0   1/1\n", "begins with \"NAME    READY\\nweb-0", "--output-watch-events"),
        (b"SQLite format 3\0\x1b[31m", "SQLite format 3\\0\\u{1b}[31m", "--db FILE"),
        (b"k8s\0\xff\xfe", "protobuf", "kubectl get pods"),
        (b"\x01\x02\xff", "looked for JSON", "podreplay formats"),
    ];
    for (bytes, message, hint) in table {
        let output = run(&["pods", "-f"], &scratch.file("unknown", bytes));
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains(message) && told.contains(hint) && !told.contains('\u{1b}'), "{told}");
    }
}

const SAMPLES: &[Sample] = &[
    Sample {
        file: "watch.jsonl",
        counts: "watch: 6 events",
        pods: &[told(WEB, &[535, 536, 566, 780, 1181, 1223])],
        twin: "watch: 5 events",
        problem: (5, "line break"),
    },
    Sample {
        file: "kubectl-list.json",
        counts: "list: 2 events",
        pods: &[told(WEB, &[780]), told(CRASH, &[686])],
        twin: "list: 2 events",
        problem: (1, "expected an object"),
    },
    Sample {
        file: "audit-requestresponse.jsonl",
        counts: "audit: 4 events, 1 requests",
        pods: &[told(CRASH, &[578, 579, 600, 686, 4601])],
        twin: "audit: 3 events, 1 requests",
        problem: (4, "line break"),
    },
    Sample {
        file: "audit-request.jsonl",
        counts: "audit: 2 events, 5 requests",
        pods: &[told(CRASH, &[578, 579, 581, 590, 600, 686, 4601])],
        twin: "audit: 2 events, 4 requests",
        problem: (5, "stageTimestamp"),
    },
    Sample {
        file: "audit-truncated.jsonl",
        counts: "audit: 2 events, 1 requests",
        pods: &[told(CRASH, &[578, 686])],
        twin: "audit: 1 events, 1 requests",
        problem: (3, "responseObject"),
    },
    Sample {
        file: "audit-metadata.jsonl",
        counts: "audit: 0 events, 6 requests, 1 skipped",
        pods: &[Told { without: &[""], ..told(CRASH, &[578]) }],
        twin: "audit: 0 events, 5 requests, 1 skipped",
        problem: (5, "pods/crash"),
    },
    Sample {
        file: "eks-cli.json",
        counts: "eks: 2 events, 3 requests, 1 skipped",
        pods: &[requested(CRASH, &[578, 579, 600, 686, 4601])],
        twin: "eks: 2 events, 2 requests, 1 skipped",
        problem: (24, "message"),
    },
    Sample {
        file: "eks-subscription.json",
        counts: "eks: 2 events, 3 requests, 1 skipped",
        pods: &[requested(CRASH, &[578, 579, 600, 686, 4601])],
        twin: "eks: 2 events, 2 requests, 1 skipped",
        problem: (1, "message"),
    },
    Sample {
        file: "eks-insights.json",
        counts: "eks: 2 events, 3 requests",
        pods: &[requested(CRASH, &[578, 579, 600, 686, 4601])],
        twin: "eks: 2 events, 2 requests",
        problem: (39, "@message"),
    },
    Sample {
        file: "eks-insights-lines.jsonl",
        counts: "eks: 2 events, 3 requests",
        pods: &[requested(CRASH, &[578, 579, 600, 686, 4601])],
        twin: "eks: 2 events, 2 requests",
        problem: (3, "escape"),
    },
    Sample {
        file: "eks-tail.txt",
        counts: "audit: 2 events, 3 requests, 1 skipped",
        pods: &[requested(CRASH, &[578, 579, 600, 686, 4601])],
        twin: "audit: 2 events, 2 requests, 1 skipped",
        problem: (4, "the record is cut off"),
    },
    Sample {
        file: "eks-tail-short.txt",
        counts: "audit: 2 events, 3 requests",
        pods: &[requested(CRASH, &[578, 579, 600, 686, 4601])],
        twin: "audit: 2 events, 2 requests",
        problem: (3, "expected"),
    },
    Sample {
        file: "eks-tail-json.txt",
        counts: "audit: 0 events, 4 requests",
        pods: &[Told { without: &[""], ..told(CRASH, &[578]) }],
        twin: "audit: 0 events, 3 requests",
        problem: (86, "expected `,`"),
    },
    Sample {
        file: "gke.json",
        counts: "gke: 2 events, 1 requests, 1 refused",
        pods: &[Told { without: UNBOUND, ..told(WEB, &[535, 566, 1223]) }],
        twin: "gke: 2 events, 1 refused",
        problem: (248, "the timestamp is"),
    },
    Sample {
        file: "gke-lines.jsonl",
        counts: "gke: 2 events, 3 requests",
        pods: &[Told { without: FIRST_PATCHES_AND_READY, ..requested(WEB, &[535, 536, 566, 780, 1223]) }],
        twin: "gke: 2 events, 2 requests",
        problem: (3, "line break"),
    },
    Sample {
        file: "aks-storage.jsonl",
        counts: "aks: 3 events, 1 requests",
        pods: &[told(CRASH, &[578, 579, 600, 4601])],
        twin: "aks: 2 events, 1 requests",
        problem: (3, "properties.log"),
    },
    Sample {
        file: "aks-eventhub.json",
        counts: "aks: 3 events, 1 requests, 1 skipped",
        pods: &[told(CRASH, &[578, 579, 600, 4601])],
        twin: "aks: 2 events, 1 requests, 1 skipped",
        problem: (2, "properties.log"),
    },
    Sample {
        file: "aks-table.json",
        counts: "aks: 3 events, 1 requests",
        pods: &[told(CRASH, &[578, 579, 600, 4601])],
        twin: "aks: 2 events, 1 requests",
        problem: (46, "ObjectRef"),
    },
    Sample {
        file: "aks-export.jsonl",
        counts: "aks: 3 events, 1 requests",
        pods: &[told(CRASH, &[578, 579, 600, 4601])],
        twin: "aks: 2 events, 1 requests",
        problem: (3, "StageReceivedTime"),
    },
    Sample {
        file: "kwok.yaml",
        counts: "kwok: 2 events, 9 requests",
        pods: &[
            told(BEFORE, &[262_804]),
            told(DOOMED, &[262_838, 262_842, 262_853, 262_874, 262_900, 262_947, 262_949, 262_950, 262_969, 262_970]),
        ],
        twin: "kwok: 2 events, 8 requests",
        problem: (228, "16.6s"),
    },
    Sample {
        file: "kwok-internal.yaml",
        counts: "kwok: 2 events, 9 requests",
        pods: &[
            told(BEFORE, &[262_804]),
            told(DOOMED, &[262_838, 262_842, 262_853, 262_874, 262_900, 262_947, 262_949, 262_950, 262_969, 262_970]),
        ],
        twin: "kwok: 2 events, 8 requests",
        problem: (224, "no target"),
    },
    Sample {
        file: "resourcewatch.jsonl",
        counts: "resourcewatch: 5 events, 1 requests, 1 skipped",
        pods: &[trimmed(WEB, &[535, 566, 780, 1223]), Told { is_removed: true, ..trimmed(CRASH, &[686]) }],
        twin: "resourcewatch: 4 events, 1 requests, 1 skipped",
        problem: (4, "observationTime"),
    },
    Sample {
        file: "sloop.yaml",
        counts: "sloop: 6 events, 1 skipped",
        pods: &[trimmed(WEB, &[535, 566, 780, 1223]), Told { is_removed: true, ..trimmed(CRASH, &[686]) }],
        twin: "sloop: 5 events, 1 skipped",
        problem: (12, "payload"),
    },
    Sample {
        file: "client-go.jsonl",
        counts: "client-dump: 4 events",
        pods: &[trimmed(CRASH, &[578, 600, 686, 4601])],
        twin: "client-dump: 3 events",
        problem: (4, "Object"),
    },
    Sample {
        file: "python-client.jsonl",
        counts: "client-dump: 4 events",
        pods: &[trimmed(CRASH, &[578, 686, 4601]), trimmed(WEB, &[780])],
        twin: "client-dump: 3 events",
        problem: (2, "expected"),
    },
    Sample {
        file: "cluster-info-stdout.txt",
        counts: "list: 2 events, 6 beside, 12 skipped",
        pods: &[told(WEB, &[780]), told(CRASH, &[686])],
        twin: "list: 1 events, 6 beside, 12 skipped",
        problem: (302, "key must be"),
    },
    Sample {
        file: "otel.jsonl",
        counts: "opentelemetry: 4 events",
        pods: &[trimmed(CRASH, &[578, 600, 686, 4601])],
        twin: "opentelemetry: 3 events",
        problem: (3, "kvlistValue"),
    },
    Sample {
        file: "otel-string.jsonl",
        counts: "opentelemetry: 4 events",
        pods: &[trimmed(CRASH, &[578, 600, 686, 4601])],
        twin: "opentelemetry: 3 events",
        problem: (1, "body"),
    },
    Sample {
        file: "otel-pull.jsonl",
        counts: "opentelemetry: 4 events",
        pods: &[trimmed(WEB, &[566, 780]), trimmed(CRASH, &[600, 686])],
        twin: "opentelemetry: 3 events",
        problem: (2, "observedTimeUnixNano"),
    },
    Sample {
        file: "events.jsonl",
        counts: "events: 0 events, 7 beside",
        pods: &[],
        twin: "events: 0 events, 6 beside",
        problem: (4, "involvedObject"),
    },
    Sample {
        file: "events-list.json",
        counts: "list: 0 events, 7 beside",
        pods: &[],
        twin: "list: 0 events, 6 beside",
        problem: (66, "time of the Event"),
    },
    Sample {
        file: "events-v1.jsonl",
        counts: "events: 0 events, 4 beside",
        pods: &[],
        twin: "events: 0 events, 3 beside",
        problem: (2, "regarding"),
    },
    Sample {
        file: "nodes.jsonl",
        counts: "nodes: 0 events, 5 beside",
        pods: &[],
        twin: "nodes: 0 events, 4 beside",
        problem: (4, "conditions"),
    },
    Sample {
        file: "workloads.jsonl",
        counts: "workloads: 0 events, 4 beside",
        pods: &[],
        twin: "workloads: 0 events, 3 beside",
        problem: (3, "expected an object"),
    },
    Sample {
        file: "nodes-list.json",
        counts: "list: 0 events, 2 beside",
        pods: &[],
        twin: "list: 0 events, 2 beside",
        problem: (1, "integer `7`"),
    },
];
