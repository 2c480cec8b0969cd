//! When the events of a pod happened, for its drawing.

use super::bar::End;
use crate::model::ObservedAt;
use crate::report::PodReport;

/// When the events of a pod happened, and until when it is drawn.
pub(super) struct Times {
    at: Vec<ObservedAt>,
    /// Until when the pod is drawn.
    pub(super) end: ObservedAt,
    /// Why it ends there.
    pub(super) last: End,
}

impl Times {
    /// An event that has no time stands with the one before it.
    pub(super) fn new(report: &PodReport, first: ObservedAt, end: ObservedAt) -> Self {
        let mut known = first;
        let entries = report.timeline.entries.iter();
        let at = entries.map(|entry| {
            known = entry.window.at.unwrap_or(known);
            known
        });
        Self { at: at.collect(), end, last: if report.is_gone() { End::Gone } else { End::Open } }
    }

    /// When an event happened.
    pub(super) fn of(&self, entry: usize) -> ObservedAt {
        self.at.get(entry).copied().unwrap_or(self.end)
    }
}
