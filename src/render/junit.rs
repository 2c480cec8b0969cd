//! The results of `test` as a JUnit report, in the form on which the schemas in use agree: that of Ant, of Jenkins and of
//! its xunit plugin; only Ant's knows no `skipped`. No clock is read: every time is 0, and the report is of 1970.

use super::escape::plain;
use super::layout::Width;
use super::suite::{Deviation, Tally, deviations, differences_text};
use crate::report::{TestOutcome, TestReport, TestStatus};

/// The report of all tests. Inconclusive tests are skipped ones, or failures under `--strict`.
#[must_use]
pub fn junit(reports: &[TestReport], is_strict: bool) -> String {
    let mut tally = Tally::default();
    reports.iter().for_each(|report| tally.add(report.status(), is_strict));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\
         <testsuite id=\"0\" name=\"podreplay\" package=\"podreplay\" hostname=\"localhost\" \
         timestamp=\"1970-01-01T00:00:00\" time=\"0\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n\
         <properties><property name=\"podreplay.version\" value=\"{}\"/></properties>\n",
        reports.len(),
        tally.failed,
        tally.errors,
        env!("CARGO_PKG_VERSION"),
    );
    reports.iter().for_each(|report| case(report, is_strict, &mut out));
    out.push_str("<system-out/>\n<system-err/>\n</testsuite>\n</testsuites>\n");
    out
}

fn case(report: &TestReport, is_strict: bool, out: &mut String) {
    let (folder, name) = folder_and_name(&report.name);
    let head = format!("<testcase name=\"{}\" classname=\"{}\" time=\"0\"", xml(&plain(name)), xml(&plain(folder)));
    let (element, kind, deviations) = match (&report.outcome, report.status()) {
        (TestOutcome::Error { message, .. }, _) => {
            let message = plain(message);
            out.push_str(&format!("{head}>\n<error type=\"error\" message=\"{0}\">{0}</error>\n", xml(&message)));
            out.push_str("</testcase>\n");
            return;
        }
        (TestOutcome::Compared(_), TestStatus::Passed | TestStatus::Error) => {
            out.push_str(&format!("{head}/>\n"));
            return;
        }
        (TestOutcome::Compared(comparison), TestStatus::Inconclusive) if !is_strict => {
            ("skipped", None, deviations(comparison))
        }
        (TestOutcome::Compared(comparison), TestStatus::Inconclusive | TestStatus::Failed) => {
            let text = differences_text(report, comparison, Width::Unlimited);
            ("failure", Some(anstream::adapter::strip_str(&text).to_string()), deviations(comparison))
        }
    };
    let message = first_of(&deviations);
    match kind {
        None => out.push_str(&format!("{head}>\n<skipped>{}</skipped>\n</testcase>\n", xml(&message))),
        Some(text) => out.push_str(&format!(
            "{head}>\n<{element} type=\"difference\" message=\"{}\">{}</{element}>\n</testcase>\n",
            xml(&message),
            xml(&text)
        )),
    }
}

/// `recordings/oom` is `oom` of `recordings`, with or without a slash at the end; neither is ever empty.
fn folder_and_name(path: &str) -> (&str, &str) {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => ("podreplay", path),
    }
}

/// The first that the recording proves, and how many there are beside it.
fn first_of(deviations: &[Deviation]) -> String {
    let first = deviations.iter().find(|deviation| !deviation.is_unseen).or(deviations.first());
    let text = first.map(|deviation| plain(&deviation.text)).unwrap_or_default();
    match deviations.len().saturating_sub(1) {
        0 => text,
        rest => format!("{text} (and {rest} more)"),
    }
}

/// Text within an element or an attribute. What XML cannot hold is spelled out already, but for line breaks and tabs.
fn xml(text: &str) -> String {
    let lawful = |letter: char| match letter {
        '\n' | '\t' => letter,
        letter if super::escape::is_dangerous(letter) => '\u{fffd}',
        letter => letter,
    };
    super::escape::markup(&text.chars().map(lawful).collect::<String>())
}
