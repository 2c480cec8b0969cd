//! The end of the text: how long each phase and each readiness held.

use crate::model::ObservedAt;
use crate::render::escape::plain;
use crate::render::layout::{Width, wrap};
use crate::render::style::Meaning;
use crate::render::words::duration;
use crate::replay::Subject;
use crate::report::PodReport;
use crate::timeline::{Gap, GapKind, Span, spans_of};

/// How far the second line is indented.
const SUMMARY_INDENT: usize = 7;

/// How long each phase and each readiness held.
pub(super) fn summary(history: &PodReport, width: Width, out: &mut String) {
    let Some(last) = history.ends_at() else { return };
    let ended = history.is_gone();
    let ready = Subject::Condition("Ready".into());
    let lines: Vec<(&str, String)> = [("phase", &Subject::Phase), ("Ready", &ready)]
        .into_iter()
        .map(|(label, subject)| {
            (
                label,
                span_texts(&spans_of(&history.timeline.transitions, subject), last, &history.gaps, ended).join(", "),
            )
        })
        .filter(|(_, text)| !text.is_empty())
        .collect();
    if lines.is_empty() {
        return;
    }
    out.push('\n');
    for (label, text) in lines {
        out.push_str(&Meaning::Plain.paint_lines(&wrap(&plain(&format!("{label:6} {text}")), width, SUMMARY_INDENT)));
    }
}

fn span_texts(spans: &[Span], last: ObservedAt, gaps: &[Gap], ended: bool) -> Vec<String> {
    let gaps = Gaps::of(gaps);
    spans
        .iter()
        .map(|span| {
            let until = span.until.unwrap_or(last);
            let length = span.length_us(last).map(duration).unwrap_or_default();
            let partly = if gaps.touch(span.from, until) { " (in part not recorded)" } else { "" };
            let open = if span.ended_by.is_none() && !ended { " to the end of its recording" } else { "" };
            let value = span.value.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
            format!("{value} {length}{partly}{open}")
        })
        .collect()
}

/// Gaps that have a beginning, in the order of it.
struct Gaps(Vec<Reached>);

/// A gap's beginning, and the last end of it and those before it; `None` if one has none.
struct Reached {
    from: ObservedAt,
    until: Option<ObservedAt>,
}

impl Gaps {
    fn of(gaps: &[Gap]) -> Self {
        let told = gaps.iter().filter(|gap| gap.kind != GapKind::StartsMidLife);
        let mut reached: Vec<Reached> =
            told.filter_map(|gap| Some(Reached { from: gap.from?, until: gap.until })).collect();
        reached.sort_by_key(|gap| gap.from);
        for place in 1..reached.len() {
            reached[place].until =
                reached[place].until.zip(reached[place - 1].until).map(|(own, before)| own.max(before));
        }
        Self(reached)
    }

    /// Whether a part of a span lies in a gap. A span may have no beginning.
    fn touch(&self, from: Option<ObservedAt>, until: ObservedAt) -> bool {
        let before = self.0.partition_point(|gap| gap.from < until);
        let last = before.checked_sub(1).map(|place| self.0[place].until);
        last.is_some_and(|reached| reached.is_none_or(|reached| from.is_none_or(|from| reached > from)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Gap, GapKind, Gaps, ObservedAt};

    /// Gaps `FROM-UNTIL` and a span `FROM-UNTIL`, a side left out where it is not known: whether they have a part in common.
    fn check(gaps: &str, span: &str, expected: bool) {
        let at = |text: &str| text.parse().ok().map(ObservedAt::from_micros);
        let sides = |text: &str| text.split_once('-').map(|(from, until)| (at(from), at(until))).expect("FROM-UNTIL");
        let gap = |text: &str| {
            let (from, until) = sides(text);
            Gap { kind: GapKind::Relist, list: None, after: None, before: None, from, until }
        };
        let all: Vec<Gap> = gaps.split_whitespace().map(gap).collect();
        let (from, until) = sides(span);
        assert_eq!(Gaps::of(&all).touch(from, until.expect("a span ends")), expected, "{gaps}: {span}");
    }

    #[test]
    fn a_span_that_a_gap_reaches_into_is_not_recorded_whole() {
        check("", "1-5", false);
        check("1-5", "5-9", false);
        check("5-9", "1-5", false);
        check("1-6", "5-9", true);
        // A long one before a short one; one without an end; one whose beginning nobody knows.
        check("1-9 2-3", "5-7", true);
        check("1- 2-3", "50-70", true);
        check("-9", "5-7", false);
        check("1-3", "-2", true);
    }
}
