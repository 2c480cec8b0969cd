//! What went wrong first, in words.

use super::words::{clock_time, date, many, subject_text};
use crate::model::{ObservedAt, PodIdentity};
use crate::picture::{SymptomGroup, SymptomKind};
use crate::replay::Subject;

/// A symptom in words, not escaped.
pub(super) fn symptom_text(symptom: &SymptomKind) -> String {
    match symptom {
        SymptomKind::Value { subject, value, reason } => {
            let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let subject = subject_text(subject);
            match symptom {
                SymptomKind::Value { subject: Subject::Condition(_), .. } => {
                    format!("{subject} became {value}{reason}")
                }
                SymptomKind::Value { .. }
                | SymptomKind::Unreachable
                | SymptomKind::Node { .. }
                | SymptomKind::Rule { .. } => {
                    format!("{subject} {value}{reason}")
                }
            }
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

/// How many pods are named.
const NAMED_MAX: usize = 3;

/// What one symptom was, when, and at which pods, in words, not escaped: `15:17:23` and `7 pods, all on node-b: ...`.
pub(super) fn group_text(
    group: &SymptomGroup,
    is_of_one_day: bool,
    name: impl Fn(&PodIdentity) -> String,
) -> (String, String) {
    let SymptomGroup { of, range, pods, node } = group;
    let [from, until] = [range.from, range.until].map(|at| moment_text(at, is_of_one_day));
    let when = if from == until { from } else { format!("{from} to {until}") };
    let names: Vec<String> = pods.iter().take(NAMED_MAX).map(name).collect();
    let node = match (node, pods.len()) {
        (None, _) | (_, 0 | 1) => String::new(),
        (Some(node), 2) => format!(", both on {node}"),
        (Some(node), _) => format!(", all on {node}"),
    };
    let who = match pods.len() {
        count if count <= NAMED_MAX => format!("{}{node}", names.join(", ")),
        count => format!("{}{node}", many(count, "pod")),
    };
    (when, format!("{who}: {}", symptom_text(of)))
}
