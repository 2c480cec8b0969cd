//! What a pod, or many, come to in numbers.

use std::cmp::Reverse;

use super::health::Health;
use super::hidden::seen;
use super::service::{Fate, Service};
use super::unready::unready_us;
use crate::model::Phase;
use crate::replay::{Transition, Value};
use crate::report::JudgedPod;
use crate::rules::Severity;
use crate::timeline::{Entry, Gap, GapKind, TimeRange};

/// Numbers of one pod, or the sums of many, within a time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many pods.
    pub pods: usize,
    /// How many events.
    pub events: usize,
    /// How many transitions.
    pub transitions: usize,
    /// By how much the column RESTARTS rose.
    pub restarts: i64,
    /// How many runs of containers failed before the pod was asked to end: another exit code than 0, or killed for memory.
    pub failed_runs: usize,
    /// How many pods failed: their phase became Failed before they were asked to end.
    pub failed_pods: usize,
    /// How many pods were deleted, or are no longer told of.
    pub deleted_pods: usize,
    /// How many pods were asked to end and are there.
    pub leaving_pods: usize,
    /// How many pods stand at the end, or stood when they were asked to end, with a bad status.
    pub bad_ends: usize,
    /// How many pods are there and are not, or not all, up.
    pub waiting_ends: usize,
    /// How long pods were not Ready, added up, in microseconds: see [`unready_us`](super::unready_us).
    pub unready_us: i64,
    /// Findings: errors.
    pub errors: usize,
    /// Findings: warnings.
    pub warnings: usize,
    /// How many stretches of pods' lives were not recorded; what came before the recording, and runs that left no trace, are not
    /// among them.
    pub gaps: usize,
}

impl Tally {
    /// Of one pod.
    #[must_use]
    pub fn of(pod: &JudgedPod, frame: &TimeRange) -> Self {
        let timeline = &pod.report.timeline;
        let service = Service::of(&pod.report, frame);
        let is_within = |at: Option<_>| at.is_none_or(|at| frame.contains(at));
        let brings = |it: &&Transition, is_it: fn(&Value) -> bool| it.to.as_ref().is_some_and(is_it);
        let restarts = |entry: Option<&Entry>| entry.map_or(0, |entry| entry.columns.restarts.count);
        // What a pod brought along when its recording began did not happen in it.
        let is_begun = pod.report.gaps.iter().any(|gap| gap.kind == GapKind::StartsMidLife);
        let first = timeline.entries.first().filter(|_| is_begun);
        let before = timeline.entry_at(frame.from.plus_micros(-1)).map(|(_, entry)| entry).or(first);
        let last = timeline.entries.iter().rfind(|entry| entry.window.at.is_none_or(|at| at <= frame.until));
        let findings = |severity: Severity| {
            let told = pod.judgement.findings().iter().filter(|it| it.severity == severity);
            told.filter(|it| is_within(it.window.at)).count()
        };
        let health = service.last().map(|(_, health)| health);
        let fate = service.fate();
        let lived = pod.report.lived();
        let is_seen = |gap: &&Gap| lived.is_some_and(|lived| seen(gap, &lived, frame).is_some());
        let gaps = pod.report.gaps.iter().filter(|gap| is_hole(&gap.kind)).filter(is_seen).count();
        Self {
            pods: 1,
            events: timeline.entries.iter().filter(|entry| is_within(entry.window.at)).count(),
            transitions: timeline.transitions.iter().filter(|it| it.from != it.to && is_within(it.window.at)).count(),
            restarts: (restarts(last) - restarts(before)).max(0),
            failed_runs: service.transitions().filter(|it| brings(it, is_failed_run)).count(),
            failed_pods: service.transitions().filter(|it| brings(it, is_failed_phase)).count().min(1),
            deleted_pods: usize::from(matches!(fate, Fate::Deleted | Fate::Gone)),
            leaving_pods: usize::from(fate == Fate::Leaving),
            bad_ends: usize::from(health == Some(Health::Bad)),
            waiting_ends: usize::from(matches!(health, Some(Health::Waiting | Health::Unready)) && fate == Fate::There),
            unready_us: unready_us(&pod.report, frame),
            errors: findings(Severity::Error),
            warnings: findings(Severity::Warning),
            gaps,
        }
    }

    /// Two together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            pods: self.pods + other.pods,
            events: self.events + other.events,
            transitions: self.transitions + other.transitions,
            restarts: self.restarts.saturating_add(other.restarts),
            failed_runs: self.failed_runs + other.failed_runs,
            failed_pods: self.failed_pods + other.failed_pods,
            deleted_pods: self.deleted_pods + other.deleted_pods,
            leaving_pods: self.leaving_pods + other.leaving_pods,
            bad_ends: self.bad_ends + other.bad_ends,
            waiting_ends: self.waiting_ends + other.waiting_ends,
            unready_us: self.unready_us.saturating_add(other.unready_us),
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
            gaps: self.gaps + other.gaps,
        }
    }

    /// Sorts the worst first: by errors, a bad end, failed runs, restarts, warnings, the time unready.
    #[must_use]
    pub fn worst_first(&self) -> impl Ord + use<> {
        Reverse((
            self.errors,
            self.bad_ends,
            self.failed_pods,
            self.failed_runs,
            self.restarts,
            self.warnings,
            self.unready_us,
        ))
    }
}

fn is_failed_run(value: &Value) -> bool {
    matches!(value, Value::Container(text) if text.starts_with("terminated(")) && Health::of(value) == Health::Bad
}

fn is_failed_phase(value: &Value) -> bool {
    *value == Value::Phase(Phase::Failed)
}

/// Something between the first and the last event is not recorded.
fn is_hole(kind: &GapKind) -> bool {
    kind.hides_events() && *kind != GapKind::StartsMidLife
}
