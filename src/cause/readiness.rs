//! When a pod was not ready any more, and what that came from.

use super::causes::Cause;
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::shown::{events, is_false, is_true, shown};
use crate::model::time::SECOND_US;
use crate::model::{Actor, ConditionStatus, ObservedAt};
use crate::replay::{Subject, Transition, Value};
use crate::report::{EventNote, NodeNote, Note, PodReport};

/// The times in which a pod was not ready, before its end: one happening for each cause.
pub(super) fn readiness(
    report: &PodReport,
    asked_at: Option<ObservedAt>,
    done_at: Option<ObservedAt>,
) -> Vec<Happening> {
    let ready = Subject::Condition("Ready".into());
    let transitions = &report.timeline.transitions;
    let mut found: Vec<Happening> = Vec::new();
    let mut open: Option<usize> = None;
    for (place, it) in transitions.iter().enumerate().filter(|(_, it)| it.subject == ready) {
        if is_true(it) {
            if let Some(was) = open.take() {
                let was = &mut found[was];
                let since = it.window.at.zip(was.until_from()).map(|(until, from)| until.micros_since(from));
                (was.until, was.is_over) = (it.window.at, true);
                was.detail.for_us = Some(was.detail.for_us.unwrap_or(0) + since.unwrap_or(0));
            }
            continue;
        }
        let is_ending = asked_at.is_some_and(|asked| it.window.at >= Some(asked));
        let was_true = matches!(&it.from, Some(Value::Condition(ConditionStatus::True)));
        if is_ending || !was_true || !is_false(it) || it.reason.as_deref() == Some("PodCompleted") {
            continue;
        }
        let of_event = |other: &&Transition| other.seq == it.seq;
        let mut with_it = transitions[..place]
            .iter()
            .rev()
            .take_while(of_event)
            .chain(transitions[place..].iter().take_while(of_event));
        let is_of_container = with_it.any(is_end);
        if is_of_container || it.reason.as_deref() == Some("PodFailed") {
            continue;
        }
        let unready = unready(it, report);
        // What is done need not be ready.
        if unready.kind == Kind::Unready && done_at.is_some_and(|done| it.window.at >= Some(done)) {
            continue;
        }
        let same = found.iter().position(|known| {
            known.kind == unready.kind && known.because == unready.because && known.detail.node == unready.detail.node
        });
        let place = match same.filter(|_| unready.kind != Kind::NodeLost) {
            Some(place) => {
                let known = &mut found[place];
                known.detail.count += 1;
                (known.until, known.is_over) = (it.window.at, false);
                known.evidence.extend(unready.evidence);
                place
            }
            None => {
                found.push(unready);
                found.len() - 1
            }
        };
        open = Some(place);
    }
    // From there on it is ending, or done.
    let ends_at = [asked_at, done_at].into_iter().flatten().min();
    if let (Some(open), Some(ends_at)) = (open, ends_at) {
        let was = &mut found[open];
        let since = was.until_from().map(|from| ends_at.micros_since(from));
        was.detail.for_us = Some(was.detail.for_us.unwrap_or(0) + since.unwrap_or(0));
        (was.until, was.is_over) = (Some(ends_at), true);
    }
    found.extend(nodes_back(report, &found, ends_at));
    found
}

impl Happening {
    /// When the last stretch of it began.
    fn until_from(&self) -> Option<ObservedAt> {
        if self.detail.count > 1 { self.until.or(self.at) } else { self.at }
    }
}

fn is_end(it: &Transition) -> bool {
    matches!(it.subject, Subject::Container(..))
        && matches!(&it.to, Some(Value::Container(state)) if &**state != "running")
}

