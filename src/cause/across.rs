//! What of a pod's story came from others: from its workload, its namespace, its node, another pod. Each rule finds one kind of cause,
//! by the record that proves it; without that record it says nothing.

use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::pod::PodStory;
use super::scene::{NodeChange, NodeTurn, Scene, SceneAct, SceneRefused};
use crate::model::time::SECOND_US;
use crate::model::{Act, ActChange, Basis, ObservedAt, Owner, Seq};

/// A cause is looked for this long before what it caused.
const CAUSED_WITHIN_US: i64 = 15 * 60 * SECOND_US;
/// An answer may come behind what it caused.
const ANSWERED_WITHIN_US: i64 = 2 * SECOND_US;
/// Another pod takes the place of one within this.
const REPLACED_WITHIN_US: i64 = 120 * SECOND_US;

/// Finds what one kind of happening came from.
type Rule = fn(&mut Happening, &OfPod, &Scene, &[Sibling]);

/// The rules, by what they explain.
const RULES: [(Kind, Rule); 7] = [
    (Kind::TaintEvicted, |it, pod, scene, _| by_taint(it, pod, &scene.nodes)),
    (Kind::Evicted, |it, pod, scene, _| by_drain(it, pod, &scene.nodes)),
    (Kind::NamespaceDeleted, |it, pod, scene, _| by_namespace(it, pod, &scene.acts)),
    (Kind::Scaled, |it, pod, scene, siblings| by_workload(it, pod, &scene.acts, siblings)),
    (Kind::GarbageCollected, |it, pod, scene, _| {
        by_namespace(it, pod, &scene.acts);
        by_owner(it, pod, &scene.acts);
    }),
    (Kind::DeletionRequested, |it, pod, scene, _| by_job(it, pod, &scene.acts)),
    (Kind::Preempted, |it, pod, _, siblings| by_preemptor(it, pod, siblings)),
];

/// The same scene, each happening with what it came from.
#[must_use]
pub fn joined(mut scene: Scene) -> Scene {
    let mut pods = std::mem::take(&mut scene.pods);
    let siblings: Vec<Sibling> = pods.iter().map(Sibling::of).collect();
    for pod in &mut pods {
        let of_pod = OfPod::of(pod);
        for happening in &mut pod.happenings {
            let rule = RULES.iter().find(|(kind, _)| *kind == happening.kind);
            if let Some((_, join)) = rule {
                join(happening, &of_pod, &scene, &siblings);
            }
        }
    }
    let mut loose = Vec::new();
    for refused in std::mem::take(&mut scene.refused) {
        let Some(happening) = refusal(&refused) else { continue };
        let target = &refused.refused.target;
        let is_of = |pod: &PodStory| {
            *pod.identity.namespace == *target.namespace
                && *pod.identity.name == *target.name
                && (target.uid.is_empty() || *pod.identity.uid == *target.uid)
        };
        let lives = |pod: &&mut PodStory| pod.told.is_none_or(|(_, last)| Some(last) >= happening.at);
        let is_about_pod = happening.kind == Kind::EvictionRefused;
        match pods.iter_mut().filter(|pod| is_about_pod && is_of(pod)).find(lives) {
            Some(pod) => pod.happenings.push(happening),
            None => loose.push(refused),
        }
    }
    (scene.pods, scene.refused) = (pods, loose);
    scene
}

/// A refused request, as something that happened; `None` of those that are asked again and again by themselves.
#[must_use]
pub fn refusal(refused: &SceneRefused) -> Option<Happening> {
    let SceneRefused { seq, refused } = refused;
    let kind = match (refused.what(), refused.code) {
        ("eviction", _) => Kind::EvictionRefused,
        ("create", 409) => return None,
        ("create", _) => Kind::CreateRefused,
        (_, _) => return None,
    };
    let mut found = Happening::new(kind, Weight::Trouble, Some(refused.at), *seq);
    found.by = Some(refused.by().into());
    found.detail.reason = Some(refused.reason.clone());
    found.detail.message = Some(refused.told().into());
    Some(found)
}

