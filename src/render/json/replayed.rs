//! The rows of `podreplay replay`: each is a document of its own, of one pod, and says nothing of the stream that it came from.

use std::io;

use super::parts::{identity, object, window};
use super::write::{RowSink, VERSION};
use crate::model::PodIdentity;
use crate::picture::{Bar, Lane, rows};
use crate::replay::{Subject, Transition};
use crate::report::JudgedPod;
use crate::rules::Finding;

struct TransitionLine<'a>(&'a PodIdentity, &'a Transition);

struct FindingLine<'a>(&'a PodIdentity, &'a Finding);

struct IntervalLine<'a>(&'a PodIdentity, &'a Lane, &'a Bar);

object!(TransitionLine<'_>, TransitionLine(pod, it) => {
    "version": VERSION,
    ..identity(pod),
    "seq": it.seq,
    "resourceVersion": it.resource_version,
    ..window(it.window),
    "subject": it.subject,
    "from": it.from,
    "to": it.to,
    "reason": it.reason.as_deref(),
    "message": it.message.as_deref(),
    "stamped": it.stamped_at,
    "restartCount": it.restart_count,
    "inferred": it.inferred,
    "by": it.by.as_deref(),
});

object!(FindingLine<'_>, FindingLine(pod, it) => {
    "version": VERSION,
    ..identity(pod),
    "seq": it.seq,
    "resourceVersion": it.resource_version,
    ..window(it.window),
    "rule": it.rule.id,
    "ruleName": it.rule.name,
    "severity": it.severity,
    "subject": it.subject,
    "expected": it.expected,
    "actual": it.actual,
    "message": it.message,
    "count": it.count,
});

object!(IntervalLine<'_>, IntervalLine(pod, lane, it) => {
    "version": VERSION,
    ..identity(pod),
    "subject": subject(lane),
    "value": it.shown.to_string(),
    "health": it.health.as_str(),
    "from": it.range.from,
    "until": it.range.until,
    "ends": it.end.as_str(),
});

/// Null of what the pod was to its users.
fn subject(lane: &Lane) -> Option<&Subject> {
    match lane {
        Lane::Status => None,
        Lane::Subject(subject) => Some(subject),
    }
}

/// Writes a row for each transition of a pod.
///
/// # Errors
/// When writing fails.
pub fn transition_rows(pod: &JudgedPod, to: &mut impl RowSink) -> io::Result<()> {
    let report = &pod.report;
    report.timeline.transitions.iter().try_for_each(|it| to.row(&TransitionLine(&report.identity, it)))
}

/// Writes a row for each finding of a pod.
///
/// # Errors
/// When writing fails.
pub fn finding_rows(pod: &JudgedPod, to: &mut impl RowSink) -> io::Result<()> {
    let findings = pod.judgement.findings();
    findings.iter().try_for_each(|it| to.row(&FindingLine(&pod.report.identity, it)))
}

/// Writes a row for each interval of a pod: what it was to its users, and the values of its phase, conditions and containers.
///
/// # Errors
/// When writing fails.
pub fn interval_rows(pod: &JudgedPod, to: &mut impl RowSink) -> io::Result<()> {
    for row in rows(pod) {
        for bar in &row.bars {
            to.row(&IntervalLine(&pod.report.identity, &row.lane, bar))?;
        }
    }
    Ok(())
}
