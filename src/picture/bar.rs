//! One interval of a row.

use std::fmt;

use super::Health;
use crate::model::ObservedAt;
use crate::replay::Value;

/// From one moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// When it begins.
    pub from: ObservedAt,
    /// When it ends; not before it begins.
    pub until: ObservedAt,
}

impl Stretch {
    /// All of time.
    pub const ALWAYS: Self = Self { from: ObservedAt::from_micros(i64::MIN), until: ObservedAt::from_micros(i64::MAX) };

    /// One that does not end before it begins.
    #[must_use]
    pub fn new(from: ObservedAt, until: ObservedAt) -> Self {
        Self { from, until: until.max(from) }
    }

    /// Whether a moment lies in it, ends included.
    #[must_use]
    pub fn contains(&self, at: ObservedAt) -> bool {
        (self.from..=self.until).contains(&at)
    }

    /// Whether two have a moment in common.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        self.from <= other.until && other.from <= self.until
    }

    /// What two have in common.
    #[must_use]
    pub fn common(&self, other: &Self) -> Option<Self> {
        self.touches(other).then(|| Self { from: self.from.max(other.from), until: self.until.min(other.until) })
    }

    /// The shortest that holds both.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        Self { from: self.from.min(other.from), until: self.until.max(other.until) }
    }

    /// How long it is, in microseconds.
    #[must_use]
    pub fn length_us(&self) -> i64 {
        self.until.micros_since(self.from)
    }
}

/// How long a value held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The value.
    pub shown: Shown,
    /// When it held, as observed.
    pub stretch: Stretch,
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
    },
    /// The value of a subject.
    Value(Value),
}

impl Shown {
    /// How good it is. A pod that runs, and of which not all is ready, is on the way.
    #[must_use]
    pub fn health(&self) -> Health {
        match self {
            Self::Value(value) => Health::of(value),
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
            Self::Status { status, ready, .. } if status == "Running" => write!(out, "{status} {ready}"),
            Self::Status { status, .. } => out.write_str(status),
        }
    }
}
