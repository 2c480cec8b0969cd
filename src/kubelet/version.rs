//! What differs between the releases of Kubernetes (section V of `docs/semantics.md`).

use std::fmt;

/// A release of Kubernetes, 1.20 to 1.36.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    minor: u8,
}

impl KubernetesVersion {
    /// The oldest release whose rules are known.
    pub const OLDEST: Self = Self { minor: 20 };
    /// The newest release whose rules are known.
    pub const NEWEST: Self = Self { minor: 36 };

    /// The release `1.MINOR`; releases before and after those that are known count as the nearest one.
    #[must_use]
    pub fn of_minor(minor: u8) -> Self {
        Self { minor }.clamp(Self::OLDEST, Self::NEWEST)
    }

    /// Reads `1.30`, `v1.30` or `v1.30.4+build`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("expected a release from {} to {}, for example 1.30", Self::OLDEST, Self::NEWEST);
        let minor = text.trim_start_matches('v').strip_prefix("1.").and_then(|rest| rest.split('.').next());
        let version = Self { minor: minor.and_then(|minor| minor.parse().ok()).ok_or_else(expected)? };
        if (Self::OLDEST..=Self::NEWEST).contains(&version) { Ok(version) } else { Err(expected()) }
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "1.{}", self.minor)
    }
}

/// A behaviour that some release brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// The kubelet holds a terminal phase back until the containers are stopped (H5 to H7).
    PodWorker,
    /// A pod's object stays until its phase is terminal, and a stopped pod's phase no longer depends on its restart
    /// policy (H8, P7).
    TerminalBeforeRemoval,
    /// The condition `PodReadyToStartContainers`.
    SandboxCondition,
    /// A pod counts as initialized by the containers of its sandbox, not by its statuses alone (I1).
    InitializedBySandbox,
    /// STATUS shows a failed container beside a completed one (K4).
    ErrorColumn,
    /// The conditions `PodResizePending` and `PodResizeInProgress`.
    ResizeConditions,
    /// `metadata.generation`.
    Generation,
    /// `observedGeneration` in the status and in conditions.
    ObservedGeneration,
    /// A container's own restart policy and rules (R1).
    ContainerRestartRules,
    /// Readiness survives a restart of the kubelet (E5).
    ReadinessKept,
    /// The rule action `RestartAllContainers`, and an Initialized that stays true (R2, C5).
    RestartAllContainers,
    /// The kubelet does not lower a restartCount (E2).
    RestartCountKept,
}

impl Feature {
    const ALL: [Self; 12] = [
        Self::PodWorker,
        Self::TerminalBeforeRemoval,
        Self::SandboxCondition,
        Self::InitializedBySandbox,
        Self::ErrorColumn,
        Self::ResizeConditions,
        Self::Generation,
        Self::ObservedGeneration,
        Self::ContainerRestartRules,
        Self::ReadinessKept,
        Self::RestartAllContainers,
        Self::RestartCountKept,
    ];

    /// The minor release in which it is on by default for the first time.
    fn since(self) -> u8 {
        match self {
            Self::PodWorker => 22,
            Self::TerminalBeforeRemoval => 27,
            Self::SandboxCondition => 29,
            Self::InitializedBySandbox | Self::ErrorColumn | Self::ResizeConditions | Self::Generation => 33,
            Self::ObservedGeneration => 34,
            Self::ContainerRestartRules | Self::ReadinessKept => 35,
            Self::RestartAllContainers | Self::RestartCountKept => 36,
        }
    }

    fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// The behaviours that are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features(u16);

impl Features {
    /// What a release has on by default.
    #[must_use]
    pub fn of(version: KubernetesVersion) -> Self {
        let on = Feature::ALL.into_iter().filter(|feature| feature.since() <= version.minor);
        Self(on.fold(0, |bits, feature| bits | feature.bit()))
    }

    /// The same with one of them switched off, as a feature gate does.
    #[must_use]
    pub fn without(self, feature: Feature) -> Self {
        Self(self.0 & !feature.bit())
    }

    /// Whether it is in force.
    #[must_use]
    pub fn has(self, feature: Feature) -> bool {
        self.0 & feature.bit() != 0
    }
}
