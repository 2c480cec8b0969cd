//! The marks of running text: where words, lines and quotes end, and what stands between a name and its value.

/// How far it is to the end of the letters of one sort.
pub(super) fn run(bytes: &[u8], is_one: fn(u8) -> bool) -> usize {
    looked(bytes.iter().take_while(|letter| is_one(**letter)).count())
}

/// Tests count the bytes that are looked at: their number must not grow faster than the text.
#[cfg(not(test))]
pub(super) fn looked(bytes: usize) -> usize {
    bytes
}

#[cfg(test)]
pub(super) fn looked(bytes: usize) -> usize {
    LOOKED.with(|looked| looked.set(looked.get() + bytes));
    bytes
}

#[cfg(test)]
thread_local! {
    pub(in crate::redact) static LOOKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Where the word ends that begins at a place; five dashes are armour.
pub(super) fn word_end(bytes: &[u8], at: usize) -> usize {
    let is_word = |at: &usize| bytes[*at].is_ascii_alphanumeric() || matches!(bytes[*at], b'_' | b'-');
    let end = (at..bytes.len()).find(|at| !is_word(at) || bytes[*at..].starts_with(b"-----")).unwrap_or(bytes.len());
    at + looked(end - at)
}

/// The quote at the beginning of a text: its length with the backslashes before it, and its sign.
pub(super) fn quote(bytes: &[u8]) -> Option<(usize, u8)> {
    const BACKSLASHES_MAX: usize = 8;
    let backslashes = bytes.iter().take(BACKSLASHES_MAX + 1).take_while(|letter| **letter == b'\\').count();
    let sign = *bytes.get(backslashes).filter(|sign| matches!(sign, b'"' | b'\''))?;
    (backslashes <= BACKSLASHES_MAX).then_some((backslashes + 1, sign))
}

/// How far it is to the end of the space in a line, of whatever width.
pub(super) fn blanks(bytes: &[u8]) -> usize {
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
pub(super) enum Sign {
    Equals,
    Arrow,
    Colon,
}

/// The sign that begins a text, and its length: full width and as in an address too.
pub(super) fn sign(bytes: &[u8]) -> Option<(Sign, usize)> {
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
pub(super) fn line_break(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] | [b'\\', b'n', ..] => Some(2),
        [b'\n', ..] => Some(1),
        _ => None,
    }
}

/// Whether a key or a certificate begins, which is known by its form. To be asked before the end is looked for.
pub(super) fn is_armour(bytes: &[u8], at: usize) -> bool {
    bytes[at..].starts_with(b"-----BEGIN")
}

pub(super) fn line_end(bytes: &[u8], start: usize) -> usize {
    start + run(&bytes[start..], |letter| !matches!(letter, b'\n' | b'\r'))
}
