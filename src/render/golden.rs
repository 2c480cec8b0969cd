//! Expectations as YAML: the golden part, written anew into a file of which the rest is a person's and stays as it is.

use super::yaml::scalar_text;
use crate::compare::{Created, GoldenLayout, GoldenPod, Line, LineRange, Moment, PodLayout, RenewedPod, Text};
use crate::model::StampedAt;

/// How a new expectation begins.
const HEAD: &str =
    "# What the recording beside this file shows. `golden` is written by `podreplay test --bless`. What should have
# happened is for a person to write, above it: docs/expectations.md.
version: 1
";

/// An expectation with this golden part: the old file with the part replaced, or a new file. Line breaks are those of the
/// old file.
#[must_use]
pub fn expectation_text(old: Option<(&str, Option<&GoldenLayout>)>, pods: &[RenewedPod]) -> String {
    let Some((text, layout)) = old else { return format!("{HEAD}\n{}", section(pods, &Comments::default())) };
    let is_crlf = text.contains("\r\n");
    let broken = |section: String| if is_crlf { section.replace('\n', "\r\n") } else { section };
    let Some(layout) = layout else {
        let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
        return format!("{text}{}", broken(format!("{gap}{}", section(pods, &Comments::default()))));
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let LineRange { first, last } = layout.range;
    let before = lines[..first - 1].concat();
    let behind = lines[last.min(lines.len())..].concat();
    let mark = if first == 1 && text.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    format!("{before}{mark}{}{behind}", broken(section(pods, &Comments::of(&lines, layout))))
}

/// The comments of an old golden part, each with what it belongs to.
#[derive(Default)]
struct Comments {
    /// Behind the key.
    key: Option<String>,
    pods: Vec<PodComments>,
    /// Below everything.
    tail: Vec<String>,
}

#[derive(Default, Clone)]
struct PodComments {
    above: Vec<String>,
    /// Within the head of the pod.
    head: Vec<String>,
    lines: Vec<LineComments>,
}

#[derive(Default, Clone)]
struct LineComments {
    above: Vec<String>,
    behind: Option<String>,
}

impl Comments {
    fn of(lines: &[&str], layout: &GoldenLayout) -> Self {
        let GoldenLayout { range, pods } = layout;
        // What stands on one line with everything else belongs to the key.
        let is_on_key_line = pods.first().is_some_and(|pod| pod.range.first == range.first);
        let mut last = range.first;
        let key = lines.get(range.first - 1).filter(|_| !is_on_key_line).and_then(|line| comment_of(line));
        let pods = pods
            .iter()
            .map(|pod| {
                let above = whole_comments(lines, last + 1, pod.range.first - 1);
                last = pod.range.last.max(last);
                PodComments { above, ..PodComments::of(lines, pod) }
            })
            .collect();
        Self { key: key.map(str::to_owned), pods, tail: whole_comments(lines, last + 1, range.last) }
    }
}

impl PodComments {
    fn of(lines: &[&str], pod: &PodLayout) -> Self {
        let head_ends = pod.lines.first().map_or(pod.range.last, |line| line.first.saturating_sub(1));
        let head = all_comments(lines, pod.range.first, head_ends);
        let mut last = head_ends;
        let comments = pod.lines.iter().map(|line| {
            let mut above = whole_comments(lines, last + 1, line.first.saturating_sub(1));
            last = line.last.max(last);
            let behind = match line.first == line.last {
                true => lines.get(line.first - 1).and_then(|line| comment_of(line)).map(str::to_owned),
                false => {
                    // Of a line that takes several, text and comment are told apart only where a comment stands alone.
                    above.extend(whole_comments(lines, line.first, line.last));
                    None
                }
            };
            LineComments { above, behind }
        });
        Self { above: Vec::new(), head, lines: comments.collect() }
    }

    /// All of them, in their order.
    fn all(&self) -> Vec<&String> {
        let of_lines = self.lines.iter().flat_map(|line| line.above.iter().chain(&line.behind));
        self.above.iter().chain(&self.head).chain(of_lines).collect()
    }
}

/// The comments that have a line of their own.
fn whole_comments(lines: &[&str], first: usize, last: usize) -> Vec<String> {
    let shown = lines.iter().take(last).skip(first.saturating_sub(1));
    shown.map(|line| line.trim()).filter(|line| line.starts_with('#')).map(str::to_owned).collect()
}

fn all_comments(lines: &[&str], first: usize, last: usize) -> Vec<String> {
    let shown = lines.iter().take(last).skip(first.saturating_sub(1));
    shown.filter_map(|line| comment_of(line)).map(str::to_owned).collect()
}

/// What stands behind a `#` that begins a comment.
fn comment_of(line: &str) -> Option<&str> {
    let mut letters = line.char_indices().peekable();
    let mut before = ' ';
    while let Some((index, letter)) = letters.next() {
        match letter {
            '#' if before.is_whitespace() => return Some(line[index..].trim_end()),
            '"' | '\'' if matches!(before, ' ' | '\t' | ',' | '{' | '[' | ':') => {
                while let Some((_, inner)) = letters.next() {
                    // A backslash takes the next letter with it, and two single quotes are one.
                    let next = letters.peek().map(|(_, next)| *next);
                    let is_pair =
                        (letter == '"' && inner == '\\') || (letter == '\'' && inner == '\'' && next == Some('\''));
                    if is_pair {
                        letters.next();
                    } else if inner == letter {
                        break;
                    }
                }
            }
            _ => {}
        }
        before = letter;
    }
    None
}

fn section(pods: &[RenewedPod], comments: &Comments) -> String {
    let key = comments.key.as_ref().map(|comment| format!("  {comment}")).unwrap_or_default();
    let mut out = if pods.is_empty() { format!("golden: []{key}\n") } else { format!("golden:{key}\n") };
    for pod in pods {
        let own = pod.old.and_then(|index| comments.pods.get(index)).cloned().unwrap_or_default();
        push_comments(&own.above, "", &mut out);
        header(&pod.golden, &mut out);
        push_comments(&own.head, "  ", &mut out);
        for renewed in &pod.lines {
            let LineComments { above, behind } =
                renewed.old.and_then(|index| own.lines.get(index)).cloned().unwrap_or_default();
            push_comments(&above, "  ", &mut out);
            match &renewed.line {
                Some(line) => {
                    let behind = behind.map(|comment| format!("  {comment}")).unwrap_or_default();
                    out.push_str(&format!("  - {}{behind}\n", line_text(line, pod.created_at)));
                }
                None => push_comments(behind.as_slice(), "  ", &mut out),
            }
        }
        // Lines that the renewal left out altogether.
        let is_kept = |index: usize| pod.lines.iter().any(|line| line.old == Some(index));
        for (_, line) in own.lines.iter().enumerate().filter(|(index, _)| !is_kept(*index)) {
            push_comments(&line.above, "  ", &mut out);
            push_comments(line.behind.as_slice(), "  ", &mut out);
        }
    }
    let is_kept = |index: usize| pods.iter().any(|pod| pod.old == Some(index));
    for (_, gone) in comments.pods.iter().enumerate().filter(|(index, _)| !is_kept(*index)) {
        gone.all().into_iter().for_each(|comment| push_comments(std::slice::from_ref(comment), "", &mut out));
    }
    push_comments(&comments.tail, "", &mut out);
    out
}

fn push_comments(comments: &[String], indent: &str, out: &mut String) {
    for comment in comments {
        out.push_str(&format!("{indent}{comment}\n"));
    }
}

fn header(golden: &GoldenPod, out: &mut String) {
    out.push_str(&format!("- pod: {}\n", scalar_text(&format!("{}/{}", golden.namespace, golden.name))));
    if let Some(uid) = &golden.uid {
        out.push_str(&format!("  uid: {}\n", scalar_text(uid)));
    }
    if let Some(incarnation) = golden.incarnation.filter(|incarnation| *incarnation > 1) {
        out.push_str(&format!("  incarnation: {incarnation}\n"));
    }
    let created = match golden.created {
        Created::At(at) => at.to_string(),
        Created::Any => "any".to_owned(),
        Created::Unknown => "unknown".to_owned(),
    };
    let vanished = if golden.vanished { "  vanished: true\n" } else { "" };
    out.push_str(&format!("  created: {created}\n{vanished}  lines:\n"));
}

/// One line of the golden part as a flow mapping.
#[must_use]
pub fn line_text(line: &Line, created_at: Option<StampedAt>) -> String {
    let mut fields: Vec<(&str, String)> = vec![("at", moment_text(line.at, created_at))];
    let mut add = |key: &'static str, value: Option<String>| fields.extend(value.map(|value| (key, value)));
    add("by", line.by.map(|by| moment_text(by, created_at)));
    add("version", line.version.as_ref().map(|version| scalar_text(&version.to_string())));
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
