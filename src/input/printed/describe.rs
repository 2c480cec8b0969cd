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
        let key = key.filter(|(key, _)| fields.iter().all(|known| known.key != *key));
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
        Some(lasts) => metadata["deletionTimestamp"] = json!(before(at, lasts)),
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
        let status = state("State").map(|now| {
            let mut status = present([
                ("name", Some(container.key.to_owned())),
                ("image", value("Image")),
                ("imageID", value("Image ID")),
                ("containerID", value("Container ID")),
            ]);
            status["ready"] = Value::Bool(value("Ready").as_deref() == Some("True"));
            status["restartCount"] = json!(count.unwrap_or(0));
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
            run["exitCode"] = json!(number("Exit Code"));
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
    let mut before_it = b' ';
    for (place, byte) in underlined.bytes().enumerate() {
        if byte == b'-' && before_it == b' ' {
            begins.push(place);
        }
        before_it = byte;
    }
    let cell = |line: &str, name: &str| {
        let column =
            begins.iter().position(|begin| heading.get(*begin..).is_some_and(|rest| rest.starts_with(name)))?;
        let end = begins.get(column + 1).copied().unwrap_or(line.len()).min(line.len());
        let text = line.get(begins[column]..end)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let event = |(place, line): &(u64, &str)| {
        let age = cell(line, "Age").or_else(|| cell(line, "LastSeen"))?;
        // `30s (x4 over 2m)`: the last of four was 30 s ago, the first 2 m.
        let (last, counted) = age.split_once(" (x").unwrap_or((&age, ""));
        let (count, first) = counted.trim_end_matches(')').split_once(" over ").unwrap_or(("", ""));
        let count = cell(line, "Count").and_then(|count| count.parse().ok()).or_else(|| count.parse::<u64>().ok());
        let first = cell(line, "FirstSeen").or_else(|| (!first.is_empty()).then(|| first.to_owned()));
        let last = before(at, last);
        Some((
            *place,
            json!({
                "apiVersion": "v1", "kind": "Event",
                "metadata": {"namespace": about["namespace"], "name": format!("printed-{place}")},
                "involvedObject": about,
                "type": cell(line, "Type")?,
                "reason": cell(line, "Reason")?,
                "message": cell(line, "Message").unwrap_or_default(),
                "source": {"component": cell(line, "From").unwrap_or_default()},
                "count": count.unwrap_or(1),
                "firstTimestamp": first.and_then(|first| before(at, &first)).or_else(|| last.clone()),
                "lastTimestamp": last,
            }),
        ))
    };
    rows.iter().filter_map(event).collect()
}
