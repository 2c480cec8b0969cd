//! `podreplay test`

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use podreplay::incident::Incident;
use podreplay::input::folder::{EXPECTATION, TestFolder};
use podreplay::model::ObservedAt;
use podreplay::model::shell::quoted;
use podreplay::ops::incident::{Asked, Objects, incident};
use podreplay::ops::story::Scope;
use podreplay::ops::suite::{Given, Renewal, SuiteError, find, read_expectation, read_together, renewal, run, run_all};
use podreplay::render::difference::{Layout, Sides, comparison_text};
use podreplay::render::golden::expectation_text;
use podreplay::render::html;
use podreplay::render::json::write_tests;
use podreplay::render::junit::junit;
use podreplay::render::style::Meaning;
use podreplay::render::suite::{Tally, blessed_text, tally_text, test_github, test_text};
use podreplay::report::{TestReport, TestStatus};
use podreplay::timeline::TimeRange;

use super::args::{ByRelease, WithSecrets, parse_time};
use super::failure::{Failure, Kind};
use super::output::{Output, Syntax};
use super::written::{replace, write};

/// Run captured incidents as tests.
///
/// A test is a folder with an expect.yaml and its recordings, which are read together. --bless creates that file from what happened; you add what should
/// have happened (docs/expectations.md). If the recording does not show enough to decide, the test is inconclusive and does
/// not fail. Exit code 1 if a test failed, 3 if one could not run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folders to search for tests, at any depth.
    #[arg(value_name = "DIR", default_value = "recordings")]
    folders: Vec<PathBuf>,
    /// Only tests whose path contains this text.
    #[arg(short = 'k', long = "keep", value_name = "PATTERN")]
    pattern: Option<String>,
    /// Create or update the `golden` part of expect.yaml from what happened; assertions and comments stay.
    #[arg(long, conflicts_with_all = ["junit", "report", "format", "list", "fail_fast"])]
    bless: bool,
    /// Stop after the first test that fails or cannot run.
    #[arg(long)]
    fail_fast: bool,
    /// List the tests without running them.
    #[arg(long)]
    list: bool,
    /// Fail inconclusive tests.
    #[arg(long)]
    strict: bool,
    /// Write a JUnit report to this file.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write an HTML report of each failed test to this folder.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    #[command(flatten)]
    release: ByRelease,
    /// When the recordings began (KWOK), or when kubectl printed their text (RFC 3339); instead of `baseTime` in expect.yaml.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    base_time: Option<ObservedAt>,
    #[command(flatten)]
    secrets: WithSecrets,
    /// The output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
    /// How many tests run in parallel; one per core by default. The output stays the same.
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// Print the JSON Schema of expect.yaml for editors.
    #[arg(long, exclusive = true)]
    schema: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One line per test, and GitHub Actions annotations.
    Github,
}

impl Arguments {
    fn given(&self) -> Given {
        let (kubernetes, secrets) = (self.release.kubernetes, self.secrets.secrets());
        Given { kubernetes, base_time: self.base_time, secrets }
    }
}

const SCHEMA: &str = include_str!("../../docs/expect.schema.json");

