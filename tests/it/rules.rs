//! The rules about the recording itself, and those that a whole recording shows: each by a real one, and silent on a twin.

use std::collections::BTreeSet;

use crate::common;
use podreplay::ops::check::check;
use podreplay::ops::rule_settings::RuleSettings;
use podreplay::rules::{RULES, Severity, page, rule};
use podreplay::store::Log;

/// The ids of the rules that find something.
fn shown(log: &Log) -> BTreeSet<&'static str> {
    let pods = check(log, common::pods(log), None).expect("a readable log").pods;
    pods.iter().flat_map(|pod| &pod.findings).map(|finding| finding.rule.id).collect()
}

fn capture(name: &str, file: &str) -> Vec<u8> {
    common::file_of(&common::captures_folder().join(name), file).unwrap_or_else(|| panic!("{name}/{file}"))
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.concat()
}

#[test]
fn recordings_show_what_no_altered_object_does() {
    let crashloop = capture("crashloop", "raw-watch.jsonl");
    let lines = common::lines(&crashloop);
    let (head, tail) = lines.split_at(lines.len() / 2);
    let shuffled: Vec<Vec<u8>> = {
        let mut lines = lines.clone();
        let last = lines.len() - 3;
        lines.swap(last, last - 20);
        lines
    };
    let cases: [(&str, Vec<Vec<u8>>); 8] = [
        ("PR101", vec![capture("external-status-writes", "raw-watch.jsonl")]),
        ("PR110", vec![capture("kubelet-eviction", "raw-watch.jsonl")]),
        ("PR118", vec![capture("statefulset-recreate", "raw-watch.jsonl")]),
        ("PR301", vec![joined(&shuffled)]),
        ("PR303", vec![joined(tail)]),
        ("PR305", vec![capture("watch-expired", "recording.jsonl")]),
        ("PR306", vec![capture("watch-expired", "recording.jsonl")]),
        ("PR307", vec![joined(&head[..head.len() - 8]), joined(tail)]),
    ];
    let twin = shown(&common::log_of(&[&crashloop]));
    for (id, captures) in cases {
        let bytes: Vec<&[u8]> = captures.iter().map(Vec::as_slice).collect();
        let found = shown(&common::log_of(&bytes));
        assert!(found.contains(id), "{id} is not among {found:?}");
        assert!(!twin.contains(id), "{id} is found in a plain recording");
    }
    assert_eq!(twin, BTreeSet::new(), "a whole watch of a crash loop");
    let relisted = shown(&common::log_of(&[&capture("watch-resume", "recording-no-rv.jsonl")]));
    assert!(relisted.contains("PR304"), "{relisted:?}");
}

#[test]
fn kubelets_are_known_by_the_names_of_their_distributions() {
    for name in ["crashloop", "node-lost", "readiness-flap"] {
        let text = String::from_utf8(capture(name, "raw-watch.jsonl")).expect("UTF-8");
        let renamed = text.replace("\"manager\":\"kubelet\"", "\"manager\":\"k3s\"");
        let renamed = renamed.replace("\"manager\":\"kube-controller-manager\"", "\"manager\":\"k3s\"");
        assert_ne!(renamed, text, "{name}");
        let found = shown(&common::log_of(&[renamed.as_bytes()]));
        assert_eq!(found, shown(&common::log_of(&[text.as_bytes()])), "{name}");
    }
}

#[test]
fn every_rule_has_a_page() {
    let mut ids = BTreeSet::new();
    for rule_of in &RULES {
        assert!(ids.insert(rule_of.id) && ids.insert(rule_of.name), "{} twice", rule_of.id);
        let page = page(rule_of);
        assert!(page.summary.ends_with('.') && page.summary.len() < 240, "{}: {}", rule_of.id, page.summary);
        for part in ["**Why it matters.**", "**Example.**", "**What to do.**", "**Exceptions.**"] {
            assert!(page.text.contains(part), "{} lacks {part}", rule_of.id);
        }
        assert_eq!(rule(&rule_of.id.to_lowercase()).map(|found| found.id), Some(rule_of.id));
    }
}

#[test]
fn settings_say_what_counts() {
    let log = common::log_of(&[&capture("external-status-writes", "raw-watch.jsonl")]);
    let pods = check(&log, common::pods(&log), None).expect("a readable log").pods;
    let count = |text: &str| {
        let mut settings = RuleSettings::default();
        settings.read(text).expect("settings");
        let all = pods.iter().flat_map(|pod| pod.findings.iter().map(move |finding| (pod, finding.clone())));
        let kept = all.filter_map(|(pod, finding)| settings.apply(&pod.identity, finding));
        kept.filter(|finding| finding.severity == Severity::Error).count()
    };
    let all = count("");
    assert!(all >= 10, "{all}");
    assert_eq!(count("severity: {PR101: off}"), 1, "start-time-changes is left");
    assert_eq!(count("severity: {foreign-status-write: warning, PR114: info}"), 0);
    assert_eq!(count("exceptions: [{rule: PR101, pod: 'p[124]'}]"), all - 4);
    assert_eq!(count("exceptions: [{subject: Ready}]"), all - 2);
    for (text, complaint) in [
        ("severity: {PR999: off}", "unknown rule 'PR999'"),
        ("severity: {PR101: loud}", "expected error, warning, info or off"),
        ("exceptions: [{}]", "would accept every finding"),
        ("exception: []", "1:1: 'exception' is not a key here"),
    ] {
        let error = RuleSettings::default().read(text).expect_err(text);
        assert!(error.contains(complaint), "{text}: {error}");
    }
}
