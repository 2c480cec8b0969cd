//! Holds each list of a log against what the other recordings of its cluster say at its version.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::changes::changed_paths;
use super::read_error::ReadError;
use super::reading::Reading;
use crate::compare::{PodAtList, list_difference};
use crate::history::Recordings;
use crate::input::stored_record::object_of;
use crate::model::{EventKind, ResourceVersion, Seq};
use crate::report::ListCheck;
use crate::store::coverage::ListingRow;
use crate::store::{PodRow, Reader, VersionKey};

/// A list with a version, and the segments of other recordings that it is held against.
struct Case {
    row: ListingRow,
    end: i64,
    version: ResourceVersion,
    segments: Vec<Segment>,
    pods: BTreeMap<i64, Slot>,
    listed: usize,
}

/// One recording between two interruptions.
struct Segment {
    recording: i64,
    first: Seq,
    /// The first record behind it.
    end: Seq,
    from: ResourceVersion,
    until: ResourceVersion,
    /// It begins with a list of all pods.
    begins_with_all: bool,
    /// It reaches to the version of the list.
    is_whole: bool,
    namespaces: BTreeSet<String>,
}

/// A version, whether it is of the deletion, and the place of the record that shows it.
type Told = (ResourceVersion, bool, Reverse<(usize, i64)>);

/// What a list, and what the others say of one pod.
#[derive(Default)]
struct Slot {
    listed: Option<(ResourceVersion, i64)>,
    told: Option<Told>,
}

/// Goes once through the rows of the log, if there is a list that can be held against something.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn cross_check(reading: &Reading<'_>) -> Result<Vec<ListCheck>, ReadError> {
    let (reader, known) = (reading.reader(), reading.recordings()?);
    let formats: BTreeMap<i64, String> =
        reader.coverages()?.into_iter().map(|row| (row.recording, row.format)).collect();
    let is_watch = |recording: i64| formats.get(&recording).is_some_and(|it| super::recorded::tells_of_every_write(it));
    let mut cases = Vec::new();
    for (row, stated) in if formats.len() > 1 { reading.whole_listings()? } else { Vec::new() } {
        let Some(end) = row.list_end else { continue };
        let Some(version) = stated.filter(|version| version.number().is_some()) else { continue };
        let segments = segments(known, &row, &version).into_iter().filter(|it| is_watch(it.recording)).collect();
        cases.push(Case { row, end, version, segments, pods: BTreeMap::new(), listed: 0 });
    }
    if cases.iter().all(|case| case.segments.is_empty()) {
        return Ok(Vec::new());
    }
    let pods: BTreeMap<i64, PodRow> = reader.all_pods()?.into_iter().map(|row| (row.id, row)).collect();
    gather(reader, &pods, &mut cases)?;
    let mut checks = Vec::with_capacity(cases.len());
    for case in cases.into_iter().filter(|case| !case.segments.is_empty()) {
        checks.push(check(reading, &pods, case)?);
    }
    Ok(checks)
}

/// The segments of other recordings that say something of a list's version: those that cover it, or else those that end
/// before it.
fn segments(known: &Recordings, row: &ListingRow, version: &ResourceVersion) -> Vec<Segment> {
    let mut segments = Vec::new();
    for coverage in known.coverages.iter().filter(|it| it.cluster == row.cluster && it.recording != row.recording) {
        let own = known.interruptions_of(coverage.recording);
        for part in 0..=own.len() {
            let begin = part.checked_sub(1).map(|before| &own[before]);
            let ending = own.get(part);
            let from = begin.map_or(&coverage.from, |it| &it.until).version.clone();
            let until = ending.map_or(&coverage.until, |it| &it.from).version.clone();
            let (Some(from), Some(until)) = (from, until) else { continue };
            let first = begin.map_or(Seq(0), |it| it.seq);
            let end = ending.map_or(Seq(i64::MAX), |it| it.seq);
            let begins_with_all = known
                .listings
                .iter()
                .any(|it| it.recording == coverage.recording && first <= it.first && it.first < end);
            let is_last = ending.is_none();
            let is_whole = until >= *version;
            if from <= *version && from.number().is_some() && (is_whole || is_last) {
                let namespaces = BTreeSet::new();
                let recording = coverage.recording;
                segments.push(Segment { recording, first, end, from, until, begins_with_all, is_whole, namespaces });
            }
        }
    }
    if segments.iter().any(|it| it.is_whole) {
        segments.retain(|it| it.is_whole);
    }
    segments
}

const ROWS: i64 = 10_000;

