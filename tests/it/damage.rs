//! A damaged store never gives another answer in silence: what it says is the same as before, or it says that it is damaged.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use crate::answers::{Sound, answers};
use crate::common::{Dice, captures_folder, file_of, store_of, tamper};
use podreplay::input::Source;
use podreplay::ops::salvage::each_record;
use podreplay::ops::{IngestOptions, ingest};
use podreplay::store::{Log, StoreError};
use serde_json::{Value, json};

const PAGE: usize = 4096;

/// Does something to a store, and says what.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) -> String {
    let pages = bytes.len() / PAGE;
    match dice.below(8) {
        0..4 => {
            let (at, with) = (dice.below(bytes.len()), 1 + dice.below(255));
            bytes[at] ^= u8::try_from(with).expect("below 256");
            format!("byte {at} changed by {with}")
        }
        4 => {
            let (at, bit) = (dice.below(bytes.len()), dice.below(8));
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} turned")
        }
        5 => {
            let page = dice.below(pages);
            bytes[page * PAGE..(page + 1) * PAGE].fill(0);
            format!("page {page} zeroed")
        }
        6 => {
            let (one, other) = (dice.below(pages), dice.below(pages));
            for index in 0..PAGE {
                bytes.swap(one * PAGE + index, other * PAGE + index);
            }
            format!("pages {one} and {other} swapped")
        }
        _ => {
            let length = dice.below(bytes.len());
            bytes.truncate(length);
            format!("cut to {length} bytes")
        }
    }
}

#[test]
fn no_damage_is_silent() {
    let of = |capture: &str, file: &str| {
        file_of(&captures_folder().join(capture), file).unwrap_or_else(|| panic!("{capture}/{file} is not there"))
    };
    // A watch, requests that it answers and others, Events; a watch that was interrupted.
    let inputs = [
        vec![of("crashloop", "raw-watch.jsonl"), of("crashloop", "audit.jsonl"), of("crashloop", "events.jsonl")],
        vec![of("watch-resume", "recording.jsonl")],
    ];
    let mut dice = Dice(14);
    let (mut told, mut same) = (0, 0);
    for input in inputs {
        let (folder, log) = store_of(&input.iter().map(Vec::as_slice).collect::<Vec<_>>());
        drop(log);
        let store = folder.path("store.db");
        let (bytes, sound) = (fs::read(&store).expect("a store"), Sound::of(&store));
        for _ in 0..100 {
            let mut damaged = bytes.clone();
            let what = damage(&mut damaged, &mut dice);
            fs::write(&store, &damaged).expect("a store");
            match sound.hold_against(&store, &what) {
                0 => same += 1,
                some => told += some,
            }
        }
    }
    // Most of a small store is free room; enough is not.
    assert!(told > 50 && same > 20, "{told} told, {same} without effect");
}

/// SQLite's own check is content with an empty index on the page of a table.
#[test]
fn a_page_over_another_is_not_silent() {
    const LEAF_OF_TABLE: u8 = 0x0d;
    const LEAF_OF_INDEX: u8 = 0x0a;
    let watch = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a capture has a watch");
    let (folder, log) = store_of(&[&watch]);
    drop(log);
    let store = folder.path("store.db");
    let (bytes, sound) = (fs::read(&store).expect("a store"), Sound::of(&store));
    let pages: Vec<&[u8]> = bytes.chunks(PAGE).collect();
    for kind in [LEAF_OF_TABLE, LEAF_OF_INDEX] {
        let page = pages.iter().position(|page| page[0] == kind).expect("such a page");
        for over in (0..pages.len()).filter(|over| *over != page) {
            let mut damaged = bytes.clone();
            damaged[over * PAGE..][..PAGE].copy_from_slice(pages[page]);
            fs::write(&store, &damaged).expect("a store");
            sound.hold_against(&store, &format!("page {page} over {over}"));
        }
    }
}

