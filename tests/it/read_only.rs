//! A store is read without the right to write it or beside it. Modes do not bind root, who may write anyway: the program is
//! then started without the capabilities that override them.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use podreplay::store::Log;

use crate::common::{Scratch, captures_folder, file_of, take};

/// Names that would say something else where a store is opened by a URI.
const NAMES: [&str; 3] = ["store.db", "a store.db", "50%25?immutable=0&mode=rw#x.db"];

/// A command that modes bind.
fn bound(scratch: &Scratch, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let is_root = fs::metadata(scratch.file("mine", b"")).expect("a file").uid() == 0;
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let without = "-dac_override,-dac_read_search";
    command.arg(format!("--bounding-set={without}")).arg(format!("--inh-caps={without}")).arg(program.as_ref());
    command
}

/// A folder that the test may write again when it ends.
struct Closed(PathBuf);

impl Closed {
    fn of(folder: &Path) -> Self {
        for entry in fs::read_dir(folder).expect("a folder") {
            fs::set_permissions(entry.expect("a file").path(), Permissions::from_mode(0o444)).expect("ours");
        }
        fs::set_permissions(folder, Permissions::from_mode(0o555)).expect("ours");
        Self(folder.to_owned())
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        let _ = fs::set_permissions(&self.0, Permissions::from_mode(0o755));
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what is left out is told")]
fn reading_needs_no_right_to_write() {
    let watch = file_of(&captures_folder().join("crashloop"), "raw-watch.jsonl").expect("a capture has a watch");
    let scratch = Scratch::new();
    let (quiet, busy) = (scratch.path("quiet"), scratch.path("busy"));
    for folder in [&quiet, &busy] {
        fs::create_dir(folder).expect("a folder");
    }
    let log = Log::open_or_create(&scratch.path("log.db")).expect("a new store");
    take(&log, &watch);
    // As it lies there while somebody writes: with what is not folded in yet beside it.
    for end in ["", "-wal"] {
        fs::copy(scratch.path(&format!("log.db{end}")), busy.join(format!("store.db{end}"))).expect("a copy");
    }
    drop(log);
    for name in NAMES {
        fs::copy(scratch.path("log.db"), quiet.join(name)).expect("a copy");
    }
    let ask = |store: &Path, command: &[&str]| -> Output {
        let mut bound = bound(&scratch, env!("CARGO_BIN_EXE_podreplay"));
        bound.args(command).arg("--db").arg(store).output().expect("it runs")
    };
    let commands: [&[&str]; 4] = [&["pods", "-A"], &["timeline", "-A"], &["export"], &["verify"]];
    let before: Vec<Output> = commands.iter().map(|command| ask(&quiet.join(NAMES[0]), command)).collect();
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(quiet.join(format!("{}{end}", NAMES[0])));
    }

    let closed = [Closed::of(&quiet), Closed::of(&busy)];
    let can_write = |path: &Path| bound(&scratch, "test").arg("-w").arg(path).status().map(|status| status.success());
    if !matches!(can_write(&quiet), Ok(false)) {
        eprintln!("left out: modes do not bind whoever runs this, and there is no setpriv that changes that");
        return;
    }
    for name in NAMES {
        for (command, before) in commands.iter().zip(&before) {
            let after = ask(&quiet.join(name), command);
            let complaint = String::from_utf8_lossy(&after.stderr);
            assert!(after.status.success() && before.status.success(), "{name} {command:?}: {complaint}");
            assert_eq!(after.stdout, before.stdout, "{name} {command:?}: {complaint}");
        }
    }
    assert_eq!(fs::read_dir(&quiet).expect("a folder").count(), NAMES.len(), "nothing was left beside the stores");

    let refused = |store: &Path, expected: &[&str]| {
        for command in commands {
            let refused = ask(store, command);
            let complaint = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(4), "{command:?}: {complaint}");
            assert!(expected.iter().all(|part| complaint.contains(part)), "{command:?}: {complaint}");
        }
    };
    refused(&busy.join("store.db"), &["the newest records are in store.db-wal", "copy the store and that file"]);
    let unreadable = quiet.join(NAMES[0]);
    fs::set_permissions(&unreadable, Permissions::from_mode(0o000)).expect("ours");
    refused(&unreadable, &["Permission denied"]);
    drop(closed);
}
