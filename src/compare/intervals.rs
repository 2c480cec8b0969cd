//! When something held: a pod's transitions laid out as the time ranges in which a state was there.

use std::collections::BTreeMap;

use crate::kubelet::Columns;
use crate::model::condition::CORE_CONDITIONS;
use crate::model::{ConditionStatus, ObservedAt, StampedAt};
use crate::replay::{PodField, Subject, Transition, Value};

use super::expectation::{ContainerWord, SequenceOf, Text, Thing, What};
use super::recorded::RecordedPod;

/// One time range in which a state held without a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interval {
    /// The moment with which it begins, counted over the pod's life.
    pub(super) moment: usize,
    /// The moment at which it is over; `None` if it held until the end.
    pub(super) over: Option<usize>,
    /// When it was first observed.
    pub(super) from: Option<ObservedAt>,
    /// Not later than this it began, where no event shows it.
    from_latest: Option<ObservedAt>,
    /// Not later than this it was over, where no event shows it.
    until_latest: Option<ObservedAt>,
    /// When it was no longer; the end of what is recorded of the pod, if it held until then.
    pub(super) until: Option<ObservedAt>,
    /// What the cluster stamped on its begin and end, both by one clock.
    stamps: (Option<StampedAt>, Option<StampedAt>),
    /// The gaps within it, in the order of time: it was there before and behind, and nothing proves that it was between.
    gaps: Vec<(ObservedAt, ObservedAt)>,
}

impl Interval {
    /// How long it held from `begin` on at least, in microseconds: without a gap in which it may have been otherwise.
    pub(super) fn least_us(&self, begin: Option<ObservedAt>) -> Option<i64> {
        if self.gaps.is_empty() && self.from_latest.is_none() && self.until_latest.is_none() {
            return self.most_us(begin);
        }
        let (from, until) = (self.from_latest.or(self.from).max(begin)?, self.until?);
        let mut longest = 0;
        let mut since = from;
        for (gap_from, gap_until) in &self.gaps {
            longest = longest.max(gap_from.micros_since(since));
            since = since.max(*gap_until);
        }
        Some(longest.max(until.micros_since(since)).max(0))
    }

    /// How long it held from `begin` on at most, in microseconds: by the cluster's stamps where both ends have one and it
    /// began behind `begin`, else as observed.
    pub(super) fn most_us(&self, begin: Option<ObservedAt>) -> Option<i64> {
        let from = self.from?;
        match (self.stamps, begin) {
            ((Some(stamped), Some(until)), begin) if until >= stamped && begin.is_none_or(|begin| begin <= from) => {
                Some(until.micros_since(stamped))
            }
            _ => {
                let until = self.until_latest.or(self.until)?;
                Some(until.micros_since(from.max(begin.unwrap_or(from))).max(0))
            }
        }
    }
}

/// A pod at one moment of its life.
pub(super) struct Now<'a> {
    /// The newest transition of each subject that has a value.
    values: BTreeMap<&'a Subject, &'a Transition>,
    columns: Option<&'a Columns>,
}

/// Goes through a pod's life moment by moment: each event is one, and so is each transition that no event shows.
pub(super) fn each_moment<'a>(
    pod: &'a RecordedPod,
    mut visit: impl FnMut(usize, Option<ObservedAt>, &[Transition], &Now<'a>),
) {
    let timeline = &pod.timeline;
    let mut now = Now { values: BTreeMap::new(), columns: None };
    let mut moment = 0;
    for (index, entry) in timeline.entries.iter().enumerate() {
        let transitions = timeline.transitions_of(index);
        let inferred = transitions.iter().take_while(|transition| transition.inferred).count();
        let (unseen, shown) = transitions.split_at(inferred);
        for transition in unseen {
            now.apply(transition);
            visit(moment, transition.window.at, std::slice::from_ref(transition), &now);
            moment += 1;
        }
        shown.iter().for_each(|transition| now.apply(transition));
        now.columns = Some(&entry.columns);
        visit(moment, entry.window.at, shown, &now);
        moment += 1;
    }
}

