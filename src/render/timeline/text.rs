//! The text of one pod: heading, rows with notes and gaps between them, summary.

use std::collections::BTreeMap;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::birth::{Depth, fold};
use super::legend::Told;
use super::page::{EXPECTED, Page};
use super::row::{Row, rows};
use super::summary::summary;
use super::times::Times;
use crate::model::Seq;
use crate::render::heading::heading;
use crate::render::layout::{Detail, ExpectedColumn, Width};
use crate::render::notes::{Merged, merged, note_text};
use crate::report::JudgedPod;
use crate::timeline::{Excerpt, Gap};

const SUBJECT_COLUMNS_MAX: usize = 34;

/// Writes the timeline of one pod, line by line. The signs that it uses are noted in `told`, for one legend at the end.
///
/// # Errors
/// When writing fails.
pub fn write_timeline(
    pod: &JudgedPod,
    (depth, column): (Depth, ExpectedColumn),
    excerpt: Excerpt,
    (detail, width): (Detail, Width),
    told: &mut Told,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut out = String::new();
    let history = &pod.report;
    heading(history, width, &mut out);
    let mut rows: Vec<Row<'_>> = rows(pod);
    let birth = fold(&mut rows, depth, excerpt);
    let subject_columns_max = match width {
        Width::Columns(columns) if column == ExpectedColumn::Shown => (columns / 5).min(SUBJECT_COLUMNS_MAX),
        Width::Columns(columns) => (columns * 3 / 10).min(SUBJECT_COLUMNS_MAX),
        Width::Unlimited => SUBJECT_COLUMNS_MAX,
    };
    let subject_columns = rows.iter().map(|row| row.subject().width()).max().unwrap_or(0).min(subject_columns_max);
    let expected = rows.iter().filter_map(|row| row.expected(&pod.judgement, column));
    let expected_columns = expected.map(|text| text.width()).max();
    let expected_columns = expected_columns.map(|columns| columns.max(EXPECTED.len()));
    let judgement = &pod.judgement;
    let page = Page { judgement, pod: None, column, subject_columns, expected_columns, detail, width };
    page.headings(&mut out);
    let mut times = Times::default();
    // Gaps stand in the order of the events behind them, of which some have no row.
    let events: BTreeMap<Seq, usize> =
        history.timeline.entries.iter().enumerate().map(|(place, entry)| (entry.seq, place)).collect();
    let is_shown = |gap: &&Gap| !gap.is_momentary() && excerpt.touches(gap.from, gap.until);
    let mut gaps = history.gaps.iter().filter(is_shown).peekable();
    let places = rows.iter().map(|row| {
        let it = &row.transition;
        (it.proved_at(), it.resource_version.as_ref().filter(|_| !it.inferred))
    });
    let lines = excerpt.of(merged(places, &history.related), |line| match line {
        Merged::Own(row) => rows[*row].transition.proved_at(),
        Merged::Note(note) => history.related[*note].begins_at(),
    });
    for line in lines {
        let at = match line {
            Merged::Own(row) => {
                let transition = &rows[row].transition;
                let place = events.get(&transition.seq);
                let is_passed = |gap: &&Gap| gap.before.is_some_and(|before| events.get(&before) <= place);
                while let Some(gap) = gaps.next_if(is_passed) {
                    page.gap(gap, &mut out);
                }
                transition.window.at.filter(|_| !transition.is_unplaced())
            }
            Merged::Note(note) => history.related[note].begins_at(),
        };
        let (time, since) = times.next(at, &mut out);
        match line {
            Merged::Own(row) => match birth.as_deref().filter(|_| row == 0) {
                Some(text) => page.birth(text, &rows[row].transition, time.as_deref(), since, &mut out),
                None => page.row(&rows[row], time.as_deref(), since, told, &mut out),
            },
            Merged::Note(note) => {
                let note = &history.related[note];
                page.note(&note_text(note, history, detail), note, time.as_deref(), since, told, &mut out);
            }
        }
        to.write_all(out.as_bytes())?;
        out.clear();
    }
    drop(rows);
    for gap in gaps {
        page.gap(gap, &mut out);
    }
    summary(history, width, &mut out);
    to.write_all(out.as_bytes())
}
