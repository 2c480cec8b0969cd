//! An object taken apart as far as its text tells that nothing changed: of what is the same in two of them no value is made.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::json_value::value_of;

/// The fields whose own fields are compared one by one.
const TAKEN_APART: [&str; 3] = ["metadata", "spec", "status"];

/// Where a watch event has its object; the first counts.
const WITHIN: [&str; 2] = ["raw_object", "object"];

/// An object to compare with another.
#[derive(Debug)]
pub enum ComparedObject {
    /// Its fields, as they stand in its text.
    Text(Fields),
    /// What was parsed already.
    Value(Arc<Value>),
}

/// The fields of an object.
pub type Fields = BTreeMap<Box<str>, Field>;

/// A field of an object.
#[derive(Debug)]
pub enum Field {
    /// The text of its value.
    Text(Box<RawValue>),
    /// The texts of the fields of its value.
    Fields(BTreeMap<Box<str>, Box<RawValue>>),
}

impl ComparedObject {
    /// The object of a text. `None` of what cannot be taken apart, as `null` for metadata, spec or status.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        Self::read(text, FieldsVisitor { is_event: false })
    }

    /// The same of a text that is a watch event or an object.
    pub(super) fn of_document(text: &str) -> Option<Self> {
        Self::read(text, FieldsVisitor { is_event: true })
    }

    fn read(text: &str, visitor: FieldsVisitor) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut fields = deserializer.deserialize_map(visitor).ok()?;
        deserializer.end().ok()?;
        // Cloud Logging adds it to tell what a message is.
        fields.remove("@type");
        Some(Self::Text(fields))
    }

    /// Two objects as values, without fields that are the same in both, and without these of their metadata. `None` where a text
    /// stands for no value.
    #[must_use]
    pub fn differing<'a>(before: &'a Self, after: &'a Self, left_out: &[&str]) -> Option<[Cow<'a, Value>; 2]> {
        match (before, after) {
            (Self::Text(before), Self::Text(after)) => {
                Some([unlike(before, after, left_out)?, unlike(after, before, left_out)?].map(Cow::Owned))
            }
            (Self::Value(_), Self::Text(_) | Self::Value(_)) | (Self::Text(_), Self::Value(_)) => {
                Some([before.value()?, after.value()?])
            }
        }
    }

    /// The object with no more than some fields of its fields: `[("metadata", "labels")]`.
    #[must_use]
    pub fn with_only(&self, names: &[(&str, &str)]) -> Cow<'_, Value> {
        match self {
            Self::Value(value) => Cow::Borrowed(value),
            Self::Text(fields) => {
                let mut found = Value::default();
                for (part, name) in names {
                    if let Some(Field::Fields(fields)) = fields.get(*part)
                        && let Some(text) = fields.get(*name)
                    {
                        found[*part][*name] = value_of(text.get()).unwrap_or_default();
                    }
                }
                Cow::Owned(found)
            }
        }
    }

    fn value(&self) -> Option<Cow<'_, Value>> {
        match self {
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Text(fields) => unlike(fields, &Fields::default(), &[]).map(Cow::Owned),
        }
    }
}

/// Reads the fields of an object in one go; of that within a watch event, where it may be one.
struct FieldsVisitor {
    is_event: bool,
}

impl<'de> DeserializeSeed<'de> for FieldsVisitor {
    type Value = Fields;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Fields, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Fields, A::Error> {
        let (mut fields, mut within) = (Fields::new(), BTreeMap::new());
        while let Some(key) = object.next_key::<Box<str>>()? {
            if self.is_event && WITHIN.contains(&&*key) {
                within.insert(key, object.next_value_seed(Self { is_event: false })?);
                continue;
            }
            let field = match TAKEN_APART.contains(&&*key) {
                true => Field::Fields(object.next_value()?),
                false => Field::Text(object.next_value()?),
            };
            fields.insert(key, field);
        }
        Ok(WITHIN.iter().find_map(|key| within.remove(*key)).unwrap_or(fields))
    }
}