/// When a state held.
pub(super) fn intervals(pod: &RecordedPod, what: &What) -> Vec<Interval> {
    let created_at = pod.created_at();
    let mut intervals: Vec<Interval> = Vec::new();
    let mut is_open = false;
    each_moment(pod, |moment, at, transitions, now| {
        let holds = now.shows(what, created_at);
        // What an event shows has its time; what is only proved has a window.
        let latest = || transitions.first().filter(|it| it.inferred).and_then(|it| it.window.at_latest);
        let stamp = || transitions.iter().find(|it| concerns(what, &it.subject)).and_then(|it| it.stamped_at);
        // What began unseen is over with the stamp that proves it, which an event may show much later.
        let proved = |from: Option<ObservedAt>| {
            let stamped = stamp().map(|stamp| ObservedAt::from_micros(stamp.micros()));
            stamped.filter(|stamped| from <= Some(*stamped) && Some(*stamped) <= at)
        };
        match (is_open, holds) {
            (false, true) => intervals.push(Interval {
                from_latest: latest(),
                until_latest: None,
                moment,
                over: None,
                from: at,
                until: None,
                stamps: (stamp(), None),
                gaps: Vec::new(),
            }),
            (true, false) => {
                if let Some(interval) = intervals.last_mut() {
                    interval.over = Some(moment);
                    let is_unseen = interval.from_latest.is_some();
                    interval.until = proved(interval.from).filter(|_| is_unseen).or(at);
                    interval.until_latest = latest();
                    interval.stamps.1 = stamp();
                }
            }
            (true, true) | (false, false) => {}
        }
        is_open = holds;
    });
    if let Some(interval) = intervals.last_mut().filter(|_| is_open) {
        interval.until = end_of(pod);
        interval.stamps = (None, None);
    }
    if !is_proved_by_stamps(what) {
        intervals.iter_mut().for_each(|interval| interval.gaps = gaps_within(interval, pod));
    }
    intervals
}

/// The stamps of core conditions and of containers tell of every flip, also of those in a gap: the replay infers them. A
/// pod's life goes one way.
fn is_proved_by_stamps(what: &What) -> bool {
    match &what.thing {
        Thing::Condition { kind, .. } => CORE_CONDITIONS.contains(&kind.as_str()),
        Thing::Container { .. } | Thing::Lifecycle(_) => true,
        Thing::Phase(_) | Thing::Field(..) | Thing::StatusColumn(_) | Thing::ReadyColumn(_) => false,
    }
}

fn gaps_within(interval: &Interval, pod: &RecordedPod) -> Vec<(ObservedAt, ObservedAt)> {
    let hiding = pod.gaps.iter().filter(|gap| gap.kind.hides_events());
    let whole = hiding.filter_map(|gap| Some((gap.from?, gap.until?)));
    whole
        .filter(|(from, until)| interval.from <= Some(*from) && interval.until.is_none_or(|end| *until <= end))
        .collect()
}

/// The end of what is recorded of a pod: its deletion, or the end of the watch.
pub(super) fn end_of(pod: &RecordedPod) -> Option<ObservedAt> {
    let last = pod.timeline.entries.iter().rev().find_map(|entry| entry.window.at);
    pod.deleted_at().or(pod.recorded_until.max(last))
}

/// Whether a transition of this subject is the state's own.
fn concerns(what: &What, subject: &Subject) -> bool {
    match (&what.thing, subject) {
        (Thing::Lifecycle(_), Subject::Lifecycle) | (Thing::Phase(_), Subject::Phase) => true,
        (Thing::Condition { kind, .. }, Subject::Condition(of)) => **kind == **of,
        (Thing::Container { name, .. }, Subject::Container(of, _)) => name.fits(Some(of)),
        (Thing::Field(field, _), Subject::Field(of)) => field == of,
        (
            Thing::Lifecycle(_)
            | Thing::Phase(_)
            | Thing::Condition { .. }
            | Thing::Container { .. }
            | Thing::Field(..)
            | Thing::StatusColumn(_)
            | Thing::ReadyColumn(_),
            _,
        ) => false,
    }
}

impl<'a> Now<'a> {
    fn apply(&mut self, transition: &'a Transition) {
        match transition.to {
            Some(_) => self.values.insert(&transition.subject, transition),
            None => self.values.remove(&transition.subject),
        };
    }

