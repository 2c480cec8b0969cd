//! The captures against what the API server itself printed and when it was received: READY, STATUS and RESTARTS by
//! resourceVersion, the object at each version, the estimated times.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::HashMap;

use crate::common::table::rows;
use crate::common::{captures, captures_named, events, file_of, log_of, pods, reports};
use podreplay::input::stored_record::object_of;
use podreplay::model::ObservedAt;

/// The only capture whose API server had more to do than it could.
const OVERLOADED: &str = "watch-expired";

#[test]
fn columns_and_times_are_those_of_the_api_server() {
    let (mut compared, mut within, mut late) = (0, 0, 0);
    let (mut quiet, mut quiet_within) = (0, 0);
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let Some(table) = file_of(&capture, "status-by-rv.tsv") else { continue };
        let log = log_of(&[&watch]);
        let mut entries = HashMap::new();
        for report in reports(&log) {
            for (place, entry) in report.timeline.entries.iter().enumerate() {
                let shown = report.timeline.transitions_of(place).iter().filter(|it| !it.inferred).count();
                let version = entry.resource_version.as_ref().expect("a version").to_string();
                let is_deletion = entry.kind.as_str() == "DELETED";
                entries.insert((report.identity.uid.clone(), version, is_deletion), (entry.clone(), shown));
            }
        }
        let name = capture.display();
        for row in rows(&table) {
            let key = (row.uid, row.version, row.is_deletion);
            let (entry, shown) = entries.get(&key).unwrap_or_else(|| panic!("{name}: no event for {key:?}"));
            let columns = &entry.columns;
            let found = [columns.ready_text(), columns.status.clone(), columns.restarts.count.to_string()];
            assert_eq!(found, row.columns, "{name}: {key:?}");
            let late_by_us = row.received_at.micros_since(entry.window.at.expect("a time"));
            compared += 1;
            within += usize::from((-100_000..=1_100_000).contains(&late_by_us));
            late += usize::from(late_by_us < -100_000);
            if !capture.ends_with(OVERLOADED) {
                quiet += shown;
                quiet_within += if late_by_us <= 1_100_000 { *shown } else { 0 };
            }
        }
    }
    println!("{compared} events: {within} estimated within 1.1 s, {late} later than the truth");
    println!("{quiet} transitions of quiet captures: {quiet_within} arrived within 1.1 s");
    assert!(compared > 3_000, "the captures are there: {compared}");
    // Which of other captures are quiet is not known.
    let is_shipped = captures_named().is_none();
    assert!(!is_shipped || quiet_within * 1_000 >= quiet * 995, "{quiet_within} of {quiet} within 1.1 s");
    assert_eq!(late, 0, "an estimate is never later than the truth");
    assert!(!is_shipped || within * 1_000 >= compared * 975, "{within} of {compared} within 1.1 s");
}

#[test]
fn show_gives_the_recorded_object() {
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let log = log_of(&[&watch]);
        let reader = log.reader();
        let mut shown = HashMap::new();
        for row in pods(&log) {
            for record in reader.records_of(row.id).expect("a readable log") {
                shown.insert(
                    record.seq.0,
                    reader.with_body(record.seq.0, |body| object_of(body, None)).expect("a log").expect("a pod"),
                );
            }
        }
        let lines = watch.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        for (seq, line) in (1_i64..).zip(lines) {
            let event: serde_json::Value = serde_json::from_slice(line).expect("a line is JSON");
            if event["object"]["kind"] == "Pod" && event["type"] != "BOOKMARK" {
                assert_eq!(shown[&seq], event["object"], "{}: record {seq}", capture.display());
            }
        }
    }
}

#[test]
fn the_true_time_lies_in_the_window() {
    let (mut compared, mut within) = (0, 0);
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let Some(table) = file_of(&capture, "status-by-rv.tsv") else { continue };
        let table = rows(&table);
        let truth: HashMap<(String, String, bool), ObservedAt> =
            table.into_iter().map(|row| ((row.uid, row.version, row.is_deletion), row.received_at)).collect();
        for (uid, events) in events(&log_of(&[&watch])) {
            for event in events {
                let version = event.resource_version().expect("a version").to_string();
                let received_at = truth[&(uid.clone(), version, event.kind.as_str() == "DELETED")];
                let Some(latest) = event.window.at_latest else { continue };
                assert!(event.window.at <= Some(latest), "{}: a window is not upside down", capture.display());
                compared += 1;
                // What was written before the end of the second arrives some milliseconds later.
                within += usize::from(received_at.micros_since(latest) <= 200_000);
            }
        }
    }
    println!("{compared} windows with an end: {within} hold the true time");
    assert!(within * 1_000 >= compared * 970, "{within} of {compared}");
}
