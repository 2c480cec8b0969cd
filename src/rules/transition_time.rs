//! A condition's lastTransitionTime does not match its status: it moved without a flip, stayed or went back with one,
//! or is earlier than what the pod already knew.
//!
//! **Why it matters.** How long a pod was unready is read from this time, by people and by controllers
//! (minReadySeconds, availability).
//!
//! **Example.** Ready goes from False to True and keeps the time at which it went False a minute ago.
//!
//! **What to do.** Look at the writer. Kubernetes' own kubelet sets the time when the status changes and copies it
//! otherwise.
//!
//! **Exceptions.** Two flips in one second leave the time equal (L3). Two flips merged into one write move
//! it without a visible flip (L4): accepted when Ready and ContainersReady move together. The kubelet re-sends its
//! own time after another client wrote the condition (L5), and an eviction race sets it back one second (T6): both
//! are reported as a warning. Resize conditions follow their reason (L7); conditions of third parties follow no
//! rule (L8).

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use super::kubelet_times::newest_trusted;
use crate::kubelet::Feature;
use crate::kubelet::conditions::{CONTAINERS_READY, INITIALIZED, READY, READY_TO_START};
use crate::model::condition::CORE_CONDITIONS;
use crate::model::time::SECOND_US;
use crate::model::{Condition, ConditionStatus, ContainerStatus, Phase, Pod, Role, StampedAt};

/// What is wrong with a time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    MovedWithoutFlip,
    FlipWithoutMove,
    RolledBack,
    /// The newest time that the pod had shown before.
    TooEarly(StampedAt),
}

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    for kind in CORE_CONDITIONS {
        let Some(is) = pod.status.condition(kind) else { continue };
        let Some(is_at) = is.last_transition_at else { continue };
        let held = context.trusted.condition(kind);
        let Some(verdict) = held.fault(|was| verdict(context, was, is)) else { continue };
        let was = held.trusted.and_then(|was| was.last_transition_at);
        let was_text = was.map_or("none".to_owned(), |at| at.to_string());
        let actual = is_at.to_string();
        match verdict {
            Verdict::MovedWithoutFlip => {
                diagnostics.push(condition(kind), was_text, actual, "the time changed, but the status did not")
            }
            Verdict::FlipWithoutMove => {
                let expected = format!("later than {was_text}");
                diagnostics.push(condition(kind), expected, actual, "the status changed, but the time did not");
            }
            Verdict::TooEarly(known) => {
                let message = "too early: the old status already had a newer time";
                match known_cause(context, kind) {
                    Some(cause) => diagnostics.warn(condition(kind), format!("at or after {known}"), actual, cause),
                    None => diagnostics.push(condition(kind), format!("at or after {known}"), actual, message),
                }
            }
            Verdict::RolledBack => match known_cause(context, kind) {
                Some(cause) => diagnostics.warn(condition(kind), was_text, actual, cause),
                None => {
                    diagnostics.push(condition(kind), format!("at or after {was_text}"), actual, "the time went back")
                }
            },
        }
    }
}

fn verdict(context: &EventContext<'_>, was: &Condition, is: &Condition) -> Option<Verdict> {
    let (was_at, is_at) = (was.last_transition_at?, is.last_transition_at?);
    if is_at < was_at {
        return Some(Verdict::RolledBack);
    }
    if was.status == is.status {
        let is_fault = is_at > was_at && !context.is_after_gap && !is_merged(context, is, is_at);
        return is_fault.then_some(Verdict::MovedWithoutFlip);
    }
    // A flip is later than whatever the kubelet had put into the object that it flipped from, and than what it needs.
    let by_kubelet = context.is_by_kubelet();
    let known = newest_trusted(context.trusted, &is.kind).filter(|_| by_kubelet);
    let bound = known.max(needed(context, is).filter(|_| by_kubelet));
    match bound.filter(|bound| is_at < *bound) {
        Some(_) if is_at == was_at => Some(Verdict::FlipWithoutMove),
        Some(bound) => Some(Verdict::TooEarly(bound)),
        // L3: two flips within a second leave the time equal, and are written soon.
        None => (is_at == was_at && is_written_late(context, is_at)).then_some(Verdict::FlipWithoutMove),
    }
}

/// How long after it was computed a status is written when nothing holds it up.
const PROMPT_US: i64 = 3 * SECOND_US;
/// A kubelet that needs longer is held up, and when it computed what is not known.
const HELD_UP_US: i64 = 5 * SECOND_US;

/// The event was written so long after a time that nothing new in it is that old. Of a kubelet that is held up nothing can
/// be said.
fn is_written_late(context: &EventContext<'_>, at: StampedAt) -> bool {
    // What was found, and not seen as it was written, may be as old as what was found before.
    let last = if context.event().kind.is_bare() { context.before() } else { Some(context.event()) };
    let written_at = last.and_then(|event| event.window.at).map(|at| StampedAt::from_micros(at.micros()));
    let Some(written_at) = written_at.filter(|_| context.slowest_us <= HELD_UP_US) else { return false };
    written_at.micros_since(at) > PROMPT_US + 2 * context.slowest_us
}

