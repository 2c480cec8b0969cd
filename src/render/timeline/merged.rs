//! Several pods in one list, in the order of time, the pod in a column.

use std::collections::BTreeMap;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::birth::{Depth, fold};
use super::legend::Told;
use super::page::{EXPECTED, Page};
use super::row::{Row, rows};
use super::times::Times;
use crate::model::ObservedAt;
use crate::render::escape::plain;
use crate::render::layout::{Detail, ExpectedColumn, Width, cut_middle, wrap};
use crate::render::notes::{Merged, merged, note_text};
use crate::render::style::Meaning;
use crate::render::words::{gap_text, many};
use crate::replay::{PodField, Subject};
use crate::report::{JudgedPod, Note};
use crate::timeline::{Excerpt, Gap};

const SUBJECT_COLUMNS_MAX: usize = 24;
const POD_COLUMNS_MIN: usize = 12;
const UID_LETTERS: usize = 8;
const GAP_INDENT: usize = 9;

/// A line of the list: its pod, and what stands there, both by their places.
struct Line {
    pod: usize,
    at: Option<ObservedAt>,
    what: What,
}

enum What {
    Row(usize),
    Note(usize),
    Gap(usize),
}

/// Writes one list of several pods. The signs that it uses are noted in `told`, for a legend at the end.
///
/// # Errors
/// When writing fails.
pub fn write_merged(
    pods: &[JudgedPod],
    (depth, column): (Depth, ExpectedColumn),
    excerpt: Excerpt,
    (detail, width): (Detail, Width),
    told: &mut Told,
    to: &mut dyn Write,
) -> io::Result<()> {
    let rows_of = |pod| -> Vec<Row<'_>> { rows(pod).into_iter().filter(|row| is_shown(row, depth)).collect() };
    let mut rows: Vec<Vec<Row<'_>>> = pods.iter().map(rows_of).collect();
    let births = rows.iter_mut().map(|rows| fold(rows, depth, excerpt)).collect();
    let all = || rows.iter().zip(pods).flat_map(|(rows, pod)| rows.iter().map(move |row| (row, pod)));
    let subject_columns = all().map(|(row, _)| row.subject().width()).max().unwrap_or(0).min(SUBJECT_COLUMNS_MAX);
    let expected = all().filter_map(|(row, pod)| row.expected(&pod.judgement, column));
    let expected_columns = expected.map(|text| text.width().max(EXPECTED.len())).max();
    let shape = Shape { column, subject_columns, expected_columns, detail, width };
    let (labels, gaps, nodes) = (labels(pods, width), gaps(pods, excerpt), node_notes(pods));
    let list = List { pods, rows, births, labels, gaps, nodes, shape };
    let mut out = Meaning::Strong.paint_line(&many(pods.len(), "pod"));
    if let (Some(pod), Some(label)) = (pods.first(), list.labels.first()) {
        shape.page(pod, label).headings(&mut out);
    }
    let mut times = Times::default();
    for line in excerpt.of(list.lines(), |line| line.at) {
        list.line(&line, &mut times, told, &mut out);
        to.write_all(out.as_bytes())?;
        out.clear();
    }
    to.write_all(out.as_bytes())
}

/// How wide the columns are, and which there are.
#[derive(Clone, Copy)]
struct Shape {
    column: ExpectedColumn,
    subject_columns: usize,
    expected_columns: Option<usize>,
    detail: Detail,
    width: Width,
}

impl Shape {
    fn page<'a>(self, pod: &'a JudgedPod, label: &'a str) -> Page<'a> {
        let Self { column, subject_columns, expected_columns, detail, width } = self;
        Page { judgement: &pod.judgement, pod: Some(label), column, subject_columns, expected_columns, detail, width }
    }
}

struct List<'a> {
    pods: &'a [JudgedPod],
    rows: Vec<Vec<Row<'a>>>,
    /// What the first row of each pod says of its birth, where that is one line.
    births: Vec<Option<String>>,
    labels: Vec<String>,
    gaps: Vec<AlikeGap<'a>>,
    nodes: BTreeMap<NodeChange<'a>, (usize, usize)>,
    shape: Shape,
}

