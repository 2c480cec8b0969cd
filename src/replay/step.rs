//! One event of one pod: compares the object with the one before and names every difference that matters.

use std::sync::Arc;

use super::transition::{Anomaly, AnomalyKind, Lifecycle, PodField, Subject, Transition, Value};
use super::{conditions, containers};
use crate::model::time::SECOND_US;
use crate::model::{Clock, EventKind, Known, ObservedAt, Pod, StampedAt, Status, WatchEvent, Window};

/// What is known of a pod after some of its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodState {
    /// The newest object; `None` before the first event.
    pub pod: Option<Arc<Pod>>,
    /// The last event was a DELETED.
    pub is_deleted: bool,
    /// The window of the last event.
    pub window: Option<Window>,
    /// The newest object is known in part only.
    pub is_partial: bool,
}

/// What one event makes of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The state after the event.
    pub after: PodState,
    /// What changed, in the order in which it is told.
    pub transitions: Vec<Transition>,
    /// What is odd about the event.
    pub anomalies: Vec<Anomaly>,
}

/// Applies one event. Events must come in the order of their writes (`replay::order`).
#[must_use]
pub fn step(before: PodState, event: WatchEvent) -> Step {
    let WatchEvent { seq, kind, window, pod, known } = event;
    let is_deleted = kind == EventKind::Deleted;
    let mut draft = Draft {
        seq,
        pod: &pod,
        window,
        earlier: before.window.and_then(|window| window.at),
        transitions: Vec::new(),
        anomalies: Vec::new(),
    };
    let old = before.pod.as_deref();
    lifecycle(old, before.is_deleted, &pod, &kind, &mut draft);
    for field in PodField::ALL {
        compare_field(field, old, &pod, &mut draft);
    }
    compare_phase(old.map(|pod| &pod.status), &pod.status, &mut draft);
    conditions::compare(old.map(|pod| &pod.status), &pod.status, &mut draft);
    containers::compare(old, &pod, &mut draft);
    if is_deleted {
        draft.push_deleted();
    }
    let is_partial = match known {
        Known::Shown | Known::Derived => false,
        Known::Partly => {
            if !before.is_partial {
                draft.anomalies.push(AnomalyKind::Partial);
            }
            true
        }
        Known::Untold(what) => {
            draft.anomalies.push(AnomalyKind::Untold(what));
            before.is_partial || old.is_none()
        }
    };
    let Draft { mut transitions, anomalies, .. } = draft;
    // What only later stamps prove came before what the event itself shows, in the order of the stamps.
    transitions.sort_by_key(|transition| (!transition.inferred, transition.window.at.filter(|_| transition.inferred)));
    let anomalies = anomalies.into_iter().map(|kind| Anomaly { seq, kind }).collect();
    let after = PodState { pod: Some(pod), is_deleted, window: Some(window), is_partial };
    Step { after, transitions, anomalies }
}

/// The transitions of one event while they are found.
pub(super) struct Draft<'a> {
    seq: crate::model::Seq,
    pod: &'a Pod,
    window: Window,
    earlier: Option<ObservedAt>,
    transitions: Vec<Transition>,
    pub(super) anomalies: Vec<AnomalyKind>,
}

impl Draft<'_> {
    /// Adds a transition that the event shows.
    pub(super) fn push(&mut self, subject: Subject, from: Option<Value>, to: Option<Value>) -> &mut Transition {
        self.add(Transition {
            seq: self.seq,
            resource_version: self.pod.metadata.resource_version.clone(),
            window: self.window,
            subject,
            from,
            to,
            reason: None,
            message: None,
            stamped_at: None,
            restart_count: None,
            inferred: false,
        })
    }

    /// Adds a transition that the event only proves, with the stamp that proves it (another component's clock, taken here
    /// for the observer's). It happened after the event before and not after this one.
    pub(super) fn push_inferred(
        &mut self,
        subject: Subject,
        from: Option<Value>,
        to: Option<Value>,
        stamped_at: Option<StampedAt>,
    ) -> &mut Transition {
        let stamp = stamped_at.map(|at| ObservedAt::from_micros(at.micros()));
        let (at, clock) = match stamp {
            Some(_) => (stamp, Clock::Status),
            None => (self.earliest(&subject), Clock::Inherited),
        };
        let at = at.max(self.earliest(&subject));
        let at = if self.window.at.is_some() { at.min(self.window.at).or(self.window.at) } else { at };
        let at_latest = stamp.map(|stamp| stamp.plus_micros(SECOND_US)).max(at).filter(|_| stamp.is_some());
        let window = Window { at, at_latest: at_latest.or(self.window.at_latest), clock };
        let transition = self.push(subject, from, to);
        transition.window = window;
        transition.stamped_at = stamped_at;
        transition.inferred = true;
        transition
    }

    /// Adds a transition that the event only proves and nothing stamped: it was over by `until`.
    pub(super) fn push_unseen(
        &mut self,
        subject: Subject,
        from: Option<Value>,
        to: Option<Value>,
        until: Option<StampedAt>,
    ) {
        let until = until.map(|at| ObservedAt::from_micros(at.micros()).plus_micros(SECOND_US));
        let transition = self.push_inferred(subject, from, to, None);
        transition.window.at_latest = until.max(transition.window.at).filter(|_| until.is_some());
    }

    /// An inferred transition comes after the event before, and after what was inferred of the same subject already.
    fn earliest(&self, subject: &Subject) -> Option<ObservedAt> {
        let inferred =
            self.transitions.iter().rev().find(|transition| transition.inferred && transition.subject == *subject);
        inferred.and_then(|transition| transition.window.at).max(self.earlier)
    }

    fn push_deleted(&mut self) {
        let from = if self.pod.metadata.deletion_at.is_some() { Lifecycle::Deleting } else { Lifecycle::Created };
        self.push(Subject::Lifecycle, Some(Value::Lifecycle(from)), Some(Value::Lifecycle(Lifecycle::Deleted)));
    }

    fn add(&mut self, transition: Transition) -> &mut Transition {
        let index = self.transitions.len();
        self.transitions.push(transition);
        &mut self.transitions[index]
    }
}

