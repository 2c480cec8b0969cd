//! A damaged store never gives another answer in silence: what it says is the same as before, or it says that it is damaged.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::common::{Dice, captures_folder, file_of, store_of};
use podreplay::input::Source;
use podreplay::ops::recordings::sum_up;
use podreplay::ops::salvage::each_record;
use podreplay::ops::{IngestOptions, Reading, check, ingest, pods_at, projection, replayed};
use podreplay::rules::Track;
use podreplay::store::Log;

const PAGE: usize = 8192;

/// What the commands say of a store, or that it is damaged.
fn answers(store: &Path) -> Vec<Result<String, String>> {
    let log = match Log::open_to_read(store) {
        Ok(log) => log,
        Err(error) => return vec![Err(error.to_string())],
    };
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let exported = || {
        let mut text = String::new();
        let salvaged = each_record(&reader, None, |found, body| {
            writeln!(text, "{:?} {}", found.recording, String::from_utf8_lossy(body)).expect("memory");
            Ok(())
        })
        .map_err(|error| error.to_string())?;
        if salvaged.lost.is_empty() && salvaged.damage.is_none() { Ok(text) } else { Err(format!("{salvaged:?}")) }
    };
    let pods = || {
        let rows = reader.all_pods().map_err(|error| error.to_string())?;
        let mut text = String::new();
        for moment in pods_at(&reading, rows.clone(), None, None).map_err(|error| error.to_string())? {
            writeln!(text, "{moment:?}").expect("memory");
        }
        for row in &rows {
            let history = reading.pod(row).map_err(|error| error.to_string())?;
            let report = replayed(&reading, &history).map_err(|error| error.to_string())?;
            writeln!(text, "{:?} {:?} {:?}", report.identity, report.timeline, report.gaps).expect("memory");
            let (judged, _) =
                check::judged(&reading, &history, None, Track::Kept).map_err(|error| error.to_string())?;
            writeln!(text, "{:?}", judged.judgement.findings()).expect("memory");
        }
        Ok(text)
    };
    let recordings = || sum_up(&reading).map(|summary| format!("{summary:?}")).map_err(|error| error.to_string());
    vec![exported(), pods(), recordings()]
}

/// Whether `podreplay verify` is content.
fn is_sound(store: &Path) -> bool {
    let Ok(log) = Log::open_to_read(store) else { return false };
    log.verify().is_ok_and(|faults| faults.is_empty())
        && projection::verify(&log).is_ok_and(|differences| differences.is_empty())
}

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
        let (sound, before) = (fs::read(&store).expect("a store"), answers(&store));
        assert!(before.iter().all(Result::is_ok), "{before:?}");
        assert!(is_sound(&store));
        for _ in 0..100 {
            let mut bytes = sound.clone();
            let what = damage(&mut bytes, &mut dice);
            fs::write(&store, &bytes).expect("a store");
            let after = answers(&store);
            for (index, answer) in after.iter().enumerate() {
                match answer {
                    Ok(answer) => assert!(Ok(answer) == before[index].as_ref(), "{what}: answer {index} is another"),
                    Err(_) => told += 1,
                }
            }
            if after == before {
                same += 1;
            } else {
                assert!(!is_sound(&store), "{what}: verify is content with what a command is not");
            }
        }
    }
    // Most of a small store is free room; enough is not.
    assert!(told > 50 && same > 20, "{told} told, {same} without effect");
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
        assert!(tried > 5 && told > 3, "{name}: {told} of {tried} told");
    }
}

/// `export` of one recording says of which records it does not know whose they are.
#[test]
fn export_of_one_recording_tells_damage() {
    let (folder, log) = store_of(&[b"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\"}}\n"]);
    let id = log.reader().recordings().expect("readable")[0].id;
    drop(log);
    let store = folder.path("store.db");
    let seal = rusqlite::Connection::open(&store).expect("a store");
    seal.execute("UPDATE seal SET checksum = checksum + 1", []).expect("a seal");
    drop(seal);
    let log = Log::open_damaged(&store).expect("it can be read");
    let mut found = 0;
    let salvaged = each_record(&log.reader(), Some(id), |_, _| {
        found += 1;
        Ok(())
    });
    let salvaged = salvaged.expect("it goes on");
    assert_eq!(found, 1);
    assert!(salvaged.damage.is_some(), "{salvaged:?}");
}
