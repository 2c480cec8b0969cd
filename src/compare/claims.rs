//! Assertions, one by one: whether a pod's recording bears them out, contradicts them, or cannot tell.
//!
//! The tolerance counts in favour of a claim. What a claim says must happen may have happened where nobody looked; what it
//! says must not happen is only known not to have where somebody did.

use crate::model::ObservedAt;
use crate::model::time::duration_text;
use crate::replay::{Lifecycle, Subject, Value};
use crate::timeline::{Gap, GapKind};

use super::difference::Outcome;
use super::evidence::BARE;
use super::expectation::{Assertion, Claim, Count, SequenceOf, Text, Thing, Tolerance, What};
use super::intervals::{Interval, each_moment, end_of, exit_code_of, exit_reason_of, intervals, sequence};
use super::recorded::{Incomplete, RecordedPod};

/// Whether an assertion holds for a pod.
#[must_use]
pub(super) fn judge(
    assertion: &Assertion,
    pod: &RecordedPod,
    tolerance: Tolerance,
    incomplete: &Incomplete,
) -> Outcome {
    let case = Case { assertion, pod, tolerance: tolerance.0, incomplete };
    match &assertion.claim {
        Claim::Finally(what) => case.finally(what),
        Claim::Sequence(of, values) => case.sequence(of, values),
        Claim::Restarts { container, count, exit_code, reason } => {
            case.restarts(container, *count, *exit_code, reason.as_ref())
        }
        Claim::Eventually(what) => case.frame().map_or_else(|outcome| outcome, |frame| case.eventually(what, frame)),
        Claim::Never(what) => case.frame().map_or_else(|outcome| outcome, |frame| case.never(what, frame)),
        Claim::Order(whats) => case.frame().map_or_else(|outcome| outcome, |frame| case.order(whats, frame)),
        Claim::Times(what, count) => {
            case.frame().map_or_else(|outcome| outcome, |frame| case.times(what, *count, frame))
        }
    }
}

/// The time range that an assertion is about.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// From when on: the creation, or what `after` names.
    from: Option<ObservedAt>,
    /// The moment of that.
    moment: usize,
    /// Until when; `None` for the end of the recording.
    until: Option<ObservedAt>,
}

/// All that is recorded.
const EVERYTHING: Frame = Frame { from: None, moment: 0, until: None };

struct Case<'a> {
    assertion: &'a Assertion,
    pod: &'a RecordedPod,
    tolerance: i64,
    incomplete: &'a Incomplete,
}

/// How many values a report lists.
const LISTED_MAX: usize = 12;

