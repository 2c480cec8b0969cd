//! `podreplay test`: the shipped incidents, blessing, errors of single tests; and for machines the JUnit report and
//! GitHub's annotations, with hostile names and messages.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{Scratch, captures_folder, file_of, folders, unpacked};

const HOSTILE: &str = "a\"'<b>&amp;]]>\n::error::x\r\t\u{1b}[31m\u{1}\u{202e}##[set-output name=x]y,z:100%0A";

fn podreplay(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.arg("test").args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.output().expect("the program runs");
    (output.status.code().expect("a code"), String::from_utf8(output.stdout).expect("the output is UTF-8"))
}

/// Tests of each kind, some under a hostile name: what becomes of them, in the order of their names.
fn suite(scratch: &Scratch) -> [&'static str; 6] {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/oom");
    let watch = String::from_utf8(unpacked(&recording.join("watch.jsonl.zst"))).expect("UTF-8");
    let half: String = watch.split_inclusive('\n').take(15).collect();
    let expectation = fs::read_to_string(recording.join("expect.yaml")).expect("an expectation");
    let golden = format!("version: 1\n{}", &expectation[expectation.find("golden:").expect("a golden part")..]);
    let quoted = serde_json::to_string(HOSTILE).expect("JSON");
    let hostile = watch.replace("\"ContainersNotReady\"", &quoted);
    let claim = "version: 1\npods:\n- pod: nobody\n  expect:\n  - finally: {phase: Running}\n";
    let tests = [
        ("1-passed", Some(&watch), golden.as_str(), "passed"),
        ("2-cut", Some(&half), &golden, "skipped"),
        ("3-missing", None, &golden, "error"),
        (&format!("4{HOSTILE}"), Some(&hostile), &golden, "failure"),
        (&format!("5{HOSTILE}"), Some(&watch), "version: [", "error"),
        ("::warning::6", Some(&watch), claim, "failure"),
    ];
    for (name, watch, expectation, _) in &tests {
        let folder = scratch.path("tests").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("expect.yaml"), expectation).expect("writable");
        if let Some(watch) = watch {
            fs::write(folder.join("watch.jsonl"), watch).expect("writable");
        }
    }
    tests.map(|(_, _, _, outcome)| outcome)
}

/// The tags of a document in their order, without their attributes; what stands between them is only looked at.
fn tags(xml: &str) -> Vec<&str> {
    let is_allowed = |letter: char| letter == '\n' || letter == '\t' || !letter.is_control() && letter != '\u{202e}';
    assert!(xml.chars().all(is_allowed), "a character that XML or a terminal must not see");
    let mut tags = Vec::new();
    for part in xml.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("every tag ends");
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        for after in [tag, text].iter().flat_map(|text| text.split('&').skip(1)) {
            assert!(["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|name| after.starts_with(name)), "&{after}");
        }
        tags.push(tag.split(' ').next().unwrap_or(tag));
    }
    tags
}

#[test]
fn a_junit_report_is_well_formed_and_counts_right() {
    let scratch = Scratch::new();
    let outcomes = suite(&scratch);
    let (code, _) = podreplay(&scratch.path(""), &["tests", "--junit", "report.xml"]);
    assert_eq!(code, 1);
    let xml = fs::read_to_string(scratch.path("report.xml")).expect("a report");
    let mut expected = vec!["?xml", "testsuites", "testsuite", "properties", "property", "/properties"];
    for outcome in outcomes {
        expected.push("testcase");
        match outcome {
            "skipped" => expected.extend(["skipped", "/skipped"]),
            "error" => expected.extend(["error", "/error"]),
            "failure" => expected.extend(["failure", "/failure"]),
            _ => continue,
        }
        expected.push("/testcase");
    }
    expected.extend(["system-out/", "system-err/", "/testsuite", "/testsuites"]);
    assert_eq!(tags(&xml), expected, "{xml}");
    assert!(xml.contains("tests=\"6\" failures=\"2\" errors=\"2\""), "{xml}");
    assert!(xml.contains("<testcase name=\"1-passed\" classname=\"tests\" time=\"0\"/>"), "{xml}");

    let (code, _) =
        podreplay(&scratch.path(""), &["tests/1-passed/", "tests/2-cut", "--strict", "--junit", "report.xml"]);
    assert_eq!(code, 1);
    let xml = fs::read_to_string(scratch.path("report.xml")).expect("a report");
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("<testcase name=\"1-passed\" classname=\"tests\" time=\"0\"/>"), "{xml}");
}

