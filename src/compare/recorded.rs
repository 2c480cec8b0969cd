//! What a recording tells, as far as a comparison needs it: the pods, and which writes it would have shown.

use std::ops::Bound;

use crate::model::{ObservedAt, Ownership, PodIdentity, ResourceVersion, StampedAt};
use crate::replay::{Lifecycle, Subject, Value};
use crate::rules::Finding;
use crate::select::Pattern;
use crate::timeline::{Gap, GapKind, Timeline};

use super::expectation::PodSelector;

/// A recording, replayed.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Its pods, by namespace and name, the incarnations of one name in the order of their creation.
    pub pods: Vec<RecordedPod>,
    /// Which writes it shows if they were made.
    pub watched: Watched,
    /// What it lacks.
    pub incomplete: Incomplete,
}

/// What a recording would tell if it were whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incomplete {
    /// Records that could not be read: they may have told of anything.
    pub unreadable: u64,
    /// Why its end is known to be missing, if it is.
    pub end: Option<String>,
}

impl Incomplete {
    /// Adds what is known of another recording that is read with this one.
    pub fn add(&mut self, other: Self) {
        self.unreadable += other.unreadable;
        self.end = self.end.take().or(other.end);
    }

    /// Why something that is not recorded may have happened at any time.
    #[must_use]
    pub fn anywhere(&self) -> Option<String> {
        match self.unreadable {
            0 => None,
            1 => Some("1 record of the recording could not be read".to_owned()),
            many => Some(format!("{many} records of the recording could not be read")),
        }
    }

    /// Why something that is not recorded may have happened in the end.
    #[must_use]
    pub fn at_the_end(&self) -> Option<String> {
        self.anywhere().or_else(|| self.end.clone())
    }
}

/// One pod of a recording.
#[derive(Debug)]
pub struct RecordedPod {
    /// Which pod.
    pub identity: PodIdentity,
    /// The how-manieth of its name, from 1.
    pub incarnation: usize,
    /// Its labels and owner, as the newest object has them.
    pub ownership: Ownership,
    /// What happened to it.
    pub timeline: Timeline,
    /// What was not recorded.
    pub gaps: Vec<Gap>,
    /// Until when it was watched.
    pub recorded_until: Option<ObservedAt>,
    /// What the rules say.
    pub findings: Vec<Finding>,
}

impl RecordedPod {
    /// When the API server created it.
    #[must_use]
    pub fn created_at(&self) -> Option<StampedAt> {
        self.timeline.pod().and_then(|pod| pod.metadata.created_at)
    }

    /// Its life had ended by the end of the recording.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.timeline.state.is_deleted || self.gaps.iter().any(|gap| gap.kind == GapKind::Vanished)
    }

    /// Its newest event is a bare object, which does not say whether the pod was deleted with it.
    #[must_use]
    pub fn is_told_bare(&self) -> bool {
        self.timeline.entries.last().is_some_and(|entry| entry.kind.is_bare())
    }

    /// Its deletion is recorded, by an event or by a new list without it.
    #[must_use]
    pub fn deleted_at(&self) -> Option<ObservedAt> {
        let deleted = Some(Value::Lifecycle(Lifecycle::Deleted));
        let transition = self.timeline.transitions.iter().rev().find(|it| it.subject == Subject::Lifecycle)?;
        if transition.to == deleted { transition.window.at } else { None }
    }
}

impl PodSelector {
    /// Whether nothing is asked for: every pod fits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pod.is_none()
            && self.namespace.is_none()
            && self.owner.is_none()
            && self.labels.is_none()
            && self.incarnation.is_none()
    }

    /// Whether a pod is meant.
    #[must_use]
    pub fn fits(&self, pod: &RecordedPod) -> bool {
        let named = |pattern: &Pattern| pattern.matches(&pod.identity) || pattern.matches_uid(&pod.identity);
        self.pod.as_ref().is_none_or(named)
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == pod.identity.namespace)
            && self.owner.as_ref().is_none_or(|owner| owner.matches(&pod.ownership))
            && self.labels.as_ref().is_none_or(|(_, labels)| labels.matches(&pod.ownership.labels))
            && self.incarnation.is_none_or(|incarnation| incarnation == pod.incarnation)
    }
}

/// The versions of a cluster that a recording tells of: if a write within them is missing, it was not made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// From which version to which each recording goes, the ends included.
    pub ranges: Vec<(ResourceVersion, ResourceVersion)>,
    /// Where a watch was interrupted: the versions between these are not known, the ends are.
    pub holes: Vec<(Bound<ResourceVersion>, Bound<ResourceVersion>)>,
}

impl Watched {
    /// Whether the write that made a version would be recorded.
    #[must_use]
    pub fn tells_of(&self, version: &ResourceVersion) -> bool {
        let is_in_range = self.ranges.iter().any(|(from, until)| (from..=until).contains(&version));
        let is_in_hole = |(from, until): &(Bound<ResourceVersion>, Bound<ResourceVersion>)| {
            let is_after = match from {
                Bound::Excluded(from) => version > from,
                Bound::Included(from) => version >= from,
                Bound::Unbounded => true,
            };
            let is_before = match until {
                Bound::Excluded(until) => version < until,
                Bound::Included(until) => version <= until,
                Bound::Unbounded => true,
            };
            is_after && is_before
        };
        is_in_range && !self.holes.iter().any(is_in_hole)
    }

    /// Where lists may be: versions from one on (from the first, without) up to another are told of only as far as they
    /// were the newest when the list was made.
    #[must_use]
    pub fn lists(&self) -> Vec<(Option<&ResourceVersion>, &ResourceVersion)> {
        let first = self.ranges.iter().map(|(from, _)| from).min().map(|first| (None, first));
        let behind_holes = self.holes.iter().filter_map(|hole| match hole {
            (Bound::Excluded(from), Bound::Included(until)) => Some((Some(from), until)),
            _ => None,
        });
        first.into_iter().chain(behind_holes).collect()
    }

    /// The first and the last version that are told of.
    #[must_use]
    pub fn bounds(&self) -> Option<(&ResourceVersion, &ResourceVersion)> {
        let first = self.ranges.iter().map(|(from, _)| from).min()?;
        let last = self.ranges.iter().map(|(_, until)| until).max()?;
        Some((first, last))
    }
}
