//! Golden pods against recorded pods: which belongs to which, and in what they differ.

use std::collections::BTreeMap;

use crate::model::time::duration_text;
use crate::model::{ObservedAt, PodIdentity, ResourceVersion, Seq, StampedAt};
use crate::timeline::{Entry, Gap};

use super::align::align;
use super::difference::{Field, FieldDifference, Manner, PodComparison, PodName};
use super::evidence::{Evidence, Lists};
use super::expectation::{Created, GoldenPod, Line, Tolerance};
use super::golden::golden_pod;
use super::intervals::end_of;
use super::recorded::{Recorded, RecordedPod};

/// Every expected pod with the recorded one that it is, and every other recorded pod by itself.
#[must_use]
pub fn compare_golden(expected: &[GoldenPod], recorded: &Recorded, tolerance: Tolerance) -> Vec<PodComparison> {
    let lists = Lists::of(expected, recorded);
    let mut waiting = Waiting::of(recorded);
    let mut all: Vec<PodComparison> = expected
        .iter()
        .map(|golden| {
            let pod = waiting.take(golden).map(|index| &recorded.pods[index]);
            compare_pod(golden, pod, &Evidence { recorded, lists: &lists, pod, golden }, tolerance)
        })
        .collect();
    let rest = waiting.rest().into_iter().map(|index| &recorded.pods[index]);
    all.extend(rest.map(|pod| lone(None, Some(pod), Manner::Strict)));
    all
}

/// The recorded pods that no golden pod has taken yet.
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

    fn take(&mut self, golden: &GoldenPod) -> Option<usize> {
        let same = match &golden.uid {
            Some(uid) => self.by_uid.get(uid.as_str()),
            None => self.by_name.get(&(golden.namespace.as_str(), golden.name.as_str())),
        };
        let is_incarnation = |index: usize| {
            golden.uid.is_some() || golden.incarnation.is_none_or(|incarnation| incarnation == self.incarnations[index])
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
    let (left_golden, right_golden) = (golden_pod(left), golden_pod(right));
    let mut comparison = lone(Some(&left_golden), Some(right), Manner::Runs);
    comparison.rows = align(&left_golden, &right_golden, Manner::Runs, tolerance);
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
        gap.kind.hides_events()
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
    let gap = pod.gaps.iter().find(|gap| gap.before == Some(seq) && gap.kind.hides_events())?;
    Some(format!("there is a gap in a recording before it ({})", gap.kind.as_str()))
}

/// A pod without its counterpart.
#[must_use]
pub fn lone(expected: Option<&GoldenPod>, recorded: Option<&RecordedPod>, manner: Manner) -> PodComparison {
    let expected_name = expected.map(|golden| PodName {
        namespace: golden.namespace.clone(),
        name: golden.name.clone(),
        uid: golden.uid.clone(),
        incarnation: golden.incarnation.filter(|incarnation| *incarnation > 1),
    });
    PodComparison {
        place: expected.map(|golden| golden.place).unwrap_or_default(),
        expected: expected_name,
        recorded: recorded.map(|pod| pod.identity.clone()),
        created_at: [expected.and_then(|golden| golden.created.stamp()), recorded.and_then(RecordedPod::created_at)],
        manner,
        differences: Vec::new(),
        versions: versions(expected, recorded),
        unseen: None,
        rows: Vec::new(),
    }
}

/// The first and the last version of a pod.
fn versions(expected: Option<&GoldenPod>, recorded: Option<&RecordedPod>) -> Option<[ResourceVersion; 2]> {
    let all: Vec<&ResourceVersion> = match (expected, recorded) {
        (Some(golden), None) => golden.lines.iter().filter_map(|line| line.version.as_ref()).collect(),
        (None, Some(pod)) => pod.timeline.entries.iter().filter_map(|it| it.resource_version.as_ref()).collect(),
        (Some(_), Some(_)) | (None, None) => Vec::new(),
    };
    let (first, last) = (all.iter().min()?, all.iter().max()?);
    Some([(*first).clone(), (*last).clone()])
}

fn compare_pod(
    expected: &GoldenPod,
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
    let actual = golden_pod(pod);
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
