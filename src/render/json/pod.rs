//! One pod of `timeline` and of `history`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{
    Clock, ConditionStatus, EventKind, Known, KubeEventType, ObservedAt, Phase, PodIdentity, ResourceVersion, Seq,
    StampedAt, Window,
};
use crate::render::layout::ExpectedColumn;
use crate::replay::{Subject, Transition, Value};
use crate::report::{EventNote, JudgedPod, NodeNote, Note, PodReport, Source};
use crate::rules::{Expected, ExpectedTime, Finding, Severity};
use crate::timeline::{Entry, Gap, GapKind};

/// One pod of `history`.
#[derive(Debug, Serialize)]
pub struct HistoryPod<'a> {
    #[serde(flatten)]
    identity: &'a PodIdentity,
    events: Vec<HistoryEvent<'a>>,
    gaps: Vec<GapView<'a>>,
    #[serde(flatten)]
    related: RelatedView<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HistoryEvent<'a> {
    seq: Seq,
    #[serde(rename = "type")]
    kind: &'a EventKind,
    resource_version: Option<&'a ResourceVersion>,
    #[serde(flatten)]
    window: &'a Window,
    ready: String,
    status: &'a str,
    restarts: i64,
    known: &'a Known,
    sources: Vec<SourceView<'a>>,
}

/// Where an event is recorded.
#[derive(Debug, Serialize)]
struct SourceView<'a> {
    recording: i64,
    file: &'a str,
    line: i64,
    seq: Seq,
    clock: Clock,
}

/// One pod of `timeline`.
#[derive(Debug, Serialize)]
pub struct TimelinePod<'a> {
    #[serde(flatten)]
    identity: &'a PodIdentity,
    transitions: Vec<TransitionView<'a>>,
    gaps: Vec<GapView<'a>>,
    #[serde(flatten)]
    related: RelatedView<'a>,
    conditions: BTreeMap<&'a str, ConditionView<'a>>,
    phase: Option<&'a Phase>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConditionView<'a> {
    last_transition_time: Option<StampedAt>,
    status: &'a ConditionStatus,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TransitionView<'a> {
    #[serde(flatten)]
    window: &'a Window,
    seq: Seq,
    resource_version: Option<&'a ResourceVersion>,
    subject: &'a Subject,
    from: Option<&'a Value>,
    to: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_transition_time: Option<StampedAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stamped: Option<StampedAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_count: Option<i64>,
    inferred: bool,
    sources: Vec<SourceView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<FindingView<'a>>,
    /// Absent where it was not asked for, null where nothing can be derived.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Option<&'a Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_last_transition_time: Option<StampedAt>,
}

#[derive(Debug, Serialize)]
struct FindingView<'a> {
    rule: &'a str,
    name: &'a str,
    severity: Severity,
    expected: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GapView<'a> {
    kind: &'static str,
    after_seq: Option<Seq>,
    before_seq: Option<Seq>,
    from: Option<ObservedAt>,
    until: Option<ObservedAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'a str>,
    /// The recording whose list does not tell of the pod any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<i64>,
}

/// Events about the pod, and the readiness of its node.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RelatedView<'a> {
    core_events: Vec<CoreEventView<'a>>,
    node_readiness: Vec<NodeView<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CoreEventView<'a> {
    seq: Seq,
    at: Option<ObservedAt>,
    first_at: Option<ObservedAt>,
    #[serde(rename = "type")]
    kind: &'a KubeEventType,
    reason: &'a str,
    message: &'a str,
    count: i64,
    source: &'a str,
    host: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct NodeView<'a> {
    seq: Seq,
    at: ObservedAt,
    node: &'a str,
    from: Option<&'a ConditionStatus>,
    to: &'a ConditionStatus,
    reason: Option<&'a str>,
}

impl<'a> HistoryPod<'a> {
    /// A pod's events.
    #[must_use]
    pub fn new(report: &'a PodReport) -> Self {
        let event = |entry: &'a Entry| HistoryEvent {
            seq: entry.seq,
            kind: &entry.kind,
            resource_version: entry.resource_version.as_ref(),
            window: &entry.window,
            ready: entry.columns.ready_text(),
            status: &entry.columns.status,
            restarts: entry.columns.restarts.count,
            known: &entry.known,
            sources: SourceView::of(report, entry.seq),
        };
        Self {
            identity: &report.identity,
            events: report.timeline.entries.iter().map(event).collect(),
            gaps: report.gaps.iter().map(GapView::new).collect(),
            related: RelatedView::new(&report.beside),
        }
    }
}

