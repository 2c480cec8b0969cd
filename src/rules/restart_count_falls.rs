//! A container's restartCount falls.
//!
//! **Why it matters.** Alerts and dashboards use the difference of two readings, so a fall hides restarts. Either the
//! kubelet lost its state, or somebody else wrote the status.
//!
//! **Example.** restartCount 7, then 0, with the same uid.
//!
//! **What to do.** See whether the node's runtime was wiped or replaced at that time.
//!
//! **Exceptions.** Before Kubernetes 1.36 a kubelet starts counting from zero when its runtime lost the containers:
//! a warning for those releases.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::kubelet::Feature;
use crate::model::ContainerStatus;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    for (role, is) in context.pod().container_statuses() {
        let falls = |was: &ContainerStatus| (is.restart_count < was.restart_count).then_some(was.restart_count);
        let Some(was) = context.trusted.container(role, &is.name).fault(falls) else { continue };
        let subject = Subject::Container((*is.name).into(), role);
        let (expected, actual) = (format!("restartCount {was} or more"), format!("restartCount {}", is.restart_count));
        if context.features.has(Feature::RestartCountKept) {
            diagnostics.push(subject, expected, actual, "the restart count never falls");
        } else {
            let message =
                "known cause: before 1.36 the kubelet starts counting from zero when the runtime lost the container";
            diagnostics.warn(subject, expected, actual, message);
        }
    }
}
