//! One event as the rules see it: the object, what was trusted before it, who wrote it, and what the model makes of it.

use super::trusted::Trusted;
use crate::kubelet::conditions::{Computed, INITIALIZED, containers_ready, initialized, ready};
use crate::kubelet::inference::{Inferred, infer};
use crate::kubelet::writer::Writer;
use crate::kubelet::{Feature, Features};
use crate::model::{EventKind, Phase, Pod, StampedAt, WatchEvent};
use crate::replay::Subject;

/// One event and what is known around it.
pub(super) struct Sight<'a> {
    /// The events of the pod.
    pub(super) events: &'a [WatchEvent],
    /// Which of them.
    pub(super) index: usize,
    /// What no rule doubts of the events before.
    pub(super) trusted: &'a Trusted<'a>,
    /// Who wrote the status.
    pub(super) writer: Writer,
    /// The last writer of each condition that was not the kubelet, by type: whose value the kubelet may undo (L5).
    pub(super) foreign: &'a [(&'a str, Option<Box<str>>)],
    /// Something between the event before and this one was not recorded.
    pub(super) is_after_gap: bool,
    /// How long the kubelet was held up at the longest, in microseconds.
    pub(super) slowest_us: i64,
    /// What the release has on.
    pub(super) features: Features,
    /// What the model makes of the object, where the kubelet wrote it.
    pub(super) model: Option<Model>,
}

/// What the model makes of an object.
pub(super) struct Model {
    pub(super) inferred: Inferred,
    pub(super) containers_ready: Computed,
    pub(super) ready: Computed,
    pub(super) initialized: Computed,
}

impl Model {
    /// Computes it; `before` is the phase that the API showed last.
    pub(super) fn of(before: Option<&Phase>, before_pod: Option<&Pod>, pod: &Pod, features: Features) -> Self {
        let inferred = infer(before, pod, features);
        let phase = &inferred.computed.phase;
        let containers_ready = containers_ready(pod, phase);
        // C5.5: the Initialized before is the one that stays.
        let initialized = match before_pod {
            Some(before) if features.has(Feature::RestartAllContainers) => {
                let mut seen = pod.clone();
                seen.status.conditions.retain(|condition| &*condition.kind != INITIALIZED);
                seen.status.conditions.extend(before.status.condition(INITIALIZED).cloned());
                initialized(&seen, phase, features)
            }
            Some(_) | None => initialized(pod, phase, features),
        };
        let own = [initialized.clone().into_condition(INITIALIZED, None)];
        let ready = ready(pod, &containers_ready, &own, features);
        Self { inferred, containers_ready, ready, initialized }
    }
}

impl<'a> Sight<'a> {
    pub(super) fn event(&self) -> &'a WatchEvent {
        &self.events[self.index]
    }

    pub(super) fn pod(&self) -> &'a Pod {
        &self.event().pod
    }

    /// The event before.
    pub(super) fn before(&self) -> Option<&'a WatchEvent> {
        self.index.checked_sub(1).map(|index| &self.events[index])
    }

    /// The event behind.
    pub(super) fn next(&self) -> Option<&'a WatchEvent> {
        self.events.get(self.index + 1)
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.event().kind == EventKind::Deleted
    }

    /// The pod's status is the kubelet's to write: it has reported on it.
    pub(super) fn is_by_kubelet(&self) -> bool {
        self.writer == Writer::Kubelet
    }

    /// The stamps of a later write bound this one.
    pub(super) fn stamp_of_latest(&self) -> Option<StampedAt> {
        let latest = self.event().window.at_latest?;
        Some(StampedAt::from_micros(latest.plus_micros(SKEW_US).micros()))
    }

    /// When the write must have been over, whole seconds of the stamps rounded up: the latest that a stamp in it can be.
    pub(super) fn latest_stamp(&self) -> Option<StampedAt> {
        let window = self.event().window;
        let at = window.at.map(|at| at.plus_micros(SKEW_US)).max(window.at_latest)?;
        Some(StampedAt::from_micros(at.micros()))
    }
}

/// Clocks of nodes and API servers differ, and stamps are whole seconds.
const SKEW_US: i64 = 2 * crate::model::time::SECOND_US;

/// The subject of a condition.
pub(super) fn condition(kind: &str) -> Subject {
    Subject::Condition(kind.into())
}
