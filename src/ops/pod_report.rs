//! What a pod went through, from its history.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::changes::changed_paths;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use crate::history::{GapKind, Recordings, Revision};
use crate::kubelet::Told;
use crate::model::{Seq, StoredRecord, records_at};
use crate::report::{PodReport, Source};
use crate::timeline::{Timeline, gaps};

/// The report of a pod that was replayed.
#[must_use]
pub fn pod_report(
    history: &StoredHistory<'_>,
    timeline: Timeline,
    recordings: &Recordings,
    kubernetes: Told,
) -> PodReport {
    let gaps = gaps(&timeline, &history.records, &history.presence, recordings);
    let vanished = gaps.iter().find(|gap| gap.kind == GapKind::Vanished).map(|gap| gap.from);
    let recorded_until = vanished.unwrap_or_else(|| history.presence.known_until());
    let sources = sources(history, recordings);
    let (identity, related) = (history.identity.clone(), Vec::new());
    PodReport { identity, timeline, gaps, recorded_until, sources, related, kubernetes }
}

/// Where each event is recorded.
fn sources(history: &StoredHistory<'_>, recordings: &Recordings) -> BTreeMap<Seq, Vec<Source>> {
    let source = |record: &StoredRecord| {
        let name = recordings.names.get(&record.recording).cloned().unwrap_or_default();
        let clock = record.stated.map_or(record.clock, |(_, clock)| clock);
        Source { seq: record.seq, recording: record.recording, name, line: record.line, clock }
    };
    let of = |revision: &Revision| {
        let mut shown: Vec<&StoredRecord> =
            revision.observations.iter().flat_map(|seq| records_at(&history.records, *seq)).collect();
        shown.sort_by_key(|record| record.place());
        (revision.seq, shown.into_iter().map(source).collect())
    };
    history.revisions.iter().map(of).collect()
}

/// Reads and replays one pod. Its events are let go as they pass.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn replayed(reading: &Reading<'_>, history: &StoredHistory<'_>) -> Result<PodReport, ReadError> {
    replayed_seeing(reading, history, |_| Ok(()))
}

/// The same; `see` looks at each revision before its event.
fn replayed_seeing(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    see: impl FnMut(&Revision) -> Result<(), ReadError>,
) -> Result<PodReport, ReadError> {
    let (recordings, kubernetes) = (reading.recordings()?, reading.told(history)?);
    let mut failed = Ok(());
    let seen = history.revisions.iter().map(see);
    let events = seen.zip(history.each_event()).map_while(|(seen, event)| match seen.and(event) {
        Ok(event) => {
            reading.bodies().forget(event.seq);
            Some(event)
        }
        Err(error) => {
            failed = Err(error);
            None
        }
    });
    let timeline = Timeline::replay(events, kubernetes.releases.likely());
    let report = pod_report(history, timeline, recordings, kubernetes);
    failed.map(|()| report)
}

/// The same, and for each event without a transition what else changed in the object.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn replayed_with_changes(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
) -> Result<(PodReport, Vec<Vec<String>>), ReadError> {
    let mut changes = Vec::with_capacity(history.revisions.len());
    if let Some(newest) = history.revisions.last() {
        // The release is told by the newest pod, and the object would be read behind it.
        history.whole_object(newest)?;
    }
    let mut before: Option<Arc<Value>> = None;
    let report = replayed_seeing(reading, history, |revision| {
        let object = history.whole_object(revision)?;
        changes.push(match (&before, &object) {
            (Some(before), Some(after)) => changed_paths(before, after),
            (None, _) | (_, None) => Vec::new(),
        });
        before = object;
        Ok(())
    })?;
    for (index, changes) in changes.iter_mut().enumerate() {
        if !report.timeline.transitions_of(index).is_empty() {
            changes.clear();
        }
    }
    Ok((report, changes))
}
