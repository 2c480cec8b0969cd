//! Stories against recorded pods: which belongs to which, in what they differ, and what the recording cannot decide.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::model::time::duration_text;
use crate::model::{EventKind, ObservedAt, PodIdentity, ResourceVersion, Seq, StampedAt};
use crate::replay::{Lifecycle, Subject};
use crate::timeline::{Entry, Gap, GapKind};

use super::align::{Manner, align};
use super::difference::{Field, FieldDifference, PodComparison, PodName, Row};
use super::expectation::{Created, Line, PodStory, Text, Tolerance};
use super::recorded::{Recorded, RecordedPod};
use super::stays::end_of;
use super::story::story;

/// Every expected pod with the recorded one that it is, and every other recorded pod by itself.
#[must_use]
pub fn compare_stories(expected: &[PodStory], recorded: &Recorded, tolerance: Tolerance) -> Vec<PodComparison> {
    let lists = Lists::of(expected, recorded);
    let mut waiting = Waiting::of(recorded);
    let mut all: Vec<PodComparison> = expected
        .iter()
        .map(|story| {
            let pod = waiting.take(story).map(|index| &recorded.pods[index]);
            compare_story(story, pod, &Evidence { recorded, lists: &lists, pod, story }, tolerance)
        })
        .collect();
    let rest = waiting.rest().into_iter().map(|index| &recorded.pods[index]);
    all.extend(rest.map(|pod| lone(None, Some(pod), Manner::Strict)));
    all
}

/// The recorded pods that no story has taken yet.
struct Waiting<'a> {
    by_uid: BTreeMap<&'a str, Vec<usize>>,
    by_name: BTreeMap<(&'a str, &'a str), Vec<usize>>,
    incarnations: Vec<usize>,
    is_taken: Vec<bool>,
}

impl<'a> Waiting<'a> {
    fn of(recorded: &'a Recorded) -> Self {
        let mut waiting = Self {
            by_uid: BTreeMap::new(),
            by_name: BTreeMap::new(),
            incarnations: recorded.pods.iter().map(|pod| pod.incarnation).collect(),
            is_taken: vec![false; recorded.pods.len()],
        };
        for (index, pod) in recorded.pods.iter().enumerate() {
            let PodIdentity { uid, namespace, name, .. } = &pod.identity;
            waiting.by_uid.entry(uid).or_default().push(index);
            waiting.by_name.entry((namespace, name)).or_default().push(index);
        }
        waiting
    }

    fn take(&mut self, story: &PodStory) -> Option<usize> {
        let same = match &story.uid {
            Some(uid) => self.by_uid.get(uid.as_str()),
            None => self.by_name.get(&(story.namespace.as_str(), story.name.as_str())),
        };
        let is_incarnation = |index: usize| {
            story.uid.is_some() || story.incarnation.is_none_or(|incarnation| incarnation == self.incarnations[index])
        };
        let found = same?.iter().copied().find(|&index| !self.is_taken[index] && is_incarnation(index))?;
        self.is_taken[found] = true;
        Some(found)
    }

    fn rest(&self) -> Vec<usize> {
        (0..self.is_taken.len()).filter(|&index| !self.is_taken[index]).collect()
    }
}

/// Two pods of two runs, or of one: what happened, and how long each step took.
#[must_use]
pub fn compare_runs(left: &RecordedPod, right: &RecordedPod, tolerance: Tolerance) -> PodComparison {
    let (left_story, right_story) = (story(left), story(right));
    let mut comparison = lone(Some(&left_story), Some(right), Manner::Runs);
    comparison.rows = align(&left_story, &right_story, Manner::Runs, tolerance);
    for row in comparison.rows.iter_mut().filter(|row| !row.is_same()) {
        row.unseen = match (&row.expected, &row.recorded) {
            (Some(line), None) => unwatched(line, left, right),
            (None, Some(line)) => unwatched(line, right, left),
            (Some(_), Some(_)) | (None, None) => None,
        };
        let behind = [(left, &row.expected), (right, &row.recorded)];
        let behind = behind.into_iter().find_map(|(pod, line)| behind_gap(pod, line.as_ref()?.seq?));
        row.unseen = row.unseen.take().or(behind);
    }
    comparison
}

