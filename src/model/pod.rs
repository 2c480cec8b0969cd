//! A pod as one event shows it: the fields that the replay, the columns and the model read. Everything else stays in
//! the record's bytes.

use super::condition::Condition;
use super::container::{ContainerStatus, Role, StatusesByName};
use super::id::{PodUid, ResourceVersion};
use super::phase::Phase;
use super::printed::Printed;
use super::time::{SECOND_US, StampedAt};
use super::words::words;

words! {
    /// `spec.restartPolicy`, of a pod or of a container.
    RestartPolicy {
        /// Start again whatever the exit code.
        Always = "Always",
        /// Start again unless the exit code is 0.
        OnFailure = "OnFailure",
        /// Never start again.
        Never = "Never",
    }
}

/// A pod object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pod {
    /// Who it is, and when it was written.
    pub metadata: Metadata,
    /// What was asked for.
    pub spec: Spec,
    /// What the cluster reports.
    pub status: Status,
    /// What kubectl printed of it, where no object was seen.
    pub printed: Option<Box<Printed>>,
}

/// The part of `metadata` that is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The namespace.
    pub namespace: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// The incarnation.
    pub uid: PodUid,
    /// The version of this object.
    pub resource_version: Option<ResourceVersion>,
    /// Rises with each change of the spec.
    pub generation: Option<i64>,
    /// When the API server created it.
    pub created_at: Option<StampedAt>,
    /// `deletionTimestamp`: when the grace period ends, not when the deletion was asked for.
    pub deletion_at: Option<StampedAt>,
    /// `deletionGracePeriodSeconds`.
    pub deletion_grace_seconds: Option<i64>,
    /// It has finalizers: a deletion waits for them.
    pub has_finalizers: bool,
    /// The newest `managedFields[].time`: the API server's clock at a write that it could attribute.
    pub written_at: Option<StampedAt>,
    /// The entries of `managedFields` that own a part of the status: who wrote it, and when last.
    pub status_writers: Vec<StatusWriter>,
    /// The entries of `managedFields` that own a part of the rest.
    pub writers: Vec<Writer>,
    /// The annotation `kubernetes.io/config.source`: where a kubelet found the pod, for example `file`.
    pub config_source: Option<Box<str>>,
    /// The annotation `kubernetes.io/config.mirror`: the uid under which the kubelet knows the static pod that this one mirrors.
    pub config_mirror: Option<Box<str>>,
}

/// A field manager that owns a part of the object outside the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// Who.
    pub manager: Box<str>,
    /// It applies (server-side apply) and does not update.
    pub applies: bool,
    /// The API server's clock at its last write that changed something, whole seconds.
    pub at: Option<StampedAt>,
}

/// A field manager that owns a part of the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusWriter {
    /// Who.
    pub manager: Manager,
    /// The API server's clock at its last write that changed something, whole seconds.
    pub at: Option<StampedAt>,
    /// It owns `status.startTime`, which the agent of a node writes when it takes the pod, whatever it is called.
    pub took_pod: bool,
}

words! {
    /// The name under which a client writes.
    Manager {
        /// The node's agent.
        Kubelet = "kubelet",
    }
}

impl Metadata {
    /// When the deletion was asked for: `deletionTimestamp` is the end of the grace period, so the period is taken off.
    #[must_use]
    pub fn deletion_requested_at(&self) -> Option<StampedAt> {
        let grace_us = self.deletion_grace_seconds.unwrap_or(0).max(0).saturating_mul(SECOND_US);
        self.deletion_at.map(|at| at.plus_micros(grace_us.saturating_neg()))
    }

    /// What the API server stamped of each manager's last write.
    pub fn write_stamps(&self) -> impl Iterator<Item = StampedAt> + '_ {
        let of_status = self.status_writers.iter().filter_map(|writer| writer.at);
        let of_rest = self.writers.iter().filter_map(|writer| writer.at);
        of_status.chain(of_rest)
    }
}

/// The part of `spec` that is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spec {
    /// Where it is bound to.
    pub node_name: Option<Box<str>>,
    /// Init containers and sidecars in order, then the regular ones, then the ephemeral ones.
    pub containers: Vec<ContainerSpec>,
    /// Types of `readinessGates`.
    pub readiness_gates: Vec<Box<str>>,
    /// What happens after a container ended.
    pub restart_policy: Option<RestartPolicy>,
    /// The pod fails when it is older than this, counted from `status.startTime`.
    pub active_deadline_seconds: Option<i64>,
    /// It shares the node's network, and so its address.
    pub host_network: bool,
    /// It has `schedulingGates`: nobody may bind it yet.
    pub is_scheduling_gated: bool,
}

impl Spec {
    /// How many containers have this role.
    #[must_use]
    pub fn count(&self, role: Role) -> usize {
        self.containers.iter().filter(|container| container.role == role).count()
    }

    /// The first container of this name among those whose status stands in `initContainerStatuses`.
    #[must_use]
    pub fn is_sidecar(&self, name: &str) -> bool {
        self.containers
            .iter()
            .find(|container| matches!(container.role, Role::Init | Role::Sidecar) && *container.name == *name)
            .is_some_and(|container| container.role == Role::Sidecar)
    }
}

