//! Judges the pods of a log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::pod_report::pod_report;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use crate::history::Bodies;
use crate::kubelet::KubernetesVersion;
use crate::model::{EventKind, Pod, PodIdentity, ResourceVersion, Seq, StoredRecord, WatchEvent};
use crate::report::{JudgedPod, PodFindings, PodReport};
use crate::rules::shared_ip::Addresses;
use crate::rules::{Stream, StreamFault, Track, judge};
use crate::store::{Log, PodRow};

/// What became of judging pods.
#[derive(Debug, Default)]
pub struct Checked {
    /// The pods that have findings, in the order in which they were given.
    pub pods: Vec<PodFindings>,
    /// How many events were judged.
    pub events: usize,
}

/// Judges pods, and what only all of them together show. Without a version each pod's is what its objects tell. A store on
/// disk is read by two threads; the outcome does not depend on them.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn check(log: &Log, rows: Vec<PodRow>, version: Option<KubernetesVersion>) -> Result<Checked, ReadError> {
    // In the order of the log, in which neighbours share their blocks.
    let mut jobs: Vec<(usize, PodRow)> = rows.into_iter().enumerate().collect();
    jobs.sort_by_key(|(_, row)| row.id);
    let second = match log.path_on_disk() {
        Some(_) if jobs.len() >= WORTH_A_THREAD => jobs.split_off(jobs.len() / 2),
        Some(_) | None => Vec::new(),
    };
    let (first, behind) = std::thread::scope(|scope| {
        let path = log.path_on_disk().filter(|_| !second.is_empty());
        let helper = path.map(|path| {
            let jobs = &second;
            scope.spawn(move || -> Result<Worked, ReadError> {
                let log = Log::open_to_read(path)?;
                log.hold_still()?;
                work(&log, jobs, version)
            })
        });
        let first = work(log, &jobs, version);
        (first, helper.map_or_else(|| Ok(Worked::default()), |helper| helper.join().expect("a worker does not panic")))
    });
    let (mut worked, behind) = (first?, behind?);
    worked.pods.extend(behind.pods);
    worked.addresses.merge(behind.addresses);
    let all: BTreeMap<usize, &PodIdentity> =
        jobs.iter().chain(&second).map(|(place, row)| (*place, &row.identity)).collect();
    for (place, holder, mut finding) in worked.addresses.shared() {
        let (pod, holder) = (all[&place], all[&holder]);
        finding.message = held_by(holder);
        let none = || PodFindings { identity: pod.clone(), findings: Vec::new() };
        worked.pods.entry(place).or_insert_with(none).findings.push(finding);
    }
    Ok(Checked { pods: worked.pods.into_values().collect(), events: worked.events + behind.events })
}

/// Why an address that two pods have is worth a finding.
pub(super) fn held_by(holder: &PodIdentity) -> String {
    format!("{}/{} holds it and lives on", holder.namespace, holder.name)
}

/// Fewer pods are judged before a second thread has opened the store.
const WORTH_A_THREAD: usize = 200;

#[derive(Default)]
struct Worked {
    /// By the place in which they were given.
    pods: BTreeMap<usize, PodFindings>,
    events: usize,
    addresses: Addresses,
}

fn work(log: &Log, jobs: &[(usize, PodRow)], version: Option<KubernetesVersion>) -> Result<Worked, ReadError> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let mut worked = Worked::default();
    for (place, row) in jobs {
        let (pod, events) = judged(&reading, &reading.pod(row)?, version, Track::Left)?;
        let JudgedPod { report: PodReport { identity, .. }, judgement } = pod;
        let findings = judgement.into_findings();
        worked.events += events.len();
        worked.addresses.add(*place, row.cluster, &events);
        if !findings.is_empty() {
            worked.pods.insert(*place, PodFindings { identity, findings });
        }
    }
    Ok(worked)
}

/// Replays one pod and judges it; its events are handed back.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn judged(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    version: Option<KubernetesVersion>,
    track: Track,
) -> Result<(JudgedPod, Vec<WatchEvent>), ReadError> {
    let events = history.events()?;
    let report = pod_report(history, events.iter().cloned(), reading.recordings()?);
    let faults = faults(reading, &history.records, &events)?;
    let judgement = judge(&events, Stream { gaps: &report.gaps, faults: &faults }, version, track);
    Ok((JudgedPod { report, judgement }, events))
}

/// Records that contradict the order of the stream, or each other.
fn faults(
    reading: &Reading<'_>,
    records: &[StoredRecord],
    events: &[WatchEvent],
) -> Result<Vec<StreamFault>, ReadError> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<(&ResourceVersion, bool), &StoredRecord> = BTreeMap::new();
    let mut seen_in: BTreeSet<(i64, &ResourceVersion, bool)> = BTreeSet::new();
    let mut newest_of: BTreeMap<i64, &ResourceVersion> = BTreeMap::new();
    let mut shown_by: BTreeMap<&ResourceVersion, Seq> = BTreeMap::new();
    for event in events {
        if let Some(version) = event.resource_version() {
            shown_by.entry(version).or_insert(event.seq);
        }
    }
    let mut in_place: Vec<&StoredRecord> = records.iter().collect();
    in_place.sort_by_key(|record| record.place());
    for record in in_place {
        let Some(version) = &record.resource_version else { continue };
        let is_deletion = record.kind == EventKind::Deleted;
        let twin = seen.get(&(version, is_deletion)).copied();
        let newest = newest_of.get(&record.recording).copied();
        seen.entry((version, is_deletion)).or_insert(record);
        let is_new = seen_in.insert((record.recording, version, is_deletion));
        newest_of.insert(record.recording, newest.map_or(version, |newest| newest.max(version)));
        let standing = || shown_by.get(version).copied().unwrap_or(record.seq);
        if let Some(twin) = twin.filter(|twin| twin.seq != record.seq) {
            let (first, second): (Arc<Pod>, Arc<Pod>) = (reading.bodies().pod(twin)?, reading.bodies().pod(record)?);
            if !is_same(&first, &second) {
                faults.push(StreamFault {
                    seq: standing(),
                    rule: "duplicate-differs",
                    expected: format!("version {version} as in record {}", twin.seq),
                    actual: format!("record {} shows it differently", record.seq),
                });
            }
        }
        // That another recording shows the write too does not mend the order of this one.
        if let Some(newest) = newest.filter(|newest| is_new && version < *newest) {
            faults.push(StreamFault {
                seq: standing(),
                rule: "version-back",
                expected: format!("a version after {newest}"),
                actual: version.to_string(),
            });
        }
    }
    Ok(faults)
}

/// The same but for managed fields, which some ways of printing leave out.
fn is_same(first: &Pod, second: &Pod) -> bool {
    let plain = |pod: &Pod| {
        let mut pod = pod.clone();
        pod.metadata.written_at = None;
        pod.metadata.status_writers.clear();
        pod
    };
    plain(first) == plain(second)
}
