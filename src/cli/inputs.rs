//! The inputs that arguments name: files as they are, folders and archives with the files in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use podreplay::input::archive::{Archive, Member, Members};
use podreplay::input::folder::{FoundFile, files_in};
use podreplay::input::{Source, Stop};

use podreplay::ops::{IngestError, IngestReport, holdings};
use podreplay::render::many;

use super::failure::{Failure, Kind};
use super::parquet::{Recordings, is_parquet};
use super::unfinished::UNFINISHED_EXPORT;

/// What came of one file.
pub(crate) enum Outcome {
    /// It was read.
    Read(Box<IngestReport>),
    /// It cannot be read.
    Failed(IngestError),
    /// It, or a folder within, cannot be looked into: why.
    Unreadable(String),
}

/// Has an input taken.
type Take<'a> = dyn FnMut(Source) -> Result<IngestReport, IngestError> + 'a;
/// Is told what came of each file that is no healthy file of something else.
type Tell<'a> = dyn FnMut(Outcome) -> Result<(), Failure> + 'a;

/// What came of the files that an argument names.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// It names a folder or an archive: nobody said of its files that they are recordings.
    is_many: bool,
    files: usize,
    taken: usize,
    /// Files of Parquet: what is in them is taken together, behind all else.
    tables: Vec<PathBuf>,
    /// What is missing of the exports that they are of.
    incomplete: Vec<String>,
    damaged: usize,
    /// Healthy files that say nothing of pods, and what they hold.
    others: Vec<(PathBuf, String)>,
    /// Files of no known format, and why they are of none.
    unknown: Vec<(PathBuf, String)>,
    /// What the others hold, by kind.
    skipped: BTreeMap<String, u64>,
}

/// Has the file taken that an argument names, or the files in the folder or the archive, until it is told to stop.
///
/// # Errors
/// When the folder cannot be read, or the store fails: no other input can be taken then either.
pub(crate) fn take_each(
    argument: &Path,
    stop: &Stop,
    take: &mut Take<'_>,
    tell: &mut Tell<'_>,
) -> Result<Tally, Failure> {
    let is_of_cut_export = argument.components().any(|it| it.as_os_str() == UNFINISHED_EXPORT);
    if is_of_cut_export || argument.join(UNFINISHED_EXPORT).exists() {
        let message = format!("{}: an export to Parquet that was cut; expected a whole one", argument.display());
        return Err(Failure::new(Kind::BadInput, message)
            .hint("export the store again, into the same folder: podreplay export --parquet FOLDER"));
    }
    let is_many = argument.as_os_str() != "-" && argument.is_dir();
    let mut tally = Tally { is_many, ..Tally::default() };
    let files = match is_many {
        true => files_in(argument).map_err(IngestError::from)?,
        false => vec![FoundFile::named(argument)],
    };
    for file in files {
        if let Some(why) = file.passed_over {
            tally.pass_over(file.name, why);
        } else if let Some(why) = file.unreadable {
            tally.fail(Outcome::Unreadable(why), tell)?;
        } else {
            match Source::open_until(&file.path, stop) {
                Ok(source) => tally.take_file(&file.path, Source { name: file.name, ..source }, take, tell)?,
                Err(error) => tally.fail(Outcome::Failed(error.into()), tell)?,
            }
        }
        if is_stopped(stop) {
            break;
        }
    }
    Ok(tally)
}

/// Ingests the recordings in Parquet files, until a signal stops it.
///
/// # Errors
/// When a file cannot be read, or the store fails.
pub(crate) fn take_tables(
    files: &[PathBuf],
    stop: &Stop,
    take: &mut Take<'_>,
    tell: &mut Tell<'_>,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    if files.is_empty() {
        return Ok(tally);
    }
    let mut recordings = Recordings::open(files)?;
    tally.incomplete = recordings.incomplete();
    while let Some(source) = recordings.next()? {
        tally.take(source, take, tell)?;
        if is_stopped(stop) {
            break;
        }
    }
    Ok(tally)
}

