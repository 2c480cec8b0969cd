//! Reads what stands beside pods again, by the bytes that were kept of it: Events, nodes, and refused
//! requests. What a field says is taken
//! where it is what Kubernetes writes, and passed over where it is not.

use serde::Deserialize;
use serde_json::Value;

use super::format::{Around, Reading, changes, read, taint_text};
use super::json_value::value_of;
use super::kept_line::text_of;
use crate::model::{
    ActChange, ConditionStatus, EventKind, KubeEvent, KubeEventType, NodeReady, ObservedAt, Owner, Refused,
    ResourceVersion,
};

/// An Event in the words of core/v1 and of events.k8s.io/v1.
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawEvent {
    metadata: Value,
    #[serde(rename = "type")]
    kind: Value,
    reason: Value,
    message: Value,
    note: Value,
    count: Value,
    deprecated_count: Value,
    event_time: Value,
    first_timestamp: Value,
    deprecated_first_timestamp: Value,
    last_timestamp: Value,
    deprecated_last_timestamp: Value,
    series: Value,
    source: Value,
    deprecated_source: Value,
    reporting_component: Value,
    reporting_controller: Value,
    involved_object: Value,
    regarding: Value,
}

/// A node, as far as it is read.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct RawNode {
    metadata: Value,
    spec: Value,
    status: RawNodeStatus,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct RawNodeStatus {
    conditions: Value,
    #[serde(rename = "nodeInfo")]
    node_info: Value,
}

/// The Event that a record shows.
///
/// # Errors
/// What was found instead.
pub fn kube_event_of(body: &[u8]) -> Result<KubeEvent, String> {
    event_about(body).map(|(_, event)| event)
}

/// The Event that a record shows, and what it is about.
///
/// # Errors
/// What was found instead.
pub fn event_about(body: &[u8]) -> Result<(Owner, KubeEvent), String> {
    with_object(body, &EventKind::CoreEvent, |text| {
        let raw: RawEvent = value_of(text).and_then(RawEvent::deserialize).map_err(|error| error.to_string())?;
        let about = |key: &str| text_in(&raw.involved_object[key]).or(text_in(&raw.regarding[key])).unwrap_or_default();
        let owner = Owner { kind: about("kind").to_owned(), name: about("name").to_owned() };
        let own = |key: &str| text_in(&raw.metadata[key]);
        let first = [&raw.first_timestamp, &raw.deprecated_first_timestamp, &raw.event_time, &raw.metadata[CREATED]];
        let last = [
            &raw.series["lastObservedTime"],
            &raw.last_timestamp,
            &raw.deprecated_last_timestamp,
            &raw.event_time,
            &raw.first_timestamp,
            &raw.deprecated_first_timestamp,
            &raw.metadata[CREATED],
        ];
        let counts = [&raw.series["count"], &raw.count, &raw.deprecated_count];
        let sources = [
            &raw.reporting_component,
            &raw.reporting_controller,
            &raw.source["component"],
            &raw.deprecated_source["component"],
        ];
        let hosts = [&raw.source["host"], &raw.deprecated_source["host"]];
        let event = KubeEvent {
            id: own("name").or_else(|| own("uid")).unwrap_or_default().into(),
            resource_version: own("resourceVersion").and_then(ResourceVersion::new),
            kind: KubeEventType::from(text_in(&raw.kind).unwrap_or("Normal")),
            reason: text_in(&raw.reason).unwrap_or_default().into(),
            message: first_text([&raw.message, &raw.note]).into(),
            count: counts.into_iter().find_map(|count| count.as_i64().filter(|count| *count > 0)).unwrap_or(1),
            first_at: first.into_iter().find_map(time_in),
            last_at: last.into_iter().find_map(time_in),
            source: first_text(sources).into(),
            host: first_text(hosts).into(),
        };
        Ok((owner, event))
    })
}

/// The condition Ready of the node that a record shows; `None` where the node has none.
///
/// # Errors
/// What was found instead.
pub fn node_ready_of(body: &[u8]) -> Result<Option<NodeReady>, String> {
    with_object(body, &EventKind::Node, |text| {
        let raw: RawNode = value_of(text).and_then(RawNode::deserialize).map_err(|error| error.to_string())?;
        let conditions = raw.status.conditions.as_array().into_iter().flatten();
        let ready = conditions.into_iter().find(|condition| condition["type"] == "Ready");
        Ok(ready.and_then(|ready| {
            Some(NodeReady {
                resource_version: text_in(&raw.metadata["resourceVersion"]).and_then(ResourceVersion::new),
                status: ConditionStatus::from(text_in(&ready["status"])?),
                reason: text_in(&ready["reason"]).map(Into::into),
                since: time_in(&ready["lastTransitionTime"]),
                kubelet_version: text_in(&raw.status.node_info["kubeletVersion"]).unwrap_or_default().into(),
                written: written(&raw.metadata["managedFields"]),
                taints: raw.spec["taints"].as_array().into_iter().flatten().map(taint_text).collect(),
                is_unschedulable: raw.spec["unschedulable"].as_bool().unwrap_or(false),
            })
        }))
    })
}

