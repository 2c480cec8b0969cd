//! The habits of the command line: the zone of times, the pager, completion, pods with findings, kubectl's forms of output.

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

use crate::common::{Scratch, captures_folder, file_of};

fn podreplay(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).env_remove("PODREPLAY_DB").env_remove("TZ").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    podreplay(arguments).output().expect("the program runs")
}

fn told(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn watch(scratch: &Scratch, capture: &str) -> String {
    let bytes = file_of(&captures_folder().join(capture), "raw-watch.jsonl").expect("a watch");
    scratch.file(&format!("{capture}.jsonl"), &bytes).display().to_string()
}

const BERLIN: [&str; 2] = ["--tz", "Europe/Berlin"];

#[test]
fn text_shows_times_in_the_zone_that_was_asked_for() {
    let scratch = Scratch::new();
    let file = watch(&scratch, "crashloop");
    let of = |arguments: &[&str]| told(&[arguments, &["-f", &file]].concat());
    let in_berlin = |arguments: &[&str]| of(&[arguments, &BERLIN].concat());
    for (command, utc, berlin) in [
        (&["timeline", "crash"][..], " UTC (", " 16:09:47 to 16:13:15 CET ("),
        (&["story"], " UTC (", " CET ("),
        (&["history", "crash"], "\n15:09:47 ", "\n16:09:47 "),
        (&["timeline", "crash", "-o", "bars"], "2026-11-20 UTC", "2026-11-20 CET"),
        (&["explain", "crash"], "T15:09:4", "T16:09:4"),
    ] {
        let (in_utc, there) = (of(command), in_berlin(command));
        assert!(in_utc.contains(utc) && !in_utc.contains(berlin), "{in_utc}");
        assert!(there.contains(berlin) && !there.contains(utc), "{there}");
        // The next command repeats the option.
        assert_eq!(in_utc, of(&[command, &["--tz", "UTC"]].concat()).replace(" --tz UTC", ""));
    }
    // Once, where no heading says it otherwise.
    assert_eq!(in_berlin(&["history", "crash"]).matches("times in Europe/Berlin").count(), 1);
    assert!(in_berlin(&["explain", "crash"]).contains("+01:00"));
    // What programs read stays in UTC.
    for form in ["json", "yaml", "svg", "trace"] {
        assert_eq!(in_berlin(&["timeline", "-o", form]), of(&["timeline", "-o", form]), "{form}");
    }
    assert_eq!(in_berlin(&["show", "crash"]), of(&["show", "crash"]));
}

#[test]
fn times_are_read_in_the_zone_that_was_asked_for() {
    let scratch = Scratch::new();
    let file = watch(&scratch, "crashloop");
    let pods = |arguments: &[&str]| told(&[&["pods", "-f", &file, "-o", "json"], arguments].concat());
    let at = pods(&["--at", "15:10:00"]);
    assert_ne!(at, pods(&["--at", "15:10:20"]), "something happens in between");
    assert_eq!(at, pods(&["--at", "16:10:00", "--tz", "europe/berlin"]));
    assert_eq!(at, pods(&["--at", "2026-11-20 16:10:00", "--tz", "Europe/Berlin"]));
    assert_eq!(at, pods(&["--at", "2026-11-20T15:10:00Z", "--tz", "Europe/Berlin"]));
    let history = |arguments: &[&str]| told(&[&["history", "-f", &file, "-o", "json"], arguments].concat());
    assert_eq!(
        history(&["--since", "15:10:00", "--until", "15:10:20"]),
        history(&["--since", "16:10:00", "--until", "16:10:20", "--tz", "Europe/Berlin"])
    );
    // The zone of the machine is asked for by name alone.
    let local = podreplay(&["pods", "-f", &file, "-o", "json", "--at", "16:10:00", "--tz", "local"])
        .env("TZ", "Europe/Berlin")
        .output()
        .expect("the program runs");
    assert_eq!(String::from_utf8_lossy(&local.stdout), at);
    let not_asked =
        podreplay(&["timeline", "-f", &file]).env("TZ", "Europe/Berlin").output().expect("the program runs");
    assert_eq!(String::from_utf8_lossy(&not_asked.stdout), told(&["timeline", "-f", &file]));
    let wrong = run(&["pods", "-f", &file, "--tz", "Europe/Berln"]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.status.code() == Some(2) && said.contains("did you mean Europe/Berlin?"), "{said}");
}

#[test]
fn a_pipe_has_no_pager() {
    let scratch = Scratch::new();
    let file = watch(&scratch, "crashloop");
    let seen = scratch.path("seen");
    let pager = format!("dd of={}", seen.display());
    let output =
        podreplay(&["timeline", "-f", &file]).env("PODREPLAY_PAGER", pager).output().expect("the program runs");
    assert!(output.status.success() && !output.stdout.is_empty());
    assert!(!seen.exists());
    assert_eq!(told(&["timeline", "-f", &file, "--no-pager"]).as_bytes(), output.stdout);
}

#[test]
fn pods_with_findings_are_chosen() {
    let scratch = Scratch::new();
    let (file, lawful) = (watch(&scratch, "external-status-writes"), watch(&scratch, "graceful-delete"));
    let document: Json =
        serde_json::from_slice(&run(&["check", "-f", &file, "--severity", "warning", "-o", "json"]).stdout)
            .expect("JSON");
    let mut found: Vec<String> = document["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| format!("pod/{}", finding["pod"].as_str().expect("a name")))
        .collect();
    found.sort();
    found.dedup();
    let chosen =
        told(&["pods", "-f", &file, "-f", &lawful, "--at", "2026-11-20T15:17:00Z", "-o", "name", "--with-findings"]);
    assert_eq!(chosen.lines().collect::<Vec<_>>(), found);
    assert!(!found.is_empty());
    let timelines = told(&["timeline", "-f", &file, "--with-findings"]);
    assert_eq!(timelines.matches("  uid ").count(), found.len());
    // What the settings leave out is no finding; they are for nothing else.
    let config = scratch.file("own.yaml", b"severity:\n  PR101: info\nexceptions:\n- pod: '*'\n").display().to_string();
    for command in [&["timeline"][..], &["pods", "-o", "name"], &["check", "-o", "json"], &["who"], &["story"]] {
        let all = run(&[command, &["-f", &file, "--with-findings"]].concat());
        let chosen = run(&[command, &["-f", &file, "--with-findings", "--config", &config]].concat());
        let pods = |output: &Output| String::from_utf8_lossy(&output.stdout).contains(&found[0]["pod/".len()..]);
        assert_eq!((pods(&all), pods(&chosen)), (true, false), "{command:?}");
    }
    assert_eq!(run(&["timeline", "-f", &file, "--config", &config]).status.code(), Some(2));
    // What is about the recording alone is none.
    let version = |kind: &str, version: u8| {
        format!(
            r#"{{"type":"{kind}","object":{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"back","namespace":"a","uid":"u","resourceVersion":"{version}"}},"spec":{{"containers":[{{"name":"c","image":"i"}}]}},"status":{{"phase":"Pending"}}}}}}"#
        )
    };
    let back = scratch.file("back.jsonl", [version("ADDED", 5), version("MODIFIED", 4)].join("\n").as_bytes());
    let back = back.display().to_string();
    assert!(told(&["check", "-f", &back]).contains("0 warnings, 2 notes about the recording"));
    assert_eq!(told(&["timeline", "-f", &back, "--with-findings"]), "");
    assert_eq!(told(&["timeline", "-f", &lawful, "--with-findings"]), "");
}

/// What `podreplay complete` offers in place of the last word.
fn offered(db: &str, words: &[&str]) -> Vec<String> {
    let output = podreplay(&[&["complete", "--"], words].concat()).env("PODREPLAY_DB", db).output().expect("it runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

fn store_with_hostile_names(scratch: &Scratch) -> String {
    let db = scratch.path("store.db").display().to_string();
    let pod = |name: &str| {
        format!(
            r#"{{"type":"ADDED","object":{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"team-a","uid":"{name}-1","resourceVersion":"1"}},"spec":{{"containers":[{{"name":"c","image":"i"}}]}},"status":{{"phase":"Pending"}}}}}}"#
        )
    };
    let names = [
        "web-0",
        "web-1",
        "db-0",
        "web-$(touch hacked)",
        "web-`id`",
        "web-;id",
        "web-\\\"x y",
        "--with-secrets",
        "-rf",
    ];
    let lines: Vec<String> = names.into_iter().map(pod).collect();
    let file = scratch.file("watch.jsonl", lines.join("\n").as_bytes()).display().to_string();
    told(&["ingest", "--db", &db, &file]);
    db
}

#[test]
fn names_of_the_store_rules_and_reasons_are_completed() {
    let scratch = Scratch::new();
    let db = store_with_hostile_names(&scratch);
    // Names that a shell might take for more than a word are not offered.
    assert_eq!(offered(&db, &["timeline", "we"]), ["web-0", "web-1"]);
    assert_eq!(offered(&db, &["timeline", ""]), ["db-0", "web-0", "web-1"]);
    assert_eq!(offered(&db, &["show", "-n", "team-a", "team-a/d"]), ["team-a/db-0"]);
    assert_eq!(offered(&db, &["diff", "web-0", "d"]), ["db-0"]);
    assert_eq!(offered(&db, &["story", "-n", ""]), ["team-a"]);
    assert_eq!(offered(&db, &["pods", "--namespace", "=", "t"]), ["team-a"]);
    assert_eq!(offered(&db, &["check", "--rule", "PR10"]).first().map(String::as_str), Some("PR101"));
    assert_eq!(offered(&db, &["rules", "clock-s"]), ["clock-skew"]);
    assert_eq!(offered(&db, &["reasons", "CrashLoopB"]), ["CrashLoopBackOff"]);
    assert_eq!(offered("nowhere.db", &["timeline", "--db", &db, "--all", "db"]), ["db-0"]);
    // Of what the shell completes by itself, and of capture files, nothing.
    for words in [&["tim"][..], &["timeline", "-"], &["timeline", "--tz", ""], &["show", "-f", "watch.jsonl", ""], &[]]
    {
        assert_eq!(offered(&db, words), Vec::<String>::new(), "{words:?}");
    }
    assert_eq!(offered("nowhere.db", &["timeline", ""]), Vec::<String>::new());
}

#[test]
fn bash_takes_names_for_words() {
    let scratch = Scratch::new();
    let db = store_with_hostile_names(&scratch);
    let script = scratch.file("podreplay.bash", told(&["completions", "bash"]).as_bytes());
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_podreplay")).parent().expect("a folder");
    let line = format!(
        "PATH={}:$PATH; source {}; COMP_WORDS=(podreplay timeline web); COMP_CWORD=2; _podreplay podreplay web timeline; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        program.display(),
        script.display()
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &line])
        .current_dir(scratch.path(""))
        .env("PODREPLAY_DB", db)
        .output()
        .expect("bash runs");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "web-0\nweb-1\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!scratch.path("hacked").exists());
}

#[test]
fn forms_of_kubectl_that_are_not_there_say_what_to_do() {
    for form in ["jsonpath={.items[*].metadata.name}", "custom-columns=NAME:.metadata.name"] {
        let output = run(&["pods", "-o", form]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2));
        assert!(said.contains("podreplay pods -o json | jq -r"), "{said}");
    }
    let output = run(&["pods", "-o", "jsn"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("similar value exists: 'json'"));
}

#[test]
fn a_birth_is_one_line_of_a_merged_list() {
    let scratch = Scratch::new();
    let file = watch(&scratch, "happy-rollout");
    let merged = told(&["timeline", "-f", &file, "--merge"]);
    let births: Vec<&str> = merged.lines().filter(|line| line.contains("created, scheduled to node-")).collect();
    assert!(births.len() > 3 && births.iter().all(|line| line.contains(" started and ready in ")), "{merged}");
    assert!(!merged.contains("Pending"), "{merged}");
    let every = told(&["timeline", "-f", &file, "--merge", "--every"]);
    assert!(!every.contains("created, scheduled") && every.contains("Pending"), "{every}");
    let gated = told(&["timeline", "-f", &watch(&scratch, "scheduling-gates"), "--merge"]);
    assert!(gated.contains("  created, scheduled to node-a after 20s, started and ready in 21s, by"), "{gated}");
    // What happened within the time asked for is not hidden in a line before it.
    let later = told(&["timeline", "-f", &watch(&scratch, "scheduling-gates"), "--merge", "--since", "15:09:05"]);
    assert!(!later.contains("created") && later.contains("Ready") && later.contains("running"), "{later}");
    // It ends where it goes another way than births go.
    let crashing = told(&["timeline", "-f", &watch(&scratch, "crashloop"), "--merge"]);
    assert!(crashing.contains("  created, scheduled to node-a, started and ready"), "{crashing}");
    assert!(crashing.contains("terminated(Error, 1)"), "{crashing}");
    let failing = told(&["timeline", "-f", &watch(&scratch, "image-errors"), "--merge"]);
    assert!(failing.contains("  created and scheduled to node-a, by"), "{failing}");
    assert!(failing.contains("waiting(ContainerCreating) (1s) → waiting(ErrImagePull)"), "{failing}");
}

#[test]
fn a_birth_is_one_line_of_the_timeline_of_a_pod() {
    let scratch = Scratch::new();
    let file = watch(&scratch, "happy-rollout");
    let of = |file: &str, more: &[&str]| told(&[&["timeline", "-f", file], more].concat());
    let pods = |text: &str| text.lines().filter(|line| line.starts_with("pod ")).count();
    let short = of(&file, &[]);
    let births: Vec<&str> =
        short.lines().filter(|line| line.contains("created, scheduled to node-a, started and ready in ")).collect();
    assert_eq!(births.len(), pods(&short), "{short}");
    assert!(!short.contains(" nodeName ") && !short.contains("PodScheduled") && short.contains("→ deleted"), "{short}");
    // All else is as it was.
    let every = of(&file, &["--every"]);
    assert!(every.contains(" nodeName ") && every.contains("PodScheduled") && !every.contains("created, "), "{every}");
    let row = |line: &str| line.get(17..).unwrap_or(line).split_whitespace().collect::<Vec<_>>().join(" ");
    let rows: BTreeSet<String> = every.lines().map(row).collect();
    assert!(short.lines().all(|line| births.contains(&line) || rows.contains(&row(line))), "{short}{every}");
    let compared = of(&file, &["--expected"]);
    assert!(compared.contains("PodScheduled") && !compared.contains("created, scheduled"), "{compared}");
    let later = of(&watch(&scratch, "scheduling-gates"), &["--since", "15:09:05"]);
    assert!(!later.contains("created, ") && later.contains("PodReadyToStartContainers"), "{later}");
    // It ends where it goes another way than births go: that is told as it was.
    let failing = of(&watch(&scratch, "image-errors"), &[]);
    assert!(failing.contains("  created and scheduled to node-a, by"), "{failing}");
    assert!(failing.contains("waiting(ContainerCreating) (1s) → waiting(ErrImagePull)"), "{failing}");
    let gated = of(&watch(&scratch, "scheduling-gates"), &[]);
    assert!(gated.contains("PodScheduled") && gated.contains("SchedulingGated"), "{gated}");
}

/// Thirty pods that came back from a terminal phase, one of which changed its node too.
fn fleet(scratch: &Scratch) -> String {
    let pod = |kind: &str, name: usize, version: usize, phase: &str| {
        let node = if version > 400 { format!(r#""nodeName":"node-{}","#, version / 100) } else { String::new() };
        format!(
            r#"{{"type":"{kind}","object":{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p-{name:02}","namespace":"fleet","uid":"uid-{name}","resourceVersion":"{version}","creationTimestamp":"2026-11-20T15:00:00Z"}},"spec":{{{node}"containers":[{{"name":"c","image":"i"}}]}},"status":{{"phase":"{phase}"}}}}}}"#
        )
    };
    let mut lines = Vec::new();
    for (place, phase) in ["Pending", "Failed", "Running", "Failed", "Running"].into_iter().enumerate() {
        let kind = if place == 0 { "ADDED" } else { "MODIFIED" };
        let names = (0..30).filter(|name| place < 3 || *name == 17);
        lines.extend(names.map(|name| pod(kind, name, 100 * (place + 1) + name, phase)));
    }
    scratch.file("fleet.jsonl", lines.join("\n").as_bytes()).display().to_string()
}

#[test]
fn a_fleet_begins_with_the_worst() {
    let scratch = Scratch::new();
    let file = fleet(&scratch);
    let pods = |text: &str| text.lines().filter(|line| line.starts_with("pod fleet/")).count();
    let timeline = told(&["timeline", "-f", &file]);
    assert!(timeline.starts_with("pod fleet/p-17 "), "{timeline}");
    assert!(
        timeline.ends_with(&format!("\n10 more pods, none worse off: podreplay timeline --all -f {file}\n")),
        "{timeline}"
    );
    let check = String::from_utf8(run(&["check", "-f", &file]).stdout).expect("UTF-8");
    assert!(check.starts_with("pod fleet/p-17 "), "{check}");
    assert!(
        check.contains(&format!("\n10 more pods with findings, none worse: podreplay check --all -f {file}\n")),
        "{check}"
    );
    assert_eq!((pods(&timeline), pods(&check)), (20, 20));
    for command in ["timeline", "check"] {
        let all = String::from_utf8(run(&[command, "-f", &file, "--all"]).stdout).expect("UTF-8");
        assert!(all.starts_with("pod fleet/p-00 ") && pods(&all) == 30, "{all}");
        // Who asks for some gets them, and programs get all.
        let some = String::from_utf8(run(&[command, "-f", &file, "p-*"]).stdout).expect("UTF-8");
        assert_eq!(pods(&some), 30);
        let document = run(&[command, "-f", &file, "-o", "json"]).stdout;
        assert!(String::from_utf8(document).expect("UTF-8").matches("\"uid\":\"uid-").count() >= 30);
    }
}

#[test]
fn of_two_pods_the_worse_one_is_red_on_either_side() {
    let scratch = Scratch::new();
    let file = watch(&scratch, "crashloop");
    let diff = |sides: [&str; 2]| {
        let output = run(&["diff", "-f", &file, sides[0], sides[1], "--color", "always"]);
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    const RED: &str = "\u{1b}[31m";
    const GREEN: &str = "\u{1b}[32m";
    for (sides, crash, completes) in [(["crash", "completes"], "- ", "+ "), (["completes", "crash"], "+ ", "- ")] {
        let told = diff(sides);
        let line = |colour: &str, sign: &str, word: &str| {
            told.lines().any(|line| line.starts_with(&format!("{colour}{sign}")) && line.contains(word))
        };
        assert!(line(RED, crash, "Error") && line(GREEN, completes, "Completed"), "{told}");
        assert!(told.contains("--- A  pod ") && told.contains("+++ B  pod ") && told.contains(" → "), "{told}");
        assert!(!told.contains("expected") && !told.contains(" -> "), "{told}");
    }
}

#[test]
fn explain_begins_with_what_keeps_the_pod_back() {
    let scratch = Scratch::new();
    let first = |capture: &str, pod: &str, at: &str| {
        let text = told(&["explain", "-f", &watch(&scratch, capture), pod, "--at", at]);
        text.split("\n\n").nth(1).expect("a part behind the heading").to_owned()
    };
    assert!(first("scheduling-gates", "gated", "15:09:00").starts_with("PodScheduled  False (SchedulingGated"));
    assert!(first("readiness-gate", "gated", "15:16:05").starts_with("Ready  False (ReadinessGatesNotReady"));
    // Nothing keeps this one back.
    assert!(first("happy-rollout", "web-868cd4c6b-8q6ks", "15:10:05").starts_with("phase  Running"));
}