    /// Whether a state holds at this moment.
    pub(super) fn shows(&self, what: &What, created_at: Option<StampedAt>) -> bool {
        let text = |expected: &Option<Text>, text: Option<&str>| expected.as_ref().is_none_or(|it| it.fits(text));
        let explained = |transition: &Transition| {
            text(&what.reason, transition.reason.as_deref()) && text(&what.message, transition.message.as_deref())
        };
        match &what.thing {
            Thing::Lifecycle(lifecycle) => {
                self.value(&Subject::Lifecycle).is_some_and(|value| *value == Value::Lifecycle(*lifecycle))
            }
            Thing::Phase(phase) => {
                phase.fits(self.text(&Subject::Phase).as_deref())
                    && text(&what.reason, self.text(&Subject::Field(PodField::Reason)).as_deref())
                    && text(&what.message, self.text(&Subject::Field(PodField::Message)).as_deref())
            }
            Thing::Condition { kind, status, last_transition_at } => {
                let Some(shown) = self.values.get(&Subject::Condition(kind.as_str().into())) else { return false };
                let is_status = |status: &ConditionStatus| shown.to == Some(Value::Condition(status.clone()));
                let is_time = last_transition_at.is_none_or(|moment| {
                    moment.resolve(created_at).is_some_and(|at| shown.stamped_at.map(StampedAt::micros) == Some(at))
                });
                status.as_ref().is_none_or(is_status) && is_time && explained(shown)
            }
            Thing::Container { name, state, exit_code } => self.values.values().any(|shown| {
                let Some(Value::Container(value)) = &shown.to else { return false };
                name.fits(shown.subject.name())
                    && state.is_none_or(|state| ContainerWord::of(value) == Some(state))
                    && exit_code.is_none_or(|code| exit_code_of(value) == Some(code))
                    && explained(shown)
            }),
            Thing::Field(field, expected) => {
                let value = self.text(&Subject::Field(*field));
                value.is_some() && text(expected, value.as_deref())
            }
            Thing::StatusColumn(expected) => {
                self.columns.is_some_and(|columns| expected.fits(Some(columns.status.as_str())))
            }
            Thing::ReadyColumn(expected) => {
                self.columns.is_some_and(|columns| expected.fits(Some(&columns.ready_text())))
            }
        }
    }

    fn value(&self, subject: &Subject) -> Option<&'a Value> {
        self.values.get(subject).and_then(|transition| transition.to.as_ref())
    }

    fn text(&self, subject: &Subject) -> Option<String> {
        self.value(subject).map(ToString::to_string)
    }

    /// What is there instead of a state, or with it: the subject's value with its reason.
    pub(super) fn value_of(&self, what: &What) -> Option<String> {
        let of = |subject: &Subject| self.text(subject);
        match &what.thing {
            Thing::Lifecycle(_) => of(&Subject::Lifecycle),
            Thing::Phase(_) => of(&Subject::Phase),
            Thing::Condition { kind, last_transition_at, .. } => {
                let shown = self.values.get(&Subject::Condition(kind.as_str().into()))?;
                let mut text = shown.to.as_ref()?.to_string();
                if let Some(reason) = &shown.reason {
                    text.push_str(&format!(" ({reason})"));
                }
                if let (Some(_), Some(at)) = (last_transition_at, shown.stamped_at) {
                    text.push_str(&format!(", lastTransitionTime {at}"));
                }
                Some(text)
            }
            Thing::Container { name, .. } => {
                let shown = self.values.values().filter(|shown| name.fits(shown.subject.name()));
                let texts: Vec<String> = shown.filter_map(|shown| Some(shown.to.as_ref()?.to_string())).collect();
                (!texts.is_empty()).then(|| texts.join(" and "))
            }
            Thing::Field(field, _) => of(&Subject::Field(*field)),
            Thing::StatusColumn(_) => self.columns.map(|columns| columns.status.clone()),
            Thing::ReadyColumn(_) => self.columns.map(Columns::ready_text),
        }
    }
}

impl ContainerWord {
    /// The word with which a container's value begins.
    #[must_use]
    pub fn of(value: &str) -> Option<Self> {
        let word = value.split('(').next().unwrap_or_default();
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// The code in `terminated(REASON, CODE)` or `terminated(CODE)`.
pub(super) fn exit_code_of(value: &str) -> Option<i64> {
    let inner = value.strip_prefix("terminated(")?.strip_suffix(')')?;
    inner.rsplit_once(", ").map_or(inner, |(_, code)| code).parse().ok()
}

/// The reason in `terminated(REASON, CODE)`.
pub(super) fn exit_reason_of(value: &str) -> Option<&str> {
    let inner = value.strip_prefix("terminated(")?.strip_suffix(')')?;
    inner.rsplit_once(", ").map(|(reason, _)| reason)
}

/// The values that a subject takes, one after the other.
pub(super) fn sequence(pod: &RecordedPod, of: &SequenceOf) -> Vec<String> {
    let values = |is_meant: &dyn Fn(&Subject) -> bool| {
        let transitions = pod.timeline.transitions.iter().filter(|it| is_meant(&it.subject) && it.from != it.to);
        transitions.filter_map(|it| it.to.as_ref()).map(ToString::to_string).collect()
    };
    match of {
        SequenceOf::Phase => values(&|subject| *subject == Subject::Phase),
        SequenceOf::Condition(kind) => values(&|subject| matches!(subject, Subject::Condition(of) if **of == **kind)),
        SequenceOf::Container(name) => {
            values(&|subject| matches!(subject, Subject::Container(of, _) if **of == **name))
        }
        SequenceOf::StatusColumn => {
            let mut shown: Vec<String> = pod.timeline.entries.iter().map(|it| it.columns.status.clone()).collect();
            shown.dedup();
            shown
        }
    }
}
