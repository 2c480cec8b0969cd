//! What happened to one pod by itself: its life, its containers, its readiness. What other pods, nodes and people had to do with it is
//! joined to it later.

use std::sync::Arc;

use super::containers::containers;
use super::happening::{Because, Detail, Happening};
use super::kind::{Kind, Weight};
use super::readiness::readiness;
use super::shown::{events, is_false, is_true, shown};
use crate::model::{Actor, Basis, EventKind, ObservedAt, Owner, Phase, PodIdentity, Seq};
use crate::replay::{Lifecycle, PodField, Subject, Transition, Value};
use crate::report::PodReport;
use crate::rules::{Finding, Severity};
use crate::timeline::GapKind;

/// A pod, and what happened to it.
#[derive(Debug)]
pub struct PodStory {
    /// Which pod.
    pub identity: PodIdentity,
    /// The workload that it belongs to, as people call it.
    pub workload: Option<Owner>,
    /// The object that controls it.
    pub controller: Option<Owner>,
    /// The node that it was on.
    pub node: Option<Box<str>>,
    /// When it was created, and who created it.
    pub created: Option<Created>,
    /// When its deletion was asked for, or it was gone.
    pub ended_at: Option<ObservedAt>,
    /// It is gone.
    pub is_gone: bool,
    /// When it was first told of, and last.
    pub told: Option<(ObservedAt, ObservedAt)>,
    /// What happened to it.
    pub happenings: Vec<Happening>,
}

/// How a pod began.
#[derive(Debug, Clone)]
pub struct Created {
    /// When.
    pub at: Option<ObservedAt>,
    /// Who created it, where that is known.
    pub by: Option<Arc<Actor>>,
    /// When it was ready for the first time.
    pub ready_at: Option<ObservedAt>,
    /// The record that shows it.
    pub seq: Seq,
}

/// The story of one pod by itself.
#[must_use]
pub fn pod_story(
    report: &PodReport,
    findings: &[Finding],
    workload: Option<Owner>,
    controller: Option<Owner>,
) -> PodStory {
    let timeline = &report.timeline;
    let transitions = &timeline.transitions;
    let mut happenings = scheduling(transitions);
    let mut end = end(transitions);
    if let Some(end) = end.as_mut().filter(|end| end.kind == Kind::Preempted)
        && let Some(note) = events(report).find(|note| &*note.event.reason == "Preempted")
    {
        end.detail.message = Some(note.event.message.clone());
        end.evidence.push(note.seq);
    }
    happenings.extend(end.clone());
    let asked_at = end.as_ref().and_then(|end| end.at);
    happenings.extend(phase(transitions, asked_at));
    happenings.extend(containers(report, asked_at));
    happenings.extend(readiness(report, asked_at));
    happenings.extend(resizes(report));
    let judged = judged(report, findings);
    let is_judged = |edit: &Happening| judged.iter().any(|it| it.kind == Kind::ForeignWrite && it.by == edit.by);
    // What somebody else wrote is not what the pod came to.
    let is_foreign =
        |it: &Happening| judged.iter().any(|by| by.kind == Kind::ForeignWrite && by.evidence == it.evidence);
    happenings.retain(|it| !is_foreign(it));
    happenings.extend(edits(report).into_iter().filter(|edit| !is_judged(edit)));
    happenings.extend(judged);
    happenings.extend(vanished(report));
    let is_creation = |it: &&Transition| {
        it.subject == Subject::Lifecycle && it.to == Some(Value::Lifecycle(Lifecycle::Created)) && !it.inferred
    };
    let ready = Subject::Condition("Ready".into());
    let ready_at = transitions.iter().find(|it| it.subject == ready && is_true(it)).and_then(|it| it.window.at);
    let created = transitions.first().filter(is_creation).map(|it| Created {
        at: it.window.at,
        by: it.by.clone(),
        ready_at,
        seq: it.seq,
    });
    PodStory {
        identity: report.identity.clone(),
        workload,
        controller,
        node: timeline.pod().and_then(|pod| pod.spec.node_name.clone()),
        created,
        ended_at: asked_at,
        is_gone: report.is_gone(),
        told: timeline.bounds(),
        happenings,
    }
}

