//! `podreplay test` for machines: the JUnit report and GitHub's annotations, with hostile names and messages.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Scratch, unpacked};

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
            assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|name| after.starts_with(name)), "&{after}");
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
    assert!(commands > 20, "{text}");
    assert!(text.contains("100%250A"), "percent signs are spelled out: {text}");
    assert!(text.contains("FAILED        tests/::warning::6"), "{text}");
}
