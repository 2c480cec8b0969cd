//! A container's restartCount falls.
//!
//! **Why it matters.** Alerts and dashboards take the difference of two readings; a fall hides restarts. It means
//! that the kubelet lost what it knew, or that somebody wrote the status.
//!
//! **Example.** restartCount 7, then 0, with the same uid.
//!
//! **What to do.** See whether the node's runtime was wiped or replaced at that time.
//!
//! **Lawful exceptions.** Before Kubernetes 1.36 a kubelet whose runtime lost its containers starts to count anew:
//! reported as a warning for those releases.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::kubelet::Feature;
use crate::model::ContainerStatus;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    for (role, is) in context.pod().container_statuses() {
        let falls = |was: &ContainerStatus| (is.restart_count < was.restart_count).then_some(was.restart_count);
        let Some(was) = context.trusted.container(role, &is.name).fault(falls) else { continue };
        let subject = Subject::Container(is.name.clone(), role);
        let (expected, actual) = (format!("restartCount {was} or more"), format!("restartCount {}", is.restart_count));
        if context.features.has(Feature::RestartCountKept) {
            diagnostics.push(subject, expected, actual, "restarts only add up; the kubelet keeps the old count");
        } else {
            let message = "known cause: before 1.36 a kubelet whose runtime lost the container counts anew";
            diagnostics.warn(subject, expected, actual, message);
        }
    }
}