/// One time in which it was not ready.
fn unready(it: &Transition, report: &PodReport) -> Happening {
    let is_marked = match it.by.as_deref().and_then(Actor::component) {
        Some(component) => {
            matches!(component, "node-controller" | "node-lifecycle-controller" | "kube-controller-manager")
        }
        // Where nobody is named, what the node controller writes is told by what it leaves alone (C9).
        None => !it.inferred && it.by.is_none() && it.reason.is_none() && it.message.is_none(),
    };
    if let Some(lost) = node_note(report, it).filter(|_| is_marked) {
        let mut unready = shown(Kind::NodeLost, Weight::Broken, it);
        unready.by.clone_from(&it.by);
        unready.detail.node = Some(lost.node.clone());
        unready.detail.reason.clone_from(&lost.reason);
        unready.because.push(Because::new(
            Cause::NodeLost,
            format!("{} {}", lost.node, words_of(lost)),
            vec![lost.seq],
        ));
        unready.evidence.push(lost.seq);
        return unready;
    }
    if is_marked {
        let mut unready = shown(Kind::Unready, Weight::Broken, it);
        unready.by.clone_from(&it.by);
        let text = match &it.by {
            Some(by) => format!("{by} set only Ready to False, as it does when the kubelet of a node does not report"),
            None => {
                "only Ready was set to False, as the node controller does when the kubelet of a node does not report"
                    .to_owned()
            }
        };
        unready.because.push(Because::new(Cause::NodeLost, text, vec![it.seq]));
        return unready;
    }
    let mut unready = shown(Kind::Unready, Weight::Trouble, it);
    let probe = |note: &&EventNote| {
        &*note.event.reason == "Unhealthy" && note.event.message.starts_with("Readiness probe") && is_near(note, it)
    };
    if let Some(note) = events(report).filter(probe).max_by_key(|note| note.event.count) {
        unready.kind = Kind::ProbeFailed;
        let said = note.event.message.split_once(": ").map(|(_, said)| said.trim()).filter(|said| !said.is_empty());
        let text = format!("readiness probe failed{}", said.map(|said| format!(": {said}")).unwrap_or_default());
        unready.because.push(Because::new(Cause::ProbeFailed, text, vec![note.seq]));
    } else if it.reason.as_deref() == Some("ReadinessGatesNotReady") {
        let message = it.message.as_deref().unwrap_or_default();
        unready.because.push(Because::new(Cause::ReadinessGate, message, vec![it.seq]));
    }
    unready
}

fn words_of(lost: &NodeNote) -> String {
    let why = lost.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    match lost.to {
        ConditionStatus::Unknown => format!("was not heard of any more{why}"),
        ConditionStatus::True | ConditionStatus::False | ConditionStatus::Other(_) => format!("was not ready{why}"),
    }
}

/// The Event was told while the pod became unready, or before.
fn is_near(note: &EventNote, it: &Transition) -> bool {
    let Some(at) = it.window.at else { return false };
    let first = note.event.first_at.is_some_and(|first| first.micros_since(at) <= 2 * SECOND_US);
    let last = note.event.last_at.or(note.event.first_at);
    first && last.is_some_and(|last| at.micros_since(last) <= PROBED_WITHIN_US)
}

/// How long ago the probe that failed last may have been told.
const PROBED_WITHIN_US: i64 = 90 * SECOND_US;
/// A node is marked within this of its pods.
const MARKED_WITHIN_US: i64 = 10 * SECOND_US;

fn nodes(report: &PodReport) -> impl Iterator<Item = &NodeNote> {
    report.related.iter().filter_map(|note| match note {
        Note::Node(note) => Some(note),
        Note::Event(_) | Note::Refused(_) => None,
    })
}

/// The change of its node that comes with a mark.
fn node_note<'a>(report: &'a PodReport, it: &Transition) -> Option<&'a NodeNote> {
    let at = it.window.at?;
    let is_near = |note: &&NodeNote| note.at.micros_since(at).abs() <= MARKED_WITHIN_US;
    nodes(report).filter(|note| note.to != ConditionStatus::True).find(is_near)
}

/// The node of a pod came back that had been lost.
fn nodes_back(report: &PodReport, found: &[Happening], ends_at: Option<ObservedAt>) -> Vec<Happening> {
    let lost = found.iter().filter(|it| it.kind == Kind::NodeLost);
    let back = |lost: &Happening| {
        let after = |note: &&NodeNote| note.to == ConditionStatus::True && Some(note.at) > lost.at;
        let note = nodes(report).find(after)?;
        let mut back = Happening::new(Kind::NodeBack, Weight::Info, Some(note.at), note.seq);
        back.detail.node = Some(note.node.clone());
        // Ready again, and not because it came to its end.
        back.is_over = lost.is_over && (ends_at.is_none() || lost.until < ends_at);
        back.detail.for_us = lost.at.map(|from| note.at.micros_since(from));
        Some(back)
    };
    lost.filter_map(back).collect()
}
