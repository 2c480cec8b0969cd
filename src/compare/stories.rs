//! Stories against recorded pods: which belongs to which, in what they differ, and what the recording cannot decide.

use std::collections::BTreeSet;

use crate::model::{ObservedAt, ResourceVersion, Seq, StampedAt};
use crate::replay::{Lifecycle, Subject};
use crate::timeline::{Gap, GapKind};

use super::align::{Manner, align};
use super::difference::{Field, FieldDifference, PodComparison, PodName, Row};
use super::expectation::{Created, Line, PodStory, Text, Tolerance};
use super::recorded::{Recorded, RecordedPod};
use super::story::story;

/// Every expected pod with the recorded one that it is, and every other recorded pod by itself.
#[must_use]
pub fn compare_stories(expected: &[PodStory], recorded: &Recorded, tolerance: Tolerance) -> Vec<PodComparison> {
    let mut is_taken = vec![false; recorded.pods.len()];
    let mut all = Vec::with_capacity(expected.len());
    for story in expected {
        let is_meant = |(index, pod): &(usize, &RecordedPod)| !is_taken[*index] && is_of(story, pod);
        let found = recorded.pods.iter().enumerate().find(is_meant);
        let found = found.map(|(index, pod)| {
            is_taken[index] = true;
            pod
        });
        all.push(compare_story(story, found, recorded, tolerance));
    }
    let rest = recorded.pods.iter().zip(&is_taken).filter(|(_, is_taken)| !**is_taken);
    all.extend(rest.map(|(pod, _)| lone(None, Some(pod), Manner::Strict)));
    all
}

fn is_of(story: &PodStory, pod: &RecordedPod) -> bool {
    match &story.uid {
        Some(uid) => *uid == pod.identity.uid,
        None => {
            story.namespace == pod.identity.namespace
                && story.name == pod.identity.name
                && story.incarnation.is_none_or(|incarnation| incarnation == pod.incarnation)
        }
    }
}

/// Two pods of two runs, or of one: what happened, and how long each step took.
#[must_use]
pub fn compare_runs(left: &RecordedPod, right: &RecordedPod, tolerance: Tolerance) -> PodComparison {
    let mut comparison = lone(Some(&story(left)), Some(right), Manner::Runs);
    comparison.rows = align(&story(left), &story(right), Manner::Runs, tolerance);
    comparison
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
    recorded: &Recorded,
    tolerance: Tolerance,
) -> PodComparison {
    let mut comparison = lone(Some(expected), pod, Manner::Strict);
    let evidence = Evidence { recorded, pod, story: expected };
    let Some(pod) = pod else {
        let missing = expected.lines.iter().map(|line| evidence.of_missing(line));
        comparison.unseen = missing.collect::<Option<Vec<String>>>().and_then(|whys| whys.into_iter().next());
        return comparison;
    };
    let actual = story(pod);
    comparison.differences.extend(created_difference(expected.created, actual.created, tolerance));
    comparison.rows = align(expected, &actual, Manner::Strict, tolerance);
    for row in comparison.rows.iter_mut().filter(|row| !row.is_same()) {
        row.unseen = evidence.why_unseen(row);
    }
    comparison
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

/// What a recording can tell of one pod.
struct Evidence<'a> {
    recorded: &'a Recorded,
    pod: Option<&'a RecordedPod>,
    story: &'a PodStory,
}

impl Evidence<'_> {
    fn why_unseen(&self, row: &Row) -> Option<String> {
        match (&row.expected, &row.recorded) {
            (Some(expected), None) => self.of_missing(expected),
            (_, Some(recorded)) => recorded.seq.and_then(|seq| self.of_event(seq)),
            (None, None) => None,
        }
    }

    /// Why an event that is not recorded may have happened all the same.
    fn of_missing(&self, line: &Line) -> Option<String> {
        let Recorded { watched, lost, .. } = self.recorded;
        if let Some(why) = lost.anywhere() {
            return Some(why);
        }
        // The event is there, and shows no such transition: perhaps because what was before is not known.
        let entries = self.pod.into_iter().flat_map(|pod| &pod.timeline.entries);
        let shown =
            line.version.as_ref().and_then(|_| entries.into_iter().find(|it| it.resource_version == line.version));
        if let Some(shown) = shown {
            return self.of_event(shown.seq);
        }
        match (&line.version, watched.bounds()) {
            (Some(version), _) if self.is_listed(version) => None,
            (Some(version), Some((first, last))) if version < first || version > last => Some(format!(
                "resourceVersion {version} lies outside of the recording, which tells of {first} to {last}"
            )),
            (Some(version), _) => (!watched.tells_of(version))
                .then(|| format!("resourceVersion {version} lies in a gap of the recording")),
            (None, _) => self.of_time(line),
        }
    }

    /// A list, at the beginning or behind a gap, shows the newest version of every pod that was there.
    fn is_listed(&self, version: &ResourceVersion) -> bool {
        let Some((list_from, list)) = self.recorded.watched.list_behind(version) else { return false };
        let lines = || self.story.lines.iter().filter(|line| line.version.is_some());
        let newest = lines().rfind(|line| line.version.as_ref() <= Some(list));
        let is_newest = newest.is_some_and(|line| line.version.as_ref() == Some(version));
        let deleted = Lifecycle::Deleted.as_str();
        let is_deletion = |line: &Line| {
            line.subject == Some(Subject::Lifecycle) && line.to.as_ref().and_then(Text::as_exact) == Some(deleted)
        };
        let was_there = !lines().any(|line| line.version.as_ref() == Some(version) && is_deletion(line));
        // What is recorded of other pods below the list's own version is the list.
        let mut others = self.recorded.pods.iter().flat_map(|pod| &pod.timeline.entries);
        let is_listed = |version: &ResourceVersion| list_from.is_none_or(|from| version > from) && version < list;
        is_newest && was_there && others.any(|entry| entry.resource_version.as_ref().is_some_and(is_listed))
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
    fn of_event(&self, seq: Seq) -> Option<String> {
        let RecordedPod { gaps, timeline, .. } = self.pod?;
        let gap = gaps.iter().find(|gap| gap.before == Some(seq) && hides_events(&gap.kind))?;
        // The gap hides nothing if every write that is expected up to here is recorded, or would be.
        let recorded: BTreeSet<&ResourceVersion> =
            timeline.entries.iter().filter_map(|entry| entry.resource_version.as_ref()).collect();
        let here = timeline.entries.iter().find(|entry| entry.seq == seq)?.resource_version.as_ref();
        let is_told = |version: &ResourceVersion| {
            recorded.contains(version) || self.recorded.watched.tells_of(version) || self.is_listed(version)
        };
        let mut expected = self.story.lines.iter().filter_map(|line| line.version.as_ref()).peekable();
        let has_versions = expected.peek().is_some() && self.recorded.lost.unreadable == 0;
        if has_versions && expected.all(|version| Some(version) > here || is_told(version)) {
            return None;
        }
        Some(format!("there is a gap in the recording before it ({})", gap.kind.as_str()))
    }
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
