//! Secrets, and what only looks like one, as they stand in pods: what each output shows of them. The corpus is tests/secrets;
//! `cargo test --test it secrets:: -- --nocapture` prints it as a table.
#![expect(clippy::print_stdout, reason = "the table is printed")]

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use podreplay::redact;
use serde_json::{Value, json};

use crate::common::Scratch;

/// A text that holds a secret.
struct Case {
    shape: String,
    text: String,
    /// The part of the secret that an output must not hold.
    sign: String,
}

fn lines(table: &str) -> impl Iterator<Item = String> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.replace('¦', "").replace(r"\\n", "\0").replace(r"\n", "\n").replace('\0', r"\n"))
}

/// The corpus, each secret made unlike all others in letters that are in many.
fn secrets() -> Vec<Case> {
    let cases = lines(include_str!("../secrets/secrets.txt")).enumerate().map(|(index, line)| {
        let (shape, text) = line.split_once(" | ").expect("a shape and a text");
        let letter = char::from(b'a' + u8::try_from(index / 10).expect("few cases"));
        let digit = index % 10;
        let text = text
            .replace("Tt7", &format!("T{letter}{digit}"))
            .replace("tt7", &format!("t{letter}{digit}"))
            .replace("4f0e", &format!("4a{index:02x}"));
        let secret = text.split(['«', '»']).nth(1).unwrap_or_else(|| panic!("{line}: a secret is marked"));
        let plain = secret.replace("-----", " ");
        let parts = plain.split(|letter: char| !letter.is_ascii_alphanumeric() && !"_.-".contains(letter));
        let sign = parts.max_by_key(|part| part.len()).unwrap_or_default().to_owned();
        Case { shape: shape.to_owned(), sign, text: text.replace(['«', '»'], "") }
    });
    cases.collect()
}

fn harmless() -> Vec<String> {
    lines(include_str!("../secrets/harmless.txt")).collect()
}

/// A pod with a text in one place of it.
fn placed(place: &str, text: &str) -> Value {
    match place {
        "args" => json!({"spec": {"containers": [{"args": text.split(' ').collect::<Vec<_>>()}]}}),
        "command" => {
            let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
            json!({"spec": {"containers": [{"command": [first], "args": rest.split(' ').collect::<Vec<_>>()}]}})
        }
        "script" => json!({"spec": {"containers": [{"command": ["sh", "-c", text]}]}}),
        "annotation" => json!({"metadata": {"annotations": {"example.com/note": text}}}),
        "message" => json!({"status": {"containerStatuses": [{"state": {"terminated": {"message": text}}}]}}),
        "applied" => json!({"status": {"message": placed("script", text).to_string()}}),
        _ => panic!("{place} is no place"),
    }
}

const PLACES: [&str; 6] = ["args", "command", "script", "annotation", "message", "applied"];

#[test]
fn secrets_are_hidden_wherever_they_stand_in_a_pod() {
    let cases = secrets();
    let mut leaks = 0;
    println!("{:38} {:8} {}", "shape", "text", PLACES.map(|place| format!("{place:11}")).join(""));
    for case in &cases {
        let is_found = |shown: &str| if shown.contains(&case.sign) { "LEAKS" } else { "hidden" };
        let text = is_found(&redact::text(&case.text));
        let in_places = PLACES.map(|place| is_found(&redact::object(placed(place, &case.text)).to_string()));
        leaks += usize::from(std::iter::once(text).chain(in_places).any(|found| found == "LEAKS"));
        println!("{:38} {text:8} {}", case.shape, in_places.map(|found| format!("{found:11}")).join(""));
    }
    println!("{} secrets, {leaks} leak", cases.len());
    assert!(cases.len() >= 90 && leaks == 0, "{leaks} of {} leak", cases.len());
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    let mut wrong = Vec::new();
    let texts = harmless();
    for text in &texts {
        let places = PLACES.map(|place| (place, placed(place, text)));
        let changed = places.into_iter().map(|(place, pod)| (place, redact::object(pod.clone()) != pod));
        let changed: Vec<&str> = changed.filter(|(_, is_changed)| *is_changed).map(|(place, _)| place).collect();
        let shown = redact::text(text);
        if &*shown != text || !changed.is_empty() {
            wrong.push(format!("{text}\n    became {shown}, and in {changed:?} too"));
        }
    }
    println!("{} harmless texts, {} hidden wrongly\n{}", texts.len(), wrong.len(), wrong.join("\n"));
    assert!(texts.len() >= 90 && wrong.is_empty(), "{} of {} hidden wrongly", wrong.len(), texts.len());
}

