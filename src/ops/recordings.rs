//! Sums up the recordings of a log: what each covers, where they were interrupted, what lies between them.

use std::collections::{BTreeMap, BTreeSet};

use super::audited::audit_report;
use super::crosscheck::cross_check;
use super::read_error::ReadError;
use super::reading::Reading;
use crate::history::{Contradiction, Coverage, Interruption, InterruptionKind, Recordings, presence};
use crate::model::RecordingSummary;
use crate::report::{ClusterGap, DumpReport, RecordingReport, RecordingsReport};
use crate::store::{Log, StoreError};

/// Sums up a log.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn sum_up(reading: &Reading<'_>) -> Result<RecordingsReport, ReadError> {
    let (reader, known) = (reading.reader(), reading.recordings()?);
    let recordings = reader.recordings_with_pods()?;
    let dumps = dumps(known, &recordings);
    let reports = recordings.into_iter().map(|(summary, _)| {
        let own = known.interruptions_of(summary.id);
        let mut interruptions = Vec::with_capacity(own.len());
        for (index, interruption) in own.iter().enumerate() {
            // The list behind an ERROR belongs to it.
            let before = index.checked_sub(1).map(|before| &own[before]);
            let belongs =
                !is_error(interruption) && before.is_some_and(|it| is_error(it) && it.from == interruption.from);
            if !belongs {
                interruptions.push(interruption.clone());
            }
        }
        let covered = known.covered.get(&summary.id).copied().unwrap_or_default();
        RecordingReport { summary, covered, interruptions, audit: None }
    });
    let mut reports: Vec<RecordingReport> = reports.collect();
    for report in &mut reports {
        report.audit = reader.audited(report.summary.id)?.map(audit_report);
    }
    let mut gaps = between(known, &reports);
    if !gaps.is_empty() {
        for row in reader.all_pods()? {
            let presence = presence(&row.identity.namespace, &reading.records_of(&row)?, known);
            for gap in gaps.iter_mut().filter(|gap| *gap.cluster == *row.identity.cluster) {
                gap.pods += usize::from(presence.lives_unrecorded_within(gap.from, gap.until));
            }
        }
    }
    Ok(RecordingsReport { lists: cross_check(reading)?, recordings: reports, dumps, gaps })
}

/// A recording, with the rows of the pods that it shows.
type WithPods = (RecordingSummary, BTreeSet<i64>);

/// The dumps of which several recordings are files.
fn dumps(known: &Recordings, recordings: &[WithPods]) -> Vec<DumpReport> {
    let mut files: BTreeMap<_, Vec<&WithPods>> = BTreeMap::new();
    for recording in recordings {
        if let Some(dump) = known.dumps.get(&recording.0.id) {
            files.entry((&recording.0.cluster, dump)).or_default().push(recording);
        }
    }
    files.retain(|_, files| files.len() > 1);
    let mut dumps = Vec::with_capacity(files.len());
    for ((cluster, (name, _)), files) in files {
        let recordings: Vec<i64> = files.iter().map(|(summary, _)| summary.id).collect();
        dumps.push(DumpReport {
            name: name.clone(),
            cluster: cluster.clone(),
            events: files.iter().map(|(summary, _)| summary.events).sum(),
            pods: files.iter().flat_map(|(_, pods)| pods).collect::<BTreeSet<_>>().len(),
            covered: recordings.iter().find_map(|id| known.covered.get(id)).copied().unwrap_or_default(),
            recordings,
        });
    }
    dumps.sort_by_key(|dump| dump.recordings.first().copied());
    dumps
}

fn is_error(interruption: &Interruption) -> bool {
    interruption.kind == InterruptionKind::Error
}

/// Why times may be wrong: recordings of several clusters under one name, a sentence each.
///
/// # Errors
/// When the store cannot be read.
pub fn contradictions(log: &Log) -> Result<Vec<String>, StoreError> {
    let sentence = |(cluster, Contradiction { lower, higher }): (String, Contradiction)| {
        format!(
            "times may be wrong: the recordings of cluster '{cluster}' seem to come from several clusters \
             (resourceVersion {} was written at {}, the higher {} at {})",
            lower.version, lower.at, higher.version, higher.at
        )
    };
    Ok(log.reader().contradictions()?.into_iter().map(sentence).collect())
}

/// The time ranges of each cluster between two recordings that no recording covers.
fn between(known: &Recordings, reports: &[RecordingReport]) -> Vec<ClusterGap> {
    let mut clusters: Vec<i64> = known.coverages.iter().map(|it| it.cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    let mut gaps = Vec::new();
    for cluster in clusters {
        let timed = |it: &&Coverage| it.cluster == cluster && it.from.at.is_some() && it.until.at.is_some();
        let mut own: Vec<&Coverage> = known.coverages.iter().filter(timed).collect();
        own.sort_by_key(|it| (it.from.at, it.until.at));
        let mut own = own.into_iter();
        let Some(mut last) = own.next() else { continue };
        for next in own {
            if let (true, Some(from), Some(until)) = (last.until.is_before(&next.from), last.until.at, next.from.at)
                && from < until
            {
                let name = reports.iter().find(|it| it.summary.id == next.recording);
                gaps.push(ClusterGap {
                    cluster: name.map(|it| it.summary.cluster.clone()).unwrap_or_default(),
                    from,
                    until,
                    after: last.recording,
                    before: next.recording,
                    pods: 0,
                });
            }
            if last.until.is_before(&next.until) {
                last = next;
            }
        }
    }
    gaps.sort_by(|left, right| left.cluster.cmp(&right.cluster));
    gaps
}
