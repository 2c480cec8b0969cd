//! What is told beside what happened to pods: how they began, what people did to what they belong to and run on, and what was refused
//! of pods that never were.

use std::sync::Arc;

use super::told::HowMuch;
use crate::cause::{Detail, Happening, Kind, NodeTurn, PodStory, Scene, Weight, act_sentence, of_workloads, refusals};
use crate::model::time::SECOND_US;
use crate::model::{Act, Actor, ObservedAt, Seq};

/// How a pod began, as something that happened.
pub(super) fn birth(pod: &PodStory, how_much: HowMuch) -> Option<Happening> {
    let created = pod.created.as_ref()?;
    let kind = match (created.ready_at, how_much) {
        (Some(_), _) => Kind::Ready,
        (None, HowMuch::All) if created.has_started => Kind::Started,
        (None, HowMuch::All | HowMuch::Screen) => Kind::Scheduled,
    };
    Some(Happening {
        kind,
        at: created.at,
        at_latest: created.at,
        until: created.ready_at,
        is_over: true,
        by: created.by.clone(),
        detail: Detail { count: 1, ..Detail::default() },
        because: Vec::new(),
        weight: Weight::Info,
        evidence: vec![created.seq],
    })
}

/// What people did to what the pods belong to and run on, and what was refused of pods that never were.
pub(super) fn acts(scene: &Scene) -> Vec<Happening> {
    let mut found: Vec<Happening> = Vec::new();
    let is_told = |act: &Act| !act.changes.is_empty() || act.is_deletion() || act.is_creation();
    let by_people = scene.acts.iter().filter(|it| it.act.by.component().is_none());
    for it in by_people.filter(|it| is_told(&it.act)) {
        let weight = if it.act.is_deletion() { Weight::Trouble } else { Weight::Info };
        let text = act_sentence(&it.act);
        let by = Some(it.act.by.clone()).filter(|by| !by.is_unknown());
        found.push(changed(text, weight, Some(it.act.at), by, it.seq));
    }
    for it in &scene.nodes {
        let own = it.by.clone().filter(|by| by.component().is_none());
        let who = own.as_ref().map(ToString::to_string);
        let text = match (&it.turn, who) {
            (NodeTurn::Cordoned, Some(who)) => format!("{who} cordoned {}", it.node),
            (NodeTurn::Uncordoned, Some(who)) => format!("{who} uncordoned {}", it.node),
            (NodeTurn::Tainted(taint), Some(who)) if !is_of_controller(taint) => {
                format!("{who} tainted {} with {taint}", it.node)
            }
            (NodeTurn::Untainted(taint), Some(who)) if !is_of_controller(taint) => {
                format!("{who} removed the taint {taint} of {}", it.node)
            }
            (NodeTurn::Cordoned, None) => format!("{} was cordoned", it.node),
            (NodeTurn::Tainted(taint), None) if !is_of_controller(taint) => {
                format!("{} got the taint {taint}", it.node)
            }
            (NodeTurn::Untainted(taint), None) if !is_of_controller(taint) => {
                format!("{} lost the taint {taint}", it.node)
            }
            (NodeTurn::Deleted, who) => {
                format!("{} deleted node {}", who.as_deref().unwrap_or("a controller"), it.node)
            }
            (
                NodeTurn::Ready(..)
                | NodeTurn::Uncordoned
                | NodeTurn::Tainted(_)
                | NodeTurn::Untainted(_)
                | NodeTurn::KubeletStarted
                | NodeTurn::Booted,
                _,
            ) => continue,
        };
        found.push(changed(text, Weight::Trouble, it.at, own, it.seq));
    }
    found.extend(refusals(scene));
    found.extend(of_workloads(scene));
    merged(found)
}

/// What the node controller puts on nodes by itself.
fn is_of_controller(taint: &str) -> bool {
    taint.starts_with("node.kubernetes.io/")
}

fn changed(text: String, weight: Weight, at: Option<ObservedAt>, by: Option<Arc<Actor>>, seq: Seq) -> Happening {
    Happening {
        kind: Kind::Changed,
        at,
        at_latest: at,
        until: None,
        is_over: true,
        by,
        detail: Detail { count: 1, message: Some(text.into()), ..Detail::default() },
        because: Vec::new(),
        weight,
        evidence: vec![seq],
    }
}

/// What one user created or deleted at once is one act: `alice created deployment web and statefulset db`.
fn merged(found: Vec<Happening>) -> Vec<Happening> {
    const AT_ONCE_US: i64 = 5 * SECOND_US;
    let mut acts: Vec<Happening> = Vec::new();
    for it in found {
        let text = it.detail.message.as_deref().unwrap_or_default();
        let by = it.by.as_ref().map(ToString::to_string).unwrap_or_default();
        let rest = ["created ", "deleted "].into_iter().find_map(|verb| {
            let rest = text.strip_prefix(&by)?.strip_prefix(' ')?.strip_prefix(verb)?;
            Some((format!("{by} {verb}"), rest.to_owned()))
        });
        let known = rest.and_then(|(head, rest)| {
            let near = |known: &&mut Happening| {
                let is_near = known.at.zip(it.at).is_some_and(|(before, at)| at.micros_since(before) <= AT_ONCE_US);
                is_near
                    && known.kind == Kind::Changed
                    && known.detail.message.as_deref().is_some_and(|text| text.starts_with(&head))
            };
            acts.iter_mut().rev().find(near).map(|known| (known, head, rest))
        });
        match known {
            Some((known, head, rest)) => {
                let listed =
                    known.detail.message.as_deref().and_then(|text| text.strip_prefix(&*head)).unwrap_or_default();
                known.detail.message = Some(format!("{head}{} and {rest}", listed.replace(" and ", ", ")).into());
                known.evidence.extend(it.evidence);
            }
            None => acts.push(it),
        }
    }
    acts
}
