//! How the phase stands where no rule is against it: as the containers give it, lawfully different, or not known.

use super::asked::Asked;
use super::author::Author;
use super::event_context::{EventContext, Model};
use super::need::Need;
use super::phase::{is_declared_ended, is_rejected, is_restarting_all, is_unknown_before, killed};
use super::verdict::{Allowance, PhaseJudgement, Verdict};
use crate::kubelet::phase::is_static;
use crate::kubelet::{Derived, Facts, Feature, derive_phase};
use crate::model::{Phase, Pod};

pub(super) fn judge(context: &EventContext<'_>, model: &Model, asked: &Asked<'_>) -> PhaseJudgement {
    let since = asked.past.since(|pod| pod.status.phase.as_ref());
    let author = asked.past.author(since);
    let (derived, facts) = derived(context, model);
    let verdict = asked.verdict(|| unless_against(context, model, &derived, since, author.as_ref(), asked));
    PhaseJudgement { verdict, derived, facts, since, author }
}

/// What the containers give. That the kubelet is done with the pod is assumed only where nothing less gives the phase.
fn derived(context: &EventContext<'_>, model: &Model) -> (Derived, Facts) {
    let (inferred, pod) = (&model.inferred, context.pod());
    let told = Some(&inferred.computed).filter(|computed| computed.rule == "I2a").map(|computed| &computed.phase);
    let target = told.or(pod.status.phase.as_ref());
    let by = |is_terminal| {
        let facts = Facts { is_terminal, ..inferred.facts };
        (derive_phase(pod, facts, context.features), facts)
    };
    let is_done = inferred.facts.is_terminal;
    let choices = [false, is_done || told.is_some(), is_done];
    choices.map(by).into_iter().find(|(derived, _)| Some(&derived.phase) == target).unwrap_or_else(|| by(is_done))
}

fn unless_against(
    context: &EventContext<'_>,
    model: &Model,
    derived: &Derived,
    since: usize,
    author: Option<&Author>,
    asked: &Asked<'_>,
) -> Verdict {
    let pod = context.pod();
    let Some(recorded) = &pod.status.phase else { return asked.not_known(context, since) };
    if is_rejected(pod) {
        return Verdict::Allowed(Allowance::Rejected);
    }
    if *recorded == derived.phase {
        return Verdict::Agrees;
    }
    let killed = killed(pod);
    if killed.is_none() && author.is_some() && asked.past.is_hidden_before(since) {
        return Verdict::NotKnown(Need::NoGapBefore);
    }
    let cause = killed
        .or_else(|| author.cloned().map(Allowance::OtherWriter))
        .or_else(|| held_back(context, model, derived, recorded))
        .or_else(|| ended(&asked.past.events[since].pod, pod, model, recorded))
        .or_else(|| is_restarting_all(pod).then_some(Allowance::RestartingAll))
        .or_else(|| follows_last_report(context, recorded).then_some(Allowance::NotFollowedYet));
    match cause {
        Some(cause) => Verdict::Allowed(cause),
        None if is_unknown_before(context, model) => Verdict::NotKnown(Need::NoGapBefore),
        None => asked.not_known(context, since),
    }
}

fn held_back(context: &EventContext<'_>, model: &Model, derived: &Derived, recorded: &Phase) -> Option<Allowance> {
    let computed = &model.inferred.computed;
    let becomes = [derived, computed].into_iter().find(|other| other.phase.is_terminal())?;
    let is_worked = context.features.has(Feature::HoldBack) && !is_static(context.pod());
    let is_held = !recorded.is_terminal() && (is_worked || model.inferred.legal.contains(recorded));
    is_held.then(|| Allowance::HeldBack { phase: becomes.phase.clone(), is_told: computed.rule == "I2a" })
}

/// A terminal phase that the containers as they are now do not give; `first` is the first object that shows it.
fn ended(first: &Pod, pod: &Pod, model: &Model, recorded: &Phase) -> Option<Allowance> {
    if !recorded.is_terminal() {
        return None;
    }
    if is_declared_ended(pod) {
        return Some(Allowance::DeclaredEnded);
    }
    let changed_since = first.status.containers != pod.status.containers;
    let inferred = &model.inferred;
    if changed_since || (inferred.computed.rule == "H1" && inferred.computed.phase == *recorded) {
        return Some(Allowance::TerminalStays);
    }
    // I6c
    inferred.legal.contains(recorded).then_some(Allowance::DeclaredEnded)
}

fn follows_last_report(context: &EventContext<'_>, recorded: &Phase) -> bool {
    context.last_report().is_some_and(|(pod, model)| {
        pod.status.phase.as_ref() == Some(recorded) && model.inferred.legal.contains(recorded)
    })
}
