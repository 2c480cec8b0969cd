//! What of a pod's end came from what it belonged to: its workload was changed or scaled, its Job ended, its owner was deleted.

use super::act_words::act_sentence;
use super::causes::Cause;
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::kinship::{OfPod, Sibling, is_by_user, last_act, may_come_from};
use super::scene::{OwnerNote, Scene, SceneAct};
use crate::model::time::SECOND_US;
use crate::model::{Act, ActChange, ObservedAt, Seq};

/// Another pod takes the place of one within this.
const REPLACED_WITHIN_US: i64 = 120 * SECOND_US;
/// An Event says within this what was done; its times are whole seconds.
const SAID_WITHIN_US: i64 = 2 * SECOND_US;

/// What an act did to a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// Its pods are to be made from something else.
    Rolled,
    /// There are to be more or fewer.
    Scaled,
    /// Something: what is not logged.
    Unknown,
    /// Something that does not end pods by itself.
    Other,
}

/// The fields that let a workload replace its pods after an earlier change of its template.
const ROLLING: [&str; 2] = ["updateStrategy.type", "updateStrategy.rollingUpdate.partition"];

fn done(act: &Act) -> Done {
    let of = |change: &ActChange| match change {
        ActChange::Image { .. } | ActChange::Template | ActChange::Restarted => Done::Rolled,
        ActChange::Field { path, .. } if ROLLING.contains(&&**path) => Done::Rolled,
        ActChange::Replicas(_) => Done::Scaled,
        ActChange::Untold if &*act.by.part == "scale" => Done::Scaled,
        ActChange::Untold => Done::Unknown,
        ActChange::Field { .. }
        | ActChange::Suspended(_)
        | ActChange::Unschedulable(_)
        | ActChange::Taints(_)
        | ActChange::Volume(_)
        | ActChange::Condition { .. } => Done::Other,
    };
    let all: Vec<Done> = act.changes.iter().map(of).collect();
    let is_deleted = act.is_deletion();
    match () {
        () if all.contains(&Done::Rolled) => Done::Rolled,
        () if is_deleted || all.contains(&Done::Scaled) => Done::Scaled,
        () if all.contains(&Done::Unknown) => Done::Unknown,
        () => Done::Other,
    }
}

/// Whether an act may have made a controller end pods: a person's, or that of the autoscaler.
fn is_cause(act: &Act, pod: &OfPod) -> bool {
    let is_autoscaler = act.by.component() == Some("horizontal-pod-autoscaler");
    let does_something = act.is_deletion() || (!act.changes.is_empty() && !act.is_creation());
    pod.belongs_to(act) && does_something && (is_by_user(act) || is_autoscaler)
}

fn because(cause: Cause, act: &SceneAct) -> Because {
    Because::new(cause, act_sentence(&act.act), vec![act.seq])
}

/// Its controller removed it: as there are to be fewer, or as another takes its place.
pub(super) fn by_workload(happening: &mut Happening, pod: &OfPod, scene: &Scene, siblings: &[Sibling]) {
    let successor = siblings.iter().find(|other| is_successor(happening.at, pod, other));
    if let Some(other) = successor {
        happening.kind = Kind::Replaced;
        happening.detail.name = Some(other.of_pod.name.clone());
    }
    let cause = |act: &Act| match done(act) {
        Done::Rolled => Some(Cause::Rollout),
        // What there are to be fewer of is not replaced.
        Done::Scaled => successor.is_none().then_some(Cause::Scale),
        // Of a write that is not logged the pod in its place tells what it did.
        Done::Unknown => successor.is_some().then_some(Cause::Rollout),
        Done::Other => None,
    };
    let fits = |act: &Act| is_cause(act, pod) && cause(act).is_some();
    let Some(act) = last_act(&scene.acts, happening, fits) else { return };
    happening.because.extend(cause(&act.act).map(|cause| because(cause, act)));
}

/// Whether another pod took the place of one: of the same workload and another template, or under its name, or on its node.
fn is_successor(at: Option<ObservedAt>, pod: &OfPod, other: &Sibling) -> bool {
    let next = &other.of_pod;
    if next.uid == pod.uid || pod.workload.is_none() || next.workload != pod.workload || next.namespace != pod.namespace
    {
        return false;
    }
    let Some((at, created_at)) = at.zip(next.created_at) else { return false };
    let since = created_at.micros_since(at);
    // The one that takes the place is the younger.
    let is_younger = pod.created_at.is_none_or(|own| created_at > own);
    if since.abs() > REPLACED_WITHIN_US || !is_younger {
        return false;
    }
    match pod.controller.as_ref().map(|owner| owner.kind.as_str()) {
        Some("ReplicaSet") => next.controller != pod.controller,
        Some("StatefulSet") => since >= 0 && next.name == pod.name,
        Some("DaemonSet") => next.node == pod.node,
        Some(_) | None => false,
    }
}

