//! Pods, lists and watch events as they stand in JSON, borrowed from the text, and their way into the model's words.
//!
//! Everything is optional and `null` counts as absent: recordings come from many versions and hands, and what a
//! replay needs must not fail on what it does not. Unknown fields are passed over; they live on in the record's bytes.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::{
    Condition, ConditionStatus, ContainerSpec, ContainerState, ContainerStatus, ExitCodeOperator, ExitCodes, Manager,
    Metadata, Phase, Pod, PodUid, ResourceVersion, RestartAction, RestartPolicy, RestartRule, Role, Running, Spec,
    StampedAt, Status, StatusWriter, Terminated, Waiting,
};

/// Containers and their statuses together. An object in etcd has 1.5 MB, in which no more of them fit.
const CONTAINERS_MAX: usize = 5_000;
/// Kubernetes writes seven; readiness gates and operators add a few.
const CONDITIONS_MAX: usize = 500;

/// `null` is absent. Serde's `default` covers the missing key, this the null one.
fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Text that borrows where it can, and may be absent or `null`: serde's own `Cow` inside an `Option` always copies.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl<'a> Deref for Text<'a> {
    type Target = Option<Cow<'a, str>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Option<Cow<'de, str>>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string or null")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Some(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Some(Cow::Owned(text.to_owned())))
            }
            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
            fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
                from.deserialize_str(self)
            }
        }
        from.deserialize_option(TextVisitor).map(Self)
    }
}

fn owned(text: Text<'_>) -> Option<Box<str>> {
    text.0.filter(|text| !text.is_empty()).map(|text| Box::from(&*text))
}

fn boxed(text: Text<'_>) -> Box<str> {
    Box::from(text.as_deref().unwrap_or_default())
}

fn stamp(text: &Text<'_>) -> Option<StampedAt> {
    text.as_deref().and_then(StampedAt::parse)
}

/// One JSON document of a recording: a watch event, a list, or an object by itself.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Document<'a> {
    #[serde(rename = "type")]
    pub(super) event: Text<'a>,
    pub(super) object: Option<Object<'a>>,
    /// The object as it came, where the Python client makes its own of it.
    pub(super) raw_object: Option<Object<'a>>,
    pub(super) items: Option<&'a RawValue>,
    pub(super) kind: Text<'a>,
    #[serde(deserialize_with = "null_is_default")]
    metadata: RawMetadata<'a>,
    spec: Option<RawSpec<'a>>,
    status: Option<RawStatus<'a>>,
}

impl<'a> Document<'a> {
    /// The document as an object by itself.
    pub(super) fn into_object(self) -> Object<'a> {
        Object { kind: self.kind, metadata: self.metadata, spec: self.spec, status: self.status, code: None }
    }

    /// Whether the document is a pod by itself.
    pub(super) fn is_pod(&self) -> bool {
        match self.kind.as_deref() {
            Some(kind) => kind == "Pod",
            None => self.spec.as_ref().is_some_and(|spec| !spec.containers.is_empty()),
        }
    }

    /// The document's own kind, for example `PodList`.
    pub(super) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The version of a list.
    pub(super) fn resource_version(&self) -> Option<ResourceVersion> {
        self.metadata.resource_version.as_deref().and_then(ResourceVersion::new)
    }
}

/// A Kubernetes object. Of other kinds than Pod only the kind is of use.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Object<'a> {
    pub(super) kind: Text<'a>,
    #[serde(deserialize_with = "null_is_default")]
    metadata: RawMetadata<'a>,
    spec: Option<RawSpec<'a>>,
    status: Option<RawStatus<'a>>,
    /// Of a `Status` object.
    pub(super) code: Option<i64>,
}

const PYTHON_KEYS: &str = "the Pod has the keys of the Python client (resource_version); expected those of the API: \
                           json.dumps(event['raw_object'])";

