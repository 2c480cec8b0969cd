//! The object in a DELETED event differs from the last one recorded.
//!
//! **Why it matters.** A deletion changes only the resourceVersion: DELETED carries the last stored object. A difference means
//! that a write is missing from the recording, or that somebody edited the recording.
//!
//! **Example.** MODIFIED shows the container terminated, DELETED shows it running.
//!
//! **What to do.** Look for a gap in the recording around the deletion; compare with another capture of the same
//! time.
//!
//! **Exceptions.** Labels, annotations and owners are not compared, and nothing is compared across a gap.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::model::Pod;
use crate::replay::Subject;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let (true, Some(before)) = (context.is_deleted(), context.before()) else { return };
    let (old, new): (&Pod, &Pod) = (&before.pod, context.pod());
    if old.status == new.status || old.metadata.status_writers != new.metadata.status_writers {
        return;
    }
    let message = "a deletion writes no status: DELETED carries the last stored object";
    // What comes back to what was trusted was wrong in the event before.
    let trusted = context.trusted;
    let status_now = new.statuses_by_name();
    for (role, was) in old.container_statuses() {
        let is = status_now(role, &was.name);
        if is != Some(was) && (is.is_none() || is != trusted.container(role, &was.name).trusted) {
            let is = is.map_or("none".to_owned(), |is| is.state.to_string());
            diagnostics.push(Subject::Container((*was.name).into(), role), was.state.to_string(), is, message);
        }
    }
    if old.status.phase != new.status.phase && new.status.phase.as_ref() != trusted.phase().trusted {
        let word = |pod: &Pod| pod.status.phase.as_ref().map_or("none".to_owned(), ToString::to_string);
        diagnostics.push(Subject::Phase, word(old), word(new), message);
    }
    for was in &old.status.conditions {
        let is = new.status.condition(&was.kind);
        let is_first = old.status.condition(&was.kind) == Some(was);
        if is_first && is != Some(was) && (is.is_none() || is != trusted.condition(&was.kind).trusted) {
            let is = is.map_or("none", |is| is.status.as_str());
            diagnostics.push(condition(&was.kind), was.status.as_str(), is, message);
        }
    }
}
