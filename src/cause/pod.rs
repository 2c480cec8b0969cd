//! What happened to one pod by itself: its life, its containers, its readiness. What other pods, nodes and people had to do with it is
//! joined to it later.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::containers::containers;
use super::edits::{edits, resizes};
use super::end::{end, phase};
use super::happening::Happening;
use super::judged::judged;
use super::kind::{Kind, Weight};
use super::readiness::readiness;
use super::shown::{events, is_false, is_true, shown};
use super::toleration::Toleration;
use crate::model::time::SECOND_US;
use crate::model::{Actor, ObservedAt, Owner, PodIdentity, Role, Seq};
use crate::replay::{Lifecycle, PodField, Subject, Transition, Value};
use crate::report::{EventNote, PodReport};
use crate::rules::Finding;
use crate::timeline::{Gap, GapKind};

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
    /// What it tolerates, as far as that is needed.
    pub tolerations: Vec<Toleration>,
    /// When it was bound to that, not after this.
    pub bound_at: Option<ObservedAt>,
    /// When it was created, and who created it.
    pub created: Option<Created>,
    /// Since when there was such a pod, as it is stamped, whoever saw its beginning.
    pub exists_since: Option<ObservedAt>,
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
    /// One of its containers was started.
    pub has_started: bool,
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
    let is_mirror = timeline.pod().is_some_and(|pod| pod.metadata.config_mirror.is_some());
    let mut end = end(transitions, is_mirror);
    if let Some(end) = end.as_mut().filter(|end| end.kind == Kind::Preempted)
        && let Some(note) = events(report).find(|note| &*note.event.reason == "Preempted")
    {
        end.detail.message = Some(note.event.message.clone());
        end.evidence.push(note.seq);
    }
    happenings.extend(end.clone());
    let asked_at = end.as_ref().and_then(|end| end.at);
    let evicted = events(report).find(|note| &*note.event.source == "kubelet" && &*note.event.reason == "Evicted");
    let phase = phase(transitions, asked_at, evicted);
    // Containers of what the kubelet evicts end because of that.
    let eviction = phase.as_ref().filter(|it| it.kind == Kind::Evicted);
    let evicted_at = eviction.and_then(|it| evicted.and_then(|note| note.event.first_at).or(it.at));
    let is_evicted = eviction.is_some();
    // The kubelet may not find out how its containers ended.
    let is_found_gone = |it: &Happening| it.kind == Kind::Restarted && it.detail.exit_codes.is_empty();
    let ends = containers(report, [asked_at, evicted_at].into_iter().flatten().min());
    happenings.extend(ends.into_iter().filter(|it| !(is_evicted && is_found_gone(it))));
    happenings.extend(readiness(report, asked_at, phase.as_ref().and_then(|it| it.at)));
    happenings.extend(phase);
    happenings.extend(resizes(report));
    let judged = judged(report, findings);
    // What somebody else wrote is not what the pod came to.
    let foreign = || judged.iter().filter(|it| it.kind == Kind::ForeignWrite);
    let writes: BTreeSet<&[Seq]> = foreign().map(|it| it.evidence.as_slice()).collect();
    happenings.retain(|it| !writes.contains(it.evidence.as_slice()));
    let writers: BTreeSet<Option<&Actor>> = foreign().map(|it| it.by.as_deref()).collect();
    happenings.extend(edits(report).into_iter().filter(|edit| !writers.contains(&edit.by.as_deref())));
    happenings.extend(judged);
    happenings.extend(gaps(report));
    happenings.extend(spared(report, end.as_ref()));
    let is_creation = |it: &&Transition| {
        it.subject == Subject::Lifecycle && it.to == Some(Value::Lifecycle(Lifecycle::Created)) && !it.inferred
    };
    let ready = Subject::Condition("Ready".into());
    // By the end of the second that was stamped: it did not take longer.
    let ready_at = transitions.iter().find(|it| it.subject == ready && is_true(it)).and_then(|it| {
        let second_end = it.stamped_at.map(|at| ObservedAt::from_micros(at.micros() + SECOND_US - 1));
        [second_end, it.window.at].into_iter().flatten().min()
    });
    let has_started = transitions.iter().any(runs);
    let bound = transitions.iter().find(|it| it.subject == Subject::Field(PodField::NodeName) && it.to.is_some());
    let created = transitions.first().filter(is_creation).map(|it| Created {
        at: it.window.at,
        by: it.by.clone(),
        ready_at,
        has_started,
        seq: it.seq,
    });
    let is_first = |it: &&Transition| it.to == Some(Value::Lifecycle(Lifecycle::Created));
    let stamp = transitions.iter().find(is_first).and_then(|it| it.stamped_at);
    PodStory {
        exists_since: stamp.map(|at| ObservedAt::from_micros(at.micros())),
        identity: report.identity.clone(),
        workload,
        controller,
        node: timeline.pod().and_then(|pod| pod.spec.node_name.clone()),
        tolerations: Vec::new(),
        bound_at: bound.and_then(|it| it.window.at_latest.or(it.window.at)),
        created,
        ended_at: asked_at,
        is_gone: report.is_gone(),
        told: timeline.bounds(),
        happenings,
    }
}