#[test]
fn github_is_given_no_command_of_a_recording_or_a_name() {
    let scratch = Scratch::new();
    suite(&scratch);
    let (code, text) = podreplay(&scratch.path(""), &["tests", "--format", "github"]);
    assert_eq!(code, 1);
    let mut commands = 0;
    for line in text.lines() {
        assert!(!line.contains("##["), "{line}");
        assert!(!line.contains(char::is_control), "{line:?}");
        let Some(command) = line.trim_start().strip_prefix("::") else { continue };
        commands += 1;
        let (head, _) = command.split_once("::").expect("a message");
        let (name, properties) = head.split_once(' ').expect("properties");
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        let keys: Vec<&str> =
            properties.split(',').map(|property| property.split_once('=').expect("a value").0).collect();
        assert!(keys == ["file", "line", "col", "title"] || keys == ["file", "title"], "{line}");
    }
    assert!(commands > 10, "{text}");
    assert!(text.contains("100%250A"), "percent signs are spelled out: {text}");
    assert!(text.contains("FAILED        tests/::warning::6"), "{text}");
}

#[test]
fn the_shipped_incidents_pass() {
    let (code, told) = podreplay(Path::new(env!("CARGO_MANIFEST_DIR")), &[]);
    assert_eq!(code, 0, "{told}");
    let count = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings")).len();
    assert!(told.ends_with(&format!("{count} passed, 0 failed, 0 inconclusive\n")), "{told}");
}

#[test]
fn the_output_does_not_depend_on_the_threads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let one = podreplay(root, &["--format", "json", "--jobs", "1"]);
    assert_eq!(podreplay(root, &["--format", "json", "--jobs", "7"]), one);
}

