//! One pod of the log, replayed.

use serde_json::Value as Json;

use super::ingest::IngestError;
use crate::input::decode::{belonging_of, pod_of};
use crate::kubelet::status_column::readiness_gates;
use crate::kubelet::{Features, KubernetesVersion, columns};
use crate::model::time::SECOND_US;
use crate::model::{Belonging, Clock, EventKind, ObservedAt, Pod, PodIdentity, Seq, WatchEvent, Window};
use crate::replay::evidence::is_attributed;
use crate::replay::{Sighting, order_writes};
use crate::report::{PodMoment, PodReport};
use crate::select::LabelSelector;
use crate::store::{Log, PodRow, Reader, StoreError, StoredRecord, VersionKey};
use crate::timeline::{
    Coverage, GapKind, Interruption, Recordings, SightingPlace, Timeline, covered_until, gaps, vanished_at,
};

/// Reads and replays one pod.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn history(log: &Log, reader: &Reader<'_>, row: PodRow, recordings: &Recordings) -> Result<PodReport, IngestError> {
    let records = reader.records_of(row.id)?;
    let events = events(log, reader, row.cluster, &records)?;
    Ok(report(row.identity, &records, events, recordings))
}

/// The report of a pod whose events are read already.
pub(super) fn report(
    identity: PodIdentity,
    records: &[StoredRecord],
    events: impl IntoIterator<Item = WatchEvent>,
    recordings: &Recordings,
) -> PodReport {
    let places = places(records);
    let timeline = Timeline::replay(events);
    let gaps = gaps(&timeline, &places, recordings);
    let vanished = gaps.iter().find(|gap| gap.kind == GapKind::Vanished).map(|gap| gap.from);
    let recorded_until = match vanished {
        Some(from) => from,
        None => covered_until(&places, &recordings.coverages),
    };
    PodReport { identity, timeline, gaps, recorded_until }
}

/// Whether the labels of the object that a record shows fit.
///
/// # Errors
/// When the store cannot be read, or the record is damaged.
pub fn fits(reader: &Reader<'_>, seq: i64, selector: &LabelSelector) -> Result<bool, IngestError> {
    Ok(selector.matches(&belonging_at(reader, seq)?.labels))
}

/// What the pod that a record shows belongs to.
///
/// # Errors
/// When the store cannot be read, or the record is damaged.
pub fn belonging_at(reader: &Reader<'_>, seq: i64) -> Result<Belonging, IngestError> {
    reader.with_body(seq, belonging_of)?.map_err(|what| IngestError::Damaged { seq, what })
}

