//! What went wrong first, in words.

use super::many;
use super::timeline::{clock_time, subject_text};
use crate::picture::{Chapter, SignOf};
use crate::replay::Subject;

/// A sign of trouble in words, not escaped.
pub(super) fn sign_text(sign: &SignOf) -> String {
    match sign {
        SignOf::Value { subject, value, reason } => {
            let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let subject = subject_text(subject);
            match sign {
                SignOf::Value { subject: Subject::Condition(_), .. } => format!("{subject} became {value}{reason}"),
                SignOf::Value { .. } | SignOf::Node { .. } | SignOf::Rule { .. } => {
                    format!("{subject} {value}{reason}")
                }
            }
        }
        SignOf::Node { node, status } => format!("node {node} no longer ready: Ready {status}"),
        SignOf::Rule { id, name } => format!("against the rule {id} {name}"),
    }
}

/// How many pods are named.
const NAMED_MAX: usize = 2;

/// What one sign was, when, and at which pods, in words, not escaped.
pub(super) fn chapter_text(chapter: &Chapter) -> (String, String) {
    let Chapter { of, stretch, pods } = chapter;
    let from = clock_time(stretch.from);
    let until = clock_time(stretch.until);
    let when = if from == until { from } else { format!("{from} to {until}") };
    let names: Vec<String> = pods.iter().take(NAMED_MAX).map(|pod| format!("{}/{}", pod.namespace, pod.name)).collect();
    let at = match pods.len() {
        count if count <= NAMED_MAX => names.join(" and "),
        count => format!("{}, {} and {} more", many(count, "pod"), names.join(", "), count - NAMED_MAX)
            .replacen("pods, ", "pods: ", 1),
    };
    (when, format!("{} at {at}", sign_text(of)))
}
