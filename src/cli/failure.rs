//! What ends a command early: its kind, its exit code, and hints on lines of their own.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use podreplay::input::SourceError;
use podreplay::input::guess::Guess;
use podreplay::ops::salvage::SalvageError;
use podreplay::ops::select_pods::SelectError;
use podreplay::ops::{IngestError, ReadError};
use podreplay::select::OwnerPattern;
use podreplay::store::StoreError;

use super::signals;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something to tell.
    Told {
        /// Which exit code.
        kind: Kind,
        /// What was found, where, and what was expected.
        message: String,
        /// A list that belongs to the message, a line each.
        details: Vec<String>,
        /// What to do.
        hints: Vec<String>,
    },
    /// The reader of the output went away: that is success.
    ClosedPipe,
}

/// Kinds of failure, one an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It differs.
    Differs,
    /// The command line asks for something that is not there.
    Usage,
    /// An input is not what it should be.
    BadInput,
    /// The store, or the output, cannot be used.
    Store,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Differs, Self::Usage, Self::BadInput, Self::Store];

    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(self) -> u8 {
        match self {
            Self::Differs => 1,
            Self::Usage => 2,
            Self::BadInput => 3,
            Self::Store => 4,
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Differs => "check, diff or test found something; verify: only the transitions differ",
            Self::Usage => "wrong command line, or no such pod, rule or time",
            Self::BadInput => "an input is unreadable, of unknown format or has broken records; the rest was loaded",
            Self::Store => "the store or the output is unusable: damaged, foreign, busy, not writable, disk full",
        }
    }
}

/// What the exit codes mean, a line each.
pub(crate) fn exit_codes() -> String {
    let mut text = "Exit codes:\n    0  success; a closed output pipe counts as success, as does a stdout that is not open (>&-)\n".to_owned();
    for kind in Kind::ALL {
        text.push_str(&format!("    {}  {}\n", kind.code(), kind.meaning()));
    }
    for (signal, name) in signals::ENDING {
        text.push_str(&format!(
            "  {}  {name} stopped ingest; everything read so far is saved\n",
            signals::code_of(signal)
        ));
    }
    text
}

impl Failure {
    /// What was found and where, without hints.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Told { message, .. } => message,
            Self::ClosedPipe => "",
        }
    }

    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self::Told { kind, message: message.into(), details: Vec::new(), hints: Vec::new() }
    }

    /// Whether another input may still be taken.
    pub(crate) fn is_about_input(&self) -> bool {
        matches!(self, Self::Told { kind: Kind::BadInput, .. })
    }

    pub(crate) fn with_details(mut self, lines: Vec<String>) -> Self {
        if let Self::Told { details, .. } = &mut self {
            *details = lines;
        }
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Told { hints, .. } = &mut self {
            hints.push(hint.into());
        }
        self
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::new(Kind::Store, format!("cannot write the output: {error}"))
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::new(Kind::Store, error.to_string());
        match error {
            StoreError::Missing { .. } => failure
                .hint("load a capture first: podreplay ingest FILE")
                .hint("or read a file without a store: -f FILE; or set the store with --db or PODREPLAY_DB"),
            StoreError::Empty { .. } => failure
                .hint("load a capture first: podreplay ingest FILE")
                .hint("or read a file without a store: -f FILE"),
            StoreError::NotAFile { .. } | StoreError::Folder { .. } => {
                failure.hint("set a file with --db FILE").hint("to read a capture without a store: -f FILE")
            }
            StoreError::ChangesBeside { .. } => failure
                .hint("copy the store and that file to a writable folder and read the copy")
                .hint("or have its owner run podreplay ingest again, which merges that file into the store"),
            StoreError::Unrecognized { .. } => {
                failure.hint("set a store with --db FILE").hint("to read a capture without a store: -f FILE")
            }
            StoreError::Older { .. } => failure.hint("set another store with --db FILE"),
            StoreError::Newer { .. } => failure.hint("use a newer podreplay"),
            StoreError::Full { .. } => failure.hint("free disk space and run the same command again: it resumes"),
            StoreError::Busy { .. } => failure.hint("only one process can write at a time; wait and try again"),
            StoreError::Open { .. } => failure,
            StoreError::Sqlite { .. } => {
                failure.hint("writing needs a writable file and folder; reading works without")
            }
            StoreError::Damaged { .. } => failure
                .hint("list all damage: podreplay verify")
                .hint("restore the store from a copy, or ingest the captures again")
                .hint("or save what is readable: podreplay export > rest.jsonl"),
        }
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Store(error) => error.into(),
            IngestError::Source(SourceError::Read { ref source, .. }) if let Some(hint) = hint_of_read(source) => {
                Self::new(Kind::BadInput, error.to_string()).hint(hint)
            }
            IngestError::Source(SourceError::Open { .. } | SourceError::Folder { .. } | SourceError::Read { .. })
            | IngestError::Strict { .. }
            | IngestError::Cut { .. } => Self::new(Kind::BadInput, error.to_string()),
            IngestError::UnknownFormat { guess: Some(Guess { to_do, .. }), .. } => {
                Self::new(Kind::BadInput, error.to_string()).hint(to_do).hint("list the formats: podreplay formats")
            }
            IngestError::UnknownFormat { guess: None, .. } => Self::new(Kind::BadInput, error.to_string())
                .hint("save one with: kubectl get pods -A -w --output-watch-events -o json > events.jsonl")
                .hint("list the formats: podreplay formats")
                .hint("or force the format: --format json, --format yaml"),
            IngestError::Read(error) => error.into(),
            IngestError::Pack(_) => Self::new(Kind::Store, error.to_string()),
        }
    }
}

/// What to do about a file of Parquet that failed while it was read.
#[cfg(feature = "parquet")]
fn hint_of_read(error: &io::Error) -> Option<&'static str> {
    error.get_ref()?.downcast_ref::<podreplay::columns::PartError>()?.hint()
}

#[cfg(not(feature = "parquet"))]
fn hint_of_read(_: &io::Error) -> Option<&'static str> {
    None
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => error.into(),
            ReadError::NotShown { .. } => {
                Self::new(Kind::BadInput, error.to_string()).hint("print the original record: podreplay export")
            }
            ReadError::Damaged { .. } => Self::new(Kind::Store, error.to_string()),
        }
    }
}

impl From<SalvageError> for Failure {
    fn from(error: SalvageError) -> Self {
        match error {
            SalvageError::Store(error) => error.into(),
            SalvageError::Take(error) => error.into(),
        }
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        let failure = Self::new(Kind::Usage, error.to_string());
        match error {
            SelectError::Read(error) => error.into(),
            SelectError::Unknown { name, near } if near.is_empty() && Path::new(&name).exists() => {
                failure.hint("to read several files, repeat -f: -f A -f B")
            }
            SelectError::Unknown { name, .. } if OwnerPattern::parse(&name).is_ok_and(|it| it.names_workload()) => {
                failure.hint(format!("the pods of a workload: --owner {name}"))
            }
            SelectError::Unknown { near, .. } if near.is_empty() => {
                failure.hint("list the pods: podreplay history -o wide, or podreplay pods with another --at")
            }
            SelectError::Unknown { near, .. } => failure.hint(format!("did you mean {}?", near.join(", "))),
            SelectError::Ambiguous { candidates, .. } => failure
                .with_details(candidates)
                .hint("copy one from the list; timeline, history and pods show them all with --all"),
        }
    }
}
