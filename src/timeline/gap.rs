//! What was not recorded: gaps are shown, never bridged silently.

use super::Timeline;
use super::presence::{Hole, Interruption, Presence, Recordings, SightingPlace};
use crate::model::{ObservedAt, Seq};
use crate::replay::AnomalyKind;

/// A stretch of a pod's life of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Why it is there.
    pub kind: GapKind,
    /// Of a pod that vanished between two recordings: the one whose list does not tell of it.
    pub list: Option<i64>,
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
    /// A list told of other pods, but not of this one: it was deleted in between, or that list does not select it.
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
    /// Whether whole events may be missing; of unseen restarts the events tell themselves.
    #[must_use]
    pub fn hides_events(&self) -> bool {
        match self {
            Self::StartsMidLife
            | Self::WatchError
            | Self::Relist
            | Self::Vanished
            | Self::BetweenRecordings
            | Self::Untold { .. }
            | Self::Partial => true,
            Self::RestartsUnseen { .. } => false,
        }
    }

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

/// The gaps of one pod, in the order of time: `sightings` are all its records, `presence` what they say of it.
#[must_use]
pub fn gaps(
    timeline: &Timeline,
    sightings: &[SightingPlace],
    presence: &Presence,
    recordings: &Recordings,
) -> Vec<Gap> {
    let time_of = |seq: Seq| timeline.entries.iter().find(|entry| entry.seq == seq).and_then(|entry| entry.window.at);
    let mut gaps: Vec<Gap> = Vec::new();
    for anomaly in &timeline.anomalies {
        let index = timeline.entries.iter().position(|entry| entry.seq == anomaly.seq).unwrap_or(0);
        let earlier = index.checked_sub(1).map(|index| &timeline.entries[index]);
        let kind = match &anomaly.kind {
            AnomalyKind::StartsMidLife
                if is_first_seen_in_a_new_list(timeline, sightings, &recordings.interruptions) =>
            {
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
    gaps.extend(presence.holes.iter().map(|hole| placed(hole, timeline, sightings)));
    let place = |seq: Option<Seq>| timeline.entries.iter().position(|entry| Some(entry.seq) == seq);
    // One that nothing follows stands last.
    gaps.sort_by_key(|gap| (gap.before.is_none(), place(gap.before), gap.from, place(gap.after)));
    gaps
}

/// The pod's first write is told of only by or behind the list of a watch begun anew: the recording is older than that.
fn is_first_seen_in_a_new_list(
    timeline: &Timeline,
    sightings: &[SightingPlace],
    interruptions: &[Interruption],
) -> bool {
    let Some(first) = timeline.entries.first() else { return false };
    let of_first =
        |it: &&SightingPlace| it.seq == first.seq || it.version.is_some() && it.version == first.resource_version;
    let mut shown = sightings.iter().filter(of_first).peekable();
    shown.peek().is_some()
        && shown.all(|sighting| {
            interruptions.iter().any(|list| list.recording == sighting.recording && list.seq <= sighting.seq)
        })
}

/// A hole between the events of a timeline. Its records may show writes that others show better.
fn placed(hole: &Hole, timeline: &Timeline, sightings: &[SightingPlace]) -> Gap {
    let entry = |seq: Option<Seq>| {
        let sighting = sightings.iter().find(|it| Some(it.seq) == seq)?;
        let is_deletion = sighting.kind == crate::model::EventKind::Deleted;
        let shows = |it: &&super::Entry| {
            let is_same_write =
                it.resource_version == sighting.version && (it.kind == crate::model::EventKind::Deleted) == is_deletion;
            it.seq == sighting.seq || sighting.version.is_some() && is_same_write
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