/// L4: two flips in one write of the kubelet. Readiness goes through ContainersReady, so both moved; the others flip with
/// their containers.
fn is_merged(context: &EventContext<'_>, is: &Condition, is_at: StampedAt) -> bool {
    let (Some(before), pod) = (context.before(), context.pod()) else { return true };
    // The time comes back with the next write: nothing flipped.
    let returns = context
        .next()
        .and_then(|next| next.pod.status.condition(&is.kind))
        .is_some_and(|next| next.status == is.status && next.last_transition_at.is_some_and(|next_at| next_at < is_at));
    if !context.is_by_kubelet() || returns {
        return false;
    }
    let at = |pod: &Pod, kind: &str| pod.status.condition(kind).and_then(|condition| condition.last_transition_at);
    let moved = |kind: &str| at(&before.pod, kind) != at(pod, kind);
    let containers_changed = before.pod.status.containers != pod.status.containers
        || before.pod.status.init_containers != pod.status.init_containers;
    match &*is.kind {
        CONTAINERS_READY => moved(READY) || (is_false(pod, READY) && !pod.spec.readiness_gates.is_empty()),
        // Before 1.11 there is no ContainersReady: readiness moves with the containers.
        READY if at(pod, CONTAINERS_READY).is_none() => containers_changed,
        READY => moved(CONTAINERS_READY) || !pod.spec.readiness_gates.is_empty(),
        // It stays true since 1.36; before, it flips with the init containers.
        INITIALIZED => {
            let init_changed = before.pod.status.init_containers != pod.status.init_containers;
            init_changed && !context.features.has(Feature::RestartAllContainers)
        }
        READY_TO_START => containers_changed,
        _ => false,
    }
}

fn is_false(pod: &Pod, kind: &str) -> bool {
    pod.status.condition(kind).is_some_and(|condition| condition.status == ConditionStatus::False)
}

/// The time before which readiness cannot have become what it is.
fn needed(context: &EventContext<'_>, is: &Condition) -> Option<StampedAt> {
    let (pod, before) = (context.pod(), context.before()?);
    if !matches!(&*is.kind, CONTAINERS_READY | READY) {
        return None;
    }
    let counts = |role: Role| matches!(role, Role::Regular | Role::Sidecar);
    let statuses = || pod.container_statuses().filter(|(role, _)| counts(*role));
    match is.status {
        // Every container has started. A second restart may have gone by before anybody saw it unready.
        ConditionStatus::True => {
            let status_before = before.pod.statuses_by_name();
            let is_next_run = |(role, status): &(Role, &ContainerStatus)| {
                let was = status_before(*role, &status.name);
                was.is_none_or(|was| status.restart_count.saturating_sub(was.restart_count) <= 1)
            };
            statuses().filter(is_next_run).filter_map(|(_, status)| status.state.running.as_ref()?.started_at).max()
        }
        // All that are unready have ended: it was not before the first of them did, or a probe would have told.
        ConditionStatus::False if context.slowest_us <= HELD_UP_US => {
            let ends = statuses().filter(|(_, status)| !status.ready);
            let ends: Option<Vec<StampedAt>> =
                ends.map(|(_, status)| status.state.terminated.as_ref()?.finished_at).collect();
            let first = ends?.into_iter().min()?;
            Some(first.plus_micros(-(context.slowest_us + SECOND_US)))
        }
        ConditionStatus::False | ConditionStatus::Unknown | ConditionStatus::Other(_) => None,
    }
}

/// The lawful ways for a time to go back.
fn known_cause(context: &EventContext<'_>, kind: &str) -> Option<String> {
    if !context.is_by_kubelet() {
        return None;
    }
    // What the kubelet remembers it has written before.
    let is = context.pod().status.condition(kind)?;
    let is_remembered = is.last_transition_at.is_some_and(|at| context.shown.has(kind, at, &is.status));
    if let Some((_, by)) = context.foreign.iter().find(|(of, _)| **of == *kind) {
        if is_remembered {
            return Some(format!(
                "known cause (L5): {by} changed the condition, and the kubelet restored its own value"
            ));
        }
        // What it computed while it could not reach the API server is newer than all that it had written.
        let foreign = context.before().and_then(|before| before.pod.status.condition(kind));
        if is.last_transition_at > context.shown.newest_but(kind, foreign) {
            return Some(format!(
                "known cause (L5): {by} changed the condition, and the kubelet then sent an older update"
            ));
        }
    }
    let was_failed = context.before().is_some_and(|before| before.pod.status.phase == Some(Phase::Failed));
    let is_succeeded = context.pod().status.phase == Some(Phase::Succeeded);
    (was_failed && is_succeeded).then(|| {
        "known cause (T6): the kubelet sent Failed before the containers stopped, then an older final status".to_owned()
    })
}
