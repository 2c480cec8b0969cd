//! Each container in words: what it does, why, and what comes next (R1 to R4, E1 to E8).

use super::explanation::ContainerExplained;
use crate::kubelet::Features;
use crate::kubelet::restart::{is_final, is_restarting_all, matching_rule, starts_again};
use crate::model::{ContainerSpec, ContainerStatus, Phase, Pod, RestartPolicy, Role, Terminated, Waiting};
use crate::rules::{EventJudgement, is_rejected};

pub(super) fn explain(judgement: &EventJudgement<'_>) -> Vec<ContainerExplained> {
    judgement.pod().spec.containers.iter().map(|spec| container(judgement, spec)).collect()
}

/// The status of a container, in the list of its role.
pub(super) fn status_of<'a>(pod: &'a Pod, spec: &ContainerSpec) -> Option<&'a ContainerStatus> {
    let list = match spec.role {
        Role::Init | Role::Sidecar => &pod.status.init_containers,
        Role::Regular => &pod.status.containers,
        Role::Ephemeral => &pod.status.ephemeral_containers,
    };
    list.iter().flatten().find(|status| status.name == spec.name)
}

/// `container app`, `init container setup`.
pub(super) fn called(pod: &Pod, name: &str) -> String {
    let spec = pod.spec.containers.iter().find(|spec| *spec.name == *name);
    match spec.map(|spec| spec.role) {
        Some(Role::Init) => format!("init container {name}"),
        Some(Role::Sidecar) => format!("sidecar {name}"),
        Some(Role::Ephemeral) => format!("ephemeral container {name}"),
        Some(Role::Regular) | None => format!("container {name}"),
    }
}

/// What a container does, in a few words behind its name: `waits (CrashLoopBackOff); its last run ended with exit code 1
/// (Error)`.
pub(super) fn does(pod: &Pod, name: &str) -> String {
    let spec = pod.spec.containers.iter().find(|spec| *spec.name == *name);
    let Some(status) = spec.and_then(|spec| status_of(pod, spec)) else { return "has no status".to_owned() };
    if status.state.running.is_some() {
        return match (status.started, status.ready) {
            (Some(false) | None, false) => "runs and has not passed its startup".to_owned(),
            (_, false) => "runs and is not ready".to_owned(),
            (_, true) => "runs and is ready".to_owned(),
        };
    }
    if let Some(run) = &status.state.terminated {
        return format!("has ended with {}", ended(run));
    }
    let Some(waiting) = &status.state.waiting else { return "has a status without a state".to_owned() };
    let waits = match &waiting.reason {
        Some(reason) => format!("waits ({reason})"),
        None => "waits".to_owned(),
    };
    match &status.last.terminated {
        Some(run) => format!("{waits}, and its last run ended with {}", ended(run)),
        None => format!("{waits} and has never run"),
    }
}

/// `exit code 1 (Error)`.
pub(super) fn ended(run: &Terminated) -> String {
    let signal = if run.signal == 0 { String::new() } else { format!(", signal {}", run.signal) };
    match &run.reason {
        Some(reason) => format!("exit code {} ({reason}{signal})", run.exit_code),
        None => format!("exit code {}{signal}", run.exit_code),
    }
}

/// Whether it starts again after a run, and what says so: `starts again (R1: the pod's restartPolicy is Always)`.
pub(super) fn after(pod: &Pod, spec: &ContainerSpec, run: &Terminated, features: Features) -> String {
    let what = if is_final(spec, run, pod, features) { "does not start again" } else { "starts again" };
    if is_restarting_all(run, features) {
        return format!("{what} (R3: every container of the pod is being restarted)");
    }
    format!("{what} (R1: {})", decided_by(pod, spec, run.exit_code))
}

fn decided_by(pod: &Pod, spec: &ContainerSpec, exit_code: i64) -> String {
    let Some(own) = &spec.restart_policy else {
        return match &pod.spec.restart_policy {
            Some(policy) => format!("the pod's restartPolicy is {policy}"),
            None if pod.printed.is_some() => {
                "if the pod's restartPolicy, which kubectl does not print, is Always".to_owned()
            }
            None => "the pod has no restartPolicy, which counts as Always".to_owned(),
        };
    };
    match matching_rule(spec, exit_code) {
        Some(rule) => format!("its own rule for exit code {exit_code} says {}", rule.action.as_str()),
        None => format!("its own restartPolicy is {own}"),
    }
}

