//! The words for what a judgement carries.

use crate::model::Manager;
use crate::rules::{Author, EventJudgement, Finding, Need};

/// `kubectl-patch at 2026-11-20T15:16:10Z`.
pub(super) fn author_text(author: &Author) -> String {
    let at = author.at.map(|at| format!(" at {at}")).unwrap_or_default();
    format!("{}{at}", author.manager.as_ref().map_or("another client", Manager::as_str))
}

/// What a rule has against it.
pub(super) fn error_text(judgement: &EventJudgement<'_>, error: &Finding) -> String {
    let is_now = judgement.events.last().is_some_and(|event| event.seq == error.seq);
    let at = error.window.at.filter(|_| !is_now).map(|at| format!(" since {at}")).unwrap_or_default();
    let Finding { rule, expected, actual, message, .. } = error;
    let values = if expected == actual { String::new() } else { format!("{actual} where {expected} is expected; ") };
    format!("Against the rules{at} ({} {}): {values}{message}.", rule.id, rule.name)
}

/// What is missing for a judgement.
pub(super) fn missing_text(missing: Need) -> &'static str {
    match missing {
        Need::WholeObject => "the object is only partly known",
        Need::CertainOrder => "the order of the object is uncertain",
        Need::EventBefore => "it predates the recording",
        Need::NoGapBefore => "there is a gap before the event",
        Need::KubeletWrite => "the kubelet has not written the status since",
        Need::TrustedContainers => "the event's container statuses are doubtful",
        Need::CreationTime => "the creation time of the pod is unknown",
        Need::OwnClock => "the event has no time of its own",
        Need::Report => "the kubelet has not reported it",
        Need::Sandbox => "the object does not show the pod's sandboxes",
        Need::Rule => "no rule of Kubernetes gives it",
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}
