//! What went wrong first, in words.

use super::words::{clock_time, date, subject_text};
use crate::model::ObservedAt;
use crate::picture::SymptomKind;
use crate::replay::Subject;

/// A symptom in words, not escaped.
pub(super) fn symptom_text(symptom: &SymptomKind) -> String {
    match symptom {
        SymptomKind::Value { subject, value, reason } => {
            let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let text = subject_text(subject);
            let became = if matches!(subject, Subject::Condition(_)) { " became" } else { "" };
            format!("{text}{became} {value}{reason}")
        }
        SymptomKind::Unreachable => {
            "Ready set to False while the containers were ready, as the node controller does when it loses a node"
                .to_owned()
        }
        SymptomKind::Node { node, status } => format!("node {node} no longer ready: Ready {status}"),
        SymptomKind::Rule { id, name } => format!("breaks rule {id} {name}"),
    }
}

/// The time of the day, with the date where the days differ.
pub(super) fn moment_text(at: ObservedAt, is_of_one_day: bool) -> String {
    if is_of_one_day { clock_time(at) } else { format!("{} {}", date(at), clock_time(at)) }
}
