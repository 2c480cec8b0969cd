//! Lays two golden pods side by side: which line of the one is which line of the other, and in what they differ.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::model::{ResourceVersion, StampedAt};
use crate::redact;
use crate::replay::Subject;

use super::difference::{Field, FieldDifference, Manner, Row};
use super::expectation::{GoldenPod, Line, Moment, Text, Tolerance};

/// Two golden pods as rows, in the order in which a reader goes through both.
#[must_use]
pub fn align(expected: &GoldenPod, recorded: &GoldenPod, manner: Manner, tolerance: Tolerance) -> Vec<Row> {
    let (places, old): (Vec<usize>, Vec<&Line>) = told(expected, expected, manner).into_iter().unzip();
    let new: Vec<&Line> = told(recorded, expected, manner).into_iter().map(|(_, line)| line).collect();
    let likenesses: &[Likeness] = match manner {
        Manner::Strict => &[Likeness::Event, Likeness::Values],
        Manner::Runs => &[Likeness::Steps],
    };
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = Vec::with_capacity(old.len().max(new.len()));
    let sides = Sides { old: &old, new: &new };
    sides.pair(0..old.len(), 0..new.len(), likenesses, &mut pairs);
    let mut clocks = Clocks { manner, tolerance, bases: Bases::of(expected, recorded), before: None };
    let mut standing: [BTreeMap<&Subject, &Line>; 2] = [BTreeMap::new(), BTreeMap::new()];
    let mut rows = Vec::with_capacity(pairs.len());
    for (left, right) in pairs {
        let sides = [left.map(|index| old[index]), right.map(|index| new[index])];
        let differences = match sides {
            [Some(expected), Some(recorded)] => differences(expected, recorded, &mut clocks),
            [Some(line), None] => against_standing(Some(line), standing[1].get_of(line), &clocks),
            [None, Some(line)] => against_standing(standing[0].get_of(line), Some(line), &clocks),
            [None, None] => Vec::new(),
        };
        for (side, line) in sides.into_iter().enumerate() {
            if let Some((line, subject)) = line.and_then(|line| Some((line, line.subject.as_ref()?))) {
                standing[side].insert(subject, line);
            }
        }
        let Bases { expected: old_base, recorded: new_base } = clocks.bases;
        let [expected, recorded] = [(sides[0], old_base), (sides[1], new_base)]
            .map(|(line, base)| line.map(|line| line.with_times_from(base)));
        rows.push(Row { index: left.map(|index| places[index]), expected, recorded, differences, unseen: None });
    }
    rows
}

/// Looks up what stands of a line's subject.
trait Standing<'a> {
    fn get_of(&self, line: &Line) -> Option<&'a Line>;
}

impl<'a> Standing<'a> for BTreeMap<&'a Subject, &'a Line> {
    fn get_of(&self, line: &Line) -> Option<&'a Line> {
        line.subject.as_ref().and_then(|subject| self.get(subject).copied())
    }
}

/// In what a line that stands alone differs from what the other side has of its subject at that point.
fn against_standing(expected: Option<&Line>, recorded: Option<&Line>, clocks: &Clocks) -> Vec<FieldDifference> {
    let Some(subject) = expected.or(recorded).and_then(|line| line.subject.as_ref()) else { return Vec::new() };
    let nothing = Line { subject: Some(subject.clone()), ..Line::default() };
    let (expected, recorded) = (expected.unwrap_or(&nothing), recorded.unwrap_or(&nothing));
    let mut found = Vec::new();
    values(expected, recorded, clocks.manner, &mut found);
    if clocks.manner == Manner::Strict {
        stamps(expected, recorded, clocks, &mut found);
    }
    found.retain(|difference| !matches!(difference.field, Field::From | Field::Inferred));
    found.sort_by_key(|difference| difference.field);
    found
}

/// The lines that count. Events that show nothing are known by their versions only.
fn told<'a>(golden: &'a GoldenPod, expected: &GoldenPod, manner: Manner) -> Vec<(usize, &'a Line)> {
    let has_versions = manner == Manner::Strict && expected.lines.iter().any(|line| line.version.is_some());
    golden.lines.iter().enumerate().filter(|(_, line)| line.subject.is_some() || has_versions).collect()
}

