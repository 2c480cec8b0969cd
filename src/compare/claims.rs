//! Assertions, one by one: whether a pod's recording bears them out, contradicts them, or cannot tell.

use crate::model::ObservedAt;
use crate::model::time::duration_text;
use crate::replay::{Subject, Value};
use crate::timeline::GapKind;

use super::difference::Outcome;
use super::expectation::{Assertion, Claim, Count, SequenceOf, Text, Thing, Tolerance, What};
use super::recorded::{Lost, RecordedPod};
use super::stays::{Stay, each_moment, end_of, exit_code_of, exit_reason_of, sequence, stays};
use super::stories::hides_events;

/// Whether an assertion holds for a pod.
#[must_use]
pub(super) fn judge(assertion: &Assertion, pod: &RecordedPod, tolerance: Tolerance, lost: &Lost) -> Outcome {
    let case = Case { assertion, pod, tolerance: tolerance.0, lost };
    let frame = match case.frame() {
        Ok(frame) => frame,
        Err(outcome) => return outcome,
    };
    match &assertion.claim {
        Claim::Eventually(what) => case.eventually(what, frame),
        Claim::Never(what) => case.never(what, frame),
        Claim::Finally(what) => case.finally(what),
        Claim::Order(whats) => case.order(whats, frame),
        Claim::Sequence(of, values) => case.sequence(of, values),
        Claim::Times(what, count) => case.times(what, *count, frame),
        Claim::Restarts { container, count, exit_code, reason } => {
            case.restarts(container, *count, *exit_code, reason.as_ref())
        }
    }
}

/// The stretch of time that an assertion is about.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// From when on: the creation, or what `after` names.
    from: Option<ObservedAt>,
    /// The moment of that.
    moment: usize,
    /// Until when, the tolerance included.
    until: Option<ObservedAt>,
}

