//! Judges a pod: every rule looks at every event, and the same deviation in a later event is the same finding.

use std::cell::OnceCell;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::diagnostics::Raw;
use super::expected::{Expected, expected};
use super::finding::Finding;
use super::overview::Overview;
use super::pass::{Pass, Shown, found};
use super::severity::Severity;
use super::table::RULES;
use crate::kubelet::{Features, Releases};
use crate::model::{Seq, WatchEvent};
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

/// Judges by each of the releases that may have written the events. Where one of them knows a deviation for lawful, it is none;
/// most lives have none by the first.
///
/// # Errors
/// Those of `by`.
pub fn judge_by_all<E>(
    releases: Releases,
    mut by: impl FnMut(Features) -> Result<Judgement, E>,
) -> Result<Judgement, E> {
    let mut lawful = releases.lawful().into_iter();
    let mut best = lawful.next().map_or_else(|| Ok(Judgement::default()), &mut by)?;
    if best.findings.iter().all(|finding| finding.rule.judge.is_none()) {
        return Ok(best);
    }
    let mut others = lawful.map(by).collect::<Result<Vec<Judgement>, E>>()?;
    for other in &mut others {
        if other.findings.len() < best.findings.len() {
            std::mem::swap(other, &mut best);
        }
    }
    let others: Vec<Twins<'_>> = others.iter().map(|other| Twins::of(&other.findings)).collect();
    best.findings = std::mem::take(&mut best.findings).into_iter().filter_map(|it| mildest(it, &others)).collect();
    Ok(best)
}

/// A finding as the mildest of several judgements says it; `None` if one of them does not say it.
fn mildest(finding: Finding, judgements: &[Twins<'_>]) -> Option<Finding> {
    judgements.iter().try_fold(finding, |mildest, judgement| {
        let twin = judgement.of_finding(&mildest)?;
        Some(if twin.severity < mildest.severity { twin.clone() } else { mildest })
    })
}

/// The findings of a judgement, each by what it is about and the events that show it: by the rules of another release it is the same
/// finding. A pod may break a rule in each of very many events.
struct Twins<'a> {
    findings: &'a [Finding],
    places: BTreeMap<(&'a str, &'a Subject, Seq), usize>,
}

impl<'a> Twins<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let mut places = BTreeMap::new();
        for (place, finding) in findings.iter().enumerate() {
            for seq in &finding.shown_by {
                places.entry((finding.rule.id, &finding.subject, *seq)).or_insert(place);
            }
        }
        Self { findings, places }
    }

    fn of_finding(&self, finding: &Finding) -> Option<&'a Finding> {
        let key = |seq: &Seq| (finding.rule.id, &finding.subject, *seq);
        let place = finding.shown_by.iter().filter_map(|seq| self.places.get(&key(seq))).min()?;
        self.findings.get(*place)
    }
}

/// Judges one pod's events, which come in the order of their writes; none of them is held for long.
pub struct Judge<'a> {
    stream: Stream<'a>,
    track: Track,
    features: Features,
    pass: Pass,
    /// Which of them can be judged.
    range: Range<usize>,
    taken: usize,
    /// The one that is judged once the next is known.
    waiting: Option<WatchEvent>,
    findings: Findings,
    expected: BTreeMap<Seq, Vec<Expected>>,
    /// The events that the recording itself tells something about, as far as they came.
    told: BTreeMap<Seq, Option<Shown>>,
}

impl<'a> Judge<'a> {
    /// Begins with events that were looked through; they are judged by what one release has on.
    #[must_use]
    pub fn new(overview: &Overview, stream: Stream<'a>, features: Features, track: Track) -> Self {
        let of_gaps = stream.gaps.iter().flat_map(|gap| [gap.before, gap.after]).flatten();
        let told = of_gaps.chain(stream.faults.iter().map(|fault| fault.seq)).map(|seq| (seq, None));
        Self {
            stream,
            track,
            features,
            pass: Pass::new(features, overview, stream.gaps),
            range: overview.judged(),
            taken: 0,
            waiting: None,
            findings: Findings::default(),
            expected: BTreeMap::new(),
            told: told.collect(),
        }
    }