impl Object<'_> {
    /// True for a pod; items of a `PodList` often carry no kind, then the containers of the spec tell.
    pub(super) fn is_pod(&self) -> bool {
        match self.kind.as_deref() {
            Some(kind) => kind == "Pod",
            None => self.spec.as_ref().is_some_and(|spec| !spec.containers.is_empty()),
        }
    }

    pub(super) fn resource_version(&self) -> Option<ResourceVersion> {
        self.metadata.resource_version.as_deref().and_then(ResourceVersion::new)
    }

    /// Nothing holds the object any longer: it is asked to go at once and has no finalizers.
    pub(super) fn is_unheld(&self) -> bool {
        let metadata = &self.metadata;
        metadata.deletion_timestamp.is_some()
            && metadata.deletion_grace_period_seconds.unwrap_or(0) == 0
            && metadata.finalizers.is_empty()
    }

    /// True for a pod that no API server has seen: what a person writes and applies.
    pub(super) fn is_manifest(&self) -> bool {
        self.metadata.uid.is_none() && self.metadata.resource_version.is_none() && self.status.is_none()
    }

    /// The pod in the model's words. An error says which of the fields that make a pod's identity is missing.
    pub(super) fn into_pod(self) -> Result<Pod, String> {
        for (field, value) in [("uid", &self.metadata.uid), ("name", &self.metadata.name)] {
            if value.as_deref().is_none_or(str::is_empty) {
                return Err(format!(
                    "the Pod has no metadata.{field}; expected an object as an API server returns it, not a manifest"
                ));
            }
        }
        if self.metadata.python_version.is_some() {
            return Err(PYTHON_KEYS.to_owned());
        }
        let containers = self.status.as_ref().map_or(0, RawStatus::container_count)
            + self.spec.as_ref().map_or(0, |spec| spec.containers.len() + spec.init_containers.len());
        if containers > CONTAINERS_MAX {
            return Err(format!("the Pod has more than {CONTAINERS_MAX} containers; expected what fits into etcd"));
        }
        if self.status.as_ref().is_some_and(|status| status.conditions.len() > CONDITIONS_MAX) {
            return Err(format!("the Pod has more than {CONDITIONS_MAX} conditions; expected what a person can read"));
        }
        Ok(self.into_pod_as_known())
    }

    /// The same of an object that is known in part only.
    pub(super) fn into_pod_as_known(self) -> Pod {
        Pod {
            metadata: self.metadata.into_model(),
            spec: self.spec.unwrap_or_default().into_model(),
            status: self.status.unwrap_or_default().into_model(),
        }
    }
}

/// Just enough of a document to say what it is, for documents that do not parse as a pod.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Outline<'a> {
    #[serde(rename = "type")]
    pub(super) event: Text<'a>,
    pub(super) object: Option<ObjectOutline<'a>>,
    pub(super) kind: Text<'a>,
    pub(super) items: Option<&'a RawValue>,
}

/// The kind and the error code of an object.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ObjectOutline<'a> {
    pub(super) kind: Text<'a>,
    pub(super) code: Option<i64>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawMetadata<'a> {
    namespace: Text<'a>,
    name: Text<'a>,
    uid: Text<'a>,
    resource_version: Text<'a>,
    /// What the Python client calls the version.
    #[serde(rename = "resource_version")]
    python_version: Option<serde::de::IgnoredAny>,
    generation: Option<i64>,
    creation_timestamp: Text<'a>,
    deletion_timestamp: Text<'a>,
    deletion_grace_period_seconds: Option<i64>,
    #[serde(deserialize_with = "null_is_default")]
    managed_fields: Writers,
    #[serde(deserialize_with = "null_is_default")]
    annotations: RawAnnotations<'a>,
    #[serde(deserialize_with = "null_is_default")]
    finalizers: Vec<serde::de::IgnoredAny>,
}

/// The one annotation that says something of the pod's life; the others, often most of the metadata, are passed over.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawAnnotations<'a> {
    #[serde(rename = "kubernetes.io/config.source")]
    config_source: Text<'a>,
}