/// One container of the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerSpec {
    /// Its name.
    pub name: Box<str>,
    /// What it is to the pod.
    pub role: Role,
    /// Its own restart policy, where it has one (init containers since 1.28, all since 1.34).
    pub restart_policy: Option<RestartPolicy>,
    /// What certain exit codes do, before the policy is asked; the first that matches decides.
    pub restart_rules: Vec<RestartRule>,
}

/// One of a container's `restartPolicyRules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartRule {
    /// What to do, for example `Restart`.
    pub action: RestartAction,
    /// On which exit codes; without them it never matches.
    pub exit_codes: Option<ExitCodes>,
}

/// The exit codes that a restart rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitCodes {
    /// How the list is meant.
    pub operator: ExitCodeOperator,
    /// The list.
    pub values: Vec<i64>,
}

words! {
    /// What a restart rule does.
    RestartAction {
        /// Starts the container again.
        Restart = "Restart",
        /// Starts all containers of the pod again.
        RestartAllContainers = "RestartAllContainers",
    }
}

words! {
    /// How a restart rule's list of exit codes is meant.
    ExitCodeOperator {
        /// A code of the list matches.
        In = "In",
        /// Every other code matches.
        NotIn = "NotIn",
    }
}

/// The part of `status` that is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// `None` when the status is empty (somebody wiped it).
    pub phase: Option<Phase>,
    /// For example `Evicted`.
    pub reason: Option<Box<str>>,
    /// A sentence to the reason.
    pub message: Option<Box<str>>,
    /// Where a preemption makes room for it.
    pub nominated_node_name: Option<Box<str>>,
    /// The node's address.
    pub host_ip: Option<Box<str>>,
    /// All the node's addresses; two if it is dual-stack.
    pub host_ips: Vec<Box<str>>,
    /// The pod's addresses.
    pub pod_ips: Vec<Box<str>>,
    /// When the kubelet took it.
    pub start_at: Option<StampedAt>,
    /// `Guaranteed`, `Burstable` or `BestEffort`.
    pub qos_class: Option<Box<str>>,
    /// `observedGeneration`: the generation of the spec that the kubelet acted on, Kubernetes 1.34 and newer.
    pub observed_generation: Option<i64>,
    /// Conditions in the order of the object.
    pub conditions: Vec<Condition>,
    /// `initContainerStatuses`; absent and empty differ (SEMANTICS C1).
    pub init_containers: Option<Vec<ContainerStatus>>,
    /// `containerStatuses`.
    pub containers: Option<Vec<ContainerStatus>>,
    /// `ephemeralContainerStatuses`.
    pub ephemeral_containers: Option<Vec<ContainerStatus>>,
    /// Whether the container statuses tell of volume mounts; `None` if no container whose status is told has any.
    pub tells_mounts: Option<bool>,
    /// The resources of the whole pod are told: `resources`.
    pub tells_resources: bool,
}

impl Status {
    /// The condition of this type; the first entry counts.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| *condition.kind == *kind)
    }
}

impl Pod {
    /// Neither a version nor a creation time: no API server wrote it like this.
    #[must_use]
    pub fn is_without_times(&self) -> bool {
        self.metadata.resource_version.is_none() && self.metadata.created_at.is_none()
    }

    /// When it was created, for AGE.
    pub fn aged_from(&self) -> Option<StampedAt> {
        let row = self.printed.as_ref().and_then(|printed| printed.row.as_ref());
        self.metadata.created_at.or_else(|| row?.created_at)
    }

    /// The statuses of containers by role and name.
    pub fn statuses_by_name<'a>(&'a self) -> impl Fn(Role, &str) -> Option<&'a ContainerStatus> {
        let status = &self.status;
        let lists = [&status.init_containers, &status.containers, &status.ephemeral_containers];
        let [init, regular, ephemeral] = lists.map(|list| StatusesByName::of(list.as_deref()));
        move |role, name| match role {
            Role::Init | Role::Sidecar => init.get(name),
            Role::Regular => regular.get(name),
            Role::Ephemeral => ephemeral.get(name),
        }
    }

    /// Every container status with the role of its container: init and sidecar in their order, regular, ephemeral.
    /// A name that stands twice in one list is taken once, the first.
    pub fn container_statuses(&self) -> impl Iterator<Item = (Role, &ContainerStatus)> {
        let lists = [
            (Role::Init, &self.status.init_containers),
            (Role::Regular, &self.status.containers),
            (Role::Ephemeral, &self.status.ephemeral_containers),
        ];
        lists.into_iter().flat_map(move |(list_role, list)| {
            let by_name = StatusesByName::of(list.as_deref());
            list.iter().flatten().enumerate().filter_map(move |(index, status)| {
                if by_name.place(&status.name) != Some(index) {
                    return None;
                }
                let role = match list_role {
                    Role::Init if self.spec.is_sidecar(&status.name) => Role::Sidecar,
                    Role::Init | Role::Sidecar | Role::Regular | Role::Ephemeral => list_role,
                };
                Some((role, status))
            })
        })
    }
}
