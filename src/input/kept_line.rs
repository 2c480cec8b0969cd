//! Lines that are kept as a whole: the document within one is found again in what is kept.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::compact::compact;
use super::format::holds_known;
use super::lines::{holds_doubled_quotes, json_begin, record_begin};
use super::unwrap::document_in;

/// How far to skip over text that is no record: to the next line that begins with a bracket, or has a record behind words.
pub(super) fn next_bracket(text: &str) -> usize {
    memchr_iter(b'\n', text.as_bytes())
        .map(|index| index + 1)
        .find(|&line| {
            let line = text[line..].lines().next().unwrap_or_default();
            line.trim_start_matches([' ', '\t']).starts_with('{') || has_record(line)
        })
        .unwrap_or(text.len())
}

/// Whether a record stands behind the words with which a line begins.
pub(super) fn has_record(line: &str) -> bool {
    record_begin(line).is_some_and(|begin| begin > 0) && document_to_keep(line).is_some()
}

/// The JSON of a record, without what may stand around it on its line.
pub(super) fn text_of(body: &[u8]) -> Result<Cow<'_, str>, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    match bare(text) {
        Some(json) => Ok(json.into()),
        None => document_in(text, holds_known).ok_or_else(|| "the record holds no JSON".to_owned()),
    }
}

/// A text that is JSON from its beginning on: nothing stands around it.
fn bare(text: &str) -> Option<&str> {
    let plain = text.trim_start();
    let is_bare = plain.starts_with(['{', '"']) && !is_table_row(plain)
        || json_begin(text).is_some_and(|begin| text[begin..].starts_with('['));
    is_bare.then_some(plain)
}

/// A text as it is kept. JSON on several lines loses its white space; in a row of a table a line break stands in a document, where a
/// space says the same.
pub(super) fn on_one_line(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\n', text.as_bytes()).is_none() {
        return text.into();
    }
    let bytes =
        if text.starts_with(['{', '[']) { compact(text.as_bytes()) } else { text.replace('\n', " ").into_bytes() };
    String::from_utf8(bytes).expect("a text without some of its ASCII is still a text").into()
}

/// The document within a line, of which the line can be kept as a whole: it is found again in what is kept.
pub(super) fn document_to_keep(line: &str) -> Option<Cow<'_, str>> {
    let document = document_in(line, holds_known)?;
    let is_found_again = match on_one_line(line) {
        Cow::Borrowed(line) => bare(line).is_none_or(|json| json.trim_end() == document.trim_end()),
        Cow::Owned(kept) => {
            text_of(kept.as_bytes()).is_ok_and(|again| compact(again.as_bytes()) == compact(document.as_bytes()))
        }
    };
    is_found_again.then_some(document)
}

/// Whether a line is a row of CSV that begins with a quoted field.
fn is_table_row(line: &str) -> bool {
    line.starts_with('"') && holds_doubled_quotes(line)
}
