//! What stands beside pods: core/v1 Events about them, and the nodes they run on. And the objects that are none of these.

use serde_json::value::RawValue;

use super::reading::{Around, Reading, Time, present};
use super::table::Format;
use crate::input::json_text::Text;
use crate::model::{EventKind, ObservedAt, ResourceVersion, Target};

/// Of an object just what says which one it is.
#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Outline<'a> {
    kind: Text<'a>,
    api_version: Text<'a>,
    metadata: Option<Metadata<'a>>,
    /// Of a core/v1 Event.
    involved_object: Option<&'a RawValue>,
    /// Of an events.k8s.io/v1 Event.
    regarding: Option<&'a RawValue>,
    event_time: Text<'a>,
    #[serde(alias = "deprecatedLastTimestamp")]
    last_timestamp: Text<'a>,
    #[serde(alias = "deprecatedFirstTimestamp")]
    first_timestamp: Text<'a>,
    series: Option<Series<'a>>,
    spec: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    #[serde(alias = "deprecatedCount")]
    count: Option<&'a RawValue>,
    /// Of a Status.
    code: Option<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Metadata<'a> {
    name: Text<'a>,
    namespace: Text<'a>,
    uid: Text<'a>,
    resource_version: Text<'a>,
    creation_timestamp: Text<'a>,
}

/// What is read of a node's status, to tell whether it can be.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct NodeStatus<'a> {
    #[serde(rename = "conditions")]
    _conditions: Option<Vec<NodeCondition<'a>>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct NodeCondition<'a> {
    #[serde(rename = "type")]
    _kind: Text<'a>,
    #[serde(rename = "status")]
    _status: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct About<'a> {
    kind: Text<'a>,
    namespace: Text<'a>,
    name: Text<'a>,
    uid: Text<'a>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Series<'a> {
    last_observed_time: Text<'a>,
}

/// The kind of an object, as it says it, or as its fields tell. Only a pod has containers as a list of objects with a name in its
/// spec.
pub(super) fn kind_of(text: &str) -> Option<String> {
    let outline: Outline<'_> = serde_json::from_str(text).ok()?;
    outline.kind().map(str::to_owned)
}

/// Whether a spec has containers, each with a name: `RawSpec::is_of_pod`, of a spec that need not read as a pod's.
fn has_containers(spec: &RawValue) -> bool {
    #[derive(serde::Deserialize)]
    struct Spec<'a> {
        #[serde(borrow)]
        containers: Vec<Container<'a>>,
    }
    #[derive(serde::Deserialize)]
    struct Container<'a> {
        #[serde(borrow)]
        name: Text<'a>,
    }
    serde_json::from_str::<Spec<'_>>(spec.get()).is_ok_and(|spec| {
        !spec.containers.is_empty() && spec.containers.iter().all(|container| container.name.is_some())
    })
}

impl Outline<'_> {
    fn kind(&self) -> Option<&str> {
        let likely = || match (self.involved_object, self.regarding) {
            (Some(_), _) | (_, Some(_)) => Some("Event"),
            (None, None) => self.spec.filter(|spec| has_containers(spec)).map(|_| "Pod"),
        };
        self.kind.as_deref().or_else(likely)
    }
}

/// Reads an object that is told by itself, as an item of a list, or with a watch event around it.
pub(super) fn read(
    text: &str,
    event: Option<&str>,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let outline: Outline<'_> = serde_json::from_str(text)?;
    let listed = around.list_kind.and_then(|kind| kind.strip_suffix("List")).filter(|kind| !kind.is_empty());
    let kind = outline.kind.as_deref().or(listed).or_else(|| outline.kind());
    if let Some(stream) = event.and_then(|event| stream(event, &outline)) {
        then(Format::Watch, stream);
        return Ok(());
    }
    match kind {
        Some("Pod") => {
            let format = if event.is_some() { Format::Watch } else { Format::Object };
            let kind = event.map_or(EventKind::Observed, EventKind::from);
            then(format, Reading::Pod { kind, text: text.into(), time: Time::Untold, by: None });
        }
        Some("Event") if event == Some(EventKind::Deleted.as_str()) => {
            then(Format::CoreEvents, Reading::Skip("Events that were forgotten".into()));
        }
        Some("Event") => then(Format::CoreEvents, core_event(&outline, text)),
        Some("Node") => then(Format::Nodes, node(&outline, text, None)),
        // What changed of it only a watch shows.
        Some(kind) if event.is_some() && is_workload(kind) => then(Format::Workloads, workload(kind, &outline, text)),
        Some("Config") if outline.metadata.is_none() => {
            let what = "this is a kubeconfig, which tells how to reach a cluster; expected what the cluster told";
            then(Format::Object, Reading::Unrecognized(what.to_owned()));
        }
        Some(kind) => then(Format::Object, Reading::Skip(kind.to_owned().into())),
        None => {
            let what = "the object has no kind; expected a watch event, a Pod or a PodList".to_owned();
            then(Format::Object, Reading::Unrecognized(what));
        }
    }
    Ok(())
}