fn is_stopped(stop: &Stop) -> bool {
    stop.load(Ordering::Relaxed) != 0
}

/// How many files an error lists.
const LISTED_MAX: usize = 5;

impl Tally {
    /// What is missing of the exports that were taken, a warning each.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        self.incomplete.iter().map(|what| format!("warning: {what}"))
    }

    fn pass_over(&mut self, name: PathBuf, what: &str) {
        self.files += 1;
        self.others.push((name, what.to_owned()));
    }

    fn not_understood(&mut self, name: PathBuf, why: String) {
        self.files += 1;
        self.unknown.push((name, why));
    }

    fn fail(&mut self, outcome: Outcome, tell: &mut Tell<'_>) -> Result<(), Failure> {
        self.files += 1;
        self.damaged += 1;
        tell(outcome)
    }

    /// Takes a file, or what is in it if it is an archive.
    fn take_file(
        &mut self,
        path: &Path,
        source: Source,
        take: &mut Take<'_>,
        tell: &mut Tell<'_>,
    ) -> Result<(), Failure> {
        if path.is_file() && source.is_plain && is_parquet(&source.head) {
            self.tables.push(path.to_owned());
            return Ok(());
        }
        let Some(archive) = Archive::detect(&source.head) else { return self.take(source, take, tell) };
        self.is_many = true;
        let members = match Members::of(archive, source, path) {
            Ok(members) => members,
            Err(error) => return self.fail(Outcome::Failed(error.into()), tell),
        };
        for member in members {
            match member {
                Member::File(source) if Archive::detect(&source.head).is_some() => {
                    self.not_understood(source.name, "an archive inside an archive is not read".to_owned());
                }
                Member::File(source) => self.take(source, take, tell)?,
                Member::Refused(name) => self.not_understood(name, "its path points outside the archive".to_owned()),
                Member::PassedOver(name, why) => self.pass_over(name, why),
                // Told to stop it reads no further.
                Member::Failed(error) if !error.is_stop() => self.fail(Outcome::Failed(error.into()), tell)?,
                Member::Failed(_) => break,
            }
        }
        Ok(())
    }

    fn take(&mut self, source: Source, take: &mut Take<'_>, tell: &mut Tell<'_>) -> Result<(), Failure> {
        let name = source.name.clone();
        let report = match take(source) {
            Ok(report) => report,
            Err(IngestError::UnknownFormat { head, guess, .. }) if self.is_many => {
                let what = guess.map_or_else(|| format!("it begins with \"{head}\""), |guess| guess.what.to_owned());
                self.not_understood(name, what);
                return Ok(());
            }
            Err(
                error @ (IngestError::Source(_)
                | IngestError::UnknownFormat { .. }
                | IngestError::Strict { .. }
                | IngestError::Cut { .. }),
            ) => return self.fail(Outcome::Failed(error), tell),
            Err(error) => return Err(error.into()),
        };
        if report.records + report.records_known == 0 {
            if !report.is_clean() && self.is_many && !report.is_of_known_format() {
                self.not_understood(name, report.first_trouble());
                return Ok(());
            }
            if !report.is_clean() {
                return self.fail(Outcome::Read(Box::new(report)), tell);
            }
            if self.is_many || !report.skipped.is_empty() {
                self.pass_over(name, &holdings(&report.skipped));
                for (kind, count) in report.skipped {
                    *self.skipped.entry(kind).or_default() += count;
                }
                return Ok(());
            }
        }
        self.files += 1;
        self.taken += 1;
        tell(Outcome::Read(Box::new(report)))
    }

    /// How many files were taken of how many, if more may have been.
    pub(crate) fn summary(&self, argument: &Path, verbose: bool) -> Option<String> {
        let are = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 is {what}")),
            _ => Some(format!("{count} are {what}")),
        };
        let passed_over = [
            are(self.others.len(), "not about pods"),
            are(self.unknown.len(), "of unknown format"),
            are(self.damaged, "damaged"),
        ];
        let passed_over = passed_over.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let (argument, taken, files) = (argument.display(), self.taken, many(self.files, "file"));
        let hint = if verbose || !self.has_passed_over() { "" } else { " (--verbose lists them)" };
        let behind = if passed_over.is_empty() { String::new() } else { format!("; {passed_over}{hint}") };
        let is_many = self.is_many && (self.files > 0 || self.tables.is_empty());
        is_many.then(|| format!("{argument}: loaded {taken} of {files}{behind}"))
    }

    /// Whether a file was passed over that no line is about.
    fn has_passed_over(&self) -> bool {
        !self.others.is_empty() || !self.unknown.is_empty()
    }

    /// Whether there are files that may be about pods, for all one knows.
    pub(crate) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// The files that were passed over, a line each.
    pub(crate) fn passed_over(&self) -> impl Iterator<Item = String> + '_ {
        let others = self.others.iter().map(|(name, what)| format!("{}: not about pods: {what}", name.display()));
        let unknown = self.unknown.iter().map(|(name, why)| format!("{}: unknown format: {why}", name.display()));
        others.chain(unknown)
    }

    /// What an argument holds of which nothing could be taken. Of what is damaged was told already.
    fn nothing_taken(&self, argument: &Path) -> Option<Failure> {
        if self.taken + self.tables.len() + self.damaged > 0 {
            return None;
        }
        let argument = argument.display();
        let found = match (self.skipped.is_empty(), self.has_unknown()) {
            (true, true) => format!("{argument}: no file of a known format"),
            (true, false) => format!("{argument}: nothing about pods"),
            (false, _) => format!("{argument}: nothing about pods, only {}", holdings(&self.skipped)),
        };
        let rest = match self.has_unknown() && !self.skipped.is_empty() {
            true => format!("; {} of unknown format", many(self.unknown.len(), "file")),
            false => String::new(),
        };
        let listed = self.passed_over().filter(|_| self.is_many).take(LISTED_MAX).collect();
        let failure = Failure::new(Kind::BadInput, found + &rest).with_details(listed);
        Some(failure.hint("see what is known: podreplay formats"))
    }

    /// The files of Parquet that are to be taken together.
    pub(crate) fn tables(&self) -> &[PathBuf] {
        &self.tables
    }

    /// Whether something was taken.
    pub(crate) fn has_taken(&self) -> bool {
        self.taken > 0
    }
}

