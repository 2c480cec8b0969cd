//! What `timeline` says against what happened: marks where the rules expect something else and nowhere else, and with
//! `--expected` the model's values beside the recorded ones.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{Scratch, captures_folder, file_of, folders, lines};
use serde_json::Value as Json;

/// A transition with a finding: resourceVersion, subject, rule, severity, expected.
type Marked = (String, String, String, String, String);

fn timeline(capture: &[u8], arguments: &[&str]) -> String {
    let scratch = Scratch::new();
    let file = scratch.file("capture.jsonl", capture);
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(["timeline", "-f"]).arg(&file).args(arguments).stdin(Stdio::null());
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

fn transitions(capture: &[u8], arguments: &[&str]) -> Vec<Json> {
    let text = timeline(capture, &[arguments, &["-o", "json"]].concat());
    let json: Json = serde_json::from_str(&text).expect("JSON");
    let pods = json["pods"].as_array().expect("pods");
    pods.iter().flat_map(|pod| pod["transitions"].as_array().expect("transitions").clone()).collect()
}

fn word(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn subject(transition: &Json) -> String {
    let subject = &transition["subject"];
    subject["type"].as_str().map_or_else(|| word(&subject["kind"]), str::to_owned)
}

fn marked(capture: &[u8]) -> Vec<Marked> {
    let transitions = transitions(capture, &[]);
    let marked = transitions.iter().filter(|it| it.get("finding").is_some()).map(|it| {
        let finding = &it["finding"];
        let keys: Vec<&str> = finding.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 4, "{keys:?}");
        let version = word(&it["resourceVersion"]);
        (version, subject(it), word(&finding["rule"]), word(&finding["severity"]), word(&finding["expected"]))
    });
    marked.collect()
}

fn signs(text: &str) -> Vec<char> {
    let signs = text.lines().filter_map(|line| line.chars().nth(8));
    signs.filter(|sign| matches!(sign, '!' | '?')).collect()
}

fn recording(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings").join(name);
    file_of(&folder, "watch.jsonl").expect("a recording has a watch")
}

#[test]
fn what_happened_lawfully_bears_no_mark() {
    let mut seen = 0;
    for folder in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings")) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let Some(watch) = file_of(&folder, "watch.jsonl") else { continue };
        seen += 1;
        let (marked, text) = (marked(&watch), timeline(&watch, &[]));
        let signs = signs(&text);
        if name == "kubelet-eviction" {
            // T6: Failed was sent before the containers had stopped.
            let is_told = |it: &Marked| it.3 == "warning" && ["PR110", "PR204"].contains(&&*it.2);
            assert!(!marked.is_empty() && marked.iter().all(is_told), "{marked:?}");
            assert!(signs.len() == marked.len() && signs.iter().all(|sign| *sign == '?'), "{text}");
            assert!(text.contains("\n?   allowed but suspicious"), "{text}");
        } else if name == "statefulset-recreate" {
            // A forced deletion left a container running: no transition shows that.
            assert!(marked.is_empty() && signs == ['?'], "{marked:?} {signs:?}");
            assert!(text.contains("PR118 deleted-while-running: expected terminated"), "{text}");
        } else if name == "external-status-writes" {
            // Not lawful: see `what_another_client_wrote_bears_a_mark`.
            assert!(signs.iter().all(|sign| *sign == '!') && !signs.is_empty(), "{signs:?}");
        } else {
            assert!(marked.is_empty() && signs.is_empty(), "{name}: {marked:?}");
            assert!(!text.contains("`podreplay check`"), "{name}: a legend for signs that are not there");
        }
    }
    assert!(seen >= 19, "the recordings are there: {seen}");
}

#[test]
fn what_another_client_wrote_bears_a_mark() {
    let watch = file_of(&captures_folder().join("external-status-writes"), "raw-watch.jsonl").expect("a watch");
    let marked = marked(&watch);
    let subjects: Vec<&str> = marked.iter().map(|it| it.1.as_str()).collect();
    for wanted in ["Ready", "phase", "reason", "message"] {
        assert!(subjects.contains(&wanted), "{wanted}: {marked:?}");
    }
    // The versions at which the API server says that a client other than the kubelet wrote.
    for (version, subject, rule, ..) in marked.iter().filter(|it| it.3 == "error") {
        let event = lines(&watch)
            .into_iter()
            .filter_map(|line| serde_json::from_slice::<Json>(&line).ok())
            .find(|event| event["object"]["metadata"]["resourceVersion"] == version.as_str())
            .expect("the version is in the capture");
        let managers = event["object"]["metadata"]["managedFields"].to_string();
        assert!(["PR101", "PR114"].contains(&&**rule), "{version} {subject} {rule}");
        assert!(managers.contains("kubectl"), "{version} {subject}: {managers}");
    }
    let text = timeline(&watch, &[]);
    assert!(text.contains("PR101 foreign-status-write: expected "), "{text}");
    assert!(text.contains("\n!   breaks a Kubernetes rule"), "{text}");
}

