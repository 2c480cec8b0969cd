//! What went wrong with pods without a rule being broken: a container may crash as often as it likes.

use std::collections::BTreeMap;

use crate::kubelet::Columns;
use crate::model::{ContainerStatus, Phase, Pod, StampedAt, Terminated};

/// What went wrong with pods, summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mishaps {
    /// How many pods have containers that were started again.
    pub restarted: usize,
    /// How often they were.
    pub restarts: i64,
    /// The newest failed end of a run among theirs; the newest of all if none failed.
    pub last_exit: Option<Exit>,
    /// How many pods have which trouble for a STATUS at last, where it is not that of a crash loop.
    pub stuck: BTreeMap<String, usize>,
}

/// How a run of a container ended: when, with which code, and why. The greatest is the one to tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exit {
    /// Of several ends those that failed say more.
    has_failed: bool,
    at: Option<StampedAt>,
    /// The exit code.
    pub code: i64,
    /// The reason, if there is one.
    pub reason: Option<Box<str>>,
}

impl Mishaps {
    /// What went wrong with a pod, as its last event shows it, with the columns of that.
    #[must_use]
    pub fn of(pod: &Pod, columns: &Columns, is_deleted: bool) -> Self {
        let restarts = columns.restarts.count.max(0);
        let is_stuck = restarts == 0 && !is_deleted && is_in_trouble(pod);
        Self {
            restarted: usize::from(restarts > 0),
            restarts,
            last_exit: if restarts > 0 { exits(pod).max() } else { None },
            stuck: is_stuck.then(|| (columns.status.clone(), 1)).into_iter().collect(),
        }
    }
}

/// It failed, or a container waits for another reason than that it is being made.
fn is_in_trouble(pod: &Pod) -> bool {
    let is_odd = |reason: &str| !matches!(reason, "" | "ContainerCreating" | "PodInitializing");
    let waits = |status: &ContainerStatus| {
        status.state.waiting.as_ref().and_then(|waiting| waiting.reason.as_deref()).is_some_and(is_odd)
    };
    pod.status.phase == Some(Phase::Failed) || pod.container_statuses().any(|(_, status)| waits(status))
}

impl std::ops::AddAssign for Mishaps {
    fn add_assign(&mut self, other: Self) {
        self.restarted += other.restarted;
        self.restarts = self.restarts.saturating_add(other.restarts);
        self.last_exit = self.last_exit.take().max(other.last_exit);
        for (status, count) in other.stuck {
            *self.stuck.entry(status).or_default() += count;
        }
    }
}

/// The ends of runs that an object shows.
fn exits(pod: &Pod) -> impl Iterator<Item = Exit> {
    let states = pod.container_statuses().flat_map(|(_, status)| [&status.state, &status.last]);
    let ended = states.filter_map(|state| state.terminated.as_deref());
    ended.map(|Terminated { exit_code, reason, finished_at, .. }| Exit {
        has_failed: *exit_code != 0,
        at: *finished_at,
        code: *exit_code,
        reason: reason.clone(),
    })
}
