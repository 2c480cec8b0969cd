//! Gathers from a log what a comparison needs.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::Path;

use super::check::{held_by, judged};
use super::ingest::ingest;
use super::ingest_error::IngestError;
use super::ingest_options::IngestOptions;
use super::ingest_report::IngestReport;
use super::pod_report::replayed;
use super::read_error::ReadError;
use super::reading::Reading;
use crate::compare::{Expectation, Incomplete, Recorded, RecordedPod, Watched};
use crate::history::{Gap, GapKind};
use crate::input::stored_record::ownership_of;
use crate::input::{Encoding, Format, ProblemKind, Source};
use crate::kubelet::KubernetesVersion;
use crate::model::{EventKind, ResourceVersion};
use crate::report::PodReport;
use crate::rules::Track;
use crate::rules::shared_ip::Addresses;
use crate::store::coverage::CoverageRow;
use crate::store::{Log, PodRow, StoreError, VersionKey};
use crate::timeline::Entry;

/// Whether what the rules of `check` say is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Findings {
    /// Yes.
    Judged,
    /// No: it takes as long again.
    Left,
}

impl Findings {
    /// Judged if an expectation speaks of them.
    #[must_use]
    pub fn wanted_by(expectation: &Expectation) -> Self {
        match expectation.findings {
            Some(_) => Self::Judged,
            None => Self::Left,
        }
    }
}

/// The recording in a file, in a log of its own.
///
/// # Errors
/// When the file cannot be opened or read, or is of no known format.
pub fn read_recording(file: &Path, encoding: Option<Encoding>) -> Result<(Log, IngestReport), IngestError> {
    read_source(Source::open(file)?, encoding)
}

/// The recording of an opened input, in a log of its own.
///
/// # Errors
/// When it cannot be read, or is of no known format.
pub fn read_source(source: Source, encoding: Option<Encoding>) -> Result<(Log, IngestReport), IngestError> {
    let log = Log::in_memory()?;
    let options = IngestOptions { encoding, ..IngestOptions::default() };
    let report = ingest(&log, source, &options, &())?;
    Ok((log, report))
}

impl IngestReport {
    /// What the log lacks of the input.
    #[must_use]
    pub fn incomplete(&self) -> Incomplete {
        let end = self.truncated.as_ref().map(|why| format!("the recording is cut off ({why})"));
        let is_counted = self.problems.iter().any(|problem| problem.kind == ProblemKind::Truncated);
        Incomplete { unreadable: self.problem_count.saturating_sub(u64::from(is_counted)), end }
    }
}

/// Replays pods for a comparison, by the rules of a release; of what the log tells if none is given.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn recorded(
    log: &Log,
    rows: Vec<PodRow>,
    findings: Findings,
    kubernetes: Option<KubernetesVersion>,
    incomplete: Incomplete,
) -> Result<Recorded, ReadError> {
    let reader = log.reader();
    let reading = Reading::new(&reader).by_rules_of(kubernetes);
    let clusters: BTreeSet<i64> = rows.iter().map(|row| row.cluster).collect();
    let mut pods: Vec<RecordedPod> = Vec::with_capacity(rows.len());
    let mut addresses = Addresses::default();
    for row in rows {
        let history = reading.pod(&row)?;
        let Some(newest) = history.revisions.last() else { continue };
        let ownership = ownership_of(&*history.object(newest)?);
        let (report, findings) = match findings {
            Findings::Judged => {
                let (pod, seen) = judged(&reading, &history, Track::Left)?;
                addresses.add(pods.len(), row.cluster, seen.claims);
                (pod.report, pod.judgement.into_findings())
            }
            Findings::Left => (replayed(&reading, &history)?, Vec::new()),
        };
        let PodReport { identity, timeline, gaps, recorded_until, .. } = report;
        pods.push(RecordedPod { identity, incarnation: 1, ownership, timeline, gaps, recorded_until, findings });
    }
    for (place, holder, mut finding) in addresses.shared() {
        finding.message = held_by(&pods[holder].identity);
        pods[place].findings.push(finding);
    }
    number_incarnations(&mut pods);
    let (mut watched, begin) = watched(log, &clusters)?;
    set_begin(&mut watched, &pods, begin);
    Ok(Recorded { pods, watched, incomplete })
}

