//! The recordings of a log: the table, and what is to be said of them.

use std::collections::{BTreeMap, BTreeSet};

use super::escape::plain;
use super::layout::{Detail, Width, wrap};
use super::style::Meaning;
use super::table::{Cell, table};
use super::words::{clock_time, date, duration, many};
use super::zone::{shown, zone_line, zone_name};
use crate::history::{Interruption, InterruptionKind};
use crate::model::ObservedAt;
use crate::report::{AuditReport, DumpReport, ListCheck, RecordingReport, RecordingsReport, RefusedSum};

/// How far the second line of a sentence is indented, and a difference.
const INDENT: usize = 4;

/// The table, and beneath it interruptions, gaps between recordings, and what the lists say.
#[must_use]
pub fn recordings_text(report: &RecordingsReport, detail: Detail, width: Width) -> String {
    let mut out = recordings_table(report, detail, width);
    let mut lines: Vec<(String, Meaning)> = Vec::new();
    for recording in &report.recordings {
        let id = recording.summary.id;
        let own = recording.interruptions.iter();
        lines.extend(own.map(|it| (format!("recording {id} has a gap{}", interruption_text(it)), Meaning::Waiting)));
    }
    for (id, audit) in report.recordings.iter().filter_map(|it| Some((it.summary.id, it.audit.as_ref()?))) {
        lines.push((format!("recording {id} has {}", audit_text(audit)), Meaning::Faint));
    }
    for gap in &report.gaps {
        let text = format!(
            "not recorded between {} and {} ({}), between recordings {} and {}: {} affected",
            clock_time(gap.from),
            clock_time(gap.until),
            duration(gap.until.micros_since(gap.from)),
            gap.after,
            gap.before,
            many(gap.pods, "pod")
        );
        lines.push((text, Meaning::Waiting));
    }
    for list in &report.lists {
        lines.extend(list_lines(list));
    }
    if !lines.is_empty() {
        out.push('\n');
    }
    for (text, meaning) in lines {
        out.push_str(&meaning.paint_lines(&wrap(&plain(&text), width, INDENT)));
    }
    out
}

/// How much an audit log tells, what follows from that, and what would tell more.
fn audit_text(audit: &AuditReport) -> String {
    let name = |part: &str| if part.is_empty() { "pods".to_owned() } else { format!("pods/{part}") };
    let count = |count: usize, how: &str| (count > 0).then(|| format!("{count} {how}"));
    let mut kinds: Vec<String> = Vec::new();
    for (part, writes) in &audit.writes {
        let levels = [
            count(writes.with_answer, "with the resulting pod"),
            count(writes.with_request, "with the request alone"),
            count(writes.without_body, "without body"),
        ];
        kinds.push(format!("{}: {}", name(part), levels.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    }
    let has_statuses = audit.writes.contains_key("status");
    kinds.extend((!has_statuses).then(|| "pods/status: none logged".to_owned()));
    let collections =
        [count(audit.collected, "with the deleted pods"), count(audit.collections_without_items, "without items")];
    let collections: Vec<String> = collections.into_iter().flatten().collect();
    kinds.extend((!collections.is_empty()).then(|| format!("deletecollection: {}", collections.join(", "))));
    kinds.push(
        count(audit.events, "logged").map_or("events: none logged".to_owned(), |events| format!("events: {events}")),
    );
    let refused: Vec<String> = audit.refused.iter().map(refused_text).collect();
    kinds.extend((!refused.is_empty()).then(|| format!("refused: {}", refused.join(", "))));
    let untold: Vec<String> =
        audit.writes.iter().filter(|(_, writes)| writes.without_body > 0).map(|(part, _)| name(part)).collect();
    let mut out = kinds.join("; ");
    if !has_statuses {
        out.push_str(". A pod's status is unknown once it is bound; log pods/status at level Request to have it");
    }
    if !untold.is_empty() {
        out.push_str(&format!(
            ". The effect of writes without body is unknown until the pod appears again; log {} at level Request to have it",
            untold.join(", ")
        ));
    }
    if audit.collections_without_items > 0 {
        out.push_str(". A deletecollection without items counts for all pods of its namespace; log it at level RequestResponse to have their names");
    }
    out
}

/// `4 evictions (429)`.
fn refused_text(refused: &RefusedSum) -> String {
    let what = match &*refused.what {
        "create" => "creation",
        "delete" => "deletion",
        "status" => "status write",
        word => word,
    };
    format!("{} ({})", many(refused.count, what), refused.code)
}

/// What a row of the table says.
struct Row<'a> {
    id: String,
    cluster: &'a str,
    format: &'a str,
    events: i64,
    pods: i64,
    interruptions: usize,
    covered: (Option<ObservedAt>, Option<ObservedAt>),
    errors: i64,
    bytes: i64,
    name: &'a str,
}

impl<'a> Row<'a> {
    fn of_recording(recording: &'a RecordingReport, detail: Detail) -> Self {
        let RecordingReport { summary, covered, interruptions, audit: _ } = recording;
        // Of a path the end tells most.
        let name = summary.name.rsplit('/').next().unwrap_or(&summary.name);
        Self {
            id: summary.id.to_string(),
            cluster: &summary.cluster,
            format: &summary.format,
            events: summary.events,
            pods: summary.pods,
            interruptions: interruptions.len(),
            covered: *covered,
            errors: summary.errors,
            bytes: summary.bytes,
            name: if detail == Detail::Wide { &summary.name } else { name },
        }
    }

    fn of_dump(dump: &'a DumpReport) -> Self {
        Self {
            id: ranges(&dump.recordings),
            cluster: &dump.cluster,
            format: "dump",
            events: dump.events,
            pods: i64::try_from(dump.pods).unwrap_or(i64::MAX),
            interruptions: 0,
            covered: dump.covered,
            errors: 0,
            bytes: 0,
            name: dump.name.trim_end_matches(['/', '!']),
        }
    }
}

/// A row a recording. The files of a dump are one; `-o wide` has each.
fn rows(report: &RecordingsReport, detail: Detail) -> Vec<Row<'_>> {
    let dumps = report.dumps.iter().filter(|_| detail != Detail::Wide);
    let dump_of: BTreeMap<i64, &DumpReport> =
        dumps.flat_map(|dump| dump.recordings.iter().map(move |id| (*id, dump))).collect();
    let mut rows = Vec::with_capacity(report.recordings.len());
    for recording in &report.recordings {
        let id = recording.summary.id;
        match dump_of.get(&id) {
            Some(dump) if dump.recordings.first() == Some(&id) => rows.push(Row::of_dump(dump)),
            Some(_) => {}
            None => rows.push(Row::of_recording(recording, detail)),
        }
    }
    rows
}

