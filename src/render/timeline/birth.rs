//! The birth of a pod as one line: what every pod goes through until it is ready says little by itself.

use super::row::Row;
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Role};
use crate::render::words::duration;
use crate::replay::{Lifecycle, PodField, Subject, Value};
use crate::timeline::Excerpt;

/// Takes the rows of a birth that went as births go off the beginning, but for the first: `created, scheduled to node-a, started and
/// ready in 2s`. None where that would be no more than the first row says, or where not all of them are shown.
pub(super) fn fold(rows: &mut Vec<Row<'_>>, excerpt: Excerpt) -> Option<String> {
    let first = rows.first()?;
    let is_creation = first.transition.to == Some(Value::Lifecycle(Lifecycle::Created)) && is_plain(first);
    let normal = if is_creation { rows[1..].iter().take_while(|row| step(row).is_some()).count() } else { 0 };
    if normal == 0 || !excerpt.contains(time_of(first)) || !excerpt.contains(time_of(&rows[normal])) {
        return None;
    }
    let since_creation = |row: &Row<'_>| time_of(row).zip(time_of(first)).map(|(at, begin)| at.micros_since(begin));
    let waited = rows[1..=normal].iter().find(|row| matches!(step(row), Some(Step::Scheduled(_))));
    let waited = waited.and_then(since_creation).filter(|waited| *waited >= LONG_WAIT_US);
    let waited = waited.map(|waited| format!(" after {}", duration(waited))).unwrap_or_default();
    let mut parts = vec!["created".to_owned()];
    let mut steps: Vec<Step> = rows[1..=normal].iter().filter_map(step).collect();
    steps.sort();
    steps.dedup();
    parts.extend(steps.into_iter().filter_map(|step| match step {
        Step::Scheduled(node) => Some(format!("scheduled to {node}{waited}")),
        Step::Begun => None,
        Step::Started => Some("started".to_owned()),
        Step::Ready => Some("ready".to_owned()),
    }));
    let last = parts.pop().filter(|_| !parts.is_empty())?;
    let took = since_creation(&rows[normal])
        .filter(|took| *took >= SECOND_US)
        .map(|took| format!(" in {}", duration(took)))
        .unwrap_or_default();
    rows.drain(1..=normal);
    Some(format!("{} and {last}{took}", parts.join(", ")))
}

/// Who waits longer for a node waits for something.
const LONG_WAIT_US: i64 = 5 * SECOND_US;

/// What a pod goes through, in the order in which it is told.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Scheduled(String),
    /// It is part of a birth and not worth a word.
    Begun,
    Started,
    Ready,
}

/// What a row is of a birth; `None` of anything else.
fn step(row: &Row<'_>) -> Option<Step> {
    let it = &row.transition;
    let to = it.to.as_ref().filter(|_| is_plain(row))?.to_string();
    let from = it.from.as_ref().map(ToString::to_string);
    let is_first = || from.as_deref().is_none_or(|from| from.starts_with("waiting("));
    match (&it.subject, &*to) {
        (Subject::Field(PodField::NodeName), _) if from.is_none() => Some(Step::Scheduled(to)),
        (Subject::Phase, "Running") => Some(Step::Begun),
        (Subject::Container(..), "waiting(PodInitializing)" | "waiting(ContainerCreating)") => Some(Step::Begun),
        (Subject::Container(_, Role::Init), "running" | "terminated(Completed, 0)") => Some(Step::Begun),
        (Subject::Container(..), "running") if is_first() && it.restart_count.is_none_or(|count| count == 0) => {
            Some(Step::Started)
        }
        (Subject::Condition(kind), "True") if &**kind == "Ready" => Some(Step::Ready),
        _ => None,
    }
}

/// Nothing is said against it, and it is known when it happened.
fn is_plain(row: &Row<'_>) -> bool {
    row.finding.is_none() && !row.transition.is_unplaced()
}

fn time_of(row: &Row<'_>) -> Option<ObservedAt> {
    row.transition.window.at
}
