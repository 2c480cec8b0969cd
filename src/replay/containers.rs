//! Transitions of containers, those included that no event shows but a later one proves.

use std::collections::{BTreeMap, BTreeSet};

use super::builder::Builder;
use super::transition::{AnomalyKind, Subject, Value};
use crate::model::{ContainerState, ContainerStatus, Pod, Role, StampedAt, Terminated};

/// Compares the containers of two objects, name by name.
pub(super) fn compare(before: Option<&Pod>, after: &Pod, builder: &mut Builder<'_>) {
    let old: Vec<(Role, &ContainerStatus)> = before.map(|pod| pod.container_statuses().collect()).unwrap_or_default();
    let mut new: Vec<(Role, &ContainerStatus)> = after.container_statuses().collect();
    new.sort_by_key(|(role, status)| match role {
        Role::Init | Role::Sidecar => (Role::Init, None),
        Role::Regular | Role::Ephemeral => (*role, Some(&status.name)),
    });
    // Of a name that stands in two lists the first counts.
    let by_name: BTreeMap<&str, &ContainerStatus> =
        old.iter().rev().map(|(_, status)| (&*status.name, *status)).collect();
    for (role, status) in &new {
        compare_one(*role, by_name.get(&*status.name).copied(), status, builder);
    }
    let names: BTreeSet<&str> = new.iter().map(|(_, status)| &*status.name).collect();
    for (role, status) in &old {
        if !names.contains(&*status.name) {
            builder.push(Subject::Container((*status.name).into(), *role), Some(value(&status.state)), None);
        }
    }
}

fn compare_one(role: Role, old: Option<&ContainerStatus>, new: &ContainerStatus, builder: &mut Builder<'_>) {
    if old.is_some_and(|old| old.state == new.state && old.last == new.last && old.restart_count == new.restart_count) {
        return;
    }
    let subject = Subject::Container((*new.name).into(), role);
    let mut from = old.map(|old| value(&old.state));
    if let Some(old) = old {
        let mut unseen = Unseen { subject: &subject, from, builder };
        unseen.recover(old, new);
        from = unseen.from;
        let runs = runs_without_trace(old, new);
        if runs > 0 {
            builder.anomalies.push(AnomalyKind::RestartsUnseen { container: new.name.clone(), runs });
        }
    }
    if from == Some(value(&new.state)) && old.is_some_and(|old| same_stay(old, new)) {
        return;
    }
    let transition = builder.push(subject, from, Some(value(&new.state)));
    if let Some(run) = new.state.terminated.as_deref() {
        transition.reason = run.reason.as_deref().map(Into::into);
        transition.message = run.message.as_deref().map(Into::into);
        transition.stamped_at = run.finished_at;
    } else if let Some(running) = &new.state.running {
        transition.stamped_at = running.started_at;
    } else if let Some(waiting) = new.state.waiting.as_deref() {
        transition.reason = waiting.reason.as_deref().map(Into::into);
        transition.message = waiting.message.as_deref().map(Into::into);
    }
    transition.restart_count = Some(new.restart_count);
}

/// The runs between two events that no event shows, told in order.
struct Unseen<'a, 'b> {
    subject: &'a Subject,
    /// The value that the next transition starts from.
    from: Option<Value>,
    builder: &'a mut Builder<'b>,
}