impl Case<'_> {
    /// What `after` and `within` bound; an outcome where that settles it.
    fn frame(&self) -> Result<Frame, Outcome> {
        let (from, moment) = match &self.assertion.after {
            // The API server's stamp of the creation is taken for the observer's clock, as the times of events rest on it.
            None => {
                let created = self.pod.created_at().map(|at| ObservedAt::from_micros(at.micros()));
                let first = self.pod.timeline.entries.iter().find_map(|entry| entry.window.at);
                (created.or(first), 0)
            }
            Some(after) => {
                let first = intervals(self.pod, after).into_iter().next();
                let before = Frame { until: first.as_ref().and_then(|interval| interval.from), ..EVERYTHING };
                let is_universal = matches!(self.assertion.claim, Claim::Never(_));
                match first {
                    // It may have held before, and what must not follow it may have followed it there.
                    Some(interval) => match self.hidden_of(after, before).filter(|_| is_universal) {
                        Some(why) => return Err(Outcome::Unseen(why)),
                        None => (interval.from, interval.moment),
                    },
                    None if is_universal => {
                        let hidden = self.hidden_of(after, EVERYTHING);
                        return Err(hidden.map_or(Outcome::Holds, Outcome::Unseen));
                    }
                    None => {
                        let recorded = || format!("{after} never happened{}", self.instead(after));
                        return Err(self.unless_unseen_of(after, EVERYTHING, recorded));
                    }
                }
            }
        };
        let until = match (self.assertion.within_us, from) {
            (Some(within), Some(from)) => Some(from.plus_micros(within)),
            (Some(_), None) => return Err(Outcome::Unseen("the recording does not show when it began".to_owned())),
            (None, _) => None,
        };
        Ok(Frame { from, moment, until })
    }

    /// The intervals that are not over when the frame begins.
    fn intervals_from(&self, what: &What, frame: Frame) -> Vec<Interval> {
        let mut found = intervals(self.pod, what);
        found.retain(|interval| interval.over.is_none_or(|over| over > frame.moment));
        found
    }

    /// Whether an interval began in time, with the tolerance.
    fn is_in_time(&self, interval: &Interval, frame: Frame) -> bool {
        let Some(until) = frame.until else { return true };
        interval.from.is_some_and(|from| from <= until.plus_micros(self.tolerance))
    }

    /// Whether an interval began so early that the tolerance does not excuse it.
    fn is_surely_in_time(&self, interval: &Interval, frame: Frame) -> bool {
        let Some(until) = frame.until else { return true };
        interval.from.is_some_and(|from| from < until.plus_micros(-self.tolerance))
    }

    fn eventually(&self, what: &What, frame: Frame) -> Outcome {
        let found = self.intervals_from(what, frame);
        let in_time: Vec<&Interval> = found.iter().filter(|interval| self.is_in_time(interval, frame)).collect();
        let Some(least) = self.assertion.for_us else {
            let recorded = || match found.first() {
                Some(interval) => format!("it first held{}", self.since(interval, frame)),
                None => format!("never{}", self.instead(what)),
            };
            return match in_time.first() {
                Some(_) => Outcome::Holds,
                None => self.unless_unseen_of(what, frame, recorded),
            };
        };
        let reaches = |length: Option<i64>| length.is_some_and(|length| length.saturating_add(self.tolerance) >= least);
        if in_time.iter().any(|interval| reaches(interval.least_us(frame.from))) {
            return Outcome::Holds;
        }
        if let Some(interval) = in_time.iter().find(|interval| reaches(interval.most_us(frame.from))) {
            return Outcome::Unseen(format!("it may have held without interruption{}", self.since(interval, frame)));
        }
        if in_time.iter().any(|interval| interval.over.is_none()) && !self.pod.is_gone() {
            return Outcome::Unseen(format!("it still held when the recording ended{}", self.end_text()));
        }
        let recorded = || match in_time.iter().max_by_key(|interval| interval.most_us(frame.from)) {
            Some(interval) => {
                let longest = interval.most_us(frame.from);
                let longest = longest.map_or_else(|| "an unknown time".to_owned(), duration_text);
                format!("it held for {longest} at most{}", self.since(interval, frame))
            }
            None => format!("never in time{}", self.instead(what)),
        };
        self.unless_unseen_of(what, frame, recorded)
    }

    fn since(&self, interval: &Interval, frame: Frame) -> String {
        let Some(at) = interval.from else { return String::new() };
        let base = if self.assertion.after.is_some() { "that" } else { "the creation" };
        let later = frame.from.map(|from| format!(", {} after {base}", duration_text(at.micros_since(from))));
        format!(" at {at}{}", later.unwrap_or_default())
    }

    fn end_text(&self) -> String {
        end_of(self.pod).map(|at| format!(" at {at}")).unwrap_or_default()
    }

    fn never(&self, what: &What, frame: Frame) -> Outcome {
        if let Thing::Container { name, .. } = &what.thing
            && !self.has_container(name)
        {
            return self.unless_unseen_of(what, frame, || "no such container".to_owned());
        }
        let found = self.intervals_from(what, frame);
        let limit = self.assertion.for_us.map(|limit| limit.saturating_add(self.tolerance));
        let exceeds = |length: Option<i64>| match (limit, length) {
            (None, _) => true,
            (Some(limit), length) => length.is_some_and(|length| length > limit),
        };
        let in_time = || found.iter().filter(|interval| self.is_surely_in_time(interval, frame));
        let wrong: Vec<&Interval> = in_time().filter(|interval| exceeds(interval.least_us(frame.from))).collect();
        if let Some(interval) = wrong.first() {
            let text = |at: Option<ObservedAt>| at.map_or_else(|| "?".to_owned(), |at| at.to_string());
            let length = interval.most_us(frame.from).map(|length| format!(" ({})", duration_text(length)));
            let more = match wrong.len() - 1 {
                0 => String::new(),
                1 => ", and once more".to_owned(),
                more => format!(", and {more} more times"),
            };
            let span =
                format!("from {} to {}{}", text(interval.from), text(interval.until), length.unwrap_or_default());
            return Outcome::Fails(format!("it held {span}{more}"));
        }
        if let Some(interval) = in_time().find(|interval| exceeds(interval.most_us(frame.from))) {
            return Outcome::Unseen(format!("it may have held without interruption{}", self.since(interval, frame)));
        }
        self.hidden_of(what, frame).map_or(Outcome::Holds, Outcome::Unseen)
    }

    fn finally(&self, what: &What) -> Outcome {
        let mut last = (false, None);
        let created_at = self.pod.created_at();
        each_moment(self.pod, |_, _, _, now| last = (now.shows(what, created_at), now.value_of(what)));
        let (holds, value) = last;
        let is_deletion = matches!(&what.thing, Thing::Lifecycle(Lifecycle::Deleted));
        match (self.hidden_end(), value) {
            (Some(_), _) if is_deletion && self.pod.is_gone() => Outcome::Holds,
            (Some(why), _) => Outcome::Unseen(why),
            (None, _) if holds => Outcome::Holds,
            (None, _) if is_deletion && self.pod.is_told_bare() => Outcome::Unseen(BARE.to_owned()),
            (None, Some(value)) => Outcome::Fails(format!("at the end it is {value}")),
            (None, None) => Outcome::Fails("it does not exist at the end".to_owned()),
        }
    }

    fn order(&self, whats: &[What], frame: Frame) -> Outcome {
        let mut moment = frame.moment;
        let mut used: Vec<(String, usize)> = Vec::new();
        for what in whats {
            let text = what.to_string();
            let is_next = |interval: &Interval| {
                interval.moment > moment
                    || (interval.moment == moment && !used.contains(&(text.clone(), interval.moment)))
            };
            match intervals(self.pod, what).into_iter().find(is_next) {
                Some(interval) if self.is_in_time(&interval, frame) => moment = interval.moment,
                late => {
                    let behind = used.last().map(|(before, _)| format!(" after {before}")).unwrap_or_default();
                    let recorded = || match &late {
                        Some(interval) => format!("{text} came{}", self.since(interval, frame)),
                        None => format!("{text} did not happen{behind}{}", self.instead(what)),
                    };
                    return self.unless_unseen_of(what, frame, recorded);
                }
            }
            used.push((text, moment));
        }
        Outcome::Holds
    }

    fn sequence(&self, of: &SequenceOf, values: &[Text]) -> Outcome {
        let recorded = sequence(self.pod, of);
        let touches = |kind: &GapKind| match (kind, of) {
            (GapKind::RestartsUnseen { container, .. }, SequenceOf::Container(name)) => **container == **name,
            (GapKind::RestartsUnseen { .. }, SequenceOf::StatusColumn) => true,
            (GapKind::RestartsUnseen { .. }, SequenceOf::Phase | SequenceOf::Condition(_)) => false,
            (kind, _) => kind.hides_events(),
        };
        let differs = values.iter().zip(&recorded).position(|(expected, value)| !expected.fits(Some(value)));
        let is_same = differs.is_none() && values.len() == recorded.len();
        // What is recorded stands in the list in its order, so that the rest may be hidden.
        let mut rest = values.iter();
        let is_part = recorded.iter().all(|value| rest.any(|expected| expected.fits(Some(value))));
        let text = || {
            let place = differs.unwrap_or(values.len().min(recorded.len()));
            let [expected, value] = [values.get(place).map(ToString::to_string), recorded.get(place).cloned()]
                .map(|it| it.unwrap_or("nothing".to_owned()));
            format!("{}; number {} is {value} instead of {expected}", listed(&recorded, place), place + 1)
        };
        match (is_same, is_part) {
            (true, _) => self.hidden(EVERYTHING, &touches).map_or(Outcome::Holds, Outcome::Unseen),
            (false, true) => self.unless_unseen(EVERYTHING, &touches, text),
            (false, false) => Outcome::Fails(text()),
        }
    }

    fn times(&self, what: &What, count: Count, frame: Frame) -> Outcome {
        let begins = |interval: &&Interval| interval.moment >= frame.moment;
        let found = self.intervals_from(what, frame);
        let number = |is_counted: &dyn Fn(&&Interval) -> bool| {
            i64::try_from(found.iter().filter(begins).filter(is_counted).count()).unwrap_or(i64::MAX)
        };
        let most = number(&|interval| self.is_in_time(interval, frame));
        let least = number(&|interval| self.is_surely_in_time(interval, frame));
        let times = |times: i64| if times == 1 { "once".to_owned() } else { format!("{times} times") };
        if count.at_most.is_some_and(|at_most| least > at_most) {
            return Outcome::Fails(times(least));
        }
        if count.at_least.is_some_and(|at_least| most < at_least) {
            return self.unless_unseen_of(what, frame, || times(most));
        }
        match self.hidden_of(what, frame).filter(|_| count.at_most.is_some()) {
            Some(why) => Outcome::Unseen(why),
            None => Outcome::Holds,
        }
    }

    /// Whether the pod has a container of this name, by its spec or by what was reported of it.
    fn has_container(&self, name: &Text) -> bool {
        let specs = self.pod.timeline.pod().map(|pod| pod.spec.containers.as_slice()).unwrap_or_default();
        let mut reported = self.pod.timeline.transitions.iter().filter_map(|it| it.subject.name());
        specs.iter().any(|spec| name.fits(Some(&spec.name))) || reported.any(|reported| name.fits(Some(reported)))
    }

    fn restarts(&self, container: &str, count: Count, exit_code: Option<i64>, reason: Option<&Text>) -> Outcome {
        if !self.has_container(&Text::Exactly(container.into())) {
            return Outcome::Fails("no such container".to_owned());
        }
        let transitions = || {
            let all = self.pod.timeline.transitions.iter();
            all.filter(|it| matches!(&it.subject, Subject::Container(name, _) if **name == *container))
        };
        // A container that nobody reported on was not restarted.
        let restarts = transitions().filter_map(|it| it.restart_count).max().unwrap_or(0);
        let many = if restarts == 1 { "1 restart".to_owned() } else { format!("{restarts} restarts") };
        if count.at_most.is_some_and(|at_most| restarts > at_most) {
            return Outcome::Fails(many);
        }
        if count.at_least.is_some_and(|at_least| restarts < at_least) {
            let cut = || self.incomplete.end.clone().filter(|_| !self.pod.is_gone());
            return self.hidden_end().or_else(cut).map_or(Outcome::Fails(many), Outcome::Unseen);
        }
        let ends: Vec<&str> = transitions()
            .filter(|it| it.restart_count.is_some_and(|count| count < restarts) && it.from != it.to)
            .filter_map(|it| match &it.to {
                Some(Value::Container(value)) => value.starts_with("terminated(").then_some(&**value),
                Some(Value::Lifecycle(_) | Value::Phase(_) | Value::Condition(_) | Value::Text(_)) | None => None,
            })
            .collect();
        let is_right = |end: &str| {
            exit_code.is_none_or(|code| exit_code_of(end) == Some(code))
                && reason.is_none_or(|reason| reason.fits(exit_reason_of(end)))
        };
        let wrong: Vec<&&str> = ends.iter().filter(|end| !is_right(end)).collect();
        if let Some(first) = wrong.first() {
            return Outcome::Fails(format!(
                "of {many} {} came after another end, the first after {first}",
                wrong.len()
            ));
        }
        let seen = i64::try_from(ends.len()).unwrap_or(i64::MAX);
        if (exit_code.is_some() || reason.is_some()) && seen < restarts {
            return Outcome::Unseen(format!("of {restarts} ends only {seen} left a trace in the recording"));
        }
        // As with every bound from above: a recording that was cut off speaks of what it holds.
        let open = self.incomplete.anywhere().or_else(|| self.open_end()).filter(|_| count.at_most.is_some());
        open.map_or(Outcome::Holds, Outcome::Unseen)
    }

    /// Fails, unless what is missing may have happened where nobody looked, or after the recording was cut off.
    fn unless_unseen(&self, frame: Frame, touches: &Touches<'_>, recorded: impl Fn() -> String) -> Outcome {
        let is_over = frame.until.is_some() && frame.until <= end_of(self.pod);
        let cut = || self.incomplete.end.clone().filter(|_| !is_over && !self.pod.is_gone());
        match self.hidden(frame, touches).or_else(cut) {
            Some(why) => Outcome::Unseen(why),
            None => Outcome::Fails(recorded()),
        }
    }

    /// The same of a state that the format may not tell of.
    fn unless_unseen_of(&self, what: &What, frame: Frame, recorded: impl Fn() -> String) -> Outcome {
        match self.untold(what) {
            Some(why) => Outcome::Unseen(why),
            None => self.unless_unseen(frame, &touched_by(what), recorded),
        }
    }

    fn hidden_of(&self, what: &What, frame: Frame) -> Option<String> {
        self.untold(what).or_else(|| self.hidden(frame, &touched_by(what)))
    }

    /// Why a state would not be told even if somebody watched.
    fn untold(&self, what: &What) -> Option<String> {
        let is_deletion = matches!(&what.thing, Thing::Lifecycle(Lifecycle::Deleted));
        (is_deletion && self.pod.is_told_bare()).then(|| BARE.to_owned())
    }

    /// Why something may have happened in a frame without being recorded: nobody watched, or not for so long. The end of a
    /// recording by itself hides nothing: a claim without `within` is about what is recorded.
    fn hidden(&self, frame: Frame, touches: &Touches<'_>) -> Option<String> {
        let Frame { from, until, .. } = frame;
        let is_inside = |gap: &&Gap| {
            until.is_none_or(|until| gap.from.is_none_or(|gap_from| gap_from < until))
                && from.is_none_or(|from| gap.until.is_none_or(|gap_until| gap_until >= from))
        };
        let gap = || self.pod.gaps.iter().filter(|gap| touches(&gap.kind)).find(is_inside).map(not_recorded);
        let ends_early = || {
            let (until, end) = (until?, end_of(self.pod)?);
            let is_early = end.plus_micros(self.tolerance) < until && !self.pod.is_gone();
            is_early.then(|| format!("the recording ends at {end}, before the deadline"))
        };
        self.incomplete.anywhere().or_else(gap).or_else(ends_early)
    }

    /// Why the end of the pod is not known.
    fn hidden_end(&self) -> Option<String> {
        let open = || self.open_end();
        let cut = || self.incomplete.end.clone().filter(|_| !self.pod.is_gone());
        self.incomplete.anywhere().or_else(open).or_else(cut)
    }

    fn open_end(&self) -> Option<String> {
        let open = self.pod.gaps.iter().find(|gap| gap.before.is_none() && gap.kind.hides_events());
        open.map(|gap| format!("its end is not recorded ({})", gap.kind.as_str()))
    }

    /// What the subject was instead, in the order of time.
    fn instead(&self, what: &What) -> String {
        let mut values: Vec<String> = Vec::new();
        let mut last: Option<String> = None;
        each_moment(self.pod, |_, at, _, now| {
            let value = now.value_of(what);
            if value != last {
                let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
                values.extend(value.as_ref().map(|value| format!("{value}{at}")));
                last = value;
            }
        });
        if values.is_empty() { "; it never existed".to_owned() } else { format!("; it was {}", listed(&values, 0)) }
    }
}

