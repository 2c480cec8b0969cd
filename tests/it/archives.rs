//! Archives and folders: what in them is taken, what is passed over and how that is said. Archives are built here.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Output;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;

use crate::common::Scratch;

const WATCH: &[u8] = include_bytes!("../formats/watch.jsonl");
const DEPLOYMENT: &[u8] = b"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n";

fn podreplay(arguments: &[&str], file: &Path) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).arg(file).env_remove("PODREPLAY_DB").output().expect("it runs")
}

fn ingest(arguments: &[&str], file: &Path) -> (Option<i32>, String, String) {
    let scratch = Scratch::new();
    let db = scratch.path("a.db").display().to_string();
    let output = podreplay(&[&["ingest", "--db", &db], arguments].concat(), file);
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

/// A tar with files whose names are written as they are, however hostile.
fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().expect("it is one").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, *bytes).expect("memory");
    }
    archive.into_inner().expect("memory")
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default()).expect("memory");
        archive.write_all(bytes).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}

/// Each packing of the same members.
fn packings(scratch: &Scratch, members: &[(&str, &[u8])]) -> Vec<PathBuf> {
    let plain = tar(members);
    let zstd = zstd::encode_all(plain.as_slice(), 3).expect("memory");
    // Names say nothing: each is called something else than it is.
    vec![
        scratch.file("a.json", &plain),
        scratch.file("b.log", &gzip(&plain)),
        scratch.file("c.zip", &zstd),
        scratch.file("d.kshrk", &zip(members)),
    ]
}

#[test]
fn members_are_read_as_files_are() {
    let scratch = Scratch::new();
    let packed = gzip(WATCH);
    let nested = tar(&[("watch.jsonl", WATCH)]);
    let members: [(&str, &[u8]); 6] = [
        ("dump/watch.jsonl.gz", &packed),
        ("dump/deployment.yaml", DEPLOYMENT),
        ("dump/notes.txt", b"nothing to see\n"),
        ("dump/nested.tar", &nested),
        ("dump/.hidden/watch.jsonl", b"{\"cut"),
        ("dump/team/web-0/logs.txt", b"{\"kind\":\"Pod\"}"),
    ];
    let plain = text(&podreplay(&["history", "-f"], &scratch.file("watch.jsonl", WATCH)).stdout);
    for file in packings(&scratch, &members) {
        let name = file.display();
        let (code, out, err) = ingest(&["--verbose"], &file);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{name}: {out}");
        let sentence = format!("{name}: loaded 1 of 5 files; 2 are not about pods, 2 are of unknown format\n");
        assert!(out.contains(&sentence), "{out}");
        for line in [
            "dump/deployment.yaml: not about pods: 1 Deployment",
            "dump/team/web-0/logs.txt: not about pods: the log of a container",
            "dump/notes.txt: unknown format: plain text",
            "dump/nested.tar: unknown format: an archive inside an archive is not read",
            "dump/watch.jsonl.gz: ",
        ] {
            assert!(out.contains(&format!("{name}!{line}")), "{line}: {out}");
        }
        let (_, out, _) = ingest(&[], &file);
        assert!(out.ends_with("2 are of unknown format (--verbose lists them)\n"), "{out}");
        assert_eq!(text(&podreplay(&["history", "-f"], &file).stdout), plain, "{name}");
    }
}

#[test]
fn no_name_of_a_member_is_a_path() {
    let scratch = Scratch::new();
    let names =
        ["../../etc/passwd", "/etc/passwd", "a/../../b.json", "c:\\b.json", "..\\b.json", "in\x1b[31m\nred.json"];
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, WATCH)).collect();
    for file in packings(&scratch, &members) {
        let (code, out, err) = ingest(&["--verbose"], &file);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
        assert!(out.contains("loaded 1 of 6 files; 5 are of unknown format\n"), "{out}");
        assert_eq!(out.matches("its path points outside the archive").count(), 5, "{out}");
        assert!(!out.contains('\x1b') && out.contains("red.json") && out.lines().count() == 7, "{out:?}");
    }
}

#[test]
fn links_and_devices_are_no_files() {
    let scratch = Scratch::new();
    let mut archive = tar::Builder::new(Vec::new());
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Block, tar::EntryType::Fifo] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        archive.append_link(&mut header, "a.json", "/etc/passwd").expect("memory");
    }
    let (code, out, err) = ingest(&[], &scratch.file("a.tar", &archive.into_inner().expect("memory")));
    assert_eq!(code, Some(3), "{out}");
    assert!(out.contains("loaded 0 of 0 files") && err.contains("nothing about pods"), "{out}{err}");
}

