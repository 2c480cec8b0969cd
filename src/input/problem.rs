//! What was wrong with a record: where, what was found, what was expected.

use std::fmt;

/// A record that could not be taken. The records around it are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of trouble.
    pub kind: ProblemKind,
    /// The line in the (unpacked) input, counted from 1, where the trouble is.
    pub line: u64,
    /// The byte in the (unpacked) input, counted from 0, where the record begins.
    pub offset: u64,
    /// What was found and what was expected.
    pub message: String,
}

/// Sorts of trouble with one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// Not JSON or YAML, or not the shape of a record.
    Malformed,
    /// The input ends within a record: the capture was cut off.
    Truncated,
    /// Larger than a record may be.
    TooLarge,
    /// JSON or YAML that is of no known format.
    Foreign,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ProblemKind::Malformed | ProblemKind::Foreign => "",
            ProblemKind::Truncated => "truncated: ",
            ProblemKind::TooLarge => "too large: ",
        };
        write!(out, "line {}, byte {}: {kind}{}", self.line, self.offset, self.message)
    }
}
