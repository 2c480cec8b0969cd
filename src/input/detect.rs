//! Tells the format of an input by its first bytes.

use std::fmt;

/// How the text of an input is laid out. What a document *is* (watch event, list, pod) is told document by document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON documents: one a line, pretty-printed, or one behind the other.
    Json,
    /// YAML documents separated by `---`.
    Yaml,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 2] = [Self::Json, Self::Yaml];

    /// The word for `--format` and the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    /// The format of an input that begins like this. `None` if it is neither; an input of white space only is taken
    /// as JSON without a document.
    #[must_use]
    pub fn detect(head: &[u8]) -> Option<Self> {
        let text = head.trim_ascii_start();
        match text.first() {
            None | Some(b'{') => Some(Self::Json),
            Some(_) => text.split(|&byte| byte == b'\n').find_map(first_yaml_line).unwrap_or(None),
        }
    }
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
