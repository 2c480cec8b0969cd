//! One pod of `timeline` and of `history`.

use std::collections::BTreeMap;

use super::parts::{identity, object, window};
use crate::model::time::SECOND_US;
use crate::model::{Actor, Condition, Seq, StampedAt};
use crate::render::layout::ExpectedColumn;
use crate::render::who::{act_text, is_act};
use crate::replay::{Subject, Transition};
use crate::report::{EventNote, JudgedPod, NodeNote, Note, PodReport, RefusedNote, Source, Sources};
use crate::rules::{Expected, ExpectedTime, Finding};
use crate::timeline::{Entry, Excerpt, Gap, GapKind, Readiness};

/// One pod of `history`: its events.
pub struct HistoryPod<'a>(pub &'a PodReport, pub Excerpt);

/// One pod of `timeline`: its transitions, and its state at the end.
pub struct TimelinePod<'a>(pub &'a JudgedPod, pub ExpectedColumn, pub Excerpt);

/// One pod of `who`: what others than the kubelet did to it.
pub struct WhoPod<'a>(pub &'a PodReport);

struct ActOf<'a>(&'a Entry);

struct HistoryEvent<'a>(&'a PodReport, &'a Entry);

struct TransitionOf<'a>(&'a JudgedPod, ExpectedColumn, &'a Transition);

struct FindingOf<'a>(&'a Finding);

struct SourceOf<'a>(&'a Sources, &'a Source);

object!(HistoryPod<'_>, HistoryPod(it, excerpt) => {
    ..identity(it.identity),
    "events": excerpt
        .of(&it.timeline.entries, |entry| entry.window.at)
        .into_iter()
        .map(|entry| HistoryEvent(it, entry))
        .collect::<Vec<_>>(),
    "gaps": gaps(it, *excerpt),
    "coreEvents": core_events(it, *excerpt),
    "nodeReadiness": node_readiness(it, *excerpt),
    "refused"?: Some(refused(it, *excerpt)).filter(|refused| !refused.is_empty()),
});

object!(HistoryEvent<'_>, HistoryEvent(report, it) => {
    "seq": it.seq,
    "type": it.kind,
    "resourceVersion": it.resource_version,
    ..window(it.window),
    "ready": it.columns.ready_text(),
    "status": it.columns.status,
    "restarts": it.columns.restarts.count,
    "restartedAt": it.columns.restarts.last_at,
    "known": it.provenance,
    "by": it.by.as_deref(),
    "sources": sources(report, it.seq),
});

object!(TimelinePod<'_>, TimelinePod(pod @ JudgedPod { report: it, .. }, column, excerpt) => {
    ..identity(it.identity),
    "transitions": excerpt
        .of(&it.timeline.transitions, |it| it.proved_at())
        .into_iter()
        .map(|it| TransitionOf(pod, *column, it))
        .collect::<Vec<_>>(),
    "gaps": gaps(it, *excerpt),
    "coreEvents": core_events(it, *excerpt),
    "nodeReadiness": node_readiness(it, *excerpt),
    "refused"?: Some(refused(it, *excerpt)).filter(|refused| !refused.is_empty()),
    "readiness"?: it.readiness(),
    "conditions": conditions(it),
    "phase": it.timeline.pod().and_then(|pod| pod.status.phase.as_ref()),
});

object!(WhoPod<'_>, WhoPod(it) => {
    ..identity(it.identity),
    "acts": it.timeline.entries.iter().filter(|entry| is_act(entry)).map(ActOf).collect::<Vec<_>>(),
    "refused": refused(it, Excerpt::WHOLE),
});

object!(ActOf<'_>, ActOf(it) => {
    "seq": it.seq,
    ..window(it.window),
    "resourceVersion": it.resource_version,
    "what": act_text(it),
    "by": it.by.as_deref(),
});

object!(Readiness, it => {
    "ready": seconds(it.ready_us),
    "unready": seconds(it.unready_us),
    "unknown": seconds(it.unknown_us),
});

object!(TransitionOf<'_>, TransitionOf(pod, column, it) => {
    ..window(it.window),
    "seq": it.seq,
    "resourceVersion": it.resource_version,
    "subject": it.subject,
    "from": it.from,
    "to": it.to,
    "reason"?: it.reason.as_deref(),
    "message"?: it.message.as_deref(),
    "lastTransitionTime"?: it.stamped_at.filter(|_| is_condition(it)),
    "stamped"?: it.stamped_at.filter(|_| !is_condition(it)),
    "restartCount"?: it.restart_count,
    "inferred": it.inferred,
    "by": it.by.as_deref(),
    "sources": sources(&pod.report, it.seq),
    "finding"?: pod.judgement.finding_of(it).map(FindingOf),
    // Absent where it was not asked for, null where nothing can be derived.
    "expected"?: expected(pod, *column, it).map(|expected| expected.map(|expected| &expected.value)),
    "expectedLastTransitionTime"?: expected(pod, *column, it).flatten().and_then(expected_time),
});

object!(FindingOf<'_>, FindingOf(it) => {
    "rule": it.rule.id,
    "name": it.rule.name,
    "severity": it.severity,
    "expected": it.expected,
});

