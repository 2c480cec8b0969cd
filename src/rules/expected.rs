//! What the model expects an event to show where the kubelet wrote it: the phase and the conditions that follow from the
//! containers, and when a condition's status began.

use super::event_context::EventContext;
use crate::kubelet::conditions::{CONTAINERS_READY, Computed, INITIALIZED, READY};
use crate::model::time::SECOND_US;
use crate::model::{Seq, StampedAt};
use crate::replay::{Subject, Transition, Value};

/// The model's value of one subject at one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The event.
    pub seq: Seq,
    /// The phase or a condition.
    pub subject: Subject,
    /// The model's value.
    pub value: Value,
    /// A condition's reason.
    pub reason: Option<&'static str>,
    /// A condition's message.
    pub message: Option<String>,
    /// A condition's lastTransitionTime.
    pub time: ExpectedTime,
}

/// When a condition's status is expected to have begun (L1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedTime {
    /// The status flipped: stamped with the time of the event, not with the one that the condition had.
    Now {
        /// The time of the event.
        at: Option<StampedAt>,
        /// The time that the condition had.
        had: Option<StampedAt>,
    },
    /// The status is as before, and keeps its time.
    Kept(StampedAt),
    /// It cannot be told: the phase has none, or what came before is not known.
    Unknown,
}

/// The first respect in which a recorded value is not the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// The phase, or the status of the condition.
    Value,
    /// The condition's reason or message.
    Reason,
    /// The condition's lastTransitionTime.
    Time,
}

impl Expected {
    /// In what a transition differs; `None` where it is as expected.
    #[must_use]
    pub fn difference(&self, recorded: &Transition) -> Option<Difference> {
        if recorded.to.as_ref() != Some(&self.value) {
            return Some(Difference::Value);
        }
        let is_condition = matches!(self.subject, Subject::Condition(_));
        let says = (recorded.reason.as_deref(), recorded.message.as_deref());
        if is_condition && says != (self.reason, self.message.as_deref()) {
            return Some(Difference::Reason);
        }
        let is_at = recorded.stamped_at?;
        let is_same = match self.time {
            // L3: two flips within a second leave the time equal.
            ExpectedTime::Now { at, had } => {
                Some(is_at) != had || at.is_none_or(|at| at.micros_since(is_at) <= PROMPT_US)
            }
            ExpectedTime::Kept(at) => at == is_at,
            ExpectedTime::Unknown => true,
        };
        (!is_same).then_some(Difference::Time)
    }
}

/// A status is written this soon after it was computed.
const PROMPT_US: i64 = 3 * SECOND_US;

/// What the model expects of one event.
pub(super) fn expected(context: &EventContext<'_>) -> Vec<Expected> {
    let Some(model) = &context.model else { return Vec::new() };
    let seq = context.event().seq;
    let mut all = vec![Expected {
        seq,
        subject: Subject::Phase,
        value: Value::Phase(model.inferred.expected.clone()),
        reason: None,
        message: None,
        time: ExpectedTime::Unknown,
    }];
    for (kind, computed) in
        [(INITIALIZED, &model.initialized), (READY, &model.ready), (CONTAINERS_READY, &model.containers_ready)]
    {
        all.push(Expected {
            seq,
            subject: Subject::Condition(kind.into()),
            value: Value::Condition(computed.status.clone()),
            reason: computed.reason,
            message: computed.message.clone(),
            time: time(context, kind, computed),
        });
    }
    all
}

fn time(context: &EventContext<'_>, kind: &str, computed: &Computed) -> ExpectedTime {
    if context.before().is_none() || context.is_after_gap {
        return ExpectedTime::Unknown;
    }
    let was = context.trusted.condition(kind).trusted;
    let had = was.and_then(|was| was.last_transition_at);
    match was.filter(|was| was.status == computed.status) {
        Some(_) => had.map_or(ExpectedTime::Unknown, ExpectedTime::Kept),
        None => {
            let at = context.event().window.at.map(|at| StampedAt::from_micros(at.micros()));
            ExpectedTime::Now { at, had }
        }
    }
}
