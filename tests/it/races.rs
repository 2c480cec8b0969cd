//! Several ingests of one store at the same moment: the log holds each record once, and nobody is told of the others.

use std::io::{self, Read};
use std::path::Path;

use crate::common::{self, Scratch, captures_folder, file_of};
use podreplay::input::Source;
use podreplay::input::paced::pause;
use podreplay::ops::{IngestError, IngestOptions, Reading, ingest, pods_at, projection};
use podreplay::store::Log;

/// A pipe that gives so many lines at a time and pauses behind them: each piece becomes a batch.
struct Pipe {
    pieces: std::vec::IntoIter<Vec<u8>>,
    /// The second of two pauses in a row is one behind nothing new.
    pauses: u32,
}

impl Pipe {
    fn new(bytes: &[u8], lines_at_once: usize) -> Self {
        let pieces: Vec<Vec<u8>> = common::lines(bytes).chunks(lines_at_once).map(<[_]>::concat).collect();
        Self { pieces: pieces.into_iter(), pauses: 0 }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.pauses > 0 {
            self.pauses -= 1;
            return Err(pause());
        }
        let piece = self.pieces.as_mut_slice().first_mut();
        let Some(piece) = piece else { return Ok(0) };
        let length = piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        if length == piece.len() {
            self.pieces.next();
            self.pauses = 2;
        } else {
            piece.drain(..length);
        }
        Ok(length)
    }
}

fn try_ingest_pipe(store: &Path, bytes: &[u8], lines_at_once: usize, strict: bool) -> Result<(), IngestError> {
    let log = Log::open_or_create(store).expect("a store");
    let pipe = Pipe::new(bytes, lines_at_once);
    let source = Source::of_reader(Path::new("capture"), Box::new(pipe)).expect("a pipe");
    let options = IngestOptions { strict, ..IngestOptions::default() };
    ingest(&log, source, &options, &()).map(|_| ())
}

fn ingest_pipe(store: &Path, bytes: &[u8], lines_at_once: usize, strict: bool) {
    try_ingest_pipe(store, bytes, lines_at_once, strict).expect("an ingest beside others does not fail");
}

/// What is asked of a store while it is written to.
fn read_beside(store: &Path) {
    for _ in 0..20 {
        let Ok(log) = Log::open_to_read(store) else { continue };
        log.hold_still().expect("a readable log");
        let reader = log.reader();
        let reading = Reading::new(&reader);
        pods_at(&reading, common::pods(&log), None, None).expect("a readable log");
    }
}

#[test]
fn one_file_is_taken_once_by_many_at_once() {
    for (capture, file) in [
        ("crashloop", "raw-watch.jsonl"),
        ("kubelet-eviction", "raw-watch.jsonl"),
        ("crashloop", "audit.jsonl"),
        ("happy-rollout", "audit.jsonl"),
    ] {
        let Some(bytes) = file_of(&captures_folder().join(capture), file) else {
            panic!("{capture}/{file} is not there");
        };
        let lines = common::lines(&bytes);
        let (_, alone) = common::store_of(&[&bytes]);
        for round in 0..3 {
            let scratch = Scratch::new();
            let store = scratch.path("store.db");
            // The third has the file as it was earlier, the last takes all of it or nothing.
            let shorter = lines[..lines.len() * 2 / 3].concat();
            let inputs = [(&bytes, 7, false), (&bytes, 5 + round, false), (&shorter, 3, false), (&bytes, 11, true)];
            std::thread::scope(|scope| {
                for (bytes, lines_at_once, strict) in inputs {
                    let store = &store;
                    scope.spawn(move || ingest_pipe(store, bytes, lines_at_once, strict));
                }
                scope.spawn(|| read_beside(&store));
                let rebuilt = &store;
                scope.spawn(move || {
                    let log = Log::open_or_create(rebuilt).expect("a store");
                    projection::rebuild(&log).expect("nobody is told of the others");
                });
            });
            let log = Log::open_to_read(&store).expect("a store");
            let place = format!("{capture}/{file}, round {round}");
            assert!(common::exported(&log) == common::exported(&alone), "{place}: each record once");
            let recordings = log.reader().recordings().expect("a readable log");
            assert_eq!(recordings.len(), 1, "{place}: {recordings:?}");
            assert_eq!(common::tales(&log, common::told), common::tales(&alone, common::told), "{place}");
            assert!(projection::verify(&log).expect("a readable log").is_empty(), "{place}");
        }
    }
}

/// A batch that cannot be appended takes those of its transaction with it: the same ingest again takes them all.
#[test]
fn what_went_with_a_batch_that_failed_is_taken_again() {
    let bytes = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a capture");
    // The pod that comes last: by then other batches are appended.
    let lines = common::lines(&bytes);
    let uid_of = |line: &[u8]| {
        let event: serde_json::Value = serde_json::from_slice(line).expect("an event");
        event["object"]["metadata"]["uid"].as_str().map(str::to_owned)
    };
    let mut seen = std::collections::BTreeSet::new();
    let firsts = lines.iter().enumerate().filter(|(_, line)| uid_of(line).is_some_and(|uid| seen.insert(uid)));
    let (place, first) = firsts.last().expect("a pod");
    assert!(place > 3, "{place}");
    for strict in [false, true] {
        let (scratch, log) = common::store_of(&[first]);
        drop(log);
        let store = scratch.path("store.db");
        common::tamper(&store, "UPDATE pod SET checksum = checksum + 1");
        let failed = try_ingest_pipe(&store, &bytes, 1, strict).expect_err("its row is damaged");
        assert!(failed.to_string().contains("checksum"), "{failed}");
        common::tamper(&store, "UPDATE pod SET checksum = checksum - 1");
        ingest_pipe(&store, &bytes, 1, strict);
        let log = Log::open_or_create(&store).expect("a store");
        projection::settle(&log).expect("a readable log");
        let (_, undisturbed) = common::store_of(&[first, &bytes]);
        assert!(common::exported(&log) == common::exported(&undisturbed));
        assert_eq!(common::tales(&log, common::told), common::tales(&undisturbed, common::told));
        assert_eq!(projection::verify(&log).expect("a readable log"), Vec::<String>::new());
    }
}