/// What the pod of a case goes through, with this text where texts of a cluster stand.
fn recording(index: usize, text: &str) -> String {
    let pod = |version: u32, status: Value| {
        json!({"type": if version == 1 { "ADDED" } else { "MODIFIED" }, "object": {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": format!("p-{index}"), "namespace": "shop", "uid": format!("u-{index}"),
                         "resourceVersion": (index * 10 + version as usize + 1).to_string(), "creationTimestamp": "2026-11-20T15:09:47Z"},
            "spec": {"containers": [{"name": "app", "image": "app:1"}]},
            "status": status}})
    };
    let waiting = json!({"phase": "Pending", "message": text,
        "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": text,
                        "lastTransitionTime": "2026-11-20T15:09:48Z"}],
        "containerStatuses": [{"name": "app", "restartCount": 0, "state": {"waiting": {"reason": "CreateContainerError", "message": text}}}]});
    format!("{}\n{}\n", pod(1, json!({"phase": "Pending"})), pod(2, waiting))
}

fn podreplay(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).current_dir(folder).env_remove("GITHUB_ACTIONS");
    let output = command.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("UTF-8"))
}

/// The data and the text of a page.
fn read_page(page: &str) -> String {
    let data = page.split_once("id=\"data\">").expect("data").1.split_once("</script>").expect("it ends").0;
    let packed = STANDARD.decode(data).expect("base64");
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("deflated");
    // Letters of packed data say nothing: three of them are found by chance.
    text + &page.replacen(data, "", 1)
}

fn folder_of(scratch: &Scratch, index: usize) -> String {
    scratch.path(&format!("tests/{index:03}")).display().to_string()
}

/// A folder a case with a recording of these texts.
fn record<'a>(scratch: &Scratch, texts: impl Iterator<Item = &'a str>) -> String {
    let mut all = String::new();
    for (index, text) in texts.enumerate() {
        let folder = folder_of(scratch, index);
        fs::create_dir_all(&folder).expect("a folder");
        let recording = recording(index, text);
        fs::write(format!("{folder}/watch.jsonl"), &recording).expect("writable");
        all += &recording;
    }
    fs::create_dir_all(scratch.path("all")).expect("a folder");
    fs::write(scratch.path("all/watch.jsonl"), &all).expect("writable");
    all
}

const OUTPUTS: [&str; 9] =
    ["report", "svg", "test --report", "bless", "junit", "test text", "test json", "diff text", "annotations"];

/// What each output holds of recordings whose texts an expectation does not have.
fn outputs(scratch: &Scratch, flags: &[&str]) -> [String; OUTPUTS.len()] {
    let run = |arguments: &[&str]| podreplay(&scratch.path(""), &[arguments, flags].concat()).1;
    let page = |name: &str| read_page(&fs::read_to_string(scratch.path(name)).expect("a page"));
    run(&["report", "-f", "all/watch.jsonl", "-o", "report.html"]);
    let svg = run(&["timeline", "-f", "all/watch.jsonl", "-o", "svg"]);
    let text = run(&["test", "tests", "--junit", "junit.xml"]);
    let json = run(&["test", "tests", "--format", "json"]);
    let annotations = run(&["test", "tests", "--format", "github"]);
    run(&["test", "all", "--report", "reports"]);
    let diff = run(&["diff", "all/expect.yaml", "all/watch.jsonl"]);
    fs::create_dir_all(scratch.path("blessed")).expect("a folder");
    fs::copy(scratch.path("all/watch.jsonl"), scratch.path("blessed/watch.jsonl")).expect("a copy");
    let _ = fs::remove_file(scratch.path("blessed/expect.yaml"));
    run(&["test", "--bless", "blessed"]);
    let blessed = fs::read_to_string(scratch.path("blessed/expect.yaml")).expect("blessed");
    let junit = fs::read_to_string(scratch.path("junit.xml")).expect("a report");
    [page("report.html"), svg, page("reports/all.html"), blessed, junit, text, json, diff, annotations]
}

