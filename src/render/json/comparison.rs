//! The document of `diff`.

use std::io::{self, Write};

use serde::Serialize;

use super::write::{VERSION, document};
use crate::compare::{Comparison, FieldDifference, Judged, Line, Outcome, PodComparison, Row, Text};
use crate::model::{PodIdentity, ResourceVersion};
use crate::replay::Subject;

#[derive(Serialize)]
struct ComparisonView<'a> {
    version: u32,
    verdict: &'static str,
    expected: &'a str,
    recorded: &'a str,
    pods: Vec<PodView<'a>>,
    claims: Vec<ClaimView<'a>>,
}

#[derive(Serialize)]
struct PodView<'a> {
    verdict: &'static str,
    expected: Option<NameView<'a>>,
    recorded: Option<NameView<'a>>,
    line: Option<usize>,
    alike: usize,
    fields: Vec<FieldView<'a>>,
    differences: Vec<DifferenceView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inconclusive: Option<&'a str>,
}

#[derive(Serialize)]
struct NameView<'a> {
    namespace: &'a str,
    name: &'a str,
    uid: Option<&'a str>,
}

#[derive(Serialize)]
struct DifferenceView<'a> {
    kind: &'static str,
    line: Option<usize>,
    expected: Option<LineView<'a>>,
    recorded: Option<LineView<'a>>,
    fields: Vec<FieldView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inconclusive: Option<&'a str>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    field: &'static str,
    expected: Option<&'a str>,
    recorded: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LineView<'a> {
    at: String,
    by: Option<String>,
    resource_version: Option<&'a ResourceVersion>,
    subject: Option<&'a Subject>,
    from: Option<String>,
    to: Option<String>,
    reason: Option<String>,
    message: Option<String>,
    stamped: Option<String>,
    restarts: Option<i64>,
    inferred: bool,
}

#[derive(Serialize)]
struct ClaimView<'a> {
    line: usize,
    column: usize,
    pod: Option<NameView<'a>>,
    expected: &'a str,
    outcome: &'static str,
    recorded: Option<&'a str>,
}

/// Writes a comparison of two sides of these names.
///
/// # Errors
/// When writing fails.
pub fn write_comparison(
    comparison: &Comparison,
    [expected, recorded]: [&str; 2],
    out: &mut dyn Write,
) -> io::Result<()> {
    let view = ComparisonView {
        version: VERSION,
        verdict: comparison.verdict().as_str(),
        expected,
        recorded,
        pods: comparison.pods.iter().map(PodView::new).collect(),
        claims: comparison.claims.iter().map(ClaimView::new).collect(),
    };
    document(&view, out)
}

/// The line of an expectation; none where none says it.
pub(super) fn line_of(line: usize) -> Option<usize> {
    (line > 0).then_some(line)
}

fn identity(PodIdentity { namespace, name, uid, .. }: &PodIdentity) -> NameView<'_> {
    NameView { namespace, name, uid: Some(uid) }
}

impl<'a> PodView<'a> {
    fn new(pod: &'a PodComparison) -> Self {
        let expected = pod.expected.as_ref().map(|name| NameView {
            namespace: &name.namespace,
            name: &name.name,
            uid: name.uid.as_deref(),
        });
        let (alike, different): (Vec<&Row>, Vec<&Row>) = pod.rows.iter().partition(|row| row.is_same());
        Self {
            verdict: pod.verdict().as_str(),
            expected,
            recorded: pod.recorded.as_ref().map(identity),
            line: line_of(pod.place.line),
            alike: alike.len(),
            fields: pod.differences.iter().map(FieldView::new).collect(),
            differences: different.into_iter().map(DifferenceView::new).collect(),
            inconclusive: pod.unseen.as_deref(),
        }
    }
}

impl<'a> DifferenceView<'a> {
    fn new(row: &'a Row) -> Self {
        let kind = match (&row.expected, &row.recorded) {
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "missing",
            (None, _) => "extra",
        };
        Self {
            kind,
            line: row.expected.as_ref().and_then(|line| line_of(line.place.line)),
            expected: row.expected.as_ref().map(LineView::new),
            recorded: row.recorded.as_ref().map(LineView::new),
            fields: row.differences.iter().map(FieldView::new).collect(),
            inconclusive: row.unseen.as_deref(),
        }
    }
}

impl<'a> FieldView<'a> {
    fn new(FieldDifference { field, expected, recorded }: &'a FieldDifference) -> Self {
        Self { field: field.as_str(), expected: expected.as_deref(), recorded: recorded.as_deref() }
    }
}

impl<'a> LineView<'a> {
    fn new(line: &'a Line) -> Self {
        let text = |text: &Option<Text>| text.as_ref().map(ToString::to_string);
        Self {
            at: line.at.to_string(),
            by: line.by.map(|by| by.to_string()),
            resource_version: line.version.as_ref(),
            subject: line.subject.as_ref(),
            from: text(&line.from),
            to: text(&line.to),
            reason: text(&line.reason),
            message: text(&line.message),
            stamped: line.stamped.map(|at| at.to_string()),
            restarts: line.restarts,
            inferred: line.inferred,
        }
    }
}

impl<'a> ClaimView<'a> {
    fn new(claim: &'a Judged) -> Self {
        let (outcome, recorded) = match &claim.outcome {
            Outcome::Holds => ("holds", None),
            Outcome::Fails(recorded) => ("fails", Some(&**recorded)),
            Outcome::Unseen(why) => ("inconclusive", Some(&**why)),
        };
        Self {
            line: claim.place.line,
            column: claim.place.column,
            pod: claim.pod.as_ref().map(identity),
            expected: &claim.expected,
            outcome,
            recorded,
        }
    }
}
