//! The document of `pods`.

use std::io::{self, Write};

use serde_json::json;

use super::parts::{identity, object, window};
use super::write::ListWriter;
use crate::model::ObservedAt;
use crate::render::words::uncertain_text;
use crate::report::PodMoment;

object!(PodMoment, it => {
    ..identity(it.identity),
    "ready": it.columns.ready_text(),
    "status": it.columns.status,
    "restarts": it.columns.restarts.count,
    "restartedAt": it.columns.restarts.last_at,
    "phase": it.phase,
    "node": it.node,
    "resourceVersion": it.resource_version,
    "seq": it.seq,
    ..window(it.window),
    "uncertain": it.uncertain.as_deref().map(uncertain_text),
    "kubernetes": it.kubernetes,
});

/// Writes pods as they were at a moment.
///
/// # Errors
/// When writing fails.
pub fn write_pods(moments: &[Box<PodMoment>], at: Option<ObservedAt>, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[("at", json!(at))], "pods")?;
    moments.iter().try_for_each(|moment| list.item(&**moment))?;
    list.end()
}
