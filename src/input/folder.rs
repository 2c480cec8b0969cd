//! Folders: what in them is a recording, and which of them are tests, with an expectation beside the recording.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::source::SourceError;

/// The name of an expectation.
pub const EXPECTATION: &str = "expect.yaml";
/// What the names of recordings end with, packed or not.
const ENDINGS: [&str; 6] = [".jsonl", ".json", ".ndjson", ".yaml", ".yml", ".log"];
/// The file with the settings of `check`.
const SETTINGS: &str = "podreplay.yaml";
const PACKED: [&str; 2] = [".zst", ".gz"];
/// Folders within folders deeper than this are not looked into.
const DEPTH_MAX: usize = 16;

/// A folder that is a test, or may become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFolder {
    /// The folder.
    pub path: PathBuf,
    /// It holds an expectation.
    pub has_expectation: bool,
    /// The files in it that may be recordings, by name.
    pub recordings: Vec<String>,
    /// Why it cannot be looked into, if it cannot.
    pub unreadable: Option<String>,
    /// The folder without links and dots, so that none is taken twice.
    pub real: PathBuf,
}

impl TestFolder {
    /// Where the expectation is, or will be.
    #[must_use]
    pub fn expectation(&self) -> PathBuf {
        self.path.join(EXPECTATION)
    }
}

/// The folders with an expectation or a recording in a folder, itself included, in the order of their names. Hidden
/// folders and links to folders are passed over; only regular files count, as a pipe may never end.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn test_folders(folder: &Path) -> Result<Vec<TestFolder>, SourceError> {
    let mut found = Vec::new();
    collect(folder, 0, &mut found).map_err(|source| SourceError::Open { name: folder.into(), source })?;
    Ok(found)
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<TestFolder>) -> io::Result<()> {
    let (mut files, mut folders): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        // A name that is no UTF-8 is neither an expectation nor a folder that a person made for one.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if kind.is_dir() && !name.starts_with('.') {
            folders.push(name);
        } else if fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file()) {
            files.push(name);
        }
    }
    files.sort();
    folders.sort();
    let test = TestFolder {
        path: folder.to_owned(),
        has_expectation: files.iter().any(|name| name == EXPECTATION),
        recordings: files.into_iter().filter(|name| may_be_recording(name)).collect(),
        unreadable: None,
        real: fs::canonicalize(folder)?,
    };
    if test.has_expectation || !test.recordings.is_empty() {
        found.push(test);
    }
    for name in folders.iter().filter(|_| depth < DEPTH_MAX) {
        let path = folder.join(name);
        if let Err(error) = collect(&path, depth + 1, found) {
            // Whether there is a test in it nobody knows: it must not look as if there were none.
            let unreadable = Some(format!("cannot read {}: {error}", path.display()));
            let real = path.clone();
            found.push(TestFolder { path, has_expectation: true, recordings: Vec::new(), unreadable, real });
        }
    }
    Ok(())
}

/// The recordings of a test's folder, in the order of their names.
///
/// # Errors
/// When the folder cannot be read.
pub fn recordings_in(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|source| SourceError::Open { name: folder.into(), source })?;
    let mut files: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    files.retain(|file| {
        file.is_file() && file.file_name().is_some_and(|name| may_be_recording(&name.to_string_lossy()))
    });
    files.sort();
    Ok(files)
}

/// A file in a folder that may be a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path from the folder on, the folder's own name included.
    pub name: PathBuf,
    /// Why it, or the folder of this name, cannot be looked into.
    pub unreadable: Option<String>,
    /// Why it is passed over unread.
    pub passed_over: Option<&'static str>,
}

impl FoundFile {
    /// A file that an argument names.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        Self { path: path.to_owned(), name: path.to_owned(), unreadable: None, passed_over: None }
    }
}

/// What stands between the name of an archive and that of a member.
pub(super) const MEMBER_MARK: &str = "!";

/// Folders in which dumps of a cluster keep the logs of containers, and how they call them elsewhere.
const LOGS_FOLDER: &str = "logs";
const LOGS: &str = "logs.txt";

/// Why a file of a folder or an archive is passed over unread, by its path from there on; "" for what no dump holds and nobody
/// need be told of.
pub(super) fn reason_to_pass_over(path: &Path) -> Option<&'static str> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name == EXPECTATION || name.starts_with('.') {
        return Some("");
    }
    let is_in_logs = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == LOGS_FOLDER);
    (is_in_logs && name.ends_with(".log") || name == LOGS).then_some("the log of a container")
}

/// Whether a name in an archive is one that leads out of it.
pub(super) fn leads_elsewhere(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    name.starts_with(['/', '\\']) || has_drive || name.split(['/', '\\']).any(|part| part == "..")
}

/// The files of a folder, in the order of their names, those of its folders among them. Hidden ones, links to folders and
/// expectations are left out; only regular files count, as a pipe may never end.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn files_in(folder: &Path) -> Result<Vec<FoundFile>, SourceError> {
    let failed = |source| SourceError::Open { name: folder.into(), source };
    let name = match folder.file_name() {
        Some(name) => PathBuf::from(name),
        None => fs::canonicalize(folder).map_err(failed)?.file_name().map(PathBuf::from).unwrap_or_default(),
    };
    let mut found = Vec::new();
    collect_files(folder, &name, 0, &mut found).map_err(failed)?;
    Ok(found)
}

fn collect_files(folder: &Path, name: &Path, depth: usize, found: &mut Vec<FoundFile>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, own) = (entry.path(), entry.file_name());
        let text = own.to_string_lossy();
        if text.starts_with('.') {
            continue;
        }
        let name = name.join(&own);
        if entry.file_type()?.is_dir() {
            if depth >= DEPTH_MAX {
                let unreadable = Some(format!("{}: more than {DEPTH_MAX} folders deep", name.display()));
                found.push(FoundFile { path, name, unreadable, passed_over: None });
            } else if let Err(error) = collect_files(&path, &name, depth + 1, found) {
                let unreadable = Some(format!("cannot read {}: {error}", name.display()));
                found.push(FoundFile { path, name, unreadable, passed_over: None });
            }
        } else if fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            let passed_over = reason_to_pass_over(&name);
            if passed_over != Some("") {
                found.push(FoundFile { path, name, unreadable: None, passed_over });
            }
        }
    }
    Ok(())
}

/// Whether a file can be read to its end: it is there, and it is no pipe and no device.
#[must_use]
pub fn is_regular(file: &Path) -> bool {
    fs::metadata(file).map_or(true, |metadata| metadata.is_file())
}

fn may_be_recording(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = PACKED.iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    name != EXPECTATION
        && name != SETTINGS
        && !name.starts_with('.')
        && ENDINGS.iter().any(|ending| plain.ends_with(ending))
}
