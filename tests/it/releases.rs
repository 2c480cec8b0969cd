//! Which release a pod is judged by, what tells it, and that its rules are those of that release: captures of several
//! releases beside what their API servers printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{Scratch, log_of, reports, store_of, unpacked};
use podreplay::model::{EventKind, ObservedAt, ResourceVersion, StampedAt};
use podreplay::ops::projection::verify;
use podreplay::report::PodReport;
use podreplay::store::Log;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases")
}

/// Runs a command on files of the folder.
fn podreplay(arguments: &str, files: &[&str]) -> Output {
    let scratch = Scratch::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments.split_whitespace()).env("PODREPLAY_DB", scratch.path("none.db")).env("NO_COLOR", "1");
    for file in files {
        command.arg("-f").arg(folder().join(file));
    }
    command.output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn the_release_comes_from_the_best_evidence() {
    let (watch, nodes) = ("release-1.26-watch.jsonl.zst", "release-1.26-nodes.jsonl.zst");
    let table = [
        (vec![watch, nodes], "1.26 (kubeletVersion of node-b)"),
        (vec![nodes, watch], "1.26 (kubeletVersion of node-b)"),
        (vec![watch], "1.20 to 1.26 (inferred from the pods)"),
        (vec!["binding-audit.jsonl.zst"], "1.30 (the kubelet's userAgent in the audit log)"),
        (vec!["status-terminating-1.30.jsonl.zst"], "1.29 to 1.30 (inferred from the pods)"),
        (vec!["1.34/raw-watch.jsonl.zst"], "1.34 to 1.36 (inferred from the pods)"),
    ];
    for (files, expected) in table {
        let checked = text(&podreplay("check", &files).stdout);
        assert_eq!(checked.lines().last(), Some(&*format!("by the rules of Kubernetes {expected}")), "{files:?}");
        let document: serde_json::Value =
            serde_json::from_slice(&podreplay("check -o json", &files).stdout).expect("a document");
        let told = &document["summary"]["kubernetes"];
        let (oldest, newest) =
            (told["oldest"].as_str().expect("a release"), told["newest"].as_str().expect("a release"));
        let range = if oldest == newest { oldest.to_owned() } else { format!("{oldest} to {newest}") };
        assert_eq!(format!("{range} ({})", told["from"].as_str().expect("words")), expected, "{files:?}");
    }
}

/// The node's records tell both; a pod that was removed while its phase was Running is of the older.
#[test]
fn of_a_kubelet_that_was_made_newer_the_pod_tells_which_it_was() {
    let nodes = text(&unpacked(&folder().join("release-1.26-nodes.jsonl.zst")));
    let scratch = Scratch::new();
    let both = format!("{nodes}{}", nodes.replace("v1.26.4", "v1.30.14"));
    let nodes = scratch.file("nodes.jsonl", both.as_bytes());
    let nodes = nodes.to_str().expect("a path");
    for (watch, expected) in [
        ("release-1.26-watch.jsonl.zst", "1.26 (kubeletVersion of node-b)"),
        ("podip.json.zst", "1.26 to 1.28 (kubeletVersion of node-a)"),
    ] {
        let checked = text(&podreplay("check", &[watch, nodes]).stdout);
        assert_eq!(checked.lines().last(), Some(&*format!("by the rules of Kubernetes {expected}")), "{watch}");
    }
}

#[test]
fn what_is_lawful_in_a_release_is_silent() {
    let lawful = [
        "PR106-job-pod-deleted-1.26.jsonl.zst",
        "PR106-kubelet-restart-1.30.jsonl.zst",
        "delete-126.jsonl.zst",
        "release-1.26-watch.jsonl.zst",
        "restarts-0-with-date-1.26.jsonl.zst",
        "status-terminating-1.30.jsonl.zst",
        "1.26/raw-watch.jsonl.zst",
        "1.30/raw-watch.jsonl.zst",
        "1.34/raw-watch.jsonl.zst",
    ];
    for file in lawful {
        let checked = text(&podreplay("check", &[file]).stdout);
        assert!(checked.contains(": 0 errors, 0 warnings"), "{file}: {checked}");
    }
    // The same by the rules of a release that is not that of the recording.
    let checked = text(&podreplay("check --kubernetes 1.36", &["release-1.26-watch.jsonl.zst"]).stdout);
    assert!(!checked.contains(": 0 errors"), "{checked}");
}

