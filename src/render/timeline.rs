//! The text of `timeline`: what happened to a pod, in the order of time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::history::Detail;
use super::notes::{Merged, NoteText, merged, note_text};
use super::style::Meaning;
use super::table::{Width, cut};
use crate::kubelet::human_duration;
use crate::model::time::SECOND_US;
use crate::model::{Clock, ObservedAt, Role, Seq};
use crate::picture::Health;
use crate::replay::{PodField, Subject, Transition, Value};
use crate::report::{JudgedPod, Note, PodReport};
use crate::rules::{Difference, ExpectedTime, Finding, Judgement, Severity};
use crate::timeline::{Gap, GapKind, Span, spans};

const SUBJECT_COLUMNS_MAX: usize = 34;
/// The arrow between two values.
const ARROW_COLUMNS: usize = 3;
/// A window wider than this is shown.
const WINDOW_SHOWN_US: i64 = 2 * SECOND_US;

/// The time of the day, to the second: `15:09:47`.
#[must_use]
pub fn clock_time(at: ObservedAt) -> String {
    at.to_string().get(11..19).map_or_else(|| at.to_string(), str::to_owned)
}

/// The day: `2026-11-20`.
pub(super) fn date(at: ObservedAt) -> String {
    at.to_string().get(..10).map_or_else(|| at.to_string(), str::to_owned)
}

/// How a subject is called.
#[must_use]
pub fn subject_text(subject: &Subject) -> String {
    match subject {
        Subject::Lifecycle => "pod".to_owned(),
        Subject::Field(field) => field.as_str().to_owned(),
        Subject::Phase => "phase".to_owned(),
        Subject::Condition(kind) => kind.to_string(),
        Subject::Container(name, role) => match role {
            Role::Regular => format!("container {name}"),
            Role::Init | Role::Sidecar | Role::Ephemeral => format!("{} {name}", role.as_str()),
        },
    }
}

/// A gap in words.
#[must_use]
pub fn gap_text(gap: &Gap) -> String {
    let span = match (gap.from, gap.until) {
        (Some(from), Some(until)) => {
            format!(" between {} and {} ({})", clock_time(from), clock_time(until), duration(until.micros_since(from)))
        }
        (Some(from), None) => format!(" from {} on", clock_time(from)),
        (None, Some(until)) => format!(" until {}", clock_time(until)),
        (None, None) => String::new(),
    };
    match &gap.kind {
        GapKind::StartsMidLife => format!("not recorded{span}: the recording begins in the middle of the pod's life"),
        GapKind::WatchError => format!("not recorded{span}: the watch ended with an error"),
        GapKind::Relist => format!("not recorded{span}: the watch was begun anew"),
        GapKind::Untold { what } => {
            let at = gap.from.map(|at| format!(" at {}", clock_time(at))).unwrap_or_default();
            format!("not told{at}: {what}")
        }
        GapKind::Partial => {
            format!("known in part{span}: the object before is not recorded, only what requests wrote since")
        }
        GapKind::BetweenRecordings if gap.before.is_none() => {
            format!("not recorded{span}: one recording had ended, and the next does not tell of this pod")
        }
        GapKind::BetweenRecordings => format!("not recorded{span}: one recording had ended, the next had not begun"),
        GapKind::Vanished => match gap.list {
            None => {
                format!(
                    "not recorded{span}: the watch was begun anew and did not tell of this pod again, it was deleted"
                )
            }
            Some(recording) => format!(
                "not recorded{span}: recording {recording} tells of all pods then and not of this one: it was deleted, or is not \
                 in that recording's selection"
            ),
        },
        GapKind::RestartsUnseen { container, runs } => {
            let times = if *runs == 1 { "once more".to_owned() } else { format!("{runs} times more") };
            format!("not recorded{span}: container {container} ran {times}")
        }
    }
}

pub(super) fn duration(micros: i64) -> String {
    human_duration(micros.div_euclid(SECOND_US))
}

/// How far the second line of a gap, and of the summary, is indented.
const GAP_INDENT: usize = 9;
const SUMMARY_INDENT: usize = 7;

/// The text in lines that fit, broken between words.
pub(super) fn wrap(text: &str, width: Width, indent: usize) -> Vec<String> {
    let Width::Columns(columns) = width else { return vec![text.to_owned()] };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if line.trim().is_empty() || line.width() + 1 + word.width() <= columns {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
            line.push_str(if word.is_empty() { " " } else { word });
        } else {
            lines.push(std::mem::replace(&mut line, format!("{}{word}", " ".repeat(indent))));
        }
    }
    lines.push(line);
    lines
}

