//! Assertions on captures in Rust tests: the same expectations as `podreplay test`, from `cargo test`.
//!
//! ```
//! use podreplay::testing::Recording;
//!
//! let recording = Recording::read("recordings/oom/watch.jsonl.zst")?;
//! recording.assert(
//!     "version: 1
//! pods:
//! - pod: oom-always
//!   expect:
//!   - eventually: {condition: Ready, status: 'True'}
//!     within: 30s
//!   - restarts: {container: app, exitCode: 137, reason: OOMKilled}
//!     atLeast: 3
//! ",
//! );
//! recording.assert_file("recordings/oom/expect.yaml");
//! # Ok::<(), podreplay::testing::TestingError>(())
//! ```
//!
//! What docs/expectations.md says of the format holds here too. A file that cannot be read and an expectation that is not
//! what it should be are told with their place.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::compare::{Comparison, Expectation, Incomplete, Recorded, Verdict, compare};
use crate::input::Source;
use crate::input::expectation::read;
use crate::ops::recorded::{Findings, read_source, recorded};
use crate::ops::suite::read_expectation;
use crate::redact::Secrets;
use crate::render::difference::{Layout, Sides, comparison_text};
use crate::render::layout::Width;
use crate::store::Log;

pub use crate::ops::suite::SuiteError as TestingError;

/// A capture, ready to be held against expectations.
pub struct Recording {
    name: String,
    log: Log,
    incomplete: Incomplete,
}

/// How many lines around a difference a report shows.
const CONTEXT: usize = 3;
/// What an expectation that is no file is called in reports.
const INLINE: &str = "expectation";

impl Recording {
    /// Reads a capture of any format that podreplay knows, plain or packed.
    ///
    /// # Errors
    /// When the file cannot be read or is of no known format. Records that cannot be read are passed over; what they would
    /// have told makes a verdict inconclusive.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, TestingError> {
        Self::of_source(Source::open(file.as_ref())?)
    }

    /// Reads a capture from memory or from a pipe; `name` is what reports call it.
    ///
    /// # Errors
    /// As `read`.
    pub fn from_reader(name: &str, reader: impl Read + Send + 'static) -> Result<Self, TestingError> {
        Self::of_source(Source::of_reader(Path::new(name), Box::new(reader))?)
    }

    fn of_source(source: Source) -> Result<Self, TestingError> {
        let name = source.name.display().to_string();
        let (log, report) = read_source(source, None)?;
        Ok(Self { name, log, incomplete: report.incomplete() })
    }

    /// Its pods with their timelines, for assertions of your own.
    ///
    /// # Errors
    /// When a record cannot be unpacked again.
    pub fn recorded(&self) -> Result<Recorded, TestingError> {
        self.gather(&Expectation::default())
    }

    fn gather(&self, expectation: &Expectation) -> Result<Recorded, TestingError> {
        let rows = self.log.reader().all_pods().map_err(crate::ops::IngestError::from)?;
        let findings = Findings::wanted_by(expectation);
        Ok(recorded(&self.log, rows, findings, expectation.kubernetes, self.incomplete.clone())?)
    }

    /// Holds it against the text of an expectation.
    ///
    /// # Errors
    /// When the text is no expectation.
    pub fn compare(&self, expectation: &str) -> Result<Comparison, TestingError> {
        let path = PathBuf::from(INLINE);
        let expectation = read(expectation).map_err(|wrong| TestingError::Expectation { path, wrong })?;
        self.held_against(&expectation)
    }

    fn held_against(&self, expectation: &Expectation) -> Result<Comparison, TestingError> {
        Ok(compare(expectation, &self.gather(expectation)?))
    }

    /// Holds it against the text of an expectation.
    ///
    /// # Panics
    /// With a diff when something differs, and when the recording cannot tell: a test that cannot decide proves nothing.
    /// With the place when the text is no expectation.
    #[track_caller]
    pub fn assert(&self, expectation: &str) {
        let comparison = self.compare(expectation).unwrap_or_else(|error| panic!("{error}"));
        self.assert_passed(&comparison, INLINE);
    }

    /// Holds it against an `expect.yaml`.
    ///
    /// # Panics
    /// As `assert`, and when the file cannot be read.
    #[track_caller]
    pub fn assert_file(&self, file: impl AsRef<Path>) {
        let file = file.as_ref();
        let comparison = read_expectation(file).and_then(|(_, expectation)| self.held_against(&expectation));
        let comparison = comparison.unwrap_or_else(|error| panic!("{error}"));
        self.assert_passed(&comparison, &file.display().to_string());
    }

    #[track_caller]
    fn assert_passed(&self, comparison: &Comparison, expected: &str) {
        let verdict = comparison.verdict();
        let text = self.text(comparison, expected);
        assert!(
            verdict == Verdict::Passed,
            "{} does not show what is expected ({}):\n{text}",
            self.name,
            verdict.as_str()
        );
    }

    /// A comparison as `podreplay diff` prints it, without colours; nothing if nothing differs. `expected` is what the
    /// expectation is called.
    #[must_use]
    pub fn text(&self, comparison: &Comparison, expected: &str) -> String {
        let layout = Layout {
            sides: Sides::Expectation,
            expected,
            recorded: &self.name,
            side_by_side: false,
            context: CONTEXT,
            width: Width::Unlimited,
        };
        anstream::adapter::strip_str(&comparison_text(&comparison.clone().shown(Secrets::Hidden), &layout)).to_string()
    }
}
