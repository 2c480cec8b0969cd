//! The golden form of a pod: what a recording shows, in the form in which it is expected. Compared with itself it has no
//! difference (law 7).

use crate::model::Window;
use crate::model::time::SECOND_US;
use crate::replay::Transition;
use crate::timeline::GapKind;

use super::expectation::{Created, GoldenPod, Line, Moment, Place, Text};
use super::recorded::RecordedPod;

/// What a recorded pod goes through, line by line.
#[must_use]
pub fn golden_pod(pod: &RecordedPod) -> GoldenPod {
    let timeline = &pod.timeline;
    let mut lines = Vec::with_capacity(timeline.transitions.len());
    for (index, entry) in timeline.entries.iter().enumerate() {
        let transitions = timeline.transitions_of(index);
        lines.extend(transitions.iter().map(line));
        if transitions.is_empty() {
            let (at, by) = moments(&entry.window);
            let version = entry.resource_version.clone();
            lines.push(Line { seq: Some(entry.seq), at, by, version, ..Line::default() });
        }
    }
    GoldenPod {
        place: Place::default(),
        namespace: pod.identity.namespace.clone(),
        name: pod.identity.name.clone(),
        uid: Some(pod.identity.uid.clone()),
        incarnation: Some(pod.incarnation),
        created: pod.created_at().map_or(Created::Unknown, Created::At),
        vanished: pod.gaps.iter().any(|gap| gap.kind == GapKind::Vanished),
        lines,
    }
}

impl Default for Line {
    /// An event that shows no transition, at a time that nothing tells.
    fn default() -> Self {
        Self {
            place: Place::default(),
            seq: None,
            at: Moment::Unknown,
            by: None,
            version: None,
            subject: None,
            from: None,
            to: None,
            reason: None,
            message: None,
            stamped: None,
            restarts: None,
            inferred: false,
        }
    }
}

pub(super) fn line(transition: &Transition) -> Line {
    let (at, by) = moments(&transition.window);
    let exactly = |text: &str| Text::Exactly(text.into());
    Line {
        place: Place::default(),
        seq: Some(transition.seq),
        at,
        by,
        version: transition.resource_version.clone(),
        subject: Some(transition.subject.clone()),
        from: transition.from.as_ref().map(|value| exactly(&value.to_string())),
        to: transition.to.as_ref().map(|value| exactly(&value.to_string())),
        reason: transition.reason.as_deref().map(exactly),
        message: transition.message.as_deref().map(exactly),
        stamped: transition.stamped_at.map(|at| Moment::At(at.micros())),
        restarts: transition.restart_count,
        inferred: transition.inferred,
    }
}

/// The earliest time, and the latest where that is more than the grain of the clock later.
fn moments(window: &Window) -> (Moment, Option<Moment>) {
    let at = window.at.map_or(Moment::Unknown, |at| Moment::At(at.micros()));
    let by = match (window.at, window.at_latest) {
        (Some(at), Some(latest)) if latest.micros_since(at) <= SECOND_US => None,
        (_, Some(latest)) => Some(Moment::At(latest.micros())),
        (_, None) => Some(Moment::Any),
    };
    (at, by)
}
