//! The text of `timeline`: what happened to a pod, in the order of time.

use unicode_width::UnicodeWidthStr;

use super::history::Detail;
use super::style::Meaning;
use super::table::{Width, cut};
use crate::kubelet::human_duration;
use crate::model::time::SECOND_US;
use crate::model::{Clock, ObservedAt, Role};
use crate::replay::{Subject, Transition, Value};
use crate::report::PodReport;
use crate::timeline::{Gap, GapKind, Span, spans};

const SUBJECT_COLUMNS_MAX: usize = 34;
/// A window wider than this is shown.
const WINDOW_SHOWN_US: i64 = 2 * SECOND_US;

/// The time of the day, to the second: `15:09:47`.
#[must_use]
pub fn clock_time(at: ObservedAt) -> String {
    at.to_string().get(11..19).map_or_else(|| at.to_string(), str::to_owned)
}

fn date(at: ObservedAt) -> String {
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
        GapKind::Vanished => {
            format!("not recorded{span}: the watch was begun anew and did not tell of this pod again, it was deleted")
        }
        GapKind::RestartsUnseen { container, runs } => {
            let times = if *runs == 1 { "once more".to_owned() } else { format!("{runs} times more") };
            format!("not recorded{span}: container {container} ran {times}")
        }
    }
}

fn duration(micros: i64) -> String {
    human_duration(micros.div_euclid(SECOND_US))
}

/// The timeline of one pod.
#[must_use]
pub fn timeline_text(history: &PodReport, detail: Detail, width: Width) -> String {
    let mut out = String::new();
    heading(history, &mut out);
    let transitions = &history.timeline.transitions;
    let subjects = transitions.iter().map(|transition| subject_text(&transition.subject));
    let subject_columns = subjects.map(|text| text.width()).max().unwrap_or(0).min(SUBJECT_COLUMNS_MAX);
    let page = Page { subject_columns, detail, width };
    let mut shown: Option<(ObservedAt, String)> = None;
    let mut told = Told::default();
    for (index, transition) in transitions.iter().enumerate() {
        let begins_event = index == 0 || transitions[index - 1].seq != transition.seq;
        if begins_event {
            for gap in history.gaps.iter().filter(|gap| gap.before == Some(transition.seq)) {
                page.gap(gap, &mut out);
            }
        }
        let at = transition.window.at;
        let time = at.map_or_else(|| "?".to_owned(), clock_time);
        let is_new_time = shown.as_ref().is_none_or(|(_, text)| *text != time);
        if let (Some(at), Some((before, _))) = (at, &shown)
            && date(at) != date(*before)
        {
            out.push_str(&Meaning::Faint.paint(&format!("-- {} --", date(at))));
            out.push('\n');
        }
        let since = at.zip(shown.as_ref()).filter(|_| is_new_time).map(|(at, (before, _))| at.micros_since(*before));
        let held = held(transitions, index);
        page.row(transition, is_new_time.then_some(time.as_str()), since, held, &mut told, &mut out);
        if let Some(at) = at {
            shown = Some((at, time));
        }
    }
    for gap in
        history.gaps.iter().filter(|gap| !transitions.iter().any(|transition| gap.before == Some(transition.seq)))
    {
        page.gap(gap, &mut out);
    }
    summary(history, width, &mut out);
    told.legend(&mut out);
    out
}

fn heading(history: &PodReport, out: &mut String) {
    let row = &history.identity;
    out.push_str(&Meaning::Strong.paint(&format!("pod {}/{}", row.namespace, row.name)));
    out.push_str(&Meaning::Faint.paint(&format!("  uid {}", row.uid)));
    out.push('\n');
    let timeline = &history.timeline;
    let count = timeline.entries.len();
    let mut facts = vec![format!("{count} event{}", if count == 1 { "" } else { "s" })];
    if let Some((first, last)) = timeline.bounds() {
        let span = duration(last.micros_since(first));
        facts.insert(0, format!("{} {} to {} UTC ({span})", date(first), clock_time(first), clock_time(last)));
    }
    if let Some(node) = timeline.pod().and_then(|pod| pod.spec.node_name.as_deref()) {
        facts.push(format!("on {node}"));
    }
    if let Some(last) = timeline.entries.last() {
        let restarts = last.columns.restarts.count;
        facts.push(format!("{restarts} restart{}", if restarts == 1 { "" } else { "s" }));
        let status = if timeline.state.is_deleted { "deleted" } else { &last.columns.status };
        facts.push(format!("at the end {status}"));
    }
    out.push_str(&super::escape::plain(&facts.join(", ")));
    out.push_str("\n\n");
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
    Some(transition.window.at?.micros_since(before.window.at?))
}

struct Page {
    subject_columns: usize,
    detail: Detail,
    width: Width,
}

/// Which signs were used and need a legend.
#[derive(Default)]
struct Told {
    inferred: bool,
    window: bool,
    stamp: bool,
}

