//! The errors that stand: one stands from the event that shows it until the value changes, or until the kubelet writes the
//! status anew and the rules do not find it again. What nobody has touched is not right because time has passed.

use std::collections::BTreeMap;

use super::event_context::EventContext;
use super::finding::Finding;
use crate::kubelet::conditions::INITIALIZED;
use crate::model::{Condition, Phase, Pod};
use crate::replay::Subject;

/// The errors about a pod that stand at an event.
#[derive(Debug, Default)]
pub(super) struct Standing {
    errors: BTreeMap<Subject, Finding>,
}

impl Standing {
    /// Takes the errors of the next event.
    pub(super) fn take(&mut self, context: &EventContext<'_>, errors: Vec<Finding>) {
        let before = context.before();
        let is_touched = |subject: &Subject| {
            before.is_none_or(|before| value(&before.pod, subject) != value(context.pod(), subject))
        };
        self.errors.retain(|subject, _| !context.is_by_kubelet() && !is_touched(subject));
        self.errors.extend(errors.into_iter().map(|error| (error.subject.clone(), error)));
    }

    pub(super) fn of(&self, subject: &Subject) -> Option<&Finding> {
        self.errors.get(subject)
    }
}

/// What an object records of a phase or a condition.
fn value<'a>(pod: &'a Pod, subject: &Subject) -> (Option<&'a Phase>, Option<&'a Condition>) {
    match subject {
        Subject::Phase => (pod.status.phase.as_ref(), None),
        Subject::Condition(kind) => (None, pod.status.condition(kind)),
        Subject::Lifecycle | Subject::Field(_) | Subject::Container(..) => (None, None),
    }
}

/// A kubelet has reported on the pod.
pub(super) fn is_reported(pod: &Pod) -> bool {
    let status = &pod.status;
    status.start_at.is_some()
        || status.condition(INITIALIZED).is_some()
        || status.containers.is_some()
        || status.init_containers.is_some()
}
