//! What a command has found out: plain values, nothing left to compute. `render/` prints them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::compare::{Comparison, ListDifference, Place, Verdict};
use crate::explain::Explanation;
use crate::history::{Gap, GapKind, Interruption, Uncertain};
use crate::kubelet::{Columns, Told};
use crate::model::{
    Actor, Clock, ConditionStatus, FieldPath, KubeEvent, ObservedAt, Owner, Phase, PodIdentity, RecordingSummary,
    Refused, ResourceVersion, Seq, StampedAt, Window,
};
use crate::replay::{Lifecycle, Subject, Transition, Value};
use crate::rules::{Finding, Judgement};
use crate::timeline::{Readiness, TimeRange, Timeline, readiness};

/// A pod with everything that the log tells of it.
#[derive(Debug, Clone)]
pub struct PodReport {
    /// Which pod.
    pub identity: PodIdentity,
    /// What happened to it.
    pub timeline: Timeline,
    /// What was not recorded.
    pub gaps: Vec<Gap>,
    /// Until when its cluster was recorded; for a pod that vanished from the watch, until when it was watched.
    pub recorded_until: Option<ObservedAt>,
    /// Where its events are recorded.
    pub sources: Sources,
    /// What stands beside it, in the order of time, where it was asked for.
    pub related: Vec<Note>,
    /// The releases whose rules it is judged by.
    pub kubernetes: Told,
}

impl PodReport {
    /// Deleted, or no longer told of by a list that told of others.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.timeline.state.is_deleted || self.gaps.iter().any(|gap| gap.kind == GapKind::Vanished)
    }

    /// From its first event until it is told of no longer. `None` if nothing has a time.
    #[must_use]
    pub fn lived(&self) -> Option<TimeRange> {
        Some(TimeRange::new(self.timeline.bounds()?.0, self.ends_at()?))
    }

    /// How long it was ready. `None` if nothing has a time.
    #[must_use]
    pub fn readiness(&self) -> Option<Readiness> {
        Some(readiness(&self.timeline, &self.gaps, self.ends_at()?))
    }

    /// Until when it is told of: its deletion, or the end of what is recorded of it. `None` if nothing has a time.
    #[must_use]
    pub fn ends_at(&self) -> Option<ObservedAt> {
        let (_, last) = self.timeline.bounds()?;
        Some(if self.timeline.state.is_deleted { last } else { self.recorded_until.max(Some(last)).unwrap_or(last) })
    }
}

/// What stands beside a pod: it explains the timeline and is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A core/v1 Event about it.
    Event(EventNote),
    /// Its node became ready, or ceased to be.
    Node(NodeNote),
    /// Something was asked of it and refused.
    Refused(RefusedNote),
}

/// A core/v1 Event, with all the times that it happened with this message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventNote {
    /// The record that shows it last.
    pub seq: Seq,
    /// The version that it had when it happened first, if that is recorded.
    pub begun: Option<ResourceVersion>,
    /// What it says, how often it said so, and when first and last.
    pub event: KubeEvent,
}

/// A change of the condition Ready of a pod's node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeNote {
    /// The record that shows it first.
    pub seq: Seq,
    /// When, as the node says.
    pub at: ObservedAt,
    /// The node.
    pub node: Box<str>,
    /// What it was before, if that is recorded.
    pub from: Option<ConditionStatus>,
    /// What it became.
    pub to: ConditionStatus,
    /// Why, in one word.
    pub reason: Option<Box<str>>,
    /// The version of the node that shows it first.
    pub version: Option<ResourceVersion>,
}

/// A request about a pod that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedNote {
    /// The record that tells it.
    pub seq: Seq,
    /// What it tells.
    pub refused: Refused,
    /// How often the same was refused in a row.
    pub count: usize,
    /// When it was refused last.
    pub last_at: ObservedAt,
}

