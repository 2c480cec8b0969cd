//! What the tests share: the captures, and a log in memory.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use podreplay::compare::{Expectation, Incomplete, Recorded, Tolerance, golden_pod, renew};
use podreplay::input::Source;
use podreplay::input::expectation::read;
use podreplay::model::WatchEvent;
use podreplay::ops::exported_text::ExportedText;
use podreplay::ops::projection::settle;
use podreplay::ops::recorded::{Findings, recorded};
use podreplay::ops::salvage::each_record;
use podreplay::ops::{IngestOptions, IngestReport, Reading, ingest, replayed};
use podreplay::render::golden::expectation_text;
use podreplay::report::PodReport;
use podreplay::store::{Log, PodRow};
use rusqlite::Connection;

/// The folder of captures of a real cluster.
pub(crate) fn captures_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

/// Every capture's folder, by name; of other captures, where some are named.
pub(crate) fn captures() -> Vec<PathBuf> {
    captures_named().unwrap_or_else(|| folders(&captures_folder()))
}

/// Other captures to hold a test against: those in the folder that `PODREPLAY_CAPTURES` names.
pub(crate) fn captures_named() -> Option<Vec<PathBuf>> {
    std::env::var_os("PODREPLAY_CAPTURES").map(|folder| folders(Path::new(&folder)))
}

/// The folders in a folder, by name.
pub(crate) fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("readable").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// A compressed file, unpacked.
pub(crate) fn unpacked(path: &Path) -> Vec<u8> {
    let packed = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    zstd::decode_all(packed.as_slice()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of one capture, unpacked if it is packed; `None` if the capture has no such file.
pub(crate) fn file_of(capture: &Path, name: &str) -> Option<Vec<u8>> {
    let path = capture.join(format!("{name}.zst"));
    if path.exists() { Some(unpacked(&path)) } else { fs::read(capture.join(name)).ok() }
}

/// Text with a name in a folder of its own, as a file.
pub(crate) struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::File::create(&path).and_then(|mut file| file.write_all(bytes)).expect("a temporary file");
        path
    }
}

/// Ingests bytes.
pub(crate) fn take(log: &Log, bytes: &[u8]) -> IngestReport {
    take_with(log, bytes, &IngestOptions::default())
}

pub(crate) fn take_with(log: &Log, bytes: &[u8], options: &IngestOptions) -> IngestReport {
    let scratch = Scratch::new();
    let file = scratch.file("capture", bytes);
    let report = ingest(log, Source::open(&file).expect("it was just made"), options, &()).expect("an ingest");
    settle(log).expect("a readable log");
    report
}

/// A store on disk with these captures in it; it goes with the folder.
pub(crate) fn store_of(captures: &[&[u8]]) -> (Scratch, Log) {
    let scratch = Scratch::new();
    let log = Log::open_or_create(&scratch.path("store.db")).expect("a new store");
    for capture in captures {
        take(&log, capture);
    }
    (scratch, log)
}

/// Changes a store as nothing of podreplay does.
pub(crate) fn tamper(file: &Path, sql: &str) {
    const TRIGGERS: &str = "SELECT coalesce(group_concat('DROP TRIGGER ' || name || ';', ''), '') FROM sqlite_schema WHERE type = 'trigger'";
    let store = Connection::open(file).expect("a store");
    let triggers: String = store.query_row(TRIGGERS, [], |row| row.get(0)).expect("triggers");
    store.execute_batch(&format!("{triggers}{sql}")).expect("nothing holds that off");
}

/// A log in memory with these captures in it.
pub(crate) fn log_of(captures: &[&[u8]]) -> Log {
    let log = Log::in_memory().expect("memory");
    for capture in captures {
        take(&log, capture);
    }
    log
}

pub(crate) fn pods(log: &Log) -> Vec<PodRow> {
    log.reader().all_pods().expect("a readable log")
}

/// Every pod of a log, replayed.
pub(crate) fn reports(log: &Log) -> Vec<PodReport> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let report = |row| {
        let history = reading.pod(&row).expect("a readable log");
        replayed(&reading, &history).expect("a readable log")
    };
    pods(log).into_iter().map(report).collect()
}