fn lifecycle(old: Option<&Pod>, was_deleted: bool, new: &Pod, kind: &EventKind, draft: &mut Draft<'_>) {
    let is_deleting = new.metadata.deletion_at.is_some();
    let created = Some(Value::Lifecycle(Lifecycle::Created));
    let deleting = Some(Value::Lifecycle(Lifecycle::Deleting));
    let Some(old) = old else {
        let created_at = new.metadata.created_at;
        // A watch tells of a new pod with ADDED, a list with the object alone.
        let is_first = !matches!(kind, EventKind::Modified | EventKind::Deleted | EventKind::Request);
        if is_first && is_creation(new) {
            draft.push(Subject::Lifecycle, None, created.clone()).stamped_at = created_at;
        } else {
            draft.anomalies.push(AnomalyKind::StartsMidLife);
            draft.push_inferred(Subject::Lifecycle, None, created.clone(), created_at);
        }
        if is_deleting {
            push_deleting(created, new, draft);
        }
        return;
    };
    let was_deleting = old.metadata.deletion_at.is_some();
    if was_deleted {
        draft.anomalies.push(AnomalyKind::EventAfterDeleted);
        let now = if is_deleting { deleting } else { created };
        draft.push(Subject::Lifecycle, Some(Value::Lifecycle(Lifecycle::Deleted)), now);
    } else if is_deleting && !was_deleting {
        push_deleting(created, new, draft);
    } else if is_deleting && old.metadata.deletion_grace_seconds != new.metadata.deletion_grace_seconds {
        push_deleting(deleting, new, draft);
    } else if was_deleting && !is_deleting {
        draft.push(Subject::Lifecycle, deleting, created);
    }
}

/// A deletion was asked for, or asked for again with another grace period.
fn push_deleting(from: Option<Value>, new: &Pod, draft: &mut Draft<'_>) {
    let transition = draft.push(Subject::Lifecycle, from, Some(Value::Lifecycle(Lifecycle::Deleting)));
    transition.stamped_at = new.metadata.deletion_requested_at();
    transition.message = new.metadata.deletion_grace_seconds.map(|seconds| format!("grace period {seconds}s").into());
}

/// The object is as its creation left it: nobody has reported on it yet.
#[must_use]
pub fn is_creation(pod: &Pod) -> bool {
    let status = &pod.status;
    let untouched = status.start_at.is_none()
        && status.containers.is_none()
        && status.init_containers.is_none()
        && status.conditions.iter().all(|condition| &*condition.kind == "PodScheduled")
        && status.phase.as_ref().is_none_or(|phase| !phase.is_terminal());
    let written_later = match (pod.metadata.written_at, pod.metadata.created_at) {
        (Some(written_at), Some(created_at)) => written_at > created_at,
        (None, _) | (_, None) => false,
    };
    untouched && !written_later
}

fn compare_phase(old: Option<&Status>, new: &Status, draft: &mut Draft<'_>) {
    let before = old.and_then(|status| status.phase.as_ref());
    if before != new.phase.as_ref() {
        let from = before.cloned().map(Value::Phase);
        let to = new.phase.clone().map(Value::Phase);
        let transition = draft.push(Subject::Phase, from, to);
        transition.reason.clone_from(&new.reason);
        transition.message.clone_from(&new.message);
    }
}

fn compare_field(field: PodField, old: Option<&Pod>, new: &Pod, draft: &mut Draft<'_>) {
    let text = |text: &Option<Box<str>>| text.clone();
    let read = |pod: &Pod| match field {
        PodField::NodeName => text(&pod.spec.node_name),
        PodField::NominatedNodeName => text(&pod.status.nominated_node_name),
        PodField::QosClass => text(&pod.status.qos_class),
        PodField::StartTime => pod.status.start_at.map(|at| at.to_string().into()),
        PodField::HostIp => text(&pod.status.host_ip),
        PodField::PodIps => (!pod.status.pod_ips.is_empty()).then(|| pod.status.pod_ips.join(",").into()),
        PodField::Reason => text(&pod.status.reason),
        PodField::Message => text(&pod.status.message),
        PodField::ObservedGeneration => None,
    };
    if old.is_some_and(|old| field_is_equal(field, old, new)) {
        return;
    }
    let (before, after) = (old.and_then(read), read(new));
    if before != after {
        draft.push(Subject::Field(field), before.map(Value::Text), after.map(Value::Text));
    }
}

/// The same question without copying anything: nearly every event leaves nearly every field alone.
fn field_is_equal(field: PodField, old: &Pod, new: &Pod) -> bool {
    let (before, after) = (&old.status, &new.status);
    match field {
        PodField::NodeName => old.spec.node_name == new.spec.node_name,
        PodField::NominatedNodeName => before.nominated_node_name == after.nominated_node_name,
        PodField::QosClass => before.qos_class == after.qos_class,
        PodField::StartTime => before.start_at == after.start_at,
        PodField::HostIp => before.host_ip == after.host_ip,
        PodField::PodIps => before.pod_ips == after.pod_ips,
        PodField::Reason => before.reason == after.reason,
        PodField::Message => before.message == after.message,
        PodField::ObservedGeneration => true,
    }
}
