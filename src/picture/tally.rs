//! What a pod, or many, come to in numbers.

use std::cmp::Reverse;

use super::Health;
use super::Stretch;
use super::unready::unready_us;
use crate::model::Phase;
use crate::replay::{Lifecycle, Transition, Value};
use crate::report::JudgedPod;
use crate::rules::Severity;
use crate::timeline::{Entry, GapKind};

/// Numbers of one pod, or the sums of many, within a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many pods.
    pub pods: usize,
    /// How many events.
    pub events: usize,
    /// How many transitions.
    pub transitions: usize,
    /// How often containers were started again, as the column RESTARTS counts it.
    pub restarts: i64,
    /// How many runs of containers ended with another exit code than 0 before the pod was asked to end.
    pub failed_runs: usize,
    /// How many pods failed: their phase became Failed before they were asked to end.
    pub failed_pods: usize,
    /// How many pods were asked to end: their deletion was requested, or they were deleted.
    pub deleted_pods: usize,
    /// How many pods stand at the end, or stood when they were asked to end, with a bad status.
    pub bad_ends: usize,
    /// How long pods were not Ready, added up, in microseconds: see [`unready_us`](super::unready_us).
    pub unready_us: i64,
    /// Findings: errors.
    pub errors: usize,
    /// Findings: warnings.
    pub warnings: usize,
    /// How many stretches of pods' lives were not recorded; runs that left no trace are not among them.
    pub gaps: usize,
}

impl Tally {
    /// Of one pod.
    #[must_use]
    pub fn of(pod: &JudgedPod, frame: &Stretch) -> Self {
        let timeline = &pod.report.timeline;
        let is_within = |at: Option<_>| at.is_none_or(|at| frame.contains(at));
        let changes = || timeline.transitions.iter().filter(|it| is_within(it.window.at) && it.from != it.to);
        let asked_to_end = timeline.transitions.iter().position(is_end_asked_for).unwrap_or(usize::MAX);
        // What a pod does after it was asked to end is no failure.
        let in_service = |is_it: fn(&Value) -> bool| {
            let brings = move |it: &&Transition| it.from != it.to && it.to.as_ref().is_some_and(is_it);
            timeline
                .transitions
                .iter()
                .take(asked_to_end)
                .filter(move |it| is_within(it.window.at))
                .filter(brings)
                .count()
        };
        let restarts = |entry: Option<&Entry>| entry.map_or(0, |entry| entry.columns.restarts.count);
        let before = timeline.entry_at(frame.from.plus_micros(-1)).map(|(_, entry)| entry);
        let until = |entry: &&Entry| entry.window.at.is_none_or(|at| at <= frame.until);
        let last = timeline.entries.iter().rfind(until);
        let serving = timeline.entries.iter().take(timeline.entry_of(asked_to_end)).rfind(until);
        let findings = |severity: Severity| {
            let told = pod.judgement.findings.iter().filter(|it| it.severity == severity);
            told.filter(|it| is_within(it.window.at)).count()
        };
        let is_bad_end = serving.is_some_and(|entry| Health::of_status(&entry.columns.status) == Health::Bad);
        Self {
            pods: 1,
            events: timeline.entries.iter().filter(|entry| is_within(entry.window.at)).count(),
            transitions: changes().count(),
            restarts: (restarts(last) - restarts(before)).max(0),
            failed_runs: in_service(is_failed_run),
            failed_pods: in_service(is_failed_phase).min(1),
            deleted_pods: usize::from(changes().any(is_end_asked_for)),
            bad_ends: usize::from(is_bad_end),
            unready_us: unready_us(&pod.report, frame),
            errors: findings(Severity::Error),
            warnings: findings(Severity::Warning),
            gaps: pod.report.gaps.iter().filter(|gap| !matches!(gap.kind, GapKind::RestartsUnseen { .. })).count(),
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
            bad_ends: self.bad_ends + other.bad_ends,
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

/// The pod was asked to end, or is gone.
fn is_end_asked_for(transition: &Transition) -> bool {
    matches!(transition.to, Some(Value::Lifecycle(Lifecycle::Deleting | Lifecycle::Deleted)))
}

fn is_failed_run(value: &Value) -> bool {
    matches!(value, Value::Container(text) if text.starts_with("terminated(") && !text.ends_with(", 0)"))
}

fn is_failed_phase(value: &Value) -> bool {
    *value == Value::Phase(Phase::Failed)
}
