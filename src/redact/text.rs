//! Finds secrets in running text: messages, arguments, logs. One pass; what was looked at is not looked at again, or
//! only in stretches of bounded length.

use std::borrow::Cow;
use std::ops::Range;

use super::shapes::{address, private_key, private_key_end, run, scheme, token};
use super::words::{Promise, is_trivial, looks_like_name, looks_random, promise};

/// The text with a mark in place of all that looks like a secret. Names of Secrets, digests, ids and prose about
/// tokens and passwords stay.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    let secrets = secrets(text);
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
    while at < bytes.len() {
        let free = found.last().map_or(0, |last| last.end);
        let end = word_end(bytes, at);
        let secret = if bytes[at..].starts_with(b"-----") {
            private_key(text, at).or_else(|| private_key_end(text, at, free))
        } else if bytes[at..].starts_with(b"://") {
            address(text, at)
        } else if end > at {
            in_word(text, at, end)
        } else {
            None
        };
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
    (at..bytes.len()).find(|at| !is_word(at) || bytes[*at..].starts_with(b"-----")).unwrap_or(bytes.len())
}

/// The secret that begins in a word, or that the word announces.
fn in_word(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let begins = |at: &usize| *at == start || matches!(bytes[*at - 1], b'-' | b'_');
    let issued = (start..end).filter(begins).find_map(|at| Some(at..token(bytes, at)?));
    let word = &text[start..end];
    issued.or_else(|| scheme(text, word, end)).or_else(|| announced(text, start, end, promise(word)?))
}

/// The quote at the beginning of a text: its length with the backslashes before it, and its sign.
fn quote(bytes: &[u8]) -> Option<(usize, u8)> {
    const BACKSLASHES_MAX: usize = 8;
    let backslashes = bytes.iter().take(BACKSLASHES_MAX + 1).take_while(|letter| **letter == b'\\').count();
    let sign = *bytes.get(backslashes).filter(|sign| matches!(sign, b'"' | b'\''))?;
    (backslashes <= BACKSLASHES_MAX).then_some((backslashes + 1, sign))
}

fn blanks(bytes: &[u8]) -> usize {
    run(bytes, |letter| matches!(letter, b' ' | b'\t'))
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
    let sign = behind + spaces;
    let value = match (bytes.get(sign), bytes.get(sign + 1)) {
        (Some(b':'), Some(b'/')) if bytes[sign..].starts_with(b"://") => None,
        (Some(b'='), Some(b'>')) | (Some(b':'), Some(b'=')) => assigned(text, sign + 2, Spaced(true)),
        (Some(b'='), _) => assigned(text, sign + 1, Spaced(spaces > 0)),
        (Some(b':'), _) => {
            let key = Key { start, is_quoted: closing.is_some(), promise };
            return key.value(text, sign + 1).filter(|value| fits(&text[value.clone()], promise));
        }
        _ if is_flag && spaces > 0 && closing.is_none() => flagged(text, sign),
        _ => None,
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
    !value.starts_with("-----BEGIN") && (is_secret || is_long(value))
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

/// Whether there is space before the sign, and may be behind it.
struct Spaced(bool);

fn assigned(text: &str, at: usize, Spaced(spaced): Spaced) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = at + if spaced { blanks(&bytes[at..]) } else { 0 };
    quoted(text, start).or_else(|| plain(text, start))
}

/// The word behind a flag, if it is none of a sentence about the flag.
fn flagged(text: &str, start: usize) -> Option<Range<usize>> {
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
    let value = quoted(text, start).or_else(|| plain(text, start))?;
    let word = &text[value.clone()];
    (!word.starts_with('-') && !PROSE.contains(&word)).then_some(value)
}

/// The inside of a quoted value that begins at a place; without an end it goes to the end of the line.
fn quoted(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (length, sign) = quote(&bytes[at..])?;
    let start = at + length;
    let mut backslashes = 0;
    for (index, letter) in bytes.iter().enumerate().skip(start) {
        match letter {
            b'\\' => backslashes += 1,
            // As many backslashes as before the first quote, or fewer: the end.
            _ if *letter == sign && backslashes < length => return Some(start..index - backslashes),
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
    let mut end = start;
    while let Some(letter) = bytes.get(end) {
        let behind = &bytes[end + 1..];
        let ends = match letter {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' => true,
            b'\\' => matches!(behind.first(), Some(b'"' | b'\'' | b'n' | b'r' | b't')),
            b',' | b';' | b'&' => begins_anew(behind),
            b')' | b']' | b'}' | b'\'' | b'>' | b'.' => !behind.first().is_some_and(|it| continues(*it)),
            _ => false,
        };
        if ends {
            break;
        }
        end += 1;
    }
    if matches!(bytes.get(end), Some(b')' | b'}')) && is_trivial(&text[start..=end]) {
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
    spaces > 0 || bytes.is_empty() || matches!(bytes.get(spaces + name), Some(b'=' | b':')) && name > 0
}

/// A name with a colon behind it.
struct Key {
    start: usize,
    is_quoted: bool,
    promise: Promise,
}

impl Key {
    fn value(&self, text: &str, at: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let gap = blanks(&bytes[at..]);
        let start = at + gap;
        if let Some(value) = quoted(text, start) {
            let is_sure = self.is_quoted || self.begins(text) || self.promise == Promise::Secret;
            return Some(value).filter(|value| is_sure || self.stands_out(&text[value.clone()]));
        }
        if self.promise == Promise::Header {
            return self.header(text, start);
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
                (!is_name).then_some(value)
            }
            Promise::Noun => self.stands_out(word).then_some(value),
        }
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

    /// The value of a header, without the word for its scheme.
    fn header(&self, text: &str, start: usize) -> Option<Range<usize>> {
        const SCHEMES: [&str; 8] =
            ["apikey", "aws4-hmac-sha256", "basic", "bearer", "digest", "hmac", "negotiate", "token"];
        let bytes = text.as_bytes();
        let before = self.start.checked_sub(1).map(|before| bytes[before]);
        let start = start + usize::from(bytes.get(start) == Some(&b'['));
        let close = match (before, bytes.get(start.wrapping_sub(1))) {
            (_, Some(b'[')) => b']',
            (Some(quote @ (b'"' | b'\'')), _) => quote,
            _ => b'\n',
        };
        let first = plain(text, start).unwrap_or(start..start);
        let word = &text[first.clone()];
        let is_sure = self.begins(text) || close != b'\n' || looks_random(word) || word.contains('=') || is_long(word);
        let is_scheme = SCHEMES.contains(&word.to_ascii_lowercase().as_str());
        if !is_sure && !is_scheme {
            return None;
        }
        let rest = &bytes[start..line_end(bytes, start)];
        let end = start + rest.iter().position(|letter| *letter == close).unwrap_or(rest.len());
        let behind = first.end + blanks(&bytes[first.end..]);
        let start = if is_scheme && behind < end { behind } else { start };
        (start < end).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::text;

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

    /// A megabyte of what begins something again and again takes no longer than a megabyte of anything.
    #[test]
    fn hostile_texts_take_linear_time() {
        for piece in [
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
            "password: é",
            "token:\t",
            "@:",
            "auth:\"a ",
            "token: \"a ",
            "AKIA",
            "authorization:a",
            "password",
            "\"name\":\"token\",\"value\":",
            "auth:a,",
            "auth=a;",
        ] {
            let long = piece.repeat((1 << 20) / piece.len());
            assert!(!text(&long).is_empty(), "{piece}");
            assert!(!text(&format!("token=\"{long}")).is_empty(), "{piece}");
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
