//! ContainersReady does not match the container statuses.
//!
//! **Why it matters.** Ready depends on it, and so does the traffic from Services.
//!
//! **Example.** every container ready, ContainersReady False.
//!
//! **What to do.** `podreplay explain POD --at T` names the containers. Then look at the kubelet or provider that
//! wrote it.
//!
//! **Exceptions.** Only writes of the kubelet are compared; the last write of a pod that never ran does not update
//! the conditions (H7).

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::{CONTAINERS_READY, Computed, INITIALIZED, READY, containers_ready};
use crate::kubelet::inference::is_final_default;
use crate::model::{Condition, Phase, Pod};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(model) = &context.model else { return };
    let mut lawful = vec![&model.containers_ready];
    let as_before = before_final_default(context);
    lawful.extend(&as_before);
    compare(context, CONTAINERS_READY, &lawful, diagnostics);
}

/// Compares a condition with everything that it may lawfully be. One that is not there, beside others of the kubelet that are,
/// was taken away: a kubelet writes all of them.
pub(super) fn compare(context: &EventContext<'_>, kind: &str, lawful: &[&Computed], diagnostics: &mut Diagnostics) {
    let Some(recorded) = context.pod().status.condition(kind) else {
        let both = [READY, INITIALIZED];
        let is_written = both.contains(&kind) && both.iter().any(|kind| context.pod().status.condition(kind).is_some());
        if is_written && context.before().is_none() {
            let expected = text_of(lawful[0]);
            diagnostics.push(
                condition(kind),
                expected,
                "none",
                "the kubelet always writes it with the other conditions",
            );
        }
        return;
    };
    let stays = context
        .before()
        .and_then(|before| before.pod.status.condition(kind))
        .is_some_and(|was| says(was) == says(recorded));
    if lawful.iter().any(|computed| computed.is_said_by(recorded)) || (stays && is_left_alone(context.pod())) {
        return;
    }
    let expected = lawful[0];
    let expected_text = text_of(expected);
    let actual = text(recorded.status.as_str(), recorded.reason.as_deref(), recorded.message.as_deref());
    diagnostics.push(
        condition(kind),
        expected_text,
        actual,
        format!("rule {} gives this for the container statuses", expected.rule),
    );
}

fn says(condition: &Condition) -> (&str, Option<&str>, Option<&str>) {
    (condition.status.as_str(), condition.reason.as_deref(), condition.message.as_deref())
}

fn text_of(computed: &Computed) -> String {
    text(computed.status.as_str(), computed.reason, computed.message.as_deref())
}

/// `False (ContainersNotReady: containers with unready status: [app])`.
fn text(status: &str, reason: Option<&str>, message: Option<&str>) -> String {
    match (reason, message) {
        (Some(reason), Some(message)) => format!("{status} ({reason}: {message})"),
        (Some(text), None) | (None, Some(text)) => format!("{status} ({text})"),
        (None, None) => status.to_owned(),
    }
}

/// I7: the write that declares a pod over computes no conditions; they are those of a pod that was not over yet.
pub(super) fn before_final_default(context: &EventContext<'_>) -> Option<Computed> {
    let pod = context.pod();
    is_final_default(pod).then(|| containers_ready(pod, &Phase::Pending, context.features))
}

/// Without any container to declare ended the same write leaves the conditions alone.
pub(super) fn is_left_alone(pod: &Pod) -> bool {
    pod.status.phase == Some(Phase::Failed)
        && pod.container_statuses().all(|(_, status)| status.state.running.is_none())
}
