//! `kubectl describe pod`: a block of keys and values, in which what belongs to a key is indented below it, and the Events about the
//! pod as a table at its end.

use serde_json::{Map, Value, json};

use super::age::{before, stamp_of};
use super::table::present;
use crate::model::ObservedAt;

/// Whether a line begins the description of an object.
pub(super) fn begins(line: &str) -> bool {
    line.starts_with("Name:") && !line["Name:".len()..].trim().is_empty()
}

/// Whether a line is the second of a description.
pub(super) fn goes_on(line: &str) -> bool {
    ["Namespace:", "Labels:", "Priority:", "Roles:", "Node:"].into_iter().any(|key| line.starts_with(key))
}

/// The keys of a description of a pod (`describePod` in k8s.io/kubectl). Any other text at the beginning of a line is of a message that
/// goes on there.
const KEYS: [&str; 34] = [
    "Name",
    "Namespace",
    "Priority",
    "Priority Class Name",
    "Runtime Class Name",
    "Service Account",
    "Node",
    "Start Time",
    "Labels",
    "Annotations",
    "Status",
    "Reason",
    "Message",
    "Termination Grace Period",
    "DeletionTimestamp",
    "SeccompProfile",
    "IP",
    "IPs",
    "Created By",
    "Controlled By",
    "NominatedNodeName",
    "Resources",
    "Init Containers",
    "Containers",
    "Ephemeral Containers",
    "Readiness Gates",
    "Conditions",
    "Volumes",
    "QoS Class",
    "Node-Selectors",
    "Tolerations",
    "Topology Spread Constraints",
    "Events",
    "Resource Claims",
];

/// A key, its value, and the lines that belong to it.
struct Field<'a> {
    key: &'a str,
    value: &'a str,
    within: Vec<(u64, &'a str)>,
}

/// The fields of lines that are indented so far.
fn fields<'a>(lines: &[(u64, &'a str)], indent: usize) -> Vec<Field<'a>> {
    let mut fields: Vec<Field<'a>> = Vec::new();
    for &(place, line) in lines {
        let text = line.trim_start();
        let is_key = line.len() - text.len() == indent && !text.is_empty();
        let key = is_key.then(|| text.split_once(':')).flatten();
        // What a message holds on lines of its own may look like a field: the first of a name counts.
        let is_known = |key: &str| indent > 0 || KEYS.contains(&key);
        let key = key.filter(|(key, _)| is_known(key) && fields.iter().all(|known| known.key != *key));
        match (key, fields.last_mut()) {
            (Some((key, value)), _) => fields.push(Field { key, value: value.trim(), within: Vec::new() }),
            (None, Some(last)) => last.within.push((place, line)),
            (None, None) => {}
        }
    }
    fields
}

