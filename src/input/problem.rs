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
    Unrecognized,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ProblemKind::Malformed | ProblemKind::Unrecognized => "",
            ProblemKind::Truncated => "truncated: ",
            ProblemKind::TooLarge => "too large: ",
        };
        write!(out, "line {}, byte {}: {kind}{}", self.line, self.offset, self.message)
    }
}

/// How many line breaks stand before the trouble; a line break that is itself the trouble (column 0 of the next line) is
/// not counted.
pub(super) fn lines_before(error: &serde_json::Error) -> u64 {
    (error.line() as u64).saturating_sub(if error.column() == 0 { 2 } else { 1 })
}

/// The parser's words and what was expected.
pub(super) fn explain(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let reason = words.rsplit_once(" at line ").map_or(words.as_str(), |(reason, _)| reason);
    let expected = match error.classify() {
        serde_json::error::Category::Data => "not the format that an API server writes",
        serde_json::error::Category::Eof => "the record is cut off; expected it to end before the next one begins",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            "not JSON; expected a watch event {\"type\":…,\"object\":…}, a Pod or a PodList"
        }
    };
    // The parser's words for a line break within a text: the line was cut.
    if reason.starts_with("control character") && error.column() > 0 {
        return format!(
            "a line break within a text (column {}): the record is cut off; expected all of it",
            error.column()
        );
    }
    // What the parser calls a struct is an object.
    let reason = match reason.split_once("expected struct ") {
        Some((found, name)) => format!("{found}expected an object{}", name.trim_start_matches(char::is_alphanumeric)),
        None => reason.to_owned(),
    };
    format!("{reason} (column {}): {expected}", error.column())
}
