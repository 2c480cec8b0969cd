//! Expected against recorded: a unified or a side-by-side diff of timelines, and the claims that do not hold.

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use super::escape::plain;
use super::layout::{Width, cut, wrap};
use super::many;
use super::style::Meaning;
use super::words::{clock_time, subject_text};
use crate::compare::{
    Comparison, Field, FieldDifference, Judged, Line, Manner, Moment, Outcome, PodComparison, Row, Verdict,
};
use crate::model::time::duration_text;
use crate::model::{ObservedAt, PodIdentity, StampedAt};
use crate::replay::Subject;

/// How a comparison is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// What the expected side is called.
    pub expected: &'a str,
    /// What the recorded side is called.
    pub recorded: &'a str,
    /// Two columns instead of `-` and `+`.
    pub side_by_side: bool,
    /// How many lines that are alike are shown around those that are not.
    pub context: usize,
    /// How wide a line may be.
    pub width: Width,
}

const SUBJECT_COLUMNS_MAX: usize = 34;
/// Two columns in a pipe are as wide as those of diff -y.
const SIDE_BY_SIDE_COLUMNS: usize = 160;
const INDENT: usize = 4;
/// More undecided lines in a row are only counted.
const UNDECIDED_SHOWN_MAX: usize = 3;
/// Narrower columns have no room for times and reasons.
const ROOMY_COLUMNS: usize = 60;

/// Everything that differs; nothing if nothing does.
#[must_use]
pub fn comparison_text(comparison: &Comparison, layout: &Layout<'_>) -> String {
    let mut out = String::new();
    if comparison.verdict() == Verdict::Passed {
        return out;
    }
    if comparison.pods.iter().any(|pod| pod.verdict() != Verdict::Passed) {
        out.push_str(&Meaning::Removed.paint(&format!("--- expected  {}", plain(layout.expected))));
        out.push('\n');
        out.push_str(&Meaning::Added.paint(&format!("+++ recorded  {}", plain(layout.recorded))));
        out.push('\n');
    }
    for pod in comparison.pods.iter().filter(|pod| pod.verdict() != Verdict::Passed) {
        pod_text(pod, layout, &mut out);
    }
    for claim in &comparison.claims {
        claim_text(claim, layout, &mut out);
    }
    out
}

/// How a pod is called: namespace, name, and which of that name.
fn pod_name(namespace: &str, name: &str, uid: Option<&str>) -> String {
    let uid = uid.map(|uid| format!("@{}", uid.get(..8).unwrap_or(uid))).unwrap_or_default();
    format!("{namespace}/{name}{uid}")
}

