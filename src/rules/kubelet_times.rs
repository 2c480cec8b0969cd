//! What the times in an object tell of when the kubelet computed it, and how long it took to write it.

use super::trusted::Trusted;
use crate::kubelet::conditions::{POD_SCHEDULED, READY};
use crate::model::condition::CORE_CONDITIONS;
use crate::model::{Condition, ContainerStatus, Role, StampedAt, WatchEvent};

/// The newest of the times that a kubelet put into conditions and runs when it computed a status. Ready is left out for
/// other conditions: the node controller writes it too.
fn newest<'a>(
    conditions: impl Iterator<Item = &'a Condition>,
    statuses: impl Iterator<Item = (Role, &'a ContainerStatus)>,
    kind: &str,
) -> Option<StampedAt> {
    let own = |condition: &&Condition| {
        let of = &*condition.kind;
        CORE_CONDITIONS.contains(&of) && of != POD_SCHEDULED && (of != READY || kind == READY)
    };
    let conditions = conditions.filter(own).filter_map(|condition| condition.last_transition_at);
    let runs = statuses.filter(|(role, _)| *role != Role::Ephemeral).filter_map(|(_, status)| {
        let run = status.state.terminated.as_ref();
        let running = status.state.running.as_ref().and_then(|running| running.started_at);
        running.max(run.and_then(|run| run.finished_at))
    });
    conditions.chain(runs).max()
}

/// The newest of the kubelet's times that no rule doubts, for judging a condition.
pub(super) fn newest_trusted(trusted: &Trusted, kind: &str) -> Option<StampedAt> {
    let statuses = trusted.containers().filter_map(|(role, _, held)| Some((role, held.trusted?)));
    newest(trusted.conditions(), statuses, kind)
}

/// The longest time that the kubelet took from the newest time in a status to its write: how far it was held up. Only events
/// with news count.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slowest {
    /// The newest time in the status of the event before; nothing before the first event.
    before: Option<Option<StampedAt>>,
    us: i64,
}

impl Slowest {
    /// Takes the next event.
    pub(super) fn take(&mut self, event: &WatchEvent) {
        let newest = newest(event.pod.status.conditions.iter(), event.pod.container_statuses(), READY);
        let is_news = self.before.is_some_and(|before| newest > before);
        if let (Some(newest), Some(at)) = (newest.filter(|_| is_news), event.window.at) {
            self.us = self.us.max(StampedAt::from_micros(at.micros()).micros_since(newest));
        }
        self.before = Some(newest);
    }

    /// In microseconds.
    pub(super) fn us(self) -> i64 {
        self.us
    }
}
