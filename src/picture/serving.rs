//! The main row of a pod: what it was to those who use it, in the words of the STATUS column. It was starting, ready, unready, failing,
//! ending, done, or nobody knows.

use super::bar::{Bar, End, Shown};
use super::health::Health;
use super::times::Times;
use crate::model::{ConditionStatus, EventKind, ObservedAt, Phase, Provenance};
use crate::replay::{Lifecycle, Subject, Value};
use crate::report::PodReport;
use crate::timeline::{Entry, TimeRange, spans_of};

/// The condition of a pod that is to be taken from its node.
const DISRUPTED: &str = "DisruptionTarget";

/// What changed for those who use a pod.
enum Turn<'a> {
    /// An event shows the pod: kubectl would print these columns.
    Columns(&'a Entry),
    /// The condition Ready; `None` while nobody knows it.
    Ready(Option<bool>),
    /// The phase says that its containers ended for good, and well.
    Succeeded,
    /// The phase says that it failed.
    Failed,
    /// It is to be taken from its node, in a word, or is not any more.
    Disrupted(Option<&'static str>),
    /// The pod was asked to end.
    Ending,
}

/// What a pod is to those who use it, as told so far.
#[derive(Default)]
struct Told<'a> {
    entry: Option<&'a Entry>,
    /// The condition Ready, if the pod has one; `None` within while it is unknown.
    ready: Option<Option<bool>>,
    was_ready: bool,
    is_finished: bool,
    is_failed: bool,
    disrupted: Option<&'static str>,
    is_ending: bool,
}

/// The intervals of the main row.
pub(super) fn serving(report: &PodReport, times: &Times) -> Vec<Bar> {
    let mut told = Told::default();
    let mut bars: Vec<Bar> = Vec::new();
    let mut turns = turns(report, times).into_iter().peekable();
    while let Some((at, entry, turn)) = turns.next() {
        told.take(turn);
        // All that one event changes at one moment is one change.
        if turns.peek().is_some_and(|(next, of, _)| (*next, *of) == (at, entry)) {
            continue;
        }
        let Some((shown, health)) = told.shown() else { continue };
        if let Some(last) = bars.last_mut() {
            last.range = TimeRange::new(last.range.from, at);
            // A change of READY matters only where the label shows it.
            if last.health == health && last.shown.to_string() == shown.to_string() {
                continue;
            }
        }
        let range = TimeRange::new(at, at);
        bars.push(Bar { shown, health, range, end: End::Changed, entry, transition: None });
    }
    if let Some(last) = bars.last_mut() {
        last.range = TimeRange::new(last.range.from, times.end);
        last.end = times.last;
    }
    bars
}

/// What changed, when, and by which event, in the order of time.
fn turns<'a>(report: &'a PodReport, times: &Times) -> Vec<(ObservedAt, usize, Turn<'a>)> {
    let timeline = &report.timeline;
    let transitions = &timeline.transitions;
    let begins = |span: &crate::timeline::Span| {
        let entry = timeline.entry_of(span.transition);
        (span.from.unwrap_or_else(|| times.of(entry)), entry)
    };
    let shown = timeline.entries.iter().enumerate().filter(|(_, entry)| entry.kind != EventKind::Deleted);
    let mut turns: Vec<_> = shown.map(|(place, entry)| (times.of(place), place, Turn::Columns(entry))).collect();
    turns.extend(spans_of(transitions, &Subject::Condition("Ready".into())).iter().map(|span| {
        let ready = span.value.as_ref().map(|value| *value == Value::Condition(ConditionStatus::True));
        let (at, entry) = begins(span);
        (at, entry, Turn::Ready(ready))
    }));
    turns.extend(spans_of(transitions, &Subject::Condition(DISRUPTED.into())).iter().map(|span| {
        let is_true = span.value == Some(Value::Condition(ConditionStatus::True));
        let word = disruption(transitions.get(span.transition).and_then(|it| it.reason.as_deref()));
        let (at, entry) = begins(span);
        (at, entry, Turn::Disrupted(is_true.then_some(word)))
    }));
    let mut first = |subject: Subject, value: &Value, turn: Turn<'a>| {
        let spans = spans_of(transitions, &subject);
        let found = spans.iter().find(|span| span.value.as_ref() == Some(value));
        turns.extend(found.map(begins).map(|(at, entry)| (at, entry, turn)));
    };
    first(Subject::Phase, &Value::Phase(Phase::Succeeded), Turn::Succeeded);
    first(Subject::Phase, &Value::Phase(Phase::Failed), Turn::Failed);
    first(Subject::Lifecycle, &Value::Lifecycle(Lifecycle::Deleting), Turn::Ending);
    // The columns of an event come last: READY alone does not say whether the pod ever was ready.
    turns.sort_by_key(|(at, entry, turn)| (*at, *entry, matches!(turn, Turn::Columns(_))));
    turns
}

/// What is done to a pod that is to be taken from its node, by the reason of the condition.
fn disruption(reason: Option<&str>) -> &'static str {
    match reason {
        Some("PreemptionByScheduler") => "preempted",
        Some("TerminationByKubelet" | "EvictionByEvictionAPI" | "DeletionByTaintManager") => "evicted",
        Some(_) | None => "disrupted",
    }
}

