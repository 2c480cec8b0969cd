//! One interval of a row.

use std::fmt;

use super::health::Health;
use crate::replay::Value;
use crate::timeline::{Entry, TimeRange};

/// How long a value held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The value.
    pub shown: Shown,
    /// How good it is.
    pub health: Health,
    /// When it held, as observed.
    pub range: TimeRange,
    /// Why it ends there.
    pub end: End,
    /// The event that shows it first, by its place in the timeline.
    pub entry: usize,
    /// The transition that brought it, by its place in the timeline; none for the STATUS column.
    pub transition: Option<usize>,
}

/// Why an interval ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The value changed.
    Changed,
    /// The pod was gone.
    Gone,
    /// The recording ended; the value may have held on.
    Open,
}

impl End {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Open => "open",
        }
    }
}

/// What an interval shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The columns STATUS and READY of kubectl.
    Status {
        /// STATUS.
        status: String,
        /// READY, for example `1/2`.
        ready: String,
        /// Not all containers are ready.
        is_short: bool,
        /// What these columns do not say of it: that it is not ready, that it was evicted.
        note: Option<&'static str>,
    },
    /// The value of a subject.
    Value(Value),
    /// Something changed, and nothing tells when.
    Unknown,
}

impl Shown {
    /// The columns at an event.
    pub(super) fn of(entry: &Entry) -> Self {
        let columns = &entry.columns;
        Self::Status {
            status: columns.status.clone(),
            ready: columns.ready_text(),
            is_short: columns.ready < columns.total,
            note: None,
        }
    }

    /// How good it is. A pod that runs, and of which not all is ready, is on the way.
    pub(super) fn health(&self) -> Health {
        match self {
            Self::Value(value) => Health::of(value),
            Self::Unknown => Health::Unknown,
            Self::Status { status, is_short, .. } => {
                let health = Health::of_status(status);
                if health == Health::Good && *is_short { Health::Waiting } else { health }
            }
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(out),
            Self::Unknown => out.write_str("unknown"),
            Self::Status { status, .. } if status.is_empty() => out.write_str("unknown"),
            Self::Status { status, ready, note, .. } => {
                out.write_str(status)?;
                if status == "Running" {
                    write!(out, " {ready}")?;
                }
                note.map_or(Ok(()), |note| write!(out, ", {note}"))
            }
        }
    }
}
