//! The JSON documents of `docs/json.md`: a promise with a version. Keys are camelCase, times RFC 3339 in UTC,
//! resourceVersions strings.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter};

use super::escape::{is_dangerous, json_escape};
use super::layout::Beside;
use super::words::uncertain_text;
use crate::model::{ResourceVersion, Seq, Window};
use crate::replay::{Subject, Transition};
use crate::report::{EventNote, JudgedPod, NodeNote, Note, PodMoment, PodReport, Source};
use crate::rules::{Expected, ExpectedTime, Finding};
use crate::timeline::{Gap, GapKind};

/// The version of every document.
pub const VERSION: u32 = 1;

/// One pod of `history`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPod {
    namespace: String,
    name: String,
    uid: String,
    cluster: String,
    events: Vec<HistoryEvent>,
    gaps: Vec<GapView>,
    #[serde(flatten)]
    beside: BesideView,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HistoryEvent {
    seq: i64,
    #[serde(rename = "type")]
    kind: String,
    resource_version: Option<String>,
    #[serde(flatten)]
    window: WindowView,
    ready: String,
    status: String,
    restarts: i64,
    known: &'static str,
    sources: Vec<SourceView>,
}

/// Where an event is recorded.
#[derive(Debug, Serialize)]
struct SourceView {
    recording: i64,
    file: String,
    line: i64,
    seq: i64,
    clock: &'static str,
}

/// One pod of `timeline`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelinePod {
    namespace: String,
    name: String,
    uid: String,
    cluster: String,
    transitions: Vec<TransitionView>,
    gaps: Vec<GapView>,
    #[serde(flatten)]
    beside: BesideView,
    conditions: serde_json::Map<String, Json>,
    phase: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TransitionView {
    #[serde(flatten)]
    window: WindowView,
    seq: i64,
    resource_version: Option<String>,
    subject: SubjectView,
    from: Option<String>,
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_transition_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stamped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_count: Option<i64>,
    inferred: bool,
    sources: Vec<SourceView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<FindingView>,
    /// Absent where it was not asked for, null where nothing can be derived.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_last_transition_time: Option<String>,
}

