//! Why each condition is what it is (C1 to C13).

use super::containers::{called, does};
use super::explanation::{ConditionExplained, Recorded};
use super::words::{author_text, error_text, missing_text};
use crate::kubelet::Feature;
use crate::kubelet::conditions::owner::{RESIZE_IN_PROGRESS, RESIZE_PENDING};
use crate::kubelet::conditions::{
    ALL_CONTAINERS_RESTARTING, CONTAINERS_READY, Computed, DISRUPTION_TARGET, INITIALIZED, POD_SCHEDULED, READY,
    READY_TO_START,
};
use crate::model::{Condition, ConditionStatus, Phase, Pod, Role};
use crate::rules::{Allowance, ConditionJudgement, EventJudgement, Need, Verdict, is_rejected};

pub(super) fn explain(judgement: &EventJudgement<'_>) -> Vec<ConditionExplained> {
    judgement.conditions.iter().map(|condition| explained(judgement, condition)).collect()
}

fn explained(judgement: &EventJudgement<'_>, condition: &ConditionJudgement) -> ConditionExplained {
    let ConditionJudgement { kind, verdict, computed, .. } = condition;
    let recorded = judgement.pod().status.condition(kind);
    let (because, mut notes) = match &**kind {
        POD_SCHEDULED => scheduled(judgement, recorded),
        READY_TO_START => sandbox(judgement, recorded),
        INITIALIZED | CONTAINERS_READY | READY => (why(judgement, kind, computed.as_ref()), Vec::new()),
        _ => (Vec::new(), other(judgement, condition, recorded)),
    };
    if let (Verdict::Against(error), None) = (verdict, recorded) {
        notes = taken_away(kind).into_iter().collect();
        notes.push(error_text(judgement, error));
    } else {
        notes.extend(verdict_note(judgement, condition, recorded));
    }
    let recorded = recorded.map(|condition| Recorded {
        status: condition.status.clone(),
        reason: condition.reason.as_deref().map(str::to_owned),
        message: condition.message.as_deref().map(str::to_owned),
        since: condition.last_transition_at,
    });
    ConditionExplained {
        kind: kind.to_string(),
        recorded,
        computed: computed.clone(),
        verdict: verdict.clone(),
        because,
        notes,
    }
}

/// What there is to say of the judgement.
fn verdict_note(
    judgement: &EventJudgement<'_>,
    condition: &ConditionJudgement,
    recorded: Option<&Condition>,
) -> Option<String> {
    let is_computed = matches!(&*condition.kind, INITIALIZED | CONTAINERS_READY | READY);
    match &condition.verdict {
        Verdict::Agrees => None,
        Verdict::Allowed(cause) => Some(allowance_text(cause, &condition.kind, recorded)),
        Verdict::Against(error) => Some(match error.rule.name {
            "containers-ready" | "ready" | "initialized" => {
                "The recording does not show why it differs from the rules: see podreplay check.".to_owned()
            }
            _ => error_text(judgement, error),
        }),
        Verdict::NotKnown(Need::Report) if is_computed && is_rejected(judgement.pod()) => {
            Some("The node rejected the pod, and that write has no conditions (H9).".to_owned())
        }
        Verdict::NotKnown(Need::Report) if is_computed && !judgement.is_reported => {
            Some("The kubelet has not reported on the pod yet: it writes this with its first report.".to_owned())
        }
        Verdict::NotKnown(Need::Rule | Need::Sandbox | Need::Report) if !is_computed => None,
        Verdict::NotKnown(missing) => {
            Some(format!("Why it is not what the rules give is not known ({}).", missing_text(*missing)))
        }
    }
}

/// What is odd about a condition of the kubelet that is not there.
fn taken_away(kind: &str) -> Option<String> {
    let words = match kind {
        CONTAINERS_READY => {
            "Kubelets before 1.11 do not write it; with a newer one somebody removed it, and the kubelet will restore it (T7)."
        }
        INITIALIZED | READY => {
            "The kubelet always writes it: somebody removed it, and the kubelet will restore it (T7)."
        }
        _ => return None,
    };
    Some(words.to_owned())
}

