//! How JSON is written: a document of one object or of lists, and nothing in it that a terminal might act on.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::PrettyFormatter;

use crate::render::escape::{is_dangerous, is_shown, json_escape};

/// The version of every document.
pub(super) const VERSION: u32 = 1;

/// Writes a document on one line.
fn write_line<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    serde_json::to_writer(Harmless(out), value)?;
    out.write_all(b"\n")
}

/// Takes rows one after the other, each as what serde makes of it.
pub trait RowSink {
    /// Takes a row.
    ///
    /// # Errors
    /// When it cannot be written.
    fn row<T: Serialize>(&mut self, row: &T) -> io::Result<()>;
}

/// Rows as lines of JSON.
pub struct Lines<'a>(pub &'a mut dyn Write);

impl RowSink for Lines<'_> {
    fn row<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        write_line(self.0, row)
    }
}

/// Writes `{"version":1,KEY:[...]}` item by item, so that a fleet of any size passes through. `extra` are further
/// members in front of the list, as JSON text.
pub struct ListWriter<'a> {
    out: &'a mut dyn Write,
    is_empty: bool,
}

impl<'a> ListWriter<'a> {
    /// Begins the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn begin(out: &'a mut dyn Write, extra: &[(&str, Json)], key: &str) -> io::Result<Self> {
        write!(out, "{{\"version\":{VERSION},")?;
        for (name, value) in extra {
            write!(out, "\"{name}\":{value},")?;
        }
        write!(out, "\"{key}\":[")?;
        Ok(Self { out, is_empty: true })
    }

    /// Begins a document of another making: the text up to its list. That it ends with the list is up to the caller.
    pub(in crate::render) fn begin_with(out: &'a mut dyn Write, opening: &str) -> io::Result<Self> {
        out.write_all(opening.as_bytes())?;
        Ok(Self { out, is_empty: true })
    }

    /// Adds an item, on a line of its own.
    ///
    /// # Errors
    /// When writing fails.
    pub fn item<T: Serialize>(&mut self, item: &T) -> io::Result<()> {
        self.separate()?;
        Ok(serde_json::to_writer(Harmless(self.out), item)?)
    }

    fn separate(&mut self) -> io::Result<()> {
        self.out.write_all(if std::mem::take(&mut self.is_empty) { b"\n" } else { b",\n" })
    }

    /// Adds items that are written already.
    ///
    /// # Errors
    /// When writing fails.
    pub fn written(&mut self, items: &str) -> io::Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        self.separate()?;
        self.out.write_all(items.as_bytes())
    }

    /// Begins another list of the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn next(&mut self, key: &str) -> io::Result<()> {
        self.is_empty = true;
        write!(self.out, "\n],\"{key}\":[")
    }

    /// Ends the document with one more member behind the list.
    ///
    /// # Errors
    /// When writing fails.
    pub fn end_with<T: Serialize>(self, name: &str, value: &T) -> io::Result<()> {
        writeln!(self.out, "\n],\"{name}\":{}}}", serde_json::to_string(value)?)
    }

    /// Ends the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n]}\n")
    }
}

/// Items of a list as they stand in it, each on a line of its own.
pub(super) fn items<T: Serialize>(items: impl IntoIterator<Item = T>) -> io::Result<String> {
    let mut written = Vec::new();
    for item in items {
        if !written.is_empty() {
            written.extend_from_slice(b",\n");
        }
        serde_json::to_writer(Harmless(&mut written), &item)?;
    }
    String::from_utf8(written).map_err(io::Error::other)
}

/// Writes a document of one object.
///
/// # Errors
/// When writing fails.
pub(super) fn document<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(Harmless(out), value)?;
    out.write_all(b"\n")
}

/// An object as kubectl prints it: four spaces, keys in order.
///
/// # Errors
/// When writing fails.
pub fn pretty(value: &Json, out: &mut dyn Write) -> io::Result<()> {
    let formatter = PrettyFormatter::with_indent(b"    ");
    value.serialize(&mut serde_json::Serializer::with_formatter(Harmless(out), formatter))?;
    out.write_all(b"\n")
}

/// Escapes the characters that a terminal might act on as `\uXXXX`, which JSON reads as the same. They can only be within
/// strings: outside of them a document has no control character but the line break, which stays.
struct Harmless<'a>(&'a mut dyn Write);

impl Write for Harmless<'_> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        if is_shown(json) {
            self.0.write_all(json)?;
            return Ok(json.len());
        }
        let is_acted_on = |letter: char| letter != '\n' && is_dangerous(letter);
        // A string is handed over in pieces of whole characters.
        let text = std::str::from_utf8(json).map_err(io::Error::other)?;
        if text.contains(is_acted_on) {
            let mut escaped = String::with_capacity(text.len() + 8);
            for letter in text.chars() {
                if is_acted_on(letter) { json_escape(letter, &mut escaped) } else { escaped.push(letter) }
            }
            self.0.write_all(escaped.as_bytes())?;
        } else {
            self.0.write_all(json)?;
        }
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