/// The pod of a block and the Events about it, each with the line on which it stands; none if the block is of another kind.
pub(super) fn objects(block: &[&str], at: ObservedAt) -> Vec<(u64, Value)> {
    let lines: Vec<(u64, &str)> = (0..).zip(block.iter().copied()).collect();
    let fields = fields(&lines, 0);
    let field = |key: &str| fields.iter().find(|field| field.key == key);
    let value = |key: &str| {
        field(key)
            .map(|field| field.value)
            .filter(|value| !matches!(*value, "" | "<none>" | "<unset>"))
            .map(str::to_owned)
    };
    let (Some(name), Some(status), Some(_)) = (value("Name"), value("Status"), field("Containers")) else {
        return Vec::new();
    };
    let namespace = value("Namespace");
    let lists = [
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
    ];
    let (mut spec, mut told) = (Map::new(), Map::new());
    for (key, of_spec, of_status) in lists {
        let (specs, statuses): (Vec<Value>, Vec<Option<Value>>) =
            field(key).map(|field| containers(&field.within)).unwrap_or_default().into_iter().unzip();
        if !specs.is_empty() {
            spec.insert(of_spec.to_owned(), Value::Array(specs));
        }
        let statuses: Vec<Value> = statuses.into_iter().flatten().collect();
        if !statuses.is_empty() {
            told.insert(of_status.to_owned(), Value::Array(statuses));
        }
    }
    if let Some(node) = value("Node") {
        let node = node.split('/').next().unwrap_or_default().to_owned();
        spec.insert("nodeName".to_owned(), Value::String(node));
    }
    let mut metadata = present([("namespace", namespace.clone()), ("name", Some(name.clone()))]);
    match status.strip_prefix("Terminating (lasts ").and_then(|rest| rest.strip_suffix(')')) {
        // Within the grace period its end is in the future, of which kubectl tells nothing.
        Some(lasts) => {
            let ended = before(at, lasts);
            let grace =
                value("Termination Grace Period").and_then(|text| text.trim_end_matches('s').parse::<u64>().ok());
            metadata["deletionGracePeriodSeconds"] = json!(grace.filter(|_| ended.is_some()));
            metadata["deletionTimestamp"] = json!(ended.unwrap_or_else(|| at.to_string()));
        }
        None if status == "Terminating" => metadata["deletionTimestamp"] = json!(at.to_string()),
        None => {
            told.insert("phase".to_owned(), Value::String(status));
        }
    }
    metadata["labels"] = field("Labels").map(labels).unwrap_or_default();
    metadata["ownerReferences"] = value("Controlled By").and_then(|owner| owner_of(&owner)).unwrap_or_default();
    told.insert(
        "conditions".to_owned(),
        field("Conditions").map(|field| conditions(&field.within)).unwrap_or_default(),
    );
    let texts = [
        ("startTime", value("Start Time").and_then(|text| stamp_of(&text))),
        ("reason", value("Reason")),
        ("message", value("Message")),
        ("podIP", value("IP")),
        ("qosClass", value("QoS Class")),
    ];
    told.extend(texts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?)))));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": told,
        "printed": {"at": at.to_string()},
    });
    let about = present([("kind", Some("Pod".to_owned())), ("namespace", namespace), ("name", Some(name))]);
    let events = field("Events").map(|field| events(&field.within, &about, at)).unwrap_or_default();
    std::iter::once((0, pod)).chain(events).collect()
}

fn labels(field: &Field<'_>) -> Value {
    let texts = std::iter::once(field.value).chain(field.within.iter().map(|(_, line)| line.trim()));
    let labels = texts.filter_map(|text| text.split_once('=')).map(|(key, value)| (key.to_owned(), value.into()));
    Value::Object(labels.collect())
}

fn owner_of(text: &str) -> Option<Value> {
    let (kind, name) = text.split_once('/')?;
    Some(json!([{"kind": kind, "name": name, "controller": true}]))
}

/// Each container, and its status if it has one.
fn containers(lines: &[(u64, &str)]) -> Vec<(Value, Option<Value>)> {
    const INDENT: usize = 2;
    let of_container = |container: Field<'_>| {
        let fields = fields(&container.within, 2 * INDENT);
        let field = |key: &str| fields.iter().find(|field| field.key == key);
        let value =
            |key: &str| field(key).map(|field| field.value).filter(|value| !value.is_empty()).map(str::to_owned);
        let state = |key: &str| field(key).and_then(state);
        let spec = present([("name", Some(container.key.to_owned())), ("image", value("Image"))]);
        let count = value("Restart Count").and_then(|count| count.parse::<u64>().ok());
        // A text that was cut may lack both.
        let status = state("State").zip(count).map(|(now, count)| {
            let mut status = present([
                ("name", Some(container.key.to_owned())),
                ("image", value("Image")),
                ("imageID", value("Image ID")),
                ("containerID", value("Container ID")),
            ]);
            status["ready"] = Value::Bool(value("Ready").as_deref() == Some("True"));
            status["restartCount"] = json!(count);
            status["state"] = now;
            status["lastState"] = state("Last State").unwrap_or_else(|| json!({}));
            status
        });
        (spec, status)
    };
    fields(lines, INDENT).into_iter().map(of_container).collect()
}

