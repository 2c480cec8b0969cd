//! Comparisons and test runs as documents: docs/json.md.

use serde::Serialize;

use super::json::{SubjectView, VERSION};
use super::suite::{Deviation, Tally, deviations};
use crate::compare::{Comparison, FieldDifference, Judged, Line, Outcome, PodComparison, Row, Verdict};
use crate::model::PodIdentity;
use crate::report::{TestOutcome, TestReport, TestStatus};

/// The document of `diff`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonView {
    version: u32,
    verdict: &'static str,
    expected: String,
    recorded: String,
    pods: Vec<PodView>,
    claims: Vec<ClaimView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodView {
    verdict: &'static str,
    expected: Option<NameView>,
    recorded: Option<NameView>,
    line: Option<usize>,
    alike: usize,
    fields: Vec<FieldView>,
    differences: Vec<DifferenceView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inconclusive: Option<String>,
}

#[derive(Debug, Serialize)]
struct NameView {
    namespace: String,
    name: String,
    uid: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DifferenceView {
    kind: &'static str,
    line: Option<usize>,
    expected: Option<LineView>,
    recorded: Option<LineView>,
    fields: Vec<FieldView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inconclusive: Option<String>,
}

#[derive(Debug, Serialize)]
struct FieldView {
    field: &'static str,
    expected: Option<String>,
    recorded: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineView {
    at: String,
    by: Option<String>,
    resource_version: Option<String>,
    subject: Option<SubjectView>,
    from: Option<String>,
    to: Option<String>,
    reason: Option<String>,
    message: Option<String>,
    stamped: Option<String>,
    restarts: Option<i64>,
    inferred: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimView {
    line: usize,
    column: usize,
    pod: Option<NameView>,
    expected: String,
    outcome: &'static str,
    recorded: Option<String>,
}

impl ComparisonView {
    /// A comparison of two sides of these names.
    #[must_use]
    pub fn new(comparison: &Comparison, expected: &str, recorded: &str) -> Self {
        Self {
            version: VERSION,
            verdict: comparison.verdict().as_str(),
            expected: expected.to_owned(),
            recorded: recorded.to_owned(),
            pods: comparison.pods.iter().map(PodView::new).collect(),
            claims: comparison.claims.iter().map(ClaimView::new).collect(),
        }
    }
}

fn line_of(line: usize) -> Option<usize> {
    (line > 0).then_some(line)
}

fn identity(pod: &PodIdentity) -> NameView {
    NameView { namespace: pod.namespace.clone(), name: pod.name.clone(), uid: Some(pod.uid.clone()) }
}

impl PodView {
    fn new(pod: &PodComparison) -> Self {
        let expected = pod.expected.as_ref().map(|name| NameView {
            namespace: name.namespace.clone(),
            name: name.name.clone(),
            uid: name.uid.clone(),
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
            inconclusive: pod.unseen.clone(),
        }
    }
}

impl DifferenceView {
    fn new(row: &Row) -> Self {
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
            inconclusive: row.unseen.clone(),
        }
    }
}

impl FieldView {
    fn new(difference: &FieldDifference) -> Self {
        Self {
            field: difference.field.as_str(),
            expected: difference.expected.clone(),
            recorded: difference.recorded.clone(),
        }
    }
}

impl LineView {
    fn new(line: &Line) -> Self {
        let text = |text: &Option<crate::compare::Text>| text.as_ref().map(ToString::to_string);
        Self {
            at: line.at.to_string(),
            by: line.by.map(|by| by.to_string()),
            resource_version: line.version.as_ref().map(ToString::to_string),
            subject: line.subject.as_ref().map(SubjectView::new),
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

impl ClaimView {
    fn new(claim: &Judged) -> Self {
        let (outcome, recorded) = match &claim.outcome {
            Outcome::Holds => ("holds", None),
            Outcome::Fails(recorded) => ("fails", Some(recorded.clone())),
            Outcome::Unseen(why) => ("inconclusive", Some(why.clone())),
        };
        Self {
            line: claim.place.line,
            column: claim.place.column,
            pod: claim.pod.as_ref().map(identity),
            expected: claim.expected.clone(),
            outcome,
            recorded,
        }
    }
}

/// One test in the document of `test`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestView {
    name: String,
    status: &'static str,
    expectation: String,
    recording: Option<String>,
    pods: usize,
    notes: Vec<String>,
    deviations: Vec<DeviationView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviationView {
    line: Option<usize>,
    column: Option<usize>,
    text: String,
    inconclusive: bool,
}

/// The count at the end of the document of `test`.
#[derive(Debug, Serialize)]
pub struct TallyView {
    passed: usize,
    failed: usize,
    inconclusive: usize,
    errors: usize,
}

impl TestView {
    /// One test.
    #[must_use]
    pub fn new(report: &TestReport) -> Self {
        let status = match report.status() {
            TestStatus::Passed => Verdict::Passed.as_str(),
            TestStatus::Failed => Verdict::Failed.as_str(),
            TestStatus::Inconclusive => Verdict::Inconclusive.as_str(),
            TestStatus::Error => "error",
        };
        let deviations = match &report.outcome {
            TestOutcome::Compared(comparison) => deviations(comparison),
            TestOutcome::Error { place, message } => {
                let place = place.unwrap_or_default();
                vec![Deviation {
                    line: place.line,
                    column: place.column,
                    text: message.clone(),
                    is_unseen: false,
                    shows: None,
                }]
            }
        };
        let view = |deviation: Deviation| DeviationView {
            line: line_of(deviation.line),
            column: line_of(deviation.line).map(|_| deviation.column),
            text: deviation.text,
            inconclusive: deviation.is_unseen,
        };
        Self {
            name: report.name.clone(),
            status,
            expectation: report.expectation.display().to_string(),
            recording: report.recording.as_ref().map(|path| path.display().to_string()),
            pods: report.pods,
            notes: report.notes.clone(),
            deviations: deviations.into_iter().map(view).collect(),
        }
    }
}

impl From<Tally> for TallyView {
    fn from(tally: Tally) -> Self {
        let Tally { passed, failed, inconclusive, errors } = tally;
        Self { passed, failed, inconclusive, errors }
    }
}