/// Why another run may have shown a line without its being recorded: nobody watched so long after its creation.
fn unwatched(line: &Line, own: &RecordedPod, other: &RecordedPod) -> Option<String> {
    let (own_created, created) = (own.created_at()?, other.created_at()?);
    let after = line.at.resolve(Some(own_created))?.saturating_sub(own_created.micros());
    let since = |at: ObservedAt| at.micros().saturating_sub(created.micros());
    let end = since(end_of(other)?);
    if after > end && !other.is_gone() {
        return Some(format!("the other recording ends {} after the creation", duration_text(end)));
    }
    let is_inside = |gap: &&Gap| {
        hides_events(&gap.kind)
            && gap.from.is_none_or(|from| since(from) <= after)
            && gap.until.is_none_or(|until| after <= since(until))
    };
    other
        .gaps
        .iter()
        .find(is_inside)
        .map(|gap| format!("there is a gap in the other recording ({})", gap.kind.as_str()))
}

fn behind_gap(pod: &RecordedPod, seq: Seq) -> Option<String> {
    let gap = pod.gaps.iter().find(|gap| gap.before == Some(seq) && hides_events(&gap.kind))?;
    Some(format!("there is a gap in a recording before it ({})", gap.kind.as_str()))
}

/// A pod without its counterpart.
#[must_use]
pub fn lone(expected: Option<&PodStory>, recorded: Option<&RecordedPod>, manner: Manner) -> PodComparison {
    let expected_name = expected.map(|story| PodName {
        namespace: story.namespace.clone(),
        name: story.name.clone(),
        uid: story.uid.clone(),
        incarnation: story.incarnation.filter(|incarnation| *incarnation > 1),
    });
    PodComparison {
        place: expected.map(|story| story.place).unwrap_or_default(),
        expected: expected_name,
        recorded: recorded.map(|pod| pod.identity.clone()),
        created_at: [expected.and_then(|story| story.created.stamp()), recorded.and_then(RecordedPod::created_at)],
        manner,
        differences: Vec::new(),
        versions: versions(expected, recorded),
        unseen: None,
        rows: Vec::new(),
    }
}

/// The first and the last version of a pod.
fn versions(expected: Option<&PodStory>, recorded: Option<&RecordedPod>) -> Option<[ResourceVersion; 2]> {
    let all: Vec<&ResourceVersion> = match (expected, recorded) {
        (Some(story), None) => story.lines.iter().filter_map(|line| line.version.as_ref()).collect(),
        (None, Some(pod)) => pod.timeline.entries.iter().filter_map(|it| it.resource_version.as_ref()).collect(),
        (Some(_), Some(_)) | (None, None) => Vec::new(),
    };
    let (first, last) = (all.iter().min()?, all.iter().max()?);
    Some([(*first).clone(), (*last).clone()])
}

fn compare_story(
    expected: &PodStory,
    pod: Option<&RecordedPod>,
    evidence: &Evidence<'_>,
    tolerance: Tolerance,
) -> PodComparison {
    let mut comparison = lone(Some(expected), pod, Manner::Strict);
    let Some(pod) = pod else {
        let missing = expected.lines.iter().map(|line| evidence.of_missing(line, &BTreeMap::new()));
        comparison.unseen = missing.collect::<Option<Vec<String>>>().and_then(|whys| whys.into_iter().next());
        return comparison;
    };
    let actual = story(pod);
    comparison.differences.extend(created_difference(expected.created, actual.created, tolerance));
    comparison.rows = align(expected, &actual, Manner::Strict, tolerance);
    let shown = entries_by_version(pod);
    for row in comparison.rows.iter_mut().filter(|row| !row.is_same()) {
        row.unseen = evidence.why_unseen(row, &shown);
    }
    comparison
}

/// The events of a pod; of those with one version the first.
fn entries_by_version(pod: &RecordedPod) -> BTreeMap<&ResourceVersion, &Entry> {
    let entries = pod.timeline.entries.iter().rev();
    entries.filter_map(|entry| Some((entry.resource_version.as_ref()?, entry))).collect()
}

