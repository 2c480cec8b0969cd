//! What a comparison has found: plain values, nothing left to compute.

use crate::model::{ObservedAt, PodIdentity, ResourceVersion, StampedAt};

use super::expectation::{Line, Place};

/// How strictly golden pods are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// An expectation against the recording it was made for: everything, times from the creation.
    Strict,
    /// One run against another: what happened and how long each step took. Versions, messages, addresses and the names of
    /// nodes are different in every run.
    Runs,
}

/// Two lines side by side.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which line of the expected golden pod it is, counted from 0.
    pub index: Option<usize>,
    /// The line that is expected; `None` if the recorded one is extra.
    pub expected: Option<Line>,
    /// The line that is recorded; `None` if it is missing.
    pub recorded: Option<Line>,
    /// In what they differ; of a line that stands alone, in what it differs from what the other side has of its subject then.
    pub differences: Vec<FieldDifference>,
    /// Why the recording cannot decide it, if it cannot.
    pub unseen: Option<String>,
}

impl Row {
    /// Both are there and nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.expected.is_some() && self.recorded.is_some() && self.differences.is_empty()
    }
}

/// One thing in which two lines differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// What.
    pub field: Field,
    /// What is expected; `None` for nothing.
    pub expected: Option<String>,
    /// What is recorded; `None` for nothing.
    pub recorded: Option<String>,
}

/// What lines may differ in, what matters most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// When the pod was created.
    Created,
    /// The value.
    To,
    /// The value before.
    From,
    /// The reason.
    Reason,
    /// The time that the cluster stamped on it.
    Stamped,
    /// When it was observed.
    At,
    /// How long after the line before.
    Took,
    /// The restart count.
    Restarts,
    /// The message.
    Message,
    /// Whether an event shows it.
    Inferred,
    /// The version that shows it.
    Version,
}

impl Field {
    /// The key in an expectation and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::At => "at",
            Self::Took => "took",
            Self::Stamped => "stamped",
            Self::From => "from",
            Self::To => "to",
            Self::Reason => "reason",
            Self::Message => "message",
            Self::Restarts => "restarts",
            Self::Inferred => "inferred",
            Self::Version => "version",
        }
    }
}

impl FieldDifference {
    /// Of two points in time, in microseconds since 1970.
    #[must_use]
    pub fn of_times(field: Field, expected: Option<i64>, recorded: Option<i64>) -> Self {
        let text = |micros: Option<i64>| micros.map(|micros| ObservedAt::from_micros(micros).to_string());
        Self { field, expected: text(expected), recorded: text(recorded) }
    }

    /// Of two lengths, in microseconds.
    #[must_use]
    pub fn of_durations(expected: i64, recorded: i64) -> Self {
        let [expected, recorded] = [expected, recorded].map(crate::model::time::duration_text);
        Self { field: Field::Took, expected: Some(expected), recorded: Some(recorded) }
    }
}

/// Two pods side by side.
#[derive(Debug, Clone)]
pub struct PodComparison {
    /// Where the expected one stands, if in a file.
    pub place: Place,
    /// How the expected one is called; `None` if no such pod is expected.
    pub expected: Option<PodName>,
    /// The recorded one; `None` if it is missing.
    pub recorded: Option<PodIdentity>,
    /// When the one and the other were created.
    pub created_at: [Option<StampedAt>; 2],
    /// How they were compared.
    pub manner: Manner,
    /// What differs about the pod itself.
    pub differences: Vec<FieldDifference>,
    /// The first and the last version of the one that is there alone.
    pub versions: Option<[ResourceVersion; 2]>,
    /// Why the recording cannot decide whether the pod was there, if it cannot.
    pub unseen: Option<String>,
    /// Line by line.
    pub rows: Vec<Row>,
}

/// How an expectation calls a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid, if that is expected.
    pub uid: Option<String>,
    /// The how-manieth of its name, if that is expected.
    pub incarnation: Option<usize>,
}

/// What became of one claim about one pod, or about all of them.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Where it stands.
    pub place: Place,
    /// The pod; `None` for a claim about all.
    pub pod: Option<PodIdentity>,
    /// What is claimed.
    pub expected: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Whether a claim holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Holds,
    /// It does not; what is recorded instead.
    Fails(String),
    /// The recording cannot tell, and why.
    Unseen(String),
}

/// Everything that a comparison has found.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Pods line by line.
    pub pods: Vec<PodComparison>,
    /// Claims one by one.
    pub claims: Vec<Judged>,
}

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing differs.
    Passed,
    /// Something differs, or may, where the recording tells nothing.
    Inconclusive,
    /// The recording shows a difference.
    Failed,
}

impl Verdict {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "failed",
        }
    }
}

impl PodComparison {
    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let of = |is_same: bool, unseen: &Option<String>| match (is_same, unseen) {
            (true, _) => Verdict::Passed,
            (false, Some(_)) => Verdict::Inconclusive,
            (false, None) => Verdict::Failed,
        };
        let is_there = self.expected.is_some() && self.recorded.is_some();
        let own = of(is_there && self.differences.is_empty(), &self.unseen);
        if !is_there {
            return own;
        }
        self.rows.iter().map(|row| of(row.is_same(), &row.unseen)).fold(own, Ord::max)
    }
}

impl Comparison {
    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let claims = self.claims.iter().map(|claim| match claim.outcome {
            Outcome::Holds => Verdict::Passed,
            Outcome::Fails(_) => Verdict::Failed,
            Outcome::Unseen(_) => Verdict::Inconclusive,
        });
        let pods = self.pods.iter().map(PodComparison::verdict);
        pods.chain(claims).max().unwrap_or(Verdict::Passed)
    }
}