fn container(judgement: &EventJudgement<'_>, spec: &ContainerSpec) -> ContainerExplained {
    let pod = judgement.pod();
    let status = status_of(pod, spec);
    let mut because = Vec::new();
    match status {
        None if is_rejected(pod) => {
            because.push("The node rejected the pod (H9): it never had a container.".to_owned())
        }
        None if judgement.is_reported => because.push("The kubelet reports nothing of it.".to_owned()),
        None => because.push("No kubelet has reported on the pod yet.".to_owned()),
        Some(status) => {
            if status.state.running.is_some() {
                running(status, spec, &mut because);
                because.extend(when_it_ends(judgement, spec));
            } else if let Some(run) = &status.state.terminated {
                let times = match (run.started_at, run.finished_at) {
                    (Some(from), Some(until)) => format!(", having run from {from} to {until}"),
                    (None, Some(until)) => format!(" at {until}"),
                    (_, None) => String::new(),
                };
                because.push(format!("It ended with {}{times}.", ended(run)));
                message("termination message", run.message.as_deref(), &mut because);
                because.push(next(judgement, spec, run));
            } else if let Some(reasons) = &status.state.waiting {
                waiting(judgement, status, spec, reasons, &mut because);
            } else {
                because.push("Its status has no state, so nobody knows what it does.".to_owned());
            }
            if status.restart_count > 0 {
                let times =
                    if status.restart_count == 1 { "once".into() } else { format!("{} times", status.restart_count) };
                because.push(format!("It was started again {times} so far (E2)."));
            }
        }
    }
    ContainerExplained {
        name: spec.name.to_string(),
        role: spec.role,
        state: status.map(|status| status.state.to_string()),
        because,
    }
}

fn running(status: &ContainerStatus, spec: &ContainerSpec, because: &mut Vec<String>) {
    let since = status.state.running.as_ref().and_then(|running| running.started_at);
    let since = since.map(|at| format!(" since {at}")).unwrap_or_default();
    because.push(match (spec.role, status.started, status.ready) {
        (Role::Ephemeral, ..) => format!("It runs{since}; it decides nothing about the pod (E8)."),
        (Role::Init, ..) => format!("It runs{since}; it is done when it ends with exit code 0 (E5)."),
        (_, _, true) => format!("It runs{since} and is ready (E5)."),
        (_, Some(true), false) => {
            format!("It runs{since} and is not ready: its readiness probe does not succeed, or has not yet (E5).")
        }
        (_, _, false) => format!("It runs{since} and is not ready: it has not started up yet (E5)."),
    });
    if let Some(run) = &status.last.terminated {
        let at = run.finished_at.map(|at| format!(" at {at}")).unwrap_or_default();
        because.push(format!("Its run before ended{at} with {}.", ended(run)));
        message("termination message of that run", run.message.as_deref(), because);
    }
}

/// Whether a container that runs starts again when it ends.
fn when_it_ends(judgement: &EventJudgement<'_>, spec: &ContainerSpec) -> Option<String> {
    let pod = judgement.pod();
    let has_rules = !spec.restart_rules.is_empty() && spec.restart_policy.is_some();
    if spec.role == Role::Ephemeral || pod.metadata.deletion_at.is_some() {
        return None;
    }
    if has_rules {
        return Some(
            "Whether it starts again when it ends depends on the exit code: it has rules of its own (R1).".into(),
        );
    }
    let policy = pod.spec.restart_policy.as_ref();
    let [well, badly] = [0, 1].map(|exit_code| starts_again(spec, policy, exit_code, judgement.features));
    let by = decided_by(pod, spec, 0);
    Some(match (well || spec.role == Role::Init, badly, spec.role) {
        (_, true, Role::Init) => format!("If it ends with another exit code it starts again (R1: {by})."),
        (_, false, Role::Init) => format!("If it ends with another exit code the pod fails (R1: {by})."),
        (true, true, _) => format!("When it ends it starts again (R1: {by})."),
        (_, true, _) => format!("When it ends with exit code 0 it is done, else it starts again (R1: {by})."),
        (_, false, _) => format!("When it ends it does not start again (R1: {by})."),
    })
}

