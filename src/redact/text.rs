//! Finds secrets in running text: messages, arguments, logs. One pass; what was looked at is not looked at again, or
//! only in stretches of bounded length.

use std::borrow::Cow;
use std::ops::Range;

use super::shapes::{address, looked, private_key, private_key_end, run, scheme, token};
use super::words::{Promise, is_scheme, is_trivial, looks_like_name, looks_random, promise};

/// The text with a mark in place of all that looks like a secret. Names of Secrets, digests, ids and prose about
/// tokens and passwords stay.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    without(text, secrets(text))
}

/// The text with a mark in place of what lets somebody in to an address, and nothing else: that of an image.
pub(super) fn image(image: &str) -> Cow<'_, str> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in image.match_indices("://") {
        let free = found.last().map_or(0, |last| last.end);
        found.extend(address(image, at).filter(|_| at >= free));
    }
    without(image, found)
}

fn without(text: &str, secrets: Vec<Range<usize>>) -> Cow<'_, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for secret in secrets {
        shown.push_str(&text[from..secret.start]);
        shown.push_str(super::HIDDEN);
        from = secret.end;
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

/// Where secrets stand, in order, none within another.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut is_in_env = false;
    while at < bytes.len() {
        let free = found.last().map_or(0, |last| last.end);
        let end = word_end(bytes, at);
        let secret = if bytes[at..].starts_with(b"-----") {
            private_key(text, at).or_else(|| private_key_end(text, at, free))
        } else if bytes[at..].starts_with(b"://") {
            address(text, at)
        } else if end > at {
            let value = if is_in_env { variable(text, at, end) } else { None };
            is_in_env |= begins_env(bytes, at, end);
            value.or_else(|| in_word(text, at, end))
        } else {
            None
        };
        is_in_env &= bytes[at] != b']';
        // The letter of `\n` in quoted text is no part of the word behind it.
        let is_escape = bytes[at] == b'\\' && matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't'));
        at = secret.as_ref().map_or(if is_escape { at + 2 } else { end.max(at + 1) }, |secret| secret.end);
        found.extend(secret);
    }
    found
}

/// Where the word ends that begins at a place; five dashes are armour.
fn word_end(bytes: &[u8], at: usize) -> usize {
    let is_word = |at: &usize| bytes[*at].is_ascii_alphanumeric() || matches!(bytes[*at], b'_' | b'-');
    let end = (at..bytes.len()).find(|at| !is_word(at) || bytes[*at..].starts_with(b"-----")).unwrap_or(bytes.len());
    at + looked(end - at)
}

/// Whether a quoted word begins the variables of a container: `"env":[`.
fn begins_env(bytes: &[u8], start: usize, end: usize) -> bool {
    let Some((length, _)) = quote(&bytes[end..]).filter(|_| &bytes[start..end] == b"env") else { return false };
    let colon = end + length + blanks(&bytes[end + length..]);
    bytes.get(colon) == Some(&b':') && bytes.get(colon + 1 + blanks(&bytes[colon + 1..])) == Some(&b'[')
}

/// The value of a variable: `"value":"value"`.
fn variable(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (length, _) = quote(&bytes[end..]).filter(|_| &bytes[start..end] == b"value")?;
    let colon = end + length + blanks(&bytes[end + length..]);
    let value = colon + 1;
    let value = (bytes.get(colon) == Some(&b':')).then(|| value + blanks(&bytes[value..]))?;
    quoted(text, value).filter(|value| !value.is_empty() && &text[value.clone()] != super::HIDDEN)
}

/// The secret that begins in a word, or that the word announces.
fn in_word(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let begins = |at: &usize| *at == start || matches!(bytes[*at - 1], b'-' | b'_');
    let issued = (start..end).filter(begins).find_map(|at| Some(at..token(bytes, at)?));
    let word = &text[start..end];
    issued.or_else(|| scheme(text, word, end)).or_else(|| {
        let begin = if is_tail(word) { name_start(bytes, start) } else { start };
        announced(text, begin, end, promise(word).or_else(|| promise(&text[begin..end]))?)
    })
}

