//! Why the phase is what it is (P1 to P9), and what stands between the derived phase and the recorded one (H1 to H10).

use super::containers::{after, called, does, status_of};
use super::explanation::PhaseExplained;
use super::words::{author_text, error_text, listed, missing_text};
use crate::kubelet::conditions::DISRUPTION_TARGET;
use crate::kubelet::phase::{Tally, tally};
use crate::model::{Phase, Role};
use crate::rules::{Allowance, Author, EventJudgement, Verdict, killed};

pub(super) fn explain(judgement: &EventJudgement<'_>) -> PhaseExplained {
    let (status, phase) = (&judgement.pod().status, &judgement.phase);
    let mut notes = notes(judgement);
    if phase.derived.rule == "P7" {
        notes.push(
            "That the kubelet was done with every container is inferred (I2c): the pod is being deleted or its phase is \
             terminal, nothing runs, and its sandbox is not reported to stand."
                .to_owned(),
        );
    }
    // Created within the recording, or begun in the middle of its life.
    let is_first = phase.since == 0 && judgement.began_reported();
    if is_first {
        notes.push("It was so when the recording of the pod began.".to_owned());
    }
    PhaseExplained {
        recorded: status.phase.clone(),
        since: judgement.events[phase.since].window.at.filter(|_| !is_first),
        reason: status.reason.as_deref().map(str::to_owned),
        message: status.message.as_deref().map(str::to_owned),
        rule_text: rule_text(phase.derived.rule),
        because: because(judgement),
        derived: phase.derived.clone(),
        verdict: phase.verdict.clone(),
        notes,
    }
}

/// What there is to say of the judgement.
fn notes(judgement: &EventJudgement<'_>) -> Vec<String> {
    let (pod, phase) = (judgement.pod(), &judgement.phase);
    match (&phase.verdict, &pod.status.phase) {
        (_, None) => {
            let by = phase.author.as_ref().map_or_else(|| "somebody".to_owned(), author_text);
            let emptied =
                format!("No phase is recorded: {by} emptied the status, as no component of Kubernetes does (T7).");
            let against =
                if let Verdict::Against(error) = &phase.verdict { Some(error_text(judgement, error)) } else { None };
            [Some(emptied), against].into_iter().flatten().collect()
        }
        (Verdict::Agrees, Some(recorded)) => {
            let ended = killed(pod).map(|cause| allowance_text(judgement, &cause));
            let plain = || match recorded.is_terminal() {
                _ if !judgement.is_reported => {
                    Some("No kubelet has reported on the pod yet: Pending is what the API server writes at creation.")
                }
                true => Some("A terminal phase stays, whatever the containers do from now on (H1)."),
                false => None,
            };
            ended.or_else(|| plain().map(str::to_owned)).into_iter().collect()
        }
        (Verdict::Allowed(cause), Some(_)) => vec![allowance_text(judgement, cause)],
        (Verdict::Against(error), Some(recorded)) => match error.rule.name {
            "phase" => {
                let begin = "It was so when the recording began: what led to it was not recorded.";
                let mut notes: Vec<String> = (phase.since == 0).then(|| begin.to_owned()).into_iter().collect();
                let derived = &phase.derived.phase;
                notes.push(format!(
                    "The containers give {derived}, and the recording does not show why it is {recorded}: see podreplay check."
                ));
                notes
            }
            _ => vec![error_text(judgement, error)],
        },
        (Verdict::NotKnown(missing), Some(recorded)) => {
            let derived = &phase.derived.phase;
            vec![format!(
                "The containers give {derived}; why it is {recorded} is not known ({}).",
                missing_text(*missing)
            )]
        }
    }
}

fn allowance_text(judgement: &EventJudgement<'_>, cause: &Allowance) -> String {
    let status = &judgement.pod().status;
    match cause {
        Allowance::Rejected => {
            let reason = status.reason.as_deref().unwrap_or_default();
            format!("The node rejected the pod at admission (H9): {reason}. The containers were never asked.")
        }
        Allowance::DeadlineExceeded => {
            "The pod was active longer than its activeDeadlineSeconds: that makes it Failed \
            whatever the containers give (H3)."
                .to_owned()
        }
        Allowance::Killed(reason) => format!(
            "The kubelet ended the pod for a reason of its own, {reason}: that makes it Failed whatever the containers \
             give (H5)."
        ),
        Allowance::OtherWriter(author) => by_other(judgement, author),
        Allowance::HeldBack { phase, is_told } => {
            let told = if *is_told { ", as the reason of ContainersReady says (I2a)" } else { "" };
            format!(
                "Held back (H6): the kubelet has computed {phase}{told}, but keeps the old phase in the API until it \
                 has stopped everything."
            )
        }
        Allowance::DeclaredEnded => {
            "When the pod was over, the kubelet declared ended what had not ended, and the phase \
            Failed as it was still Pending or Running (H7)."
                .to_owned()
        }
        Allowance::TerminalStays => {
            "It was terminal before the containers came to what they are: a terminal phase stays (H1).".to_owned()
        }
        Allowance::RestartingAll => {
            "Every container of the pod is started again: what ran before counts no longer (R3).".to_owned()
        }
        Allowance::NotReported
        | Allowance::NodeLost(_)
        | Allowance::ConditionsOfBefore
        | Allowance::LeftAlone
        | Allowance::NotFollowedYet
        | Allowance::GatesUnseen
        | Allowance::ProbePublished
        | Allowance::SandboxLost => {
            "It follows from what the kubelet wrote last; others have changed the status since (T7).".to_owned()
        }
    }
}

