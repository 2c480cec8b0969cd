//! The runs of containers that were shown without a sandbox, and what became of them: known only from what comes later.

use std::collections::{BTreeMap, BTreeSet};

use crate::kubelet::conditions::READY_TO_START;
use crate::model::time::SECOND_US;
use crate::model::{ConditionStatus, ObservedAt, Pod, Role, StampedAt, WatchEvent};

/// A run of a container: its name, and when it was started.
type Run = (Box<str>, StampedAt);

/// Runs that were shown while PodReadyToStartContainers was False.
#[derive(Debug, Clone, Default)]
pub(super) struct SandboxRuns {
    /// When the condition became False at which a run was shown first that has not ended since.
    doubted: BTreeMap<Run, ObservedAt>,
    outlived: BTreeSet<Run>,
}

/// How long a run may outlive its sandbox: the kubelet lets its processes end as those of a deleted pod.
const END_US: i64 = 60 * SECOND_US;

impl SandboxRuns {
    /// Takes the next event of the pod.
    pub(super) fn take(&mut self, event: &WatchEvent) {
        let lost_at = lost_at(&event.pod).map(|at| at.or(event.window.at));
        if lost_at.is_none() && self.doubted.is_empty() {
            return;
        }
        for run in ends(&event.pod) {
            let (run, ended_at) = run;
            if let Some(lost_at) = self.doubted.remove(&run)
                && ended_at.is_some_and(|ended_at| is_late(ended_at, lost_at))
            {
                self.outlived.insert(run);
            }
        }
        for run in running(&event.pod) {
            match (self.doubted.get(&run), lost_at) {
                (Some(since), _) if lost_at.is_none() || event.window.at.is_some_and(|at| is_late(at, *since)) => {
                    self.outlived.insert(run);
                }
                (None, Some(Some(lost_at))) => {
                    self.doubted.insert(run, lost_at);
                }
                (Some(_), _) | (None, _) => {}
            }
        }
    }

    /// Whether a container runs in a pod whose run was seen to go on.
    pub(super) fn runs_on(&self, pod: &Pod) -> bool {
        !self.outlived.is_empty() && running(pod).any(|run| self.outlived.contains(&run))
    }
}

fn is_late(at: ObservedAt, lost_at: ObservedAt) -> bool {
    at.micros_since(lost_at) > END_US
}

/// Since when a pod has no sandbox, if it says that it has none; the inner `None` if it does not say since when.
fn lost_at(pod: &Pod) -> Option<Option<ObservedAt>> {
    let condition = pod.status.condition(READY_TO_START)?;
    let is_lost = condition.status == ConditionStatus::False;
    is_lost.then(|| condition.last_transition_at.map(|at| ObservedAt::from_micros(at.micros())))
}

fn running(pod: &Pod) -> impl Iterator<Item = Run> {
    let own = pod.container_statuses().filter(|(role, _)| *role != Role::Ephemeral);
    own.filter_map(|(_, status)| Some((status.name.clone(), status.state.running.as_ref()?.started_at?)))
}

/// The runs that have ended, and when.
fn ends(pod: &Pod) -> impl Iterator<Item = (Run, Option<ObservedAt>)> {
    let states = pod.container_statuses().flat_map(|(_, status)| [(status, &status.state), (status, &status.last)]);
    states.filter_map(|(status, state)| {
        let ended = state.terminated.as_deref()?;
        let at = ended.finished_at.map(|at| ObservedAt::from_micros(at.micros()));
        Some(((status.name.clone(), ended.started_at?), at))
    })
}

#[cfg(test)]
mod tests {
    use super::SandboxRuns;
    use crate::life::life;

    /// Whether the run that the second event shows without a sandbox went on, as far as the rest tells.
    fn check(rest: &str, expected: bool) {
        let lost = "12:00:00 ADDED Running c=running PodReadyToStartContainers / \
                    12:00:10 MODIFIED !PodReadyToStartContainers";
        let life = life(&format!("{lost}{rest}"));
        let mut runs = SandboxRuns::default();
        life.iter().for_each(|event| runs.take(event));
        assert_eq!(runs.runs_on(&life[1].pod), expected, "{rest}");
    }

    #[test]
    fn a_run_is_doubted_until_its_end_is_known() {
        check("", false);
        // An event that says nothing new of the run.
        check(" / 12:00:11 MODIFIED example.com/lb", false);
        check(" / 12:00:11 MODIFIED example.com/lb / 12:00:30 MODIFIED c=terminated(Error,137)", false);
        // The same run with a sandbox again, and without one for long.
        check(" / 12:00:11 MODIFIED PodReadyToStartContainers", true);
        check(" / 12:05:00 MODIFIED example.com/lb", true);
        check(" / 12:05:00 MODIFIED c=terminated(Error,137)", true);
    }
}
