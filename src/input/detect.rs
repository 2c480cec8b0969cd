//! Tells the format of an input by its first bytes.

use std::fmt;

/// How the text of an input is laid out. What a document *is* (watch event, list, pod) is told document by document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON documents: one a line, pretty-printed, or one behind the other.
    Json,
    /// YAML documents separated by `---`.
    Yaml,
    /// A JSON document a line, with something in front of it: a time, the name of a stream.
    PrefixedJson,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Json, Self::Yaml, Self::PrefixedJson];

    /// The word for `--format` and the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::PrefixedJson => "prefixed-json",
        }
    }

    /// The format of an input that begins like this. `None` if it is neither; an input of white space only is taken
    /// as JSON without a document.
    #[must_use]
    pub fn detect(head: &[u8]) -> Option<Self> {
        let text = head.trim_ascii_start();
        match text.first() {
            None | Some(b'{') => Some(Self::Json),
            Some(b'[') if begins_array(&text[1..]) => Some(Self::Json),
            Some(_) => {
                let yaml = text.split(|&byte| byte == b'\n').find_map(first_yaml_line).unwrap_or(None);
                yaml.or_else(|| prefixed(text))
            }
        }
    }
}

/// An array of documents, or of rows.
fn begins_array(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), None | Some(b'{' | b'[' | b']'))
}

/// How far into a line a record may begin, and how many lines without one may come before it.
const PREFIX_BYTES_MAX: usize = 300;
const LINES_BEFORE_MAX: usize = 200;

/// The first line that holds a JSON object has it behind a short prefix; or it stands by itself behind a line that begins
/// with a time, as `aws logs tail --format json` prints it.
fn prefixed(text: &[u8]) -> Option<Format> {
    let is_stamped = text.get(..STAMP.len()).is_some_and(|head| head.iter().zip(STAMP).all(fits_stamp));
    text.split(|&byte| byte == b'\n').take(LINES_BEFORE_MAX).find_map(|line| {
        if is_stamped && line.trim_ascii_end() == b"{" {
            return Some(Format::Json);
        }
        let head = &line[..line.len().min(PREFIX_BYTES_MAX)];
        memchr::memmem::find(head, b"{\"").map(|_| Format::PrefixedJson)
    })
}

/// How a time begins: 0 stands for a digit.
const STAMP: &[u8; 11] = b"0000-00-00T";

fn fits_stamp((byte, pattern): (&u8, &u8)) -> bool {
    if *pattern == b'0' { byte.is_ascii_digit() } else { byte == pattern }
}

/// `Some(Some(Yaml))` if the line can only begin a YAML mapping, `None` to look at the next line.
fn first_yaml_line(line: &[u8]) -> Option<Option<Format>> {
    let line = line.trim_ascii_end();
    if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"%YAML") || line == b"---" {
        return None;
    }
    let key_length = line.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let is_mapping = key_length > 0
        && line.get(key_length) == Some(&b':')
        && matches!(line.get(key_length + 1), None | Some(b' ' | b'\t'));
    Some(is_mapping.then_some(Format::Yaml))
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn the_first_bytes_tell() {
        let table = [
            ("{\"type\":\"ADDED\"", Some(Format::Json)),
            ("\n\r\n  {", Some(Format::Json)),
            ("", Some(Format::Json)),
            ("apiVersion: v1\nkind: Pod\n", Some(Format::Yaml)),
            ("---\nobject:\n  kind: Pod\n", Some(Format::Yaml)),
            ("# saved by kubectl\n---\nitems:\n", Some(Format::Yaml)),
            ("[\n  {\"insertId\": \"a\"", Some(Format::Json)),
            ("[1, 2]", None),
            ("2026-11-20T15:09:42Z kube-apiserver-audit-1 {\"kind\":\"Event\"", Some(Format::PrefixedJson)),
            ("2026-11-20T15:09:47+00:00 stream \n{\n    \"kind\": \"Event\"", Some(Format::Json)),
            (
                "2026-11-20T15:09:47Z s I1120 15:09:47.1 7 a.go:1] talk\n2026-11-20T15:09:48Z s {\"a\"",
                Some(Format::PrefixedJson),
            ),
            ("15:09:42 {\"type\":\"ADDED\"", Some(Format::PrefixedJson)),
            ("NAME    READY   STATUS\n", None),
            ("ADDED web-0: Running", None),
            ("\u{0}\u{0}", None),
            ("SQLite format 3", None),
        ];
        for (head, expected) in table {
            assert_eq!(Format::detect(head.as_bytes()), expected, "{head:?}");
        }
    }
}