impl RawMetadata<'_> {
    fn into_model(self) -> Metadata {
        Metadata {
            namespace: boxed(self.namespace),
            name: boxed(self.name),
            uid: PodUid(boxed(self.uid)),
            resource_version: self.resource_version.as_deref().and_then(ResourceVersion::new),
            generation: self.generation,
            created_at: stamp(&self.creation_timestamp),
            deletion_at: stamp(&self.deletion_timestamp),
            deletion_grace_seconds: self.deletion_grace_period_seconds,
            written_at: self.managed_fields.newest,
            status_writers: self.managed_fields.of_status,
            config_source: owned(self.annotations.config_source),
        }
    }
}

/// Who wrote and when, of a list of managed fields; the rest of it, nearly half of a pod's bytes, is passed over.
#[derive(Default)]
struct Writers {
    newest: Option<StampedAt>,
    of_status: Vec<StatusWriter>,
}

impl<'de> Deserialize<'de> for Writers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct WritersVisitor;
        impl<'de> Visitor<'de> for WritersVisitor {
            type Value = Writers;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of managed fields")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut writers = Writers::default();
                while let Some(entry) = entries.next_element::<RawManagedFields<'de>>()? {
                    let at = stamp(&entry.time);
                    writers.newest = at.max(writers.newest);
                    if entry.subresource.as_deref() == Some("status") {
                        let manager = Manager::from(entry.manager.as_deref().unwrap_or_default());
                        writers.of_status.push(StatusWriter { manager, at });
                    }
                }
                Ok(writers)
            }
        }
        from.deserialize_seq(WritersVisitor)
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawManagedFields<'a> {
    manager: Text<'a>,
    subresource: Text<'a>,
    time: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawSpec<'a> {
    node_name: Text<'a>,
    #[serde(deserialize_with = "null_is_default")]
    containers: Vec<RawContainerSpec<'a>>,
    #[serde(deserialize_with = "null_is_default")]
    init_containers: Vec<RawContainerSpec<'a>>,
    #[serde(deserialize_with = "null_is_default")]
    ephemeral_containers: Vec<RawContainerSpec<'a>>,
    #[serde(deserialize_with = "null_is_default")]
    readiness_gates: Vec<RawReadinessGate<'a>>,
    restart_policy: Text<'a>,
    active_deadline_seconds: Option<i64>,
    #[serde(deserialize_with = "null_is_default")]
    host_network: bool,
    #[serde(deserialize_with = "null_is_default")]
    scheduling_gates: Vec<serde::de::IgnoredAny>,
}