fn by_other(judgement: &EventJudgement<'_>, author: &Author) -> String {
    let (status, who) = (&judgement.pod().status, author_text(author));
    let target = status.condition(DISRUPTION_TARGET).and_then(|condition| condition.reason.as_deref());
    match (&status.phase, target) {
        (Some(Phase::Failed), Some("DeletionByPodGC")) => format!(
            "The phase was written by {who}, not by the kubelet: PodGC fails a pod whose node is gone before it deletes \
             it (H10)."
        ),
        _ => format!("The phase was written by {who}, not by the kubelet (H10, T7)."),
    }
}

fn rule_text(rule: &str) -> &'static str {
    match rule {
        "P4a" => "An init container failed and does not start again: that fails the pod, whatever else runs.",
        "P4b" => {
            "An init container failed and the pod's restartPolicy is Never: that fails the pod, whatever else runs."
        }
        "P5" => {
            "While an init container is not done, or a container waits and has never run, the pod is Pending, whatever \
             else runs."
        }
        "P6" => "Something runs, and something is reported of every container.",
        "P7" => {
            "Every container has stopped and the kubelet is done with them: the pod is Succeeded if every regular one \
             ended with exit code 0, else Failed. The restartPolicy plays no part."
        }
        "P7a" => {
            "When every regular container has stopped, the pod is Running while one of them starts again, else \
             Succeeded if all ended with exit code 0, else Failed."
        }
        "P7b" => "When every regular container has stopped, the pod's restartPolicy and the exit codes decide.",
        _ => "Nothing is known of some container, or there is none: no other rule applies.",
    }
}

/// The containers that decide.
fn because(judgement: &EventJudgement<'_>) -> Vec<String> {
    let (pod, derived, facts) = (judgement.pod(), &judgement.phase.derived, judgement.phase.facts);
    let tally = tally(pod, judgement.features);
    let Tally {
        pending_init, failed_init, failed_init_final, pending_sidecar, unknown, waiting, running, stopped, ..
    } = &tally;
    let does_now = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{} {}", called(pod, name), does(pod, name))).collect()
    };
    let mut told = match derived.rule {
        "P4a" => with_next(judgement, failed_init_final),
        "P4b" => with_next(judgement, failed_init),
        "P5" => {
            let mut names = pending_init.clone();
            if !facts.has_initialized {
                names.extend(pending_sidecar);
            }
            names.extend(waiting.iter().filter(|name| !pending_sidecar.contains(name) || facts.has_initialized));
            does_now(&names)
        }
        "P6" => does_now(running),
        "P7" => does_now(stopped),
        "P7a" | "P7b" => with_next(judgement, stopped),
        _ if pod.spec.containers.is_empty() => vec!["the pod has no containers".to_owned()],
        _ => does_now(unknown),
    };
    let failed_by_waiting = |name: &&&str| !tally.succeeded.contains(*name) && is_waiting_after_zero(judgement, name);
    for name in stopped.iter().filter(failed_by_waiting) {
        if derived.phase == Phase::Failed {
            told.push(format!("{name} waits, so its last exit code 0 does not count as a success (P3)"));
        }
    }
    if derived.rule == "P6" && !stopped.is_empty() {
        told.push(format!("{} stopped, which does not matter while another runs", names_of(stopped)));
    }
    told
}

fn names_of(names: &[&str]) -> String {
    format!("{} {}", listed(names), if names.len() == 1 { "has" } else { "have" })
}

fn is_waiting_after_zero(judgement: &EventJudgement<'_>, name: &str) -> bool {
    judgement.pod().status.containers.iter().flatten().find(|status| *status.name == *name).is_some_and(|status| {
        status.state.terminated.is_none() && status.last.terminated.as_ref().is_some_and(|run| run.exit_code == 0)
    })
}

/// What stopped containers do, and whether they start again.
fn with_next(judgement: &EventJudgement<'_>, names: &[&str]) -> Vec<String> {
    let pod = judgement.pod();
    let told = |name: &&str| {
        let spec = pod.spec.containers.iter().find(|spec| *spec.name == **name && spec.role != Role::Ephemeral)?;
        let status = status_of(pod, spec)?;
        let run = status.state.terminated.as_ref().or(status.last.terminated.as_ref())?;
        Some(format!("{} {}; it {}", called(pod, name), does(pod, name), after(pod, spec, run, judgement.features)))
    };
    names.iter().filter_map(told).collect()
}
