//! Values that a name announces: `name=value`, `name: value`, `--name value`, `"name":"value"`.

use std::ops::Range;

use super::marks::{Sign, blanks, is_armour, line_break, line_end, looked, quote, run, sign};
use super::value::{LONG_BYTES_MIN, behind_scheme, behind_scheme_of_word, is_long, list, plain, quoted};
use super::words::{Promise, is_scheme, is_trivial, looks_like_name, looks_random, names_secret, words};

/// The value that a name announces: `name=value`, `name: value`, `"name":"value"`, `--name value`.
pub(super) fn announced(text: &str, start: usize, end: usize, promise: Promise) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_flag = bytes[start] == b'-';
    let closing = quote(&bytes[end..]);
    let behind = end + closing.map_or(0, |(length, _)| length);
    if let Some(value) = closing.and_then(|_| neighbour(bytes, behind, is_flag)) {
        return quoted(text, value).filter(|value| fits(&text[value.clone()], promise));
    }
    let spaces = blanks(&bytes[behind..]);
    let key = Key { start, is_quoted: closing.is_some(), promise };
    let value = match sign(&bytes[behind + spaces..]) {
        Some((Sign::Colon, length)) => key.value(text, behind + spaces + length),
        Some((sign, length)) => key.assigned(text, behind + spaces + length, spaces > 0 || sign == Sign::Arrow),
        None if is_flag && spaces > 0 && closing.is_none() => key.flagged(text, behind + spaces),
        None => None,
    };
    // As in `pull secret=regcred`, and in `arn:...:secret:name`.
    let is_of_path = text[..start].ends_with(':') && text[start..end].eq("secret") && closing.is_none();
    let is_name = |value: &str| is_of_path || closing.is_none() && !is_flag && names_secret(&text[start..end], value);
    value.filter(|value| fits(&text[value.clone()], promise) && !is_name(&text[value.clone()]))
}

fn fits(value: &str, promise: Promise) -> bool {
    // A call of a function.
    if value.ends_with("()") || value.ends_with('(') {
        return false;
    }
    let is_secret = !is_trivial(value) && (promise != Promise::Perhaps || looks_random(value));
    is_secret || is_long(value)
}

/// Where the quoted value begins that belongs to a quoted word: the next argument, `"--password","value"`, or the
/// value of a variable, `"name":"PASSWORD","value":"value"`.
fn neighbour(bytes: &[u8], behind: usize, is_flag: bool) -> Option<usize> {
    let next = |at: usize, sign: u8| {
        let at = at + blanks(&bytes[at..]);
        (bytes.get(at) == Some(&sign)).then(|| at + 1 + blanks(&bytes[at + 1..]))
    };
    let at = next(behind, b',')?;
    let (length, _) = quote(&bytes[at..])?;
    let word = &bytes[at + length..];
    if word.starts_with(b"value") {
        let end = at + length + 5;
        let (length, _) = quote(&bytes[end..])?;
        let value = next(end + length, b':')?;
        return quote(&bytes[value..]).map(|_| value);
    }
    (is_flag && !word.starts_with(b"-")).then_some(at)
}

/// Words that follow a flag in a sentence about it.
const PROSE: &[&str] = words![
    a and are argument can cannot flag for has in is missing must not option or parameter required requires set should
    the to was with
];

/// Whether a line says that a value is not as it should be.
fn is_complaint(line: &str) -> bool {
    const COMPLAINTS: [&str; 9] =
        [" not ", "cannot ", "empty", "incorrect", "invalid", "is missing", "must ", "required", "unbound variable"];
    COMPLAINTS.iter().any(|words| line.contains(words))
}

/// Whether a line ends here, or the quoted text that it is of.
fn ends_line(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'"') || line_break(bytes).is_some()
}

/// A name that announces a value.
struct Key {
    start: usize,
    is_quoted: bool,
    promise: Promise,
}

