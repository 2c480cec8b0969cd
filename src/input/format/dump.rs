//! Watch events as a program printed them: `watch.Event` of client-go has no JSON tags, so its keys are capitals; the
//! Python client adds the object as it came.

use serde_json::value::RawValue;

use super::reading::{Around, Reading};
use super::related;
use super::table::Format;
use crate::input::json_text::Text;

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Event<'a> {
    #[serde(rename = "Type")]
    kind: Text<'a>,
    #[serde(rename = "Object")]
    object: Option<&'a RawValue>,
}

/// Reads one event of client-go.
pub(super) fn read(
    text: &str,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let event: Event<'_> = serde_json::from_str(text)?;
    let mut within = |_: Format, reading: Reading<'_>| then(Format::Dump, reading);
    let Some(object) = event.object else {
        within(Format::Dump, Reading::Bad("the event has no Object; expected the pod that it is about".to_owned()));
        return Ok(());
    };
    related::read(object.get(), Some(event.kind.as_deref().unwrap_or_default()), around, &mut within)
}
