//! The rows of a pod: what it was to those who use it, and one for each subject that is worth a row.

use std::collections::BTreeMap;

use super::bar::{Bar, End, Shown};
use super::expected::{ExpectedBar, expected_bars};
use super::health::Health;
use super::serving::serving;
use super::times::Times;
use crate::model::Role;
use crate::replay::{PodField, Subject};
use crate::report::JudgedPod;
use crate::timeline::{TimeRange, spans};

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lane {
    /// What the pod was to those who use it, in the words of the columns STATUS and READY.
    Status,
    /// One thing about the pod.
    Subject(Subject),
}

/// A row of intervals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub lane: Lane,
    /// What is recorded, in the order of time.
    pub bars: Vec<Bar>,
    /// What the model computes, in the order of time; nothing where it has no say.
    pub expected: Vec<ExpectedBar>,
}

/// The conditions in the order in which a pod passes them; others follow.
const CONDITIONS: [&str; 5] = ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"];

/// Where the row of a subject stands; `None` for what is told with the events alone.
fn rank(subject: &Subject) -> Option<usize> {
    Some(match subject {
        Subject::Lifecycle => 0,
        Subject::Phase => 1,
        Subject::Condition(kind) => {
            2 + CONDITIONS.iter().position(|known| *known == &**kind).unwrap_or(CONDITIONS.len())
        }
        Subject::Container(_, role) => {
            3 + CONDITIONS.len()
                + match role {
                    Role::Init => 0,
                    Role::Sidecar => 1,
                    Role::Regular => 2,
                    Role::Ephemeral => 3,
                }
        }
        Subject::Field(PodField::NodeName) => 20,
        Subject::Field(PodField::NominatedNodeName) => 21,
        Subject::Field(PodField::Reason) => 22,
        Subject::Field(
            PodField::QosClass
            | PodField::StartTime
            | PodField::HostIp
            | PodField::PodIps
            | PodField::Message
            | PodField::ObservedGeneration,
        ) => return None,
    })
}

/// The rows of a pod, its STATUS first. None if nothing about it has a time.
#[must_use]
pub fn rows(pod: &JudgedPod) -> Vec<Row> {
    let report = &pod.report;
    let Some(lived) = report.lived() else { return Vec::new() };
    let times = Times::new(report, lived.from, lived.until);
    let mut rows = vec![Row { lane: Lane::Status, bars: serving(report, &times), expected: Vec::new() }];
    rows.extend(subject_rows(pod, &times));
    rows
}

fn subject_rows(pod: &JudgedPod, times: &Times) -> Vec<Row> {
    let transitions = &pod.report.timeline.transitions;
    let mut rows: Vec<Row> = Vec::new();
    let mut places: BTreeMap<Subject, usize> = BTreeMap::new();
    for span in spans(transitions) {
        if rank(&span.subject).is_none() {
            continue;
        }
        let entry = pod.report.timeline.entry_of(span.transition);
        let from = span.from.unwrap_or_else(|| times.of(entry));
        let (until, end) = match span.ended_by {
            Some(by) => (span.until.unwrap_or_else(|| times.of(pod.report.timeline.entry_of(by))), End::Changed),
            None => (times.end, times.last),
        };
        let bar = Bar {
            health: span.value.as_ref().map_or(Health::Unknown, |value| Health::of_subject(&span.subject, value)),
            shown: span.value.map_or(Shown::Unknown, Shown::Value),
            range: TimeRange::new(from, until),
            end,
            entry,
            transition: Some(span.transition),
        };
        let subject = span.subject;
        match places.get(&subject) {
            Some(place) => rows[*place].bars.push(bar),
            None => {
                places.insert(subject.clone(), rows.len());
                rows.push(Row { lane: Lane::Subject(subject), bars: vec![bar], expected: Vec::new() });
            }
        }
    }
    rows.sort_by_key(|row| if let Lane::Subject(subject) = &row.lane { rank(subject) } else { None });
    for row in &mut rows {
        if let Lane::Subject(subject) = &row.lane {
            row.expected = expected_bars(pod, subject, times);
        }
    }
    rows
}