impl<'a> Told<'a> {
    fn take(&mut self, turn: Turn<'a>) {
        match turn {
            Turn::Columns(entry) => self.entry = Some(entry),
            Turn::Ready(ready) => {
                self.ready = Some(ready);
                self.was_ready |= ready == Some(true);
            }
            Turn::Succeeded => self.is_finished = true,
            Turn::Failed => self.is_failed = true,
            Turn::Disrupted(word) => self.disrupted = word,
            Turn::Ending => self.is_ending = true,
        }
    }

    /// How it is shown; `None` before an event shows the pod.
    fn shown(&mut self) -> Option<(Shown, Health)> {
        let entry = self.entry?;
        let is_untold = matches!(entry.provenance, Provenance::Unknown(_));
        let mut shown = Shown::of(entry);
        let health = shown.health();
        let Shown::Status { status, is_short, note, .. } = &mut shown else { return Some((shown, health)) };
        let of_service = match health {
            _ if self.is_ending => Health::Ending,
            // An object without a status says nothing about the pod.
            _ if is_untold || status.is_empty() || status == "Unknown" => Health::Unknown,
            // STATUS may still be that of a container that never started.
            _ if self.is_failed => Health::Bad,
            Health::Done if self.is_finished && self.disrupted.is_some() => Health::Bad,
            Health::Done if self.is_finished => Health::Done,
            // A container that ended well, and is to run again.
            Health::Good | Health::Waiting | Health::Done => match self.ready {
                Some(None) => Health::Unknown,
                Some(Some(true)) if health == Health::Good => Health::Good,
                None if health == Health::Good => {
                    self.was_ready = true;
                    Health::Good
                }
                Some(Some(_)) | None if self.was_ready => Health::Unready,
                Some(Some(_)) | None => Health::Waiting,
            },
            Health::Unknown | Health::Neutral | Health::Ending | Health::Unready | Health::Bad => health,
        };
        *note = match of_service {
            Health::Unready | Health::Waiting if !*is_short && status == "Running" => Some("not ready"),
            Health::Unknown if status == "Running" => Some("readiness unknown"),
            Health::Ending if status == "Running" => Some("terminating"),
            Health::Bad if (self.is_failed || self.is_finished) && status != "Evicted" => self.disrupted,
            Health::Unknown
            | Health::Neutral
            | Health::Good
            | Health::Done
            | Health::Ending
            | Health::Waiting
            | Health::Unready
            | Health::Bad => None,
        };
        Some((shown, of_service))
    }
}

#[cfg(test)]
mod tests {
    use super::super::lives::unjudged;
    use super::super::rows;

    /// The main row of a life: `12:00:04 good Running 1/1`, without the date.
    fn check(life: &str, expected: &[&str]) {
        let rows = rows(&unjudged(life));
        let told = rows[0].bars.iter().map(|bar| {
            let from = bar.range.from.to_string();
            format!("{} {} {}", &from[11..19], bar.health.as_str(), bar.shown)
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{life}");
    }

    #[test]
    fn a_pod_that_is_not_ready_is_not_called_running() {
        const STARTS: &str = "12:00:00 ADDED Pending node=n c=waiting(ContainerCreating) / ";
        let check = |life: &str, expected: &[&str]| {
            let begin = ["12:00:00 waiting ContainerCreating"];
            check(&format!("{STARTS}{life}"), &[&begin, expected].concat());
        };
        check("12:00:04 MODIFIED Running Ready c=running,ready", &["12:00:04 good Running 1/1"]);
        check("12:00:04 MODIFIED Running !Ready c=running,unready", &["12:00:04 waiting Running 0/1"]);
        // A readiness gate that nobody opened, and one that closed again.
        check("12:00:04 MODIFIED Running !Ready c=running,ready", &["12:00:04 waiting Running 1/1, not ready"]);
        check(
            "12:00:04 MODIFIED Running Ready c=running,ready / 12:00:09 MODIFIED !Ready",
            &["12:00:04 good Running 1/1", "12:00:09 unready Running 1/1, not ready"],
        );
        // A disruption that did not come is no eviction; of a pod that failed it says why.
        check(
            "12:00:04 MODIFIED Running Ready DisruptionTarget c=running,ready / 12:00:09 MODIFIED !DisruptionTarget !Ready c=waiting(CrashLoopBackOff)",
            &["12:00:04 good Running 1/1", "12:00:09 bad CrashLoopBackOff"],
        );
        // No event shows that it was not ready, a later stamp proves it: it was ready again at the stamp, not when that was seen.
        check(
            "12:00:04 MODIFIED Running Ready c=running,ready / 12:00:10 MODIFIED / 12:09:00 MODIFIED Ready@12:04:00",
            &[
                "12:00:04 good Running 1/1",
                "12:00:10 unknown Running 1/1, readiness unknown",
                "12:04:00 good Running 1/1",
            ],
        );
        // The status is taken away.
        check(
            "12:00:04 MODIFIED Running Ready c=running,ready / 12:00:09 MODIFIED wiped",
            &["12:00:04 good Running 1/1", "12:00:09 unknown unknown"],
        );
    }
}
