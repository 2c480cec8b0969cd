//! One row, note or gap of the text as lines: its columns, and what is cut where they do not fit.

use unicode_width::UnicodeWidthStr;

use super::legend::Told;
use super::row::Row;
use crate::model::time::SECOND_US;
use crate::model::{Clock, ObservedAt};
use crate::picture::Health;
use crate::render::escape::plain;
use crate::render::layout::{Detail, ExpectedColumn, Width, cut, cut_middle, wrap};
use crate::render::notes::NoteText;
use crate::render::style::Meaning;
use crate::render::who::acted;
use crate::render::words::{both_times, clock_time, duration, gap_text, time_behind};
use crate::replay::{Subject, Transition, Value};
use crate::report::Note;
use crate::rules::{Finding, Judgement, Severity};
use crate::timeline::Gap;

/// The arrow between two values.
const ARROW_COLUMNS: usize = 3;
/// A window wider than this is shown.
const WINDOW_SHOWN_US: i64 = 2 * SECOND_US;
/// How far the second line of a gap is indented.
const GAP_INDENT: usize = 9;
/// Where the subject begins: behind the time and the time since.
const SUBJECT_AT: usize = 17;
/// How far the further lines of a note are indented, and how narrow they may become.
const MESSAGE_INDENT: usize = 2;
const MESSAGE_COLUMNS_MIN: usize = 16;
/// What `-o wide` has in front of it.
const WIDE_COLUMNS: usize = 35;

pub(super) const EXPECTED: &str = "EXPECTED";

pub(super) struct Page<'a> {
    pub(super) judgement: &'a Judgement,
    /// What stands in the column of the pod, as wide as the column, if there is one.
    pub(super) pod: Option<&'a str>,
    pub(super) column: ExpectedColumn,
    pub(super) subject_columns: usize,
    /// How wide the column EXPECTED is, if there is one.
    pub(super) expected_columns: Option<usize>,
    pub(super) detail: Detail,
    pub(super) width: Width,
}