/// Of a pod what its causes are found by.
struct OfPod {
    created_at: Option<ObservedAt>,
    namespace: Box<str>,
    name: Box<str>,
    uid: Box<str>,
    workload: Option<Owner>,
    controller: Option<Owner>,
    node: Option<Box<str>>,
}

impl OfPod {
    fn of(pod: &PodStory) -> Self {
        Self {
            created_at: pod.created.as_ref().and_then(|created| created.at),
            namespace: pod.identity.namespace.as_str().into(),
            name: pod.identity.name.as_str().into(),
            uid: pod.identity.uid.as_str().into(),
            workload: pod.workload.clone(),
            controller: pod.controller.clone(),
            node: pod.node.clone(),
        }
    }

    /// Whether an act was done to what the pod belongs to.
    fn belongs_to(&self, act: &Act) -> bool {
        let is_owner = |owner: &Owner| {
            let plural = format!("{}s", owner.kind.to_ascii_lowercase());
            plural == *act.resource && *owner.name == *act.name
        };
        act.namespace == self.namespace && self.workload.iter().chain(&self.controller).any(is_owner)
    }
}

/// Of another pod what tells that it took the place of one.
struct Sibling {
    of_pod: OfPod,
    /// When it was first told of.
    created_at: Option<ObservedAt>,
    nominations: Vec<Box<str>>,
}

impl Sibling {
    fn of(pod: &PodStory) -> Self {
        let waited = pod.happenings.iter().filter(|it| it.kind == Kind::Unschedulable);
        Self {
            of_pod: OfPod::of(pod),
            created_at: pod.created.as_ref().and_then(|created| created.at),
            nominations: waited.filter_map(|it| it.detail.node.clone()).collect(),
        }
    }
}

/// Whether something at a time may have come from what was at another.
fn may_come_from(at: Option<ObservedAt>, cause: Option<ObservedAt>) -> bool {
    at.zip(cause).is_some_and(|(at, cause)| {
        let since = at.micros_since(cause);
        (-ANSWERED_WITHIN_US..=CAUSED_WITHIN_US).contains(&since)
    })
}

/// The last act before something that fits.
fn last_act(acts: &[SceneAct], at: Option<ObservedAt>, fits: impl Fn(&Act) -> bool) -> Option<&SceneAct> {
    acts.iter().rev().find(|it| may_come_from(at, Some(it.act.at)) && fits(&it.act))
}

/// Whether a person or a robot did it, and not a controller that follows.
fn is_by_user(act: &Act) -> bool {
    act.by.component().is_none()
}

fn by_taint(happening: &mut Happening, pod: &OfPod, nodes: &[NodeChange]) {
    let is_cause = |change: &&NodeChange| {
        Some(&change.node) == pod.node.as_ref()
            && may_come_from(happening.at, change.at)
            && matches!(&change.turn, NodeTurn::Tainted(taint) if taint.ends_with(":NoExecute"))
    };
    let Some(change) = nodes.iter().rev().find(is_cause) else { return };
    let NodeTurn::Tainted(taint) = &change.turn else { return };
    happening.detail.node = Some(change.node.clone());
    let by = change.by.as_ref().filter(|by| by.component().is_none());
    let text = match by {
        Some(by) => format!("{by} tainted {} with {taint}", change.node),
        None => format!("{} has the taint {taint}", change.node),
    };
    happening.because.push(Because::new("taint", text, vec![change.seq]));
}