/// Which gaps hide what an assertion is about.
type Touches<'a> = dyn Fn(&GapKind) -> bool + 'a;

fn touched_by(what: &What) -> impl Fn(&GapKind) -> bool + '_ {
    move |kind| match (kind, &what.thing) {
        (GapKind::RestartsUnseen { container, .. }, Thing::Container { name, .. }) => name.fits(Some(container)),
        (GapKind::RestartsUnseen { .. }, Thing::StatusColumn(_) | Thing::ReadyColumn(_)) => true,
        (
            GapKind::RestartsUnseen { .. },
            Thing::Lifecycle(_) | Thing::Phase(_) | Thing::Condition { .. } | Thing::Field(..),
        ) => false,
        (kind, _) => kind.hides_events(),
    }
}

fn not_recorded(gap: &Gap) -> String {
    let text = |at: Option<ObservedAt>| at.map_or_else(|| "?".to_owned(), |at| at.to_string());
    format!("not recorded from {} to {} ({})", text(gap.from), text(gap.until), gap.kind.as_str())
}

/// Some values, those around `place` among them.
fn listed(values: &[String], place: usize) -> String {
    if values.is_empty() {
        return "nothing".to_owned();
    }
    let first = place.saturating_sub(LISTED_MAX / 2).min(values.len().saturating_sub(LISTED_MAX));
    let shown = &values[first..values.len().min(first + LISTED_MAX)];
    let before = if first > 0 { format!("{first} before, ") } else { String::new() };
    let rest = values.len() - first - shown.len();
    let more = if rest > 0 { format!(", and {rest} more") } else { String::new() };
    format!("{before}{}{more}", shown.join(", "))
}
