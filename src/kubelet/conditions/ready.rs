//! Ready (C2, C3): generate.go, `GeneratePodReadyCondition`.

use super::computed::Computed;
use super::owner;
use crate::kubelet::version::Features;
use crate::model::{Condition, ConditionStatus, Pod};

/// Computes Ready from ContainersReady, the readiness gates, and the conditions computed before it.
#[must_use]
pub fn ready(pod: &Pod, containers_ready: &Computed, computed: &[Condition], features: Features) -> Computed {
    if containers_ready.status != ConditionStatus::True {
        return Computed { rule: "C2", ..containers_ready.clone() };
    }
    // C3: what others wrote comes first, then what was just computed; the first of a type counts.
    let foreign = pod.status.conditions.iter().filter(|condition| !owner::is_kubelets(&condition.kind, features));
    let consulted: Vec<&Condition> = foreign.chain(computed).collect();
    let mut texts = Vec::new();
    for gate in &pod.spec.readiness_gates {
        match consulted.iter().find(|condition| condition.kind == *gate) {
            None => {
                texts.push(format!("corresponding condition of pod readiness gate \"{gate}\" does not exist."));
            }
            Some(condition) if condition.status != ConditionStatus::True => {
                let status = &condition.status;
                texts.push(format!("the status of pod readiness gate \"{gate}\" is not \"True\", but {status}"));
            }
            Some(_) => {}
        }
    }
    if texts.is_empty() {
        Computed::new(true, None, "C3")
    } else {
        Computed::new(false, Some("ReadinessGatesNotReady"), "C3").with_message(texts.join(", "))
    }
}
