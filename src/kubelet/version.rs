//! What differs between the releases of Kubernetes (section V of `docs/semantics.md`).

use std::fmt;

/// A release of Kubernetes, `1.MINOR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    minor: u8,
}

impl KubernetesVersion {
    /// The oldest release whose rules were measured.
    pub const OLDEST: Self = Self { minor: 20 };
    /// The newest release whose rules were measured.
    pub const NEWEST: Self = Self { minor: 36 };
    /// The newest release of which something is known.
    pub(super) const NEWEST_KNOWN: Self = Self { minor: 37 };

    /// The release `1.MINOR`.
    #[must_use]
    pub const fn of_minor(minor: u8) -> Self {
        Self { minor }
    }

    /// Reads `1.30`, `v1.30` or `v1.30.4+build`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let minor = text.trim_start_matches('v').strip_prefix("1.").map(|rest| {
            let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
            rest.split_at(end)
        });
        minor
            .filter(|(_, rest)| rest.is_empty() || rest.starts_with(['.', '+', '-']))
            .and_then(|(minor, _)| minor.parse().ok())
            .map(Self::of_minor)
            .ok_or_else(|| "expected a release of Kubernetes, for example 1.30".to_owned())
    }

    /// The release before.
    pub(super) fn before(self) -> Self {
        Self { minor: self.minor.saturating_sub(1) }
    }

    /// This one and all behind it up to another.
    pub(super) fn up_to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.minor..=last.minor).map(Self::of_minor)
    }

    /// Whether its rules were measured; where they were not, those of the nearest release apply.
    #[must_use]
    pub fn is_measured(self) -> bool {
        (Self::OLDEST..=Self::NEWEST).contains(&self)
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "1.{}", self.minor)
    }
}

/// A behaviour that not every release has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// The kubelet holds a terminal phase back until the containers are stopped, and a terminal pod is not ready (H6, M4).
    HoldBack,
    /// ContainersReady of a failed pod says `PodFailed` (C1).
    PodFailedReason,
    /// RESTARTS says when the last restart was (K6).
    RestartDate,
    /// It does so even where there was none (K6).
    DateWithoutRestarts,
    /// The addresses of a status are looked at although those of the status before were wrong (T4).
    AddressesAlwaysChecked,
    /// An ephemeral container does not leave `terminated` (T2).
    EphemeralGuard,
    /// An address may have leading zeros (T4).
    LeadingZeros,
    /// `DisruptionTarget` is the kubelet's as well as others' (C10).
    SharedDisruptionTarget,
    /// STATUS shows `SchedulingGated` (K2).
    GatedColumn,
    /// A pod's object stays until its phase is terminal, and a stopped pod's phase no longer depends on its restart
    /// policy (H8, P7).
    TerminalBeforeRemoval,
    /// A pod whose regular containers have started is initialized, whatever its init containers say (C5, K4).
    StartedIsInitialized,
    /// The conditions are made of the statuses of init and regular containers in one list (C1, C5).
    OneStatusList,
    /// The guard finds an init container in the spec by its index, and leaves sidecars free (T1).
    InitStatusByIndex,
    /// RESTARTS counts the sidecars with the regular containers (K4).
    SidecarRestarts,
    /// The addresses of the node are looked at, too (T4).
    HostAddressesChecked,
    /// An init container that runs again does not make a started pod pending (P5).
    StartedIsNotPending,
    /// The condition `PodReadyToStartContainers`.
    SandboxCondition,
    /// STATUS of a pod that is being deleted is `Terminating` though its phase is terminal (K5).
    TerminalIsTerminating,
    /// A container status tells of the volume mounts.
    MountsTold,
    /// Whether a pod has started says what its sidecars mean for its phase, and not what its init containers do (P5).
    SidecarsApart,
    /// The class of service cannot be changed (T4).
    QosClassImmutable,
    /// An address that is given twice is told as such, too (T4).
    DuplicateAddressTold,
    /// A pod counts as initialized by the containers of its sandbox, not by its statuses alone (I1).
    InitializedBySandbox,
    /// A condition that is gone is a change of the status (M6).
    GoneConditionIsChange,
    /// The conditions `PodResizePending` and `PodResizeInProgress`.
    ResizeConditions,
    /// `metadata.generation`.
    Generation,
    /// `observedGeneration` in the status and in conditions.
    ObservedGeneration,
    /// A container's own restart policy and rules (R1).
    ContainerRestartRules,
    /// The API server honours a container's own policy wherever one was admitted (T2).
    AdmittedPolicies,
    /// A bound pod is nominated for no node (T4).
    BoundIsNotNominated,
    /// The type of a condition is a label key in the API server's words (T4).
    LabelKeyWords,
    /// STATUS shows a failed container beside a completed one (K4).
    ErrorColumn,
    /// Readiness survives a restart of the kubelet (E5).
    ReadinessKept,
    /// The rule action `RestartAllContainers`, and an Initialized that stays true (R2, C5).
    RestartAllContainers,
    /// The kubelet does not lower a restartCount (E2).
    RestartCountKept,
    /// The status tells of the resources of the whole pod.
    PodResources,
    /// The API server says of leading zeros that it takes none (T4).
    LeadingZerosTold,
    /// `PodReadyToStartContainers` says why it does not hold (C6).
    SandboxReason,
}

