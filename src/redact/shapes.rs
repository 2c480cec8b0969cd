//! Secrets that are known by their form wherever they stand: keys, tokens, passwords in addresses.

use std::ops::Range;

use super::marks::{looked, run};
use super::words::{HIDDEN, looks_random};

fn upper(letter: u8) -> bool {
    letter.is_ascii_uppercase() || letter.is_ascii_digit()
}

fn alphanumeric(letter: u8) -> bool {
    letter.is_ascii_alphanumeric()
}

fn word(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || letter == b'_'
}

fn dashed(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-')
}

fn base64(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-' | b'+' | b'/' | b'=')
}

fn credential(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~')
}

/// Whether a letter is of a sort.
type Letters = fn(u8) -> bool;

/// Tokens that are known by how they begin: which letters follow, and how many at least.
const ISSUED: [(&[&str], Letters, usize); 12] = [
    (&["AKIA", "ASIA"], upper, 16),
    (&["ghp_", "gho_", "ghu_", "ghr_"], alphanumeric, 16),
    (&["ghs_", "github_pat_"], word, 16),
    (&["glpat-", "gldt-", "glrt-", "dckr_pat_"], dashed, 16),
    (&["xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "xapp-"], dashed, 10),
    (&["sk_live_", "rk_live_", "sk_test_", "rk_test_"], word, 10),
    (&["hvs.", "sk-ant-", "sk-proj-"], dashed, 20),
    (&["AIza"], dashed, 30),
    (&["whsec_"], credential, 16),
    (&["npm_"], alphanumeric, 30),
    (&["dop_v1_"], alphanumeric, 32),
    (&["pypi-"], dashed, 50),
];

/// Text of one letter behind another is looked for in a stretch no longer than this, so that time stays linear.
const AUTHORITY_BYTES_MAX: usize = 512;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const LABEL_BYTES_MAX: usize = 64;

/// A private key in armour; without an end it goes to the end of the text.
pub(super) fn private_key(text: &str, at: usize) -> Option<Range<usize>> {
    label(text, at, BEGIN)?;
    let end = text[at..].find("-----END ").map(|end| at + end);
    Some(at..end.map_or(text.len(), |end| label(text, end, END).unwrap_or(text.len())))
}

/// A private key whose beginning was cut off.
pub(super) fn private_key_end(text: &str, at: usize, from: usize) -> Option<Range<usize>> {
    let end = label(text, at, END)?;
    let is_of_key = |letter: &&u8| base64(**letter) || matches!(letter, b'\n' | b'\r' | b'\\');
    let before = text.as_bytes()[from..at].iter().rev().take_while(is_of_key).count();
    Some(at - before..end)
}

/// The end of the line `-----BEGIN ... PRIVATE KEY-----`.
fn label(text: &str, at: usize, begin: &[u8]) -> Option<usize> {
    let rest = text.as_bytes()[at..].strip_prefix(begin)?;
    let rest = &rest[..rest.len().min(LABEL_BYTES_MAX)];
    let letters = run(rest, |letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == b' ');
    let is_private = rest[..letters].windows(11).any(|words| words == b"PRIVATE KEY");
    let dashes = run(&rest[letters..], |letter| letter == b'-');
    is_private.then_some(at + begin.len() + letters + dashes.min(5))
}

/// A token that begins at a place, and its end.
pub(super) fn token(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    if rest.starts_with(b"eyJ") {
        return encoded(rest).map(|length| at + length);
    }
    ISSUED.iter().find_map(|(prefixes, follows, letters_min)| {
        let prefix = prefixes.iter().find(|prefix| rest.starts_with(prefix.as_bytes()))?;
        let letters = run(&rest[prefix.len()..], *follows);
        (letters >= *letters_min).then_some(at + prefix.len() + letters)
    })
}

/// JSON in base64: the parts of a JSON Web Token, or a long one alone.
fn encoded(rest: &[u8]) -> Option<usize> {
    const HEADER_LETTERS_MIN: usize = 10;
    const ALONE_LETTERS_MIN: usize = 40;
    let header = run(rest, base64);
    if header < HEADER_LETTERS_MIN {
        return None;
    }
    let mut end = header;
    let mut parts = 1;
    while rest.get(end) == Some(&b'.') {
        let part = run(&rest[end + 1..], base64);
        if part == 0 && parts != 2 {
            break;
        }
        end += 1 + part;
        parts += 1;
    }
    (parts > 1 || header >= ALONE_LETTERS_MIN).then_some(end)
}

/// The credentials behind `Bearer` or `Basic`, where the word ends.
pub(super) fn scheme(text: &str, word: &str, end: usize) -> Option<Range<usize>> {
    const LETTERS_MIN: usize = 8;
    const PROSE_LETTERS_MAX: usize = 15;
    if !["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let bytes = text.as_bytes();
    let spaces = run(&bytes[end..], |letter| letter == b' ');
    if spaces == 0 {
        return None;
    }
    let start = end + spaces;
    let letters = run(&bytes[start..], credential);
    let word = text[start..start + letters].trim_end_matches('.');
    let is_parameter = word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|it| it.is_ascii_lowercase()))
        && !word.ends_with('=');
    let is_secret = word.len() >= LETTERS_MIN && (looks_random(word) || word.len() > PROSE_LETTERS_MAX);
    (is_secret && !is_parameter).then_some(start..start + word.len())
}

/// The password of `scheme://user:password@host`, or the token of `scheme://token@host`, where `://` stands at a place.
pub(super) fn address(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + 3;
    let ends = |letter: &u8| letter.is_ascii_whitespace() || matches!(letter, b'"' | b'\'' | b'<' | b'>' | b'`');
    let bytes = &text.as_bytes()[start..];
    let bytes = &bytes[..bytes.len().min(AUTHORITY_BYTES_MAX)];
    let bytes = &bytes[..bytes.iter().position(ends).unwrap_or(bytes.len())];
    looked(bytes.len());
    let is_digest = |at_sign: usize| [&b"@sha256:"[..], b"@sha512:"].iter().any(|it| bytes[at_sign..].starts_with(it));
    let colon = bytes.iter().position(|letter| matches!(letter, b':' | b'/' | b'?' | b'#' | b'@' | b'['))?;
    if bytes[colon] == b'@' {
        let is_secret = is_token(&bytes[..colon]) && !is_digest(colon);
        return is_secret.then_some(start..start + colon);
    }
    if bytes[colon] != b':' {
        return None;
    }
    let rest = &bytes[colon + 1..];
    let authority = rest.iter().position(|letter| matches!(letter, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let is_port = rest[..authority].iter().all(u8::is_ascii_digit);
    let at_sign = |rest: &[u8]| (0..rest.len()).rev().find(|at| rest[*at] == b'@' && !is_digest(colon + 1 + at));
    // A password may hold `/`; what stands behind a port does not.
    let at_sign = match at_sign(&rest[..authority]) {
        None if !is_port => rest.iter().position(|letter| *letter == b'@').filter(|at| !is_digest(colon + 1 + at)),
        found => found,
    }?;
    let from = start + colon + 1;
    (at_sign > 0).then_some(from..from + at_sign)
}

/// Whether what stands for a user is no name of one.
fn is_token(user: &[u8]) -> bool {
    const NAME_LETTERS_MAX: usize = 15;
    const TOKEN_LETTERS_MIN: usize = 8;
    let has = |what: fn(&u8) -> bool| user.iter().any(what);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    user != HIDDEN.as_bytes() && (user.len() > NAME_LETTERS_MAX || user.len() >= TOKEN_LETTERS_MIN && is_mixed)
}
