//! What a text holds that is wrapped into another: as a JSON string, in base64, packed with gzip, as an array of bytes.

use std::borrow::Cow;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use serde_json::value::RawValue;

use super::line::documents_in;
use crate::input::gunzip::Gunzip;
use crate::input::json_text::Text;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// More than this is no document.
const UNPACKED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Shorter texts hold no document.
const BYTES_MIN: usize = 16;

/// The JSON that a JSON string holds: plain, behind something in front of it, or in base64.
pub(in crate::input) fn text_within(string: &str) -> Option<Cow<'_, str>> {
    if string.len() < BYTES_MIN {
        return None;
    }
    match serde_json::from_str::<Text<'_>>(string).ok()?.0? {
        Cow::Borrowed(text) => document_of(text),
        Cow::Owned(text) if text.starts_with(['{', '[']) => Some(Cow::Owned(text)),
        Cow::Owned(text) => document_of(&text).map(|inner| Cow::Owned(inner.into_owned())),
    }
}

fn document_of(text: &str) -> Option<Cow<'_, str>> {
    let begin = text.trim_start();
    if begin.starts_with(['{', '[', '"']) {
        return Some(begin.into());
    }
    if let Some(inner) = decoded(text) {
        return Some(inner.into());
    }
    if !is_line(text) {
        return None;
    }
    let mut documents = documents_in(text).documents.into_iter().map(|it| it.text);
    let first = documents.next()?;
    Some(documents.fold(first, |all, next| all + next))
}

/// Whether a text is a line of a log, and not prose with JSON in it.
fn is_line(text: &str) -> bool {
    !text.trim_end().contains('\n')
}

/// What stands in base64, unpacked.
fn decoded(text: &str) -> Option<String> {
    let text = text.trim();
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    let bytes = if text.bytes().all(is_base64) {
        STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()?
    } else if text.bytes().all(|byte| is_base64(byte) || matches!(byte, b'\n' | b'\r')) {
        let joined: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        STANDARD.decode(joined).ok()?
    } else {
        return None;
    };
    plain(bytes)
}

/// Bytes as text, unpacked where they are packed. Text that is no document, and what unpacks to more than a document may have, is
/// none.
fn plain(bytes: Vec<u8>) -> Option<String> {
    if !bytes.starts_with(&GZIP_MAGIC) {
        let text = String::from_utf8(bytes).ok()?;
        let begin = text.trim_start();
        // Packed or encoded once more.
        if begin.starts_with(['{', '[', '"']) {
            return Some(text);
        }
        return (text.len() >= BYTES_MIN).then(|| decoded(&text)).flatten();
    }
    let mut unpacked = Vec::new();
    let most = UNPACKED_BYTES_MAX as u64 + 1;
    Gunzip::new(bytes.as_slice()).take(most).read_to_end(&mut unpacked).ok()?;
    if unpacked.len() > UNPACKED_BYTES_MAX {
        return None;
    }
    plain(unpacked)
}

/// The text of an array of bytes, as journald prints what is long.
pub(super) fn bytes_of(array: &str) -> Option<String> {
    let inner = array.strip_prefix('[')?.trim_start();
    if !inner.starts_with(|first: char| first.is_ascii_digit()) || array.len() < 2 * BYTES_MIN {
        return None;
    }
    let bytes: Vec<u8> = serde_json::from_str(array).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    document_of(&text).map(Cow::into_owned)
}

/// The values of a text, one behind the other; what is no JSON ends them.
pub(super) fn documents(text: &str) -> impl Iterator<Item = &str> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    values.map_while(Result::ok).map(RawValue::get)
}
