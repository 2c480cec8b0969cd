//! The table of `kubectl get pods`, also `-A`, `-o wide`, `-w` and with labels: a row a pod.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::age::before;
use crate::model::ObservedAt;

/// The columns of a table of pods, in their order.
pub(super) struct Heading {
    names: Vec<String>,
    /// Where each begins in its line, in letters.
    begins: Vec<usize>,
}

impl Heading {
    /// The columns that a line names; `None` if it is no heading of pods.
    pub(super) fn of(line: &str) -> Option<Self> {
        const OF_PODS: [&str; 4] = ["NAME", "READY", "STATUS", "RESTARTS"];
        if !line.contains("READY") {
            return None;
        }
        let (mut names, mut begins): (Vec<String>, Vec<usize>) = (Vec::new(), Vec::new());
        for (begin, word) in words_of(line) {
            match names.last_mut() {
                Some(last) if matches!((last.as_str(), word), ("NOMINATED", "NODE") | ("READINESS", "GATES")) => {
                    last.push(' ');
                    last.push_str(word);
                }
                _ => {
                    names.push(word.to_owned());
                    begins.push(begin);
                }
            }
        }
        OF_PODS.into_iter().all(|name| names.iter().any(|known| known == name)).then_some(Self { names, begins })
    }

    /// The cells of a row: by its words, and where a cell is empty, by where the columns begin.
    fn cells(&self, line: &str) -> Vec<String> {
        let cells = cells(line);
        if cells.len() == self.names.len() {
            return cells;
        }
        let part = |(column, begin): (usize, &usize)| -> String {
            let length = self.begins.get(column + 1).map_or(usize::MAX, |next| next - begin);
            line.chars().skip(*begin).take(length).collect::<String>().trim().to_owned()
        };
        self.begins.iter().enumerate().map(part).collect()
    }

    /// The pod of a row; `None` of a line that does not fit.
    pub(super) fn object(&self, line: &str, namespace: Option<&str>, at: ObservedAt) -> Option<Value> {
        let cells = self.cells(line);
        let cell = |name: &str| {
            let cell = self.names.iter().position(|column| column == name).map(|column| cells[column].as_str())?;
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
                ("namespace", cell("NAMESPACE").or(namespace).map(str::to_owned)),
                ("name", Some(name.to_owned())),
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
                    "createdAt": cell("AGE").and_then(|age| before(at, age)),
                    "gates": cell("READINESS GATES"),
                },
            },
        });
        Some(match cell("EVENT") {
            Some(event) => json!({"type": event, "object": pod}),
            None => pod,
        })
    }
}

/// The ages in a watch are of when each row was printed, which is unknown.
pub(super) fn forget_ages_of_watch(rows: &mut [(u64, Value)]) {
    let pod = |row: &Value| if row["object"].is_object() { row["object"].clone() } else { row.clone() };
    let name = |row: &Value| (pod(row)["metadata"]["namespace"].to_string(), pod(row)["metadata"]["name"].to_string());
    let names: BTreeSet<(String, String)> = rows.iter().map(|(_, row)| name(row)).collect();
    let is_watch = names.len() < rows.len() || rows.iter().any(|(_, row)| row["object"].is_object());
    for (_, row) in rows.iter_mut().filter(|_| is_watch) {
        let pod = if row["object"].is_object() { &mut row["object"] } else { row };
        for time in ["createdAt", "restartedAt"] {
            pod["printed"]["row"][time] = Value::Null;
        }
    }
}

/// Whether a line names the columns of another table.
pub(super) fn is_other_heading(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_name =
        |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase() || b"-()".contains(&byte));
    words.next().is_some_and(|word| matches!(word, "NAME" | "NAMESPACE" | "LAST")) && words.all(is_name)
}

/// The words of a line, each with where it begins, in letters.
fn words_of(line: &str) -> Vec<(usize, &str)> {
    let begin = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize;
    line.split_whitespace().map(|word| (line[..begin(word)].chars().count(), word)).collect()
}

/// The namespace that a command names, as it stands behind a prompt: `$ kubectl get pods -n shop`.
pub(super) fn namespace_of(line: &str) -> Option<&str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.iter().position(|word| matches!(*word, "kubectl" | "oc" | "k"))?;
    let place = words.iter().position(|word| matches!(*word, "-n" | "--namespace"));
    let behind = place.and_then(|place| words.get(place + 1).copied());
    behind.or_else(|| words.iter().find_map(|word| word.strip_prefix("--namespace=")))
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
