//! The document of `pods`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use super::write::ListWriter;
use crate::model::{ObservedAt, Phase, PodIdentity, ResourceVersion, Window};
use crate::render::words::uncertain_text;
use crate::report::PodMoment;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PodView<'a> {
    #[serde(flatten)]
    identity: &'a PodIdentity,
    ready: String,
    status: &'a str,
    restarts: i64,
    phase: Option<&'a Phase>,
    node: Option<&'a str>,
    resource_version: Option<&'a ResourceVersion>,
    seq: i64,
    #[serde(flatten)]
    window: &'a Window,
    uncertain: Option<String>,
}

/// Writes pods as they were at a moment.
///
/// # Errors
/// When writing fails.
pub fn write_pods(moments: &[PodMoment], at: Option<ObservedAt>, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[("at", json!(at))], "pods")?;
    for moment in moments {
        let PodMoment { identity, seq, window, columns, .. } = moment;
        list.item(&PodView {
            identity,
            ready: columns.ready_text(),
            status: &columns.status,
            restarts: columns.restarts.count,
            phase: moment.phase.as_ref(),
            node: moment.node.as_deref(),
            resource_version: moment.resource_version.as_ref(),
            seq: *seq,
            window,
            uncertain: moment.uncertain.as_ref().map(uncertain_text),
        })?;
    }
    list.end()
}