/// A store whose tables are gone is not taken for a new one.
#[test]
fn a_store_without_tables_is_damaged() {
    // The first page as that of a store in which nothing was made yet: a leaf without a cell.
    const KIND_OF_PAGE: usize = 100;
    const CELLS: usize = 103;
    let watch = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a capture has a watch");
    let (folder, log) = store_of(&[&watch]);
    drop(log);
    let store = folder.path("store.db");
    let mut bytes = fs::read(&store).expect("a store");
    bytes[KIND_OF_PAGE] = 13;
    bytes[CELLS..CELLS + 2].fill(0);
    fs::write(&store, &bytes).expect("a store");
    for open in [Log::open_to_read, Log::open_or_create] {
        let error = open(&store).expect_err("no table is left");
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
    assert_eq!(fs::read(&store).expect("a store"), bytes, "nothing was written over what may be saved");
}

/// What can be read is saved, and the end of the log is not told by a row that is damaged.
#[test]
fn export_says_what_it_does_not_know() {
    let watch = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a capture has a watch");
    let table = [
        // Each record is there, but not which recording is asked for.
        ("UPDATE recording SET name = 'other'", Some(1)),
        // The end is not known, and a row tells of a log that is longer than any.
        ("DELETE FROM record WHERE seq = (SELECT max(seq) FROM record); UPDATE batch SET records = 1 << 40", None),
    ];
    for (tampering, recording) in table {
        let (folder, log) = store_of(&[&watch]);
        let count = log.reader().last_seq().expect("a sound log");
        drop(log);
        let file = folder.path("store.db");
        tamper(&file, tampering);
        let log = Log::open_to_read(&file).expect("the tables are there");
        let mut saved = 0;
        let lost = each_record(&log.reader(), recording, |_, _| {
            saved += 1;
            Ok(())
        });
        let lost = lost.expect("a readable store");
        assert!(!lost.is_empty() && lost.iter().all(|lost| lost.last <= count), "{tampering}: {lost:?}");
        assert!(saved >= count - 1, "{tampering}: {saved} of {count}");
    }
}

/// A list that came in several batches, of which one cannot be read, is still one list.
#[test]
fn a_list_with_a_damaged_batch_is_exported_as_a_list() {
    let large = "x".repeat(100_000);
    let pod = |number: usize| {
        let metadata = json!({"name": format!("web-{number}"), "namespace": "demo", "uid": format!("uid-{number}"),
            "resourceVersion": "7", "annotations": {"large": large}});
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})
    };
    let items: Vec<Value> = (0..100).map(pod).collect();
    let list = json!({"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "7"}, "items": items});
    let (folder, log) = store_of(&[list.to_string().as_bytes()]);
    assert!(log.reader().all_batches().expect("a sound log").len() > 2);
    drop(log);
    let store = folder.path("store.db");
    let export = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
        command.arg("export").arg("--db").arg(&store).output().expect("it runs")
    };
    let before = export();
    tamper(&store, "UPDATE batch SET bytes = bytes + 1 WHERE id = 2");
    let after = export();
    assert_eq!((before.status.code(), after.status.code()), (Some(0), Some(4)));
    assert!(before.stdout == after.stdout);
}

/// Where a text or other bytes stand in a file.
fn places(file: &[u8], wanted: &[u8]) -> Vec<usize> {
    (0..file.len().saturating_sub(wanted.len())).filter(|at| file[*at..].starts_with(wanted)).collect()
}

/// An ingest decides by what it finds in the log: what is damaged there ends it, or changes nothing that is answered in silence.
#[test]
fn an_ingest_into_a_damaged_store_is_not_silent() {
    let of = |file: &str| file_of(&captures_folder().join("crashloop"), file).expect("a capture");
    let (watch, audit) = (of("raw-watch.jsonl"), of("audit.jsonl"));
    let (folder, log) = store_of(&[&watch]);
    let uid = log.reader().all_pods().expect("readable")[0].identity.uid.clone();
    let hash = log.reader().all_batches().expect("readable")[0].hash;
    drop(log);
    let store = folder.path("store.db");
    let sound = fs::read(&store).expect("a store");
    let take = |bytes: &[u8]| -> Result<(), String> {
        let log = Log::open_or_create(&store).map_err(|error| error.to_string())?;
        let source =
            Source::of_reader(Path::new("capture"), Box::new(io::Cursor::new(bytes.to_vec()))).expect("memory");
        ingest(&log, source, &IngestOptions::default(), &()).map(|_| ()).map_err(|error| error.to_string())
    };
    for (input, name) in [(&audit, "another file"), (&watch, "the same file")] {
        fs::write(&store, &sound).expect("a store");
        take(input).expect("a sound store");
        let expected = answers(&store);
        let (mut told, mut tried) = (0, 0);
        for wanted in [uid.as_bytes(), b"default", &hash] {
            for at in places(&sound, wanted) {
                let mut bytes = sound.clone();
                bytes[at] ^= 1;
                fs::write(&store, &bytes).expect("a store");
                tried += 1;
                if take(input).is_err() || answers(&store).iter().any(Result::is_err) {
                    told += 1;
                    continue;
                }
                assert_eq!(answers(&store), expected, "{name}, byte {at}: another answer, and nothing is said");
            }
        }
        assert!(tried > 5 && told > 2, "{name}: {told} of {tried} told");
    }
}