/// Every behaviour with the releases that have it on by default: the first, the last if later ones have not, and up to
/// which one the first patch releases had not.
const TABLE: [(Feature, Span); 38] = [
    (Feature::HoldBack, since(22).by_patch_up_to(23)),
    (Feature::PodFailedReason, since(22).by_patch_up_to(24)),
    (Feature::RestartDate, since(22)),
    (Feature::DateWithoutRestarts, since(22).until(27)),
    (Feature::AddressesAlwaysChecked, since(22)),
    (Feature::EphemeralGuard, since(23)),
    (Feature::LeadingZeros, since(23).until(35)),
    (Feature::SharedDisruptionTarget, since(26)),
    (Feature::GatedColumn, since(26)),
    (Feature::TerminalBeforeRemoval, since(27)),
    (Feature::StartedIsInitialized, since(28)),
    (Feature::OneStatusList, since(28)),
    (Feature::InitStatusByIndex, since(28)),
    (Feature::SidecarRestarts, since(28)),
    (Feature::HostAddressesChecked, since(28)),
    (Feature::StartedIsNotPending, since(28).until(31)),
    (Feature::SandboxCondition, since(29)),
    (Feature::TerminalIsTerminating, since(0).until(30)),
    (Feature::MountsTold, since(31)),
    (Feature::SidecarsApart, since(32)),
    (Feature::QosClassImmutable, since(32)),
    (Feature::DuplicateAddressTold, since(0).until(32)),
    (Feature::InitializedBySandbox, since(33)),
    (Feature::GoneConditionIsChange, since(33)),
    (Feature::ResizeConditions, since(33)),
    (Feature::Generation, since(33)),
    (Feature::ObservedGeneration, since(34)),
    (Feature::ContainerRestartRules, since(35)),
    (Feature::AdmittedPolicies, since(35)),
    (Feature::BoundIsNotNominated, since(35)),
    (Feature::LabelKeyWords, since(35)),
    (Feature::ErrorColumn, since(35)),
    (Feature::ReadinessKept, since(35)),
    (Feature::RestartAllContainers, since(36)),
    (Feature::RestartCountKept, since(36)),
    (Feature::PodResources, since(36)),
    (Feature::LeadingZerosTold, since(36)),
    (Feature::SandboxReason, since(37)),
];

impl Feature {
    /// The first release that has it.
    pub(super) fn since(self) -> KubernetesVersion {
        KubernetesVersion::of_minor(TABLE[self as usize].1.since)
    }
}

