//! Which releases may have written a pod, and what tells that.

use std::fmt;

use super::conditions::owner::{RESIZE_IN_PROGRESS, RESIZE_PENDING};
use super::conditions::{ALL_CONTAINERS_RESTARTING, CONTAINERS_READY, INITIALIZED, READY_TO_START};
use super::phase::is_static;
use super::version::{Feature, Features, KubernetesVersion};
use crate::model::{EventKind, Phase, Pod, Role};

/// The releases between two, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Releases {
    /// The oldest of them.
    pub oldest: KubernetesVersion,
    /// The newest.
    pub newest: KubernetesVersion,
}

/// What tells a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Who asked named it.
    Asked,
    /// The kubeletVersion of the pod's node, by its name.
    Node(Box<str>),
    /// The userAgent of the kubelet, in an audit log.
    Agent,
    /// The fields of the pod that are there, and that are not.
    Objects,
}

/// The releases whose rules a pod is judged by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// Which they are.
    pub releases: Releases,
    /// What tells that.
    pub from: Evidence,
}

impl Releases {
    /// All of which something is known.
    const KNOWN: Self = Self { oldest: KubernetesVersion::OLDEST, newest: KubernetesVersion::NEWEST_KNOWN };
    /// All whose rules were measured.
    pub const MEASURED: Self = Self { oldest: KubernetesVersion::OLDEST, newest: KubernetesVersion::NEWEST };

    /// One release alone.
    #[must_use]
    pub fn only(version: KubernetesVersion) -> Self {
        Self { oldest: version, newest: version }
    }

    /// The releases that may have left this object in an event of this kind: by the fields that newer ones would have written
    /// and older ones could not. An object that is known in part tells by what it has, not by what it lacks.
    #[must_use]
    pub fn told_by(kind: &EventKind, pod: &Pod, is_whole: bool) -> Self {
        let status = &pod.status;
        let has = |type_name: &str| status.condition(type_name).is_some();
        let reason = |type_name: &str| status.condition(type_name).and_then(|it| it.reason.as_deref());
        let is_any = |role: Role| pod.spec.count(role) > 0;
        let has_own_policies =
            pod.spec.containers.iter().any(|it| matches!(it.role, Role::Regular) && it.restart_policy.is_some());
        let with = [
            (Feature::SandboxReason, reason(READY_TO_START) == Some("PodSandboxNotReady")),
            (Feature::RestartAllContainers, has(ALL_CONTAINERS_RESTARTING)),
            (Feature::PodResources, status.tells_resources),
            (Feature::ContainerRestartRules, has_own_policies),
            (Feature::ObservedGeneration, status.observed_generation.is_some()),
            (Feature::ResizeConditions, has(RESIZE_PENDING) || has(RESIZE_IN_PROGRESS)),
            (Feature::Generation, pod.metadata.generation.is_some()),
            (Feature::MountsTold, status.tells_mounts == Some(true)),
            (Feature::SandboxCondition, has(READY_TO_START)),
            (Feature::SidecarRestarts, is_any(Role::Sidecar)),
            (Feature::GatedColumn, pod.spec.is_scheduling_gated),
            (Feature::EphemeralGuard, is_any(Role::Ephemeral)),
            (Feature::PodFailedReason, reason(CONTAINERS_READY) == Some("PodFailed")),
        ];
        let is_kubelets = status.start_at.is_some() && has(INITIALIZED);
        let without = [
            (Feature::SandboxCondition, is_kubelets && !has(READY_TO_START)),
            (Feature::MountsTold, is_kubelets && status.tells_mounts == Some(false)),
            (Feature::Generation, pod.metadata.generation.is_none()),
            (Feature::ObservedGeneration, is_kubelets && status.observed_generation.is_none() && !is_static(pod)),
            (Feature::TerminalBeforeRemoval, is_removed_early(kind, pod)),
        ];
        let with = with.into_iter().filter(|(_, is_told)| *is_told).map(|(feature, _)| Self::with(feature));
        let without = without.into_iter().filter(|(_, is_told)| is_whole && *is_told);
        let without = without.map(|(feature, _)| Self::without(feature));
        let told = with.chain(without).fold(Self::KNOWN, Self::narrowed);
        Self { newest: told.newest.min(KubernetesVersion::NEWEST.max(told.oldest)), ..told }
    }

    /// Those that have a behaviour.
    fn with(feature: Feature) -> Self {
        Self { oldest: feature.since(), ..Self::KNOWN }
    }

    /// Those that do not have it yet.
    fn without(feature: Feature) -> Self {
        Self { newest: feature.since().before(), ..Self::KNOWN }
    }

    /// Those of both; what contradicts is passed over.
    #[must_use]
    pub fn narrowed(self, other: Self) -> Self {
        let both = Self { oldest: self.oldest.max(other.oldest), newest: self.newest.min(other.newest) };
        if both.oldest <= both.newest { both } else { self }
    }

    /// What each of them has on, the newest first and each once. Where patch releases of one differ, all are lawful.
    #[must_use]
    pub fn lawful(self) -> Vec<Features> {
        let mut all: Vec<Features> = Vec::new();
        for version in self.each() {
            for features in [Features::of(version), Features::of_first_patch(version)] {
                if !all.contains(&features) {
                    all.push(features);
                }
            }
        }
        all
    }

    /// What most of them have on; of as many and as many what the newer ones have. Where nothing is told it is the newest.
    #[must_use]
    pub fn likely(self) -> Features {
        match self == Self::MEASURED {
            true => Features::of(self.newest),
            false => Features::of_most(self.each()),
        }
    }

    /// The newest first.
    fn each(self) -> impl Iterator<Item = KubernetesVersion> {
        self.oldest.up_to(self.newest).rev()
    }
}

/// Up to 1.26 the object is removed when the containers are stopped, whatever its phase (H8). What is removed while one runs was
/// forced, and tells nothing.
fn is_removed_early(kind: &EventKind, pod: &Pod) -> bool {
    *kind == EventKind::Deleted
        && pod.metadata.deletion_at.is_some()
        && pod.status.start_at.is_some()
        && pod.status.phase.as_ref().is_some_and(|phase| matches!(phase, Phase::Pending | Phase::Running))
        && pod.status.containers.iter().flatten().any(|status| status.state.terminated.is_some())
        && pod.container_statuses().all(|(_, status)| status.state.running.is_none())
        && !is_static(pod)
}

impl fmt::Display for Releases {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.oldest == self.newest {
            true => write!(out, "{}", self.newest),
            false => write!(out, "{} to {}", self.oldest, self.newest),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => out.write_str("as asked"),
            Self::Node(node) => write!(out, "kubeletVersion of {node}"),
            Self::Agent => out.write_str("the kubelet's userAgent in the audit log"),
            Self::Objects => out.write_str("what the objects tell"),
        }
    }
}
