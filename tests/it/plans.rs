//! How SQLite runs the statements that read: of one pod none goes through a table that grows with the log, of all pods none through
//! more than it needs.

use crate::common::{captures_folder, file_of, store_of};
use podreplay::ops::check::{check, judged};
use podreplay::ops::incident::{Asked, Objects, incident};
use podreplay::ops::pod_report::replayed_with_changes;
use podreplay::ops::related::Notes;
use podreplay::ops::select_pods::{moment, pods};
use podreplay::ops::story::{Scope, told};
use podreplay::ops::{Reading, pods_at};
use podreplay::redact::Secrets;
use podreplay::rules::Track;
use podreplay::select::{Pattern, Selection};
use podreplay::store::Log;
use podreplay::story::HowMuch;
use podreplay::timeline::{Excerpt, TimeRange};

/// Tables with a row a recording, an actor or a watch that was begun anew, or with some rows a batch of 4 MB; and partial indexes of the
/// few records that are about the stream or about what is no pod.
const MAY_BE_SCANNED: [&str; 8] = [
    "SCAN cluster",
    "SCAN recording",
    "SCAN batch",
    "SCAN actor",
    "SCAN relist",
    "SCAN summary",
    "SCAN record USING INDEX record_of_stream",
    "SCAN record USING INDEX record_of_acts",
];

fn store() -> (crate::common::Scratch, Log) {
    let folder = captures_folder().join("drain-eviction-pdb");
    let files = ["raw-watch.jsonl", "audit.jsonl", "list-final.json"];
    let files: Vec<Vec<u8>> = files.iter().filter_map(|name| file_of(&folder, name)).collect();
    store_of(&files.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The steps of plans that go through a table, but for those that may, each with its statement.
fn scans(log: &Log, may: &[&str]) -> Vec<String> {
    let plans = log.plans().expect("plans");
    assert!(plans.len() > 5, "{plans:?}");
    let steps = plans.iter().flat_map(|(sql, steps)| steps.iter().map(move |step| (sql, step)));
    let is_scan = |(_, step): &(&String, &String)| step.starts_with("SCAN ") && step.as_str() != "SCAN CONSTANT ROW";
    let is_allowed = |step: &str| may.iter().any(|may| step == *may || step.starts_with(&format!("{may} USING")));
    steps.filter(is_scan).filter(|(_, step)| !is_allowed(step)).map(|(sql, step)| format!("{step}: {sql}")).collect()
}

#[test]
fn one_pod_is_read_without_a_scan_of_what_grows() {
    let (_scratch, log) = store();
    log.keep_statements_read();
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let one = Selection { pods: vec![Pattern::parse("lone").expect("a name")], ..Selection::default() };
    moment(&reader, None, podreplay::model::Zone::UTC).expect("a readable log");
    let rows = pods(&reading, &one).expect("a readable log");
    let [row] = rows.as_slice() else { panic!("one pod: {rows:?}") };
    let history = reading.pod(row).expect("a readable log");
    let (mut pod, _) = judged(&reading, &history, Track::Kept).expect("a readable log");
    pod.report.related = Notes::new(&reading).of(row, &pod.report).expect("a readable log");
    replayed_with_changes(&reading, &history).expect("a readable log");
    for revision in &history.revisions {
        history.whole_object(revision).expect("a readable log");
    }
    told(&reading, (&rows, Scope::Pods), (HowMuch::Screen, Secrets::Shown), Excerpt::WHOLE).expect("a readable log");
    pods_at(&reading, rows.clone(), None, None).expect("a readable log");
    check(&log, rows.clone(), None).expect("a readable log");
    assert_eq!(scans(&log, &MAY_BE_SCANNED), Vec::<String>::new());
}

#[test]
fn all_pods_are_read_without_a_scan_of_the_records() {
    let (_scratch, log) = store();
    log.keep_statements_read();
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let all = || pods(&reading, &Selection::default()).expect("a readable log");
    pods_at(&reading, all(), None, None).expect("a readable log");
    check(&log, all(), None).expect("a readable log");
    told(&reading, (&all(), Scope::Namespaces), (HowMuch::Screen, Secrets::Shown), Excerpt::WHOLE)
        .expect("a readable log");
    let asked = Asked {
        frame: TimeRange::ALWAYS,
        version: None,
        objects: Objects::Told,
        secrets: Secrets::Shown,
        scope: Scope::Namespaces,
    };
    incident(&log, all(), &asked, None).expect("a readable log");
    reader.recordings().expect("a readable log");
    let pods_too = [&MAY_BE_SCANNED[..], &["SCAN pod"]].concat();
    assert_eq!(scans(&log, &pods_too), Vec::<String>::new());
}
