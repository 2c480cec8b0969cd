//! What happened to the containers of a pod: what they waited for, how they ended, what failed around them.

use std::collections::BTreeMap;

use super::causes::Cause;
use super::container_ends::{BACK_OFF, OfContainer, ends, found_looping};
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::shown::{events, shown};
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Role};
use crate::replay::{Subject, Transition, Value};
use crate::report::{EventNote, PodReport};

/// What happened to the containers until the deletion was asked for: what ends behind it ends because of it.
pub(super) fn containers(report: &PodReport, asked_at: Option<ObservedAt>) -> Vec<Happening> {
    let mut by_container: BTreeMap<(&str, Role), Vec<&Transition>> = BTreeMap::new();
    for it in &report.timeline.transitions {
        let is_before = asked_at.is_none_or(|asked| it.window.at < Some(asked));
        if let Subject::Container(name, role) = &it.subject
            && is_before
        {
            by_container.entry((name, *role)).or_default().push(it);
        }
    }
    let mut found = Vec::new();
    for of_container in by_container {
        found.extend(waits(&of_container, asked_at));
        found.extend(ends(&of_container, report));
        found.extend(found_looping(&of_container, report));
    }
    found.extend(printed_row(report));
    found.extend(volumes(report, &found));
    found.extend(sandbox(report));
    found.extend(pre_stop(report));
    found
}

/// What the row that kubectl printed of a pod says of its containers: what keeps them, and no more.
fn printed_row(report: &PodReport) -> Option<Happening> {
    let row = report.timeline.pod()?.printed.as_ref()?.row.as_ref()?;
    let reason = row.status.strip_prefix("Init:").unwrap_or(&row.status);
    let kind = match reason {
        BACK_OFF => Kind::CrashLoop,
        reason if IMAGE.contains(&reason) => Kind::ImagePullFailed,
        reason if CONFIG.contains(&reason) => Kind::ConfigMissing,
        _ => return None,
    };
    let entry = report.timeline.entries.last()?;
    let mut found = Happening::new(kind, Weight::Broken, entry.window.at, entry.seq);
    found.detail.count = usize::from(kind != Kind::CrashLoop);
    found.detail.restarts = usize::try_from(row.restarts).unwrap_or_default();
    found.detail.reason = Some(reason.into());
    Some(found)
}

/// A hook that was to run before its containers were stopped failed.
fn pre_stop(report: &PodReport) -> Option<Happening> {
    let note = events(report).find(|note| &*note.event.reason == PRE_STOP)?;
    let mut failed = Happening::new(Kind::HookFailed, Weight::Trouble, note.event.first_at, note.seq);
    failed.is_over = true;
    failed.detail.reason = Some(PRE_STOP.into());
    failed.because.push(Because::new(Cause::HookFailed, note.event.message.clone(), vec![note.seq]));
    Some(failed)
}

/// The Event about such a hook.
pub const PRE_STOP: &str = "FailedPreStopHook";

const IMAGE: [&str; 6] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "ImageInspectError",
];
const CONFIG: [&str; 2] = ["CreateContainerConfigError", "CreateContainerError"];

/// What a container waited for that was not there.
fn waits(((name, _), transitions): &OfContainer<'_>, asked_at: Option<ObservedAt>) -> Vec<Happening> {
    let mut found: Vec<Happening> = Vec::new();
    for it in transitions {
        let Some(Value::Container(state)) = &it.to else { continue };
        let reason = state.strip_prefix("waiting(").and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
        let kind = match reason {
            reason if IMAGE.contains(&reason) => Kind::ImagePullFailed,
            reason if CONFIG.contains(&reason) => Kind::ConfigMissing,
            _ => {
                if &**state == "running" {
                    for waited in found.iter_mut().filter(|waited| !waited.is_over) {
                        (waited.until, waited.is_over) = (it.window.at, true);
                        waited.weight = Weight::Trouble;
                    }
                }
                continue;
            }
        };
        match found.iter_mut().find(|known| known.kind == kind && !known.is_over) {
            Some(known) => {
                // The back-off says less than what it backs off from.
                known.detail.count += usize::from(reason == "ErrImagePull" || CONFIG.contains(&reason));
                if known.detail.reason.as_deref() == Some("ImagePullBackOff") {
                    known.detail.reason = it.reason.as_deref().map(Into::into);
                    known.detail.message = it.message.as_deref().map(Into::into);
                }
            }
            None => {
                let mut waited = shown(kind, Weight::Broken, it);
                waited.detail.container = Some((*name).into());
                found.push(waited);
            }
        }
    }
    for waited in found.iter_mut().filter(|waited| !waited.is_over) {
        waited.until = asked_at;
    }
    found
}

/// What could not be mounted, or of which no sandbox could be made.
fn volumes(report: &PodReport, found: &[Happening]) -> Option<Happening> {
    let is_missing = |note: &&EventNote| {
        matches!(
            &*note.event.reason,
            "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" | "FailedCreatePodSandBox"
        )
    };
    let note = events(report).find(is_missing)?;
    if found.iter().any(|known| known.kind == Kind::ConfigMissing) {
        return None;
    }
    let running = Some(Value::Container("running".into()));
    let started = report.timeline.transitions.iter().find(|it| {
        matches!(it.subject, Subject::Container(..)) && it.to == running && it.window.at > note.event.first_at
    });
    // A cache that is not filled yet is tried again at once.
    let is_short = started
        .and_then(|it| it.window.at)
        .zip(note.event.first_at)
        .is_some_and(|(until, from)| until.micros_since(from) < SHORT_US);
    if is_short {
        return None;
    }
    let mut missing = Happening::new(Kind::ConfigMissing, Weight::Broken, note.event.first_at, note.seq);
    missing.detail.reason = Some(note.event.reason.clone());
    missing.detail.message = Some(note.event.message.clone());
    missing.detail.count = usize::try_from(note.event.count).unwrap_or(1);
    if let Some(started) = started {
        (missing.until, missing.is_over, missing.weight) = (started.window.at, true, Weight::Trouble);
    }
    Some(missing)
}

/// What takes less is no trouble.
const SHORT_US: i64 = 10 * SECOND_US;

fn sandbox(report: &PodReport) -> Option<Happening> {
    let note = events(report).find(|note| &*note.event.reason == "SandboxChanged")?;
    // Before its containers ran there was nothing to lose.
    let running = Some(Value::Container("running".into()));
    let ran = report.timeline.transitions.iter().any(|it| it.to == running && it.window.at < note.event.first_at);
    let is_ending = report.timeline.pod().is_some_and(|pod| pod.metadata.deletion_at.is_some());
    (ran && !is_ending).then(|| {
        let mut lost = Happening::new(Kind::SandboxLost, Weight::Trouble, note.event.first_at, note.seq);
        lost.detail.message = Some(note.event.message.clone());
        lost
    })
}
