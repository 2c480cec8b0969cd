//! What should happen, as a person or an earlier run wrote it down. `input/` reads it, `render/` writes it.

use std::fmt;

use crate::kubelet::KubernetesVersion;
use crate::model::time::SECOND_US;
use crate::model::{ConditionStatus, ObservedAt, ResourceVersion, Seq, StampedAt};
use crate::replay::{Lifecycle, PodField, Subject};
use crate::rules::Rule;
use crate::select::{LabelSelector, OwnerPattern, Pattern};

/// Where something stands in the file that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// Everything that is expected of a recording.
#[derive(Debug, Default)]
pub struct Expectation {
    /// The file beside it that holds the recording, where it is named.
    pub recording: Option<(Place, String)>,
    /// The release whose rules judge it; inferred from the pods if not given.
    pub kubernetes: Option<KubernetesVersion>,
    /// When the recordings were made, where their times are relative.
    pub base_time: Option<ObservedAt>,
    /// How far times may be apart, in microseconds.
    pub tolerance: Tolerance,
    /// Where it says that no pods but those it names may appear.
    pub no_other_pods: Option<Place>,
    /// What a person expects of some pods.
    pub pods: Vec<PodExpectation>,
    /// The findings of `check` that are expected, with where the list begins; any other fails. Not looked at if not given.
    pub findings: Option<(Place, Vec<FindingExpectation>)>,
    /// Every transition of every pod, as it was once recorded.
    pub golden: Option<Vec<GoldenPod>>,
}

impl Expectation {
    /// Whether it says nothing of any recording.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.golden.is_none() && self.findings.is_none() && self.no_other_pods.is_none() && self.pods.is_empty()
    }

    /// What a person has written, without the places: two files with the same say the same.
    #[must_use]
    pub fn spoken(&self) -> Vec<String> {
        let mut all =
            vec![format!("{:?}", (&self.kubernetes, self.base_time, self.tolerance, self.no_other_pods.is_some()))];
        all.extend(self.recording.iter().map(|(_, name)| name.clone()));
        for entry in &self.pods {
            all.push(format!("{} {:?}", entry.selector, entry.count));
            all.extend(entry.assertions.iter().map(ToString::to_string));
        }
        if let Some((_, findings)) = &self.findings {
            all.push("findings".to_owned());
            all.extend(findings.iter().map(|entry| format!("{} {}", entry.rule.id, entry.selector)));
        }
        all
    }
}

/// How far apart two times may be that count as the same, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance(pub i64);

impl Default for Tolerance {
    /// The grain of nearly all times in a pod.
    fn default() -> Self {
        Self(SECOND_US)
    }
}

/// Which pods are meant. All that is given must fit.
#[derive(Debug, Clone, Default)]
pub struct PodSelector {
    /// Name, namespace and uid, as on the command line.
    pub pod: Option<Pattern>,
    /// The namespace.
    pub namespace: Option<String>,
    /// What owns them.
    pub owner: Option<OwnerPattern>,
    /// Labels of the newest object.
    pub labels: Option<(String, LabelSelector)>,
    /// The how-manieth pod of its name, from 1 in the order of creation.
    pub incarnation: Option<usize>,
}

/// What is expected of the pods of one selection.
#[derive(Debug, Default)]
pub struct PodExpectation {
    /// Where it stands.
    pub place: Place,
    /// Which pods.
    pub selector: PodSelector,
    /// How many pods there must be. At least one if not given.
    pub count: Option<Count>,
    /// What each of them must show.
    pub assertions: Vec<Assertion>,
}

/// How many of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Not fewer.
    pub at_least: Option<i64>,
    /// Not more.
    pub at_most: Option<i64>,
}

impl Count {
    /// Whether so many are right.
    #[must_use]
    pub fn admits(self, count: i64) -> bool {
        self.at_least.is_none_or(|least| count >= least) && self.at_most.is_none_or(|most| count <= most)
    }
}

/// One thing that a person expects of a pod.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// Where it stands.
    pub place: Place,
    /// What it claims.
    pub claim: Claim,
    /// Only what comes after this first held.
    pub after: Option<What>,
    /// Within this time of the creation, or of what `after` names, in microseconds.
    pub within_us: Option<i64>,
    /// For at least, or with `never` for more than this long, in microseconds.
    pub for_us: Option<i64>,
}

