//! YAML documents, turned into the JSON text that they stand for.

use serde::Deserialize;

/// The JSON text of one YAML document; `None` for an empty one.
///
/// # Errors
/// The parser's own words, and the line within the document, from 1.
pub(super) fn to_json(document: &str) -> Result<Option<Vec<u8>>, (String, u64)> {
    let value = serde_json::Value::deserialize(serde_yaml::Deserializer::from_str(document)).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line() as u64);
        (error.to_string(), line)
    })?;
    if value.is_null() {
        return Ok(None);
    }
    let text = serde_json::to_vec(&value).map_err(|error| (error.to_string(), 1))?;
    Ok(Some(text))
}
