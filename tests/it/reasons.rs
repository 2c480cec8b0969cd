//! The glossary of reasons: complete for what was asked of it, for the captures and for `docs/semantics.md`; well formed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{captures, file_of};
use podreplay::kubelet::reasons::{Place, Reason, all, lookup};
use serde_json::Value as Json;

/// Words by hand or by third parties in the captures: notes of the capture `external-status-writes`, writers of readiness
/// gates in `readiness-gate`.
const NOT_OF_KUBERNETES: [&str; 5] = ["Drained", "Killed", "Meddling", "Note", "Testing"];

fn semantics() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/semantics.md")).expect("readable")
}

#[test]
fn every_word_that_must_be_known_is_known() {
    let words = "ContainerCreating PodInitializing CrashLoopBackOff ErrImagePull ImagePullBackOff InvalidImageName \
        ImageInspectError ErrImageNeverPull RegistryUnavailable SignatureValidationFailed CreateContainerConfigError \
        CreateContainerError RunContainerError PreStartHookError PostStartHookError PreCreateHookError KillContainerError \
        VerifyNonRootError RunInitContainerError CreatePodSandboxError ConfigPodSandboxError KillPodSandboxError \
        ContainersNotInitialized ContainersNotReady UnknownContainerStatuses DockerDaemonNotReady NetworkPluginNotReady \
        Completed Error OOMKilled ContainerCannotRun StartError ContainerStatusUnknown DeadlineExceeded Evicted NodeLost \
        NodeAffinity OutOfcpu OutOfmemory OutOfpods OutOfephemeral-storage OutOfnvidia.com/gpu UnexpectedAdmissionError \
        Unschedulable SchedulerError SchedulingGated PodCompleted PodFailed ReadinessGatesNotReady \
        RestartingAllContainers RestartAllContainersStarted PreemptionByScheduler DeletionByTaintManager \
        DeletionByDeviceTaintManager EvictionByEvictionAPI DeletionByPodGC TerminationByKubelet Deferred Infeasible \
        Preempting Terminated NodeShutdown Shutdown AppArmor SysctlForbidden TopologyAffinityError \
        PodOSSelectorNodeLabelDoesNotMatch PodOSNotSupported PodLevelResourcesNotSupported \
        InitContainerRestartPolicyForbidden MatchNodeSelector HostPortConflict PodFitsHostPorts InsufficientFreeCPU \
        InsufficientFreeMemory OutOfDisk BackOff NodeNotReady NotReady Terminating";
    let unknown: Vec<&str> = words.split_whitespace().filter(|word| lookup(word).is_empty()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// A word that is asked for and stands at several places is told for each.
#[test]
fn a_word_at_several_places_has_an_entry_for_each() {
    let places = |word: &str| lookup(word).iter().map(|reason| reason.place).collect::<Vec<_>>();
    assert_eq!(places("Error"), [Place::Condition(&["PodResizeInProgress"]), Place::Terminated]);
    assert_eq!(places("Unknown"), [Place::Terminated, Place::Column]);
    assert_eq!(places("PodCompleted").len(), 2);
}

#[test]
fn no_word_stands_twice_at_a_place() {
    let mut seen = BTreeSet::new();
    for reason in all() {
        let types: &[&str] = if let Place::Condition(types) = reason.place { types } else { &[""] };
        for kind in types {
            assert!(seen.insert((reason.word, reason.place.as_str(), *kind)), "{} {:?}", reason.word, reason.place);
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

#[test]
fn entries_stand_in_order() {
    let key = |reason: &Reason| {
        let kinds = ["pod", "condition", "waiting", "terminated", "column", "event", "node", "log"];
        let place = kinds.iter().position(|kind| *kind == reason.place.as_str());
        (place.expect("a place that has its turn"), reason.word.to_ascii_lowercase())
    };
    let keys: Vec<_> = all().map(key).collect();
    assert!(keys.is_sorted(), "{keys:?}");
}

#[test]
fn sentences_are_short_and_end() {
    for Reason { word, meaning, next, writer, versions, .. } in all() {
        for text in [meaning, next] {
            assert!(text.ends_with('.') && !text.contains("  ") && text.len() < 420, "{word}: {text}");
        }
        for text in [writer, versions] {
            assert!(!text.is_empty() && !text.ends_with('.') && !text.contains("  "), "{word}: {text}");
        }
    }
}

/// A reason that `docs/semantics.md` names between backticks is known; what is no reason there is listed here: phases,
/// types, fields, gates. Shorter words are none.
#[test]
fn the_reasons_of_the_semantics_are_known() {
    const OTHER_WORDS: [&str; 13] = [
        "Always",
        "Failed",
        "FieldValueDuplicate",
        "Never",
        "NotIn",
        "OnFailure",
        "Pending",
        "PodHasNetwork",
        "Ready",
        "Restart",
        "RestartAllContainers",
        "Running",
        "Succeeded",
    ];
    let semantics = semantics();
    let words = semantics.split('`').skip(1).step_by(2).filter(|word| {
        word.starts_with(|letter: char| letter.is_ascii_uppercase())
            && word.len() > 4
            && word.chars().all(|letter| letter.is_ascii_alphabetic())
            && word.chars().any(|letter| letter.is_ascii_lowercase())
    });
    let words: BTreeSet<&str> = words.collect();
    assert!(words.len() > 20, "{words:?}");
    let unknown: Vec<&str> = words.into_iter().filter(|word| lookup(word).is_empty()).collect();
    assert_eq!(unknown, OTHER_WORDS, "a word that is new in semantics.md is a reason, or belongs to this list");
}

/// The reasons of a pod in a capture, each with the place at which it stands.
fn reasons_of(pod: &Json, found: &mut BTreeMap<(String, String), usize>) {
    let mut add = |place: &str, reason: &Json| {
        if let Some(word) = reason.as_str().filter(|word| !word.is_empty()) {
            *found.entry((place.to_owned(), word.to_owned())).or_default() += 1;
        }
    };
    let status = &pod["status"];
    add("pod", &status["reason"]);
    for condition in status["conditions"].as_array().into_iter().flatten() {
        add(condition["type"].as_str().unwrap_or_default(), &condition["reason"]);
    }
    for list in ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] {
        for container in status[list].as_array().into_iter().flatten() {
            for state in ["state", "lastState"] {
                for kind in ["waiting", "terminated"] {
                    add(kind, &container[state][kind]["reason"]);
                }
            }
        }
    }
}

#[test]
fn the_reasons_of_the_captures_are_known_at_their_places() {
    let mut found = BTreeMap::new();
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        for line in watch.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let event: Json = serde_json::from_slice(line).expect("a line is JSON");
            if event["object"]["kind"] == "Pod" {
                reasons_of(&event["object"], &mut found);
            }
        }
    }
    assert!(found.len() > 35, "the captures are there: {found:?}");
    for (place, word) in found.keys().filter(|(_, word)| !NOT_OF_KUBERNETES.contains(&&**word)) {
        let stands_there = lookup(word).iter().any(|reason| match reason.place {
            Place::Condition(types) => types.contains(&&**place),
            Place::Pod | Place::Waiting | Place::Terminated => reason.place.as_str() == place,
            Place::Column | Place::Event | Place::Node | Place::Log => false,
        });
        assert!(stands_there, "{word} at {place}");
    }
    for word in NOT_OF_KUBERNETES {
        assert!(lookup(word).is_empty(), "{word} is known and needs no exception");
    }
}

#[test]
fn the_command_lists_explains_and_refuses() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_podreplay")).arg("reasons").args(arguments).output();
        let output = output.expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, list, _) = run(&[]);
    assert_eq!((code, list.lines().count()), (Some(0), all().count() + 1));
    let (code, told, _) = run(&["error"]);
    assert_eq!(code, Some(0));
    assert!(told.starts_with("Error on the condition PodResizeInProgress\n"), "{told}");
    assert!(told.contains("\n\nError on a terminated container\n"), "{told}");
    let (_, json, _) = run(&["-o", "json"]);
    assert!(json.starts_with("{\"version\":1,\"reasons\":["), "{json}");
    let json: Json = serde_json::from_str(&json).expect("JSON");
    let yaml: Json = serde_yaml::from_str(&run(&["-o", "yaml"]).1).expect("YAML");
    assert_eq!(json, yaml);
    let (code, _, told) = run(&["CrashLoopBackof"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("'CrashLoopBackof' is not known; expected a reason"), "{told}");
    assert!(told.contains("did you mean CrashLoopBackOff"), "{told}");
}