/// The object of a record as JSON: the pod itself, without the watch event around it.
///
/// # Errors
/// When the store cannot be read, or the record is nested too deeply to be shown.
pub fn object_at(reader: &Reader<'_>, seq: i64) -> Result<Json, IngestError> {
    let parse = |body: &[u8]| serde_json::from_slice::<Json>(body);
    let value =
        reader.with_body(seq, parse)?.map_err(|error| IngestError::NotShown { seq, what: error.to_string() })?;
    match value {
        Json::Object(mut fields) if fields.get("object").is_some_and(Json::is_object) => {
            Ok(fields.remove("object").unwrap_or_default())
        }
        object
        @ (Json::Object(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) => {
            Ok(object)
        }
    }
}

/// For each event of a pod without a transition, what else changed in the object.
///
/// # Errors
/// When the store cannot be read.
pub fn other_changes(reader: &Reader<'_>, report: &PodReport) -> Result<Vec<Vec<String>>, IngestError> {
    let entries = &report.timeline.entries;
    let mut changes = vec![Vec::new(); entries.len()];
    for (index, change) in changes.iter_mut().enumerate().skip(1) {
        if report.timeline.transitions_of(index).is_empty() {
            let objects = [index - 1, index].map(|index| object_at(reader, entries[index].seq.0));
            *change = match objects {
                [Ok(before), Ok(after)] => super::changes::changed_paths(&before, &after),
                // What is no complete JSON to the parser cannot be compared; the timeline does not need it.
                [Err(IngestError::NotShown { .. }), _] | [_, Err(IngestError::NotShown { .. })] => Vec::new(),
                [Err(error), _] | [_, Err(error)] => return Err(error),
            };
        }
    }
    Ok(changes)
}

/// The write that holds for a pod at a moment; `None` before its first.
///
/// # Errors
/// When the store cannot be read.
pub fn write_at(
    log: &Log,
    reader: &Reader<'_>,
    row: &PodRow,
    at: Option<ObservedAt>,
    recordings: &Recordings,
) -> Result<Option<(Write, IsGone)>, IngestError> {
    let records = reader.records_of(row.id)?;
    let writes = writes(log, row.cluster, &records)?;
    let happened = |write: &Write| match (at, write.window.at) {
        (Some(at), Some(written_at)) => written_at <= at,
        (None, _) | (_, None) => true,
    };
    let Some(write) = writes.into_iter().take_while(happened).last() else { return Ok(None) };
    let vanished = vanished_at(&places(&records), &recordings.interruptions);
    let is_gone = write.kind == EventKind::Deleted || vanished.is_some_and(|gone| at.is_none_or(|at| at >= gone));
    Ok(Some((write, IsGone(is_gone))))
}

fn name_of(moment: &PodMoment) -> (String, String, String) {
    let PodIdentity { cluster, namespace, name, .. } = moment.identity.clone();
    (cluster, namespace, name)
}

/// Whether a pod was gone at the moment asked for: deleted, or no longer told of by a list that told of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsGone(pub bool);

/// The pods that were there at a moment, in the order of `rows`. One record of each is unpacked, in the order of the log,
/// in which neighbours share their blocks.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn pods_at(
    log: &Log,
    reader: &Reader<'_>,
    rows: &[PodRow],
    at: Option<ObservedAt>,
    fits: impl Fn(i64) -> Result<bool, IngestError>,
) -> Result<Vec<PodMoment>, IngestError> {
    let recordings = recordings(log, reader)?;
    let mut there = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        if let Some((write, IsGone(false))) = write_at(log, reader, row, at, &recordings)? {
            there.push((write, place));
        }
    }
    there.sort_by_key(|(write, _)| write.seq);
    let mut moments = Vec::with_capacity(there.len());
    for (Write { seq, window, .. }, place) in there {
        if !fits(seq)? {
            continue;
        }
        let pod = pod_at(reader, seq)?;
        let moment = PodMoment {
            identity: rows[place].identity.clone(),
            seq,
            window,
            columns: columns(&pod, Features::of(KubernetesVersion::told_by(&pod))),
            readiness_gates: readiness_gates(&pod),
            resource_version: pod.metadata.resource_version,
            phase: pod.status.phase,
            created_at: pod.metadata.created_at,
            ip: pod.status.pod_ips.into_iter().next().filter(|ip| !ip.is_empty()),
            node: pod.spec.node_name,
            nominated_node: pod.status.nominated_node_name,
        };
        moments.push((place, moment));
    }
    // A name has one incarnation at a time: the creation of a later one proves that the earlier was gone.
    moments.sort_by_key(|(place, moment): &(usize, PodMoment)| (name_of(moment), moment.created_at, *place));
    let newest: Vec<bool> = (0..moments.len())
        .map(|index| moments.get(index + 1).is_none_or(|(_, next)| name_of(next) != name_of(&moments[index].1)))
        .collect();
    let mut newest = newest.into_iter();
    moments.retain(|_| newest.next().unwrap_or(true));
    moments.sort_by_key(|(place, _)| *place);
    Ok(moments.into_iter().map(|(_, moment)| moment).collect())
}

fn places(records: &[StoredRecord]) -> Vec<SightingPlace> {
    let place = |record: &StoredRecord| SightingPlace {
        seq: Seq(record.seq),
        kind: record.kind.clone(),
        recording: record.recording,
    };
    records.iter().map(place).collect()
}

/// What is known of the recordings of a log.
///
/// # Errors
/// When the store cannot be read.
pub fn recordings(log: &Log, reader: &Reader<'_>) -> Result<Recordings, StoreError> {
    let time = |cluster: i64, version: Option<VersionKey>| match version {
        Some(version) => Ok(log.not_before(cluster, &version)?.map(ObservedAt::from_micros)),
        None => Ok::<_, StoreError>(None),
    };
    let mut recordings = Recordings::default();
    for row in reader.interruptions()? {
        recordings.interruptions.push(Interruption {
            seq: Seq(row.seq),
            is_error: row.is_error,
            recording: row.recording,
            from: time(row.cluster, row.version_before)?,
            until: time(row.cluster, row.version_behind)?,
        });
    }
    for row in reader.coverages()? {
        let (from, until) = (time(row.cluster, row.from)?, time(row.cluster, row.until)?);
        recordings.coverages.push(Coverage { recording: row.recording, from, until });
    }
    Ok(recordings)
}

