//! YAML as kubectl prints it: block style, sequences not indented under their key, strings quoted wherever a reader of
//! YAML 1.1 could take them for something else.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Map, Value};

use super::escape::{is_dangerous, json_escape};

/// A JSON document as YAML, its version first.
#[must_use]
pub fn of_document(json: &[u8]) -> String {
    let value = read(json);
    let Value::Object(mut fields) = value else { return document(&value) };
    let version = fields.remove("version").map(|version| format!("version: {version}\n")).unwrap_or_default();
    version + &document(&Value::Object(fields))
}

/// Makes YAML of a document with one list, item by item, while its JSON is written: each item stands on a line of its own. What
/// stands before the list must sort before it, and what stands behind it, behind.
pub struct ListLines<Out> {
    out: Out,
    line: Vec<u8>,
    key: String,
    is_empty: bool,
}

impl<Out: Write> ListLines<Out> {
    /// Begins to write.
    pub fn new(out: Out) -> Self {
        Self { out, line: Vec::new(), key: String::new(), is_empty: true }
    }

    fn take(&mut self, line: &[u8]) -> io::Result<()> {
        if self.key.is_empty() {
            return self.begin(&[line, b"]}"].concat());
        }
        if let Some(rest) = line.strip_prefix(b"]") {
            if self.is_empty {
                writeln!(self.out, "{}: []", self.key)?;
            }
            let fields = rest.strip_prefix(b",").map_or_else(Map::new, |fields| read_fields(&[b"{", fields].concat()));
            return write!(self.out, "{}", fields_of(&fields));
        }
        if std::mem::take(&mut self.is_empty) {
            writeln!(self.out, "{}:", self.key)?;
        }
        let mut text = String::new();
        items_at(&[read(line.strip_suffix(b",").unwrap_or(line))], 0, &mut text);
        self.out.write_all(text.as_bytes())
    }

    fn begin(&mut self, head: &[u8]) -> io::Result<()> {
        let mut fields = read_fields(head);
        let version = fields.remove("version").unwrap_or_default();
        let is_list = |(_, value): &(&String, &Value)| value.as_array().is_some_and(Vec::is_empty);
        self.key = fields.iter().find(is_list).map(|(key, _)| key.clone()).expect("it has a list");
        fields.remove(&self.key);
        write!(self.out, "version: {version}\n{}", fields_of(&fields))
    }
}

impl<Out: Write> Write for ListLines<Out> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        for piece in json.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.line.extend_from_slice(end);
                    let line = std::mem::take(&mut self.line);
                    self.take(&line)?;
                }
                None => self.line.extend_from_slice(piece),
            }
        }
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn read(json: &[u8]) -> Value {
    serde_json::from_slice(json).expect("it was written as JSON")
}

fn read_fields(json: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(json).expect("it was written as JSON")
}

fn fields_of(fields: &Map<String, Value>) -> String {
    let mut out = String::new();
    fields_at(fields, 0, &mut out);
    out
}

/// A value as a YAML document.
#[must_use]
pub fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => fields_at(fields, 0, &mut out),
        Value::Array(items) if !items.is_empty() => items_at(items, 0, &mut out),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            scalar(value, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

/// A string on one line, as a key or a value, also within braces.
#[must_use]
pub fn scalar_text(text: &str) -> String {
    let mut out = String::new();
    string(text, &mut out);
    out
}

fn fields_at(fields: &Map<String, Value>, indent: usize, out: &mut String) {
    for (index, (key, value)) in fields.iter().enumerate() {
        if index > 0 {
            push_indent(indent, out);
        }
        string(key, out);
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                push_indent(indent + 2, out);
                fields_at(inner, indent + 2, out);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                push_indent(indent, out);
                items_at(items, indent, out);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                out.push(' ');
                scalar(value, indent, out);
                out.push('\n');
            }
        }
    }
}

/// The caller has indented the first item.
fn items_at(items: &[Value], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            push_indent(indent, out);
        }
        out.push_str("- ");
        match item {
            Value::Object(fields) if !fields.is_empty() => fields_at(fields, indent + 2, out),
            Value::Array(inner) if !inner.is_empty() => items_at(inner, indent + 2, out),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                scalar(item, indent, out);
                out.push('\n');
            }
        }
    }
}

fn push_indent(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{number}");
        }
        Value::String(text) if is_block(text) => block(text, indent, out),
        Value::String(text) => string(text, out),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Clean text of several lines reads best as a literal block.