/// What tells of the stream and of no object.
fn stream(event: &str, outline: &Outline<'_>) -> Option<Reading<'static>> {
    let version = outline.metadata.as_ref().and_then(|metadata| metadata.resource_version.as_deref());
    let resource_version = version.and_then(ResourceVersion::new);
    let code = outline.code.and_then(|code| code.get().parse().ok());
    match EventKind::from(event) {
        kind @ (EventKind::Bookmark | EventKind::Error) => Some(Reading::Stream { kind, resource_version, code }),
        EventKind::Added | EventKind::Modified | EventKind::Deleted => None,
        // The receiver of OpenTelemetry tells when it has asked for everything.
        EventKind::Other(word) if &*word == "PullEnd" => Some(Reading::Skip("ends of pulls".into())),
        EventKind::Observed
        | EventKind::Printed
        | EventKind::ListBegin
        | EventKind::ListEnd
        | EventKind::Request
        | EventKind::CoreEvent
        | EventKind::Node
        | EventKind::Refused
        | EventKind::Act
        | EventKind::Workload
        | EventKind::Taken
        | EventKind::WrapBegin
        | EventKind::WrapMiddle
        | EventKind::WrapEnd
        | EventKind::Envelope
        | EventKind::EnvelopeEnd
        | EventKind::Other(_) => Some(Reading::Bad(format!(
            "the event type is {event:?}; expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR"
        ))),
    }
}

/// Reads the object of an audit event about something else than pods.
pub(super) fn read_audited(text: &str, at: Option<ObservedAt>) -> Reading<'_> {
    match serde_json::from_str::<Outline<'_>>(text) {
        Ok(outline) => match outline.kind.as_deref() {
            Some("Event") => core_event(&outline, text),
            Some("Node") => node(&outline, text, at),
            Some(_) | None => Reading::Skip("audit events about other resources".into()),
        },
        Err(error) => Reading::Bad(format!("the body of the audit event does not read as an object: {error}")),
    }
}

/// What the Events are about, beside pods and nodes, that tell why pods come, end, or do not come.
const WORKLOADS: [&str; 8] = [
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "PersistentVolumeClaim",
];

/// The workloads whose changes tell why pods come and end, and the namespace, whose end is theirs.
const WATCHED: [&str; 9] = [
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "PodDisruptionBudget",
    NAMESPACE,
];
const NAMESPACE: &str = "Namespace";

/// Whether objects of a kind are kept as a watch shows them.
pub(super) fn is_workload(kind: &str) -> bool {
    WATCHED.contains(&kind)
}

/// So begins what Go writes for no time.
const NO_TIME: &str = "0001-01-01T00:00:00";

fn core_event<'a>(outline: &Outline<'_>, text: &'a str) -> Reading<'a> {
    let about = present(outline.involved_object).or(present(outline.regarding));
    // An array would do for the reader, which takes its values by their order.
    let about = about.filter(|about| about.get().starts_with('{'));
    let Some(about) = about.and_then(|about| serde_json::from_str::<About<'_>>(about.get()).ok()) else {
        let api = outline.api_version.as_deref().unwrap_or("no apiVersion");
        return Reading::Bad(format!(
            "the Event ({api}) is about nothing that can be read; expected involvedObject or regarding"
        ));
    };
    let word = |text: &Text<'_>| Box::from(text.as_deref().unwrap_or_default());
    let target = match about.kind.as_deref().unwrap_or_default() {
        "Pod" => Target { namespace: word(&about.namespace), name: word(&about.name), uid: word(&about.uid) },
        "Node" => Target { name: word(&about.name), ..Target::default() },
        kind if WORKLOADS.contains(&kind) => Target::of_workloads(&word(&about.namespace)),
        _ => return Reading::Skip("Events about other objects".into()),
    };
    let series = outline.series.as_ref().and_then(|series| series.last_observed_time.as_deref());
    let created = outline.metadata.as_ref().and_then(|metadata| metadata.creation_timestamp.as_deref());
    let times = [
        series,
        outline.last_timestamp.as_deref(),
        outline.event_time.as_deref(),
        outline.first_timestamp.as_deref(),
        created,
    ];
    // Go writes no time as one.
    let is_bad = |time: &&str| !time.starts_with(NO_TIME) && ObservedAt::parse(time).is_none();
    if let Some(found) = times.into_iter().flatten().find(is_bad) {
        return Reading::Bad(format!("a time of the Event is {found:?}; expected RFC 3339"));
    }
    if let Some(count) = outline.count.filter(|count| count.get() != "null" && count.get().parse::<i64>().is_err()) {
        return Reading::Bad(format!("the count of the Event is {count}; expected a number"));
    }
    let at = times.into_iter().flatten().find_map(ObservedAt::parse);
    Reading::Related { kind: EventKind::CoreEvent, target, at, text: text.into(), by: None }
}

fn workload<'a>(kind: &str, outline: &Outline<'_>, text: &'a str) -> Reading<'a> {
    let Some(metadata) = &outline.metadata else { return Reading::Skip(kind.to_owned().into()) };
    // A namespace stands among its workloads.
    let namespace = if kind == NAMESPACE { &metadata.name } else { &metadata.namespace };
    let words = [namespace, &metadata.name, &metadata.uid].map(|text| text.as_deref());
    let [Some(namespace), Some(_), Some(_)] = words else {
        return Reading::Skip(kind.to_owned().into());
    };
    let target = Target::of_workloads(namespace);
    Reading::Related { kind: EventKind::Workload, target, at: None, text: text.into(), by: None }
}

fn node<'a>(outline: &Outline<'_>, text: &'a str, at: Option<ObservedAt>) -> Reading<'a> {
    let metadata = outline.metadata.as_ref();
    let name = metadata.and_then(|metadata| metadata.name.as_deref()).unwrap_or_default();
    if name.is_empty() {
        return Reading::Bad("the Node has no metadata.name; expected a Node as an API server returns it".into());
    }
    if let Some(error) = outline.status.and_then(|it| serde_json::from_str::<NodeStatus<'_>>(it.get()).err()) {
        return Reading::Bad(format!(
            "the conditions of the Node {name} are no list: {error}; expected type and status"
        ));
    }
    let uid = metadata.and_then(|metadata| metadata.uid.as_deref()).unwrap_or_default();
    let target = Target { namespace: Box::default(), name: name.into(), uid: uid.into() };
    Reading::Related { kind: EventKind::Node, target, at, text: text.into(), by: None }
}
