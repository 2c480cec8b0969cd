//! How JSON is written: a document of one object or of lists, and nothing in it that a terminal might act on.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter};

use crate::render::escape::{is_dangerous, json_escape};

/// The version of every document.
pub(super) const VERSION: u32 = 1;

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
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        item.serialize(&mut serde_json::Serializer::with_formatter(&mut *self.out, Harmless(CompactFormatter)))?;
        Ok(())
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

/// Writes a document of one object.
///
/// # Errors
/// When writing fails.
pub fn document<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Harmless(CompactFormatter)))?;
    out.write_all(b"\n")
}

/// An object as kubectl prints it: four spaces, keys in order.
///
/// # Errors
/// When writing fails.
pub fn pretty(value: &Json, out: &mut dyn Write) -> io::Result<()> {
    let formatter = HarmlessPretty(PrettyFormatter::with_indent(b"    "));
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// Writes characters that a terminal might act on as `\uXXXX`, which JSON reads as the same.
struct Harmless<F>(F);
struct HarmlessPretty<'a>(PrettyFormatter<'a>);

fn write_fragment<W: ?Sized + Write>(out: &mut W, fragment: &str) -> io::Result<()> {
    if !fragment.chars().any(is_dangerous) {
        return out.write_all(fragment.as_bytes());
    }
    let mut escaped = String::with_capacity(fragment.len() + 8);
    for letter in fragment.chars() {
        if is_dangerous(letter) { json_escape(letter, &mut escaped) } else { escaped.push(letter) }
    }
    out.write_all(escaped.as_bytes())
}

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(out, fragment)
    }
    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(out, escape)
    }
}

impl Formatter for HarmlessPretty<'_> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(out, fragment)
    }
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }
    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }
    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}