/// The newest time of managed fields, and whose that is where it is one's alone.
fn written(fields: &Value) -> Option<(ObservedAt, Option<Box<str>>)> {
    let fields = || fields.as_array().into_iter().flatten();
    let newest = fields().filter_map(|entry| time_in(&entry["time"])).max()?;
    let mut last = fields().filter(|entry| time_in(&entry["time"]) == Some(newest));
    let manager = last.next().and_then(|entry| text_in(&entry["manager"])).map(Into::into);
    Some((newest, manager.filter(|_| last.next().is_none())))
}

/// What a record tells of an act changed: `verb` is what was asked for, of this part.
///
/// # Errors
/// What was found instead.
pub fn act_changes_of(body: &[u8], verb: &str, part: &str) -> Result<Vec<ActChange>, String> {
    with_object(body, &EventKind::Act, |text| Ok(changes(verb, part, &value_of(text).unwrap_or_default())))
}

/// What orders requests of one time: the version that the answer shows, and the id of the request, as far as they are told.
#[must_use]
pub fn request_place_of(body: &[u8]) -> (Option<ResourceVersion>, Box<str>) {
    let event = text_of(body).ok().and_then(|text| value_of(&text).ok()).unwrap_or_default();
    let version = text_in(&event["responseObject"]["metadata"]["resourceVersion"]);
    (version.and_then(ResourceVersion::new), text_in(&event["auditID"]).unwrap_or_default().into())
}

/// The refused request that a record tells of.
///
/// # Errors
/// What was found instead.
pub fn refused_of(body: &[u8]) -> Result<Refused, String> {
    let mut found = None;
    read(&text_of(body)?, Around::RECORD, &mut |_, reading| {
        if let Reading::Refused(refused) = reading {
            found = Some(*refused);
        }
    })
    .map_err(|error| error.to_string())?;
    found.ok_or_else(|| "no refused request".to_owned())
}

const CREATED: &str = "creationTimestamp";

