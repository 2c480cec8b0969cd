//! Gathers from a log what a report shows of an incident.

use super::beside::Notes;
use super::changes::changes;
use super::check::{held_by, judged};
use super::history::{Write, belonging_at, recordings, shown_object_at, writes};
use super::ingest::IngestError;
use super::namesakes::records_of;
use crate::kubelet::KubernetesVersion;
use crate::model::Belonging;
use crate::report::{EventDetail, Incident, IncidentPod, JudgedPod, TestReport};
use crate::rules::shared_ip::Addresses;
use crate::store::{Log, PodRow, Reader};
use crate::timeline::Stretch;

/// What is asked of a report.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What lies outside is left out, and so are the pods of which nothing lies within.
    pub frame: Stretch,
    /// The release whose rules apply; what the objects tell if none is given.
    pub version: Option<KubernetesVersion>,
    /// Whether the object behind each event is told whole.
    pub objects: Objects,
}

/// Whether whole objects are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objects {
    /// They are.
    Told,
    /// Only what changed is.
    Changes,
}

/// An incident of these pods.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn incident(
    log: &Log,
    rows: Vec<PodRow>,
    asked: &Asked,
    test: Option<TestReport>,
) -> Result<Incident, IngestError> {
    let reader = log.reader();
    let known = recordings(log, &reader)?;
    let notes = Notes::new(log, &reader);
    let mut pods: Vec<(PodRow, JudgedPod)> = Vec::with_capacity(rows.len());
    let mut addresses = Addresses::default();
    for row in rows {
        let (judged, events) = judged(log, &reader, row.clone(), &known, asked.version)?;
        addresses.add(pods.len(), row.cluster, &events);
        pods.push((row, judged));
    }
    for (place, holder, mut finding) in addresses.shared() {
        finding.message = held_by(&pods[holder].0.identity);
        pods[place].1.judgement.findings.push(finding);
    }
    pods.retain(|(_, pod)| is_within(pod, &asked.frame));
    let pods = pods
        .into_iter()
        .map(|(row, judged)| pod(log, &reader, &row, judged, &notes, asked))
        .collect::<Result<Vec<_>, _>>()?;
    let recordings = reader.recordings()?.into_iter().map(|recording| recording.name).collect();
    Ok(Incident { frame: asked.frame, pods, recordings, test })
}

/// A pod of which nothing has a time stands nowhere, and is left out only where a time was asked for.
fn is_within(pod: &JudgedPod, frame: &Stretch) -> bool {
    pod.report.lived().map_or(*frame == Stretch::ALWAYS, |lived| lived.touches(frame))
}

fn pod(
    log: &Log,
    reader: &Reader<'_>,
    row: &PodRow,
    mut judged: JudgedPod,
    notes: &Notes<'_>,
    asked: &Asked,
) -> Result<IncidentPod, IngestError> {
    judged.report.beside = notes.of(row, &judged.report)?;
    let writes = writes(log, reader, row, &records_of(reader, row)?)?;
    debug_assert_eq!(writes.len(), judged.report.timeline.entries.len(), "an entry is a write");
    let newest = writes.last().map(|write| belonging_at(reader, write)).transpose()?;
    let owner = newest.as_ref().and_then(Belonging::workload);
    let events = details(reader, &writes, asked)?;
    Ok(IncidentPod { judged, owner, events })
}

/// What each write changed.
fn details(reader: &Reader<'_>, writes: &[Write], asked: &Asked) -> Result<Vec<EventDetail>, IngestError> {
    let mut details = Vec::with_capacity(writes.len());
    let mut before = None;
    for write in writes {
        let object = shown_object_at(reader, write)?;
        let changes = match (&before, &object) {
            (Some(before), Some(after)) => changes(before, after),
            (None, _) | (_, None) => Vec::new(),
        };
        let told = if asked.objects == Objects::Told { object.clone() } else { None };
        details.push(EventDetail { changes, object: told });
        before = object;
    }
    Ok(details)
}
