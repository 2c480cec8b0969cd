//! One event as the rules see it: the object, what was trusted before it, who wrote it, and what the model makes of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::sandbox_runs::SandboxRuns;
use super::shown_times::ShownTimes;
use super::trusted::Trusted;
use crate::kubelet::conditions::{Computed, INITIALIZED, containers_ready, initialized, ready};
use crate::kubelet::inference::{Inferred, infer};
use crate::kubelet::writer::Writer;
use crate::kubelet::{Feature, Features};
use crate::model::{EventKind, ObservedAt, Phase, Pod, Seq, StampedAt, WatchEvent};
use crate::replay::Subject;
use crate::timeline::{Gap, GapKind};

/// One event and what is known around it.
pub(super) struct EventContext<'a> {
    /// The event.
    pub(super) event: &'a WatchEvent,
    /// The one before, and when the phase became what it shows.
    pub(super) before: Option<&'a WatchEvent>,
    pub(super) phase_before_since: Option<ObservedAt>,
    /// The one behind.
    pub(super) next: Option<&'a WatchEvent>,
    /// What no rule doubts of the events before.
    pub(super) trusted: &'a Trusted,
    /// Who wrote the status.
    pub(super) writer: Writer,
    /// The last writer of each condition that was not the kubelet, by type: whose value the kubelet may undo (L5).
    pub(super) foreign: &'a [(Box<str>, Box<str>)],
    /// Something between the event before and this one was not recorded.
    pub(super) is_after_gap: bool,
    /// The times of conditions that the events before show.
    pub(super) shown: &'a ShownTimes,
    /// The last event that the kubelet wrote, this one included, and the phase that was trusted before it.
    pub(super) report: Option<&'a Report>,
    /// How long the kubelet was held up at the longest, in microseconds.
    pub(super) slowest_us: i64,
    /// The runs that were shown without a sandbox, in all events.
    pub(super) sandbox_runs: &'a SandboxRuns,
    /// What the release has on.
    pub(super) features: Features,
    /// What the model makes of the object, where the kubelet wrote it.
    pub(super) model: Option<Model>,
}

/// A write of the kubelet.
#[derive(Debug)]
pub(super) struct Report {
    /// The object that it left.
    pub(super) pod: Arc<Pod>,
    /// The object before.
    pub(super) pod_before: Option<Arc<Pod>>,
    /// The phase that no rule doubted before it.
    pub(super) before: Option<Phase>,
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
        let containers_ready = containers_ready(pod, phase, features);
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

impl<'a> EventContext<'a> {
    pub(super) fn event(&self) -> &'a WatchEvent {
        self.event
    }

    pub(super) fn pod(&self) -> &'a Pod {
        &self.event.pod
    }

    /// The event before.
    pub(super) fn before(&self) -> Option<&'a WatchEvent> {
        self.before
    }

    /// The event behind.
    pub(super) fn next(&self) -> Option<&'a WatchEvent> {
        self.next
    }

    /// The last object that the kubelet wrote, and what the model makes of it, where others wrote since.
    pub(super) fn last_report(&self) -> Option<(&'a Pod, Model)> {
        let report = self.report.filter(|report| report.pod.status != self.pod().status)?;
        Some((&report.pod, self.model_by(Some(report), &report.pod)))
    }

    /// What the model makes of the object, as the kubelet would that reported last.
    pub(super) fn model_by_last_report(&self) -> Model {
        self.model_by(self.report, self.pod())
    }

    fn model_by(&self, report: Option<&Report>, pod: &Pod) -> Model {
        let before = report.and_then(|report| report.pod_before.as_deref());
        Model::of(report.and_then(|report| report.before.as_ref()), before, pod, self.features)
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

/// The events that gaps stand before.
pub(super) fn behind_gaps(gaps: &[Gap]) -> BTreeSet<Seq> {
    gaps.iter().filter(|gap| is_hiding(&gap.kind)).filter_map(|gap| gap.before).collect()
}

/// Something happened in it that no event shows.
fn is_hiding(kind: &GapKind) -> bool {
    match kind {
        GapKind::WatchError
        | GapKind::Relist
        | GapKind::BetweenRecordings
        | GapKind::StartsMidLife
        | GapKind::Untold { .. }
        | GapKind::Partial
        | GapKind::StatusNotLogged => true,
        GapKind::Vanished | GapKind::RestartsUnseen { .. } => false,
    }
}