#[test]
fn a_damaged_archive_says_where_and_keeps_what_came_before() {
    let scratch = Scratch::new();
    let members: [(&str, &[u8]); 2] = [("a/watch.jsonl", WATCH), ("b/watch.jsonl", WATCH)];
    let whole = tar(&members);
    let cut = &whole[..512 + WATCH.len().next_multiple_of(512) + 512 + WATCH.len() / 2];
    let whole_zip = zip(&members);
    // What deflate made of the first member.
    let mut broken = whole_zip.clone();
    broken[200] ^= 0xff;
    let mut lying = whole_zip.clone();
    let central = lying.windows(4).position(|it| it == b"PK\x01\x02").expect("it has a list");
    lying[central + 24..central + 28].copy_from_slice(&7_u32.to_le_bytes());
    let table: [(&[u8], &str, &str); 4] = [
        (cut, "a/watch.jsonl: ", "!b/watch.jsonl: truncated"),
        (&gzip(&whole)[..gzip(&whole).len() / 4], "", "!"),
        (&broken, "b/watch.jsonl: ", "!a/watch.jsonl: "),
        (&lying, "b/watch.jsonl: ", "!a/watch.jsonl: "),
    ];
    for (bytes, taken, complaint) in table {
        let (code, out, err) = ingest(&[], &scratch.file("dump", bytes));
        assert_eq!(code, Some(3), "{out}{err}");
        assert!(out.contains(taken) && err.contains(complaint), "{complaint}: {out}{err}");
    }
    // Cut within a file that nobody reads to its end.
    let unread = tar(&[("a/watch.jsonl", WATCH), ("b/notes.txt", &[b'x'; 100_000])]);
    let packed = gzip(&unread);
    for bytes in [&unread[..unread.len() - 50_000], &packed[..packed.len() - 20]] {
        let (code, out, err) = ingest(&[], &scratch.file("dump", bytes));
        assert_eq!(code, Some(3), "{out}{err}");
        assert!(out.contains("!a/watch.jsonl: ") && err.contains("dump: it is damaged within"), "{err}");
    }
    let (code, out, err) = ingest(&[], &scratch.file("dump", &whole_zip[..whole_zip.len() / 2]));
    assert_eq!(code, Some(3), "{out}");
    assert!(err.contains("cannot read ") && err.contains("dump: "), "{err}");
}

#[test]
fn a_bomb_is_not_read_to_its_end() {
    let scratch = Scratch::new();
    // Lines that are read, so that all of it would be; what is packed twice is next to nothing.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let line = [b"{\"kind\":\"Lease\"}\n".as_slice(), &[b'\n'; 1 << 20]].concat();
    for _ in 0..320 {
        bomb.write_all(&line).expect("memory");
    }
    let bomb = bomb.finish().expect("memory");
    let file = scratch.file("a.tgz", &gzip(&tar(&[("a.jsonl", WATCH), ("b.jsonl", &bomb), ("c.jsonl", WATCH)])));
    let (code, out, err) = ingest(&[], &file);
    assert_eq!(code, Some(3), "{out}{err}");
    assert!(err.contains("!b.jsonl: the archive becomes more than 1000 times its size"), "{err}");
    assert!(out.contains("!a.jsonl: "), "{out}");
}

#[test]
fn ten_thousand_members_are_counted() {
    let scratch = Scratch::new();
    let names: Vec<String> = (0..10_000).map(|number| format!("d/{number}.yaml")).collect();
    let mut members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), DEPLOYMENT)).collect();
    members.push(("watch.jsonl", WATCH));
    for file in [scratch.file("a", &gzip(&tar(&members))), scratch.file("b", &zip(&members))] {
        let (code, out, err) = ingest(&[], &file);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
        assert!(out.contains("loaded 1 of 10001 files; 10000 are not about pods (--verbose"), "{out}");
    }
}

/// What holds nothing of pods says what it holds, by itself and in a folder.
#[test]
fn an_input_that_holds_nothing_says_what_it_holds() {
    let scratch = Scratch::new();
    let read = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"ResponseComplete","verb":"list","objectRef":{"resource":"pods","apiVersion":"v1"},"responseStatus":{"code":200},"stageTimestamp":"2026-11-20T15:09:47.000000Z"}
"#;
    let table: [(&str, Vec<u8>, &str); 4] = [
        ("audit.log", read.repeat(100), "audit log of 100 events, none writes a pod; the policy of this cluster may"),
        ("deployment.yaml", DEPLOYMENT.to_vec(), "nothing about pods, only 1 Deployment"),
        ("list.json", br#"{"kind":"ConfigMapList","items":[]}"#.to_vec(), "nothing about pods, only 1 ConfigMapList"),
        (
            "maps.json",
            br#"{"kind":"List","items":[{"kind":"ConfigMap"}]}"#.to_vec(),
            "nothing about pods, only 1 ConfigMap",
        ),
    ];
    for (name, bytes, holds) in table {
        let file = scratch.file(name, &bytes);
        let folder = scratch.path(&format!("{name}.d"));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join(name), &bytes).expect("a file");
        for input in [&file, &folder] {
            let (code, _, err) = ingest(&[], input);
            assert!(code == Some(3) && err.contains(holds), "{name}: {err}");
            let read = podreplay(&["pods", "-f"], input);
            assert!(read.status.code() == Some(3) && text(&read.stderr).contains(holds), "{name}");
        }
    }
}