fn runs(it: &Transition) -> bool {
    matches!(it.subject, Subject::Container(_, Role::Regular))
        && !it.inferred
        && matches!(&it.to, Some(Value::Container(state)) if &**state == "running")
}

/// Until a node was found for it, and who chose that.
fn scheduling(transitions: &[Transition]) -> Vec<Happening> {
    let mut found: Vec<Happening> = Vec::new();
    let scheduled = Subject::Condition("PodScheduled".into());
    let mut node = None;
    for it in transitions {
        if it.subject == scheduled && is_false(it) {
            let kind = match it.reason.as_deref() {
                Some("SchedulingGated") => Kind::Gated,
                Some(_) | None => Kind::Unschedulable,
            };
            // What a status says later of the time before is not what it waits for.
            if !it.inferred && node.is_none() && found.iter().all(|known| known.kind != kind) {
                found.push(shown(kind, Weight::Trouble, it));
            }
        } else if it.subject == Subject::Field(PodField::NodeName) {
            let Some(Value::Text(name)) = &it.to else { continue };
            node = Some(name);
            for waiting in found.iter_mut().filter(|waiting| !waiting.is_over) {
                (waiting.until, waiting.is_over) = (it.window.at, true);
                waiting.detail.node = Some((**name).into());
            }
            let by_hand = it.by.clone().filter(|by| &*by.part == "binding" && by.component().is_none());
            if let Some(by) = by_hand {
                let mut bound = shown(Kind::BoundByHand, Weight::Trouble, it);
                (bound.by, bound.detail.node) = (Some(by), Some((**name).into()));
                found.push(bound);
            }
        }
    }
    found
}

/// The times of which nothing is recorded, behind which something had changed.
fn gaps(report: &PodReport) -> Vec<Happening> {
    let changed: BTreeSet<Seq> = report.timeline.transitions.iter().map(|it| it.seq).collect();
    let changed = |gap: &Gap| gap.before.is_some_and(|before| changed.contains(&before));
    let mut found = Vec::new();
    for gap in &report.gaps {
        let reason = match gap.kind {
            GapKind::Vanished => None,
            GapKind::WatchError => Some("the watch ended with an error"),
            GapKind::Relist => Some("the watch restarted"),
            GapKind::BetweenRecordings => Some("one recording had ended, the next had not begun"),
            GapKind::StartsMidLife
            | GapKind::Untold { .. }
            | GapKind::Partial
            | GapKind::StatusNotLogged
            | GapKind::RestartsUnseen { .. } => continue,
        };
        let Some(seq) = gap.after.or(gap.before) else { continue };
        let kind = if reason.is_some() { Kind::Gap } else { Kind::Vanished };
        if kind == Kind::Gap && (gap.is_momentary() || !changed(gap)) {
            continue;
        }
        let mut told = Happening::new(kind, Weight::Trouble, gap.from, seq);
        (told.at_latest, told.detail.reason) = (gap.until, reason.map(Into::into));
        if kind == Kind::Gap {
            (told.until, told.is_over) = (gap.until, true);
            told.evidence.extend(gap.before.filter(|before| *before != seq));
        }
        found.push(told);
        if kind == Kind::Vanished {
            break;
        }
    }
    found
}

/// The taint manager meant to delete it, and says that it does not: it also says so just before it does, or means to do so later.
fn spared(report: &PodReport, end: Option<&Happening>) -> Option<Happening> {
    let says = |note: &&EventNote, what: &str| {
        &*note.event.reason == "TaintManagerEviction" && note.event.message.starts_with(what)
    };
    let note = events(report).find(|note| says(note, "Cancelling deletion"))?;
    let at = note.event.last_at;
    let mut marked = events(report).filter(|note| says(note, "Marking for deletion"));
    let is_evicted = end.is_some_and(|end| end.kind == Kind::TaintEvicted);
    // Of what was being deleted already it says so too.
    let is_ending = end.is_some_and(|end| end.at.is_some_and(|asked| Some(asked) <= at));
    if is_evicted || is_ending || marked.any(|marked| marked.event.last_at >= at) {
        return None;
    }
    let mut spared = Happening::new(Kind::DeletionCancelled, Weight::Info, at, note.seq);
    spared.detail.source = Some(note.event.source.clone());
    Some(spared)
}
