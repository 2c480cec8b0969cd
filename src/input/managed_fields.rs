//! Who wrote and when, as `metadata.managedFields` tells it.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json_text::Text;
use crate::model::{Manager, StampedAt, StatusWriter, Writer};

/// Who wrote and when, of a list of managed fields; the rest of it, nearly half of a pod's bytes, is passed over.
#[derive(Default)]
pub(super) struct Writers {
    pub(super) newest: Option<StampedAt>,
    pub(super) of_status: Vec<StatusWriter>,
    pub(super) of_object: Vec<Writer>,
}

impl<'de> Deserialize<'de> for Writers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct WritersVisitor;
        impl<'de> Visitor<'de> for WritersVisitor {
            type Value = Writers;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of managed fields")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut writers = Writers::default();
                while let Some(entry) = entries.next_element::<RawManagedFields<'de>>()? {
                    let at = entry.time.as_deref().and_then(StampedAt::parse);
                    writers.newest = at.max(writers.newest);
                    if entry.subresource.as_deref() == Some("status") {
                        let manager = Manager::from(entry.manager.as_deref().unwrap_or_default());
                        writers.of_status.push(StatusWriter { manager, at, took_pod: entry.took_pod.0 });
                    } else {
                        let manager = entry.manager.as_deref().unwrap_or_default().into();
                        let applies = entry.operation.as_deref() == Some("Apply");
                        writers.of_object.push(Writer { manager, applies, at });
                    }
                }
                Ok(writers)
            }
        }
        from.deserialize_seq(WritersVisitor)
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RawManagedFields<'a> {
    manager: Text<'a>,
    operation: Text<'a>,
    subresource: Text<'a>,
    time: Text<'a>,
    #[serde(rename = "fieldsV1")]
    took_pod: TookPod,
}

/// Whether `status.startTime` is among the fields of an entry.
#[derive(Default)]
struct TookPod(bool);

impl<'de> Deserialize<'de> for TookPod {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Owns(&["f:status", "f:startTime"]).deserialize(from).map(Self)
    }
}

/// Whether a value has these keys within each other. What is no object, as in a dump that was cleaned by hand, has none.
struct Owns<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for Owns<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        match self.0 {
            [] => IgnoredAny::deserialize(from).map(|_| true),
            _ => from.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Owns<'_> {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the fields of an entry of managedFields")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let mut owns = false;
        while let Some(key) = entries.next_key::<Text<'de>>()? {
            if self.0.first().is_some_and(|wanted| key.as_deref() == Some(*wanted)) {
                owns |= entries.next_value_seed(Owns(&self.0[1..]))?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(owns)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }
    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_none<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }
}
