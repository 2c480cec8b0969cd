//! Finds secrets in running text: messages, arguments, logs: by their shape, and by the name before them.

use std::borrow::Cow;
use std::ops::Range;

use super::announced::announced;
use super::marks::{blanks, looked, quote, word_end};
use super::shapes::{addresses, shapes};
use super::value::quoted;
use super::words::{HIDDEN, promise};

/// The text with a mark in place of all that looks like a secret. Names of Secrets, digests, ids and prose about
/// tokens and passwords stay.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    without(text, secrets(text))
}

/// The same of a sentence that quotes a message somewhere: `False (Failed: password: …)`. What announces a value at the beginning of a
/// message does so behind a bracket and behind a colon too.
pub(super) fn sentence(text: &str) -> Cow<'_, str> {
    const QUOTES_MAX: usize = 32;
    let mut found = secrets(text);
    for mark in ["(", ": "] {
        for (at, _) in text.match_indices(mark).take(QUOTES_MAX) {
            let begin = at + mark.len();
            found.extend(secrets(&text[begin..]).into_iter().map(|range| range.start + begin..range.end + begin));
        }
    }
    without(text, merged(found))
}

/// The text with a mark in place of what lets somebody in to an address, and nothing else: that of an image.
pub(super) fn image(image: &str) -> Cow<'_, str> {
    without(image, merged(addresses(image)))
}

pub(super) fn without(text: &str, secrets: Vec<Range<usize>>) -> Cow<'_, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for secret in secrets {
        shown.push_str(&text[from..secret.start]);
        shown.push_str(HIDDEN);
        from = secret.end;
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

/// Where secrets stand, in order, none within another.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    // A command goes on in the next line.
    let text: &str = &if text.contains("\\\n") { text.replace("\\\n", "  ").into() } else { Cow::Borrowed(text) };
    let mut found = shapes(text);
    announcements(text, &mut found);
    merged(found)
}

/// In order, and what overlaps as one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            Some(_) | None => merged.push(range),
        }
    }
    merged
}

/// The values that names announce. One pass; what was looked at is not looked at again, or only in stretches of bounded
/// length.
fn announcements(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut is_in_env = false;
    while at < bytes.len() {
        let end = word_end(bytes, at);
        let secret = if end > at {
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
    quoted(text, value).filter(|value| !value.is_empty() && &text[value.clone()] != HIDDEN)
}

/// The value that a word announces.
fn in_word(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let word = &text[start..end];
    let begin = if is_tail(word) { name_start(text.as_bytes(), start) } else { start };
    // The name of a file, and the sum of one.
    let is_of_file = begin < start && text[..begin].ends_with('/') || text[..begin].ends_with("checksum/");
    if is_of_file {
        return None;
    }
    announced(text, begin, end, promise(word).or_else(|| promise(&text[begin..end]))?)
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

#[cfg(test)]
mod tests;
