//! What the page tells: the pods, worst first, with what they come to, and in what they differ from what was expected.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::cause::Weight;
use crate::incident::Incident;
use crate::model::PodIdentity;
use crate::picture::{Fate, Health, Service, Shown, Symptom, Tally, first_symptom};
use crate::redact::Secrets;
use crate::render::escape::plain;
use crate::render::suite::{Deviation, deviations};
use crate::render::words::date;
use crate::report::{IncidentPod, TestOutcome, TestReport};
use crate::timeline::TimeRange;

/// Longer names and texts are cut in the header and in the table.
const SHOWN_CHARS_MAX: usize = 2_000;

/// The pods of an incident, worst first, and what they come to.
pub(super) struct Told<'a> {
    pub(super) incident: &'a Incident,
    pub(super) secrets: Secrets,
    pub(super) pods: Vec<ToldPod<'a>>,
    pub(super) sum: Tally,
    /// In what it differs from what was expected.
    pub(super) differences: Vec<Deviation>,
    /// How many more are about pods that are not shown.
    pub(super) elsewhere: usize,
    /// From the first to the last moment that is shown; `None` if nothing has a time.
    pub(super) span: Option<TimeRange>,
}

pub(super) struct ToldPod<'a> {
    pub(super) pod: &'a IncidentPod,
    pub(super) tally: Tally,
    pub(super) symptom: Option<Symptom>,
    pub(super) last: Option<(Shown, Health)>,
    pub(super) fate: Fate,
    /// In what it differs from what was expected, by their places among all.
    pub(super) differences: Vec<usize>,
    /// Its name, with its uid where others have that name too.
    pub(super) label: String,
    /// When it was there, within what is shown.
    pub(super) lived: Option<TimeRange>,
}

impl<'a> Told<'a> {
    pub(super) fn new(incident: &'a Incident, secrets: Secrets) -> Self {
        let frame = &incident.frame;
        let mut pods: Vec<ToldPod<'a>> = incident.pods.iter().map(|pod| ToldPod::new(pod, frame)).collect();
        let mut places: BTreeMap<PodIdentity, usize> = BTreeMap::new();
        let mut namesakes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (place, pod) in incident.pods.iter().enumerate() {
            let identity = &pod.judged.report.identity;
            places.insert(identity.clone(), place);
            *namesakes.entry((&identity.namespace, &identity.name)).or_default() += 1;
        }
        let (mut differences, mut elsewhere) = (Vec::new(), 0);
        for difference in incident.test.as_ref().map(deviations_of).unwrap_or_default() {
            match difference.shows.as_ref().map(|shows| places.get(&shows.pod)) {
                Some(None) => elsewhere += 1,
                Some(Some(place)) => {
                    pods[*place].differences.push(differences.len());
                    differences.push(difference);
                }
                None => differences.push(difference),
            }
        }
        for pod in &mut pods {
            let identity = &pod.pod.judged.report.identity;
            pod.label = label(identity, namesakes[&(&*identity.namespace, &*identity.name)]);
        }
        // What the story says of a pod may stand nowhere in its own record, that it was preempted for one.
        let broken = incident.story.sentences.iter().filter(|sentence| sentence.weight == Weight::Broken);
        let broken: BTreeSet<&PodIdentity> = broken.flat_map(|sentence| &sentence.pods).collect();
        // Sorting is stable: pods alike stay in the order of their names.
        pods.sort_by_key(|pod| {
            let is_broken = broken.contains(&pod.pod.judged.report.identity);
            (Reverse(pod.differences.len()), Reverse(is_broken), pod.tally.worst_first())
        });
        let sum = pods.iter().fold(Tally::default(), |sum, pod| sum.and(pod.tally));
        let span = pods.iter().filter_map(|pod| pod.lived).reduce(|one, other| one.joined(&other));
        let asked = |range: TimeRange| TimeRange {
            from: if frame.from == TimeRange::ALWAYS.from { range.from } else { frame.from },
            until: if frame.until == TimeRange::ALWAYS.until { range.until } else { frame.until },
        };
        Self { incident, secrets, pods, sum, differences, elsewhere, span: span.map(asked) }
    }

    /// A text as it may be shown: secrets hidden, dangerous characters spelled out, one line of bearable length.
    pub(super) fn shown(&self, text: &str) -> String {
        let text = self.secrets.text(text);
        plain(&match text.char_indices().nth(SHOWN_CHARS_MAX) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.into_owned(),
        })
    }

    /// All of it happened on one day: then times need no date.
    pub(super) fn is_of_one_day(&self) -> bool {
        self.span.is_none_or(|span| date(span.from) == date(span.until))
    }
}

impl<'a> ToldPod<'a> {
    fn new(pod: &'a IncidentPod, frame: &TimeRange) -> Self {
        let report = &pod.judged.report;
        let lived = report.lived().and_then(|lived| lived.common(frame));
        let tally = Tally::of(&pod.judged, frame);
        let service = Service::of(report, frame);
        let (last, fate) = (service.last(), service.fate());
        Self {
            pod,
            tally,
            symptom: first_symptom(&pod.judged, frame),
            last,
            fate,
            differences: Vec::new(),
            label: String::new(),
            lived,
        }
    }

    /// The last STATUS in which it should have done its work, and what became of it by the end of what is shown.
    pub(super) fn last_status(&self) -> String {
        let status = self.last.as_ref().map_or_else(|| "no time known".to_owned(), |(shown, _)| shown.to_string());
        match self.fate {
            Fate::There => status,
            Fate::Leaving => format!("{status}, asked to end"),
            Fate::Deleted => format!("{status}, deleted"),
            Fate::Gone => format!("{status}, gone"),
        }
    }

    /// What it belongs to: `Deployment web`.
    pub(super) fn owner(&self) -> String {
        self.pod.owner.as_ref().map(|owner| format!("{} {}", owner.kind, owner.name)).unwrap_or_default()
    }

    /// How good that status is.
    pub(super) fn health(&self) -> Health {
        self.last.as_ref().map_or(Health::Neutral, |(_, health)| *health)
    }
}

/// The name of a pod, as a person may give it to another command: with the beginning of its uid where others have it too.
fn label(pod: &PodIdentity, namesakes: usize) -> String {
    match namesakes {
        0 | 1 => pod.name.clone(),
        _ => format!("{}@{}", pod.name, pod.uid.get(..8).unwrap_or(&pod.uid)),
    }
}

/// In what a recording differs from what was expected.
fn deviations_of(test: &TestReport) -> Vec<Deviation> {
    match &test.outcome {
        TestOutcome::Compared(comparison) => deviations(comparison),
        TestOutcome::Error { .. } => Vec::new(),
    }
}

/// A file by its name and its folder's: a page that is passed on tells no more of where it was made.
#[must_use]
pub fn file_name(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}
