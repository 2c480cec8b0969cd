//! Tables for query engines: the folder that `export --parquet` makes, what `ingest` takes of one, and the stream of `replay -o arrow`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::panic::{set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::sync::Once;

use podreplay::columns::{
    self, FINDINGS, Files, Folder, INTERVALS, LATENCY, MergedEvents, PartError, TABLES, TRANSITIONS, TableStream,
    export_of, is_decoding, write_events,
};
use podreplay::input::Source;
use podreplay::ops::Reading;
use podreplay::ops::grouped::{GroupedError, ReplayedPod, replayed_row};
use podreplay::ops::related::Notes;
use podreplay::ops::salvage::{Lost, SalvageError};
use podreplay::ops::select_pods::recorded;
use podreplay::render::json::{finding_rows, interval_rows, latency_row, transition_rows};
use podreplay::store::Reader;

use super::failure::{Failure, Kind};
use super::unfinished::{UNFINISHED_EXPORT, Unfinished, unfinished};
use super::written::not_written;

/// Whether an input that begins like this is Parquet.
pub(crate) fn is_parquet(head: &[u8]) -> bool {
    columns::is_parquet(head)
}

/// What of a damaged store is not in the tables.
#[derive(Debug, Default)]
pub(crate) struct NotExported {
    /// Records.
    pub(crate) records: Vec<Lost>,
    /// Why pods are missing, a line each.
    pub(crate) pods: Vec<String>,
}

/// Writes all tables of a log into a folder that is new or empty.
pub(crate) fn export(reader: &Reader<'_>, path: &Path) -> Result<NotExported, Failure> {
    let folder = NewFolder::make(path)?;
    let written = write(reader, folder.files())?;
    folder.keep().map_err(|error| not_written(path, &error))?;
    Ok(written)
}

fn write(reader: &Reader<'_>, files: NewFiles) -> Result<NotExported, Failure> {
    let path = files.0.clone();
    let failed = |error: io::Error| not_written(&path, &error);
    let stopped = |error: SalvageError| match error {
        SalvageError::Store(error) => error.into(),
        SalvageError::Take(error) => failed(error),
    };
    let mut folder = Folder::new(files, export_of(reader).map_err(stopped)?);
    let records = write_events(reader, &mut folder).map_err(stopped)?;
    let mut unreadable = Vec::new();
    let reading = Reading::new(reader);
    let notes = Notes::new(&reading);
    let mut rows = match recorded(&reading) {
        Ok(rows) => rows,
        Err(error) if error.is_of_one_pod() => {
            unreadable.push(format!("the pods: {error}"));
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    // As they came into the log: those of a day stand together, so that few files are open at once.
    rows.sort_by_key(|row| row.id);
    for row in rows {
        let taken = replayed_row::<PodError>(&reading, &notes, &row, |it| {
            let pod = Pod::of(it)?;
            Ok(pod.write(&mut folder)?)
        });
        match taken {
            Ok(()) => {}
            Err(PodError::Write(error)) => return Err(failed(error)),
            Err(PodError::Read(GroupedError::Read(error))) if error.is_of_one_pod() => {
                let name = format!("{}/{}", row.identity.namespace, row.identity.name);
                unreadable.push(format!("pod {name}: {error}"));
            }
            Err(PodError::Read(error)) => return Err(error.into()),
        }
        reading.bodies().next_pod();
    }
    folder.finish().map_err(failed)?;
    Ok(NotExported { records, pods: unreadable })
}

/// A pod that was read to its end: a row of one that was not would be of half a pod.
struct Pod<'a, 'p, 'r> {
    replayed: &'a ReplayedPod<'p, 'r>,
    latency: podreplay::latency::PodLatency,
}

impl<'a, 'p, 'r> Pod<'a, 'p, 'r> {
    fn of(replayed: &'a ReplayedPod<'p, 'r>) -> Result<Self, GroupedError> {
        Ok(Self { replayed, latency: replayed.latency()? })
    }

    fn write<F: Files>(&self, folder: &mut Folder<F>) -> io::Result<()> {
        let pod = &self.replayed.pod;
        transition_rows(pod, &mut folder.rows_of(&TRANSITIONS))?;
        interval_rows(pod, &mut folder.rows_of(&INTERVALS))?;
        finding_rows(pod, &mut folder.rows_of(&FINDINGS))?;
        latency_row(&self.latency, &mut folder.rows_of(&LATENCY))
    }
}

enum PodError {
    Read(GroupedError),
    Write(io::Error),
}

impl From<GroupedError> for PodError {
    fn from(error: GroupedError) -> Self {
        Self::Read(error)
    }
}

impl From<io::Error> for PodError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// The folder of an export, until it is whole.
struct NewFolder {
    path: PathBuf,
    /// It was made for the export.
    is_made: bool,
    is_kept: bool,
    _unfinished: Unfinished,
}

impl NewFolder {
    fn make(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| not_written(path, &error);
        let is_made = match fs::create_dir(path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(failed(error)),
        };
        let inner = path.join(UNFINISHED_EXPORT);
        for entry in fs::read_dir(path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if name != UNFINISHED_EXPORT {
                let found = name.to_string_lossy();
                let message = format!("{}: not empty, it has {found}; expected a new or empty folder", path.display());
                return Err(Failure::new(Kind::Usage, message)
                    .hint("name another folder, or remove this one if it is an old export"));
            }
        }
        let make = || {
            // What is there was left by an export that was killed.
            if inner.exists() {
                fs::remove_dir_all(&inner)?;
            }
            fs::create_dir(&inner).map(|()| inner)
        };
        let (_, unfinished) = unfinished(make, PathBuf::as_path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), is_made, is_kept: false, _unfinished: unfinished })
    }

    fn files(&self) -> NewFiles {
        NewFiles(self.path.join(UNFINISHED_EXPORT))
    }

    /// Puts the tables in their places.
    fn keep(mut self) -> io::Result<()> {
        let inner = self.path.join(UNFINISHED_EXPORT);
        for table in TABLES {
            let from = inner.join(table.name);
            if from.exists() {
                fs::rename(from, self.path.join(table.name))?;
            }
        }
        fs::remove_dir(&inner)?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.is_kept {
            // The error that stopped the export is reported elsewhere.
            let _ = fs::remove_dir_all(self.path.join(UNFINISHED_EXPORT));
            if self.is_made {
                let _ = fs::remove_dir(&self.path);
            }
        }
    }
}