impl List<'_> {
    fn line(&self, line: &Line, times: &mut Times, told: &mut Told, out: &mut String) {
        let (pod, label) = (&self.pods[line.pod], &*self.labels[line.pod]);
        match line.what {
            What::Gap(place) => write_gap(&self.gaps[place], label, self.shape.width, out),
            What::Row(row) => {
                let birth = self.births[line.pod].as_deref().filter(|_| row == 0);
                let row = &self.rows[line.pod][row];
                let at = row.transition.window.at.filter(|_| !row.transition.is_unplaced());
                let (time, since) = times.next(at, out);
                let page = self.shape.page(pod, label);
                match birth {
                    Some(text) => page.birth(text, &row.transition, time.as_deref(), since, out),
                    None => page.row(row, time.as_deref(), since, told, out),
                }
            }
            What::Note(place) => {
                let note = &pod.report.related[place];
                let several = self.several(note, label);
                let (time, since) = times.next(note.begins_at(), out);
                let text = note_text(note, &pod.report, self.shape.detail);
                let page = self.shape.page(pod, several.as_deref().unwrap_or(label));
                page.note(&text, note, time.as_deref(), since, told, out);
            }
        }
    }

    /// What stands in place of one pod where a change of a node is about several.
    fn several(&self, note: &Note, label: &str) -> Option<String> {
        let (_, count) = node_change(note).and_then(|change| self.nodes.get(&change))?;
        let columns = label.width();
        (*count > 1).then(|| format!("{:columns$}", many(*count, "pod")))
    }

    /// All lines in the order of time; those of one pod stay in theirs. A change of a node is one line, whatever runs there.
    fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<(Option<ObservedAt>, Line)> = Vec::new();
        for (place, gap) in self.gaps.iter().enumerate() {
            let at = gap.gap.until.or(gap.gap.from);
            // Which gaps are shown is decided by their lengths, not by one time.
            lines.push((at, Line { pod: gap.pod, at: None, what: What::Gap(place) }));
        }
        for (place, (pod, rows)) in self.pods.iter().zip(&self.rows).enumerate() {
            let places = rows.iter().map(|row| {
                let it = &row.transition;
                (it.proved_at(), it.resource_version.as_ref().filter(|_| !it.inferred))
            });
            let is_of_another = |note: &Note| {
                node_change(note).and_then(|change| self.nodes.get(&change)).is_some_and(|(first, _)| *first != place)
            };
            let mut reached: Option<ObservedAt> = None;
            for line in merged(places, &pod.report.related) {
                let (at, what) = match line {
                    Merged::Note(note) if is_of_another(&pod.report.related[note]) => continue,
                    Merged::Note(note) => (pod.report.related[note].begins_at(), What::Note(note)),
                    Merged::Own(row) => (rows[row].transition.proved_at(), What::Row(row)),
                };
                reached = reached.max(at);
                lines.push((reached, Line { pod: place, at, what }));
            }
        }
        lines.sort_by_key(|(reached, _)| *reached);
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

fn is_shown(row: &Row<'_>, depth: Depth) -> bool {
    let is_main = match &row.transition.subject {
        Subject::Lifecycle | Subject::Phase | Subject::Container(..) | Subject::Field(PodField::NodeName) => true,
        Subject::Condition(kind) => &**kind == "Ready",
        Subject::Field(_) => false,
    };
    depth == Depth::Every || row.finding.is_some() || is_main && !is_birth(row)
}

/// What every pod begins with says nothing.
fn is_birth(row: &Row<'_>) -> bool {
    const FIRST: [&str; 4] = ["Pending", "False", "waiting(ContainerCreating)", "waiting(PodInitializing)"];
    let it = &row.transition;
    it.from.is_none() && it.to.as_ref().is_some_and(|to| FIRST.contains(&&*to.to_string()))
}