/// The verbs of assertions.
#[derive(Debug, Clone)]
pub enum Claim {
    /// It holds at some time.
    Eventually(What),
    /// It holds at no time.
    Never(What),
    /// It holds at the end of the recording.
    Finally(What),
    /// These hold, one after the other; others may come between.
    Order(Vec<What>),
    /// A subject takes exactly these values, one after the other.
    Sequence(SequenceOf, Vec<Text>),
    /// It begins to hold so often.
    Times(What, Count),
    /// A container is restarted so often, each of its runs but the last ending with this code and reason.
    Restarts {
        /// Which container.
        container: String,
        /// How often.
        count: Count,
        /// With which exit code each time.
        exit_code: Option<i64>,
        /// With which reason each time.
        reason: Option<Text>,
    },
}

/// Whose values a sequence lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SequenceOf {
    /// The phase.
    Phase,
    /// The status of the condition of this type.
    Condition(String),
    /// The states of the container of this name, as `timeline` prints them.
    Container(String),
    /// The column STATUS of `kubectl get pods`.
    StatusColumn,
}

/// A state of one thing about a pod, that may hold or not.
#[derive(Debug, Clone)]
pub struct What {
    /// Where it stands.
    pub place: Place,
    /// What it is about, and the value.
    pub thing: Thing,
    /// The reason that comes with the value.
    pub reason: Option<Text>,
    /// The message that comes with the value.
    pub message: Option<Text>,
}

/// What a state is about.
#[derive(Debug, Clone)]
pub enum Thing {
    /// The pod's life: created, deleting, deleted.
    Lifecycle(Lifecycle),
    /// The phase.
    Phase(Text),
    /// A condition.
    Condition {
        /// Its type.
        kind: String,
        /// Its status; any if not given.
        status: Option<ConditionStatus>,
        /// Its lastTransitionTime, exactly.
        last_transition_at: Option<Moment>,
    },
    /// A container of any role.
    Container {
        /// Its name.
        name: Text,
        /// What it does.
        state: Option<ContainerWord>,
        /// Its exit code.
        exit_code: Option<i64>,
    },
    /// A field of the pod.
    Field(PodField, Option<Text>),
    /// The column STATUS of `kubectl get pods`.
    StatusColumn(Text),
    /// The column READY.
    ReadyColumn(Text),
}

/// What a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerWord {
    /// Not started, or not again.
    Waiting,
    /// It runs.
    Running,
    /// It ended.
    Terminated,
}

impl ContainerWord {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Running, Self::Terminated];

    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Terminated => "terminated",
        }
    }
}

/// A text that is expected.
#[derive(Debug, Clone)]
pub enum Text {
    /// This one.
    Exactly(Box<str>),
    /// One in which this is found; written `/REGEX/`.
    Matching(Box<str>, Box<regex_lite::Regex>),
    /// Any, or none.
    Any,
}

impl Text {
    /// Reads `any`, `/REGEX/`, or the text itself.
    ///
    /// # Errors
    /// What is wrong with the regular expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == ANY {
            return Ok(Self::Any);
        }
        let inner = text.strip_prefix('/').and_then(|text| text.strip_suffix('/')).filter(|inner| !inner.is_empty());
        match inner {
            Some(inner) => {
                let regex = regex_lite::RegexBuilder::new(inner).size_limit(REGEX_BYTES_MAX).build();
                let regex = regex.map_err(|error| format!("invalid regular expression /{inner}/: {error}"))?;
                Ok(Self::Matching(inner.into(), Box::new(regex)))
            }
            None => Ok(Self::Exactly(text.into())),
        }
    }

    /// The text that is read as exactly this one.
    #[must_use]
    pub fn literal(text: &str) -> String {
        match Self::parse(text) {
            Ok(Self::Exactly(_)) => text.to_owned(),
            Ok(Self::Any | Self::Matching(..)) | Err(_) => format!("/^(?s:{})$/", regex_lite::escape(text)),
        }
    }
}

