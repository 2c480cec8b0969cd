//! Records of sloop: the object as text, the time at which it arrived, and what the watch said.

use serde_json::value::RawValue;

use super::{Reading, Time, unquoted};
use crate::input::pod_json::{Text, text};
use crate::model::time::SECOND_US;
use crate::model::{EventKind, ObservedAt};

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct WatchRecord<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    kind: Text<'a>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    /// 0 is left out.
    #[serde(default)]
    watch_type: Option<i64>,
}

#[derive(serde::Deserialize)]
struct Timestamp {
    #[serde(default)]
    seconds: i64,
    #[serde(default)]
    nanos: i64,
}

#[derive(serde::Deserialize)]
struct Missed<'a> {
    #[serde(borrow, default, rename = "Obj")]
    object: Option<&'a RawValue>,
}

/// Reads one record by its payload.
pub(super) fn read<'a>(text: &str, payload: &'a RawValue) -> Result<Reading<'a>, serde_json::Error> {
    let record: WatchRecord<'_> = serde_json::from_str(text)?;
    if let Some(kind) = record.kind.as_deref().filter(|kind| *kind != "Pod") {
        return Ok(Reading::Skip(format!("records of kind {kind}").into()));
    }
    let kind = match record.watch_type.unwrap_or(0) {
        0 => EventKind::Added,
        1 => EventKind::Modified,
        2 => EventKind::Deleted,
        other => {
            return Ok(Reading::Bad(format!("the watchType is {other}; expected 0 (add), 1 (update) or 2 (delete)")));
        }
    };
    let Some(text) = unquoted(payload) else {
        return Ok(Reading::Bad("the payload is no text; expected the object as JSON in a string".into()));
    };
    let micros = |time: Timestamp| time.seconds.checked_mul(SECOND_US)?.checked_add(time.nanos / 1_000);
    let time = record.timestamp.and_then(micros).filter(|micros| *micros > 0);
    let time = time.map_or(Time::Untold, |at| Time::Received(ObservedAt::from_micros(at)));
    // Where sloop missed the deletion it knows the object as it last was, with its key.
    let text = match serde_json::from_str::<Missed<'_>>(&text) {
        Ok(Missed { object: Some(object) }) => object.get().to_owned().into(),
        Ok(_) | Err(_) => text,
    };
    Ok(Reading::Pod { kind, text, time })
}