fn allowance_text(cause: &Allowance, kind: &str, recorded: Option<&Condition>) -> String {
    match cause {
        Allowance::Rejected => "The node rejected the pod, and that write has no conditions (H9, M2).".to_owned(),
        Allowance::NotReported if recorded.is_none() => {
            "It was bound by hand: the kubelet writes the condition with its first report.".to_owned()
        }
        Allowance::NotReported => "The kubelet has not reported on the pod yet; it writes True.".to_owned(),
        Allowance::NodeLost(author) => {
            let by = author.as_ref().map(|author| format!(", here {}", author_text(author))).unwrap_or_default();
            format!(
                "Not written by the kubelet: the node lifecycle controller sets Ready to False, and nothing else, when \
                 the node is lost (C9){by}. The kubelet writes its own value again when it is back (L5)."
            )
        }
        Allowance::OtherWriter(author) => {
            let soon = if kind == POD_SCHEDULED { "" } else { " within some 10 seconds" };
            let who = author_text(author);
            format!("Written by {who}, not by the kubelet, which puts it right{soon} (T7).")
        }
        Allowance::ConditionsOfBefore => {
            "The write that declares a pod over computes no conditions: it is that of before (H7, I7).".to_owned()
        }
        Allowance::GatesUnseen => {
            "The kubelet has not seen the newest readiness gates yet; it follows with its next write (C4).".to_owned()
        }
        Allowance::ProbePublished => {
            "A probe's result is published at once, without recomputing Initialized; the next \
            write of the kubelet does (C5c, I8)."
                .to_owned()
        }
        Allowance::SandboxLost => {
            "Right after a sandbox was lost one write shows it so; the containers end then (I5).".to_owned()
        }
        Allowance::LeftAlone => "The last writes to a pod that is over leave the conditions alone (H7, I7).".to_owned(),
        Allowance::NotFollowedYet
        | Allowance::DeadlineExceeded
        | Allowance::Killed(_)
        | Allowance::HeldBack { .. }
        | Allowance::DeclaredEnded
        | Allowance::TerminalStays
        | Allowance::RestartingAll => {
            "It follows from what the kubelet wrote last. Others have written since, and the \
            kubelet has not followed yet (C4)."
                .to_owned()
        }
    }
}

fn scheduled(judgement: &EventJudgement<'_>, recorded: Option<&Condition>) -> (Vec<String>, Vec<String>) {
    if let Some(node) = &judgement.pod().spec.node_name {
        let because = format!("the pod is bound to node {node}; the kubelet writes nothing but True");
        return (vec![because], Vec::new());
    }
    let note = match recorded.map(|recorded| recorded.reason.as_deref()) {
        None => "Nobody has tried to schedule it yet.",
        Some(Some("SchedulingGated")) => {
            "The API server wrote it at creation: the pod has scheduling gates, and nobody may bind it before they are \
             gone (C13)."
        }
        Some(Some("Unschedulable")) => "The scheduler wrote it: no node fits (C12).",
        Some(_) => "The scheduler or another client wrote it; the kubelet has nothing to say yet (C12).",
    };
    (vec!["the pod has no node".to_owned()], vec![note.to_owned()])
}

fn sandbox(judgement: &EventJudgement<'_>, recorded: Option<&Condition>) -> (Vec<String>, Vec<String>) {
    let pod = judgement.pod();
    let Some(recorded) = recorded else {
        let note = match (is_rejected(pod), judgement.is_reported) {
            (true, _) => "The node rejected the pod, and that write has no conditions (H9).",
            (false, false) => "The kubelet has not reported on the pod yet.",
            (false, true) if judgement.features.has(Feature::SandboxCondition) => {
                "The kubelet of this release writes it by default: its feature gate is off, or somebody removed it."
            }
            (false, true) => "The kubelet of this release does not write it by default: it does from 1.29 on.",
        };
        return (Vec::new(), vec![note.to_owned()]);
    };
    let statuses = pod.container_statuses().filter(|(role, _)| *role != Role::Ephemeral);
    let mut running = statuses.filter(|(_, status)| status.state.running.is_some()).map(|(_, status)| &*status.name);
    let is_over = pod.status.phase.as_ref().is_some_and(Phase::is_terminal);
    let because = match running.next() {
        Some(name) => format!("{} runs, and needs the sandbox (I5)", called(pod, name)),
        None if is_over && recorded.status != ConditionStatus::True => {
            "the pod is over: its sandbox is stopped (I5)".to_owned()
        }
        None => "no container runs: only this condition shows whether the sandbox exists".to_owned(),
    };
    let note = "It is True while exactly one sandbox of the pod stands and has its network (C6). The object does not show \
        sandboxes: what can be told is inferred (I5).";
    (vec![because], vec![note.to_owned()])
}

fn why(judgement: &EventJudgement<'_>, kind: &str, computed: Option<&Computed>) -> Vec<String> {
    match (computed, kind) {
        (None, _) => Vec::new(),
        (Some(computed), INITIALIZED) => why_initialized(judgement, computed),
        (Some(computed), CONTAINERS_READY) => why_containers_ready(judgement, computed),
        (Some(computed), _) => why_ready(judgement, computed),
    }
}

/// The containers of some roles that a test keeps, in words.
fn containers(judgement: &EventJudgement<'_>, roles: &[Role], keep: impl Fn(Role, &str) -> bool) -> Vec<String> {
    let specs = judgement.pod().spec.containers.iter().filter(|spec| roles.contains(&spec.role));
    let kept = specs.filter(|spec| keep(spec.role, &spec.name));
    kept.map(|spec| format!("{} {}", called(judgement.pod(), &spec.name), does(judgement.pod(), &spec.name))).collect()
}