/// Corrects from which version on the only recording tells of every write. It begins with a list only if it shows a pod in the
/// middle of its life; and bare objects do not say where such a list ends: not before it has shown all of these.
fn set_begin(watched: &mut Watched, pods: &[RecordedPod], begin: Option<ResourceVersion>) {
    let [(from, _)] = watched.ranges.as_mut_slice() else { return };
    let firsts = || pods.iter().filter_map(|pod| Some((pod, pod.timeline.entries.first()?)));
    let is_listed = |(pod, first): &(&RecordedPod, &Entry)| {
        let is_begun = |gap: &Gap| gap.kind == GapKind::StartsMidLife && gap.before == Some(first.seq);
        (first.kind == EventKind::Added || first.kind.is_bare()) && pod.gaps.iter().any(is_begun)
    };
    let version = |(_, first): (&RecordedPod, &Entry)| first.resource_version.clone();
    let is_early = |first: &Entry| first.resource_version.as_ref() <= Some(from);
    if !firsts().any(|listed| is_early(listed.1) && is_listed(&listed)) {
        let first = firsts().filter_map(version).chain(begin).min();
        *from = first.filter(|first| first < from).unwrap_or_else(|| from.clone());
        return;
    }
    let bare = firsts().filter(|(_, first)| first.kind.is_bare());
    if let Some(shown) = bare.filter(is_listed).filter_map(version).max() {
        *from = shown.max(from.clone());
    }
    // How old the list is nobody says, only that the first write behind it is younger: a part of it may be lost.
    let entries = pods.iter().flat_map(|pod| &pod.timeline.entries);
    let behind = entries.filter_map(|entry| entry.resource_version.as_ref()).filter(|version| *version > from).min();
    if let Some(behind) = behind {
        *from = behind.clone();
    }
}

/// Orders pods by namespace and name, and those of one name by their creation.
fn number_incarnations(pods: &mut [RecordedPod]) {
    let name = |pod: &RecordedPod| {
        let identity = &pod.identity;
        (identity.cluster.clone(), identity.namespace.clone(), identity.name.clone())
    };
    pods.sort_by_cached_key(|pod| (name(pod), pod.created_at(), pod.identity.uid.clone()));
    for index in 1..pods.len() {
        if name(&pods[index - 1]) == name(&pods[index]) {
            pods[index].incarnation = pods[index - 1].incarnation + 1;
        }
    }
}

/// Whether a recording of this format shows every write between its first and its last version, with its version.
pub(super) fn tells_of_every_write(format: &str) -> bool {
    let others = Format::ALL.into_iter().filter(|format| !format.facts().is_watch);
    !others.map(Format::as_str).any(|word| word == format)
}

/// What the watches of the pods tell of every write, and the first version of the last of them.
fn watched(log: &Log, clusters: &BTreeSet<i64>) -> Result<(Watched, Option<ResourceVersion>), StoreError> {
    let reader = log.reader();
    let (mut watched, mut begin) = (Watched::default(), None);
    if clusters.len() > 1 {
        // Versions of two clusters cannot be compared.
        return Ok((watched, begin));
    }
    let version = |key: Option<VersionKey>| key.and_then(|key| key.to_version());
    let of_pods = |row: &CoverageRow| clusters.contains(&row.cluster) && row.has_pods;
    let coverages: Vec<CoverageRow> = reader.coverages()?.into_iter().filter(of_pods).collect();
    let recordings: BTreeSet<i64> = coverages.iter().map(|row| row.recording).collect();
    for row in coverages.into_iter().filter(|row| tells_of_every_write(&row.format)) {
        if let (Some(from), Some(until)) = (version(row.from), version(row.until)) {
            watched.ranges.push((from, until));
            begin = version(row.first);
        }
    }
    for row in reader.interruptions()?.into_iter().filter(|row| recordings.contains(&row.recording)) {
        let from = version(row.version_before).map_or(Bound::Unbounded, Bound::Excluded);
        let until = version(row.version_behind).map_or(Bound::Unbounded, Bound::Included);
        watched.holes.push((from, until));
    }
    Ok((watched, begin))
}
