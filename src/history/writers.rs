//! Who made a write, as `metadata.managedFields` tells it: the one manager whose entry moved.

use crate::model::{Actor, Basis, EventKind, Pod, StampedAt, WatchEvent};

/// An entry of `managedFields`: who, of which part, whether it applies, and when it wrote last.
type Entry<'a> = (&'a str, &'static str, bool, Option<StampedAt>);

/// Who wrote the object of an event; `before` is what it was. Nobody is named where several entries moved, or none: a deletion and
/// a binding leave none.
pub(super) fn by_managed_fields(before: Option<&Pod>, event: &WatchEvent) -> Option<Actor> {
    if event.kind == EventKind::Deleted {
        return None;
    }
    // What moved with a deletion is of another write, which no event shows.
    let ending = |pod: &Pod| (pod.metadata.deletion_at, pod.metadata.deletion_grace_seconds);
    let (asked_before, asked) = (before.map(ending), ending(&event.pod));
    if asked.0.is_some() && asked_before != Some(asked) {
        return None;
    }
    let now = entries(&event.pod);
    let moved: Vec<Entry<'_>> = match before {
        Some(before) => {
            let known = entries(before);
            // An object that was shown without its managed fields tells nothing by lacking them.
            if known.is_empty() {
                return None;
            }
            now.into_iter().filter(|entry| !known.contains(entry)).collect()
        }
        None => {
            let newest = now.iter().filter_map(|(.., at)| *at).max()?;
            now.into_iter().filter(|(.., at)| *at == Some(newest)).collect()
        }
    };
    let [(manager, part, applies, _)] = moved.as_slice() else { return None };
    let verb = if *applies { "apply" } else { "update" };
    Some(Actor {
        agent: (*manager).into(),
        verb: verb.into(),
        part: (*part).into(),
        basis: Basis::ManagedFields,
        ..Actor::default()
    })
}

fn entries(pod: &Pod) -> Vec<Entry<'_>> {
    let of_status = pod.metadata.status_writers.iter().map(|it| (it.manager.as_str(), "status", false, it.at));
    let of_rest = pod.metadata.writers.iter().map(|it| (&*it.manager, "", it.applies, it.at));
    of_status.chain(of_rest).collect()
}