fn waiting(
    judgement: &EventJudgement<'_>,
    status: &ContainerStatus,
    spec: &ContainerSpec,
    waits: &Waiting,
    because: &mut Vec<String>,
) {
    let reason = waits.reason.as_deref();
    let for_what = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    match &status.last.terminated {
        None => because.push(format!("It waits{for_what} and has never run.")),
        Some(run) => {
            let at = run.finished_at.map(|at| format!(" at {at}")).unwrap_or_default();
            because.push(format!("It waits{for_what}; its last run ended{at} with {}.", ended(run)));
            message("termination message of that run", run.message.as_deref(), because);
        }
    }
    message("message", waits.message.as_deref(), because);
    match (&status.last.terminated, reason) {
        (Some(run), Some("CrashLoopBackOff")) => {
            because.push(next(judgement, spec, run));
            because.push(
                "How long the back-off lasts is not recorded: by default 10 seconds after the first exits, twice as \
                 long each time, 5 minutes at most."
                    .to_owned(),
            );
        }
        (Some(run), _) => because.push(next(judgement, spec, run)),
        (None, Some("ErrImagePull" | "ImagePullBackOff")) => because.push(
            "The kubelet tries to pull the image again, with longer and longer pauses; when is not recorded."
                .to_owned(),
        ),
        (None, Some("PodInitializing")) if spec.role != Role::Regular => {
            because
                .push("It is started when those before it are done, and the sidecars among them have started.".into());
        }
        (None, Some("PodInitializing")) => {
            because.push("It is started when the init containers are done.".to_owned());
        }
        (None, Some("ContainerCreating") | None) => {}
        (None, Some(_)) => because.push("The kubelet tries again to start it; when is not recorded.".to_owned()),
    }
}

fn message(what: &str, text: Option<&str>, because: &mut Vec<String>) {
    if let Some(text) = text.map(str::trim_end).filter(|text| !text.is_empty()) {
        because.push(format!("The {what}: {text}"));
    }
}

/// What comes after a run.
fn next(judgement: &EventJudgement<'_>, spec: &ContainerSpec, run: &Terminated) -> String {
    let pod = judgement.pod();
    let is_over = is_final(spec, run, pod, judgement.features);
    match spec.role {
        Role::Ephemeral => return "It never starts again, and decides nothing about the pod (E8).".to_owned(),
        Role::Init if run.exit_code == 0 => return "It is done.".to_owned(),
        Role::Init | Role::Sidecar | Role::Regular => {}
    }
    let decided = after(pod, spec, run, judgement.features);
    if is_over {
        return format!("It {decided}.");
    }
    if pod.status.phase.as_ref().is_some_and(Phase::is_terminal) {
        let phase = pod.status.phase.as_ref().map_or("", Phase::as_str);
        return format!("By itself it {decided}; but the pod is {phase}, and nothing starts in it any more (H1).");
    }
    if pod.metadata.deletion_at.is_some() {
        return format!(
            "By itself it {decided}; but the pod is being deleted, and nothing starts in it any more (H5)."
        );
    }
    if spec.role == Role::Sidecar && spec.restart_policy == Some(RestartPolicy::Always) && is_all_done(judgement) {
        return "The regular containers are done: it is not needed any more.".to_owned();
    }
    format!("It {decided}.")
}

/// Every regular container has ended for good.
fn is_all_done(judgement: &EventJudgement<'_>) -> bool {
    let pod = judgement.pod();
    let mut regular = pod.spec.containers.iter().filter(|spec| spec.role == Role::Regular);
    regular.all(|spec| {
        let run = status_of(pod, spec).and_then(|status| status.state.terminated.as_ref());
        run.is_some_and(|run| is_final(spec, run, pod, judgement.features))
    })
}
