//! Pods as they stand in JSON, borrowed from the text, and their way into the model's words.
//!
//! Everything is optional and `null` counts as absent: recordings come from many versions and hands, and what a
//! replay needs must not fail on what it does not. Unknown fields are passed over; they live on in the record's bytes.

use serde::de::IgnoredAny;

use super::json_text::{Nullable, Text};
use super::managed_fields::Writers;
use crate::model::{
    Condition, ConditionStatus, ContainerSpec, ContainerState, ContainerStatus, ExitCodeOperator, ExitCodes, Metadata,
    Phase, PodUid, ResourceVersion, RestartAction, RestartPolicy, RestartRule, Role, Running, Spec, StampedAt, Status,
    Terminated, Waiting,
};

fn owned(text: Text<'_>) -> Option<Box<str>> {
    text.0.filter(|text| !text.is_empty()).map(|text| Box::from(&*text))
}

fn boxed(text: Text<'_>) -> Box<str> {
    Box::from(text.as_deref().unwrap_or_default())
}

/// Each of a list, in no more room than they need: collected, they would keep the room of what they were made of.
fn each<Raw, T>(raw: Vec<Raw>, into_model: impl FnMut(Raw) -> T) -> Vec<T> {
    let mut all = Vec::with_capacity(raw.len());
    all.extend(raw.into_iter().map(into_model));
    all
}

fn stamp(text: &Text<'_>) -> Option<StampedAt> {
    text.as_deref().and_then(StampedAt::parse)
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct RawMetadata<'a> {
    namespace: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) uid: Text<'a>,
    pub(super) resource_version: Text<'a>,
    /// What the Python client calls the version.
    #[serde(rename = "resource_version")]
    pub(super) python_version: Option<IgnoredAny>,
    generation: Option<i64>,
    creation_timestamp: Text<'a>,
    pub(super) deletion_timestamp: Text<'a>,
    pub(super) deletion_grace_period_seconds: Option<i64>,
    managed_fields: Nullable<Writers>,
    annotations: Nullable<RawAnnotations<'a>>,
    pub(super) finalizers: Nullable<Vec<IgnoredAny>>,
}

/// The annotations of a kubelet, which say something of the pod's life; the others, often most of the metadata, are skipped.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawAnnotations<'a> {
    #[serde(rename = "kubernetes.io/config.source")]
    config_source: Text<'a>,
    #[serde(rename = "kubernetes.io/config.mirror")]
    config_mirror: Text<'a>,
}

