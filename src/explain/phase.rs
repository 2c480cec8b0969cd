//! Why the phase is what it is (P1 to P9), and what stands between the derived phase and the recorded one (H1 to H10).

use super::containers::{after, called, does, status_of};
use super::past::{Past, listed};
use super::{PhaseExplained, Verdict};
use crate::kubelet::conditions::DISRUPTION_TARGET;
use crate::kubelet::phase::{Tally, is_static, tally};
use crate::kubelet::{Derived, Facts, Feature, derive_phase};
use crate::model::{Phase, Role};

pub(super) fn explain(past: &Past<'_>) -> PhaseExplained {
    let status = &past.pod.status;
    let begin = past.since(|pod| pod.status.phase.as_ref());
    let (derived, facts) = derived(past);
    let mut notes = Vec::new();
    let verdict = judge(past, &derived, begin, &mut notes);
    if derived.rule == "P7" {
        notes.push(
            "That the kubelet was done with every container is inferred (I2c): the pod is being deleted or its phase is \
             terminal, nothing runs, and its sandbox is not reported to stand."
                .to_owned(),
        );
    }
    // Created within the recording, or begun in the middle of its life.
    let is_first = begin == 0 && past.began_reported();
    if is_first {
        notes.push("It was so when the recording of the pod began.".to_owned());
    }
    PhaseExplained {
        recorded: status.phase.clone(),
        since: past.events[begin].window.at.filter(|_| !is_first),
        reason: status.reason.as_deref().map(str::to_owned),
        message: status.message.as_deref().map(str::to_owned),
        rule_text: rule_text(derived.rule),
        because: because(past, &derived, facts),
        derived,
        verdict,
        notes,
    }
}

