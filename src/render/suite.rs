//! The results of `test`: a line a test, its differences, the count at the end; and annotations of GitHub.

use std::collections::BTreeMap;

use super::difference::{Layout, Sides, Still, comparison_text, difference_text, line_words, pair_name, versions_text};
use super::escape::plain;
use super::findings::{github, github_log};
use super::layout::{Width, wrap};
use super::style::Meaning;
use super::words::many;
use crate::compare::{Comparison, Outcome, PodComparison, Row, Verdict};
use crate::model::{PodIdentity, Seq};
use crate::replay::Subject;
use crate::report::{TestOutcome, TestReport, TestStatus};

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Nothing differs.
    pub passed: usize,
    /// Something differs.
    pub failed: usize,
    /// The recording cannot tell.
    pub inconclusive: usize,
    /// Could not be run.
    pub errors: usize,
}

impl Tally {
    /// Counts one more; under `--strict` an inconclusive test is a failed one.
    pub fn add(&mut self, status: TestStatus, is_strict: bool) {
        match status {
            TestStatus::Passed => self.passed += 1,
            TestStatus::Inconclusive if is_strict => self.failed += 1,
            TestStatus::Failed => self.failed += 1,
            TestStatus::Inconclusive => self.inconclusive += 1,
            TestStatus::Error => self.errors += 1,
        }
    }
}

/// `3 passed, 1 failed, 0 inconclusive`, with the errors if there are any, and with how many were not run.
#[must_use]
pub fn tally_text(tally: &Tally, not_run: usize) -> String {
    let Tally { passed, failed, inconclusive, errors } = *tally;
    let errors = match errors {
        0 => String::new(),
        1 => ", 1 error".to_owned(),
        errors => format!(", {errors} errors"),
    };
    let stopped = match not_run {
        0 => String::new(),
        not_run => format!("stopped at the first failure, {} not run\n", many(not_run, "test")),
    };
    format!("{stopped}{passed} passed, {failed} failed, {inconclusive} inconclusive{errors}\n")
}

/// How many lines around a difference are shown.
const CONTEXT: usize = 2;

/// The line of a test, and what differs.
#[must_use]
pub fn test_text(report: &TestReport, is_strict: bool, width: Width) -> String {
    let (word, meaning) = match report.status() {
        TestStatus::Passed => ("ok", Meaning::Good),
        TestStatus::Inconclusive if is_strict => ("FAILED", Meaning::Bad),
        TestStatus::Failed => ("FAILED", Meaning::Bad),
        TestStatus::Inconclusive => ("inconclusive", Meaning::Waiting),
        TestStatus::Error => ("ERROR", Meaning::Bad),
    };
    let word = format!("{}{:padding$}", meaning.paint(word), "", padding = 14_usize.saturating_sub(word.len()));
    match &report.outcome {
        TestOutcome::Error { message, .. } => {
            format!("{word}{}\n    {}\n", plain(&report.name), Meaning::Bad.paint(message))
        }
        TestOutcome::Compared(comparison) => {
            let facts = facts(report.pods, comparison);
            let line = format!("{word}{}{}\n", plain(&report.name), Meaning::Faint.paint(&format!("  {facts}")));
            let notes = report.notes.iter().map(|note| {
                let lines = wrap(&format!("    note: {}", plain(note)), width, "    note: ".len());
                Meaning::Waiting.paint_lines(&lines)
            });
            line + &notes.collect::<String>() + &differences_text(report, comparison, width)
        }
    }
}

fn facts(pods: usize, comparison: &Comparison) -> String {
    let lines: usize = comparison.pods.iter().map(|pod| pod.rows.len()).sum();
    let mut parts = vec![many(pods, "pod")];
    if lines > 0 {
        parts.push(many(lines, "line"));
    }
    if !comparison.claims.is_empty() {
        parts.push(many(comparison.claims.len(), "claim"));
    }
    parts.join(", ")
}

