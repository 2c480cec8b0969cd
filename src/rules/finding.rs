//! What a rule has found.

use super::rule::Rule;
use super::severity::Severity;
use crate::model::{ResourceVersion, Seq, Window};
use crate::replay::Subject;

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
