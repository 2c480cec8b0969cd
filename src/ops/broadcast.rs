//! Reads once what the pods of a grouped stream share: records of their nodes and namespaces, and the recordings that they are from.

use std::collections::BTreeSet;

use super::ingest::ingest;
use super::ingest_error::IngestError;
use super::ingest_options::IngestOptions;
use super::reading::Reading;
use super::shared::Shared;
use crate::input::Source;
use crate::input::record::{Body, Record, Stated, Subject};
use crate::model::{AuditFact, EventKind, ObservedAt, PodIdentity, Target};
use crate::store::{Log, Reader, RecordFacts};

/// So many rows are held while they are gone through.
const ROWS_AT_ONCE: i64 = 4096;

/// What is given to every pod.
#[derive(Debug, Default)]
pub struct Broadcast {
    /// How many records were read.
    pub records: u64,
    /// How many of them are about pods: only their resourceVersions and times count.
    pub of_pods: u64,
    pub(super) shared: Shared,
}

impl Broadcast {
    /// Reads inputs. Nothing of their records is kept but what decides something of a pod.
    ///
    /// # Errors
    /// When an input cannot be read or has a broken record.
    pub fn read(sources: Vec<Source>, options: &IngestOptions) -> Result<Self, IngestError> {
        let log = Log::in_memory()?;
        let options = IngestOptions { strict: true, ..options.clone() };
        let mut broadcast = Self::default();
        for source in sources {
            let report = ingest(&log, Source { cluster: None, ..source }, &options, &())?;
            broadcast.records += report.records;
            broadcast.of_pods += report.events + report.repeated;
        }
        let reader = log.reader();
        let Some(cluster) = reader.clusters()?.first().copied() else { return Ok(broadcast) };
        broadcast.shared = shared(&reader, cluster)?;
        Ok(broadcast)
    }
}

fn shared(reader: &Reader<'_>, cluster: i64) -> Result<Shared, IngestError> {
    let reading = Reading::new(reader);
    let (recordings, skyline) = (reading.recordings()?.clone(), reader.skyline(cluster)?);
    let mut shared = Shared { recordings, skyline, ..Shared::default() };
    let (mut after, mut nodes) = (0, BTreeSet::new());
    loop {
        let rows = reader.records_after(after, ROWS_AT_ONCE)?;
        let Some(last) = rows.last() else { return Ok(shared) };
        let targets = reader.targets_between(after, last.seq + 1)?;
        after = last.seq;
        for row in rows {
            let target = targets.get(&row.seq);
            if row.kind == EventKind::Node
                && let Some(node) = target
                && nodes.insert(node.name.clone())
            {
                let releases = reading.kubelet_of(cluster, &node.name)?;
                shared.kubelets.extend(releases.map(|releases| (node.name.clone(), releases)));
            }
            if row.kind == EventKind::Request
                && row.audited.as_ref().is_some_and(|it| &*it.what == AuditFact::COLLECTION)
            {
                let (namespace, record) = request(reader, row, target)?;
                shared.requests.entry(namespace).or_default().push(record);
            }
        }
    }
}

/// What was asked of all pods of a namespace, or of one of them with the others, as it was read.
fn request(
    reader: &Reader<'_>,
    row: RecordFacts,
    namespace: Option<&Target>,
) -> Result<(Box<str>, Record), IngestError> {
    let subject = match (namespace, row.pod.map(|pod| reader.pod(pod)).transpose()?.flatten()) {
        (None, Some(pod)) => {
            let PodIdentity { namespace, name, uid, .. } = pod.identity;
            let target = Target { namespace: namespace.into(), name: name.into(), uid: uid.into() };
            Subject::Request { target, lifecycle: row.lifecycle }
        }
        (target, _) => Subject::Related(target.cloned().unwrap_or_default()),
    };
    let namespace = match &subject {
        Subject::Related(target) | Subject::Request { target, .. } => target.namespace.clone(),
        Subject::Pod(_) | Subject::Stream { .. } => Box::default(),
    };
    let stated = row.stated.map(|(at, clock)| Stated {
        at: ObservedAt::from_micros(at),
        clock,
        begun: row.stamp.map(ObservedAt::from_micros),
    });
    let record = Record {
        kind: row.kind,
        subject,
        line: u64::try_from(row.line).unwrap_or_default(),
        body: Body::Rewritten(reader.with_body(row.seq, <[u8]>::to_vec)?),
        stated,
        audited: row.audited,
        by: row.actor.map(|actor| reader.actor(actor)).transpose()?.map(|actor| Box::new((*actor).clone())),
    };
    Ok((namespace, record))
}
