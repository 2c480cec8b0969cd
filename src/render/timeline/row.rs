//! The rows of the text: transitions, fields that one event set together, and findings that no transition shows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use crate::model::{ObservedAt, Seq};
use crate::render::layout::ExpectedColumn;
use crate::render::words::{clock_time, subject_text};
use crate::replay::{PodField, Subject, Transition, Value};
use crate::report::JudgedPod;
use crate::rules::{Difference, ExpectedTime, Finding, Judgement, Severity};

/// One line of the text: a transition, or the fields of a pod that one event set.
pub(super) struct Row<'a> {
    pub(super) transition: Told<'a>,
    /// How long the value before had held.
    pub(super) held: Option<i64>,
    /// Fields told together.
    pub(super) fields: Option<String>,
    /// What the rules say against it.
    pub(super) finding: Option<&'a Finding>,
}

impl Row<'_> {
    /// What it is about.
    pub(super) fn subject(&self) -> String {
        match (&self.transition, &self.transition.subject, &self.fields) {
            (Told::Of(_), Subject::Field(_), Some(_)) => "pod".to_owned(),
            (_, subject, _) => subject_text(subject),
        }
    }

    /// The column EXPECTED, where it is shown.
    pub(super) fn expected(&self, judgement: &Judgement, column: ExpectedColumn) -> Option<String> {
        match (&self.transition, column) {
            (Told::Of(transition), ExpectedColumn::Shown) => expected_text(judgement, transition),
            (Told::Of(_), ExpectedColumn::Hidden) | (Told::Bare(_), _) => None,
        }
    }
}

/// The transition of a row.
pub(super) enum Told<'a> {
    /// One of the pod's.
    Of(&'a Transition),
    /// One that stands for a finding.
    Bare(Box<Transition>),
}

impl Deref for Told<'_> {
    type Target = Transition;

    fn deref(&self) -> &Transition {
        match self {
            Self::Of(transition) => transition,
            Self::Bare(transition) => transition,
        }
    }
}

/// Fields that one event set are told on one line; reason and message are told with the phase that they explain.
pub(super) fn rows(pod: &JudgedPod) -> Vec<Row<'_>> {
    let transitions = &*pod.report.timeline.transitions;
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut flips = Flips::default();
    for (index, transition) in transitions.iter().enumerate() {
        let held = flips.take(transition);
        let finding = pod.judgement.finding_of(transition);
        let Subject::Field(field) = transition.subject else {
            rows.push(Row { transition: Told::Of(transition), held, fields: None, finding });
            continue;
        };
        let comes_with_phase = || {
            let of_event = |other: &&Transition| other.seq == transition.seq;
            let before = transitions[..index].iter().rev().take_while(of_event);
            before.chain(transitions[index..].iter().take_while(of_event)).any(|other| other.subject == Subject::Phase)
        };
        let was_set = transition.from.is_none() && transition.to.is_some();
        if finding.is_none() && was_set && matches!(field, PodField::Reason | PodField::Message) && comes_with_phase() {
            continue;
        }
        let text = match &transition.to {
            Some(to) => format!("{} {to}", field.as_str()),
            None => format!("{} gone", field.as_str()),
        };
        // A field that something is said against stands on a line of its own.
        let is_joined = was_set && finding.is_none();
        match rows.last_mut() {
            Some(Row { transition: last, fields: Some(fields), .. }) if is_joined && last.seq == transition.seq => {
                fields.push_str(", ");
                fields.push_str(&text);
            }
            _ => {
                let (held, fields) = if is_joined { (None, Some(text)) } else { (held, None) };
                rows.push(Row { transition: Told::Of(transition), held, fields, finding });
            }
        }
    }
    with_bare_findings(rows, pod)
}

/// Findings about what no transition shows get rows of their own, behind the other rows of their event.
fn with_bare_findings<'a>(mut rows: Vec<Row<'a>>, pod: &'a JudgedPod) -> Vec<Row<'a>> {
    let mut bare: Vec<&Finding> = pod.judgement.findings().iter().filter(|it| it.severity > Severity::Info).collect();
    if !bare.is_empty() {
        let transitions = &pod.report.timeline.transitions;
        let told: BTreeSet<(Seq, &Subject)> = transitions.iter().map(|it| (it.seq, &it.subject)).collect();
        bare.retain(|finding| !told.contains(&(finding.seq, &finding.subject)));
    }
    if !bare.is_empty() {
        let entries = pod.report.timeline.entries.iter().enumerate();
        let places: BTreeMap<Seq, usize> = entries.map(|(place, entry)| (entry.seq, place)).collect();
        rows.extend(bare.into_iter().map(bare_row));
        rows.sort_by_key(|row| places.get(&row.transition.seq).copied());
    }
    rows
}

fn bare_row(finding: &Finding) -> Row<'_> {
    let transition = Transition {
        seq: finding.seq,
        resource_version: finding.resource_version.clone(),
        window: finding.window,
        subject: finding.subject.clone(),
        from: None,
        to: None,
        reason: None,
        message: None,
        stamped_at: None,
        restart_count: None,
        inferred: false,
        by: None,
    };
    Row {
        transition: Told::Bare(Box::new(transition)),
        held: None,
        fields: Some(finding.actual.clone()),
        finding: Some(finding),
    }
}

/// The column EXPECTED of a row; none where the model has no say.
fn expected_text(judgement: &Judgement, transition: &Transition) -> Option<String> {
    if !matches!(transition.subject, Subject::Phase | Subject::Condition(_)) {
        return None;
    }
    let Some(expected) = judgement.expected_of(transition) else { return Some("-".to_owned()) };
    let time = match expected.time {
        ExpectedTime::Now { .. } => "@now".to_owned(),
        ExpectedTime::Kept(at) => format!("@{}", clock_time(ObservedAt::from_micros(at.micros()))),
        ExpectedTime::Unknown => String::new(),
    };
    let text = match expected.difference(transition) {
        None => return Some("=".to_owned()),
        Some(Difference::Value) if time.is_empty() => expected.value.to_string(),
        Some(Difference::Value) => format!("{} {time}", expected.value),
        Some(Difference::Reason) => "reason".to_owned(),
        Some(Difference::Time) => format!("={time}"),
    };
    // The rules know more than the model: what they let pass is lawful.
    let is_lawful = judgement.finding_of(transition).is_none();
    Some(if is_lawful { format!("({text})") } else { text })
}

/// The last change of each subject to each value.
#[derive(Default)]
struct Flips<'a>(BTreeMap<(&'a Subject, &'a Value), &'a Transition>);

impl<'a> Flips<'a> {
    /// Takes the next transition: how long the value before it had held, where that is known.
    fn take(&mut self, transition: &'a Transition) -> Option<i64> {
        if transition.from == transition.to {
            return None;
        }
        let from = transition.from.as_ref();
        let before = from.and_then(|from| self.0.get(&(&transition.subject, from)));
        let held = before.and_then(|before| held(before, transition));
        if let Some(to) = &transition.to {
            self.0.insert((&transition.subject, to), transition);
        }
        held
    }
}

fn held(before: &Transition, transition: &Transition) -> Option<i64> {
    if before.is_unplaced() || transition.is_unplaced() {
        return None;
    }
    // The cluster's stamps on both ends are one clock and closer to the truth; else both ends as observed.
    match (before.stamped_at, transition.stamped_at) {
        (Some(from), Some(until)) if until >= from => Some(until.micros_since(from)),
        _ => Some(transition.window.at?.micros_since(before.window.at?)),
    }
}
