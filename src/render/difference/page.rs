//! The lines of one pod: signs, columns, and the words of a pair that differ.

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use super::layout::{Layout, explain, unseen_text};
use super::words::{Still, value_text};
use crate::compare::{Field, Line, Manner, Moment, PodComparison, Row, Text};
use crate::model::{ConditionStatus, ObservedAt, Phase, StampedAt};
use crate::picture::Health;
use crate::render::escape::plain;
use crate::render::layout::{Width, cut};
use crate::render::style::Meaning;
use crate::render::words::{clock_time, duration, many, subject_text};
use crate::replay::{Subject, Value};

const SUBJECT_COLUMNS_MAX: usize = 34;
/// Two columns in a pipe are as wide as those of diff -y.
const SIDE_BY_SIDE_COLUMNS: usize = 160;
/// More undecided lines in a row are only counted.
const UNDECIDED_SHOWN_MAX: usize = 3;
/// Narrower columns have no room for times and reasons.
const ROOMY_COLUMNS: usize = 60;

/// How the lines of one pod are laid out.
pub(super) struct Page<'a> {
    manner: Manner,
    created_at: [Option<StampedAt>; 2],
    subject_columns: usize,
    layout: &'a Layout<'a>,
}

impl<'a> Page<'a> {
    pub(super) fn of(pod: &PodComparison, layout: &'a Layout<'a>) -> Self {
        let lines = pod.rows.iter().flat_map(|row| [&row.expected, &row.recorded]).flatten();
        let subjects = lines.filter_map(|line| line.subject.as_ref()).map(|subject| subject_text(subject).width());
        let subject_columns = subjects.max().unwrap_or(0).min(SUBJECT_COLUMNS_MAX);
        Self { manner: pod.manner, created_at: pod.created_at, subject_columns, layout }
    }

    /// A row that differs, with what differs.
    pub(super) fn differing(&self, row: &Row, out: &mut String) {
        self.row(row, out);
        let shown = row.recorded.as_ref().or(row.expected.as_ref());
        let line = row.expected.as_ref().map_or(0, |line| line.place.line);
        let subject = shown.and_then(|line| line.subject.as_ref());
        explain(&row.differences, subject, Still::of(row), line, self.layout, out);
    }

    /// Rows that the recording cannot decide: a few are shown, of many only how many there are, and why.
    pub(super) fn undecided(&self, rows: &[&Row], out: &mut String) {
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
            out.push_str(&Meaning::Waiting.paint_line(&format!("? {}{place}", many(rows.len(), "line"))));
        }
        told.into_iter().for_each(|reason| unseen_text(Some(reason), self.layout, out));
    }

    pub(super) fn row(&self, row: &Row, out: &mut String) {
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
        let meanings = worse_and_better(row);
        match (left, right) {
            (_, Some(right)) if row.is_same() => push_line("  ", &right, Meaning::Plain, self.layout.width, out),
            (Some(left), Some(right)) => {
                let words = TextDiff::from_words(&left, &right);
                let signs = [(sign("-"), ChangeTag::Delete), (sign("+"), ChangeTag::Insert)];
                for ((sign, own), meaning) in signs.into_iter().zip(meanings) {
                    let parts =
                        words.iter_all_changes().filter(|change| [own, ChangeTag::Equal].contains(&change.tag()));
                    let parts = parts.map(|change| (change.value(), change.tag() != ChangeTag::Equal));
                    push_parts(sign, meaning, parts, self.layout.width, out);
                }
            }
            (Some(left), None) => {
                push_line(&format!("{} ", sign("-")), &left, meanings[0], self.layout.width, out);
            }
            (None, Some(right)) => {
                push_line(&format!("{} ", sign("+")), &right, meanings[1], self.layout.width, out);
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
        let meanings = if row.is_same() { [Meaning::Plain; 2] } else { worse_and_better(row) };
        let sign = match (&left, &right) {
            (Some(_), Some(_)) if row.is_same() => " ",
            (Some(_), Some(_)) => "|",
            (Some(_), None) => "<",
            (None, _) => ">",
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
    out.push_str(&meaning.paint_line(&cut_to(&format!("{sign}{text}"), width)));
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
    meaning: Meaning,
    parts: impl Iterator<Item = (&'a str, bool)>,
    width: Width,
    out: &mut String,
) {
    let marked = meaning.marked();
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

/// What each side of a row means: the worse one is red and the better one green, whichever stands on the left. Where neither is
/// worse, as with another time, nothing is.
fn worse_and_better(row: &Row) -> [Meaning; 2] {
    let rank = |line: &Option<Line>| line.as_ref().and_then(badness);
    match [rank(&row.expected), rank(&row.recorded)] {
        [Some(left), Some(right)] if left > right => [Meaning::Bad, Meaning::Good],
        [Some(left), Some(right)] if left < right => [Meaning::Good, Meaning::Bad],
        [left, right] if row.expected.is_none() || row.recorded.is_none() => [left, right].map(|rank| match rank {
            Some(0) => Meaning::Good,
            Some(_) => Meaning::Bad,
            None => Meaning::Plain,
        }),
        [_, _] => [Meaning::Plain; 2],
    }
}

/// How bad the value of a line is, from 0; `None` of what is neither good nor bad, and of patterns.
fn badness(line: &Line) -> Option<u8> {
    let (Some(subject), Some(Text::Exactly(text))) = (&line.subject, &line.to) else { return None };
    let value = match subject {
        Subject::Phase => Value::Phase(Phase::from(&**text)),
        Subject::Condition(_) => Value::Condition(ConditionStatus::from(&**text)),
        Subject::Container(..) => Value::Container((**text).into()),
        Subject::Lifecycle | Subject::Field(_) => return None,
    };
    match Health::of_subject(subject, &value) {
        Health::Unknown | Health::Neutral => None,
        Health::Good | Health::Done => Some(0),
        Health::Ending | Health::Waiting | Health::Unready => Some(1),
        Health::Bad => Some(2),
    }
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
        (Moment::At(at), Some(created_at)) => format!("+{}", duration(at.saturating_sub(created_at.micros()))),
        (moment, _) => time_of_day(moment),
    }
}
