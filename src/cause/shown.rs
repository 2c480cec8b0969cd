//! What a report shows, in the words that the parts of a pod's story share.

use super::happening::Happening;
use super::kind::{Kind, Weight};
use crate::model::ObservedAt;
use crate::replay::{Transition, Value};
use crate::report::{EventNote, Note, PodReport};

pub(super) fn is_true(transition: &Transition) -> bool {
    matches!(&transition.to, Some(Value::Condition(status)) if status.as_str() == "True")
}

pub(super) fn is_false(transition: &Transition) -> bool {
    matches!(&transition.to, Some(Value::Condition(status)) if status.as_str() == "False")
}

/// The Events about a pod.
pub(super) fn events(report: &PodReport) -> impl Iterator<Item = &EventNote> {
    report.related.iter().filter_map(|note| match note {
        Note::Event(note) => Some(note),
        Note::Node(_) | Note::Refused(_) => None,
    })
}

/// When something changed: its status may come long after the stamp.
pub(super) fn stamped_at(transition: &Transition) -> Option<ObservedAt> {
    let stamped_at = transition.stamped_at.map(|at| ObservedAt::from_micros(at.micros()));
    [stamped_at, transition.window.at].into_iter().flatten().min()
}

/// What a transition shows, as something that happened.
pub(super) fn shown(kind: Kind, weight: Weight, by: &Transition) -> Happening {
    let mut shown = Happening::new(kind, weight, by.window.at, by.seq);
    shown.at_latest = by.window.at_latest;
    shown.detail.reason = by.reason.as_deref().map(Into::into);
    shown.detail.message = by.message.as_deref().map(Into::into);
    shown
}
