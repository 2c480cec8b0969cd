//! What a name promises and what a value looks like: `DB_PASSWORD` holds a secret, `secretName` does not.

/// What stands in place of a secret.
pub const HIDDEN: &str = "(hidden)";

/// Words as a list of texts.
macro_rules! words {
    ($($word:tt)+) => { &[$(stringify!($word)),+] };
}

pub(super) use words;

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

/// The ends of names, without what stands between their words and in small letters.
const ENDS: [(Promise, &[&str]); 4] = [
    (
        Promise::Secret,
        words![
            password passwd passphrase pwd passcode apikey accesskey accesskeyid privatekey secretkey sharedkey
            accountkey encryptionkey signingkey masterkey licensekey sshkey authkey deploykey connectionstring
            certificatekey dockerconfigjson dockercfg htpasswd passwordhash secretvalue
        ],
    ),
    (Promise::Noun, words![tlskey sslkey rsakey secret token credential cred]),
    (Promise::Header, words![authorization cookie]),
    (Promise::Perhaps, words![signature pass auth sessionid sessionkey sessid]),
];

/// Names that end so, and what they hold is no secret: names of Secrets, working directories.
const NOT: [&str; 7] = ["clustertoken", "pullsecret", "existingsecret", "tlssecret", "oldpwd", "compass", "sacred"];

/// Words behind a secret that say of what sort it is; it is one still. Numbers are such words too.
const TAILS: &[&str] = words![
    admin b base bytes clear current data default der dev enc encoded encrypted hash hashed hex id json jwt live main md
    new next old pem plain plaintext prev previous primary prod production qa raw readonly root salt secondary sha
    staging stg str string test text txt v val value yaml
];

/// Words behind that make a name speak about a secret and not hold it.
const ABOUT: &[&str] = words![
    age algorithm audience broker bucket bytes cache class client cm config controller count created csi dir directory
    disabled driver duration enabled endpoint env expiration expired expires expiry field file format generator group
    host interval issuer kind label length lifetime limit manager max mode mount name names namespace operator path
    policy port provider ref reference refresh refs required reset review reviews role rotation seconds selector server
    service size store sync timeout ttl type uri url usage version volume
];

/// Words before a number of tokens.
const COUNTED: [&str; 8] = ["completion", "input", "max", "min", "num", "output", "prompt", "total"];

/// Of longer names only the end is looked at.
const NAME_LETTERS_MAX: usize = 96;

/// The words of a name in small letters, without what stands between them.
struct Words {
    letters: [u8; NAME_LETTERS_MAX],
    /// Where a word begins.
    begins: [bool; NAME_LETTERS_MAX],
    length: usize,
}

impl Words {
    fn of(name: &str) -> Self {
        let mut words = Self { letters: [0; NAME_LETTERS_MAX], begins: [false; NAME_LETTERS_MAX], length: 0 };
        let bytes = name.as_bytes();
        let mut before = b' ';
        for (index, letter) in bytes.iter().enumerate().skip(bytes.len().saturating_sub(NAME_LETTERS_MAX)) {
            if letter.is_ascii_alphanumeric() || !letter.is_ascii() {
                let is_hump = letter.is_ascii_uppercase()
                    && (before.is_ascii_lowercase()
                        || before.is_ascii_uppercase() && bytes.get(index + 1).is_some_and(u8::is_ascii_lowercase));
                let is_turn = before.is_ascii_digit() != letter.is_ascii_digit();
                let is_free = before.is_ascii() && !before.is_ascii_alphanumeric();
                words.begins[words.length] = is_hump || is_turn || is_free;
                words.letters[words.length] = letter.to_ascii_lowercase();
                words.length += 1;
            }
            before = *letter;
        }
        words
    }

    /// Where the last word before a place begins.
    fn last(&self, end: usize) -> usize {
        (0..end).rev().find(|at| self.begins[*at]).unwrap_or(0)
    }

    fn word(&self, start: usize, end: usize) -> &[u8] {
        &self.letters[start..end]
    }

    /// What the name promises if it ends at a place.
    fn promise(&self, end: usize) -> Option<Promise> {
        let name = &self.letters[..end];
        let last = self.last(end);
        match self.word(last, end) {
            b"dsn" | b"pw" | b"pws" => return Some(Promise::Secret),
            b"jwt" | b"bearer" => return Some(Promise::Noun),
            // `DB_PASS` is sure, `pass=3 fail=0` is not.
            b"pass" if last > 0 => return Some(Promise::Secret),
            // Short words stand within too many others.
            b"sig" | b"pat" | b"otp" if last == 0 => return Some(Promise::Perhaps),
            b"tokens" if last > 0 && is_one_of(&COUNTED, self.word(self.last(last), last)) => return None,
            _ => {}
        }
        let of = |name: &[u8]| {
            let is_not = NOT.iter().any(|not| name.ends_with(not.as_bytes()));
            let is_end = |word: &&str| name.ends_with(word.as_bytes());
            ENDS.iter().find(|(_, words)| !is_not && words.iter().any(is_end)).map(|(promise, _)| *promise)
        };
        of(name).or_else(|| name.strip_suffix(b"s").filter(|one| !one.ends_with(b"pas")).and_then(of))
    }
}

