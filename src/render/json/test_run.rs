//! The document of `test`.

use std::io::{self, Write};

use serde::Serialize;

use super::comparison::line_of;
use super::write::ListWriter;
use crate::compare::Verdict;
use crate::render::suite::{Deviation, Tally, deviations};
use crate::report::{TestOutcome, TestReport, TestStatus};

#[derive(Serialize)]
struct TestView<'a> {
    name: &'a str,
    status: &'static str,
    expectation: String,
    recording: Option<String>,
    pods: usize,
    notes: &'a [String],
    deviations: Vec<DeviationView>,
}

#[derive(Serialize)]
struct DeviationView {
    line: Option<usize>,
    column: Option<usize>,
    text: String,
    inconclusive: bool,
}

/// Writes the results of tests, and how many ended how.
///
/// # Errors
/// When writing fails.
pub fn write_tests(reports: &[TestReport], tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "tests")?;
    reports.iter().try_for_each(|report| list.item(&TestView::new(report)))?;
    list.end_with("summary", tally)
}

impl<'a> TestView<'a> {
    fn new(report: &'a TestReport) -> Self {
        let status = match report.status() {
            TestStatus::Passed => Verdict::Passed.as_str(),
            TestStatus::Failed => Verdict::Failed.as_str(),
            TestStatus::Inconclusive => Verdict::Inconclusive.as_str(),
            TestStatus::Error => "error",
        };
        let view = |line: usize, column: usize, text: String, inconclusive: bool| DeviationView {
            line: line_of(line),
            column: line_of(line).map(|_| column),
            text,
            inconclusive,
        };
        let deviations = match &report.outcome {
            TestOutcome::Compared(comparison) => deviations(comparison)
                .into_iter()
                .map(|Deviation { line, column, text, is_unseen, .. }| view(line, column, text, is_unseen))
                .collect(),
            TestOutcome::Error { place, message } => {
                let place = place.unwrap_or_default();
                vec![view(place.line, place.column, message.clone(), false)]
            }
        };
        Self {
            name: &report.name,
            status,
            expectation: report.expectation.display().to_string(),
            recording: report.recording.as_ref().map(|path| path.display().to_string()),
            pods: report.pods,
            notes: &report.notes,
            deviations,
        }
    }
}