/// Whether a word says nothing without those before it, as in `tls.key` and `token.v2`.
fn is_tail(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    matches!(word, "key" | "b64" | "base64" | "json" | "value")
        || word.len() <= 3 && !digits.is_empty() && digits.bytes().all(|letter| letter.is_ascii_digit())
}

/// Where a name begins to which a word with a dot before it belongs.
fn name_start(bytes: &[u8], start: usize) -> usize {
    const NAME_BYTES_MAX: usize = 64;
    let is_of_name = |letter: &u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-' | b'.');
    let before = &bytes[start.saturating_sub(NAME_BYTES_MAX)..start];
    if before.last() != Some(&b'.') {
        return start;
    }
    start - looked(before.iter().rev().take_while(|letter| is_of_name(letter)).count())
}

/// The quote at the beginning of a text: its length with the backslashes before it, and its sign.
fn quote(bytes: &[u8]) -> Option<(usize, u8)> {
    const BACKSLASHES_MAX: usize = 8;
    let backslashes = bytes.iter().take(BACKSLASHES_MAX + 1).take_while(|letter| **letter == b'\\').count();
    let sign = *bytes.get(backslashes).filter(|sign| matches!(sign, b'"' | b'\''))?;
    (backslashes <= BACKSLASHES_MAX).then_some((backslashes + 1, sign))
}

/// How far it is to the end of the space in a line, of whatever width.
fn blanks(bytes: &[u8]) -> usize {
    let mut end = 0;
    loop {
        end += match bytes.get(end..).unwrap_or_default() {
            [b' ' | b'\t', ..] => 1,
            [0xC2, 0xA0, ..] => 2,
            [0xE2, 0x80, 0x80..=0x8D | 0xAF, ..] | [0xE3, 0x80, 0x80, ..] | [0xEF, 0xBB, 0xBF, ..] => 3,
            _ => return looked(end),
        };
    }
}

/// The sign between a name and its value.
#[derive(PartialEq, Eq)]
enum Sign {
    Equals,
    Arrow,
    Colon,
}

/// The sign that begins a text, and its length: full width and as in an address too.
fn sign(bytes: &[u8]) -> Option<(Sign, usize)> {
    match bytes {
        [b':', b'/', b'/', ..] => None,
        [b'=' | b'-', b'>', ..] | [b':', b'=', ..] => Some((Sign::Arrow, 2)),
        [b'=', b'=', b'=', ..] => Some((Sign::Equals, 3)),
        [b'=', b'=', ..] => Some((Sign::Equals, 2)),
        [b'=', ..] => Some((Sign::Equals, 1)),
        [b':', ..] => Some((Sign::Colon, 1)),
        [b'%', b'3', b'D' | b'd', ..] | [0xEF, 0xBC, 0x9D, ..] => Some((Sign::Equals, 3)),
        [b'%', b'3', b'A' | b'a', ..] | [0xEF, 0xBC, 0x9A, ..] => Some((Sign::Colon, 3)),
        _ => None,
    }
}

/// The length of the sign for a new line, as it is or as it is written in quoted text.
fn line_break(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] | [b'\\', b'n', ..] => Some(2),
        [b'\n', ..] => Some(1),
        _ => None,
    }
}

/// The value that a name announces: `name=value`, `name: value`, `"name":"value"`, `--name value`.
fn announced(text: &str, start: usize, end: usize, promise: Promise) -> Option<Range<usize>> {
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
    value.filter(|value| fits(&text[value.clone()], promise))
}

/// A value of this length is hidden whatever it looks like: nobody reads it, and looking at it again from each name
/// in it would take quadratic time.
const LONG_BYTES_MIN: usize = 512;

fn is_long(value: &str) -> bool {
    value.len() >= LONG_BYTES_MIN
}

fn fits(value: &str, promise: Promise) -> bool {
    let is_secret = !is_trivial(value) && (promise != Promise::Perhaps || looks_random(value));
    is_secret || is_long(value)
}

