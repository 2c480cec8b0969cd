//! One event of one pod: compares the object with the one before and names every difference that matters.

use std::sync::Arc;

use super::builder::Builder;
use super::transition::{Anomaly, AnomalyKind, Lifecycle, PodField, Subject, Transition, Value};
use super::{conditions, containers};
use crate::model::{Actor, Basis, EventKind, Pod, Provenance, StampedAt, Status, WatchEvent, Window};

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

/// What is said of a deletion that a finalizer held up: when that let go no stamp tells.
pub const HELD: &str = "a finalizer held it until then";

/// Applies one event. Events must come in the order of their writes (`history::order`).
#[must_use]
pub fn step(before: PodState, event: WatchEvent) -> Step {
    let WatchEvent { seq, kind, window, pod, provenance, by } = event;
    let is_deleted = kind == EventKind::Deleted;
    let earlier = before.window.and_then(|window| window.at);
    let mut builder = Builder::new(seq, &pod, window, earlier);
    let old = before.pod.as_deref();
    lifecycle(old, before.is_deleted, &pod, &kind, &mut builder);
    for field in PodField::ALL {
        compare_field(field, old, &pod, &mut builder);
    }
    compare_phase(old.map(|pod| &pod.status), &pod.status, &mut builder);
    conditions::compare(old.map(|pod| &pod.status), &pod.status, &mut builder);
    containers::compare(old, &pod, &mut builder);
    if is_deleted {
        let is_held = old.is_some_and(|old| old.metadata.has_finalizers && old.metadata.deletion_at.is_some());
        builder.push_deleted().message = is_held.then(|| HELD.into());
    }
    let is_partial = match provenance {
        Provenance::Observed | Provenance::Reconstructed => false,
        Provenance::Partial => {
            if !before.is_partial {
                builder.anomalies.push(AnomalyKind::Partial);
            }
            true
        }
        Provenance::Unknown(what) => {
            builder.anomalies.push(AnomalyKind::Untold(what));
            before.is_partial || old.is_none()
        }
    };
    let Builder { mut transitions, anomalies, .. } = builder;
    // What only later stamps prove came before what the event itself shows, in the order of the stamps.
    in_order_of_proof(&mut transitions);
    // Who wrote what is only proved here is not told.
    let is_mirror = pod.metadata.config_mirror.is_some();
    let is_of = |by: &&Arc<Actor>, it: &Transition| !it.inferred && can_have_made(by, it, is_mirror);
    transitions.iter_mut().for_each(|it| it.by = by.as_ref().filter(|by| is_of(by, it)).cloned());
    let anomalies = anomalies.into_iter().map(|kind| Anomaly { seq, kind }).collect();
    let after = PodState { pod: Some(pod), is_deleted, window: Some(window), is_partial };
    Step { after, transitions, anomalies }
}

/// Whether a request can have made a change: an object may also show what another write did that no event shows. A deletion is asked
/// for by a deletion or an eviction, but not by a kubelet, which deletes what somebody else had asked to end, and its mirror pods. Requests
/// choose a node as they create a pod or its binding.
fn can_have_made(by: &Actor, it: &Transition, is_mirror: bool) -> bool {
    const DELETING: Option<Value> = Some(Value::Lifecycle(Lifecycle::Deleting));
    match &it.subject {
        Subject::Lifecycle if it.to == DELETING => {
            let may_begin = by.node().is_none() || is_mirror || it.from == DELETING;
            (by.verb.starts_with("delete") || &*by.part == "eviction") && may_begin
        }
        Subject::Field(PodField::NodeName) => &*by.verb == "create" || by.basis == Basis::ManagedFields,
        Subject::Lifecycle | Subject::Field(_) | Subject::Phase | Subject::Condition(_) | Subject::Container(..) => {
            true
        }
    }
}

/// Sorts what is inferred before what is shown, by the stamp that proves it: its own, or that of what came next of its subject.
/// Those of one subject, which stand together, stay in their order.
fn in_order_of_proof(transitions: &mut [Transition]) {
    let mut proofs: Vec<Option<StampedAt>> = transitions.iter().map(|it| it.stamped_at).collect();
    for place in (1..proofs.len()).rev() {
        if transitions[place - 1].subject == transitions[place].subject {
            proofs[place - 1] = proofs[place - 1].into_iter().chain(proofs[place]).min();
        }
    }
    let mut proofs = proofs.into_iter();
    transitions.sort_by_cached_key(|it| {
        let proof = proofs.next().flatten().filter(|_| it.inferred);
        (!it.inferred, proof.is_none(), proof)
    });
}

fn lifecycle(old: Option<&Pod>, was_deleted: bool, new: &Pod, kind: &EventKind, builder: &mut Builder<'_>) {
    let is_deleting = new.metadata.deletion_at.is_some();
    let created = Some(Value::Lifecycle(Lifecycle::Created));
    let deleting = Some(Value::Lifecycle(Lifecycle::Deleting));
    let Some(old) = old else {
        let created_at = new.metadata.created_at;
        // A watch tells of a new pod with ADDED, a list with the object alone. What kubectl printed does not tell how new it is.
        let is_first =
            !matches!(kind, EventKind::Modified | EventKind::Deleted | EventKind::Request | EventKind::Printed);
        if is_first && is_creation(new) {
            builder.push(Subject::Lifecycle, None, created.clone()).stamped_at = created_at;
        } else {
            builder.anomalies.push(AnomalyKind::StartsMidLife);
            builder.push_inferred(Subject::Lifecycle, None, created.clone(), created_at);
        }
        if is_deleting {
            push_deleting(created, new, builder);
        }
        return;
    };
    let was_deleting = old.metadata.deletion_at.is_some();
    if was_deleted {
        builder.anomalies.push(AnomalyKind::EventAfterDeleted);
        let now = if is_deleting { deleting } else { created };
        builder.push(Subject::Lifecycle, Some(Value::Lifecycle(Lifecycle::Deleted)), now);
    } else if is_deleting && !was_deleting {
        push_deleting(created, new, builder);
    } else if is_deleting && old.metadata.deletion_grace_seconds != new.metadata.deletion_grace_seconds {
        push_deleting(deleting, new, builder);
    } else if was_deleting && !is_deleting {
        builder.push(Subject::Lifecycle, deleting, created);
    }
}

/// A deletion was asked for, or asked for again with another grace period.
fn push_deleting(from: Option<Value>, new: &Pod, builder: &mut Builder<'_>) {
    let transition = builder.push(Subject::Lifecycle, from, Some(Value::Lifecycle(Lifecycle::Deleting)));
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

fn compare_phase(old: Option<&Status>, new: &Status, builder: &mut Builder<'_>) {
    let before = old.and_then(|status| status.phase.as_ref());
    if before != new.phase.as_ref() {
        let from = before.cloned().map(Value::Phase);
        let to = new.phase.clone().map(Value::Phase);
        let transition = builder.push(Subject::Phase, from, to);
        transition.reason = new.reason.as_deref().map(Into::into);
        transition.message = new.message.as_deref().map(Into::into);
    }
}

fn compare_field(field: PodField, old: Option<&Pod>, new: &Pod, builder: &mut Builder<'_>) {
    let text = |text: &Option<Box<str>>| text.as_deref().map(Into::into);
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
        builder.push(Subject::Field(field), before.map(Value::Text), after.map(Value::Text));
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
