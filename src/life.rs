//! A pod's life in one text, for unit tests:
//!
//! ```text
//! let events = life(
//!     "12:00:00 ADDED    Pending restart=Never
//!      12:00:00 MODIFIED node=n1 PodScheduled by=scheduler
//!      12:00:02 MODIFIED Initialized !ContainersReady(ContainersNotReady) c=waiting(ContainerCreating)
//!      12:00:04 MODIFIED Running ContainersReady Ready c=running,ready
//!      GAP
//!      12:09:00 DELETED  deletion=30 Failed c=terminated(Error,1)",
//! );
//! ```
//!
//! One event a line, or ` / ` between two. An event shows what the event before it showed, changed by its words:
//!
//! | word | what it sets |
//! |---|---|
//! | `Running`, `Phase=-` | the phase; none |
//! | `Ready`, `!Ready`, `Ready=Unknown`, `Ready=-` | a condition that is True, False, another status; gone |
//! | `!Ready(Reason: message)`, `Ready@12:00:01`, `Ready@-` | with reason and message; with a lastTransitionTime; without one |
//! | `c=running`, `c=waiting(R: message)`, `c=terminated(R,137)`, `c=-` | a container's state; no status |
//! | `c=running,ready,restarts=3,last=terminated(Error,1)` | what else its status says; `unready`, `started`, `unstarted` |
//! | `init:c=...`, `sidecar:c=...`, `ephemeral:c=...` | a container of another role |
//! | `node=n`, `deletion=30`, `restart=Never`, `gate=example.com/g` | spec and metadata; `-` takes away |
//! | `reason=Evicted`, `message=(a text)`, `start=12:00:01`, `ip=10.0.0.1`, `qos=Burstable`, `generation=2`, `observed=2` | the status |
//! | `by=kubectl`, `by=-` | who writes the status; from here on there are no managedFields |
//! | `wiped` | the status is empty |
//! | `partly`, `derived`, `untold=(why)` | how the object is known |
//!
//! What a cluster would do by itself is done: a status that flips takes the event's time as lastTransitionTime, a run begins
//! and ends at its event, moves to lastState when the next state replaces it and counts as a restart when the container
//! runs again; an init container that ends with 0 is ready. Whoever is not named by `by=` is the kubelet once there is a
//! status of a container or a condition of its own; its first write sets the startTime. All containers named anywhere stand in the spec
//! from the beginning. `GAP` before an event: `recorded` gives it as a gap of the recording.

use std::sync::Arc;

use crate::model::{
    Clock, Condition, ConditionStatus, ContainerSpec, ContainerState, ContainerStatus, EventKind, Manager, ObservedAt,
    Phase, Pod, PodUid, Provenance, ResourceVersion, RestartPolicy, Role, Running, Seq, StampedAt, Status,
    StatusWriter, Terminated, Waiting, WatchEvent, Window,
};
use crate::timeline::{Gap, GapKind};

/// The events of a life.
pub(crate) fn life(text: &str) -> Vec<WatchEvent> {
    recorded(text).0
}

/// The events of a life, and the gaps of the recording.
pub(crate) fn recorded(text: &str) -> (Vec<WatchEvent>, Vec<Gap>) {
    let lines: Vec<&str> =
        text.lines().flat_map(|line| line.split(" / ")).map(str::trim).filter(|it| !it.is_empty()).collect();
    let mut pod = Pod::default();
    (pod.metadata.namespace, pod.metadata.name) = ("default".into(), "web-0".into());
    pod.metadata.uid = PodUid("u-1".into());
    pod.spec.restart_policy = Some(RestartPolicy::Always);
    pod.spec.containers = specs(&lines);
    let mut writing = Writing { pod, is_managed: true };
    let (mut events, mut gaps): (Vec<WatchEvent>, Vec<Gap>) = (Vec::new(), Vec::new());
    for line in lines {
        if line == "GAP" {
            let last = events.last();
            gaps.push(Gap {
                kind: GapKind::WatchError,
                list: None,
                after: last.map(|event| event.seq),
                before: Some(seq(events.len())),
                from: last.and_then(|event| event.window.at),
                until: None,
            });
        } else {
            events.push(writing.event(line, events.len()));
        }
    }
    (events, gaps)
}

fn seq(index: usize) -> Seq {
    Seq(i64::try_from(index).expect("a short life") + 1)
}

/// A time of the day on which all lives happen.
pub(crate) fn at(time: &str) -> StampedAt {
    StampedAt::parse(&format!("2026-11-20T{time}Z")).unwrap_or_else(|| panic!("a time of the day: {time}"))
}

/// The words of a line; blanks between brackets separate nothing.
fn words(line: &str) -> Vec<&str> {
    split(line, ' ').into_iter().filter(|word| !word.is_empty()).collect()
}