fn is_one_of(words: &[&str], word: &[u8]) -> bool {
    words.iter().any(|one| one.as_bytes() == word)
}

/// What the name of a value promises about it: its last words, or a secret with words about it behind.
pub(super) fn promise(name: &str) -> Option<Promise> {
    let is_sum = name.starts_with("checksum/");
    let name = name.rsplit('/').next().unwrap_or(name);
    if name == "PWD" || is_sum {
        return None;
    }
    if let Some("pass" | "Pass" | "PASS") = name.strip_prefix('-').map(|name| name.trim_start_matches('-')) {
        return Some(Promise::Secret);
    }
    let words = Words::of(name);
    of_end(&words).or_else(|| of_middle(&words, name))
}

/// Whether the name says so with its end, without words of sort and numbers.
fn of_end(words: &Words) -> Option<Promise> {
    let mut end = words.length;
    while end > 0 {
        if let Some(promise) = words.promise(end) {
            return Some(promise);
        }
        let last = words.last(end);
        let word = words.word(last, end);
        if !word.iter().all(u8::is_ascii_digit) && !is_one_of(TAILS, word) && word != b"users" {
            return None;
        }
        end = last;
    }
    None
}

/// Whether a name whose words are not known speaks of a secret: `DB_PASSWORD_FOO`, but not `secretName`.
fn of_middle(words: &Words, name: &str) -> Option<Promise> {
    let mut end = words.length;
    while end > 0 {
        let last = words.last(end);
        let word = words.word(last, end);
        if is_one_of(ABOUT, word) || is_one_of(ABOUT, word.strip_suffix(b"s").unwrap_or(word)) {
            return None;
        }
        end = last;
        if matches!(words.promise(end), Some(Promise::Secret | Promise::Noun)) {
            let is_capital = !name.bytes().any(|letter| letter.is_ascii_lowercase() || letter == b'-');
            return Some(if is_capital { Promise::Secret } else { Promise::Perhaps });
        }
    }
    None
}

/// Whether a header of this name is one of those that let somebody in.
pub(super) fn is_header_of_secrets(name: &str) -> bool {
    const PARTS: &[&str] = words![
        apikey auth bearer cookie cred csrf jwt pass pwd secret session signature token xsrf
    ];
    let words = Words::of(name);
    let letters = String::from_utf8_lossy(&words.letters[..words.length]);
    let mut end = words.length;
    while end > 0 {
        let last = words.last(end);
        if matches!(words.word(last, end), b"key" | b"keys" | b"sig" | b"sid" | b"pw" | b"otp") {
            return true;
        }
        end = last;
    }
    PARTS.iter().any(|part| letters.contains(part)) && !letters.contains("authority")
}

/// The words before the credential in a header.
pub(super) fn is_scheme(word: &str) -> bool {
    const SCHEMES: [&str; 14] = [
        "api-key",
        "apikey",
        "aws4-hmac-sha256",
        "basic",
        "bearer",
        "digest",
        "hmac",
        "jwt",
        "key",
        "negotiate",
        "ntlm",
        "oauth",
        "sso-key",
        "token",
    ];
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// A value that says nothing: empty, a word of a language, stars, a reference to a variable, a path of a file.
pub(super) fn is_trivial(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', '\\', ' ']);
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let small = value.to_ascii_lowercase();
    let folders = ["/etc/", "/home/", "/mnt/", "/opt/", "/run/", "/secrets/", "/tmp/", "/usr/", "/var/", "/vault/"];
    matches!(value, "null" | "nil" | "<nil>" | "<none>" | "none" | "true" | "false" | HIDDEN | "[]" | "{}")
        || !value.replace(HIDDEN, "").replace("\\n", "").contains(|letter: char| letter.is_alphanumeric())
        || matches!(small.trim_matches(['<', '>', '[', ']', '(', ')']), "redacted" | "hidden" | "masked" | "removed")
        || small.len() >= 3 && small.bytes().all(|letter| letter == b'x')
        || ["$(", "${", "{{", "%("].iter().any(|open| value.starts_with(open))
        || value.strip_prefix('$').is_some_and(|name| !name.is_empty() && name.chars().all(is_word))
        || folders.iter().chain(&["file:", "env:"]).any(|folder| value.starts_with(folder))
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

/// Whether a word that stands for a secret names one, as `regcred` does in `pull secret=regcred`.
pub(super) fn names_secret(noun: &str, word: &str) -> bool {
    let is_noun = noun.eq_ignore_ascii_case("secret") || noun.eq_ignore_ascii_case("secrets");
    let has = |sign: fn(char) -> bool| word.contains(sign);
    is_noun && looks_like_name(word) && (has(|it| matches!(it, '-' | '.' | '/')) || !has(|it| it.is_ascii_digit()))
}

/// Whether a word may be the name of an object, such as `default/db-1`.
pub(super) fn looks_like_name(word: &str) -> bool {
    const LETTERS_IN_A_ROW_MAX: usize = 15;
    let is_of_names = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    word.bytes().all(|letter| is_of_names(letter) || matches!(letter, b'-' | b'.' | b'/'))
        && word.split(['-', '.', '/']).all(|part| part.len() <= LETTERS_IN_A_ROW_MAX)
}
