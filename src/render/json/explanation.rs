//! The document of `explain`.

use std::io::{self, Write};

use super::parts::{identity, object, window};
use super::write::{VERSION, document};
use crate::explain::{ConditionExplained, ContainerExplained, PhaseExplained, Recorded};
use crate::kubelet::conditions::Computed;
use crate::render::words::uncertain_text;
use crate::report::PodExplained;

object!(PodExplained, it => {
    "version": VERSION,
    ..identity(it.identity),
    "seq": it.seq,
    "resourceVersion": it.resource_version,
    ..window(it.window),
    "kubernetes": it.kubernetes.releases.to_string(),
    "deleted": it.is_deleted,
    "uncertain": it.uncertain.as_ref().map(uncertain_text),
    "deletionRequestedAt": it.deletion_requested_at,
    "phase": it.explanation.phase,
    "conditions": it.explanation.conditions,
    "containers": it.explanation.containers,
    "reasons": it.explanation.reasons,
    "unknownReasons": it.explanation.unknown_reasons,
});

object!(PhaseExplained, it => {
    "recorded": it.recorded,
    "since": it.since,
    "reason": it.reason,
    "message": it.message,
    "derived": it.derived.phase,
    "rule": it.derived.rule,
    "ruleText": it.rule_text,
    "verdict": it.verdict,
    "because": it.because,
    "notes": it.notes,
});

object!(ConditionExplained, it => {
    "type": it.kind,
    "recorded": it.recorded,
    "derived": it.computed,
    "rule": it.computed.as_ref().map(|computed| computed.rule),
    "verdict": it.verdict,
    "because": it.because,
    "notes": it.notes,
});

object!(Recorded, it => {
    "status": it.status,
    "reason": it.reason,
    "message": it.message,
    "lastTransitionTime": it.since,
});

object!(Computed, it => {
    "status": it.status,
    "reason": it.reason,
    "message": it.message,
});

object!(ContainerExplained, it => {
    "name": it.name,
    "role": it.role,
    "state": it.state,
    "because": it.because,
});

/// Writes why a pod is as it is.
///
/// # Errors
/// When writing fails.
pub fn write_explanation(explained: &PodExplained, out: &mut dyn Write) -> io::Result<()> {
    document(explained, out)
}
