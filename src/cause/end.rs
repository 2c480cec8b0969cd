//! How a pod came to its end: who asked for it, by which way, and how its phase ended.

use std::sync::Arc;

use super::happening::{Detail, Happening};
use super::kind::{Kind, Weight};
use super::shown::{is_true, shown};
use crate::model::{Actor, Basis, ObservedAt, Phase};
use crate::replay::{Lifecycle, PodField, Subject, Transition, Value};
use crate::report::EventNote;

/// How it came to its end: who asked for it, and by which way.
pub(super) fn end(transitions: &[Transition], is_mirror: bool) -> Option<Happening> {
    let became = |it: &&Transition, lifecycle: Lifecycle| {
        it.subject == Subject::Lifecycle && it.to == Some(Value::Lifecycle(lifecycle))
    };
    let asked = transitions.iter().find(|it| became(it, Lifecycle::Deleting));
    let gone = transitions.iter().rev().find(|it| became(it, Lifecycle::Deleted));
    let first = asked.or(gone)?;
    // Who asked for its end may be known by the end alone; a kubelet ends what somebody else had asked for, and its mirror pods.
    let is_at_once = came_at_once(first, gone);
    let asks = |by: &&Arc<Actor>| match by.node() {
        None => by.verb.starts_with("delete") || is_at_once,
        Some(_) => is_mirror && is_at_once,
    };
    let by_end = gone.and_then(|gone| gone.by.as_ref());
    let by = first.by.clone().or_else(|| by_end.filter(asks).cloned());
    let disrupted = Subject::Condition("DisruptionTarget".into());
    // Who ends a pod says first why; what is said later is of another.
    let is_before = |it: &&Transition| it.seq == first.seq || it.window.at <= first.window.at;
    let disruption = transitions.iter().rev().find(|it| it.subject == disrupted && is_true(it) && is_before(it));
    let (kind, weight) = kind_of_end(disruption.and_then(|it| it.reason.as_deref()), by.as_deref(), is_at_once);
    // Of a pod that was there and then was not, a watch tells no more.
    let kind = if asked.is_none() && by.is_none() && disruption.is_none() { Kind::Deleted } else { kind };
    let mut end = shown(kind, weight, first);
    end.by = by;
    end.detail = Detail { count: 1, ..Detail::default() };
    if let Some(disruption) = disruption {
        end.detail.reason = disruption.reason.as_deref().map(Into::into);
        end.detail.message = disruption.message.as_deref().map(Into::into);
        end.evidence.push(disruption.seq);
    }
    if let Some(gone) = gone {
        (end.until, end.is_over) = (gone.window.at, true);
        end.evidence.push(gone.seq);
    }
    end.evidence.dedup();
    Some(end)
}

/// A deletion that waits for nothing is over within this.
const AT_ONCE_US: i64 = 2_000_000;

/// Whether a deletion waited for nothing: who asked for it removed it too.
fn came_at_once(first: &Transition, gone: Option<&Transition>) -> bool {
    let is_near = |gone: &Transition| {
        gone.window.at.zip(first.window.at).is_some_and(|(gone, asked)| gone.micros_since(asked) < AT_ONCE_US)
    };
    first.message.as_deref() == Some("grace period 0s") && gone.is_some_and(is_near)
}

fn kind_of_end(disruption: Option<&str>, by: Option<&Actor>, is_at_once: bool) -> (Kind, Weight) {
    let component = by.and_then(Actor::component);
    match (disruption, component) {
        (Some("PreemptionByScheduler"), _) | (_, Some("kube-scheduler")) => (Kind::Preempted, Weight::Broken),
        (Some("DeletionByTaintManager"), _) | (_, Some("taint-eviction-controller")) => {
            (Kind::TaintEvicted, Weight::Trouble)
        }
        (Some("EvictionByEvictionAPI"), _) => (Kind::Evicted, Weight::Trouble),
        (Some("TerminationByKubelet"), _) => (Kind::Evicted, Weight::Broken),
        (Some("DeletionByPodGC"), _) => (Kind::GarbageCollected, Weight::Trouble),
        (_, Some("namespace-controller")) => (Kind::NamespaceDeleted, Weight::Trouble),
        (_, Some("generic-garbage-collector" | "pod-garbage-collector")) => (Kind::GarbageCollected, Weight::Info),
        (_, Some("node-controller")) => (Kind::TaintEvicted, Weight::Trouble),
        (
            _,
            Some(
                "replicaset-controller" | "statefulset-controller" | "daemon-set-controller" | "replication-controller",
            ),
        ) => (Kind::Scaled, Weight::Info),
        (_, _) if by.is_some_and(|by| &*by.part == "eviction") => (Kind::Evicted, Weight::Trouble),
        (_, Some(_)) => (Kind::DeletionRequested, Weight::Info),
        (_, None) if is_at_once && by.is_some() => (Kind::ForceDeleted, Weight::Trouble),
        (_, None) => (Kind::DeletionRequested, Weight::Trouble),
    }
}

