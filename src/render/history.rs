//! The table of `history`: one row an event, as `kubectl get pod -w` would have shown it, and what changed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::layout::{Detail, Width};
use super::notes::{Merged, merged, note_line};
use super::style::Meaning;
use super::table::{Cell, GAP, table, write_table};
use super::words::{clock_time, gap_text, subject_text};
use crate::kubelet::status_column::age;
use crate::model::{KubeEventType, Pod, Seq, StampedAt};
use crate::replay::Transition;
use crate::report::{Note, PodReport};
use crate::timeline::{Excerpt, Gap};

/// Writes the events of one pod. `other_changes` holds for each event what changed in the object beside its transitions.
///
/// # Errors
/// When writing fails.
pub fn write_history_table(
    history: &PodReport,
    other_changes: &[Vec<String>],
    excerpt: Excerpt,
    (detail, width): (Detail, Width),
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut headings = vec!["TIME", "EVENT", "READY", "STATUS", "RESTARTS", "AGE", "CHANGED"];
    if detail == Detail::Wide {
        headings.splice(1..1, ["SEQ", "VERSION", "CLOCK"]);
        headings.splice(headings.len() - 1..headings.len() - 1, ["SOURCE", "BY"]);
    }
    let mut gaps: BTreeMap<Option<Seq>, Vec<&Gap>> = BTreeMap::new();
    for gap in history.gaps.iter().filter(|gap| !gap.is_momentary() && excerpt.touches(gap.from, gap.until)) {
        gaps.entry(gap.before).or_default().push(gap);
    }
    let columns = headings.len();
    let gap_rows = |before| gaps.get(&before).into_iter().flatten().map(|gap| gap_row(columns, &gap_text(gap)));
    let entries = &history.timeline.entries;
    let lines = merged(entries.iter().map(|it| (it.window.at, it.resource_version.as_ref())), &history.related);
    let lines = excerpt.of(lines, |line| match line {
        Merged::Own(entry) => entries[*entry].window.at,
        Merged::Note(note) => history.related[*note].begins_at(),
    });
    let rows = || {
        let of_line = |line: &Merged| -> Vec<Vec<Cell>> {
            match *line {
                Merged::Own(index) => {
                    let row = event_row(history, index, other_changes, detail);
                    gap_rows(Some(entries[index].seq)).chain([row]).collect()
                }
                Merged::Note(note) => vec![note_row(&history.related[note], history, detail, columns)],
            }
        };
        lines.iter().flat_map(of_line).chain(gap_rows(None))
    };
    match width {
        Width::Columns(columns) if columns < COLUMNS_FOR_CHANGES => {
            to.write_all(beneath(&headings, rows().collect(), columns).as_bytes())
        }
        Width::Columns(_) | Width::Unlimited => write_table(&headings, rows, width, to),
    }
}

fn event_row(history: &PodReport, index: usize, other_changes: &[Vec<String>], detail: Detail) -> Vec<Cell> {
    let timeline = &history.timeline;
    let entry = &timeline.entries[index];
    let now = entry.window.at.map(|at| StampedAt::from_micros(at.micros()));
    let created_at = timeline.pod().map(Pod::aged_from);
    let age = created_at.zip(now).map_or_else(|| "<unknown>".to_owned(), |(created_at, now)| age(created_at, now));
    let transitions = timeline.transitions_of(index);
    let mut changed: Vec<String> = transitions.iter().map(|it| change_text(it).trim_end().to_owned()).collect();
    if changed.is_empty() {
        changed.extend(other_changes.get(index).into_iter().flatten().cloned());
    }
    let status = &entry.columns.status;
    let mut cells = vec![
        Cell::plain(entry.window.at.map_or_else(|| "?".to_owned(), clock_time)),
        Cell::plain(entry.kind.as_str()),
        Cell::plain(entry.columns.ready_text()),
        Cell::new(status, Meaning::of_status(status)),
        Cell::plain(entry.columns.restarts.text(now)),
        Cell::plain(age),
        Cell::new(changed.join(", "), Meaning::Faint),
    ];
    if detail == Detail::Wide {
        let version = entry.resource_version.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let clock = entry.window.clock.as_str();
        cells.splice(1..1, [Cell::plain(entry.seq.to_string()), Cell::plain(version), Cell::plain(clock)]);
        let by = entry.by.as_deref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let source = Cell::new(source_text(history, entry.seq), Meaning::Faint);
        cells.splice(cells.len() - 1..cells.len() - 1, [source, Cell::plain(by)]);
    }
    cells
}

