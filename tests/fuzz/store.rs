//! Damages a small store as a fuzzer says, and asks it everything.

use std::fs;
use std::path::{Path, PathBuf};

use podreplay::input::Source;
use podreplay::ops::{IngestOptions, ingest};
use podreplay::store::Log;

#[path = "../it/answers.rs"]
mod answers;

use answers::Sound;

/// A watch, a list, requests, Events, nodes.
const SAMPLES: [&str; 5] =
    ["client-go.jsonl", "kubectl-list.json", "audit-metadata.jsonl", "events.jsonl", "nodes.jsonl"];
const PAGE: usize = 4096;

/// A small store, and what it says.
pub struct Victim {
    file: PathBuf,
    bytes: Vec<u8>,
    /// Where something stands; most of a small store is free room.
    used: Vec<usize>,
    sound: Sound,
}

impl Victim {
    /// Makes the store of samples in the folder of podreplay.
    pub fn new(root: &Path) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = folder.join(format!("podreplay-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("store.db");
        let log = Log::open_or_create(&file).expect("a new store");
        for sample in SAMPLES {
            let sample = root.join("tests/formats").join(sample);
            ingest(&log, Source::open(&sample).expect("a sample"), &IngestOptions::default(), &()).expect("an ingest");
        }
        drop(log);
        let (bytes, sound) = (fs::read(&file).expect("a store"), Sound::of(&file));
        let used = (0..bytes.len()).filter(|&at| bytes[at] != 0).collect();
        Self { file, bytes, used, sound }
    }

    /// Damages the store and holds what it then says against what it said.
    pub fn attack(&self, input: &[u8]) {
        let mut damaged = self.bytes.clone();
        input.as_chunks().0.iter().for_each(|edit| self.edit(&mut damaged, *edit));
        if damaged == self.bytes {
            return;
        }
        for beside in ["-wal", "-shm"] {
            let mut name = self.file.as_os_str().to_owned();
            name.push(beside);
            let _ = fs::remove_file(name);
        }
        fs::write(&self.file, &damaged).expect("a store");
        self.sound.hold_against(&self.file, &input.escape_ascii());
    }

    /// An edit is a kind, a place in three bytes and a value in two.
    fn edit(&self, damaged: &mut Vec<u8>, [kind, high, middle, low, first, second]: [u8; 6]) {
        let number = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        let at = if kind & 8 == 0 { self.used[number % self.used.len()] } else { number % self.bytes.len() };
        let pages = self.bytes.len() / PAGE;
        let (one, other) = (at / PAGE * PAGE, usize::from(first) % pages * PAGE);
        if at.max(other).max(one) + PAGE > damaged.len() {
            return;
        }
        match kind & 7 {
            0 => damaged[at] = first,
            1 => damaged[at] ^= 1 << (first & 7),
            2 => damaged[one + at % (PAGE - 1)..][..2].copy_from_slice(&[first, second]),
            3 => damaged[one..one + PAGE].fill(0),
            4 => (0..PAGE).for_each(|index| damaged.swap(one + index, other + index)),
            5 => damaged.copy_within(other..other + PAGE, one),
            6 => {
                let (from, length) = (other + at % PAGE, usize::from(second).min(PAGE - at % PAGE));
                damaged.copy_within(from..from + length, at);
            }
            _ => damaged.truncate(at),
        }
    }
}
