//! The document of `explain`.

use std::io::{self, Write};

use serde::Serialize;

use super::reasons::ReasonView;
use super::write::{VERSION, document};
use crate::explain::{ConditionExplained, ContainerExplained, PhaseExplained};
use crate::kubelet::KubernetesVersion;
use crate::model::{ConditionStatus, ObservedAt, Phase, PodIdentity, ResourceVersion, Role, Seq, StampedAt, Window};
use crate::render::words::uncertain_text;
use crate::report::PodExplained;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplanationView<'a> {
    version: u32,
    #[serde(flatten)]
    identity: &'a PodIdentity,
    seq: Seq,
    resource_version: Option<&'a ResourceVersion>,
    #[serde(flatten)]
    window: &'a Window,
    kubernetes: KubernetesVersion,
    deleted: bool,
    uncertain: Option<String>,
    deletion_requested_at: Option<StampedAt>,
    phase: PhaseView<'a>,
    conditions: Vec<ConditionView<'a>>,
    containers: Vec<ContainerView<'a>>,
    reasons: Vec<ReasonView>,
    unknown_reasons: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhaseView<'a> {
    recorded: Option<&'a Phase>,
    since: Option<ObservedAt>,
    reason: Option<&'a str>,
    message: Option<&'a str>,
    derived: &'a Phase,
    rule: &'a str,
    rule_text: &'a str,
    verdict: &'a str,
    because: &'a [String],
    notes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConditionView<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    recorded: Option<RecordedView<'a>>,
    derived: Option<DerivedView<'a>>,
    rule: Option<&'a str>,
    verdict: &'a str,
    because: &'a [String],
    notes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordedView<'a> {
    status: &'a ConditionStatus,
    reason: Option<&'a str>,
    message: Option<&'a str>,
    last_transition_time: Option<StampedAt>,
}

#[derive(Serialize)]
struct DerivedView<'a> {
    status: &'a ConditionStatus,
    reason: Option<&'a str>,
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct ContainerView<'a> {
    name: &'a str,
    role: Role,
    state: Option<&'a str>,
    because: &'a [String],
}

/// Writes why a pod is as it is.
///
/// # Errors
/// When writing fails.
pub fn write_explanation(explained: &PodExplained, out: &mut dyn Write) -> io::Result<()> {
    let explanation = &explained.explanation;
    let view = ExplanationView {
        version: VERSION,
        identity: &explained.identity,
        seq: explained.seq,
        resource_version: explained.resource_version.as_ref(),
        window: &explained.window,
        kubernetes: explained.kubernetes,
        deleted: explained.is_deleted,
        uncertain: explained.uncertain.as_ref().map(uncertain_text),
        deletion_requested_at: explained.deletion_requested_at,
        phase: PhaseView::new(&explanation.phase),
        conditions: explanation.conditions.iter().map(ConditionView::new).collect(),
        containers: explanation.containers.iter().map(ContainerView::new).collect(),
        reasons: explanation.reasons.iter().map(|reason| ReasonView::new(reason)).collect(),
        unknown_reasons: &explanation.unknown_reasons,
    };
    document(&view, out)
}

impl<'a> PhaseView<'a> {
    fn new(phase: &'a PhaseExplained) -> Self {
        Self {
            recorded: phase.recorded.as_ref(),
            since: phase.since,
            reason: phase.reason.as_deref(),
            message: phase.message.as_deref(),
            derived: &phase.derived.phase,
            rule: phase.derived.rule,
            rule_text: phase.rule_text,
            verdict: phase.verdict.as_str(),
            because: &phase.because,
            notes: &phase.notes,
        }
    }
}

impl<'a> ConditionView<'a> {
    fn new(condition: &'a ConditionExplained) -> Self {
        let recorded = condition.recorded.as_ref().map(|it| RecordedView {
            status: &it.status,
            reason: it.reason.as_deref(),
            message: it.message.as_deref(),
            last_transition_time: it.since,
        });
        let derived = condition.computed.as_ref().map(|it| DerivedView {
            status: &it.status,
            reason: it.reason,
            message: it.message.as_deref(),
        });
        Self {
            kind: &condition.kind,
            recorded,
            derived,
            rule: condition.computed.as_ref().map(|it| it.rule),
            verdict: condition.verdict.as_str(),
            because: &condition.because,
            notes: &condition.notes,
        }
    }
}

impl<'a> ContainerView<'a> {
    fn new(ContainerExplained { name, role, state, because }: &'a ContainerExplained) -> Self {
        Self { name, role: *role, state: state.as_deref(), because }
    }
}