/// The state of a container: `Waiting`, `Running` or `Terminated`, and what is indented below it.
fn state(field: &Field<'_>) -> Option<Value> {
    const INDENT: usize = 6;
    let within = fields(&field.within, INDENT);
    let value = |key: &str| {
        within
            .iter()
            .find(|field| field.key == key)
            .map(|field| field.value.to_owned())
            .filter(|value| !value.is_empty())
    };
    let time = |key: &str| value(key).and_then(|text| stamp_of(&text));
    let number = |key: &str| value(key).and_then(|text| text.parse::<i64>().ok());
    let words = present([("reason", value("Reason")), ("message", value("Message"))]);
    match field.value {
        "Waiting" => Some(json!({ "waiting": words })),
        "Running" => Some(json!({"running": present([("startedAt", time("Started"))])})),
        "Terminated" => {
            let mut run = words;
            run["exitCode"] = json!(number("Exit Code")?);
            run["signal"] = json!(number("Signal"));
            run["startedAt"] = json!(time("Started"));
            run["finishedAt"] = json!(time("Finished"));
            Some(json!({ "terminated": run }))
        }
        _ => None,
    }
}

fn conditions(lines: &[(u64, &str)]) -> Value {
    let words = lines.iter().filter_map(|(_, line)| {
        let mut words = line.split_whitespace();
        let (kind, status) = (words.next()?, words.next()?);
        matches!(status, "True" | "False" | "Unknown").then(|| json!({"type": kind, "status": status}))
    });
    words.collect()
}

/// The Events below a heading that is underlined: where the lines stand, the columns begin.
fn events(lines: &[(u64, &str)], about: &Value, at: ObservedAt) -> Vec<(u64, Value)> {
    let [(_, heading), (_, underlined), rows @ ..] = lines else { return Vec::new() };
    let mut begins: Vec<usize> = Vec::new();
    let mut before_it = ' ';
    for (place, letter) in underlined.chars().enumerate() {
        if letter == '-' && before_it == ' ' {
            begins.push(place);
        }
        before_it = letter;
    }
    // Columns are aligned by letters, not by bytes.
    let part = |line: &str, from: usize, until: Option<usize>| -> String {
        line.chars().skip(from).take(until.map_or(usize::MAX, |until| until - from)).collect()
    };
    let cell = |line: &str, name: &str| {
        let column = begins.iter().position(|begin| part(heading, *begin, None).starts_with(name))?;
        let text = part(line, begins[column], begins.get(column + 1).copied());
        (!text.trim().is_empty()).then(|| text.trim().to_owned())
    };
    let event = |(place, line): &(u64, &str)| {
        // What stands below the table at the beginning of a line is none of it.
        if !line.starts_with("  ") {
            return None;
        }
        let age = cell(line, "Age").or_else(|| cell(line, "LastSeen"))?;
        // `30s (x4 over 2m)`: the last of four was 30 s ago, the first 2 m.
        let (last, counted) = age.split_once(" (x").unwrap_or((&age, ""));
        let (count, first) = counted.trim_end_matches(')').split_once(" over ").unwrap_or(("", ""));
        let count = cell(line, "Count").and_then(|count| count.parse().ok()).or_else(|| count.parse::<u64>().ok());
        let first = cell(line, "FirstSeen").or_else(|| (!first.is_empty()).then(|| first.to_owned()));
        let last = before(at, last)?;
        let (kind, reason) = (cell(line, "Type")?, cell(line, "Reason")?);
        let (message, source) = (cell(line, "Message").unwrap_or_default(), cell(line, "From").unwrap_or_default());
        let first = first.and_then(|first| before(at, &first)).unwrap_or_else(|| last.clone());
        // Events have no names here; what it says is the same in another description.
        let name = blake3::hash([&*kind, &*reason, &*source, &*message].join("\n").as_bytes()).to_hex();
        Some((
            *place,
            json!({
                "apiVersion": "v1", "kind": "Event",
                "metadata": {"namespace": about["namespace"], "name": format!("printed-{}", &name[..16])},
                "involvedObject": about,
                "type": kind,
                "reason": reason,
                "message": message,
                "source": {"component": source},
                "count": count.unwrap_or(1),
                "firstTimestamp": first,
                "lastTimestamp": last,
            }),
        ))
    };
    rows.iter().filter_map(event).collect()
}