pub(crate) fn run_command(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if arguments.schema {
        output.text(SCHEMA)?;
        return Ok(ExitCode::SUCCESS);
    }
    arguments.release.tell_unmeasured(output);
    let mut folders = find(&arguments.folders)?;
    let is_kept = |name: &str| arguments.pattern.as_ref().is_none_or(|pattern| name.contains(pattern.as_str()));
    folders.retain(|folder| is_kept(&folder.path.to_string_lossy()));
    if arguments.bless {
        return bless(arguments, &folders, output);
    }
    let recordings = folders.len();
    folders.retain(|folder| folder.has_expectation);
    if folders.is_empty() {
        return Err(nothing_found(arguments, recordings));
    }
    if arguments.list {
        for folder in &folders {
            output.text(&format!("{}\n", podreplay::render::escape::plain(&folder.path.to_string_lossy())))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    test(arguments, &folders, output)
}

fn nothing_found(arguments: &Arguments, recordings: usize) -> Failure {
    let named: Vec<String> = arguments.folders.iter().map(|folder| quoted(&folder.display().to_string())).collect();
    let pattern = arguments.pattern.as_ref().map(|pattern| format!(" whose name has '{pattern}'")).unwrap_or_default();
    let failure = Failure::new(Kind::Usage, format!("no test{pattern} in {}", named.join(", ")));
    match recordings {
        0 => failure
            .hint("a test is a folder with a recording and an expect.yaml; put a capture into a folder of its own"),
        _ => failure
            .hint(format!("there are recordings without an expectation: podreplay test --bless {}", named.join(" "))),
    }
}

fn test(arguments: &Arguments, folders: &[TestFolder], output: &mut Output) -> Result<ExitCode, Failure> {
    let threads = match arguments.jobs {
        Some(jobs) => jobs,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    if let Some(path) = &arguments.junit {
        refuse_a_file_of_a_test(path, folders)?;
    }
    let is_strict = arguments.strict;
    let fails = |report: &TestReport| match report.status() {
        TestStatus::Passed => false,
        TestStatus::Failed | TestStatus::Error => true,
        TestStatus::Inconclusive => is_strict,
    };
    let mut tally = Tally::default();
    let mut reports: Vec<TestReport> = Vec::new();
    let mut lost: Option<Failure> = None;
    run_all(folders, threads, arguments.given(), |report| {
        tally.add(report.status(), is_strict);
        if let Err(failure) = tell(&report, arguments, output) {
            lost = Some(failure);
            return false;
        }
        let goes_on = !(arguments.fail_fast && fails(&report));
        reports.push(report);
        goes_on
    });
    if let Some(failure) = lost {
        return Err(failure);
    }
    if let Some(path) = &arguments.junit {
        write(path, &junit(&reports, is_strict))?;
    }
    if let Some(folder) = &arguments.report {
        write_reports(folder, reports.iter().filter(|report| fails(report)), arguments, output)?;
    }
    match arguments.format {
        Form::Json => output.program(Syntax::Json, |out| write_tests(&reports, &tally, out))?,
        Form::Text | Form::Github => output.text(&tally_text(&tally, folders.len() - reports.len()))?,
    }
    Ok(match (tally.failed, tally.errors) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => Kind::BadInput.exit_code(),
        (_, _) => Kind::Differs.exit_code(),
    })
}

/// Writes an HTML report of each test, named after its folder. Of one that could not be run there is nothing to be drawn.
fn write_reports<'a>(
    folder: &Path,
    reports: impl Iterator<Item = &'a TestReport>,
    arguments: &Arguments,
    output: &Output,
) -> Result<(), Failure> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for report in reports {
        let Some(recording) = &report.recording else { continue };
        fs::create_dir_all(folder).map_err(|error| {
            Failure::new(Kind::Store, format!("cannot create {}: {error}", folder.display()))
                .hint("set an existing folder with --report, or one that can be created")
        })?;
        let path = folder.join(file_name(&report.name, &mut taken));
        let incident = incident_of(recording, report.clone(), arguments.given())?;
        let title = html::file_name(&report.name);
        write(&path, &html::page(&incident, Some(&title), arguments.secrets.secrets()))?;
        output.complain(&format!("drawn: {}", path.display()));
    }
    Ok(())
}

/// All that happened in the recording of a test.
fn incident_of(
    recording: &Path,
    report: TestReport,
    Given { kubernetes: version, base_time, secrets }: Given,
) -> Result<Incident, Failure> {
    let of_test = || read_expectation(&report.expectation).ok().and_then(|(_, expectation)| expectation.base_time);
    let (log, _) = read_together(recording, base_time.or_else(of_test))?;
    let asked =
        Asked { frame: TimeRange::ALWAYS, version, objects: Objects::Changes, secrets, scope: Scope::Namespaces };
    let rows = log.reader().all_pods()?;
    Ok(incident(&log, rows, &asked, Some(report))?)
}

/// The name of a report: of a test's path what every file system takes, and a number where that is not enough to tell two
/// apart.
fn file_name(test: &str, taken: &mut BTreeSet<String>) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let plain: String = test.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
    let plain = plain.trim_matches(['-', '.']);
    let stem =
        plain.get(plain.len().saturating_sub(NAME_BYTES_MAX)..).filter(|stem| !stem.is_empty()).unwrap_or("test");
    let mut name = format!("{stem}.html");
    let mut number = 1;
    while !taken.insert(name.to_lowercase()) {
        number += 1;
        name = format!("{stem}-{number}.html");
    }
    name
}

/// File systems take names of 255 bytes.
const NAME_BYTES_MAX: usize = 200;

