//! What of a pod's story came from others: from its workload, its namespace, its node, another pod. Each rule finds one kind of cause,
//! by the record that proves it; without that record it says nothing.

use std::collections::BTreeMap;

use super::causes::Cause;
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::kinship::{CAUSED_WITHIN_US, OfPod, Sibling, last_act, last_cause};
use super::kubelets::join_starts;
use super::owners::{by_event, by_job, by_owner, by_workload};
use super::pod::PodStory;
use super::refusals::told_of_pods;
use super::scene::{NodeChange, NodeTurn, Scene, SceneAct};
use super::toleration::tolerated_for_us;
use super::workloads::by_claim;
use crate::model::time::{SECOND_US, duration_text};
use crate::model::{Act, Basis, ObservedAt, Seq};

/// Finds what one kind of happening came from.
type Rule = fn(&mut Happening, &OfPod, &Scene, &[Sibling]);

/// The rules, by what they explain, in the order in which they are asked; what one of them makes of it decides which follow.
const RULES: [(Kind, Rule); 14] = [
    (Kind::TaintEvicted, |it, pod, scene, _| by_taint(it, pod, &scene.nodes)),
    (Kind::DeletionCancelled, |it, pod, scene, _| by_untaint(it, pod, &scene.nodes)),
    (Kind::Evicted, |it, pod, scene, _| by_drain(it, pod, &scene.nodes)),
    (Kind::NamespaceDeleted, |it, pod, scene, _| by_namespace(it, pod, &scene.acts)),
    (Kind::DeletionRequested, |it, pod, scene, _| by_event(it, pod, &scene.notes)),
    (Kind::Deleted, |it, pod, scene, _| by_event(it, pod, &scene.notes)),
    (Kind::Scaled, by_workload),
    (Kind::GarbageCollected, |it, _, _, _| by_pod_gc(it)),
    (Kind::GarbageCollected, |it, pod, scene, _| by_namespace(it, pod, &scene.acts)),
    (Kind::GarbageCollected, |it, pod, scene, _| by_owner(it, pod, &scene.acts)),
    (Kind::DeletionRequested, |it, pod, scene, _| by_job(it, pod, scene)),
    (Kind::DeletionRequested, |it, pod, scene, _| by_namespace_that_goes(it, pod, &scene.acts)),
    (Kind::Unschedulable, by_claim),
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
            for (kind, join) in RULES {
                if kind == happening.kind {
                    join(happening, &of_pod, &scene, &siblings);
                }
            }
        }
    }
    join_starts(&mut pods, &scene.nodes);
    put_behind_causes(&mut pods, &scene);
    scene.refused = told_of_pods(std::mem::take(&mut scene.refused), &mut pods);
    scene.pods = pods;
    scene
}

/// What may have begun before its cause began with that at the earliest.
fn put_behind_causes(pods: &mut [PodStory], scene: &Scene) {
    let acts = scene.acts.iter().map(|it| (it.seq, Some(it.act.at)));
    let caused_at: BTreeMap<Seq, Option<ObservedAt>> =
        acts.chain(scene.nodes.iter().map(|it| (it.seq, it.at))).collect();
    for happening in pods.iter_mut().flat_map(|pod| &mut pod.happenings) {
        let causes = happening.because.iter().flat_map(|it| &it.evidence).filter_map(|seq| *caused_at.get(seq)?);
        let latest = happening.at_latest;
        let last = causes.filter(|at| latest.is_none_or(|latest| *at <= latest)).max();
        happening.at = happening.at.map(|at| last.map_or(at, |last| last.max(at)));
    }
}

fn by_taint(happening: &mut Happening, pod: &OfPod, nodes: &[NodeChange]) {
    // A pod goes when the time is over for which it tolerates the taint.
    let tolerated_us = |change: &NodeChange| {
        let NodeTurn::Tainted(taint) = &change.turn else { return None };
        taint.ends_with(":NoExecute").then(|| tolerated_for_us(taint, &pod.tolerations)).flatten()
    };
    let due = |change: &NodeChange| Some(change.at?.plus_micros(tolerated_us(change)?));
    let is_of_node = |change: &NodeChange| Some(&change.node) == pod.node.as_ref() && tolerated_us(change).is_some();
    let Some(change) = last_cause(nodes, happening, due, is_of_node) else { return };
    let (NodeTurn::Tainted(taint), Some(tolerated_us)) = (&change.turn, tolerated_us(change)) else { return };
    happening.detail.node = Some(change.node.clone());
    let by = change.by.as_ref().filter(|by| by.component().is_none());
    let text = match by {
        Some(by) => format!("{by} tainted {} with {taint}", change.node),
        None => format!("{} has the taint {taint}", change.node),
    };
    let tolerated = (tolerated_us > 0).then(|| format!(" (tolerated it for {})", duration_text(tolerated_us)));
    let text = text + &tolerated.unwrap_or_default();
    happening.because.push(Because::new(Cause::Taint, text, vec![change.seq]));
}