/// A recording with the phase Failed in one event of a running pod, and the version of that event.
fn altered() -> (Vec<u8>, String) {
    let watch = recording("readiness-flap");
    let events = lines(&watch);
    let parse = |line: &[u8]| serde_json::from_slice::<Json>(line).expect("JSON");
    let is_running = |line: &Vec<u8>| {
        let event = parse(line);
        event["object"]["status"]["phase"] == "Running" && event["object"]["metadata"]["deletionTimestamp"].is_null()
    };
    let running: Vec<usize> = (0..events.len()).filter(|&place| is_running(&events[place])).collect();
    // In the midst of its life: what follows shows Running again.
    let place = running[running.len() / 2];
    let mut event = parse(&events[place]);
    let version = word(&event["object"]["metadata"]["resourceVersion"]);
    event["object"]["status"]["phase"] = "Failed".into();
    let mut changed = events;
    changed[place] = format!("{event}\n").into_bytes();
    (changed.concat(), version)
}

#[test]
fn one_wrong_event_is_marked_and_no_other() {
    let (wrong, version) = altered();
    let found = marked(&wrong);
    assert_eq!(found.len(), 1, "{found:?}");
    let (at, subject, rule, severity, expected) = &found[0];
    assert_eq!(
        [at.as_str(), subject, rule, severity, expected],
        [version.as_str(), "phase", "PR001", "error", "Running"]
    );
    let text = timeline(&wrong, &[]);
    assert_eq!(signs(&text), ['!'], "{text}");
    let rows: Vec<&str> = text.lines().collect();
    let place = rows.iter().position(|line| line.chars().nth(8) == Some('!')).expect("a mark");
    assert!(rows[place].contains("→ Failed"), "{}", rows[place]);
    assert_eq!(rows[place + 1].trim(), "PR001 phase: expected Running");
}

#[test]
fn the_expected_stands_beside_the_recorded() {
    let (wrong, version) = altered();
    let (mut told, mut same) = (0, 0);
    for transition in transitions(&wrong, &["--expected"]) {
        let (subject, kind) = (subject(&transition), word(&transition["subject"]["kind"]));
        let expected = transition.get("expected");
        assert_eq!(expected.is_some(), matches!(kind.as_str(), "phase" | "condition"), "{transition}");
        let (Some(expected), to) = (expected, &transition["to"]) else { continue };
        if subject == "phase" && transition["resourceVersion"] == version.as_str() {
            assert_eq!((expected, to), (&"Running".into(), &"Failed".into()));
            told += 1;
        } else if !expected.is_null() {
            assert_eq!(expected, to, "{transition}");
            same += 1;
        }
        if kind == "condition" && !expected.is_null() && transition["from"] == transition["to"] {
            assert_eq!(transition["expectedLastTransitionTime"], transition["lastTransitionTime"], "{transition}");
        }
    }
    assert_eq!(told, 1);
    assert!(same > 8, "{same}");
    let text = timeline(&wrong, &["--expected"]);
    let row = text.lines().find(|line| line.chars().nth(8) == Some('!')).expect("a mark");
    let words: Vec<&str> = row.split_whitespace().skip_while(|word| *word != "phase").collect();
    assert_eq!((words[1], words.last()), ("Running", Some(&"Failed")), "{row}");
    assert!(
        text.contains("EXPECTED  RECORDED") && text.contains("\n=   Kubernetes computes the recorded value"),
        "{text}"
    );
    assert!(transitions(&wrong, &[]).iter().all(|it| it.get("expected").is_none()), "only where it was asked for");
}

#[test]
fn a_finding_without_a_transition_has_a_row() {
    // ContainersReady turns False, Ready stays True: what is wrong is that nothing happened to Ready.
    let mut ready: Option<(Json, Json)> = None;
    let mut wrong = Vec::new();
    let mut version = None;
    for line in lines(&recording("readiness-flap")) {
        let mut event: Json = serde_json::from_slice(&line).expect("JSON");
        let is = |event: &Json, kind: &str| -> Option<usize> {
            event["object"]["status"]["conditions"].as_array()?.iter().position(|it| it["type"] == kind)
        };
        let uid = event["object"]["metadata"]["uid"].clone();
        if let (Some(at), Some(of)) = (is(&event, "Ready"), is(&event, "ContainersReady")) {
            let conditions = &mut event["object"]["status"]["conditions"];
            let held = ready.clone().filter(|(of, _)| *of == uid);
            if let (None, Some((_, held)), "False") = (&version, held, word(&conditions[of]["status"]).as_str()) {
                conditions[at] = held;
                version = Some(word(&event["object"]["metadata"]["resourceVersion"]));
            } else if conditions[at]["status"] == "True" {
                ready = Some((uid, conditions[at].clone()));
            }
        }
        wrong.extend(format!("{event}\n").into_bytes());
    }
    let version = version.expect("it flapped");
    let text = timeline(&wrong, &["-o", "wide"]);
    let rows: Vec<&str> = text.lines().collect();
    let place = rows.iter().position(|line| line.chars().nth(8) == Some('!')).expect("a mark");
    let words: Vec<&str> = rows[place].split_whitespace().collect();
    assert!(words.contains(&&*version) && words[words.len() - 2..] == ["Ready", "True"], "{}", rows[place]);
    assert!(rows[place + 1].trim().starts_with("PR003 ready: expected False"), "{}", rows[place + 1]);
}