#[derive(Debug, Serialize)]
struct FindingView {
    rule: &'static str,
    name: &'static str,
    severity: &'static str,
    expected: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WindowView {
    at: Option<String>,
    at_latest: Option<String>,
    clock: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct SubjectView {
    kind: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    type_word: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GapView {
    kind: &'static str,
    after_seq: Option<i64>,
    before_seq: Option<i64>,
    from: Option<String>,
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<String>,
    /// The recording whose list does not tell of the pod any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<i64>,
}

/// What stands beside a pod.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BesideView {
    core_events: Vec<CoreEventView>,
    node_readiness: Vec<NodeView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CoreEventView {
    seq: i64,
    at: Option<String>,
    first_at: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    reason: String,
    message: String,
    count: i64,
    source: String,
    host: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeView {
    seq: i64,
    at: String,
    node: String,
    from: Option<String>,
    to: String,
    reason: Option<String>,
}

/// One pod of `pods`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodView {
    namespace: String,
    name: String,
    uid: String,
    cluster: String,
    ready: String,
    status: String,
    restarts: i64,
    phase: Option<String>,
    node: Option<String>,
    resource_version: Option<String>,
    seq: i64,
    #[serde(flatten)]
    window: WindowView,
    uncertain: Option<String>,
}

impl HistoryPod {
    /// A pod's events.
    #[must_use]
    pub fn new(report: &PodReport) -> Self {
        let PodReport { identity, timeline, gaps, beside: notes, .. } = report;
        let events = timeline.entries.iter().map(|entry| HistoryEvent {
            seq: entry.seq.0,
            kind: entry.kind.as_str().to_owned(),
            resource_version: version(entry.resource_version.as_ref()),
            window: WindowView::new(&entry.window),
            ready: entry.columns.ready_text(),
            status: entry.columns.status.clone(),
            restarts: entry.columns.restarts.count,
            known: entry.known.as_str(),
            sources: SourceView::of(report, entry.seq),
        });
        Self {
            namespace: identity.namespace.clone(),
            name: identity.name.clone(),
            uid: identity.uid.clone(),
            cluster: identity.cluster.clone(),
            events: events.collect(),
            gaps: gaps.iter().map(GapView::new).collect(),
            beside: BesideView::new(notes),
        }
    }
}

impl TimelinePod {
    /// A pod's transitions and its state at the end.
    #[must_use]
    pub fn new(pod: &JudgedPod, beside: Beside) -> Self {
        let PodReport { identity, timeline, gaps, beside: notes, .. } = &pod.report;
        let status = timeline.pod().map(|pod| &pod.status);
        let mut conditions = serde_json::Map::new();
        for condition in status.into_iter().flat_map(|status| &status.conditions) {
            let time = condition.last_transition_at.map(|at| at.to_string());
            conditions.entry(&*condition.kind).or_insert_with(
                || serde_json::json!({"status": condition.status.as_str(), "lastTransitionTime": time}),
            );
        }
        Self {
            namespace: identity.namespace.clone(),
            name: identity.name.clone(),
            uid: identity.uid.clone(),
            cluster: identity.cluster.clone(),
            transitions: timeline.transitions.iter().map(|it| TransitionView::new(it, pod, beside)).collect(),
            gaps: gaps.iter().map(GapView::new).collect(),
            beside: BesideView::new(notes),
            conditions,
            phase: status.and_then(|status| status.phase.as_ref()).map(|phase| phase.as_str().to_owned()),
        }
    }
}

impl SourceView {
    /// The records of an event, the one that stands for it first.
    fn of(report: &PodReport, seq: Seq) -> Vec<Self> {
        let view = |source: &Source| Self {
            recording: source.recording,
            file: source.name.clone(),
            line: source.line,
            seq: source.seq.0,
            clock: source.clock.as_str(),
        };
        let (own, others): (Vec<&Source>, Vec<&Source>) =
            report.sources.get(&seq).into_iter().flatten().partition(|source| source.seq == seq);
        own.into_iter().chain(others).map(view).collect()
    }
}

impl TransitionView {
    fn new(transition: &Transition, pod: &JudgedPod, beside: Beside) -> Self {
        let is_expected = |subject: &Subject| matches!(subject, Subject::Phase | Subject::Condition(_));
        let expected = (beside == Beside::Expected && is_expected(&transition.subject))
            .then(|| pod.judgement.expected_of(transition));
        let stamped = transition.stamped_at.map(|at| at.to_string());
        let is_condition = matches!(transition.subject, Subject::Condition(_));
        Self {
            window: WindowView::new(&transition.window),
            seq: transition.seq.0,
            resource_version: version(transition.resource_version.as_ref()),
            subject: SubjectView::new(&transition.subject),
            from: transition.from.as_ref().map(ToString::to_string),
            to: transition.to.as_ref().map(ToString::to_string),
            reason: transition.reason.as_deref().map(str::to_owned),
            message: transition.message.as_deref().map(str::to_owned),
            last_transition_time: stamped.clone().filter(|_| is_condition),
            stamped: stamped.filter(|_| !is_condition),
            restart_count: transition.restart_count,
            inferred: transition.inferred,
            sources: SourceView::of(&pod.report, transition.seq),
            finding: pod.judgement.finding_of(transition).map(FindingView::new),
            expected_last_transition_time: expected.flatten().and_then(expected_time),
            expected: expected.map(|expected| expected.map(|expected| expected.value.to_string())),
        }
    }
}

fn expected_time(expected: &Expected) -> Option<String> {
    match expected.time {
        ExpectedTime::Now { at, .. } => at.map(|at| at.to_string()),
        ExpectedTime::Kept(at) => Some(at.to_string()),
        ExpectedTime::Unknown => None,
    }
}

impl FindingView {
    fn new(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.id,
            name: finding.rule.name,
            severity: finding.severity.as_str(),
            expected: finding.expected.clone(),
        }
    }
}

impl SubjectView {
    pub(super) fn new(subject: &Subject) -> Self {
        Self {
            kind: subject.kind(),
            type_word: subject.type_word().map(str::to_owned),
            name: subject.name().map(str::to_owned),
            role: subject.role().map(crate::model::Role::as_str),
        }
    }
}

impl WindowView {
    fn new(window: &Window) -> Self {
        Self {
            at: window.at.map(|at| at.to_string()),
            at_latest: window.at_latest.map(|at| at.to_string()),
            clock: window.clock.as_str(),
        }
    }
}

impl GapView {
    fn new(gap: &Gap) -> Self {
        let (container, runs) = match &gap.kind {
            GapKind::RestartsUnseen { container, runs } => (Some(container.to_string()), Some(*runs)),
            GapKind::StartsMidLife
            | GapKind::WatchError
            | GapKind::Relist
            | GapKind::Vanished
            | GapKind::BetweenRecordings
            | GapKind::Untold { .. }
            | GapKind::Partial => (None, None),
        };
        let what = if let GapKind::Untold { what } = &gap.kind { Some(what.to_string()) } else { None };
        Self {
            kind: gap.kind.as_str(),
            what,
            list: gap.list,
            after_seq: gap.after.map(|seq| seq.0),
            before_seq: gap.before.map(|seq| seq.0),
            from: gap.from.map(|at| at.to_string()),
            until: gap.until.map(|at| at.to_string()),
            container,
            runs,
        }
    }
}

impl BesideView {
    fn new(notes: &[Note]) -> Self {
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

impl CoreEventView {
    fn new(EventNote { seq, event, .. }: &EventNote) -> Self {
        Self {
            seq: seq.0,
            at: event.last_at.map(|at| at.to_string()),
            first_at: event.first_at.map(|at| at.to_string()),
            kind: event.kind.to_string(),
            reason: event.reason.to_string(),
            message: event.message.to_string(),
            count: event.count,
            source: event.source.to_string(),
            host: Some(event.host.to_string()).filter(|host| !host.is_empty()),
        }
    }
}

impl NodeView {
    fn new(NodeNote { seq, at, node, from, to, reason, .. }: &NodeNote) -> Self {
        Self {
            seq: seq.0,
            at: at.to_string(),
            node: node.to_string(),
            from: from.as_ref().map(ToString::to_string),
            to: to.to_string(),
            reason: reason.as_deref().map(str::to_owned),
        }
    }
}

impl PodView {
    /// A pod as it was at a moment.
    #[must_use]
    pub fn new(moment: &PodMoment) -> Self {
        let PodMoment { identity, seq, window, columns, .. } = moment;
        Self {
            namespace: identity.namespace.clone(),
            name: identity.name.clone(),
            uid: identity.uid.clone(),
            cluster: identity.cluster.clone(),
            ready: columns.ready_text(),
            status: columns.status.clone(),
            restarts: columns.restarts.count,
            phase: moment.phase.as_ref().map(|phase| phase.as_str().to_owned()),
            node: moment.node.as_deref().map(str::to_owned),
            resource_version: version(moment.resource_version.as_ref()),
            seq: *seq,
            window: WindowView::new(window),
            uncertain: moment.uncertain.as_ref().map(uncertain_text),
        }
    }
}

pub(super) fn version(version: Option<&ResourceVersion>) -> Option<String> {
    version.map(|version| version.as_str().to_owned())
}

/// Writes `{"version":1,KEY:[...]}` item by item, so that a fleet of any size passes through. `extra` are further
/// members in front of the list, as JSON text.
pub struct ListWriter<'a, W> {
    out: &'a mut W,
    is_empty: bool,
}

impl<'a, W: Write> ListWriter<'a, W> {
    /// Begins the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn begin(out: &'a mut W, extra: &[(&str, Json)], key: &str) -> io::Result<Self> {
        write!(out, "{{\"version\":{VERSION},")?;
        for (name, value) in extra {
            write!(out, "\"{name}\":{value},")?;
        }
        write!(out, "\"{key}\":[")?;
        Ok(Self { out, is_empty: true })
    }

    /// Begins a document of another making: the text up to its list. That it ends with the list is up to the caller.
    pub(super) fn begin_with(out: &'a mut W, opening: &str) -> io::Result<Self> {
        out.write_all(opening.as_bytes())?;
        Ok(Self { out, is_empty: true })
    }

    /// Adds an item, on a line of its own.
    ///
    /// # Errors
    /// When writing fails.
    pub fn item<T: Serialize>(&mut self, item: &T) -> io::Result<()> {
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        item.serialize(&mut serde_json::Serializer::with_formatter(&mut *self.out, Harmless(CompactFormatter)))?;
        Ok(())
    }

    /// Begins another list of the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn next(&mut self, key: &str) -> io::Result<()> {
        self.is_empty = true;
        write!(self.out, "\n],\"{key}\":[")
    }

    /// Ends the document with one more member behind the list.
    ///
    /// # Errors
    /// When writing fails.
    pub fn end_with<T: Serialize>(self, name: &str, value: &T) -> io::Result<()> {
        writeln!(self.out, "\n],\"{name}\":{}}}", serde_json::to_string(value)?)
    }

    /// Ends the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n]}\n")
    }
}

