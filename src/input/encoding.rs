//! Tells how the text of an input is laid out by its first bytes.

use std::fmt;

use super::guess::is_binary;

use super::lines::talk_in_front;
use super::printed::is_printed;

/// How the text of an input is laid out. What a document *is* (watch event, list, pod) is told document by document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// JSON documents: one a line, pretty-printed, or one behind the other.
    Json,
    /// YAML documents separated by `---`.
    Yaml,
    /// A JSON document a line, with something in front of it: a time, the name of a stream.
    PrefixedJson,
    /// Rows of comma-separated values, a JSON document in a field of each.
    Csv,
    /// What kubectl prints for people: `get pods`, `describe pod`.
    KubectlText,
}

impl Encoding {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Json, Self::Yaml, Self::PrefixedJson, Self::Csv, Self::KubectlText];

    /// The word for `--format` and the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::PrefixedJson => "prefixed-json",
            Self::Csv => "csv",
            Self::KubectlText => "kubectl-text",
        }
    }

    /// The format of an input that begins like this. `None` if it is neither; an input of white space only is taken
    /// as JSON without a document.
    #[must_use]
    pub fn detect(head: &[u8]) -> Option<Self> {
        // What is in it may look like lines of JSON behind something.
        if is_binary(head) {
            return None;
        }
        let text = head.trim_ascii_start();
        match text.first() {
            None | Some(b'{') => Some(Self::Json),
            Some(b'[') if begins_array(&text[1..]) => Some(Self::Json),
            Some(b'"') if [&b"\"{\\\""[..], b"\"[{\\\""].iter().any(|begin| text.starts_with(begin)) => {
                Some(Self::Json)
            }
            Some(_) => {
                let head = String::from_utf8_lossy(text);
                if is_printed(&head) {
                    return Some(Self::KubectlText);
                }
                if (1..head.len()).contains(&talk_in_front(&head)) {
                    return Some(Self::Yaml);
                }
                let yaml = text.split(|&byte| byte == b'\n').find_map(first_yaml_line).unwrap_or(None);
                yaml.or_else(|| prefixed(text))
            }
        }
    }
}

/// An array of documents, or of rows.
fn begins_array(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), None | Some(b'{' | b'[' | b']' | b'"'))
}

/// How far into a line a record may begin, and how many lines without one may come before it.
const PREFIX_BYTES_MAX: usize = 4096;
const LINES_BEFORE_MAX: usize = 200;

/// The first line that holds a JSON object has it behind a short prefix; or it stands by itself behind a line that begins
/// with a time, as `aws logs tail --format json` prints it.
fn prefixed(text: &[u8]) -> Option<Encoding> {
    let is_stamped = text.get(..STAMP.len()).is_some_and(|head| head.iter().zip(STAMP).all(fits_stamp));
    text.split(|&byte| byte == b'\n').take(LINES_BEFORE_MAX).find_map(|line| {
        if is_stamped && line.trim_ascii_end() == b"{" {
            return Some(Encoding::Json);
        }
        // A document on several lines within a field.
        if line.trim_ascii_end().ends_with(b",\"{") || line.trim_ascii_end() == b"\"{" {
            return Some(Encoding::Csv);
        }
        let head = &line[..line.len().min(PREFIX_BYTES_MAX)];
        let at = memchr::memmem::find(head, b"{\"").or_else(|| memchr::memmem::find(head, b"{\\\""))?;
        let is_field = head[at..].starts_with(b"{\"\"") && head.get(at + 3).is_some_and(u8::is_ascii_alphanumeric);
        Some(if is_field { Encoding::Csv } else { Encoding::PrefixedJson })
    })
}

/// How a time begins: 0 stands for a digit.
const STAMP: &[u8; 11] = b"0000-00-00T";

fn fits_stamp((byte, pattern): (&u8, &u8)) -> bool {
    if *pattern == b'0' { byte.is_ascii_digit() } else { byte == pattern }
}

/// How the items of a list of YAML begin: quoted documents, and what objects, watch events and audit events have first.
const ITEMS: [&[u8]; 10] = [
    b"'{",
    b"\"{\\\"",
    b"apiVersion:",
    b"kind:",
    b"metadata:",
    b"object:",
    b"type:",
    b"level:",
    b"auditID:",
    b"annotations:",
];