fn split(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0;
    text.split(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == separator && depth == 0
    })
    .collect()
}

/// `Error(a: b)` is `Error` and `a: b`.
fn in_brackets(text: &str) -> (&str, Option<&str>) {
    match text.split_once('(') {
        Some((name, rest)) => {
            (name, Some(rest.strip_suffix(')').unwrap_or_else(|| panic!("no bracket closes {text}"))))
        }
        None => (text, None),
    }
}

/// `Reason: message`, either of which may be missing.
fn says(text: Option<&str>) -> (Option<Box<str>>, Option<Box<str>>) {
    let some = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(Box::from);
    match text.and_then(|text| text.split_once(':')) {
        Some((reason, message)) => (some(reason), some(message)),
        None => (text.and_then(some), None),
    }
}

const FIELDS: [&str; 14] = [
    "node",
    "deletion",
    "restart",
    "gate",
    "reason",
    "message",
    "start",
    "ip",
    "qos",
    "generation",
    "observed",
    "by",
    "untold",
    "Phase",
];

/// The role, the name and the words of a container.
fn container_of(word: &str) -> Option<(Role, &str, &str)> {
    let (key, value) = word.split_once('=')?;
    let (role, name) = match key.split_once(':') {
        Some(("init", name)) => (Role::Init, name),
        Some(("sidecar", name)) => (Role::Sidecar, name),
        Some(("ephemeral", name)) => (Role::Ephemeral, name),
        Some(_) => panic!("no role: {word}"),
        None => (Role::Regular, key),
    };
    let is_name = name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-');
    (is_name && !FIELDS.contains(&name)).then_some((role, name, value))
}

/// Every container that is named anywhere, init containers and sidecars first.
fn specs(lines: &[&str]) -> Vec<ContainerSpec> {
    let mut specs: Vec<ContainerSpec> = Vec::new();
    for (role, name, _) in lines.iter().flat_map(|line| words(line)).filter_map(container_of) {
        if !specs.iter().any(|spec| *spec.name == *name) {
            let restart_policy = (role == Role::Sidecar).then_some(RestartPolicy::Always);
            specs.push(ContainerSpec { name: name.into(), role, restart_policy, restart_rules: Vec::new() });
        }
    }
    specs.sort_by_key(|spec| match spec.role {
        Role::Init | Role::Sidecar => 0,
        Role::Regular => 1,
        Role::Ephemeral => 2,
    });
    specs
}

/// The object as it is written so far.
struct Writing {
    pod: Pod,
    is_managed: bool,
}

impl Writing {
    fn event(&mut self, line: &str, index: usize) -> WatchEvent {
        let words = words(line);
        let [time, kind, changes @ ..] = words.as_slice() else { panic!("time and kind: {line}") };
        let now = (*time != "-").then(|| at(time));
        let before = self.pod.status.clone();
        let (mut provenance, mut by) = (Provenance::Observed, None);
        if index == 0 {
            self.pod.metadata.created_at = now;
        }
        for word in changes {
            match word.split_once('=') {
                Some(("by", "-")) => {
                    self.is_managed = false;
                    self.pod.metadata.status_writers.clear();
                    self.pod.metadata.written_at = None;
                }
                Some(("by", who)) => by = Some(who),
                Some(("untold", why)) => provenance = Provenance::Unknown(in_brackets(why).1.unwrap_or(why).into()),
                None if *word == "partly" => provenance = Provenance::Partial,
                None if *word == "derived" => provenance = Provenance::Reconstructed,
                None if *word == "wiped" => self.pod.status = Status::default(),
                _ => self.change(word, now),
            }
        }
        self.sign(&before, by, now);
        self.pod.metadata.resource_version = ResourceVersion::new(&(1001 + index).to_string());
        let seen = now.map(|now| ObservedAt::from_micros(now.micros()));
        let clock = if self.is_managed { Clock::ManagedFields } else { Clock::Status };
        let window = Window { at: seen, at_latest: seen, clock: if seen.is_some() { clock } else { Clock::None } };
        WatchEvent {
            seq: seq(index),
            kind: EventKind::from(*kind),
            window,
            pod: Arc::new(self.pod.clone()),
            provenance,
            by: None,
        }
    }

    /// Notes who wrote the status.
    fn sign(&mut self, before: &Status, by: Option<&str>, now: Option<StampedAt>) {
        let status = &mut self.pod.status;
        let is_own = |condition: &Condition| matches!(&*condition.kind, "Initialized" | "ContainersReady" | "Ready");
        let is_reported = status.containers.is_some() || status.conditions.iter().any(is_own);
        let by = by.or((is_reported && status != before).then_some("kubelet"));
        if by == Some("kubelet") && before.start_at.is_none() && status.start_at.is_none() {
            status.start_at = now;
        }
        if !self.is_managed {
            return;
        }
        self.pod.metadata.written_at = now;
        if let Some(by) = by {
            let writers = &mut self.pod.metadata.status_writers;
            writers.retain(|entry| entry.manager.as_str() != by);
            writers.push(StatusWriter { manager: Manager::from(by), at: now, took_pod: false });
        }
    }

