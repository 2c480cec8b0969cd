//! Gaps: told with their bounds, nothing invented, no pod doubled.

mod common;

use common::{captures_folder, file_of, log_of, reports, tales, told};
use podreplay::ops::history::pods_at;

fn recording(capture: &str, name: &str) -> Vec<u8> {
    file_of(&captures_folder().join(capture), name).expect("a capture has its recording")
}

/// `POD: KIND from TIME until TIME` a gap, those at a pod's beginning left out.
fn told_gaps(bytes: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    for report in reports(&log_of(&[bytes])) {
        for gap in report.gaps.iter().filter(|gap| gap.kind.as_str() != "startsMidLife") {
            let time = |at: Option<podreplay::model::ObservedAt>| {
                at.map_or("?".to_owned(), |at| at.to_string()[11..19].to_owned())
            };
            lines.push(format!(
                "{}: {} {} to {}",
                report.identity.name,
                gap.kind.as_str(),
                time(gap.from),
                time(gap.until)
            ));
        }
    }
    lines
}

#[test]
fn an_expired_watch_and_the_list_after_it() {
    let gaps = told_gaps(&recording("watch-expired", "recording.jsonl"));
    let of = |pod: &str| gaps.iter().filter(|line| line.starts_with(pod)).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("lost-in-gap"), ["lost-in-gap: vanished 15:16:24 to 15:19:01"]);
    assert_eq!(of("crash")[0], "crash: watchError 15:16:24 to 15:19:01");
    // Pods that are first told of by the new list: what they went through before it is one gap, and there is no other.
    assert_eq!(of("churn").len(), 15, "{gaps:?}");
    assert!(of("churn").iter().all(|gap| gap.contains("relist 15:18:35 to")), "{gaps:?}");
}

#[test]
fn pods_that_a_new_list_does_not_tell_of_are_gone() {
    let log = log_of(&[&recording("watch-expired", "recording.jsonl")]);
    let reader = log.reader();
    let moments = pods_at(&log, &reader, &common::pods(&log), None, None).expect("a readable log");
    let mut names: Vec<String> = moments.into_iter().map(|moment| moment.identity.name).collect();
    let truth: serde_json::Value =
        serde_json::from_slice(&recording("watch-expired", "list-final.json")).expect("a list is JSON");
    let mut expected: Vec<&str> =
        truth["items"].as_array().expect("items").iter().filter_map(|pod| pod["metadata"]["name"].as_str()).collect();
    expected.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn a_watch_that_is_resumed_has_no_gap() {
    assert_eq!(told_gaps(&recording("watch-resume", "recording.jsonl")), [""; 0]);
    let whole = log_of(&[&recording("watch-resume", "raw-watch.jsonl")]);
    let resumed = log_of(&[&recording("watch-resume", "recording.jsonl")]);
    let whole = tales(&whole, told);
    let mut compared = 0;
    for (uid, tale) in tales(&resumed, told) {
        // The recording begins with the pods as they were by then; from the next event on it tells the same.
        let version = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let first = version(&tale[0]);
        let later: Vec<&String> = tale.iter().filter(|line| version(line) != first).collect();
        let expected: Vec<&String> = whole[&uid]
            .iter()
            .skip_while(|line| version(line) != first)
            .filter(|line| version(line) != first)
            .collect();
        assert_eq!(later, expected, "{uid}");
        compared += later.len();
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn lists_told_again_double_nothing() {
    let whole = tales(&log_of(&[&recording("watch-resume", "raw-watch.jsonl")]), told);
    let again = tales(&log_of(&[&recording("watch-resume", "recording-no-rv.jsonl")]), told);
    let created = |tale: &[String]| tale.iter().filter(|line| line.contains("Lifecycle None")).count();
    for (uid, tale) in &again {
        assert_eq!(created(tale), 1, "{uid}");
        assert!(tale.len() <= whole[uid].len() + 2, "{uid}");
    }
    assert!(told_gaps(&recording("watch-resume", "recording-no-rv.jsonl")).iter().any(|gap| gap.contains("relist")));
}

#[test]
fn an_uninterrupted_watch_has_no_gap() {
    for capture in common::captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        assert_eq!(told_gaps(&watch), [""; 0], "{}", capture.display());
    }
}

/// Two captures of one cluster with nothing between them: the hole is told, nothing is invented, in either order.
#[test]
fn a_hole_between_two_captures_is_a_gap() {
    let whole = recording("readiness-flap", "raw-watch.jsonl");
    let lines = common::lines(&whole);
    let (first, second) = (lines[..20].concat(), lines[40..].concat());
    for captures in [[&first, &second], [&second, &first]] {
        let log = log_of(&[captures[0].as_slice(), captures[1].as_slice()]);
        let mut holes = 0;
        for report in reports(&log) {
            let gaps: Vec<_> = report.gaps.iter().filter(|gap| gap.kind.as_str() == "betweenRecordings").collect();
            let has_both = report.timeline.entries.len() > 1 && !gaps.is_empty();
            holes += usize::from(has_both);
            for gap in gaps {
                assert!(gap.from < gap.until && gap.after.is_some() && gap.before.is_some(), "{gap:?}");
            }
        }
        assert!(holes > 0);
        assert!(podreplay::ops::projection::verify(&log).expect("a readable log").is_empty());
    }
    // Where they overlap there is none.
    let overlapping = log_of(&[lines[..40].concat().as_slice(), lines[20..].concat().as_slice()]);
    assert!(
        reports(&overlapping)
            .iter()
            .flat_map(|report| &report.gaps)
            .all(|gap| gap.kind.as_str() != "betweenRecordings")
    );
}