/// The fields of an object that another has not, or not with the same text.
fn unlike(own: &Fields, other: &Fields, left_out: &[&str]) -> Option<Value> {
    let mut found = Map::new();
    for (key, field) in own {
        let value = match (field, other.get(key)) {
            (Field::Text(text), Some(Field::Text(other))) if text.get() == other.get() => continue,
            (Field::Text(text), _) => value_of(text.get()).ok()?,
            (Field::Fields(own), Some(Field::Fields(other))) => {
                let is_same = |name: &str, text: &RawValue| other.get(name).is_some_and(|it| it.get() == text.get());
                let is_left_out = |name: &str| &**key == "metadata" && left_out.contains(&name);
                object(own.iter().filter(|(name, text)| !is_left_out(name) && !is_same(name, text)))?
            }
            (Field::Fields(own), Some(Field::Text(_)) | None) => object(own.iter())?,
        };
        found.insert(key.to_string(), value);
    }
    Some(Value::Object(found))
}

fn object<'a>(fields: impl Iterator<Item = (&'a Box<str>, &'a Box<RawValue>)>) -> Option<Value> {
    fields
        .map(|(name, text)| Some((name.to_string(), value_of(text.get()).ok()?)))
        .collect::<Option<_>>()
        .map(Value::Object)
}

#[cfg(test)]
mod tests {
    use super::ComparedObject;
    use serde_json::{Value, json};

    fn of(text: &str) -> ComparedObject {
        ComparedObject::of_text(text).expect(text)
    }

    #[test]
    fn what_is_the_same_in_both_is_left_out() {
        let table = [
            (r#"{"kind":"Pod"}"#, r#"{"kind":"Pod"}"#, "{}", "{}"),
            (r#"{"kind":"Pod"}"#, r#"{"kind":null}"#, r#"{"kind":"Pod"}"#, r#"{"kind":null}"#),
            (
                r#"{"spec":{"a":1,"b":[2]}}"#,
                r#"{"spec":{"b":[3],"a":1}}"#,
                r#"{"spec":{"b":[2]}}"#,
                r#"{"spec":{"b":[3]}}"#,
            ),
            // The same key twice: the last counts.
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, "{}", "{}"),
            // A part that only one of them has is whole.
            (r#"{"spec":{"a":1}}"#, "{}", r#"{"spec":{"a":1}}"#, "{}"),
            (
                r#"{"metadata":{"x":1,"y":1}}"#,
                r#"{"metadata":{"x":2,"y":2}}"#,
                r#"{"metadata":{"y":1}}"#,
                r#"{"metadata":{"y":2}}"#,
            ),
            (r#"{"metadata":{"x":1}}"#, r#"{}"#, r#"{"metadata":{"x":1}}"#, "{}"),
            (r#"{"@type":1}"#, r#"{"@type":2}"#, "{}", "{}"),
            (r#"{"a":1e999}"#, r#"{"a":1}"#, r#"{"a":"1e999"}"#, r#"{"a":1}"#),
        ];
        for (before, after, left, right) in table {
            let [old, new] = [before, after].map(of);
            let differing = ComparedObject::differing(&old, &new, &["x"]).expect("JSON");
            assert_eq!(differing.map(|side| side.to_string()), [left, right], "{before} {after}");
        }
    }

    #[test]
    fn a_text_is_held_against_a_value() {
        let [text, value] = [of(r#"{"spec":{"a":1}}"#), ComparedObject::Value(json!({"spec": {"a": 1}}).into())];
        let [text, value] = ComparedObject::differing(&text, &value, &[]).expect("JSON");
        assert_eq!(text, value);
        let document = |text: &str| ComparedObject::of_document(text).expect(text);
        for event in [r#"{"type":"ADDED","object":{"spec":{"a":1}}}"#, r#"{"object":{},"raw_object":{"spec":{"a":1}}}"#]
        {
            assert_eq!(document(event).value().expect("JSON"), value);
        }
        assert_eq!(document(r#"{"spec":{"a":1}}"#).value().expect("JSON"), value);
        assert!(ComparedObject::of_document(r#"{"object":null}"#).is_none());
        assert!(
            ["{", "[]", "null", r#"{"spec":null}"#].into_iter().all(|text| ComparedObject::of_text(text).is_none())
        );
    }

    #[test]
    fn some_fields_are_read_alone() {
        let names = [("metadata", "labels"), ("spec", "tolerations")];
        let only = |text: &str| of(text).with_only(&names).into_owned();
        assert_eq!(
            only(r#"{"metadata":{"labels":{"a":"b"},"name":"n"}}"#),
            json!({"metadata": {"labels": {"a": "b"}}})
        );
        assert_eq!(only(r#"{"kind":"Pod"}"#), Value::Null);
    }
}
