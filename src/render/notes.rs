//! What stands beside a pod in words: Events and the readiness of its node, and where they stand among the pod's own lines.

use super::history::Detail;
use super::style::Meaning;
use super::timeline::clock_time;
use crate::model::time::SECOND_US;
use crate::model::{ConditionStatus, KubeEventType, ObservedAt, ResourceVersion};
use crate::report::{Note, PodReport};

/// A note as text, not escaped.
pub(super) struct NoteText {
    /// What it is: `event Scheduled`, `Warning BackOff`, `node node-a`.
    pub(super) subject: String,
    /// What that means.
    pub(super) meaning: Meaning,
    /// `Ready True → False` of a node.
    pub(super) change: String,
    /// `x7 until 15:12:30` of an Event.
    pub(super) times: String,
    /// Its message.
    pub(super) message: String,
}

/// A note in words.
pub(super) fn note_text(note: &Note, pod: &PodReport, detail: Detail) -> NoteText {
    match note {
        Note::Event(note) => {
            let event = &note.event;
            let (kind, meaning) = match &event.kind {
                KubeEventType::Normal => ("event", Meaning::Plain),
                KubeEventType::Warning => ("Warning", Meaning::Waiting),
                KubeEventType::Other(word) => (&**word, Meaning::Plain),
            };
            let until = event.last_at.filter(|last| event.first_at.is_some_and(|first| is_later(first, *last)));
            let times = match until {
                Some(until) => format!("x{} until {}", event.count, clock_time(until)),
                None if event.count > 1 => format!("x{}", event.count),
                None => String::new(),
            };
            let message = match detail {
                Detail::Normal => without_pod(&event.message, pod),
                Detail::Wide => event.message.to_string(),
            };
            NoteText { subject: format!("{kind} {}", event.reason), meaning, change: String::new(), times, message }
        }
        Note::Node(note) => {
            let meaning = match &note.to {
                ConditionStatus::True => Meaning::Plain,
                ConditionStatus::False | ConditionStatus::Unknown | ConditionStatus::Other(_) => Meaning::Waiting,
            };
            let from = note.from.as_ref().map(|from| format!("{from} → ")).unwrap_or_default();
            NoteText {
                subject: format!("node {}", note.node),
                meaning,
                change: format!("Ready {from}{}", note.to),
                times: String::new(),
                message: note.reason.as_deref().unwrap_or_default().to_owned(),
            }
        }
    }
}

/// The same on one line, for a table.
pub(super) fn note_line(note: &Note, pod: &PodReport, detail: Detail) -> String {
    let NoteText { subject, change, times, message, .. } = note_text(note, pod, detail);
    let subject = subject.strip_prefix("event ").or(subject.strip_prefix("node ")).unwrap_or(&subject);
    let head: Vec<&str> = [subject, &change, &times].into_iter().filter(|part| !part.is_empty()).collect();
    let head = head.join(" ");
    if message.is_empty() { head } else { format!("{head}: {}", message.trim()) }
}

/// Kubelets name the pod in their messages; where the text is about that pod alone, that is left out.
fn without_pod(message: &str, pod: &PodReport) -> String {
    let identity = &pod.identity;
    let named = format!(" in pod {}_{}({})", identity.name, identity.namespace, identity.uid);
    message.replace(&named, "")
}

fn second(at: ObservedAt) -> i64 {
    at.micros().div_euclid(SECOND_US)
}

fn is_later(first: ObservedAt, last: ObservedAt) -> bool {
    second(last) > second(first)
}

/// A line of a pod's text: one of its own, or a note, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merged {
    Own(usize),
    Note(usize),
}

/// Puts the notes, which are in the order of time, among a pod's own lines, which stay as they are. Times are compared by
/// the second; within one, versions decide: most clocks of a cluster tell no more.
pub(super) fn merged<'a>(
    own: impl Iterator<Item = (Option<ObservedAt>, Option<&'a ResourceVersion>)>,
    notes: &[Note],
) -> Vec<Merged> {
    let mut lines = Vec::with_capacity(notes.len());
    let mut next = 0;
    let is_before = |note: &Note, at: ObservedAt, version: Option<&ResourceVersion>| {
        let Some(begins_at) = note.begins_at().map(second) else { return false };
        let versions = version.and_then(ResourceVersion::number).zip(note.version().and_then(ResourceVersion::number));
        begins_at < second(at) || (begins_at == second(at) && versions.is_some_and(|(own, beside)| beside < own))
    };
    for (place, (at, version)) in own.enumerate() {
        if let Some(at) = at {
            while notes.get(next).is_some_and(|note| is_before(note, at, version)) {
                lines.push(Merged::Note(next));
                next += 1;
            }
        }
        lines.push(Merged::Own(place));
    }
    lines.extend((next..notes.len()).map(Merged::Note));
    lines
}