/// The releases that have a behaviour.
#[derive(Debug, Clone, Copy)]
struct Span {
    since: u8,
    until: u8,
    /// In the releases up to this one it came with a patch.
    by_patch: u8,
}

const fn since(minor: u8) -> Span {
    Span { since: minor, until: u8::MAX, by_patch: 0 }
}

impl Span {
    const fn until(self, minor: u8) -> Self {
        Self { until: minor, ..self }
    }

    const fn by_patch_up_to(self, minor: u8) -> Self {
        Self { by_patch: minor, ..self }
    }
}

/// The behaviours that are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features(u64);

impl Default for Features {
    fn default() -> Self {
        Self::of(KubernetesVersion::NEWEST)
    }
}

impl Features {
    /// What a release has on by default; of its patch releases the last is meant.
    #[must_use]
    pub fn of(version: KubernetesVersion) -> Self {
        Self::where_on(|span| (span.since..=span.until).contains(&version.minor))
    }

    /// What the first patch releases of a release had on by default.
    #[must_use]
    pub fn of_first_patch(version: KubernetesVersion) -> Self {
        let is_on = |minor, span: Span| (span.since..=span.until).contains(&minor) && minor > span.by_patch;
        Self::where_on(|span| is_on(version.minor, span))
    }

    /// What most of some releases have on, the newest first; of as many and as many what the newest has.
    pub(super) fn of_most(versions: impl Iterator<Item = KubernetesVersion>) -> Self {
        let all: Vec<Self> = versions.map(Self::of).collect();
        let on = TABLE.into_iter().map(|(feature, _)| bit(feature));
        let is_mostly_on = |bit: &u64| {
            let count = all.iter().filter(|features| features.0 & bit != 0).count();
            let is_newest = all.first().is_some_and(|newest| newest.0 & bit != 0);
            count * 2 > all.len() || count * 2 == all.len() && is_newest
        };
        Self(on.filter(is_mostly_on).fold(0, |bits, bit| bits | bit))
    }

    fn where_on(is_on: impl Fn(Span) -> bool) -> Self {
        let on = TABLE.into_iter().filter(|(_, span)| is_on(*span));
        Self(on.fold(0, |bits, (feature, _)| bits | bit(feature)))
    }

    /// The same with one of them switched off, as a feature gate does.
    #[must_use]
    pub fn without(self, feature: Feature) -> Self {
        Self(self.0 & !bit(feature))
    }

    /// Whether it is in force.
    #[must_use]
    pub fn has(self, feature: Feature) -> bool {
        self.0 & bit(feature) != 0
    }
}

fn bit(feature: Feature) -> u64 {
    1 << (feature as u32)
}

#[cfg(test)]
mod tests {
    use super::{Features, KubernetesVersion, TABLE};

    #[test]
    fn the_table_holds_every_behaviour_once() {
        for (place, (feature, span)) in TABLE.into_iter().enumerate() {
            assert_eq!(feature as usize, place, "{feature:?}");
            assert!(span.since <= span.until, "{feature:?}");
        }
    }

    #[test]
    fn a_release_is_read_from_what_people_write() {
        let table = [
            ("1.30", Some("1.30")),
            ("v1.26.4", Some("1.26")),
            ("v1.22.9-eks-a64ea69", Some("1.22")),
            ("1.27+", Some("1.27")),
            ("v1.19.3+k3s1", Some("1.19")),
            ("1.x", None),
            ("1.30rc", None),
            ("2.0", None),
            ("fake", None),
        ];
        for (text, expected) in table {
            let found = KubernetesVersion::parse(text).ok().map(|version| version.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_came_with_a_patch_is_told_apart() {
        for (minor, expected) in [(21, true), (22, false), (24, false), (25, true)] {
            let version = KubernetesVersion::of_minor(minor);
            assert_eq!(Features::of(version) == Features::of_first_patch(version), expected, "{version}");
        }
    }
}