impl Key {
    /// The value behind a sign that is none of prose; there may be space behind it if there was before it.
    fn assigned(&self, text: &str, at: usize, is_spaced: bool) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let start = at + if is_spaced { blanks(&bytes[at..]) } else { 0 };
        if self.promise == Promise::Header && quote(&bytes[start..]).is_none() {
            return self.header(text, start, true);
        }
        if let Some(values) = list(text, start) {
            return Some(values);
        }
        let start = behind_scheme_of_word(text, start).unwrap_or(start);
        quoted(text, start).or_else(|| plain(text, start))
    }

    /// The word behind a flag, if it is none of a sentence about the flag.
    fn flagged(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let start = behind_scheme_of_word(text, start).unwrap_or(start);
        let value = quoted(text, start).or_else(|| plain(text, start))?;
        let word = &text[value.clone()];
        (is_long(word) || !word.starts_with('-') && !PROSE.contains(&word)).then_some(value)
    }

    /// The value behind a colon.
    fn value(&self, text: &str, at: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let gap = blanks(&bytes[at..]);
        let start = at + gap;
        if let Some(value) = quoted(text, start) {
            let is_sure = self.is_quoted || self.begins(text) || self.promise == Promise::Secret;
            return Some(value).filter(|value| is_sure || self.stands_out(&text[value.clone()]));
        }
        if let Some(value) = self.block(text, start).or_else(|| self.next_line(text, start)) {
            return Some(value);
        }
        if self.promise == Promise::Header {
            return self.header(text, start, false);
        }
        if let Some(values) = list(text, start) {
            let is_sure = self.is_quoted || self.begins(text) || self.promise == Promise::Secret;
            return Some(values).filter(|values| is_sure || self.stands_out(&text[values.clone()]));
        }
        let start = behind_scheme_of_word(text, start).unwrap_or(start);
        if let Some(value) = quoted(text, start) {
            return Some(value);
        }
        let value = plain(text, start)?;
        let word = &text[value.clone()];
        if gap == 0 {
            return Some(value).filter(|_| is_long(word) || !self.is_image(text, word));
        }
        if is_trivial(word) {
            return None;
        }
        let behind = value.end + blanks(&bytes[value.end..]);
        let is_alone =
            matches!(bytes.get(behind), None | Some(b'\n' | b'\r' | b',' | b';' | b')' | b']' | b'}' | b'#'));
        match self.promise {
            _ if !self.begins(text) || self.is_quoted => self.stands_out(word).then_some(value),
            Promise::Secret if !is_alone => {
                let line = start..line_end(bytes, start);
                (looks_random(word) || !is_complaint(&text[line.clone()])).then_some(line)
            }
            Promise::Secret | Promise::Header | Promise::Perhaps => Some(value),
            Promise::Noun if is_alone && !word.ends_with(':') => {
                let is_name = text[self.start..at].to_ascii_lowercase().ends_with("secret:") && looks_like_name(word);
                (is_long(word) || !is_name).then_some(value)
            }
            Promise::Noun => self.stands_out(word).then_some(value),
        }
    }

    /// The lines below a name, which are further in than the name is: `password: |`, or one word alone.
    fn block(&self, text: &str, start: usize) -> Option<Range<usize>> {
        const MARK_BYTES_MAX: usize = 4;
        let bytes = text.as_bytes();
        let mark = &bytes[start..bytes.len().min(start + MARK_BYTES_MAX)];
        let is_marked = matches!(mark.first(), Some(b'|' | b'>'));
        let mark = run(mark, |letter| matches!(letter, b'|' | b'>' | b'+' | b'-' | b'1'..=b'9'));
        let mark = if is_marked { mark } else { 0 };
        let behind = start + mark + blanks(&bytes[start + mark..]);
        let first = behind + line_break(&bytes[behind..])?;
        let margin = self.margin(bytes)?;
        let begin = first + blanks(&bytes[first..]);
        if blanks(&bytes[first..]) <= margin || is_armour(bytes, begin) {
            return None;
        }
        let mut end = begin;
        let mut at = begin;
        loop {
            let rest = &bytes[at..];
            let line = (0..rest.len()).find(|at| ends_line(&rest[*at..]));
            let line = looked(line.unwrap_or(rest.len()));
            end = if line > 0 { at + line } else { end };
            if !is_marked {
                break;
            }
            let Some(next) = line_break(&bytes[at + line..]).map(|length| at + line + length) else { break };
            let indent = blanks(&bytes[next..]);
            if indent <= margin && line_break(&bytes[next + indent..]).is_none() {
                break;
            }
            at = next + indent;
        }
        let value = &text[begin..end];
        let is_word = is_long(value) || !value.contains([' ', ':']) && !value.starts_with('-');
        (end > begin && (is_marked || is_word)).then_some(begin..end)
    }

    /// The one word of the line below a name that is alone, or has only the word for a scheme beside it.
    fn next_line(&self, text: &str, start: usize) -> Option<Range<usize>> {
        const SCHEME_BYTES_MAX: usize = 24;
        let bytes = text.as_bytes();
        let end_of = |rest: &[u8]| looked((0..rest.len()).find(|at| ends_line(&rest[*at..])).unwrap_or(rest.len()));
        let end = start + end_of(&bytes[start..bytes.len().min(start + SCHEME_BYTES_MAX)]);
        let first = end + line_break(&bytes[end..])?;
        let is_first = self.begins(text) || text[..self.start].trim_end_matches(' ').ends_with(':');
        let beside = text[start..end].trim();
        if !is_first || !beside.is_empty() && !is_scheme(beside) {
            return None;
        }
        let begin = first + blanks(&bytes[first..]);
        if let Some(value) = quoted(text, begin) {
            let is_sure = self.is_quoted || self.promise == Promise::Secret;
            return Some(value).filter(|value| is_sure || self.stands_out(&text[value.clone()]));
        }
        let end = begin + end_of(&bytes[begin..]);
        let begin = behind_scheme(&text[..end], begin).unwrap_or(begin);
        let word = text[begin..end].trim_end();
        let is_word = !word.is_empty() && !word.contains([' ', '\t', ':']) && !word.starts_with('-');
        // A word of prose may stand there as well.
        (is_word && self.stands_out(word)).then(|| begin..begin + word.len())
    }

    /// How far in the line begins that begins with the name.
    fn margin(&self, bytes: &[u8]) -> Option<usize> {
        const MARGIN_BYTES_MAX: usize = 64;
        let quote = usize::from(self.is_quoted);
        let before = &bytes[self.start.saturating_sub(MARGIN_BYTES_MAX)..self.start.saturating_sub(quote)];
        let margin = before.iter().rev().take_while(|letter| matches!(letter, b' ' | b'-')).count();
        let before = &before[..before.len() - margin];
        let is_first =
            before.last().is_none_or(|letter| matches!(letter, b'\n' | b'"' | b'\'')) || before.ends_with(b"\\n");
        is_first.then_some(margin)
    }

    /// Whether a word behind the name is no prose.
    fn stands_out(&self, word: &str) -> bool {
        is_long(word) || looks_random(word) && !(self.promise == Promise::Noun && looks_like_name(word))
    }

    /// Whether the name begins a line or a part of one, as a field does: prose may end in the same word.
    fn begins(&self, text: &str) -> bool {
        let before = text[..self.start].trim_end_matches([' ', '\t']);
        let is_open = |sign: char| matches!(sign, '\n' | '\r' | '{' | '[' | '(' | ',' | ';' | '|' | '"' | '\'');
        let before = before.strip_suffix('-').map_or(before, |before| before.trim_end_matches([' ', '\t']));
        before.is_empty() || before.ends_with(is_open) || before.ends_with("\\n")
    }

    /// Whether name and value are an image with its tag.
    fn is_image(&self, text: &str, tag: &str) -> bool {
        let before = text[..self.start].trim_end_matches(['"', '\'', '\\']);
        let digits = tag.strip_prefix('v').unwrap_or(tag);
        let is_version = digits.starts_with(|first: char| first.is_ascii_digit())
            && digits.split_once('.').is_some_and(|(major, _)| major.bytes().all(|it| it.is_ascii_digit()));
        before.ends_with('/') || before.ends_with("image ") || is_version || tag == "latest"
    }

    /// The value of a header, without the word for its scheme. It goes to the end of the line, or to what closes what
    /// was opened before the name.
    fn header(&self, text: &str, start: usize, is_assigned: bool) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let is_open = bytes.get(start) == Some(&b'[');
        let start = start + usize::from(is_open);
        let close = if is_open { b']' } else { self.opened(bytes).unwrap_or(b'\n') };
        let end = start
            + looked(bytes[start..].iter().take_while(|it| !matches!(**it, b'\n' | b'\r') && **it != close).count());
        let end = if is_open { end } else { start + text[start..end].trim_end_matches('\\').len() };
        let behind = behind_scheme(&text[..end], start);
        // All that is looked at again is hidden, or short.
        if end - start < LONG_BYTES_MIN {
            let word = text[start..end].split([' ', '\t']).next().unwrap_or_default();
            let is_sure =
                is_assigned || self.begins(text) || close != b'\n' || looks_random(word) || word.contains('=');
            if !is_sure && behind.is_none() {
                return None;
            }
        }
        let start = behind.unwrap_or(start);
        (start < end && !is_scheme(text[start..end].trim_end())).then_some(start..end)
    }

    /// The quote before the name, or before the flag with the name for its value.
    fn opened(&self, bytes: &[u8]) -> Option<u8> {
        const FLAG_BYTES_MAX: usize = 64;
        let before = &bytes[self.start.saturating_sub(FLAG_BYTES_MAX)..self.start];
        let is_of_flag = |letter: &u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-' | b'=' | b'.');
        let flag = before.iter().rev().take_while(|letter| is_of_flag(letter)).count();
        let before = before.get(before.len().wrapping_sub(flag + 1)).copied();
        before.filter(|letter| matches!(letter, b'"' | b'\''))
    }
}
