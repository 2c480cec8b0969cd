//! Names of pods, lines and differences in words.

use crate::compare::{Field, FieldDifference, Line, PodComparison, Row, Text};
use crate::model::PodIdentity;
use crate::model::time::parse_duration_us;
use crate::render::escape::plain;
use crate::render::words::{duration, subject_text};
use crate::replay::Subject;

/// What the two sides of a comparison are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// What is expected, and what was recorded.
    Expectation,
    /// Two of a kind: two runs or two pods.
    Pair,
}

impl Sides {
    /// What each is called.
    #[must_use]
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Self::Expectation => ["expected", "recorded"],
            Self::Pair => ["A", "B"],
        }
    }
}

/// How a pod is called: namespace, name, and which of that name.
fn pod_name(namespace: &str, name: &str, uid: Option<&str>) -> String {
    let uid = uid.map(|uid| format!("@{}", uid.get(..8).unwrap_or(uid))).unwrap_or_default();
    format!("{namespace}/{name}{uid}")
}

pub(super) fn recorded_name(pod: &PodIdentity) -> String {
    pod_name(&pod.namespace, &pod.name, Some(&pod.uid))
}

/// Both names of a pair, or one if they are the same.
#[must_use]
pub fn pair_name(pod: &PodComparison) -> String {
    let expected = pod.expected.as_ref().map(|name| pod_name(&name.namespace, &name.name, name.uid.as_deref()));
    let recorded = pod.recorded.as_ref().map(recorded_name);
    match (expected, recorded) {
        (Some(expected), Some(recorded)) if recorded.starts_with(&expected) => recorded,
        (Some(expected), Some(recorded)) => format!("{expected} and {recorded}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => String::new(),
    }
}

/// The versions of a pod that is there on one side only.
#[must_use]
pub fn versions_text(pod: &PodComparison) -> String {
    match &pod.versions {
        Some([first, last]) if first == last => format!(" (resourceVersion {first})"),
        Some([first, last]) => format!(" (resourceVersions {first} to {last})"),
        None => String::new(),
    }
}

/// Which side of a line that stands alone tells of no transition, but of what still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Still {
    /// The expected side: the recorded line is extra.
    Expected,
    /// The recorded side: the expected line is missing.
    Recorded,
    /// Both are there.
    Neither,
}

impl Still {
    /// Of a row.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        match (&row.expected, &row.recorded) {
            (None, Some(_)) => Self::Expected,
            (Some(_), None) => Self::Recorded,
            (Some(_), Some(_)) | (None, None) => Self::Neither,
        }
    }
}

/// One difference in words: `reason: expected Error, recorded Completed`.
#[must_use]
pub fn difference_text(difference: &FieldDifference, subject: Option<&Subject>, still: Still, sides: Sides) -> String {
    let word = match (difference.field, subject) {
        (Field::Stamped, Some(Subject::Condition(_))) => "lastTransitionTime",
        (field, _) => field.as_str(),
    };
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".to_owned(), plain);
    let [expected, recorded] = [Still::Expected, Still::Recorded].map(|side| if still == side { "still " } else { "" });
    let [left, right] = sides.names();
    let exact = [&difference.expected, &difference.recorded];
    // Lengths read as everywhere, unless only their fractions differ.
    let lengths = exact.map(|it| it.as_deref().and_then(parse_duration_us).map(duration));
    let values = match (difference.field, lengths) {
        (Field::Took, [Some(left), Some(right)]) if left != right => [left, right],
        (_, _) => exact.map(value),
    };
    format!("{word}: {left} {expected}{}, {right} {recorded}{}", values[0], values[1])
}

/// What one line says, without what all its neighbours say too.
#[must_use]
pub fn line_words(line: &Line) -> String {
    let subject = line.subject.as_ref().map_or_else(|| "(no transition)".to_owned(), subject_text);
    format!("{subject} {}", value_text(line)).trim_end().to_owned()
}

pub(super) fn value_text(line: &Line) -> String {
    let text = |value: &Option<Text>| value.as_ref().map(ToString::to_string);
    match (text(&line.from), text(&line.to)) {
        (Some(from), Some(to)) if from == to => format!("{to} still"),
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(from), None) => format!("{from} → gone"),
        (None, Some(to)) => to,
        (None, None) => String::new(),
    }
}
