//! The document of `recordings`.

use std::io::{self, Write};

use super::parts::object;
use super::write::ListWriter;
use crate::compare::ListDifference;
use crate::history::Interruption;
use crate::model::ObservedAt;
use crate::report::{
    AuditReport, AuditedWrites, ClusterGap, DumpReport, ListCheck, RecordingReport, RecordingsReport, RefusedSum,
};

/// From when on and until when.
struct Covered(Option<ObservedAt>, Option<ObservedAt>);

object!(RecordingReport, RecordingReport { summary: it, covered, interruptions, audit } => {
    "id": it.id,
    "cluster": it.cluster,
    "name": it.name,
    "format": it.format,
    "records": it.records,
    "events": it.events,
    "pods": it.pods,
    "bytes": it.bytes,
    "errors": it.errors,
    "from": it.first_at,
    "until": it.last_at,
    "covered": Covered(covered.0, covered.1),
    "interruptions": interruptions,
    "audit"?: audit,
});

object!(DumpReport, it => {
    "name": it.name,
    "cluster": it.cluster,
    "recordings": it.recordings,
    "events": it.events,
    "pods": it.pods,
    "covered": Covered(it.covered.0, it.covered.1),
});

object!(AuditReport, it => {
    "writes": it.writes,
    "collected": it.collected,
    "collectionsWithoutItems": it.collections_without_items,
    "events": it.events,
    "refused": it.refused,
});

object!(RefusedSum, it => {
    "what": it.what,
    "code": it.code,
    "count": it.count,
});

object!(AuditedWrites, it => {
    "withAnswer": it.with_answer,
    "withRequest": it.with_request,
    "withoutBody": it.without_body,
});

object!(Covered, Covered(from, until) => {
    "from": from,
    "until": until,
});

object!(Interruption, it => {
    "seq": it.seq,
    "kind": it.kind.as_str(),
    "from": it.from.at,
    "until": it.until.at,
});

object!(ClusterGap, it => {
    "cluster": it.cluster,
    "from": it.from,
    "until": it.until,
    "after": it.after,
    "before": it.before,
    "pods": it.pods,
});

object!(ListCheck, it => {
    "recording": it.recording,
    "name": it.name,
    "resourceVersion": it.resource_version,
    "at": it.at,
    "toldUntil": it.told_until,
    "pods": it.pods,
    "differences": it.differences,
});

object!(ListDifference, it => {
    "namespace": it.identity.namespace,
    "pod": it.identity.name,
    "uid": it.identity.uid,
    "kind": it.kind.as_str(),
    "message": it.message,
});

/// Writes the recordings of a log, the gaps between them, and what their lists say.
///
/// # Errors
/// When writing fails.
pub fn write_recordings(report: &RecordingsReport, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "recordings")?;
    report.recordings.iter().try_for_each(|recording| list.item(recording))?;
    list.next("dumps")?;
    report.dumps.iter().try_for_each(|dump| list.item(dump))?;
    list.next("gaps")?;
    report.gaps.iter().try_for_each(|gap| list.item(gap))?;
    list.next("lists")?;
    report.lists.iter().try_for_each(|checked| list.item(checked))?;
    list.end()
}
