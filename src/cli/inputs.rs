//! The inputs that arguments name: files as they are, folders with the files in them.

use std::path::{Path, PathBuf};

use podreplay::input::folder::files_in;
use podreplay::input::{Source, SourceError, Stop};
use podreplay::ops::{IngestError, IngestReport};

use super::failure::{Failure, Kind};
use super::output::Output;

/// One file to read.
pub(crate) struct Input {
    path: PathBuf,
    name: PathBuf,
    /// It was found in a folder: nobody said that it is a recording.
    is_found: bool,
}

/// What came of one input.
pub(crate) enum Outcome {
    /// It was read.
    Read(Box<IngestReport>),
    /// It was found in a folder and is of no known format.
    Unrecognized,
    /// It cannot be read.
    Failed(IngestError),
}

/// The inputs of an argument, and what in its folder cannot be looked into.
pub(crate) struct Inputs {
    pub(crate) inputs: Vec<Input>,
    pub(crate) unreadable: Vec<String>,
}

impl Inputs {
    /// The file, or the files in the folder.
    pub(crate) fn of(argument: &Path) -> Result<Self, SourceError> {
        if argument.as_os_str() == "-" || !argument.is_dir() {
            let input = Input { path: argument.to_owned(), name: argument.to_owned(), is_found: false };
            return Ok(Self { inputs: vec![input], unreadable: Vec::new() });
        }
        let mut found = Self { inputs: Vec::new(), unreadable: Vec::new() };
        for file in files_in(argument)? {
            match file.unreadable {
                Some(why) => found.unreadable.push(why),
                None => found.inputs.push(Input { path: file.path, name: file.name, is_found: true }),
            }
        }
        Ok(found)
    }
}

impl Input {
    /// Opens it and has it taken, until it is told to stop.
    ///
    /// # Errors
    /// When the store fails: no other input can be taken then either.
    pub(crate) fn take(
        &self,
        stop: &Stop,
        take: impl FnOnce(Source) -> Result<IngestReport, IngestError>,
    ) -> Result<Outcome, Failure> {
        let opened = Source::open_until(&self.path, stop).map_err(IngestError::from);
        let named = opened.map(|source| Source { name: self.name.clone(), ..source });
        match named.and_then(take) {
            Ok(report) if self.is_found && report.is_unrecognized() => Ok(Outcome::Unrecognized),
            Ok(report) => Ok(Outcome::Read(Box::new(report))),
            Err(IngestError::UnknownFormat { .. }) if self.is_found => Ok(Outcome::Unrecognized),
            Err(
                error @ (IngestError::Source(_)
                | IngestError::UnknownFormat { .. }
                | IngestError::Strict { .. }
                | IngestError::Cut { .. }),
            ) => Ok(Outcome::Failed(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &Path {
        &self.name
    }
}

/// How many names a line lists.
const LISTED_MAX: usize = 5;

/// A line about the files of a folder that are of no known format. `None` if there are none.
pub(crate) fn unrecognized_line(folder: &Path, unrecognized: &[PathBuf]) -> Option<String> {
    if unrecognized.is_empty() {
        return None;
    }
    let mut names: Vec<String> = unrecognized.iter().take(LISTED_MAX).map(|name| name.display().to_string()).collect();
    if unrecognized.len() > LISTED_MAX {
        names.push(format!("and {} more", unrecognized.len() - LISTED_MAX));
    }
    let files = if unrecognized.len() == 1 { "file" } else { "files" };
    let (folder, count) = (folder.display(), unrecognized.len());
    Some(format!("{folder}: {count} {files} of no known format passed over: {}", names.join(", ")))
}

/// A folder without a file that could be read is as bad as such a file.
pub(crate) fn nothing_in(folder: &Path) -> Failure {
    Failure::new(Kind::BadInput, format!("{}: holds no file of a known format", folder.display()))
        .hint("see what is known: podreplay formats")
}

/// Tells what of a folder cannot be looked into.
pub(crate) fn tell_unreadable(inputs: &Inputs, output: &Output) {
    inputs.unreadable.iter().for_each(|why| output.complain(why));
}
