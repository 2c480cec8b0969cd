//! The document of `reasons`.

use std::io::{self, Write};

use serde::Serialize;

use super::write::ListWriter;
use crate::kubelet::reasons::{Place, Reason};

#[derive(Serialize)]
pub(super) struct ReasonView {
    reason: &'static str,
    place: PlaceView,
    meaning: &'static str,
    next: &'static str,
    writer: &'static str,
    versions: &'static str,
    rules: &'static [&'static str],
}

#[derive(Serialize)]
struct PlaceView {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<&'static [&'static str]>,
}

impl ReasonView {
    pub(super) fn new(reason: &Reason) -> Self {
        let Reason { word, place, writer, versions, meaning, next, rules } = *reason;
        let types = if let Place::Condition(types) = place { Some(types) } else { None };
        let place = PlaceView { kind: place.as_str(), types };
        Self { reason: word, place, meaning, next, writer, versions, rules }
    }
}

/// Writes the glossary, or a part of it.
///
/// # Errors
/// When writing fails.
pub fn write_reasons<'a>(reasons: impl IntoIterator<Item = &'a Reason>, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "reasons")?;
    for reason in reasons {
        list.item(&ReasonView::new(reason))?;
    }
    list.end()
}
