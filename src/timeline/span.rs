//! Intervals: how long a subject kept a value.

use std::collections::BTreeMap;

use crate::model::{ObservedAt, StampedAt};
use crate::replay::{Subject, Transition, Value};

/// One value of one subject, from the transition that brought it to the one that ended it. Between the last event that showed
/// a value and the first proof of the next one the value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What has the value.
    pub subject: Subject,
    /// The value; `None` while it is not known: something changed, and nothing tells when.
    pub value: Option<Value>,
    /// The transition that brought it, by its place.
    pub transition: usize,
    /// When it came.
    pub from: Option<ObservedAt>,
    /// When it went; `None` if it still held at the end, or if that has no time.
    pub until: Option<ObservedAt>,
    /// The transition that ended it, by its place; `None` if it still held at the end.
    pub ended_by: Option<usize>,
    /// What the cluster stamped on its coming and going, both by one clock.
    pub stamps: (Option<StampedAt>, Option<StampedAt>),
}

impl Span {
    /// How long it held, in microseconds: by the stamps if both ends have one, else as observed; up to `end` if it still
    /// held.
    #[must_use]
    pub fn length_us(&self, end: ObservedAt) -> Option<i64> {
        match (self.stamps, self.until) {
            ((Some(from), Some(until)), Some(_)) if until >= from => Some(until.micros_since(from)),
            (_, None) if self.ended_by.is_some() => None,
            (_, until) => Some(until.unwrap_or(end).micros_since(self.from?)),
        }
    }
}

/// The intervals of all subjects, in the order in which they began.
#[must_use]
pub fn spans(transitions: &[Transition]) -> Vec<Span> {
    spans_where(transitions, |_| true)
}

/// The intervals of one subject.
#[must_use]
pub fn spans_of(transitions: &[Transition], subject: &Subject) -> Vec<Span> {
    spans_where(transitions, |it| it == subject)
}

fn spans_where(transitions: &[Transition], is_wanted: impl Fn(&Subject) -> bool) -> Vec<Span> {
    let mut laid = Laid { transitions, spans: Vec::new(), open: BTreeMap::new() };
    for (index, transition) in transitions.iter().enumerate().filter(|(_, it)| is_wanted(&it.subject)) {
        let is_unknown = transition.is_unplaced() || transition.inferred && transition.to.is_none();
        if !is_unknown {
            laid.change(index, transition, transition.to.clone().map(Some), transition.window.at);
            continue;
        }
        laid.change(index, transition, Some(None), transition.window.at);
        let mut of_event = transitions[index + 1..].iter().take_while(|it| it.seq == transition.seq);
        let is_last = !of_event.any(|it| it.subject == transition.subject);
        if let Some(value) = transition.to.clone().filter(|_| is_last) {
            let proved = transition.window.at_latest.or(transition.window.at);
            laid.change(index, transition, Some(Some(value)), proved);
        }
    }
    laid.spans
}

/// Intervals while they are laid out.
struct Laid<'a> {
    transitions: &'a [Transition],
    spans: Vec<Span>,
    /// The last of each subject that has one, by its place.
    open: BTreeMap<&'a Subject, usize>,
}

impl<'a> Laid<'a> {
    /// A subject took a value at a time: a known one, one that is not known, or none as it is gone.
    fn change(
        &mut self,
        index: usize,
        transition: &'a Transition,
        value: Option<Option<Value>>,
        at: Option<ObservedAt>,
    ) {
        let subject = &transition.subject;
        let mut from = at;
        if let Some(place) = self.open.get(subject) {
            let span = &mut self.spans[*place];
            if value.as_ref() == Some(&span.value) {
                return;
            }
            let is_unseen = self.transitions[span.transition].inferred;
            from = if is_unseen { proved_at(span, transition.stamped_at, at) } else { at };
            span.until = from;
            span.ended_by = Some(index);
            span.stamps.1 = transition.stamped_at;
            self.open.remove(subject);
        }
        if let Some(value) = value {
            self.open.insert(subject, self.spans.len());
            self.spans.push(Span {
                subject: subject.clone(),
                value,
                transition: index,
                from,
                until: None,
                ended_by: None,
                stamps: (transition.stamped_at, None),
            });
        }
    }
}

/// When a value went that no event showed: with the stamp of what came, which an event may show much later; else as observed.
fn proved_at(span: &Span, stamp: Option<StampedAt>, at: Option<ObservedAt>) -> Option<ObservedAt> {
    let stamp = stamp.map(|stamp| ObservedAt::from_micros(stamp.micros()));
    stamp.filter(|stamp| span.from <= Some(*stamp) && Some(*stamp) <= at).or(at)
}

#[cfg(test)]
mod tests {
    use super::spans;
    use crate::kubelet::{Features, KubernetesVersion};
    use crate::life::life;
    use crate::model::ObservedAt;
    use crate::timeline::Timeline;

    /// The intervals of Ready, or of a container: `VALUE FROM-UNTIL`, the minute and second of each.
    fn check(life_text: &str, of: &str, expected: &str) {
        let timeline = Timeline::replay(life(life_text), Features::of(KubernetesVersion::NEWEST));
        let time = |at: Option<ObservedAt>| at.map_or("?".to_owned(), |at| at.to_string()[14..19].to_owned());
        let own = spans(&timeline.transitions)
            .into_iter()
            .filter(|span| span.subject.type_word().or(span.subject.name()) == Some(of));
        let told: Vec<String> = own
            .map(|span| {
                let value = span.value.map_or("unknown".to_owned(), |value| value.to_string());
                format!("{value} {}-{}", time(span.from), time(span.until))
            })
            .collect();
        assert_eq!(told.join(", "), expected, "{life_text}");
    }

    #[test]
    fn what_nothing_dates_is_unknown_until_the_next_proof() {
        check("12:00:00 ADDED Ready / 12:00:09 MODIFIED !Ready", "Ready", "True 00:00-00:09, False 00:09-?");
        // Its time moved: the stamp ends what is not known, whenever an event shows it.
        check(
            "12:00:00 ADDED Ready / 12:00:10 MODIFIED / 12:09:00 MODIFIED Ready@12:04:00",
            "Ready",
            "True 00:00-00:10, unknown 00:10-04:00, True 04:00-?",
        );
        // Within a second there is nothing to be unknown.
        check(
            "12:00:00 ADDED Ready / 12:00:00 MODIFIED Ready@12:00:01",
            "Ready",
            "True 00:00-00:00, unknown 00:00-00:00, True 00:00-?",
        );
    }
}
