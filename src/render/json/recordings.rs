//! The document of `recordings`.

use std::io::{self, Write};

use serde::Serialize;

use super::write::ListWriter;
use crate::compare::ListDifference;
use crate::model::{ObservedAt, PodIdentity, RecordingSummary, ResourceVersion, Seq, StampedAt};
use crate::report::{ClusterGap, ListCheck, RecordingReport, RecordingsReport};
use crate::timeline::Interruption;

#[derive(Serialize)]
struct RecordingView<'a> {
    id: i64,
    cluster: &'a str,
    name: &'a str,
    format: &'a str,
    records: i64,
    events: i64,
    pods: i64,
    bytes: i64,
    errors: i64,
    from: Option<StampedAt>,
    until: Option<StampedAt>,
    covered: CoveredView,
    interruptions: Vec<InterruptionView>,
}

#[derive(Serialize)]
struct CoveredView {
    from: Option<ObservedAt>,
    until: Option<ObservedAt>,
}

#[derive(Serialize)]
struct InterruptionView {
    seq: Seq,
    kind: &'static str,
    from: Option<ObservedAt>,
    until: Option<ObservedAt>,
}

#[derive(Serialize)]
struct ClusterGapView<'a> {
    cluster: &'a str,
    from: ObservedAt,
    until: ObservedAt,
    after: i64,
    before: i64,
    pods: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListView<'a> {
    recording: i64,
    name: &'a str,
    resource_version: &'a ResourceVersion,
    at: Option<ObservedAt>,
    told_until: Option<&'a ResourceVersion>,
    pods: usize,
    differences: Vec<ListDifferenceView<'a>>,
}

#[derive(Serialize)]
struct ListDifferenceView<'a> {
    namespace: &'a str,
    pod: &'a str,
    uid: &'a str,
    kind: &'static str,
    message: &'a str,
}

/// Writes the recordings of a log, the gaps between them, and what their lists say.
///
/// # Errors
/// When writing fails.
pub fn write_recordings(report: &RecordingsReport, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "recordings")?;
    report.recordings.iter().try_for_each(|recording| list.item(&RecordingView::new(recording)))?;
    list.next("gaps")?;
    for ClusterGap { cluster, from, until, after, before, pods } in &report.gaps {
        let (from, until, after, before, pods) = (*from, *until, *after, *before, *pods);
        list.item(&ClusterGapView { cluster, from, until, after, before, pods })?;
    }
    list.next("lists")?;
    report.lists.iter().try_for_each(|checked| list.item(&ListView::new(checked)))?;
    list.end()
}

impl<'a> RecordingView<'a> {
    fn new(RecordingReport { summary, covered: (from, until), interruptions }: &'a RecordingReport) -> Self {
        let RecordingSummary { id, cluster, name, format, records, bytes, events, pods, first_at, last_at, errors } =
            summary;
        let interruption = |it: &Interruption| InterruptionView {
            seq: it.seq,
            kind: if it.is_error { "watchError" } else { "relist" },
            from: it.from.at,
            until: it.until.at,
        };
        Self {
            id: *id,
            cluster,
            name,
            format,
            records: *records,
            events: *events,
            pods: *pods,
            bytes: *bytes,
            errors: *errors,
            from: *first_at,
            until: *last_at,
            covered: CoveredView { from: *from, until: *until },
            interruptions: interruptions.iter().map(interruption).collect(),
        }
    }
}

impl<'a> ListView<'a> {
    fn new(list: &'a ListCheck) -> Self {
        let difference = |ListDifference { identity, kind, message }: &'a ListDifference| {
            let PodIdentity { namespace, name, uid, .. } = identity;
            ListDifferenceView { namespace, pod: name, uid, kind: kind.as_str(), message }
        };
        Self {
            recording: list.recording,
            name: &list.name,
            resource_version: &list.resource_version,
            at: list.at,
            told_until: list.told_until.as_ref(),
            pods: list.pods,
            differences: list.differences.iter().map(difference).collect(),
        }
    }
}