/// The timeline of one pod. The signs that it uses are noted in `told`, for one legend at the end.
#[must_use]
pub fn timeline_text(pod: &JudgedPod, beside: Beside, detail: Detail, width: Width, told: &mut Told) -> String {
    let mut out = String::new();
    let history = &pod.report;
    heading(history, width, &mut out);
    let rows: Vec<Row<'_>> = rows(pod, beside);
    let subject_columns_max = match width {
        Width::Columns(columns) => (columns * 3 / 10).min(SUBJECT_COLUMNS_MAX),
        Width::Unlimited => SUBJECT_COLUMNS_MAX,
    };
    let subject_columns = rows.iter().map(|row| row.subject.width()).max().unwrap_or(0).min(subject_columns_max);
    let expected_columns = rows.iter().filter_map(|row| row.expected.as_ref()).map(|text| text.width()).max();
    let expected_columns = expected_columns.map(|columns| columns.max(EXPECTED.len()));
    let page = Page { subject_columns, expected_columns, detail, width };
    page.headings(&mut out);
    let mut shown: Option<(ObservedAt, String)> = None;
    // Gaps stand in the order of the events behind them, of which some have no row.
    let events: BTreeMap<Seq, usize> =
        history.timeline.entries.iter().enumerate().map(|(place, entry)| (entry.seq, place)).collect();
    let mut gaps = history.gaps.iter().peekable();
    let places = rows.iter().map(|row| {
        let it = &row.transition;
        (it.window.at, it.resource_version.as_ref().filter(|_| !it.inferred))
    });
    for line in merged(places, &history.beside) {
        let at = match line {
            Merged::Own(row) => {
                let transition = &rows[row].transition;
                let place = events.get(&transition.seq);
                let is_passed = |gap: &&Gap| gap.before.is_some_and(|before| events.get(&before) <= place);
                while let Some(gap) = gaps.next_if(is_passed) {
                    page.gap(gap, &mut out);
                }
                transition.window.at
            }
            Merged::Note(note) => history.beside[note].begins_at(),
        };
        let time = at.map_or_else(|| "?".to_owned(), clock_time);
        let is_new_time = shown.as_ref().is_none_or(|(_, text)| *text != time);
        if let (Some(at), Some((before, _))) = (at, &shown)
            && date(at) != date(*before)
        {
            out.push_str(&Meaning::Faint.paint(&format!("-- {} --", date(at))));
            out.push('\n');
        }
        let since = at.zip(shown.as_ref()).filter(|_| is_new_time).map(|(at, (before, _))| at.micros_since(*before));
        let time_shown = is_new_time.then_some(time.as_str());
        let since = since.filter(|since| *since >= 0);
        match line {
            Merged::Own(row) => page.row(&rows[row], time_shown, since, told, &mut out),
            Merged::Note(note) => {
                let note = &history.beside[note];
                page.note(&note_text(note, history, detail), note, time_shown, since, told, &mut out);
            }
        }
        if let Some(at) = at {
            shown = Some((at, time));
        }
    }
    for gap in gaps {
        page.gap(gap, &mut out);
    }
    summary(history, width, &mut out);
    out
}