/// `Some(Some(Yaml))` if the line can only begin a mapping of YAML, or a list of mappings or of quoted documents; `None` to look at the next line.
fn first_yaml_line(line: &[u8]) -> Option<Option<Encoding>> {
    let line = line.trim_ascii_end();
    if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"%YAML") || line == b"---" {
        return None;
    }
    let item = line.strip_prefix(b"- ").map(<[u8]>::trim_ascii_start);
    if let Some(item) = item {
        let begins = |word: &&[u8]| item.starts_with(word);
        return Some(ITEMS.iter().any(begins).then_some(Encoding::Yaml));
    }
    let key_length = line.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let is_mapping = key_length > 0
        && line.get(key_length) == Some(&b':')
        && matches!(line.get(key_length + 1), None | Some(b' ' | b'\t'));
    // A word in front of a record looks like a key.
    let is_record = is_mapping && line[key_length + 1..].trim_ascii_start().starts_with(b"{\"") && line.ends_with(b"}");
    Some((is_mapping && !is_record).then_some(Encoding::Yaml))
}

impl fmt::Display for Encoding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn the_first_bytes_tell() {
        let table = [
            ("{\"type\":\"ADDED\"", Some(Encoding::Json)),
            ("\n\r\n  {", Some(Encoding::Json)),
            ("", Some(Encoding::Json)),
            ("apiVersion: v1\nkind: Pod\n", Some(Encoding::Yaml)),
            ("---\nobject:\n  kind: Pod\n", Some(Encoding::Yaml)),
            ("- apiVersion: v1\n  kind: Pod\n", Some(Encoding::Yaml)),
            ("- '{\"type\":\"ADDED\"", Some(Encoding::Yaml)),
            ("- \"{\\\"type\\\":\\\"ADDED\\\"", Some(Encoding::Yaml)),
            ("- {\"type\":\"ADDED\"", Some(Encoding::PrefixedJson)),
            ("# saved by kubectl\n---\nitems:\n", Some(Encoding::Yaml)),
            ("[\n  {\"insertId\": \"a\"", Some(Encoding::Json)),
            ("[1, 2]", None),
            ("2026-11-20T15:09:42Z kube-apiserver-audit-1 {\"kind\":\"Event\"", Some(Encoding::PrefixedJson)),
            ("2026-11-20T15:09:47+00:00 stream \n{\n    \"kind\": \"Event\"", Some(Encoding::Json)),
            (
                "2026-11-20T15:09:47Z s I1120 15:09:47.1 7 a.go:1] talk\n2026-11-20T15:09:48Z s {\"a\"",
                Some(Encoding::PrefixedJson),
            ),
            ("15:09:42 {\"type\":\"ADDED\"", Some(Encoding::PrefixedJson)),
            ("```yaml\napiVersion: v1\nkind: Pod\n```\n", Some(Encoding::Yaml)),
            ("```json\n{\n  \"kind\": \"Pod\"\n}\n```\n", Some(Encoding::Yaml)),
            ("$ kubectl get pod web-0 -o yaml\napiVersion: v1\n", Some(Encoding::Yaml)),
            ("me@host:~$ kubectl get pod web-0 -o yaml\napiVersion: v1\n", Some(Encoding::Yaml)),
            ("```\nNAME    READY   STATUS\n```\n", None),
            ("NAME    READY   STATUS\n", None),
            ("```\nNAME    READY   STATUS   RESTARTS   AGE\n```\n", Some(Encoding::KubectlText)),
            ("$ kubectl get pods\nNAME    READY   STATUS   RESTARTS   AGE\n", Some(Encoding::KubectlText)),
            ("Name:         web-0\nNamespace:    team\n", Some(Encoding::KubectlText)),
            ("Name: web-0\nkind: Pod\n", Some(Encoding::Yaml)),
            ("ADDED web-0: Running", None),
            ("\u{0}\u{0}", None),
            ("SQLite format 3", None),
            ("PAR1\u{15}\u{4} {\"type\":\"ADDED\"}\n", None),
            ("BZh91AY&SY \n{\"type\":\"ADDED\"}\n", None),
        ];
        for (head, expected) in table {
            assert_eq!(Encoding::detect(head.as_bytes()), expected, "{head:?}");
        }
    }
}
