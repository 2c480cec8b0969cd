//! The words that drawings share: the names of rows, short forms of values, and what is marked at single moments.

use super::layout::Detail;
use super::notes::note_text;
use super::style::Meaning;
use super::words::subject_text;
use crate::model::{KubeEventType, ObservedAt};
use crate::picture::{Agreement, Health, Lane, PodEnd, Shown};
use crate::replay::Value;
use crate::report::{JudgedPod, Note};
use crate::rules::{Finding, Severity};

/// The sign of what ended badly.
pub(super) const END: char = '†';

/// What the legend of a drawing explains, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Health(Health),
    Gap,
    Open,
    Expected(Agreement),
    Finding(Severity),
    Normal,
    Warning,
    Node,
    End,
}

impl Key {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Health(Health::Unknown) => "unknown",
            Self::Health(Health::Neutral) => "neither good nor bad",
            Self::Health(Health::Good) => "ready",
            Self::Health(Health::Done) => "completed",
            Self::Health(Health::Ending) => "terminating",
            Self::Health(Health::Waiting) => "starting, or a condition not met",
            Self::Health(Health::Unready) => "was ready, and is not",
            Self::Health(Health::Bad) => "failing, or failed",
            Self::Gap => "not recorded",
            Self::Open => "the recording ends here; the value may last",
            Self::Expected(Agreement::Same) => "Kubernetes computes the same",
            Self::Expected(Agreement::Lawful) => "Kubernetes computes another value; the recorded one is allowed too",
            Self::Expected(Agreement::Against) => "Kubernetes computes another value",
            Self::Finding(Severity::Error) => "breaks a Kubernetes rule",
            Self::Finding(Severity::Warning | Severity::Info) => "allowed but suspicious",
            Self::Normal => "Event: Normal",
            Self::Warning => "Event: Warning",
            Self::Node => "node readiness",
            Self::End => "a container failed, or the pod",
        }
    }
}

/// The name of a row.
pub(super) fn lane_text(lane: &Lane) -> String {
    match lane {
        Lane::Status => "STATUS".to_owned(),
        Lane::Subject(subject) => subject_text(subject),
    }
}

/// A value in words, the longest first: what fits is taken. None says more than the longest does: a pod of which not all is ready is
/// not called Running.
pub(super) fn forms(shown: &Shown) -> Vec<String> {
    match shown {
        Shown::Status { status, .. } if status.is_empty() => vec![shown.to_string()],
        Shown::Status { note: Some(note), .. } => vec![shown.to_string(), (*note).to_owned()],
        Shown::Status { status, ready, is_short: true, .. } if status == "Running" => {
            vec![shown.to_string(), format!("{ready} ready"), ready.clone()]
        }
        Shown::Status { status, .. } => vec![shown.to_string(), status.clone()],
        Shown::Value(value) => value_forms(value),
        Shown::Unknown => vec![shown.to_string(), "?".to_owned()],
    }
}

/// The same for a value of the model.
pub(super) fn value_forms(value: &Value) -> Vec<String> {
    let text = value.to_string();
    let Value::Container(_) = value else { return vec![text] };
    // Of `waiting(CrashLoopBackOff)` the reason, of `terminated(Error, 1)` also the exit code alone.
    let inner = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).map(str::to_owned);
    let ended = inner.as_deref().filter(|_| text.starts_with("terminated("));
    let code = ended.map(|inner| inner.rsplit_once(", ").map_or(inner, |(_, code)| code));
    let has_reason = code != inner.as_deref();
    let code = code.map(|code| format!("exit {code}"));
    [Some(text), inner.filter(|_| has_reason), code].into_iter().flatten().collect()
}

/// Something that happened at one moment.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    /// When.
    pub(super) at: ObservedAt,
    /// What it is.
    pub(super) of: MarkOf<'a>,
}