/// The events of each pod in the order of the writes, by uid.
pub(crate) fn events(log: &Log) -> BTreeMap<String, Vec<WatchEvent>> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let events_of = |row: PodRow| {
        let events = reading.pod(&row).and_then(|history| history.events()).expect("a readable log");
        (row.identity.uid, events)
    };
    pods(log).into_iter().map(events_of).collect()
}

/// What a pod went through, without the positions in the log: one line a transition. For comparing logs that hold the
/// same writes in another order or from another format.
pub(crate) fn told(report: &PodReport) -> Vec<String> {
    report
        .timeline
        .transitions
        .iter()
        .map(|transition| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
                transition.resource_version,
                transition.subject,
                transition.from,
                transition.to,
                transition.reason,
                transition.message,
                transition.stamped_at,
                transition.restart_count,
                transition.inferred
            )
        })
        .collect()
}

/// `told` with the windows.
pub(crate) fn told_with_times(report: &PodReport) -> Vec<String> {
    let windows = report.timeline.transitions.iter().map(|transition| format!("{:?}", transition.window));
    told(report).into_iter().zip(windows).map(|(told, window)| format!("{told} {window}")).collect()
}

/// All pods' tales by uid.
pub(crate) fn tales(log: &Log, tell: impl Fn(&PodReport) -> Vec<String>) -> BTreeMap<String, Vec<String>> {
    reports(log).iter().map(|report| (report.identity.uid.clone(), tell(report))).collect()
}

/// The log as `export` prints it.
pub(crate) fn exported(log: &Log) -> Vec<u8> {
    let (mut bytes, mut text) = (Vec::new(), ExportedText::default());
    let lost = each_record(&log.reader(), None, |found, body| {
        if let Some((before, behind)) = text.around(&found.kind) {
            bytes.extend_from_slice(&[before, body, behind].concat());
        }
        Ok(())
    });
    assert_eq!(lost.expect("a readable log"), []);
    bytes
}

/// The lines of a capture.
pub(crate) fn lines(capture: &[u8]) -> Vec<Vec<u8>> {
    capture.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Numbers that are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below this one.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % count.max(1)
    }
}

/// Everything that a comparison needs of a log.
pub(crate) fn recorded_of(log: &Log) -> Recorded {
    recorded(log, pods(log), Findings::Left, None, Incomplete::default()).expect("a readable log")
}

/// The expectation that `--bless` makes of a recording: written as YAML and read back.
pub(crate) fn blessed(recording: &Recorded) -> Expectation {
    let golden_pods = recording.pods.iter().map(golden_pod).collect();
    let text = expectation_text(None, &renew(&[], golden_pods, Tolerance::default()));
    read(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"))
}

/// The API server's own table of a capture.
pub(crate) mod table {
    use podreplay::model::ObservedAt;

    /// One row of `status-by-rv.tsv`.
    pub(crate) struct Row {
        pub(crate) received_at: ObservedAt,
        pub(crate) version: String,
        pub(crate) is_deletion: bool,
        pub(crate) uid: String,
        pub(crate) columns: [String; 3],
    }

    pub(crate) fn rows(tsv: &[u8]) -> Vec<Row> {
        let text = String::from_utf8(tsv.to_vec()).expect("a table is UTF-8");
        let mut lines = text.lines();
        let headings: Vec<&str> = lines.next().expect("headings").split('\t').collect();
        let column = |name: &str| headings.iter().position(|heading| *heading == name).expect("a known heading");
        let (received, version, event, uid) =
            (column("received_utc"), column("resourceVersion"), column("event"), column("uid"));
        let [ready, status, restarts] = ["READY", "STATUS", "RESTARTS"].map(column);
        lines
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                let count = cells[restarts].split(' ').next().unwrap_or_default();
                Row {
                    received_at: ObservedAt::parse(cells[received]).expect("a time"),
                    version: cells[version].to_owned(),
                    is_deletion: cells[event] == "DELETED",
                    uid: cells[uid].to_owned(),
                    columns: [cells[ready], cells[status], count].map(str::to_owned),
                }
            })
            .collect()
    }
}
