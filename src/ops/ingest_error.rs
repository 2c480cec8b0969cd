//! What ends an ingest.

use std::io;
use std::path::PathBuf;

use super::read_error::ReadError;
use crate::input::guess::Guess;
use crate::input::{Problem, SourceError};
use crate::store::StoreError;

/// Why an input is not taken, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The input cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// No known format.
    #[error("{}: unknown format: it begins with \"{head}\"{}; looked for JSON ('{{' or '['), YAML ('key:') and lines with JSON behind a time", name.display(), looks_like(*.guess))]
    UnknownFormat {
        /// The input.
        name: PathBuf,
        /// Its first characters, escaped.
        head: String,
        /// What it may be.
        guess: Option<Guess>,
    },
    /// `--strict` and a bad record.
    #[error("{}: {problem}", name.display())]
    Strict {
        /// The input.
        name: PathBuf,
        /// What was wrong.
        problem: Problem,
    },
    /// `--strict` and an input that ends in the middle.
    #[error("{}: {what}", name.display())]
    Cut {
        /// The input.
        name: PathBuf,
        /// What was found.
        what: String,
    },
    /// The store cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was appended before cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Packing failed.
    #[error("cannot compress: {0}")]
    Pack(#[source] io::Error),
}

fn looks_like(guess: Option<Guess>) -> String {
    guess.map(|guess| format!(", which looks like {}", guess.what)).unwrap_or_default()
}
