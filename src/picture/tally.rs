//! What a pod, or many, come to in numbers.

use std::cmp::Reverse;

use super::Health;
use super::Stretch;
use super::unready::unready_us;
use crate::model::Phase;
use crate::replay::{Lifecycle, Subject, Value};
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
    /// How many runs of containers ended with another exit code than 0.
    pub failed_runs: usize,
    /// How many pods failed: their phase became Failed.
    pub failed_pods: usize,
    /// How many pods were asked to end: their deletion was requested, or they were deleted.
    pub deleted_pods: usize,
    /// How many pods ended, or stand at the end, with a status that is no good one.
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
        let is_failed_run = |value: &Value| matches!(value, Value::Container(text) if text.starts_with("terminated(") && !text.ends_with(", 0)"));
        let restarts = |entry: Option<&Entry>| entry.map_or(0, |entry| entry.columns.restarts.count);
        let before = timeline.entry_at(frame.from.plus_micros(-1)).map(|(_, entry)| entry);
        let last = timeline.entries.iter().rfind(|entry| entry.window.at.is_none_or(|at| at <= frame.until));
        let findings = |severity: Severity| {
            let told = pod.judgement.findings.iter().filter(|it| it.severity == severity);
            told.filter(|it| is_within(it.window.at)).count()
        };
        let is_deletion = |value: &Value| matches!(value, Value::Lifecycle(Lifecycle::Deleting | Lifecycle::Deleted));
        let is_deleted = changes().any(|it| it.to.as_ref().is_some_and(is_deletion));
        let is_bad_end = last.is_some_and(|entry| Health::of_status(&entry.columns.status) == Health::Bad);
        let fails = |value: &Value| *value == Value::Phase(Phase::Failed);
        let is_of_phase = |subject: &Subject| *subject == Subject::Phase;
        let has_failed = changes().any(|it| is_of_phase(&it.subject) && it.to.as_ref().is_some_and(fails));
        Self {
            pods: 1,
            events: timeline.entries.iter().filter(|entry| is_within(entry.window.at)).count(),
            transitions: changes().count(),
            restarts: (restarts(last) - restarts(before)).max(0),
            failed_runs: changes().filter(|it| it.to.as_ref().is_some_and(is_failed_run)).count(),
            failed_pods: usize::from(has_failed),
            deleted_pods: usize::from(is_deleted),
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
