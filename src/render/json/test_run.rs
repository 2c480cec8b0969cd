//! The document of `test`.

use std::io::{self, Write};

use super::comparison::line_of;
use super::parts::object;
use super::write::ListWriter;
use crate::compare::Verdict;
use crate::render::suite::{Deviation, Tally, deviations};
use crate::report::{TestOutcome, TestReport, TestStatus};

object!(TestReport, it => {
    "name": it.name,
    "status": status(it),
    "expectation": it.expectation.to_string_lossy(),
    "recording": it.recording.as_ref().map(|path| path.to_string_lossy()),
    "pods": it.pods,
    "notes": it.notes,
    "deviations": all_deviations(it),
});

object!(Deviation, it => {
    "line": line_of(it.line),
    "column": line_of(it.line).map(|_| it.column),
    "text": it.text,
    "inconclusive": it.is_unseen,
});

object!(Tally, it => {
    "passed": it.passed,
    "failed": it.failed,
    "inconclusive": it.inconclusive,
    "errors": it.errors,
});

fn status(report: &TestReport) -> &'static str {
    match report.status() {
        TestStatus::Passed => Verdict::Passed.as_str(),
        TestStatus::Failed => Verdict::Failed.as_str(),
        TestStatus::Inconclusive => Verdict::Inconclusive.as_str(),
        TestStatus::Error => "error",
    }
}

fn all_deviations(report: &TestReport) -> Vec<Deviation> {
    match &report.outcome {
        TestOutcome::Compared(comparison) => deviations(comparison),
        TestOutcome::Error { place, message } => {
            let (place, text) = (place.unwrap_or_default(), message.clone());
            vec![Deviation { line: place.line, column: place.column, text, is_unseen: false, shows: None }]
        }
    }
}

/// Writes the results of tests, and how many ended how.
///
/// # Errors
/// When writing fails.
pub fn write_tests(reports: &[TestReport], tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "tests")?;
    reports.iter().try_for_each(|report| list.item(report))?;
    list.end_with("summary", tally)
}
