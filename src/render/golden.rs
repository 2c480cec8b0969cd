//! Expectations as YAML: the golden part, written anew into a file of which the rest is a person's and stays as it is.

use super::yaml::scalar_text;
use crate::compare::{Created, GoldenLayout, Line, LineRange, Moment, PodStory, RenewedLine, RenewedPod, Text};
use crate::model::StampedAt;

/// How a new expectation begins.
const HEAD: &str =
    "# What the recording beside this file shows. `golden` is written by `podreplay test --bless`. What should have
# happened is for a person to write, above it: docs/expectations.md.
version: 1
";

/// An expectation with this golden part: the old file with the part replaced, or a new file.
#[must_use]
pub fn expectation_text(old: Option<(&str, Option<&GoldenLayout>)>, pods: &[RenewedPod]) -> String {
    match old {
        None => format!("{HEAD}\n{}", section(pods, None)),
        Some((text, None)) => {
            let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
            format!("{text}{gap}{}", section(pods, None))
        }
        Some((text, Some(layout))) => {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let LineRange { first, last } = layout.range;
            let before = lines[..first - 1].concat();
            let behind = lines[last.min(lines.len())..].concat();
            format!("{before}{}{behind}", section(pods, Some((&lines, layout))))
        }
    }
}

/// The lines of the old file, and where its golden part stands in them.
type Old<'a> = Option<(&'a [&'a str], &'a GoldenLayout)>;

fn section(pods: &[RenewedPod], old: Old<'_>) -> String {
    if pods.is_empty() {
        return "golden: []\n".to_owned();
    }
    let mut out = "golden:\n".to_owned();
    let mut told = old.map_or(0, |(_, layout)| layout.range.first);
    for pod in pods {
        let layout = old.zip(pod.old).map(|((lines, layout), index)| (lines, &layout.pods[index]));
        if let Some((lines, layout)) = layout {
            let head_ends = layout.lines.first().map_or(layout.range.last, |line| line.first - 1);
            comments(lines, told + 1, head_ends, "", &mut out);
            told = told.max(head_ends);
        }
        header(&pod.story, &mut out);
        for RenewedLine { line, old } in &pod.lines {
            let place = layout.zip(*old).map(|((lines, layout), index)| (lines, layout.lines[index]));
            let mut behind = None;
            if let Some((lines, place)) = place {
                comments(lines, told + 1, place.first - 1, "  ", &mut out);
                behind = inner_comment(lines, place, line.is_some(), &mut out);
                told = told.max(place.last);
            }
            if let Some(line) = line {
                out.push_str("  - ");
                out.push_str(&line_text(line, pod.created_at));
                if let Some(comment) = behind {
                    out.push_str("  ");
                    out.push_str(&comment);
                }
                out.push('\n');
            }
        }
    }
    if let Some((lines, layout)) = old {
        comments(lines, told + 1, layout.range.last, "  ", &mut out);
    }
    out
}

/// The comments on these lines, each on a line of its own.
fn comments(lines: &[&str], first: usize, last: usize, indent: &str, out: &mut String) {
    for line in lines.iter().take(last).skip(first - 1) {
        if let Some(comment) = comment_of(line) {
            out.push_str(indent);
            out.push_str(comment);
            out.push('\n');
        }
    }
}

/// The comment behind a line of the old part. Of a line that took several, or that is gone, all comments stand above.
fn inner_comment(lines: &[&str], place: LineRange, is_there: bool, out: &mut String) -> Option<String> {
    if is_there && place.first == place.last {
        return lines.get(place.first - 1).and_then(|line| comment_of(line)).map(str::to_owned);
    }
    comments(lines, place.first, place.last, "  ", out);
    None
}

/// What stands behind a `#` that begins a comment.
fn comment_of(line: &str) -> Option<&str> {
    let mut quote: Option<char> = None;
    let mut is_escaped = false;
    let mut before = ' ';
    for (index, letter) in line.char_indices() {
        match (quote, letter) {
            (Some('"'), '\\') if !is_escaped => is_escaped = true,
            (Some(open), letter) if letter == open && !is_escaped => quote = None,
            (Some(_), _) => is_escaped = false,
            (None, '"' | '\'') if matches!(before, ' ' | '\t' | ',' | '{' | '[') => quote = Some(letter),
            (None, '#') if matches!(before, ' ' | '\t') => return Some(line[index..].trim_end()),
            (None, _) => {}
        }
        before = letter;
    }
    None
}

fn header(story: &PodStory, out: &mut String) {
    out.push_str(&format!("- pod: {}\n", scalar_text(&format!("{}/{}", story.namespace, story.name))));
    if let Some(uid) = &story.uid {
        out.push_str(&format!("  uid: {}\n", scalar_text(uid)));
    }
    if let Some(incarnation) = story.incarnation.filter(|incarnation| *incarnation > 1) {
        out.push_str(&format!("  incarnation: {incarnation}\n"));
    }
    let created = match story.created {
        Created::At(at) => at.to_string(),
        Created::Any => "any".to_owned(),
        Created::Unknown => "unknown".to_owned(),
    };
    out.push_str(&format!("  created: {created}\n  lines:\n"));
}

/// One line of the golden part as a flow mapping.
#[must_use]
pub fn line_text(line: &Line, created_at: Option<StampedAt>) -> String {
    let mut fields: Vec<(&str, String)> = vec![("at", moment_text(line.at, created_at))];
    let mut add = |key: &'static str, value: Option<String>| fields.extend(value.map(|value| (key, value)));
    add("by", line.by.map(|by| moment_text(by, created_at)));
    add("version", line.version.as_ref().map(|version| scalar_text(version.as_str())));
    add("subject", Some(scalar_text(&line.subject_word())));
    let text = |text: &Option<Text>| text.as_ref().map(expected_text);
    add("from", text(&line.from));
    add("to", text(&line.to));
    add("reason", text(&line.reason));
    add("message", text(&line.message));
    add("stamped", line.stamped.map(|at| moment_text(at, created_at)));
    add("restarts", line.restarts.map(|count| count.to_string()));
    add("inferred", line.inferred.then(|| "true".to_owned()));
    let fields: Vec<String> = fields.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", fields.join(", "))
}

fn expected_text(text: &Text) -> String {
    match text {
        Text::Exactly(text) => scalar_text(&Text::literal(text)),
        Text::Matching(..) | Text::Any => scalar_text(&text.to_string()),
    }
}

fn moment_text(moment: Moment, created_at: Option<StampedAt>) -> String {
    match (moment, created_at) {
        (Moment::At(at), Some(created_at)) => Moment::AfterCreation(at.saturating_sub(created_at.micros())).to_string(),
        (moment, _) => moment.to_string(),
    }
}