#[test]
fn no_output_that_is_passed_on_holds_a_secret() {
    let (cases, scratch) = (secrets(), Scratch::new());
    record(&scratch, cases.iter().map(|_| "all is well"));
    assert_eq!(podreplay(&scratch.path(""), &["test", "--bless", "tests", "all"]).0, Some(0));
    record(&scratch, cases.iter().map(|case| &*case.text));
    let (hidden, shown) = (outputs(&scratch, &[]), outputs(&scratch, &["--with-secrets"]));
    println!("{:38} {}", "shape", OUTPUTS.map(|output| format!("{output:14}")).join(""));
    let mut leaks = [0; OUTPUTS.len()];
    let mut missing = Vec::new();
    for case in &cases {
        let mut row = String::new();
        for (index, (hidden, shown)) in hidden.iter().zip(&shown).enumerate() {
            leaks[index] += usize::from(hidden.contains(&case.sign));
            row += &format!("{:14}", if hidden.contains(&case.sign) { "LEAKS" } else { "hidden" });
            if !shown.contains(&case.sign) {
                missing.push(format!("{} in {}", case.shape, OUTPUTS[index]));
            }
        }
        println!("{:38} {row}", case.shape);
    }
    println!("{:38} {}", "leaks", leaks.map(|count| format!("{count:<14}")).join(""));
    assert_eq!(missing, Vec::<String>::new(), "shown with --with-secrets: else nothing is proved");
    assert_eq!(leaks, [0; OUTPUTS.len()], "of {}", cases.len());
}

/// A mark in an expectation stands for any secret, and for nothing else.
#[test]
fn a_blessed_recording_with_secrets_passes_and_no_other_text_does() {
    let (cases, scratch) = (secrets(), Scratch::new());
    record(&scratch, cases.iter().map(|case| &*case.text));
    let run = |arguments: &[&str]| podreplay(&scratch.path(""), arguments);
    let (code, text) = run(&["test", "--bless", "tests"]);
    assert_eq!(code, Some(0), "{text}");
    let blessed =
        |index: usize| fs::read_to_string(format!("{}/expect.yaml", folder_of(&scratch, index))).expect("blessed");
    for (index, case) in cases.iter().enumerate() {
        assert!(blessed(index).contains(redact::HIDDEN) && !blessed(index).contains(&case.sign), "{}", case.shape);
    }
    let (code, text) = run(&["test", "tests"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = run(&["test", "--bless", "tests"]);
    assert!(code == Some(0) && text.matches("unchanged").count() == cases.len(), "{text}");
    record(
        &scratch,
        cases.iter().map(|case| &*case.text).map(|text| Box::leak(format!("again: {text}").into_boxed_str()) as &str),
    );
    let (code, text) = run(&["test", "tests"]);
    assert_eq!((code, text.matches("FAILED").count()), (Some(1), cases.len()), "{text}");
}

/// What a story for a post-mortem quotes, and the files that it names.
#[test]
fn a_story_for_a_post_mortem_holds_no_secret() {
    let (cases, scratch) = (secrets(), Scratch::new());
    let token = "ghp_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789";
    let name = format!("{token}.jsonl");
    let all: String = cases.iter().enumerate().map(|(index, case)| recording(index, &case.text)).collect();
    fs::write(scratch.path(&name), all).expect("writable");
    let told = |flags: &[&str]| {
        let story =
            podreplay(&scratch.path(""), &[&["story", "--all", "-o", "markdown", "-f", &name], flags].concat()).1;
        story.replace('\\', "")
    };
    let (hidden, shown) = (told(&[]), told(&["--with-secrets"]));
    let leaks: Vec<&str> =
        cases.iter().filter(|case| hidden.contains(&case.sign)).map(|case| case.shape.as_str()).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    let quoted = cases.iter().filter(|case| shown.contains(&case.sign)).count();
    assert!(quoted * 2 > cases.len(), "{quoted} of {} are quoted", cases.len());
    assert!(shown.contains(token) && !hidden.contains(token), "{hidden}");
}
