//! A condition's lastTransitionTime does not fit its status: it moved without a flip, stayed or went back with one,
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
//! **Lawful exceptions.** Two flips in one second leave the time equal (L3). Two flips merged into one write move
//! it without a visible flip (L4): accepted when Ready and ContainersReady move together. The kubelet re-sends its
//! own time after another client wrote the condition (L5), and an eviction race sets it back one second (T6): both
//! are reported as a warning. Resize conditions follow their reason (L7); conditions of third parties follow no
//! rule (L8).

use super::draft::Draft;
use super::sight::{Sight, condition};
use crate::kubelet::conditions::{CONTAINERS_READY, INITIALIZED, POD_SCHEDULED, READY, READY_TO_START};
use crate::model::time::SECOND_US;
use crate::model::{Condition, ConditionStatus, Phase, Pod, Role, StampedAt, WatchEvent};

/// The types whose times follow the rule.
const TIMED: [&str; 5] = [POD_SCHEDULED, READY_TO_START, INITIALIZED, CONTAINERS_READY, READY];

/// What is wrong with a time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    MovedWithoutFlip,
    FlipWithoutMove,
    RolledBack,
    /// The newest time that the pod had shown before.
    TooEarly(StampedAt),
}

pub(super) fn judge(sight: &Sight<'_>, draft: &mut Draft) {
    let pod = sight.pod();
    for kind in TIMED {
        let Some(is) = pod.status.condition(kind) else { continue };
        let Some(is_at) = is.last_transition_at else { continue };
        let held = sight.trusted.condition(kind);
        let Some(verdict) = held.fault(|was| verdict(sight, was, is)) else { continue };
        let was = held.trusted.and_then(|was| was.last_transition_at);
        let was_text = was.map_or("none".to_owned(), |at| at.to_string());
        let actual = is_at.to_string();
        match verdict {
            Verdict::MovedWithoutFlip => {
                draft.push(condition(kind), was_text, actual, "the time moved, the status did not")
            }
            Verdict::FlipWithoutMove => {
                let expected = format!("later than {was_text}");
                draft.push(condition(kind), expected, actual, "the status changed, the time did not");
            }
            Verdict::TooEarly(known) => {
                let message = "the status changed after this: the pod had shown a newer time with the old status";
                match known_cause(sight, kind) {
                    Some(cause) => draft.warn(condition(kind), format!("at or after {known}"), actual, cause),
                    None => draft.push(condition(kind), format!("at or after {known}"), actual, message),
                }
            }
            Verdict::RolledBack => match known_cause(sight, kind) {
                Some(cause) => draft.warn(condition(kind), was_text, actual, cause),
                None => draft.push(condition(kind), format!("at or after {was_text}"), actual, "the time went back"),
            },
        }
    }
}

fn verdict(sight: &Sight<'_>, was: &Condition, is: &Condition) -> Option<Verdict> {
    let (was_at, is_at) = (was.last_transition_at?, is.last_transition_at?);
    if is_at < was_at {
        return Some(Verdict::RolledBack);
    }
    if was.status == is.status {
        let is_fault = is_at > was_at && !sight.is_after_gap && !is_merged(sight, is, is_at);
        return is_fault.then_some(Verdict::MovedWithoutFlip);
    }
    // A flip is later than whatever the kubelet had put into the object that it flipped from, and than what it needs.
    let known =
        sight.before().and_then(|before| newest_of_kubelet(&before.pod, &is.kind)).filter(|_| sight.is_by_kubelet());
    let bound = known.max(needed(sight.pod(), is).filter(|_| sight.is_by_kubelet()));
    match bound.filter(|bound| is_at < *bound) {
        Some(_) if is_at == was_at => Some(Verdict::FlipWithoutMove),
        Some(bound) => Some(Verdict::TooEarly(bound)),
        // L3: two flips within a second leave the time equal, and are written soon.
        None => (is_at == was_at && is_written_late(sight, &is.kind, is_at)).then_some(Verdict::FlipWithoutMove),
    }
}

/// How long after it was computed a status is written when nothing holds it up.
const PROMPT_US: i64 = 3 * SECOND_US;