/// How its phase ended. `evicted` is what the kubelet said when it began to evict it: containers that then exit with 0 leave the
/// phase Succeeded, without a reason.
pub(super) fn phase(
    transitions: &[Transition],
    asked_at: Option<ObservedAt>,
    evicted: Option<&EventNote>,
) -> Option<Happening> {
    let is_end = |it: &&Transition| {
        it.subject == Subject::Phase && matches!(&it.to, Some(Value::Phase(Phase::Failed | Phase::Succeeded)))
    };
    let it = transitions.iter().find(is_end)?;
    let of_event = |field: PodField| {
        let of = |other: &&Transition| other.seq == it.seq && other.subject == Subject::Field(field);
        transitions.iter().find(of).and_then(|other| match &other.to {
            Some(Value::Text(text)) => Some(Box::<str>::from(&**text)),
            _ => None,
        })
    };
    let said_at = |note: &&EventNote| note.event.last_at.or(note.event.first_at);
    let is_before = |note: &&EventNote| said_at(note).is_some_and(|at| it.window.at_latest.is_none_or(|end| at <= end));
    let evicted = evicted.filter(|_| it.reason.is_none()).filter(is_before);
    let text = |text: &Option<Arc<str>>| text.as_deref().map(Box::from);
    let reason = text(&it.reason).or_else(|| of_event(PodField::Reason));
    let reason = reason.or_else(|| evicted.map(|note| note.event.reason.clone()));
    let message = text(&it.message).or_else(|| of_event(PodField::Message));
    let message = message.or_else(|| evicted.map(|note| note.event.message.clone()));
    // What another client wrote there is a foreign write.
    if it.by.as_ref().is_some_and(|by| by.component().is_none() && by.basis == Basis::Audit) {
        return None;
    }
    let is_failed = it.to == Some(Value::Phase(Phase::Failed));
    let is_of_deletion = asked_at.is_some_and(|asked| it.window.at >= Some(asked));
    let (kind, weight) = match (is_failed, reason.as_deref()) {
        (_, Some("Evicted")) => (Kind::Evicted, Weight::Broken),
        (_, Some("DeadlineExceeded")) => (Kind::Deadline, Weight::Broken),
        (true, Some("NodeLost" | "Terminated" | "NodeShutdown")) => (Kind::Evicted, Weight::Broken),
        (true, Some("Preempting")) => (Kind::Preempted, Weight::Broken),
        (true, Some(reason)) if is_rejection(reason) => (Kind::Rejected, Weight::Broken),
        (true, Some(_)) => (Kind::Failed, Weight::Broken),
        // What ends while it is being deleted is the end of that.
        (_, None) if is_of_deletion => return None,
        (true, None) => (Kind::Failed, Weight::Broken),
        (false, _) => (Kind::Completed, Weight::Info),
    };
    let mut end = shown(kind, weight, it);
    if kind == Kind::Completed {
        // The status may come long after its last container ended.
        let stamps = transitions.iter().filter(|other| is_container_end(other));
        let ended_at = stamps.filter_map(|other| other.stamped_at).max().map(|at| ObservedAt::from_micros(at.micros()));
        end.detail.for_us = it.window.at.zip(ended_at).map(|(reported, ended)| reported.micros_since(ended));
        end.at = ended_at.min(it.window.at).or(it.window.at);
    }
    // Whoever wrote the status, it is the kubelet that evicts.
    end.by = it.by.clone().filter(|by| kind != Kind::Evicted || by.component().is_some());
    (end.detail.reason, end.detail.message) = (reason, message);
    end.evidence.extend(evicted.filter(|_| kind == Kind::Evicted).map(|note| note.seq));
    Some(end)
}

fn is_container_end(it: &Transition) -> bool {
    matches!((&it.subject, &it.to), (Subject::Container(..), Some(Value::Container(state))) if state.starts_with("terminated("))
}

/// Whether a kubelet says by this reason that it does not take a pod (`pkg/kubelet/lifecycle`, `pkg/kubelet/cm`).
fn is_rejection(reason: &str) -> bool {
    const REASONS: [&str; 12] = [
        "NodeAffinity",
        "NodeName",
        "NodePorts",
        "NodeUnschedulable",
        "TaintToleration",
        "UnexpectedAdmissionError",
        "PodOSNotSupported",
        "PodOSSelectorNodeLabelDoesNotMatch",
        "TopologyAffinityError",
        "AppArmor",
        "SysctlForbidden",
        "InvalidNodeInfo",
    ];
    reason.starts_with("OutOf") || reason.starts_with("Insufficient") || REASONS.contains(&reason)
}
