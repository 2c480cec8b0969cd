//! Where a value ends that begins at a place: quoted, plain, a list, behind the word for a scheme.

use std::ops::Range;

use super::marks::{blanks, is_armour, line_break, line_end, looked, quote, run};
use super::words::{is_scheme, is_trivial};

/// A value of this length is hidden whatever it looks like: nobody reads it, and looking at it again from each name
/// in it would take quadratic time.
pub(super) const LONG_BYTES_MIN: usize = 512;

pub(super) fn is_long(value: &str) -> bool {
    value.len() >= LONG_BYTES_MIN
}

/// Where the credential begins behind the word for its scheme: `Bearer value`.
pub(super) fn behind_scheme(text: &str, at: usize) -> Option<usize> {
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
pub(super) fn behind_scheme_of_word(text: &str, at: usize) -> Option<usize> {
    const NAME_BYTES_MAX: usize = 32;
    let behind = behind_scheme(text, at)?;
    let bytes = text.as_bytes();
    let rest = &bytes[behind..bytes.len().min(behind + NAME_BYTES_MAX)];
    let name = run(rest, |letter| letter.is_ascii_lowercase() || letter == b'_');
    let is_next = rest.get(name) == Some(&b'=') && !matches!(rest.get(name + 1), None | Some(b'=' | b' '));
    (!is_next).then_some(behind)
}

/// The inside of a list of values, `[a, b]`; nothing is in it if it is no list.
pub(super) fn list(text: &str, at: usize) -> Option<Range<usize>> {
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
pub(super) fn quoted(text: &str, at: usize) -> Option<Range<usize>> {
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

/// A value without quotes: to the next space, quote, or sign behind which something else begins.
pub(super) fn plain(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if is_armour(bytes, start) {
        return None;
    }
    let mut end = start;
    while let Some(letter) = bytes.get(end) {
        let behind = &bytes[end + 1..];
        let ends = match letter {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'`' => true,
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