/// The versions of the deletions of each pod that was deleted.
fn deletions(log: &Log) -> Vec<Vec<Option<ResourceVersion>>> {
    let of_pod = |report: PodReport| {
        let entries = report.timeline.entries.iter().filter(|entry| entry.kind == EventKind::Deleted);
        entries.map(|entry| entry.resource_version.clone()).collect()
    };
    reports(log).into_iter().map(of_pod).filter(|found: &Vec<_>| !found.is_empty()).collect()
}

/// Without a uid one name may be two pods, each deleted.
#[test]
fn what_is_told_without_a_uid_may_be_two_deletions() {
    let pod = |version: u32, created: &str, rest: &str| {
        format!(
            r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"web-0","namespace":"demo","resourceVersion":"{version}","creationTimestamp":"2026-11-20T{created}Z"{rest}}},"spec":{{"containers":[{{"name":"c","image":"i"}}]}},"status":{{"phase":"Running"}}}}"#
        )
    };
    let watch = format!(
        "{{\"type\":\"ADDED\",\"object\":{}}}\n{{\"type\":\"DELETED\",\"object\":{}}}\n",
        pod(100, "12:00:00", ""),
        pod(500, "13:00:00", r#","deletionTimestamp":"2026-11-20T14:00:00Z""#)
    );
    let ended = pod(110, "12:00:00", r#","deletionTimestamp":"2026-11-20T12:10:00Z""#);
    let audit = format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/demo/pods/web-0","verb":"delete","user":{{"username":"kubelet"}},"objectRef":{{"resource":"pods","namespace":"demo","apiVersion":"v1","name":"web-0"}},"responseStatus":{{"code":200}},"requestReceivedTimestamp":"2026-11-20T12:10:00.000000Z","stageTimestamp":"2026-11-20T12:10:00.010000Z","requestObject":{{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}},"responseObject":{ended}}}"#
    );
    let versions: Vec<Option<ResourceVersion>> =
        deletions(&log_of(&[watch.as_bytes(), audit.as_bytes()])).into_iter().flatten().collect();
    assert_eq!(versions, ["110", "500"].map(ResourceVersion::new));
}

/// The API server of 1.20 answers the last request with the version of the write before; its watch tells the deletion with the next.
#[test]
fn a_deletion_with_two_versions_is_one() {
    let [watch, audit] =
        ["raw-watch.jsonl.zst", "audit.jsonl.zst"].map(|file| format!("../stories/1.20-preemption/{file}"));
    let body = |file: &str| unpacked(&folder().join(file));
    for files in [[&*watch, &*audit], [&*audit, &*watch]] {
        let checked = text(&podreplay("check", &files).stdout);
        assert!(checked.contains(": 0 errors"), "{files:?}: {checked}");
        let (_scratch, log) = store_of(&files.map(body).each_ref().map(Vec::as_slice));
        assert_eq!(deletions(&log), [[ResourceVersion::new("459")]], "{files:?}");
        assert_eq!(verify(&log).expect("a readable log"), Vec::<String>::new(), "{files:?}");
    }
}

#[test]
fn columns_are_those_of_the_release() {
    let row = |arguments: &str, file: &str| {
        let table = text(&podreplay(&format!("pods {arguments}"), &[file]).stdout);
        table.lines().nth(1).map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
    };
    let deleting = "terminating-succeeded.json.zst";
    for (release, expected) in [("1.26", "Terminating"), ("1.30", "Terminating"), ("1.31", "Completed")] {
        let shown = row(&format!("--kubernetes {release}"), deleting);
        assert!(shown.contains(expected), "{release}: {shown}");
    }
    assert!(
        row("", deleting).contains("Terminating"),
        "an object without PodReadyToStartContainers is of an old release"
    );
    let history = text(&podreplay("history", &["status-terminating-1.30.jsonl.zst"]).stdout);
    assert_eq!(history.matches(" Terminating ").count(), 4, "{history}");
    for file in ["podip.json.zst", "podip-shared.jsonl.zst"] {
        assert!(row("-o wide", file).contains(" 10.1.0.1 "), "{file}");
    }
}