fn recorded_name(pod: &PodIdentity) -> String {
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

fn pod_text(pod: &PodComparison, layout: &Layout<'_>, out: &mut String) {
    let name = pair_name(pod);
    out.push_str(&Meaning::Strong.paint(&format!("@@ pod {name} @@{}", place_text(pod.place.line))));
    out.push('\n');
    let one_sided = match (&pod.expected, &pod.recorded) {
        (Some(_), None) => Some(("-", Meaning::Removed, "is expected and not recorded")),
        (None, Some(_)) => Some(("+", Meaning::Added, "is recorded and not expected")),
        (Some(_), Some(_)) | (None, None) => None,
    };
    if let Some((sign, meaning, what)) = one_sided {
        let sign = if pod.unseen.is_some() { "?" } else { sign };
        out.push_str(&meaning.paint(&format!("{sign} pod {name} {what}{}", versions_text(pod))));
        out.push('\n');
        unseen_text(pod.unseen.as_deref(), layout, out);
    }
    for difference in &pod.differences {
        explain(std::slice::from_ref(difference), None, Still::Neither, 0, layout, out);
    }
    let page = Page::of(pod, layout);
    let shown = near_a_difference(&pod.rows, layout.context);
    let (mut alike, mut undecided): (usize, Vec<&Row>) = (0, Vec::new());
    for (row, is_shown) in pod.rows.iter().zip(shown) {
        if row.is_same() || row.unseen.is_none() {
            page.undecided(&std::mem::take(&mut undecided), out);
        }
        if row.is_same() && !is_shown {
            alike += 1;
            continue;
        }
        skipped(std::mem::take(&mut alike), out);
        if row.is_same() {
            page.row(row, out);
        } else if row.unseen.is_some() {
            undecided.push(row);
        } else {
            page.differing(row, out);
        }
    }
    page.undecided(&undecided, out);
    skipped(alike, out);
}

/// Which rows differ or have one that does within so many rows.
fn near_a_difference(rows: &[Row], context: usize) -> Vec<bool> {
    let mut shown = vec![false; rows.len()];
    let mut reach = 0;
    for (index, row) in rows.iter().enumerate() {
        reach = if row.is_same() { reach } else { index.saturating_add(context).saturating_add(1) };
        shown[index] |= index < reach;
    }
    let mut reach = rows.len();
    for (index, row) in rows.iter().enumerate().rev() {
        reach = if row.is_same() { reach } else { index.saturating_sub(context) };
        shown[index] |= index >= reach;
    }
    shown
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

fn place_text(line: usize) -> String {
    if line == 0 { String::new() } else { format!("  line {line}") }
}

fn skipped(alike: usize, out: &mut String) {
    if alike > 0 {
        let text = format!("{:INDENT$}{} alike", "", many(alike, "line"));
        out.push_str(&Meaning::Faint.paint(&text));
        out.push('\n');
    }
}

fn unseen_text(why: Option<&str>, layout: &Layout<'_>, out: &mut String) {
    if let Some(why) = why {
        push_wrapped(&format!("{:INDENT$}inconclusive: {}", "", plain(why)), Meaning::Waiting, layout, out);
    }
}

fn push_wrapped(text: &str, meaning: Meaning, layout: &Layout<'_>, out: &mut String) {
    for line in wrap(text, layout.width, INDENT + 2) {
        out.push_str(&meaning.paint(&line));
        out.push('\n');
    }
}

/// What two lines differ in, both values of each.
fn explain(
    differences: &[FieldDifference],
    subject: Option<&Subject>,
    still: Still,
    line: usize,
    layout: &Layout<'_>,
    out: &mut String,
) {
    if differences.is_empty() {
        return;
    }
    let texts: Vec<String> = differences.iter().map(|difference| difference_text(difference, subject, still)).collect();
    let text = format!("{:INDENT$}{}{}", "", texts.join("; "), place_text(line));
    push_wrapped(&text, Meaning::Faint, layout, out);
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

/// One difference in words: `reason: expected A, recorded B`.
#[must_use]
pub fn difference_text(difference: &FieldDifference, subject: Option<&Subject>, still: Still) -> String {
    let word = match (difference.field, subject) {
        (Field::Stamped, Some(Subject::Condition(_))) => "lastTransitionTime",
        (field, _) => field.as_str(),
    };
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".to_owned(), plain);
    let [expected, recorded] = [Still::Expected, Still::Recorded].map(|side| if still == side { "still " } else { "" });
    let values = [value(&difference.expected), value(&difference.recorded)];
    format!("{word}: expected {expected}{}, recorded {recorded}{}", values[0], values[1])
}

/// What one line says, without what all its neighbours say too.
#[must_use]
pub fn line_words(line: &Line) -> String {
    let subject = line.subject.as_ref().map_or_else(|| "(no transition)".to_owned(), subject_text);
    format!("{subject} {}", value_text(line)).trim_end().to_owned()
}

fn value_text(line: &Line) -> String {
    let text = |value: &Option<crate::compare::Text>| value.as_ref().map(ToString::to_string);
    match (text(&line.from), text(&line.to)) {
        (Some(from), Some(to)) => format!("{from} -> {to}"),
        (Some(from), None) => format!("{from} -> gone"),
        (None, Some(to)) => to,
        (None, None) => String::new(),
    }
}

/// How the lines of one pod are laid out.
struct Page<'a> {
    manner: Manner,
    created_at: [Option<StampedAt>; 2],
    subject_columns: usize,
    layout: &'a Layout<'a>,
}

impl<'a> Page<'a> {
    fn of(pod: &PodComparison, layout: &'a Layout<'a>) -> Self {
        let lines = pod.rows.iter().flat_map(|row| [&row.expected, &row.recorded]).flatten();
        let subjects = lines.filter_map(|line| line.subject.as_ref()).map(|subject| subject_text(subject).width());
        let subject_columns = subjects.max().unwrap_or(0).min(SUBJECT_COLUMNS_MAX);
        Self { manner: pod.manner, created_at: pod.created_at, subject_columns, layout }
    }

    /// A row that differs, with what differs.
    fn differing(&self, row: &Row, out: &mut String) {
        self.row(row, out);
        let shown = row.recorded.as_ref().or(row.expected.as_ref());
        let line = row.expected.as_ref().map_or(0, |line| line.place.line);
        let subject = shown.and_then(|line| line.subject.as_ref());
        explain(&row.differences, subject, Still::of(row), line, self.layout, out);
    }

    /// Rows that the recording cannot decide: a few are shown, of many only how many there are, and why.
    fn undecided(&self, rows: &[&Row], out: &mut String) {
        let reasons: Vec<&str> = rows.iter().filter_map(|row| row.unseen.as_deref()).collect();
        let mut told: Vec<&str> = Vec::new();
        for reason in reasons {
            if !told.contains(&reason) {
                told.push(reason);
            }
        }
        if rows.is_empty() {
            return;
        }
        if rows.len() <= UNDECIDED_SHOWN_MAX {
            rows.iter().for_each(|row| self.differing(row, out));
        } else {
            let lines: Vec<usize> =
                rows.iter().filter_map(|row| row.expected.as_ref()).map(|it| it.place.line).collect();
            let place = match (lines.iter().filter(|line| **line > 0).min(), lines.iter().max()) {
                (Some(from), Some(to)) => format!(" (lines {from} to {to})"),
                (None, _) | (_, None) => String::new(),
            };
            out.push_str(&Meaning::Waiting.paint(&format!("? {}{place}", many(rows.len(), "line"))));
            out.push('\n');
        }
        told.into_iter().for_each(|reason| unseen_text(Some(reason), self.layout, out));
    }

    fn row(&self, row: &Row, out: &mut String) {
        let shows_version = row.differences.iter().any(|difference| difference.field == Field::Version);
        let shows_version = shows_version || row.expected.is_none() || row.recorded.is_none();
        let text = |line: &Option<Line>, side: usize| {
            line.as_ref().map(|line| plain(&self.line(line, self.created_at[side], shows_version)))
        };
        let (left, right) = (text(&row.expected, 0), text(&row.recorded, 1));
        if self.layout.side_by_side {
            self.two_columns(row, left, right, out);
            return;
        }
        let sign = |sign: &'static str| if row.unseen.is_some() { "?" } else { sign };
        match (left, right) {
            (_, Some(right)) if row.is_same() => push_line("  ", &right, Meaning::Plain, self.layout.width, out),
            (Some(left), Some(right)) => {
                let words = TextDiff::from_words(&left, &right);
                let signs = [(sign("-"), ChangeTag::Delete), (sign("+"), ChangeTag::Insert)];
                for (sign, own) in signs {
                    let parts =
                        words.iter_all_changes().filter(|change| [own, ChangeTag::Equal].contains(&change.tag()));
                    let parts = parts.map(|change| (change.value(), change.tag() != ChangeTag::Equal));
                    push_parts(sign, own, parts, self.layout.width, out);
                }
            }
            (Some(left), None) => {
                push_line(&format!("{} ", sign("-")), &left, Meaning::Removed, self.layout.width, out);
            }
            (None, Some(right)) => {
                push_line(&format!("{} ", sign("+")), &right, Meaning::Added, self.layout.width, out);
            }
            (None, None) => {}
        }
    }

    fn line(&self, line: &Line, created_at: Option<StampedAt>, shows_version: bool) -> String {
        let time = match self.manner {
            Manner::Strict => time_of_day(line.at),
            Manner::Runs => since_creation(line.at, created_at),
        };
        let subject = line.subject.as_ref().map_or_else(|| "(no transition)".to_owned(), subject_text);
        if self.layout.side_by_side && self.half() < ROOMY_COLUMNS {
            return format!("{time} {subject} {}", value_text(line));
        }
        let columns = self.subject_columns;
        let sign = if line.inferred { "~" } else { " " };
        let mut text = format!("{time:>8} {sign} {subject:columns$}  {}", value_text(line));
        if let (Manner::Strict, Some(stamped)) = (self.manner, line.stamped) {
            text.push_str(&format!("  @{}", time_of_day(stamped)));
        }
        if let Some(count) = line.restarts.filter(|count| *count > 0) {
            text.push_str(&format!("  #{count}"));
        }
        if let Some(reason) = &line.reason {
            text.push_str(&format!("  {reason}"));
        }
        if let (Manner::Strict, Some(message)) = (self.manner, &line.message) {
            text.push_str(&format!("  {message}"));
        }
        if let (Manner::Strict, true, Some(version)) = (self.manner, shows_version, &line.version) {
            text.push_str(&format!("  (resourceVersion {version})"));
        }
        text.trim_end().to_owned()
    }

    /// How wide one of two columns is.
    fn half(&self) -> usize {
        let columns = match self.layout.width {
            Width::Columns(columns) => columns,
            Width::Unlimited => SIDE_BY_SIDE_COLUMNS,
        };
        columns.saturating_sub(3) / 2
    }

    fn two_columns(&self, row: &Row, left: Option<String>, right: Option<String>, out: &mut String) {
        let half = self.half();
        let (sign, meanings) = match (&left, &right) {
            (Some(_), Some(_)) if row.is_same() => (" ", [Meaning::Plain, Meaning::Plain]),
            (Some(_), Some(_)) => ("|", [Meaning::Removed, Meaning::Added]),
            (Some(_), None) => ("<", [Meaning::Removed, Meaning::Plain]),
            (None, _) => (">", [Meaning::Plain, Meaning::Added]),
        };
        let sign = if row.unseen.is_some() { "?" } else { sign };
        let [left, right] = [left, right].map(|text| cut(&text.unwrap_or_default(), half));
        out.push_str(&meanings[0].paint(&left));
        out.push_str(&" ".repeat(half - left.width()));
        let line = format!(" {sign} {}", meanings[1].paint(&right));
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn push_line(sign: &str, text: &str, meaning: Meaning, width: Width, out: &mut String) {
    out.push_str(&meaning.paint(&cut_to(&format!("{sign}{text}"), width)));
    out.push('\n');
}

fn cut_to(text: &str, width: Width) -> String {
    match width {
        Width::Columns(columns) => cut(text, columns),
        Width::Unlimited => text.to_owned(),
    }
}

/// A line of which some words are marked.
fn push_parts<'a>(
    sign: &str,
    own: ChangeTag,
    parts: impl Iterator<Item = (&'a str, bool)>,
    width: Width,
    out: &mut String,
) {
    let (meaning, marked) = match own {
        ChangeTag::Delete => (Meaning::Removed, Meaning::RemovedWord),
        ChangeTag::Insert | ChangeTag::Equal => (Meaning::Added, Meaning::AddedWord),
    };
    out.push_str(&meaning.paint(&format!("{sign} ")));
    let mut left = match width {
        Width::Columns(columns) => columns.saturating_sub(2),
        Width::Unlimited => usize::MAX,
    };
    for (part, is_marked) in joined(parts) {
        let shown = cut(&part, left);
        out.push_str(&if is_marked { marked } else { meaning }.paint(&shown));
        if shown != part {
            break;
        }
        left -= part.width();
    }
    out.push('\n');
}

/// Neighbours that are marked alike, as one; blanks alone are not marked.
fn joined<'a>(parts: impl Iterator<Item = (&'a str, bool)>) -> Vec<(String, bool)> {
    let mut joined: Vec<(String, bool)> = Vec::new();
    for (part, is_marked) in parts {
        let is_marked = is_marked && !part.trim().is_empty();
        match joined.last_mut() {
            Some((text, last)) if *last == is_marked => text.push_str(part),
            Some(_) | None => joined.push((part.to_owned(), is_marked)),
        }
    }
    joined
}

fn time_of_day(moment: Moment) -> String {
    match moment {
        Moment::At(at) => clock_time(ObservedAt::from_micros(at)),
        Moment::AfterCreation(_) | Moment::Any => moment.to_string(),
        Moment::Unknown => "?".to_owned(),
    }
}

fn since_creation(moment: Moment, created_at: Option<StampedAt>) -> String {
    match (moment, created_at) {
        (Moment::At(at), Some(created_at)) => format!("+{}", duration_text(at.saturating_sub(created_at.micros()))),
        (moment, _) => time_of_day(moment),
    }
}

fn claim_text(claim: &Judged, layout: &Layout<'_>, out: &mut String) {
    let (word, meaning, text) = match &claim.outcome {
        Outcome::Holds => return,
        Outcome::Fails(recorded) => ("recorded", Meaning::Bad, recorded),
        Outcome::Unseen(why) => ("inconclusive", Meaning::Waiting, why),
    };
    let file = layout.expected;
    let place = format!("{}:{}:{}", plain(file), claim.place.line, claim.place.column);
    let pod = claim.pod.as_ref().map(|pod| format!("  pod {}", plain(&recorded_name(pod)))).unwrap_or_default();
    out.push_str(&Meaning::Strong.paint(&format!("{place}{pod}")));
    out.push('\n');
    push_wrapped(&format!("{:INDENT$}expected {}", "", plain(&claim.expected)), Meaning::Plain, layout, out);
    push_wrapped(&format!("{:INDENT$}{word} {}", "", plain(text)), meaning, layout, out);
}

/// How many pods and claims are alike, and how many are not.
#[must_use]
pub fn summary_text(comparison: &Comparison) -> String {
    let count = |is_it: &dyn Fn(&PodComparison) -> bool| comparison.pods.iter().filter(|pod| is_it(pod)).count();
    let is_pair = |pod: &PodComparison| pod.expected.is_some() && pod.recorded.is_some();
    let mut parts = Vec::new();
    for (number, what) in [
        (count(&|pod| is_pair(pod) && pod.verdict() == Verdict::Passed), "alike"),
        (count(&|pod| is_pair(pod) && pod.verdict() == Verdict::Failed), "differ"),
        (count(&|pod| is_pair(pod) && pod.verdict() == Verdict::Inconclusive), "inconclusive"),
        (count(&|pod| pod.recorded.is_none()), "missing"),
        (count(&|pod| pod.expected.is_none()), "extra"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let pods = comparison.pods.len();
    let mut text = match pods {
        0 => String::new(),
        pods => format!("{} compared: {}\n", many(pods, "pod"), parts.join(", ")),
    };
    if !comparison.claims.is_empty() {
        let of = |is_it: fn(&Outcome) -> bool| comparison.claims.iter().filter(|claim| is_it(&claim.outcome)).count();
        let failed = of(|outcome| matches!(outcome, Outcome::Fails(_)));
        let unseen = of(|outcome| matches!(outcome, Outcome::Unseen(_)));
        let claims = comparison.claims.len();
        let holding = claims - failed - unseen;
        text.push_str(&format!("{claims} claims: {holding} hold, {failed} do not, {unseen} inconclusive\n"));
    }
    text
}
