//! Watch events, lists and objects as they stand in JSON, borrowed from the text.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::json_text::{Nullable, Text};
use super::pod_json::{RawMetadata, RawSpec, RawStatus};
use crate::model::id::by_name;
use crate::model::{Metadata, ObservedAt, Pod, PodUid, Printed, PrintedRow, ResourceVersion, StampedAt};

/// Containers and their statuses together. An object in etcd has 1.5 MB, in which no more of them fit.
const CONTAINERS_MAX: usize = 5_000;
/// Kubernetes writes seven; readiness gates and operators add a few.
const CONDITIONS_MAX: usize = 500;

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
    metadata: Nullable<RawMetadata<'a>>,
    spec: Option<RawSpec<'a>>,
    status: Option<RawStatus<'a>>,
    printed: Option<RawPrinted<'a>>,
}

impl<'a> Document<'a> {
    /// The document as an object by itself.
    pub(super) fn into_object(self) -> Object<'a> {
        let Self { kind, metadata, spec, status, printed, .. } = self;
        Object { kind, metadata, spec, status, printed, code: None, object: None, raw_object: None }
    }

    /// Whether the document is a pod by itself.
    pub(super) fn is_pod(&self) -> bool {
        is_pod(&self.kind, self.spec.as_ref())
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
    metadata: Nullable<RawMetadata<'a>>,
    spec: Option<RawSpec<'a>>,
    status: Option<RawStatus<'a>>,
    /// Of what kubectl printed for people.
    printed: Option<RawPrinted<'a>>,
    /// Of a `Status` object.
    pub(super) code: Option<i64>,
    /// What only a watch event has.
    object: Option<IgnoredAny>,
    raw_object: Option<IgnoredAny>,
}

const EVENT: &str = "the Pod has the key `object` or `raw_object`, as a watch event has; expected an object as an API server returns it";

const MANIFEST: &str = "the Pod has no metadata.uid, no resourceVersion and no phase: no API server has seen it; expected an object as \
                        an API server returns it, not a manifest";

const PYTHON_KEYS: &str = "the Pod has the keys of the Python client (resource_version); expected those of the API: \
                           json.dumps(event['raw_object'])";

impl Object<'_> {
    pub(super) fn is_pod(&self) -> bool {
        is_pod(&self.kind, self.spec.as_ref())
    }

    pub(super) fn resource_version(&self) -> Option<ResourceVersion> {
        self.metadata.resource_version.as_deref().and_then(ResourceVersion::new)
    }

    /// When kubectl printed it, of what is no object.
    pub(super) fn printed_at(&self) -> Option<ObservedAt> {
        ObservedAt::parse(self.printed.as_ref()?.at.as_deref()?)
    }

    /// Nothing holds the object any longer: it is asked to go at once and has no finalizers.
    pub(super) fn is_unheld(&self) -> bool {
        let metadata = &self.metadata;
        metadata.deletion_timestamp.is_some()
            && metadata.deletion_grace_period_seconds.unwrap_or(0) == 0
            && metadata.finalizers.is_empty()
    }

    /// It has a name, and says of what kind it is neither by itself nor by its containers.
    pub(super) fn is_bare(&self) -> bool {
        self.kind.is_none() && !self.is_pod() && self.metadata.name.is_some()
    }

    /// True for a pod that no API server has seen: what a person writes and applies.
    pub(super) fn is_manifest(&self) -> bool {
        let is_unseen = |status: &RawStatus<'_>| status.phase.is_none();
        self.printed.is_none()
            && self.metadata.uid.is_none()
            && self.metadata.resource_version.is_none()
            && self.status.as_ref().is_none_or(is_unseen)
    }

    /// The pod in the model's words. One whose uid was taken away is known by its name.
    pub(super) fn into_pod(self) -> Result<Pod, String> {
        if self.metadata.name.as_deref().is_none_or(str::is_empty) {
            return Err("the Pod has no metadata.name; expected an object as an API server returns it".to_owned());
        }
        if self.object.is_some() || self.raw_object.is_some() {
            return Err(EVENT.to_owned());
        }
        if self.is_manifest() {
            return Err(MANIFEST.to_owned());
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
        let mut pod = self.into_pod_as_known();
        let Metadata { uid, namespace, name, .. } = &mut pod.metadata;
        if uid.0.is_empty() {
            *uid = PodUid(by_name(namespace, name).into());
        }
        Ok(pod)
    }

    /// The same of an object that is known in part only.
    pub(super) fn into_pod_as_known(self) -> Pod {
        let (spec, status) = (self.spec.unwrap_or_default(), self.status.unwrap_or_default());
        let tells_mounts = status.tells_mounts(&spec);
        Pod {
            metadata: self.metadata.0.into_model(),
            spec: spec.into_model(),
            status: status.into_model(tells_mounts),
            printed: self.printed.map(|printed| Box::new(printed.into_model())),
        }
    }
}

/// True for a pod; items of a `PodList` often carry no kind, then the containers of the spec tell, each by its name.
fn is_pod(kind: &Text<'_>, spec: Option<&RawSpec<'_>>) -> bool {
    match kind.as_deref() {
        Some(kind) => kind == "Pod",
        None => spec.is_some_and(RawSpec::is_of_pod),
    }
}

/// What kubectl printed of a pod, as `input/printed` writes it down.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawPrinted<'a> {
    at: Text<'a>,
    row: Option<RawRow<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RawRow<'a> {
    ready: usize,
    total: usize,
    status: Text<'a>,
    restarts: i64,
    restarted_at: Text<'a>,
    gates: Text<'a>,
    created_at: Text<'a>,
}

impl RawPrinted<'_> {
    fn into_model(self) -> Printed {
        let row = self.row.map(|row| PrintedRow {
            ready: row.ready,
            total: row.total,
            status: row.status.as_deref().unwrap_or_default().into(),
            restarts: row.restarts,
            restarted_at: row.restarted_at.as_deref().and_then(StampedAt::parse),
            gates: row.gates.as_deref().map(Into::into),
            created_at: row.created_at.as_deref().and_then(StampedAt::parse),
        });
        Printed { row }
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