/// What the signs mean that were used.
#[must_use]
pub fn legend(told: &Told) -> String {
    let mut out = String::new();
    for (is_used, line) in [
        (told.inferred, "~   no event shows it; timestamps in a later event prove it"),
        (told.beside, "·   told beside the pod, no part of its state: Events, readiness of its node"),
        (told.stamp, "@   what the cluster stamped on it, where that is another second"),
        (told.by, "by  it happened at the time on the left or later, up to this"),
        (told.count, "#   how often the container had been restarted"),
        (told.error, "!   not as Kubernetes' rules have it: `podreplay check` says more"),
        (told.warning, "?   lawful, and worth a look: `podreplay check` says more"),
        (told.same, "=   what Kubernetes computes from the containers is what is recorded"),
        (told.lawful, "()  Kubernetes computes this; what is recorded is lawful too"),
        (told.reason, "reason   only the reason or the message differs"),
        (told.time, "=@  only the lastTransitionTime differs: expected is this one, or that of the event (now)"),
        (told.nothing, "-   another client wrote it, or it cannot be derived from the pod"),
    ] {
        if is_used {
            out.push_str(&Meaning::Faint.paint(line));
            out.push('\n');
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

/// Which signs were used and need a legend.
#[derive(Debug, Default)]
pub struct Told {
    inferred: bool,
    beside: bool,
    stamp: bool,
    by: bool,
    count: bool,
    error: bool,
    warning: bool,
    same: bool,
    lawful: bool,
    reason: bool,
    time: bool,
    nothing: bool,
}

/// One line of the text: a transition, or the fields of a pod that one event set.
struct Row<'a> {
    transition: Cow<'a, Transition>,
    subject: String,
    /// How long the value before had held.
    held: Option<i64>,
    /// Fields told together.
    fields: Option<String>,
    /// What the rules say against it.
    finding: Option<&'a Finding>,
    /// The column EXPECTED.
    expected: Option<String>,
}

/// Fields that one event set are told on one line; reason and message are told with the phase that they explain.
fn rows(pod: &JudgedPod, beside: Beside) -> Vec<Row<'_>> {
    let transitions = &*pod.report.timeline.transitions;
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (index, transition) in transitions.iter().enumerate() {
        let finding = pod.judgement.finding_of(transition);
        let Subject::Field(field) = transition.subject else {
            let subject = subject_text(&transition.subject);
            let expected = (beside == Beside::Expected).then(|| expected_text(&pod.judgement, transition)).flatten();
            let held = held(transitions, index);
            rows.push(Row { transition: Cow::Borrowed(transition), subject, held, fields: None, finding, expected });
            continue;
        };
        let comes_with_phase = || {
            let mut others = transitions.iter().filter(|other| other.seq == transition.seq);
            others.any(|other| other.subject == Subject::Phase)
        };
        let was_set = transition.from.is_none() && transition.to.is_some();
        if finding.is_none() && was_set && matches!(field, PodField::Reason | PodField::Message) && comes_with_phase() {
            continue;
        }
        let text = match &transition.to {
            Some(to) => format!("{} {to}", field.as_str()),
            None => format!("{} gone", field.as_str()),
        };
        // A field that something is said against stands on a line of its own.
        let is_joined = was_set && finding.is_none();
        match rows.last_mut() {
            Some(Row { transition: last, fields: Some(fields), .. }) if is_joined && last.seq == transition.seq => {
                fields.push_str(", ");
                fields.push_str(&text);
            }
            _ => {
                let (subject, held, fields) = match is_joined {
                    true => ("pod", None, Some(text)),
                    false => (field.as_str(), held(transitions, index), None),
                };
                let subject = subject.to_owned();
                let transition = Cow::Borrowed(transition);
                rows.push(Row { transition, subject, held, fields, finding, expected: None });
            }
        }
    }
    with_bare_findings(rows, pod)
}

/// Findings about what no transition shows get rows of their own, behind the other rows of their event.
fn with_bare_findings<'a>(mut rows: Vec<Row<'a>>, pod: &'a JudgedPod) -> Vec<Row<'a>> {
    let transitions = &pod.report.timeline.transitions;
    let is_shown =
        |finding: &Finding| transitions.iter().any(|it| it.seq == finding.seq && it.subject == finding.subject);
    let bare = pod.judgement.findings.iter().filter(|it| it.severity > Severity::Info && !is_shown(it));
    let bare: Vec<Row<'_>> = bare.map(bare_row).collect();
    if !bare.is_empty() {
        let entries = pod.report.timeline.entries.iter().enumerate();
        let places: BTreeMap<Seq, usize> = entries.map(|(place, entry)| (entry.seq, place)).collect();
        rows.extend(bare);
        rows.sort_by_key(|row| places.get(&row.transition.seq).copied());
    }
    rows
}

fn bare_row(finding: &Finding) -> Row<'_> {
    let transition = Transition {
        seq: finding.seq,
        resource_version: finding.resource_version.clone(),
        window: finding.window,
        subject: finding.subject.clone(),
        from: None,
        to: None,
        reason: None,
        message: None,
        stamped_at: None,
        restart_count: None,
        inferred: false,
    };
    Row {
        transition: Cow::Owned(transition),
        subject: subject_text(&finding.subject),
        held: None,
        fields: Some(finding.actual.clone()),
        finding: Some(finding),
        expected: None,
    }
}

/// What stands beside the recorded values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Only what is recorded is told.
    Nothing,
    /// What the model expects.
    Expected,
}

const EXPECTED: &str = "EXPECTED";