impl Note {
    /// When it happened first.
    #[must_use]
    pub fn begins_at(&self) -> Option<ObservedAt> {
        match self {
            Self::Event(note) => note.event.first_at,
            Self::Node(note) => Some(note.at),
            Self::Refused(note) => Some(note.refused.at),
        }
    }

    /// The version of the write that told it first, if that is recorded.
    #[must_use]
    pub fn version(&self) -> Option<&ResourceVersion> {
        match self {
            Self::Event(note) => note.begun.as_ref(),
            Self::Node(note) => note.version.as_ref(),
            Self::Refused(_) => None,
        }
    }

    /// The record that shows it.
    #[must_use]
    pub fn seq(&self) -> Seq {
        match self {
            Self::Event(note) => note.seq,
            Self::Node(note) => note.seq,
            Self::Refused(note) => note.seq,
        }
    }
}

/// Where the events of a pod are recorded.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    /// The names of the recordings: the files that they were.
    pub names: BTreeMap<i64, String>,
    /// Each with its event, in the order of the events' records; those of one best first.
    of_events: Vec<(Seq, Source)>,
}

/// Where an event is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The record.
    pub seq: Seq,
    /// The recording.
    pub recording: i64,
    /// The line in it, from 1.
    pub line: i64,
    /// Whose clock tells the time there.
    pub clock: Clock,
}

impl Sources {
    /// Of recordings with these names.
    #[must_use]
    pub fn new(mut of_events: Vec<(Seq, Source)>, names: &BTreeMap<i64, String>) -> Self {
        of_events.sort_by_key(|(event, _)| *event);
        let recordings: BTreeSet<i64> = of_events.iter().map(|(_, source)| source.recording).collect();
        let named = recordings.into_iter().filter_map(|recording| Some((recording, names.get(&recording)?.clone())));
        Self { names: named.collect(), of_events }
    }

    /// Where an event is recorded, best first.
    pub fn of(&self, event: Seq) -> impl Iterator<Item = &Source> + Clone {
        let begin = self.of_events.partition_point(|(of, _)| *of < event);
        self.of_events[begin..].iter().take_while(move |(of, _)| *of == event).map(|(_, source)| source)
    }

    /// The name of the recording of a source.
    #[must_use]
    pub fn name(&self, source: &Source) -> &str {
        self.names.get(&source.recording).map_or("", String::as_str)
    }
}

/// A pod with everything that the log tells of it, and what the rules make of that.
#[derive(Debug)]
pub struct JudgedPod {
    /// What happened.
    pub report: PodReport,
    /// Whether it was supposed to happen that way.
    pub judgement: Judgement,
}

/// A pod of an incident.
#[derive(Debug)]
pub struct IncidentPod {
    /// What happened to it, and what the rules make of that.
    pub judged: JudgedPod,
    /// What it belongs to.
    pub owner: Option<Owner>,
    /// What each of its events changed, in the order of the timeline's entries.
    pub events: Vec<EventDetail>,
}

/// What an event changed in the object.
#[derive(Debug, Default)]
pub struct EventDetail {
    /// Value by value.
    pub changes: Box<[Change]>,
    /// The whole object behind it, where it was asked for.
    pub object: Option<Json>,
}

/// One value of an object that is not as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where it stands.
    pub path: Arc<FieldPath>,
    /// What it was; `None` if there was none. Never null.
    pub before: Option<Json>,
    /// What it is; `None` if there is none. Never null.
    pub after: Option<Json>,
}

/// A pod as it was at a moment: what the table of pods shows, and no more, as there may be many.
#[derive(Debug)]
pub struct PodMoment {
    /// Which pod.
    pub identity: PodIdentity,
    /// The record that shows it.
    pub seq: i64,
    /// When that happened.
    pub window: Window,
    /// The version.
    pub resource_version: Option<ResourceVersion>,
    /// READY, STATUS, RESTARTS.
    pub columns: Columns,
    /// The phase.
    pub phase: Option<Phase>,
    /// When it was created.
    pub created_at: Option<StampedAt>,
    /// Its labels, where they were asked for.
    pub labels: Option<Box<BTreeMap<String, String>>>,
    /// The first of its addresses.
    pub ip: Option<Box<str>>,
    /// Its node.
    pub node: Option<Box<str>>,
    /// The node where room is made for it.
    pub nominated_node: Option<Box<str>>,
    /// Readiness gates, true ones of all.
    pub readiness_gates: Cow<'static, str>,
    /// Why this is only what was recorded last.
    pub uncertain: Option<Box<Uncertain>>,
    /// The releases whose columns these are.
    pub kubernetes: Told,
}

