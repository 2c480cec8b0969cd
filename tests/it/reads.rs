//! A pod is read once: each body of a record is unpacked and parsed at most once a command. Only a life of more than a thousand
//! events is read twice where it is judged, as it is not held as a whole; and `history` reads once more, as whole objects, what
//! stands on both sides of an event without a transition.

use crate::common::{captures, file_of, log_of, pods};
use podreplay::compare::Incomplete;
use podreplay::ops::check::{check, judged};
use podreplay::ops::incident::{Asked, Objects, incident};
use podreplay::ops::pod_report::{replayed_events, replayed_with_changes};
use podreplay::ops::recorded::{Findings, recorded};
use podreplay::ops::story::Scope;
use podreplay::ops::{Reading, pods_at};
use podreplay::redact::Secrets;
use podreplay::rules::Track;
use podreplay::store::Log;
use podreplay::timeline::TimeRange;

/// What a command does with a log.
type Command = fn(&Log);

fn each_pod(log: &Log, read: impl Fn(&Reading<'_>, &podreplay::ops::reading::StoredHistory<'_>)) {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    for row in pods(log) {
        read(&reading, &reading.pod(&row).expect("a readable log"));
    }
}

fn timeline(log: &Log) {
    each_pod(log, |reading, history| drop(judged(reading, history, Track::Kept).expect("a readable log")));
}

fn history(log: &Log) {
    each_pod(log, |reading, history| drop(replayed_with_changes(reading, history).expect("a readable log")));
}

fn history_json(log: &Log) {
    each_pod(log, |reading, history| drop(replayed_events(reading, history).expect("a readable log")));
}

fn checked(log: &Log) {
    check(log, pods(log), None).expect("a readable log");
}

fn report(log: &Log) {
    let asked = Asked {
        frame: TimeRange::ALWAYS,
        version: None,
        objects: Objects::Told,
        secrets: Secrets::Shown,
        scope: Scope::Namespaces,
    };
    incident(log, pods(log), &asked, None).expect("a readable log");
}

fn diff(log: &Log) {
    recorded(log, pods(log), Findings::Left, None, Incomplete::default()).expect("a readable log");
}

fn test(log: &Log) {
    recorded(log, pods(log), Findings::Judged, None, Incomplete::default()).expect("a readable log");
}

fn table(log: &Log) {
    pods_at(&Reading::new(&log.reader()), pods(log), None, None).expect("a readable log");
}

/// Each with how often it may read a body.
const COMMANDS: [(&str, Command, u64); 8] = [
    ("timeline, explain", timeline, 1),
    ("history", history, 2),
    ("history -o json", history_json, 1),
    ("check", checked, 1),
    ("report", report, 1),
    ("diff", diff, 1),
    ("test", test, 1),
    ("pods", table, 1),
];

#[test]
fn each_body_is_read_at_most_once_a_command() {
    let mut seen = 0;
    for capture in captures() {
        let files = ["raw-watch.jsonl", "audit.jsonl", "list-final.json", "recording.jsonl"];
        let files: Vec<Vec<u8>> = files.iter().filter_map(|name| file_of(&capture, name)).collect();
        for input in files.iter().map(|file| vec![file.as_slice()]).chain([files.iter().map(Vec::as_slice).collect()]) {
            let log = log_of(&input);
            for (name, command, most) in COMMANDS {
                log.count_reads();
                command(&log);
                let reads = log.reads();
                let again: Vec<_> = reads.iter().filter(|(_, count)| **count > most).collect();
                assert!(again.is_empty(), "{} {name}: {again:?}", capture.display());
                seen += reads.len();
            }
        }
    }
    assert!(seen > 10_000, "{seen}");
}
