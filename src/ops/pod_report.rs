//! What a pod went through, from its history.

use super::bodies::EVENTS_HELD;
use super::changes::changed_paths;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use crate::history::{GapKind, Recordings};
use crate::kubelet::Told;
use crate::model::{StoredRecord, records_at};
use crate::replay::{PodField, Subject, Transition};
use crate::report::{PodReport, Source, Sources};
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
fn sources(history: &StoredHistory<'_>, recordings: &Recordings) -> Sources {
    let source = |record: &StoredRecord| {
        let clock = record.stated.map_or(record.clock, |(_, clock)| clock);
        Source { seq: record.seq, recording: record.recording, line: record.line, clock }
    };
    let mut of_events = Vec::with_capacity(history.revisions.len());
    for revision in &history.revisions {
        let mut shown: Vec<&StoredRecord> =
            revision.observations().iter().flat_map(|seq| records_at(&history.records, *seq)).collect();
        shown.sort_by_key(|record| record.place());
        of_events.extend(shown.into_iter().map(|record| (revision.seq, source(record))));
    }
    Sources::new(of_events, &recordings.names)
}

/// Reads and replays one pod. Its events are let go as they pass.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn replayed(reading: &Reading<'_>, history: &StoredHistory<'_>) -> Result<PodReport, ReadError> {
    replayed_keeping(reading, history, |_| true)
}

/// The same for who tells of the events and not of the transitions: of these is kept by what its notes are found.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn replayed_events(reading: &Reading<'_>, history: &StoredHistory<'_>) -> Result<PodReport, ReadError> {
    replayed_keeping(reading, history, |it| it.subject == Subject::Field(PodField::NodeName))
}

fn replayed_keeping(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    keep: fn(&Transition) -> bool,
) -> Result<PodReport, ReadError> {
    let (recordings, kubernetes) = (reading.recordings()?, reading.told(history)?);
    let is_long = history.revisions.len() > EVENTS_HELD;
    let mut failed = Ok(());
    let events = history.each_event().map_while(|event| match event {
        Ok(event) => {
            match is_long {
                true => reading.bodies().pass(event.seq),
                false => reading.bodies().forget(event.seq),
            }
            Some(event)
        }
        Err(error) => {
            failed = Err(error);
            None
        }
    });
    let timeline = Timeline::replay_keeping(events, kubernetes.releases.likely(), keep);
    let report = pod_report(history, timeline, recordings, kubernetes);
    failed.map(|()| report)
}

/// The same, and for each event without a transition what else changed in the object: only these objects are read as a whole.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn replayed_with_changes(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
) -> Result<(PodReport, Vec<Vec<String>>), ReadError> {
    let report = replayed(reading, history)?;
    let mut changes = vec![Vec::new(); history.revisions.len()];
    for (index, pair) in (1..).zip(history.revisions.windows(2)) {
        let [before, after] = pair else { continue };
        if !report.timeline.transitions_of(index).is_empty() {
            continue;
        }
        if let (Some(old), Some(new)) = (history.whole_object(before)?, history.whole_object(after)?) {
            changes[index] = changed_paths(&old, &new);
        }
        [before, after].into_iter().for_each(|revision| reading.bodies().forget(revision.seq));
    }
    Ok((report, changes))
}