fn by_drain(happening: &mut Happening, pod: &OfPod, nodes: &[NodeChange]) {
    let Some(by) = happening.by.clone().filter(|by| by.component().is_none()) else { return };
    let is_cause = |change: &&NodeChange| {
        let is_same =
            change.by.as_ref().is_none_or(|other| other.user == by.user || other.basis == Basis::ManagedFields);
        Some(&change.node) == pod.node.as_ref()
            && change.turn == NodeTurn::Cordoned
            && may_come_from(happening.at, change.at)
            && is_same
    };
    let Some(change) = nodes.iter().rev().find(is_cause) else { return };
    happening.kind = Kind::Drained;
    happening.detail.node = Some(change.node.clone());
    happening.because.push(Because::new("drain", format!("{} was cordoned", change.node), vec![change.seq]));
}

fn by_namespace(happening: &mut Happening, pod: &OfPod, acts: &[SceneAct]) {
    let is_cause = |act: &Act| {
        &*act.resource == "namespaces"
            && act.name == pod.namespace
            && act.by.verb.starts_with("delete")
            && is_by_user(act)
    };
    let Some(cause) = last_act(acts, happening.at, is_cause) else { return };
    happening.kind = Kind::NamespaceDeleted;
    let text = format!("{} deleted the namespace", cause.act.by);
    happening.because.push(Because::new("namespace-deleted", text, vec![cause.seq]));
}

/// Its controller removed it: as there are to be fewer, or as another takes its place.
fn by_workload(happening: &mut Happening, pod: &OfPod, acts: &[SceneAct], siblings: &[Sibling]) {
    let changes = |act: &Act| {
        pod.belongs_to(act) && is_by_user(act) && (!act.changes.is_empty() || act.by.verb.starts_with("delete"))
    };
    let successor = siblings.iter().find(|other| is_successor(happening.at, pod, other));
    if let Some(other) = successor {
        happening.kind = Kind::Replaced;
        happening.detail.message = Some(other.of_pod.name.clone());
    }
    let Some(cause) = last_act(acts, happening.at, changes) else { return };
    let text = format!("{} {}", cause.act.by, act_text(&cause.act));
    let is_new_template = cause.act.changes.iter().any(|change| match change {
        ActChange::Image { .. } | ActChange::Template | ActChange::Restarted => true,
        ActChange::Untold
        | ActChange::Replicas(_)
        | ActChange::Suspended(_)
        | ActChange::Unschedulable(_)
        | ActChange::Taints(_) => false,
    });
    let is_untold = cause.act.changes.contains(&ActChange::Untold) && &*cause.act.by.part != "scale";
    if !is_untold {
        happening.kind = if is_new_template { Kind::Replaced } else { Kind::Scaled };
    }
    let is_new_template = happening.kind == Kind::Replaced;
    happening.because.push(Because::new(if is_new_template { "rollout" } else { "scale" }, text, vec![cause.seq]));
}

/// Whether another pod took the place of one: of the same workload and another template, or under its name, or on its node.
fn is_successor(at: Option<ObservedAt>, pod: &OfPod, other: &Sibling) -> bool {
    let next = &other.of_pod;
    if next.uid == pod.uid || pod.workload.is_none() || next.workload != pod.workload || next.namespace != pod.namespace
    {
        return false;
    }
    let Some((at, created_at)) = at.zip(other.created_at) else { return false };
    let since = created_at.micros_since(at);
    let is_near = since.abs() <= REPLACED_WITHIN_US;
    let kind = pod.controller.as_ref().map(|owner| owner.kind.as_str());
    // The one that takes the place is the younger.
    let is_younger = pod.created_at.is_none_or(|own| created_at > own);
    match kind {
        Some("ReplicaSet") => is_near && is_younger && next.controller != pod.controller,
        Some("StatefulSet") => is_near && since >= 0 && next.name == pod.name,
        Some("DaemonSet") => is_near && next.node == pod.node,
        Some(_) | None => false,
    }
}

fn by_owner(happening: &mut Happening, pod: &OfPod, acts: &[SceneAct]) {
    if !happening.because.is_empty() {
        return;
    }
    let ends = |act: &Act| pod.belongs_to(act) && act.by.verb.starts_with("delete");
    let by_user = last_act(acts, happening.at, |act| ends(act) && is_by_user(act));
    let Some(cause) = by_user.or_else(|| last_act(acts, happening.at, ends)) else { return };
    let text = format!("{} {}", cause.act.by, act_text(&cause.act));
    happening.because.push(Because::new("owner-deleted", text, vec![cause.seq]));
}

