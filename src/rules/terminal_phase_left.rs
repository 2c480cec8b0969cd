//! A pod leaves a terminal phase, or changes from one to the other.
//!
//! **Why it matters.** Succeeded and Failed are final: Jobs count them, controllers replace the pod, its resources
//! are freed. A pod that comes back runs twice.
//!
//! **Example.** Failed, then Running, with the same uid.
//!
//! **What to do.** If somebody had written the phase by hand (PR101), the kubelet only undid that. Otherwise look
//! at the kubelet or provider that wrote it.
//!
//! **Exceptions.** Failed to Succeeded within two seconds is a known race of eviction (T6), reported as a
//! warning. When the kubelet undoes another client's write, that is not reported again.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::Phase;
use crate::replay::Subject;

/// T6: within a second or two.
const RACE_US: i64 = 3 * crate::model::time::SECOND_US;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(is) = context.pod().status.phase.as_ref() else { return };
    let left = |was: &Phase| (was.is_terminal() && was != is).then(|| was.clone());
    let Some(was) = context.trusted.phase().fault(left) else { return };
    let is_of_before = context.before().is_some_and(|before| before.pod.status.phase.as_ref() == Some(&was));
    let became_at = context.phase_before_since.filter(|_| is_of_before);
    let is_race = match (became_at, context.event().window.at) {
        (Some(from), Some(until)) => until.micros_since(from) <= RACE_US,
        (None, _) | (_, None) => false,
    };
    if is_race && was == Phase::Failed && *is == Phase::Succeeded {
        let message =
            "known race of eviction (T6): the kubelet sent Failed while containers ran, then their real result";
        diagnostics.warn(Subject::Phase, was.as_str(), is.as_str(), message);
    } else {
        diagnostics.push(Subject::Phase, was.as_str(), is.as_str(), "a terminal phase is final");
    }
}
