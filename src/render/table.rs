//! Tables as kubectl prints them: plain columns, three spaces apart, headings in capitals.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::layout::{Width, cut, cut_middle};
use super::style::Meaning;

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    meaning: Meaning,
}

impl Cell {
    /// A cell of this meaning; the text is escaped.
    #[must_use]
    pub fn new(text: impl Into<String>, meaning: Meaning) -> Self {
        Self { text: super::escape::plain(&text.into()), meaning }
    }

    /// The text in the colour of its meaning, cut to so many columns.
    #[must_use]
    pub fn painted(&self, columns: usize) -> String {
        self.meaning.paint(&cut(&self.text, columns))
    }

    /// One cell takes no more than half of a terminal: names may have 253 letters, of which the last tell them apart.
    fn within(self, width: Width) -> Self {
        match width {
            Width::Columns(columns) => Self { text: cut_middle(&self.text, columns / 2), meaning: self.meaning },
            Width::Unlimited => self,
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How wide it is.
    #[must_use]
    pub(super) fn columns(&self) -> usize {
        self.text.width()
    }

    /// A cell without a meaning.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Meaning::Plain)
    }
}

/// Between two columns.
pub(super) const GAP: usize = 3;
/// A last column narrower than this says nothing.
const LAST_COLUMN_MIN: usize = 8;

/// The table, one line a row. Only the last column is cut to the width.
#[must_use]
pub fn table(headings: &[&str], rows: &[Vec<Cell>], width: Width) -> String {
    let mut out = Vec::new();
    write_table(headings, || rows.iter().cloned(), width, &mut out).expect("memory can be written to");
    String::from_utf8(out).expect("lines are text")
}

/// The same of rows that are made twice, for their widths and to be written: there may be very many. Without headings only the
/// rows are written.
///
/// # Errors
/// When writing fails.
pub fn write_table<R: Iterator<Item = Vec<Cell>>>(
    headings: &[&str],
    rows: impl Fn() -> R,
    width: Width,
    to: &mut dyn Write,
) -> io::Result<()> {
    // The last one is text, and cut at its end.
    let cut_row = |mut row: Vec<Cell>| -> Vec<Cell> {
        let last = row.pop();
        row.into_iter().map(|cell| cell.within(width)).chain(last).collect()
    };
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.width()).collect();
    for row in rows().map(cut_row) {
        widths.resize(widths.len().max(row.len()), 0);
        for (column, cell) in widths.iter_mut().zip(row) {
            *column = (*column).max(cell.text.width());
        }
    }
    let mut line = String::new();
    let headings: Vec<Cell> = headings.iter().map(|heading| Cell::new(*heading, Meaning::Faint)).collect();
    let headings = Some(headings).filter(|headings| !headings.is_empty());
    for row in headings.into_iter().chain(rows().map(cut_row)) {
        line.clear();
        push_row(&row, &widths, width, &mut line);
        to.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Whether no row of a table is wider than this.
#[must_use]
pub fn fits(headings: &[String], rows: &[Vec<Cell>], width: Width) -> bool {
    let Width::Columns(columns) = width else { return true };
    let widest = |(place, heading): (usize, &String)| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.text.width());
        cells.fold(heading.width(), usize::max) + GAP
    };
    headings.iter().enumerate().map(widest).sum::<usize>() <= columns + GAP
}

fn push_row(row: &[Cell], widths: &[usize], width: Width, out: &mut String) {
    let mut used = 0;
    for (index, (cell, column)) in row.iter().zip(widths).enumerate() {
        let is_last = index + 1 == row.len();
        if is_last {
            out.push_str(&match width {
                Width::Columns(columns) => cell.painted(columns.saturating_sub(used).max(LAST_COLUMN_MIN)),
                Width::Unlimited => cell.meaning.paint(&cell.text),
            });
        } else {
            out.push_str(&cell.meaning.paint(&cell.text));
            let padding = column - cell.text.width() + GAP;
            out.extend(std::iter::repeat_n(' ', padding));
            used += column + GAP;
        }
    }
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::{Cell, Width, table};

    #[test]
    fn of_a_long_name_the_end_stays() {
        let rows = vec![vec![Cell::plain("web-695d5df99b-7l8zk"), Cell::plain("a sentence that goes on")]];
        let text = anstream::adapter::strip_str(&table(&[], &rows, Width::Columns(30))).to_string();
        assert_eq!(text, "web-695…b-7l8zk   a sentence …\n");
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let rows = vec![vec![Cell::plain("東京"), Cell::plain("1/1")], vec![Cell::plain("web-0"), Cell::plain("0/1")]];
        let text = anstream::adapter::strip_str(&table(&["NAME", "READY"], &rows, Width::Unlimited)).to_string();
        assert_eq!(text, "NAME    READY\n東京    1/1\nweb-0   0/1\n");
        let text = anstream::adapter::strip_str(&table(&[], &rows, Width::Unlimited)).to_string();
        assert_eq!(text, "東京    1/1\nweb-0   0/1\n");
    }
}