/// Makes the files of a folder.
struct NewFiles(PathBuf);

impl Files for NewFiles {
    type File = BufWriter<File>;

    fn create(&mut self, path: &str) -> io::Result<Self::File> {
        let path = self.0.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(BufWriter::new(File::create_new(path)?))
    }
}

const UNKNOWN: &str = "files that another program wrote do not say how many records the export had, nor which recordings begin with \
                         records of others; what is missing may look like a gap";

/// The recordings in files of an export, one after the other.
pub(crate) struct Recordings(MergedEvents);

impl Recordings {
    pub(crate) fn open(files: &[PathBuf]) -> Result<Self, Failure> {
        keep_decoder_quiet();
        Ok(Self(MergedEvents::open(files).map_err(refused)?))
    }

    /// What is missing of the exports, a sentence each.
    pub(crate) fn incomplete(&self) -> Vec<String> {
        let sentence = |(found, records): (u64, u64)| {
            format!(
                "these files have {found} of the {records} records of an export; what is missing may look like a gap"
            )
        };
        let unknown = self.0.has_unknown().then(|| UNKNOWN.to_owned());
        self.0.incomplete().into_iter().map(sentence).chain(unknown).collect()
    }

    pub(crate) fn next(&mut self) -> Result<Option<Source>, Failure> {
        self.0.next_recording().map_err(refused)
    }
}

/// The Parquet decoder panics on some damage. That is reported as an error, so its panic message is suppressed.
fn keep_decoder_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !is_decoding() {
                usual(panic)
            }
        }));
    });
}

fn refused(error: PartError) -> Failure {
    let failure = Failure::new(Kind::BadInput, error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Begins a stream of Arrow with the rows of a table.
pub(crate) fn stream<W: Write>(table: &str, out: W) -> Result<TableStream<W>, Failure> {
    let table = TABLES.into_iter().find(|it| it.name == table).expect("what replay emits are tables");
    Ok(TableStream::new(table, out)?)
}
