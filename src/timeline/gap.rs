//! What was not recorded: gaps are shown, never bridged silently.

use super::Timeline;
use crate::model::{EventKind, ObservedAt, Seq};
use crate::replay::AnomalyKind;

/// A stretch of a pod's life of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Why it is there.
    pub kind: GapKind,
    /// The last event before it; `None` if it reaches back to the beginning.
    pub after: Option<Seq>,
    /// The first event behind it; `None` if none followed.
    pub before: Option<Seq>,
    /// When it began.
    pub from: Option<ObservedAt>,
    /// When it ended; `None` if it is open.
    pub until: Option<ObservedAt>,
}

/// Why something was not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapKind {
    /// The recording begins in the middle of the pod's life.
    StartsMidLife,
    /// The watch ended with an ERROR, usually 410 Expired.
    WatchError,
    /// The watch was begun anew, without an ERROR.
    Relist,
    /// The watch was begun anew and told of other pods, but not of this one: it was deleted in between.
    Vanished,
    /// A container was started more than once between two events.
    RestartsUnseen {
        /// Which container.
        container: Box<str>,
        /// How many runs left no trace.
        runs: i64,
    },
}

impl GapKind {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::StartsMidLife => "startsMidLife",
            Self::WatchError => "watchError",
            Self::Relist => "relist",
            Self::Vanished => "vanished",
            Self::RestartsUnseen { .. } => "restartsUnseen",
        }
    }
}

/// A place where a recording was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// The ERROR record, or the first record of the new list.
    pub seq: Seq,
    /// True for an ERROR record, false for a list.
    pub is_error: bool,
    /// The recording.
    pub recording: i64,
    /// Until when the recording was known to go on.
    pub from: Option<ObservedAt>,
    /// From when on it went on again.
    pub until: Option<ObservedAt>,
}

/// A record of the pod, repeated ones included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightingPlace {
    /// Where it stands.
    pub seq: Seq,
    /// What it said.
    pub kind: EventKind,
    /// The recording.
    pub recording: i64,
}

/// The gaps of one pod, in the order of time: `sightings` are all its records in the order of the log, `interruptions`
/// those of the whole log.
#[must_use]
pub fn gaps(timeline: &Timeline, sightings: &[SightingPlace], interruptions: &[Interruption]) -> Vec<Gap> {
    let time_of = |seq: Seq| timeline.entries.iter().find(|entry| entry.seq == seq).and_then(|entry| entry.window.at);
    let mut gaps: Vec<Gap> = Vec::new();
    for anomaly in &timeline.anomalies {
        let index = timeline.entries.iter().position(|entry| entry.seq == anomaly.seq).unwrap_or(0);
        let earlier = index.checked_sub(1).map(|index| &timeline.entries[index]);
        let kind = match &anomaly.kind {
            AnomalyKind::StartsMidLife => GapKind::StartsMidLife,
            AnomalyKind::RestartsUnseen { container, runs } => {
                GapKind::RestartsUnseen { container: container.clone(), runs: *runs }
            }
            AnomalyKind::EventAfterDeleted => continue,
        };
        let created_at = timeline.pod().and_then(|pod| pod.metadata.created_at);
        let from = match &kind {
            GapKind::StartsMidLife => created_at.map(|at| ObservedAt::from_micros(at.micros())),
            GapKind::WatchError | GapKind::Relist | GapKind::Vanished | GapKind::RestartsUnseen { .. } => {
                earlier.and_then(|entry| entry.window.at)
            }
        };
        let (after, before) = (earlier.map(|entry| entry.seq), Some(anomaly.seq));
        gaps.push(Gap { kind, after, before, from, until: time_of(anomaly.seq) });
    }
    for interruption in interruptions {
        gaps.extend(interrupted(timeline, sightings, *interruption, interruptions));
    }
    gaps.sort_by_key(|gap| (gap.from, gap.after, gap.before));
    gaps
}

/// What one interruption means for the pod: nothing if its recording did not know it alive before, or if the first thing
/// told afterwards is the version known before, which proves that nothing was written in between.
fn interrupted(
    timeline: &Timeline,
    sightings: &[SightingPlace],
    interruption: Interruption,
    all: &[Interruption],
) -> Option<Gap> {
    let own = || sightings.iter().filter(|sighting| sighting.recording == interruption.recording);
    let last_before = own().rfind(|sighting| sighting.seq < interruption.seq)?;
    let first_after = own().find(|sighting| sighting.seq >= interruption.seq);
    let others = || all.iter().filter(|other| other.recording == interruption.recording);
    let told_by_error = !interruption.is_error
        && others().any(|other| other.is_error && last_before.seq < other.seq && other.seq < interruption.seq);
    if last_before.kind == EventKind::Deleted || told_by_error {
        return None;
    }
    let list = others().find(|other| !other.is_error && other.seq >= interruption.seq);
    let kind = match first_after {
        None if list.is_some() => GapKind::Vanished,
        None | Some(_) if interruption.is_error => GapKind::WatchError,
        None | Some(_) => GapKind::Relist,
    };
    let known = timeline.entries.iter().rfind(|entry| entry.seq <= last_before.seq);
    let next = match first_after {
        Some(sighting) => Some(timeline.entries.iter().find(|entry| entry.seq == sighting.seq)?),
        None => None,
    };
    Some(Gap {
        kind,
        after: known.map(|entry| entry.seq),
        before: next.map(|entry| entry.seq),
        from: interruption.from.max(known.and_then(|entry| entry.window.at)),
        until: list.map_or(interruption.until, |list| list.until),
    })
}

/// When a pod was no longer told of by a list that told of others: it was gone by then. `None` if it never was.
#[must_use]
pub fn vanished_at(sightings: &[SightingPlace], interruptions: &[Interruption]) -> Option<ObservedAt> {
    let last = sightings.last().filter(|last| last.kind != EventKind::Deleted)?;
    let list =
        interruptions.iter().find(|list| !list.is_error && list.recording == last.recording && list.seq > last.seq)?;
    list.until.or(list.from)
}