impl RawMetadata<'_> {
    pub(super) fn into_model(self) -> Metadata {
        let annotations = self.annotations.0;
        // A kubelet keeps the object as it first saw it, and puts each newer status into it: neither the version nor the managed
        // fields of its copy say anything of the status.
        let is_copy = annotations.config_source.as_deref() == Some("api");
        let written = if is_copy { Writers::default() } else { self.managed_fields.0 };
        let version = self.resource_version.as_deref().filter(|_| !is_copy);
        Metadata {
            namespace: boxed(self.namespace),
            name: boxed(self.name),
            uid: PodUid(boxed(self.uid)),
            resource_version: version.and_then(ResourceVersion::new),
            generation: self.generation,
            created_at: stamp(&self.creation_timestamp),
            deletion_at: stamp(&self.deletion_timestamp),
            deletion_grace_seconds: self.deletion_grace_period_seconds,
            has_finalizers: !self.finalizers.0.is_empty(),
            written_at: written.newest,
            status_writers: written.of_status,
            writers: written.of_object,
            config_source: owned(annotations.config_source),
            config_mirror: owned(annotations.config_mirror),
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct RawSpec<'a> {
    node_name: Text<'a>,
    pub(super) containers: Nullable<Vec<RawContainerSpec<'a>>>,
    pub(super) init_containers: Nullable<Vec<RawContainerSpec<'a>>>,
    ephemeral_containers: Nullable<Vec<RawContainerSpec<'a>>>,
    readiness_gates: Nullable<Vec<RawReadinessGate<'a>>>,
    restart_policy: Text<'a>,
    active_deadline_seconds: Option<i64>,
    host_network: Nullable<bool>,
    scheduling_gates: Nullable<Vec<IgnoredAny>>,
}

impl RawSpec<'_> {
    /// Whether only a pod has such a spec: containers, each with a name.
    pub(super) fn is_of_pod(&self) -> bool {
        !self.containers.is_empty() && self.containers.iter().all(|container| container.name.is_some())
    }

    pub(super) fn into_model(self) -> Spec {
        let init = self.init_containers.0.into_iter().map(|container| {
            let is_sidecar = container.restart_policy.as_deref() == Some(RestartPolicy::Always.as_str());
            (container, if is_sidecar { Role::Sidecar } else { Role::Init })
        });
        let regular = self.containers.0.into_iter().map(|container| (container, Role::Regular));
        let ephemeral = self.ephemeral_containers.0.into_iter().map(|container| (container, Role::Ephemeral));
        Spec {
            node_name: owned(self.node_name),
            containers: init
                .chain(regular)
                .chain(ephemeral)
                .map(|(container, role)| container.into_model(role))
                .collect(),
            readiness_gates: each(self.readiness_gates.0, |gate| boxed(gate.condition_type)),
            restart_policy: policy(&self.restart_policy),
            active_deadline_seconds: self.active_deadline_seconds,
            host_network: *self.host_network,
            is_scheduling_gated: !self.scheduling_gates.is_empty(),
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct RawContainerSpec<'a> {
    name: Text<'a>,
    restart_policy: Text<'a>,
    restart_policy_rules: Nullable<Vec<RawRestartRule<'a>>>,
    volume_mounts: Option<serde::de::IgnoredAny>,
}

fn policy(text: &Text<'_>) -> Option<RestartPolicy> {
    text.as_deref().filter(|text| !text.is_empty()).map(RestartPolicy::from)
}

impl RawContainerSpec<'_> {
    fn into_model(self, role: Role) -> ContainerSpec {
        ContainerSpec {
            name: boxed(self.name),
            role,
            restart_policy: policy(&self.restart_policy),
            restart_rules: each(self.restart_policy_rules.0, RawRestartRule::into_model),
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawRestartRule<'a> {
    action: Text<'a>,
    exit_codes: Option<RawExitCodes<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawExitCodes<'a> {
    operator: Text<'a>,
    values: Nullable<Vec<i64>>,
}

impl RawRestartRule<'_> {
    fn into_model(self) -> RestartRule {
        RestartRule {
            action: RestartAction::from(self.action.as_deref().unwrap_or_default()),
            exit_codes: self.exit_codes.map(|codes| ExitCodes {
                operator: ExitCodeOperator::from(codes.operator.as_deref().unwrap_or_default()),
                values: codes.values.0,
            }),
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawReadinessGate<'a> {
    condition_type: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct RawStatus<'a> {
    pub(super) phase: Text<'a>,
    reason: Text<'a>,
    message: Text<'a>,
    nominated_node_name: Text<'a>,
    #[serde(rename = "hostIP")]
    host_ip: Text<'a>,
    #[serde(rename = "hostIPs")]
    host_ips: Nullable<Vec<RawAddress<'a>>>,
    #[serde(rename = "podIP")]
    pod_ip: Text<'a>,
    #[serde(rename = "podIPs")]
    pod_ips: Nullable<Vec<RawAddress<'a>>>,
    start_time: Text<'a>,
    qos_class: Text<'a>,
    resources: Option<serde::de::IgnoredAny>,
    observed_generation: Option<i64>,
    pub(super) conditions: Nullable<Vec<RawCondition<'a>>>,
    init_container_statuses: Option<Vec<RawContainerStatus<'a>>>,
    container_statuses: Option<Vec<RawContainerStatus<'a>>>,
    ephemeral_container_statuses: Option<Vec<RawContainerStatus<'a>>>,
}

impl RawStatus<'_> {
    /// Whether the statuses tell of the volume mounts of the containers; `None` where no container has any.
    pub(super) fn tells_mounts(&self, spec: &RawSpec<'_>) -> Option<bool> {
        let all = spec.containers.iter().chain(spec.init_containers.iter());
        let mounting = all.filter(|container| container.volume_mounts.is_some());
        let mut mounting: Vec<Option<&str>> = mounting.map(|container| container.name.as_deref()).collect();
        mounting.sort_unstable();
        let mut told = [&self.container_statuses, &self.init_container_statuses].into_iter().flatten().flatten();
        let status = told.find(|status| mounting.binary_search(&status.name.as_deref()).is_ok())?;
        Some(status.volume_mounts.is_some())
    }

    pub(super) fn container_count(&self) -> usize {
        [&self.init_container_statuses, &self.container_statuses, &self.ephemeral_container_statuses]
            .into_iter()
            .flatten()
            .map(Vec::len)
            .sum()
    }

    pub(super) fn into_model(self, tells_mounts: Option<bool>) -> Status {
        let statuses =
            |list: Option<Vec<RawContainerStatus<'_>>>| list.map(|list| each(list, RawContainerStatus::into_model));
        Status {
            phase: self.phase.as_deref().filter(|phase| !phase.is_empty()).map(Phase::from),
            reason: owned(self.reason),
            message: owned(self.message),
            nominated_node_name: owned(self.nominated_node_name),
            host_ip: owned(self.host_ip),
            host_ips: each(self.host_ips.0, |entry| boxed(entry.ip)),
            pod_ips: addresses(self.pod_ip, self.pod_ips.0),
            start_at: stamp(&self.start_time),
            qos_class: owned(self.qos_class),
            observed_generation: self.observed_generation,
            conditions: each(self.conditions.0, RawCondition::into_model),
            init_containers: statuses(self.init_container_statuses),
            containers: statuses(self.container_statuses),
            ephemeral_containers: statuses(self.ephemeral_container_statuses),
            tells_mounts,
            tells_resources: self.resources.is_some(),
        }
    }
}

/// The addresses, the one that counts first: to the API server that is `podIP`, where the list is missing or begins with another.
fn addresses(ip: Text<'_>, ips: Vec<RawAddress<'_>>) -> Vec<Box<str>> {
    let mut all = each(ips, |entry| boxed(entry.ip));
    if let Some(ip) = owned(ip).filter(|ip| all.first() != Some(ip)) {
        all.insert(0, ip);
    }
    all
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawAddress<'a> {
    ip: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct RawCondition<'a> {
    #[serde(rename = "type")]
    kind: Text<'a>,
    status: Text<'a>,
    reason: Text<'a>,
    message: Text<'a>,
    last_transition_time: Text<'a>,
    last_probe_time: Text<'a>,
    observed_generation: Option<i64>,
}

impl RawCondition<'_> {
    fn into_model(self) -> Condition {
        Condition {
            kind: boxed(self.kind),
            status: ConditionStatus::from(self.status.as_deref().unwrap_or_default()),
            reason: owned(self.reason),
            message: owned(self.message),
            last_transition_at: stamp(&self.last_transition_time),
            last_probe_at: stamp(&self.last_probe_time),
            observed_generation: self.observed_generation,
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawContainerStatus<'a> {
    name: Text<'a>,
    state: Nullable<RawContainerState<'a>>,
    last_state: Nullable<RawContainerState<'a>>,
    ready: Nullable<bool>,
    started: Option<bool>,
    restart_count: Nullable<i64>,
    volume_mounts: Option<serde::de::IgnoredAny>,
}

impl RawContainerStatus<'_> {
    fn into_model(self) -> ContainerStatus {
        ContainerStatus {
            name: boxed(self.name),
            state: self.state.0.into_model(),
            last: self.last_state.0.into_model(),
            ready: *self.ready,
            started: self.started,
            restart_count: *self.restart_count,
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawContainerState<'a> {
    waiting: Option<RawState<'a>>,
    running: Option<RawState<'a>>,
    terminated: Option<RawState<'a>>,
}

/// The members of `waiting`, `running` and `terminated` together.
#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawState<'a> {
    reason: Text<'a>,
    message: Text<'a>,
    exit_code: Nullable<i64>,
    signal: Nullable<i64>,
    started_at: Text<'a>,
    finished_at: Text<'a>,
}

impl RawContainerState<'_> {
    fn into_model(self) -> ContainerState {
        ContainerState {
            waiting: self
                .waiting
                .map(|state| Box::new(Waiting { reason: owned(state.reason), message: owned(state.message) })),
            running: self.running.map(|state| Running { started_at: stamp(&state.started_at) }),
            terminated: self.terminated.map(|state| {
                Box::new(Terminated {
                    exit_code: *state.exit_code,
                    signal: *state.signal,
                    started_at: stamp(&state.started_at),
                    finished_at: stamp(&state.finished_at),
                    reason: owned(state.reason),
                    message: owned(state.message),
                })
            }),
        }
    }
}
