//! A step of the pass over a pod's events: every rule that knows what it must looks at the event; what none doubts becomes what
//! the next is compared with.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::diagnostics::{Diagnostics, Raw};
use super::event_context::{EventContext, Model, Report, behind_gaps};
use super::finding::Finding;
use super::overview::Overview;
use super::sandbox_runs::SandboxRuns;
use super::shown_times::ShownTimes;
use super::table::RULES;
use super::trusted::Trusted;
use crate::kubelet::Features;
use crate::kubelet::writer::{Writer, last_writer, writer};
use crate::model::{ObservedAt, ResourceVersion, Seq, WatchEvent, Window};
use crate::timeline::Gap;

/// A pod's events, looked at one after the other by every rule. What an event is compared with is held, not the events.
pub(super) struct Pass {
    behind_gaps: BTreeSet<Seq>,
    features: Features,
    slowest_us: i64,
    sandbox_runs: SandboxRuns,
    before: Option<WatchEvent>,
    /// When the phase became what the event before shows.
    phase_since: Option<ObservedAt>,
    trusted: Trusted,
    shown: ShownTimes,
    foreign: Vec<(Box<str>, Box<str>)>,
    report: Option<Report>,
}

impl Pass {
    pub(super) fn new(features: Features, overview: &Overview, gaps: &[Gap]) -> Self {
        Self {
            behind_gaps: behind_gaps(gaps),
            features,
            slowest_us: overview.slowest_us(),
            sandbox_runs: overview.sandbox_runs().clone(),
            before: None,
            phase_since: None,
            trusted: Trusted::default(),
            shown: ShownTimes::default(),
            foreign: Vec::new(),
            report: None,
        }
    }

    /// Lets every rule that knows what it must look at the next event; `see` looks last, with what they found.
    pub(super) fn step<T>(
        &mut self,
        event: &WatchEvent,
        next: Option<&WatchEvent>,
        see: impl FnOnce(&EventContext<'_>, &Diagnostics) -> T,
    ) -> (Diagnostics, T) {
        let before = self.before.take();
        let before_pod = before.as_ref().map(|before| &before.pod);
        let is_whole = event.provenance.is_whole();
        // What was written without being told, and what was made of it, is nothing to compare the next with.
        let is_behind_untold = before.as_ref().is_some_and(|before| !before.provenance.is_whole());
        let is_after_gap = is_behind_untold || self.behind_gaps.contains(&event.seq);
        let writer = match writer(before_pod.map(|pod| &**pod), &event.pod, self.features) {
            // Several may have written in between: the last of them counts.
            Writer::Kubelet if is_after_gap && before.is_some() => last_writer(&event.pod).unwrap_or(Writer::Kubelet),
            writer @ (Writer::Kubelet | Writer::Other(_) | Writer::Nobody) => writer,
        };
        let phase = self.trusted.phase().trusted.filter(|_| writer == Writer::Kubelet).cloned();
        let is_by_kubelet = writer == Writer::Kubelet;
        let model =
            is_by_kubelet.then(|| Model::of(phase.as_ref(), before_pod.map(|pod| &**pod), &event.pod, self.features));
        if is_by_kubelet {
            let (pod, pod_before) = (Arc::clone(&event.pod), before_pod.cloned());
            self.report = Some(Report { pod, pod_before, before: phase });
        }
        let context = EventContext {
            event,
            before: before.as_ref(),
            phase_before_since: self.phase_since,
            next,
            trusted: &self.trusted,
            writer,
            foreign: &self.foreign,
            is_after_gap,
            shown: &self.shown,
            report: self.report.as_ref(),
            slowest_us: self.slowest_us,
            sandbox_runs: &self.sandbox_runs,
            features: self.features,
            model,
        };
        let diagnostics = judged(&context);
        let seen = see(&context, &diagnostics);
        let writer = context.writer;
        note_foreign(&mut self.foreign, &writer, before.as_ref(), event);
        if is_whole {
            self.trusted.take(&event.pod, |subject| diagnostics.doubts(subject));
            self.shown.take(&event.pod);
        }
        if before.is_none_or(|before| before.pod.status.phase != event.pod.status.phase) {
            self.phase_since = event.window.at;
        }
        self.before = Some(event.clone());
        (diagnostics, seen)
    }
}

/// What the rules say of an event.
fn judged(context: &EventContext<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    if !context.event().provenance.is_whole() {
        return diagnostics;
    }
    for (place, rule) in RULES.iter().enumerate() {
        if let Some(judge) = rule.judge.filter(|_| rule.needs.iter().all(|need| need.is_met(context, &diagnostics))) {
            diagnostics.rule = place;
            judge(context, &mut diagnostics);
        }
    }
    diagnostics
}

/// Remembers which conditions hold a value that another client than the kubelet wrote.
fn note_foreign(
    foreign: &mut Vec<(Box<str>, Box<str>)>,
    writer: &Writer,
    before: Option<&WatchEvent>,
    event: &WatchEvent,
) {
    let manager = match writer {
        Writer::Nobody => return,
        Writer::Kubelet => None,
        Writer::Other(manager) => Some(manager.as_ref().map_or("another client", |manager| manager.as_str())),
    };
    // Until the kubelet has reported on the pod there is nothing of its own to come back to.
    let manager = manager.filter(|_| before.is_some_and(|before| before.pod.status.start_at.is_some()));
    for condition in &event.pod.status.conditions {
        let was = before.and_then(|before| before.pod.status.condition(&condition.kind));
        if was != Some(condition) {
            foreign.retain(|(kind, _)| *kind != condition.kind);
            if let Some(manager) = manager {
                foreign.push((condition.kind.clone(), manager.into()));
            }
        }
    }
}

/// The event that shows something.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    seq: Seq,
    resource_version: Option<ResourceVersion>,
    window: Window,
}

impl Shown {
    pub(super) fn of(event: &WatchEvent) -> Self {
        Self { seq: event.seq, resource_version: event.resource_version().cloned(), window: event.window }
    }
}

/// The finding of an event.
pub(super) fn found(raw: Raw, shown: &Shown) -> Finding {
    let Raw { rule, severity, subject, expected, actual, message } = raw;
    let rule = &RULES[rule];
    let Shown { seq, resource_version, window } = shown.clone();
    Finding {
        rule,
        severity: severity.unwrap_or(rule.severity),
        subject,
        seq,
        resource_version,
        window,
        expected,
        actual,
        message,
        last_seq: seq,
        count: 1,
        shown_by: vec![seq],
    }
}
