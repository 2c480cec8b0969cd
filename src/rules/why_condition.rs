//! How a condition stands where no rule is against it: as the rules give it, lawfully different, or not known.

use super::asked::Asked;
use super::author::Author;
use super::containers_ready::{before_final_default, is_left_alone};
use super::event_context::{EventContext, Model};
use super::need::Need;
use super::past::Past;
use super::phase::is_rejected;
use super::verdict::{Allowance, ConditionJudgement, Verdict};
use crate::kubelet::Feature;
use crate::kubelet::conditions::{
    CONTAINERS_READY, Computed, INITIALIZED, POD_SCHEDULED, READY, READY_TO_START, initialized, ready,
};
use crate::kubelet::writer::is_marked_unready;
use crate::model::condition::CORE_CONDITIONS;
use crate::model::{Condition, ConditionStatus, Phase, Role};

/// The types to be judged: Kubernetes' own in the order in which a pod passes them, the others, and the readiness gates.
pub(super) fn kinds<'a>(context: &EventContext<'a>) -> Vec<&'a str> {
    let pod = context.pod();
    let mut kinds: Vec<&str> = CORE_CONDITIONS.to_vec();
    if !context.features.has(Feature::SandboxCondition) && pod.status.condition(READY_TO_START).is_none() {
        kinds.retain(|kind| *kind != READY_TO_START);
    }
    let others = pod.status.conditions.iter().map(|condition| &*condition.kind);
    for kind in others.chain(pod.spec.readiness_gates.iter().map(|gate| &**gate)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

pub(super) fn judge(context: &EventContext<'_>, model: &Model, kind: &str, asked: &Asked<'_>) -> ConditionJudgement {
    let pod = context.pod();
    let recorded = pod.status.condition(kind);
    let computed = match kind {
        POD_SCHEDULED if pod.spec.node_name.is_some() => {
            Some(Computed { status: ConditionStatus::True, reason: None, message: None, rule: "C7" })
        }
        INITIALIZED | CONTAINERS_READY | READY => {
            let is_due = recorded.is_some() || asked.is_reported && !is_rejected(pod);
            is_due.then(|| computed(model, kind).clone())
        }
        _ => None,
    };
    let past = &asked.past;
    let since = match kind {
        INITIALIZED | CONTAINERS_READY | READY => past.since(|pod| {
            pod.status.condition(kind).map(|condition| (&condition.status, &condition.reason, &condition.message))
        }),
        _ => past.since(|pod| pod.status.condition(kind)),
    };
    let author = past.author(since);
    let verdict = asked.verdict(|| match (&computed, recorded) {
        (Some(computed), Some(recorded)) if computed.is_said_by(recorded) => Verdict::Agrees,
        (Some(_), _) if author.is_some() && past.is_hidden_before(since) => Verdict::NotKnown(Need::NoGapBefore),
        (Some(computed), _) => {
            let cause = match kind {
                POD_SCHEDULED => why_unscheduled(context, recorded, author.as_ref(), asked),
                _ => recorded
                    .and_then(|recorded| why_other(context, model, (recorded, computed), past, since, author.as_ref())),
            };
            cause.map_or_else(|| asked.not_known(context, since), Verdict::Allowed)
        }
        (None, _) if kind == READY_TO_START => sandbox(context, recorded, asked),
        (None, _) => Verdict::NotKnown(match kind {
            INITIALIZED | CONTAINERS_READY | READY => Need::Report,
            _ => Need::Rule,
        }),
    });
    ConditionJudgement { kind: kind.into(), verdict, computed, author }
}

fn computed<'m>(model: &'m Model, kind: &str) -> &'m Computed {
    match kind {
        INITIALIZED => &model.initialized,
        CONTAINERS_READY => &model.containers_ready,
        _ => &model.ready,
    }
}

/// Why a bound pod has no PodScheduled that is True.
fn why_unscheduled(
    context: &EventContext<'_>,
    recorded: Option<&Condition>,
    author: Option<&Author>,
    asked: &Asked<'_>,
) -> Option<Allowance> {
    if recorded.is_none() && is_rejected(context.pod()) {
        return Some(Allowance::Rejected);
    }
    if !asked.is_reported {
        return Some(Allowance::NotReported);
    }
    author.cloned().map(Allowance::OtherWriter)
}

/// Why a condition that the kubelet computes is not what it computes of this object.
fn why_other(
    context: &EventContext<'_>,
    model: &Model,
    (recorded, computed): (&Condition, &Computed),
    past: &Past<'_>,
    since: usize,
    author: Option<&Author>,
) -> Option<Allowance> {
    let (pod, kind) = (context.pod(), &*recorded.kind);
    let marks = |index: usize| is_marked_unready(&past.events[index - 1].pod.status, &past.events[index].pod.status);
    let has_signature = recorded.status == ConditionStatus::False
        && recorded.reason.is_none()
        && pod.status.condition(CONTAINERS_READY).is_some_and(|ready| ready.status == ConditionStatus::True);
    if kind == READY && (since > 0 && marks(since) || has_signature) {
        return Some(Allowance::NodeLost(author.cloned()));
    }
    if let Some(author) = author {
        return Some(Allowance::OtherWriter(author.clone()));
    }
    if before_final_default(context).is_some_and(|of_before| of_before.is_said_by(recorded)) {
        return Some(Allowance::ConditionsOfBefore);
    }
    let reported = context.report.and_then(|report| report.pod_before.as_deref());
    if let Some(earlier) = reported.filter(|_| kind == READY && !pod.spec.readiness_gates.is_empty()) {
        let own = [model.initialized.clone().into_condition(INITIALIZED, None)];
        let mut seen = pod.clone();
        seen.status.conditions.clone_from(&earlier.status.conditions);
        if ready(&seen, &model.containers_ready, &own, context.features).is_said_by(recorded) {
            return Some(Allowance::GatesUnseen);
        }
    }
    if let Some(earlier) = reported.filter(|_| kind == INITIALIZED) {
        let phase = &model.inferred.computed.phase;
        let mut probed = earlier.clone();
        probed.status.conditions.clone_from(&pod.status.conditions);
        if [earlier, &probed].iter().any(|pod| initialized(pod, phase, context.features).is_said_by(recorded)) {
            return Some(Allowance::ProbePublished);
        }
    }
    if context.last_report().is_some_and(|(_, then)| self::computed(&then, kind).is_said_by(recorded)) {
        return Some(Allowance::NotFollowedYet);
    }
    (is_left_alone(pod) && since + 1 < past.events.len() && !computed.is_said_by(recorded))
        .then_some(Allowance::LeftAlone)
}

/// PodReadyToStartContainers rests on the sandboxes, which no object shows; a container that runs needs one (I5).
fn sandbox(context: &EventContext<'_>, recorded: Option<&Condition>, asked: &Asked<'_>) -> Verdict {
    let pod = context.pod();
    let Some(recorded) = recorded else {
        let is_due = asked.is_reported && !is_rejected(pod);
        return Verdict::NotKnown(if is_due { Need::Rule } else { Need::Report });
    };
    let mut statuses = pod.container_statuses().filter(|(role, _)| *role != Role::Ephemeral);
    let is_running = statuses.any(|(_, status)| status.state.running.is_some());
    match (is_running, recorded.status == ConditionStatus::True) {
        (true, true) => Verdict::Agrees,
        (true, false) => Verdict::Allowed(Allowance::SandboxLost),
        (false, false) if pod.status.phase.as_ref().is_some_and(Phase::is_terminal) => Verdict::Agrees,
        (false, _) => Verdict::NotKnown(Need::Sandbox),
    }
}