impl<'a> TimelinePod<'a> {
    /// A pod's transitions and its state at the end.
    #[must_use]
    pub fn new(pod: &'a JudgedPod, column: ExpectedColumn) -> Self {
        let report = &pod.report;
        let status = report.timeline.pod().map(|pod| &pod.status);
        let mut conditions = BTreeMap::new();
        for condition in status.into_iter().flat_map(|status| &status.conditions) {
            let view = ConditionView { last_transition_time: condition.last_transition_at, status: &condition.status };
            conditions.entry(&*condition.kind).or_insert(view);
        }
        Self {
            identity: &report.identity,
            transitions: report.timeline.transitions.iter().map(|it| TransitionView::new(it, pod, column)).collect(),
            gaps: report.gaps.iter().map(GapView::new).collect(),
            related: RelatedView::new(&report.beside),
            conditions,
            phase: status.and_then(|status| status.phase.as_ref()),
        }
    }
}

impl<'a> SourceView<'a> {
    /// The records of an event, the one that stands for it first.
    fn of(report: &'a PodReport, seq: Seq) -> Vec<Self> {
        let view = |source: &'a Source| Self {
            recording: source.recording,
            file: &source.name,
            line: source.line,
            seq: source.seq,
            clock: source.clock,
        };
        let (own, others): (Vec<&Source>, Vec<&Source>) =
            report.sources.get(&seq).into_iter().flatten().partition(|source| source.seq == seq);
        own.into_iter().chain(others).map(view).collect()
    }
}

impl<'a> TransitionView<'a> {
    fn new(transition: &'a Transition, pod: &'a JudgedPod, column: ExpectedColumn) -> Self {
        let is_expected = |subject: &Subject| matches!(subject, Subject::Phase | Subject::Condition(_));
        let expected = (column == ExpectedColumn::Shown && is_expected(&transition.subject))
            .then(|| pod.judgement.expected_of(transition));
        let stamped = transition.stamped_at;
        let is_condition = matches!(transition.subject, Subject::Condition(_));
        Self {
            window: &transition.window,
            seq: transition.seq,
            resource_version: transition.resource_version.as_ref(),
            subject: &transition.subject,
            from: transition.from.as_ref(),
            to: transition.to.as_ref(),
            reason: transition.reason.as_deref(),
            message: transition.message.as_deref(),
            last_transition_time: stamped.filter(|_| is_condition),
            stamped: stamped.filter(|_| !is_condition),
            restart_count: transition.restart_count,
            inferred: transition.inferred,
            sources: SourceView::of(&pod.report, transition.seq),
            finding: pod.judgement.finding_of(transition).map(FindingView::new),
            expected: expected.map(|expected| expected.map(|expected| &expected.value)),
            expected_last_transition_time: expected.flatten().and_then(expected_time),
        }
    }
}

fn expected_time(expected: &Expected) -> Option<StampedAt> {
    match expected.time {
        ExpectedTime::Now { at, .. } => at,
        ExpectedTime::Kept(at) => Some(at),
        ExpectedTime::Unknown => None,
    }
}

impl<'a> FindingView<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self { rule: finding.rule.id, name: finding.rule.name, severity: finding.severity, expected: &finding.expected }
    }
}

impl<'a> GapView<'a> {
    fn new(gap: &'a Gap) -> Self {
        let (container, runs, what) = match &gap.kind {
            GapKind::RestartsUnseen { container, runs } => (Some(&**container), Some(*runs), None),
            GapKind::Untold { what } => (None, None, Some(&**what)),
            GapKind::StartsMidLife
            | GapKind::WatchError
            | GapKind::Relist
            | GapKind::Vanished
            | GapKind::BetweenRecordings
            | GapKind::Partial => (None, None, None),
        };
        Self {
            kind: gap.kind.as_str(),
            after_seq: gap.after,
            before_seq: gap.before,
            from: gap.from,
            until: gap.until,
            container,
            runs,
            what,
            list: gap.list,
        }
    }
}

impl<'a> RelatedView<'a> {
    fn new(notes: &'a [Note]) -> Self {
        let mut view = Self { core_events: Vec::new(), node_readiness: Vec::new() };
        for note in notes {
            match note {
                Note::Event(note) => view.core_events.push(CoreEventView::new(note)),
                Note::Node(note) => view.node_readiness.push(NodeView::new(note)),
            }
        }
        view
    }
}

impl<'a> CoreEventView<'a> {
    fn new(EventNote { seq, event, .. }: &'a EventNote) -> Self {
        Self {
            seq: *seq,
            at: event.last_at,
            first_at: event.first_at,
            kind: &event.kind,
            reason: &event.reason,
            message: &event.message,
            count: event.count,
            source: &event.source,
            host: Some(&*event.host).filter(|host| !host.is_empty()),
        }
    }
}

impl<'a> NodeView<'a> {
    fn new(NodeNote { seq, at, node, from, to, reason, .. }: &'a NodeNote) -> Self {
        Self { seq: *seq, at: *at, node, from: from.as_ref(), to, reason: reason.as_deref() }
    }
}
