//! What was not recorded: gaps are shown, never bridged silently.

use super::Timeline;
use crate::history::{Gap, GapKind, Hole, Interruption, Presence, Recordings};
use crate::model::{EventKind, ObservedAt, Seq, StoredRecord};
use crate::replay::AnomalyKind;

/// The gaps of one pod, in the order of time: `records` are all its records, `presence` what they say of it.
#[must_use]
pub fn gaps(timeline: &Timeline, records: &[StoredRecord], presence: &Presence, recordings: &Recordings) -> Vec<Gap> {
    let time_of = |seq: Seq| timeline.entries.iter().find(|entry| entry.seq == seq).and_then(|entry| entry.window.at);
    let mut gaps: Vec<Gap> = Vec::new();
    for anomaly in &timeline.anomalies {
        let index = timeline.entries.iter().position(|entry| entry.seq == anomaly.seq).unwrap_or(0);
        let earlier = index.checked_sub(1).map(|index| &timeline.entries[index]);
        let kind = match &anomaly.kind {
            AnomalyKind::StartsMidLife if is_first_seen_in_a_new_list(timeline, records, &recordings.interruptions) => {
                GapKind::Relist
            }
            AnomalyKind::StartsMidLife => GapKind::StartsMidLife,
            AnomalyKind::RestartsUnseen { container, runs } => {
                GapKind::RestartsUnseen { container: container.clone(), runs: *runs }
            }
            AnomalyKind::Untold(what) => GapKind::Untold { what: what.clone() },
            AnomalyKind::Partial => GapKind::Partial,
            AnomalyKind::EventAfterDeleted => continue,
        };
        let created_at = timeline.pod().and_then(|pod| pod.metadata.created_at);
        let from = match anomaly.kind {
            AnomalyKind::StartsMidLife => created_at.map(|at| ObservedAt::from_micros(at.micros())),
            AnomalyKind::RestartsUnseen { .. } | AnomalyKind::EventAfterDeleted | AnomalyKind::Partial => {
                earlier.and_then(|entry| entry.window.at)
            }
            AnomalyKind::Untold(_) => time_of(anomaly.seq),
        };
        let (after, before) = (earlier.map(|entry| entry.seq), Some(anomaly.seq));
        gaps.push(Gap { kind, list: None, after, before, from, until: time_of(anomaly.seq) });
    }
    gaps.extend(presence.holes.iter().map(|hole| placed(hole, timeline, records)));
    let place = |seq: Option<Seq>| timeline.entries.iter().position(|entry| Some(entry.seq) == seq);
    // One that nothing follows stands last.
    gaps.sort_by_key(|gap| (gap.before.is_none(), place(gap.before), gap.from, place(gap.after)));
    gaps
}

/// The pod's first write is told of only by or behind the list of a watch begun anew: the recording is older than that.
fn is_first_seen_in_a_new_list(timeline: &Timeline, records: &[StoredRecord], interruptions: &[Interruption]) -> bool {
    let Some(first) = timeline.entries.first() else { return false };
    let of_first = |it: &&StoredRecord| {
        it.seq == first.seq || it.resource_version.is_some() && it.resource_version == first.resource_version
    };
    let mut shown = records.iter().filter(of_first).peekable();
    shown.peek().is_some()
        && shown
            .all(|record| interruptions.iter().any(|list| list.recording == record.recording && list.seq <= record.seq))
}

/// A hole between the events of a timeline. Its records may show writes that others show better.
fn placed(hole: &Hole, timeline: &Timeline, records: &[StoredRecord]) -> Gap {
    let entry = |seq: Option<Seq>| {
        let record = records.iter().find(|it| Some(it.seq) == seq)?;
        let is_deletion = record.kind == EventKind::Deleted;
        let shows = |it: &&super::Entry| {
            let is_same_write =
                it.resource_version == record.resource_version && (it.kind == EventKind::Deleted) == is_deletion;
            it.seq == record.seq || record.resource_version.is_some() && is_same_write
        };
        timeline.entries.iter().find(shows)
    };
    let (after, before) = (entry(hole.after), entry(hole.before));
    Gap {
        after: after.map(|entry| entry.seq).or(hole.after),
        before: before.map(|entry| entry.seq).or(hole.before),
        from: hole.from.at.max(after.and_then(|entry| entry.window.at)),
        ..hole.gap()
    }
}
