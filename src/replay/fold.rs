//! Many events: the fold over `step`.

use super::step::{PodState, step};
use super::transition::{Anomaly, Transition};
use crate::model::WatchEvent;

/// What a run of events makes of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    /// The state after the last event.
    pub state: PodState,
    /// All transitions, in order.
    pub transitions: Vec<Transition>,
    /// All anomalies, in order.
    pub anomalies: Vec<Anomaly>,
}

/// Replays events onto what was replayed before: `replay(replay(start, a), b)` equals `replay(start, a ++ b)`.
#[must_use]
pub fn replay(before: Replay, events: impl IntoIterator<Item = WatchEvent>) -> Replay {
    let mut replay = before;
    for event in events {
        let step = step(std::mem::take(&mut replay.state), event);
        replay.state = step.after;
        replay.transitions.extend(step.transitions);
        replay.anomalies.extend(step.anomalies);
    }
    replay
}
