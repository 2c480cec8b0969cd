//! `timeline -o bars`: pods as rows of blocks on one axis of time, for a terminal. Shapes carry the meaning; colours only
//! repeat it.

use unicode_width::UnicodeWidthStr;

use super::drawing::{END, Key, Mark, end_marks, findings_of, forms, lane_text, notes, other_findings, value_forms};
use super::escape::plain;
use super::guides::{numbers, sentences};
use super::heading::heading;
use super::layout::{ExpectedColumn, Width};
use super::style::Meaning;
use super::words::date;
use super::zone::{shown, zone_name};
use crate::model::ObservedAt;
use crate::picture::{Agreement, Axis, End, ExpectedBar, Health, Lane, Row, Tick, ends, hidden, rows};
use crate::report::JudgedPod;
use crate::rules::Severity;
use crate::story::Guide;
use crate::timeline::TimeRange;

/// How wide the drawing is where no terminal says so.
pub const COLUMNS_DEFAULT: usize = 100;
const LABEL_COLUMNS_MAX: usize = 30;
const LABEL_COLUMNS_MIN: usize = 14;
const BAR_COLUMNS_MIN: usize = 16;
/// From one tick to the next at least, and what stands between the name of one and the next.
const TICK_COLUMNS_MIN: usize = 8;
const BETWEEN_TICKS: usize = 3;

/// What a cell of a row shows, in the order of the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fill {
    Value(Health),
    Hidden,
    Expected(Agreement),
    Open,
}

impl Fill {
    fn letter(self) -> char {
        match self {
            Self::Value(Health::Unknown) => '░',
            Self::Value(Health::Neutral) => '═',
            Self::Value(Health::Good) => '█',
            Self::Value(Health::Done) => '─',
            Self::Value(Health::Ending) => '▁',
            Self::Value(Health::Waiting) => '▒',
            Self::Value(Health::Unready) => '▓',
            Self::Value(Health::Bad) => '╳',
            Self::Hidden => '~',
            Self::Expected(Agreement::Same) => '=',
            Self::Expected(Agreement::Lawful) => '≈',
            Self::Expected(Agreement::Against) => '!',
            Self::Open => '►',
        }
    }

    fn meaning(self) -> Meaning {
        match self {
            Self::Value(health) => health.into(),
            Self::Hidden => Meaning::Waiting,
            Self::Expected(Agreement::Same | Agreement::Lawful) | Self::Open => Meaning::Faint,
            Self::Expected(Agreement::Against) => Meaning::Bad,
        }
    }

    fn legend(self) -> &'static str {
        match self {
            Self::Value(health) => Key::Health(health).text(),
            Self::Hidden => Key::Gap.text(),
            Self::Expected(Agreement::Same) => Key::Expected(Agreement::Same).text(),
            Self::Expected(Agreement::Lawful) => "Kubernetes computes this; the recorded value is allowed too",
            Self::Expected(Agreement::Against) => "Kubernetes computes this: see `podreplay check`",
            Self::Open => Key::Open.text(),
        }
    }
}

/// What parts two blocks of one shape.
const STROKE: char = '│';

/// What the signs mean.
const MARKS: [(char, &str); 7] = [
    (END, Key::End.text()),
    ('!', Key::Finding(Severity::Error).text()),
    ('?', Key::Finding(Severity::Warning).text()),
    ('▲', Key::Warning.text()),
    ('·', Key::Normal.text()),
    ('◆', "its node"),
    (STROKE, "another value of the same kind begins"),
];

/// What the story says, numbered; pods on one axis of time, one below the other; and what the shapes mean that were used.
#[must_use]
pub fn bars(pods: &[JudgedPod], guides: &[Guide], column: ExpectedColumn, width: Width) -> String {
    let columns = match width {
        Width::Columns(columns) => columns,
        Width::Unlimited => COLUMNS_DEFAULT,
    };
    let mut out = String::new();
    let Some(axis) = Axis::over(pods) else {
        pods.iter().for_each(|pod| heading(&pod.report, Width::Columns(columns), &mut out));
        return out;
    };
    let drawn: Vec<Vec<Row>> = pods.iter().map(rows).collect();
    // What is longer takes a line of its own.
    let label_columns_max = LABEL_COLUMNS_MAX.min(columns / 3).max(LABEL_COLUMNS_MIN);
    let labels = drawn.iter().flatten().map(|row| plain(&lane_text(&row.lane)).width());
    let label_columns =
        labels.filter(|columns| *columns <= label_columns_max).max().unwrap_or(0).max(LABEL_COLUMNS_MIN);
    let bar_columns = columns.saturating_sub(label_columns + 1).max(BAR_COLUMNS_MIN);
    if !guides.is_empty() {
        out.push_str(&sentences(guides, Width::Columns(columns)));
        out.push('\n');
    }
    let mut page = Page { axis, guides, label_columns, bar_columns, fills: Vec::new(), marks: Vec::new(), out };
    for (index, (pod, rows)) in pods.iter().zip(&drawn).enumerate() {
        if index > 0 {
            page.out.push_str("\n\n");
        }
        heading(&pod.report, Width::Columns(columns), &mut page.out);
        page.pod(pod, rows, column);
    }
    page.legend(columns);
    page.out
}

