//! What the recordings of a log cover: from where to where, where they were interrupted, where they listed all pods. Made
//! from versions and times, never from the order of ingest.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::behind::Behind;
use super::point::Point;
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Seq};

/// A place where a recording was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// The ERROR record, or the first record of the new list.
    pub seq: Seq,
    /// What interrupted it.
    pub kind: InterruptionKind,
    /// The recording.
    pub recording: i64,
    /// Until where the recording was known to go on.
    pub from: Point,
    /// From where on it went on again.
    pub until: Point,
}

/// What interrupts a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterruptionKind {
    /// An ERROR, usually 410 Expired.
    Error,
    /// A new list in a watch.
    Relist,
    /// A list behind another: no watch stands between them.
    List,
}

impl InterruptionKind {
    /// The word of the documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "watchError",
            Self::Relist => "relist",
            Self::List => "list",
        }
    }
}

/// What one recording covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// From where on.
    pub from: Point,
    /// Until where.
    pub until: Point,
}

/// A moment at which a recording listed every pod that there was: a list, or the ADDED events that a watch begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// The first of its records.
    pub first: Seq,
    /// Not before this.
    pub from: Point,
    /// Not behind this: the version of the list, or of the first event behind it.
    pub by: Point,
    /// The namespaces of its pods.
    pub namespaces: BTreeSet<String>,
    /// A list of objects, which may be of one namespace only; the ADDED events of a watch begun anew are of the same pods.
    pub is_list: bool,
}

impl Listing {
    /// Whether it would have listed a pod of this namespace, if it selects all pods.
    #[must_use]
    pub fn would_list(&self, namespace: &str) -> bool {
        self.namespaces.len() > 1 || self.namespaces.contains(namespace)
    }
}

/// What is known of the recordings of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recordings {
    /// Where they were interrupted: by recording, in the order of the log.
    pub interruptions: Vec<Interruption>,
    /// What each covers, by their ranks.
    pub coverages: Vec<Coverage>,
    /// Where they listed all pods, by the ranks of the recordings; those that a single recording begins with left out.
    pub listings: Vec<Listing>,
    /// From when to when each covers its cluster by itself, or the dump of which it is a file.
    pub covered: BTreeMap<i64, (Option<ObservedAt>, Option<ObservedAt>)>,
    /// What each is called.
    pub names: BTreeMap<i64, String>,
    /// Of files of a dump, where it lies and the how many-th of that name it is.
    pub dumps: BTreeMap<i64, (String, usize)>,
    /// Those that begin with a list.
    pub lists: BTreeSet<i64>,
    /// The clusters whose audit logs hold no write of a pod's status.
    pub without_statuses: BTreeSet<i64>,
    /// Where in `coverages` each recording stands.
    pub(super) places: BTreeMap<i64, usize>,
    /// Which of them lie behind a point, by their clusters, once that was asked for.
    pub(super) behind: OnceCell<BTreeMap<i64, Behind>>,
}

/// A kubelet writes the status of its node at least every five minutes: between the audit logs of a cluster that are not
/// further apart than two of those no request was lost for certain.
const QUIET_US: i64 = 600 * SECOND_US;

/// Makes one log of the audit logs of a cluster, one for each API server or one for each day: all cover what any of them covers.
pub fn join_audit_logs(logs: &mut [Coverage]) {
    logs.sort_by_key(|log| (log.cluster, log.from.order()));
    let is_next = |left: &Coverage, right: &Coverage| {
        let apart = left.until.at.zip(right.from.at).map(|(until, from)| from.micros_since(until));
        left.cluster == right.cluster && apart.is_none_or(|apart| apart <= QUIET_US)
    };
    // The one that reaches furthest stands for those before it.
    let mut from = 0;
    while from < logs.len() {
        let mut end = from + 1;
        let mut furthest = logs[from].clone();
        while end < logs.len() && is_next(&furthest, &logs[end]) {
            if furthest.until.is_before(&logs[end].until) {
                furthest = logs[end].clone();
            }
            end += 1;
        }
        let (begin, until) = (logs[from].from.clone(), furthest.until);
        for log in &mut logs[from..end] {
            (log.from, log.until) = (begin.clone(), until.clone());
        }
        from = end;
    }
}

impl Recordings {
    /// What each recording covers, in the order that decides between equals.
    #[must_use]
    pub fn covering(coverages: Vec<Coverage>) -> Self {
        let places = coverages.iter().enumerate().map(|(place, coverage)| (coverage.recording, place)).collect();
        Self { coverages, places, ..Self::default() }
    }

    fn behind(&self, cluster: i64) -> Option<&Behind> {
        let of_clusters = self.behind.get_or_init(|| {
            let clusters: BTreeSet<i64> = self.coverages.iter().map(|it| it.cluster).collect();
            let of_cluster = |cluster| {
                let all = self.coverages.iter().enumerate();
                let own = all.filter(move |(_, it)| it.cluster == cluster);
                Behind::of(own.map(|(place, it)| (place, &it.from, &it.until)))
            };
            clusters.into_iter().map(|cluster| (cluster, of_cluster(cluster))).collect()
        });
        of_clusters.get(&cluster)
    }

    /// The first recording of a cluster that begins behind a point.
    #[must_use]
    pub fn first_behind(&self, cluster: i64, point: &Point) -> Option<&Coverage> {
        self.behind(cluster)?.first(point).map(|place| &self.coverages[place])
    }

    /// Whether a recording of a cluster goes on behind a point.
    #[must_use]
    pub fn go_on_behind(&self, cluster: i64, point: &Point) -> bool {
        self.behind(cluster).is_some_and(|behind| behind.is_any(point))
    }

    /// Where one recording was interrupted, in the order of the log.
    #[must_use]
    pub fn interruptions_of(&self, recording: i64) -> &[Interruption] {
        let begin = self.interruptions.partition_point(|it| it.recording < recording);
        let end = self.interruptions.partition_point(|it| it.recording <= recording);
        &self.interruptions[begin..end]
    }

    /// Where a recording stands among those that cover anything; behind them if it is none.
    #[must_use]
    pub fn rank_of(&self, recording: i64) -> usize {
        self.places.get(&recording).copied().unwrap_or(usize::MAX)
    }

    /// What one recording covers.
    #[must_use]
    pub fn coverage_of(&self, recording: i64) -> Option<&Coverage> {
        self.places.get(&recording).map(|place| &self.coverages[*place])
    }
}
