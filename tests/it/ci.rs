//! What a job in CI does to the program, and the program to it: text that a runner of GitHub would take for a command, a limit
//! for files, and a signal to end.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::common::{Scratch, captures_folder, file_of};

const COMMANDS: [&str; 5] =
    ["::error::pwned", "  ::set-output name=x::y", "::add-mask::a", "##[error]pwned", "\u{3000}::stop-commands::t"];

/// Pods of which every name and text is a command.
fn hostile() -> String {
    let pods = COMMANDS.iter().enumerate().map(|(index, command)| {
        let pod = |version: usize, phase: &str| {
            let text = format!("first\n{command}\n{command}");
            let pod = serde_json::json!({"type": if version == 1 { "ADDED" } else { "MODIFIED" }, "object": {
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": command, "namespace": command, "uid": format!("{command}{index}"),
                             "resourceVersion": (10 * index + version).to_string(), "creationTimestamp": "2026-11-20T15:09:47Z"},
                "spec": {"nodeName": command, "containers": [{"name": command, "image": command, "args": [command, text]}]},
                "status": {"phase": phase, "reason": command, "message": text,
                           "conditions": [{"type": "Ready", "status": "False", "reason": command, "message": text}],
                           "containerStatuses": [{"name": command, "restartCount": version,
                                                  "state": {"waiting": {"reason": command, "message": text}}}]}}});
            format!("{pod}\n")
        };
        pod(1, "Pending") + &pod(2, "Failed") + &pod(3, "Running")
    });
    pods.collect()
}

fn run(scratch: &Scratch, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).env("GITHUB_ACTIONS", "true").env_remove("PODREPLAY_DB").current_dir(scratch.path(""));
    command.stdin(Stdio::null()).output().expect("the program runs")
}

/// What the runner takes for a command: by the first letters of a line without space around it, or anywhere in it.
fn commands(output: &str) -> Vec<&str> {
    output.lines().filter(|line| line.trim().starts_with("::") || line.contains("##[")).collect()
}

#[test]
fn nothing_of_a_recording_is_a_command() {
    let scratch = Scratch::new();
    scratch.file("watch.jsonl", hostile().as_bytes());
    assert!(run(&scratch, &["ingest", "watch.jsonl"]).status.success());
    let first = "::error::pwned0";
    let table: [&[&str]; 24] = [
        &["pods"],
        &["pods", "-o", "wide"],
        &["pods", "-o", "json"],
        &["pods", "-o", "yaml"],
        &["timeline"],
        &["timeline", "-o", "wide"],
        &["timeline", "-o", "json"],
        &["timeline", "-o", "yaml"],
        &["timeline", "-o", "bars"],
        &["timeline", "-o", "svg"],
        &["timeline", "-o", "trace"],
        &["history"],
        &["history", "-o", "yaml"],
        &["show", first],
        &["show", first, "-o", "json"],
        &["explain", first],
        &["check"],
        &["check", "-o", "yaml"],
        &["recordings"],
        &["pods", "no-such-pod"],
        &["explain", "::error::nobody"],
        &["pods", "--db", "::error::no.db"],
        &["pods", "::warning::nobody"],
        &["--color", "always", "pods"],
    ];
    for arguments in table {
        let output = run(&scratch, arguments);
        let text = String::from_utf8([output.stdout, b"\n".to_vec(), output.stderr].concat()).expect("UTF-8");
        assert_eq!(commands(&text), Vec::<&str>::new(), "{arguments:?}");
        assert!(text.trim().len() > 10, "{arguments:?}: {text}");
    }
}

/// JSON in CI holds the same values, and the annotations that are meant stay commands.
#[test]
fn documents_stay_whole_and_annotations_stay_commands() {
    let scratch = Scratch::new();
    scratch.file("watch.jsonl", hostile().as_bytes());
    assert!(run(&scratch, &["ingest", "watch.jsonl"]).status.success());
    let json = run(&scratch, &["timeline", "-o", "json"]).stdout;
    let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    assert!(value.to_string().contains("##[error]pwned"));
    let yaml = run(&scratch, &["timeline", "-o", "yaml"]).stdout;
    let read: serde_yaml::Value = serde_yaml::from_slice(&yaml).expect("YAML");
    let read = serde_json::to_value(read).expect("a document");
    assert_eq!(read, value, "YAML in CI is the same document");
    let output = run(&scratch, &["check", "-o", "github"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.lines().count() > 0 && text.lines().all(|line| line.starts_with("::")), "{text}");
    assert!(!text.contains("##["), "{text}");
}

/// A watch of a real cluster.
fn watch(scratch: &Scratch) -> String {
    let bytes = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a watch");
    scratch.file("watch.jsonl", &bytes).display().to_string()
}

#[cfg(unix)]
#[test]
fn a_file_over_its_limit_is_an_error_with_a_text() {
    let scratch = Scratch::new();
    let watch = watch(&scratch);
    let program = env!("CARGO_BIN_EXE_podreplay");
    for command in ["ingest --db p.db", "report -o page.html -f", "test --junit junit.xml ."] {
        let line = match command.starts_with("test") {
            true => format!("ulimit -f 0; exec {program} {command}"),
            false => format!("ulimit -f 8; exec {program} {command} {watch}"),
        };
        fs::write(scratch.path("expect.yaml"), "version: 1\npods:\n- pod: crash\n").expect("writable");
        let output = Command::new("sh").args(["-c", &line]).current_dir(scratch.path("")).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{command}: {:?} {told}", output.status);
        assert!(
            told.contains("error: ") && (command.starts_with("ingest") || told.contains("File too large")),
            "{command}: {told}"
        );
        assert!(unfinished(&scratch).is_empty(), "{command}");
    }
}

fn unfinished(scratch: &Scratch) -> Vec<String> {
    let entries = fs::read_dir(scratch.path("")).expect("a folder").map(|entry| entry.expect("readable").file_name());
    entries.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with(".podreplay-")).collect()
}

/// Ended at any moment, a report leaves nothing beside its file, and the program says by what it was ended.
#[cfg(unix)]
#[test]
fn a_signal_takes_the_unfinished_file_with_the_program() {
    use std::os::unix::process::ExitStatusExt;
    let scratch = Scratch::new();
    let watch = watch(&scratch);
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
        command.args(["report", "--with-objects", "-o", "page.html", "-f", &watch]).current_dir(scratch.path(""));
        command.stderr(Stdio::null()).spawn().expect("it runs")
    };
    assert!(start().wait().expect("it ends").success());
    for (step, (signal, number)) in [("INT", 2), ("TERM", 15), ("HUP", 1)].into_iter().cycle().take(11).enumerate() {
        let mut child = start();
        // From a millisecond to a second: builds differ in how long they take.
        std::thread::sleep(Duration::from_millis(1 << step));
        let id = child.id().to_string();
        let _ = Command::new("kill").args([&format!("-{signal}"), &id]).stderr(Stdio::null()).status();
        let status = child.wait().expect("it ends");
        assert!(status.success() || status.signal() == Some(number), "{signal}: {status:?}");
        assert_eq!(unfinished(&scratch), Vec::<String>::new(), "{signal} after step {step}");
    }
}