struct Page<'a> {
    axis: Axis,
    guides: &'a [Guide],
    label_columns: usize,
    bar_columns: usize,
    /// What was used and needs a legend.
    fills: Vec<Fill>,
    marks: Vec<char>,
    out: String,
}

/// An interval in cells.
struct Block {
    /// Its first cell, and the one behind its last: at least one.
    cells: (usize, usize),
    fill: Fill,
    health: Health,
    /// What may be written into it, the longest first.
    forms: Vec<String>,
    is_open: bool,
}

impl Block {
    fn is_short(&self) -> bool {
        self.cells.1 - self.cells.0 == 1
    }

    fn is_short_and_bad(&self) -> bool {
        self.is_short() && self.health == Health::Bad
    }
}

impl Page<'_> {
    fn pod(&mut self, pod: &JudgedPod, rows: &[Row], column: ExpectedColumn) {
        self.numbers();
        self.ticks();
        let ends = ends(rows);
        for row in rows {
            self.row(pod, row);
            if row.lane == Lane::Status {
                self.marks("", &end_marks(&ends));
            }
            self.expected(row, column);
            self.marks("", &findings_of(pod, &row.lane));
        }
        let lanes: Vec<&Lane> = rows.iter().map(|row| &row.lane).collect();
        self.marks("findings", &other_findings(pod, &lanes));
        self.marks("Events", &notes(pod));
    }

    /// The name of a line; one that is too long stands above it.
    fn label(&mut self, text: &str, meaning: Meaning) {
        let text = plain(text);
        let is_above = text.width() > self.label_columns;
        self.out.push_str(&if is_above { meaning.paint_line(&text) } else { meaning.paint(&text) });
        let used = if is_above { 0 } else { text.width() };
        self.out.extend(std::iter::repeat_n(' ', self.label_columns + 1 - used));
    }

    /// The numbers of the guides above the axis.
    fn numbers(&mut self) {
        if self.guides.is_empty() {
            return;
        }
        let places = self.guides.iter().map(|guide| (guide.number, self.cell(guide.at)));
        let labels = numbers(places, self.bar_columns + 1, |text| text.len() + 1);
        self.label("story", Meaning::Faint);
        let mut line = String::new();
        for (place, text) in labels {
            line.extend(std::iter::repeat_n(' ', place.saturating_sub(line.len())));
            line.push_str(&text);
        }
        self.out.push_str(&Meaning::Strong.paint_line(&line));
    }

    /// `├15:10:00─────├15:10:30────`.
    fn ticks(&mut self) {
        let mut line = vec!['─'; self.bar_columns];
        let has_room = |ticks: &Vec<Tick>| {
            let needed = |tick: &Tick| self.cell(tick.at) + tick.label.len() + BETWEEN_TICKS;
            ticks.iter().zip(&ticks[1.min(ticks.len())..]).all(|(one, next)| needed(one) <= self.cell(next.at))
        };
        let counts = (1..=self.bar_columns / TICK_COLUMNS_MIN).rev();
        let ticks = counts.map(|count| self.axis.ticks(count, shown())).find(has_room).unwrap_or_default();
        for tick in ticks {
            let place = self.cell(tick.at);
            if place + 1 + tick.label.len() > self.bar_columns {
                continue;
            }
            for (cell, letter) in line[place..].iter_mut().zip(std::iter::once('├').chain(tick.label.chars())) {
                *cell = letter;
            }
        }
        let TimeRange { from, until } = *self.axis.frame();
        self.label(&format!("{} {}", date(from), zone_name(from, until)), Meaning::Faint);
        let line: String = line.into_iter().collect();
        self.out.push_str(&Meaning::Faint.paint_line(&line));
    }

    /// The cell in which a moment lies.
    fn cell(&self, at: ObservedAt) -> usize {
        self.axis.place(at, self.bar_columns).min(self.bar_columns - 1)
    }

    /// The cells of a stretch: at least one.
    fn cells(&self, from: ObservedAt, until: ObservedAt) -> (usize, usize) {
        let first = self.cell(from);
        (first, self.axis.place(until, self.bar_columns).max(first + 1))
    }

    fn row(&mut self, pod: &JudgedPod, row: &Row) {
        let blocks = row.bars.iter().map(|bar| {
            let health = bar.health;
            Block {
                cells: self.cells(bar.range.from, bar.range.until),
                fill: Fill::Value(health),
                health,
                forms: forms(&bar.shown),
                is_open: bar.end == End::Open,
            }
        });
        let blocks: Vec<Block> = blocks.collect();
        let mut cells = shared_out(&blocks, self.bar_columns);
        for gap in hidden(&pod.report, &row.lane) {
            if gap.range.length_us() == 0 || !gap.range.touches(self.axis.frame()) {
                continue;
            }
            let (first, behind) = self.cells(gap.range.from, gap.range.until);
            for (place, cell) in cells.iter_mut().enumerate().take(behind).skip(first) {
                // Where a gap begins or ends something bad may have been seen as well.
                let is_edge = place == first || place + 1 == behind;
                let is_bad = matches!(*cell, Cell::Block(index) if blocks[index].is_short_and_bad());
                if !(is_edge && is_bad) {
                    *cell = Cell::Hidden;
                }
            }
        }
        self.label(&lane_text(&row.lane), if row.lane == Lane::Status { Meaning::Strong } else { Meaning::Plain });
        self.line(&blocks, &cells);
    }

    /// The model's track: all of it where it is asked for, else where the recorded is against the rules.
    fn expected(&mut self, row: &Row, column: ExpectedColumn) {
        let is_shown = |bar: &&ExpectedBar| column == ExpectedColumn::Shown || bar.agreement == Agreement::Against;
        let blocks = row.expected.iter().filter(is_shown).map(|bar| Block {
            cells: self.cells(bar.range.from, bar.range.until),
            fill: Fill::Expected(bar.agreement),
            health: if bar.agreement == Agreement::Against { Health::Bad } else { Health::Neutral },
            forms: value_forms(&bar.value),
            is_open: false,
        });
        let blocks: Vec<Block> = blocks.collect();
        if blocks.is_empty() {
            return;
        }
        let cells = shared_out(&blocks, self.bar_columns);
        self.label("  expected", Meaning::Faint);
        self.line(&blocks, &cells);
    }

    /// Cells that belong together as shapes, with the value written into them where there is room.
    fn line(&mut self, blocks: &[Block], cells: &[Cell]) {
        let used = cells.iter().rposition(|cell| *cell != Cell::Empty).map_or(0, |last| last + 1);
        let mut before = None;
        for run in cells[..used].chunk_by(|one, other| one == other) {
            let fill = match run[0] {
                Cell::Empty => None,
                Cell::Hidden => Some(Fill::Hidden),
                Cell::Block(index) => Some(blocks[index].fill),
            };
            match run[0] {
                Cell::Empty => self.out.extend(std::iter::repeat_n(' ', run.len())),
                Cell::Hidden => self.fill(Fill::Hidden, run.len()),
                Cell::Block(index) => self.block(&blocks[index], run.len(), before == fill),
            }
            before = fill;
        }
        self.out.push('\n');
    }

    /// A block behind one of the same shape begins with a stroke.
    fn block(&mut self, block: &Block, columns: usize, is_behind_same: bool) {
        let is_open = block.is_open && columns > 2;
        let columns = columns - usize::from(is_open);
        let mut left = columns;
        if is_behind_same && columns > 1 {
            self.marks.push(STROKE);
            self.out.push_str(&block.fill.meaning().paint(&STROKE.to_string()));
            left -= 1;
        }
        let forms = block.forms.iter().map(|form| format!(" {} ", plain(form)));
        if let Some(form) = forms.into_iter().find(|form| form.width() + 2 <= columns) {
            let before = left + 1 - columns;
            self.fill(block.fill, before);
            self.out.push_str(&block.fill.meaning().paint(&form));
            left -= before + form.width();
        }
        self.fill(block.fill, left);
        if is_open {
            self.fill(Fill::Open, 1);
        }
    }

    fn fill(&mut self, fill: Fill, count: usize) {
        if count == 0 {
            return;
        }
        self.fills.push(fill);
        let text: String = std::iter::repeat_n(fill.letter(), count).collect();
        self.out.push_str(&fill.meaning().paint(&text));
    }

    /// Signs at their moments, each with its word where there is room; the worst sign wins a cell.
    fn marks(&mut self, label: &str, marks: &[Mark<'_>]) {
        if marks.is_empty() {
            return;
        }
        let rank = |mark: &Mark<'_>| MARKS.iter().position(|(sign, _)| *sign == mark.sign());
        let mut cells: Vec<Option<&Mark<'_>>> = vec![None; self.bar_columns];
        for mark in marks {
            let cell = &mut cells[self.cell(mark.at)];
            if cell.is_none_or(|other| rank(mark) < rank(other)) {
                *cell = Some(mark);
            }
        }
        self.label(label, Meaning::Plain);
        let mut place = 0;
        let last = cells.iter().rposition(Option::is_some).unwrap_or(0);
        while place <= last {
            let Some(mark) = cells[place] else {
                self.out.push(' ');
                place += 1;
                continue;
            };
            self.marks.push(mark.sign());
            let room = cells[place + 1..].iter().position(Option::is_some).unwrap_or(self.bar_columns - place - 1);
            let word = plain(&mark.word());
            let is_last = place == last;
            let fits = word.width() + usize::from(!is_last) <= room;
            let text = if fits { format!("{}{word}", mark.sign()) } else { mark.sign().to_string() };
            place += text.width();
            self.out.push_str(&mark.meaning().paint(&text));
        }
        self.out.push('\n');
    }

    fn legend(&mut self, columns: usize) {
        self.fills.sort_unstable();
        self.fills.dedup();
        let fills = self.fills.iter().map(|fill| (fill.letter(), fill.meaning(), fill.legend()));
        let is_used = |sign: char| self.marks.contains(&sign);
        let signs = MARKS.iter().filter(|(sign, _)| is_used(*sign));
        let all = fills.chain(signs.map(|(sign, text)| (*sign, Meaning::Plain, *text)));
        let mut used = 0;
        let mut out = String::from("\n");
        for (letter, meaning, text) in all {
            let shape: String = std::iter::repeat_n(letter, 2).collect();
            let shape = if is_used(letter) { letter.to_string() } else { shape };
            let needed = shape.width() + 1 + text.width();
            if used > 0 {
                let is_too_wide = used + 3 + needed > columns;
                out.push_str(if is_too_wide { "\n" } else { "   " });
                used = if is_too_wide { 0 } else { used + 3 };
            }
            used += needed;
            out.push_str(&meaning.paint(&shape));
            out.push_str(&Meaning::Faint.paint(&format!(" {text}")));
        }
        out.push('\n');
        self.out.push_str(&out);
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Empty,
    Hidden,
    Block(usize),
}

/// Gives each cell to one block. A block that has no other cell comes before one that has: nothing vanishes because it
/// was short. Of several such the worst wins.
fn shared_out(blocks: &[Block], columns: usize) -> Vec<Cell> {
    let rank = |block: &Block| (block.is_short(), block.health);
    let mut cells = vec![Cell::Empty; columns];
    for (index, block) in blocks.iter().enumerate() {
        let (first, behind) = block.cells;
        for cell in cells.iter_mut().take(behind).skip(first) {
            match *cell {
                Cell::Block(other) if rank(&blocks[other]) > rank(block) => {}
                Cell::Block(_) | Cell::Empty | Cell::Hidden => *cell = Cell::Block(index),
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::{Block, Cell, Fill, Health, shared_out};

    /// Blocks `FIRST-BEHIND=LETTER` to the letters of the cells: `g`ood, `w`aiting, `b`ad, `d`one.
    fn check(blocks: &str, expected: &str) {
        let letters: Vec<char> = blocks.split_whitespace().filter_map(|text| text.chars().next_back()).collect();
        let blocks = blocks.split_whitespace().map(|text| {
            let (cells, letter) = text.split_once('=').expect("CELLS=LETTER");
            let (first, behind) = cells.split_once('-').expect("FIRST-BEHIND");
            let health = match letter {
                "g" => Health::Good,
                "w" => Health::Waiting,
                "b" => Health::Bad,
                _ => Health::Done,
            };
            let cells = (first.parse().expect("a number"), behind.parse().expect("a number"));
            Block { cells, fill: Fill::Value(health), health, forms: Vec::new(), is_open: false }
        });
        let cells = shared_out(&blocks.collect::<Vec<_>>(), expected.len()).into_iter().map(|cell| match cell {
            Cell::Empty | Cell::Hidden => ' ',
            Cell::Block(index) => letters[index],
        });
        assert_eq!(cells.collect::<String>(), expected);
    }

    #[test]
    fn nothing_vanishes_because_it_was_short() {
        check("0-3=w 3-6=g", "wwwggg");
        check("0-3=w 3-4=b 3-6=g", "wwwbgg");
        check("0-3=w 3-4=d 3-6=g", "wwwdgg");
        check("2-4=g 4-6=g", "  gggg");
        // Of those that have one cell only the worst wins, whatever the order.
        check("0-1=b 0-1=g 0-1=w 1-3=g", "bgg");
        check("0-1=g 0-1=w 0-1=b 1-3=g", "bgg");
        // What ends where the axis ends still has its cell.
        check("0-4=g 3-4=d", "gggd");
    }
}
