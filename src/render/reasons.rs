//! The glossary of reasons as text: a list of one line each, and one reason at length.

use unicode_width::UnicodeWidthStr;

use super::layout::{Width, cut, wrap};
use super::style::Meaning;
use crate::kubelet::reasons::{Place, Reason};

/// How far the paragraphs about a reason are indented, and their second lines.
const INDENT: usize = 2;
const LABEL_COLUMNS: usize = 10;

/// One line each: the word, where it stands, and what it means, cut to the width. On a narrow terminal a long word pushes
/// the rest of its line, so that the others keep room for their meaning.
#[must_use]
pub fn reasons_list<'a>(reasons: impl IntoIterator<Item = &'a Reason>, width: Width) -> String {
    let heading = (Meaning::Faint, ["REASON", "WHERE", "MEANING"]);
    let row = |reason: &'a Reason| (Meaning::Strong, [reason.word, reason.place.as_str(), reason.first_sentence()]);
    let rows: Vec<(Meaning, [&str; 3])> = std::iter::once(heading).chain(reasons.into_iter().map(row)).collect();
    let longest = |column: usize| rows.iter().map(|(_, row)| row[column].width()).max().unwrap_or(0);
    let (columns, word_columns) = match width {
        Width::Columns(columns) => (columns, longest(0).min(columns / 3)),
        Width::Unlimited => (usize::MAX, longest(0)),
    };
    let place_columns = longest(1);
    let mut out = String::new();
    for (style, [word, place, sentence]) in rows {
        let head = format!("{}  {place:place_columns$}  ", " ".repeat(word_columns.saturating_sub(word.width())));
        let room = columns.saturating_sub(word.width() + head.width());
        out.push_str(&format!("{}{head}{}\n", style.paint(word), cut(sentence, room)));
    }
    out
}

/// One reason at length: a heading that says where it stands, and its paragraphs.
#[must_use]
pub fn reason_text(reason: &Reason, width: Width) -> String {
    let heading = wrap(&format!("{} {}", reason.word, place_text(reason.place)), width, INDENT).join("\n");
    // The word is the beginning of the heading: it has no blank that `wrap` could break at, or it fits.
    let rest = heading.strip_prefix(reason.word).unwrap_or_default();
    format!("{}{rest}\n{}\n", Meaning::Strong.paint(reason.word), reason_paragraphs(reason, width).join("\n"))
}

/// What a reason means, who writes it, since when, and what to look at next: lines that fit, indented. For every place
/// that shows a reason at length.
#[must_use]
pub fn reason_paragraphs(reason: &Reason, width: Width) -> Vec<String> {
    let rules = format!("{} in docs/semantics.md", reason.rules.join(", "));
    let mut lines = wrap(&format!("{:INDENT$}{}", "", reason.meaning), width, INDENT);
    for (label, text) in [
        ("next", reason.next),
        ("writer", reason.writer),
        ("versions", reason.versions),
        ("rules", if reason.rules.is_empty() { "" } else { &rules }),
    ] {
        if !text.is_empty() {
            lines.extend(labelled(label, text, width));
        }
    }
    lines
}

/// A label in front of text whose lines stand below each other.
fn labelled(label: &str, text: &str, width: Width) -> Vec<String> {
    let indent = INDENT + LABEL_COLUMNS;
    let mut lines = wrap(&format!("{:indent$}{text}", ""), width, indent);
    if let Some(first) = lines.first_mut() {
        first.replace_range(INDENT..INDENT + label.len(), label);
    }
    lines
}

/// Where a reason stands, after its word: `on the condition Ready`.
#[must_use]
pub fn place_text(place: Place) -> String {
    match place {
        Place::Pod => "on the pod".to_owned(),
        Place::Condition([only]) => format!("on the condition {only}"),
        Place::Condition([]) => "on a condition".to_owned(),
        Place::Condition([first @ .., last]) => format!("on the conditions {} and {last}", first.join(", ")),
        Place::Waiting => "on a waiting container".to_owned(),
        Place::Terminated => "on a terminated container".to_owned(),
        Place::Column => "in the column STATUS, not on the pod".to_owned(),
        Place::Event => "on an event about the pod, not on the pod".to_owned(),
        Place::Node => "in the message of a node's condition Ready, not on the pod".to_owned(),
        Place::Log => "in the kubelet's log, not on the pod".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{UnicodeWidthStr, Width, reason_paragraphs, reason_text, reasons_list};
    use crate::kubelet::reasons::{Place, Reason, all};

    const SMALL: Reason = Reason {
        word: "Small",
        place: Place::Condition(&["A", "B", "C"]),
        writer: "somebody",
        versions: "all",
        meaning: "One two three four five six seven.",
        next: "Look here and there.",
        rules: &["C1", "C2"],
    };

    #[test]
    fn a_reason_at_length_is_wrapped_to_the_width() {
        let text = anstream::adapter::strip_str(&reason_text(&SMALL, Width::Columns(26))).to_string();
        let expected = "Small on the conditions A,\n  B and C\n  One two three four five\n  six seven.\n  next      Look here and\n            \
                        there.\n  writer    somebody\n  versions  all\n  rules     C1, C2 in\n            docs/semantics.md\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for columns in [80, 100, 200] {
            let list = anstream::adapter::strip_str(&reasons_list(all(), Width::Columns(columns))).to_string();
            for line in list.lines() {
                assert!(line.width() <= columns, "{columns}: {line}");
            }
            for reason in all() {
                for line in reason_paragraphs(reason, Width::Columns(columns)) {
                    assert!(line.width() <= columns, "{columns}: {line}");
                }
            }
        }
    }
}
