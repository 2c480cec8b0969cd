//! What the model computes, as a track beside what is recorded.

use super::times::Times;
use crate::replay::{Subject, Value};
use crate::report::JudgedPod;
use crate::rules::Expected;
use crate::timeline::TimeRange;

/// How long the model's value held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedBar {
    /// The model's value.
    pub value: Value,
    /// When it held.
    pub range: TimeRange,
    /// Whether it is what is recorded.
    pub agreement: Agreement,
    /// The event from which on it was computed, by its place in the timeline.
    pub entry: usize,
}

/// How the model's value stands to the recorded one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// They are the same.
    Same,
    /// They differ, and the rules know why that is lawful.
    Lawful,
    /// They differ, or the recorded one came against the rules: a finding says more.
    Against,
}

impl Agreement {
    /// The word for it in documents and style sheets.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Lawful => "lawful",
            Self::Against => "against",
        }
    }
}

/// The track of one subject: nothing from an event on of which the model has no say, until one of which it has.
pub(super) fn expected_bars(pod: &JudgedPod, subject: &Subject, times: &Times) -> Vec<ExpectedBar> {
    if !matches!(subject, Subject::Phase | Subject::Condition(_)) {
        return Vec::new();
    }
    let timeline = &pod.report.timeline;
    let mut bars: Vec<ExpectedBar> = Vec::new();
    let (mut recorded, mut is_open): (Option<&Value>, bool) = (None, false);
    for (index, entry) in timeline.entries.iter().enumerate() {
        for transition in timeline.transitions_of(index).iter().filter(|it| it.subject == *subject) {
            recorded = transition.to.as_ref();
        }
        let at = times.of(index);
        if let Some(open) = bars.last_mut().filter(|_| is_open) {
            open.range = TimeRange::new(open.range.from, at);
        }
        let all = pod.judgement.expected.get(&entry.seq);
        let expected: Option<&Expected> = all.and_then(|all| all.iter().find(|it| it.subject == *subject));
        let Some(expected) = expected else {
            is_open = false;
            continue;
        };
        let agreement = match pod.judgement.finding_at(entry.seq, subject) {
            Some(_) => Agreement::Against,
            None if recorded == Some(&expected.value) => Agreement::Same,
            None => Agreement::Lawful,
        };
        let is_same = |bar: &&mut ExpectedBar| bar.value == expected.value && bar.agreement == agreement;
        if !is_open || bars.last_mut().filter(is_same).is_none() {
            let range = TimeRange::new(at, at);
            bars.push(ExpectedBar { value: expected.value.clone(), range, agreement, entry: index });
        }
        is_open = true;
    }
    if let Some(open) = bars.last_mut().filter(|_| is_open) {
        open.range = TimeRange::new(open.range.from, times.end);
    }
    bars
}
