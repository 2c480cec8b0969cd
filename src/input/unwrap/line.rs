//! Lines that hold a document with something around it: a time, the name of a stream, the columns of a table.

use std::borrow::Cow;

use csv::ReaderBuilder;
use serde_json::value::RawValue;

use crate::input::json_text::Text;

/// How far into a line a document may begin.
const PREFIX_BYTES_MAX: usize = 4096;

/// A document of a line.
pub(in crate::input) struct InLine<'a> {
    /// What stands in front of it, since the document before.
    pub(in crate::input) in_front: &'a str,
    pub(in crate::input) text: Cow<'a, str>,
}

/// What a line holds.
pub(in crate::input) struct LineParts<'a> {
    pub(in crate::input) documents: Vec<InLine<'a>>,
    /// They are fields of a row, of which one is the record.
    pub(in crate::input) are_fields: bool,
    /// What stands after the last of them: it may begin like one that is cut.
    pub(in crate::input) rest: &'a str,
}

/// The document of a line: the longest of those that are known, or else of all. Whether text that has JSON in it somewhere, as programs log
/// it, is a record, is for the caller to say.
pub(in crate::input) fn document_in(line: &str, is_known: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
    let mut documents = documents_in(line).documents;
    if documents.len() > 1 && documents.iter().any(|it| is_known(&it.text)) {
        documents.retain(|it| is_known(&it.text));
    }
    documents.into_iter().rev().max_by_key(|it| it.text.len()).map(|it| it.text)
}

/// The documents of a line: those that stand in it as they are, or else the fields of CSV, or a JSON string. What stands in a document that
/// is cut is none of them.
pub(in crate::input) fn documents_in(line: &str) -> LineParts<'_> {
    let (documents, rest, is_cut) = plain_in(line);
    let others = match documents.is_empty() && !is_cut {
        true => fields_in(line).or_else(|| Some(vec![string_in(line)?])).unwrap_or_default(),
        false => Vec::new(),
    };
    let are_fields = !others.is_empty();
    let others = others.into_iter().map(|text| InLine { in_front: "", text: text.into() });
    LineParts { documents: documents.into_iter().chain(others).collect(), are_fields, rest }
}

/// The documents of a line up to where something begins like one and is no JSON; what stands after them; and whether something begins so.
fn plain_in(line: &str) -> (Vec<InLine<'_>>, &str, bool) {
    let (mut from, mut end, mut documents) = (0, 0, Vec::new());
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
        let Some(document) = value_at(&line[begin..]) else { return (documents, &line[end..], true) };
        documents.push(InLine { in_front: &line[end..begin], text: document.into() });
        end = begin + document.len();
        from = end;
    }
    (documents, &line[end..], false)
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

/// The documents of a row of CSV, whatever stands between its fields. A quote within a field is written twice.
fn fields_in(line: &str) -> Option<Vec<String>> {
    memchr::memmem::find(line.as_bytes(), b"\"\"")?;
    let is_document = |field: &String| {
        let field = field.trim();
        let after = value_at(field).map(|document| field[document.len()..].trim_start());
        field.starts_with('{') && after.is_some_and(|after| after.is_empty() || after.starts_with('{'))
    };
    let of_row =
        |delimiter: &u8| Some(csv_fields(line, *delimiter)?.into_iter().filter(is_document).collect::<Vec<_>>());
    b",;\t|".iter().filter_map(of_row).find(|documents| !documents.is_empty())
}

/// The fields of one row of CSV.
fn csv_fields(row: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(row.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

fn string_in(line: &str) -> Option<String> {
    let begin = memchr::memmem::find(line.as_bytes(), b"\"{\\\"").filter(|begin| *begin <= PREFIX_BYTES_MAX)?;
    let string = value_at(&line[begin..])?;
    let text = serde_json::from_str::<Text<'_>>(string).ok()?.0?;
    Some(text.into_owned())
}