impl Unseen<'_, '_> {
    /// Tells what the stamps of `new` prove: the run in `lastState`, if no earlier event showed its end, and the
    /// beginning of a run whose end `new` itself shows.
    fn recover(&mut self, old: &ContainerStatus, new: &ContainerStatus) {
        let known_start = started_at(&old.state);
        let own_run = started_at(&new.state);
        if let Some(run) = unseen_end(old, new) {
            // `lastState` is the run before the one in `state`, if there is one in `state`.
            let count = new.restart_count.saturating_sub(i64::from(own_run.is_some()));
            let is_known_run =
                old.state.running.is_some() && (run.started_at == known_start || run.started_at.is_none());
            // SEMANTICS E4: of a container that the kubelet could not find it knows no times, nor whether it ran.
            if !is_known_run && run.finished_at.is_some() {
                self.begin(run.started_at, count);
            }
            let ended = Some(Value::Container(run.to_string().into()));
            let transition =
                self.builder.push_inferred(self.subject.clone(), self.from.take(), ended.clone(), run.finished_at);
            transition.reason = run.reason.as_deref().map(Into::into);
            transition.message = run.message.as_deref().map(Into::into);
            transition.restart_count = Some(count);
            self.from = ended;
        }
        let ended_at_once = new.state.terminated.is_some() && own_run.is_some() && own_run != known_start;
        if ended_at_once {
            self.begin(own_run, new.restart_count);
        }
    }

    /// A run began that no event shows. One that was running before had ended by then, nobody knows how. Of what could not be started the
    /// runtime says the zero of its clock: it did not run.
    fn begin(&mut self, at: Option<StampedAt>, restart_count: i64) {
        let running = Some(Value::Container("running".into()));
        let has_run = at.is_none_or(|at| at.micros() != 0);
        if self.from == running {
            self.builder.push_unseen(self.subject.clone(), self.from.take(), None, at.filter(|_| has_run));
        }
        if !has_run {
            return;
        }
        let transition = self.builder.push_inferred(self.subject.clone(), self.from.take(), running.clone(), at);
        transition.restart_count = Some(restart_count);
        self.from = running;
    }
}

/// How many restarts the count tells of that no timestamp proves.
fn runs_without_trace(old: &ContainerStatus, new: &ContainerStatus) -> i64 {
    let known_start = started_at(&old.state);
    let is_new = |start: Option<StampedAt>| start.is_some() && start != known_start;
    let last_run = unseen_end(old, new).is_some_and(|run| is_new(run.started_at));
    // SEMANTICS E4, E7: a container that vanished from the runtime, or that waits to be restarted with all others, is
    // counted as restarted before it runs again.
    let counted_early = new.state.waiting.is_some()
        && new.last.terminated.as_deref().is_some_and(|run| {
            matches!(run.reason.as_deref(), Some("ContainerStatusUnknown" | "RestartingAllContainers"))
        });
    let proved = i64::from(last_run) + i64::from(is_new(started_at(&new.state))) + i64::from(counted_early);
    new.restart_count.saturating_sub(old.restart_count).saturating_sub(proved)
}

/// The end of a run that shows in `lastState` only: not the run whose end the event before already showed.
fn unseen_end<'a>(old: &ContainerStatus, new: &'a ContainerStatus) -> Option<&'a Terminated> {
    let run = new.last.terminated.as_deref()?;
    let shown = [old.last.terminated.as_deref(), old.state.terminated.as_deref()];
    let is_known = shown.into_iter().flatten().any(|earlier| is_same_run(earlier, run));
    (!is_known).then_some(run)
}

/// The same run: it began and ended at the same times with the same code. (Messages are cut and dropped later on.)
fn is_same_run(left: &Terminated, right: &Terminated) -> bool {
    left.exit_code == right.exit_code && left.started_at == right.started_at && left.finished_at == right.finished_at
}

/// Still in the same state for the same reason: nothing to tell.
fn same_stay(old: &ContainerStatus, new: &ContainerStatus) -> bool {
    let message = |state: &ContainerState| state.waiting.as_ref().and_then(|waiting| waiting.message.clone());
    started_at(&old.state) == started_at(&new.state)
        && message(&old.state) == message(&new.state)
        && old.restart_count == new.restart_count
        && old.state.terminated.is_none() == new.state.terminated.is_none()
}

fn started_at(state: &ContainerState) -> Option<StampedAt> {
    match (&state.running, &state.terminated) {
        (Some(running), _) => running.started_at,
        (None, Some(run)) => run.started_at,
        (None, None) => None,
    }
}

fn value(state: &ContainerState) -> Value {
    Value::Container(state.to_string().into())
}
