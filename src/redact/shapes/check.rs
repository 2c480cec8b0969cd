//! What the value of a shape must be besides: a pattern alone takes words, names and paths for it.

use crate::redact::words::{looks_like_name, looks_random};

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Something, and no reference to it.
    NotTrivial,
    /// Random letters in base64, and no path and no name of a class.
    Key,
    /// Of capitals, small letters and digits.
    Mixed,
    /// No word of a sentence.
    Random,
    /// What stands behind the scheme of a header, and no parameter of it.
    Credential,
    /// What stands for a user in an address, and is no name of one.
    User,
    /// A password behind its noun, and no word of a sentence.
    Phrase,
    /// A long one that no name and no path looks like.
    Long,
}

impl Check {
    /// The check of a word in the table.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "key" => Self::Key,
            "mixed" => Self::Mixed,
            "random" => Self::Random,
            "credential" => Self::Credential,
            "user" => Self::User,
            "phrase" => Self::Phrase,
            "long" => Self::Long,
            _ => return None,
        })
    }

    pub(super) fn passes(self, value: &str) -> bool {
        match self {
            Self::NotTrivial => true,
            Self::Key => is_mixed(value) && is_key(value),
            Self::Mixed => is_mixed(value),
            Self::Random => (looks_random(value) || speaks_of_itself(value)) && !is_port(value),
            Self::Credential => is_credential(value),
            Self::User => is_user(value),
            Self::Phrase => is_phrase(value),
            Self::Long => is_long(value),
        }
    }
}

fn has(value: &str, what: fn(&u8) -> bool) -> bool {
    value.as_bytes().iter().any(what)
}

fn is_mixed(value: &str) -> bool {
    has(value, u8::is_ascii_digit) && has(value, u8::is_ascii_uppercase) && has(value, u8::is_ascii_lowercase)
}

/// Random letters are seldom small ones in a row, as words have them, and seldom slashes.
fn is_key(value: &str) -> bool {
    const SLASHES_MAX: usize = 3;
    let rows = value.as_bytes().windows(2).filter(|pair| pair.iter().all(u8::is_ascii_lowercase)).count();
    rows * 5 < value.len() * 2 && value.matches('/').count() <= SLASHES_MAX.max(value.len() / 12)
}

/// As people call passwords that stand for one.
fn speaks_of_itself(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    ["secret", "passw", "pwd"].iter().any(|word| small.contains(word))
}

/// A port, an address and a port, or two ports.
fn is_port(value: &str) -> bool {
    value.bytes().all(|letter| letter.is_ascii_digit() || matches!(letter, b':' | b'.' | b'/'))
        || value.contains(':')
            && value.rsplit(':').next().is_some_and(|port| port.bytes().all(|it| it.is_ascii_digit()))
}

fn is_credential(value: &str) -> bool {
    const WORD_LETTERS_MAX: usize = 15;
    let value = value.trim_end_matches('.');
    let is_parameter = value.split_once('=').is_some_and(|(name, _)| name.bytes().all(|it| it.is_ascii_lowercase()))
        && !value.ends_with('=');
    let is_words =
        value.bytes().all(|letter| letter.is_ascii_lowercase() || matches!(letter, b'-' | b'_' | b'/' | b'.'));
    !is_parameter && (looks_random(value) || value.len() > WORD_LETTERS_MAX) && !is_words
}

fn is_user(value: &str) -> bool {
    const NAME_LETTERS_MAX: usize = 15;
    value.len() > NAME_LETTERS_MAX && has(value, u8::is_ascii_digit) || is_mixed(value)
}

/// Words with digits that stand behind "password" in a sentence: how it is kept.
const SCHEMES: [&str; 9] = ["argon2", "base64", "bcrypt2", "md5", "pbkdf2", "scram", "sha1", "sha256", "sha512"];

fn is_phrase(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    let is_name = looks_like_name(value) && value.contains(['-', '.', '/']);
    let is_call = value.contains("://") || value.contains('(');
    looks_random(value) && !is_name && !is_call && !SCHEMES.iter().any(|scheme| small.starts_with(scheme))
}

fn is_long(value: &str) -> bool {
    const DIGITS_MIN: usize = 2;
    let value = value.trim_end_matches(['.', '=']);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_worded = value.contains(['-', '.', '/', '_']) && !is_mixed(value);
    digits >= DIGITS_MIN
        && digits < value.len()
        && !looks_like_name(value)
        && !is_worded
        && !value.starts_with(['/', '.'])
        && is_key(value)
}
