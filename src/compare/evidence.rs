//! What a recording can tell of a write that is expected: that it was not made, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::model::{EventKind, ObservedAt, ResourceVersion, Seq};
use crate::replay::{Lifecycle, Subject};
use crate::timeline::{Entry, Gap, GapKind};

use super::difference::Row;
use super::expectation::{GoldenPod, Line, Text};
use super::recorded::{Recorded, RecordedPod};

/// The lists in a recording: each shows the newest version of every pod that was there.
pub(super) struct Lists<'a> {
    lists: Vec<List<'a>>,
    /// The newest version that any golden pod knows.
    known_until: Option<&'a ResourceVersion>,
    /// The first pod, by namespace and name, that is shown in the middle of its life: lists are in that order, so that
    /// what comes before it may have been cut off.
    first: Option<(&'a str, &'a str)>,
}

/// Versions that are told of only by the list behind them.
struct List<'a> {
    /// From behind this one on; from the first, without.
    from: Option<&'a ResourceVersion>,
    /// The newest that the list shows. The list itself may be younger.
    newest: &'a ResourceVersion,
    /// The first write behind it that is recorded: it is older than that.
    before: Option<&'a ResourceVersion>,
}

impl<'a> Lists<'a> {
    /// A list is known by a pod that it shows in the middle of its life, at a version below the list's own. A run of
    /// pods that are just created is none.
    pub(super) fn of(expected: &'a [GoldenPod], recorded: &'a Recorded) -> Self {
        let shown = |pod: &'a RecordedPod| {
            let is_begun = |kind: &GapKind| matches!(kind, GapKind::StartsMidLife | GapKind::Relist);
            let behind = pod.gaps.iter().filter(move |gap| is_begun(&gap.kind)).filter_map(|gap| gap.before);
            let entries = behind.filter_map(|seq| pod.timeline.entries.iter().find(move |entry| entry.seq == seq));
            let listed = entries.filter(|entry| entry.kind == EventKind::Added || entry.kind.is_bare());
            listed.filter_map(|entry| entry.resource_version.as_ref())
        };
        let listed: Vec<&ResourceVersion> = recorded.pods.iter().flat_map(shown).collect();
        let entries = recorded.pods.iter().flat_map(|pod| &pod.timeline.entries);
        let versions: BTreeSet<&ResourceVersion> =
            entries.filter_map(|entry| entry.resource_version.as_ref()).collect();
        let is_shown = |from: Option<&ResourceVersion>, newest: &ResourceVersion| {
            listed.iter().any(|version| from.is_none_or(|from| *version > from) && *version < newest)
        };
        let lists = recorded.watched.lists().into_iter().filter(|(from, newest)| is_shown(*from, newest));
        let behind = |newest: &'a ResourceVersion| {
            versions.range::<&ResourceVersion, _>((Bound::Excluded(newest), Bound::Unbounded)).next().copied()
        };
        let lists = lists.map(|(from, newest)| List { from, newest, before: behind(newest) }).collect();
        let known = expected.iter().flat_map(|golden| &golden.lines).filter_map(|line| line.version.as_ref());
        let is_listed = |pod: &&'a RecordedPod| shown(pod).next().is_some();
        let names = recorded.pods.iter().filter(is_listed);
        let first = names.map(|pod| (pod.identity.namespace.as_str(), pod.identity.name.as_str())).min();
        Self { lists, known_until: known.max(), first }
    }

    fn behind(&self, version: &ResourceVersion) -> Option<&List<'a>> {
        let is_behind = |list: &&List<'_>| list.from.is_none_or(|from| version > from) && version <= list.newest;
        self.lists.iter().find(is_behind)
    }
}

/// What a recording can tell of one pod.
pub(super) struct Evidence<'a> {
    pub(super) recorded: &'a Recorded,
    pub(super) lists: &'a Lists<'a>,
    pub(super) pod: Option<&'a RecordedPod>,
    pub(super) golden: &'a GoldenPod,
}