#[test]
fn unknown_files_are_told_apart() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("d")).expect("a folder");
    scratch.file("d/a.json", br#"[{"alert":"a"}]"#);
    scratch.file("d/b.json", br#"[{"quite":"another"}]"#);
    scratch.file("d/c.jsonl", WATCH);
    let (code, out, err) = ingest(&["--verbose"], &scratch.path("d"));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("loaded 1 of 3 files; 2 are of unknown format\n") && !out.contains("already loaded"), "{out}");
    for name in ["d/a.json", "d/b.json"] {
        assert!(out.contains(&format!("{name}: unknown format: line 1")), "{out}");
    }
}

fn pod(name: &str, version: u32, created: &str) -> Vec<u8> {
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"team","uid":"uid-{name}","resourceVersion":"{version}","creationTimestamp":"{created}"}},"spec":{{"containers":[{{"name":"c","image":"i"}}]}},"status":{{"phase":"Running"}}}}"#
    )
    .into_bytes()
}

/// A pod that nobody wrote for months is as present in a dump as one of today; in two files of their own they are two moments.
#[test]
fn the_files_of_a_dump_are_one_moment() {
    let scratch = Scratch::new();
    let (old, new) = (pod("old", 7, "2026-05-18T10:00:00Z"), pod("new", 900, "2026-11-20T10:00:00Z"));
    let table = [
        ("mg/img/namespaces/team/pods/old/old.yaml", "mg/img/namespaces/team/pods/new/new.yaml", false),
        ("b/cluster-resources/pods/a.json", "b/cluster-resources/pods/b.json", false),
        ("config/pod/team/old.json", "config/pod/team/new.json", false),
        ("old.json", "new.json", true),
    ];
    for (first, second, has_gap) in table {
        let file = scratch.file("dump.tgz", &gzip(&tar(&[(first, &old), (second, &new)])));
        let recordings = text(&podreplay(&["recordings", "-f"], &file).stdout);
        assert_eq!(recordings.contains("not recorded between"), has_gap, "{first}: {recordings}");
        let pods = text(&podreplay(&["pods", "-o", "json", "-f"], &file).stdout);
        assert!(pods.contains("uid-old") && pods.contains("uid-new"), "{pods}");
        let history = text(&podreplay(&["history", "-f"], &file).stdout);
        assert_eq!(history.contains("not recorded"), has_gap, "{first}: {history}");
    }
}

/// A must-gather says when it was taken, wherever that stands in the archive: that is when the recording ends.
#[test]
fn the_timestamp_of_a_dump_is_when_it_was_taken() {
    let scratch = Scratch::new();
    let times = "2026-11-20 10:30:00.5 +0000 UTC m=+0.1\n2026-11-20 11:40:00.25 +0100 CET m=+600.1\n".as_bytes();
    let (old, new) = (pod("old", 7, "2026-11-20T09:40:00Z"), pod("new", 900, "2026-11-20T10:00:00Z"));
    let pods: [(&str, &[u8]); 2] =
        [("mg/img/namespaces/team/pods/old.json", &old), ("mg/img/namespaces/team/pods/new.json", &new)];
    // In colour, and as `export` prints them.
    let in_colour = text(times).lines().map(|line| format!("\u{1b}[32m{line}\u{1b}[0m\n")).collect::<String>();
    let export = |bytes: &[u8]| podreplay(&["export", "-f"], &scratch.file("timestamp", bytes)).stdout;
    let exported = export(times);
    assert_eq!(text(&export(&exported)), text(&exported));
    assert_eq!(text(&export(in_colour.as_bytes())), text(&exported));
    let [timestamp, in_colour, exported] =
        [times, in_colour.as_bytes(), &exported].map(|bytes| ("mg/timestamp", bytes));
    for members in [
        [timestamp, pods[0], pods[1]],
        [pods[0], pods[1], timestamp],
        [in_colour, pods[0], pods[1]],
        [exported, pods[0], pods[1]],
    ] {
        let file = scratch.file("dump.tgz", &gzip(&tar(&members)));
        let recordings = text(&podreplay(&["recordings", "-o", "json", "-f"], &file).stdout);
        let covered = r#""covered":{"from":"2026-11-20T10:30:00.500Z","until":"2026-11-20T10:40:00.250Z"}"#;
        // Of both files, and of the dump.
        assert_eq!(recordings.matches(covered).count(), 3, "{recordings}");
        let pods = text(&podreplay(&["pods", "-f"], &file).stdout);
        let ages: Vec<&str> = pods.lines().skip(1).filter_map(|line| line.split_whitespace().next_back()).collect();
        assert_eq!(ages, ["40m", "60m"], "{pods}");
    }
    let (_, ingested, _) = ingest(&[], &scratch.file("timestamp", times));
    let taken = ": taken from 2026-11-20T10:30:00.500Z to 2026-11-20T10:40:00.250Z as recording 1\n";
    assert!(ingested.ends_with(taken), "{ingested}");
}

