//! The folder of a test: an expectation, and the recording beside it.

use std::fs;
use std::path::{Path, PathBuf};

use super::source::SourceError;

/// The name of an expectation.
pub const EXPECTATION: &str = "expect.yaml";
/// What the names of recordings end with, packed or not.
const ENDINGS: [&str; 6] = [".jsonl", ".json", ".ndjson", ".yaml", ".yml", ".log"];
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
}

impl TestFolder {
    /// Where the expectation is, or will be.
    #[must_use]
    pub fn expectation(&self) -> PathBuf {
        self.path.join(EXPECTATION)
    }
}

/// The folders with an expectation or a recording in a folder, itself included, in the order of their names. Hidden
/// folders and links to folders are passed over.
///
/// # Errors
/// When a folder cannot be read.
pub fn test_folders(folder: &Path) -> Result<Vec<TestFolder>, SourceError> {
    let mut found = Vec::new();
    collect(folder, 0, &mut found)?;
    Ok(found)
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<TestFolder>) -> Result<(), SourceError> {
    let failed = |source| SourceError::Open { name: folder.into(), source };
    let mut entries: Vec<(String, fs::FileType)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        // A name that is no UTF-8 is neither an expectation nor a folder that a person made for one.
        if let Ok(name) = entry.file_name().into_string() {
            entries.push((name, kind));
        }
    }
    entries.sort_by(|(left, _), (right, _)| left.cmp(right));
    let is_visible = |name: &&(String, fs::FileType)| !name.0.starts_with('.');
    let files = entries.iter().filter(|(_, kind)| !kind.is_dir()).map(|(name, _)| name);
    let test = TestFolder {
        path: folder.to_owned(),
        has_expectation: files.clone().any(|name| name == EXPECTATION),
        recordings: files.filter(|name| may_be_recording(name)).cloned().collect(),
    };
    if test.has_expectation || !test.recordings.is_empty() {
        found.push(test);
    }
    if depth < DEPTH_MAX {
        for (name, _) in entries.iter().filter(is_visible).filter(|(_, kind)| kind.is_dir()) {
            collect(&folder.join(name), depth + 1, found)?;
        }
    }
    Ok(())
}

fn may_be_recording(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = PACKED.iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    name != EXPECTATION && !name.starts_with('.') && ENDINGS.iter().any(|ending| plain.ends_with(ending))
}
