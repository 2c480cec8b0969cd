//! What all events of a pod tell before the first of them is judged: which can be, and how far the kubelet was held up. Taken
//! one after the other, so that no more than one of them is held.

use std::ops::Range;

use super::kubelet_times::Slowest;
use super::sandbox_runs::SandboxRuns;
use crate::model::{Provenance, WatchEvent};
use crate::timeline::{Gap, GapKind};

/// The events of a pod, looked through.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    events: usize,
    without_body: usize,
    /// Requests were applied.
    is_mixed: bool,
    first_whole: Option<usize>,
    known: Known,
    /// The first object of a list, and what was known before it.
    listed: Option<(usize, Known)>,
    sandbox_runs: SandboxRuns,
}

/// What the events tell from the first on whose object is known as a whole.
#[derive(Debug, Clone, Default)]
struct Known {
    whole: usize,
    slowest: Slowest,
}

impl Overview {
    /// Looks through events.
    #[must_use]
    pub fn of(events: &[WatchEvent]) -> Self {
        let mut overview = Self::default();
        events.iter().for_each(|event| overview.take(event));
        overview
    }

    /// Takes the next event, in the order of the writes.
    pub fn take(&mut self, event: &WatchEvent) {
        let is_whole = event.provenance.is_whole();
        if event.kind.is_bare() && self.listed.is_none() {
            self.listed = Some((self.events, self.known.clone()));
        }
        if is_whole && self.first_whole.is_none() {
            self.first_whole = Some(self.events);
        }
        if is_whole {
            self.sandbox_runs.take(event);
        }
        if self.first_whole.is_some() {
            self.known.whole += usize::from(is_whole);
            self.known.slowest.take(event);
        }
        self.is_mixed = self.is_mixed || event.provenance != Provenance::Observed;
        self.without_body += usize::from(matches!(event.provenance, Provenance::Unknown(_)));
        self.events += 1;
    }

    /// The events that can be judged. Of an object that is known in part only nothing can be said; and where requests were
    /// applied, objects of a list, whose time is not told, have no certain place among them.
    pub(super) fn judged(&self) -> Range<usize> {
        let listed = self.listed.as_ref().filter(|_| self.is_mixed);
        let end = listed.map_or(self.events, |(place, _)| *place);
        self.first_whole.filter(|first| *first < end).unwrap_or(end)..end
    }

    fn known(&self) -> &Known {
        self.listed.as_ref().filter(|_| self.is_mixed).map_or(&self.known, |(_, known)| known)
    }

    /// The runs that were shown without a sandbox.
    pub(super) fn sandbox_runs(&self) -> &SandboxRuns {
        &self.sandbox_runs
    }

    /// How long the kubelet was held up at the longest among those that can be judged, in microseconds.
    pub(super) fn slowest_us(&self) -> i64 {
        self.known().slowest.us()
    }
}

/// How many events were judged, and why the others were not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events in all.
    pub events: usize,
    /// Those whose object is known as a whole.
    pub judged: usize,
    /// Those of which only is told that something was written.
    pub without_body: usize,
    /// Pods whose status no write that is logged tells.
    pub without_status: usize,
}

impl Tally {
    /// Counts the events of a pod.
    #[must_use]
    pub fn of(overview: &Overview, gaps: &[Gap]) -> Self {
        let without_status = usize::from(gaps.iter().any(|gap| gap.kind == GapKind::StatusNotLogged));
        let Overview { events, without_body, .. } = *overview;
        Self { events, judged: overview.known().whole, without_body, without_status }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.judged += other.judged;
        self.without_body += other.without_body;
        self.without_status += other.without_status;
    }
}
