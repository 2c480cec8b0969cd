//! What people changed of a pod by hand, and its resources while it ran.

use super::causes::Cause;
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::shown::{is_true, shown};
use crate::model::{Actor, Basis, EventKind};
use crate::replay::Subject;
use crate::report::PodReport;
use crate::timeline::Entry;

/// What is said of who removed the last finalizer of a pod that was being deleted.
pub const TOOK_FINALIZER: &str = "removed the last finalizer of";

/// What people changed of it by hand.
pub(super) fn edits(report: &PodReport) -> Vec<Happening> {
    let is_edit = |by: &Actor| {
        by.component().is_none()
            && by.basis == Basis::Audit
            && matches!(&*by.verb, "patch" | "update" | "apply")
            && matches!(&*by.part, "" | "status" | "ephemeralcontainers")
    };
    let what = |entry: &Entry, by: &Actor| match (&entry.kind, &*by.part) {
        (EventKind::Deleted, _) => TOOK_FINALIZER,
        (_, "status") => "wrote the status of",
        (_, "ephemeralcontainers") => "added an ephemeral container to",
        (_, _) => "changed",
    };
    acts(report, Kind::Changed, is_edit, |entry, by| Some(what(entry, by)))
}

/// What people did to it that fits: alike things that one user did are one.
fn acts(
    report: &PodReport,
    kind: Kind,
    fits: impl Fn(&Actor) -> bool,
    what: impl Fn(&Entry, &Actor) -> Option<&'static str>,
) -> Vec<Happening> {
    let mut found: Vec<Happening> = Vec::new();
    for entry in &report.timeline.entries {
        let Some(by) = entry.by.as_ref().filter(|by| fits(by)) else { continue };
        let what = what(entry, by);
        let is_alike = |known: &&mut Happening| {
            known.by.as_ref().is_some_and(|it| it.user == by.user) && known.detail.reason.as_deref() == what
        };
        match found.iter_mut().find(is_alike) {
            Some(known) => {
                known.detail.count += 1;
                known.until = entry.window.at;
                known.evidence.push(entry.seq);
            }
            None => {
                let weight = if what == Some(TOOK_FINALIZER) { Weight::Trouble } else { Weight::Info };
                let mut act = Happening::new(kind, weight, entry.window.at, entry.seq);
                (act.by, act.detail.reason) = (Some(by.clone()), what.map(Into::into));
                found.push(act);
            }
        }
    }
    found
}

/// Changes of its resources while it ran.
pub(super) fn resizes(report: &PodReport) -> Vec<Happening> {
    let mut found = acts(report, Kind::Resized, |by| &*by.part == "resize", |_, _| None);
    let pending = Subject::Condition("PodResizePending".into());
    let refused = report.timeline.transitions.iter().find(|it| it.subject == pending && is_true(it));
    if let Some(refused) = refused {
        let text = [refused.reason.as_deref(), refused.message.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ");
        let is_infeasible = refused.reason.as_deref() == Some("Infeasible");
        match found.first_mut() {
            Some(resized) => {
                resized.weight = Weight::Trouble;
                resized.because.push(Because::new(
                    Cause::ResizePending,
                    format!("{}: {text}", if is_infeasible { "one was not possible" } else { "one had to wait" }),
                    vec![refused.seq],
                ));
            }
            None => found.push(shown(Kind::Resized, Weight::Trouble, refused)),
        }
    }
    found
}
