//! Hides what looks like a secret in the texts that a story is made of: whole, before a part of one is quoted.

use std::sync::Arc;

use crate::cause::Scene;
use crate::model::ActChange;
use crate::redact::Secrets;
use crate::report::{Note, PodReport};

/// The messages of what happened to a pod, and of what was said of it.
pub(super) fn sieve_report(report: &mut PodReport, secrets: Secrets) {
    if secrets == Secrets::Shown {
        return;
    }
    let messages = report.timeline.transitions.iter_mut().filter_map(|transition| transition.message.as_mut());
    messages.for_each(|message| sieve(message, secrets));
    if let Some(pod) = &mut report.timeline.state.pod {
        let status = &mut Arc::make_mut(pod).status;
        let lists = [&mut status.init_containers, &mut status.containers, &mut status.ephemeral_containers];
        for status in lists.into_iter().flatten().flatten() {
            let ends = [&mut status.state.terminated, &mut status.last.terminated].into_iter().flatten();
            ends.filter_map(|end| end.message.as_mut()).for_each(|message| sieve(message, secrets));
        }
    }
    for note in &mut report.related {
        match note {
            Note::Event(note) => sieve(&mut note.event.message, secrets),
            Note::Refused(note) => sieve(&mut note.refused.message, secrets),
            Note::Node(_) => {}
        }
    }
}

/// The same of what stands beside the pods.
pub(super) fn sieve_scene(scene: &mut Scene, secrets: Secrets) {
    if secrets == Secrets::Shown {
        return;
    }
    scene.notes.iter_mut().for_each(|note| sieve(&mut note.message, secrets));
    scene.refused.iter_mut().for_each(|it| sieve(&mut it.refused.message, secrets));
    for change in scene.acts.iter_mut().flat_map(|it| &mut it.act.changes) {
        match change {
            ActChange::Field { value, .. } => sieve(value, secrets),
            ActChange::Condition { message, .. } => sieve(message, secrets),
            ActChange::Image { .. }
            | ActChange::Untold
            | ActChange::Template
            | ActChange::Restarted
            | ActChange::Replicas(_)
            | ActChange::Suspended(_)
            | ActChange::Unschedulable(_)
            | ActChange::Taints(_)
            | ActChange::Volume(_) => {}
        }
    }
}

fn sieve<T: AsRef<str> + From<String>>(text: &mut T, secrets: Secrets) {
    *text = secrets.text(text.as_ref()).into_owned().into();
}