/// The line of a test whose golden part was written.
#[must_use]
pub fn blessed_text(name: &str, pods: usize, lines: usize, what: &str) -> String {
    let facts = format!("  {}, {}, {what}", many(pods, "pod"), many(lines, "line"));
    format!("{}       {}{}\n", Meaning::Good.paint("blessed"), plain(name), Meaning::Faint.paint(&facts))
}

/// What differs in one test, as `diff` prints it.
#[must_use]
pub fn differences_text(report: &TestReport, comparison: &Comparison, width: Width) -> String {
    let expected = report.expectation.display().to_string();
    let recorded = report.recording.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let layout = Layout {
        sides: Sides::Expectation,
        expected: &expected,
        recorded: &recorded,
        side_by_side: false,
        context: CONTEXT,
        width,
    };
    comparison_text(comparison, &layout)
}

/// One deviation: where in the expectation it is said, what is wrong, and whether the recording proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The line of the expectation; 0 if none says it.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What was expected and what is recorded.
    pub text: String,
    /// The recording cannot decide it.
    pub is_unseen: bool,
    /// Where in the recording it shows, if it is about a recorded pod.
    pub shows: Option<Shows>,
}

/// Where in a recording a deviation shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shows {
    /// At which pod.
    pub pod: PodIdentity,
    /// What it is about, if it is about one thing.
    pub subject: Option<Subject>,
    /// The event that shows it.
    pub seq: Option<Seq>,
    /// When it was expected, in microseconds since 1970, where no event shows it.
    pub at: Option<i64>,
}

/// Every deviation of a comparison, in words.
#[must_use]
pub fn deviations(comparison: &Comparison) -> Vec<Deviation> {
    let mut all = Vec::new();
    for pod in comparison.pods.iter().filter(|pod| pod.verdict() != Verdict::Passed) {
        pod_deviations(pod, &mut all);
    }
    for claim in &comparison.claims {
        let (what, is_unseen) = match &claim.outcome {
            Outcome::Holds => continue,
            Outcome::Fails(recorded) => (format!("recorded {recorded}"), false),
            Outcome::Unseen(why) => (format!("inconclusive: {why}"), true),
        };
        let pod = claim.pod.as_ref().map(|pod| format!("pod {}/{}: ", pod.namespace, pod.name)).unwrap_or_default();
        let text = format!("{pod}expected {}; {what}", claim.expected);
        let shows = claim.pod.clone().map(|pod| Shows { pod, subject: None, seq: None, at: None });
        all.push(Deviation { line: claim.place.line, column: claim.place.column, text, is_unseen, shows });
    }
    all
}

fn pod_deviations(pod: &PodComparison, all: &mut Vec<Deviation>) {
    let name = pair_name(pod);
    let mut push = |line: usize, column: usize, text: String, unseen: Option<&String>, row: Option<&Row>| {
        let line_of = |row: &Row| row.recorded.clone().or(row.expected.clone());
        let told = row.and_then(line_of);
        let shows = pod.recorded.clone().map(|identity| Shows {
            pod: identity,
            subject: told.as_ref().and_then(|told| told.subject.clone()),
            seq: told.as_ref().and_then(|told| told.seq),
            at: told.as_ref().and_then(|told| told.at.resolve(pod.created_at[0])),
        });
        let text = match unseen {
            Some(why) => format!("pod {name}: {text}; inconclusive: {why}"),
            None => format!("pod {name}: {text}"),
        };
        all.push(Deviation { line, column, text, is_unseen: unseen.is_some(), shows });
    };
    let (line, column) = (pod.place.line, pod.place.column);
    match (&pod.expected, &pod.recorded) {
        (Some(_), None) => {
            push(line, column, format!("expected and not recorded{}", versions_text(pod)), pod.unseen.as_ref(), None)
        }
        (None, _) => {
            push(line, column, format!("recorded and not expected{}", versions_text(pod)), pod.unseen.as_ref(), None)
        }
        (Some(_), Some(_)) => {}
    }
    for difference in &pod.differences {
        push(line, column, difference_text(difference, None, Still::Neither, Sides::Expectation), None, None);
    }
    let (seen, unseen): (Vec<&Row>, Vec<&Row>) =
        pod.rows.iter().filter(|row| !row.is_same()).partition(|row| row.unseen.is_none());
    for row in seen {
        let place = row.expected.as_ref().map(|line| line.place).unwrap_or_default();
        push(place.line, place.column, row_words(row), None, Some(row));
    }
    // Lines that nobody can decide for one reason are one deviation.
    let mut by_reason: BTreeMap<&String, Vec<&Row>> = BTreeMap::new();
    for row in unseen {
        if let Some(why) = &row.unseen {
            by_reason.entry(why).or_default().push(row);
        }
    }
    for (why, rows) in by_reason {
        let place = rows.iter().find_map(|row| row.expected.as_ref()).map(|line| line.place).unwrap_or_default();
        let first = rows.first().map(|row| row_words(row)).unwrap_or_default();
        let text = match rows.len() {
            1 => first,
            count => format!("{}, the first: {first}", many(count, "line")),
        };
        push(place.line, place.column, text, Some(why), rows.first().copied());
    }
}

