//! What was asked and refused: requests about pods that an audit log tells, and pods that a controller could not create, as it says
//! by an Event or by a condition.

use std::collections::BTreeSet;

use super::act_words::object_text;
use super::happening::Happening;
use super::kind::{Kind, Weight};
use super::kinship::is_called;
use super::pod::PodStory;
use super::scene::{OwnerNote, Scene, SceneRefused};
use crate::model::{Owner, Refused};

/// Gives what was refused of pods that there are to them; the rest is left.
pub(super) fn told_of_pods(refused: Vec<SceneRefused>, pods: &mut [PodStory]) -> Vec<SceneRefused> {
    let mut left = Vec::new();
    for refused in refused {
        let Some(happening) = refusal(&refused) else { continue };
        let is_about_pod = happening.kind != Kind::CreateRefused;
        match pods.iter_mut().find(|pod| is_about_pod && is_of(&refused.refused, pod)) {
            Some(pod) => pod.happenings.push(happening),
            None => left.push(refused),
        }
    }
    left
}

/// Whether a request was about a pod: by its uid, or of those of its name about the one that was there then.
fn is_of(refused: &Refused, pod: &PodStory) -> bool {
    let (target, at) = (&refused.target, Some(refused.at));
    let is_named = *pod.identity.namespace == *target.namespace && *pod.identity.name == *target.name;
    let was_there = pod.created.as_ref().is_none_or(|created| created.at <= at)
        && (!pod.is_gone || pod.told.is_none_or(|(_, last)| Some(last) >= at));
    is_named && if target.uid.is_empty() { was_there } else { *pod.identity.uid == *target.uid }
}

/// Leaves out what was refused of other pods than these: of what is not theirs those remain that ask for such a pod for the owner of
/// one of them, or again under the name of one.
pub fn leave_out_others(scene: &mut Scene) {
    let pods = &scene.pods;
    scene.refused.retain(|SceneRefused { refused, .. }| {
        let target = &refused.target;
        let of_namespace = pods.iter().filter(|pod| *pod.identity.namespace == *target.namespace);
        let mut about = of_namespace.filter(|pod| match target.name.split_once('/') {
            Some((resource, name)) => owners(pod).any(|owner| is_called(owner, resource, name)),
            None if target.name.is_empty() => owners(pod).any(|owner| makes(owner, pod, &refused.generate_name)),
            None if refused.what() == "create" => *pod.identity.name == *target.name,
            None => is_of(refused, pod),
        });
        about.next().is_some()
    });
    scene.notes.retain(|note| {
        let is_of =
            |pod: &PodStory| *pod.identity.namespace == *note.namespace && owners(pod).any(|it| *it == note.owner);
        &*note.reason != FAILED_CREATE || pods.iter().any(is_of)
    });
}

fn owners(pod: &PodStory) -> impl Iterator<Item = &Owner> {
    pod.workload.iter().chain(&pod.controller)
}

/// Whether an owner makes pods whose names begin so: a Job that counts its pods puts their number behind its name.
fn makes(owner: &Owner, pod: &PodStory, begin: &str) -> bool {
    let behind = begin.strip_prefix(owner.name.as_str());
    behind.is_some_and(|behind| behind == "-" || behind.starts_with('-') && pod.identity.name.starts_with(begin))
}

/// The reason by which a controller says that it could not create a pod.
const FAILED_CREATE: &str = "FailedCreate";

/// A refused request, as something that happened; `None` of those that are asked again and again by themselves.
fn refusal(refused: &SceneRefused) -> Option<Happening> {
    let SceneRefused { seq, refused } = refused;
    let is_by_user = refused.by().component().is_none();
    let other = refused.target.name.split_once('/');
    let kind = match (refused.what(), refused.code) {
        ("create", 403) if other.is_some() && !is_by_user => Kind::CreateRefused,
        (_, 403 | 422) if other.is_some() => Kind::RequestRefused,
        ("eviction", _) => Kind::EvictionRefused,
        // The name is taken: a controller asks again.
        ("create", 409) if !is_by_user => return None,
        ("create", _) => Kind::CreateRefused,
        (_, 403 | 422) if is_by_user => Kind::RequestRefused,
        (_, _) => return None,
    };
    let mut found = Happening::new(kind, Weight::Trouble, Some(refused.at), *seq);
    found.by = Some(refused.by().into());
    let is_other = kind == Kind::RequestRefused;
    found.detail.reason = Some(if is_other { asked(refused).into() } else { refused.reason.clone() });
    found.detail.name = Some(match &*refused.target.name {
        _ if other.is_some() => other.map_or_else(String::new, |(resource, name)| object_text(resource, name)).into(),
        "" if refused.generate_name.is_empty() => Box::default(),
        "" => format!("{}*", refused.generate_name).into(),
        name => name.into(),
    });
    // Of a creation the message says all, the causes say it again.
    let is_told = kind == Kind::CreateRefused && !refused.message.is_empty();
    found.detail.message = Some(if is_told { refused.message.clone() } else { refused.told().into() });
    Some(found)
}

/// What was asked for, as words: `delete`, `write the status of`.
fn asked(refused: &Refused) -> String {
    match (refused.verb.as_str(), refused.subresource.as_deref()) {
        (verb, None) => verb.to_owned(),
        (_, Some("status")) => "write the status of".to_owned(),
        (_, Some("binding")) => "bind".to_owned(),
        (_, Some("resize")) => "resize".to_owned(),
        (_, Some("ephemeralcontainers")) => "add an ephemeral container to".to_owned(),
        (verb, Some(part)) => format!("{verb} {part} of"),
    }
}

/// What was refused of pods that never were: by the audit log, and where that does not tell it, by what controllers say.
#[must_use]
pub fn refusals(scene: &Scene) -> Vec<Happening> {
    let mut found: Vec<Happening> = scene.refused.iter().filter_map(refusal).collect();
    let of = |it: &Happening| core_of(it.detail.message.as_deref().unwrap_or_default()).to_owned();
    let known: BTreeSet<String> = found.iter().map(of).collect();
    let is_failure = |note: &&OwnerNote| &*note.reason == FAILED_CREATE && note.owner.kind != "Deployment";
    let mut failures: Vec<&OwnerNote> = scene.notes.iter().filter(is_failure).collect();
    // An Event counts, the condition that says the same does not.
    failures.sort_by_key(|note| (note.last_at.is_none(), std::cmp::Reverse(note.count), note.at, note.seq));
    let mut told: BTreeSet<(Box<str>, String, String)> = BTreeSet::new();
    for note in failures {
        let core = core_of(&note.message).to_owned();
        let is_known = known.contains(&core);
        let is_new = told.insert((note.namespace.clone(), note.owner.name.clone(), core));
        // One Event stands for one pod that was refused, another name is another Event; a condition says it again.
        if is_known || (note.last_at.is_none() && !is_new) {
            continue;
        }
        let mut refused = Happening::new(Kind::CreateRefused, Weight::Trouble, note.at, note.seq);
        refused.until = note.last_at;
        refused.detail.count = note.count;
        refused.detail.source = Some(note.source.clone());
        refused.detail.message = Some(note.message.clone());
        found.push(refused);
    }
    found
}

/// Of why a pod could not be created what does not name that pod, nor how much was used at that time.
#[must_use]
pub fn core_of(message: &str) -> &str {
    let rest = message.split_once(" is forbidden: ").map_or(message, |(_, rest)| rest);
    rest.split(", requested: ").next().unwrap_or(rest)
}