fn tell(report: &TestReport, arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    match arguments.format {
        Form::Text => {
            output.text(&test_text(report, arguments.strict, output.width()))?;
            output.flush()
        }
        Form::Github => output.commands(&test_github(report, arguments.strict)),
        Form::Json => Ok(()),
    }
}

fn bless(arguments: &Arguments, folders: &[TestFolder], output: &mut Output) -> Result<ExitCode, Failure> {
    if folders.is_empty() {
        return Err(nothing_found(arguments, 0));
    }
    let (mut failed, mut errors) = (0, 0);
    for folder in folders {
        let renewed = renewal(folder, arguments.given()).map_err(Failure::from);
        let blessed = renewed.and_then(|renewal| bless_one(folder, &renewal, arguments, output));
        match blessed {
            Ok(true) => {}
            Ok(false) => failed += 1,
            Err(Failure::ClosedPipe) => return Err(Failure::ClosedPipe),
            Err(failure) => {
                let name = Meaning::Plain.paint(&folder.path.display().to_string());
                output.text(&format!("{}         {name}\n", Meaning::Bad.paint("ERROR")))?;
                output.flush()?;
                output.fail(failure);
                errors += 1;
            }
        }
    }
    Ok(match (failed, errors) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => Kind::BadInput.exit_code(),
        (_, _) => Kind::Differs.exit_code(),
    })
}

/// Whether the test passes now.
fn bless_one(
    folder: &TestFolder,
    renewal: &Renewal,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<bool, Failure> {
    let path = folder.expectation();
    let old = renewal.old.as_ref().map(|(text, layout)| (text.as_str(), layout.as_ref()));
    let text = expectation_text(old, &renewal.pods);
    let is_changed = old.is_none_or(|(old, _)| old != text);
    if is_changed {
        renewal.check(&path, &text)?;
        replace(&path, &text)?;
    }
    let what = match old {
        None => "new",
        Some((_, None)) => "golden part added",
        Some((_, Some(_))) if is_changed => "renewed",
        Some((_, Some(_))) => "unchanged",
    };
    output.text(&blessed_text(&folder.path.display().to_string(), renewal.pods.len(), renewal.lines, what))?;
    let layout = Layout {
        sides: Sides::Expectation,
        expected: "before",
        recorded: "now",
        side_by_side: false,
        context: 1,
        width: output.width(),
    };
    output.text(&comparison_text(&renewal.changes, &layout))?;
    let folder = TestFolder { has_expectation: true, ..folder.clone() };
    let report = run(&folder, arguments.given());
    let is_fine = matches!(report.status(), TestStatus::Passed | TestStatus::Inconclusive);
    if !is_fine || !report.notes.is_empty() {
        output.text(&test_text(&report, false, output.width()))?;
    }
    Ok(is_fine)
}

/// A report must not take the place of what it reports on.
fn refuse_a_file_of_a_test(path: &Path, folders: &[TestFolder]) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        return Err(Failure::new(Kind::Usage, "the JUnit report goes to a file; expected a name, not -"));
    }
    let Ok(real) = fs::canonicalize(path) else { return Ok(()) };
    let is_of = |folder: &TestFolder| {
        let recordings = folder.recordings.iter().map(String::as_str);
        recordings.chain([EXPECTATION]).any(|name| folder.real.join(name) == real)
    };
    match folders.iter().any(is_of) {
        true => Err(Failure::new(Kind::Usage, format!("{} belongs to a test; expected another file", path.display()))),
        false => Ok(()),
    }
}

impl From<SuiteError> for Failure {
    fn from(error: SuiteError) -> Self {
        match error {
            SuiteError::Ingest(error) => error.into(),
            SuiteError::Read(error) => error.into(),
            SuiteError::Source(error) => Self::new(Kind::BadInput, error.to_string())
                .hint("set the folder with the recordings: podreplay test DIR"),
            SuiteError::Expectation { .. } => Self::new(Kind::BadInput, error.to_string())
                .hint("docs/expectations.md says what an expect.yaml may hold"),
            SuiteError::NoRecording { .. }
            | SuiteError::Closed(_)
            | SuiteError::NoFile { .. }
            | SuiteError::Unreadable { .. }
            | SuiteError::NothingExpected { .. }
            | SuiteError::NotRenewed { .. } => Self::new(Kind::BadInput, error.to_string()),
        }
    }
}
