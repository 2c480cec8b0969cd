//! What controllers said of workloads, namespaces and claims: a Job failed, a rollout stands still, something keeps a namespace.

use std::collections::BTreeSet;

use super::act_words::act_text;
use super::causes::Cause;
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::kinship::{OfPod, Sibling, may_come_from};
use super::scene::{OwnerNote, Scene};
use crate::model::time::SECOND_US;
use crate::model::{Act, ActChange, ObservedAt, Owner};

/// Which conditions of workloads make a sentence: the kind of object and the reason.
const TOLD: [(&str, &str, Kind, Weight); 8] = [
    ("Job", "BackoffLimitExceeded", Kind::Failed, Weight::Broken),
    ("Job", "PodFailurePolicy", Kind::Failed, Weight::Broken),
    ("Job", "MaxFailedIndexesExceeded", Kind::Failed, Weight::Broken),
    ("Job", "FailedIndexes", Kind::Failed, Weight::Broken),
    ("Job", "DeadlineExceeded", Kind::Deadline, Weight::Broken),
    ("Deployment", "ProgressDeadlineExceeded", Kind::RolloutStalled, Weight::Broken),
    ("Namespace", "SomeFinalizersRemain", Kind::NamespaceStuck, Weight::Trouble),
    ("Namespace", "ContentDeletionFailed", Kind::NamespaceStuck, Weight::Trouble),
];

/// What controllers said of workloads and namespaces that is worth a sentence of its own.
#[must_use]
pub fn of_workloads(scene: &Scene) -> Vec<Happening> {
    let mut found: Vec<Happening> = Vec::new();
    // When each was said last.
    let mut said: Vec<Option<ObservedAt>> = Vec::new();
    for note in &scene.notes {
        let is_of =
            |(kind, reason, ..): &&(&str, &str, Kind, Weight)| (*kind, *reason) == (&note.owner.kind, &note.reason);
        let Some((_, _, kind, weight)) = TOLD.iter().find(is_of) else { continue };
        let name = owner_words(&note.owner);
        let is_same = |known: &Happening| {
            known.kind == *kind
                && known.detail.name.as_deref() == Some(&*name)
                && known.detail.namespace.as_ref() == Some(&note.namespace)
        };
        let is_near = |last: Option<ObservedAt>| {
            let since = note.at.zip(last).map(|(at, last)| at.micros_since(last));
            since.is_none_or(|since| since.abs() <= SAID_AGAIN_WITHIN_US)
        };
        // The Event and the condition say the same; what is said long after is said of something else.
        let known = found.iter().zip(&mut said).rev().find(|(known, last)| is_same(known) && is_near(**last));
        if let Some((_, last)) = known {
            *last = (*last).max(note.last_at.or(note.at));
            continue;
        }
        let mut told = Happening::new(*kind, *weight, note.at, note.seq);
        told.detail.name = Some(name.into());
        told.detail.namespace = Some(note.namespace.clone());
        told.detail.reason = Some(note.reason.clone());
        told.detail.message = Some(note.message.clone());
        found.push(told);
        said.push(note.last_at.or(note.at));
    }
    found
}

/// A controller says the same of one failure within this.
const SAID_AGAIN_WITHIN_US: i64 = 60 * SECOND_US;

/// `job work`.
fn owner_words(owner: &Owner) -> String {
    format!("{} {}", owner.kind.to_ascii_lowercase(), owner.name)
}

const CLAIM: &str = "PersistentVolumeClaim";

/// A pod that waits for a claim: what that waits for, and what it got.
pub(super) fn by_claim(happening: &mut Happening, pod: &OfPod, scene: &Scene, siblings: &[Sibling]) {
    let message = happening.detail.message.clone().unwrap_or_default();
    if !message.to_ascii_lowercase().contains("persistentvolumeclaim") {
        return;
    }
    let is_here =
        |note: &&OwnerNote| note.owner.kind == CLAIM && note.namespace == pod.namespace && told_while(happening, note);
    let waiting: Vec<&OwnerNote> = scene.notes.iter().filter(is_here).filter(|note| is_failure(&note.reason)).collect();
    let names: BTreeSet<&str> = waiting.iter().map(|note| note.owner.name.as_str()).collect();
    let is_of_other = |name: &str| {
        let others = siblings.iter().map(|other| &other.of_pod).filter(|other| other.namespace == pod.namespace);
        others.filter(|other| other.name != pod.name).any(|other| is_made_for(name, &other.name))
    };
    let is_its = |name: &str| {
        let is_only = || names.len() == 1 && names.contains(name) && !is_of_other(name);
        message.contains(&format!("\"{name}\"")) || is_made_for(name, &pod.name) || is_only()
    };
    if let Some(note) = waiting.into_iter().find(|note| is_its(&note.owner.name)) {
        let text = format!("persistentvolumeclaim {}: {} ({})", note.owner.name, note.message, note.reason);
        happening.because.push(Because::new(Cause::Claim, text, vec![note.seq]));
    }
    let binds = |act: &Act| {
        let is_bound = act.changes.iter().any(|change| matches!(change, ActChange::Volume(_)));
        let is_by_binder = act.by.component() == Some("persistent-volume-binder");
        let is_own = act.namespace == pod.namespace && is_its(&act.name);
        is_bound && is_by_binder && is_own && may_come_from(happening.until, Some(act.at))
    };
    let bound = scene.acts.iter().rev().find(|it| binds(&it.act) && Some(it.act.at) >= happening.at);
    if let Some(bound) = bound.filter(|_| happening.is_over) {
        let text = format!("then {} {}", bound.act.by, act_text(&bound.act));
        happening.because.push(Because::new(Cause::Claim, text, vec![bound.seq]));
    }
}

/// Whether a claim is by its name that of a pod of a StatefulSet: `data-web-0` is that of `web-0`, `data-other-web-0` may be another's.
fn is_made_for(claim: &str, pod: &str) -> bool {
    let template = claim.strip_suffix(pod).and_then(|rest| rest.strip_suffix('-'));
    template.is_some_and(|template| !template.is_empty() && !template.contains('-'))
}

/// Whether a reason of an Event about a claim says that it gets no volume.
fn is_failure(reason: &str) -> bool {
    matches!(reason, "FailedBinding" | "ProvisioningFailed" | "VolumeMismatch" | "ClaimLost" | "ClaimMisbound")
}

/// Whether an Event was written during a happening.
fn told_while(happening: &Happening, note: &OwnerNote) -> bool {
    let until: Option<ObservedAt> = happening.until.filter(|_| happening.is_over);
    note.last_at.or(note.at) >= happening.at && until.is_none_or(|until| note.at <= Some(until))
}
