//! What stands beside a pod in words: Events and the readiness of its node, and where they stand among the pod's own lines.

use super::layout::Detail;
use super::style::Meaning;
use super::words::time_behind;
use crate::model::time::SECOND_US;
use crate::model::{ConditionStatus, KubeEventType, ObservedAt, ResourceVersion};
use crate::report::{Note, PodReport};

const LINES_MAX: usize = 2;

/// A note as text, not escaped.
pub(super) struct NoteText {
    /// `event Scheduled`, `Warning BackOff x7 until 15:12:30`, `node node-a  Ready True → Unknown`.
    pub(super) head: String,
    /// What that means.
    pub(super) meaning: Meaning,
    /// What is said of it.
    pub(super) message: String,
    /// How many lines that may take: what is as it should be takes one.
    pub(super) lines_max: usize,
}

/// A note in words.
pub(super) fn note_text(note: &Note, pod: &PodReport, detail: Detail) -> NoteText {
    match note {
        Note::Event(note) => {
            let event = &note.event;
            let (kind, meaning) = match &event.kind {
                KubeEventType::Normal => ("event", Meaning::Faint),
                KubeEventType::Warning => ("Warning", Meaning::Waiting),
                KubeEventType::Other(word) => (&**word, Meaning::Faint),
            };
            let until = event.last_at.filter(|last| event.first_at.is_some_and(|first| second(*last) > second(first)));
            let times = match until {
                Some(until) => format!(" x{} until {}", event.count, time_behind(event.first_at, until)),
                None if event.count > 1 => format!(" x{}", event.count),
                None => String::new(),
            };
            let message = match detail {
                Detail::Normal => without_pod(&event.message, pod),
                Detail::Wide => event.message.to_string(),
            };
            let lines_max = if event.kind == KubeEventType::Normal { 1 } else { LINES_MAX };
            NoteText { head: format!("{kind} {}{times}", event.reason), meaning, message, lines_max }
        }
        Note::Node(note) => {
            let meaning = match &note.to {
                ConditionStatus::True => Meaning::Good,
                ConditionStatus::False | ConditionStatus::Unknown | ConditionStatus::Other(_) => Meaning::Waiting,
            };
            let from = note.from.as_ref().map(|from| format!("{from} → ")).unwrap_or_default();
            let head = format!("node {}  Ready {from}{}", note.node, note.to);
            let message = note.reason.as_deref().unwrap_or_default().to_owned();
            NoteText { head, meaning, message, lines_max: 1 }
        }
        Note::Refused(note) => {
            let refused = &note.refused;
            let by = if refused.user.is_empty() { String::new() } else { format!(" by {}", refused.by()) };
            let often = if note.count > 1 {
                format!(" x{} until {}", note.count, time_behind(Some(refused.at), note.last_at))
            } else {
                String::new()
            };
            let head = format!("refused {} {}{by}{often}", refused.what(), refused.code);
            NoteText { head, meaning: Meaning::Waiting, message: refused.told(), lines_max: LINES_MAX }
        }
    }
}

/// The same on one line, for a table whose column says what it is.
pub(super) fn note_line(note: &Note, pod: &PodReport, detail: Detail) -> String {
    let NoteText { head, message, .. } = note_text(note, pod, detail);
    let is_said = |word: &&str| head.starts_with(word);
    let said = ["event ", "node ", "refused "].into_iter().find(is_said).unwrap_or_default();
    let head = &head[said.len()..];
    let message = message.trim();
    if message.is_empty() { head.to_owned() } else { format!("{head}: {message}") }
}

/// Kubelets name the pod in their messages; where the text is about that pod alone, that is left out.
fn without_pod(message: &str, pod: &PodReport) -> String {
    let identity = &pod.identity;
    let named = format!(" in pod {}_{}(", identity.name, identity.namespace);
    // What stands in the brackets is the uid, of a static pod the hash of its manifest.
    match message.split_once(&named).and_then(|(before, rest)| Some((before, rest.split_once(')')?.1))) {
        Some((before, behind)) => format!("{before}{behind}"),
        None => message.to_owned(),
    }
}

fn second(at: ObservedAt) -> i64 {
    at.micros().div_euclid(SECOND_US)
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
        begins_at < second(at) || (begins_at == second(at) && versions.is_some_and(|(own, related)| related < own))
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

#[cfg(test)]
mod tests {
    use super::{Merged, merged};
    use crate::model::{ConditionStatus, ObservedAt, ResourceVersion, Seq};
    use crate::report::{NodeNote, Note};

    fn place(text: &str) -> (Option<ObservedAt>, Option<ResourceVersion>) {
        let (at, version) = text.split_once(':').unwrap_or((text, ""));
        let at = at.parse::<i64>().ok().map(|tenths| ObservedAt::from_micros(tenths * 100_000));
        (at, ResourceVersion::new(version))
    }

    /// `TENTHS:VERSION` of own lines and of notes to their order: `o` own, `n` note.
    fn check(own: &str, notes: &str, expected: &str) {
        let own: Vec<_> = own.split_whitespace().map(place).collect();
        let notes: Vec<Note> = notes
            .split_whitespace()
            .map(|text| {
                let (at, version) = place(text);
                let (at, to) = (at.expect("a time"), ConditionStatus::True);
                Note::Node(NodeNote { seq: Seq(1), at, node: "a".into(), from: None, to, reason: None, version })
            })
            .collect();
        let lines = merged(own.iter().map(|(at, version)| (*at, version.as_ref())), &notes);
        let told: String = lines.iter().map(|line| if matches!(line, Merged::Own(_)) { 'o' } else { 'n' }).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn notes_stand_where_they_happened() {
        check("10 20 30", "", "ooo");
        check("", "10", "n");
        check("10 20 30", "5 25 99", "noonon");
        // Within one second versions decide, where both are known.
        check("10:1 10:5 12:9", "15:4", "onoo");
        check("10:1 10:5 12:9", "15", "ooon");
        check("10 10 12", "15:4", "ooon");
        check("10:1 10:x 12:9", "15:4", "oono");
        // A line without a time keeps its place.
        check("10 ? 30", "20", "oono");
    }
}