fn is_block(text: &str) -> bool {
    // Behind the indent of a block a runner of GitHub would read a command.
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    let has_clean_lines = text
        .lines()
        .all(|line| !line.ends_with([' ', '\t']) && line.chars().all(|letter| letter == '\t' || !is_dangerous(letter)));
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.contains('\r')
        && has_clean_lines
        && !text.lines().any(is_command)
        && text.chars().all(|letter| letter == '\n' || letter == '\t' || !is_dangerous(letter))
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    out.push_str(match text.len() - body.len() {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    let kept = if text.len() - body.len() > 1 { &text[..text.len() - 1] } else { body };
    for line in kept.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            push_indent(indent + 2, out);
            out.push_str(line);
        }
    }
}

/// A string: plain if it cannot be taken for anything else, in double quotes otherwise.
fn string(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_dangerous(letter) && u32::from(letter) > 0xffff => {
                let _ = write!(out, "\\U{:08x}", u32::from(letter));
            }
            letter if is_dangerous(letter) => json_escape(letter, out),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// Letters that begin no number, date, boolean or indicator, then letters, digits and what names and images need.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 11] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"];
    let Some(first) = text.bytes().next() else { return false };
    let is_inner = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'(' | b')' | b'=' | b'+' | b'@')
    };
    let last_is_colon = text.ends_with(':');
    let colons_inside = text.bytes().zip(text.bytes().skip(1)).all(|(left, right)| left != b':' || is_inner(right));
    let begins_word = |byte: u8| is_inner(byte) && byte != b'-';
    let spaces_inside = text.bytes().zip(text.bytes().skip(1)).all(|(left, right)| left != b' ' || begins_word(right));
    (first.is_ascii_alphabetic() || first == b'/')
        && text.bytes().all(|byte| is_inner(byte) || matches!(byte, b':' | b' '))
        && !last_is_colon
        && !text.ends_with(' ')
        && colons_inside
        && spaces_inside
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::{Value, json};

    use super::{ListLines, document, of_document};

    #[test]
    fn a_list_is_the_same_item_by_item() {
        let documents = [
            "{\"version\":1,\"pods\":[\n]}\n",
            "{\"version\":1,\"at\":null,\"pods\":[\n{\"name\":\"a\",\"labels\":{}},\n{\"name\":\"no\",\"list\":[[1],{\"x\":\"y\\nz\"}]}\n]}\n",
            "{\"version\":1,\"findings\":[\n],\"summary\":{\"events\":3}}\n",
            "{\"version\":1,\"findings\":[\n\"a]\",\n[],\n{}\n],\"summary\":{\"events\":3}}\n",
        ];
        for json in documents {
            for size in [1, 7, json.len()] {
                let mut out = Vec::new();
                let mut lines = ListLines::new(&mut out);
                json.as_bytes().chunks(size).for_each(|piece| lines.write_all(piece).expect("memory"));
                assert_eq!(String::from_utf8(out).expect("text"), of_document(json.as_bytes()));
            }
        }
    }

    #[test]
    fn it_reads_as_kubectl_prints() {
        let value = json!({"kind": "Pod", "metadata": {"labels": {}, "name": "web-0"}, "spec": {"containers": [
            {"args": ["sh", "-c", "a\nb\n"], "name": "app"}, {"name": "no"}]}, "x": [], "t": "2026-11-20T15:09:47Z"});
        let expected = "kind: Pod\nmetadata:\n  labels: {}\n  name: web-0\nspec:\n  containers:\n  - args:\n    - sh\n    \
                        - \"-c\"\n    - |\n      a\n      b\n    name: app\n  - name: \"no\"\nt: \"2026-11-20T15:09:47Z\"\nx: []\n";
        assert_eq!(document(&value), expected);
    }

    #[test]
    fn every_string_comes_back() {
        let strings = [
            "",
            " ",
            "a ",
            " a",
            "yes",
            "No",
            "null",
            "~",
            "1",
            "1.5",
            "0x1f",
            "1e3",
            "12:30",
            "a: b",
            "a:",
            "a #b",
            "- a",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "{a",
            "[a",
            "|",
            ">",
            "'",
            "\"",
            "\\",
            "a\nb",
            "a\nb\n",
            "a\n\nb\n\n",
            "\n",
            "\na",
            " a\nb",
            "a \nb",
            "a\tb\nc",
            "\u{1b}[31m",
            "\u{202e}x",
            "a\r\nb",
            "é",
            "東京",
            "\u{1f600}",
            "2026-11-20",
            "---",
            "...",
            "=",
            "<<",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{e0001}",
            "key: |\n  x",
            "#",
            "?",
            "a?b",
        ];
        for text in strings {
            for value in [json!(text), json!({ text: text }), json!([[text], {"a": [text]}])] {
                let yaml = document(&value);
                let back: Value =
                    serde_yaml::from_str(&yaml).unwrap_or_else(|error| panic!("{text:?}: {error}\n{yaml}"));
                assert_eq!(back, value, "{text:?}:\n{yaml}");
            }
        }
    }
}