/// Beyond so many lines the exact algorithm takes too long where everything differs.
const EXACT_LINES_MAX: usize = 4_000;

/// What makes two lines the same line, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// The event and the value that it shows.
    Event,
    /// The value before and the value now, whatever event shows it; an event that shows nothing is known by its version.
    Values,
    /// The same in another run: fields have other values there.
    Steps,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key<'a> {
    subject: Option<&'a Subject>,
    from: Option<Cow<'a, str>>,
    to: Option<Cow<'a, str>>,
    version: Option<&'a ResourceVersion>,
}

impl Likeness {
    fn key(self, line: &Line) -> Key<'_> {
        let subject = line.subject.as_ref();
        let version = line.version.as_ref();
        let [from, to] = [&line.from, &line.to].map(|text| spelling(text.as_ref()).map(marked));
        match self {
            Self::Event => Key { subject, from: None, to, version },
            Self::Values => Key { subject, from, to, version: version.filter(|_| subject.is_none()) },
            Self::Steps if is_of_the_run(subject) => Key { subject, from: None, to: None, version: None },
            Self::Steps => Key { subject, from, to, version: None },
        }
    }
}

/// The lines of both golden pods.
struct Sides<'a> {
    old: &'a [&'a Line],
    new: &'a [&'a Line],
}

impl Sides<'_> {
    /// Pairs lines that are alike in the first way, and what lies between them in the next; what is left goes by subject.
    fn pair(
        &self,
        old: Range<usize>,
        new: Range<usize>,
        likenesses: &[Likeness],
        pairs: &mut Vec<(Option<usize>, Option<usize>)>,
    ) {
        let Some((likeness, rest)) = likenesses.split_first() else {
            self.pair_by_subject(old, new, pairs);
            return;
        };
        let left: Vec<Key<'_>> = self.old[old.clone()].iter().map(|line| likeness.key(line)).collect();
        let right: Vec<Key<'_>> = self.new[new.clone()].iter().map(|line| likeness.key(line)).collect();
        let is_short = left.len() + right.len() <= EXACT_LINES_MAX;
        let algorithm = if is_short { Algorithm::RawMyers } else { Algorithm::Myers };
        for operation in capture_diff_slices(algorithm, &left, &right) {
            let (_, left, right) = operation.as_tag_tuple();
            let left = old.start + left.start..old.start + left.end;
            let right = new.start + right.start..new.start + right.end;
            match operation {
                DiffOp::Equal { .. } => pairs.extend(left.zip(right).map(|(left, right)| (Some(left), Some(right)))),
                DiffOp::Delete { .. } => pairs.extend(left.map(|index| (Some(index), None))),
                DiffOp::Insert { .. } => pairs.extend(right.map(|index| (None, Some(index)))),
                DiffOp::Replace { .. } => self.pair(left, right, rest, pairs),
            }
        }
    }

    /// Lines of one subject belong together, in their order; what is left over is missing or extra.
    fn pair_by_subject(&self, old: Range<usize>, new: Range<usize>, pairs: &mut Vec<(Option<usize>, Option<usize>)>) {
        let mut waiting: BTreeMap<&Subject, VecDeque<usize>> = BTreeMap::new();
        for index in new.clone() {
            if let Some(subject) = &self.new[index].subject {
                waiting.entry(subject).or_default().push_back(index);
            }
        }
        let mut next = new.start;
        for index in old {
            let twins = self.old[index].subject.as_ref().and_then(|subject| waiting.get_mut(subject));
            let twin = twins.and_then(|twins| {
                while twins.front().is_some_and(|twin| *twin < next) {
                    twins.pop_front();
                }
                twins.pop_front()
            });
            if let Some(twin) = twin {
                pairs.extend((next..twin).map(|index| (None, Some(index))));
                next = twin + 1;
            }
            pairs.push((Some(index), twin));
        }
        pairs.extend((next..new.end).map(|index| (None, Some(index))));
    }
}

/// Names of nodes, addresses, times and messages are of one run only.
fn is_of_the_run(subject: Option<&Subject>) -> bool {
    matches!(subject, Some(Subject::Field(_)))
}

fn spelling(text: Option<&Text>) -> Option<&str> {
    match text {
        Some(Text::Exactly(text) | Text::Matching(text, _)) => Some(text),
        Some(Text::Any) | None => None,
    }
}

