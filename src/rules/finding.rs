//! What a rule has found.

use std::fmt;

use super::Rule;
use crate::model::{ResourceVersion, Seq, Window};
use crate::replay::Subject;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something about the recording that a reader should know; says nothing against the cluster.
    Info,
    /// Lawful, with a cause that the finding names, and worth a look.
    Warning,
    /// Against the rules.
    Error,
}

impl Severity {
    /// All, the mildest first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word used in documents and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// One deviation, however many events show it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The first event that shows it.
    pub seq: Seq,
    /// The version of that event.
    pub resource_version: Option<ResourceVersion>,
    /// When that event happened.
    pub window: Window,
    /// What the rules give.
    pub expected: String,
    /// What is recorded.
    pub actual: String,
    /// A sentence: why it matters here, or what its lawful cause is.
    pub message: String,
    /// The last event that shows it.
    pub last_seq: Seq,
    /// How many events show it.
    pub count: usize,
    /// All of them, in order.
    pub shown_by: Vec<Seq>,
}
