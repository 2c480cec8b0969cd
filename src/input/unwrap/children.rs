//! The values within an object or an array, as they stand in its text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::input::json_text::Text;

/// The values of an object with their keys, or those of an array, in their order. `None` if the text is neither.
pub(super) fn children(text: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    serde_json::from_str::<Children<'_>>(text).ok().map(|children| children.0)
}

struct Children<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'de: 'a, 'a> Deserialize<'de> for Children<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ChildrenVisitor).map(Children)
    }
}

struct ChildrenVisitor;

impl<'de> Visitor<'de> for ChildrenVisitor {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut children = Vec::new();
        while let Some((key, value)) = fields.next_entry::<Text<'de>, &'de RawValue>()? {
            children.push((key.0.unwrap_or_default(), value.get()));
        }
        Ok(children)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut children = Vec::new();
        while let Some(value) = entries.next_element::<&'de RawValue>()? {
            children.push((Cow::Borrowed(""), value.get()));
        }
        Ok(children)
    }
}