/// The object that a record shows.
///
/// # Errors
/// When the store cannot be read, or the record is not the pod that it was when it was appended.
pub fn pod_at(reader: &Reader<'_>, seq: i64) -> Result<Pod, IngestError> {
    reader.with_body(seq, pod_of)?.map_err(|what| IngestError::Damaged { seq, what })
}

/// One write, known by its rows only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The record that stands for it.
    pub seq: i64,
    /// What the record says.
    pub kind: EventKind,
    /// When it happened.
    pub window: Window,
}

/// The writes among the records of one pod, in their order, each with its window.
///
/// # Errors
/// When the store cannot be read.
pub fn writes(log: &Log, cluster: i64, records: &[StoredRecord]) -> Result<Vec<Write>, StoreError> {
    let mut writes: Vec<Write> = Vec::with_capacity(records.len());
    let mut before: Option<&StoredRecord> = None;
    for record in in_order(records) {
        let own = record.stamp.map(|at| ObservedAt::from_micros(at.micros()));
        let (mut inherited, mut bound) = (writes.last().and_then(|write| write.window.at), None);
        if let Some(version) = record.resource_version.as_ref().map(VersionKey::from) {
            inherited = inherited.max(log.not_before(cluster, &version)?.map(ObservedAt::from_micros));
            bound = log.next_stamp(cluster, &version)?.map(ObservedAt::from_micros).map(end_of_second);
        }
        let at = own.max(inherited);
        let tight = own.filter(|_| before.is_some_and(|before| is_stamped_anew(before, record))).map(end_of_second);
        let at_latest = [tight, bound].into_iter().flatten().filter(|latest| Some(*latest) >= at).min();
        let clock = if at == own { record.clock } else { Clock::Inherited };
        writes.push(Write { seq: record.seq, kind: record.kind.clone(), window: Window { at, at_latest, clock } });
        before = Some(record);
    }
    Ok(writes)
}

/// The events among the records of one pod, in the order of the writes, each with its window.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn events(
    log: &Log,
    reader: &Reader<'_>,
    cluster: i64,
    records: &[StoredRecord],
) -> Result<Vec<WatchEvent>, IngestError> {
    let mut events: Vec<WatchEvent> = Vec::with_capacity(records.len());
    for Write { seq, kind, mut window } in writes(log, cluster, records)? {
        let pod = pod_at(reader, seq)?;
        if let (Some(before), Clock::ManagedFields, EventKind::Modified) = (events.last(), window.clock, &kind)
            && is_attributed(&before.pod, &pod)
        {
            let tight = window.at.map(end_of_second);
            window.at_latest = tight.min(window.at_latest).or(tight);
        }
        events.push(WatchEvent { seq: Seq(seq), kind, window, pod });
    }
    Ok(events)
}

/// The events among the records of one pod, in the order of the writes, without their windows.
pub(super) fn events_of(reader: &Reader<'_>, records: &[StoredRecord]) -> Result<Vec<WatchEvent>, IngestError> {
    let event = |record: &StoredRecord| {
        let pod = pod_at(reader, record.seq)?;
        Ok(WatchEvent { seq: Seq(record.seq), kind: record.kind.clone(), window: NO_WINDOW, pod })
    };
    in_order(records).into_iter().map(event).collect()
}

/// One record a write, in the order of the writes.
fn in_order(records: &[StoredRecord]) -> Vec<&StoredRecord> {
    let sighting = |record: &StoredRecord| Sighting {
        seq: Seq(record.seq),
        kind: record.kind.clone(),
        resource_version: record.resource_version.clone(),
        clock: record.clock,
    };
    let find = |seq: Seq| records.binary_search_by_key(&seq.0, |record| record.seq).ok().map(|index| &records[index]);
    order_writes(records.iter().map(sighting).collect()).iter().filter_map(|write| find(write.seq)).collect()
}

/// Before the clock of the cluster was asked.
pub(super) const NO_WINDOW: Window = Window { at: None, at_latest: None, clock: Clock::None };

/// The newest stamp is of this very write: it is newer than the newest that the write before carried.
fn is_stamped_anew(before: &StoredRecord, record: &StoredRecord) -> bool {
    record.kind == EventKind::Modified
        && before.clock == Clock::ManagedFields
        && record.clock == Clock::ManagedFields
        && record.stamp > before.stamp
}

/// Stamps are rounded down: the second that they name ends with the next.
fn end_of_second(at: ObservedAt) -> ObservedAt {
    at.plus_micros(SECOND_US)
}
