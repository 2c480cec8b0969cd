//! One pass over a pod's events: every rule looks at every event; what none doubts becomes what the next is compared with.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::diagnostics::{Diagnostics, Raw};
use super::event_context::{EventContext, Model, Report, hidden_before};
use super::expected::{Expected, expected};
use super::finding::Finding;
use super::kubelet_times::slowest_us;
use super::severity::Severity;
use super::shown_times::ShownTimes;
use super::table::RULES;
use super::trusted::Trusted;
use crate::kubelet::writer::{Writer, last_writer, writer};
use crate::kubelet::{Features, Releases};
use crate::model::{EventKind, Provenance, Seq, WatchEvent};
use crate::replay::{Subject, Transition};
use crate::timeline::{Gap, GapKind};

/// What the recording itself tells about a pod's events: where something is missing, and what is odd.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stream<'a> {
    /// The gaps of the pod.
    pub gaps: &'a [Gap],
    /// Records that contradict the order or each other.
    pub faults: &'a [StreamFault],
}

/// A record that contradicts another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFault {
    /// The event beside which it is told.
    pub seq: Seq,
    /// `version-back` or `duplicate-differs`.
    pub rule: &'static str,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub actual: String,
}

/// What the rules make of one pod.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    findings: Vec<Finding>,
    /// Which of them an event shows, warnings and errors only; made when it is asked for.
    shown_by: OnceCell<BTreeMap<Seq, Vec<usize>>>,
    /// The model's values, for each event that the kubelet wrote and whose containers are not in doubt.
    pub expected: BTreeMap<Seq, Vec<Expected>>,
    /// What the release has on that explains most of what is recorded.
    pub features: Features,
}

impl Judgement {
    /// The deviations.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The deviations, without the rest.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// The deviations, to be changed.
    pub fn findings_mut(&mut self) -> &mut Vec<Finding> {
        self.shown_by.take();
        &mut self.findings
    }

    /// What the rules say against a transition: the finding, a warning or an error, that its event shows about its subject.
    /// What no event shows is not judged.
    #[must_use]
    pub fn finding_of(&self, transition: &Transition) -> Option<&Finding> {
        if transition.inferred { None } else { self.finding_at(transition.seq, &transition.subject) }
    }

    /// The warning or the error about a subject that an event shows.
    #[must_use]
    pub fn finding_at(&self, seq: Seq, subject: &Subject) -> Option<&Finding> {
        let shown_by = self.shown_by.get_or_init(|| {
            let mut shown_by: BTreeMap<Seq, Vec<usize>> = BTreeMap::new();
            for (place, finding) in self.findings.iter().enumerate().filter(|(_, it)| it.severity > Severity::Info) {
                for seq in &finding.shown_by {
                    shown_by.entry(*seq).or_default().push(place);
                }
            }
            shown_by
        });
        let mut told = shown_by.get(&seq).into_iter().flatten().map(|place| &self.findings[*place]);
        told.find(|it| it.subject == *subject)
    }

    /// What the model expects where a transition shows a phase or a condition.
    #[must_use]
    pub fn expected_of(&self, transition: &Transition) -> Option<&Expected> {
        let expected = self.expected.get(&transition.seq).filter(|_| !transition.inferred)?;
        expected.iter().find(|expected| expected.subject == transition.subject)
    }
}

/// Whether the model's values are kept beside what the rules say: of a long life they take much room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// They are.
    Kept,
    /// Only the findings are.
    Left,
}

/// Judges one pod's events, given in the order of their writes. Where one of the releases that may have written them knows a
/// deviation for lawful, it is none.
#[must_use]
pub fn judge(events: &[WatchEvent], stream: Stream<'_>, releases: Releases, track: Track) -> Judgement {
    let events = &events[judged(events)];
    let mut releases = releases.lawful().into_iter().map(|features| judge_by(events, stream, features, track));
    let mut best = releases.next().unwrap_or_default();
    if !best.findings.is_empty() {
        let mut others: Vec<Judgement> = releases.collect();
        for other in &mut others {
            if other.findings.len() < best.findings.len() {
                std::mem::swap(other, &mut best);
            }
        }
        best.findings = std::mem::take(&mut best.findings).into_iter().filter_map(|it| mildest(it, &others)).collect();
    }
    let mut findings = Findings { all: std::mem::take(&mut best.findings), ..Findings::default() };
    stream_findings(events, stream, &mut findings);
    Judgement { findings: findings.all, ..best }
}

/// A finding as the mildest of several judgements says it; `None` if one of them does not say it.
fn mildest(finding: Finding, judgements: &[Judgement]) -> Option<Finding> {
    judgements.iter().try_fold(finding, |mildest, judgement| {
        let twin = judgement.findings.iter().find(|it| it.is_twin(&mildest))?;
        Some(if twin.severity < mildest.severity { twin.clone() } else { mildest })
    })
}