/// A controller of jobs removed it.
fn by_job(happening: &mut Happening, pod: &OfPod, acts: &[SceneAct]) {
    let is_of_controller = happening.by.as_ref().is_some_and(|by| by.component().is_some());
    if !is_of_controller {
        return;
    }
    let changes = |act: &Act| {
        pod.belongs_to(act) && is_by_user(act) && (!act.changes.is_empty() || act.by.verb.starts_with("delete"))
    };
    let Some(cause) = last_act(acts, happening.at, changes) else { return };
    let text = format!("{} {}", cause.act.by, act_text(&cause.act));
    happening.because.push(Because::new("owner-changed", text, vec![cause.seq]));
}

/// Which pod took its place: that whose Event says so, or the one that was nominated for its node.
fn by_preemptor(happening: &mut Happening, pod: &OfPod, siblings: &[Sibling]) {
    let message = happening.detail.message.clone().unwrap_or_default();
    let named = siblings.iter().find(|other| {
        let next = &other.of_pod;
        !next.uid.is_empty() && message.contains(&*next.uid)
            || message.contains(&format!("{}/{} ", next.namespace, next.name))
    });
    let waited = || {
        siblings.iter().find(|other| {
            let is_near = other
                .created_at
                .zip(happening.at)
                .is_some_and(|(created, at)| (0..=CAUSED_WITHIN_US).contains(&at.micros_since(created)));
            other.of_pod.uid != pod.uid
                && is_near
                && pod.node.as_ref().is_some_and(|node| other.nominations.contains(node))
        })
    };
    let Some(preemptor) = named.or_else(waited) else { return };
    happening.detail.reason = Some(preemptor.of_pod.name.clone());
    let evidence: Vec<Seq> = happening.evidence.clone();
    let text = format!("pod {} of higher priority needed its place", preemptor.of_pod.name);
    happening.because.push(Because::new("preemption", text, evidence));
}

/// What an act did, behind the name of who did it.
#[must_use]
pub fn act_text(act: &Act) -> String {
    let what = match &*act.resource {
        "namespaces" => "namespace".to_owned(),
        "nodes" => String::new(),
        "poddisruptionbudgets" => "the PodDisruptionBudget".to_owned(),
        resource => resource.strip_suffix('s').unwrap_or(resource).to_owned(),
    };
    let named = if what.is_empty() { act.name.to_string() } else { format!("{what} {}", act.name) };
    let verb = &*act.by.verb;
    if verb.starts_with("delete") {
        return format!("deleted {named}");
    }
    if verb == "create" {
        return format!("created {named}");
    }
    let told: Vec<String> = act
        .changes
        .iter()
        .map(|change| match change {
            ActChange::Image { image, .. } => format!("set the image of {named} to {image}"),
            ActChange::Untold if &*act.by.part == "scale" => format!("scaled {named}"),
            ActChange::Untold => format!("changed {named} (how is not logged)"),
            ActChange::Template => format!("changed the pod template of {named}"),
            ActChange::Restarted => format!("restarted {named}"),
            ActChange::Replicas(count) => format!("scaled {named} to {count}"),
            ActChange::Suspended(true) => format!("suspended {named}"),
            ActChange::Suspended(false) => format!("resumed {named}"),
            ActChange::Unschedulable(true) => format!("cordoned {named}"),
            ActChange::Unschedulable(false) => format!("uncordoned {named}"),
            ActChange::Taints(taints) if taints.is_empty() => format!("removed the taints of {named}"),
            ActChange::Taints(taints) => format!("tainted {named} with {}", taints.join(", ")),
        })
        .collect();
    match told.as_slice() {
        [] => format!("changed {named}"),
        told => told.join(" and "),
    }
}
