//! How a comparison is laid out, and the lines that all its parts have.

use super::words::{Sides, Still, difference_text};
use crate::compare::FieldDifference;
use crate::render::escape::plain;
use crate::render::layout::{Width, wrap};
use crate::render::style::Meaning;
use crate::replay::Subject;

/// How a comparison is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// What the sides are to each other.
    pub sides: Sides,
    /// What the expected side is called.
    pub expected: &'a str,
    /// What the recorded side is called.
    pub recorded: &'a str,
    /// Two columns instead of `-` and `+`.
    pub side_by_side: bool,
    /// How many lines that are alike are shown around those that are not.
    pub context: usize,
    /// How wide a line may be.
    pub width: Width,
}

pub(super) const INDENT: usize = 4;

pub(super) fn place_text(line: usize) -> String {
    if line == 0 { String::new() } else { format!("  line {line}") }
}

pub(super) fn unseen_text(why: Option<&str>, layout: &Layout<'_>, out: &mut String) {
    if let Some(why) = why {
        push_wrapped(&format!("{:INDENT$}inconclusive: {}", "", plain(why)), Meaning::Waiting, layout, out);
    }
}

pub(super) fn push_wrapped(text: &str, meaning: Meaning, layout: &Layout<'_>, out: &mut String) {
    out.push_str(&meaning.paint_lines(&wrap(text, layout.width, INDENT + 2)));
}

/// What two lines differ in, both values of each.
pub(super) fn explain(
    differences: &[FieldDifference],
    subject: Option<&Subject>,
    still: Still,
    line: usize,
    layout: &Layout<'_>,
    out: &mut String,
) {
    if differences.is_empty() {
        return;
    }
    let texts: Vec<String> =
        differences.iter().map(|difference| difference_text(difference, subject, still, layout.sides)).collect();
    let text = format!("{:INDENT$}{}{}", "", texts.join("; "), place_text(line));
    push_wrapped(&text, Meaning::Faint, layout, out);
}
