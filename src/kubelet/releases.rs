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
            Self::Asked => out.write_str("set by --kubernetes"),
            Self::Node(node) => write!(out, "kubeletVersion of {node}"),
            Self::Agent => out.write_str("the kubelet's userAgent in the audit log"),
            Self::Objects => out.write_str("inferred from the pods"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Features, KubernetesVersion, Releases};
    use crate::life::life;

    #[test]
    fn fields_tell_releases() {
        let reported = "Running Initialized Ready ContainersReady c=running";
        let sandbox = "PodReadyToStartContainers generation=1";
        let table = [
            ("MODIFIED node=n".to_owned(), "1.20 to 1.32"),
            ("MODIFIED node=n generation=1".to_owned(), "1.33 to 1.36"),
            (format!("MODIFIED {reported}"), "1.20 to 1.28"),
            (format!("MODIFIED {reported} PodReadyToStartContainers"), "1.29 to 1.32"),
            (format!("MODIFIED {reported} {sandbox}"), "1.33"),
            (format!("MODIFIED {reported} {sandbox} observed=1"), "1.34 to 1.36"),
            (format!("MODIFIED {reported} {sandbox} observed=1 AllContainersRestarting"), "1.36"),
            (
                format!("MODIFIED {reported} !PodReadyToStartContainers(PodSandboxNotReady) generation=1 observed=1"),
                "1.37",
            ),
            (format!("MODIFIED {reported} sidecar:s=running"), "1.28"),
            (format!("DELETED {reported} deletion=0 c=terminated(Error,137)"), "1.20 to 1.26"),
            // The kubelet of 1.29 keeps it until its phase is terminal: somebody forced it.
            (
                format!("DELETED {reported} PodReadyToStartContainers deletion=0 c=terminated(Error,137)"),
                "1.29 to 1.32",
            ),
            (format!("DELETED {reported} deletion=0"), "1.20 to 1.28"),
        ];
        for (event, expected) in table {
            let events = life(&format!("12:00:00 ADDED Pending / 12:00:02 {event}"));
            let last = &events[1];
            assert_eq!(Releases::told_by(&last.kind, &last.pod, true).to_string(), expected, "{event}");
            let in_part = Releases::told_by(&last.kind, &last.pod, false);
            assert!(in_part.oldest == Releases::told_by(&last.kind, &last.pod, true).oldest, "{event}: {in_part}");
        }
    }

    #[test]
    fn most_of_a_range_print_the_columns() {
        let range = |oldest, newest| Releases {
            oldest: KubernetesVersion::of_minor(oldest),
            newest: KubernetesVersion::of_minor(newest),
        };
        let of = |minor| Features::of(KubernetesVersion::of_minor(minor));
        assert_eq!(range(26, 26).likely(), of(26));
        assert_eq!(Releases::MEASURED.likely(), of(36));
        // Of two as many as two: the newer counts.
        assert_eq!(range(30, 31).likely(), of(31));
        assert_eq!(range(20, 28).lawful().first(), Some(&of(28)));
        assert_eq!(range(24, 24).lawful().len(), 2, "patch releases of it differ");
        assert_eq!(range(20, 36).lawful().len(), 16);
    }
}