/// The word for "any".
pub const ANY: &str = "any";
/// Regular expressions that compile to more are no patterns for reasons.
const REGEX_BYTES_MAX: usize = 1 << 18;

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(text) => out.write_str(text),
            Self::Matching(text, _) => write!(out, "/{text}/"),
            Self::Any => out.write_str(ANY),
        }
    }
}

/// A point in time: of the cluster's or of the observer's clock, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So many microseconds after the pod's creation, which the API server stamped.
    AfterCreation(i64),
    /// So many microseconds after 1970-01-01T00:00:00Z.
    At(i64),
    /// Any time.
    Any,
    /// A time that nothing recorded tells.
    Unknown,
}

impl Moment {
    /// Microseconds since 1970, where it is one point in time.
    #[must_use]
    pub fn resolve(self, created_at: Option<StampedAt>) -> Option<i64> {
        match self {
            Self::AfterCreation(offset) => created_at.map(|at| at.plus_micros(offset).micros()),
            Self::At(at) => Some(at),
            Self::Any | Self::Unknown => None,
        }
    }
}

/// A finding of `check` that is expected.
#[derive(Debug)]
pub struct FindingExpectation {
    /// Where it stands.
    pub place: Place,
    /// The rule.
    pub rule: &'static Rule,
    /// On which pods; on any if nothing is given.
    pub selector: PodSelector,
}

/// What one pod goes through, line by line: recorded, or expected to be.
#[derive(Debug, Clone, Default)]
pub struct GoldenPod {
    /// Where it stands, if in a file.
    pub place: Place,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid; not compared if not given.
    pub uid: Option<String>,
    /// The how-manieth pod of its name.
    pub incarnation: Option<usize>,
    /// When it was created.
    pub created: Created,
    /// A new list no longer told of it: it was deleted without an event. Not compared; it says that the pod may be missing.
    pub vanished: bool,
    /// The transitions, and the events that show none.
    pub lines: Vec<Line>,
}

/// When a pod was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Created {
    /// Then.
    At(StampedAt),
    /// At any time.
    Any,
    /// Nothing recorded tells.
    #[default]
    Unknown,
}

impl Created {
    /// The time, if it is one.
    #[must_use]
    pub fn stamp(self) -> Option<StampedAt> {
        match self {
            Self::At(at) => Some(at),
            Self::Any | Self::Unknown => None,
        }
    }
}

/// One line of a golden pod.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it stands, if in a file.
    pub place: Place,
    /// The event, if it is recorded.
    pub seq: Option<Seq>,
    /// When it happened: the earliest time.
    pub at: Moment,
    /// The latest, where that is more than a second later.
    pub by: Option<Moment>,
    /// The version of the object that shows it; not compared if not given.
    pub version: Option<ResourceVersion>,
    /// What changed; `None` for an event that shows no transition.
    pub subject: Option<Subject>,
    /// The value before.
    pub from: Option<Text>,
    /// The value now.
    pub to: Option<Text>,
    /// The reason given with it.
    pub reason: Option<Text>,
    /// The message given with it.
    pub message: Option<Text>,
    /// What the cluster stamped on it: a condition's lastTransitionTime, a run's start or end.
    pub stamped: Option<Moment>,
    /// The restart count that came with it.
    pub restarts: Option<i64>,
    /// No event shows it; timestamps of a later one prove it.
    pub inferred: bool,
}

impl Line {
    /// The line with every offset from the creation spelled out, where that is known.
    #[must_use]
    pub fn with_times_from(&self, created_at: Option<StampedAt>) -> Self {
        let absolute = |moment: Moment| match moment.resolve(created_at) {
            Some(at) => Moment::At(at),
            None => moment,
        };
        Self { at: absolute(self.at), by: self.by.map(absolute), stamped: self.stamped.map(absolute), ..self.clone() }
    }
}

/// The lines of a file from the first to the last, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRange {
    /// The first.
    pub first: usize,
    /// The last one on which something of it stands.
    pub last: usize,
}

/// Where the golden part stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenLayout {
    /// All of it, with its key.
    pub range: LineRange,
    /// Its pods, in the order of the file.
    pub pods: Vec<PodLayout>,
}

/// Where one pod of the golden part stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodLayout {
    /// All of it.
    pub range: LineRange,
    /// Its lines, in the order of the file.
    pub lines: Vec<LineRange>,
}