impl Evidence<'_> {
    pub(super) fn why_unseen(&self, row: &Row, shown: &BTreeMap<&ResourceVersion, &Entry>) -> Option<String> {
        match (&row.expected, &row.recorded) {
            (Some(expected), None) => self.of_missing(expected, shown),
            // What a bare object shows beside the version before is nothing, also when the pod was deleted with it.
            (None, Some(recorded)) if recorded.subject.is_none() && self.is_bare_deletion(recorded, shown) => {
                Some(BARE.to_owned())
            }
            (_, Some(recorded)) => {
                let why = recorded.seq.and_then(|seq| self.of_event(seq, shown))?;
                (!self.contradicts(recorded)).then_some(why)
            }
            (None, None) => None,
        }
    }

    fn is_bare_deletion(&self, recorded: &Line, shown: &BTreeMap<&ResourceVersion, &Entry>) -> bool {
        let entry = recorded.version.as_ref().and_then(|version| shown.get(version));
        let is_bare = entry.is_some_and(|entry| entry.kind.is_bare());
        is_bare && self.golden.lines.iter().any(|line| line.version == recorded.version && is_deletion(line))
    }

    /// Whether a recorded line has another value than what is expected to stand at its version, gap or not.
    fn contradicts(&self, recorded: &Line) -> bool {
        let (Some(version), Some(subject), false) = (&recorded.version, &recorded.subject, recorded.inferred) else {
            return false;
        };
        let own = || self.golden.lines.iter().rev().filter(|line| line.subject.as_ref() == Some(subject));
        let is_at = |line: &&Line| line.version.as_ref() == Some(version);
        let is_before = |line: &&Line| line.version.as_ref().is_some_and(|expected| expected < version);
        let fits = |expected: &Option<Text>, recorded: &Option<Text>| {
            let recorded = recorded.as_ref().and_then(Text::as_exact);
            expected.as_ref().map_or(recorded.is_none(), |expected| expected.fits(recorded))
        };
        // A phase is told with the reason that the status has when it is first seen.
        let has_own_reason = *subject != Subject::Phase;
        let agrees =
            |line: &Line| fits(&line.to, &recorded.to) && (!has_own_reason || fits(&line.reason, &recorded.reason));
        let knows_version = self.golden.lines.iter().any(|line| line.version.as_ref() == Some(version));
        let standing = own().find(is_before);
        // One event may take a pod through several stages of its life, and a later one shows the last of them.
        *subject != Subject::Lifecycle
            && knows_version
            && !own().filter(is_at).any(agrees)
            && (own().any(|line| is_at(&line)) || standing.is_some_and(|line| !agrees(line)))
    }

    /// Why an event that is not recorded may have happened all the same.
    pub(super) fn of_missing(&self, line: &Line, shown: &BTreeMap<&ResourceVersion, &Entry>) -> Option<String> {
        let Recorded { watched, incomplete, pods, .. } = self.recorded;
        if let Some(why) = incomplete.anywhere() {
            return Some(why);
        }
        if let Some(entry) = line.version.as_ref().and_then(|version| shown.get(version)) {
            if entry.kind.is_bare() && is_deletion(line) {
                return Some(BARE.to_owned());
            }
            // The event is there, and shows no such transition: perhaps because what was before is not known.
            return self.of_event(entry.seq, shown);
        }
        if self.pod.is_none() && pods.iter().all(|pod| pod.identity.namespace != self.golden.namespace) {
            return Some(format!("the recording has nothing about namespace {}", self.golden.namespace));
        }
        match (&line.version, watched.bounds()) {
            (Some(version), _) if self.is_listed(version) => None,
            (Some(version), Some((first, last))) if version < first || version > last => {
                Some(format!("the recording covers only resourceVersions {first} to {last}"))
            }
            (Some(version), _) => (!watched.tells_of(version)).then(|| "it lies in a gap of the recording".to_owned()),
            (None, _) => self.of_time(line),
        }
    }

    /// Whether a list must have shown this version: it was the pod's newest, and the pod was still there.
    fn is_listed(&self, version: &ResourceVersion) -> bool {
        let Some(List { from, newest: list, before }) = self.lists.behind(version) else { return false };
        let name = (self.golden.namespace.as_str(), self.golden.name.as_str());
        if from.is_none() && self.lists.first.is_none_or(|first| name < first) {
            return false;
        }
        let lines = || self.golden.lines.iter().filter(|line| line.version.is_some());
        let newest = lines().rfind(|line| line.version.as_ref() <= Some(list));
        // The list may show a newer one, that the golden pod does not know.
        let mut recorded = self.pod.into_iter().flat_map(|pod| &pod.timeline.entries);
        let is_behind = |shown: &ResourceVersion| version < shown && shown <= *list;
        let is_newest = newest.is_some_and(|line| line.version.as_ref() == Some(version))
            && !recorded.any(|entry| entry.resource_version.as_ref().is_some_and(is_behind));
        let deleted = lines().find(|line| is_deletion(line)).and_then(|line| line.version.as_ref());
        // A list behind which nothing is recorded may be cut off itself.
        let was_there = before.is_some_and(|before| match deleted {
            Some(deleted) => before < deleted,
            None => !self.golden.vanished && self.lists.known_until >= Some(list),
        });
        is_newest && was_there
    }

    fn of_time(&self, line: &Line) -> Option<String> {
        let created_at = self.golden.created.stamp().or_else(|| self.pod.and_then(RecordedPod::created_at));
        let incomplete_end = self.recorded.incomplete.at_the_end();
        let Some(at) = line.at.resolve(created_at).map(ObservedAt::from_micros) else { return incomplete_end };
        let Some(pod) = self.pod else { return incomplete_end };
        if let Some(until) = pod.recorded_until.filter(|until| at > *until && !pod.is_gone()) {
            return Some(format!("the recording ends at {until}"));
        }
        let is_in = |gap: &&Gap| {
            gap.from.is_none_or(|from| from <= at)
                && gap.until.is_none_or(|until| at <= until)
                && gap.kind.hides_events()
        };
        pod.gaps.iter().find(is_in).map(|gap| format!("there is a gap in the recording ({})", gap.kind.as_str()))
    }

    /// Why an event may show what happened before it: nobody watched.
    fn of_event(&self, seq: Seq, shown: &BTreeMap<&ResourceVersion, &Entry>) -> Option<String> {
        let gaps = &self.pod?.gaps;
        let gap = gaps.iter().find(|gap| gap.before == Some(seq) && gap.kind.hides_events())?;
        // The gap hides nothing if every write that is expected up to here is recorded, or would be.
        let here = shown.iter().find(|(_, entry)| entry.seq == seq).map(|(version, _)| *version);
        let is_told = |version: &ResourceVersion| {
            shown.contains_key(version) || self.recorded.watched.tells_of(version) || self.is_listed(version)
        };
        let mut expected = self.golden.lines.iter().filter_map(|line| line.version.as_ref()).peekable();
        let has_versions = expected.peek().is_some() && self.recorded.incomplete.unreadable == 0;
        if has_versions && expected.all(|version| Some(version) > here || is_told(version)) {
            return None;
        }
        Some(format!("there is a gap in the recording before it ({})", gap.kind.as_str()))
    }
}

/// Bare objects, as `kubectl get -o json` prints them, do not say that one was deleted.
pub(super) const BARE: &str = "the format of the recording has no deletions";

fn is_deletion(line: &Line) -> bool {
    let to = line.to.as_ref().and_then(Text::as_exact);
    line.subject == Some(Subject::Lifecycle) && to == Some(Lifecycle::Deleted.as_str())
}
