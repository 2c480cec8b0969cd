//! Captured incidents as tests: each folder with recordings and an expectation, several at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use super::ingest::ingest;
use super::ingest_error::IngestError;
use super::ingest_options::IngestOptions;
use super::read_error::ReadError;
use super::recorded::{Findings, recorded};
use super::recordings::contradictions;
use crate::compare::{
    Comparison, Expectation, GoldenLayout, GoldenPod, Incomplete, Place, Recorded, RenewedPod, Tolerance, Verdict,
    compare, compare_golden, golden_pod, hide_in_golden, renew,
};
use crate::input::expectation::{Wrong, layout, read};
use crate::input::folder::{TestFolder, is_regular, recordings_in, test_folders};
use crate::input::{EXPECTATION_BYTES_MAX, Source, SourceError};
use crate::kubelet::KubernetesVersion;
use crate::model::ObservedAt;
use crate::redact::Secrets;
use crate::report::{TestOutcome, TestReport};
use crate::store::Log;

/// Why a test could not be run.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A file or a folder cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The recording cannot be taken.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The recording cannot be read again.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The expectation is not what it should be.
    #[error("{}:{}:{}: {}", path.display(), wrong.place.line, wrong.place.column, wrong.message)]
    Expectation {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        wrong: Wrong,
    },
    /// A folder cannot be looked into.
    #[error("{0}")]
    Closed(String),
    /// The recording is a pipe or a device.
    #[error("{}: not a regular file; a recording must be readable twice", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// No record of the recording could be read.
    #[error("{}: no readable record: {problem}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The first problem.
        problem: String,
    },
    /// The expectation says nothing.
    #[error("{}: no expectations; write claims under pods, noOtherPods or findings, or the golden part with --bless",
        path.display())]
    NothingExpected {
        /// The file.
        path: PathBuf,
    },
    /// The golden part cannot be put into the file.
    #[error("{}: cannot update the golden part ({why}); nothing was changed. Write the file in block style, \
        with golden last", path.display())]
    NotRenewed {
        /// The file.
        path: PathBuf,
        /// What would be wrong with it.
        why: String,
    },
    /// The folder holds no recording.
    #[error("{}: no recording next to {}; expected a .jsonl, .json or .yaml file, optionally .gz or .zst",
        folder.display(), crate::input::folder::EXPECTATION)]
    NoRecording {
        /// The folder.
        folder: PathBuf,
    },
}

/// The tests in these folders, and what may become one, in the order of the arguments and of the names in each; none twice.
///
/// # Errors
/// When a folder cannot be read.
pub fn find(folders: &[PathBuf]) -> Result<Vec<TestFolder>, SuiteError> {
    let mut known: BTreeSet<PathBuf> = BTreeSet::new();
    let mut found: Vec<TestFolder> = Vec::new();
    for folder in folders {
        found.extend(test_folders(folder)?.into_iter().filter(|test| known.insert(test.real.clone())));
    }
    Ok(found)
}

/// Reads an expectation.
///
/// # Errors
/// When the file cannot be read or is not what it should be.
pub fn read_expectation(path: &Path) -> Result<(String, Expectation), SuiteError> {
    let text = Source::read_text(path, EXPECTATION_BYTES_MAX)?;
    match read(&text) {
        Ok(expectation) => Ok((text, expectation)),
        Err(wrong) => Err(SuiteError::Expectation { path: path.to_owned(), wrong }),
    }
}

/// Command-line settings that override a test's own.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    /// The release whose rules apply; of what a test says itself, or what its log tells, if none is given.
    pub kubernetes: Option<KubernetesVersion>,
    /// When recordings with relative times were made; what a test says itself if none is given.
    pub base_time: Option<ObservedAt>,
    /// Whether secrets are shown.
    pub secrets: Secrets,
}

/// A recording with what is expected of it.
struct Loaded {
    text: String,
    expectation: Expectation,
    recording: PathBuf,
    recorded: Recorded,
    /// Why its times may be wrong.
    warnings: Vec<String>,
}