impl RawSpec<'_> {
    fn into_model(self) -> Spec {
        let init = self.init_containers.into_iter().map(|container| {
            let is_sidecar = container.restart_policy.as_deref() == Some(RestartPolicy::Always.as_str());
            (container, if is_sidecar { Role::Sidecar } else { Role::Init })
        });
        let regular = self.containers.into_iter().map(|container| (container, Role::Regular));
        let ephemeral = self.ephemeral_containers.into_iter().map(|container| (container, Role::Ephemeral));
        Spec {
            node_name: owned(self.node_name),
            containers: init
                .chain(regular)
                .chain(ephemeral)
                .map(|(container, role)| container.into_model(role))
                .collect(),
            readiness_gates: self.readiness_gates.into_iter().map(|gate| boxed(gate.condition_type)).collect(),
            restart_policy: policy(&self.restart_policy),
            active_deadline_seconds: self.active_deadline_seconds,
            host_network: self.host_network,
            is_scheduling_gated: !self.scheduling_gates.is_empty(),
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawContainerSpec<'a> {
    name: Text<'a>,
    restart_policy: Text<'a>,
    #[serde(deserialize_with = "null_is_default")]
    restart_policy_rules: Vec<RawRestartRule<'a>>,
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
            restart_rules: self.restart_policy_rules.into_iter().map(RawRestartRule::into_model).collect(),
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
    #[serde(deserialize_with = "null_is_default")]
    values: Vec<i64>,
}

impl RawRestartRule<'_> {
    fn into_model(self) -> RestartRule {
        RestartRule {
            action: RestartAction::from(self.action.as_deref().unwrap_or_default()),
            exit_codes: self.exit_codes.map(|codes| ExitCodes {
                operator: ExitCodeOperator::from(codes.operator.as_deref().unwrap_or_default()),
                values: codes.values,
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
struct RawStatus<'a> {
    phase: Text<'a>,
    reason: Text<'a>,
    message: Text<'a>,
    nominated_node_name: Text<'a>,
    #[serde(rename = "hostIP")]
    host_ip: Text<'a>,
    #[serde(rename = "podIPs", deserialize_with = "null_is_default")]
    pod_ips: Vec<RawPodIp<'a>>,
    start_time: Text<'a>,
    qos_class: Text<'a>,
    observed_generation: Option<i64>,
    #[serde(deserialize_with = "null_is_default")]
    conditions: Vec<RawCondition<'a>>,
    init_container_statuses: Option<Vec<RawContainerStatus<'a>>>,
    container_statuses: Option<Vec<RawContainerStatus<'a>>>,
    ephemeral_container_statuses: Option<Vec<RawContainerStatus<'a>>>,
}

impl RawStatus<'_> {
    fn container_count(&self) -> usize {
        [&self.init_container_statuses, &self.container_statuses, &self.ephemeral_container_statuses]
            .into_iter()
            .flatten()
            .map(Vec::len)
            .sum()
    }

    fn into_model(self) -> Status {
        let statuses = |list: Option<Vec<RawContainerStatus<'_>>>| {
            list.map(|list| list.into_iter().map(RawContainerStatus::into_model).collect())
        };
        Status {
            phase: self.phase.as_deref().filter(|phase| !phase.is_empty()).map(Phase::from),
            reason: owned(self.reason),
            message: owned(self.message),
            nominated_node_name: owned(self.nominated_node_name),
            host_ip: owned(self.host_ip),
            pod_ips: self.pod_ips.into_iter().map(|entry| boxed(entry.ip)).collect(),
            start_at: stamp(&self.start_time),
            qos_class: owned(self.qos_class),
            observed_generation: self.observed_generation,
            conditions: self.conditions.into_iter().map(RawCondition::into_model).collect(),
            init_containers: statuses(self.init_container_statuses),
            containers: statuses(self.container_statuses),
            ephemeral_containers: statuses(self.ephemeral_container_statuses),
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawPodIp<'a> {
    ip: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawCondition<'a> {
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
    #[serde(deserialize_with = "null_is_default")]
    state: RawContainerState<'a>,
    #[serde(deserialize_with = "null_is_default")]
    last_state: RawContainerState<'a>,
    #[serde(deserialize_with = "null_is_default")]
    ready: bool,
    started: Option<bool>,
    #[serde(deserialize_with = "null_is_default")]
    restart_count: i64,
}

impl RawContainerStatus<'_> {
    fn into_model(self) -> ContainerStatus {
        ContainerStatus {
            name: boxed(self.name),
            state: self.state.into_model(),
            last: self.last_state.into_model(),
            ready: self.ready,
            started: self.started,
            restart_count: self.restart_count,
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
    #[serde(deserialize_with = "null_is_default")]
    exit_code: i64,
    #[serde(deserialize_with = "null_is_default")]
    signal: i64,
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
                    exit_code: state.exit_code,
                    signal: state.signal,
                    started_at: stamp(&state.started_at),
                    finished_at: stamp(&state.finished_at),
                    reason: owned(state.reason),
                    message: owned(state.message),
                })
            }),
        }
    }
}

/// What an object says of what it belongs to.
pub(super) struct Labelled<'a> {
    pub(super) labels: &'a serde_json::Value,
    pub(super) owners: &'a serde_json::Value,
}

impl<'a> Labelled<'a> {
    pub(super) fn of(object: &'a serde_json::Value) -> Self {
        let metadata = &object["metadata"];
        Self { labels: &metadata["labels"], owners: &metadata["ownerReferences"] }
    }
}
