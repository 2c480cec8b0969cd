//! The birth of a pod as one line: what every pod goes through until it is ready says little by itself.

use super::row::Row;
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Role, StampedAt};
use crate::render::words::duration;
use crate::replay::{Lifecycle, PodField, Subject, Value};
use crate::timeline::Excerpt;

/// Which transitions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What matters: a birth in one line; among several pods their lives, phases, nodes, readiness and containers, and what has a finding.
    Main,
    /// Every one.
    Every,
}

/// Takes the rows of a birth that went as births go off the beginning, but for the first: `created, scheduled to node-a, started and
/// ready in 2s`. None where that would be no more than the first row says, or where not all of them are shown.
pub(super) fn fold(rows: &mut Vec<Row<'_>>, depth: Depth, excerpt: Excerpt) -> Option<String> {
    let first = rows.first().filter(|_| depth == Depth::Main)?;
    let is_creation = first.transition.to == Some(Value::Lifecycle(Lifecycle::Created)) && is_plain(first);
    let normal = if is_creation { length(&rows[1..]) } else { 0 };
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
    let last_told = rows[1..=normal].iter().rfind(|row| step(row).is_some_and(|step| step != Step::Begun));
    let took = last_told
        .and_then(since_creation)
        .filter(|took| *took >= SECOND_US)
        .map(|took| format!(" in {}", duration(took)))
        .unwrap_or_default();
    rows.drain(1..=normal);
    Some(format!("{} and {last}{took}", parts.join(", ")))
}

/// How many rows behind the creation are of the birth: it ends with the event that makes the pod ready.
fn length(rows: &[Row<'_>]) -> usize {
    let mut ready = None;
    let is_of_birth = |row: &&Row<'_>| {
        let seq = row.transition.seq;
        let Some(step) = step(row).filter(|_| ready.is_none_or(|ready| ready == seq)) else { return false };
        ready = ready.or((step == Step::Ready).then_some(seq));
        true
    };
    let normal = rows.iter().take_while(is_of_birth).count();
    // What goes without a word stands with the rest of an event that goes another way.
    let goes_on = rows.get(normal).map(|row| row.transition.seq);
    let is_of_rest = |row: &&Row<'_>| Some(row.transition.seq) == goes_on && step(row) == Some(Step::Begun);
    normal - rows[..normal].iter().rev().take_while(is_of_rest).count()
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
        (Subject::Field(field), _) if from.is_none() && FIELDS.contains(field) => Some(Step::Begun),
        (Subject::Phase, "Pending") if from.is_none() => Some(Step::Begun),
        (Subject::Phase, "Running") => Some(Step::Begun),
        (Subject::Container(..), "waiting(PodInitializing)" | "waiting(ContainerCreating)") => Some(Step::Begun),
        (Subject::Container(_, Role::Init), "running" | "terminated(Completed, 0)") => Some(Step::Begun),
        (Subject::Container(..), "running") if is_first() && it.restart_count.is_none_or(|count| count == 0) => {
            Some(Step::Started)
        }
        (Subject::Condition(kind), "True") if &**kind == "Ready" => Some(Step::Ready),
        (Subject::Condition(kind), "True") if CONDITIONS.contains(&&**kind) && it.reason.is_none() => Some(Step::Begun),
        (Subject::Condition(kind), "False") if is_incomplete(kind, it.reason.as_deref()) => {
            from.as_deref().is_none_or(|from| from == "False").then_some(Step::Begun)
        }
        _ => None,
    }
}

/// The fields that every pod gets.
const FIELDS: [PodField; 4] = [PodField::QosClass, PodField::StartTime, PodField::HostIp, PodField::PodIps];
/// The conditions that every pod goes through before it is ready.
const CONDITIONS: [&str; 4] = ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady"];

/// Whether a condition is False only because the containers are on their way.
fn is_incomplete(kind: &str, reason: Option<&str>) -> bool {
    match kind {
        "PodReadyToStartContainers" => reason.is_none(),
        "Initialized" => reason == Some("ContainersNotInitialized"),
        "ContainersReady" | "Ready" => reason == Some("ContainersNotReady"),
        _ => false,
    }
}

/// Nothing is said against it, and it is known when it happened: what is shown long after the cluster stamped it stood in a gap.
fn is_plain(row: &Row<'_>) -> bool {
    let shown_after = |stamped: StampedAt| time_of(row).map(|at| at.micros() - stamped.micros());
    let is_late = row.transition.stamped_at.and_then(shown_after).is_some_and(|late| late >= LONG_WAIT_US);
    row.finding.is_none() && !row.transition.is_unplaced() && !is_late
}

fn time_of(row: &Row<'_>) -> Option<ObservedAt> {
    row.transition.window.at
}
