//! How a status that the kubelet computed is merged into the object of the API (M1 to M5, H6): status_manager.go.

use super::conditions::owner::{is_kubelets, is_shared};
use super::conditions::{CONTAINERS_READY, READY};
use super::transition_time::{keep_time, set_condition};
use super::version::{Feature, Features};
use crate::model::{Condition, ConditionStatus, Phase, Pod, StampedAt, Status};

/// The status that the kubelet's patch leaves in the API, for the pod as the API has it and the status as computed.
#[must_use]
pub fn merged(
    pod: &Pod,
    mut computed: Status,
    could_have_running_containers: bool,
    now: StampedAt,
    features: Features,
) -> Status {
    let old = &pod.status;
    let is_terminal = |status: &Status| status.phase.as_ref().is_some_and(Phase::is_terminal);
    let becomes_terminal = !is_terminal(old) && is_terminal(&computed);
    // M1: what others wrote stays, in its order; what the kubelet owns is replaced.
    let foreign = old.conditions.iter().filter(|condition| !is_kubelets(&condition.kind, features));
    let mut conditions: Vec<Condition> = foreign.cloned().collect();
    for mut condition in computed.conditions {
        if is_kubelets(&condition.kind, features) {
            conditions.push(condition);
        } else if is_shared(&condition.kind, features) && becomes_terminal && !could_have_running_containers {
            // M3
            let kind = condition.kind.clone();
            keep_time(&kind, &old.conditions, std::slice::from_mut(&mut condition), now);
            match conditions.iter_mut().find(|place| place.kind == kind) {
                Some(place) => *place = condition,
                None => conditions.push(condition),
            }
        }
    }
    computed.conditions = conditions;
    // H6
    if becomes_terminal && could_have_running_containers && features.has(Feature::HoldBack) {
        computed.phase.clone_from(&old.phase);
        computed.reason.clone_from(&old.reason);
        computed.message.clone_from(&old.message);
    }
    if features.has(Feature::HoldBack) {
        end_readiness(&mut computed, pod.metadata.generation, now, features);
    }
    computed
}

/// M4: a terminal pod is not ready.
fn end_readiness(status: &mut Status, generation: Option<i64>, now: StampedAt, features: Features) {
    let reason = match status.phase {
        Some(Phase::Succeeded) => "PodCompleted",
        Some(Phase::Failed) => "PodFailed",
        Some(Phase::Pending | Phase::Running | Phase::Unknown | Phase::Other(_)) | None => return,
    };
    let is_true = |kind| status.condition(kind).is_some_and(|condition| condition.status == ConditionStatus::True);
    if !is_true(READY) && !is_true(CONTAINERS_READY) {
        return;
    }
    let observed_generation = generation.filter(|_| features.has(Feature::ObservedGeneration));
    for kind in [CONTAINERS_READY, READY] {
        let condition = Condition {
            kind: kind.into(),
            status: ConditionStatus::False,
            reason: Some(reason.into()),
            message: None,
            last_transition_at: None,
            last_probe_at: None,
            observed_generation,
        };
        set_condition(&mut status.conditions, condition, now);
    }
}