/// A text as it is written where secrets are hidden. What is short has none, or is no line's value.
fn marked(text: &str) -> Cow<'_, str> {
    const SHORT_BYTES_MAX: usize = 24;
    if text.len() > SHORT_BYTES_MAX { redact::text(text) } else { Cow::Borrowed(text) }
}

/// The creations that offsets count from.
#[derive(Debug, Clone, Copy)]
struct Bases {
    expected: Option<StampedAt>,
    recorded: Option<StampedAt>,
}

impl Bases {
    fn of(expected: &GoldenPod, recorded: &GoldenPod) -> Self {
        let recorded = recorded.created.stamp();
        Self { expected: expected.created.stamp().or(recorded), recorded }
    }
}

struct Clocks {
    manner: Manner,
    tolerance: Tolerance,
    bases: Bases,
    /// The times of the pair before, in runs.
    before: Option<(i64, i64)>,
}

fn differences(expected: &Line, recorded: &Line, clocks: &mut Clocks) -> Vec<FieldDifference> {
    let mut found = Vec::new();
    values(expected, recorded, clocks.manner, &mut found);
    match clocks.manner {
        Manner::Strict => {
            if let Some(version) =
                expected.version.as_ref().filter(|version| Some(*version) != recorded.version.as_ref())
            {
                let recorded = recorded.version.as_ref().map(ToString::to_string);
                found.push(FieldDifference { field: Field::Version, expected: Some(version.to_string()), recorded });
            }
            strict_times(expected, recorded, clocks, &mut found);
            stamps(expected, recorded, clocks, &mut found);
        }
        Manner::Runs => run_times(expected, recorded, clocks, &mut found),
    }
    found.sort_by_key(|difference| difference.field);
    found
}

/// Everything but times and versions.
fn values(expected: &Line, recorded: &Line, manner: Manner, found: &mut Vec<FieldDifference>) {
    let is_strict = manner == Manner::Strict;
    let mut text = |field: Field, expected: Option<&Text>, recorded: Option<&Text>| {
        let actual = spelling(recorded);
        if !expected.map_or(actual.is_none(), |expected| expected.fits(actual)) {
            let expected = expected.map(ToString::to_string);
            found.push(FieldDifference { field, expected, recorded: actual.map(str::to_owned) });
        }
    };
    if is_strict || !is_of_the_run(expected.subject.as_ref()) {
        text(Field::From, expected.from.as_ref(), recorded.from.as_ref());
        text(Field::To, expected.to.as_ref(), recorded.to.as_ref());
    }
    text(Field::Reason, expected.reason.as_ref(), recorded.reason.as_ref());
    if is_strict {
        text(Field::Message, expected.message.as_ref(), recorded.message.as_ref());
    }
    let mut plain = |field: Field, expected: Option<String>, recorded: Option<String>| {
        if expected != recorded {
            found.push(FieldDifference { field, expected, recorded });
        }
    };
    let count = |line: &Line| line.restarts.map(|count| count.to_string());
    plain(Field::Restarts, count(expected), count(recorded));
    let inferred = |line: &Line| line.inferred.then(|| "inferred".to_owned());
    plain(Field::Inferred, inferred(expected), inferred(recorded));
}

/// Times against the clock: two differ if the windows in which they must lie are further apart than the tolerance.
fn strict_times(expected: &Line, recorded: &Line, clocks: &Clocks, found: &mut Vec<FieldDifference>) {
    let Clocks { tolerance: Tolerance(tolerance), bases, .. } = *clocks;
    if expected.at != Moment::Any {
        let (early, late) = window(expected, bases.expected);
        let (recorded_early, recorded_late) = window(recorded, bases.recorded);
        if early.saturating_sub(tolerance) > recorded_late || recorded_early.saturating_sub(tolerance) > late {
            found.push(FieldDifference::of_times(
                Field::At,
                expected.at.resolve(bases.expected),
                recorded.at.resolve(bases.recorded),
            ));
        }
    }
}

