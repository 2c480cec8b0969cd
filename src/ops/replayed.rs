//! What pods went through by the log alone, without its times: what the projection is made of.

use std::sync::mpsc::sync_channel;

use super::read_error::ReadError;
use super::reading::Reading;
use crate::replay::{PodState, Transition, step};
use crate::store::{InTurn, Log, PodRow};

/// Fewer pods are read before a second thread has opened the store.
const WORTH_A_THREAD: usize = 50;
/// How many threads read.
const THREADS: usize = 2;
/// How many pods the second thread is ahead at most.
const PODS_AHEAD: usize = 16;

/// Replays one pod.
pub(super) fn replayed(reading: &Reading<'_>, row: &PodRow) -> Result<Vec<Transition>, ReadError> {
    let (mut state, mut transitions) = (PodState::default(), Vec::new());
    for event in reading.events_without_time(row)? {
        let step = step(state, event);
        state = step.after;
        transitions.extend(step.transitions);
    }
    Ok(transitions)
}

/// Replays pods and hands on what became of each, in their order. Where the log is on disk and `is_settled`, so that every other
/// reader of the store sees the same, a second thread reads every other pod; the outcome does not depend on it.
pub(super) fn replay_each(
    log: &Log,
    rows: &[PodRow],
    is_settled: bool,
    mut take: impl FnMut(&PodRow, Result<Vec<Transition>, ReadError>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let path = log.path_on_disk().filter(|_| is_settled && rows.len() >= WORTH_A_THREAD);
    let Some(path) = path else {
        let mut in_turn = InTurn::new(&reader, rows.iter().map(|row| row.id));
        return rows.iter().try_for_each(|row| {
            in_turn.step();
            take(row, replayed(&reading, row))
        });
    };
    reader.share_room(THREADS);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(PODS_AHEAD);
        scope.spawn(move || {
            // Where it cannot open the store, the first thread reads its pods too.
            let Some(log) = Log::open_to_read(path).ok().filter(|log| log.hold_still().is_ok()) else { return };
            let reader = log.reader();
            reader.share_room(THREADS);
            let reading = Reading::new(&reader);
            let of_thread = || rows.iter().skip(1).step_by(THREADS);
            let mut in_turn = InTurn::new(&reader, of_thread().map(|row| row.id));
            for row in of_thread() {
                in_turn.step();
                if sender.send(replayed(&reading, row)).is_err() {
                    return;
                }
            }
        });
        let mut in_turn = InTurn::new(&reader, rows.iter().step_by(THREADS).map(|row| row.id));
        rows.iter().enumerate().try_for_each(|(place, row)| {
            let of_other = if place % THREADS == 0 {
                in_turn.step();
                None
            } else {
                receiver.recv().ok()
            };
            take(row, of_other.unwrap_or_else(|| replayed(&reading, row)))
        })
    })
}