#[test]
fn blessing_renews_the_golden_part_and_keeps_what_a_person_wrote() {
    let scratch = Scratch::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/readiness-gate");
    let folder = scratch.path("gate");
    fs::create_dir(&folder).expect("a folder");
    fs::copy(root.join("watch.jsonl.zst"), folder.join("watch.jsonl.zst")).expect("a copy");
    let (code, told) = podreplay(&folder, &["--bless", "."]);
    assert!(code == 0 && told.contains("1 pod, 28 lines, new"), "{told}");
    let path = folder.join("expect.yaml");
    let fresh = fs::read_to_string(&path).expect("it was written");

    // A person's claims above, comments everywhere, lines left open, a line changed, one removed, one made up.
    let mut lines: Vec<String> = fresh.lines().map(str::to_owned).collect();
    let golden = lines.iter().position(|line| line == "golden:").expect("the golden part");
    let find = |lines: &[String], what: &str| lines.iter().position(|line| line.contains(what)).expect("the line");
    let podips = find(&lines, "field podIPs");
    lines[podips] = "  - {at: any, subject: field podIPs, to: any} # another one in every run".to_owned();
    let ready = find(&lines, "subject: condition Ready, to: \"False\"");
    lines[ready] = lines[ready].replace("reason: ReadinessGatesNotReady", "reason: /NotReady$/");
    lines.insert(ready, "  # nobody has said yet that it may serve".to_owned());
    let phase = find(&lines, "subject: phase, from: Pending");
    lines[phase] = lines[phase].replace("to: Running", "to: Succeeded");
    let removed = find(&lines, "field startTime");
    lines.remove(removed);
    lines.insert(phase, "  - {at: +1s, subject: condition Made/Up, to: \"True\"} # never happened".to_owned());
    lines.insert(golden, "pods:\n- pod: gated   # the only one\n  expect:\n  - never: {phase: Failed}\n".to_owned());
    lines.push("# the end".to_owned());
    fs::write(&path, lines.join("\n") + "\n").expect("written");

    let (code, told) = podreplay(&folder, &["."]);
    assert_eq!(code, 1, "{told}");
    for words in ["to: expected Succeeded, recorded Running", "- 15:16:02   Made/Up", "+ 15:16:01   startTime"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let (code, told) = podreplay(&folder, &["--bless", "."]);
    assert!(code == 0 && told.contains("renewed") && told.contains("Made/Up"), "{told}");
    let renewed = fs::read_to_string(&path).expect("it was written");
    for kept in [
        "pods:\n- pod: gated   # the only one\n  expect:\n  - never: {phase: Failed}\n\ngolden:\n",
        "  - {at: any, subject: field podIPs, to: any}  # another one in every run\n",
        "  # nobody has said yet that it may serve\n",
        "  # never happened\n",
        "subject: phase, from: Pending, to: Running",
        "field startTime",
        "\n# the end\n",
    ] {
        assert!(renewed.contains(kept), "{kept}\n{renewed}");
    }
    assert!(!renewed.contains("{at: +1s, subject: condition Made/Up"), "{renewed}");
    assert_eq!(podreplay(&folder, &["."]).0, 0);
    let (_, told) = podreplay(&folder, &["--bless", "."]);
    assert!(told.contains("unchanged"), "{told}");
    assert_eq!(fs::read_to_string(&path).expect("there"), renewed, "blessing twice is blessing once");
}

#[test]
fn a_broken_test_is_an_error_of_that_test_alone() {
    let scratch = Scratch::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/readiness-gate");
    for (name, expectation) in [
        ("a-good", "version: 1\npods:\n- pod: gated\n"),
        ("b-broken", "version: 1\npods:\n- pod: gated\n  expct: []\n"),
        ("c-missing", "version: 1\nrecording: gone.jsonl\n"),
        ("d-wrong", "version: 1\npods:\n- pod: gated\n  expect:\n  - never: {phase: Running}\n"),
    ] {
        let folder = scratch.path(name);
        fs::create_dir(&folder).expect("a folder");
        fs::copy(root.join("watch.jsonl.zst"), folder.join("watch.jsonl.zst")).expect("a copy");
        fs::write(folder.join("expect.yaml"), expectation).expect("written");
    }
    let folder = scratch.path(".");
    let (code, told) = podreplay(&folder, &["."]);
    assert_eq!(code, 1, "{told}");
    for words in [
        "./b-broken/expect.yaml:4:3: 'expct'",
        "'expect'",
        "cannot open ./c-missing/gone.jsonl",
        "./d-wrong/expect.yaml:5:5  pod",
        "1 passed, 1 failed, 0 inconclusive, 2 errors\n",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(podreplay(&folder, &[".", "-k", "broken"]).0, 3);
    let (code, told) = podreplay(&folder, &[".", "--fail-fast"]);
    assert!(
        code == 3
            && told.ends_with(
                "stopped at the first failure, 2 tests not run\n1 passed, 0 failed, 0 inconclusive, 1 error\n"
            ),
        "{told}"
    );
    let (code, told) = podreplay(&folder, &[".", "--list"]);
    assert!(code == 0 && told == "./a-good\n./b-broken\n./c-missing\n./d-wrong\n", "{told}");
}

#[test]
fn the_recordings_of_a_folder_are_one_test() {
    let scratch = Scratch::new();
    let folder = scratch.path("outage");
    fs::create_dir(&folder).expect("a folder");
    let capture = captures_folder().join("crashloop");
    let file = |from: &str, to: &str| fs::write(folder.join(to), file_of(&capture, from).expect("a file"));
    file("audit.jsonl", "audit.log").expect("writable");
    file("events.jsonl", "events.json").expect("writable");
    fs::write(folder.join("podreplay.yaml"), "version: 1\n").expect("writable");
    let (code, told) = podreplay(&folder, &["--bless", "."]);
    assert!(code == 0 && told.contains("blessed"), "{told}");
    let (code, told) = podreplay(&folder, &["--report", "pages", "--strict", "."]);
    assert_eq!(code, 0, "{told}");
    // What only one of them tells is expected of them all.
    fs::remove_file(folder.join("audit.log")).expect("it is there");
    let (code, told) = podreplay(&folder, &["--report", "pages", "--strict", "."]);
    assert_eq!(code, 1, "{told}");
    // Recordings of several clusters under one name.
    let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases/1.26/raw-watch.jsonl.zst");
    fs::write(folder.join("other.jsonl"), unpacked(&other)).expect("writable");
    file("raw-watch.jsonl", "watch.jsonl").expect("writable");
    let (_, told) = podreplay(&folder, &["."]);
    assert!(told.contains("seem to come from several clusters"), "{told}");
}
