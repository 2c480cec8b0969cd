//! Reaching into an object: its parts, its times.

use serde_json::{Map, Value};

use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, StampedAt};

/// The object in a field, made if there is none; `None` if the whole is not an object.
pub(super) fn part<'object>(object: &'object mut Value, name: &str) -> Option<&'object mut Map<String, Value>> {
    let part = object.as_object_mut()?.entry(name).or_insert(Value::Null);
    if !part.is_object() {
        *part = Value::Object(Map::new());
    }
    part.as_object_mut()
}

/// The whole second of a time some seconds later, as Kubernetes writes it.
pub(super) fn second_after(at: ObservedAt, seconds: i64) -> StampedAt {
    let whole = at.micros().div_euclid(SECOND_US).saturating_mul(SECOND_US);
    StampedAt::from_micros(whole).plus_micros(seconds.saturating_mul(SECOND_US))
}

/// Text in a field of a part.
pub(super) fn text<'object>(object: &'object Value, part: &str, name: &str) -> Option<&'object str> {
    object.get(part)?.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The next generation, if the object counts them.
pub(super) fn next_generation(object: &mut Value) {
    let generation = part(object, "metadata").and_then(|metadata| metadata.get_mut("generation"));
    if let Some(generation) = generation
        && let Some(next) = generation.as_i64().filter(|number| *number > 0).and_then(|number| number.checked_add(1))
    {
        *generation = next.into();
    }
}