struct Case<'a> {
    assertion: &'a Assertion,
    pod: &'a RecordedPod,
    tolerance: i64,
    lost: &'a Lost,
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
            Some(after) => match stays(self.pod, after).first() {
                Some(stay) => (stay.from, stay.moment),
                None if matches!(self.assertion.claim, Claim::Never(_)) => return Err(Outcome::Holds),
                None => {
                    let recorded = || format!("{after} never held{}", self.instead(after));
                    return Err(self.unless_hidden(None, None, Some(after), recorded));
                }
            },
        };
        let until = match (self.assertion.within_us, from) {
            (Some(within), Some(from)) => Some(from.plus_micros(within.saturating_add(self.tolerance))),
            (Some(_), None) => return Err(Outcome::Unseen("nothing recorded tells when it began".to_owned())),
            (None, _) => None,
        };
        Ok(Frame { from, moment, until })
    }

    /// The stays that begin within the frame, or reach into it.
    fn stays_in(&self, what: &What, frame: Frame) -> Vec<Stay> {
        let mut found = stays(self.pod, what);
        let is_over = |stay: &Stay| stay.over.is_some_and(|over| over <= frame.moment);
        found.retain(|stay| !is_over(stay) && frame.until.is_none_or(|until| stay.from <= Some(until)));
        found
    }

    fn eventually(&self, what: &What, frame: Frame) -> Outcome {
        let found = self.stays_in(what, frame);
        let lasts = |stay: &Stay| match (self.assertion.for_us, stay.length_us(frame.from)) {
            (None, _) => true,
            (Some(least), Some(length)) => length.saturating_add(self.tolerance) >= least,
            (Some(_), None) => false,
        };
        if found.iter().any(lasts) {
            return Outcome::Holds;
        }
        let recorded = || match (found.first(), self.first_after(what, frame)) {
            (Some(stay), _) => {
                format!("it held for {} at most{}", self.longest(&found, frame), self.since(stay, frame))
            }
            (None, Some(stay)) => format!("it first held{}", self.since(&stay, frame)),
            (None, None) => format!("never{}", self.instead(what)),
        };
        self.unless_hidden(frame.from, frame.until, Some(what), recorded)
    }

    fn first_after(&self, what: &What, frame: Frame) -> Option<Stay> {
        stays(self.pod, what).into_iter().find(|stay| stay.moment >= frame.moment)
    }

    fn longest(&self, stays: &[Stay], frame: Frame) -> String {
        let longest = stays.iter().filter_map(|stay| stay.length_us(frame.from)).max();
        longest.map_or_else(|| "an unknown time".to_owned(), duration_text)
    }

    fn since(&self, stay: &Stay, frame: Frame) -> String {
        let Some(at) = stay.from else { return String::new() };
        let base = if self.assertion.after.is_some() { "that" } else { "the creation" };
        let later = frame.from.map(|from| format!(", {} after {base}", duration_text(at.micros_since(from))));
        format!(" at {at}{}", later.unwrap_or_default())
    }

    fn never(&self, what: &What, frame: Frame) -> Outcome {
        let limit = self.assertion.for_us.map(|limit| limit.saturating_add(self.tolerance));
        let is_too_long = |stay: &&Stay| match (limit, stay.length_us(frame.from)) {
            (None, _) => true,
            (Some(limit), Some(length)) => length > limit,
            (Some(_), None) => false,
        };
        match self.stays_in(what, frame).iter().find(is_too_long) {
            Some(stay) => {
                let text = |at: Option<ObservedAt>| at.map_or_else(|| "?".to_owned(), |at| at.to_string());
                let length = stay.length_us(frame.from).map(|length| format!(" ({})", duration_text(length)));
                let span = format!("from {} to {}{}", text(stay.from), text(stay.until), length.unwrap_or_default());
                Outcome::Fails(format!("it held {span}"))
            }
            None => match self.hidden(frame.from, frame.until, Some(what)) {
                Some(why) => Outcome::Unseen(why),
                None => Outcome::Holds,
            },
        }
    }

    fn finally(&self, what: &What) -> Outcome {
        let mut last = (false, None);
        let created_at = self.pod.created_at();
        each_moment(self.pod, |_, _, _, now| last = (now.shows(what, created_at), now.value_of(what)));
        let (holds, value) = last;
        let open = self.pod.gaps.iter().find(|gap| gap.before.is_none() && hides_events(&gap.kind));
        let is_deletion = matches!(&what.thing, Thing::Lifecycle(crate::replay::Lifecycle::Deleted));
        match open {
            Some(gap) if is_deletion && gap.kind == GapKind::Vanished => Outcome::Holds,
            Some(gap) => Outcome::Unseen(format!("its end is not recorded ({})", gap.kind.as_str())),
            None if holds => Outcome::Holds,
            None => match (self.lost_end(), value) {
                (Some(why), _) => Outcome::Unseen(why),
                (None, Some(value)) => Outcome::Fails(format!("at the end it is {value}")),
                (None, None) => Outcome::Fails("at the end there is no such thing".to_owned()),
            },
        }
    }

    fn order(&self, whats: &[What], frame: Frame) -> Outcome {
        let mut moment = frame.moment;
        let mut before: Option<String> = None;
        for what in whats {
            let text = what.to_string();
            let is_again = before.as_ref() == Some(&text);
            let mut found = stays(self.pod, what).into_iter();
            let next = found.find(|stay| stay.moment > moment || (stay.moment == moment && !is_again));
            let is_late = |stay: &Stay| frame.until.is_some_and(|until| stay.from > Some(until));
            match next {
                Some(stay) if !is_late(&stay) => moment = stay.moment,
                late => {
                    let recorded = || {
                        let behind = before.as_ref().map(|before| format!(" after {before}")).unwrap_or_default();
                        match &late {
                            Some(stay) => format!("{text} came{}", self.since(stay, frame)),
                            None => format!("{text} did not come{behind}{}", self.instead(what)),
                        }
                    };
                    return self.unless_hidden(frame.from, frame.until, Some(what), recorded);
                }
            }
            before = Some(text);
        }
        Outcome::Holds
    }

    fn sequence(&self, of: &SequenceOf, values: &[Text]) -> Outcome {
        let recorded = sequence(self.pod, of);
        let is_same = recorded.len() == values.len()
            && values.iter().zip(&recorded).all(|(expected, value)| expected.fits(Some(value)));
        if is_same { Outcome::Holds } else { self.unless_hidden(None, None, None, || listed(&recorded)) }
    }

    fn times(&self, what: &What, count: Count, frame: Frame) -> Outcome {
        let begins_inside = |stay: &&Stay| stay.moment >= frame.moment;
        let found = self.stays_in(what, frame);
        let times = i64::try_from(found.iter().filter(begins_inside).count()).unwrap_or(i64::MAX);
        // What is hidden can only add to it.
        let is_settled = |is_right: bool| {
            if is_right { count.at_most.is_none() } else { count.at_least.is_none_or(|least| times >= least) }
        };
        let is_right = count.admits(times);
        let recorded = format!("{times} times");
        match (is_right, self.hidden(frame.from, frame.until, Some(what))) {
            (is_right, Some(why)) if !is_settled(is_right) => Outcome::Unseen(why),
            (true, _) => Outcome::Holds,
            (false, _) => Outcome::Fails(recorded),
        }
    }

    fn restarts(&self, container: &Text, count: Count, exit_code: Option<i64>, reason: Option<&Text>) -> Outcome {
        let transitions = || {
            let all = self.pod.timeline.transitions.iter();
            all.filter(|it| matches!(&it.subject, Subject::Container(name, _) if container.fits(Some(name))))
        };
        let specs = self.pod.timeline.pod().map(|pod| pod.spec.containers.as_slice()).unwrap_or_default();
        let is_specified = specs.iter().any(|spec| container.fits(Some(&spec.name)));
        // A container that nobody reported on was not restarted.
        let told = transitions().filter_map(|it| it.restart_count).max().or(is_specified.then_some(0));
        let Some(restarts) = told else {
            let recorded = || "there is no such container".to_owned();
            return self.unless_hidden(None, None, None, recorded);
        };
        if !count.admits(restarts) {
            let recorded = || format!("{restarts} restarts");
            let is_settled = count.at_most.is_some_and(|most| restarts > most);
            return if is_settled { Outcome::Fails(recorded()) } else { self.unless_hidden_at_end(recorded) };
        }
        let ended =
            transitions().filter(|it| it.restart_count.is_some_and(|count| count < restarts) && it.from != it.to);
        let ends: Vec<&str> = ended
            .filter_map(|it| match &it.to {
                Some(Value::Container(value)) => value.starts_with("terminated(").then_some(&**value),
                Some(Value::Lifecycle(_) | Value::Phase(_) | Value::Condition(_) | Value::Text(_)) | None => None,
            })
            .collect();
        let is_right = |end: &&&str| {
            exit_code.is_none_or(|code| exit_code_of(end) == Some(code))
                && reason.is_none_or(|reason| reason.fits(exit_reason_of(end)))
        };
        if let Some(wrong) = ends.iter().find(|end| !is_right(end)) {
            return Outcome::Fails(format!("one of {restarts} restarts came after {wrong}"));
        }
        let seen = i64::try_from(ends.len()).unwrap_or(i64::MAX);
        if (exit_code.is_some() || reason.is_some()) && seen < restarts {
            return Outcome::Unseen(format!("of {restarts} ends only {seen} left a trace in the recording"));
        }
        Outcome::Holds
    }

    /// Fails, unless what is missing may have happened where nobody looked.
    fn unless_hidden(
        &self,
        from: Option<ObservedAt>,
        until: Option<ObservedAt>,
        what: Option<&What>,
        recorded: impl Fn() -> String,
    ) -> Outcome {
        let ends_too_early = || {
            let (until, end) = (until?, end_of(self.pod)?);
            (end < until && !self.pod.is_gone())
                .then(|| format!("the recording ends at {end}, before the time is over"))
        };
        match self.hidden(from, until, what).or_else(|| self.lost_end()).or_else(ends_too_early) {
            Some(why) => Outcome::Unseen(why),
            None => Outcome::Fails(recorded()),
        }
    }

    fn unless_hidden_at_end(&self, recorded: impl Fn() -> String) -> Outcome {
        let open = self.pod.gaps.iter().find(|gap| gap.before.is_none() && hides_events(&gap.kind));
        match open {
            Some(gap) => Outcome::Unseen(format!("its end is not recorded ({})", gap.kind.as_str())),
            None => match self.lost_end() {
                Some(why) => Outcome::Unseen(why),
                None => Outcome::Fails(recorded()),
            },
        }
    }

    /// Why something may have happened between two times without being recorded.
    fn hidden(&self, from: Option<ObservedAt>, until: Option<ObservedAt>, what: Option<&What>) -> Option<String> {
        if let Some(why) = self.lost.anywhere() {
            return Some(why);
        }
        let is_about = |kind: &GapKind| match (kind, what.map(|what| &what.thing)) {
            (GapKind::RestartsUnseen { container, .. }, Some(Thing::Container { name, .. })) => {
                name.fits(Some(container))
            }
            (GapKind::RestartsUnseen { .. }, Some(Thing::StatusColumn(_) | Thing::ReadyColumn(_)) | None) => true,
            (GapKind::RestartsUnseen { .. }, Some(_)) => false,
            (kind, _) => hides_events(kind),
        };
        let gap = self.pod.gaps.iter().find(|gap| {
            is_about(&gap.kind)
                && until.is_none_or(|until| gap.from.is_none_or(|gap_from| gap_from < until))
                && from.is_none_or(|from| gap.until.is_none_or(|gap_until| gap_until >= from))
        })?;
        let text = |at: Option<ObservedAt>| at.map_or_else(|| "?".to_owned(), |at| at.to_string());
        let kind = gap.kind.as_str();
        Some(format!("not recorded from {} to {} ({kind})", text(gap.from), text(gap.until)))
    }

    /// Why the pod may have gone on after what is recorded of it, although nothing says that it did.
    fn lost_end(&self) -> Option<String> {
        self.lost.anywhere().or_else(|| self.lost.end.clone().filter(|_| !self.pod.is_gone()))
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
        if values.is_empty() { "; there was no such thing".to_owned() } else { format!("; it was {}", listed(&values)) }
    }
}

fn listed(values: &[String]) -> String {
    if values.is_empty() {
        return "nothing".to_owned();
    }
    let rest = values.len().saturating_sub(LISTED_MAX);
    let more = if rest > 0 { format!(", and {rest} more") } else { String::new() };
    format!("{}{more}", values[..values.len() - rest].join(", "))
}