/// Until a node was found for it, and who chose that.
fn scheduling(transitions: &[Transition]) -> Vec<Happening> {
    let mut found: Vec<Happening> = Vec::new();
    let scheduled = Subject::Condition("PodScheduled".into());
    for it in transitions {
        if it.subject == scheduled && is_false(it) {
            let kind = match it.reason.as_deref() {
                Some("SchedulingGated") => Kind::Gated,
                Some(_) | None => Kind::Unschedulable,
            };
            if found.iter().all(|known| known.kind != kind) {
                found.push(shown(kind, Weight::Trouble, it));
            }
        } else if it.subject == Subject::Field(PodField::NodeName) {
            let Some(Value::Text(node)) = &it.to else { continue };
            for waiting in found.iter_mut().filter(|waiting| !waiting.is_over) {
                (waiting.until, waiting.is_over) = (it.window.at, true);
                waiting.detail.node = Some(node.clone());
            }
            let by_hand = it.by.clone().filter(|by| &*by.part == "binding" && by.component().is_none());
            if let Some(by) = by_hand {
                let mut bound = shown(Kind::BoundByHand, Weight::Trouble, it);
                (bound.by, bound.detail.node) = (Some(by), Some(node.clone()));
                found.push(bound);
            }
        }
    }
    found
}