/// The events of the watch, as another recorder keeps each.
fn watched(record: impl Fn(usize, &str, &serde_json::Value) -> serde_json::Value) -> Vec<Vec<u8>> {
    let events = WATCH.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let events = events.map(|line| serde_json::from_slice::<serde_json::Value>(line).expect("JSON"));
    let of_pods = events.filter(|event| event["object"]["kind"] == "Pod" && event["type"] != "BOOKMARK");
    let records = of_pods.enumerate().map(|(number, event)| {
        let kind = event["type"].as_str().expect("a type").to_owned();
        serde_json::to_vec(&record(number, &kind, &event["object"])).expect("JSON")
    });
    records.collect()
}

/// Each answer and each event of k8shark is a file of its own in its archive, and all are one recording.
#[test]
fn k8shark_is_read_packed_and_as_lines() {
    let scratch = Scratch::new();
    let answer = |number: usize, kind: Option<&str>, body: serde_json::Value| {
        serde_json::json!({
            "id": format!("{number}"), "captured_at": format!("2026-11-20T17:00:{number:02}.5Z"),
            "api_path": "/api/v1/namespaces/cap-01-happy-rollout/pods", "event_type": kind, "http_method": "GET",
            "response_code": 200, "response_body": body,
        })
    };
    let mut records = watched(|number, kind, object| answer(number + 1, Some(kind), object.clone()));
    let listed: serde_json::Value = serde_json::from_slice(&pod("listed", 5, "2026-11-20T10:00:00Z")).expect("JSON");
    let list = serde_json::json!({"kind": "PodList", "apiVersion": "v1", "items": [listed]});
    records.insert(0, serde_json::to_vec(&answer(0, None, list)).expect("JSON"));
    let table = serde_json::json!({"kind": "Table", "rows": []});
    records.push(serde_json::to_vec(&answer(50, None, table)).expect("JSON"));
    let lines = scratch.file("k.ndjson", &records.join(&b'\n'));
    let packed: Vec<(String, Vec<u8>)> = (0..)
        .zip(&records)
        .map(|(number, record)| {
            let name = format!("k8shark-capture/records/0a/{number}.json.zst");
            (name, zstd::encode_all(record.as_slice(), 3).expect("memory"))
        })
        .collect();
    let mut members: Vec<(&str, &[u8])> =
        packed.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    members.push(("k8shark-capture/metadata.json", br#"{"capture_id":"a"}"#));
    let archive = scratch.file("k.kshrk", &zip(&members));
    let (code, out, err) = ingest(&[], &archive);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("loaded 7 of 9 files; 1 is not about pods, 1 is of unknown format"), "{out}");
    let history = |file: &Path| text(&podreplay(&["history", "-f"], file).stdout);
    assert_eq!(history(&archive), history(&lines));
    assert!(history(&lines).contains("listed") && !history(&lines).contains("not recorded"), "{}", history(&lines));
    let shown = text(&podreplay(&["pods", "-o", "json", "--at", "2026-11-20T17:00:00.4Z", "-f"], &lines).stdout);
    assert!(shown.contains("listed"), "{shown}");
}

#[test]
fn spectre_is_read() {
    let scratch = Scratch::new();
    let records = watched(|number, kind, object| {
        let word = match kind {
            "ADDED" => "CREATE",
            "DELETED" => "DELETE",
            _ => "UPDATE",
        };
        let metadata = &object["metadata"];
        let mut record = serde_json::json!({
            "id": format!("{number}"), "timestamp": 1_795_194_000_000_000_000_u64 + number as u64, "type": word,
            "resource": {"group": "", "version": "v1", "kind": "Pod", "namespace": metadata["namespace"],
                         "name": metadata["name"], "uid": metadata["uid"]},
        });
        if word != "DELETE" {
            record["data"] = object.clone();
        }
        record
    });
    let file = scratch.file("s.jsonl", &records.join(&b'\n'));
    let (code, out, err) = ingest(&[], &file);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("5 events of 1 pod, 1 request"), "{out}");
    let history = text(&podreplay(&["history", "-f"], &file).stdout);
    assert!(history.contains("DELETED") || history.contains("deleted"), "{history}");
}
