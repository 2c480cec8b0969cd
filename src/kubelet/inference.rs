//! What can be told from API objects alone (I1 to I8): the facts that the kubelet knew and the object does not carry.

use super::conditions::{CONTAINERS_READY, READY, READY_TO_START};
use super::phase::{Derived, Facts, any_regular, derive_phase, has_started};
use super::version::{Feature, Features};
use crate::model::{ConditionStatus, ContainerStatus, Phase, Pod};

/// What an object and the phase before it tell of the phase that the kubelet computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// The facts that the derivation of the phase was given.
    pub facts: Facts,
    /// The phase that the kubelet computed, and with it the conditions (I2).
    pub computed: Derived,
    /// The phase that the API is most likely to show (I3).
    pub expected: Phase,
    /// Every phase that the API may show (I3b, I4, I6c).
    pub legal: Vec<Phase>,
}

/// Infers what the kubelet computed for an object; `before` is the phase that the API showed before it.
#[must_use]
pub fn infer(before: Option<&Phase>, pod: &Pod, features: Features) -> Inferred {
    let facts = Facts { is_terminal: is_terminal(pod), has_initialized: has_initialized(pod, features) };
    let terminal_before = before.filter(|phase| phase.is_terminal());
    let computed = match (told_phase(pod), terminal_before) {
        (Some(phase), _) => Derived { phase, rule: "I2a" },
        (None, Some(phase)) => Derived { phase: phase.clone(), rule: "H1" },
        (None, None) => derive_phase(pod, facts, features),
    };
    let becomes_terminal = computed.phase.is_terminal() && terminal_before.is_none();
    // A first event has no phase before it: what it shows is taken.
    let before = before.or(pod.status.phase.as_ref());
    let expected = match (terminal_before, before) {
        (Some(phase), _) => phase.clone(),
        (None, Some(held)) if becomes_terminal && is_true(pod, READY_TO_START) => held.clone(),
        (None, _) => computed.phase.clone(),
    };
    let mut legal = vec![computed.phase.clone()];
    if becomes_terminal && features.has(Feature::HoldBack) {
        legal.extend(before.cloned());
    }
    // I6c: the final default (H7) without any container to rewrite.
    if facts.is_terminal && !computed.phase.is_terminal() && features.has(Feature::TerminalBeforeRemoval) {
        legal.push(Phase::Failed);
    }
    Inferred { facts, computed, expected, legal }
}

/// Whether the kubelet has stopped every container for good (`podIsTerminal`), as far as the object tells (I2c): the pod
/// is being deleted or its conditions are those of a finished one, nothing runs, and the sandbox is gone.
#[must_use]
pub fn is_terminal(pod: &Pod) -> bool {
    let mut statuses = worked(pod);
    let is_sandbox_gone = pod.status.condition(READY_TO_START).is_none_or(|it| it.status == ConditionStatus::False);
    let is_ending = pod.metadata.deletion_at.is_some() || told_phase(pod).is_some();
    is_ending
        && worked(pod).all(|status| status.state.running.is_none())
        && statuses.any(|status| status.state.terminated.is_some())
        && is_sandbox_gone
}

/// Whether a regular container exists in the sandbox (`podHasInitialized`), as far as the object tells (I1).
#[must_use]
pub fn has_initialized(pod: &Pod, features: Features) -> bool {
    let has_run = |status: &ContainerStatus| status.last.terminated.is_some();
    has_started(pod) || features.has(Feature::InitializedBySandbox) && any_regular(pod, has_run)
}

/// I7: a container was declared ended because it could not be found when the pod was terminated (H7); that write computes
/// no conditions.
#[must_use]
pub fn is_final_default(pod: &Pod) -> bool {
    let is_declared = |status: &ContainerStatus| {
        status.state.terminated.as_ref().is_some_and(|run| {
            run.reason.as_deref() == Some("ContainerStatusUnknown")
                && run.message.as_deref().is_some_and(|message| message.ends_with("when the pod was terminated"))
        })
    };
    pod.status.phase == Some(Phase::Failed) && worked(pod).any(is_declared)
}

/// I2a: the reason of ContainersReady names the phase for which it was computed (C1). Ready carries it too (C2): one of
/// them alone is no witness.
fn told_phase(pod: &Pod) -> Option<Phase> {
    let reason = |kind| pod.status.condition(kind).and_then(|condition| condition.reason.as_deref());
    if reason(READY) != reason(CONTAINERS_READY) {
        return None;
    }
    match reason(CONTAINERS_READY)? {
        "PodCompleted" => Some(Phase::Succeeded),
        "PodFailed" => Some(Phase::Failed),
        _ => None,
    }
}

/// Init and regular statuses.
fn worked(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    pod.status.init_containers.iter().chain(&pod.status.containers).flatten()
}

fn is_true(pod: &Pod, kind: &str) -> bool {
    pod.status.condition(kind).is_some_and(|condition| condition.status == ConditionStatus::True)
}
