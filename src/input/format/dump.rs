//! Watch events as a program printed them: `watch.Event` of client-go has no JSON tags, so its keys are capitals; the
//! Python client adds the object as it came.

use serde_json::value::RawValue;

use super::{Around, Reading, Shape, beside};
use crate::input::pod_json::{Text, text};

#[derive(serde::Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, deserialize_with = "text", rename = "Type")]
    kind: Text<'a>,
    #[serde(borrow, rename = "Object")]
    object: &'a RawValue,
}

/// Reads one event of client-go.
pub(super) fn read(
    text: &str,
    around: Around<'_>,
    then: &mut dyn FnMut(Shape, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let event: Event<'_> = serde_json::from_str(text)?;
    let mut within = |_: Shape, reading: Reading<'_>| then(Shape::Dump, reading);
    beside::read(event.object.get(), event.kind.as_deref(), around, &mut within)
}
