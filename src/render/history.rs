//! The table of `history`: one row an event, as `kubectl get pod -w` would have shown it, and what changed.

use std::collections::BTreeMap;

use super::layout::{Detail, Width};
use super::notes::{Merged, merged, note_line};
use super::style::Meaning;
use super::table::{Cell, GAP, table};
use super::words::{clock_time, gap_text, subject_text};
use crate::kubelet::status_column::age;
use crate::model::{KubeEventType, Pod, Seq, StampedAt};
use crate::replay::Transition;
use crate::report::{Note, PodReport};
use crate::timeline::Gap;

/// The events of one pod. `other_changes` holds for each event what changed in the object beside its transitions.
#[must_use]
pub fn history_table(history: &PodReport, other_changes: &[Vec<String>], detail: Detail, width: Width) -> String {
    let mut headings = vec!["TIME", "EVENT", "READY", "STATUS", "RESTARTS", "AGE", "CHANGED"];
    if detail == Detail::Wide {
        headings.splice(1..1, ["SEQ", "VERSION", "CLOCK"]);
        headings.insert(headings.len() - 1, "SOURCE");
    }
    let timeline = &history.timeline;
    let pod: Option<&Pod> = timeline.pod();
    let mut rows = Vec::with_capacity(timeline.entries.len());
    let mut gaps: BTreeMap<Option<Seq>, Vec<&Gap>> = BTreeMap::new();
    for gap in history.gaps.iter().filter(|gap| !gap.is_momentary()) {
        gaps.entry(gap.before).or_default().push(gap);
    }
    let places = timeline.entries.iter().map(|entry| (entry.window.at, entry.resource_version.as_ref()));
    for line in merged(places, &history.related) {
        let index = match line {
            Merged::Own(index) => index,
            Merged::Note(note) => {
                rows.push(note_row(&history.related[note], history, detail, headings.len()));
                continue;
            }
        };
        let entry = &timeline.entries[index];
        for gap in gaps.get(&Some(entry.seq)).into_iter().flatten() {
            rows.push(gap_row(headings.len(), &gap_text(gap)));
        }
        let now = entry.window.at.map(|at| StampedAt::from_micros(at.micros()));
        let age = pod.zip(now).map_or_else(|| "<unknown>".to_owned(), |(pod, now)| age(pod.metadata.created_at, now));
        let mut changed: Vec<String> = timeline
            .transitions_of(index)
            .iter()
            .map(|transition| change_text(transition).trim_end().to_owned())
            .collect();
        if let Some(others) = other_changes.get(index)
            && changed.is_empty()
        {
            changed.extend(others.iter().cloned());
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
            let version = entry.resource_version.as_ref().map(|version| version.as_str().to_owned());
            cells.splice(
                1..1,
                [
                    Cell::plain(entry.seq.to_string()),
                    Cell::plain(version.unwrap_or_else(|| "-".to_owned())),
                    Cell::plain(entry.window.clock.as_str()),
                ],
            );
            cells.insert(cells.len() - 1, Cell::new(source_text(history, entry.seq), Meaning::Faint));
        }
        rows.push(cells);
    }
    for gap in gaps.get(&None).into_iter().flatten() {
        rows.push(gap_row(headings.len(), &gap_text(gap)));
    }
    match width {
        Width::Columns(columns) if columns < COLUMNS_FOR_CHANGES => beneath(&headings, rows, columns),
        Width::Columns(_) | Width::Unlimited => table(&headings, &rows, width),
    }
}

/// On a narrower terminal what changed stands beneath its row.
const COLUMNS_FOR_CHANGES: usize = 120;
const CHANGES_INDENT: usize = 11;
/// EVENT is followed by READY, STATUS, RESTARTS, AGE, in the wide form SOURCE, and CHANGED.
const COLUMNS_BEHIND_EVENT: usize = 6;

/// The column EVENT of what stands beside the pod.
const RELATED: [&str; 3] = ["Event", "Node", "Refused"];

/// Where an event is recorded: the file and the line, and how many more records show it.
fn source_text(history: &PodReport, seq: Seq) -> String {
    let sources = history.sources.get(&seq).map(Vec::as_slice).unwrap_or_default();
    let Some(own) = sources.iter().find(|source| source.seq == seq) else { return "-".to_owned() };
    let name = own.name.rsplit('/').next().unwrap_or(&own.name);
    let more = if sources.len() > 1 { format!(" +{}", sources.len() - 1) } else { String::new() };
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
    let event = columns - COLUMNS_BEHIND_EVENT - usize::from(detail == Detail::Wide);
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