/// `1-7,9`.
fn ranges(numbers: &[i64]) -> String {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            Some(_) | None => ranges.push((*number, *number)),
        }
    }
    let text = |(first, last): (i64, i64)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    ranges.into_iter().map(text).collect::<Vec<_>>().join(",")
}

fn recordings_table(report: &RecordingsReport, detail: Detail, width: Width) -> String {
    let is_wide = detail == Detail::Wide;
    let rows = rows(report, detail);
    let has_clusters = is_wide || rows.iter().any(|row| row.cluster != rows[0].cluster);
    let mut headings = vec!["ID", "FORMAT", "EVENTS", "PODS", "GAPS", "FROM", "UNTIL", "NAME"];
    if has_clusters {
        headings.insert(1, "CLUSTER");
    }
    if is_wide {
        let at = headings.len() - 3;
        headings.splice(at..at, ["WATCH ERRORS", "BYTES"]);
    }
    let ends = || rows.iter().flat_map(|row| [row.covered.0, row.covered.1]).flatten();
    let days: BTreeSet<String> = ends().map(date).collect();
    // The day of all of them stands above the table.
    let one_day = days.first().cloned().filter(|_| days.len() == 1 && !is_wide);
    let zone = ends().min().zip(ends().max()).map(|(from, until)| zone_name(from, until)).unwrap_or_default();
    let heading = match &one_day {
        Some(day) => Meaning::Faint.paint_line(&format!("{day}, {zone}")),
        None => zone_line(),
    };
    let time = |at: Option<ObservedAt>| match at {
        Some(at) if is_wide => shown().rfc3339(at),
        Some(at) if one_day.is_some() => clock_time(at),
        Some(at) => format!("{} {}", date(at), clock_time(at)),
        None => "-".to_owned(),
    };
    let cells = |row: Row<'_>| {
        let mut cells = vec![
            Cell::plain(row.id),
            Cell::plain(row.format),
            Cell::plain(row.events.to_string()),
            Cell::plain(row.pods.to_string()),
            Cell::new(
                row.interruptions.to_string(),
                if row.interruptions == 0 { Meaning::Plain } else { Meaning::Waiting },
            ),
            Cell::plain(time(row.covered.0)),
            Cell::plain(time(row.covered.1)),
            Cell::new(row.name, Meaning::Strong),
        ];
        if has_clusters {
            cells.insert(1, Cell::plain(row.cluster));
        }
        if is_wide {
            let at = cells.len() - 3;
            cells.splice(at..at, [Cell::plain(row.errors.to_string()), Cell::plain(row.bytes.to_string())]);
        }
        cells
    };
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(cells).collect();
    heading + &table(&headings, &rows, width)
}

fn interruption_text(interruption: &Interruption) -> String {
    let span = match (interruption.from.at, interruption.until.at) {
        (Some(from), Some(until)) => {
            format!(" between {} and {} ({})", clock_time(from), clock_time(until), duration(until.micros_since(from)))
        }
        (Some(from), None) => format!(" from {} on", clock_time(from)),
        (None, Some(until)) => format!(" until {}", clock_time(until)),
        (None, None) => String::new(),
    };
    let why = match interruption.kind {
        InterruptionKind::Error => "the watch ended with an error",
        InterruptionKind::Relist => "the watch restarted",
        InterruptionKind::List => "nothing was recorded between two lists",
    };
    format!("{span}: {why}")
}

fn list_lines(list: &ListCheck) -> Vec<(String, Meaning)> {
    let name = list.name.rsplit('/').next().unwrap_or(&list.name);
    let head = format!("list {name} at resourceVersion {}", list.resource_version);
    let told = list.told_until.as_ref().map(|until| format!(" up to its last resourceVersion {until}"));
    let told = told.unwrap_or_default();
    if list.differences.is_empty() {
        return vec![(format!("{head} agrees with the log: {}{told}", many(list.pods, "pod")), Meaning::Plain)];
    }
    let (found, listed) = (many(list.differences.len(), "difference"), many(list.pods, "pod"));
    let head = format!("{head} differs from the log{told}: {found}, {listed} listed");
    let mut lines = vec![(head, Meaning::Bad)];
    lines.extend(list.differences.iter().map(|difference| {
        let identity = &difference.identity;
        (format!("  {}/{}: {}", identity.namespace, identity.name, difference.message), Meaning::Plain)
    }));
    lines
}