/// On a narrower terminal what changed stands beneath its row.
const COLUMNS_FOR_CHANGES: usize = 120;
const CHANGES_INDENT: usize = 11;
/// EVENT is followed by READY, STATUS, RESTARTS, AGE, in the wide form SOURCE and BY, and CHANGED.
const COLUMNS_BEHIND_EVENT: usize = 6;

/// The column EVENT of what stands beside the pod.
const RELATED: [&str; 3] = ["Event", "Node", "Refused"];

/// Where an event is recorded: the file and the line, and how many more records show it.
fn source_text(history: &PodReport, seq: Seq) -> String {
    let mut sources = history.sources.of(seq);
    let count = sources.clone().count();
    let Some(own) = sources.find(|source| source.seq == seq) else { return "-".to_owned() };
    let name = history.sources.name(own);
    let name = name.rsplit('/').next().unwrap_or(name);
    let more = if count > 1 { format!(" +{}", count - 1) } else { String::new() };
    format!("{name}:{}{more}", own.line)
}

fn note_row(note: &Note, history: &PodReport, detail: Detail, columns: usize) -> Vec<Cell> {
    let mut cells = vec![Cell::plain(""); columns];
    cells[0] = Cell::plain(note.begins_at().map_or_else(|| "?".to_owned(), clock_time));
    if detail == Detail::Wide {
        cells[1] = Cell::plain(note.seq().to_string());
        cells[2] = Cell::plain(note.version().map_or_else(|| "-".to_owned(), ToString::to_string));
        cells[3] = Cell::plain("-");
    }
    let (word, meaning) = match note {
        Note::Event(note) if note.event.kind == KubeEventType::Warning => (RELATED[0], Meaning::Waiting),
        Note::Event(_) => (RELATED[0], Meaning::Faint),
        Note::Node(_) => (RELATED[1], Meaning::Faint),
        Note::Refused(_) => (RELATED[2], Meaning::Waiting),
    };
    let event = columns - COLUMNS_BEHIND_EVENT - 2 * usize::from(detail == Detail::Wide);
    cells[event] = Cell::new(word, meaning);
    cells[columns - 1] = Cell::new(note_line(note, history, detail), meaning);
    cells
}

fn beneath(headings: &[&str], mut rows: Vec<Vec<Cell>>, columns: usize) -> String {
    let changes: Vec<Cell> = rows.iter_mut().filter_map(Vec::pop).collect();
    let lines = table(&headings[..headings.len() - 1], &rows, Width::Columns(columns));
    // What stands beside the pod has no READY and no STATUS: its words stand there.
    let is_note =
        |row: &Vec<Cell>| row.iter().skip(2).all(Cell::is_empty) && row.get(1).is_some_and(|it| !it.is_empty());
    let widest = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(Cell::columns);
        widths.chain(headings.get(column).map(|it| it.len())).max().unwrap_or(0)
    };
    let behind_event = widest(0) + widest(1) + 2 * GAP;
    let mut out = String::new();
    let changes = std::iter::once(None).chain(rows.iter().zip(&changes).map(Some));
    for (line, change) in lines.lines().zip(changes) {
        out.push_str(line);
        match change {
            Some((row, change)) if is_note(row) => {
                let used = widest(0) + GAP + row.get(1).map_or(0, Cell::columns);
                out.push_str(&" ".repeat(behind_event.saturating_sub(used)));
                out.push_str(&change.painted(columns.saturating_sub(behind_event)));
            }
            Some((_, change)) if !change.is_empty() => {
                out.push('\n');
                out.push_str(&" ".repeat(CHANGES_INDENT));
                out.push_str(&change.painted(columns.saturating_sub(CHANGES_INDENT)));
            }
            Some(_) | None => {}
        }
        out.push('\n');
    }
    out
}

fn gap_row(columns: usize, text: &str) -> Vec<Cell> {
    let mut cells = vec![Cell::plain(""); columns];
    cells[0] = Cell::new("~ ~ ~", Meaning::Faint);
    cells[columns - 1] = Cell::new(text, Meaning::Waiting);
    cells
}

fn change_text(transition: &Transition) -> String {
    let sign = if transition.inferred { "~" } else { "" };
    let subject = format!("{sign}{}", subject_text(&transition.subject));
    match &transition.to {
        None if transition.inferred => format!("{subject} unknown"),
        Some(to) if transition.from == transition.to => format!("{subject} still {to}"),
        Some(to) => format!("{subject} {to}"),
        None => format!("{subject} gone"),
    }
}
