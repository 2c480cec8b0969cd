//! What somebody did to what pods belong to, in words.

use crate::model::id::shortened;
use crate::model::{Act, ActChange};

/// Who did what: `alice deleted deployment web`.
#[must_use]
pub fn act_sentence(act: &Act) -> String {
    if act.by.is_unknown() && act.is_deletion() {
        return format!("{} was deleted; by whom is not recorded", object_text(&act.resource, &act.name));
    }
    format!("{} {}", act.by, act_text(act))
}

/// What an act did, behind the name of who did it.
#[must_use]
pub fn act_text(act: &Act) -> String {
    let named = object_text(&act.resource, &act.name);
    let verb = &*act.by.verb;
    if act.is_deletion() {
        return format!("deleted {named}");
    }
    if act.is_creation() {
        return format!("created {named}");
    }
    let told: Vec<String> = act
        .changes
        .iter()
        .map(|change| match change {
            ActChange::Image { image, is_back: true, .. } => format!("set the image of {named} back to {image}"),
            ActChange::Image { image, is_back: false, .. } => format!("set the image of {named} to {image}"),
            ActChange::Untold if &*act.by.part == "scale" => format!("scaled {named}"),
            ActChange::Untold if verb == "update" => format!("updated {named}"),
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
            ActChange::Volume(volume) => format!("bound {named} to {volume}"),
            ActChange::Field { path, value } => field_text(path, value, &named),
            ActChange::Condition { reason, message } => format!("said of {named}: {message} ({reason})"),
        })
        .collect();
    match told.as_slice() {
        [] => format!("changed {named}"),
        told => told.join(" and "),
    }
}

fn field_text(path: &str, value: &str, named: &str) -> String {
    match (path, value) {
        ("paused", "true") => format!("paused {named}"),
        ("paused", _) => format!("resumed {named}"),
        (_, "null") => format!("removed {path} of {named}"),
        // What a list holds may be secret.
        (_, value) if value.starts_with(['[', '{']) => format!("changed {path} of {named}"),
        (_, _) => format!("set {path} of {named} to {value}"),
    }
}

/// `deployment web`, `node-a`.
pub(super) fn object_text(resource: &str, name: &str) -> String {
    let what = match resource {
        "nodes" => return shortened(name).into_owned(),
        "poddisruptionbudgets" => "the PodDisruptionBudget",
        resource => resource.strip_suffix('s').unwrap_or(resource),
    };
    format!("{what} {}", shortened(name))
}
