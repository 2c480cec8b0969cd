//! How text is laid out: how wide it may be, how much it tells, and how it is cut and broken.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How wide a line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Cut at so many columns: a terminal.
    Columns(usize),
    /// As wide as it takes: a pipe, or `-o wide`.
    Unlimited,
}

/// More than the columns that fit a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What a reader needs.
    Normal,
    /// Positions, versions and clocks too.
    Wide,
}

/// Whether what the model expects stands beside what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedColumn {
    /// Only what is recorded is told.
    Hidden,
    /// What the model expects, too.
    Shown,
}

/// The text cut to so many columns, with `…` where something is missing.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let letter_width = UnicodeWidthChar::width(letter).unwrap_or(0);
        if used + letter_width + 1 > columns {
            break;
        }
        used += letter_width;
        kept.push(letter);
    }
    kept.push('…');
    kept
}

/// A name cut in its middle, so that its end stays: there names of one kind differ.
#[must_use]
pub fn cut_middle(name: &str, columns: usize) -> String {
    if name.width() <= columns {
        return name.to_owned();
    }
    let tail_columns = columns.saturating_sub(1).div_ceil(2);
    let mut tail = String::new();
    for letter in name.chars().rev() {
        if tail.width() + UnicodeWidthChar::width(letter).unwrap_or(0) > tail_columns {
            break;
        }
        tail.insert(0, letter);
    }
    format!("{}{tail}", cut(name, columns.saturating_sub(tail.width())))
}

/// The text in lines that fit, broken between words.
#[must_use]
pub fn wrap(text: &str, width: Width, indent: usize) -> Vec<String> {
    let Width::Columns(columns) = width else { return vec![text.to_owned()] };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if line.trim().is_empty() || line.width() + 1 + word.width() <= columns {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
            line.push_str(if word.is_empty() { " " } else { word });
        } else {
            lines.push(std::mem::replace(&mut line, format!("{}{word}", " ".repeat(indent))));
        }
    }
    lines.push(line);
    lines
}

/// The same of a text with commands of ours in it: who copies a line has the whole command.
#[must_use]
pub fn wrap_hint(text: &str, width: Width, indent: usize) -> Vec<String> {
    /// Looks like a blank, and is none.
    const BOUND: &str = "\u{a0}";
    let (mut bound, mut in_command, mut before) = (String::new(), false, "");
    for word in text.split(' ') {
        let is_plain = !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase());
        // What is in a command: its name, options, their values, and what no English word looks like.
        in_command = in_command
            && !before.ends_with([';', ','])
            && (!is_plain || before == "podreplay" || before.starts_with('-'));
        if !bound.is_empty() {
            bound.push_str(if in_command { BOUND } else { " " });
        }
        bound.push_str(word);
        in_command |= word == "podreplay";
        before = word;
    }
    wrap(&bound, width, indent).into_iter().map(|line| line.replace(BOUND, " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Width, cut, cut_middle, wrap_hint};

    #[test]
    fn a_command_in_a_hint_stays_on_one_line() {
        for (text, expected) in [
            ("hint: none", "hint: none"),
            (
                "All 4 pods were deleted; last with pods: podreplay pods --at 15:11:15 -f a.jsonl",
                "All 4 pods were deleted; last with pods:\n  podreplay pods --at 15:11:15 -f a.jsonl",
            ),
            (
                "12 more sentences with --all; next: podreplay timeline -f a ns/web-0",
                "12 more sentences with --all; next:\n  podreplay timeline -f a ns/web-0",
            ),
            (
                "hint: podreplay recordings says from when until when something is recorded",
                "hint: podreplay recordings says from\n  when until when something is recorded",
            ),
        ] {
            assert_eq!(wrap_hint(text, Width::Columns(40), 2).join("\n"), expected);
            assert_eq!(wrap_hint(text, Width::Unlimited, 2), [text]);
        }
    }

    #[test]
    fn names_are_cut_in_the_middle() {
        for (name, columns, expected) in [
            ("web-868c4f-x7k2p", 16, "web-868c4f-x7k2p"),
            ("web-868c4f-x7k2p", 12, "web-8…-x7k2p"),
            ("web-868c4f-x7k2p", 11, "web-8…x7k2p"),
            ("東京都東京", 7, "東京…京"),
            ("web-0", 1, "…"),
        ] {
            assert_eq!(cut_middle(name, columns), expected, "{name} {columns}");
        }
    }

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(cut("containers with", 8), "contain…");
        assert_eq!(cut("東京都", 5), "東京…");
        assert_eq!(cut("short", 8), "short");
    }
}
