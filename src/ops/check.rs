//! Judges the pods of a log.

use super::history::{events, pod_at};
use super::ingest::IngestError;
use crate::kubelet::KubernetesVersion;
use crate::model::{Pod, Seq, WatchEvent};
use crate::report::PodFindings;
use crate::rules::shared_ip::Addresses;
use crate::rules::{Stream, StreamFault, judge};
use crate::store::{Log, PodRow, Reader, StoredRecord};
use crate::timeline::{Recordings, Timeline, gaps};

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
        let records = self.reader.records_of(row.id)?;
        let events = events(self.log, self.reader, row.cluster, &records)?;
        let timeline = Timeline::replay(events.iter().cloned());
        let gaps = gaps(&timeline, &super::history::places(&records), self.recordings);
        let faults = self.faults(&records, &events)?;
        let findings = judge(&events, Stream { gaps: &gaps, faults: &faults }, self.version);
        self.addresses.add(&row.identity, &events);
        Ok(PodFindings { identity: row.identity, events: events.len(), findings })
    }

    /// What the pods judged so far show together, a pod each.
    #[must_use]
    pub fn end(self) -> Vec<PodFindings> {
        let single = |(identity, finding)| PodFindings { identity, events: 0, findings: vec![finding] };
        self.addresses.shared().into_iter().map(single).collect()
    }

    /// Records that contradict the order of the stream, or each other.
    fn faults(&self, records: &[StoredRecord], events: &[WatchEvent]) -> Result<Vec<StreamFault>, IngestError> {
        let mut faults = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let (Some(version), earlier) = (&record.resource_version, &records[..index]) else { continue };
            let is_deletion = |record: &StoredRecord| record.kind == crate::model::EventKind::Deleted;
            let twin = earlier.iter().find(|earlier| {
                earlier.resource_version.as_ref() == Some(version) && is_deletion(earlier) == is_deletion(record)
            });
            let newest = earlier
                .iter()
                .filter(|earlier| earlier.recording == record.recording)
                .filter_map(|earlier| earlier.resource_version.as_ref())
                .max();
            let standing = events
                .iter()
                .find(|event| event.resource_version() == Some(version))
                .map_or(Seq(record.seq), |event| event.seq);
            match (twin, newest) {
                (Some(twin), _) => {
                    let (first, second) = (pod_at(self.reader, twin.seq)?, pod_at(self.reader, record.seq)?);
                    if !is_same(&first, &second) {
                        faults.push(StreamFault {
                            seq: standing,
                            rule: "duplicate-differs",
                            expected: format!("version {version} as in record {}", twin.seq),
                            actual: format!("record {} shows it differently", record.seq),
                        });
                    }
                }
                (None, Some(newest)) if version < newest => faults.push(StreamFault {
                    seq: standing,
                    rule: "version-back",
                    expected: format!("a version after {newest}"),
                    actual: version.to_string(),
                }),
                (None, _) => {}
            }
        }
        Ok(faults)
    }
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
