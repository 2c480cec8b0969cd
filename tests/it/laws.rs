//! The laws of the replay and the log, as properties over real captures.
#![expect(clippy::cast_possible_truncation, reason = "shares of a few hundred lines")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::common::{
    self, captures, captures_folder, events, exported, file_of, lines, log_of, reports, store_of, take, take_with,
    tales, told, told_with_times,
};
use podreplay::compare::{Verdict, compare};
use podreplay::model::{Clock, ConditionStatus, EventKind, ObservedAt, Phase, RestartPolicy, Role, WatchEvent};
use podreplay::ops::IngestOptions;
use podreplay::render::suite::deviations;
use podreplay::replay::{Replay, replay};
use podreplay::store::Log;
use proptest::prelude::*;

/// Captures small enough to be taken apart again and again, and different enough to matter.
const SAMPLES: [&str; 8] = [
    "crashloop",
    "native-sidecar",
    "node-lost",
    "statefulset-recreate",
    "kubelet-eviction",
    "container-restart-rules",
    "watch-variants",
    "external-status-writes",
];

fn sample(index: usize) -> (PathBuf, Vec<u8>) {
    let folder = captures_folder().join(SAMPLES[index]);
    let watch = file_of(&folder, "raw-watch.jsonl").expect("a capture has a watch");
    (folder, watch)
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, ..ProptestConfig::default() }
}

#[test]
fn law_1_replaying_twice_gives_the_same() {
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        // All but the names of the files, which the test makes up.
        let tale = |log: &Log| {
            let mut reports = reports(log);
            reports.iter_mut().for_each(|report| report.sources.names.clear());
            format!("{reports:?}")
        };
        assert_eq!(tale(&log_of(&[&watch])), tale(&log_of(&[&watch])), "{}", capture.display());
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn law_2_a_replay_can_be_resumed_anywhere(index in 0..SAMPLES.len(), cut in 0.0..1.0) {
        let (_, watch) = sample(index);
        for (_, events) in events(&log_of(&[&watch])) {
            let whole = replay(Replay::default(), events.clone());
            let (first, second) = events.split_at((events.len() as f64 * cut) as usize);
            let resumed = replay(replay(Replay::default(), first.to_vec()), second.to_vec());
            prop_assert!(whole == resumed, "resumed at {cut}");
        }
    }

    #[test]
    fn law_3_other_pods_do_not_matter(index in 0..SAMPLES.len(), seed in any::<u64>()) {
        let (_, watch) = sample(index);
        let lines = lines(&watch);
        let shuffled = interleave(&lines, seed).concat();
        // Any interleaving gives the same times too: the versions order, not the places in the file.
        let (one, other) = (log_of(&[&watch]), log_of(&[&shuffled]));
        prop_assert_eq!(tales(&one, told_with_times), tales(&other, told_with_times));
        // And each pod's own events alone give its transitions.
        let together: BTreeMap<String, Vec<WatchEvent>> = events(&one);
        for report in reports(&one) {
            let own: Vec<Vec<u8>> = lines.iter().filter(|line| uid_of(line) == report.identity.uid).cloned().collect();
            let alone = reports(&log_of(&[&own.concat()]));
            prop_assert_eq!(alone.len(), 1);
            prop_assert_eq!(told(&report), told(&alone[0]));
            let replayed = replay(Replay::default(), together[&report.identity.uid].clone());
            prop_assert!(replayed.transitions == report.timeline.transitions, "{}", report.identity.name);
        }
    }

    #[test]
    fn law_4_overlapping_captures_give_each_write_once(
        index in 0..SAMPLES.len(),
        begin in 0.0..1.0,
        end in 0.0..1.0,
        swapped in any::<bool>(),
    ) {
        let (_, watch) = sample(index);
        let lines = lines(&watch);
        let at = |share: f64| (lines.len() as f64 * share) as usize;
        // Two pieces that overlap, or at least touch, and together are the whole.
        let (second_from, first_to) = (at(f64::min(begin, end)), at(f64::max(begin, end)));
        let (first, second) = (lines[..first_to].concat(), lines[second_from..].concat());
        let (_folder, merged) = if swapped { store_of(&[&second, &first]) } else { store_of(&[&first, &second]) };
        let whole = log_of(&[&watch]);
        prop_assert_eq!(tales(&merged, told_with_times), tales(&whole, told_with_times));
        prop_assert!(podreplay::ops::projection::verify(&merged).expect("a readable log").is_empty());
    }

    #[test]
    fn law_6_a_state_is_that_of_the_last_event_before(index in 0..SAMPLES.len()) {
        let (_, watch) = sample(index);
        for report in reports(&log_of(&[&watch])) {
            let timeline = &report.timeline;
            let (first, last) = timeline.bounds().expect("times");
            prop_assert_eq!(timeline.entry_at(first.plus_micros(-1)), None);
            let at_end = timeline.entry_at(last.plus_micros(1_000_000)).map(|(index, _)| index);
            prop_assert_eq!(at_end, Some(timeline.entries.len() - 1));
            let far = timeline.entry_at(ObservedAt::from_micros(i64::MAX)).map(|(index, _)| index);
            prop_assert_eq!(far, at_end);
        }
    }

    #[test]
    fn law_7_a_recording_has_no_difference_from_the_expectation_made_of_it(
        index in 0..SAMPLES.len(),
        kept in proptest::collection::vec(any::<bool>(), 64),
        text in "\\PC{0,12}|any|/.*/|[#:,{}\\[\\]\"'\\\\ \n\t-]{1,8}|yes|null|0x1f|~",
    ) {
        let (_, watch) = sample(index);
        let lines = lines(&watch);
        let some: Vec<Vec<u8>> =
            lines.iter().enumerate().filter(|(place, _)| kept[place % kept.len()]).map(|(_, line)| line.clone()).collect();
        // Words that a reader of YAML, or of expectations, could take for something else.
        let word = serde_json::to_string(&text).expect("JSON");
        let odd = String::from_utf8(some.concat()).expect("UTF-8");
        let odd = odd.replace("\"ContainersNotReady\"", &word).replace("\"Error\"", &word);
        let recorded = common::recorded_of(&log_of(&[odd.as_bytes()]));
        let comparison = compare(&common::blessed(&recorded), &recorded);
        prop_assert_eq!(comparison.verdict(), Verdict::Passed, "{:?}", deviations(&comparison));
    }

    #[test]
    fn law_8_every_word_parses_back(word in "\\PC{0,24}") {
        prop_assert_eq!(Phase::from(&*word).to_string(), &*word);
        prop_assert_eq!(ConditionStatus::from(&*word).to_string(), &*word);
        prop_assert_eq!(EventKind::from(&*word).to_string(), &*word);
        prop_assert_eq!(RestartPolicy::from(&*word).to_string(), &*word);
    }
}