/// What the containers give. That the kubelet is done with the pod is assumed only where nothing less gives the phase.
fn derived(past: &Past<'_>) -> (Derived, Facts) {
    let inferred = &past.model.inferred;
    let told = Some(&inferred.computed).filter(|computed| computed.rule == "I2a").map(|computed| &computed.phase);
    let target = told.or(past.pod.status.phase.as_ref());
    let by = |is_terminal| {
        let facts = Facts { is_terminal, ..inferred.facts };
        (derive_phase(past.pod, facts, past.features), facts)
    };
    let plain = by(false);
    if Some(&plain.0.phase) == target {
        return plain;
    }
    let done = by(inferred.facts.is_terminal || told.is_some());
    if Some(&done.0.phase) == target { done } else { by(inferred.facts.is_terminal) }
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
fn because(past: &Past<'_>, derived: &Derived, facts: Facts) -> Vec<String> {
    let pod = past.pod;
    let tally = tally(pod, past.features);
    let Tally {
        pending_init, failed_init, failed_init_final, pending_sidecar, unknown, waiting, running, stopped, ..
    } = &tally;
    let does_now = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{} {}", called(pod, name), does(pod, name))).collect()
    };
    let mut told = match derived.rule {
        "P4a" => with_next(past, failed_init_final),
        "P4b" => with_next(past, failed_init),
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
        "P7a" | "P7b" => with_next(past, stopped),
        _ if pod.spec.containers.is_empty() => vec!["the pod has no containers".to_owned()],
        _ => does_now(unknown),
    };
    let failed_by_waiting = |name: &&&str| !tally.succeeded.contains(*name) && is_waiting_after_zero(past, name);
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

fn is_waiting_after_zero(past: &Past<'_>, name: &str) -> bool {
    past.pod.status.containers.iter().flatten().find(|status| *status.name == *name).is_some_and(|status| {
        status.state.terminated.is_none() && status.last.terminated.as_ref().is_some_and(|run| run.exit_code == 0)
    })
}

/// What stopped containers do, and whether they start again.
fn with_next(past: &Past<'_>, names: &[&str]) -> Vec<String> {
    let pod = past.pod;
    let told = |name: &&str| {
        let spec = pod.spec.containers.iter().find(|spec| *spec.name == **name && spec.role != Role::Ephemeral)?;
        let status = status_of(pod, spec)?;
        let run = status.state.terminated.as_ref().or(status.last.terminated.as_ref())?;
        Some(format!("{} {}; it {}", called(pod, name), does(pod, name), after(pod, spec, run, past.features)))
    };
    names.iter().filter_map(told).collect()
}

/// How recorded and derived phase stand to each other.
fn judge(past: &Past<'_>, derived: &Derived, begin: usize, notes: &mut Vec<String>) -> Verdict {
    let (pod, status) = (past.pod, &past.pod.status);
    let Some(recorded) = &status.phase else {
        let by = past.other_writer(begin).unwrap_or_else(|| "somebody".to_owned());
        notes.push(format!("No phase is recorded: {by} emptied the status, as no component of Kubernetes does (T7)."));
        return Verdict::Differs;
    };
    let reason = status.reason.as_deref().unwrap_or_default();
    let is_same = *recorded == derived.phase;
    if past.is_rejected() {
        notes.push(format!("The node rejected the pod at admission (H9): {reason}. The containers were never asked."));
        return Verdict::Lawful;
    }
    if *recorded == Phase::Failed && reason == "DeadlineExceeded" {
        notes.push(
            "The pod was active longer than its activeDeadlineSeconds: that makes it Failed whatever the containers \
             give (H3)."
                .to_owned(),
        );
        return if is_same { Verdict::Agrees } else { Verdict::Lawful };
    }
    if *recorded == Phase::Failed && KILLED.contains(&reason) {
        notes.push(format!(
            "The kubelet ended the pod for a reason of its own, {reason}: that makes it Failed whatever the containers \
             give (H5)."
        ));
        return if is_same { Verdict::Agrees } else { Verdict::Lawful };
    }
    if is_same {
        if !past.is_reported() {
            notes.push(
                "No kubelet has reported on the pod yet: Pending is what the API server writes at creation.".into(),
            );
        } else if recorded.is_terminal() {
            notes.push("A terminal phase stays, whatever the containers do from now on (H1).".to_owned());
        }
        return Verdict::Agrees;
    }
    let computed = &past.model.inferred.computed;
    if let Some(who) = past.other_writer(begin) {
        let target = status.condition(DISRUPTION_TARGET).and_then(|condition| condition.reason.as_deref());
        notes.push(match (recorded, target) {
            (Phase::Failed, Some("DeletionByPodGC")) => format!(
                "The phase was written by {who}, not by the kubelet: PodGC fails a pod whose node is gone before it \
                 deletes it (H10)."
            ),
            _ => format!("The phase was written by {who}, not by the kubelet (H10, T7)."),
        });
        return Verdict::Lawful;
    }
    let becomes = [derived, computed].into_iter().find(|other| other.phase.is_terminal()).map(|other| &other.phase);
    if let (Some(phase), false) = (becomes, recorded.is_terminal())
        && past.features.has(Feature::PodWorker)
        && !is_static(pod)
    {
        let told = if computed.rule == "I2a" { ", as the reason of ContainersReady tells (I2a)" } else { "" };
        notes.push(format!(
            "Held back (H6): the kubelet has computed {phase}{told}, but keeps the old phase in the API until it has \
             stopped everything."
        ));
        return Verdict::Lawful;
    }
    if recorded.is_terminal() {
        let is_declared = |(_, status): (Role, &crate::model::ContainerStatus)| {
            status.state.terminated.as_ref().is_some_and(|run| run.reason.as_deref() == Some("ContainerStatusUnknown"))
        };
        let is_still = pod.container_statuses().all(|(_, status)| status.state.running.is_none());
        if *recorded == Phase::Failed
            && (pod.container_statuses().any(is_declared) || (pod.metadata.deletion_at.is_some() && is_still))
        {
            notes.push(
                "When the pod was over, the kubelet declared ended what had not ended, and the phase Failed as it was \
                 still Pending or Running (H7)."
                    .to_owned(),
            );
            return Verdict::Lawful;
        }
        let first = &past.events[begin].pod;
        if begin + 1 < past.events.len() && first.status.containers != status.containers {
            notes.push(
                "It was terminal before the containers came to what they are: a terminal phase stays (H1).".into(),
            );
            return Verdict::Lawful;
        }
    }
    if let Some((at_write, model)) = past.model_at_kubelet_write()
        && at_write.status.phase.as_ref() == Some(recorded)
        && model.inferred.legal.contains(recorded)
    {
        notes
            .push("It follows from what the kubelet wrote last; others have changed the status since (T7).".to_owned());
        return Verdict::Lawful;
    }
    if begin == 0 {
        notes.push("It was so when the recording began: what led to it was not recorded.".to_owned());
    }
    notes.push(format!(
        "The containers give {}, and nothing recorded tells why it is {recorded}: see podreplay check.",
        derived.phase
    ));
    Verdict::Differs
}

/// H5: `status.reason` of a pod that the kubelet ended for a reason of its own.
const KILLED: [&str; 6] = ["Evicted", "Preempting", "Terminated", "NodeShutdown", "Shutdown", "ContainerGCFailed"];
