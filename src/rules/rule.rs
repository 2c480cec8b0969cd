//! A rule of `check`.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use super::need::Need;
use super::severity::Severity;

/// A rule of `check`.
#[derive(Debug)]
pub struct Rule {
    /// For example `PR001`.
    pub id: &'static str,
    /// For example `phase`.
    pub name: &'static str,
    /// How bad a deviation is, unless a finding says otherwise.
    pub severity: Severity,
    /// The rules of `docs/semantics.md` that it rests on.
    pub rests_on: &'static str,
    /// What must be known for it to judge an event; else it is silent.
    pub needs: &'static [Need],
    /// The text of its file, whose head is its page.
    pub(super) source: &'static str,
    /// Judges one event; rules about the stream or about several pods have none.
    pub(super) judge: Option<fn(&EventContext<'_>, &mut Diagnostics)>,
}
