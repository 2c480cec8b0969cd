//! The log: append-only, refused where it is foreign or newer, its projection equal to a fresh replay.

use crate::common::{self, Scratch, captures, captures_folder, file_of, store_of, take};
use podreplay::input::Source;
use podreplay::ops::projection::{settle, verify};
use podreplay::ops::recordings::sum_up;
use podreplay::ops::{IngestOptions, Reading, ingest, pods_at};
use podreplay::store::{Log, SCHEMA_VERSION, StoreError};
use rusqlite::Connection;

fn watch(name: &str) -> Vec<u8> {
    file_of(&captures_folder().join(name), "raw-watch.jsonl").expect("a capture has a watch")
}

#[test]
fn rows_are_never_changed() {
    let scratch = Scratch::new();
    let path = scratch.path("log.db");
    take(&Log::open_or_create(&path).expect("a new store"), &watch("crashloop"));
    // A connection without podreplay's settings, as `sqlite3` would open it.
    let foreign = Connection::open(&path).expect("a store");
    let tables = ["cluster", "recording", "batch", "pod", "record", "summary", "block"];
    for table in tables {
        let key: String = foreign
            .query_row("SELECT name FROM pragma_table_info(?1) WHERE pk = 1", [table], |row| row.get(0))
            .expect("a key");
        for attack in [
            format!("DELETE FROM {table}"),
            format!("UPDATE {table} SET {key} = {key} + 1000"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"),
            format!("REPLACE INTO {table} SELECT * FROM {table}"),
        ] {
            let error = foreign.execute(&attack, []).expect_err(&attack).to_string();
            assert!(error.contains("append-only"), "{attack}: {error}");
        }
    }
    let replaced = "INSERT OR REPLACE INTO pod (id, cluster, uid, namespace, name, checksum) SELECT 999, cluster, uid, namespace, name, 0 FROM pod LIMIT 1";
    assert!(foreign.execute(replaced, []).is_err(), "a unique column does not let a row be replaced either");
    let replaced = "INSERT OR REPLACE INTO cluster (id, name, checksum) SELECT 999, name, 0 FROM cluster";
    assert!(foreign.execute(replaced, []).is_err());
}

#[test]
fn the_projection_equals_a_fresh_replay() {
    for capture in captures() {
        for name in ["raw-watch.jsonl", "recording.jsonl", "recording-no-rv.jsonl", "recording-relist.jsonl"] {
            let Some(bytes) = file_of(&capture, name) else { continue };
            let (_folder, log) = store_of(&[&bytes]);
            let differences = verify(&log).expect("a readable log");
            assert!(differences.is_empty(), "{}/{name}: {differences:?}", capture.display());
            let stored = log.stored_skyline().expect("a readable log");
            podreplay::ops::projection::rebuild(&log).expect("a writable log");
            assert_eq!(log.stored_skyline().expect("a readable log"), stored, "{}/{name}", capture.display());
        }
    }
}

/// What the records of a batch come to is kept beside it.
#[test]
fn the_sums_of_a_recording_are_those_of_its_records() {
    const SUMS: &str = "SELECT count(*), sum(record.kind = 'ERROR'), count(record.pod),
         count(DISTINCT CASE WHEN pod.uid <> '' THEN pod.id END), min(record.stamp), max(record.stamp)
         FROM batch JOIN record ON record.seq BETWEEN batch.first_seq AND batch.first_seq + batch.records - 1
         LEFT JOIN pod ON pod.id = record.pod WHERE batch.recording = ?1";
    let mut compared = 0;
    for capture in captures() {
        let parts = ["raw-watch.jsonl", "recording.jsonl", "audit.jsonl", "list-final.json", "events.jsonl"];
        let parts: Vec<Vec<u8>> = parts.iter().filter_map(|part| file_of(&capture, part)).collect();
        let (_scratch, log) = store_of(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let store = Connection::open(log.path()).expect("a store");
        for it in log.reader().recordings().expect("a readable log") {
            let told = [it.records, it.errors, it.events, it.pods].map(Some);
            let stamps = [it.first_at, it.last_at].map(|at| at.map(podreplay::model::StampedAt::micros));
            let told: Vec<Option<i64>> = told.into_iter().chain(stamps).collect();
            let of_records: Vec<Option<i64>> =
                store.query_row(SUMS, [it.id], |row| (0..6).map(|column| row.get(column)).collect()).expect("a row");
            assert_eq!(told, of_records, "{} {}", capture.display(), it.name);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

/// Two clusters under one name have versions in common: each batch alone does not know which request made one.
#[test]
fn what_versions_prove_is_projected_as_all_batches_say_it() {
    let flap = captures_folder().join("readiness-flap");
    let undo = captures_folder().with_file_name("stories").join("1.34-bad-rollout-undo");
    let parts = ["audit.jsonl", "raw-watch.jsonl", "events.jsonl"];
    let parts: Vec<Vec<u8>> =
        [&flap, &undo].iter().flat_map(|folder| parts.iter().filter_map(|part| file_of(folder, part))).collect();
    let (scratch, log) = store_of(&[]);
    for part in parts {
        let file = scratch.file("part", &part);
        ingest(&log, Source::open(&file).expect("a file"), &IngestOptions::default(), &()).expect("an ingest");
    }
    let is_as_the_log_says = || {
        let skylines = log.stored_skyline().and_then(|stored| Ok((stored, log.fresh_skyline()?)));
        skylines.map(|(stored, fresh)| stored == fresh).expect("a readable log")
    };
    // As an ingest leaves it that was killed: it waits, and is not damaged.
    assert_eq!((is_as_the_log_says(), verify(&log).expect("a readable log")), (false, Vec::<String>::new()));
    settle(&log).expect("a readable log");
    assert_eq!((is_as_the_log_says(), verify(&log).expect("a readable log")), (true, Vec::<String>::new()));
}

/// A store of more batches than keep their ends together, in which recordings stand one after the other, or grow in turn.
#[test]
fn what_versions_prove_is_read_from_the_batches_around_them() {
    // A watch that begins with a list of several batches, in no order of versions.
    let listed = (0..100).map(|place| ("ADDED", place * 37 % 100 + 1)).chain((200..220).map(|it| ("MODIFIED", it)));
    let line = |(kind, version): (&str, i32)| {
        let object = object(&version.to_string(), &format!("{:02}", version % 60), "Pending");
        let object = object.replace(r#""uid":"u""#, &format!(r#""uid":"u{}""#, version % 100));
        format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
    };
    let listed: String = listed.map(line).collect();
    for in_turn in [false, true] {
        let (scratch, mut asked) = (Scratch::new(), 0);
        let (grown, whole) = (Log::open_or_create(&scratch.path("grown.db")), Log::in_memory());
        let (grown, whole) = (grown.expect("a new store"), whole.expect("a new store"));
        let captures = [watch("crashloop"), watch("readiness-flap"), listed.clone().into_bytes()];
        let captures = [0, 1, 2].map(|place| (scratch.path(&place.to_string()), captures[place].clone()));
        let grow = |(file, bytes): &(std::path::PathBuf, Vec<u8>), parts: usize| {
            let lines = common::lines(bytes);
            std::fs::write(file, lines[..lines.len() * parts / 40].concat()).expect("a file");
            ingest(&grown, Source::open(file).expect("a file"), &IngestOptions::default(), &()).expect("an ingest");
        };
        let parts = 1..=40;
        if in_turn {
            parts.for_each(|parts| captures.iter().for_each(|capture| grow(capture, parts)));
        } else {
            captures.iter().for_each(|capture| parts.clone().for_each(|parts| grow(capture, parts)));
        }
        for (file, _) in &captures {
            ingest(&whole, Source::open(file).expect("a file"), &IngestOptions::default(), &()).expect("an ingest");
        }
        let batches = |log: &Log| log.reader().all_batches().expect("a readable log").len();
        assert_eq!((batches(&grown), batches(&whole)), (120, 3));
        assert_eq!(verify(&grown).expect("a readable log"), Vec::<String>::new());
        let skyline = whole.reader().skyline(1).expect("a readable log");
        for bound in skyline.bounds() {
            // Each is asked first.
            let reader = grown.reader();
            let version = &bound.version;
            assert_eq!(reader.next_stamp(1, version).expect("a readable log"), skyline.next_stamp(version));
            assert_eq!(reader.not_before(1, version).expect("a readable log"), Some(bound.at));
            asked += 1;
        }
        assert!(asked > 20, "{asked}");
        let ends = |log: &Log| log.reader().stamp_bounds().expect("a readable log");
        assert_eq!(ends(&grown), ends(&whole));
        let coverages = |log: &Log| log.reader().coverages().expect("a readable log");
        assert_eq!(coverages(&grown), coverages(&whole));
    }
}

/// A watch of one pod that grows line by line: each time it is taken makes a batch.
fn grow(log: &Log, scratch: &Scratch, lines: std::ops::RangeInclusive<i32>) {
    let line = |version: i32| {
        let object = object(&version.to_string(), &format!("{:02}", version % 60), "Pending");
        format!("{{\"type\":\"MODIFIED\",\"object\":{object}}}\n")
    };
    let file = scratch.path("grows");
    for last in lines {
        std::fs::write(&file, (1..=last).map(line).collect::<String>()).expect("a file");
        ingest(log, Source::open(&file).expect("a file"), &IngestOptions::default(), &()).expect("an ingest");
    }
}

/// What a question about a version reads of the batches is held against what is known of all of them.
#[test]
fn batches_that_a_seal_does_not_count_are_missed() {
    let (scratch, log) = store_of(&[]);
    grow(&log, &scratch, 1..=40);
    let count = || log.reader().all_batches().map(|batches| batches.len());
    assert_eq!(count().expect("a readable log"), 40);
    let is_answered = || log.reader().not_before(1, &1_u64.into()).is_ok();
    assert!(is_answered());
    let store = Connection::open(log.path()).expect("a store");
    let mut missed = 0;
    for change in [-8, 8] {
        let tamper =
            |by: i64| store.execute("UPDATE seal SET rows = rows + ?1 WHERE rows - ?1 * (rows <> 40) = 40", [by]);
        tamper(change).expect("an update");
        missed += usize::from(count().is_err() && !is_answered());
        store.execute("UPDATE seal SET rows = 40 WHERE rows = 40 + ?1", [change]).expect("an update");
    }
    assert_eq!((missed, is_answered()), (2, true));
}

/// The 32nd batch keeps the ends of those before it: one that is damaged keeps nothing from being appended.
#[test]
fn a_damaged_summary_keeps_no_batch_from_being_appended() {
    let (scratch, log) = store_of(&[]);
    grow(&log, &scratch, 1..=20);
    let store = Connection::open(log.path()).expect("a store");
    store
        .execute_batch("DROP TRIGGER summary_keeps_values; UPDATE summary SET errors = errors + 1 WHERE batch = 5")
        .expect("an update");
    grow(&log, &scratch, 21..=60);
    assert_eq!(log.reader().all_batches().expect("a readable log").len(), 60);
    let answer = log.reader().not_before(1, &1_u64.into()).map_err(|error| error.to_string());
    assert!(answer.as_ref().is_err_and(|error| error.contains("damaged")), "{answer:?}");
}

#[test]
fn a_pod_that_waits_is_not_projected_in_part() {
    let (scratch, log) = store_of(&[]);
    for (name, versions, phase) in [("a", &[5, 10][..], "Pending"), ("b", &[7], "Pending"), ("c", &[12], "Running")] {
        let line = |version: &i32| {
            let object = object(&version.to_string(), &format!("{version:02}"), phase);
            format!("{{\"type\":\"MODIFIED\",\"object\":{object}}}\n")
        };
        let file = scratch.file(name, versions.iter().map(line).collect::<String>().as_bytes());
        ingest(&log, Source::open(&file).expect("a file"), &IngestOptions::default(), &()).expect("an ingest");
    }
    let count = || log.transition_count().expect("a readable log");
    assert_eq!((count(), log.stale_pods(0, 9).expect("a readable log").len()), (0, 1));
    settle(&log).expect("a readable log");
    assert!(count() > 0);
    assert_eq!(verify(&log).expect("a readable log"), Vec::<String>::new());
}

/// The pods of an audit log wait until the projection is settled. Two threads read them then, one verifies.
#[test]
fn what_waits_is_projected_once_by_two_threads_as_by_one() {
    let audit = file_of(&captures_folder().join("watch-expired"), "audit.jsonl").expect("a capture has an audit log");
    let (scratch, log) = store_of(&[]);
    let half = audit[..audit.len() / 2].iter().rposition(|byte| *byte == b'\n').expect("lines") + 1;
    for part in [&audit[..half], &audit[half..]] {
        let file = scratch.file("part", part);
        ingest(&log, Source::open(&file).expect("a file"), &IngestOptions::default(), &()).expect("an ingest");
        assert_eq!(verify(&log).expect("a readable log"), Vec::<String>::new());
    }
    let waiting = log.stale_pods(0, usize::MAX).expect("a readable log").len();
    assert!(waiting >= 50, "{waiting} are too few for a second thread");
    assert_eq!(log.transition_count().expect("a readable log"), 0);
    settle(&log).expect("a readable log");
    assert_eq!(log.stale_pods(0, usize::MAX).expect("a readable log"), Vec::<i64>::new());
    assert!(log.transition_count().expect("a readable log") > 500);
    assert_eq!(verify(&log).expect("a readable log"), Vec::<String>::new());
}

#[test]
fn verify_finds_a_tampered_projection() {
    let scratch = Scratch::new();
    let path = scratch.path("log.db");
    let log = Log::open_or_create(&path).expect("a new store");
    take(&log, &watch("crashloop"));
    for tampering in [
        "UPDATE transition SET change = (SELECT max(change) FROM transition AS other WHERE other.change <> transition.change) WHERE seq = 10",
        "DELETE FROM transition WHERE seq = (SELECT max(seq) FROM transition)",
        "UPDATE skyline SET at = at + 1 WHERE version = (SELECT max(version) FROM skyline)",
    ] {
        Connection::open(&path).expect("a store").execute(tampering, []).expect("the projection may change");
        assert!(!verify(&log).expect("a readable log").is_empty(), "{tampering}");
        podreplay::ops::projection::rebuild(&log).expect("a writable log");
        assert!(verify(&log).expect("a readable log").is_empty(), "{tampering}");
    }
}

#[test]
fn foreign_and_newer_stores_are_refused() {
    let scratch = Scratch::new();
    let text = scratch.file("notes.txt", b"these are not the bytes of a database, they are many more than sixteen");
    let error = Log::open_or_create(&text).expect_err("not a database");
    assert!(matches!(error, StoreError::Unrecognized { .. }), "{error}");
    assert_eq!(std::fs::read(&text).expect("still there").len(), 70, "it was not touched");

    let other = scratch.path("other.db");
    Connection::open(&other).and_then(|other| other.execute("CREATE TABLE t (x)", [])).expect("a database");
    for open in [Log::open_or_create, Log::open_to_read] {
        let error = open(&other).expect_err("another program's database");
        assert!(matches!(error, StoreError::Unrecognized { .. }), "{error}");
    }

    let newer = scratch.path("newer.db");
    drop(Log::open_or_create(&newer).expect("a new store"));
    Connection::open(&newer)
        .and_then(|store| store.pragma_update(None, "user_version", SCHEMA_VERSION + 1))
        .expect("a store");
    for open in [Log::open_or_create, Log::open_to_read] {
        let error = open(&newer).expect_err("a newer store");
        assert!(matches!(error, StoreError::Newer { found, .. } if found == SCHEMA_VERSION + 1), "{error}");
    }
    let error = Log::open_to_read(&scratch.path("none.db")).expect_err("no store");
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
}

/// Two captures that begin alike and then differ: both can be had back whole.
#[test]
fn a_fork_keeps_every_record() {
    let watch = watch("kubelet-eviction");
    let lines = common::lines(&watch);
    let half = lines.len() / 2;
    let first = lines[..half].concat();
    let other = [first.as_slice(), &lines[half + 5..].concat()].concat();
    let (_folder, log) = store_of(&[&first, &watch, &other]);
    assert!(common::exported(&log).len() >= watch.len() + other.len() - first.len());
    assert_eq!(log.reader().recordings().expect("a readable log").len(), 2);
    assert!(verify(&log).expect("a readable log").is_empty());
}

#[test]
fn the_documented_views_answer() {
    let scratch = Scratch::new();
    let path = scratch.path("log.db");
    take(&Log::open_or_create(&path).expect("a new store"), &watch("crashloop"));
    let store = Connection::open(&path).expect("a store");
    let count = |sql: &str| {
        store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    assert_eq!(count("SELECT count(*) FROM pods"), 3);
    assert_eq!(count("SELECT events.seq FROM events WHERE pod = 'crash' ORDER BY seq LIMIT 1"), 3);
    assert_eq!(count("SELECT count(*) FROM recordings"), 1);
    assert_eq!(
        count("SELECT count(*) FROM transitions WHERE pod = 'crash' AND kind = 'phase' AND \"to\" = 'Running'"),
        1
    );
    assert_eq!(count("SELECT count(*) FROM pods WHERE name = 'crash' AND phase = 'Failed'"), 1);
    let at: String = store
        .query_row(
            "SELECT at FROM transitions WHERE pod = 'crash' AND kind = 'phase' AND \"to\" = 'Running'",
            [],
            |row| row.get(0),
        )
        .expect("a time");
    assert_eq!(at, "2026-11-20T15:09:48Z");
}

/// The facts that decide stand in the log: without any row of the projection every answer is the same.
#[test]
fn what_is_derived_may_be_dropped() {
    let answers = |log: &Log| {
        let reader = log.reader();
        let reading = Reading::new(&reader);
        let moments = pods_at(&reading, common::pods(log), None, None).expect("a readable log");
        let moments: Vec<String> = moments.iter().map(|moment| format!("{moment:?}")).collect();
        let reports = common::reports(log);
        let gaps: Vec<String> =
            reports.iter().map(|report| format!("{:?} {:?}", report.identity, report.gaps)).collect();
        let recordings = format!("{:?}", sum_up(&reading).expect("a readable log"));
        (moments, gaps, recordings, common::tales(log, common::told_with_times))
    };
    let mut seen = 0;
    for capture in captures() {
        let of = |name: &str| file_of(&capture, name);
        let Some(watch) = of("raw-watch.jsonl") else { continue };
        let lines = common::lines(&watch);
        // A watch that begins in the middle lists the pods that are there as ADDED, and a second recording goes on.
        let (first, second) = (lines[..lines.len() / 2].concat(), lines[lines.len() / 3..].concat());
        let others = ["list-final.json", "recording.jsonl", "recording-relist.jsonl", "audit.jsonl"];
        let others: Vec<Vec<u8>> = others.iter().filter_map(|name| of(name)).collect();
        let inputs = [&first, &second].into_iter().chain(&others).map(Vec::as_slice).collect::<Vec<_>>();
        let (folder, log) = store_of(&inputs);
        let before = answers(&log);
        let store = Connection::open(folder.path("store.db")).expect("a store");
        for table in ["transition", "skyline", "stale", "stale_skyline", "change", "subject", "word"] {
            store.execute(&format!("DELETE FROM {table}"), []).expect("the projection may change");
        }
        assert_eq!(answers(&log), before, "{}", capture.display());
        seen += before.0.len();
    }
    assert!(seen > 20, "{seen}");
}

/// A pod of this version and phase, as managed fields of this second show it.
fn object(version: &str, second: &str, phase: &str) -> String {
    let metadata = format!(
        r#"{{"name":"x","namespace":"a","uid":"u","resourceVersion":"{version}","creationTimestamp":"2026-11-20T15:00:10Z","managedFields":[{{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-11-20T15:00:{second}Z","fieldsType":"FieldsV1","fieldsV1":{{}}}}]}}"#
    );
    format!(
        r#"{{"kind":"Pod","apiVersion":"v1","metadata":{metadata},"spec":{{"containers":[{{"name":"c","image":"i"}}]}},"status":{{"phase":"{phase}"}}}}"#
    )
}

/// One line of an audit log; `rest` follows the times.
fn audited(verb: &str, part: &str, second: &str, rest: &str) -> String {
    let (at, uri) = (format!("2026-11-20T15:00:{second}Z"), "/api/v1/namespaces/a/pods/x");
    let subresource = if part.is_empty() { String::new() } else { format!(r#","subresource":"{part}""#) };
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"{at}","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{{"username":"kubelet"}},"objectRef":{{"resource":"pods","namespace":"a","name":"x","apiVersion":"v1"{subresource}}},"responseStatus":{{"code":200}},"requestReceivedTimestamp":"{at}","stageTimestamp":"{at}"{rest}}}"#
    ) + "\n"
}

/// The watch shows again what the log knows; with it the request in between finds another revision.
#[test]
fn an_observation_more_may_move_a_request() {
    let (first, last) = (object("10", "10", "Pending"), object("20", "12", "Running"));
    let running = r#","requestObject":{"status":{"phase":"Running"}}"#;
    let audit = audited("create", "", "10.1", &format!(r#","responseObject":{first}"#))
        + &audited("patch", "status", "12.1", running)
        + &audited("patch", "status", "12.5", &format!(r#"{running},"responseObject":{last}"#));
    let watch = format!("{{\"type\":\"ADDED\",\"object\":{first}}}\n{{\"type\":\"MODIFIED\",\"object\":{last}}}\n");
    for inputs in [[&audit, &watch], [&watch, &audit]] {
        let (_folder, log) = store_of(&inputs.map(|text| text.as_bytes()));
        let differences = verify(&log).expect("a readable log");
        assert!(differences.is_empty(), "{differences:?}");
    }
}

/// A watch event of a type that nobody knows shows its pod, also to a request about it.
#[test]
fn an_unknown_type_does_not_close_the_store() {
    let event = format!("{{\"type\":\"SYNC\",\"object\":{}}}\n", object("5", "10", "Pending"));
    let request = audited("delete", "", "12", "");
    let (_folder, log) = store_of(&[event.as_bytes(), request.as_bytes()]);
    let reports = common::reports(&log);
    let pod = reports.iter().find(|report| report.identity.uid == "u").expect("the pod of the event");
    assert_eq!(pod.timeline.entries.len(), 2, "the event and the deletion: {:?}", pod.timeline.entries);
    take(&log, &watch("crashloop"));
    assert!(verify(&log).expect("a readable log").is_empty());
}
