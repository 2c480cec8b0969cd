//! The transitions of one event while they are found.

use super::transition::{AnomalyKind, Lifecycle, Subject, Transition, Value};
use crate::model::time::SECOND_US;
use crate::model::{Clock, ObservedAt, Pod, Seq, StampedAt, Window};

/// Collects the transitions and the anomalies of one event.
pub(super) struct Builder<'a> {
    seq: Seq,
    pod: &'a Pod,
    window: Window,
    earlier: Option<ObservedAt>,
    pub(super) transitions: Vec<Transition>,
    pub(super) anomalies: Vec<AnomalyKind>,
}

impl<'a> Builder<'a> {
    /// Of an event; `earlier` is when the event before it happened.
    pub(super) fn new(seq: Seq, pod: &'a Pod, window: Window, earlier: Option<ObservedAt>) -> Self {
        Self { seq, pod, window, earlier, transitions: Vec::new(), anomalies: Vec::new() }
    }

    /// Adds a transition that the event shows.
    pub(super) fn push(&mut self, subject: Subject, from: Option<Value>, to: Option<Value>) -> &mut Transition {
        self.add(Transition {
            seq: self.seq,
            resource_version: self.pod.metadata.resource_version.clone(),
            window: self.window,
            subject,
            from,
            to,
            reason: None,
            message: None,
            stamped_at: None,
            restart_count: None,
            inferred: false,
            by: None,
        })
    }

    /// Adds a transition that the event only proves, with the stamp that proves it (another component's clock, taken here
    /// for the observer's). It happened after the event before and not after this one.
    pub(super) fn push_inferred(
        &mut self,
        subject: Subject,
        from: Option<Value>,
        to: Option<Value>,
        stamped_at: Option<StampedAt>,
    ) -> &mut Transition {
        let stamp = stamped_at.map(|at| ObservedAt::from_micros(at.micros()));
        let (at, clock) = match stamp {
            Some(_) => (stamp, Clock::Status),
            None => (self.earliest(&subject), Clock::Inherited),
        };
        let at = at.max(self.earliest(&subject));
        let at = if self.window.at.is_some() { at.min(self.window.at).or(self.window.at) } else { at };
        // A stamp from before the last event was written late, at some time up to this event.
        let by_stamp = stamp.map(|stamp| stamp.plus_micros(SECOND_US)).filter(|by_stamp| Some(*by_stamp) > at);
        let window = Window { at, at_latest: by_stamp.or(self.window.at_latest), clock };
        let transition = self.push(subject, from, to);
        transition.window = window;
        transition.stamped_at = stamped_at;
        transition.inferred = true;
        transition
    }

    /// Adds a transition that the event only proves and nothing stamped: it was over by `until`.
    pub(super) fn push_unseen(
        &mut self,
        subject: Subject,
        from: Option<Value>,
        to: Option<Value>,
        until: Option<StampedAt>,
    ) {
        let until = until.map(|at| ObservedAt::from_micros(at.micros()).plus_micros(SECOND_US));
        let transition = self.push_inferred(subject, from, to, None);
        if until > transition.window.at {
            transition.window.at_latest = until;
        }
    }

    /// An inferred transition comes after the event before, and after what was inferred of the same subject already.
    fn earliest(&self, subject: &Subject) -> Option<ObservedAt> {
        // Those of one subject stand together.
        let mut own = self.transitions.iter().rev().take_while(|transition| transition.subject == *subject);
        let inferred = own.find(|transition| transition.inferred);
        inferred.and_then(|transition| transition.window.at).max(self.earlier)
    }

    pub(super) fn push_deleted(&mut self) -> &mut Transition {
        let from = if self.pod.metadata.deletion_at.is_some() { Lifecycle::Deleting } else { Lifecycle::Created };
        self.push(Subject::Lifecycle, Some(Value::Lifecycle(from)), Some(Value::Lifecycle(Lifecycle::Deleted)))
    }

    fn add(&mut self, transition: Transition) -> &mut Transition {
        let index = self.transitions.len();
        self.transitions.push(transition);
        &mut self.transitions[index]
    }
}