    /// Takes the next event.
    pub fn take(&mut self, event: WatchEvent) {
        let is_judged = self.range.contains(&self.taken);
        self.taken += 1;
        if !is_judged {
            return;
        }
        if let Some(told) = self.told.get_mut(&event.seq) {
            *told = Some(Shown::of(&event));
        }
        if let Some(waiting) = self.waiting.take() {
            self.judge(&waiting, Some(&event));
        }
        self.waiting = Some(event);
    }

    fn judge(&mut self, event: &WatchEvent, next: Option<&WatchEvent>) {
        let is_tracked = self.track == Track::Kept && event.provenance.is_whole();
        let (diagnostics, expected) = self.pass.step(event, next, |context, diagnostics| {
            (is_tracked && !diagnostics.doubts_containers()).then(|| expected(context))
        });
        if let Some(expected) = expected {
            self.expected.insert(event.seq, expected);
        }
        for raw in diagnostics.raw {
            self.findings.add(found(raw, &Shown::of(event)));
        }
    }

    /// What the rules make of them.
    #[must_use]
    pub fn finish(mut self) -> Judgement {
        if let Some(last) = self.waiting.take() {
            self.judge(&last, None);
        }
        stream_findings(self.stream, &self.told, self.taken == 1, &mut self.findings);
        let features = self.features;
        Judgement { findings: self.findings.all, shown_by: OnceCell::new(), expected: self.expected, features }
    }
}

/// The findings of a pod while they are found.
#[derive(Default)]
struct Findings {
    all: Vec<Finding>,
    /// Where each stands, behind a hash of what is the same in the same deviation.
    places: BTreeSet<(u64, usize)>,
}

impl Findings {
    /// The same deviation in a later event is the same finding.
    fn add(&mut self, found: Finding) {
        let mut hasher = DefaultHasher::new();
        what_it_is(&found).hash(&mut hasher);
        let hash = hasher.finish();
        let alike = self.places.range((hash, 0)..=(hash, usize::MAX)).map(|(_, place)| *place);
        match alike.into_iter().find(|place| what_it_is(&self.all[*place]) == what_it_is(&found)) {
            Some(place) => {
                let known = &mut self.all[place];
                known.last_seq = found.seq;
                known.count += 1;
                known.shown_by.push(found.seq);
            }
            None => {
                self.places.insert((hash, self.all.len()));
                self.all.push(found);
            }
        }
    }
}

/// Rule, subject, what was expected and what was found.
fn what_it_is(finding: &Finding) -> (&str, &Subject, &str, &str) {
    (finding.rule.id, &finding.subject, &finding.expected, &finding.actual)
}

/// What the recording tells: nothing against the cluster.
fn stream_findings(stream: Stream<'_>, told: &BTreeMap<Seq, Option<Shown>>, is_single: bool, findings: &mut Findings) {
    let event_of = |seq: Option<Seq>| seq.and_then(|seq| told.get(&seq)?.as_ref());
    for gap in stream.gaps {
        let (name, expected, actual) = match gap.kind {
            // Of a pod that is shown once nobody expects its beginning.
            GapKind::StartsMidLife if is_single => continue,
            GapKind::StartsMidLife => ("starts-mid-life", "ADDED with a new pod", "an older pod"),
            GapKind::WatchError => ("watch-expired", "an unbroken watch", "the watch ended with an ERROR"),
            GapKind::Relist => ("relist", "an unbroken watch", "the watch restarted"),
            GapKind::Vanished => ("vanished", "DELETED", "the next list does not contain the pod"),
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
                format!("not recorded from {from} to {until}; the check skips this time")
            }
            (Some(from), None) => format!("not recorded from {from} on"),
            (None, Some(until)) => format!("not recorded before {until}"),
            (None, None) => "at an unknown time".to_owned(),
        };
        findings.add(of_recording(name, event, expected.into(), actual.into(), message));
    }
    for fault in stream.faults {
        let Some(event) = event_of(Some(fault.seq)) else { continue };
        let message = "the recording contradicts itself; the check used the first record".to_owned();
        let (expected, actual) = (fault.expected.clone(), fault.actual.clone());
        findings.add(of_recording(fault.rule, event, expected, actual, message));
    }
}

fn of_recording(name: &str, event: &Shown, expected: String, actual: String, message: String) -> Finding {
    let rule = RULES.iter().position(|rule| rule.name == name).expect("it is in the table");
    found(Raw { rule, severity: None, subject: Subject::Lifecycle, expected, actual, message }, event)
}
