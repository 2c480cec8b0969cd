//! Lines that hold a document with something around it: a time, the name of a stream, the columns of a table.

use std::borrow::Cow;

use csv::ReaderBuilder;
use serde_json::value::RawValue;

use crate::input::json_text::Text;

/// How far into a line a document may begin.
const PREFIX_BYTES_MAX: usize = 4096;

/// The document of a line: the longest behind what stands in front of it, a field of CSV, or a JSON string. Text that has JSON in it
/// somewhere, as programs log it, is told from a record by whoever asks. What stands in a document that is cut is none of the line.
pub(in crate::input) fn document_in(line: &str) -> Option<Cow<'_, str>> {
    let (documents, is_cut) = plain_in(line);
    match documents.into_iter().rev().max_by_key(|document| document.len()) {
        Some(longest) => Some(longest.into()),
        None if is_cut => None,
        None => field_in(line).or_else(|| string_in(line)),
    }
}

/// The documents of a line that stand in it as they are.
pub(in crate::input) fn documents_in(line: &str) -> Vec<&str> {
    plain_in(line).0
}

/// The documents of a line up to where something begins like one and is no JSON, and whether something does.
fn plain_in(line: &str) -> (Vec<&str>, bool) {
    let (mut from, mut documents) = (0, Vec::new());
    while let Some(found) = line[from..].find('{') {
        let begin = from + found;
        if begin > PREFIX_BYTES_MAX && documents.is_empty() {
            break;
        }
        from = begin + 1;
        let inner = line[from..].trim_start();
        if !inner.starts_with('"') || is_of_csv(inner) {
            continue;
        }
        let Some(document) = value_at(&line[begin..]) else { return (documents, true) };
        documents.push(document);
        from = begin + document.len();
    }
    (documents, false)
}

/// In a field of CSV the quotes of a key stand twice.
fn is_of_csv(inner: &str) -> bool {
    inner.strip_prefix("\"\"").is_some_and(|key| !key.trim_start().starts_with(':'))
}

/// The value with which a text begins.
fn value_at(text: &str) -> Option<&str> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    values.next()?.ok().map(RawValue::get)
}

/// In CSV a quote within a field is written twice. The longest of the documents of a row, whatever stands between its fields.
fn field_in(line: &str) -> Option<Cow<'_, str>> {
    memchr::memmem::find(line.as_bytes(), b"\"\"")?;
    let is_document = |field: &String| {
        let field = field.trim();
        let behind = value_at(field).map(|document| field[document.len()..].trim_start());
        field.starts_with('{') && behind.is_some_and(|behind| behind.is_empty() || behind.starts_with('{'))
    };
    b",;\t|".iter().find_map(|delimiter| {
        let documents = csv_fields(line, *delimiter)?.into_iter().filter(is_document);
        documents.max_by_key(String::len).map(Cow::Owned)
    })
}

/// The fields of one row of CSV.
fn csv_fields(row: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(row.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

fn string_in(line: &str) -> Option<Cow<'_, str>> {
    let begin = memchr::memmem::find(line.as_bytes(), b"\"{\\\"").filter(|begin| *begin <= PREFIX_BYTES_MAX)?;
    let string = value_at(&line[begin..])?;
    let text = serde_json::from_str::<Text<'_>>(string).ok()?.0?;
    Some(Cow::Owned(text.into_owned()))
}
