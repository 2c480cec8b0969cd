//! What was not recorded: gaps are shown, never bridged silently.

use std::collections::BTreeMap;

use super::{Entry, Timeline};
use crate::history::{Gap, GapKind, Hole, InterruptionKind, Presence, Recordings};
use crate::model::{EventKind, ObservedAt, ResourceVersion, Seq, StoredRecord, record_at};
use crate::replay::AnomalyKind;

/// The gaps of one pod, in the order of time: `records` are all its records, `presence` what they say of it.
#[must_use]
pub fn gaps(timeline: &Timeline, records: &[StoredRecord], presence: &Presence, recordings: &Recordings) -> Vec<Gap> {
    if timeline.anomalies.is_empty() && presence.holes.is_empty() {
        return Vec::new();
    }
    let places = Places::of(timeline);
    let time_of = |seq: Seq| places.by_seq.get(&seq).and_then(|place| timeline.entries[*place].window.at);
    let mut gaps: Vec<Gap> = Vec::new();
    for anomaly in &timeline.anomalies {
        let index = places.by_seq.get(&anomaly.seq).copied().unwrap_or(0);
        let earlier = index.checked_sub(1).map(|index| &timeline.entries[index]);
        let kind = match &anomaly.kind {
            AnomalyKind::StartsMidLife if is_first_seen_in_a_new_list(timeline, records, recordings) => GapKind::Relist,
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
    gaps.extend(presence.holes.iter().map(|hole| placed(hole, timeline, &places, records)));
    let place = |seq: Option<Seq>| seq.and_then(|seq| places.by_seq.get(&seq));
    // One that nothing follows stands last.
    gaps.sort_by_key(|gap| (gap.before.is_none(), place(gap.before), gap.from, place(gap.after)));
    gaps
}

/// Where the entries of a timeline stand: by record, and by the write that they show.
struct Places<'a> {
    by_seq: BTreeMap<Seq, usize>,
    by_write: BTreeMap<(&'a ResourceVersion, bool), usize>,
}

impl<'a> Places<'a> {
    fn of(timeline: &'a Timeline) -> Self {
        let (mut by_seq, mut by_write) = (BTreeMap::new(), BTreeMap::new());
        for (place, entry) in timeline.entries.iter().enumerate() {
            by_seq.entry(entry.seq).or_insert(place);
            if let Some(version) = &entry.resource_version {
                by_write.entry((version, entry.kind == EventKind::Deleted)).or_insert(place);
            }
        }
        Self { by_seq, by_write }
    }

    /// The first entry that shows what a record shows: its own, or that of a better record of the same write.
    fn showing(&self, record: &StoredRecord) -> Option<usize> {
        let own = self.by_seq.get(&record.seq).copied();
        let version = record.resource_version.as_ref();
        let of_write = version.and_then(|version| self.by_write.get(&(version, record.kind == EventKind::Deleted)));
        own.into_iter().chain(of_write.copied()).min()
    }
}

/// The pod's first write is told of only by or behind the list of a watch begun anew: the recording is older than that.
fn is_first_seen_in_a_new_list(timeline: &Timeline, records: &[StoredRecord], recordings: &Recordings) -> bool {
    let Some(first) = timeline.entries.first() else { return false };
    let of_first = |it: &&StoredRecord| {
        it.seq == first.seq || it.resource_version.is_some() && it.resource_version == first.resource_version
    };
    let mut shown = records.iter().filter(of_first).peekable();
    shown.peek().is_some()
        && shown.all(|record| {
            let first = recordings.interruptions_of(record.recording).first();
            first.is_some_and(|list| list.kind != InterruptionKind::List && list.seq <= record.seq)
        })
}

/// A hole between the events of a timeline. Its records may show writes that others show better.
fn placed(hole: &Hole, timeline: &Timeline, places: &Places<'_>, records: &[StoredRecord]) -> Gap {
    let entry = |seq: Option<Seq>| -> Option<&Entry> {
        let record = record_at(records, seq?)?;
        places.showing(record).map(|place| &timeline.entries[place])
    };
    let (after, before) = (entry(hole.after), entry(hole.before));
    Gap {
        after: after.map(|entry| entry.seq).or(hole.after),
        before: before.map(|entry| entry.seq).or(hole.before),
        from: hole.from.at.max(after.and_then(|entry| entry.window.at)),
        ..hole.gap()
    }
}
