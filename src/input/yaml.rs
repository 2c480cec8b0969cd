//! YAML documents, turned into the JSON text that they stand for.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::chunk::DOCUMENT_BYTES_MAX;

/// What a document may grow to when its aliases are spelled out.
const EXPANDED_BYTES_MAX: usize = 2 * DOCUMENT_BYTES_MAX;
/// The scanner takes a time that grows with the square of the brackets that are open.
const OPEN_BRACKETS_MAX: usize = 1_000;
/// What a value takes beside its text.
const VALUE_BYTES: usize = 32;

/// The JSON text of one YAML document; `None` for an empty one.
///
/// # Errors
/// The parser's own words, and the line within the document, from 1.
pub(super) fn to_json(document: &str) -> Result<Option<Vec<u8>>, (String, u64)> {
    if open_brackets(document) > OPEN_BRACKETS_MAX {
        return Err((format!("more than {OPEN_BRACKETS_MAX} brackets are open at once; expected a Pod"), 1));
    }
    let budget = Cell::new(EXPANDED_BYTES_MAX);
    let value = Bounded(&budget).deserialize(serde_yaml::Deserializer::from_str(document)).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line() as u64);
        (error.to_string(), line)
    })?;
    if value.is_null() {
        return Ok(None);
    }
    let text = serde_json::to_vec(&value).map_err(|error| (error.to_string(), 1))?;
    Ok(Some(text))
}

/// The lines, from 0, on which the entries of a list or a batch begin: those of the document's `items` or `Data`, in the
/// block style that all writers use.
pub(super) fn item_lines(document: &str) -> Vec<u64> {
    let mut lines = (0..).zip(document.lines()).skip_while(|(_, line)| !matches!(line.trim_end(), "items:" | "Data:"));
    lines.next();
    let mut found = Vec::new();
    let mut entry_indent = None;
    for (number, line) in lines {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        let is_entry = rest == "-" || rest.starts_with("- ");
        let entry_indent = *entry_indent.get_or_insert(indent);
        if is_entry && indent == entry_indent {
            found.push(number);
        } else if !rest.is_empty() && (indent < entry_indent || indent == entry_indent && entry_indent == 0) {
            break;
        }
    }
    found
}

fn open_brackets(document: &str) -> usize {
    let mut depth: usize = 0;
    let mut deepest = 0;
    for byte in document.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Builds a value and takes what it needs from a budget: aliases make a small document large.
#[derive(Clone, Copy)]
struct Bounded<'a>(&'a Cell<usize>);

impl Bounded<'_> {
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        match self.0.get().checked_sub(bytes + VALUE_BYTES) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => {
                Err(E::custom(format!("the document grows to more than {EXPANDED_BYTES_MAX} bytes by its aliases")))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a YAML value")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.take(0).map(|()| Value::Null)
    }
    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        self.take(0).map(|()| flag.into())
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        self.take(0).map(|()| number.into())
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        self.take(0).map(|()| number.into())
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        self.take(0).map(|()| number.into())
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.take(text.len()).map(|()| text.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.take(0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.take(0)?;
        let mut fields = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.take(key.len())?;
            let value = entries.next_value_seed(self)?;
            if fields.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("duplicate key {key:?}")));
            }
        }
        Ok(Value::Object(fields))
    }
}