impl Page<'_> {
    fn subject_at(&self) -> usize {
        let pod = self.pod.map_or(0, |pod| pod.width() + 2);
        SUBJECT_AT + pod + if self.detail == Detail::Wide { WIDE_COLUMNS } else { 0 }
    }

    fn value_at(&self) -> usize {
        self.subject_at() + self.subject_columns + 2 + self.expected_columns.map_or(0, |columns| columns + 2)
    }

    pub(super) fn headings(&self, out: &mut String) {
        if let Some(columns) = self.expected_columns {
            let indent = self.subject_at() + self.subject_columns + 2;
            let headings = format!("{:indent$}{EXPECTED:columns$}  RECORDED", "");
            out.push_str(&Meaning::Faint.paint_line(&headings));
        }
    }

    /// The short finding, on a line of its own.
    fn finding(&self, finding: &Finding, out: &mut String) {
        let text = format!("{} {}: expected {}", finding.rule.id, finding.rule.name, finding.expected);
        let indent = self.subject_at();
        let text = self.cut(&plain(&text), indent);
        out.push_str(&" ".repeat(indent));
        out.push_str(&mark(finding).1.paint_line(&text));
    }

    fn expected(&self, text: Option<&str>, told: &mut Told, line: &mut Line) {
        let Some(columns) = self.expected_columns else { return };
        let text = text.unwrap_or_default();
        told.same |= text == "=";
        told.nothing |= text == "-";
        told.lawful |= text.starts_with('(');
        told.reason |= text.contains("reason");
        told.time |= text.contains("=@");
        let differs = !matches!(text, "" | "=" | "-") && !text.starts_with('(');
        line.add(&format!("{text:columns$}  "), if differs { Meaning::Bad } else { Meaning::Faint });
    }

    pub(super) fn gap(&self, gap: &Gap, out: &mut String) {
        let lines = wrap(&format!("~~~~~~~~ {}", gap_text(gap)), self.width, GAP_INDENT);
        out.push_str(&Meaning::Waiting.paint_lines(&lines));
    }

    fn cut(&self, text: &str, used: usize) -> String {
        match self.width {
            Width::Columns(columns) => cut(text, columns.saturating_sub(used).max(8)),
            Width::Unlimited => text.to_owned(),
        }
    }

    pub(super) fn row(&self, row: &Row<'_>, time: Option<&str>, since: Option<i64>, told: &mut Told, out: &mut String) {
        let transition = &*row.transition;
        let mut line = Line::default();
        let (sign, meaning) = match row.finding {
            Some(finding) => mark(finding),
            None => (if transition.inferred { "~" } else { " " }, Meaning::Waiting),
        };
        self.time(time, sign, meaning, since, &mut line);
        told.inferred |= sign == "~";
        told.error |= sign == "!";
        told.warning |= sign == "?";
        self.place(transition, &mut line);
        self.pod(&mut line);
        let subject = cut_middle(&plain(&row.subject()), self.subject_columns);
        let padding = " ".repeat(self.subject_columns.saturating_sub(subject.width()));
        line.add(&format!("{subject}{padding}  "), Meaning::Plain);
        self.expected(row.expected(self.judgement, self.column).as_deref(), told, &mut line);
        match &row.fields {
            Some(fields) => {
                let room = line.columns;
                line.add(&self.cut(fields, room), Meaning::Plain);
            }
            None => {
                self.change(transition, row.held, told, &mut line);
                self.notes(transition, told, &mut line);
            }
        }
        let (text, mut used) = (line.text, line.columns);
        out.push_str(text.trim_end());
        if let Some(bounds) = bounds(transition) {
            // They are what is known of its time: where they have no room, they stand on a line of their own.
            if matches!(self.width, Width::Columns(columns) if used + 2 + bounds.width() > columns) {
                used = self.value_at();
                out.push('\n');
                out.push_str(&" ".repeat(used));
            } else {
                used += 2;
                out.push_str("  ");
            }
            out.push_str(&Meaning::Faint.paint(&bounds));
            used += bounds.width();
        }
        self.message(transition, used, out);
        out.push('\n');
        if let Some(finding) = row.finding {
            self.finding(finding, out);
        }
    }

    /// A birth is told like prose too, and who created the pod.
    pub(super) fn birth(
        &self,
        text: &str,
        creation: &Transition,
        time: Option<&str>,
        since: Option<i64>,
        out: &mut String,
    ) {
        let mut line = Line::default();
        self.time(time, " ", Meaning::Plain, since, &mut line);
        self.place(creation, &mut line);
        self.pod(&mut line);
        let by = acted(creation).map(|by| format!(", by {by}")).unwrap_or_default();
        let columns = match self.width {
            Width::Columns(columns) => columns.saturating_sub(line.columns).max(MESSAGE_COLUMNS_MIN),
            Width::Unlimited => usize::MAX,
        };
        let indent = " ".repeat(line.columns);
        let lines = wrap(&plain(&format!("{text}{by}")), Width::Columns(columns), MESSAGE_INDENT);
        out.push_str(&line.text);
        out.push_str(&lines.join(&format!("\n{indent}")));
        out.push('\n');
    }

    fn time(&self, time: Option<&str>, sign: &str, meaning: Meaning, since: Option<i64>, line: &mut Line) {
        line.add(&format!("{:8}", time.unwrap_or_default()), Meaning::Plain);
        line.add(sign, meaning);
        let since = since.map(|since| format!("+{}", duration(since))).unwrap_or_default();
        line.add(&format!("{since:>6}  "), Meaning::Faint);
    }

    /// Where a transition stands in the log, in the wide form.
    fn place(&self, transition: &Transition, line: &mut Line) {
        if self.detail == Detail::Wide {
            let version = transition.resource_version.as_ref().map(ToString::to_string).unwrap_or_default();
            let clock = transition.window.clock;
            let clock = if clock == Clock::None { "-" } else { clock.as_str() };
            line.add(&format!("{:>8} {version:>10} {clock:13}  ", transition.seq), Meaning::Faint);
        }
    }

    /// What stands beside the pod is told like prose, not in the columns of the transitions.
    pub(super) fn note(
        &self,
        text: &NoteText,
        note: &Note,
        time: Option<&str>,
        since: Option<i64>,
        told: &mut Told,
        out: &mut String,
    ) {
        told.related = true;
        let mut line = Line::default();
        self.time(time, "·", Meaning::Done, since, &mut line);
        if self.detail == Detail::Wide {
            let version = note.version().map(ToString::to_string).unwrap_or_default();
            line.add(&format!("{:>8} {version:>10} {:13}  ", note.seq(), "-"), Meaning::Faint);
        }
        self.pod(&mut line);
        let indent = line.columns;
        let head = self.cut(&text.head, indent);
        line.add(&head, text.meaning);
        out.push_str(&line.text);
        let message = plain(text.message.trim());
        if !message.is_empty() {
            // The head stands in for the first word, so that the lines break as if it were one.
            let taken = "x".repeat(line.columns - indent + 1);
            let columns = match self.width {
                Width::Columns(columns) => columns.saturating_sub(indent).max(MESSAGE_COLUMNS_MIN),
                Width::Unlimited => usize::MAX,
            };
            let mut lines = wrap(&format!("{taken} {message}"), Width::Columns(columns), MESSAGE_INDENT);
            if lines.len() > text.lines_max {
                let rest = lines.split_off(text.lines_max - 1);
                let rest: Vec<&str> = rest.iter().map(|line| line.trim_start()).collect();
                let indent = if lines.is_empty() { 0 } else { MESSAGE_INDENT };
                lines.push(format!("{:indent$}{}", "", rest.join(" ")));
            }
            for (index, part) in lines.iter().enumerate() {
                match part.strip_prefix(&taken).filter(|_| index == 0) {
                    Some("") => {}
                    Some(part) => {
                        out.push_str("  ");
                        out.push_str(&Meaning::Faint.paint(&cut(part.trim_start(), columns - taken.len() - 1)));
                    }
                    None => {
                        out.push('\n');
                        out.push_str(&" ".repeat(indent));
                        out.push_str(&Meaning::Faint.paint(&cut(part, columns)));
                    }
                }
            }
        }
        out.push('\n');
    }

    fn pod(&self, line: &mut Line) {
        if let Some(pod) = self.pod {
            line.add(&format!("{pod}  "), Meaning::Strong);
        }
    }

    fn change(&self, transition: &Transition, held: Option<i64>, told: &mut Told, line: &mut Line) {
        let count = transition.restart_count.filter(|count| *count > 0).map(|count| format!(" #{count}"));
        let behind = count.as_ref().map_or(0, |count| count.width());
        let value = |value: &Option<Value>, line: &mut Line| match value {
            Some(value) => {
                let text = self.cut(&plain(&value.to_string()), line.columns + behind);
                line.add(&text, Health::of_subject(&transition.subject, value).into());
            }
            None => line.add(if transition.inferred { "(unknown)" } else { "(none)" }, Meaning::Faint),
        };
        if transition.from == transition.to {
            value(&transition.to, line);
            line.add(" still", Meaning::Faint);
        } else {
            if let Some(from) = &transition.from {
                // Where both values do not fit, the one before is left out: it stands further up.
                let to = transition.to.as_ref().map_or_else(|| "(unknown)".to_owned(), ToString::to_string);
                let held = held.filter(|held| *held > 0).map(|held| format!(" ({})", duration(held)));
                let held = held.unwrap_or_default();
                let needed = line.columns + ARROW_COLUMNS + to.width() + behind;
                let fits = |more: usize| !matches!(self.width, Width::Columns(columns) if needed + more > columns);
                if fits(from.to_string().width() + held.width()) {
                    value(&transition.from, line);
                } else {
                    line.add("…", Meaning::Faint);
                }
                if fits(1 + held.width()) {
                    line.add(&held, Meaning::Faint);
                }
                line.add(" → ", Meaning::Faint);
            }
            value(&transition.to, line);
        }
        if let Some(count) = count {
            line.add(&count, Meaning::Faint);
            told.count = true;
        }
    }

    fn notes(&self, transition: &Transition, told: &mut Told, line: &mut Line) {
        let window = transition.window;
        // Two clocks side by side: shown where they do not read the same second.
        if let (Some(at), Some(stamped)) = (window.at, transition.stamped_at) {
            let differs = at.micros().div_euclid(SECOND_US) != stamped.micros().div_euclid(SECOND_US);
            let note = format!("  @{}", time_behind(Some(at), ObservedAt::from_micros(stamped.micros())));
            if differs && self.has_room(line, &note) {
                line.add(&note, Meaning::Faint);
                told.stamp = true;
            }
        } else if let (Some(at), Some(latest), false) = (window.at, window.at_latest, transition.is_unplaced())
            && latest.micros_since(at) > WINDOW_SHOWN_US
        {
            let note = format!("  by {}", time_behind(Some(at), latest));
            if self.has_room(line, &note) {
                line.add(&note, Meaning::Faint);
                told.by = true;
            }
        }
    }

    fn has_room(&self, line: &Line, note: &str) -> bool {
        match self.width {
            Width::Columns(columns) => line.columns + note.width() <= columns,
            Width::Unlimited => true,
        }
    }

    fn message(&self, transition: &Transition, used: usize, out: &mut String) {
        let is_container = matches!(transition.subject, Subject::Container(..));
        let reason = transition.reason.as_deref().filter(|_| !is_container);
        let said = match (reason, transition.message.as_deref()) {
            (Some(reason), Some(message)) => format!("{reason}: {message}"),
            (Some(text), None) | (None, Some(text)) => text.to_owned(),
            (None, None) => String::new(),
        };
        let text = match (said.trim_end(), acted(transition)) {
            ("", None) => return,
            ("", Some(by)) => format!("by {by}"),
            (said, None) => said.to_owned(),
            (said, Some(by)) => format!("{said}, by {by}"),
        };
        let text = plain(text.trim_end());
        let room = match self.width {
            Width::Columns(columns) => columns.saturating_sub(used + 2),
            Width::Unlimited => usize::MAX,
        };
        if room >= 24 || text.width() <= room {
            out.push_str("  ");
            out.push_str(&Meaning::Faint.paint(&cut(&text, room)));
        } else {
            let indent = self.value_at();
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            out.push_str(&Meaning::Faint.paint(&self.cut(&text, indent)));
        }
    }
}

/// Between which times something happened that nothing places.
fn bounds(transition: &Transition) -> Option<String> {
    let (at, at_latest) = (transition.window.at, transition.window.at_latest);
    let text = match (at, at_latest) {
        (Some(at), Some(latest)) => format!("between {}", both_times(at, latest)),
        (Some(at), None) => format!("after {}", clock_time(at)),
        (None, Some(latest)) => format!("before {}", clock_time(latest)),
        (None, None) => return None,
    };
    transition.is_unplaced().then_some(text)
}

/// The sign of a finding in front of a row.
fn mark(finding: &Finding) -> (&'static str, Meaning) {
    match finding.severity {
        Severity::Error => ("!", Meaning::Bad),
        Severity::Warning => ("?", Meaning::Waiting),
        Severity::Info => (" ", Meaning::Faint),
    }
}

#[derive(Default)]
struct Line {
    text: String,
    columns: usize,
}

impl Line {
    fn add(&mut self, text: &str, meaning: Meaning) {
        self.columns += plain(text).width();
        self.text.push_str(&meaning.paint(text));
    }
}
