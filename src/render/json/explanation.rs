//! The document of `explain`.

use std::io::{self, Write};

use super::parts::{identity, object, window};
use super::write::{VERSION, document};
use crate::explain::{ConditionExplained, ContainerExplained, PhaseExplained, Recorded};
use crate::kubelet::conditions::Computed;
use crate::model::Actor;
use crate::render::words::uncertain_text;
use crate::replay::{PodField, Subject};
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
    "by": it.by.as_deref(),
    "deletionRequestedAt": it.deletion_requested_at,
    "deletionRequestedBy": it.deletion_request().and_then(|change| change.by.as_deref()),
    "boundBy": writer(it, &Subject::Field(PodField::NodeName)),
    "phase": WrittenBy(&it.explanation.phase, writer(it, &Subject::Phase)),
    "conditions": conditions(it),
    "containers": it.explanation.containers,
    "reasons": it.explanation.reasons,
    "unknownReasons": it.explanation.unknown_reasons,
});

/// Who gave a subject its value.
fn writer<'a>(explained: &'a PodExplained, subject: &Subject) -> Option<&'a Actor> {
    explained.last_change(subject)?.by.as_deref()
}

fn conditions(explained: &PodExplained) -> Vec<WrittenBy<'_, ConditionExplained>> {
    let subject = |it: &ConditionExplained| Subject::Condition(it.kind.as_str().into());
    let all = explained.explanation.conditions.iter();
    all.map(|it| WrittenBy(it, writer(explained, &subject(it)))).collect()
}

/// What is explained of a subject, and who gave it its value.
struct WrittenBy<'a, T>(&'a T, Option<&'a Actor>);

object!(WrittenBy<'_, PhaseExplained>, WrittenBy(it, by) => {
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
    "by": by,
});

object!(WrittenBy<'_, ConditionExplained>, WrittenBy(it, by) => {
    "type": it.kind,
    "recorded": it.recorded,
    "derived": it.computed,
    "rule": it.computed.as_ref().map(|computed| computed.rule),
    "verdict": it.verdict,
    "because": it.because,
    "notes": it.notes,
    "by": by,
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