    fn change(&mut self, word: &str, now: Option<StampedAt>) {
        if let Some((role, name, value)) = container_of(word) {
            self.container(role, name, value, now);
            return;
        }
        let text = |value: &str| (value != "-").then(|| Box::from(in_brackets(value).1.unwrap_or(value)));
        let number = |value: &str| value.parse::<i64>().ok();
        let Pod { metadata, spec, status, printed: _ } = &mut self.pod;
        match word.split_once('=').filter(|(key, _)| FIELDS.contains(key)) {
            Some(("Phase", value)) => status.phase = text(value).map(|word| Phase::from(&*word)),
            Some(("node", value)) => spec.node_name = text(value),
            Some(("restart", value)) => spec.restart_policy = text(value).map(|word| RestartPolicy::from(&*word)),
            Some(("gate", value)) => spec.readiness_gates.push(value.into()),
            Some(("reason", value)) => status.reason = text(value),
            Some(("message", value)) => status.message = text(value),
            Some(("ip", value)) => status.pod_ips = text(value).into_iter().collect(),
            Some(("qos", value)) => status.qos_class = text(value),
            Some(("start", value)) => status.start_at = (value != "-").then(|| at(value)),
            Some(("generation", value)) => metadata.generation = number(value),
            Some(("observed", value)) => status.observed_generation = number(value),
            Some(("deletion", value)) => {
                metadata.deletion_grace_seconds = number(value);
                let grace_us = |seconds: i64| seconds * crate::model::time::SECOND_US;
                metadata.deletion_at = now.zip(number(value)).map(|(now, seconds)| now.plus_micros(grace_us(seconds)));
            }
            _ => match Phase::from(word) {
                Phase::Other(_) => condition(status, word, now),
                phase @ (Phase::Pending | Phase::Running | Phase::Succeeded | Phase::Failed | Phase::Unknown) => {
                    status.phase = Some(phase);
                }
            },
        }
    }

    fn container(&mut self, role: Role, name: &str, value: &str, now: Option<StampedAt>) {
        let status = &mut self.pod.status;
        let list = match role {
            Role::Init | Role::Sidecar => &mut status.init_containers,
            Role::Regular => &mut status.containers,
            Role::Ephemeral => &mut status.ephemeral_containers,
        };
        let list = list.get_or_insert_default();
        let was = list.iter().position(|status| *status.name == *name);
        if value == "-" {
            list.retain(|status| *status.name != *name);
            return;
        }
        let named = ContainerStatus { name: name.into(), ..ContainerStatus::default() };
        let was = was.map_or_else(|| named.clone(), |place| list[place].clone());
        let is = container_status(role, was, value, now);
        match list.iter_mut().find(|status| *status.name == *name) {
            Some(status) => *status = is,
            None => list.push(is),
        }
    }
}

/// Puts a condition into a status: `Ready`, `!Ready(Reason: message)@12:00:01`.
fn condition(status: &mut Status, word: &str, now: Option<StampedAt>) {
    let (word, stamp) = match word.rsplit_once('@') {
        Some((word, "-")) => (word, Some(None)),
        Some((word, stamp)) => (word, Some(Some(at(stamp)))),
        None => (word, None),
    };
    let (word, inside) = in_brackets(word);
    let (kind, holds) = match (word.strip_prefix('!'), word.split_once('=')) {
        (Some(kind), _) => (kind, "False"),
        (None, Some((kind, holds))) => (kind, holds),
        (None, None) => (word, "True"),
    };
    assert!(kind.starts_with(|it: char| it.is_uppercase()) || kind.contains('/'), "no word of a life: {word}");
    let place = status.conditions.iter().position(|condition| *condition.kind == *kind);
    if holds == "-" {
        status.conditions.retain(|condition| *condition.kind != *kind);
        return;
    }
    let holds = ConditionStatus::from(holds);
    let was = place.map(|place| &status.conditions[place]).filter(|was| was.status == holds);
    let last_transition_at = stamp.unwrap_or_else(|| was.map_or(now, |was| was.last_transition_at));
    let (reason, message) = says(inside);
    let (last_probe_at, observed_generation) = (None, None);
    let is = Condition {
        kind: kind.into(),
        status: holds,
        reason,
        message,
        last_transition_at,
        last_probe_at,
        observed_generation,
    };
    match place {
        Some(place) => status.conditions[place] = is,
        None => status.conditions.push(is),
    }
}

