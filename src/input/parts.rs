//! A JSON value taken apart once: the values of an object with their keys, or those of an array, as they stand in its text.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::input::json_text::Text;

/// A JSON value, parsed into its parts when they are first needed.
pub(super) struct Parts<'a> {
    pub(super) text: &'a str,
    children: OnceCell<Result<Children<'a>, serde_json::Error>>,
}

/// Each with its key, which is empty in an array.
type Children<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

impl<'a> Parts<'a> {
    /// The value that a text is.
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, children: OnceCell::new() }
    }

    /// The value with which a text begins.
    pub(super) fn first_of(text: &'a str) -> Result<Self, serde_json::Error> {
        if !text.starts_with(['{', '[']) {
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<&'a RawValue>();
            return values.next().unwrap_or(Ok(RawValue::NULL)).map(|value| Self::of(value.get()));
        }
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Visited<'a>>();
        let Visited(children) = values.next().unwrap_or_else(|| Ok(Visited(Vec::new())))?;
        Ok(Self { text: &text[..values.byte_offset()], children: OnceCell::from(Ok(children)) })
    }

    fn parsed(&self) -> &Result<Children<'a>, serde_json::Error> {
        self.children.get_or_init(|| serde_json::from_str::<Visited<'a>>(self.text).map(|visited| visited.0))
    }

    /// The values within it, in their order; none of what is neither an object nor an array, or no JSON.
    pub(super) fn children(&self) -> &[(Cow<'a, str>, &'a RawValue)] {
        self.parsed().as_deref().unwrap_or_default()
    }

    /// An error, if the text is no JSON.
    pub(super) fn check(&self) -> Result<(), serde_json::Error> {
        match self.text.starts_with(['{', '[']) {
            true if self.parsed().is_ok() => Ok(()),
            true => serde_json::from_str::<Visited<'_>>(self.text).map(drop),
            false => serde_json::from_str::<&RawValue>(self.text).map(drop),
        }
    }

    /// The value of a key; `null` is none.
    pub(super) fn get(&self, key: &str) -> Option<&'a RawValue> {
        let found = self.children().iter().find(|(name, _)| name == key);
        found.map(|(_, value)| *value).filter(|value| value.get() != "null")
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key without its quotes; nothing if there is none.
    pub(super) fn word(&self, key: &str) -> &'a str {
        self.get(key).map_or("", |value| value.get().trim_matches('"'))
    }

    /// The value of a key, if it begins so.
    pub(super) fn beginning_with(&self, key: &str, begin: char) -> Option<&'a RawValue> {
        self.get(key).filter(|value| value.get().starts_with(begin))
    }
}

struct Visited<'a>(Children<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Visited<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ChildrenVisitor).map(Visited)
    }
}

struct ChildrenVisitor;

impl<'de> Visitor<'de> for ChildrenVisitor {
    type Value = Children<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut children = Vec::new();
        while let Some((key, value)) = fields.next_entry::<Text<'de>, &'de RawValue>()? {
            children.push((key.0.unwrap_or_default(), value));
        }
        Ok(children)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut children = Vec::new();
        while let Some(value) = entries.next_element::<&'de RawValue>()? {
            children.push((Cow::Borrowed(""), value));
        }
        Ok(children)
    }
}
