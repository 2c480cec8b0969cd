//! Between which times and time bounds batches lie.

use std::collections::BTreeMap;

use crate::history::{Part, PartedSkyline};

/// Between which times and bounds batches lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ends {
    /// The first and the last time that their records state, in microseconds.
    pub(super) stated: Option<(i64, i64)>,
    /// Those that have bounds, each with its cluster.
    pub(super) parts: Vec<(i64, Part)>,
}

impl Ends {
    /// Takes in those of other batches.
    pub(super) fn add(&mut self, other: Self) {
        self.stated = earliest_and_latest([self.stated, other.stated]);
        self.parts.extend(other.parts);
    }
}

/// The ends of all batches, as they are asked for.
#[derive(Default)]
pub(super) struct KnownEnds {
    /// The first and the last time that records state, in microseconds.
    pub(super) stated: Option<(i64, i64)>,
    /// What the versions of each cluster prove of time.
    pub(super) of_clusters: BTreeMap<i64, PartedSkyline>,
}

impl From<Ends> for KnownEnds {
    fn from(Ends { stated, parts }: Ends) -> Self {
        let mut of_clusters: BTreeMap<i64, Vec<Part>> = BTreeMap::new();
        parts.into_iter().for_each(|(cluster, part)| of_clusters.entry(cluster).or_default().push(part));
        let parted = |(cluster, parts)| (cluster, PartedSkyline::new(parts));
        Self { stated, of_clusters: of_clusters.into_iter().map(parted).collect() }
    }
}

/// Between which times all these lie.
pub(super) fn earliest_and_latest(times: impl IntoIterator<Item = Option<(i64, i64)>>) -> Option<(i64, i64)> {
    times.into_iter().flatten().reduce(|(first, last), (from, until)| (first.min(from), last.max(until)))
}
