//! What a name promises and what a value looks like: `DB_PASSWORD` holds a secret, `secretName` does not.

/// How sure a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// Its value is a secret.
    Secret,
    /// Its value is a secret, unless prose follows the word: it is a noun of Kubernetes too.
    Noun,
    /// Its value is a header's: it goes to the end of the line.
    Header,
    /// Its value is a secret if it looks like one.
    Perhaps,
}

/// The ends of names, without `_` and `-` and in small letters.
const ENDS: [(&str, Promise); 31] = [
    ("password", Promise::Secret),
    ("passwords", Promise::Secret),
    ("passwd", Promise::Secret),
    ("passphrase", Promise::Secret),
    ("pwd", Promise::Secret),
    ("passcode", Promise::Secret),
    ("apikey", Promise::Secret),
    ("accesskey", Promise::Secret),
    ("accesskeyid", Promise::Secret),
    ("privatekey", Promise::Secret),
    ("secretkey", Promise::Secret),
    ("sharedkey", Promise::Secret),
    ("accountkey", Promise::Secret),
    ("encryptionkey", Promise::Secret),
    ("signingkey", Promise::Secret),
    ("masterkey", Promise::Secret),
    ("licensekey", Promise::Secret),
    ("sshkey", Promise::Secret),
    ("connectionstring", Promise::Secret),
    ("dockerconfigjson", Promise::Secret),
    ("secret", Promise::Noun),
    ("token", Promise::Noun),
    ("credential", Promise::Noun),
    ("credentials", Promise::Noun),
    ("creds", Promise::Noun),
    ("authorization", Promise::Header),
    ("cookie", Promise::Header),
    ("signature", Promise::Perhaps),
    ("pass", Promise::Perhaps),
    ("auth", Promise::Perhaps),
    ("sessionid", Promise::Perhaps),
];

/// Names that end so, and what they hold is no secret: names of Secrets, working directories.
const NOT: [&str; 5] = ["pullsecret", "existingsecret", "tlssecret", "oldpwd", "compass"];

/// Of longer names only the end is looked at.
const END_LETTERS_MAX: usize = 24;

/// What the name of a value promises about it.
pub(super) fn promise(name: &str) -> Option<Promise> {
    let mut end = [0; END_LETTERS_MAX];
    let mut start = END_LETTERS_MAX;
    for letter in name.bytes().rev().filter(|letter| !matches!(letter, b'_' | b'-' | b'.')).take(END_LETTERS_MAX) {
        start -= 1;
        end[start] = letter.to_ascii_lowercase();
    }
    let end = &end[start..];
    if NOT.iter().any(|not| end.ends_with(not.as_bytes())) || end == b"pwd" && name == "PWD" {
        return None;
    }
    // Short words stand within too many others.
    match end {
        b"dsn" => return Some(Promise::Secret),
        b"sig" | b"pat" | b"otp" => return Some(Promise::Perhaps),
        _ => {}
    }
    if ["_dsn", "-dsn", ".dsn", "Dsn", "_DSN"].iter().any(|end| name.ends_with(end)) {
        return Some(Promise::Secret);
    }
    // `DB_PASS` is sure, `pass=3 fail=0` is not.
    if ["_pass", "-pass", "_PASS", "Pass"].iter().any(|end| name.ends_with(end)) && name.len() > 4 {
        return Some(Promise::Secret);
    }
    ENDS.iter().find(|(word, _)| end.ends_with(word.as_bytes())).map(|(_, promise)| *promise)
}

/// A value that says nothing: empty, a word of a language, stars, a reference to a variable, a path of a file.
pub(super) fn is_trivial(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', '\\', ' ']);
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_reference = |open: &str, close: &str| {
        let inner = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|name| !name.is_empty() && name.chars().all(is_word))
    };
    let is_capital = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    let folders = ["/etc/", "/home/", "/mnt/", "/opt/", "/run/", "/secrets/", "/tmp/", "/usr/", "/var/", "/vault/"];
    matches!(value, "null" | "nil" | "<nil>" | "<none>" | "none" | "true" | "false" | super::HIDDEN | "[]" | "{}")
        || value.chars().all(|letter| letter == '*')
        || is_reference("$(", ")")
        || is_reference("${", "}")
        || value.strip_prefix('$').is_some_and(|name| !name.is_empty() && name.chars().all(is_capital))
        || folders.iter().any(|folder| value.starts_with(folder))
}

/// Whether a word is none of prose: digits or signs among its letters, capitals behind small ones, or very long.
pub(super) fn looks_random(word: &str) -> bool {
    const LETTERS_MIN: usize = 6;
    const LETTERS_OF_A_WORD_MAX: usize = 24;
    let bytes = word.as_bytes();
    let has = |what: fn(&u8) -> bool| bytes.iter().any(what);
    bytes.len() >= LETTERS_MIN
        && !word.ends_with(':')
        && !word.contains("://")
        && (bytes.len() > LETTERS_OF_A_WORD_MAX && !has(|it| matches!(it, b'/' | b'.' | b'-' | b'=' | b':'))
            || has(u8::is_ascii_digit)
            || has(|it| b"!@#$%^&*+~".contains(it))
            || bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()))
}

/// Whether a word may be the name of an object, such as `default/db-1`.
pub(super) fn looks_like_name(word: &str) -> bool {
    const LETTERS_IN_A_ROW_MAX: usize = 15;
    let is_of_names = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    word.bytes().all(|letter| is_of_names(letter) || matches!(letter, b'-' | b'.' | b'/'))
        && word.split(['-', '.', '/']).all(|part| part.len() <= LETTERS_IN_A_ROW_MAX)
}