fn gather(reader: &Reader<'_>, pods: &BTreeMap<i64, PodRow>, cases: &mut [Case]) -> Result<(), ReadError> {
    let (ranks, shared) = (reader.recording_ranks()?, reader.shared()?);
    let mut after = 0;
    loop {
        let rows = reader.records_after(after, ROWS)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        for row in &rows {
            let Some(pod) = row.pod.filter(|_| row.kind.shows_pod()) else { continue };
            let Some(version) = row.version.as_ref().and_then(VersionKey::to_version) else { continue };
            let sharing = shared.iter().filter(|(_, part)| part.contains(row.seq)).map(|(recording, _)| *recording);
            for recording in std::iter::once(row.recording).chain(sharing) {
                // Of several that show one write the first of the first recording.
                let place = (ranks.get(&recording).copied().unwrap_or(0), row.seq);
                let told = (version.clone(), row.kind == EventKind::Deleted, Reverse(place));
                for case in cases.iter_mut() {
                    case.take(recording, pod, pods.get(&pod), &told);
                }
            }
        }
    }
}

impl Case {
    /// Takes what a record of a recording shows of a pod.
    fn take(&mut self, recording: i64, pod: i64, row: Option<&PodRow>, told: &Told) {
        let (version, _, Reverse((_, seq))) = told;
        if recording == self.row.recording && (self.row.first..=self.end).contains(seq) {
            self.listed += 1;
            self.pods.entry(pod).or_default().listed = Some((version.clone(), *seq));
            return;
        }
        let at = Seq(*seq);
        let is_in = |it: &&mut Segment| it.recording == recording && it.first <= at && at < it.end;
        let Some(segment) = self.segments.iter_mut().find(is_in) else { return };
        if let Some(row) = row
            && !segment.namespaces.contains(&row.identity.namespace)
        {
            segment.namespaces.insert(row.identity.namespace.clone());
        }
        if *version <= self.version {
            let slot = self.pods.entry(pod).or_default();
            slot.told = slot.told.take().max(Some(told.clone()));
        }
    }
}

fn check(reading: &Reading<'_>, pods: &BTreeMap<i64, PodRow>, case: Case) -> Result<ListCheck, ReadError> {
    let (reader, known) = (reading.reader(), reading.recordings()?);
    let name = |recording: i64| known.names.get(&recording).cloned().unwrap_or_default();
    let until = case.segments.iter().map(|it| &it.until).max().filter(|until| **until < case.version).cloned();
    let mut differences = Vec::new();
    for (pod, slot) in &case.pods {
        let Some(row) = pods.get(pod) else { continue };
        let namespace = &row.identity.namespace;
        let tells = |it: &Segment| it.namespaces.len() > 1 || it.namespaces.contains(namespace);
        let would_tell = |version: &ResourceVersion| {
            let told = |it: &Segment| tells(it) && *version <= it.until && (*version > it.from || it.begins_with_all);
            case.segments.iter().any(told)
        };
        let differing = match (&slot.listed, &slot.told) {
            (Some((listed, seq)), Some((told, false, Reverse((_, other))))) if listed == told => {
                differing(reader, *other, *seq)?
            }
            _ => Vec::new(),
        };
        let lists = case.row.namespaces.len() > 1 || case.row.namespaces.contains(namespace);
        differences.extend(list_difference(&PodAtList {
            identity: row.identity.clone(),
            listed: slot.listed.as_ref().map(|(version, _)| version.clone()),
            told: slot.told.as_ref().map(|(version, is_deletion, _)| (version.clone(), *is_deletion)),
            would_be_told: slot.listed.as_ref().is_some_and(|(version, _)| would_tell(version)),
            would_be_listed: until.is_none() && lists,
            differing,
        }));
    }
    differences.sort_by(|left, right| left.identity.cmp(&right.identity));
    Ok(ListCheck {
        recording: case.row.recording,
        name: name(case.row.recording),
        at: reading.point(case.row.cluster, Some(VersionKey::from(&case.version)))?.at,
        resource_version: case.version,
        told_until: until,
        pods: case.listed,
        differences,
    })
}

/// Where two records of one version differ. What a list leaves out of each object, its kind, does not count.
fn differing(reader: &Reader<'_>, told: i64, listed: i64) -> Result<Vec<String>, ReadError> {
    let object = |seq: i64| reader.with_body(seq, |body| object_of(body, None));
    let (Ok(told), Ok(listed)) = (object(told)?, object(listed)?) else { return Ok(Vec::new()) };
    let paths = changed_paths(&told, &listed).into_iter();
    Ok(paths.filter(|path| path != "apiVersion" && path != "kind").collect())
}
