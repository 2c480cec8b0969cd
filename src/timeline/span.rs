//! Intervals: how long a subject kept a value.

use std::collections::BTreeMap;

use crate::model::{ObservedAt, StampedAt};
use crate::replay::{Subject, Transition, Value};

/// One value of one subject, from the transition that brought it to the one that ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What has the value.
    pub subject: Subject,
    /// The value.
    pub value: Value,
    /// The transition that brought it, by its place.
    pub transition: usize,
    /// When it came.
    pub from: Option<ObservedAt>,
    /// When it went; `None` if it still held at the end, or if that has no time.
    pub until: Option<ObservedAt>,
    /// The transition that ended it, by its place; `None` if it still held at the end.
    pub ended_by: Option<usize>,
    /// What the cluster stamped on its coming and going, both by one clock.
    pub stamps: (Option<StampedAt>, Option<StampedAt>),
}

impl Span {
    /// How long it held, in microseconds: by the stamps if both ends have one, else as observed; up to `end` if it still
    /// held.
    #[must_use]
    pub fn length_us(&self, end: ObservedAt) -> Option<i64> {
        match (self.stamps, self.until) {
            ((Some(from), Some(until)), Some(_)) if until >= from => Some(until.micros_since(from)),
            (_, None) if self.ended_by.is_some() => None,
            (_, until) => Some(until.unwrap_or(end).micros_since(self.from?)),
        }
    }
}

/// The intervals of all subjects, in the order in which they began.
#[must_use]
pub fn spans(transitions: &[Transition]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open: BTreeMap<&Subject, usize> = BTreeMap::new();
    for (index, transition) in transitions.iter().enumerate() {
        let at = transition.window.at;
        if let Some(place) = open.get(&transition.subject) {
            let span = &mut spans[*place];
            if transition.to.as_ref() == Some(&span.value) {
                continue;
            }
            span.until = at;
            span.ended_by = Some(index);
            span.stamps.1 = transition.stamped_at;
            open.remove(&transition.subject);
        }
        if let Some(value) = &transition.to {
            open.insert(&transition.subject, spans.len());
            spans.push(Span {
                subject: transition.subject.clone(),
                value: value.clone(),
                transition: index,
                from: at,
                until: None,
                ended_by: None,
                stamps: (transition.stamped_at, None),
            });
        }
    }
    spans
}