/// When there were pods last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSeen {
    /// How many there were in all.
    pub pods: usize,
    /// How many of them are known to be deleted; the others are missing from a later list.
    pub deleted: usize,
    /// When the last one was gone.
    pub gone_by: ObservedAt,
    /// A moment before that at which one was there.
    pub at: ObservedAt,
}

/// The recordings of a log, summed up.
#[derive(Debug)]
pub struct RecordingsReport {
    /// Each, in the order of ingest.
    pub recordings: Vec<RecordingReport>,
    /// Those that are files of one dump.
    pub dumps: Vec<DumpReport>,
    /// What lies between those of one cluster.
    pub gaps: Vec<ClusterGap>,
    /// Their lists, held against the others.
    pub lists: Vec<ListCheck>,
}

/// A dump of a cluster: its files are recordings that tell of one moment together.
#[derive(Debug)]
pub struct DumpReport {
    /// Where it lies.
    pub name: String,
    /// Of which cluster it is.
    pub cluster: String,
    /// Its files, by their numbers.
    pub recordings: Vec<i64>,
    /// How many events of pods they show.
    pub events: i64,
    /// How many pods.
    pub pods: usize,
    /// From when on and until when it tells of its cluster.
    pub covered: (Option<ObservedAt>, Option<ObservedAt>),
}

/// One recording.
#[derive(Debug)]
pub struct RecordingReport {
    /// Its numbers.
    pub summary: RecordingSummary,
    /// From when on and until when it tells of its cluster.
    pub covered: (Option<ObservedAt>, Option<ObservedAt>),
    /// Where it was interrupted. A list behind an ERROR is one interruption with it.
    pub interruptions: Vec<Interruption>,
    /// Of an audit log, how much it tells of the writes.
    pub audit: Option<AuditReport>,
}

/// How much an audit log tells of the writes to pods.
#[derive(Debug, Default)]
pub struct AuditReport {
    /// By the part of the pod that is written, which is empty for the pod itself.
    pub writes: BTreeMap<String, AuditedWrites>,
    /// The pods that deletions of collections say they took.
    pub collected: usize,
    /// Deletions of collections that do not say which pods they took.
    pub collections_without_items: usize,
    /// Events about pods.
    pub events: usize,
    /// The requests that were refused, the most frequent first.
    pub refused: Vec<RefusedSum>,
}

/// How often something was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedSum {
    /// What was asked for: the part of the pod, or the verb where it was the pod itself.
    pub what: Box<str>,
    /// The code.
    pub code: i64,
    /// How often.
    pub count: usize,
}

/// How much is told of the writes to one part of a pod.
#[derive(Debug, Default, Clone, Copy)]
pub struct AuditedWrites {
    /// Those with the pod that came of them.
    pub with_answer: usize,
    /// Those of which only what was sent is told.
    pub with_request: usize,
    /// Those of which neither is told.
    pub without_body: usize,
}

/// A time in which no recording of a cluster tells anything, though some do before and some behind it.
#[derive(Debug)]
pub struct ClusterGap {
    /// The cluster.
    pub cluster: String,
    /// From when on.
    pub from: ObservedAt,
    /// Until when.
    pub until: ObservedAt,
    /// The recording that ended before it.
    pub after: i64,
    /// The recording that begins behind it.
    pub before: i64,
    /// How many pods were known before it and may have changed in it.
    pub pods: usize,
}

