//! Gaps: told with their bounds, nothing invented, no pod doubled.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{self, captures_folder, file_of, lines, log_of, reports, tales, told};
use podreplay::compare::ListDifferenceKind;
use podreplay::history::Uncertain;
use podreplay::model::{EventKind, ObservedAt, Seq};
use podreplay::ops::recordings::sum_up;
use podreplay::ops::{Reading, pods_at};
use podreplay::report::{JudgedPod, ListCheck, PodReport};
use podreplay::store::Log;
use podreplay::timeline::{Excerpt, GapKind};
use serde_json::Value as Json;

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
    let moments = pods_at(&Reading::new(&reader), common::pods(&log), None, None).expect("a readable log");
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
        let (_folder, log) = common::store_of(&[captures[0].as_slice(), captures[1].as_slice()]);
        let mut holes = 0;
        for report in reports(&log) {
            let gaps: Vec<_> = report.gaps.iter().filter(|gap| gap.kind.as_str() == "betweenRecordings").collect();
            let has_both = gaps.iter().any(|gap| gap.before.is_some());
            holes += usize::from(has_both);
            for gap in gaps {
                assert!(gap.from < gap.until && gap.after.is_some(), "{gap:?}");
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

/// The transitions that an event shows, outside of gaps: what stands first behind a gap sums up what happened in it.
fn shown_outside_gaps(report: &PodReport) -> Vec<String> {
    let first = report.timeline.entries.first().map(|entry| entry.seq);
    let behind: BTreeSet<Option<Seq>> = report.gaps.iter().map(|gap| gap.before).collect();
    let lines = told(report).into_iter().zip(&report.timeline.transitions);
    lines
        .filter(|(_, it)| !it.inferred && Some(it.seq) != first && !behind.contains(&Some(it.seq)))
        .map(|(line, _)| line)
        .collect()
}

/// Everything that is told outside of gaps is told by the whole recording in the same words.
fn nothing_is_invented(part: &Log, whole: &BTreeMap<String, Vec<String>>, name: &str) -> usize {
    let mut compared = 0;
    let mut uids = BTreeSet::new();
    for report in reports(part) {
        assert!(uids.insert(report.identity.uid.clone()), "{name}: {} is doubled", report.identity.name);
        let created = report.timeline.transitions.iter().filter(|it| it.from.is_none() && it.subject.kind() == "pod");
        let created = created.filter(|it| it.subject.type_word().is_none()).count();
        assert!(created <= 1, "{name}: {} is created {created} times", report.identity.name);
        for line in shown_outside_gaps(&report) {
            let truth = &whole[&report.identity.uid];
            assert!(truth.contains(&line), "{name}: {}: {line} is not in {truth:#?}", report.identity.name);
            compared += 1;
        }
    }
    compared
}

#[test]
fn nothing_is_told_that_the_uninterrupted_watch_does_not_tell() {
    let table: [(&str, &[&[&str]]); 4] = [
        (
            "watch-expired",
            &[&["recording.jsonl"], &["relist.json"], &["recording.jsonl", "relist.json", "part2.jsonl"]],
        ),
        (
            // The watch ends with the API server: what came later is compared within its own recordings only.
            "apiserver-restart",
            &[&["part1.jsonl"], &["recording-resumed.jsonl"], &["part1.jsonl", "part-410-etcd.jsonl"]],
        ),
        (
            "watch-resume",
            &[&["recording.jsonl"], &["recording-no-rv.jsonl"], &["recording-no-rv.jsonl", "recording.jsonl"]],
        ),
        ("watch-variants", &[&["v-rv0.jsonl"], &["v-timeout20.jsonl"], &["v-watchlist.jsonl", "v-timeout20.jsonl"]]),
    ];
    let mut compared = 0;
    for (capture, sets) in table {
        let whole = tales(&log_of(&[&recording(capture, "raw-watch.jsonl")]), told);
        for set in sets {
            let mut parts: Vec<Vec<u8>> = set.iter().map(|name| recording(capture, name)).collect();
            for _ in 0..2 {
                let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
                compared += nothing_is_invented(&log_of(&slices), &whole, &format!("{capture} {set:?}"));
                parts.reverse();
            }
        }
    }
    assert!(compared > 400, "{compared}");
}

/// A pod that lived when one recording ended and that a later list does not tell of is gone, in either order of ingest.
#[test]
fn a_pod_that_vanished_between_two_recordings() {
    let whole = recording("watch-expired", "recording.jsonl");
    let first = lines(&whole)[..16].concat();
    let lists = ["relist.json", "list-final-with-managedFields.json"].map(|name| recording("watch-expired", name));
    for (list, until) in lists.iter().zip(["15:19:01", "15:19:24"]) {
        for (captures, id) in [([&first, list], 2), ([list, &first], 1)] {
            let log = log_of(&captures.map(Vec::as_slice));
            let reader = log.reader();
            let reports = reports(&log);
            let lost = reports.iter().find(|report| report.identity.name == "lost-in-gap").expect("it is recorded");
            let gap = lost.gaps.iter().find(|gap| gap.kind == GapKind::Vanished).expect("it vanished");
            let time = |at: Option<ObservedAt>| at.map(|at| at.to_string()[11..19].to_owned());
            assert_eq!((time(gap.from), time(gap.until)), (Some("15:16:24".to_owned()), Some(until.to_owned())));
            assert_eq!((gap.list, gap.before), (Some(id), None));
            let names = |at: &str| -> Vec<(String, bool)> {
                let at = ObservedAt::parse(at);
                let moments = pods_at(&Reading::new(&reader), common::pods(&log), at, None).expect("a readable log");
                moments.into_iter().map(|it| (it.identity.name, it.uncertain.is_some())).collect()
            };
            let is_there = |at: &str, name: &str| names(at).into_iter().find(|(own, _)| own == name).map(|it| it.1);
            // Known, then in doubt, then gone; what a list shows alone counts as written a minute after its newest time.
            assert_eq!(is_there("2026-11-20T15:16:20Z", "lost-in-gap"), Some(false));
            assert_eq!(is_there("2026-11-20T15:17:20Z", "lost-in-gap"), Some(true));
            assert_eq!(is_there("2026-11-20T15:19:50Z", "lost-in-gap"), None);
            assert_eq!(is_there("2026-11-20T15:17:20Z", "survivor"), Some(true));
            // In the list without managedFields it has no new time: nothing tells when it was written.
            let has_time = until == "15:19:24";
            assert_eq!(is_there("2026-11-20T15:19:50Z", "survivor"), Some(!has_time));
        }
    }
}

/// A list proves nothing of a namespace of which it does not tell, nor does a part of a list, nor an older one.
#[test]
fn what_a_list_does_not_prove() {
    let watch = recording("watch-variants", "raw-watch.jsonl");
    let vanished = |captures: &[&[u8]]| {
        let reports = reports(&log_of(captures));
        reports.iter().flat_map(|it| &it.gaps).filter(|gap| gap.kind == GapKind::Vanished).count()
    };
    let first = lines(&watch)[..20].concat();
    let parts = ["v-list-chunk1.json", "v-list-chunk2.json"].map(|name| recording("watch-variants", name));
    assert_eq!(vanished(&[&first, &parts[0], &parts[1]]), 0, "the parts of a list");
    // A later list of another namespace proves nothing; one that tells of this namespace does.
    let later = |capture: &str| {
        let mut list: Json =
            serde_json::from_slice(&recording(capture, "list-final-with-managedFields.json")).expect("JSON");
        list["metadata"]["resourceVersion"] = "99999999".into();
        list.to_string()
    };
    assert_eq!(vanished(&[&first, later("readiness-flap").as_bytes()]), 0, "elsewhere");
    assert!(vanished(&[&first, later("watch-variants").as_bytes()]) > 0, "here");
    assert_eq!(
        vanished(&[
            &first,
            br#"{"apiVersion":"v1","kind":"PodList","metadata":{"resourceVersion":"99999999"},"items":[]}"#
        ]),
        0
    );
    // A watch that selects some pods, beside one that selects all.
    assert_eq!(vanished(&[&watch, &recording("watch-variants", "v-labelselector-tier-front.jsonl")]), 0, "a selection");
}

/// Of every pod that lived when the recordings paused the pause is told, with its bounds, and nothing is invented.
#[test]
fn a_third_left_out_is_a_gap_of_every_pod_that_lived_then() {
    let (mut holes, mut compared) = (0, 0);
    for capture in
        ["crashloop", "readiness-flap", "statefulset-recreate", "node-lost", "watch-resume", "taint-noexecute"]
    {
        let watch = recording(capture, "raw-watch.jsonl");
        let whole_log = log_of(&[&watch]);
        let whole = tales(&whole_log, told);
        let lines = lines(&watch);
        let third = lines.len() / 3;
        let (first, second) = (lines[..third].concat(), lines[2 * third..].concat());
        let (one, other) = (log_of(&[&first, &second]), log_of(&[&second, &first]));
        let gaps_told = |log: &Log| -> Vec<String> {
            let gaps = |report: PodReport| -> Vec<String> {
                let shown = report.gaps.iter();
                shown
                    .map(|it| format!("{} {} {:?} {:?}", report.identity.uid, it.kind.as_str(), it.from, it.until))
                    .collect()
            };
            let mut gaps: Vec<String> = reports(log).into_iter().flat_map(gaps).collect();
            gaps.sort();
            gaps
        };
        assert_eq!(gaps_told(&one), gaps_told(&other), "{capture}");
        assert_eq!(tales(&one, told), tales(&other, told), "{capture}");
        compared += nothing_is_invented(&one, &whole, capture);
        let alone = log_of(&[&first]);
        let living = reports(&alone).into_iter().filter(|report| !report.timeline.state.is_deleted);
        let bounds = sum_up(&Reading::new(&one.reader())).expect("a readable log").gaps;
        let [pause] = bounds.as_slice() else { continue };
        for report in living {
            let uid = &report.identity.uid;
            let own = reports(&one).into_iter().find(|report| report.identity.uid == *uid).expect("it is recorded");
            let is_pause = |gap: &&podreplay::timeline::Gap| {
                gap.kind == GapKind::BetweenRecordings && gap.from >= Some(pause.from) && gap.until == Some(pause.until)
            };
            assert!(own.gaps.iter().any(|gap| is_pause(&gap)), "{capture} {}: {:?}", own.identity.name, own.gaps);
            holes += 1;
        }
    }
    assert!(holes > 10 && compared > 40, "{holes} {compared}");
}

#[test]
fn halves_that_overlap_or_touch_are_the_whole() {
    let mut compared = 0;
    for capture in common::captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let lines = lines(&watch);
        if lines.len() < 6 || lines.len() > 400 {
            continue;
        }
        let whole = tales(&log_of(&[&watch]), told);
        let half = lines.len() / 2;
        for overlap in [0, 1, half / 2] {
            let (first, second) = (lines[..half + overlap].concat(), lines[half..].concat());
            for captures in [[&first, &second], [&second, &first]] {
                let log = log_of(&captures.map(Vec::as_slice));
                assert_eq!(tales(&log, told), whole, "{} {overlap}", capture.display());
                let gaps = reports(&log).into_iter().flat_map(|report| report.gaps);
                let between = gaps.filter(|gap| gap.kind != GapKind::StartsMidLife && gap.from < gap.until);
                let between = between.filter(|gap| !matches!(gap.kind, GapKind::RestartsUnseen { .. })).count();
                // Whether files that only touch do touch, nobody says.
                assert!(overlap == 0 || between == 0, "{} {overlap}", capture.display());
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn lists_beside_a_watch_change_no_transition() {
    let mut compared = 0;
    for capture in common::captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let log = log_of(&[&watch]);
        let whole = tales(&log, told);
        let last: Option<u128> = reports(&log)
            .iter()
            .flat_map(|report| &report.timeline.entries)
            .filter_map(|entry| entry.resource_version.as_ref()?.number())
            .max();
        for list in ["list-final.json", "list-final-with-managedFields.json"] {
            let (Some(list), Some(initial)) = (file_of(&capture, list), file_of(&capture, "list-initial.json")) else {
                continue;
            };
            for order in [[&watch, &list, &initial], [&initial, &list, &watch]] {
                let log = log_of(&order.map(Vec::as_slice));
                for (uid, tale) in tales(&log, told) {
                    // A list that is newer than the watch tells more.
                    let is_newer = |line: &String| {
                        let version = line.strip_prefix("Some(rv").and_then(|rest| rest.split(')').next());
                        version.and_then(|version| version.parse().ok()) > last
                    };
                    let tale: Vec<String> = tale.into_iter().filter(|line| !is_newer(line)).collect();
                    assert_eq!(tale, whole.get(&uid).cloned().unwrap_or_default(), "{}", capture.display());
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 200, "{compared}");
}

/// The list that the API server would have given at a version, made of what a watch told.
fn list_at(watch: &[u8], version: u128) -> Json {
    let mut pods: BTreeMap<String, Json> = BTreeMap::new();
    for line in lines(watch) {
        let event: Json = serde_json::from_slice(&line).expect("an event");
        let object = &event["object"];
        let own = object["metadata"]["resourceVersion"].as_str().and_then(|it| it.parse::<u128>().ok());
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str() {
            Some("DELETED") if own <= Some(version) => drop(pods.remove(&uid)),
            Some("ADDED" | "MODIFIED") if own <= Some(version) => drop(pods.insert(uid, object.clone())),
            _ => {}
        }
    }
    let items: Vec<Json> = pods.into_values().collect();
    serde_json::json!({"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": version.to_string()},
        "items": items})
}

/// The versions of the pods' events in a watch.
fn versions(watch: &[u8]) -> Vec<u128> {
    let version = |line: Vec<u8>| -> Option<u128> {
        let event: Json = serde_json::from_slice(&line).ok()?;
        if event["object"]["kind"] == "Pod" {
            event["object"]["metadata"]["resourceVersion"].as_str()?.parse().ok()
        } else {
            None
        }
    };
    lines(watch).into_iter().filter_map(version).collect()
}

fn checks(captures: &[&[u8]]) -> Vec<ListCheck> {
    let log = log_of(captures);
    sum_up(&Reading::new(&log.reader())).expect("a readable log").lists
}

fn differences(captures: &[&[u8]]) -> Vec<(ListDifferenceKind, String)> {
    let lists = checks(captures).into_iter();
    lists
        .flat_map(|list| list.differences)
        .map(|it| (it.kind, format!("{} {}", it.identity.name, it.message)))
        .collect()
}

#[test]
fn lists_of_lawful_captures_agree_with_the_log() {
    let (mut whole, mut later) = (0, 0);
    for capture in common::captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let list = file_of(&capture, "list-final-with-managedFields.json").expect("a capture has it");
        for captures in [[&watch, &list], [&list, &watch]] {
            for check in checks(&captures.map(Vec::as_slice)) {
                assert_eq!(check.differences, [], "{}", capture.display());
                later += usize::from(check.told_until.is_some());
                whole += usize::from(check.told_until.is_none());
            }
        }
        if watch.len() < 1_000_000 {
            let versions = versions(&watch);
            for version in [versions.len() / 3, versions.len() / 2, versions.len() - 1].map(|index| versions[index]) {
                let list = list_at(&watch, version).to_string();
                let found = checks(&[&watch, list.as_bytes()]);
                assert!(found.iter().all(|check| check.differences.is_empty()), "{}: {found:?}", capture.display());
                whole += found.iter().filter(|check| check.told_until.is_none()).count();
            }
        }
    }
    assert!(whole > 60 && later > 20, "{whole} {later}");
}

/// The parts of a real list, put together, against watches of the same pods.
#[test]
fn a_real_list_in_the_middle_of_a_watch_agrees() {
    let parts = ["v-list-chunk1.json", "v-list-chunk2.json"].map(|name| recording("watch-variants", name));
    let [mut list, second] = parts.map(|part| serde_json::from_slice::<Json>(&part).expect("a list"));
    let more = second["items"].as_array().expect("items").clone();
    list["items"].as_array_mut().expect("items").extend(more);
    list["metadata"] = second["metadata"].clone();
    let list = list.to_string();
    for watch in ["raw-watch.jsonl", "v-rv0.jsonl", "v-watchlist.jsonl"] {
        let found = checks(&[&recording("watch-variants", watch), list.as_bytes()]);
        assert_eq!(found.len(), 1, "{watch}");
        assert_eq!((found[0].pods, &found[0].told_until, found[0].differences.len()), (4, &None, 0), "{watch}");
    }
}

#[test]
fn a_list_that_differs_from_the_log_is_told_in_each_point() {
    let watch = recording("readiness-flap", "raw-watch.jsonl");
    let versions = versions(&watch);
    let version = versions[versions.len() / 2];
    let list = list_at(&watch, version);
    let item = list["items"][0].clone();
    let (name, own) = (
        item["metadata"]["name"].as_str().expect("a name"),
        item["metadata"]["resourceVersion"].as_str().expect("a version"),
    );
    let text = list.to_string();
    let without = |lost: &str| -> Vec<u8> {
        let is_lost =
            |line: &Vec<u8>| String::from_utf8_lossy(line).contains(&format!("\"resourceVersion\":\"{lost}\""));
        lines(&watch).into_iter().filter(|line| !is_lost(line)).collect::<Vec<_>>().concat()
    };
    // An event is missing from the watch.
    let found = differences(&[&without(own), text.as_bytes()]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, ListDifferenceKind::Untold);
    assert!(
        found[0].1.starts_with(&format!("{name} listed at resourceVersion {own}, which the log does not have")),
        "{found:?}"
    );
    // The pod is missing from the watch.
    let uid = item["metadata"]["uid"].as_str().expect("a uid");
    let other =
        lines(&watch).into_iter().filter(|line| !String::from_utf8_lossy(line).contains(uid)).collect::<Vec<_>>();
    let found = differences(&[&other.concat(), text.as_bytes()]);
    assert_eq!(
        found,
        [(
            ListDifferenceKind::Untold,
            format!("{name} listed at resourceVersion {own}, but the log does not have this pod")
        )]
    );
    // The pod is missing from the list.
    let mut altered = list.clone();
    altered["items"].as_array_mut().expect("items").remove(0);
    let found = differences(&[&watch, altered.to_string().as_bytes()]);
    assert_eq!(
        found,
        [(ListDifferenceKind::Missing, format!("{name} not listed, but alive in the log at resourceVersion {own}"))]
    );
    // The same version reads otherwise.
    let mut altered = list.clone();
    altered["items"][0]["status"]["phase"] = "Failed".into();
    let found = differences(&[&watch, altered.to_string().as_bytes()]);
    assert_eq!(
        found,
        [(
            ListDifferenceKind::Content,
            format!("{name} resourceVersion {own} has other content in the log: status.phase")
        )]
    );
    // The list is of an older state than it says.
    let mut altered = list_at(&watch, versions[versions.len() / 3]);
    altered["metadata"]["resourceVersion"] = version.to_string().into();
    let found = differences(&[&watch, altered.to_string().as_bytes()]);
    assert!(!found.is_empty() && found.iter().all(|it| it.0 == ListDifferenceKind::Older), "{found:?}");
    // The watch told the pod deleted.
    let mut deletion: Json = serde_json::json!({"type": "DELETED", "object": item});
    let deleted_at = (version - 1).to_string();
    deletion["object"]["metadata"]["resourceVersion"] = deleted_at.clone().into();
    let early = list_at(&watch, version - 2);
    let mut altered = list.clone();
    altered["items"][0] = early["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|it| it["metadata"]["uid"] == uid)
        .expect("it lived")
        .clone();
    let is_later = |line: &Vec<u8>| {
        let event: Json = serde_json::from_slice(line).expect("an event");
        let own = event["object"]["metadata"]["resourceVersion"].as_str().and_then(|it| it.parse::<u128>().ok());
        event["object"]["metadata"]["uid"] == uid && own > Some(version - 2)
    };
    let mut watch_lines: Vec<Vec<u8>> = lines(&watch).into_iter().filter(|line| !is_later(line)).collect();
    watch_lines.push(format!("{deletion}\n").into_bytes());
    let found = differences(&[&watch_lines.concat(), altered.to_string().as_bytes()]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, ListDifferenceKind::Deleted);
    assert!(found[0].1.ends_with(&format!("deleted in the log at {deleted_at}")), "{found:?}");
}

/// The lines of gaps stand before what came behind them, also where the event behind them changed nothing that is told.
#[test]
fn gaps_stand_at_their_place() {
    let log = log_of(&[&recording("watch-resume", "recording-no-rv.jsonl")]);
    let mut seen = 0;
    for report in reports(&log) {
        let shown: Vec<(Option<EventKind>, Option<Seq>)> = report
            .gaps
            .iter()
            .map(|gap| {
                (
                    report.timeline.entries.iter().find(|it| Some(it.seq) == gap.before).map(|it| it.kind.clone()),
                    gap.before,
                )
            })
            .collect();
        let times: Vec<Option<ObservedAt>> = report
            .gaps
            .iter()
            .filter(|gap| gap.before.is_some())
            .map(|gap| report.timeline.entries.iter().find(|it| Some(it.seq) == gap.before).and_then(|it| it.window.at))
            .collect();
        assert!(times.is_sorted(), "{}: {shown:?}", report.identity.name);
        let pod = JudgedPod { report, judgement: podreplay::rules::Judgement::default() };
        let mut text = Vec::new();
        let layout = (podreplay::render::layout::Detail::Normal, podreplay::render::layout::Width::Unlimited);
        let show = (podreplay::render::timeline::Depth::Every, podreplay::render::layout::ExpectedColumn::Hidden);
        let mut told = Default::default();
        podreplay::render::timeline::write_timeline(&pod, show, Excerpt::WHOLE, layout, &mut told, &mut text)
            .expect("memory");
        let text = String::from_utf8(text).expect("text");
        let text = anstream::adapter::strip_str(&text).to_string();
        let mut newest = String::new();
        for line in text.lines().skip(2) {
            let time = line.get(..8).filter(|time| time.as_bytes().get(2) == Some(&b':')).map(str::to_owned);
            if let Some((_, from)) = line.split_once("not recorded between ").filter(|_| line.starts_with("~~~")) {
                // What is shown before a gap is not newer than its end.
                let until = from.split(" and ").nth(1).and_then(|rest| rest.get(..8)).expect("a time").to_owned();
                assert!(newest <= until, "{text}");
                seen += 1;
            } else if let Some(time) = time {
                newest = newest.max(time);
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn the_last_state_before_a_gap_is_uncertain_in_it() {
    let log = log_of(&[&recording("apiserver-restart", "recording-relist.jsonl")]);
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let doubt = |name: &str, at: &str| -> Option<bool> {
        let row = common::pods(&log).into_iter().find(|row| row.identity.name == name).expect("a pod");
        let history = reading.pod(&row).expect("a readable log");
        let is_gap = |it: Uncertain| !matches!(it, Uncertain::Within(..));
        let found = history.at(ObservedAt::parse(at)).expect("a readable log");
        found.map(|found| found.uncertain.is_some_and(is_gap))
    };
    let of = |name: &str| ["15:24:45", "15:25:30", "15:26:30"].map(|at| doubt(name, &format!("2026-11-20T{at}Z")));
    assert_eq!(of("crash"), [Some(false), Some(true), Some(false)]);
    // An error and nothing behind it: nothing confirms what was known.
    let log = log_of(&[&recording("apiserver-restart", "recording-resumed.jsonl")]);
    let moments = pods_at(&Reading::new(&log.reader()), common::pods(&log), None, None).expect("a readable log");
    assert!(moments.len() == 4 && moments.iter().all(|moment| moment.uncertain.is_some()));
    // An uninterrupted watch leaves no doubt.
    let log = log_of(&[&recording("watch-expired", "raw-watch.jsonl")]);
    let moments = pods_at(&Reading::new(&log.reader()), common::pods(&log), None, None).expect("a readable log");
    assert!(!moments.is_empty() && moments.iter().all(|moment| moment.uncertain.is_none()));
}

#[test]
fn what_was_known_in_part_is_no_more_known_in_a_gap() {
    // A request wrote the phase of a pod that nothing shows; between two watches of its namespace it is in a gap.
    let time = |minute: u32| format!("2026-11-20T15:{minute:02}:00Z");
    let request = serde_json::json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": "a", "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/team/pods/web/status", "verb": "patch", "responseStatus": {"code": 200},
        "objectRef": {"resource": "pods", "namespace": "team", "name": "web", "uid": "6b1d1c5e-0000-4000-8000-000000000001",
            "apiVersion": "v1", "subresource": "status"},
        "requestObject": {"status": {"phase": "Running"}},
        "requestReceivedTimestamp": time(0), "stageTimestamp": time(0)
    });
    let shown = |version: &str, minute: u32| {
        let managed = serde_json::json!([{"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": time(minute)}]);
        let metadata = serde_json::json!({"namespace": "team", "name": "other", "uid": "6b1d1c5e-0000-4000-8000-000000000002",
            "resourceVersion": version, "creationTimestamp": time(0), "managedFields": managed});
        let object = serde_json::json!({"kind": "Pod", "apiVersion": "v1", "metadata": metadata,
            "spec": {"containers": [{"name": "c"}]}, "status": {"phase": "Running"}});
        serde_json::json!({"type": "ADDED", "object": object}).to_string()
    };
    let (request, first, second) = (request.to_string(), shown("10", 1), shown("20", 30));
    let log = log_of(&[request.as_bytes(), first.as_bytes(), second.as_bytes()]);
    let at = ObservedAt::parse(&time(10));
    let moments = pods_at(&Reading::new(&log.reader()), common::pods(&log), at, None).expect("a readable log");
    let web = moments.iter().find(|moment| moment.identity.name == "web").expect("it may still be there");
    assert!(matches!(web.uncertain.as_deref(), Some(Uncertain::Gap(_))), "{:?}", web.uncertain);
    assert!(web.columns.is_ready_unknown && web.columns.is_total_unknown, "{:?}", web.columns);
}
