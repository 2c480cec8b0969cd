//! The findings of one event while they are made.

use std::collections::BTreeMap;

use super::severity::Severity;
use crate::replay::Subject;

/// A finding without the event that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) rule: usize,
    pub(super) severity: Option<Severity>,
    pub(super) subject: Subject,
    pub(super) expected: String,
    pub(super) actual: String,
    pub(super) message: String,
}

/// What the rules say of one event.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    /// The rule that is judging.
    pub(super) rule: usize,
    pub(super) raw: Vec<Raw>,
    /// What they are about, and whether it is in doubt: no lawful cause is known.
    doubted: BTreeMap<Subject, bool>,
}

impl Diagnostics {
    /// Adds a finding, unless a rule before has one about this subject.
    pub(super) fn push(
        &mut self,
        subject: Subject,
        expected: impl Into<String>,
        actual: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.add(None, subject, expected.into(), actual.into(), message.into());
    }

    /// Adds a finding that is lawful and has a known cause.
    pub(super) fn warn(
        &mut self,
        subject: Subject,
        expected: impl Into<String>,
        actual: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.add(Some(Severity::Warning), subject, expected.into(), actual.into(), message.into());
    }

    fn add(&mut self, severity: Option<Severity>, subject: Subject, expected: String, actual: String, message: String) {
        let actual = if actual.is_empty() { "an empty text".to_owned() } else { actual };
        if !self.is_found(&subject) {
            self.doubted.insert(subject.clone(), severity.is_none());
            self.raw.push(Raw { rule: self.rule, severity, subject, expected, actual, message });
        }
    }

    /// A rule has found something about this subject.
    pub(super) fn is_found(&self, subject: &Subject) -> bool {
        self.doubted.contains_key(subject)
    }

    /// A rule doubts what the event says of this subject.
    pub(super) fn doubts(&self, subject: &Subject) -> bool {
        self.doubted.get(subject) == Some(&true)
    }

    /// A rule doubts what the event says of its containers: what the model makes of them is in doubt with it.
    pub(super) fn doubts_containers(&self) -> bool {
        self.raw.iter().any(|raw| matches!(raw.subject, Subject::Container(..)) && raw.severity.is_none())
    }
}