/// The column EXPECTED of a row; none where the model has no say.
fn expected_text(judgement: &Judgement, transition: &Transition) -> Option<String> {
    if !matches!(transition.subject, Subject::Phase | Subject::Condition(_)) {
        return None;
    }
    let Some(expected) = judgement.expected_of(transition) else { return Some("-".to_owned()) };
    let time = match expected.time {
        ExpectedTime::Now { .. } => "@now".to_owned(),
        ExpectedTime::Kept(at) => format!("@{}", clock_time(ObservedAt::from_micros(at.micros()))),
        ExpectedTime::Unknown => String::new(),
    };
    let text = match expected.difference(transition) {
        None => return Some("=".to_owned()),
        Some(Difference::Value) if time.is_empty() => expected.value.to_string(),
        Some(Difference::Value) => format!("{} {time}", expected.value),
        Some(Difference::Reason) => "reason".to_owned(),
        Some(Difference::Time) => format!("={time}"),
    };
    // The rules know more than the model: what they let pass is lawful.
    let is_lawful = judgement.finding_of(transition).is_none();
    Some(if is_lawful { format!("({text})") } else { text })
}

/// Which pod, and what it came to.
pub(super) fn heading(history: &PodReport, width: Width, out: &mut String) {
    let row = &history.identity;
    out.push_str(&Meaning::Strong.paint(&format!("pod {}/{}", row.namespace, row.name)));
    out.push_str(&Meaning::Faint.paint(&format!("  uid {}", row.uid)));
    out.push('\n');
    push_wrapped(&facts(history), width, out);
    out.push_str("\n\n");
}

/// What a pod came to, fact by fact, escaped.
pub(super) fn facts(history: &PodReport) -> Vec<String> {
    let timeline = &history.timeline;
    let count = timeline.entries.len();
    let mut facts = vec![format!("{count} event{}", if count == 1 { "" } else { "s" })];
    if let Some((first, last)) = timeline.bounds() {
        let span = duration(last.micros_since(first));
        facts.insert(0, format!("{} {} to {} UTC ({span})", date(first), clock_time(first), clock_time(last)));
    }
    if let Some(node) = timeline.pod().and_then(|pod| pod.spec.node_name.as_deref()) {
        facts.push(format!("on {}", super::escape::plain(node)));
    }
    if let Some(last) = timeline.entries.last() {
        let restarts = last.columns.restarts.count;
        facts.push(format!("{restarts} restart{}", if restarts == 1 { "" } else { "s" }));
        facts.push(match (timeline.state.is_deleted, history.is_gone()) {
            (true, _) => "at the end deleted".to_owned(),
            (false, true) => "at the end gone".to_owned(),
            (false, false) if last.columns.status.is_empty() => "last not known".to_owned(),
            (false, false) => format!("last {}", super::escape::plain(&last.columns.status)),
        });
    }
    facts
}

/// Joins facts by commas and breaks the line before one that does not fit.
fn push_wrapped(facts: &[String], width: Width, out: &mut String) {
    let mut used = 0;
    for (index, fact) in facts.iter().enumerate() {
        let fact = if index + 1 < facts.len() { format!("{fact},") } else { fact.clone() };
        let is_too_wide = matches!(width, Width::Columns(columns) if used + 1 + fact.width() > columns);
        if used > 0 {
            out.push(if is_too_wide { '\n' } else { ' ' });
            used = if is_too_wide { 0 } else { used + 1 };
        }
        used += fact.width();
        out.push_str(&fact);
    }
}

/// How long the value before had held, where that is known.
fn held(transitions: &[Transition], index: usize) -> Option<i64> {
    let transition = &transitions[index];
    transition.from.as_ref()?;
    if transition.from == transition.to {
        return None;
    }
    let before = transitions[..index].iter().rev().find(|before| {
        before.subject == transition.subject && before.to == transition.from && before.from != before.to
    })?;
    // The cluster's stamps on both ends are one clock and closer to the truth; else both ends as observed.
    match (before.stamped_at, transition.stamped_at) {
        (Some(from), Some(until)) if until >= from => Some(until.micros_since(from)),
        _ => Some(transition.window.at?.micros_since(before.window.at?)),
    }
}

struct Page {
    subject_columns: usize,
    /// How wide the column EXPECTED is, if there is one.
    expected_columns: Option<usize>,
    detail: Detail,
    width: Width,
}

/// Where the subject begins: behind the time and the time since.
const SUBJECT_AT: usize = 17;
/// How far the further lines of a note are indented, and how narrow they may become.
const MESSAGE_INDENT: usize = 2;
const MESSAGE_COLUMNS_MIN: usize = 16;
/// What `-o wide` has in front of it.
const WIDE_COLUMNS: usize = 35;