impl Told {
    fn legend(&self, out: &mut String) {
        let mut lines = Vec::new();
        if self.inferred {
            lines.push("~ no event shows it; timestamps in a later event prove it");
        }
        if self.stamp {
            lines.push("@ the time that the cluster stamped on it, where it is not the time of the event");
        }
        if self.window {
            lines.push("+5s after a time: it may have happened up to so much later");
        }
        if !lines.is_empty() {
            out.push('\n');
        }
        for line in lines {
            out.push_str(&Meaning::Faint.paint(line));
            out.push('\n');
        }
    }
}

impl Page {
    fn gap(&self, gap: &Gap, out: &mut String) {
        out.push_str(&Meaning::Waiting.paint(&self.cut(&format!("~~~~~~~~ {}", gap_text(gap)), 0)));
        out.push('\n');
    }

    fn cut(&self, text: &str, used: usize) -> String {
        match self.width {
            Width::Columns(columns) => cut(text, columns.saturating_sub(used).max(8)),
            Width::Unlimited => text.to_owned(),
        }
    }

    fn row(
        &self,
        transition: &Transition,
        time: Option<&str>,
        since: Option<i64>,
        held: Option<i64>,
        told: &mut Told,
        out: &mut String,
    ) {
        let mut line = Line::default();
        line.add(&format!("{:8}", time.unwrap_or_default()), Meaning::Plain);
        line.add(if transition.inferred { "~" } else { " " }, Meaning::Waiting);
        told.inferred |= transition.inferred;
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
        let subject = cut(&super::escape::plain(&subject_text(&transition.subject)), self.subject_columns);
        let padding = " ".repeat(self.subject_columns.saturating_sub(subject.width()));
        line.add(&format!("{subject}{padding}  "), Meaning::Plain);
        self.change(transition, held, &mut line);
        self.notes(transition, told, &mut line);
        let (text, used) = (line.text, line.columns);
        out.push_str(text.trim_end());
        self.message(transition, used, out);
        out.push('\n');
    }

    fn change(&self, transition: &Transition, held: Option<i64>, line: &mut Line) {
        let value = |value: &Option<Value>, line: &mut Line| match value {
            Some(value) => line.add(&value.to_string(), Meaning::of(value)),
            None => line.add("(none)", Meaning::Faint),
        };
        if transition.from == transition.to {
            value(&transition.to, line);
            line.add(" still", Meaning::Faint);
        } else {
            if transition.from.is_some() {
                value(&transition.from, line);
                if let Some(held) = held.filter(|held| *held > 0) {
                    line.add(&format!(" ({})", duration(held)), Meaning::Faint);
                }
                line.add(" → ", Meaning::Faint);
            }
            value(&transition.to, line);
        }
        if let Some(count) = transition.restart_count.filter(|count| *count > 0) {
            line.add(&format!(" #{count}"), Meaning::Faint);
        }
    }

    fn notes(&self, transition: &Transition, told: &mut Told, line: &mut Line) {
        let window = transition.window;
        if let (Some(at), Some(latest)) = (window.at, window.at_latest)
            && latest.micros_since(at) > WINDOW_SHOWN_US
        {
            line.add(&format!("  +{}", duration(latest.micros_since(at))), Meaning::Faint);
            told.window = true;
        }
        // Two clocks side by side: shown where they do not read the same second.
        if let (Some(at), Some(stamped)) = (window.at, transition.stamped_at)
            && at.micros().div_euclid(SECOND_US) != stamped.micros().div_euclid(SECOND_US)
        {
            line.add(&format!("  @{}", clock_time(ObservedAt::from_micros(stamped.micros()))), Meaning::Faint);
            told.stamp = true;
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
            let indent = 17 + self.subject_columns + 2;
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            out.push_str(&Meaning::Faint.paint(&self.cut(&text, indent)));
        }
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
    let Some((_, last)) = history.timeline.bounds() else { return };
    let ready = Subject::Condition("Ready".into());
    let lines: Vec<(&str, String)> = [("phase", &Subject::Phase), ("Ready", &ready)]
        .into_iter()
        .map(|(label, subject)| (label, span_texts(&spans, subject, last).join(", ")))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    if lines.is_empty() {
        return;
    }
    out.push('\n');
    for (label, text) in lines {
        let line = format!("{label:6} {text}");
        let line = match width {
            Width::Columns(columns) => cut(&line, columns),
            Width::Unlimited => line,
        };
        out.push_str(&super::escape::plain(&line));
        out.push('\n');
    }
}

fn span_texts(spans: &[Span], subject: &Subject, last: ObservedAt) -> Vec<String> {
    spans
        .iter()
        .filter(|span| span.subject == *subject)
        .map(|span| {
            let until = span.until.unwrap_or(last);
            let length = span.from.map(|from| duration(until.micros_since(from)));
            let open = if span.until.is_none() { " to the end" } else { "" };
            format!("{} {}{open}", span.value, length.unwrap_or_default())
        })
        .collect()
}
