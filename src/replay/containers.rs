//! Transitions of containers, those included that no event shows but a later one proves.

use super::step::Draft;
use super::transition::{AnomalyKind, Subject, Value};
use crate::model::{ContainerState, ContainerStatus, Pod, Role, StampedAt, Terminated};

/// Compares the containers of two objects, name by name.
pub(super) fn compare(before: Option<&Pod>, after: &Pod, draft: &mut Draft<'_>) {
    let old: Vec<(Role, &ContainerStatus)> = before.map(|pod| pod.container_statuses().collect()).unwrap_or_default();
    let mut new: Vec<(Role, &ContainerStatus)> = after.container_statuses().collect();
    new.sort_by_key(|(role, status)| match role {
        Role::Init | Role::Sidecar => (Role::Init, None),
        Role::Regular | Role::Ephemeral => (*role, Some(&status.name)),
    });
    for (role, status) in &new {
        let earlier = old.iter().find(|(_, earlier)| earlier.name == status.name).map(|(_, earlier)| *earlier);
        compare_one(*role, earlier, status, draft);
    }
    for (role, status) in &old {
        if !new.iter().any(|(_, later)| later.name == status.name) {
            draft.push(Subject::Container(status.name.clone(), *role), Some(value(&status.state)), None);
        }
    }
}

fn compare_one(role: Role, old: Option<&ContainerStatus>, new: &ContainerStatus, draft: &mut Draft<'_>) {
    if old.is_some_and(|old| old.state == new.state && old.last == new.last && old.restart_count == new.restart_count) {
        return;
    }
    let subject = Subject::Container(new.name.clone(), role);
    let mut from = old.map(|old| value(&old.state));
    let known_start = old.and_then(|old| started_at(&old.state));
    if let Some(old) = old {
        let runs_begun = new.restart_count - old.restart_count;
        let ended = unseen_end(old, new);
        let runs_proved =
            i64::from(ended.is_some_and(|run| run.started_at != known_start)) + i64::from(begins(old, new));
        if runs_begun > runs_proved.max(1) {
            let runs = runs_begun - runs_proved.max(1);
            draft.anomalies.push(AnomalyKind::RestartsUnseen { container: new.name.clone(), runs });
        }
        if let Some(run) = ended {
            if old.state.running.is_none()
                || run.started_at.is_some_and(|at| known_start.is_some_and(|known| at > known))
            {
                let to = Some(Value::Container("running".into()));
                draft.push_inferred(subject.clone(), from.take(), to.clone(), run.started_at);
                from = to;
            }
            let to = Some(Value::Container(terminated(run)));
            let transition = draft.push_inferred(subject.clone(), from.take(), to.clone(), run.finished_at);
            transition.reason.clone_from(&run.reason);
            transition.message.clone_from(&run.message);
            from = to;
        }
    }
    // A run that is over when it is first seen was running in between.
    if let Some(run) = new.state.terminated.as_deref()
        && old.is_none_or(|old| old.state.running.is_none() && old.state.terminated.is_none())
        && run.started_at.is_some()
        && old.is_some()
    {
        let to = Some(Value::Container("running".into()));
        draft.push_inferred(subject.clone(), from.take(), to.clone(), run.started_at);
        from = to;
    }
    if from == Some(value(&new.state)) && old.is_some_and(|old| same_stay(old, new)) {
        return;
    }
    let transition = draft.push(subject, from, Some(value(&new.state)));
    if let Some(run) = new.state.terminated.as_deref() {
        transition.reason.clone_from(&run.reason);
        transition.message.clone_from(&run.message);
        transition.stamped_at = run.finished_at;
    } else if let Some(running) = &new.state.running {
        transition.stamped_at = running.started_at;
    } else if let Some(waiting) = new.state.waiting.as_deref() {
        transition.reason.clone_from(&waiting.reason);
        transition.message.clone_from(&waiting.message);
    }
    transition.restart_count = Some(new.restart_count);
}

/// The end of a run that shows in `lastState` only: not the run whose end the event before already showed.
fn unseen_end<'a>(old: &ContainerStatus, new: &'a ContainerStatus) -> Option<&'a Terminated> {
    let run = new.last.terminated.as_deref()?;
    let shown = [old.last.terminated.as_deref(), old.state.terminated.as_deref()];
    let is_known = shown.into_iter().flatten().any(|earlier| is_same_run(earlier, run));
    (!is_known && run.finished_at.is_some()).then_some(run)
}

/// The same run: it began and ended at the same times with the same code. (Messages are cut and dropped later on.)
fn is_same_run(left: &Terminated, right: &Terminated) -> bool {
    left.exit_code == right.exit_code && left.started_at == right.started_at && left.finished_at == right.finished_at
}

/// Whether the new state is itself a run that the old one did not show.
fn begins(old: &ContainerStatus, new: &ContainerStatus) -> bool {
    started_at(&new.state).is_some() && started_at(&new.state) != started_at(&old.state)
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

fn terminated(run: &Terminated) -> Box<str> {
    format!("terminated({}, {})", run.reason.as_deref().unwrap_or_default(), run.exit_code).into()
}