/// The reason of a deletion that was cancelled as the taint of the node was removed.
pub const TAINT_GONE: &str = "TaintRemoved";

/// The node lost its taint just before the taint manager cancelled the deletion.
fn by_untaint(happening: &mut Happening, pod: &OfPod, nodes: &[NodeChange]) {
    const ANSWERED_WITHIN_US: i64 = 10 * SECOND_US;
    let is_cause = |change: &&NodeChange| {
        let since = happening.at.zip(change.at).map(|(at, change)| at.micros_since(change));
        Some(&change.node) == pod.node.as_ref()
            && matches!(&change.turn, NodeTurn::Untainted(taint) if taint.ends_with(":NoExecute"))
            // The time of the Event is a whole second.
            && since.is_some_and(|since| (-SECOND_US..=ANSWERED_WITHIN_US).contains(&since))
    };
    let Some(change) = nodes.iter().rev().find(is_cause) else { return };
    happening.detail.reason = Some(TAINT_GONE.into());
    happening.evidence.push(change.seq);
}

fn by_drain(happening: &mut Happening, pod: &OfPod, nodes: &[NodeChange]) {
    let Some(by) = happening.by.clone().filter(|by| by.component().is_none()) else { return };
    let is_cause = |change: &NodeChange| {
        let is_same =
            change.by.as_ref().is_none_or(|other| other.user == by.user || other.basis == Basis::ManagedFields);
        Some(&change.node) == pod.node.as_ref() && change.turn == NodeTurn::Cordoned && is_same
    };
    let Some(change) = last_cause(nodes, happening, |change| change.at, is_cause) else { return };
    happening.kind = Kind::Drained;
    happening.detail.node = Some(change.node.clone());
    happening.because.push(Because::new(Cause::Drain, format!("{} was cordoned", change.node), vec![change.seq]));
}

fn by_namespace(happening: &mut Happening, pod: &OfPod, acts: &[SceneAct]) {
    if !happening.because.is_empty() {
        return;
    }
    // In a namespace that is being deleted no pod is created.
    let is_of_its_life = |act: &Act| pod.exists_since <= Some(act.at);
    let is_cause = |act: &Act| {
        &*act.resource == "namespaces" && act.name == pod.namespace && act.is_deletion() && is_of_its_life(act)
    };
    // Its controller deletes pods for nothing else, however long it took to come to them.
    let is_its = matches!(happening.kind, Kind::NamespaceDeleted | Kind::DeletionRequested);
    let came_before = |act: &Act| is_its && Some(act.at) <= happening.at;
    let earlier = || acts.iter().rev().find(|it| is_cause(&it.act) && came_before(&it.act));
    let Some(cause) = last_act(acts, happening, is_cause).or_else(earlier) else { return };
    let text = match (happening.kind, cause.act.by.is_unknown()) {
        // Anybody may delete a pod of a namespace that goes.
        (Kind::DeletionRequested, _) => "the namespace was being deleted".to_owned(),
        (_, true) => "who deleted the namespace is not recorded".to_owned(),
        (_, false) => format!("{} deleted the namespace", cause.act.by),
    };
    if happening.kind != Kind::DeletionRequested {
        (happening.kind, happening.weight) = (Kind::NamespaceDeleted, Weight::Trouble);
    }
    happening.because.push(Because::new(Cause::NamespaceDeleted, text, vec![cause.seq]));
}

/// Of a pod that nobody is known to have deleted.
fn by_namespace_that_goes(happening: &mut Happening, pod: &OfPod, acts: &[SceneAct]) {
    if happening.by.is_none() {
        by_namespace(happening, pod, acts);
    }
}

/// The garbage collector of pods says why.
fn by_pod_gc(happening: &mut Happening) {
    let by = happening.by.as_ref().map(|by| by.component());
    let is_its = by.is_none_or(|component| component == Some("pod-garbage-collector"));
    let message = happening.detail.message.as_deref().filter(|_| is_its);
    let said = message.and_then(|message| message.strip_prefix("PodGC: "));
    let because = said.map(|said| Because::new(Cause::PodGc, said, happening.evidence.clone()));
    happening.because.extend(because);
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
                .of_pod
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
    happening.because.push(Because::new(Cause::Preemption, text, evidence));
}