pub(super) fn text_in(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

fn first_text<const N: usize>(values: [&Value; N]) -> &str {
    values.into_iter().find_map(text_in).unwrap_or_default()
}

pub(super) fn time_in(value: &Value) -> Option<ObservedAt> {
    value.as_str().and_then(ObservedAt::parse)
}

/// Finds the object in whatever format stands around it. Items of lists leave out their kind.
pub(super) fn with_object<T>(
    body: &[u8],
    wanted: &EventKind,
    then: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    let list_kind = (*wanted == EventKind::Node).then_some("NodeList");
    let around = Around { list_kind, ..Around::RECORD };
    let mut found = None;
    read(&text_of(body)?, around, &mut |_, reading| {
        if let Reading::Related { kind, text, .. } = reading
            && kind == *wanted
        {
            found = Some(then(&text));
        }
    })
    .map_err(|error| error.to_string())?;
    found.ok_or_else(|| "neither an Event nor a node nor a workload".to_owned())?
}

#[cfg(test)]
mod tests {
    use super::{kube_event_of, node_ready_of};
    use crate::model::ObservedAt;

    fn event(body: &str) -> String {
        let told = kube_event_of(body.as_bytes()).expect("an Event");
        let time = |at: Option<ObservedAt>| at.map_or_else(|| "-".to_owned(), |at| at.to_string()[11..].to_owned());
        format!(
            "{} {} {}: {} x{} {} {} {}@{} {}",
            told.id,
            told.kind,
            told.reason,
            told.message,
            told.count,
            time(told.first_at),
            time(told.last_at),
            told.source,
            told.host,
            told.resource_version.map_or_else(|| "-".to_owned(), |version| version.to_string())
        )
    }

    const ABOUT: &str = r#""involvedObject":{"kind":"Pod","namespace":"d","name":"web","uid":"u"}"#;

    #[test]
    fn events_are_read_in_both_vocabularies() {
        let kubelet = format!(
            r#"{{"kind":"Event","metadata":{{"uid":"e1","name":"web.1","resourceVersion":"7"}},{ABOUT},"type":"Warning",
            "reason":"BackOff","message":"m","count":4,"firstTimestamp":"2026-01-01T10:00:00Z",
            "lastTimestamp":"2026-01-01T10:01:00Z","eventTime":null,"reportingComponent":"kubelet",
            "source":{{"component":"kubelet","host":"node-a"}}}}"#
        );
        let scheduler = format!(
            r#"{{"kind":"Event","metadata":{{"uid":"e2","creationTimestamp":"2026-01-01T10:00:09Z"}},{ABOUT},
            "reason":"Scheduled","type":"Normal","message":"m","firstTimestamp":null,"lastTimestamp":null,"source":{{}},
            "eventTime":"2026-01-01T10:00:00.123456Z","reportingComponent":"default-scheduler"}}"#
        );
        let newer = r#"{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"web.3"},
            "regarding":{"kind":"Pod","namespace":"d","name":"web"},"note":"n","reason":"FailedScheduling",
            "type":"Warning","eventTime":"2026-01-01T10:00:00.5Z","reportingController":"default-scheduler",
            "series":{"count":3,"lastObservedTime":"2026-01-01T10:05:00.25Z"}}"#;
        let converted = r#"{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"uid":"e4"},
            "regarding":{"kind":"Pod","namespace":"d","name":"web"},"note":"n","reason":"Pulled","type":"Normal",
            "eventTime":null,"deprecatedCount":2,"deprecatedFirstTimestamp":"2026-01-01T10:00:00Z",
            "deprecatedLastTimestamp":"2026-01-01T10:00:07Z","deprecatedSource":{"component":"kubelet","host":"b"}}"#;
        let bare = format!(r#"{{"kind":"Event","metadata":{{"creationTimestamp":"2026-01-01T10:00:09Z"}},{ABOUT}}}"#);
        let odd = format!(
            r#"{{"kind":"Event","metadata":{{}},{ABOUT},"count":null,"message":{{}},"type":"Odd","series":null,"source":[]}}"#
        );
        let table = [
            (kubelet.as_str(), "web.1 Warning BackOff: m x4 10:00:00Z 10:01:00Z kubelet@node-a 7"),
            (&scheduler, "e2 Normal Scheduled: m x1 10:00:00.123456Z 10:00:00.123456Z default-scheduler@ -"),
            (newer, "web.3 Warning FailedScheduling: n x3 10:00:00.500Z 10:05:00.250Z default-scheduler@ -"),
            (converted, "e4 Normal Pulled: n x2 10:00:00Z 10:00:07Z kubelet@b -"),
            (&bare, " Normal :  x1 10:00:09Z 10:00:09Z @ -"),
            (&odd, " Odd :  x1 - - @ -"),
        ];
        for (body, expected) in table {
            assert_eq!(event(body), expected, "{body}");
            // In a watch event, and as an answer that an audit log keeps, it is the same.
            assert_eq!(event(&format!(r#"{{"type":"MODIFIED","object":{body}}}"#)), expected);
            let audit = format!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"ResponseComplete","verb":"patch",
                "objectRef":{{"resource":"events","namespace":"d","name":"web.1"}},"responseStatus":{{"code":200}},
                "stageTimestamp":"2026-01-01T10:02:00Z","requestObject":{{"count":9}},"responseObject":{body}}}"#
            );
            assert_eq!(event(&audit), expected);
            // An item of a list says no kind.
            assert_eq!(event(&body.replacen(r#""kind":"Event","#, "", 1)), expected);
        }
    }

    #[test]
    fn nodes_are_read() {
        let node = |conditions: &str| {
            format!(
                r#"{{"kind":"Node","metadata":{{"name":"a","resourceVersion":"9"}},"status":{{"conditions":{conditions}}}}}"#
            )
        };
        let told = |body: &str| {
            node_ready_of(body.as_bytes()).expect("a node").map(|ready| {
                let since = ready.since.map_or_else(|| "-".to_owned(), |at| at.to_string());
                format!("{} {} {since}", ready.status, ready.reason.unwrap_or_default())
            })
        };
        let ready = r#"[{"type":"DiskPressure","status":"False"},{"type":"Ready","status":"Unknown",
            "reason":"NodeStatusUnknown","lastTransitionTime":"2026-01-01T10:00:00Z"}]"#;
        let table = [
            (ready, Some("Unknown NodeStatusUnknown 2026-01-01T10:00:00Z")),
            (r#"[{"type":"Ready","status":"True"}]"#, Some("True  -")),
            (r#"[{"type":"Ready"}]"#, None),
            ("[]", None),
            ("null", None),
        ];
        for (conditions, expected) in table {
            let node = node(conditions);
            assert_eq!(told(&node).as_deref(), expected, "{conditions}");
            assert_eq!(told(&format!(r#"{{"type":"ADDED","object":{node}}}"#)).as_deref(), expected);
            assert_eq!(told(&node.replacen(r#""kind":"Node","#, r#""spec":{},"#, 1)).as_deref(), expected);
        }
        assert!(node_ready_of(br#"{"kind":"Pod","spec":{}}"#).is_err());
        assert!(node_ready_of(b"nothing").is_err());
    }
}