/// What is wrong with one line.
fn row_words(row: &Row) -> String {
    let lone = match (&row.expected, &row.recorded) {
        (Some(expected), Some(_)) => line_words(expected),
        (Some(expected), None) => format!("{}, expected and not recorded", at_words(expected)),
        (None, Some(recorded)) => format!("{}, recorded and not expected", at_words(recorded)),
        (None, None) => String::new(),
    };
    let subject = row.recorded.as_ref().or(row.expected.as_ref()).and_then(|line| line.subject.as_ref());
    let still = Still::of(row);
    let texts =
        row.differences.iter().map(|difference| difference_text(difference, subject, still, Sides::Expectation));
    std::iter::once(lone).chain(texts).collect::<Vec<_>>().join("; ")
}

fn at_words(line: &crate::compare::Line) -> String {
    let version = line.version.as_ref().map(|version| format!(" (resourceVersion {version})")).unwrap_or_default();
    format!("{} at {}{version}", line_words(line), line.at)
}

/// More annotations of one test are not shown by GitHub anyway.
const ANNOTATIONS_MAX: usize = 10;

/// The line of a test, and what differs as workflow commands of GitHub Actions.
#[must_use]
pub fn test_github(report: &TestReport, is_strict: bool) -> String {
    let text = test_text(report, is_strict, Width::Unlimited);
    let mut out = github_log(text.lines().next().unwrap_or_default());
    out.push('\n');
    out.push_str(&annotations(report, is_strict));
    out
}

fn annotations(report: &TestReport, is_strict: bool) -> String {
    let path = report.expectation.display().to_string();
    let file = github_property(path.strip_prefix("./").unwrap_or(&path));
    let title = github_property(&format!("podreplay {}", report.name));
    let command = |is_unseen: bool| if is_unseen && !is_strict { "warning" } else { "error" };
    let line = |command: &str, line: usize, column: usize, text: &str| {
        let place = if line == 0 { String::new() } else { format!(",line={line},col={column}") };
        format!("::{command} file={file}{place},title={title}::{}\n", github(&plain(text)))
    };
    match &report.outcome {
        TestOutcome::Error { place, message } => {
            let place = place.unwrap_or_default();
            line("error", place.line, place.column, message)
        }
        TestOutcome::Compared(comparison) => {
            let deviations = deviations(comparison);
            let shown = deviations.iter().take(ANNOTATIONS_MAX);
            let mut out: String = shown.map(|it| line(command(it.is_unseen), it.line, it.column, &it.text)).collect();
            let rest = deviations.len().saturating_sub(ANNOTATIONS_MAX);
            if rest > 0 {
                out.push_str(&line("notice", 0, 0, &format!("and {rest} more deviations")));
            }
            out
        }
    }
}

/// A value in front of the `::`, where commas and colons end it.
fn github_property(text: &str) -> String {
    github(&plain(text)).replace(':', "%3A").replace(',', "%2C")
}