/// How it came to its end: who asked for it, and by which way.
fn end(transitions: &[Transition]) -> Option<Happening> {
    let became = |it: &&Transition, lifecycle: Lifecycle| {
        it.subject == Subject::Lifecycle && it.to == Some(Value::Lifecycle(lifecycle))
    };
    let asked = transitions.iter().find(|it| became(it, Lifecycle::Deleting));
    let gone = transitions.iter().rev().find(|it| became(it, Lifecycle::Deleted));
    let first = asked.or(gone)?;
    // What asked for its end may be known by the end alone, where that came at once.
    let asks = |by: &&Arc<Actor>| by.verb.starts_with("delete") && by.node().is_none();
    let by_end = gone.and_then(|gone| gone.by.as_ref());
    let by = first.by.clone().or_else(|| by_end.filter(|by| asks(by) || came_at_once(first, gone)).cloned());
    let disrupted = Subject::Condition("DisruptionTarget".into());
    let disruption = transitions.iter().rev().find(|it| it.subject == disrupted && is_true(it));
    let is_at_once = came_at_once(first, gone);
    let (kind, weight) = kind_of_end(disruption.and_then(|it| it.reason.as_deref()), by.as_deref(), is_at_once);
    // Of a pod that was there and then was not, a watch tells no more.
    let kind = if asked.is_none() && by.is_none() && disruption.is_none() { Kind::Deleted } else { kind };
    let mut end = shown(kind, weight, first);
    end.by = by;
    end.detail = Detail { count: 1, ..Detail::default() };
    if let Some(disruption) = disruption {
        end.detail.reason.clone_from(&disruption.reason);
        end.detail.message.clone_from(&disruption.message);
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

/// How its phase ended.
fn phase(transitions: &[Transition], asked_at: Option<ObservedAt>) -> Option<Happening> {
    let is_end = |it: &&Transition| {
        it.subject == Subject::Phase && matches!(&it.to, Some(Value::Phase(Phase::Failed | Phase::Succeeded)))
    };
    let it = transitions.iter().find(is_end)?;
    let of_event = |field: PodField| {
        let of = |other: &&Transition| other.seq == it.seq && other.subject == Subject::Field(field);
        transitions.iter().find(of).and_then(|other| match &other.to {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        })
    };
    let reason = it.reason.clone().or_else(|| of_event(PodField::Reason));
    let message = it.message.clone().or_else(|| of_event(PodField::Message));
    // What somebody else wrote there is told as that.
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
    end.by.clone_from(&it.by);
    (end.detail.reason, end.detail.message) = (reason, message);
    Some(end)
}

/// Changes of its resources while it ran.
fn resizes(report: &PodReport) -> Vec<Happening> {
    let is_resize = |by: &Arc<Actor>| &*by.part == "resize";
    let asked = report.timeline.entries.iter().filter_map(|entry| Some((entry, entry.by.clone().filter(is_resize)?)));
    let mut found: Vec<Happening> = Vec::new();
    for (entry, by) in asked {
        match found.iter_mut().find(|known| known.by.as_ref().is_some_and(|known| known.user == by.user)) {
            Some(known) => {
                known.detail.count += 1;
                known.until = entry.window.at;
                known.evidence.push(entry.seq);
            }
            None => {
                let mut resized = Happening::new(Kind::Resized, Weight::Info, entry.window.at, entry.seq);
                resized.by = Some(by);
                found.push(resized);
            }
        }
    }
    let pending = Subject::Condition("PodResizePending".into());
    let refused = report.timeline.transitions.iter().find(|it| it.subject == pending && is_true(it));
    if let Some(refused) = refused {
        let text = [refused.reason.as_deref(), refused.message.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ");
        match found.first_mut() {
            Some(resized) => {
                resized.weight = Weight::Trouble;
                resized.because.push(Because::new(
                    "resize-pending",
                    format!("one had to wait: {text}"),
                    vec![refused.seq],
                ));
            }
            None => found.push(shown(Kind::Resized, Weight::Trouble, refused)),
        }
    }
    found
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

/// What is said of who removed the last finalizer of a pod that was being deleted.
pub const TOOK_FINALIZER: &str = "took the last finalizer of";

/// What people changed of it by hand.
fn edits(report: &PodReport) -> Vec<Happening> {
    let is_edit = |by: &Arc<Actor>| {
        by.component().is_none()
            && by.basis == Basis::Audit
            && matches!(&*by.verb, "patch" | "update" | "apply")
            && matches!(&*by.part, "" | "status" | "ephemeralcontainers")
    };
    let mut found: Vec<Happening> = Vec::new();
    for (entry, by) in
        report.timeline.entries.iter().filter_map(|entry| Some((entry, entry.by.clone().filter(is_edit)?)))
    {
        let what = match (&entry.kind, &*by.part) {
            (EventKind::Deleted, _) => TOOK_FINALIZER,
            (_, "status") => "wrote the status of",
            (_, "ephemeralcontainers") => "added an ephemeral container to",
            (_, _) => "changed",
        };
        match found.iter_mut().find(|known| {
            known.by.as_ref().is_some_and(|it| it.user == by.user) && known.detail.reason.as_deref() == Some(what)
        }) {
            Some(known) => {
                known.detail.count += 1;
                known.until = entry.window.at;
                known.evidence.push(entry.seq);
            }
            None => {
                let mut edited = Happening::new(Kind::Changed, Weight::Info, entry.window.at, entry.seq);
                (edited.by, edited.detail.reason) = (Some(by), Some(what.into()));
                found.push(edited);
            }
        }
    }
    found
}

/// What the rules say of it.
fn judged(report: &PodReport, findings: &[Finding]) -> Vec<Happening> {
    let by_seq =
        |seq: Seq| report.timeline.entries.iter().find(|entry| entry.seq == seq).and_then(|entry| entry.by.clone());
    let is_told = |it: &&Finding| it.severity == Severity::Error || it.rule.name == FOREIGN_WRITE;
    let happening = |it: &Finding| {
        let kind = if it.rule.name == FOREIGN_WRITE { Kind::ForeignWrite } else { Kind::RuleBroken };
        let mut found = Happening::new(kind, Weight::Broken, it.window.at, it.seq);
        found.by = by_seq(it.seq).filter(|_| kind == Kind::ForeignWrite);
        found.detail.reason = Some(it.rule.id.into());
        let subject = it.subject.type_word().or(it.subject.name()).unwrap_or(it.subject.kind());
        found.detail.message = Some(format!("{subject} {}, expected {}", it.actual, it.expected).into());
        found
    };
    let mut found: Vec<Happening> = Vec::new();
    for next in findings.iter().filter(is_told).map(happening) {
        // One write by somebody breaks more than one rule.
        match found.iter_mut().find(|known| known.evidence == next.evidence) {
            Some(known) => known.detail.count += 1,
            None => found.push(next),
        }
    }
    found
}

const FOREIGN_WRITE: &str = "foreign-status-write";

fn vanished(report: &PodReport) -> Option<Happening> {
    let gap = report.gaps.iter().find(|gap| gap.kind == GapKind::Vanished)?;
    let seq = gap.after.or(gap.before)?;
    let mut vanished = Happening::new(Kind::Vanished, Weight::Trouble, gap.from, seq);
    vanished.at_latest = gap.until;
    Some(vanished)
}
