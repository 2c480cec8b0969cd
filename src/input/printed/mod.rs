//! What kubectl prints for people, as it is pasted into bug reports: the table of `kubectl get pods`, and `kubectl describe pod`; and
//! what `oc adm must-gather` prints into the file `timestamp`. Each pod becomes an object that says what was printed and no more, with the
//! key `printed`, which no object of a cluster has.

mod age;
mod describe;
mod table;
mod timestamp;

pub(super) use timestamp::{TAKEN, time};

use serde_json::{Value, json};

use super::lines::without_colours;
use crate::model::ObservedAt;

/// How many lines may stand in front of what kubectl printed.
const LINES_BEFORE_MAX: usize = 20;

/// Whether a text holds what kubectl printed about pods, and no objects, which tell more.
pub(super) fn is_printed(head: &str) -> bool {
    let head = &*without_colours(head);
    const OBJECTS: [&str; 7] =
        ["{\"apiVersion\"", "{\"kind\"", "{\"type\"", "{\"metadata\"", "apiVersion:", "kind:", "items:"];
    if head.lines().any(|line| line.trim_end() == "{" || OBJECTS.iter().any(|begin| line.starts_with(begin))) {
        return false;
    }
    if times(head).is_some() {
        return true;
    }
    let mut lines = head.lines().take(LINES_BEFORE_MAX).peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or_default();
        if table::Heading::of(line).is_some() || describe::begins(line) && describe::goes_on(next) {
            return true;
        }
    }
    false
}

/// The times in the `timestamp` of a dump; `None` of a text that is none.
pub(super) fn times(text: &str) -> Option<Read> {
    time(text.trim_start().lines().next()?)?;
    let lines = (0..).zip(text.lines()).filter(|(_, line)| time(line).is_some());
    let objects = lines.map(|(number, line)| (number, json!({"kind": TAKEN, "text": line}))).collect();
    Some(Read { objects, passed_over: 0 })
}

/// What was read of a text: objects, each with the line on which it stands, from 0, and how many lines were passed over.
#[derive(Default)]
pub(super) struct Read {
    pub(super) objects: Vec<(u64, Value)>,
    pub(super) passed_over: u64,
}

/// Reads what kubectl printed at a time.
pub(super) fn read(text: &str, at: ObservedAt) -> Read {
    let mut read = Read::default();
    let mut lines = (0..).zip(text.lines()).peekable();
    let mut heading: Option<table::Heading> = None;
    let mut namespace = None;
    let mut of_table = 0;
    while let Some((number, line)) = lines.next() {
        if let Some(found) = table::Heading::of(line) {
            table::forget_ages_of_watch(&mut read.objects[of_table..]);
            heading = Some(found);
            of_table = read.objects.len();
        } else if describe::begins(line) {
            heading = None;
            let mut block = vec![line];
            while let Some((_, line)) = lines.next_if(|(_, line)| !ends_block(line)) {
                block.push(line);
            }
            let found = describe::objects(&block, at);
            read.passed_over += if found.is_empty() { block.len() as u64 } else { 0 };
            table::forget_ages_of_watch(&mut read.objects[of_table..]);
            read.objects.extend(found.into_iter().map(|(place, object)| (number + place, object)));
            of_table = read.objects.len();
        } else if let Some(object) = heading.as_ref().and_then(|heading| heading.object(line, namespace, at)) {
            read.objects.push((number, object));
        } else if !line.trim().is_empty() {
            // Another table, a fence, a prompt, what a person wrote.
            if line.contains("kubectl ") || line.starts_with("$ ") {
                namespace = table::namespace_of(line);
            }
            heading = heading.filter(|_| !table::is_other_heading(line));
            read.passed_over += 1;
        }
    }
    table::forget_ages_of_watch(&mut read.objects[of_table..]);
    leave_out_rows(&mut read);
    read
}

/// A description tells more of a pod than its row.
fn leave_out_rows(read: &mut Read) {
    let is_row = |object: &Value| object.pointer("/printed/row").is_some();
    let identity = |object: &Value| (object["metadata"]["namespace"].clone(), object["metadata"]["name"].clone());
    let is_described = |object: &Value| object["printed"].is_object() && !is_row(object);
    let described: Vec<(Value, Value)> =
        read.objects.iter().filter(|(_, object)| is_described(object)).map(|(_, object)| identity(object)).collect();
    read.objects.retain(|(_, object)| !is_row(object) || !described.contains(&identity(object)));
}

fn ends_block(line: &str) -> bool {
    describe::begins(line) || line.starts_with("```") || line.starts_with("$ ") || table::Heading::of(line).is_some()
}

#[cfg(test)]
mod tests;
