//! How long a pod was ready, and how long nobody knows whether it was.

use super::{Gap, GapKind, Timeline};
use crate::model::time::SECOND_US;
use crate::model::{ConditionStatus, ObservedAt, StampedAt};
use crate::replay::{Subject, Transition, Value};

/// How long a pod was ready, was not, and how long that is not known, in microseconds: from its first event until it was
/// deleted, or until the end of what is recorded of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readiness {
    /// Its condition Ready was True.
    pub ready_us: i64,
    /// Its condition Ready was not True, or it had none.
    pub unready_us: i64,
    /// Nothing proves either.
    pub unknown_us: i64,
}

/// Adds up what is known. A condition that kept its time kept its status, whatever was recorded in between; one that has a new
/// time has its status since then, and what was before that is known only if nothing may have happened unseen.
#[must_use]
pub fn readiness(timeline: &Timeline, gaps: &[Gap], end: ObservedAt) -> Readiness {
    let Some((first, _)) = timeline.bounds() else { return Readiness::default() };
    let mut told = Told { sum: Readiness::default(), reached: first, is_ready: Some(false) };
    let (mut is_ready, mut last_at, mut last_stamp) = (false, first, None);
    // How long the last change waited to be written: the next may have happened meanwhile.
    let mut waited_us = 0;
    for (place, entry) in timeline.entries.iter().enumerate() {
        let at = entry.window.at.map_or(last_at, |at| at.max(last_at));
        let mut changes = timeline.transitions_of(place).iter().filter(|it| is_readiness(it) && it.from != it.to);
        if let Some(change) = changes.rfind(|it| !it.inferred) {
            let stamp = change.stamped_at.filter(|stamp| Some(*stamp) > last_stamp);
            let since = stamp.map_or(at, |stamp| ObservedAt::from_micros(stamp.micros())).clamp(told.reached, at);
            // One that did not move its time changed again in the same second, or somebody else wrote it.
            let is_unmoved = stamp.is_none() && last_stamp.is_some();
            let hidden = hidden_from(timeline, place, gaps, last_at);
            if let Some(from) = hidden.or(Some(last_at).filter(|_| is_unmoved)) {
                told.until(from.plus_micros(-waited_us).min(since), told.is_ready);
                told.is_ready = None;
            }
            told.until(since, told.is_ready);
            is_ready = change.to == Some(Value::Condition(ConditionStatus::True));
            told.is_ready = Some(is_ready);
            waited_us = at.micros_since(since);
            last_stamp = change.stamped_at.max(last_stamp);
        }
        let known = entry.provenance.is_whole().then_some(is_ready);
        if known != told.is_ready {
            told.until(at, told.is_ready);
            told.is_ready = known;
        }
        last_at = at;
    }
    let open = gaps.iter().filter(|gap| gap.before.is_none() && gap.kind.hides_events()).filter_map(|gap| gap.from);
    if let Some(from) = open.min() {
        told.until(from, told.is_ready);
        told.is_ready = None;
    }
    told.until(end, told.is_ready);
    told.sum
}

fn is_readiness(transition: &Transition) -> bool {
    matches!(&transition.subject, Subject::Condition(kind) if **kind == *"Ready")
}

