//! Lines: where a value stands, what stands in front of it, and where to go on behind one that does not read.

use std::borrow::Cow;

use memchr::memchr_iter;

use crate::model::ObservedAt;

/// What stands in front of the logs of a container that `kubectl cluster-info dump` prints between lists.
pub(super) const LOGS_BEGIN: &str = "==== START logs for container";

/// Where a document stands.
pub(super) struct Location {
    /// Byte within the chunk.
    pub(super) start: usize,
    /// Line within the input.
    pub(super) line: u64,
    /// Byte within the input.
    pub(super) offset: u64,
    /// The input ends where the document ends.
    pub(super) ends_input: bool,
}

/// Counts lines while moving forward.
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) line: u64,
}

impl Cursor<'_> {
    pub(super) fn line_at(&mut self, index: usize) -> u64 {
        if index > self.at {
            self.line += memchr_iter(b'\n', &self.bytes[self.at..index]).count() as u64;
            self.at = index;
        }
        self.line
    }
}

/// The length of a line that `aws logs tail --format json` prints in front of a record, or instead of one: it begins with a
/// time, and nothing in it is JSON.
pub(super) fn stamped_line(rest: &str) -> Option<usize> {
    if !rest.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let line = rest.lines().next()?;
    let is_stamped = line.split_ascii_whitespace().next().is_some_and(|word| time_in_front(word).is_some());
    (is_stamped && !line.contains("{\"")).then_some(line.len())
}

/// A text without what a terminal takes as colours: `ESC [ 1 ; 32 m`.
pub(super) fn without_colours(text: &str) -> Cow<'_, str> {
    const ESCAPE: char = '\u{1b}';
    if !text.contains(ESCAPE) {
        return text.into();
    }
    let mut parts = text.split(ESCAPE);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let behind = part.trim_start_matches(|letter: char| letter.is_ascii_digit() || "[;:".contains(letter));
        plain.push_str(behind.strip_prefix(['m', 'K']).unwrap_or(behind));
    }
    plain.into()
}

/// A time as logs write it in front of a line: without a zone it is UTC.
pub(super) fn time_in_front(word: &str) -> Option<ObservedAt> {
    ObservedAt::parse(word).or_else(|| ObservedAt::parse(&format!("{word}Z")))
}

/// How much stands in front of a document that was pasted: a fence, a prompt with its command, what a person wrote. All of a
/// text that is nothing else.
pub(super) fn talk_in_front(text: &str) -> usize {
    const KEYS: [&str; 5] = ["apiVersion:", "kind:", "metadata:", "items:", "---"];
    let is_mark = |line: &str| line.starts_with("```") || line.starts_with("$ ");
    let begins = |line: &str| KEYS.iter().any(|key| line.starts_with(key));
    let first = text.trim_start().lines().next().unwrap_or_default();
    let mut is_pasted = is_mark(first);
    let is_key = first.split_once(':').is_some_and(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !is_pasted && (first.is_empty() || is_key || first.starts_with(['{', '[', '"', '-', '#', '%'])) {
        return 0;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if begins(line) || is_pasted && line.starts_with(['{', '[']) {
            return at;
        }
        is_pasted |= is_mark(line);
        at += line.len();
    }
    at
}

/// Where the record of a line begins, behind what stands in front of it: words, such as a time and the name of a stream. Text
/// that has JSON in it, as components log it, is no record.
pub(super) fn record_begin(line: &str) -> Option<usize> {
    pub(super) const WORDS_MAX: usize = 6;
    let begin = line.find('{')?;
    let before = &line[..begin];
    let is_prefix = before.is_empty() || before.ends_with(|last: char| last.is_ascii_whitespace() || last == '\u{1b}');
    let is_talk = before.contains(['"', '=']) || before.split_ascii_whitespace().count() > WORDS_MAX;
    (is_prefix && !is_talk).then_some(begin)
}

/// The next byte that is not white space.
pub(super) fn next_value(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    rest.bytes().position(|byte| !byte.is_ascii_whitespace()).map(|index| at + index)
}

/// Widens a value to its whole line if it stands on one alone, so that the line comes back byte for byte. `at` is where the
/// value before it ended.
pub(super) fn line_bounds(text: &str, at: usize, begin: usize, end: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let line_begin = match memchr::memrchr(b'\n', &bytes[at..begin]) {
        Some(index) => Some(at + index + 1),
        None => (at == 0).then_some(0),
    };
    let behind = bytes[end..].iter().position(|byte| *byte == b'\n' || !byte.is_ascii_whitespace());
    let line_end = match behind {
        Some(index) if bytes[end + index] == b'\n' => Some(end + index),
        Some(_) => None,
        None => Some(bytes.len()),
    };
    match (line_begin, line_end) {
        (Some(line_begin), Some(line_end)) => (line_begin, line_end),
        (None, _) | (_, None) => (begin, end),
    }
}

/// How far to skip behind a value that is not JSON: to the next line that begins with a bracket, indented no deeper than
/// the line of the value.
pub(super) fn resync(text: &str, begin: usize) -> usize {
    let bytes = text.as_bytes();
    let line_begin = memchr::memrchr(b'\n', &bytes[..begin]).map_or(0, |index| index + 1);
    let indent = begin - line_begin;
    memchr_iter(b'\n', &bytes[begin..])
        .map(|index| begin + index + 1)
        .find_map(|line| {
            let depth = bytes[line..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let is_value = depth <= indent && bytes.get(line + depth) == Some(&b'{');
            (is_value || bytes[line..].starts_with(LOGS_BEGIN.as_bytes())).then_some(line - begin)
        })
        .unwrap_or(bytes.len() - begin)
}

/// Whether an object's first key stands in doubled quotes, as in a field of CSV, on its line or the next.
pub(super) fn holds_doubled_quotes(line: &str) -> bool {
    memchr_iter(b'{', line.as_bytes()).any(|at| line[at + 1..].trim_start().starts_with("\"\""))
}

/// Where the JSON of a line that was kept begins.
pub(super) fn json_begin(text: &str) -> Option<usize> {
    let space = text.len() - text.trim_start().len();
    let plain = &text[space..];
    // A row of a query is an array; a time in brackets is not.
    let is_array = |rest: &str| rest.trim_start().starts_with(['{', '[', ']']);
    if plain.starts_with('{') || plain.strip_prefix('[').is_some_and(is_array) {
        return Some(space);
    }
    text.find('{')
}