/// The arguments that hold nothing about pods. Beside others that do they are skipped: who names all files of a folder names these too.
#[derive(Debug, Default)]
pub(crate) struct WithoutPods {
    is_beside_pods: bool,
    failures: Vec<Failure>,
}

impl WithoutPods {
    /// Looks at what came of an argument.
    ///
    /// # Errors
    /// When nothing could be taken of it, and not because it is about something else.
    pub(crate) fn look(&mut self, argument: &Path, tally: &Tally) -> Result<(), Failure> {
        self.is_beside_pods |= tally.has_taken();
        match tally.nothing_taken(argument) {
            Some(failure) if tally.skipped.is_empty() || tally.has_unknown() => Err(failure),
            failure => {
                self.failures.extend(failure);
                Ok(())
            }
        }
    }

    /// Notes what came of what was taken together.
    pub(crate) fn note(&mut self, tally: &Tally) {
        self.is_beside_pods |= tally.has_taken();
    }

    /// What to tell when every argument was looked at.
    ///
    /// # Errors
    /// The first of them, if there is nothing else.
    pub(crate) fn told(self) -> Result<Vec<String>, Failure> {
        let is_beside_pods = self.is_beside_pods;
        let mut failures = self.failures.into_iter();
        match failures.next() {
            Some(first) if !is_beside_pods => Err(first),
            first => {
                Ok(first.into_iter().chain(failures).map(|failure| format!("skipped {}", failure.message())).collect())
            }
        }
    }
}
