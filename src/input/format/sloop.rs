//! Records of sloop: the object as text, the time at which it arrived, and what the watch said.

use serde_json::value::RawValue;

use super::reading::{Around, Reading, Time, unquoted};
use super::related;
use super::table::Format;
use crate::input::json_text::Text;
use crate::model::time::SECOND_US;
use crate::model::{EventKind, ObservedAt};

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct WatchRecord<'a> {
    kind: Text<'a>,
    timestamp: Option<Timestamp>,
    /// 0 is left out.
    watch_type: Option<i64>,
}

#[derive(serde::Deserialize)]
struct Timestamp {
    #[serde(default)]
    seconds: i64,
    #[serde(default)]
    nanos: i64,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Missed<'a> {
    #[serde(rename = "Obj")]
    object: Option<&'a RawValue>,
}

/// Reads one record by its payload.
pub(super) fn read(
    text: &str,
    payload: &RawValue,
    around: Around<'_>,
    then: &mut dyn FnMut(Format, Reading<'_>),
) -> Result<(), serde_json::Error> {
    let record: WatchRecord<'_> = serde_json::from_str(text)?;
    let list_kind = record.kind.as_deref().map(|kind| format!("{kind}List"));
    match record.kind.as_deref() {
        None | Some("Pod") => then(Format::Sloop, read_pod(record, payload)),
        // The payload does not tell its kind.
        Some("Event" | "Node") => match unquoted(payload) {
            Some(object) => {
                let around = Around { list_kind: list_kind.as_deref(), ..around };
                let mut within = |_: Format, reading: Reading<'_>| then(Format::Sloop, reading);
                if let Err(error) = related::read(&object, None, around, &mut within) {
                    within(Format::Sloop, Reading::Bad(format!("the payload does not read as an object: {error}")));
                }
            }
            None => then(Format::Sloop, Reading::Bad(NO_TEXT.to_owned())),
        },
        Some(kind) => then(Format::Sloop, Reading::Skip(format!("records of kind {kind}").into())),
    }
    Ok(())
}

const NO_TEXT: &str = "the payload is not text; expected the object as JSON in a string";

fn read_pod<'a>(record: WatchRecord<'_>, payload: &'a RawValue) -> Reading<'a> {
    let kind = match record.watch_type.unwrap_or(0) {
        0 => EventKind::Added,
        1 => EventKind::Modified,
        2 => EventKind::Deleted,
        other => {
            return Reading::Bad(format!("the watchType is {other}; expected 0 (add), 1 (update) or 2 (delete)"));
        }
    };
    let Some(text) = unquoted(payload) else {
        return Reading::Bad(NO_TEXT.to_owned());
    };
    let micros = |time: Timestamp| time.seconds.checked_mul(SECOND_US)?.checked_add(time.nanos / 1_000);
    let time = record.timestamp.and_then(micros).filter(|micros| *micros > 0);
    let time = time.map_or(Time::Untold, |at| Time::Received(ObservedAt::from_micros(at)));
    // Where sloop missed the deletion it knows the object as it last was, with its key.
    let text = match serde_json::from_str::<Missed<'_>>(&text) {
        Ok(Missed { object: Some(object) }) => object.get().to_owned().into(),
        Ok(Missed { object: None }) => text,
        Err(error) => return Reading::Bad(format!("the payload does not read as a pod: {error}; expected all of it")),
    };
    Reading::Pod { kind, text, time, by: None }
}