/// The event was written so long after a time that nothing in it is that old: the cluster writes what it computes within
/// twice the delay that the object's other news show, and a few seconds.
fn is_written_late(sight: &Sight<'_>, kind: &str, at: StampedAt) -> bool {
    let stamp = |event: &WatchEvent| event.window.at.map(|at| StampedAt::from_micros(at.micros()));
    let (Some(written_at), Some(before)) = (stamp(sight.event()), sight.before()) else { return false };
    let lag_before =
        stamp(before).zip(newest_of_kubelet(&before.pod, READY)).map_or(0, |(at, newest)| at.micros_since(newest));
    let known = newest_of_kubelet(&before.pod, READY);
    let news = newest_but(sight.pod(), kind).filter(|newest| Some(*newest) > known);
    let lag = news.map_or(lag_before, |news| written_at.micros_since(news));
    written_at.micros_since(at) > PROMPT_US + 2 * lag.clamp(0, LAG_MAX_US)
}

/// Beyond this a delay is no delay but a pause.
const LAG_MAX_US: i64 = 120 * SECOND_US;

/// The newest of the kubelet's times in an object, without the condition that is judged.
fn newest_but(pod: &Pod, kind: &str) -> Option<StampedAt> {
    let mut seen = pod.clone();
    seen.status.conditions.retain(|condition| *condition.kind != *kind);
    newest_of_kubelet(&seen, READY)
}

/// L4: two flips in one write of the kubelet. Readiness goes through ContainersReady, so both moved; the others flip with
/// their containers.
fn is_merged(sight: &Sight<'_>, is: &Condition, is_at: StampedAt) -> bool {
    let (Some(before), pod) = (sight.before(), sight.pod()) else { return true };
    // The time comes back with the next write: nothing flipped.
    let returns = sight
        .next()
        .and_then(|next| next.pod.status.condition(&is.kind))
        .is_some_and(|next| next.status == is.status && next.last_transition_at.is_some_and(|next_at| next_at < is_at));
    if !sight.is_by_kubelet() || returns {
        return false;
    }
    let at = |pod: &Pod, kind: &str| pod.status.condition(kind).and_then(|condition| condition.last_transition_at);
    let moved = |kind: &str| at(&before.pod, kind) != at(pod, kind);
    let containers_changed = before.pod.status.containers != pod.status.containers
        || before.pod.status.init_containers != pod.status.init_containers;
    match &*is.kind {
        CONTAINERS_READY => moved(READY) || is_false(pod, READY),
        READY => moved(CONTAINERS_READY) || !pod.spec.readiness_gates.is_empty(),
        INITIALIZED | READY_TO_START => containers_changed,
        _ => false,
    }
}

fn is_false(pod: &Pod, kind: &str) -> bool {
    pod.status.condition(kind).is_some_and(|condition| condition.status == ConditionStatus::False)
}

/// The newest time in an object that the kubelet put there when it computed the status.
fn newest_of_kubelet(pod: &Pod, kind: &str) -> Option<StampedAt> {
    let own = |condition: &&Condition| {
        TIMED.contains(&&*condition.kind)
            && &*condition.kind != POD_SCHEDULED
            && (&*condition.kind != READY || kind == READY)
    };
    let conditions = pod.status.conditions.iter().filter(own).filter_map(|condition| condition.last_transition_at);
    let runs = pod.container_statuses().filter(|(role, _)| *role != Role::Ephemeral).filter_map(|(_, status)| {
        let run = status.state.terminated.as_ref();
        let running = status.state.running.as_ref().and_then(|running| running.started_at);
        running.max(run.and_then(|run| run.finished_at))
    });
    conditions.chain(runs).max()
}

/// The time before which a condition cannot have become what it is: ready needs every container to have started.
fn needed(pod: &Pod, is: &Condition) -> Option<StampedAt> {
    if !matches!(&*is.kind, CONTAINERS_READY | READY) || is.status != ConditionStatus::True {
        return None;
    }
    let counts = |role: Role| matches!(role, Role::Regular | Role::Sidecar);
    let statuses = pod.container_statuses().filter(|(role, _)| counts(*role));
    statuses.filter_map(|(_, status)| status.state.running.as_ref()?.started_at).max()
}

/// The lawful ways for a time to go back.
fn known_cause(sight: &Sight<'_>, kind: &str) -> Option<String> {
    if !sight.is_by_kubelet() {
        return None;
    }
    if let Some((_, by)) = sight.foreign.iter().find(|(of, _)| *of == kind) {
        let by = by.as_deref().unwrap_or("another client");
        return Some(format!(
            "known cause (L5): {by} had written the condition; the kubelet sent again what it remembers"
        ));
    }
    let was_failed = sight.before().is_some_and(|before| before.pod.status.phase == Some(Phase::Failed));
    let is_succeeded = sight.pod().status.phase == Some(Phase::Succeeded);
    (was_failed && is_succeeded).then(|| {
        "known cause (T6): Failed was sent before the containers stopped; the end was computed earlier".to_owned()
    })
}
