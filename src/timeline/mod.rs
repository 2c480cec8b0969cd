//! One pod's life: its events with the columns that kubectl would have shown, its transitions, its gaps, and its state
//! at any moment. Pure.

pub mod at;
pub mod excerpt;
pub mod gap;
mod readiness;
pub mod span;
mod time_range;
mod words;

use std::sync::Arc;

pub use crate::history::{Gap, GapKind};
use crate::kubelet::{Columns, Features, columns_as_known};
use crate::model::{Actor, EventKind, ObservedAt, Pod, Provenance, ResourceVersion, Seq, WatchEvent, Window};
use crate::replay::{Anomaly, PodState, Transition, step};
pub use at::Moment;
pub use excerpt::Excerpt;
pub use gap::gaps;
pub use readiness::{Readiness, readiness};
pub use span::{Span, spans, spans_of};
pub use time_range::TimeRange;
use words::Words;

/// What happened to one incarnation of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// One entry an event, in the order of the writes.
    pub entries: Vec<Entry>,
    /// All transitions, in order.
    pub transitions: Vec<Transition>,
    /// What is odd about the stream.
    pub anomalies: Vec<Anomaly>,
    /// The state after the last event.
    pub state: PodState,
}

/// One event of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its position in the log.
    pub seq: Seq,
    /// What the record said.
    pub kind: EventKind,
    /// The version that it made.
    pub resource_version: Option<ResourceVersion>,
    /// When it happened.
    pub window: Window,
    /// READY, STATUS and RESTARTS after it.
    pub columns: Columns,
    /// How its object is known.
    pub provenance: Provenance,
    /// Who made the write, where that is known.
    pub by: Option<Arc<Actor>>,
    /// How many of the timeline's transitions came up to and with it.
    pub transitions_until: usize,
}

impl Timeline {
    /// Replays events, given in the order of their writes; `features` is what the release that prints the columns has on.
    #[must_use]
    pub fn replay(events: impl IntoIterator<Item = WatchEvent>, features: Features) -> Self {
        Self::replay_keeping(events, features, |_| true)
    }

    /// The same with some of the transitions, which take most of the room.
    #[must_use]
    pub fn replay_keeping(
        events: impl IntoIterator<Item = WatchEvent>,
        features: Features,
        keep: fn(&Transition) -> bool,
    ) -> Self {
        let (mut timeline, mut words) = (Self::default(), Words::default());
        for event in events {
            let before = timeline.transitions.len();
            timeline.push(event, features, keep);
            timeline.transitions[before..].iter_mut().for_each(|it| words.share(it));
        }
        // Some commands hold those of a whole fleet.
        timeline.transitions.shrink_to_fit();
        timeline.entries.shrink_to_fit();
        timeline
    }

    fn push(&mut self, event: WatchEvent, features: Features, keep: fn(&Transition) -> bool) {
        let seq = event.seq;
        let kind = event.kind.clone();
        let resource_version = event.resource_version().cloned();
        let window = event.window;
        let (provenance, by) = (event.provenance.clone(), event.by.clone());
        let columns = columns_as_known(&event.pod, &provenance, features);
        let step = step(std::mem::take(&mut self.state), event);
        self.state = step.after;
        self.transitions.extend(step.transitions.into_iter().filter(keep));
        self.anomalies.extend(step.anomalies);
        let transitions_until = self.transitions.len();
        self.entries.push(Entry { seq, kind, resource_version, window, columns, provenance, by, transitions_until });
    }

    /// The newest object.
    #[must_use]
    pub fn pod(&self) -> Option<&Pod> {
        self.state.pod.as_deref()
    }

    /// The transitions that the entry at `index` shows.
    #[must_use]
    pub fn transitions_of(&self, index: usize) -> &[Transition] {
        let begin = index.checked_sub(1).and_then(|before| self.entries.get(before));
        let begin = begin.map_or(0, |entry| entry.transitions_until);
        let end = self.entries.get(index).map_or(begin, |entry| entry.transitions_until);
        &self.transitions[begin..end]
    }

    /// Which entry shows the transition at `index`, by its place.
    #[must_use]
    pub fn entry_of(&self, index: usize) -> usize {
        self.entries.partition_point(|entry| entry.transitions_until <= index)
    }

    /// The entry that holds at `at`: the last one that had happened by then. `None` before the first.
    #[must_use]
    pub fn entry_at(&self, at: ObservedAt) -> Option<(usize, &Entry)> {
        let happened = |entry: &&Entry| entry.window.at.is_none_or(|entry_at| entry_at <= at);
        let count = self.entries.iter().take_while(happened).count();
        let index = count.checked_sub(1)?;
        // Without any time an event counts as happened only when a later one that has a time did.
        let has_time = self.entries[..count].iter().any(|entry| entry.window.at.is_some());
        has_time.then(|| (index, &self.entries[index]))
    }

    /// The times of the first and the last event that have one.
    #[must_use]
    pub fn bounds(&self) -> Option<(ObservedAt, ObservedAt)> {
        let mut times = self.entries.iter().filter_map(|entry| entry.window.at);
        let first = times.next()?;
        Some((first, times.next_back().unwrap_or(first)))
    }
}

#[cfg(test)]
mod tests {
    use super::Timeline;
    use crate::kubelet::{Features, KubernetesVersion};
    use crate::life::life;

    #[test]
    fn each_event_has_its_columns_and_transitions() {
        let timeline = Timeline::replay(
            life(
                "12:00:00 ADDED Pending
             12:00:00 MODIFIED node=n PodScheduled by=kube-scheduler
             12:00:02 MODIFIED c=waiting(ContainerCreating)
             12:00:04 MODIFIED Running Ready c=running,ready
             12:00:09 MODIFIED !Ready c=terminated(Error,1)
             12:00:10 MODIFIED c=waiting(CrashLoopBackOff)
             12:00:20 MODIFIED Ready c=running,ready
             12:00:30 MODIFIED example.com/lb by=lb",
            ),
            Features::of(KubernetesVersion::NEWEST),
        );
        let row = |(index, entry): (usize, &super::Entry)| {
            let columns = &entry.columns;
            let count = timeline.transitions_of(index).len();
            format!("{}/{} {} {} ({count})", columns.ready, columns.total, columns.status, columns.restarts.count)
        };
        let rows: Vec<String> = timeline.entries.iter().enumerate().map(row).collect();
        assert_eq!(
            rows,
            [
                "0/1 Pending 0 (2)",
                "0/1 Pending 0 (2)",
                "0/1 ContainerCreating 0 (2)",
                "1/1 Running 0 (3)",
                "0/1 Error 0 (2)",
                "0/1 CrashLoopBackOff 0 (1)",
                "1/1 Running 1 (2)",
                "1/1 Running 1 (1)",
            ]
        );
    }
}
