//! The heading of a pod: which one it is, and what it came to.

use unicode_width::UnicodeWidthStr;

use super::escape::plain;
use super::layout::Width;
use super::style::Meaning;
use super::words::{clock_time, date, duration, time_behind};
use crate::replay::HELD;
use crate::report::PodReport;
use crate::timeline::Timeline;

/// Which pod, and what it came to.
pub(super) fn heading(history: &PodReport, width: Width, out: &mut String) {
    let row = &history.identity;
    out.push_str(&Meaning::Strong.paint(&format!("pod {}/{}", row.namespace, row.name)));
    out.push_str(&Meaning::Faint.paint_line(&format!("  uid {}", row.uid)));
    push_wrapped(&facts(history), width, out);
    out.push_str("\n\n");
}

/// What a pod came to, fact by fact, escaped.
pub(super) fn facts(history: &PodReport) -> Vec<String> {
    let timeline = &history.timeline;
    let count = timeline.entries.len();
    let mut facts = vec![format!("{count} event{}", if count == 1 { "" } else { "s" })];
    if let Some((first, last)) = timeline.bounds() {
        let span = duration(last.micros_since(first));
        facts.insert(
            0,
            format!("{} {} to {} UTC ({span})", date(first), clock_time(first), time_behind(Some(first), last)),
        );
    }
    if let Some(node) = timeline.pod().and_then(|pod| pod.spec.node_name.as_deref()) {
        facts.push(format!("on {}", plain(node)));
    }
    if let Some(last) = timeline.entries.last() {
        let restarts = last.columns.restarts.count;
        facts.push(format!("{restarts} restart{}", if restarts == 1 { "" } else { "s" }));
        facts.push(match (timeline.state.is_deleted, history.is_gone()) {
            (true, _) if is_held(timeline) => "at the end deleted, then or later".to_owned(),
            (true, _) => "at the end deleted".to_owned(),
            (false, true) => "at the end gone".to_owned(),
            (false, false) if last.columns.status.is_empty() => "last not known".to_owned(),
            (false, false) => format!("last {}", plain(&last.columns.status)),
        });
    }
    facts
}

/// A finalizer held the deletion up, and nothing tells until when.
fn is_held(timeline: &Timeline) -> bool {
    let last = timeline.transitions.last();
    last.is_some_and(|last| last.window.at_latest.is_none() && last.message.as_deref() == Some(HELD))
}

/// Joins facts by commas and breaks the line before one that does not fit.
fn push_wrapped(facts: &[String], width: Width, out: &mut String) {
    let mut used = 0;
    for (index, fact) in facts.iter().enumerate() {
        let fact = if index + 1 < facts.len() { format!("{fact},") } else { fact.clone() };
        let is_too_wide = matches!(width, Width::Columns(columns) if used + 1 + fact.width() > columns);
        if used > 0 {
            out.push(if is_too_wide { '\n' } else { ' ' });
            used = if is_too_wide { 0 } else { used + 1 };
        }
        used += fact.width();
        out.push_str(&fact);
    }
}
