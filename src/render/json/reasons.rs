//! The document of `reasons`.

use std::io::{self, Write};

use super::parts::object;
use super::write::ListWriter;
use crate::kubelet::reasons::{Place, Reason};

object!(Reason, it => {
    "reason": it.word,
    "place": it.place,
    "meaning": it.meaning,
    "next": it.next,
    "writer": it.writer,
    "versions": it.versions,
    "rules": it.rules,
});

object!(Place, it => {
    "kind": it.as_str(),
    "types"?: if let Place::Condition(types) = it { Some(types) } else { None },
});

/// Writes the glossary, or a part of it.
///
/// # Errors
/// When writing fails.
pub fn write_reasons<'a>(reasons: impl IntoIterator<Item = &'a Reason>, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "reasons")?;
    reasons.into_iter().try_for_each(|reason| list.item(reason))?;
    list.end()
}
