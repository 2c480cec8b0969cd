//! Tells of what was done to an object what is new.

use std::collections::BTreeMap;

use crate::cause::SceneAct;
use crate::model::{ActChange, Seq};

/// What is known of an object by what was done to it.
#[derive(Default)]
pub(super) struct Known {
    /// What each part of it was set to last.
    last: BTreeMap<String, Box<str>>,
    /// The images that each container had.
    images: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// The part that is the template of pods without its images.
const TEMPLATE: &str = "field template";

/// Leaves out what an act only says again, as who applies a whole configuration does, and marks the images that a workload had before.
/// Of acts that a watch shows it is known what is `told`.
pub(super) fn leave_out_unchanged(acts: &mut [SceneAct], mut told: BTreeMap<Seq, Vec<ActChange>>) {
    let mut objects: BTreeMap<[Box<str>; 3], Known> = BTreeMap::new();
    for (seq, act) in acts.iter_mut().map(|it| (it.seq, &mut it.act)) {
        let place = [&act.resource, &act.namespace, &act.name].map(Clone::clone);
        // What has the name of something that was deleted is another object.
        if &*act.by.verb == "deletecollection" {
            objects.retain(|known, _| known[..2] != place[..2]);
        } else if &*act.by.verb == "delete" || act.is_creation() {
            objects.remove(&place);
        }
        let known = objects.entry(place).or_default();
        known.leave_out_unchanged(&mut act.changes);
        // What is not logged may have set anything.
        if act.changes.contains(&ActChange::Untold) {
            known.last.retain(|part, _| &*act.by.part == "scale" && part != "replicas");
        }
        if let Some(changes) = told.remove(&seq) {
            act.changes = changes;
        }
    }
}

impl Known {
    /// Removes the changes that were known already, and remembers the others.
    pub(super) fn leave_out_unchanged(&mut self, changes: &mut Vec<ActChange>) {
        let has_image = |changes: &[ActChange]| changes.iter().any(|it| matches!(it, ActChange::Image { .. }));
        // Of who sends a whole template for the first time it is not known what of it is new.
        let is_first = has_image(changes) && !self.last.contains_key(TEMPLATE);
        changes.retain_mut(|change| self.is_new(change));
        let is_told = !is_first && !has_image(changes);
        changes.retain_mut(|change| {
            let is_template = matches!(change, ActChange::Field { path, .. } if **path == *"template");
            if is_template {
                *change = ActChange::Template;
            }
            !is_template || is_told
        });
        changes.dedup();
    }

    /// Whether a change sets something to what it was not.
    fn is_new(&mut self, change: &mut ActChange) -> bool {
        match change {
            ActChange::Image { container, image, is_back } => {
                let is_new = self.set(format!("image {container}"), image);
                let had = self.images.entry(container.clone()).or_default();
                let is_other = had.last() != Some(image);
                *is_back = is_new && is_other && had.contains(image);
                if is_other {
                    had.push(image.clone());
                }
                is_new
            }
            ActChange::Replicas(count) => self.set("replicas".to_owned(), &count.to_string()),
            ActChange::Suspended(is_suspended) => self.set("suspended".to_owned(), &is_suspended.to_string()),
            ActChange::Volume(volume) => self.set("volume".to_owned(), volume),
            ActChange::Field { path, value } => self.set(format!("field {path}"), value),
            // What it is now is not known.
            ActChange::Template => {
                self.last.retain(|part, _| part != TEMPLATE && !part.starts_with("image "));
                true
            }
            ActChange::Untold
            | ActChange::Restarted
            | ActChange::Unschedulable(_)
            | ActChange::Taints(_)
            | ActChange::Condition { .. } => true,
        }
    }

    fn set(&mut self, part: String, value: &str) -> bool {
        self.last.insert(part, value.into()).is_none_or(|before| *before != *value)
    }
}