fn created_difference(expected: Created, recorded: Created, tolerance: Tolerance) -> Option<FieldDifference> {
    let micros = |created: Created| created.stamp().map(StampedAt::micros);
    let is_same = match (micros(expected), micros(recorded)) {
        (Some(left), Some(right)) => left.abs_diff(right) <= tolerance.0.unsigned_abs(),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => expected == Created::Any,
    };
    let difference = || FieldDifference::of_times(Field::Created, micros(expected), micros(recorded));
    (!is_same).then(difference)
}

/// The lists in a recording: each shows the newest version of every pod that was there.
struct Lists<'a> {
    lists: Vec<List<'a>>,
    /// The newest version that any story knows.
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
    fn of(expected: &'a [PodStory], recorded: &'a Recorded) -> Self {
        let shown = |pod: &'a RecordedPod| {
            let is_begun = |kind: &GapKind| matches!(kind, GapKind::StartsMidLife | GapKind::Relist);
            let behind = pod.gaps.iter().filter(move |gap| is_begun(&gap.kind)).filter_map(|gap| gap.before);
            let entries = behind.filter_map(|seq| pod.timeline.entries.iter().find(move |entry| entry.seq == seq));
            let listed = entries.filter(|entry| matches!(entry.kind, EventKind::Added | EventKind::Observed));
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
        let known = expected.iter().flat_map(|story| &story.lines).filter_map(|line| line.version.as_ref());
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
struct Evidence<'a> {
    recorded: &'a Recorded,
    lists: &'a Lists<'a>,
    pod: Option<&'a RecordedPod>,
    story: &'a PodStory,
}