fn load(folder: &TestFolder, given: Given) -> Result<Loaded, SuiteError> {
    if let Some(why) = &folder.unreadable {
        return Err(SuiteError::Closed(why.clone()));
    }
    let (text, expectation) = match folder.has_expectation {
        true => read_expectation(&folder.expectation())?,
        false => (String::new(), Expectation::default()),
    };
    let recording = recording_of(folder, &expectation)?;
    let (log, incomplete) = read_together(&recording, given.base_time.or(expectation.base_time))?;
    let findings = Findings::wanted_by(&expectation);
    let rows = log.reader().all_pods().map_err(IngestError::from)?;
    let kubernetes = given.kubernetes.or(expectation.kubernetes);
    let recorded = recorded(&log, rows, findings, kubernetes, incomplete)?;
    let warnings = contradictions(&log).map_err(IngestError::from)?;
    Ok(Loaded { text, expectation, recording, recorded, warnings })
}

/// The recording in a file, or those of a test's folder, in a log of its own, and what that lacks of them.
///
/// # Errors
/// When one of them cannot be read, or none has a record that can.
pub fn read_together(recording: &Path, base_time: Option<ObservedAt>) -> Result<(Log, Incomplete), SuiteError> {
    let options = IngestOptions { base_time, ..IngestOptions::default() };
    let files = match recording.is_dir() {
        true => recordings_in(recording)?,
        false => vec![recording.to_owned()],
    };
    let log = Log::in_memory().map_err(IngestError::from)?;
    let (mut incomplete, mut events, mut problem) = (Incomplete::default(), 0, None);
    for path in files {
        if !is_regular(&path) {
            return Err(SuiteError::NoFile { path });
        }
        let report = ingest(&log, Source::open(&path)?, &options, &())?;
        incomplete.add(report.incomplete());
        events += report.events;
        problem = problem.or_else(|| Some((path, report.problems.first()?.to_string())));
    }
    match problem.filter(|_| events == 0) {
        Some((path, problem)) => Err(SuiteError::Unreadable { path, problem }),
        None => Ok((log, incomplete)),
    }
}

/// The file that is meant, or the folder if all in it are.
fn recording_of(folder: &TestFolder, expectation: &Expectation) -> Result<PathBuf, SuiteError> {
    if let Some((_, name)) = &expectation.recording {
        return Ok(folder.path.join(name));
    }
    match folder.recordings.as_slice() {
        [] => Err(SuiteError::NoRecording { folder: folder.path.clone() }),
        [name] => Ok(folder.path.join(name)),
        _ => Ok(folder.path.clone()),
    }
}

/// Runs one test.
#[must_use]
pub fn run(folder: &TestFolder, given: Given) -> TestReport {
    let secrets = given.secrets;
    let expectation = folder.expectation();
    let loaded = load(folder, given).and_then(|loaded| match loaded.expectation.is_empty() {
        true => Err(SuiteError::NothingExpected { path: expectation.clone() }),
        false => Ok(loaded),
    });
    let name = folder.path.display().to_string();
    match loaded {
        Ok(Loaded { expectation: expected, recording, recorded, warnings, .. }) => {
            let report = compared(name, expectation, Some(recording), &expected, &recorded, secrets);
            TestReport { notes: [report.notes, warnings].concat(), ..report }
        }
        Err(error) => {
            let outcome =
                TestOutcome::Error { place: error.place(), message: secrets.text(&error.to_string()).into_owned() };
            TestReport { name, expectation, recording: None, pods: 0, notes: Vec::new(), outcome }
        }
    }
}

/// Holds a recording against what is expected of it.
#[must_use]
pub fn compared(
    name: String,
    path: PathBuf,
    recording: Option<PathBuf>,
    expectation: &Expectation,
    recorded: &Recorded,
    secrets: Secrets,
) -> TestReport {
    let incomplete = &recorded.incomplete;
    let notes = incomplete.anywhere().into_iter().chain(incomplete.end.clone()).collect();
    let outcome = TestOutcome::Compared(compare(expectation, recorded).shown(secrets));
    TestReport { name, expectation: path, recording, pods: recorded.pods.len(), notes, outcome }
}