/// What stands in the column of each pod: the shortest name that tells them apart, cut to one width.
fn labels(pods: &[JudgedPod], width: Width) -> Vec<String> {
    let identities: Vec<_> = pods.iter().map(|pod| &pod.report.identity).collect();
    let is_one = identities.iter().all(|it| it.namespace == identities[0].namespace);
    let is_of_one_cluster = identities.iter().all(|it| it.cluster == identities[0].cluster);
    let short = identities.iter().map(|it| {
        let name = if is_one { it.name.clone() } else { format!("{}/{}", it.namespace, it.name) };
        if is_of_one_cluster { name } else { format!("{}:{name}", it.cluster) }
    });
    let short: Vec<String> = short.collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    short.iter().for_each(|label| *counts.entry(label).or_default() += 1);
    let told_apart = short.iter().zip(&identities).map(|(label, it)| match counts.get(&**label) {
        Some(count) if *count > 1 => format!("{label}@{}", it.uid.get(..UID_LETTERS).unwrap_or(&it.uid)),
        Some(_) | None => label.clone(),
    });
    let labels: Vec<String> = told_apart.map(|label| plain(&label)).collect();
    let columns_max = match width {
        Width::Columns(columns) => (columns / 4).max(POD_COLUMNS_MIN),
        Width::Unlimited => usize::MAX,
    };
    let columns = labels.iter().map(|label| label.width()).max().unwrap_or(0).min(columns_max);
    let padded = |label: &String| {
        let label = cut_middle(label, columns);
        let padding = columns.saturating_sub(label.width());
        format!("{label}{}", " ".repeat(padding))
    };
    labels.iter().map(padded).collect()
}

/// A gap that several pods have.
struct AlikeGap<'a> {
    gap: &'a Gap,
    pod: usize,
    count: usize,
}

/// Gaps between the same times are one line.
fn gaps(pods: &[JudgedPod], excerpt: Excerpt) -> Vec<AlikeGap<'_>> {
    let mut alike: Vec<AlikeGap<'_>> = Vec::new();
    let mut places: BTreeMap<(Option<ObservedAt>, Option<ObservedAt>, String), usize> = BTreeMap::new();
    for (pod, judged) in pods.iter().enumerate() {
        let shown = |gap: &&Gap| !gap.is_momentary() && excerpt.touches(gap.from, gap.until);
        for gap in judged.report.gaps.iter().filter(shown) {
            let place = *places.entry((gap.from, gap.until, gap_text(gap))).or_insert(alike.len());
            match alike.get_mut(place) {
                Some(known) => known.count += 1,
                None => alike.push(AlikeGap { gap, pod, count: 1 }),
            }
        }
    }
    alike
}

fn write_gap(alike: &AlikeGap<'_>, label: &str, width: Width, out: &mut String) {
    let who = if alike.count > 1 { many(alike.count, "pod") } else { label.trim_end().to_owned() };
    let lines = wrap(&format!("~~~~~~~~ {who}: {}", gap_text(alike.gap)), width, GAP_INDENT);
    out.push_str(&Meaning::Waiting.paint_lines(&lines));
}

/// A change of a node, by what makes it one.
type NodeChange<'a> = (&'a str, ObservedAt, String);

fn node_change(note: &Note) -> Option<NodeChange<'_>> {
    match note {
        Note::Node(note) => Some((&note.node, note.at, note.to.to_string())),
        Note::Event(_) | Note::Refused(_) => None,
    }
}

/// Each change of a node: the first of its pods, and how many.
fn node_notes(pods: &[JudgedPod]) -> BTreeMap<NodeChange<'_>, (usize, usize)> {
    let mut changes = BTreeMap::new();
    for (place, pod) in pods.iter().enumerate() {
        for change in pod.report.related.iter().filter_map(node_change) {
            changes.entry(change).or_insert((place, 0)).1 += 1;
        }
    }
    changes
}
