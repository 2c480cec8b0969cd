//! The wiring of the command line: exit codes, streams, formats, and that nothing hostile reaches a terminal raw.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::{Scratch, captures_folder, file_of, unpacked};

fn podreplay(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).env_remove("PODREPLAY_DB").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    podreplay(arguments).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the output is UTF-8")
}

fn watch(scratch: &Scratch, capture: &str) -> String {
    let bytes = file_of(&captures_folder().join(capture), "raw-watch.jsonl").expect("a watch");
    scratch.file(&format!("{capture}.jsonl"), &bytes).display().to_string()
}

fn store(scratch: &Scratch, capture: &str) -> String {
    let db = scratch.path(&format!("{capture}.db")).display().to_string();
    let output = run(&["ingest", "--db", &db, &watch(scratch, capture)]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    db
}

#[test]
fn the_main_job() {
    let scratch = Scratch::new();
    let db = store(&scratch, "crashloop");
    let output = run(&["timeline", "--db", &db, "crash"]);
    let told = text(&output.stdout);
    assert!(output.status.success());
    assert!(told.contains("  created, scheduled to node-a, started and ready in 1s, by "), "{told}");
    assert!(told.contains("terminated(Error, 1) (12s) → waiting(CrashLoopBackOff) #1"), "{told}");
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn what_was_read_before_an_input_failed_is_shown() {
    let scratch = Scratch::new();
    let watch = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a watch");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&watch).expect("memory");
    let packed = encoder.finish().expect("memory");
    let pods = |file: &str, bytes: &[u8]| {
        let output = run(&["pods", "-f", &scratch.file(file, bytes).display().to_string()]);
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, sound, told) = pods("watch.gz", &packed);
    assert_eq!((code, sound.lines().count()), (Some(0), 3), "{sound}");
    assert_eq!(pods("filled-up.gz", &[&*packed, &[0; 512]].concat()), (Some(0), sound.clone(), told));
    let (code, shown, complaint) = pods("followed.gz", &[&*packed, &[b'x'; 64]].concat());
    assert_eq!((code, shown), (Some(3), sound), "{complaint}");
    assert!(complaint.contains("cannot read "), "{complaint}");
}

#[test]
fn help_without_a_command_is_laid_out() {
    let output = run(&[]);
    let (bare, asked) = (text(&output.stderr), text(&run(&["-h"]).stdout));
    assert_eq!(output.status.code(), Some(2));
    let commands =
        |help: &str| help.lines().filter(|line| line.starts_with("  ")).map(str::to_owned).collect::<Vec<_>>();
    assert!(commands(&bare).len() > 20, "{bare}");
    assert_eq!(commands(&bare), commands(&asked));
}

#[test]
fn a_time_outside_of_the_recordings_is_said_to_be() {
    let scratch = Scratch::new();
    let db = store(&scratch, "crashloop");
    for command in ["story", "check", "timeline", "history"] {
        let told = |from: &str| text(&run(&[command, "--db", &db, "--since", from]).stderr);
        let said = "That is outside of the recordings, which go from 2026-11-20 15:09:47 to 2026-11-20 15:13:15.";
        assert!(told("22:00").contains(said), "{command}: {}", told("22:00"));
        assert!(!told("15:12").contains("outside of the recordings"), "{command}: {}", told("15:12"));
    }
}

#[test]
fn a_story_of_a_time_counts_what_happened_then() {
    let scratch = Scratch::new();
    let db = store(&scratch, "crashloop");
    let told = |arguments: &[&str]| text(&run(&[&["story", "--db", &db], arguments].concat()).stdout);
    let deletion = "was deleted, by whom is not recorded";
    assert!(told(&[]).contains(deletion) && told(&["--since", "15:13"]).contains(deletion), "{}", told(&[]));
    assert!(!told(&["--until", "15:13"]).contains(deletion));
    assert!(!told(&["--since", "15:11"]).contains("created pods"));
}

#[test]
fn a_store_and_a_file_tell_the_same() {
    let scratch = Scratch::new();
    let (db, file) = (store(&scratch, "node-lost"), watch(&scratch, "node-lost"));
    for arguments in [
        vec!["pods", "-o", "json"],
        vec!["pods", "-o", "wide", "--at", "+40s"],
        vec!["timeline", "-o", "json"],
        vec!["timeline"],
        vec!["history", "-o", "yaml"],
        vec!["history", "-o", "wide"],
        vec!["check", "-o", "json"],
        vec!["story", "-o", "json"],
        vec!["story", "-o", "yaml"],
        vec!["export"],
    ] {
        let from_store = run(&[arguments.as_slice(), &["--db", &db]].concat());
        let from_file = run(&[arguments.as_slice(), &["-f", &file]].concat());
        assert!(from_store.status.success() && !from_store.stdout.is_empty(), "{arguments:?}");
        assert!(from_store.stdout == from_file.stdout, "{arguments:?}");
    }
}

/// The answers about all pods, each without what the log alone gives it: positions and the name of its cluster.
fn answers(db: &str, at: &str) -> Vec<String> {
    fn strip(value: &mut serde_json::Value) {
        if let Some(map) = value.as_object_mut() {
            ["seq", "cluster", "recording"].iter().for_each(|key| drop(map.remove(*key)));
            map.values_mut().for_each(strip);
        }
        value.as_array_mut().into_iter().flatten().for_each(strip);
    }
    let asked: [&[&str]; 5] = [&["timeline"], &["history"], &["pods", "--at", at], &["check"], &["who"]];
    let mut found = Vec::new();
    for arguments in asked {
        let output = run(&[arguments, &["--all", "-o", "json", "--db", db]].concat());
        assert!(!text(&output.stderr).contains("warning"), "{arguments:?}: {}", text(&output.stderr));
        let mut json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        strip(&mut json);
        let list = json.get("pods").or(json.get("findings")).and_then(|list| list.as_array()).expect("a list");
        found.extend(list.iter().map(|item| format!("{arguments:?} {item}")));
    }
    found
}

/// Two clusters whose versions overlap and whose times are a week apart.
fn two_clusters(scratch: &Scratch) -> [String; 2] {
    let other = unpacked(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases/1.26/raw-watch.jsonl.zst"));
    [watch(scratch, "crashloop"), scratch.file("1.26.jsonl", &other).display().to_string()]
}

#[test]
fn each_cluster_of_a_store_is_told_as_if_it_were_alone() {
    let scratch = Scratch::new();
    let files = two_clusters(&scratch);
    let [one, other, both] = ["one.db", "other.db", "both.db"].map(|name| scratch.path(name).display().to_string());
    for (db, file, cluster) in
        [(&one, &files[0], "a"), (&other, &files[1], "b"), (&both, &files[1], "b"), (&both, &files[0], "a")]
    {
        assert!(run(&["ingest", "--db", db, "--cluster", cluster, file]).status.success());
    }
    for at in ["2026-11-20T15:12:00Z", "2026-11-28T10:30:40Z", "2026-11-28T10:31:18Z"] {
        let mut alone = [answers(&one, at), answers(&other, at)].concat();
        let mut together = answers(&both, at);
        alone.sort();
        together.sort();
        assert!(alone.len() > 24 && alone == together, "{at}");
    }
    for (pod, db) in [("crash", &one), ("poststart", &other)] {
        let explained = |db: &str| {
            let told = text(&run(&["explain", pod, "--db", db]).stdout);
            told.lines().filter(|line| !line.contains("From the event")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(explained(db).len() > 3 && explained(db) == explained(&both), "{pod}");
    }
    let pods = text(&run(&["pods", "--db", &both]).stdout);
    assert!(pods.starts_with("CLUSTER   NAMESPACE") && pods.contains("\nb         cap-89-probes-oom"), "{pods}");
}

#[test]
fn recordings_of_several_clusters_under_one_name_are_warned_of() {
    let scratch = Scratch::new();
    let [one, other] = two_clusters(&scratch);
    let db = scratch.path("one.db").display().to_string();
    let warning = "warning: times may be wrong: the recordings of cluster 'default' seem to come from several clusters";
    let table: [(&[&str], bool); 9] = [
        (&["pods", "-f", &one, "-f", &other], true),
        (&["timeline", "-f", &other, "-f", &one], true),
        (&["pods", "-f", &one, "-f", &one], false),
        (&["ingest", "--db", &db, &one], false),
        (&["ingest", "--db", &db, &other], true),
        (&["recordings", "--db", &db], true),
        (&["story", "--db", &db], true),
        (&["check", "--db", &db], true),
        (&["who", "--db", &db], true),
    ];
    for (arguments, expected) in table {
        let told = text(&run(arguments).stderr);
        assert!(told.matches(warning).count() < 2, "{told}");
        assert_eq!(
            told.contains(warning) && told.contains("podreplay ingest --db NEW --cluster NAME"),
            expected,
            "{told}"
        );
    }
}

#[test]
fn machine_output_is_json_with_its_version_first() {
    let scratch = Scratch::new();
    let db = store(&scratch, "native-sidecar");
    for command in ["pods", "timeline", "history", "recordings"] {
        let output = text(&run(&[command, "--db", &db, "-o", "json"]).stdout);
        assert!(output.starts_with("{\"version\":1,"), "{command}: {output}");
        let json: serde_json::Value = serde_json::from_str(&output).expect("JSON");
        let yaml = text(&run(&[command, "--db", &db, "-o", "yaml"]).stdout);
        assert!(yaml.starts_with("version: 1\n"), "{command}: {yaml}");
        let yaml: serde_json::Value = serde_yaml::from_str(&yaml).expect("YAML");
        assert_eq!(json, yaml, "{command}");
    }
    let timeline: serde_json::Value =
        serde_json::from_slice(&run(&["timeline", "--db", &db, "-o", "json"]).stdout).expect("JSON");
    let first = &timeline["pods"][0]["transitions"][0];
    for key in ["at", "atLatest", "clock", "seq", "resourceVersion", "subject", "from", "to", "inferred"] {
        assert!(first.get(key).is_some(), "{key}: {first}");
    }
}

#[test]
fn exit_codes_say_what_went_wrong() {
    let scratch = Scratch::new();
    let db = store(&scratch, "crashloop");
    let bad = scratch.file("bad.jsonl", b"{\"type\":\"ADDED\"}\n").display().to_string();
    let unknown = scratch.file("unknown", b"NAME   READY\n").display().to_string();
    let none = scratch.path("none.db").display().to_string();
    let fresh = scratch.path("fresh.db").display().to_string();
    let folder = scratch.path(".").display().to_string();
    let empty = scratch.file("empty.jsonl", b"").display().to_string();
    let table: [(&[&str], i32, &str); 17] = [
        (&["pods", "--db", &db], 0, ""),
        (&["story", "-f", &empty], 0, "empty.jsonl: empty"),
        (&["rules", "PR999"], 2, "unknown rule 'PR999'; expected an id or a name from podreplay rules"),
        (&["timeline"], 4, "no store here"),
        (&["pods", "--db", &none], 4, &format!("podreplay ingest --db {none} FILE")),
        (&["pods", "--db", &bad], 4, "not a podreplay store"),
        (&["rebuild", "--db", &none], 4, "no store here"),
        (&["timeline", "--db", &db, "crahs"], 2, "did you mean cap-02-crashloop/crash"),
        (&["story", "--db", &db, "deployment/web"], 2, "hint: the pods of a workload: --owner deployment/web"),
        (&["timeline", "--db", &db, "zzz"], 2, "no pod 'zzz' in the recordings"),
        (&["show", "--db", &db, "crash", "--at", "yesterday"], 2, "invalid time 'yesterday'"),
        (&["show", "--db", &db, "crash", "--at", "2020-01-01T00:00:00Z"], 2, "did not exist yet"),
        (&["show", "--db", &db, "crash", "--rv", "1"], 2, "its versions run from"),
        (&["ingest", "--db", &fresh, &bad], 3, "line 1, byte 0"),
        (&["ingest", "--db", &fresh, &unknown], 3, "unknown format"),
        (&["ingest", "--db", &fresh, &folder], 3, "bad.jsonl: line 1"),
        (&["history", "-f", &none], 3, "cannot open"),
    ];
    for (arguments, code, expected) in table {
        let output = podreplay(arguments).current_dir(scratch.path(".")).output().expect("the program runs");
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}

#[test]
fn good_files_are_taken_beside_a_bad_one() {
    let scratch = Scratch::new();
    let bad = scratch.file("bad", b"\x7fELF").display().to_string();
    let db = scratch.path("log.db").display().to_string();
    let output = run(&["ingest", "--db", &db, &bad, &watch(&scratch, "oom")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&run(&["pods", "--db", &db]).stdout).contains("NAME"));
}

#[test]
fn a_name_with_several_incarnations_lists_them() {
    let scratch = Scratch::new();
    let db = store(&scratch, "statefulset-recreate");
    let output = run(&["timeline", "--db", &db, "db-0"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("'db-0' matches "), "{told}");
    let first = told.lines().find_map(|line| line.split_whitespace().next().filter(|word| word.contains('@')));
    let first = first.expect("an incarnation to name").to_owned();
    let output = run(&["timeline", "--db", &db, &first]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let all = text(&run(&["timeline", "--db", &db, "db-0", "--all"]).stdout);
    assert!(all.matches("pod cap-20-statefulset-recreate/db-0").count() > 1, "{all}");
}

#[test]
fn stdin_is_a_file_named_dash() {
    let scratch = Scratch::new();
    let bytes = file_of(&captures_folder().join("oom"), "raw-watch.jsonl").expect("a watch");
    let mut child = podreplay(&["history", "-f", "-", "-o", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let file = watch(&scratch, "oom");
    let named = text(&run(&["history", "-f", &file, "-o", "json"]).stdout).replace(&file, "-");
    assert_eq!(text(&output.stdout), named);
}

#[test]
fn a_closed_pipe_is_success() {
    let scratch = Scratch::new();
    let db = store(&scratch, "kubelet-eviction");
    let mut child =
        podreplay(&["export", "--db", &db]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut first = [0; 16];
    child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some output");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_written_is_an_error() {
    for arguments in [&["--help"][..], &["--version"], &["replay", "--help"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let output = podreplay(arguments).stdout(full).output().expect("it runs");
        let told = text(&output.stderr);
        assert!(output.status.code() == Some(4) && told.contains("cannot write the output"), "{arguments:?}: {told}");
    }
}

/// A pipe is read once; a file has all of it for each who opens it.
#[cfg(target_os = "linux")]
#[test]
fn stdin_is_not_broadcast_and_replayed() {
    let scratch = Scratch::new();
    let file = scratch.file("pod.jsonl", POD.as_bytes());
    let replayed = |stdin: Stdio, broadcast: &str| {
        podreplay(&["replay", "--broadcast", broadcast]).stdin(stdin).output().expect("it runs")
    };
    let of_file = || std::fs::File::open(&file).expect("a file").into();
    for broadcast in ["/dev/stdin", "/proc/self/fd/0", "-"] {
        let output = replayed(Stdio::piped(), broadcast);
        let told = text(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains("reads stdin, which has the pods"), "{told}");
    }
    let of_stdin = replayed(of_file(), "/dev/stdin");
    let of_name = replayed(of_file(), file.to_str().expect("UTF-8"));
    assert!(of_stdin.status.success() && !of_stdin.stdout.is_empty(), "{}", text(&of_stdin.stderr));
    assert_eq!(of_stdin.stdout, of_name.stdout);
}

const POD: &str = r#"{"type":"ADDED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"d","uid":"u","resourceVersion":"1"},"status":{"phase":"Running"}}}
"#;

#[test]
fn colour_is_for_terminals() {
    let scratch = Scratch::new();
    let db = store(&scratch, "crashloop");
    let has_colour = |arguments: &[&str]| run(arguments).stdout.contains(&0x1b);
    assert!(!has_colour(&["timeline", "--db", &db, "crash"]));
    assert!(has_colour(&["timeline", "--db", &db, "crash", "--color", "always"]));
    assert!(!has_colour(&["timeline", "--db", &db, "crash", "--color", "never"]));
}

/// Names, messages, labels and file names that would redraw a terminal, turn text around or forge lines.
#[test]
fn nothing_hostile_reaches_the_terminal_raw() {
    let scratch = Scratch::new();
    let evil = "a\\u001b[2J\\u001b]0;owned\\u0007\\u009b31m\\r\\n\\u202etxt\\u2066\\u200f\\u0000b";
    let event = |kind: &str, version: u32, phase: &str| {
        format!(
            "{{\"type\":\"{kind}\",\"object\":{{\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{evil}\",\"namespace\":\"{evil}\",\
             \"uid\":\"{evil}\",\"resourceVersion\":\"{version}\",\"creationTimestamp\":\"2026-11-20T15:09:47Z\",\
             \"labels\":{{\"{evil}\":\"{evil}{version}\"}}}},\"spec\":{{\"nodeName\":\"{evil}\",\"containers\":[{{\"name\":\"{evil}\"}}]}},\
             \"status\":{{\"phase\":\"{phase}\",\"reason\":\"{evil}\",\"message\":\"{evil}\",\"conditions\":[{{\"type\":\"{evil}\",\
             \"status\":\"{evil}\",\"reason\":\"{evil}\",\"message\":\"{evil}\"}}],\"containerStatuses\":[{{\"name\":\"{evil}\",\
             \"state\":{{\"waiting\":{{\"reason\":\"{evil}\",\"message\":\"{evil}\"}}}}}}]}}}}}}\n"
        )
    };
    let capture = [event("ADDED", 1, "Pending"), event("MODIFIED", 2, "Pending"), event("MODIFIED", 3, evil)].concat();
    let kinds = format!("{{\"kind\":\"{evil}\"}}\n");
    let name = scratch.path("evil\u{1b}[31m\u{202e}.jsonl");
    std::fs::write(&name, capture + &kinds + "{\"type\":\"\u{1b}").expect("a file");
    let name = name.display().to_string();
    let db = scratch.path("log.db").display().to_string();
    let mut outputs = vec![run(&["ingest", "--db", &db, &name]), run(&["timeline", "--db", &db, "zzz\u{1b}[2J"])];
    for command in ["timeline", "history", "pods", "recordings"] {
        for form in ["json", "yaml", "wide", "text", "table", "name", "bars", "svg", "trace"] {
            outputs.push(run(&[command, "--db", &db, "-o", form]));
        }
        outputs.push(run(&[command, "--db", &db]));
    }
    for form in ["json", "yaml"] {
        outputs.push(run(&["show", "--db", &db, "a*", "-o", form]));
    }
    let folder = scratch.path("tests");
    let test = folder.join("evil\u{1b}[31m\u{202e}");
    std::fs::create_dir_all(&test).and_then(|()| std::fs::copy(&name, test.join("watch.jsonl"))).expect("a folder");
    let folder = folder.display().to_string();
    outputs.push(run(&["test", "--bless", &folder]));
    let expectation = test.join("expect.yaml");
    let golden = std::fs::read_to_string(&expectation).expect("it was written");
    outputs.push(run(&["test", &folder]));
    // Everything differs, and a person's words are as hostile.
    let claims = format!(
        "pods:\n- pod: \"{evil}\"\n- pod: '*'\n  expect:\n  - never: {{phase: Pending}}\n  - finally: {{container: \"{evil}\", reason: \"x{evil}\"}}\n"
    );
    std::fs::write(&expectation, golden.replace("Pending", "Running").replace("golden:", &(claims + "golden:")))
        .expect("written");
    for form in ["text", "json", "github"] {
        outputs.push(run(&["test", &folder, "--format", form]));
    }
    for form in ["text", "json", "yaml"] {
        outputs.push(run(&["diff", &expectation.display().to_string(), &name, "-o", form]));
        outputs.push(run(&["diff", "-y", &name, &watch(&scratch, "oom"), "-o", form]));
    }
    assert!(outputs.iter().filter(|output| output.stdout.len() > 100).count() >= 20);
    for output in outputs {
        for stream in [output.stdout, output.stderr] {
            let dangerous = |letter: &char| *letter != '\n' && podreplay::render::escape::is_dangerous(*letter);
            let found: Vec<char> = text(&stream).chars().filter(dangerous).collect();
            assert!(found.is_empty(), "{found:?} in {}", text(&stream).escape_debug());
        }
    }
}

/// Readers beside a writer: no lock error on either side, and each reader sees whole batches.
#[test]
fn readers_do_not_disturb_a_writer() {
    let scratch = Scratch::new();
    let db = store(&scratch, "crashloop");
    let corpus: Vec<u8> = ["watch-expired", "edge-objects", "kubelet-eviction", "output-formats"]
        .iter()
        .flat_map(|name| file_of(&captures_folder().join(name), "raw-watch.jsonl").expect("a watch"))
        .collect();
    let corpus = scratch.file("corpus.jsonl", &corpus).display().to_string();
    let mut writer =
        podreplay(&["ingest", "--db", &db, &corpus, "--quiet"]).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut reads = 0;
    loop {
        let ended = writer.try_wait().expect("a child").is_some();
        let output = run(&["timeline", "--db", &db, "crash", "-n", "cap-02-crashloop", "-o", "json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        reads += 1;
        if ended {
            break;
        }
    }
    let writer = writer.wait_with_output().expect("it ends");
    assert!(writer.status.success(), "{}", text(&writer.stderr));
    assert!(reads > 1);
    assert!(text(&run(&["rebuild", "--verify", "--db", &db]).stdout).contains("equal"));
}

#[test]
fn completions_and_man_pages_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&run(&["completions", shell]).stdout).contains("podreplay"), "{shell}");
    }
    assert!(text(&run(&["man"]).stdout).contains(".TH podreplay"));
    assert!(text(&run(&["man", "timeline"]).stdout).contains("podreplay\\-timeline"));
    assert_eq!(run(&["man", "nothing"]).status.code(), Some(2));
}

/// Which rows are chosen is shown in `timeline::excerpt`; here that each command asks for them.
#[test]
fn commands_show_a_part_of_the_time() {
    let scratch = Scratch::new();
    let (crash, foreign) = (watch(&scratch, "crashloop"), watch(&scratch, "external-status-writes"));
    let table: [(&[&str], &str, &str); 11] = [
        (&["timeline", "-f", &crash, "crash", "--tail", "2"], "deleting → deleted", "created"),
        (&["timeline", "-f", &crash, "crash", "--until", "15:09"], "at the end deleted", "created"),
        (&["timeline", "-f", &crash, "crash", "--until", "+1s"], "created", "deleting"),
        (&["timeline", "-f", &crash, "crash", "--since", "1s ago", "-o", "json"], "\"deleted\"", "nodeName"),
        (&["history", "-f", &crash, "crash", "--tail", "1"], "DELETED", "MODIFIED"),
        (&["history", "-f", &crash, "crash", "--until", "15:09:47", "-o", "json"], "\"ADDED\"", "\"DELETED\""),
        (&["story", "-f", &crash, "--since", "-1s"], "crash was deleted", "crashed"),
        (&["story", "-f", &crash, "--tail", "1"], "crash was deleted", "crashed"),
        (&["check", "-f", &foreign, "--since", "15:16:10", "--tail", "1"], "startTime", "ContainersReady"),
        (&["check", "-f", &foreign, "--until", "15:16:09"], ": 0 errors", "PR101"),
        (&["check", "-f", &foreign, "--until", "15:16:09", "-o", "json"], "\"error\":0", "PR101"),
    ];
    for (arguments, there, missing) in table {
        let told = text(&run(arguments).stdout);
        assert!(told.contains(there) && !told.contains(missing), "{arguments:?}: {told}");
    }
    for (arguments, expected) in [
        (vec!["timeline", "-f", &crash, "--tail", "1", "-o", "svg"], "podreplay report -f"),
        (vec!["history", "-f", &crash, "--since", "-1s", "--until=-1m"], "is later than --until"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
}

/// How each is read is shown in `select`; here that the commands ask for it.
#[test]
fn pods_are_chosen_by_namespace_owner_node_and_status() {
    let scratch = Scratch::new();
    let (lost, crash) = (watch(&scratch, "node-lost"), watch(&scratch, "crashloop"));
    let table: [(&[&str], &str, &str); 11] = [
        (&["history", "-f", &lost, "-n", "cap-*", "bare"], "/bare", "/patient"),
        (&["history", "-f", &lost, "cap-*/web-*"], "/web-", "/bare"),
        (&["history", "-f", &lost, "-n", "team-*"], "", "/web-"),
        (&["history", "-f", &lost, "--owner", "deployment/web"], "/web-", "/bare"),
        (&["timeline", "-f", &lost, "--owner", "sts/db"], "/db-0", "/bare"),
        (&["timeline", "-f", &lost, "--node", "node-a"], "", "/bare"),
        (&["timeline", "-f", &lost, "--node", "node-*"], "/bare", "nobody"),
        (&["pods", "-f", &crash, "--status", "Err*", "--at", "15:12:00"], "crash ", "completes"),
        (&["check", "-f", &crash, "--status", "Completed"], " 1 pod", "logsmsg"),
        (&["story", "-f", &crash, "--status", "Completed"], "completes", "logsmsg"),
        (&["report", "-f", &crash, "--status", "Completed", "-o", "-"], "completes", "logsmsg"),
    ];
    for (arguments, there, missing) in table {
        let told = text(&run(arguments).stdout);
        assert!(told.contains(there) && !told.contains(missing), "{arguments:?}: {told}");
    }
}

#[test]
fn the_table_of_pods_is_made_to_order() {
    let scratch = Scratch::new();
    let lost = watch(&scratch, "node-lost");
    let of = |more: &[&str]| text(&run(&[&["pods", "-f", &*lost], more].concat()).stdout);
    let first_words = |told: &str| -> Vec<String> {
        told.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    };
    let plain = of(&["--sort-by", "name", "--no-headers"]);
    let names = first_words(&plain);
    assert!(names.len() > 5 && names.is_sorted() && names[0] == "bare", "{plain}");
    assert_eq!(first_words(&of(&["--sort-by", "age"])).last().map(String::as_str), Some("db-0"));
    assert!(of(&["--show-labels"]).contains("71s   app=web,pod-template-hash=695d5df99b\n"));
}

/// An empty table is no answer: the pods were there before.
#[test]
fn where_all_pods_are_gone_the_last_moment_with_pods_is_named() {
    let scratch = Scratch::new();
    let recreated = watch(&scratch, "statefulset-recreate");
    let output = run(&["pods", "-f", &recreated]);
    let told = text(&output.stderr);
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
    assert!(told.starts_with("All 4 pods were deleted by 15:10:49; last with pods: podreplay pods --at "), "{told}");
    // The command does what it says as it is printed.
    let advice = told.lines().next().and_then(|line| line.split_once("podreplay ")).expect("a command").1;
    let advice: Vec<&str> = advice.split(' ').collect();
    assert!(text(&run(&advice).stdout).contains("db-"), "{told}");
}

#[test]
fn help_lists_commands_in_groups_and_first_words_of_kubectl_are_answered() {
    let help = text(&run(&["--help"]).stdout);
    let at = |word: &str| help.find(&format!("\n{word}")).unwrap_or_else(|| panic!("{word}: {help}"));
    let words = ["Look:\n  story ", "Judge:\n  check ", "Test:\n  test ", "Keep:\n  ingest ", "Options:"];
    assert!(words.map(at).is_sorted(), "{help}");
    let output = run(&["get", "pods"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("tip: podreplay pods"), "{}", text(&output.stderr));
}

#[test]
fn several_pods_are_one_list_by_time() {
    let scratch = Scratch::new();
    let lost = watch(&scratch, "node-lost");
    let of = |more: &[&str]| text(&run(&[&["timeline", "-f", &*lost, "--merge"], more].concat()).stdout);
    let told = of(&[]);
    let times: Vec<&str> = told.lines().filter_map(|line| line.get(..8)).filter(|it| it.starts_with("15:")).collect();
    assert!(times.len() > 5 && times.is_sorted(), "{told}");
    assert!(
        told.starts_with(
            "10 pods\n15:16:57         bare                  created, scheduled to node-b, started and ready in 1s, by"
        ),
        "{told}"
    );
    assert!(told.contains("bare                  Ready          True (25s) → False"), "{told}");
    // What every pod begins with, and what is for one pod alone, needs to be asked for.
    assert!(!told.contains("Pending\n") && !told.contains("PodScheduled"), "{told}");
    let every = of(&["--every"]);
    assert!(every.contains("Pending\n") && every.contains("PodScheduled"), "{every}");
    let last = of(&["--tail", "2"]);
    assert_eq!(last.lines().skip(1).take_while(|line| !line.is_empty()).count(), 2, "{last}");
    assert!(told.contains(last.lines().nth(2).expect("two rows").trim_start()), "{last}");
    let output = run(&["timeline", "-f", &lost, "--merge", "-o", "json"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}

#[test]
fn the_store_is_found_by_the_environment() {
    let scratch = Scratch::new();
    let db = store(&scratch, "oom");
    let output = podreplay(&["pods"]).env("PODREPLAY_DB", &db).output().expect("the program runs");
    assert!(output.status.success());
    assert!(Path::new(&db).exists());
}

/// No rule forbids to crash: what happened is said all the same.
#[test]
fn a_crash_loop_does_not_read_as_healthy() {
    let scratch = Scratch::new();
    for (capture, words) in [
        ("crashloop", "no rule broken; 3 pods restarted 15 times, last exit 1 (Error)"),
        ("image-errors", "in ImagePullBackOff"),
        ("external-status-writes", " errors, "),
    ] {
        let told = text(&run(&["check", "-f", &watch(&scratch, capture)]).stdout);
        assert!(told.contains(words), "{capture}: {told}");
        assert_eq!(told.contains("no rule broken"), capture != "external-status-writes", "{told}");
    }
    let told = text(&run(&["check", "-f", &watch(&scratch, "happy-rollout")]).stdout);
    assert!(!told.contains("no rule broken"), "{told}");
}

#[test]
fn a_diff_has_two_sides() {
    let scratch = Scratch::new();
    let (good, bad) = (watch(&scratch, "crashloop"), watch(&scratch, "crashloop-long"));
    let db = store(&scratch, "crashloop");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/crashloop/expect.yaml");
    let expectation = scratch.file("crash.yaml", &std::fs::read(shipped).expect("it is shipped")).display().to_string();
    let [good_folder, bad_folder] = ["good", "bad"].map(|name| scratch.path(name));
    for (file, folder) in [(&good, &good_folder), (&bad, &bad_folder)] {
        std::fs::create_dir(folder).expect("a fresh folder");
        std::fs::copy(file, folder.join("watch.jsonl")).expect("a copy");
    }
    let [good_folder, bad_folder] = [good_folder, bad_folder].map(|folder| folder.display().to_string());
    for (arguments, code, words) in [
        (vec!["diff", &good_folder, &bad_folder], 1, "took: A 12s, B 10s"),
        (vec!["diff", &good_folder], 2, "to run the tests in a folder: podreplay test "),
        (vec!["diff", &expectation, &good], 0, "3 pods compared: 3 alike\n17 claims: 17 passed"),
        (vec!["diff", &expectation, "--db", &db], 0, "3 pods compared: 3 alike"),
        (vec!["diff", &good, &good], 0, "3 pods compared: 3 alike"),
        (vec!["diff", &good, &bad], 1, "took: A 12s, B 10s"),
        (vec!["diff", "-y", &good, &bad], 1, " | "),
        (vec!["diff", &good, &bad, "-U", "18446744073709551615"], 1, "@@ pod "),
        (vec!["diff", &good, &good, "-l", "app=nobody"], 2, "the selected pods are in neither recording"),
        (vec!["diff", "-f", &good, "crash", "completes"], 1, "@@ pod "),
        (vec!["diff", &expectation, "--db", &db, "crsh"], 2, "no pod 'crsh' in the recording or the expectation"),
        (vec!["diff", &expectation, "--db", &db, "gone.jsonl"], 2, "there is no file gone.jsonl"),
        (vec!["diff", &expectation, &expectation], 2, "are both expectations"),
        (vec!["diff", &good], 2, "expected two sides to compare"),
        (vec!["diff", "-", "-"], 2, "is given twice"),
        (vec!["diff", &good, &bad, "-o", "json"], 1, "{\"version\":1,\"verdict\":\"failed\""),
        (vec!["diff", &good, &bad, "-o", "yaml"], 1, "version: 1\n"),
    ] {
        let output = run(&arguments);
        let told = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
}

#[test]
fn a_stream_of_grouped_pods_is_a_filter() {
    let replay = |arguments: &[&str], lines: &str| {
        let mut child = podreplay(&[&["replay"], arguments].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        child.stdin.take().expect("it is piped").write_all(lines.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        (output.status.code(), text(&output.stdout).lines().count(), text(&output.stderr))
    };
    let pod = |uid: &str, phase: &str, version: u32| {
        format!(
            r#"{{"type":"MODIFIED","object":{{"kind":"Pod","apiVersion":"v1","metadata":{{"namespace":"shop","name":"p-{uid}","uid":"{uid}",
            "resourceVersion":"{version}"}},"spec":{{"containers":[{{"name":"app"}}]}},"status":{{"phase":"{phase}"}}}}}}"#
        )
        .replace('\n', "")
            + "\n"
    };
    let grouped = pod("a", "Pending", 1) + &pod("a", "Running", 3) + &pod("b", "Pending", 2);
    let (code, lines, told) = replay(&[], &grouped);
    assert_eq!((code, told.as_str()), (Some(0), "replayed 3 records of 2 pods\n"));
    let of_shard = |index: &str| replay(&["--partition-by", "uid", "--shards", "2", "--shard", index], &grouped).1;
    assert_eq!(of_shard("0") + of_shard("1"), lines);
    let (code, _, told) = replay(&["--shards", "2", "--shard", "2"], &grouped);
    assert!(code == Some(2) && told.starts_with("error: no shard 2 of 2; expected 0 to 1"), "{told}");
    let (code, _, told) = replay(&[], &(grouped + &pod("a", "Failed", 4)));
    assert!(code == Some(3) && told.contains("line 4: pod a again, which ended at line 2"), "{told}");
}
