//! What was not recorded: gaps are shown, never bridged silently.

use std::collections::BTreeMap;

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
    /// One recording of the pod had ended, the next had not begun.
    BetweenRecordings,
    /// Something was written that the log does not tell.
    Untold {
        /// What was asked for, and why it is not told.
        what: Box<str>,
    },
    /// The object before is not recorded: only what requests wrote is known of it.
    Partial,
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
            Self::BetweenRecordings => "betweenRecordings",
            Self::Untold { .. } => "untold",
            Self::Partial => "partial",
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

/// What one recording covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// The recording.
    pub recording: i64,
    /// From when on.
    pub from: Option<ObservedAt>,
    /// Until when.
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

/// What is known of the recordings of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recordings {
    /// Where they were interrupted.
    pub interruptions: Vec<Interruption>,
    /// What each covers.
    pub coverages: Vec<Coverage>,
    /// What each is called.
    pub names: BTreeMap<i64, String>,
}

/// The gaps of one pod, in the order of time: `sightings` are all its records in the order of the log.
#[must_use]
pub fn gaps(timeline: &Timeline, sightings: &[SightingPlace], recordings: &Recordings) -> Vec<Gap> {
    let interruptions = &recordings.interruptions;
    let time_of = |seq: Seq| timeline.entries.iter().find(|entry| entry.seq == seq).and_then(|entry| entry.window.at);
    let mut gaps: Vec<Gap> = Vec::new();
    for anomaly in &timeline.anomalies {
        let index = timeline.entries.iter().position(|entry| entry.seq == anomaly.seq).unwrap_or(0);
        let earlier = index.checked_sub(1).map(|index| &timeline.entries[index]);
        let kind = match &anomaly.kind {
            AnomalyKind::StartsMidLife if is_first_seen_in_a_new_list(sightings, interruptions) => GapKind::Relist,
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
        gaps.push(Gap { kind, after, before, from, until: time_of(anomaly.seq) });
    }
    for interruption in interruptions {
        gaps.extend(interrupted(timeline, sightings, *interruption, interruptions));
    }
    gaps.extend(between_recordings(timeline, &covered(sightings, &recordings.coverages)));
    gaps.sort_by_key(|gap| (gap.from, gap.after, gap.before));
    gaps
}

/// The pod's first record comes with or behind the list of a watch begun anew: the recording is older than that.
fn is_first_seen_in_a_new_list(sightings: &[SightingPlace], interruptions: &[Interruption]) -> bool {
    sightings.first().is_some_and(|first| {
        interruptions.iter().any(|list| list.recording == first.recording && list.seq <= first.seq)
    })
}

/// The stretches of time that the recordings of a pod cover, joined where they overlap.
fn covered(sightings: &[SightingPlace], coverages: &[Coverage]) -> Vec<(ObservedAt, ObservedAt)> {
    let mut stretches: Vec<(ObservedAt, ObservedAt)> = coverages
        .iter()
        .filter(|coverage| sightings.iter().any(|sighting| sighting.recording == coverage.recording))
        .filter_map(|coverage| Some((coverage.from?, coverage.until?)))
        .collect();
    stretches.sort_unstable();
    let mut joined: Vec<(ObservedAt, ObservedAt)> = Vec::new();
    for (from, until) in stretches {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            Some(_) | None => joined.push((from, until)),
        }
    }
    joined
}

/// Until when the recordings of a pod go on.
#[must_use]
pub fn covered_until(sightings: &[SightingPlace], coverages: &[Coverage]) -> Option<ObservedAt> {
    covered(sightings, coverages).last().map(|(_, until)| *until)
}

fn between_recordings(timeline: &Timeline, covered: &[(ObservedAt, ObservedAt)]) -> Vec<Gap> {
    let hole = |pair: &[(ObservedAt, ObservedAt)]| {
        let (from, until) = (pair[0].1, pair[1].0);
        let before = timeline.entries.iter().find(|entry| entry.window.at > Some(from))?;
        let after = timeline.entries.iter().rfind(|entry| entry.window.at <= Some(from))?;
        (after.kind != EventKind::Deleted).then_some(Gap {
            kind: GapKind::BetweenRecordings,
            after: Some(after.seq),
            before: Some(before.seq),
            from: Some(from),
            until: Some(until),
        })
    };
    covered.windows(2).filter_map(hole).collect()
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
