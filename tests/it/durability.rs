//! What an ingest has acknowledged is on the disk: the system calls say so.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::common::{Scratch, captures_folder, lines, unpacked};
use podreplay::store::Log;

/// One call: which, and the file that it is about.
fn call(line: &str) -> Option<(&str, &str)> {
    let call = line.split_once(' ')?.1.trim_start();
    let name = call.split_once('(')?.0;
    let file = call.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(file, _)| file);
    Some((name, file))
}

#[test]
#[expect(clippy::print_stderr, reason = "what is left out is told")]
fn what_is_acknowledged_is_synced() {
    if Command::new("strace").arg("--version").output().is_err() {
        eprintln!("left out: strace is not installed; scripts/setup installs it");
        return;
    }
    let scratch = Scratch::new();
    let capture = scratch.file("watch.jsonl", &unpacked(&captures_folder().join("crashloop/raw-watch.jsonl.zst")));
    let (store, trace) = (scratch.path("store.db"), scratch.path("trace.txt"));
    let traced = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=pwrite64,pwritev,write,ftruncate,fdatasync,fsync", "-o"])
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_podreplay"))
        .args(["ingest", "--db"])
        .arg(&store)
        .arg(&capture)
        .output()
        .expect("strace runs");
    if !traced.status.success() && !store.exists() {
        eprintln!("left out: strace may not trace here: {}", String::from_utf8_lossy(&traced.stderr));
        return;
    }
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    let trace = std::fs::read_to_string(&trace).expect("a trace");
    let mut unsynced: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut syncs, mut acknowledged) = (0, false);
    for (number, line) in trace.lines().enumerate() {
        match call(line) {
            // The index of the readers, and the journal of the first transaction, which is gone when it ends.
            Some((_, file)) if file.ends_with("-shm") || file.ends_with("-journal") => {}
            Some(("pwrite64" | "pwritev" | "ftruncate", file)) => {
                unsynced.insert(file, number);
            }
            Some(("fdatasync" | "fsync", file)) => {
                syncs += usize::from(unsynced.remove(file).is_some());
            }
            Some(("write", _)) if line.contains("write(1<") => {
                assert!(unsynced.is_empty(), "said to be taken, but not on the disk: {unsynced:?}\n{trace}");
                acknowledged = true;
            }
            Some(_) | None => {}
        }
    }
    assert!(acknowledged && syncs > 1, "{trace}");
    assert!(unsynced.is_empty(), "left behind: {unsynced:?}");
    let folder = store.parent().expect("a folder").to_string_lossy().into_owned();
    let is_folder = |line: &str| matches!(call(line), Some(("fsync" | "fdatasync", file)) if file == folder);
    assert!(trace.lines().any(is_folder), "the folder of a new store is synced");
}

/// A watch goes on for hours: what came more than a second ago is kept, however quiet the pipe is since.
#[test]
fn what_a_quiet_pipe_gave_is_kept() {
    let scratch = Scratch::new();
    let watch = unpacked(&captures_folder().join("crashloop/raw-watch.jsonl.zst"));
    let lines = lines(&watch);
    let store = scratch.path("store.db");
    let mut ingest = Command::new(env!("CARGO_BIN_EXE_podreplay"))
        .args(["ingest", "-", "--quiet", "--db"])
        .arg(&store)
        .stdin(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut pipe = ingest.stdin.take().expect("a pipe");
    let mut kept = Vec::new();
    for burst in [0..3, 3..4, 4..9] {
        pipe.write_all(&lines[burst.clone()].concat()).expect("it is read");
        std::thread::sleep(Duration::from_secs(4));
        let log = Log::open_to_read(&store).expect("it has something");
        kept.push((burst.end as i64, log.reader().last_seq().expect("readable")));
    }
    ingest.kill().expect("it runs still");
    ingest.wait().expect("it ends");
    assert!(kept.iter().all(|(written, kept)| written == kept), "{kept:?}");
}
