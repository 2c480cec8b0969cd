//! What an ingest did, in numbers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::input::{Encoding, Format, Problem, ProblemKind};
use crate::model::ObservedAt;

/// What an ingest did.
#[derive(Debug, Default)]
pub struct IngestReport {
    /// The input.
    pub name: PathBuf,
    /// What it was read as.
    pub encoding: Option<Encoding>,
    /// What its first record is.
    pub format: Option<Format>,
    /// Unpacked bytes read.
    pub bytes: u64,
    /// Records appended.
    pub records: u64,
    /// Records that the log had already, from the same recording.
    pub records_known: u64,
    /// Pod events among the appended records that show a write not known before.
    pub events: u64,
    /// Pod events among the appended records that show a known write again.
    pub repeated: u64,
    /// Requests without the object that came of them, among the appended records.
    pub requests: u64,
    /// Requests about pods that were refused, among the appended records.
    pub refused: u64,
    /// Records that stand beside pods: Events about them, nodes.
    pub related: u64,
    /// Bookmarks, errors and bounds of lists among the appended records.
    pub markers: u64,
    /// The first and the last time at which a dump was being taken, among the appended records.
    pub taken: Option<(ObservedAt, ObservedAt)>,
    /// Pods not known before.
    pub pods: u64,
    /// Pods that the pod events among the appended records are of.
    pub pods_seen: u64,
    /// Objects of other kinds, passed over.
    pub skipped: BTreeMap<String, u64>,
    /// Its beginning names pods or audit events.
    pub names_pods: bool,
    /// The first problems.
    pub problems: Vec<Problem>,
    /// How many records had a problem.
    pub problem_count: u64,
    /// The input ended in the middle: of a record, or of its compression.
    pub truncated: Option<String>,
    /// The recording that it became or continued.
    pub recording: Option<i64>,
}

impl IngestReport {
    /// Whether anything of the input could not be taken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problem_count == 0 && self.truncated.is_none()
    }

    /// Whether it is of a known format, however damaged.
    #[must_use]
    pub fn is_of_known_format(&self) -> bool {
        let is_unrecognized = |problem: &Problem| problem.kind == ProblemKind::Unrecognized;
        let is_understood = self.problems.is_empty() || !self.problems.iter().all(is_unrecognized);
        self.format.is_some() || self.names_pods && is_understood
    }

    /// What was wrong with it first.
    #[must_use]
    pub fn first_trouble(&self) -> String {
        self.problems.first().map(ToString::to_string).or_else(|| self.truncated.clone()).unwrap_or_default()
    }

    /// Whether the log had all of it already.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.records == 0 && self.records_known > 0
    }
}

/// How many kinds a line lists.
const LISTED_MAX: usize = 5;

/// What an input holds that says nothing of pods, by what was passed over in it.
#[must_use]
pub fn holdings(skipped: &BTreeMap<String, u64>) -> String {
    let count: u64 = skipped.values().sum();
    if skipped.is_empty() {
        return "empty".to_owned();
    }
    if skipped.keys().all(|kind| kind.starts_with("audit events") || kind.starts_with("deletions of collections")) {
        let events = if count == 1 { "1 event" } else { &format!("{count} events") };
        return format!("audit log of {events}, none writes a pod; the policy of this cluster may leave them out");
    }
    let mut kinds: Vec<(&String, &u64)> = skipped.iter().collect();
    kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(**count), *kind));
    let mut listed: Vec<String> =
        kinds.iter().take(LISTED_MAX).map(|(kind, count)| format!("{count} {kind}")).collect();
    if kinds.len() > LISTED_MAX {
        listed.push(format!("{} more kinds", kinds.len() - LISTED_MAX));
    }
    listed.join(", ")
}
