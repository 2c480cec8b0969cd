//! A container finished before it started.
//!
//! **Why it matters.** Durations are negative and the back-off is wrong.
//!
//! **Example.** startedAt 10:00:05, finishedAt 10:00:01.
//!
//! **What to do.** See whether the node's clock was set back; otherwise look at the runtime.
//!
//! **Exceptions.** Times that are null or zero are not compared (a run that nobody saw end).

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    for (role, status) in context.pod().container_statuses() {
        for state in [&status.state, &status.last] {
            let Some(run) = &state.terminated else { continue };
            let (Some(started_at), Some(finished_at)) = (run.started_at, run.finished_at) else { continue };
            if finished_at < started_at {
                let subject = Subject::Container((*status.name).into(), role);
                let expected = format!("finishedAt at or after {started_at}");
                diagnostics.push(subject, expected, format!("finishedAt {finished_at}"), "a run ends after it starts");
            }
        }
    }
}
