//! The table of `who`: what others than the kubelet did to a pod, in the order of time.

use std::io::{self, Write};

use super::layout::Width;
use super::notes::{Merged, merged};
use super::style::Meaning;
use super::table::{Cell, write_table};
use super::words::clock_time;
use crate::model::id::shortened;
use crate::model::{Actor, Basis, EventKind};
use crate::replay::{Subject, Transition};
use crate::report::{Note, PodReport};
use crate::timeline::Entry;

/// Whether somebody else than a kubelet, as it goes about its work, made a write.
#[must_use]
pub fn is_act(entry: &Entry) -> bool {
    entry.by.as_deref().is_some_and(|by| !is_of_kubelet(by)) || is_end(entry)
}

fn is_of_kubelet(by: &Actor) -> bool {
    by.component() == Some("kubelet") || &*by.agent == "kubelet"
}

/// The end is told, whoever wrote it.
fn is_end(entry: &Entry) -> bool {
    entry.kind == EventKind::Deleted
}

/// Who made a write, where that matters: of the life of a pod anybody, of the rest who is no part of Kubernetes.
pub(super) fn acted(transition: &Transition) -> Option<&Actor> {
    let by = transition.by.as_deref()?;
    let is_of_other = by.basis == Basis::Audit && by.component().is_none() && transition.from.is_some();
    (transition.subject == Subject::Lifecycle || is_of_other).then_some(by)
}

/// What somebody did, in words.
#[must_use]
pub fn act_text(entry: &Entry) -> String {
    let Some(by) = entry.by.as_deref() else {
        return if is_end(entry) { "gone".to_owned() } else { "wrote it".to_owned() };
    };
    let is_gone = if is_end(entry) { ", and it was gone" } else { "" };
    let what = match (&*by.verb, &*by.part) {
        ("create", "binding") => "chose its node",
        ("create", "eviction") => "evicted it",
        ("create", _) => "created it",
        ("delete" | "deletecollection", _) => "deleted it",
        (_, "status") => "wrote its status",
        (_, "resize") => "resized it",
        (_, "ephemeralcontainers") => "added an ephemeral container",
        (_, _) if entry.kind == EventKind::Added => "created it",
        (_, _) => "changed it",
    };
    format!("{what}{is_gone}")
}

/// Writes what others did to a pod.
///
/// # Errors
/// When writing fails.
pub fn write_who_table(report: &PodReport, width: Width, to: &mut dyn Write) -> io::Result<()> {
    let entries: Vec<&Entry> = report.timeline.entries.iter().filter(|entry| is_act(entry)).collect();
    let refused: Vec<Note> = report.related.iter().filter(|note| matches!(note, Note::Refused(_))).cloned().collect();
    let lines = merged(entries.iter().map(|it| (it.window.at, it.resource_version.as_ref())), &refused);
    let rows = || {
        lines.iter().map(|line| match *line {
            Merged::Own(index) => entry_row(entries[index]),
            Merged::Note(index) => refused_row(&refused[index]),
        })
    };
    let is_narrow = matches!(width, Width::Columns(columns) if columns < COLUMNS_FOR_AGENTS);
    if !is_narrow {
        return write_table(&["TIME", "WHO", "WITH", "WHAT"], rows, width, to);
    }
    let without_agent = |mut row: Vec<Cell>| {
        row.remove(WITH);
        row
    };
    write_table(&["TIME", "WHO", "WHAT"], || rows().map(without_agent), width, to)
}

/// On a narrower terminal there is no room for the column WITH.
const COLUMNS_FOR_AGENTS: usize = 100;
/// Its place.
const WITH: usize = 2;

fn entry_row(entry: &Entry) -> Vec<Cell> {
    let by = entry.by.as_deref();
    let who = by.map_or_else(|| "not recorded".to_owned(), ToString::to_string);
    let meaning = if by.is_some_and(|by| by.component().is_none()) { Meaning::Strong } else { Meaning::Plain };
    vec![
        Cell::plain(entry.window.at.map_or_else(|| "?".to_owned(), clock_time)),
        Cell::new(who, meaning),
        Cell::new(by.map_or("-".into(), |by| shortened(&by.agent)), Meaning::Faint),
        Cell::plain(act_text(entry)),
    ]
}

fn refused_row(note: &Note) -> Vec<Cell> {
    let Note::Refused(note) = note else { return Vec::new() };
    let by = note.refused.by();
    let often = if note.count > 1 { format!(" {} times", note.count) } else { String::new() };
    let what = format!("was refused{often}: {} ({}): {}", note.refused.what(), note.refused.code, note.refused.told());
    vec![
        Cell::plain(clock_time(note.refused.at)),
        Cell::new(by.to_string(), Meaning::Strong),
        Cell::new(shortened(&by.agent), Meaning::Faint),
        Cell::new(what, Meaning::Waiting),
    ]
}