object!(Actor, it => {
    "user": told(&it.user),
    "through"?: it.through,
    "agent": told(&it.agent),
    "verb": told(&it.verb),
    "subresource"?: told(&it.part),
    "code": it.code,
    "node": it.node(),
    "source"?: told(&it.source),
    "basis": it.basis.as_str(),
});

object!(Condition, it => {
    "lastTransitionTime": it.last_transition_at,
    "status": it.status,
});

object!(SourceOf<'_>, SourceOf(sources, it) => {
    "recording": it.recording,
    "file": sources.name(it),
    "line": it.line,
    "seq": it.seq,
    "clock": it.clock,
});

object!(Gap, it => {
    "kind": it.kind,
    "afterSeq": it.after,
    "beforeSeq": it.before,
    "from": it.from,
    "until": it.until,
    "container"?: if let GapKind::RestartsUnseen { container, .. } = &it.kind { Some(container) } else { None },
    "runs"?: if let GapKind::RestartsUnseen { runs, .. } = &it.kind { Some(runs) } else { None },
    "what"?: if let GapKind::Untold { what } = &it.kind { Some(what) } else { None },
    // The recording whose list does not tell of the pod any more.
    "list"?: it.list,
});

object!(EventNote, EventNote { seq, event: it, .. } => {
    "seq": seq,
    "at": it.last_at,
    "firstAt": it.first_at,
    "type": it.kind,
    "reason": it.reason,
    "message": it.message,
    "count": it.count,
    "source": it.source,
    "host": Some(&it.host).filter(|host| !host.is_empty()),
});

object!(NodeNote, it => {
    "seq": it.seq,
    "at": it.at,
    "node": it.node,
    "from": it.from,
    "to": it.to,
    "reason": it.reason,
});

object!(RefusedNote, RefusedNote { seq, refused: it, count, last_at } => {
    "seq": seq,
    "at": it.at,
    "lastAt": last_at,
    "count": count,
    "user": it.user,
    "impersonated"?: it.impersonated,
    "agent": it.agent,
    "verb": it.verb.as_str(),
    "subresource"?: it.subresource,
    "code": it.code,
    "reason": it.reason,
    "message": it.told(),
});

/// What the model expects, where that was asked for and the model has a say.
fn expected<'a>(pod: &'a JudgedPod, column: ExpectedColumn, transition: &Transition) -> Option<Option<&'a Expected>> {
    let has_say = matches!(transition.subject, Subject::Phase | Subject::Condition(_));
    (column == ExpectedColumn::Shown && has_say).then(|| pod.judgement.expected_of(transition))
}

/// A word; `None` where none is told.
fn told(word: &str) -> Option<&str> {
    Some(word).filter(|word| !word.is_empty())
}

fn is_condition(transition: &Transition) -> bool {
    matches!(transition.subject, Subject::Condition(_))
}

fn expected_time(expected: &Expected) -> Option<StampedAt> {
    match expected.time {
        ExpectedTime::Now { at, .. } => at,
        ExpectedTime::Kept(at) => Some(at),
        ExpectedTime::Unknown => None,
    }
}

/// The conditions at the end; of several of one type the first.
fn conditions(report: &PodReport) -> BTreeMap<&str, &Condition> {
    let all = report.timeline.pod().into_iter().flat_map(|pod| &pod.status.conditions);
    all.rev().map(|condition| (&*condition.kind, condition)).collect()
}

/// The records of an event, the one that stands for it first.
fn sources(report: &PodReport, seq: Seq) -> Vec<SourceOf<'_>> {
    let all = report.sources.of(seq);
    let own = all.clone().filter(|source| source.seq == seq);
    own.chain(all.filter(|source| source.seq != seq)).map(|source| SourceOf(&report.sources, source)).collect()
}

fn gaps(report: &PodReport, excerpt: Excerpt) -> Vec<&Gap> {
    report.gaps.iter().filter(|gap| excerpt.touches(gap.from, gap.until)).collect()
}

fn core_events(report: &PodReport, excerpt: Excerpt) -> Vec<&EventNote> {
    notes(report, excerpt, |note| if let Note::Event(it) = note { Some(it) } else { None })
}

fn refused(report: &PodReport, excerpt: Excerpt) -> Vec<&RefusedNote> {
    notes(report, excerpt, |note| if let Note::Refused(it) = note { Some(it) } else { None })
}

fn node_readiness(report: &PodReport, excerpt: Excerpt) -> Vec<&NodeNote> {
    notes(report, excerpt, |note| if let Note::Node(it) = note { Some(it) } else { None })
}

/// The notes of one kind that are shown.
fn notes<'a, T>(report: &'a PodReport, excerpt: Excerpt, is_one: impl Fn(&'a Note) -> Option<&'a T>) -> Vec<&'a T> {
    let of_kind = report.related.iter().filter_map(|note| Some((note.begins_at(), is_one(note)?)));
    excerpt.of(of_kind, |(at, _)| *at).into_iter().map(|(_, note)| note).collect()
}

/// Microseconds as seconds.
fn seconds(micros: i64) -> serde_json::Number {
    let parts = format!("{}.{:06}", micros / SECOND_US, micros % SECOND_US);
    let text = parts.trim_end_matches('0').trim_end_matches('.');
    text.parse().unwrap_or_else(|_| serde_json::Number::from(micros / SECOND_US))
}
