//! Judges the pods of a log.

use std::collections::BTreeMap;

use super::history::{events, pod_at, report};
use super::ingest::IngestError;
use crate::kubelet::KubernetesVersion;
use crate::model::{EventKind, Pod, ResourceVersion, Seq, WatchEvent};
use crate::report::{JudgedPod, PodFindings, PodReport};
use crate::rules::shared_ip::Addresses;
use crate::rules::{Stream, StreamFault, judge};
use crate::store::{Log, PodRow, Reader, StoredRecord};
use crate::timeline::Recordings;

/// Judges one pod after the other, and at the end what only all of them together show.
pub struct Check<'a> {
    log: &'a Log,
    reader: &'a Reader<'a>,
    recordings: &'a Recordings,
    version: Option<KubernetesVersion>,
    addresses: Addresses,
}

impl<'a> Check<'a> {
    /// Begins. Without a version each pod's is what its objects tell.
    #[must_use]
    pub fn new(
        log: &'a Log,
        reader: &'a Reader<'a>,
        recordings: &'a Recordings,
        version: Option<KubernetesVersion>,
    ) -> Self {
        Self { log, reader, recordings, version, addresses: Addresses::default() }
    }

    /// Judges one pod.
    ///
    /// # Errors
    /// When the store cannot be read or a record in it is damaged.
    pub fn pod(&mut self, row: PodRow) -> Result<PodFindings, IngestError> {
        let (pod, events) = judged(self.log, self.reader, row, self.recordings, self.version)?;
        let JudgedPod { report: PodReport { identity, .. }, judgement } = pod;
        self.addresses.add(&identity, &events);
        Ok(PodFindings { identity, events: events.len(), findings: judgement.findings })
    }

    /// What the pods judged so far show together, a pod each.
    #[must_use]
    pub fn end(self) -> Vec<PodFindings> {
        let single = |(identity, finding)| PodFindings { identity, events: 0, findings: vec![finding] };
        self.addresses.shared().into_iter().map(single).collect()
    }
}

/// Replays one pod and judges it; its events are decoded once, and handed back.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn judged(
    log: &Log,
    reader: &Reader<'_>,
    row: PodRow,
    recordings: &Recordings,
    version: Option<KubernetesVersion>,
) -> Result<(JudgedPod, Vec<WatchEvent>), IngestError> {
    let records = reader.records_of(row.id)?;
    let events = events(log, reader, row.cluster, &records)?;
    let report = report(row.identity, &records, events.iter().cloned(), recordings);
    let faults = faults(reader, &records, &events)?;
    let judgement = judge(&events, Stream { gaps: &report.gaps, faults: &faults }, version);
    Ok((JudgedPod { report, judgement }, events))
}

/// Records that contradict the order of the stream, or each other.
fn faults(
    reader: &Reader<'_>,
    records: &[StoredRecord],
    events: &[WatchEvent],
) -> Result<Vec<StreamFault>, IngestError> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<(&ResourceVersion, bool), &StoredRecord> = BTreeMap::new();
    let mut newest_of: BTreeMap<i64, &ResourceVersion> = BTreeMap::new();
    for record in records {
        let Some(version) = &record.resource_version else { continue };
        let twin = seen.get(&(version, record.kind == EventKind::Deleted)).copied();
        let newest = newest_of.get(&record.recording).copied();
        seen.entry((version, record.kind == EventKind::Deleted)).or_insert(record);
        newest_of.insert(record.recording, newest.map_or(version, |newest| newest.max(version)));
        let standing = || {
            let event = events.iter().find(|event| event.resource_version() == Some(version));
            event.map_or(Seq(record.seq), |event| event.seq)
        };
        match (twin, newest) {
            (Some(twin), _) => {
                let (first, second) = (pod_at(reader, twin.seq)?, pod_at(reader, record.seq)?);
                if !is_same(&first, &second) {
                    faults.push(StreamFault {
                        seq: standing(),
                        rule: "duplicate-differs",
                        expected: format!("version {version} as in record {}", twin.seq),
                        actual: format!("record {} shows it differently", record.seq),
                    });
                }
            }
            (None, Some(newest)) if version < newest => faults.push(StreamFault {
                seq: standing(),
                rule: "version-back",
                expected: format!("a version after {newest}"),
                actual: version.to_string(),
            }),
            (None, _) => {}
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
