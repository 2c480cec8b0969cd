//! The explanations of real incidents, sentence by sentence; the document; and that nothing hostile gets through.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::{self, Scratch, captures_folder, file_of, unpacked};
use serde_json::{Value as Json, json};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.arg("explain").args(arguments).env_remove("PODREPLAY_DB").stdin(Stdio::null());
    command.output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the output is UTF-8")
}

fn recording(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings").join(name).join("watch.jsonl.zst");
    path.display().to_string()
}

/// The text about a pod at a moment, without line breaks within a paragraph.
fn explained(file: &str, pod: &str, at: &str) -> String {
    let mut arguments = vec!["-f", file, pod];
    if !at.is_empty() {
        arguments.extend(["--at", at]);
    }
    let output = run(&arguments);
    assert!(output.status.success(), "{pod}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn incidents_are_explained() {
    let table: &[(&str, &str, &str, &[&str])] = &[
        (
            "crashloop",
            "crash",
            "15:10:34",
            &[
                "phase  Running, since 2026-11-20T15:09:48Z\n",
                "When it ends it starts again (R1: the pod's restartPolicy is Always).",
            ],
        ),
        (
            "crashloop",
            "crash",
            "15:10:33",
            &[
                "The containers give Running (P7a).",
                "- container app has ended with exit code 1 (Error); it starts again (R1: the pod's restartPolicy is \
                 Always)",
                "\nError on a terminated container\n",
            ],
        ),
        (
            "crashloop",
            "crash",
            "",
            &[
                "The containers give Failed (P7).",
                "is inferred (I2c)",
                "but the pod is Failed, and nothing starts in it",
            ],
        ),
        (
            "image-errors",
            "mixed",
            "",
            &[
                "phase  Pending",
                "The containers give Pending (P5).",
                "- container bad waits (ImagePullBackOff) and has never run\n",
                "The kubelet tries to pull the image again",
                "ContainersReady  False (ContainersNotReady: containers with unready status: [bad])",
                "- ContainersReady is not True: Ready takes status, reason and message from it",
                "\nImagePullBackOff on a waiting container\n",
            ],
        ),
        (
            "node-lost",
            "bare",
            "15:17:25",
            &[
                "Ready  False, since 2026-11-20T15:17:23Z",
                "Not written by the kubelet: the node lifecycle controller",
                "(C9), here kube-controller-manager at 2026-11-20T15:17:23Z",
                "The rules give True, by C3:",
            ],
        ),
        (
            "job",
            "indexed-0-6jtjx",
            "",
            &[
                "phase  Succeeded, since",
                "it does not start again (R1: the pod's restartPolicy is Never)",
                "A terminal phase stays, whatever the containers do from now on (H1).",
                "- it was computed for the phase Succeeded (I2a",
            ],
        ),
        (
            "init-retry",
            "init-never",
            "",
            &[
                "The containers give Failed (P4a).",
                "- init container prep has ended with exit code 3 (Error); it does not start again",
                "It is started when the init containers are done.",
            ],
        ),
        (
            "oom",
            "oom-child",
            "15:10:24",
            &["phase  Running", "Held back (H6): the kubelet has computed Succeeded, as the reason of ContainersReady"],
        ),
    ];
    for (name, pod, at, sentences) in table {
        let told = explained(&recording(name), pod, at);
        for sentence in *sentences {
            assert!(told.contains(sentence), "{name} {pod} {at}: {sentence}\n{told}");
        }
    }
}

/// Captures that are not shipped: gates, writes by hand.
#[test]
fn what_others_wrote_is_told_apart() {
    let scratch = Scratch::new();
    let capture = |name: &str| {
        let bytes = file_of(&captures_folder().join(name), "raw-watch.jsonl").expect("a watch");
        scratch.file(name, &bytes).display().to_string()
    };
    let gates = explained(&capture("readiness-gate"), "gated", "2026-11-20T15:16:05Z");
    for sentence in [
        "Ready  False (ReadinessGatesNotReady: ",
        "As expected by C3:",
        "- ContainersReady is True\n",
        "- readiness gate example.com/lb-ready: the condition is not set yet",
        "example.com/lb-ready  absent\n  A readiness gate that is not set yet: Ready waits for it (C3).",
    ] {
        assert!(gates.contains(sentence), "{sentence}\n{gates}");
    }
    let written = explained(&capture("readiness-gate"), "gated", "2026-11-20T15:16:10Z");
    for sentence in [
        "Last changed by kubectl-patch at 2026-11-20T15:16:09Z.",
        "It is a readiness gate of the pod: Ready needs it to be True (C3).",
        "- readiness gate example.com/lb-ready is True",
    ] {
        assert!(written.contains(sentence), "{sentence}\n{written}");
    }
}

/// One event shows the new gate beside the Ready of before.
#[test]
fn a_gate_that_the_kubelet_has_not_seen_is_no_contradiction() {
    use podreplay::explain::explain;
    use podreplay::kubelet::Features;
    use podreplay::rules::{Stream, Verdict, judgement_at};
    let bytes = file_of(&captures_folder().join("readiness-gate"), "raw-watch.jsonl").expect("a watch");
    let log = common::log_of(&[&bytes]);
    let mut lawful = 0;
    for events in common::events(&log).values() {
        for until in 1..=events.len() {
            let judgement = judgement_at(events, Stream::default(), Features::default(), until - 1).expect("an event");
            let explanation = explain(&judgement);
            let ready = explanation.conditions.iter().find(|it| it.kind == "Ready").expect("it is always told");
            if let Verdict::Allowed(_) = ready.verdict {
                lawful += 1;
                assert!(ready.notes.iter().any(|note| note.ends_with("(C4).")), "{:?}", ready.notes);
            }
        }
    }
    assert!(lawful >= 2, "{lawful}");
}

/// Every moment of every lawful shipped recording has a lawful explanation: they are of a real cluster.
#[test]
fn nothing_lawful_is_called_unexplained() {
    use podreplay::explain::explain;
    use podreplay::kubelet::{Features, reasons::all};
    use podreplay::rules::{RULES, Stream, judgement_at, semantics_rule};
    let (mut seen, mut cited) = (0, std::collections::BTreeSet::new());
    let shipped = common::folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings"));
    // One shows what another client wrote, against the rules: that no rule explains it is right.
    let lawful = shipped.into_iter().filter(|folder| !folder.ends_with("external-status-writes"));
    let watches = lawful.map(|folder| folder.join("watch.jsonl.zst"));
    let captures = ["container-restart-rules", "startup-probe", "static-mirror-pod"];
    let captures = captures.map(|name| captures_folder().join(name).join("raw-watch.jsonl.zst"));
    for folder in watches.chain(captures) {
        let log = common::log_of(&[&unpacked(&folder)]);
        for (uid, events) in common::events(&log) {
            for until in 1..=events.len() {
                let judgement =
                    judgement_at(&events, Stream::default(), Features::default(), until - 1).expect("an event");
                let explanation = explain(&judgement);
                let verdicts = explanation.conditions.iter().map(|it| (it.kind.as_str(), &it.verdict));
                let because = explanation.conditions.iter().flat_map(|it| it.because.iter().chain(&it.notes));
                let containers = explanation.containers.iter().flat_map(|it| &it.because);
                let phase = explanation.phase.because.iter().chain(&explanation.phase.notes);
                cited.extend(because.chain(containers).chain(phase).flat_map(|sentence| rules_in(sentence)));
                for (what, verdict) in std::iter::once(("phase", &explanation.phase.verdict)).chain(verdicts) {
                    seen += 1;
                    assert!(!verdict.is_against(), "{} {uid} {what} at {until}", folder.display());
                }
            }
        }
    }
    assert!(seen > 2000, "{seen}");
    // Every rule that is cited can be printed, and so can what the rules of check and the reasons rest on.
    assert!(cited.len() > 20 && cited.contains("I2a"), "{cited:?}");
    cited.extend(RULES.iter().flat_map(|rule| rule.rests_on.split(", ")).filter(|it| *it != "-").map(str::to_owned));
    cited.extend(all().flat_map(|reason| reason.rules.iter().map(|rule| (*rule).to_owned())));
    let unknown: Vec<&String> = cited.iter().filter(|rule| semantics_rule(rule).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The rules that a sentence cites: `by C5.4`, `(H10, T7)`, `(R1: ...)`.
fn rules_in(sentence: &str) -> Vec<String> {
    let words = sentence.split([' ', '(', ')', ',', ':', ';']).map(|word| word.trim_end_matches('.'));
    let is_rule = |word: &&str| {
        let number = word.split('.').next().unwrap_or_default();
        let digits = number.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
        matches!(digits.as_bytes(), [b'A'..=b'Z', rest @ ..] if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
    };
    words.filter(is_rule).map(str::to_owned).collect()
}

#[test]
fn the_document_has_its_shape() {
    let file = recording("image-errors");
    let output = run(&["-f", &file, "mixed", "-o", "json"]);
    assert!(text(&output.stdout).starts_with("{\"version\":1,"));
    let document: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["phase"]["recorded"], "Pending");
    assert_eq!(document["phase"]["rule"], "P5");
    assert_eq!(document["phase"]["verdict"], "agrees");
    assert_eq!(document["phase"]["because"], json!(["container bad waits (ImagePullBackOff) and has never run"]));
    assert_eq!(document["kubernetes"], "1.36");
    let types: Vec<&str> =
        document["conditions"].as_array().expect("a list").iter().filter_map(|it| it["type"].as_str()).collect();
    assert_eq!(types, ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"]);
    let ready = &document["conditions"][4];
    assert_eq!(ready["derived"]["reason"], "ContainersNotReady");
    assert_eq!(ready["recorded"]["status"], "False");
    assert_eq!(ready["rule"], "C2");
    assert_eq!(document["containers"][1]["state"], "waiting(ImagePullBackOff)");
    assert!(document["reasons"].as_array().is_some_and(|reasons| reasons.len() == 2), "{}", document["reasons"]);
    let yaml = run(&["-f", &file, "mixed", "-o", "yaml"]);
    assert!(text(&yaml.stdout).starts_with("version: 1\n"), "{}", text(&yaml.stdout));
}

#[test]
fn what_is_not_there_is_refused() {
    let file = recording("statefulset-recreate");
    let early = run(&["-f", &recording("crashloop"), "crash", "--at", "2020-01-01T00:00:00Z"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(
        text(&early.stderr).contains("'crash' did not exist yet at 2020-01-01T00:00:00Z"),
        "{}",
        text(&early.stderr)
    );
    let twice = run(&["-f", &file, "db-0"]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(text(&twice.stderr).contains("'db-0' matches 2 pods:"), "{}", text(&twice.stderr));
    // Of two pods of a name the one that was there is meant.
    let one = explained(&file, "db-0", "2026-11-20T15:10:33Z");
    assert!(one.contains("uid 3f682882"), "{one}");
    let older = run(&["-f", &recording("init-retry"), "init-never", "--kubernetes", "1.30"]);
    assert!(text(&older.stdout).contains("The containers give Failed (P4b)."), "{}", text(&older.stdout));
}

#[test]
fn hostile_text_stays_harmless() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "evil", "namespace": "x", "uid": "u-1", "resourceVersion": "1",
            "creationTimestamp": "2026-11-20T15:00:00Z"},
        "spec": {"nodeName": "n\u{1b}[31m", "restartPolicy": "Always\u{202e}",
            "readinessGates": [{"conditionType": "g\u{1b}]0;x\u{7}"}], "containers": [{"name": "a\u{1b}[2J\nb"}]},
        "status": {"phase": "Run\u{1b}[5mning", "reason": "R\u{202e}x", "message": "m\u{1b}[1m\u{9b}31m",
            "startTime": "2026-11-20T15:00:00Z",
            "conditions": [{"type": "Ready", "status": "Fal\u{1b}se", "reason": "\u{1b}c", "message": "\u{2028}"},
                {"type": "o\u{1b}[x", "status": "True"}],
            "containerStatuses": [{"name": "a\u{1b}[2J\nb", "ready": false, "restartCount": 1, "image": "", "imageID": "",
                "state": {"waiting": {"reason": "w\u{1b}[0m", "message": "line\u{1b}[3m\nline"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "t\u{7}", "message": "\u{1b}[8m"}}}]}});
    let scratch = Scratch::new();
    let line = json!({"type": "ADDED", "object": pod}).to_string() + "\n";
    let file = scratch.file("evil.jsonl", line.as_bytes()).display().to_string();
    for form in ["text", "json", "yaml"] {
        let output = run(&["-f", &file, "evil", "-o", form]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let told = text(&output.stdout);
        let is_dangerous = |letter: char| letter != '\n' && podreplay::render::escape::is_dangerous(letter);
        assert!(!told.contains(is_dangerous), "{form}: {told:?}");
        assert!(told.contains("[2J"), "{form}: the name is told: {told}");
    }
}
