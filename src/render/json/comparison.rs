//! The document of `diff`.

use std::io::{self, Write};

use super::parts::object;
use super::write::{VERSION, document};
use crate::compare::{Comparison, FieldDifference, Judged, Line, Outcome, PodComparison, PodName, Row};
use crate::latency::{QuantileChange, StepChange};
use crate::model::PodIdentity;

/// A comparison, and what its two sides are called.
struct Named<'a>(&'a Comparison, [&'a str; 2], Option<&'a [StepChange]>);

/// At least and at most.
struct BoundsOf((i64, i64));

/// A recorded pod without its cluster.
struct Recorded<'a>(&'a PodIdentity);

object!(Named<'_>, Named(it, [expected, recorded], latency) => {
    "version": VERSION,
    "verdict": it.verdict(),
    "expected": expected,
    "recorded": recorded,
    "pods": it.pods,
    "claims": it.claims,
    "latency"?: latency,
});

object!(StepChange, it => {
    "from": it.step.words().0,
    "to": it.step.words().1,
    "pods": it.pods,
    "quantiles": it.quantiles,
});

object!(QuantileChange, it => {
    "quantile": it.name,
    "became": if it.is_slower() { "slower" } else { "faster" },
    "expected": BoundsOf(it.bounds[0]),
    "recorded": BoundsOf(it.bounds[1]),
});

object!(BoundsOf, BoundsOf((least, most)) => {
    "leastUs": least,
    "mostUs": most,
});

object!(PodComparison, it => {
    "verdict": it.verdict(),
    "expected": it.expected,
    "recorded": it.recorded.as_ref().map(Recorded),
    "line": line_of(it.place.line),
    "alike": it.rows.iter().filter(|row| row.is_same()).count(),
    "fields": it.differences,
    "differences": it.rows.iter().filter(|row| !row.is_same()).collect::<Vec<_>>(),
    "inconclusive"?: it.unseen,
});

object!(PodName, it => {
    "namespace": it.namespace,
    "name": it.name,
    "uid": it.uid,
});

object!(Recorded<'_>, Recorded(it) => {
    "namespace": it.namespace,
    "name": it.name,
    "uid": it.uid,
});

object!(Row, it => {
    "kind": kind(it),
    "line": it.expected.as_ref().and_then(|line| line_of(line.place.line)),
    "expected": it.expected,
    "recorded": it.recorded,
    "fields": it.differences,
    "inconclusive"?: it.unseen,
});

object!(FieldDifference, it => {
    "field": it.field.as_str(),
    "expected": it.expected,
    "recorded": it.recorded,
});

object!(Line, it => {
    "at": it.at,
    "by": it.by,
    "resourceVersion": it.version,
    "subject": it.subject,
    "from": it.from,
    "to": it.to,
    "reason": it.reason,
    "message": it.message,
    "stamped": it.stamped,
    "restarts": it.restarts,
    "inferred": it.inferred,
});

object!(Judged, it => {
    "line": it.place.line,
    "column": it.place.column,
    "pod": it.pod.as_ref().map(Recorded),
    "expected": it.expected,
    "outcome": outcome(&it.outcome).0,
    "recorded": outcome(&it.outcome).1,
});

fn kind(row: &Row) -> &'static str {
    match (&row.expected, &row.recorded) {
        (Some(_), Some(_)) => "changed",
        (Some(_), None) => "missing",
        (None, _) => "extra",
    }
}

fn outcome(outcome: &Outcome) -> (&'static str, Option<&str>) {
    match outcome {
        Outcome::Holds => ("holds", None),
        Outcome::Fails(recorded) => ("fails", Some(recorded)),
        Outcome::Unseen(why) => ("inconclusive", Some(why)),
    }
}

/// The line of an expectation; none where none says it.
pub(super) fn line_of(line: usize) -> Option<usize> {
    (line > 0).then_some(line)
}

/// Writes a comparison of two sides of these names; of two recordings with what became slower or faster.
///
/// # Errors
/// When writing fails.
pub fn write_comparison(
    comparison: &Comparison,
    names: [&str; 2],
    latency: Option<&[StepChange]>,
    out: &mut dyn Write,
) -> io::Result<()> {
    document(&Named(comparison, names, latency), out)
}