#[test]
fn law_4_the_same_file_twice_is_once() {
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let log = log_of(&[&watch]);
        let before = exported(&log);
        let again = take(&log, &watch);
        assert!(again.is_known(), "{}: {again:?}", capture.display());
        assert_eq!(exported(&log), before, "{}", capture.display());
    }
}

#[test]
fn law_4_clusters_are_kept_apart() {
    let (_, watch) = sample(0);
    let log = log_of(&[&watch]);
    let other = IngestOptions { cluster: "other".to_owned(), ..IngestOptions::default() };
    let report = take_with(&log, &watch, &other);
    assert_eq!((report.repeated, report.records_known), (0, 0));
    assert_eq!(reports(&log).len(), 2 * reports(&log_of(&[&watch])).len());
}

#[test]
fn law_5_export_gives_back_the_bytes() {
    for capture in captures() {
        for name in ["raw-watch.jsonl", "watch-events.json", "recording.jsonl", "recording-no-rv.jsonl"] {
            let Some(watch) = file_of(&capture, name) else { continue };
            assert!(exported(&log_of(&[&watch])) == watch, "{}/{name}", capture.display());
        }
    }
}

#[test]
fn law_8_the_known_words_are_known() {
    for word in Phase::KNOWN {
        assert!(!matches!(Phase::from(*word), Phase::Other(_)), "{word}");
    }
    for word in EventKind::KNOWN {
        assert!(!matches!(EventKind::from(*word), EventKind::Other(_)), "{word}");
    }
    for clock in Clock::ALL {
        assert_eq!(Clock::of_word(Some(clock.as_str())), clock);
    }
    let mut roles = Role::ALL.map(Role::as_str).to_vec();
    roles.dedup();
    assert_eq!(roles.len(), Role::ALL.len());
}

