//! A time range.

use crate::model::ObservedAt;

/// From one moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// When it begins.
    pub from: ObservedAt,
    /// When it ends; not before it begins.
    pub until: ObservedAt,
}

impl TimeRange {
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