/// Judges events by the rules of one release.
fn judge_by(events: &[WatchEvent], stream: Stream<'_>, features: Features, track: Track) -> Judgement {
    let (mut findings, mut all_expected) = (Findings::default(), BTreeMap::new());
    let mut pass = Pass::new(events, stream.gaps, features);
    for (index, event) in events.iter().enumerate() {
        let (diagnostics, expected) = pass.step(index, |context, diagnostics| {
            let is_judged = context.event().provenance.is_whole() && !diagnostics.doubts_containers();
            (track == Track::Kept && is_judged).then(|| expected(context))
        });
        if let Some(expected) = expected {
            all_expected.insert(event.seq, expected);
        }
        for raw in diagnostics.raw {
            findings.add(event, found(raw, event));
        }
    }
    Judgement { findings: findings.all, shown_by: OnceCell::new(), expected: all_expected, features }
}

/// The events that can be judged. Of an object that is known in part only nothing can be said; and where requests were
/// applied, objects of a list, whose time is not told, have no certain place among them.
pub(super) fn judged(events: &[WatchEvent]) -> Range<usize> {
    let is_mixed = events.iter().any(|event| event.provenance != Provenance::Observed);
    let listed = events.iter().position(|event| event.kind == EventKind::Observed);
    let end = listed.filter(|_| is_mixed).unwrap_or(events.len());
    let begin = events[..end].iter().position(|event| event.provenance.is_whole());
    begin.unwrap_or(end)..end
}

/// How many events were judged, and why the others were not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events in all.
    pub events: usize,
    /// Those whose object is known as a whole.
    pub judged: usize,
    /// Those of which only is told that something was written.
    pub without_body: usize,
    /// Pods whose status no write that is logged tells.
    pub without_status: usize,
}

impl Tally {
    /// Counts the events of a pod.
    #[must_use]
    pub fn of(events: &[WatchEvent], gaps: &[Gap]) -> Self {
        let judged = events[judged(events)].iter().filter(|event| event.provenance.is_whole()).count();
        let is_untold = |event: &&WatchEvent| matches!(event.provenance, Provenance::Unknown(_));
        let without_body = events.iter().filter(is_untold).count();
        let without_status = usize::from(gaps.iter().any(|gap| gap.kind == GapKind::StatusNotLogged));
        Self { events: events.len(), judged, without_body, without_status }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.judged += other.judged;
        self.without_body += other.without_body;
        self.without_status += other.without_status;
    }
}

/// A pod's events, looked at one after the other by every rule.
pub(super) struct Pass<'a> {
    events: &'a [WatchEvent],
    hidden_before: BTreeSet<Seq>,
    pub(super) features: Features,
    slowest_us: i64,
    trusted: Trusted<'a>,
    shown: ShownTimes<'a>,
    foreign: Vec<(&'a str, Option<Box<str>>)>,
    report: Option<Report<'a>>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(events: &'a [WatchEvent], gaps: &[Gap], features: Features) -> Self {
        Self {
            events,
            hidden_before: hidden_before(events, gaps),
            features,
            slowest_us: slowest_us(events),
            trusted: Trusted::default(),
            shown: ShownTimes::default(),
            foreign: Vec::new(),
            report: None,
        }
    }

    /// Lets every rule that knows what it must look at an event; `see` looks last, with what they found.
    pub(super) fn step<T>(
        &mut self,
        index: usize,
        see: impl FnOnce(&EventContext<'_>, &Diagnostics) -> T,
    ) -> (Diagnostics, T) {
        let (event, before) = (&self.events[index], index.checked_sub(1).map(|index| &self.events[index]));
        let before_pod = before.map(|event| &*event.pod);
        let is_whole = event.provenance.is_whole();
        let is_after_gap = self.hidden_before.contains(&event.seq);
        let writer = match writer(before_pod, &event.pod, self.features) {
            // Several may have written in between: the last of them counts.
            Writer::Kubelet if is_after_gap => last_writer(&event.pod).unwrap_or(Writer::Kubelet),
            writer @ (Writer::Kubelet | Writer::Other(_) | Writer::Nobody) => writer,
        };
        let phase = self.trusted.phase.trusted;
        if writer == Writer::Kubelet {
            self.report = Some(Report { index, before: phase });
        }
        let model = (writer == Writer::Kubelet).then(|| Model::of(phase, before_pod, &event.pod, self.features));
        let context = EventContext {
            events: self.events,
            index,
            trusted: &self.trusted,
            writer,
            foreign: &self.foreign,
            is_after_gap,
            hidden_before: &self.hidden_before,
            shown: &self.shown,
            report: self.report,
            slowest_us: self.slowest_us,
            features: self.features,
            model,
        };
        let mut diagnostics = Diagnostics::default();
        for (place, rule) in RULES.iter().enumerate() {
            if let Some(judge) =
                rule.judge.filter(|_| is_whole && rule.needs.iter().all(|need| need.is_met(&context, &diagnostics)))
            {
                diagnostics.rule = place;
                judge(&context, &mut diagnostics);
            }
        }
        let seen = see(&context, &diagnostics);
        let writer = context.writer;
        note_foreign(&mut self.foreign, &writer, before, event);
        if is_whole {
            self.trusted.take(&event.pod, |subject| diagnostics.doubts(subject));
            self.shown.take(&event.pod);
        }
        (diagnostics, seen)
    }
}