/// The API's own watch and kubectl's stream of the same time: the same transitions, and the same times.
#[test]
fn law_9_another_format_gives_the_same_transitions() {
    let mut compared = 0;
    for capture in captures() {
        let (Some(raw), Some(kubectl)) = (file_of(&capture, "raw-watch.jsonl"), file_of(&capture, "watch-events.json"))
        else {
            continue;
        };
        let (raw, kubectl) = (log_of(&[&raw]), log_of(&[&kubectl]));
        assert_eq!(tales(&raw, told), tales(&kubectl, told), "{}", capture.display());
        assert_eq!(tales(&raw, told_with_times), tales(&kubectl, told_with_times), "{}", capture.display());
        compared += 1;
    }
    assert!(compared >= 30, "{compared} captures have both");
}

/// Every kubectl output of one incident tells what the API's own watch tells of the same versions. Bare objects (`-o json`
/// and `-o yaml` without `--output-watch-events`) cannot say that a pod was deleted; nothing else is missing.
#[test]
fn law_9_every_kubectl_output_gives_the_same_transitions() {
    let capture = captures_folder().join("output-formats");
    let raw = file_of(&capture, "raw-watch.jsonl").expect("a watch");
    for (name, is_bare) in [
        ("fmt-raw-pretty.json", false),
        ("fmt-watch-events-managedfields.json", false),
        ("fmt-watch-only-events.json", false),
        ("fmt-watch-events-yaml.yaml", false),
        ("fmt-all-namespaces-events.json", false),
        ("fmt-watch-json.json", true),
        ("fmt-watch-yaml.yaml", true),
    ] {
        let log = log_of(&[&file_of(&capture, name).expect("a format")]);
        let versions: std::collections::BTreeSet<(String, String)> = events(&log)
            .into_iter()
            .flat_map(|(uid, events)| events.into_iter().map(move |event| (uid.clone(), event)))
            .map(|(uid, event)| (uid, event.resource_version().expect("a version").to_string()))
            .collect();
        let same: Vec<Vec<u8>> = lines(&raw).into_iter().filter(|line| versions.contains(&write_of(line))).collect();
        let mut expected = tales(&log_of(&[&same.concat()]), told);
        let mut found = tales(&log, told);
        found.retain(|uid, _| expected.contains_key(uid));
        if is_bare {
            expected.values_mut().for_each(|tale| tale.retain(|line| !line.contains("Lifecycle(Deleted)")));
        }
        assert!(expected.len() >= 10, "{name}: {} pods", expected.len());
        assert_eq!(found, expected, "{name}");
    }
}

/// The uid and the version that a line is about.
fn write_of(line: &[u8]) -> (String, String) {
    let event: serde_json::Value = serde_json::from_slice(line).expect("a line is JSON");
    let field = |name: &str| event["object"]["metadata"][name].as_str().unwrap_or_default().to_owned();
    (field("uid"), field("resourceVersion"))
}

/// The uid of the pod that a line is about; empty for bookmarks.
fn uid_of(line: &[u8]) -> String {
    write_of(line).0
}

/// The lines in another order that leaves each pod's own as it is.
fn interleave(lines: &[Vec<u8>], seed: u64) -> Vec<Vec<u8>> {
    let mut queues: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for line in lines {
        queues.entry(uid_of(line)).or_default().push(line.clone());
    }
    let mut queues: Vec<std::vec::IntoIter<Vec<u8>>> = queues.into_values().map(Vec::into_iter).collect();
    let mut state = seed | 1;
    let mut shuffled = Vec::with_capacity(lines.len());
    while !queues.is_empty() {
        // A linear congruential generator is random enough to pick a queue.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let index = (state >> 33) as usize % queues.len();
        match queues[index].next() {
            Some(line) => shuffled.push(line),
            None => drop(queues.swap_remove(index)),
        }
    }
    shuffled
}
