//! The phase that the kubelet derives from a pod's container statuses (P1 to P9): kubelet_pods.go, `getPhase`.

use super::restart::is_final;
use super::version::{Feature, Features};
use crate::model::{ContainerStatus, Phase, Pod, RestartPolicy, Role, StatusesByName, Terminated};

/// What the derivation needs to know beside the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The kubelet has stopped every container and starts none again.
    pub is_terminal: bool,
    /// A regular container exists in the pod's sandbox.
    pub has_initialized: bool,
}

/// The containers of a pod by what they mean for its phase. A container can stand in several lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally<'a> {
    /// Init containers that have not finished (P1).
    pub pending_init: Vec<&'a str>,
    /// Init containers that ended badly.
    pub failed_init: Vec<&'a str>,
    /// Those of them that do not start again.
    pub failed_init_final: Vec<&'a str>,
    /// Sidecars that have not started up (P2).
    pub pending_sidecar: Vec<&'a str>,
    /// Sidecars and regular containers of which nothing is reported (P2, P3).
    pub unknown: Vec<&'a str>,
    /// Those that wait and have never run.
    pub waiting: Vec<&'a str>,
    /// Those that run.
    pub running: Vec<&'a str>,
    /// Regular containers that ended, or wait after having run (P3).
    pub stopped: Vec<&'a str>,
    /// Those of them that do not start again.
    pub stopped_final: Vec<&'a str>,
    /// Those of them that ended with exit code 0.
    pub succeeded: Vec<&'a str>,
}

/// A phase and the rule that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The phase.
    pub phase: Phase,
    /// For example `P5`.
    pub rule: &'static str,
}

/// Sorts the containers of a pod (P1 to P3).
#[must_use]
pub fn tally(pod: &Pod, features: Features) -> Tally<'_> {
    let mut tally = Tally::default();
    let init = StatusesByName::of(pod.status.init_containers.as_deref());
    let regular = StatusesByName::of(pod.status.containers.as_deref());
    for container in &pod.spec.containers {
        let name = &*container.name;
        let status = || regular.get(name).or_else(|| init.get(name));
        let is_over = |run: &Terminated| is_final(container, run, pod, features);
        match container.role {
            Role::Ephemeral => {}
            Role::Init => match seen(status()) {
                Seen::Missing | Seen::Running(_) | Seen::Empty => tally.pending_init.push(name),
                Seen::Terminated(run) => tally.init_ended(name, run, is_over(run)),
                Seen::Waiting(last) => match last {
                    Some(run) => tally.init_ended(name, run, is_over(run)),
                    None => tally.pending_init.push(name),
                },
            },
            Role::Sidecar => match seen(status()) {
                Seen::Missing => tally.unknown.push(name),
                Seen::Running(status) => {
                    if status.started != Some(true) {
                        tally.pending_sidecar.push(name);
                    }
                    tally.running.push(name);
                }
                Seen::Terminated(_) => {}
                Seen::Waiting(last) => {
                    if last.is_none() {
                        tally.pending_sidecar.push(name);
                        tally.waiting.push(name);
                    }
                }
                Seen::Empty => {
                    tally.pending_sidecar.push(name);
                    tally.unknown.push(name);
                }
            },
            Role::Regular => match seen(status()) {
                Seen::Missing | Seen::Empty => tally.unknown.push(name),
                Seen::Running(_) => tally.running.push(name),
                Seen::Terminated(run) => {
                    tally.stopped.push(name);
                    if run.exit_code == 0 {
                        tally.succeeded.push(name);
                    }
                    if is_over(run) {
                        tally.stopped_final.push(name);
                    }
                }
                Seen::Waiting(last) => match last {
                    Some(run) => {
                        tally.stopped.push(name);
                        if is_over(run) {
                            tally.stopped_final.push(name);
                        }
                    }
                    None => tally.waiting.push(name),
                },
            },
        }
    }
    tally
}

impl<'a> Tally<'a> {
    fn init_ended(&mut self, name: &'a str, run: &Terminated, is_over: bool) {
        if run.exit_code != 0 {
            self.failed_init.push(name);
            if is_over {
                self.failed_init_final.push(name);
            }
        }
    }
}

