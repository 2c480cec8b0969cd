//! What a step hands on: transitions, and anomalies where the stream shows what no lawful stream shows.

use std::fmt;
use std::sync::Arc;

use crate::model::time::SECOND_US;
use crate::model::{Actor, ConditionStatus, ObservedAt, Phase, ResourceVersion, Role, Seq, StampedAt, Window};

/// One thing about a pod that changed with one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The event that shows it.
    pub seq: Seq,
    /// The version of the object that shows it.
    pub resource_version: Option<ResourceVersion>,
    /// When it happened, as observed.
    pub window: Window,
    /// What changed.
    pub subject: Subject,
    /// Its value before; `None` if there was none, or none is known.
    pub from: Option<Value>,
    /// Its value now; `None` if it is gone.
    pub to: Option<Value>,
    /// The reason given with the new value.
    pub reason: Option<Arc<str>>,
    /// The message given with the new value.
    pub message: Option<Arc<str>>,
    /// What the cluster stamped on it: a condition's lastTransitionTime, a run's start or end, the creation, the
    /// request to delete.
    pub stamped_at: Option<StampedAt>,
    /// The restart count that came with it, for containers.
    pub restart_count: Option<i64>,
    /// No event shows it; timestamps of a later event prove it.
    pub inferred: bool,
    /// Who made the write that shows it, where that is known.
    pub by: Option<Arc<Actor>>,
}

impl Transition {
    /// No event shows it and nothing stamped it: it happened somewhere within its window, and in that the value is not known.
    #[must_use]
    pub fn is_unplaced(&self) -> bool {
        let Window { at, at_latest, .. } = self.window;
        let is_wide = at.zip(at_latest).is_none_or(|(at, latest)| latest.micros_since(at) > SECOND_US);
        self.inferred && self.stamped_at.is_none() && is_wide
    }

    /// When it was over at the latest, where nothing places it, else when it happened: where it stands among others.
    #[must_use]
    pub fn proved_at(&self) -> Option<ObservedAt> {
        if self.is_unplaced() { self.window.at_latest.or(self.window.at) } else { self.window.at }
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The pod's own life: created, deleting, deleted.
    Lifecycle,
    /// A field of the pod.
    Field(PodField),
    /// `status.phase`.
    Phase,
    /// The condition of this type.
    Condition(Arc<str>),
    /// The container of this name and role.
    Container(Arc<str>, Role),
}

impl Subject {
    /// `pod`, `phase`, `condition` or `container`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Lifecycle | Self::Field(_) => "pod",
            Self::Phase => "phase",
            Self::Condition(_) => "condition",
            Self::Container(..) => "container",
        }
    }

    /// A condition's type, or the field of the pod.
    #[must_use]
    pub fn type_word(&self) -> Option<&str> {
        match self {
            Self::Field(field) => Some(field.as_str()),
            Self::Condition(kind) => Some(kind),
            Self::Lifecycle | Self::Phase | Self::Container(..) => None,
        }
    }

    /// A container's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Container(name, _) => Some(name),
            Self::Lifecycle | Self::Field(_) | Self::Phase | Self::Condition(_) => None,
        }
    }

    /// A container's role.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Container(_, role) => Some(*role),
            Self::Lifecycle | Self::Field(_) | Self::Phase | Self::Condition(_) => None,
        }
    }
}

/// The fields of a pod whose changes are transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PodField {
    /// `spec.nodeName`: the binding to a node.
    NodeName,
    /// `status.nominatedNodeName`.
    NominatedNodeName,
    /// `status.qosClass`.
    QosClass,
    /// `status.startTime`: the kubelet took it.
    StartTime,
    /// `status.hostIP`.
    HostIp,
    /// `status.podIPs`, joined by commas.
    PodIps,
    /// `status.reason`.
    Reason,
    /// `status.message`.
    Message,
    /// `status.observedGeneration`; judged, but no transition of its own.
    ObservedGeneration,
}

impl PodField {
    /// All fields, in the order in which one event's transitions list them.
    pub const ALL: [Self; 8] = [
        Self::QosClass,
        Self::NominatedNodeName,
        Self::NodeName,
        Self::StartTime,
        Self::HostIp,
        Self::PodIps,
        Self::Reason,
        Self::Message,
    ];

    /// The field's name in Kubernetes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NodeName => "nodeName",
            Self::NominatedNodeName => "nominatedNodeName",
            Self::QosClass => "qosClass",
            Self::StartTime => "startTime",
            Self::HostIp => "hostIP",
            Self::PodIps => "podIPs",
            Self::Reason => "reason",
            Self::Message => "message",
            Self::ObservedGeneration => "observedGeneration",
        }
    }
}

/// A value before or after.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Of the pod's life.
    Lifecycle(Lifecycle),
    /// Of the phase.
    Phase(Phase),
    /// Of a condition.
    Condition(ConditionStatus),
    /// Of a container: `waiting(REASON)`, `running`, `terminated(REASON, CODE)`.
    Container(Arc<str>),
    /// Of a field.
    Text(Arc<str>),
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lifecycle(lifecycle) => out.write_str(lifecycle.as_str()),
            Self::Phase(phase) => out.write_str(phase.as_str()),
            Self::Condition(status) => out.write_str(status.as_str()),
            Self::Container(text) | Self::Text(text) => out.write_str(text),
        }
    }
}

/// The stages of a pod object's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lifecycle {
    /// It exists.
    Created,
    /// Its deletion was asked for.
    Deleting,
    /// It is gone.
    Deleted,
}

impl Lifecycle {
    /// All of them, in the order in which a pod goes through them.
    pub const ALL: [Self; 3] = [Self::Created, Self::Deleting, Self::Deleted];

    /// The word used in timelines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }
}

/// Something in the stream that a complete and lawful stream would not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// The event that shows it.
    pub seq: Seq,
    /// What it is.
    pub kind: AnomalyKind,
}

/// Sorts of anomaly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnomalyKind {
    /// The first event of the pod shows it in the middle of its life: what came before was not recorded.
    StartsMidLife,
    /// Something was written that is not told: what was asked for, and why it is not told.
    Untold(Box<str>),
    /// The first of the events that a request made of an object that is known in part only.
    Partial,
    /// An event with a higher resourceVersion follows a DELETED: the pod only left the selection of a watch.
    EventAfterDeleted,
    /// A container was started more than once between two events; the runs in between left no trace.
    RestartsUnseen {
        /// Which container.
        container: Box<str>,
        /// How many runs left no trace.
        runs: i64,
    },
}
