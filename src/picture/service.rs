//! The part of a pod's life in which it should do its work: until it is asked to end. What it does then is no failure.

use super::bar::{Bar, Shown};
use super::health::Health;
use super::serving::serving;
use super::times::Times;
use crate::model::StampedAt;
use crate::replay::{Lifecycle, Transition, Value};
use crate::report::PodReport;
use crate::timeline::{Entry, TimeRange};

/// A pod's service within a time range.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    report: &'a PodReport,
    frame: &'a TimeRange,
    /// The transition that asked for its end, by its place; behind all others if none did.
    end: usize,
    /// When the cluster stamped that.
    ended_at: Option<StampedAt>,
}

/// What became of a pod by the end of a time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is there.
    There,
    /// It was asked to end, and is there.
    Leaving,
    /// It was deleted.
    Deleted,
    /// A list no longer tells of it.
    Gone,
}

impl<'a> Service<'a> {
    /// Of one pod.
    #[must_use]
    pub fn of(report: &'a PodReport, frame: &'a TimeRange) -> Self {
        let transitions = &report.timeline.transitions;
        let is_end =
            |it: &Transition| matches!(it.to, Some(Value::Lifecycle(Lifecycle::Deleting | Lifecycle::Deleted)));
        let end = transitions.iter().position(is_end).unwrap_or(transitions.len());
        Self { report, frame, end, ended_at: transitions.get(end).and_then(|it| it.stamped_at) }
    }

    /// The transitions in it; of those seen later only the ones that the cluster stamped earlier.
    pub fn transitions(&self) -> impl Iterator<Item = &'a Transition> + use<'a> {
        let Self { report, frame, end, ended_at } = *self;
        let is_earlier = move |it: &Transition| it.stamped_at.zip(ended_at).is_some_and(|(at, ended)| at < ended);
        let all = report.timeline.transitions.iter().enumerate();
        let own = all.filter(move |(place, it)| *place < end || is_earlier(it)).map(|(_, it)| it);
        own.filter(move |it| it.from != it.to && it.window.at.is_none_or(|at| frame.contains(at)))
    }

    /// The status that it had last, and how good that was. Of a pod that was leaving from the first event on, what it had then
    /// says nothing against it.
    #[must_use]
    pub fn last(&self) -> Option<(Shown, Health)> {
        let bars =
            self.report.lived().map(|lived| serving(self.report, &Times::new(self.report, lived.from, lived.until)));
        let serves = |bar: &Bar| bar.range.from <= self.frame.until && bar.health != Health::Ending;
        let last = bars.into_iter().flatten().filter(serves).last();
        let until = |entry: &&Entry| entry.window.at.is_none_or(|at| at <= self.frame.until);
        let leaving =
            || self.report.timeline.entries.iter().rfind(until).map(|entry| (Shown::of(entry), Health::Neutral));
        last.map(|bar| (bar.shown, bar.health)).or_else(leaving)
    }

    /// What became of the pod.
    #[must_use]
    pub fn fate(&self) -> Fate {
        let by_then = |stage: Lifecycle| {
            let mut all = self.report.timeline.transitions.iter();
            all.any(|it| it.to == Some(Value::Lifecycle(stage)) && it.window.at.is_none_or(|at| at <= self.frame.until))
        };
        let is_over = self.report.ends_at().is_none_or(|end| end <= self.frame.until);
        if by_then(Lifecycle::Deleted) && is_over {
            Fate::Deleted
        } else if self.report.is_gone() && is_over {
            Fate::Gone
        } else if by_then(Lifecycle::Deleting) {
            Fate::Leaving
        } else {
            Fate::There
        }
    }
}
