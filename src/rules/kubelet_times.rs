//! What the times in an object tell of when the kubelet computed it, and how long it took to write it.

use crate::kubelet::conditions::{POD_SCHEDULED, READY};
use crate::model::condition::CORE_CONDITIONS;
use crate::model::{Condition, Pod, Role, StampedAt, WatchEvent};

/// The newest time in an object that the kubelet put there when it computed the status.
pub(super) fn newest_of_kubelet(pod: &Pod, kind: &str) -> Option<StampedAt> {
    let own = |condition: &&Condition| {
        CORE_CONDITIONS.contains(&&*condition.kind)
            && &*condition.kind != POD_SCHEDULED
            && (&*condition.kind != READY || kind == READY)
    };
    let conditions = pod.status.conditions.iter().filter(own).filter_map(|condition| condition.last_transition_at);
    let runs = pod.container_statuses().filter(|(role, _)| *role != Role::Ephemeral).filter_map(|(_, status)| {
        let run = status.state.terminated.as_ref();
        let running = status.state.running.as_ref().and_then(|running| running.started_at);
        running.max(run.and_then(|run| run.finished_at))
    });
    conditions.chain(runs).max()
}

/// The longest time that the kubelet took from the newest time in a status to its write, in microseconds: how far it was
/// held up. Only events with news count.
pub(super) fn slowest_us(events: &[WatchEvent]) -> i64 {
    let newest: Vec<Option<StampedAt>> = events.iter().map(|event| newest_of_kubelet(&event.pod, READY)).collect();
    let lag = |(event, (before, newest)): (&WatchEvent, (&Option<StampedAt>, &Option<StampedAt>))| {
        let at = StampedAt::from_micros(event.window.at?.micros());
        newest.filter(|_| newest > before).map(|newest| at.micros_since(newest))
    };
    let later = events.iter().skip(1).zip(newest.iter().zip(newest.iter().skip(1)));
    later.filter_map(lag).max().unwrap_or(0).max(0)
}
