//! A condition's lastTransitionTime is later than the event that shows it.
//!
//! **Why it matters.** Durations that start from it are negative; controllers that wait "so long since" wait too
//! long.
//!
//! **Example.** event at 10:00:05, Ready since 10:07:00.
//!
//! **What to do.** See whether the node's clock is ahead; otherwise look at the writer.
//!
//! **Exceptions.** Two seconds are allowed for clocks. Without managedFields the time of an event is taken
//! from the object itself, and this rule stays silent.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::owner::{is_kubelets, is_shared};
use crate::model::Condition;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    // A write that left no stamp of its own (binding, eviction) happened at any time until the next that did.
    let is_stamped = context.before().is_none_or(|before| {
        context.is_by_kubelet() || context.pod().metadata.written_at > before.pod.metadata.written_at
    });
    let latest = if is_stamped { context.latest_stamp() } else { context.stamp_of_latest() };
    let Some(latest) = latest else { return };
    for is in &context.pod().status.conditions {
        let is_ruled = is_kubelets(&is.kind, context.features) || is_shared(&is.kind, context.features);
        let Some(at) = is.last_transition_at.filter(|at| is_ruled && *at > latest) else { continue };
        // It was judged where it was new.
        let is_old = |was: &Condition| (was.last_transition_at != is.last_transition_at).then_some(());
        let held = context.trusted.condition(&is.kind);
        if held.trusted.is_none() || held.fault(is_old).is_some() {
            let event_at = context.event().window.at.map(|at| at.to_string()).unwrap_or_default();
            let message = format!("the event happened at {event_at} by the API server's clock");
            diagnostics.push(condition(&is.kind), format!("at most {latest}"), at.to_string(), message);
        }
    }
}