/// The state of a container that counts: running before terminated before waiting.
enum Seen<'a> {
    Missing,
    Running(&'a ContainerStatus),
    Terminated(&'a Terminated),
    /// With the run before.
    Waiting(Option<&'a Terminated>),
    Empty,
}

fn seen(status: Option<&ContainerStatus>) -> Seen<'_> {
    let Some(status) = status else { return Seen::Missing };
    if status.state.running.is_some() {
        Seen::Running(status)
    } else if let Some(run) = &status.state.terminated {
        Seen::Terminated(run)
    } else if status.state.waiting.is_some() {
        Seen::Waiting(status.last.terminated.as_deref())
    } else {
        Seen::Empty
    }
}

/// Derives the phase (P4 to P8).
#[must_use]
pub fn derive_phase(pod: &Pod, facts: Facts, features: Features) -> Derived {
    derive_from(&tally(pod, features), pod, facts, features)
}

/// Derives the phase from containers sorted before.
#[must_use]
pub fn derive_from(tally: &Tally<'_>, pod: &Pod, facts: Facts, features: Features) -> Derived {
    let by_container = features.has(Feature::ContainerRestartRules);
    let policy = pod.spec.restart_policy.as_ref();
    let (any, all) = (|list: &[&str]| !list.is_empty(), |list: &[&str]| list.len() == tally.stopped.len());
    let is_initializing = if features.has(Feature::SidecarsApart) {
        any(&tally.pending_init) || (any(&tally.pending_sidecar) && !facts.has_initialized)
    } else {
        let is_started = facts.has_initialized && features.has(Feature::StartedIsNotPending);
        (any(&tally.pending_init) || any(&tally.pending_sidecar)) && !is_started
    };
    let (phase, rule) = if by_container && any(&tally.failed_init_final) {
        (Phase::Failed, "P4a")
    } else if !by_container && any(&tally.failed_init) && policy == Some(&RestartPolicy::Never) {
        (Phase::Failed, "P4b")
    } else if is_initializing || any(&tally.waiting) {
        (Phase::Pending, "P5")
    } else if any(&tally.running) && !any(&tally.unknown) {
        (Phase::Running, "P6")
    } else if !any(&tally.running) && any(&tally.stopped) && !any(&tally.unknown) {
        let outcome = if all(&tally.succeeded) { Phase::Succeeded } else { Phase::Failed };
        if facts.is_terminal && !is_static(pod) && features.has(Feature::TerminalBeforeRemoval) {
            (outcome, "P7")
        } else if by_container {
            if all(&tally.stopped_final) { (outcome, "P7a") } else { (Phase::Running, "P7a") }
        } else {
            (by_pod_policy(policy, outcome), "P7b")
        }
    } else {
        (Phase::Pending, "P8")
    };
    Derived { phase, rule }
}

/// Whether a regular container runs or has ended (C5, I1).
#[must_use]
pub fn has_started(pod: &Pod) -> bool {
    any_regular(pod, |status| status.state.running.is_some() || status.state.terminated.is_some())
}

/// Whether a status of a regular container of the spec is such.
pub fn any_regular(pod: &Pod, is_such: impl Fn(&ContainerStatus) -> bool) -> bool {
    let statuses = StatusesByName::of(pod.status.containers.as_deref());
    let mut regular = pod.spec.containers.iter().filter(|container| container.role == Role::Regular);
    regular.any(|container| statuses.get(&container.name).is_some_and(&is_such))
}

/// P7b: before containers had policies of their own.
fn by_pod_policy(policy: Option<&RestartPolicy>, outcome: Phase) -> Phase {
    match (policy, outcome) {
        (Some(RestartPolicy::Always), _) => Phase::Running,
        (_, Phase::Succeeded) => Phase::Succeeded,
        (Some(RestartPolicy::Never), _) => Phase::Failed,
        (_, _) => Phase::Running,
    }
}

/// A pod that a node's own files describe, its mirror in the API included (S1).
#[must_use]
pub fn is_static(pod: &Pod) -> bool {
    let metadata = &pod.metadata;
    // In a kubelet's own list the mirror has the source of any pod that it has from the API server.
    metadata.config_mirror.is_some() || metadata.config_source.as_deref().is_some_and(|source| source != "api")
}

#[cfg(test)]
mod tests {
    use super::{Facts, derive_phase};
    use crate::kubelet::{Features, KubernetesVersion};
    use crate::life::life;

    #[test]
    fn the_containers_give_the_phase() {
        let table = [
            ("c=waiting(ContainerCreating)", "Pending P5"),
            ("c=running", "Running P6"),
            ("c=running d=terminated(Error,1)", "Running P6"),
            ("c=terminated(Error,1)", "Running P7a"),
            ("restart=Never c=terminated(Error,1)", "Failed P7a"),
            ("restart=OnFailure c=terminated(Completed,0)", "Succeeded P7a"),
            ("restart=Never init:i=terminated(Error,1) c=waiting(PodInitializing)", "Failed P4a"),
            ("init:i=running c=waiting(PodInitializing)", "Pending P5"),
            ("c=-", "Pending P8"),
        ];
        for (change, expected) in table {
            let life = life(&format!("12:00:00 ADDED Pending {change}"));
            let facts = Facts { is_terminal: false, has_initialized: true };
            let derived = derive_phase(&life[0].pod, facts, Features::of(KubernetesVersion::NEWEST));
            assert_eq!(format!("{} {}", derived.phase, derived.rule), expected, "{change}");
        }
    }
}