/// Whether a key or a certificate begins, which is known by its form. To be asked before the end is looked for.
fn is_armour(bytes: &[u8], at: usize) -> bool {
    bytes[at..].starts_with(b"-----BEGIN")
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
const PROSE: [&str; 25] = [
    "a",
    "and",
    "are",
    "argument",
    "can",
    "cannot",
    "flag",
    "for",
    "has",
    "in",
    "is",
    "missing",
    "must",
    "not",
    "option",
    "or",
    "parameter",
    "required",
    "requires",
    "set",
    "should",
    "the",
    "to",
    "was",
    "with",
];

/// Where the credential begins behind the word for its scheme: `Bearer value`.
fn behind_scheme(text: &str, at: usize) -> Option<usize> {
    const WORD_BYTES_MAX: usize = 17;
    let bytes = text.as_bytes();
    let rest = &bytes[at..bytes.len().min(at + WORD_BYTES_MAX)];
    let letters = run(rest, |letter| letter.is_ascii_alphanumeric() || letter == b'-');
    let spaces = blanks(&bytes[at + letters..]);
    let behind = at + letters + spaces;
    let is_end = matches!(
        bytes.get(behind),
        None | Some(b'\n' | b'\r' | b'"' | b'\'' | b']' | b'}' | b')' | b',' | b';' | b'&')
    ) && quote(&bytes[behind..]).is_none()
        || line_break(&bytes[behind..]).is_some();
    (spaces > 0 && !is_end && is_scheme(&text[at..at + letters])).then_some(behind)
}

/// As [`behind_scheme`], unless what follows is the next of several names with values.
fn behind_scheme_of_word(text: &str, at: usize) -> Option<usize> {
    const NAME_BYTES_MAX: usize = 32;
    let behind = behind_scheme(text, at)?;
    let bytes = text.as_bytes();
    let rest = &bytes[behind..bytes.len().min(behind + NAME_BYTES_MAX)];
    let name = run(rest, |letter| letter.is_ascii_lowercase() || letter == b'_');
    let is_next = rest.get(name) == Some(&b'=') && !matches!(rest.get(name + 1), None | Some(b'=' | b' '));
    (!is_next).then_some(behind)
}

/// The inside of a list of values, `[a, b]`; nothing is in it if it is no list.
fn list(text: &str, at: usize) -> Option<Range<usize>> {
    const LIST_BYTES_MAX: usize = 2048;
    let bytes = text.as_bytes();
    let rest = &bytes[at..bytes.len().min(at + LIST_BYTES_MAX)];
    if rest.first() != Some(&b'[') {
        return None;
    }
    let end = rest.iter().position(|letter| matches!(letter, b']' | b'\n' | b'\r')).unwrap_or(rest.len());
    looked(end);
    let is_list = rest.get(end) == Some(&b']') && !bytes.get(at + end + 1).is_some_and(|it| continues(*it));
    is_list.then(|| at + 1..at + end)
}

/// The inside of a quoted value that begins at a place; without an end it goes to the end of the line.
fn quoted(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (length, sign) = quote(&bytes[at..])?;
    let start = at + length;
    if is_armour(bytes, start) {
        return None;
    }
    let mut backslashes = 0;
    for (index, letter) in bytes.iter().enumerate().skip(start) {
        match letter {
            b'\\' => backslashes += 1,
            // As many backslashes as before the first quote, or fewer: the end.
            _ if *letter == sign && backslashes < length => {
                looked(index - start);
                return Some(start..index - backslashes);
            }
            _ => backslashes = 0,
        }
    }
    Some(start..line_end(bytes, start))
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    start + run(&bytes[start..], |letter| !matches!(letter, b'\n' | b'\r'))
}

/// A value without quotes: to the next space, quote, or sign behind which something else begins.
fn plain(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if is_armour(bytes, start) {
        return None;
    }
    let mut end = start;
    while let Some(letter) = bytes.get(end) {
        let behind = &bytes[end + 1..];
        let ends = match letter {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' => true,
            b'\\' => matches!(behind.first(), Some(b'"' | b'\'' | b'n' | b'r' | b't')),
            b',' | b';' | b'&' => begins_anew(behind),
            b'%' => behind.starts_with(b"26"),
            b')' | b']' | b'}' | b'\'' | b'>' | b'.' => !behind.first().is_some_and(|it| continues(*it)),
            _ => false,
        };
        if ends {
            break;
        }
        end += 1;
    }
    looked(end - start);
    if end - start < LONG_BYTES_MIN && matches!(bytes.get(end), Some(b')' | b'}')) && is_trivial(&text[start..=end]) {
        return None;
    }
    (end > start).then_some(start..end)
}

fn continues(letter: u8) -> bool {
    !letter.is_ascii_whitespace() && !matches!(letter, b',' | b';' | b')' | b']' | b'}' | b'\'' | b'"' | b'.' | b'\\')
}

/// Whether another `name=` or `name:` begins, or a word of prose, or nothing.
fn begins_anew(bytes: &[u8]) -> bool {
    const NAME_BYTES_MAX: usize = 64;
    let bytes = &bytes[..bytes.len().min(NAME_BYTES_MAX)];
    let spaces = blanks(bytes) + quote(&bytes[blanks(bytes)..]).map_or(0, |(length, _)| length);
    let name = run(&bytes[spaces..], |letter| letter.is_ascii_alphanumeric() || b"_-. ".contains(&letter));
    looked(name);
    spaces > 0 || bytes.is_empty() || matches!(bytes.get(spaces + name), Some(b'=' | b':')) && name > 0
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
        if let Some(value) = self.block(text, start) {
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
        let behind = value.end + blanks(&bytes[value.end..]);
        let is_alone =
            matches!(bytes.get(behind), None | Some(b'\n' | b'\r' | b',' | b';' | b')' | b']' | b'}' | b'#'));
        match self.promise {
            _ if !self.begins(text) || self.is_quoted => self.stands_out(word).then_some(value),
            Promise::Secret if !is_alone => Some(start..line_end(bytes, start)),
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
            let line = (0..rest.len()).find(|at| line_break(&rest[*at..]).is_some() || rest[*at] == b'"');
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
        (start < end).then_some(start..end)
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

#[cfg(test)]
mod tests {
    use super::text;
    use crate::redact::shapes::LOOKED;

    /// A text with each secret between `«` and `»`; what is between them must be hidden, and nothing else.
    fn check(marked: &str) {
        let given = marked.replace(['«', '»'], "");
        let mut expected = String::new();
        for (index, part) in marked.split(['«', '»']).enumerate() {
            expected.push_str(if index % 2 == 0 { part } else { super::super::HIDDEN });
        }
        assert_eq!(text(&given), expected, "{given}");
        assert_eq!(text(&expected), expected, "hidden again: {expected}");
    }

    #[test]
    fn secrets_are_hidden_by_their_form() {
        for marked in [
            "key «-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAB+/==\n-----END RSA PRIVATE KEY-----» loaded",
            "«-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk»",
            "tail:«\nMIIEow\nAB+/==\n-----END PRIVATE KEY-----»\n",
            r#"{"key.pem":"«-----BEGIN EC PRIVATE KEY-----\nMIIEow\n-----END EC PRIVATE KEY-----»\n"}"#,
            "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
            "sent «eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.abc-DEF_123» twice",
            r"line\n«eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.abc»",
            "config «eyJhdXRocyI6eyJyZWdpc3RyeS5leGFtcGxlLmNvbSI6e319fQ==»",
            "id «AKIAIOSFODNN7EXAMPLE», role «ASIAIOSFODNN7EXAMPLE»",
            "clone «ghp_0123456789abcdefghij0123456789abcdef» «gho_0123456789abcdefghij» «ghs_0123456789abcdefghij»",
            "«ghu_0123456789abcdefghij» «github_pat_11ABCDEFG0_abcdefghijkl» «glpat-abcdefghij0123456789»",
            "slack «xoxb-123456789012-abcdefGHIJ» stripe «sk_live_abcdefGHIJ0123» «rk_live_abcdefGHIJ0123»",
            "maps «AIzaSyA0123456789abcdefghijklmnopqrstuv» npm «npm_0123456789abcdefghijABCDEFGHIJ012345»",
            "GET /x Bearer «0123abcd-token.value» 401",
            "curl -H 'x: Basic «dXNlcjpwYXNz»'",
            "dial postgres://app:«hunter2»@db:5432/x?sslmode=off",
            "amqp://app:«pass/w0rd»@mq redis://:«x»@cache:6379 https://user@host/",
        ] {
            check(marked);
        }
    }

    #[test]
    fn secrets_are_hidden_by_the_name_before_them() {
        for marked in [
            "password=«hunter2» user=app",
            "DB_PASSWORD=«hunter2»",
            "dbPassword=«hunter2»,host=db",
            "spring.datasource.password=«hunter2»",
            "Server=db;Password=«a;b»;Encrypt=true",
            "url?access_token=«abc»&page=2",
            "api_key=«abc» api-key=«abc» apiKey=«abc» APIKEY=«abc» passwd=«abc» MYSQL_PWD=«abc» client_secret=«abc»",
            "private_key=«abc» passphrase=«abc» AWS_SECRET_ACCESS_KEY=«abc» dsn=«app:x@tcp(db)/x» SENTRY_DSN=«abc»",
            "password='«two words»' token=\"«a\\\"b»\" end",
            "password = «hunter2»",
            r#"{"password":"«hunter2»","user":"app"}"#,
            r#"{"token": "«a b»", "auth":"«dXNlcjpwYXNz»"}"#,
            r#"msg="{\"password\":\"«hunter2»\",\"user\":\"app\"}""#,
            r#"["--password=«hunter2»","--user=app"]"#,
            r#"["--password","«hunter2»","--user"]"#,
            r#"[{"name":"DB_PASSWORD","value":"«hunter2»"},{"name":"X","value":"1"}]"#,
            "run --password «hunter2» --token «abc» --verbose",
            "password: «hunter2»",
            "user: app\npassword: «correct horse battery»\nhost: db",
            "- token: «abcdef»",
            r#"{ "password" : "«hunter2»" }"#,
            "password : «hunter2»",
            "{user: app, password: «x»} (password: «x») [password: «y»]",
            "login with password: «hunter2» failed",
            "password:«hunter2»",
            "Authorization: Bearer «abc»",
            "authorization: «abc def»\nnext",
            "curl -H 'Authorization: Token «abc»' https://host",
            "headers map[Accept:[x] Authorization:[Bearer «abc»] Cookie:[«a=b; c=d»]]",
            "Cookie: «session=abc; other=def»",
            "pässwörd=ü password=«ü»",
        ] {
            check(marked);
        }
    }

    #[test]
    fn schemes_are_not_taken_for_credentials() {
        for marked in [
            "Authorization=Bearer «abc»",
            "--header=Authorization=Bearer «abc»",
            r#"["--header=Authorization=Bearer «abc»","--verbose"]"#,
            "authorization=\"«Bearer abc»\"",
            "GRPC_AUTH authorization=Basic «dXNlcjpBcTF3MmUz»",
            "Authorization => Bearer «abc»",
            "Authorization := Bearer «abc»",
            "Authorization=Token «abc»",
            "Authorization=Digest «username=\"a\", response=\"b\"»\nnext",
            "Authorization: AWS4-HMAC-SHA256 «Credential=a/b, Signature=c»",
            "Proxy-Authorization = Negotiate «abc»",
            "x Authorization: Bearer  «abc»",
            "Cookie=«a=1; sid=abc»\nnext",
            "token=Bearer «abc» user=app",
            "access_token=Bearer «abc»&page=2",
            "--token Bearer «abc» --verbose",
            "--token=ApiKey «abc»",
            "token: Bearer «abc»",
            "TOKEN: Bearer «Aq1w2e3r4tH»",
            "password: Basic «abc»",
            "token=«basic» user=app",
            "token=Bearer \"«abc»\"",
        ] {
            check(marked);
        }
    }

    #[test]
    fn values_are_hidden_wherever_they_stand() {
        for marked in [
            "passwords=[«a, b»] user=app",
            "password: [«a, b»]",
            r#"{"passwords":[«"a","b"»],"user":"app"}"#,
            "tokens=[«a b»]",
            "password=«[ab]cd» x",
            "password: |\n  «one\n  two»\nuser: app",
            "a:\n  password: >-\n    «one\n\n    two»\n  user: app",
            r#"msg="password: |\n  «one\n  two»\nuser: app""#,
            "password:\n  «hunter2»\nuser: app",
            "password:\n  from: vault",
            r#"{"env":[{"name":"FOO","value":"«x»"},{"value":"«y»","name":"B"}],"args":[{"name":"C","value":"z"}]}"#,
            r#"{\"env\": [{\"name\": \"FOO\", \"value\": \"«x»\"}]}"#,
            r#"{"env":[{"name":"A","value":""}],"value":"z"}"#,
            "password%3D«hunter2» x?password%3d«a»%26user=app",
            "password\u{A0}=\u{A0}«hunter2»",
            "password:\u{A0}«hunter2»",
            "password\u{FF1A}«hunter2» password\u{FF1D}«hunter2»",
            "password == «hunter2» password -> «hunter2»",
            "https://«0123456789abcdef»@git.example.com/a/b https://«Aq1w2e3r4tG»@git.example.com ssh://git@git.example.com",
            "https://deploy2@git.example.com docker-pullable://a-very-long-name-of-an-image@sha256:00",
        ] {
            check(marked);
        }
    }

    #[test]
    fn names_are_read_by_their_words() {
        for name in [
            "tokens",
            "client_secrets",
            "apiKeys",
            "token_v2",
            "PASSWORD_1",
            "db_password_b64",
            "passwordHash",
            "privateKeyPem",
            "SECRET_KEY_BASE",
            "DB_PASSWORD_PROD",
            "DB_PASSWORD_BLUE",
            "PASSWORD1",
            "--tokens",
            "secret_id",
            "credentialsJson",
            "tls.key",
            "pw",
            "api-key-2",
            "X-Token-V2",
            "encryptionKey.v1",
            "token-1",
            "my-password-base64",
            "secretvalue",
            "credentials.json",
            "ssh-privatekey",
            "db_pw",
            "PGPASSWORD",
        ] {
            check(&format!("{name}=«abc» end"));
            check(&format!("{name}: «abc»"));
        }
        for name in ["X-Auth", "Auth", "X-Session-Id", "X-Signature", "db_password_blue"] {
            check(&format!("{name}=«Aq1w2e3r4tG» end"));
        }
        for name in [
            "secretName",
            "secretKeyRef",
            "tokenExpirationSeconds",
            "automountServiceAccountToken.path",
            "passwordFile",
            "imagePullSecrets",
            "TOKEN_URL",
            "max_tokens",
            "PASSWORD_FILE",
            "secret-store-csi-driver",
            "tokenreviews",
            "key",
            "topologyKey",
            "idempotency-key",
            "tokenizer",
            "author",
            "passes",
            "keyboard",
            "secretsManagerEndpoint",
        ] {
            check(&format!("{name}=abc1234 end"));
        }
        for told in [
            "dial tcp: lookup vault-secret.default.svc:8200",
            "open /etc/tls.key: no such file or directory",
            "max_tokens=4096 --token-ttl 3600s0 --secret-name db1234",
            "token: Bearer token missing",
        ] {
            check(told);
        }
    }

    #[test]
    fn what_kubernetes_says_stays() {
        for told in [
            "",
            "secret \"foo\" not found",
            "Error: secret \"db-password\" not found",
            "MountVolume.SetUp failed for volume \"kube-api-access-x2b4k\" : object \"default\"/\"kube-root-ca.crt\" not registered",
            "MountVolume.SetUp failed for volume \"token\" : secret \"db-token\" not found",
            "MountVolume.SetUp failed for volume \"db\" : references non-existent secret key: password",
            "Error: couldn't find key password in Secret default/db",
            "token expired",
            "failed to fetch token: rpc error: code = Unauthenticated desc = token has expired",
            "failed to fetch anonymous token: unexpected status from GET request to https://auth.example.com/token?service=x: 401 Unauthorized",
            "failed to fetch oauth token: x509: certificate signed by unknown authority",
            "failed to get secret: default/db-1 not found",
            "failed to sync secret cache: timed out waiting for the condition",
            "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.",
            "Www-Authenticate: Bearer realm=\"https://auth.example.com/token\",service=\"registry\"",
            "the server requires Basic authentication, bearer token missing",
            "error reading password: EOF",
            "Access denied for user 'root'@'10.0.0.1' (using password: YES)",
            "the flag --token is required",
            "must specify --token or --kubeconfig",
            "--token-file=/var/run/secrets/token --token=/var/run/secrets/token",
            "--password=$(DB_PASSWORD) --token ${TOKEN} --secret=$SECRET",
            "password=\"\" token=null secret=*** PWD=/app OLDPWD=/",
            "Back-off pulling image \"registry.example.com/auth/api-token:v1.2.3\"",
            "Back-off pulling image \"vault-secret:latest\"",
            "docker-pullable://registry.example.com:5000/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "containerd://0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "3b17588e-56c4-4703-81ee-2e7f757f64c7 resourceVersion: 812345",
            "Readiness probe failed: Get \"http://10.244.1.12:8080/healthz\": dial tcp 10.244.1.12:8080: connect: connection refused",
            "automountServiceAccountToken: false secretName: db-credentials serviceAccountToken: {path: token}",
            "imagePullSecret=regcred tokenExpirationSeconds=3607 topologyKey=zone",
            "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
            "tests pass: 10, fail: 2",
            "exit code 1: a=b c: d \u{1F600}\u{200B}",
        ] {
            check(told);
        }
    }

    /// Twice as much of what begins something again and again takes twice as many steps, and no more.
    #[test]
    fn hostile_texts_take_linear_time() {
        let pieces = [
            "a=",
            "token=",
            "auth=",
            "token: a ",
            "cookie: a ",
            "cookie:",
            "/token:",
            "token=/var/",
            "a-----",
            "-----BEGIN ",
            "-----BEGIN/",
            "-----END PRIVATE KEY",
            "://a:b/",
            "://a",
            "eyJa.",
            "eyJ",
            "basic/",
            "bearer a=",
            "--token ",
            "glpat-",
            "token \"",
            "token=\"",
            "token=\\\"",
            "token='a\" ",
            "\"--token\",",
            "\\",
            "\"",
            "-",
            "_",
            "@:",
            "auth:\"a ",
            "AKIA",
            "authorization:a",
            "password",
            "\"name\":\"token\",\"value\":",
            "auth:a,",
            "[cookie:[a]",
            "cookie:[]",
            "'cookie=",
            "\"cookie: a\" ",
            "token=[",
            "]",
            ")",
            "'",
            " ",
            "\n",
            "token: |\n ",
            "token:\n ",
            "\"env\":[",
            "\"value\":\"",
            "authorization=basic ",
            "\u{A0}",
            "%3D",
            "tls.key",
            "{",
            ",",
            "é",
        ];
        let steps = |pattern: &str, bytes: usize, end: &str| {
            LOOKED.with(|looked| looked.set(0));
            let long = pattern.repeat(bytes / pattern.len()) + end;
            assert!(!text(&long).is_empty());
            LOOKED.with(std::cell::Cell::get)
        };
        const BYTES: usize = 1 << 13;
        for first in pieces {
            for second in pieces {
                for (pattern, end) in [(format!("{first}{second}"), ""), (format!("{first}{second}a"), ")")] {
                    let (once, twice) = (steps(&pattern, BYTES, end), steps(&pattern, 2 * BYTES, end));
                    assert!(twice < once * 5 / 2 + BYTES, "{pattern:?}: {once}, {twice}");
                }
            }
        }
    }

    /// Signs and words in every order, cut at every letter.
    #[test]
    fn no_text_panics() {
        let pieces = [
            "token",
            "é",
            "=",
            ":",
            " ",
            "\"",
            "\\",
            "'",
            "://",
            "@",
            "-----BEGIN PRIVATE KEY-----",
            "-----END ",
            "eyJ",
            ".",
            "Bearer",
            "[",
            "\u{1F600}",
            "--",
            ",",
            "value",
            "\u{A0}",
            "\u{FF1A}",
            "%3D",
            "|\n ",
            "cookie",
            "\"env\":[",
            "tls.key",
            "\n",
        ];
        let mut state = 1_usize;
        for _ in 0..20_000 {
            let mut made = String::new();
            for _ in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                made.push_str(pieces[(state >> 33) % pieces.len()]);
            }
            let _shown = text(&made);
        }
    }
}