impl SuiteError {
    /// Where in the expectation it is, if it is there.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Expectation { wrong, .. } => Some(wrong.place),
            Self::Source(_)
            | Self::Ingest(_)
            | Self::Read(_)
            | Self::Closed(_)
            | Self::NoFile { .. }
            | Self::Unreadable { .. }
            | Self::NothingExpected { .. }
            | Self::NotRenewed { .. }
            | Self::NoRecording { .. } => None,
        }
    }
}

/// Runs tests, `threads` at a time, and tells of each in their order. `tell` says whether to go on; what comes behind the
/// one where it does not is not told, whether it was run or not.
pub fn run_all(folders: &[TestFolder], threads: usize, given: Given, mut tell: impl FnMut(TestReport) -> bool) {
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..threads.clamp(1, folders.len().max(1)) {
            let (sender, next, is_over) = (sender.clone(), &next, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(folder) = folders.get(index) else { return };
                    if sender.send((index, run(folder, given))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early: BTreeMap<usize, TestReport> = BTreeMap::new();
        let mut told = 0;
        for (index, report) in receiver {
            early.insert(index, report);
            while let Some(report) = early.remove(&told) {
                told += 1;
                if !tell(report) {
                    is_over.store(true, Ordering::Relaxed);
                    return;
                }
            }
        }
    });
}

/// A golden part made anew.
#[derive(Debug)]
pub struct Renewal {
    /// The file as it is; `None` if there is none.
    pub old: Option<(String, Option<GoldenLayout>)>,
    /// The golden part as it becomes.
    pub pods: Vec<RenewedPod>,
    /// What the old golden part expects otherwise.
    pub changes: Comparison,
    /// How many lines it has.
    pub lines: usize,
    recorded: Recorded,
}

impl Renewal {
    /// Whether a text is the old one with this golden part: it reads, the recording passes it, and nothing else changed.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn check(&self, path: &Path, text: &str) -> Result<(), SuiteError> {
        let wrong = |why: String| SuiteError::NotRenewed { path: path.to_owned(), why };
        let read = |text: &str| read(text).map_err(|error| wrong(error.to_string()));
        let new = read(text)?;
        let golden = new.golden.as_deref().unwrap_or_default();
        let pods = compare_golden(golden, &self.recorded, Tolerance(0));
        if let Some(pod) = pods.iter().find(|pod| pod.verdict() != Verdict::Passed) {
            let name = pod.recorded.as_ref().map(|pod| pod.name.clone()).unwrap_or_default();
            return Err(wrong(format!("it would not read back as it was written, pod {name}")));
        }
        if let Some((old, _)) = &self.old
            && read(old)?.spoken() != new.spoken()
        {
            return Err(wrong("something else in it would change".to_owned()));
        }
        Ok(())
    }
}

/// Makes the golden part of one test anew.
///
/// # Errors
/// When the recording or the old expectation cannot be read.
pub fn renewal(folder: &TestFolder, given: Given) -> Result<Renewal, SuiteError> {
    let Loaded { text, expectation, recorded, .. } = load(folder, given)?;
    let secrets = given.secrets;
    let path = folder.expectation();
    let old = match folder.has_expectation {
        true => {
            let layout = layout(&text).map_err(|wrong| SuiteError::Expectation { path, wrong })?;
            Some((text, layout))
        }
        false => None,
    };
    let golden_pods: Vec<GoldenPod> = recorded.pods.iter().map(golden_pod).collect();
    let golden = expectation.golden.unwrap_or_default();
    let changes = match old {
        Some((_, Some(_))) => compare_golden(&golden, &recorded, Tolerance(0)),
        Some((_, None)) | None => Vec::new(),
    };
    let changes = Comparison { pods: changes, claims: Vec::new() }.shown(secrets);
    let mut pods = renew(&golden, golden_pods, expectation.tolerance);
    if secrets == Secrets::Hidden {
        hide_in_golden(&mut pods);
    }
    let lines = pods.iter().flat_map(|pod| &pod.lines).filter(|line| line.line.is_some()).count();
    Ok(Renewal { old, pods, changes, lines, recorded })
}