/// A list held against what the other recordings of its cluster say at its version.
#[derive(Debug)]
pub struct ListCheck {
    /// The recording that it is, or stands in.
    pub recording: i64,
    /// The name of that recording.
    pub name: String,
    /// Its version.
    pub resource_version: ResourceVersion,
    /// When that was.
    pub at: Option<ObservedAt>,
    /// The others end before it, with this version: what came later is not compared.
    pub told_until: Option<ResourceVersion>,
    /// How many pods it lists.
    pub pods: usize,
    /// In which points it differs.
    pub differences: Vec<ListDifference>,
}

/// What the rules say of one pod.
#[derive(Debug)]
pub struct PodFindings {
    /// Which pod.
    pub identity: PodIdentity,
    /// What they found.
    pub findings: Vec<Finding>,
}

/// Why a pod is as it is at a moment.
#[derive(Debug)]
pub struct PodExplained {
    /// Which pod.
    pub identity: PodIdentity,
    /// The record that shows the object.
    pub seq: Seq,
    /// When that happened.
    pub window: Window,
    /// The version.
    pub resource_version: Option<ResourceVersion>,
    /// The event is the deletion.
    pub is_deleted: bool,
    /// Why this is only what was recorded last.
    pub uncertain: Option<Uncertain>,
    /// When somebody asked for the deletion.
    pub deletion_requested_at: Option<StampedAt>,
    /// Who wrote the object, where that is known.
    pub by: Option<Arc<Actor>>,
    /// What led to it.
    pub transitions: Vec<Transition>,
    /// The releases whose rules were applied.
    pub kubernetes: Told,
    /// Why.
    pub explanation: Explanation,
}

impl PodExplained {
    /// The change that made a subject what it is.
    #[must_use]
    pub fn last_change(&self, subject: &Subject) -> Option<&Transition> {
        self.transitions.iter().rev().find(|it| it.subject == *subject && it.from != it.to)
    }

    /// The request for the deletion. With its own a kubelet ends what somebody else asked for.
    #[must_use]
    pub fn deletion_request(&self) -> Option<&Transition> {
        let deleting = Some(Value::Lifecycle(Lifecycle::Deleting));
        let mut requests = self.transitions.iter().filter(|it| it.to == deleting);
        let is_of_kubelet = |it: &&Transition| it.by.as_deref().is_some_and(|by| by.component() == Some("kubelet"));
        requests.clone().rfind(|it| !is_of_kubelet(it)).or_else(|| requests.next())
    }
}

/// What became of one test.
#[derive(Debug, Clone)]
pub struct TestReport {
    /// What it is called: its folder, as it was named.
    pub name: String,
    /// Its expectation.
    pub expectation: PathBuf,
    /// Its recording, if there is one.
    pub recording: Option<PathBuf>,
    /// How many pods are recorded.
    pub pods: usize,
    /// What the recording lacks.
    pub notes: Vec<String>,
    /// How it ended.
    pub outcome: TestOutcome,
}

/// How a test ended.
#[derive(Debug, Clone)]
pub enum TestOutcome {
    /// The recording was held against the expectation.
    Compared(Comparison),
    /// It could not be run.
    Error {
        /// Where in the expectation something is wrong, if it is there.
        place: Option<Place>,
        /// What is wrong.
        message: String,
    },
}

/// What a test counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestStatus {
    /// Nothing differs.
    Passed,
    /// Something differs.
    Failed,
    /// The recording cannot tell.
    Inconclusive,
    /// It could not be run.
    Error,
}

impl TestReport {
    /// What it counts as.
    #[must_use]
    pub fn status(&self) -> TestStatus {
        match &self.outcome {
            TestOutcome::Error { .. } => TestStatus::Error,
            TestOutcome::Compared(comparison) => match comparison.verdict() {
                Verdict::Passed => TestStatus::Passed,
                Verdict::Failed => TestStatus::Failed,
                Verdict::Inconclusive => TestStatus::Inconclusive,
            },
        }
    }
}
