//! The end of the text: how long each phase and each readiness held.

use crate::model::ObservedAt;
use crate::render::escape::plain;
use crate::render::layout::{Width, wrap};
use crate::render::style::Meaning;
use crate::render::words::duration;
use crate::replay::Subject;
use crate::report::PodReport;
use crate::timeline::{Gap, GapKind, Span, spans};

/// How far the second line is indented.
const SUMMARY_INDENT: usize = 7;

/// How long each phase and each readiness held.
pub(super) fn summary(history: &PodReport, width: Width, out: &mut String) {
    let spans = spans(&history.timeline.transitions);
    let Some(last) = history.ends_at() else { return };
    let ended = history.is_gone();
    let ready = Subject::Condition("Ready".into());
    let lines: Vec<(&str, String)> = [("phase", &Subject::Phase), ("Ready", &ready)]
        .into_iter()
        .map(|(label, subject)| (label, span_texts(&spans, subject, last, &history.gaps, ended).join(", ")))
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

fn span_texts(spans: &[Span], subject: &Subject, last: ObservedAt, gaps: &[Gap], ended: bool) -> Vec<String> {
    spans
        .iter()
        .filter(|span| span.subject == *subject)
        .map(|span| {
            let until = span.until.unwrap_or(last);
            let length = span.length_us(last).map(duration).unwrap_or_default();
            let has_gap = gaps.iter().any(|gap| {
                gap.kind != GapKind::StartsMidLife
                    && gap.from.is_some_and(|from| from < until)
                    && gap.until.is_none_or(|gap_until| span.from.is_none_or(|from| gap_until > from))
            });
            let partly = if has_gap { " (in part not recorded)" } else { "" };
            let open = if span.ended_by.is_none() && !ended { " to the end of its recording" } else { "" };
            format!("{} {length}{partly}{open}", span.value)
        })
        .collect()
}
