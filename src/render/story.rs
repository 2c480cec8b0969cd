//! The story as text and as Markdown.

use std::fmt::Write as _;

use super::escape::plain;
use super::layout::{Width, wrap, wrap_hint};
use super::style::Meaning;
use super::words::{clock_time, date, duration, many, span_text};
use super::zone::zoned;
use crate::cause::Weight;
use crate::model::ObservedAt;
use crate::redact::Secrets;
use crate::story::{Sentence, Story};

/// A time of the day and what marks a sentence stand before its words.
const INDENT: usize = 12;
/// So many names are told in the title; of more how many there are.
const NAMES_MAX: usize = 2;

/// For reading, on a screen.
#[must_use]
pub fn story_text(story: &Story, width: Width) -> String {
    let mut out = Meaning::Strong.paint_lines(&wrap(&title(story), width, 0));
    out.push('\n');
    let mut before: Option<ObservedAt> = None;
    for sentence in &story.sentences {
        if let (Some(last), Some(at)) = (before, sentence.at)
            && date(last) != date(at)
        {
            out.push_str(&Meaning::Faint.paint_line(&format!("-- {} --", date(at))));
        }
        before = sentence.at.or(before);
        let time = sentence.at.map_or_else(|| "?".to_owned(), clock_time);
        let (mark, meaning) = match sentence.weight {
            Weight::Broken => ("!", Meaning::Bad),
            Weight::Trouble => ("·", Meaning::Waiting),
            Weight::Info => (" ", Meaning::Plain),
        };
        let line = format!("{time:8}  {mark} {}", zoned(&sentence.text));
        let lines = wrap(&line, width, INDENT);
        for (index, line) in lines.iter().enumerate() {
            // The mark alone is coloured, as the sentence is for reading.
            match line.split_once(mark).filter(|_| index == 0 && mark != " ") {
                Some((head, rest)) => {
                    let _ = writeln!(
                        out,
                        "{}{}{}",
                        Meaning::Plain.paint(head),
                        meaning.paint(mark),
                        Meaning::Plain.paint(rest)
                    );
                }
                None => out.push_str(&Meaning::Plain.paint_line(line)),
            }
        }
    }
    if story.sentences.is_empty() {
        out.push_str("Nothing happened that is worth a sentence.\n");
    }
    out.push('\n');
    for line in legend(story).into_iter().chain(last_lines(story)) {
        out.push_str(&Meaning::Faint.paint_lines(&wrap_hint(&line, width, 0)));
    }
    out
}

/// What the marks mean that are there.
pub(super) fn legend(story: &Story) -> Option<String> {
    let has = |weight: Weight| story.sentences.iter().any(|it| it.weight == weight);
    let broken = has(Weight::Broken).then_some("! broken");
    let trouble = has(Weight::Trouble).then_some("· trouble, or somebody intervened");
    let marks: Vec<&str> = broken.into_iter().chain(trouble).collect();
    (!marks.is_empty()).then(|| marks.join("   "))
}

/// What it is about: `4 pods in team-a, 2026-11-20 15:10:01 to 15:11:16 UTC (1m15s), from audit.jsonl and events.json`.
fn title(story: &Story) -> String {
    let namespaces = match story.namespaces.as_slice() {
        [] => String::new(),
        // What was pasted may not tell it.
        [name] if name.is_empty() => String::new(),
        names if names.len() <= NAMES_MAX => format!(" in {}", names.join(" and ")),
        names => format!(" in {} namespaces", names.len()),
    };
    let clusters = match story.clusters.as_slice() {
        [] => String::new(),
        [name] => format!(" of cluster {name}"),
        names if names.len() <= NAMES_MAX => format!(" of clusters {}", names.join(" and ")),
        names => format!(" of {} clusters", names.len()),
    };
    let span = story.span.map(|(from, until)| {
        let length = duration(until.micros_since(from));
        format!(", {} ({length})", span_text(from, until))
    });
    let names: Vec<&str> = story.recordings.iter().map(|name| name.rsplit('/').next().unwrap_or(name)).collect();
    let from = match names.as_slice() {
        [] => String::new(),
        names if names.len() <= NAMES_MAX => format!(", from {}", names.join(" and ")),
        names => format!(", from {} recordings", names.len()),
    };
    format!("{}{namespaces}{clusters}{}{from}", many(story.pods, "pod"), span.unwrap_or_default())
}

/// What was left out, what no recording tells, and where to look next.
fn last_lines(story: &Story) -> Vec<String> {
    let mut lines = Vec::new();
    if !story.not_told.is_empty() {
        lines.push(story.not_told.join("; "));
    }
    let more = format!("{} with --all; ", many(story.left_out, "more sentence"));
    lines.push(format!("{}next: {}", if story.left_out > 0 { more.as_str() } else { "" }, story.next));
    lines
}

/// For a post-mortem.
#[must_use]
pub fn story_markdown(story: &Story, secrets: Secrets) -> String {
    let mut out = format!("## {}\n\n", escaped(&secrets.text(&title(story))));
    for sentence in &story.sentences {
        let time = sentence.at.map_or_else(|| "?".to_owned(), clock_time);
        let text = escaped(&zoned(&secrets.sentence(&sentence.text)));
        let text = if sentence.weight == Weight::Broken { format!("**{text}**") } else { text };
        let _ = writeln!(out, "- `{time}` {text}{}", escaped(&secrets.text(&evidence(story, sentence))));
    }
    out.push('\n');
    for line in last_lines(story) {
        let _ = writeln!(out, "{}  ", escaped(&secrets.text(&line)));
    }
    out
}

/// Where the first record stands that shows it.
fn evidence(story: &Story, sentence: &Sentence) -> String {
    let first = sentence.evidence.first().and_then(|seq| story.sources.get(seq));
    first
        .map(|source| format!(" ({}:{})", source.file.rsplit('/').next().unwrap_or(&source.file), source.line))
        .unwrap_or_default()
}

/// Text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '!' | '~') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