/// From when on something may have happened to the readiness that no event shows, before the event that shows its change: a
/// flip that a later one proves, a run of a container, what was not recorded.
fn hidden_from(timeline: &Timeline, place: usize, gaps: &[Gap], last_at: ObservedAt) -> Option<ObservedAt> {
    let transitions = timeline.transitions_of(place);
    let is_run = |it: &Transition| match (&it.subject, &it.from) {
        (Subject::Container(..), None) => it.restart_count > Some(0),
        (Subject::Container(..), Some(_)) => it.inferred && it.to == Some(Value::Container("running".into())),
        (Subject::Lifecycle | Subject::Field(_) | Subject::Phase | Subject::Condition(_), _) => false,
    };
    // A kubelet begins with False when it takes the pod.
    let taken_at = timeline.pod().and_then(|pod| pod.status.start_at).map(|at| at.micros() + SECOND_US);
    let is_late = |it: &Transition| {
        let is_first = it.from.is_none() && it.to == Some(Value::Condition(ConditionStatus::False));
        let stamp = it.stamped_at.map(StampedAt::micros);
        is_first && stamp.zip(taken_at).is_some_and(|(stamp, taken_at)| stamp > taken_at)
    };
    let is_unseen = |it: &Transition| is_run(it) || is_readiness(it) && (it.inferred || is_late(it));
    if transitions.iter().any(is_unseen) {
        return Some(last_at);
    }
    let seq = timeline.entries[place].seq;
    let before = gaps.iter().filter(|gap| gap.before == Some(seq) && gap.kind != GapKind::StartsMidLife);
    before.map(|gap| gap.from.map_or(last_at, |from| from.max(last_at))).min()
}

/// The sums while they are made.
struct Told {
    sum: Readiness,
    /// Up to when they are.
    reached: ObservedAt,
    /// Whether the pod is ready from there on, where that is known.
    is_ready: Option<bool>,
}

impl Told {
    /// Up to a moment it was ready, or not, or nobody knows.
    fn until(&mut self, at: ObservedAt, is_ready: Option<bool>) {
        let length = at.micros_since(self.reached).max(0);
        self.reached = self.reached.max(at);
        match is_ready {
            Some(true) => self.sum.ready_us += length,
            Some(false) => self.sum.unready_us += length,
            None => self.sum.unknown_us += length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::readiness;
    use crate::kubelet::{Features, KubernetesVersion};
    use crate::life::recorded;
    use crate::timeline::Timeline;

    /// A life up to a time of the day to `READY/UNREADY/UNKNOWN` in seconds.
    fn check(life: &str, end: &str, expected: &str) {
        let (events, gaps) = recorded(life);
        let end = crate::model::ObservedAt::parse(&format!("2026-11-20T{end}Z")).expect("a time");
        let sum = readiness(&Timeline::replay(events, Features::of(KubernetesVersion::NEWEST)), &gaps, end);
        let [ready, unready, unknown] = [sum.ready_us, sum.unready_us, sum.unknown_us].map(|it| it / 1_000_000);
        assert_eq!(format!("{ready}/{unready}/{unknown}"), expected, "{life}");
    }

    #[test]
    fn what_is_not_known_is_neither() {
        // A pod without the condition is not ready.
        check("12:00:00 ADDED Pending / 12:00:10 MODIFIED Running Ready", "12:00:30", "20/10/0");
        check("12:00:00 ADDED Ready / 12:00:10 MODIFIED !Ready / 12:00:30 MODIFIED Ready", "12:01:00", "40/20/0");
        // Its time moved: it was otherwise in between, nobody knows since when.
        check("12:00:00 ADDED Ready / 12:00:10 MODIFIED / 12:01:00 MODIFIED Ready@12:00:40", "12:01:10", "40/0/30");
        // In a gap it may have been otherwise, unless the condition kept its time.
        check("12:00:00 ADDED Ready / GAP / 12:00:30 MODIFIED !Ready@12:00:20", "12:00:50", "0/30/20");
        check("12:00:00 ADDED Ready / GAP / 12:00:30 MODIFIED", "12:00:50", "50/0/0");
        // A run that no event shows.
        check(
            "12:00:00 ADDED Ready / 12:00:30 MODIFIED !Ready@12:00:20 c=waiting(CrashLoopBackOff),restarts=2",
            "12:00:50",
            "0/30/20",
        );
        // A kubelet begins with False: with a later time it was True before.
        check("12:00:00 ADDED Pending / 12:00:30 MODIFIED start=12:00:02 !Ready@12:00:20", "12:00:50", "0/30/20");
        // Known in part only.
        check("12:00:00 ADDED Ready / 12:00:10 MODIFIED partly / 12:00:30 MODIFIED !Ready", "12:00:50", "10/20/20");
    }
}
