//! How long a pod was not Ready although it should have been.

use super::hidden::stretch_of;
use crate::model::{ConditionStatus, ObservedAt, Phase};
use crate::replay::{Lifecycle, Subject, Value};
use crate::report::PodReport;
use crate::timeline::{Span, TimeRange, spans};

/// How long a pod existed, had not finished and was not being deleted, but was not Ready: within `frame`, in microseconds.
/// Its start is part of that; what was not recorded is not, nor is the time in which its readiness is not known.
#[must_use]
pub fn unready_us(report: &PodReport, frame: &TimeRange) -> i64 {
    let Some(whole) = report.lived() else { return 0 };
    let Some(lived) = whole.common(frame) else { return 0 };
    let is_readiness = |span: &Span| span.subject == Subject::Condition("Ready".into());
    let is_excused = |span: &Span| match &span.value {
        Some(Value::Condition(status)) => is_readiness(span) && *status == ConditionStatus::True,
        Some(Value::Phase(phase)) => matches!(phase, Phase::Succeeded | Phase::Failed),
        Some(Value::Lifecycle(stage)) => matches!(stage, Lifecycle::Deleting | Lifecycle::Deleted),
        Some(Value::Container(_) | Value::Text(_)) => false,
        None => is_readiness(span),
    };
    let mut excused: Vec<TimeRange> = spans(&report.timeline.transitions)
        .iter()
        .filter(|span| is_excused(span))
        .map(|span| {
            let from = span.from.unwrap_or(whole.from);
            // What ended nobody knows when excuses nothing.
            let until = span.until.unwrap_or(if span.ended_by.is_some() { from } else { whole.until });
            TimeRange::new(from, until)
        })
        .collect();
    excused.extend(report.gaps.iter().filter(|gap| gap.kind.hides_events()).map(|gap| stretch_of(gap, &whole)));
    lived.length_us() - covered_us(excused, &lived)
}

/// How much of a stretch others cover together.
fn covered_us(mut parts: Vec<TimeRange>, whole: &TimeRange) -> i64 {
    parts.sort_by_key(|part| part.from);
    let mut reached: ObservedAt = whole.from;
    let mut covered = 0;
    for part in parts.iter().filter_map(|part| part.common(whole)) {
        let from = part.from.max(reached);
        covered += part.until.micros_since(from).max(0);
        reached = reached.max(part.until);
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::{TimeRange, covered_us};
    use crate::model::ObservedAt;

    fn range(text: &str) -> TimeRange {
        let (from, until) = text.split_once('-').expect("FROM-UNTIL");
        let at = |text: &str| ObservedAt::from_micros(text.parse().expect("a number"));
        TimeRange::new(at(from), at(until))
    }

    #[test]
    fn what_is_covered_twice_counts_once() {
        let table = [
            ("", 0),
            ("0-5", 0),
            ("10-12", 2),
            ("5-12", 2),
            ("18-25", 2),
            ("0-30", 10),
            ("11-13 12-15", 4),
            ("12-15 11-13", 4),
            ("11-19 12-13", 8),
            ("12-12 14-14", 0),
        ];
        for (parts, expected) in table {
            let parts = parts.split_whitespace().map(range).collect();
            assert_eq!(covered_us(parts, &range("10-20")), expected);
        }
    }
}