fn status<'a>(pod: &'a Pod, name: &str) -> Option<&'a crate::model::ContainerStatus> {
    pod.status.init_containers.iter().chain(&pod.status.containers).flatten().find(|status| *status.name == *name)
}

fn computed_for(judgement: &EventJudgement<'_>) -> String {
    let computed = &judgement.computed_for;
    let how = match computed.rule {
        "I2a" => " (I2a: its own reason says so)".to_owned(),
        rule => format!(" ({rule})"),
    };
    format!("it was computed for the phase {}{how}", computed.phase)
}

fn why_containers_ready(judgement: &EventJudgement<'_>, computed: &Computed) -> Vec<String> {
    match computed.rule {
        "C1.1" => vec!["no container statuses are reported".to_owned()],
        "C1.3" | "C1.4" => vec![computed_for(judgement)],
        "C1.5" => containers(judgement, &[Role::Sidecar, Role::Regular], |_, name| {
            status(judgement.pod(), name).is_none_or(|status| !status.ready)
        }),
        _ => vec!["every regular container and sidecar is ready".to_owned()],
    }
}

fn why_initialized(judgement: &EventJudgement<'_>, computed: &Computed) -> Vec<String> {
    let in_init = [Role::Init, Role::Sidecar];
    let not_done = || {
        containers(judgement, &in_init, |role, name| {
            status(judgement.pod(), name).is_none_or(|status| match role {
                Role::Sidecar => status.started != Some(true),
                Role::Init | Role::Regular | Role::Ephemeral => !status.ready,
            })
        })
    };
    match (computed.rule, &computed.status) {
        ("C5.1", _) => vec!["no container statuses are reported, and the pod has init containers".to_owned()],
        ("C5.3", _) => vec![computed_for(judgement)],
        ("C5.4", _) => {
            let told = containers(judgement, &[Role::Regular], |_, name| {
                status(judgement.pod(), name)
                    .is_some_and(|status| status.state.running.is_some() || status.state.terminated.is_some())
            });
            let lasts = |told: String| format!("{told}: one regular container that runs or ended is enough");
            told.into_iter().take(1).map(lasts).collect()
        }
        ("C5.5", ConditionStatus::True) => {
            let mut told = vec!["it was True before, and stays so since 1.36".to_owned()];
            told.extend(not_done());
            told
        }
        ("C5.5", _) => not_done(),
        _ if !judgement.pod().spec.containers.iter().any(|spec| in_init.contains(&spec.role)) => {
            vec!["the pod has no init containers".to_owned()]
        }
        _ => vec!["every init container is done, and every sidecar has started".to_owned()],
    }
}

fn why_ready(judgement: &EventJudgement<'_>, computed: &Computed) -> Vec<String> {
    if computed.rule == "C2" {
        return vec!["ContainersReady is not True: Ready takes status, reason and message from it".to_owned()];
    }
    let mut told = vec!["ContainersReady is True".to_owned()];
    let gates = &judgement.pod().spec.readiness_gates;
    if gates.is_empty() {
        told.push("the pod has no readiness gates".to_owned());
    }
    for gate in gates {
        const NOT_CONSULTED: [&str; 3] = [POD_SCHEDULED, CONTAINERS_READY, READY];
        told.push(match judgement.pod().status.condition(gate) {
            Some(_) if NOT_CONSULTED.contains(&&**gate) => {
                format!("readiness gate {gate} names a condition that is not consulted: it never holds")
            }
            Some(condition) if condition.status == ConditionStatus::True => format!("readiness gate {gate} is True"),
            Some(condition) => format!("readiness gate {gate} is {}, not True", condition.status),
            None => format!("readiness gate {gate}: the condition is not set yet"),
        });
    }
    told
}

/// A condition that the model does not compute.
fn other(judgement: &EventJudgement<'_>, condition: &ConditionJudgement, recorded: Option<&Condition>) -> Vec<String> {
    if recorded.is_none() {
        return vec!["A readiness gate that is not set yet: Ready waits for it (C3).".to_owned()];
    }
    let kind = &*condition.kind;
    let what = match kind {
        DISRUPTION_TARGET => "Somebody is or was about to stop the pod; the reason says who (C10).",
        RESIZE_PENDING | RESIZE_IN_PROGRESS => {
            "The kubelet writes it while a resize of the running pod waits or is carried out; nothing in the object \
             gives it (L7)."
        }
        ALL_CONTAINERS_RESTARTING => {
            "The kubelet computes it from the runtime's state, which the object does not show (C8)."
        }
        _ => "Written by somebody else than Kubernetes; nothing to derive.",
    };
    let mut notes = vec![what.to_owned()];
    notes.extend(condition.author.as_ref().map(|who| format!("Last changed by {}.", author_text(who))));
    if judgement.pod().spec.readiness_gates.iter().any(|gate| **gate == *kind) {
        notes.push("It is a readiness gate of the pod: Ready needs it to be True (C3).".to_owned());
    }
    notes
}
