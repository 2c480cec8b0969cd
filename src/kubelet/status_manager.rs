//! The kubelet's memory of one pod's status (L1, L9, M6, G1): what it computed last, and what it sends of it.

use super::conditions::owner::{is_kubelets, is_shared};
use super::container_moves::kubelet_allows;
use super::merge::merged;
use super::transition_time::{TIMED, keep_time};
use super::version::{Feature, Features};
use crate::model::{Condition, Pod, StampedAt, Status};

/// The status that the kubelet holds of one pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusManager {
    cached: Option<Status>,
}

impl StatusManager {
    /// Takes a status as computed, its conditions without times. `is_rest_same` says whether what the model leaves out of
    /// a status (images, container ids, resources) is what it was. False if nothing was stored: the guard refused it, or
    /// it says nothing new (M6).
    pub fn set(
        &mut self,
        pod: &Pod,
        mut computed: Status,
        is_rest_same: bool,
        now: StampedAt,
        features: Features,
    ) -> bool {
        let old = self.cached.as_ref().unwrap_or(&pod.status);
        if kubelet_allows(pod, old, &computed, features).is_err() {
            return false;
        }
        for kind in TIMED.into_iter().filter(|kind| is_kubelets(kind, features) || is_shared(kind, features)) {
            keep_time(kind, &old.conditions, &mut computed.conditions, now);
        }
        computed.start_at = old.start_at.or(computed.start_at).or(Some(now));
        if features.has(Feature::ObservedGeneration) {
            computed.observed_generation = pod.metadata.generation.max(old.observed_generation);
        }
        let is_same = |cached: &Status| is_rest_same && says_the_same(cached, &computed, features);
        if pod.metadata.deletion_at.is_none() && self.cached.as_ref().is_some_and(is_same) {
            return false;
        }
        self.cached = Some(computed);
        true
    }

    /// The status that sending the held one leaves in the API; `None` if none is held.
    #[must_use]
    pub fn sent(
        &self,
        pod: &Pod,
        could_have_running_containers: bool,
        now: StampedAt,
        features: Features,
    ) -> Option<Status> {
        let mut status = merged(pod, self.cached.clone()?, could_have_running_containers, now, features);
        // The API server keeps what it has where a writer sends none (G1).
        status.observed_generation =
            status.observed_generation.filter(|generation| *generation != 0).or(pod.status.observed_generation);
        Some(status)
    }

    /// The kubelet was restarted.
    pub fn forget(&mut self) {
        self.cached = None;
    }
}

/// M6: conditions by what they say, the rest by value.
fn says_the_same(cached: &Status, computed: &Status, features: Features) -> bool {
    let own = |condition: &&Condition| is_kubelets(&condition.kind, features) || is_shared(&condition.kind, features);
    let count = |status: &Status| status.conditions.iter().filter(own).count();
    let says = |condition: &Condition| (condition.status.clone(), condition.reason.clone(), condition.message.clone());
    let is_held = |new: &Condition| cached.condition(&new.kind).is_some_and(|old| says(old) == says(new));
    let is_one_gone = count(cached) != count(computed) && features.has(Feature::GoneConditionIsChange);
    let same_conditions = !is_one_gone && computed.conditions.iter().filter(own).all(is_held);
    let rest = Status { conditions: Vec::new(), ..computed.clone() };
    same_conditions && Status { conditions: Vec::new(), ..cached.clone() } == rest
}