/// Writes a document of one object.
///
/// # Errors
/// When writing fails.
pub fn document<T: Serialize, W: Write>(value: &T, out: &mut W) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Harmless(CompactFormatter)))?;
    out.write_all(b"\n")
}

/// An object as kubectl prints it: four spaces, keys in order.
///
/// # Errors
/// When writing fails.
pub fn pretty<W: Write>(value: &Json, out: &mut W) -> io::Result<()> {
    let formatter = HarmlessPretty(PrettyFormatter::with_indent(b"    "));
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// Writes characters that a terminal might act on as `\uXXXX`, which JSON reads as the same.
struct Harmless<F>(F);
struct HarmlessPretty<'a>(PrettyFormatter<'a>);

fn write_fragment<W: ?Sized + Write>(out: &mut W, fragment: &str) -> io::Result<()> {
    if !fragment.chars().any(is_dangerous) {
        return out.write_all(fragment.as_bytes());
    }
    let mut escaped = String::with_capacity(fragment.len() + 8);
    for letter in fragment.chars() {
        if is_dangerous(letter) { json_escape(letter, &mut escaped) } else { escaped.push(letter) }
    }
    out.write_all(escaped.as_bytes())
}

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(out, fragment)
    }
    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(out, escape)
    }
}

impl Formatter for HarmlessPretty<'_> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(out, fragment)
    }
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }
    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }
    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}