impl Evidence<'_> {
    fn why_unseen(&self, row: &Row, shown: &BTreeMap<&ResourceVersion, &Entry>) -> Option<String> {
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
        let is_bare = entry.is_some_and(|entry| entry.kind == EventKind::Observed);
        is_bare && self.story.lines.iter().any(|line| line.version == recorded.version && is_deletion(line))
    }

    /// Whether a recorded line has another value than what is expected to stand at its version, gap or not.
    fn contradicts(&self, recorded: &Line) -> bool {
        let (Some(version), Some(subject), false) = (&recorded.version, &recorded.subject, recorded.inferred) else {
            return false;
        };
        let own = || self.story.lines.iter().rev().filter(|line| line.subject.as_ref() == Some(subject));
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
        let knows_version = self.story.lines.iter().any(|line| line.version.as_ref() == Some(version));
        let standing = own().find(is_before);
        // One event may take a pod through several stages of its life, and a later one shows the last of them.
        *subject != Subject::Lifecycle
            && knows_version
            && !own().filter(is_at).any(agrees)
            && (own().any(|line| is_at(&line)) || standing.is_some_and(|line| !agrees(line)))
    }

    /// Why an event that is not recorded may have happened all the same.
    fn of_missing(&self, line: &Line, shown: &BTreeMap<&ResourceVersion, &Entry>) -> Option<String> {
        let Recorded { watched, lost, pods, .. } = self.recorded;
        if let Some(why) = lost.anywhere() {
            return Some(why);
        }
        if let Some(entry) = line.version.as_ref().and_then(|version| shown.get(version)) {
            if entry.kind == EventKind::Observed && is_deletion(line) {
                return Some(BARE.to_owned());
            }
            // The event is there, and shows no such transition: perhaps because what was before is not known.
            return self.of_event(entry.seq, shown);
        }
        if self.pod.is_none() && pods.iter().all(|pod| pod.identity.namespace != self.story.namespace) {
            return Some(format!("nothing is recorded of the namespace {}", self.story.namespace));
        }
        match (&line.version, watched.bounds()) {
            (Some(version), _) if self.is_listed(version) => None,
            (Some(version), Some((first, last))) if version < first || version > last => {
                Some(format!("the recording tells of the resourceVersions {first} to {last} only"))
            }
            (Some(version), _) => (!watched.tells_of(version)).then(|| "it lies in a gap of the recording".to_owned()),
            (None, _) => self.of_time(line),
        }
    }

    /// Whether a list must have shown this version: it was the pod's newest, and the pod was still there.
    fn is_listed(&self, version: &ResourceVersion) -> bool {
        let Some(List { from, newest: list, before }) = self.lists.behind(version) else { return false };
        let name = (self.story.namespace.as_str(), self.story.name.as_str());
        if from.is_none() && self.lists.first.is_none_or(|first| name < first) {
            return false;
        }
        let lines = || self.story.lines.iter().filter(|line| line.version.is_some());
        let newest = lines().rfind(|line| line.version.as_ref() <= Some(list));
        // The list may show a newer one, that the story does not know.
        let mut recorded = self.pod.into_iter().flat_map(|pod| &pod.timeline.entries);
        let is_behind = |shown: &ResourceVersion| version < shown && shown <= *list;
        let is_newest = newest.is_some_and(|line| line.version.as_ref() == Some(version))
            && !recorded.any(|entry| entry.resource_version.as_ref().is_some_and(is_behind));
        let deleted = lines().find(|line| is_deletion(line)).and_then(|line| line.version.as_ref());
        // A list behind which nothing is recorded may be cut off itself.
        let was_there = before.is_some_and(|before| match deleted {
            Some(deleted) => before < deleted,
            None => !self.story.vanished && self.lists.known_until >= Some(list),
        });
        is_newest && was_there
    }

    fn of_time(&self, line: &Line) -> Option<String> {
        let created_at = self.story.created.stamp().or_else(|| self.pod.and_then(RecordedPod::created_at));
        let lost_end = self.recorded.lost.at_the_end();
        let Some(at) = line.at.resolve(created_at).map(ObservedAt::from_micros) else { return lost_end };
        let Some(pod) = self.pod else { return lost_end };
        if let Some(until) = pod.recorded_until.filter(|until| at > *until && !pod.is_gone()) {
            return Some(format!("the recording ends at {until}"));
        }
        let is_in = |gap: &&Gap| {
            gap.from.is_none_or(|from| from <= at)
                && gap.until.is_none_or(|until| at <= until)
                && hides_events(&gap.kind)
        };
        pod.gaps.iter().find(is_in).map(|gap| format!("there is a gap in the recording ({})", gap.kind.as_str()))
    }

    /// Why an event may show what happened before it: nobody watched.
    fn of_event(&self, seq: Seq, shown: &BTreeMap<&ResourceVersion, &Entry>) -> Option<String> {
        let gaps = &self.pod?.gaps;
        let gap = gaps.iter().find(|gap| gap.before == Some(seq) && hides_events(&gap.kind))?;
        // The gap hides nothing if every write that is expected up to here is recorded, or would be.
        let here = shown.iter().find(|(_, entry)| entry.seq == seq).map(|(version, _)| *version);
        let is_told = |version: &ResourceVersion| {
            shown.contains_key(version) || self.recorded.watched.tells_of(version) || self.is_listed(version)
        };
        let mut expected = self.story.lines.iter().filter_map(|line| line.version.as_ref()).peekable();
        let has_versions = expected.peek().is_some() && self.recorded.lost.unreadable == 0;
        if has_versions && expected.all(|version| Some(version) > here || is_told(version)) {
            return None;
        }
        Some(format!("there is a gap in the recording before it ({})", gap.kind.as_str()))
    }
}

/// Bare objects, as `kubectl get -o json` prints them, do not say that one was deleted.
pub(super) const BARE: &str = "the format of the recording does not tell of deletions";

fn is_deletion(line: &Line) -> bool {
    let to = line.to.as_ref().and_then(Text::as_exact);
    line.subject == Some(Subject::Lifecycle) && to == Some(Lifecycle::Deleted.as_str())
}

/// Whether whole events may be missing; of unseen restarts the events tell themselves.
pub(super) fn hides_events(kind: &GapKind) -> bool {
    match kind {
        GapKind::StartsMidLife
        | GapKind::WatchError
        | GapKind::Relist
        | GapKind::Vanished
        | GapKind::BetweenRecordings => true,
        GapKind::RestartsUnseen { .. } => false,
    }
}