/// What the cluster stamped, with the tolerance.
fn stamps(expected: &Line, recorded: &Line, clocks: &Clocks, found: &mut Vec<FieldDifference>) {
    let Clocks { tolerance: Tolerance(tolerance), bases, .. } = *clocks;
    if expected.stamped == Some(Moment::Any) {
        return;
    }
    let stamp = |line: &Line, base| line.stamped.and_then(|moment| moment.resolve(base));
    let (left, right) = (stamp(expected, bases.expected), stamp(recorded, bases.recorded));
    let is_same = match (left, right) {
        (Some(left), Some(right)) => left.abs_diff(right) <= tolerance.unsigned_abs(),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !is_same {
        found.push(FieldDifference::of_times(Field::Stamped, left, right));
    }
}

/// The earliest and the latest time of a line.
fn window(line: &Line, base: Option<StampedAt>) -> (i64, i64) {
    let early = line.at.resolve(base);
    let late = match line.by {
        None => early,
        Some(by) => by.resolve(base),
    };
    (early.unwrap_or(i64::MIN), late.unwrap_or(i64::MAX))
}

/// How long the step from the line before took, in both runs.
fn run_times(expected: &Line, recorded: &Line, clocks: &mut Clocks, found: &mut Vec<FieldDifference>) {
    let Bases { expected: left_base, recorded: right_base } = clocks.bases;
    let (Some(left), Some(right)) = (expected.at.resolve(left_base), recorded.at.resolve(right_base)) else { return };
    if let Some((left_before, right_before)) = clocks.before {
        let (left_took, right_took) = (left.saturating_sub(left_before), right.saturating_sub(right_before));
        if left_took.abs_diff(right_took) > clocks.tolerance.0.unsigned_abs() {
            found.push(FieldDifference::of_durations(left_took, right_took));
        }
    }
    clocks.before = Some((left, right));
}

#[cfg(test)]
mod tests {
    use super::align;
    use crate::compare::difference::Manner;
    use crate::compare::expectation::{Created, GoldenPod, Place, Tolerance};
    use crate::compare::golden::line;
    use crate::kubelet::Features;
    use crate::life::life;
    use crate::timeline::Timeline;

    fn golden(text: &str) -> GoldenPod {
        let lines = Timeline::replay(life(text), Features::default()).transitions.iter().map(line).collect();
        let (place, created) = (Place::default(), Created::Unknown);
        let (namespace, name) = ("default".to_owned(), "web-0".to_owned());
        GoldenPod { place, namespace, name, uid: None, incarnation: None, created, vanished: false, lines }
    }

    /// The rows of two lives that are not the same: `- phase`, `+ Ready`, `Ready To Took`.
    fn different(expected: &str, recorded: &str, manner: Manner) -> String {
        let rows = align(&golden(expected), &golden(recorded), manner, Tolerance::default());
        let told = rows.iter().filter(|row| !row.is_same()).map(|row| {
            let line = row.expected.as_ref().or(row.recorded.as_ref()).expect("a row has a line");
            let subject = line.subject.as_ref().map_or("event", |it| it.type_word().or(it.name()).unwrap_or(it.kind()));
            match (&row.expected, &row.recorded) {
                (Some(_), None) => format!("- {subject}"),
                (None, Some(_)) => format!("+ {subject}"),
                _ => format!("{subject} {:?}", row.differences.iter().map(|it| it.field).collect::<Vec<_>>()),
            }
        });
        told.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn two_lives_side_by_side_show_where_they_part() {
        const RUNS: &str = "12:00:00 ADDED Pending / 12:00:04 MODIFIED Running Ready c=running,ready";
        let table = [
            (RUNS, RUNS, ""),
            (RUNS, "12:00:00 ADDED Pending / 12:00:04 MODIFIED Running !Ready c=running,ready", "Ready [To]"),
            (RUNS, "12:00:00 ADDED Pending / 12:00:04 MODIFIED Running c=running,ready", "- Ready"),
            ("12:00:00 ADDED Pending", "12:00:00 ADDED Pending / 12:00:09 MODIFIED Failed", "+ phase"),
        ];
        for (expected, recorded, rows) in table {
            assert_eq!(different(expected, recorded, Manner::Strict), rows, "{recorded}");
        }
        let later = "13:00:00 ADDED Pending / 13:00:04 MODIFIED Running Ready c=running,ready";
        assert_eq!(different(RUNS, later, Manner::Runs), "", "another run has other times");
    }
}
