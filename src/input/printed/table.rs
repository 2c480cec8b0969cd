//! The table of `kubectl get pods`, also `-A`, `-o wide`, `-w` and with labels: a row a pod.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::age::before;
use crate::model::ObservedAt;

/// The columns of a table of pods, in their order.
pub(super) struct Heading(Vec<String>);

impl Heading {
    /// The columns that a line names; `None` if it is no heading of pods.
    pub(super) fn of(line: &str) -> Option<Self> {
        const OF_PODS: [&str; 4] = ["NAME", "READY", "STATUS", "RESTARTS"];
        if !line.contains("READY") {
            return None;
        }
        let mut words: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            match words.last_mut() {
                Some(last) if matches!((last.as_str(), word), ("NOMINATED", "NODE") | ("READINESS", "GATES")) => {
                    last.push(' ');
                    last.push_str(word);
                }
                _ => words.push(word.to_owned()),
            }
        }
        OF_PODS.into_iter().all(|name| words.iter().any(|word| word == name)).then_some(Self(words))
    }

    /// The pod of a row; `None` of a line that does not fit.
    pub(super) fn object(&self, line: &str, at: ObservedAt) -> Option<Value> {
        let cells = cells(line);
        if cells.len() != self.0.len() {
            return None;
        }
        let cell = |name: &str| {
            let cell = self.0.iter().position(|column| column == name).map(|column| cells[column].as_str())?;
            (!matches!(cell, "<none>" | "<unknown>" | "<invalid>" | "")).then_some(cell)
        };
        let name = cell("NAME")?;
        let name = name.strip_prefix("pod/").unwrap_or(name);
        let (ready, total) = cell("READY")?.split_once('/')?;
        let (ready, total): (u64, u64) = (ready.parse().ok()?, total.parse().ok()?);
        let restarts = cell("RESTARTS")?;
        let (count, ago) = restarts.split_once(' ').unwrap_or((restarts, ""));
        let count: u64 = count.parse().ok()?;
        let ago = ago.strip_prefix('(').and_then(|ago| ago.strip_suffix(" ago)"));
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": present([
                ("namespace", cell("NAMESPACE").map(str::to_owned)),
                ("name", Some(name.to_owned())),
                ("creationTimestamp", cell("AGE").and_then(|age| before(at, age))),
            ]),
            "spec": present([("nodeName", cell("NODE").map(str::to_owned))]),
            "status": present([
                ("podIP", cell("IP").map(str::to_owned)),
                ("nominatedNodeName", cell("NOMINATED NODE").map(str::to_owned)),
            ]),
            "printed": {
                "at": at.to_string(),
                "row": {
                    "ready": ready,
                    "total": total,
                    "status": cell("STATUS")?,
                    "restarts": count,
                    "restartedAt": ago.and_then(|ago| before(at, ago)),
                },
            },
        });
        Some(match cell("EVENT") {
            Some(event) => json!({"type": event, "object": pod}),
            None => pod,
        })
    }
}

/// A watch prints a row for each change, with the ages of then: when that was it does not tell, only that it was before its end.
pub(super) fn forget_ages_of_watch(rows: &mut [(u64, Value)]) {
    let pod = |row: &Value| if row["object"].is_object() { row["object"].clone() } else { row.clone() };
    let name = |row: &Value| (pod(row)["metadata"]["namespace"].to_string(), pod(row)["metadata"]["name"].to_string());
    let names: BTreeSet<(String, String)> = rows.iter().map(|(_, row)| name(row)).collect();
    let is_watch = names.len() < rows.len() || rows.iter().any(|(_, row)| row["object"].is_object());
    for (_, row) in rows.iter_mut().filter(|_| is_watch) {
        let pod = if row["object"].is_object() { &mut row["object"] } else { row };
        pod["metadata"]["creationTimestamp"] = Value::Null;
        pod["printed"]["row"]["restartedAt"] = Value::Null;
    }
}

/// Whether a line names the columns of another table.
pub(super) fn is_other_heading(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_name =
        |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase() || b"-()".contains(&byte));
    words.next().is_some_and(|word| matches!(word, "NAME" | "NAMESPACE" | "LAST")) && words.all(is_name)
}

/// The cells of a row. `5 (30s ago)` is one.
fn cells(line: &str) -> Vec<String> {
    let mut cells: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match cells.last_mut() {
            Some(last) if word.starts_with('(') || word == "ago)" => {
                last.push(' ');
                last.push_str(word);
            }
            _ => cells.push(word.to_owned()),
        }
    }
    cells
}

/// The fields that have a value.
pub(super) fn present<const N: usize>(fields: [(&str, Option<String>); N]) -> Value {
    let present = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))));
    Value::Object(present.collect::<Map<String, Value>>())
}
