//! Why each condition is what it is (C1 to C13).

use super::containers::{called, does};
use super::past::Past;
use super::{ConditionExplained, Recorded, Verdict};
use crate::kubelet::Feature;
use crate::kubelet::conditions::owner::{RESIZE_IN_PROGRESS, RESIZE_PENDING};
use crate::kubelet::conditions::{
    ALL_CONTAINERS_RESTARTING, CONTAINERS_READY, Computed, DISRUPTION_TARGET, INITIALIZED, POD_SCHEDULED, READY,
    READY_TO_START, containers_ready, initialized, ready,
};
use crate::kubelet::inference::is_final_default;
use crate::kubelet::writer::is_marked_unready;
use crate::model::condition::CORE_CONDITIONS;
use crate::model::{Condition, ConditionStatus, Phase, Pod, Role};

pub(super) fn explain(past: &Past<'_>) -> Vec<ConditionExplained> {
    let mut kinds: Vec<&str> = CORE_CONDITIONS.to_vec();
    if !past.features.has(Feature::SandboxCondition) && past.pod.status.condition(READY_TO_START).is_none() {
        kinds.retain(|kind| *kind != READY_TO_START);
    }
    let others = past.pod.status.conditions.iter().map(|condition| &*condition.kind);
    for kind in others.chain(past.pod.spec.readiness_gates.iter().map(|gate| &**gate)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.into_iter().map(|kind| condition(past, kind)).collect()
}

fn condition(past: &Past<'_>, kind: &str) -> ConditionExplained {
    let recorded = past.pod.status.condition(kind);
    let (mut because, mut notes) = (Vec::new(), Vec::new());
    let model = &past.model;
    let (computed, verdict) = match kind {
        POD_SCHEDULED => scheduled(past, recorded, &mut because, &mut notes),
        READY_TO_START => (None, sandbox(past, recorded, &mut because, &mut notes)),
        INITIALIZED | CONTAINERS_READY | READY => {
            let computed = match kind {
                INITIALIZED => &model.initialized,
                CONTAINERS_READY => &model.containers_ready,
                _ => &model.ready,
            };
            because = match kind {
                INITIALIZED => why_initialized(past, computed),
                CONTAINERS_READY => why_containers_ready(past, computed),
                _ => why_ready(past, computed),
            };
            if recorded.is_none() && (past.is_rejected() || !past.is_reported()) {
                because.clear();
                notes.push(
                    match past.is_rejected() {
                        true => "The node rejected the pod, and that write has no conditions (H9).",
                        false => "The kubelet has not reported on the pod yet: it writes this with its first report.",
                    }
                    .to_owned(),
                );
                (None, Verdict::NotDerived)
            } else {
                (Some(computed.clone()), compare(past, kind, recorded, computed, &mut notes))
            }
        }
        _ => (None, other(past, kind, recorded, &mut notes)),
    };
    let recorded = recorded.map(|condition| Recorded {
        status: condition.status.clone(),
        reason: condition.reason.as_deref().map(str::to_owned),
        message: condition.message.as_deref().map(str::to_owned),
        since: condition.last_transition_at,
    });
    ConditionExplained { kind: kind.to_owned(), recorded, computed, verdict, because, notes }
}

fn scheduled(
    past: &Past<'_>,
    recorded: Option<&Condition>,
    because: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> (Option<Computed>, Verdict) {
    let Some(node) = &past.pod.spec.node_name else {
        because.push("the pod has no node".to_owned());
        let Some(recorded) = recorded else {
            notes.push("Nobody has tried to schedule it yet.".to_owned());
            return (None, Verdict::NotDerived);
        };
        notes.push(match recorded.reason.as_deref() {
            Some("SchedulingGated") => {
                "The API server wrote it at creation: the pod has scheduling gates, and nobody may bind it before they \
                 are gone (C13)."
                    .to_owned()
            }
            Some("Unschedulable") => "The scheduler wrote it: no node fits (C12).".to_owned(),
            _ => "The scheduler or another client wrote it; the kubelet has nothing to say yet (C12).".to_owned(),
        });
        return match recorded.status {
            ConditionStatus::True => (None, Verdict::Differs),
            ConditionStatus::False | ConditionStatus::Unknown | ConditionStatus::Other(_) => {
                (None, Verdict::NotDerived)
            }
        };
    };
    because.push(format!("the pod is bound to node {node}; the kubelet writes nothing but True"));
    let computed = Computed { status: ConditionStatus::True, reason: None, message: None, rule: "C7" };
    let verdict = match recorded {
        Some(recorded) if computed.is_said_by(recorded) => Verdict::Agrees,
        None if past.is_rejected() => {
            notes.push("The node rejected the pod, and that write has no conditions (H9, M2).".to_owned());
            Verdict::Lawful
        }
        None if !past.is_reported() => {
            notes.push("It was bound by hand: the kubelet writes the condition with its first report.".to_owned());
            Verdict::Lawful
        }
        Some(_) if !past.is_reported() => {
            notes.push("The kubelet has not reported on the pod yet; it writes True.".to_owned());
            Verdict::Lawful
        }
        Some(_) | None => match past.other_writer(past.since(|pod| pod.status.condition(POD_SCHEDULED))) {
            Some(who) => {
                notes.push(format!("Written by {who}, not by the kubelet, which puts it right (T7)."));
                Verdict::Lawful
            }
            None => Verdict::Differs,
        },
    };
    (Some(computed), verdict)
}

fn sandbox(
    past: &Past<'_>,
    recorded: Option<&Condition>,
    because: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> Verdict {
    let pod = past.pod;
    let running: Vec<&str> = pod
        .container_statuses()
        .filter(|(role, status)| *role != Role::Ephemeral && status.state.running.is_some())
        .map(|(_, status)| &*status.name)
        .collect();
    let Some(recorded) = recorded else {
        notes.push(
            match (past.is_rejected(), past.is_reported()) {
                (true, _) => "The node rejected the pod, and that write has no conditions (H9).",
                (false, false) => "The kubelet has not reported on the pod yet.",
                (false, true) => {
                    "The kubelet of this release does not write it by default before 1.29, or somebody took it away."
                }
            }
            .to_owned(),
        );
        return Verdict::NotDerived;
    };
    let is_true = recorded.status == ConditionStatus::True;
    notes.push(
        "It is True while exactly one sandbox of the pod stands and has its network (C6). The object does not show \
         sandboxes: what can be told is inferred (I5)."
            .to_owned(),
    );
    match (running.first(), is_true) {
        (Some(name), true) => {
            because.push(format!("{} runs, and needs the sandbox (I5)", called(pod, name)));
            Verdict::Agrees
        }
        (Some(name), false) => {
            because.push(format!("{} runs, and needs the sandbox (I5)", called(pod, name)));
            notes
                .push("Right after a sandbox was lost one write shows it so; the containers end then (I5).".to_owned());
            Verdict::Lawful
        }
        (None, false) if pod.status.phase.as_ref().is_some_and(Phase::is_terminal) => {
            because.push("the pod is over: its sandbox is stopped (I5)".to_owned());
            Verdict::Agrees
        }
        (None, _) => {
            because.push("no container runs: whether the sandbox stands is unknown but for this condition".to_owned());
            Verdict::NotDerived
        }
    }
}

/// The containers of some roles that a test keeps, in words.
fn containers(past: &Past<'_>, roles: &[Role], keep: impl Fn(Role, &str) -> bool) -> Vec<String> {
    let specs = past.pod.spec.containers.iter().filter(|spec| roles.contains(&spec.role));
    let kept = specs.filter(|spec| keep(spec.role, &spec.name));
    kept.map(|spec| format!("{} {}", called(past.pod, &spec.name), does(past.pod, &spec.name))).collect()
}

fn status<'a>(pod: &'a Pod, name: &str) -> Option<&'a crate::model::ContainerStatus> {
    pod.status.init_containers.iter().chain(&pod.status.containers).flatten().find(|status| *status.name == *name)
}

fn computed_for(past: &Past<'_>) -> String {
    let computed = &past.model.inferred.computed;
    let how = match computed.rule {
        "I2a" => " (I2a: its own reason tells so)".to_owned(),
        rule => format!(" ({rule})"),
    };
    format!("it was computed for the phase {}{how}", computed.phase)
}

fn why_containers_ready(past: &Past<'_>, computed: &Computed) -> Vec<String> {
    match computed.rule {
        "C1.1" => vec!["no container statuses are reported".to_owned()],
        "C1.3" | "C1.4" => vec![computed_for(past)],
        "C1.5" => containers(past, &[Role::Sidecar, Role::Regular], |_, name| {
            status(past.pod, name).is_none_or(|status| !status.ready)
        }),
        _ => vec!["every regular container and sidecar is ready".to_owned()],
    }
}

fn why_initialized(past: &Past<'_>, computed: &Computed) -> Vec<String> {
    let in_init = [Role::Init, Role::Sidecar];
    let not_done = || {
        containers(past, &in_init, |role, name| {
            status(past.pod, name).is_none_or(|status| match role {
                Role::Sidecar => status.started != Some(true),
                Role::Init | Role::Regular | Role::Ephemeral => !status.ready,
            })
        })
    };
    match (computed.rule, &computed.status) {
        ("C5.1", _) => vec!["no container statuses are reported, and the pod has init containers".to_owned()],
        ("C5.3", _) => vec![computed_for(past)],
        ("C5.4", _) => {
            let told = containers(past, &[Role::Regular], |_, name| {
                status(past.pod, name)
                    .is_some_and(|status| status.state.running.is_some() || status.state.terminated.is_some())
            });
            let lasts = |told: String| format!("{told}: one regular container that runs or has ended is enough");
            told.into_iter().take(1).map(lasts).collect()
        }
        ("C5.5", ConditionStatus::True) => {
            let mut told = vec!["it was True before, and stays so since 1.36".to_owned()];
            told.extend(not_done());
            told
        }
        ("C5.5", _) => not_done(),
        _ if !past.pod.spec.containers.iter().any(|spec| in_init.contains(&spec.role)) => {
            vec!["the pod has no init containers".to_owned()]
        }
        _ => vec!["every init container is done, and every sidecar has started".to_owned()],
    }
}

fn why_ready(past: &Past<'_>, computed: &Computed) -> Vec<String> {
    if computed.rule == "C2" {
        return vec!["ContainersReady is not True: Ready takes status, reason and message from it".to_owned()];
    }
    let mut told = vec!["ContainersReady is True".to_owned()];
    let gates = &past.pod.spec.readiness_gates;
    if gates.is_empty() {
        told.push("the pod has no readiness gates".to_owned());
    }
    for gate in gates {
        const NOT_CONSULTED: [&str; 3] = [POD_SCHEDULED, CONTAINERS_READY, READY];
        told.push(match past.pod.status.condition(gate) {
            Some(_) if NOT_CONSULTED.contains(&&**gate) => {
                format!("readiness gate {gate} names a condition that is not consulted: it never holds")
            }
            Some(condition) if condition.status == ConditionStatus::True => format!("readiness gate {gate} is True"),
            Some(condition) => format!("readiness gate {gate} is {}, not True", condition.status),
            None => format!("readiness gate {gate}: nobody has written that condition"),
        });
    }
    told
}

/// Compares what the kubelet computes with what was recorded.
fn compare(
    past: &Past<'_>,
    kind: &str,
    recorded: Option<&Condition>,
    computed: &Computed,
    notes: &mut Vec<String>,
) -> Verdict {
    let Some(recorded) = recorded else {
        notes
            .push("The kubelet always writes it: somebody took it away, and the kubelet puts it back (T7).".to_owned());
        return Verdict::Differs;
    };
    if computed.is_said_by(recorded) {
        return Verdict::Agrees;
    }
    let begin = past.since(|pod| {
        pod.status.condition(kind).map(|condition| (&condition.status, &condition.reason, &condition.message))
    });
    let (pod, writer) = (past.pod, past.other_writer(begin));
    let by_mark = begin > 0 && is_marked_unready(&past.events[begin - 1].pod.status, &past.events[begin].pod.status);
    let has_signature = recorded.status == ConditionStatus::False
        && recorded.reason.is_none()
        && pod.status.condition(CONTAINERS_READY).is_some_and(|ready| ready.status == ConditionStatus::True);
    if kind == READY && (by_mark || has_signature) {
        let by = writer.map(|who| format!(", here {who}")).unwrap_or_default();
        notes.push(format!(
            "Not written by the kubelet: the node lifecycle controller sets Ready to False, and nothing else, when the \
             node is lost (C9){by}. The kubelet writes its own value again when it is back (L5)."
        ));
        return Verdict::Lawful;
    }
    if let Some(who) = writer {
        notes.push(format!("Written by {who}, not by the kubelet, which puts it right within some 10 seconds (T7)."));
        return Verdict::Lawful;
    }
    let says = |other: Computed| other.is_said_by(recorded);
    if is_final_default(pod) && says(containers_ready(pod, &Phase::Pending)) {
        notes.push(
            "The write that declares a pod over computes no conditions: it is that of before (H7, I7).".to_owned(),
        );
        return Verdict::Lawful;
    }
    if let Some(earlier) = past.before_kubelet_write() {
        let model = &past.model;
        let own = [model.initialized.clone().into_condition(INITIALIZED, None)];
        let mut seen = pod.clone();
        seen.status.conditions.clone_from(&earlier.status.conditions);
        if kind == READY
            && !pod.spec.readiness_gates.is_empty()
            && says(ready(&seen, &model.containers_ready, &own, past.features))
        {
            notes.push(
                "The kubelet has not seen the newest readiness gates yet; it follows with its next write (C4).".into(),
            );
            return Verdict::Lawful;
        }
        let mut probed = earlier.clone();
        probed.status.conditions.clone_from(&pod.status.conditions);
        if kind == INITIALIZED && says(initialized(&probed, &model.inferred.computed.phase, past.features)) {
            notes.push(
                "A probe's result is published at once, without computing Initialized anew; the next write of the \
                 kubelet does (C5c, I8)."
                    .to_owned(),
            );
            return Verdict::Lawful;
        }
    }
    if let Some((_, model)) = past.model_at_kubelet_write() {
        let then = match kind {
            INITIALIZED => model.initialized,
            CONTAINERS_READY => model.containers_ready,
            _ => model.ready,
        };
        if says(then) {
            notes.push(
                "It follows from what the kubelet wrote last. Others have written since, and the kubelet has not \
                 followed yet (C4)."
                    .to_owned(),
            );
            return Verdict::Lawful;
        }
    }
    if pod.status.phase == Some(Phase::Failed)
        && pod.container_statuses().all(|(_, it)| it.state.running.is_none())
        && begin < past.events.len() - 1
    {
        notes.push("The last writes to a pod that is over leave the conditions alone (H7, I7).".to_owned());
        return Verdict::Lawful;
    }
    notes.push("Nothing recorded tells why it is not what the rules give: see podreplay check.".to_owned());
    Verdict::Differs
}

/// A condition that the model does not compute.
fn other(past: &Past<'_>, kind: &str, recorded: Option<&Condition>, notes: &mut Vec<String>) -> Verdict {
    let is_gate = past.pod.spec.readiness_gates.iter().any(|gate| **gate == *kind);
    if recorded.is_none() {
        notes.push("A readiness gate of the pod that nobody has written: Ready waits for it (C3).".to_owned());
        return Verdict::NotDerived;
    }
    let by = past.other_writer(past.since(|pod| pod.status.condition(kind)));
    notes.push(match kind {
        DISRUPTION_TARGET => "Somebody is about to end the pod, or was; the reason tells who (C10).".to_owned(),
        RESIZE_PENDING | RESIZE_IN_PROGRESS => {
            "The kubelet writes it while a resize of the running pod waits or is carried out; nothing in the object \
             gives it (L7)."
                .to_owned()
        }
        ALL_CONTAINERS_RESTARTING => {
            "The kubelet writes it from what the runtime holds, which the object does not show (C8).".to_owned()
        }
        _ => "Written by somebody else than Kubernetes; nothing to derive.".to_owned(),
    });
    if let Some(who) = by {
        notes.push(format!("The last change was made by {who}."));
    }
    if is_gate {
        notes.push("It is a readiness gate of the pod: Ready needs it to be True (C3).".to_owned());
    }
    Verdict::NotDerived
}