/// Its owner was deleted: by a person, by a CronJob whose history is full, when its time was over.
pub(super) fn by_owner(happening: &mut Happening, pod: &OfPod, acts: &[SceneAct]) {
    if !happening.because.is_empty() {
        return;
    }
    let ends = |act: &Act| pod.belongs_to(act) && act.is_deletion();
    let by_user = last_act(acts, happening, |act| ends(act) && is_by_user(act));
    let Some(act) = by_user.or_else(|| last_act(acts, happening, ends)) else { return };
    let mut because = because(Cause::OwnerDeleted, act);
    let had_ended = pod.finished_at.is_some_and(|finished| Some(finished) < happening.at);
    let why = match act.act.by.component() {
        Some("cronjob-controller") if had_ended => " (history limit of the CronJob)",
        Some("ttl-after-finished-controller") => " (ttlSecondsAfterFinished)",
        Some(_) | None => "",
    };
    because.text = format!("{}{why}", because.text).into();
    happening.because.push(because);
}

/// The controller of its Job removed it: the Job ended, or somebody changed it.
pub(super) fn by_job(happening: &mut Happening, pod: &OfPod, scene: &Scene) {
    let is_of_job = pod.controller.as_ref().is_some_and(|owner| owner.kind == "Job");
    let is_of_user = happening.by.as_ref().is_some_and(|by| by.component().is_none());
    if !is_of_job || is_of_user {
        return;
    }
    // The request, or the controller's Event, shows that its controller did it.
    let is_by_controller = happening.by.is_some() || happening.detail.source.is_some();
    let is_near = |at: Option<ObservedAt>| {
        let since = happening.at.zip(at).map(|(at, told)| at.micros_since(told));
        is_by_controller || since.is_some_and(|since| since <= ENDED_WITHIN_US)
    };
    let is_end = |note: &&OwnerNote| {
        pod.is_owned_by(note)
            && ENDS_OF_JOBS.contains(&&*note.reason)
            && may_come_from(happening.at, note.at)
            && is_near(note.at)
    };
    let note = scene.notes.iter().rev().find(is_end);
    // What its controller says comes first; that it was suspended says less than who did that.
    let is_open = note.is_none_or(|note| SUSPENDED.contains(&&*note.reason));
    let act = last_act(&scene.acts, happening, |act| is_cause(act, pod) && ends_pods_of_job(act));
    if let Some(act) = act.filter(|_| is_open && is_by_controller) {
        happening.because.push(because(Cause::OwnerChanged, act));
    } else if let Some(note) = note {
        let text = format!("job {}: {} ({})", note.owner.name, note.message, note.reason);
        happening.because.push(Because::new(Cause::JobEnded, text, vec![note.seq]));
    }
}

/// Where it is not recorded who deleted the pods, those of a Job that ended go within this.
const ENDED_WITHIN_US: i64 = 5 * SECOND_US;

/// The reasons by which the controller of a Job says that it was suspended.
const SUSPENDED: [&str; 2] = ["Suspended", "JobSuspended"];

/// Whether an act makes the controller of a Job end pods.
fn ends_pods_of_job(act: &Act) -> bool {
    act.changes.iter().any(|change| match change {
        ActChange::Suspended(is_suspended) => *is_suspended,
        ActChange::Field { path, .. } => matches!(&**path, "parallelism" | "completions"),
        ActChange::Image { .. }
        | ActChange::Untold
        | ActChange::Template
        | ActChange::Restarted
        | ActChange::Replicas(_)
        | ActChange::Unschedulable(_)
        | ActChange::Taints(_)
        | ActChange::Volume(_)
        | ActChange::Condition { .. } => false,
    })
}

/// The reasons for which the controller of a Job ends its pods.
const ENDS_OF_JOBS: [&str; 8] = [
    "BackoffLimitExceeded",
    "DeadlineExceeded",
    "PodFailurePolicy",
    "MaxFailedIndexesExceeded",
    "FailedIndexes",
    "Suspended",
    "JobSuspended",
    "SuccessPolicy",
];

/// A controller says by an Event that it deleted the pod, where nobody else is known to have.
pub(super) fn by_event(happening: &mut Happening, pod: &OfPod, notes: &[OwnerNote]) {
    let names = |message: &str| message.split_whitespace().any(|word| *word == *pod.name);
    let is_near = |note: &OwnerNote| {
        let told = [note.at, note.last_at].into_iter().flatten();
        happening.at.is_some_and(|at| told.into_iter().any(|told| told.micros_since(at).abs() <= SAID_WITHIN_US))
    };
    let says = |note: &&OwnerNote| {
        &*note.reason == "SuccessfulDelete" && pod.is_owned_by(note) && names(&note.message) && is_near(note)
    };
    let Some(note) = notes.iter().find(says).filter(|_| happening.by.is_none()) else { return };
    // A Job ends its pods for other reasons.
    let kind = if note.owner.kind == "Job" { Kind::DeletionRequested } else { Kind::Scaled };
    (happening.kind, happening.weight) = (kind, Weight::Info);
    happening.detail.source = Some(note.source.clone());
    let evidence: Vec<Seq> = vec![note.seq];
    happening.because.push(Because::new(Cause::ControllerDeleted, "its Event SuccessfulDelete says so", evidence));
}