impl Page {
    fn subject_at(&self) -> usize {
        SUBJECT_AT + if self.detail == Detail::Wide { WIDE_COLUMNS } else { 0 }
    }

    fn value_at(&self) -> usize {
        self.subject_at() + self.subject_columns + 2 + self.expected_columns.map_or(0, |columns| columns + 2)
    }

    fn headings(&self, out: &mut String) {
        if let Some(columns) = self.expected_columns {
            let indent = self.subject_at() + self.subject_columns + 2;
            let headings = format!("{:indent$}{EXPECTED:columns$}  RECORDED", "");
            out.push_str(&Meaning::Faint.paint(&headings));
            out.push('\n');
        }
    }

    /// The short finding, on a line of its own.
    fn finding(&self, finding: &Finding, out: &mut String) {
        let text = format!("{} {}: expected {}", finding.rule.id, finding.rule.name, finding.expected);
        let indent = self.subject_at();
        let text = self.cut(&super::escape::plain(&text), indent);
        out.push_str(&" ".repeat(indent));
        out.push_str(&mark(finding).1.paint(&text));
        out.push('\n');
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

    fn gap(&self, gap: &Gap, out: &mut String) {
        for line in wrap(&format!("~~~~~~~~ {}", gap_text(gap)), self.width, GAP_INDENT) {
            out.push_str(&Meaning::Waiting.paint(&line));
            out.push('\n');
        }
    }

    fn cut(&self, text: &str, used: usize) -> String {
        match self.width {
            Width::Columns(columns) => cut(text, columns.saturating_sub(used).max(8)),
            Width::Unlimited => text.to_owned(),
        }
    }

    fn row(&self, row: &Row<'_>, time: Option<&str>, since: Option<i64>, told: &mut Told, out: &mut String) {
        let transition = &*row.transition;
        let mut line = Line::default();
        line.add(&format!("{:8}", time.unwrap_or_default()), Meaning::Plain);
        let (sign, meaning) = match row.finding {
            Some(finding) => mark(finding),
            None => (if transition.inferred { "~" } else { " " }, Meaning::Waiting),
        };
        line.add(sign, meaning);
        told.inferred |= sign == "~";
        told.error |= sign == "!";
        told.warning |= sign == "?";
        line.add(
            &format!("{:>6}  ", since.map(|since| format!("+{}", duration(since))).unwrap_or_default()),
            Meaning::Faint,
        );
        if self.detail == Detail::Wide {
            let version = transition.resource_version.as_ref().map(|version| version.as_str().to_owned());
            let clock = transition.window.clock;
            let clock = if clock == Clock::None { "-" } else { clock.as_str() };
            line.add(
                &format!("{:>8} {:>10} {clock:13}  ", transition.seq, version.unwrap_or_default()),
                Meaning::Faint,
            );
        }
        let subject = cut(&super::escape::plain(&row.subject), self.subject_columns);
        let padding = " ".repeat(self.subject_columns.saturating_sub(subject.width()));
        line.add(&format!("{subject}{padding}  "), Meaning::Plain);
        self.expected(row.expected.as_deref(), told, &mut line);
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
        let (text, used) = (line.text, line.columns);
        out.push_str(text.trim_end());
        self.message(transition, used, out);
        out.push('\n');
        if let Some(finding) = row.finding {
            self.finding(finding, out);
        }
    }

    /// What stands beside the pod is told like prose, not in the columns of the transitions.
    fn note(
        &self,
        text: &NoteText,
        note: &Note,
        time: Option<&str>,
        since: Option<i64>,
        told: &mut Told,
        out: &mut String,
    ) {
        told.beside = true;
        let mut line = Line::default();
        line.add(&format!("{:8}", time.unwrap_or_default()), Meaning::Plain);
        line.add("·", Meaning::Done);
        line.add(
            &format!("{:>6}  ", since.map(|since| format!("+{}", duration(since))).unwrap_or_default()),
            Meaning::Faint,
        );
        if self.detail == Detail::Wide {
            let version = note.version().map(ToString::to_string).unwrap_or_default();
            line.add(&format!("{:>8} {version:>10} {:13}  ", note.seq(), "-"), Meaning::Faint);
        }
        let indent = line.columns;
        let head = self.cut(&text.head, indent);
        line.add(&head, text.meaning);
        out.push_str(&line.text);
        let message = super::escape::plain(text.message.trim());
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

    fn change(&self, transition: &Transition, held: Option<i64>, told: &mut Told, line: &mut Line) {
        let value = |value: &Option<Value>, line: &mut Line| match value {
            Some(value) => line.add(&value.to_string(), Health::of_subject(&transition.subject, value).into()),
            None => line.add(if transition.inferred { "(unknown)" } else { "(none)" }, Meaning::Faint),
        };
        if transition.from == transition.to {
            value(&transition.to, line);
            line.add(" still", Meaning::Faint);
        } else {
            if let Some(from) = &transition.from {
                // Where both values do not fit, the one before is left out: it stands further up.
                let to = transition.to.as_ref().map(ToString::to_string).unwrap_or_default();
                let held_columns = held.filter(|held| *held > 0).map_or(0, |held| duration(held).width() + 3);
                let needed = line.columns + from.to_string().width() + held_columns + ARROW_COLUMNS + to.width();
                if matches!(self.width, Width::Columns(columns) if needed > columns) {
                    line.add("…", Meaning::Faint);
                } else {
                    value(&transition.from, line);
                }
                if let Some(held) = held.filter(|held| *held > 0) {
                    line.add(&format!(" ({})", duration(held)), Meaning::Faint);
                }
                line.add(" → ", Meaning::Faint);
            }
            value(&transition.to, line);
        }
        if let Some(count) = transition.restart_count.filter(|count| *count > 0) {
            line.add(&format!(" #{count}"), Meaning::Faint);
            told.count = true;
        }
    }

    fn notes(&self, transition: &Transition, told: &mut Told, line: &mut Line) {
        let window = transition.window;
        // Two clocks side by side: shown where they do not read the same second.
        if let (Some(at), Some(stamped)) = (window.at, transition.stamped_at) {
            let differs = at.micros().div_euclid(SECOND_US) != stamped.micros().div_euclid(SECOND_US);
            let note = format!("  @{}", clock_time(ObservedAt::from_micros(stamped.micros())));
            if differs && self.has_room(line, &note) {
                line.add(&note, Meaning::Faint);
                told.stamp = true;
            }
        } else if let (Some(at), Some(latest)) = (window.at, window.at_latest)
            && latest.micros_since(at) > WINDOW_SHOWN_US
        {
            let note = format!("  by {}", clock_time(latest));
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
        let text = match (reason, transition.message.as_deref()) {
            (Some(reason), Some(message)) => format!("{reason}: {message}"),
            (Some(text), None) | (None, Some(text)) => text.to_owned(),
            (None, None) => return,
        };
        let text = super::escape::plain(text.trim_end());
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
        self.columns += super::escape::plain(text).width();
        self.text.push_str(&meaning.paint(text));
    }
}

/// How long each phase and each readiness held.
fn summary(history: &PodReport, width: Width, out: &mut String) {
    let spans = spans(&history.timeline.transitions);
    let Some(last) = history.ends_at() else { return };
    let ended = history.is_gone();
    let ready = Subject::Condition("Ready".into());
    let lines: Vec<(&str, String)> = [("phase", &Subject::Phase), ("Ready", &ready)]
        .into_iter()
        .map(|(label, subject)| (label, span_texts(&spans, subject, last, &history.gaps, ended).join(", ")))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    if lines.is_empty() {
        return;
    }
    out.push('\n');
    for (label, text) in lines {
        for line in wrap(&super::escape::plain(&format!("{label:6} {text}")), width, SUMMARY_INDENT) {
            out.push_str(&line);
            out.push('\n');
        }
    }
}

fn span_texts(spans: &[Span], subject: &Subject, last: ObservedAt, gaps: &[Gap], ended: bool) -> Vec<String> {
    spans
        .iter()
        .filter(|span| span.subject == *subject)
        .map(|span| {
            let until = span.until.unwrap_or(last);
            let length = span.length_us(last).map(duration).unwrap_or_default();
            let has_gap = gaps.iter().any(|gap| {
                gap.kind != GapKind::StartsMidLife
                    && gap.from.is_some_and(|from| from < until)
                    && gap.until.is_none_or(|gap_until| span.from.is_none_or(|from| gap_until > from))
            });
            let partly = if has_gap { " (in part not recorded)" } else { "" };
            let open = if span.ended_by.is_none() && !ended { " to the end of its recording" } else { "" };
            format!("{} {length}{partly}{open}", span.value)
        })
        .collect()
}