/// What is marked.
#[derive(Debug, Clone, Copy)]
pub(super) enum MarkOf<'a> {
    /// What the rules say, a warning or an error.
    Finding(&'a Finding),
    /// What stands beside the pod.
    Note(&'a Note),
    /// What ended badly.
    End(&'a PodEnd<'a>),
}

impl Mark<'_> {
    /// The sign for it in text: that of the timeline, but for Events, of which warnings stand out.
    pub(super) fn sign(&self) -> char {
        match self.of {
            MarkOf::Finding(finding) if finding.severity == Severity::Error => '!',
            MarkOf::Finding(_) => '?',
            MarkOf::Note(Note::Event(note)) if note.event.kind == KubeEventType::Warning => '▲',
            MarkOf::Note(Note::Refused(_)) => '▲',
            MarkOf::Note(Note::Event(_)) => '·',
            MarkOf::Note(Note::Node(_)) => '◆',
            MarkOf::End(_) => END,
        }
    }

    /// What it means.
    pub(super) fn meaning(&self) -> Meaning {
        match self.sign() {
            '!' | END => Meaning::Bad,
            '?' | '▲' | '◆' => Meaning::Waiting,
            _ => Meaning::Faint,
        }
    }

    /// A word beside it, where there is room.
    pub(super) fn word(&self) -> String {
        match self.of {
            MarkOf::Finding(finding) => finding.rule.id.to_owned(),
            MarkOf::Note(Note::Event(note)) => note.event.reason.to_string(),
            MarkOf::Note(Note::Refused(note)) => format!("refused {}", note.refused.what()),
            MarkOf::Note(Note::Node(note)) => format!("node Ready {}", note.to),
            MarkOf::End(end) => end.word.clone(),
        }
    }

    /// All that is to be said of it, in lines.
    pub(super) fn lines(&self, pod: &JudgedPod) -> Vec<String> {
        match self.of {
            MarkOf::Finding(finding) => {
                let Finding { rule, severity, expected, actual, message, .. } = finding;
                let subject = subject_text(&finding.subject);
                let values = format!("{subject}: expected {expected}, recorded {actual}");
                vec![format!("{severity} {} {}", rule.id, rule.name), values, message.clone()]
            }
            MarkOf::Note(note) => {
                let text = note_text(note, &pod.report, Detail::Normal);
                vec![text.head, text.message.trim().to_owned()]
            }
            MarkOf::End(end) => {
                let transition = end.bar.transition.and_then(|place| pod.report.timeline.transitions.get(place));
                let message = transition.and_then(|it| it.message.as_deref()).unwrap_or_default();
                vec![format!("{}: {}", subject_text(end.subject), end.bar.shown), message.to_owned()]
            }
        }
    }
}

/// The findings about a row that are worth a mark, in the order of time.
pub(super) fn findings_of<'a>(pod: &'a JudgedPod, lane: &Lane) -> Vec<Mark<'a>> {
    let is_about = |finding: &&Finding| matches!(lane, Lane::Subject(subject) if *subject == finding.subject);
    findings(pod, is_about)
}

/// The findings about what has no row.
pub(super) fn other_findings<'a>(pod: &'a JudgedPod, lanes: &[&Lane]) -> Vec<Mark<'a>> {
    let has_row = |finding: &Finding| lanes.contains(&&Lane::Subject(finding.subject.clone()));
    findings(pod, |finding| !has_row(finding))
}

/// The findings that are warnings or errors, in the order of time; one without a time stands at the pod's beginning.
pub(super) fn findings<'a>(pod: &'a JudgedPod, is_meant: impl Fn(&&'a Finding) -> bool) -> Vec<Mark<'a>> {
    let Some((first, _)) = pod.report.timeline.bounds() else { return Vec::new() };
    let told = pod.judgement.findings().iter().filter(|it| it.severity > Severity::Info).filter(is_meant);
    let mut marks: Vec<Mark<'a>> =
        told.map(|finding| Mark { at: finding.window.at.unwrap_or(first), of: MarkOf::Finding(finding) }).collect();
    marks.sort_by_key(|mark| mark.at);
    marks
}

/// The ends of a pod as marks.
pub(super) fn end_marks<'a>(ends: &'a [PodEnd<'a>]) -> Vec<Mark<'a>> {
    ends.iter().map(|end| Mark { at: end.at, of: MarkOf::End(end) }).collect()
}

/// What stands beside the pod and has a time, in the order of time.
pub(super) fn notes(pod: &JudgedPod) -> Vec<Mark<'_>> {
    let told = pod.report.related.iter();
    let mut marks: Vec<Mark<'_>> =
        told.filter_map(|note| Some(Mark { at: note.begins_at()?, of: MarkOf::Note(note) })).collect();
    marks.sort_by_key(|mark| mark.at);
    marks
}

#[cfg(test)]
mod tests {
    use super::{forms, value_forms};
    use crate::picture::Shown;
    use crate::replay::Value;

    #[test]
    fn a_pod_that_is_not_ready_is_not_called_running() {
        let table = [
            ("Running", "1/1", None, "Running 1/1 | Running"),
            ("Running", "1/2", None, "Running 1/2 | 1/2 ready | 1/2"),
            ("Running", "2/2", Some("not ready"), "Running 2/2, not ready | not ready"),
            ("CrashLoopBackOff", "0/1", None, "CrashLoopBackOff | CrashLoopBackOff"),
            ("Completed", "0/1", Some("evicted"), "Completed, evicted | evicted"),
            ("", "0/1", None, "unknown"),
        ];
        for (status, ready, note, expected) in table {
            let is_short = !ready.starts_with(&ready[2..]);
            let shown = Shown::Status { status: status.to_owned(), ready: ready.to_owned(), is_short, note };
            assert_eq!(forms(&shown).join(" | "), expected);
        }
    }

    #[test]
    fn values_have_shorter_forms() {
        let table = [
            ("running", "running"),
            ("waiting(CrashLoopBackOff)", "waiting(CrashLoopBackOff) | CrashLoopBackOff"),
            ("terminated(Error, 1)", "terminated(Error, 1) | Error, 1 | exit 1"),
            ("terminated(0)", "terminated(0) | exit 0"),
            ("odd(", "odd("),
        ];
        for (value, expected) in table {
            assert_eq!(value_forms(&Value::Container(value.into())).join(" | "), expected);
        }
    }
}