/// Remembers which conditions hold a value that another client than the kubelet wrote.
fn note_foreign<'a>(
    foreign: &mut Vec<(&'a str, Option<Box<str>>)>,
    writer: &Writer,
    before: Option<&'a WatchEvent>,
    event: &'a WatchEvent,
) {
    let manager = match writer {
        Writer::Nobody => return,
        Writer::Kubelet => None,
        Writer::Other(manager) => Some(manager.as_ref().map_or("another client", |manager| manager.as_str())),
    };
    // Until the kubelet has reported on the pod there is nothing of its own to come back to.
    let manager = manager.filter(|_| before.is_some_and(|before| before.pod.status.start_at.is_some()));
    for condition in &event.pod.status.conditions {
        let was = before.and_then(|before| before.pod.status.condition(&condition.kind));
        if was != Some(condition) {
            foreign.retain(|(kind, _)| *kind != &*condition.kind);
            if let Some(manager) = manager {
                foreign.push((&condition.kind, Some(manager.into())));
            }
        }
    }
}

/// The finding of an event.
pub(super) fn found(raw: Raw, event: &WatchEvent) -> Finding {
    let Raw { rule, severity, subject, expected, actual, message } = raw;
    let rule = &RULES[rule];
    Finding {
        rule,
        severity: severity.unwrap_or(rule.severity),
        subject,
        seq: event.seq,
        resource_version: event.resource_version().cloned(),
        window: event.window,
        expected,
        actual,
        message,
        last_seq: event.seq,
        count: 1,
        shown_by: vec![event.seq],
    }
}

/// The findings of a pod while they are found.
#[derive(Default)]
struct Findings {
    all: Vec<Finding>,
    /// Where each stands, by what is the same in the same deviation: rule, subject, what was expected and what was found.
    places: BTreeMap<(&'static str, Subject, String, String), usize>,
}

impl Findings {
    /// The same deviation in a later event is the same finding.
    fn add(&mut self, event: &WatchEvent, found: Finding) {
        let key = (found.rule.id, found.subject.clone(), found.expected.clone(), found.actual.clone());
        match self.places.get(&key) {
            Some(place) => {
                let known = &mut self.all[*place];
                known.last_seq = event.seq;
                known.count += 1;
                known.shown_by.push(event.seq);
            }
            None => {
                self.places.insert(key, self.all.len());
                self.all.push(found);
            }
        }
    }
}

/// What the recording tells: nothing against the cluster.
fn stream_findings(events: &[WatchEvent], stream: Stream<'_>, findings: &mut Findings) {
    if stream.gaps.is_empty() && stream.faults.is_empty() {
        return;
    }
    let by_seq: BTreeMap<Seq, &WatchEvent> = events.iter().map(|event| (event.seq, event)).collect();
    let event_of = |seq: Option<Seq>| seq.and_then(|seq| by_seq.get(&seq).copied());
    for gap in stream.gaps {
        let (name, expected, actual) = match gap.kind {
            GapKind::StartsMidLife => ("starts-mid-life", "ADDED with a new pod", "a pod in the middle of its life"),
            GapKind::WatchError => ("watch-expired", "an unbroken watch", "the watch ended with an ERROR"),
            GapKind::Relist => ("relist", "an unbroken watch", "the watch was begun anew"),
            GapKind::Vanished => ("vanished", "DELETED", "the next list does not tell of the pod"),
            GapKind::BetweenRecordings => {
                ("unseen-between-recordings", "an unbroken watch", "one recording ended before the next began")
            }
            // The timeline tells of them; they are nothing that a watch could have shown.
            GapKind::RestartsUnseen { .. } | GapKind::Untold { .. } | GapKind::Partial | GapKind::StatusNotLogged => {
                continue;
            }
        };
        let Some(event) = event_of(gap.before).or_else(|| event_of(gap.after)) else { continue };
        let message = match (gap.from, gap.until) {
            (Some(from), Some(until)) => {
                format!("not recorded from {from} to {until}; what happened in between is not judged")
            }
            (Some(from), None) => format!("not recorded from {from} on"),
            (None, Some(until)) => format!("not recorded before {until}"),
            (None, None) => "when is not known".to_owned(),
        };
        findings.add(event, of_recording(name, event, expected.into(), actual.into(), message));
    }
    for fault in stream.faults {
        let Some(event) = event_of(Some(fault.seq)) else { continue };
        let message = "the recording contradicts itself; the rules saw the record that stands first".to_owned();
        let (expected, actual) = (fault.expected.clone(), fault.actual.clone());
        findings.add(event, of_recording(fault.rule, event, expected, actual, message));
    }
}

fn of_recording(name: &str, event: &WatchEvent, expected: String, actual: String, message: String) -> Finding {
    let rule = RULES.iter().position(|rule| rule.name == name).expect("it is in the table");
    found(Raw { rule, severity: None, subject: Subject::Lifecycle, expected, actual, message }, event)
}