/// Every row that the API server printed, RESTARTS with its age; with the nodes beside and without.
#[test]
fn every_row_is_that_of_the_api_server() {
    let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
    for release in ["1.26", "1.30", "1.34"] {
        let read = |name: &str| unpacked(&folder().join(release).join(name));
        let (watch, nodes, table) =
            (read("raw-watch.jsonl.zst"), read("nodes-watch.jsonl.zst"), read("status-by-rv.tsv.zst"));
        for files in [vec![&*watch], vec![&*watch, &*nodes]] {
            let log = log_of(&files);
            let mut entries = BTreeMap::new();
            for report in reports(&log) {
                for entry in &report.timeline.entries {
                    let version = entry.resource_version.as_ref().expect("a version").to_string();
                    let key = (report.identity.uid.clone(), version, entry.kind.to_string());
                    entries.insert(key, entry.columns.clone());
                }
            }
            let table = text(&table);
            let mut lines = table.lines();
            let headings: Vec<&str> = lines.next().expect("headings").split('\t').collect();
            for line in lines {
                let cells: BTreeMap<&str, &str> = headings.iter().copied().zip(line.split('\t')).collect();
                let key = ["uid", "resourceVersion", "event"].map(|name| cells[name].to_owned());
                let key = (key[0].clone(), key[1].clone(), key[2].clone());
                let columns = entries.get(&key).unwrap_or_else(|| panic!("{release}: no event {key:?}"));
                let received = ObservedAt::parse(cells["received_utc"]).expect("a time").micros();
                // The server printed its table some moments before it was received.
                let ages = [0, 1, 2]
                    .map(|second| columns.restarts.text(Some(StampedAt::from_micros(received - second * 1_000_000))));
                assert!(ages.iter().any(|age| *age == cells["RESTARTS"]), "{release} {key:?}: {ages:?} {cells:?}");
                assert_eq!(
                    (columns.ready_text(), &*columns.status),
                    (cells["READY"].to_owned(), cells["STATUS"]),
                    "{key:?}"
                );
                *compared.entry(release).or_default() += 1;
            }
        }
    }
    assert!(compared.values().all(|rows| *rows > 80), "{compared:?}");
}

#[test]
fn every_command_that_computes_takes_a_release() {
    let file = "release-1.26-watch.jsonl.zst";
    for command in ["pods", "history", "check", "timeline", "report -o -", "explain lone"] {
        for (release, is_measured) in [("1.26", true), ("1.19", false), ("1.37", false)] {
            let output = podreplay(&format!("{command} --kubernetes {release}"), &[file]);
            let told = text(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{command} {release}: {told}");
            assert_eq!(told.contains("are not measured"), !is_measured, "{command} {release}: {told}");
        }
        let output = podreplay(&format!("{command} --kubernetes 2.1"), &[file]);
        assert_eq!(output.status.code(), Some(2), "{command}");
    }
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("case")).expect("a folder");
    scratch.file("case/watch.jsonl", &unpacked(&folder().join(file)));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
        let output = command.args(arguments).current_dir(scratch.path("")).output().expect("it runs");
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 1)), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stderr)
    };
    run(&["test", "--bless", "case"]);
    for arguments in [
        ["test", "case"].as_slice(),
        &["diff", "case/expect.yaml", "case/watch.jsonl"],
        &["diff", "case/watch.jsonl", "case/watch.jsonl"],
    ] {
        for (release, is_measured) in [("1.26", true), ("1.19", false)] {
            let told = run(&[arguments, &["--kubernetes", release]].concat());
            assert_eq!(told.contains("are not measured"), !is_measured, "{arguments:?}: {told}");
        }
    }
}