/// The next status of a container: `running,ready,restarts=2,last=terminated(Error,1)`.
fn container_status(role: Role, was: ContainerStatus, value: &str, now: Option<StampedAt>) -> ContainerStatus {
    let parts = split(value, ',');
    let state = state(parts[0], &was.state, now);
    let is_run = state.running.is_some();
    let mut is = ContainerStatus { name: was.name.clone(), ready: false, started: Some(is_run), ..was.clone() };
    if was.state.terminated.is_some() && state.terminated.is_none() {
        is.last = was.state.clone();
    }
    if is_run && was.state.running.is_none() && is.last.terminated.is_some() {
        is.restart_count += 1;
    }
    is.ready = role == Role::Init && state.terminated.as_ref().is_some_and(|run| run.exit_code == 0);
    is.state = state;
    for part in &parts[1..] {
        match part.split_once('=') {
            Some(("restarts", count)) => is.restart_count = count.parse().expect("a number of restarts"),
            Some(("last", "-")) => is.last = ContainerState::default(),
            Some(("last", text)) => is.last = self::state(text, &was.last, now),
            None if *part == "ready" => is.ready = true,
            None if *part == "unready" => is.ready = false,
            None if *part == "started" => is.started = Some(true),
            None if *part == "unstarted" => is.started = Some(false),
            _ => panic!("no word of a container: {part}"),
        }
    }
    is
}

fn state(text: &str, was: &ContainerState, now: Option<StampedAt>) -> ContainerState {
    let (word, inside) = in_brackets(text);
    let mut state = ContainerState::default();
    match word {
        "running" => state.running = Some(was.running.clone().unwrap_or(Running { started_at: now })),
        "waiting" => {
            let (reason, message) = says(inside);
            state.waiting = Some(Box::new(Waiting { reason, message }));
        }
        "terminated" => {
            let (reason, code) = inside.and_then(|it| it.split_once(',')).expect("terminated(REASON,CODE)");
            let (reason, message) = says(Some(reason));
            let exit_code = code.trim().parse().expect("an exit code");
            let run = was.terminated.as_deref().filter(|run| run.exit_code == exit_code && run.reason == reason);
            let ended = || Terminated {
                exit_code,
                signal: 0,
                reason: reason.clone(),
                message,
                started_at: was.running.as_ref().and_then(|run| run.started_at),
                finished_at: now,
            };
            state.terminated = Some(Box::new(run.cloned().unwrap_or_else(ended)));
        }
        "unknown" => {}
        _ => panic!("no state of a container: {text}"),
    }
    state
}

#[cfg(test)]
mod tests {
    use super::recorded;

    #[test]
    fn a_life_reads_like_a_log() {
        let (events, gaps) = recorded(
            "12:00:00 ADDED Pending restart=OnFailure
             12:00:01 MODIFIED node=n1 PodScheduled by=kube-scheduler
             12:00:02 MODIFIED !Ready(ContainersNotReady: containers with unready status: [c]) c=waiting(ContainerCreating)
             12:00:03 MODIFIED Running Ready c=running,ready / 12:00:09 MODIFIED !Ready c=terminated(Error,1)
             GAP
             12:00:19 MODIFIED Ready@12:00:18 c=running,ready / 12:00:30 DELETED deletion=0 wiped",
        );
        assert_eq!(events.len(), 7);
        let statuses = |index: usize| events[index].pod.status.containers.as_ref().map(|list| list[0].clone());
        assert_eq!(statuses(0), None);
        let again = statuses(5).expect("it has a status");
        assert_eq!((again.restart_count, again.last.to_string()), (1, "terminated(Error, 1)".to_owned()));
        let run = again.last.terminated.expect("its run before");
        assert_eq!(run.started_at.zip(run.finished_at), Some((super::at("12:00:03"), super::at("12:00:09"))));
        let ready = |index: usize| events[index].pod.status.condition("Ready").and_then(|it| it.last_transition_at);
        assert_eq!([ready(2), ready(3), ready(5)], ["12:00:02", "12:00:03", "12:00:18"].map(|it| Some(super::at(it))));
        assert_eq!(events[2].pod.status.start_at, Some(super::at("12:00:02")));
        let managers = |index: usize| events[index].pod.metadata.status_writers.iter().map(|it| it.manager.to_string());
        assert_eq!(managers(6).collect::<Vec<_>>(), ["kube-scheduler", "kubelet"]);
        assert_eq!(gaps.iter().map(|gap| gap.before).collect::<Vec<_>>(), [Some(events[5].seq)]);
        assert_eq!(events[6].pod.status.phase, None);
    }
}
