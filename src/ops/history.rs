//! One pod of the log, replayed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::ingest::IngestError;
use super::namesakes::records_of;
use super::requests::{Derived, Granting, grant_requests};
use crate::input::stored_record::{belonging_of, object_of, pod_of, pod_of_object};
use crate::kubelet::status_column::readiness_gates;
use crate::kubelet::{Features, KubernetesVersion, columns};
use crate::model::time::SECOND_US;
use crate::model::{
    Belonging, Clock, EventKind, Known, ObservedAt, Pod, PodIdentity, ResourceVersion, Seq, Target, WatchEvent, Window,
};
use crate::replay::evidence::is_attributed;
use crate::replay::{OrderedWrite, Sighting, order_writes};
use crate::report::{PodMoment, PodReport, Source};
use crate::select::LabelSelector;
use crate::store::read::ListingRow;
use crate::store::{Log, PodRow, Reader, StoreError, StoredRecord, VersionKey};
use crate::timeline::{
    Coverage, GapKind, Interruption, Listing, Point, Presence, Recordings, SightingPlace, Timeline, Uncertain, gaps,
    presence,
};

/// Reads and replays one pod.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn history(log: &Log, reader: &Reader<'_>, row: PodRow, recordings: &Recordings) -> Result<PodReport, IngestError> {
    let records = records_of(reader, &row)?;
    let (events, sources) = sourced_events(log, reader, &row, &records, recordings)?;
    Ok(report(row.identity, &records, events, sources, recordings))
}

/// The report of a pod whose events are read already.
pub(super) fn report(
    identity: PodIdentity,
    records: &[StoredRecord],
    events: impl IntoIterator<Item = WatchEvent>,
    sources: Sources,
    recordings: &Recordings,
) -> PodReport {
    let places = places(records);
    let timeline = Timeline::replay(events);
    let presence = presence(&identity.namespace, &places, recordings);
    let gaps = gaps(&timeline, &places, &presence, recordings);
    let vanished = gaps.iter().find(|gap| gap.kind == GapKind::Vanished).map(|gap| gap.from);
    let recorded_until = vanished.unwrap_or_else(|| presence.known_until());
    PodReport { identity, timeline, gaps, recorded_until, sources, beside: Vec::new() }
}

/// Whether the labels of a pod's newest object fit.
///
/// # Errors
/// When the store cannot be read, or a record is damaged.
pub fn fits(log: &Log, reader: &Reader<'_>, row: &PodRow, selector: &LabelSelector) -> Result<bool, IngestError> {
    match writes(log, reader, row, &records_of(reader, row)?)?.last() {
        Some(newest) => Ok(selector.matches(&belonging_at(reader, newest)?.labels)),
        None => Ok(false),
    }
}

/// What the pod that a write left belongs to.
///
/// # Errors
/// When the store cannot be read, or the record is damaged.
pub fn belonging_at(reader: &Reader<'_>, write: &Write) -> Result<Belonging, IngestError> {
    Ok(belonging_of(&object_at(reader, write)?))
}

/// The object as a write left it, as JSON: the pod itself, without the watch event around it.
///
/// # Errors
/// When the store cannot be read, or the record is nested too deeply to be shown.
pub fn object_at(reader: &Reader<'_>, write: &Write) -> Result<Json, IngestError> {
    if let Some(object) = &write.object {
        return Ok(object.object());
    }
    let (seq, stated) = (write.seq, write.recorded_at);
    reader.with_body(seq, |body| object_of(body, stated))?.map_err(|what| IngestError::NotShown { seq, what })
}

/// The same; none of what is no complete JSON to the parser: it cannot be compared, and the timeline does not need it.
///
/// # Errors
/// When the store cannot be read.
pub fn shown_object_at(reader: &Reader<'_>, write: &Write) -> Result<Option<Json>, IngestError> {
    match object_at(reader, write) {
        Ok(object) => Ok(Some(object)),
        Err(IngestError::NotShown { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// For each event of a pod without a transition, what else changed in the object.
///
/// # Errors
/// When the store cannot be read.
pub fn other_changes(log: &Log, reader: &Reader<'_>, report: &PodReport) -> Result<Vec<Vec<String>>, IngestError> {
    let entries = &report.timeline.entries;
    let Some(row) = reader.pod_known_as(&report.identity)? else { return Ok(Vec::new()) };
    let writes = writes(log, reader, &row, &records_of(reader, &row)?)?;
    let mut changes = vec![Vec::new(); entries.len()];
    for (index, change) in changes.iter_mut().enumerate().skip(1) {
        if report.timeline.transitions_of(index).is_empty() {
            let [before, after] = [index - 1, index].map(|index| shown_object_at(reader, &writes[index]));
            if let (Some(before), Some(after)) = (before?, after?) {
                *change = super::changes::changed_paths(&before, &after);
            }
        }
    }
    Ok(changes)
}

/// The write that holds for a pod at a moment, and how well that is known; `None` before its first.
///
/// # Errors
/// When the store cannot be read.
pub fn write_at(
    log: &Log,
    reader: &Reader<'_>,
    row: &PodRow,
    at: Option<ObservedAt>,
    recordings: &Recordings,
) -> Result<Option<WriteAt>, IngestError> {
    let records = records_of(reader, row)?;
    let writes = writes(log, reader, row, &records)?;
    let happened = |write: &Write| match (at, write.window.at) {
        (Some(at), Some(written_at)) => written_at <= at,
        (None, _) | (_, None) => true,
    };
    let Some(write) = writes.into_iter().take_while(happened).last() else { return Ok(None) };
    let presence = presence(&row.identity.namespace, &places(&records), recordings);
    let has_vanished = presence.vanished_at().is_some_and(|gone| at.is_none_or(|at| Some(at) >= gone));
    let is_deleted = write.kind == EventKind::Deleted;
    let uncertain = if is_deleted { None } else { doubt(&write.known, &presence, at) };
    Ok(Some(WriteAt { write, is_gone: IsGone(is_deleted || has_vanished), uncertain }))
}

/// Why the object that a write left is not for certain what held at a moment.
fn doubt(known: &Known, presence: &Presence, at: Option<ObservedAt>) -> Option<Uncertain> {
    presence.uncertain_at(at).or_else(|| match known {
        Known::Partly => Some(Uncertain::Partly),
        Known::Untold(what) => Some(Uncertain::Untold(what.clone())),
        Known::Shown | Known::Derived => None,
    })
}

/// What holds for a pod at a moment.
#[derive(Debug)]
pub struct WriteAt {
    /// The last write by then.
    pub write: Write,
    /// Whether the pod was gone.
    pub is_gone: IsGone,
    /// Why that is only the last that was recorded.
    pub uncertain: Option<Uncertain>,
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
    selector: Option<&LabelSelector>,
) -> Result<Vec<PodMoment>, IngestError> {
    let recordings = recordings(log, reader)?;
    let mut there = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        if let Some(found) = write_at(log, reader, row, at, &recordings)?
            && found.is_gone == IsGone(false)
        {
            there.push((found, place));
        }
    }
    there.sort_by_key(|(found, _)| found.write.seq);
    let mut moments = Vec::with_capacity(there.len());
    for (WriteAt { write, uncertain, .. }, place) in there {
        if let Some(selector) = selector
            && !selector.matches(&belonging_at(reader, &write)?.labels)
        {
            continue;
        }
        let pod = pod_at(reader, &write)?;
        let Write { seq, window, .. } = write;
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
            uncertain,
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
        version: record.resource_version.clone(),
    };
    records.iter().map(place).collect()
}

/// What is known of the recordings of a log.
///
/// # Errors
/// When the store cannot be read.
pub fn recordings(log: &Log, reader: &Reader<'_>) -> Result<Recordings, StoreError> {
    let point = |cluster, version| point(log, cluster, version);
    let mut recordings = Recordings::default();
    for row in reader.interruptions()? {
        recordings.interruptions.push(Interruption {
            seq: Seq(row.seq),
            is_error: row.is_error,
            recording: row.recording,
            from: point(row.cluster, row.version_before)?,
            until: point(row.cluster, row.version_behind)?,
        });
    }
    recordings.names = reader.recording_names()?.into_iter().collect();
    for row in reader.coverages()?.into_iter().filter(|row| row.tells_of_pods) {
        let (from, until) = match row.stated {
            Some((first, last)) => (Point::at(first), Point::at(last)),
            None => (point(row.cluster, row.from)?, point(row.cluster, row.until)?),
        };
        recordings.coverages.push(Coverage { recording: row.recording, cluster: row.cluster, from, until });
    }
    // A recording that stands alone and is not interrupted has nothing that its lists could be held against.
    if recordings.coverages.len() > 1 || !recordings.interruptions.is_empty() {
        for (row, stated) in whole_listings(reader)? {
            let by = stated.map(|version| VersionKey::from(&version)).or(row.by);
            recordings.listings.push(Listing {
                recording: row.recording,
                cluster: row.cluster,
                first: Seq(row.first),
                from: point(row.cluster, by.clone().filter(|_| row.list_end.is_some()).or(row.from))?,
                by: point(row.cluster, by)?,
                namespaces: row.namespaces,
                is_list: row.list_end.is_some(),
            });
        }
    }
    Ok(recordings)
}

/// The point of a version.
pub(super) fn point(log: &Log, cluster: i64, version: Option<VersionKey>) -> Result<Point, StoreError> {
    let Some(key) = version else { return Ok(Point::default()) };
    let at = log.not_before(cluster, &key)?.map(ObservedAt::from_micros);
    Ok(Point { version: key.to_version(), at })
}

/// Where the recordings knew a pod.
pub(super) fn presence_of(reader: &Reader<'_>, row: &PodRow, recordings: &Recordings) -> Result<Presence, IngestError> {
    Ok(presence(&row.identity.namespace, &places(&records_of(reader, row)?), recordings))
}

/// Where recordings told of all pods, with the version that a list says it is of. Parts of a list are left out: none of
/// them tells of all.
pub(super) fn whole_listings(reader: &Reader<'_>) -> Result<Vec<(ListingRow, Option<ResourceVersion>)>, StoreError> {
    let mut listings = Vec::new();
    let mut parts: BTreeSet<(i64, Option<ResourceVersion>)> = BTreeSet::new();
    for row in reader.listings()? {
        let mut stated = None;
        if let Some(end) = row.list_end {
            let (version, is_whole) = list_head(reader, row.first, end)?;
            if !is_whole {
                parts.insert((row.cluster, version.clone()));
            }
            stated = version;
        }
        listings.push((row, stated));
    }
    listings.retain(|(row, stated)| row.list_end.is_none() || !parts.contains(&(row.cluster, stated.clone())));
    Ok(listings)
}

/// What a list says of itself: its version, and whether nothing is to follow.
fn list_head(reader: &Reader<'_>, begin: i64, end: i64) -> Result<(Option<ResourceVersion>, bool), StoreError> {
    let mut text = reader.with_body(begin, <[u8]>::to_vec)?;
    reader.with_body(end, |body| text.extend_from_slice(body))?;
    let list: Json = serde_json::from_slice(&text).unwrap_or_default();
    let metadata = &list["metadata"];
    let version = metadata["resourceVersion"].as_str().and_then(ResourceVersion::new);
    let is_whole = metadata["continue"].as_str().is_none_or(str::is_empty);
    Ok((version, is_whole))
}

/// The object as a write left it, in the model's words.
///
/// # Errors
/// When the store cannot be read, or the record is not the pod that it was when it was appended.
pub fn pod_at(reader: &Reader<'_>, write: &Write) -> Result<Pod, IngestError> {
    let (seq, stated) = (write.seq, write.recorded_at);
    if let Some(pod) = &write.pod {
        return Ok((**pod).clone());
    }
    let pod = match &write.object {
        Some(object) => pod_of_object(&object.object().to_string()),
        None => reader.with_body(seq, |body| pod_of(body, stated))?,
    };
    pod.map_err(|what| IngestError::Damaged { seq, what })
}

/// One write, known by its rows only, or by the request that asked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The record that stands for it.
    pub seq: i64,
    /// What the record says.
    pub kind: EventKind,
    /// When it happened.
    pub window: Window,
    /// The records that show it.
    pub sightings: Vec<Seq>,
    /// How its object is known.
    pub known: Known,
    /// The object that a request made.
    object: Option<Derived>,
    /// The same in the model's words.
    pod: Option<Box<Pod>>,
    /// The time that the format of the record states.
    recorded_at: Option<ObservedAt>,
}

/// The writes among the records of one pod, in their order, each with its window.
///
/// # Errors
/// When the store cannot be read.
pub fn writes(
    log: &Log,
    reader: &Reader<'_>,
    row: &PodRow,
    records: &[StoredRecord],
) -> Result<Vec<Write>, IngestError> {
    let mut writes: Vec<Write> = Vec::with_capacity(records.len());
    let mut before: Option<&StoredRecord> = None;
    for granting in granted(reader, target_of(row), records)? {
        let Some(record) = record_at(records, granting.write.seq) else { continue };
        let mut write = write_of(granting, record);
        write.window = window(log, row.cluster, &write, record, before, writes.last())?;
        writes.push(write);
        before = Some(record);
    }
    Ok(writes)
}

/// When a write happened, as far as its record, the one before and the clock of the cluster tell.
fn window(
    log: &Log,
    cluster: i64,
    write: &Write,
    record: &StoredRecord,
    before: Option<&StoredRecord>,
    write_before: Option<&Write>,
) -> Result<Window, StoreError> {
    let Window { at: stated, clock, .. } = write.window;
    let own = stated.or(record.stamp.map(|at| ObservedAt::from_micros(at.micros())));
    let (mut inherited, mut bound) = (write_before.and_then(|write| write.window.at), None);
    if let Some(version) = record.resource_version.as_ref().map(VersionKey::from) {
        inherited = inherited.max(log.not_before(cluster, &version)?.map(ObservedAt::from_micros));
        bound = log.next_stamp(cluster, &version)?.map(ObservedAt::from_micros).map(end_of_second);
    }
    let at = own.max(inherited);
    if stated.is_some() {
        let clock = if at == own { clock } else { Clock::Inherited };
        return Ok(Window { at, at_latest: at, clock });
    }
    let tight = own.filter(|_| before.is_some_and(|before| is_stamped_anew(before, record))).map(end_of_second);
    let at_latest = [tight, bound].into_iter().flatten().filter(|latest| Some(*latest) >= at).min();
    let clock = if at == own { record.clock } else { Clock::Inherited };
    Ok(Window { at, at_latest, clock })
}

/// The events among the records of one pod, in the order of the writes, each with its window.
///
/// # Errors
/// When the store cannot be read or a record is damaged.
pub fn events(
    log: &Log,
    reader: &Reader<'_>,
    row: &PodRow,
    records: &[StoredRecord],
) -> Result<Vec<WatchEvent>, IngestError> {
    events_of_writes(reader, writes(log, reader, row, records)?)
}

/// Where each event is recorded.
type Sources = BTreeMap<Seq, Vec<Source>>;

/// The events of a pod, and where each is recorded.
pub(super) fn sourced_events(
    log: &Log,
    reader: &Reader<'_>,
    row: &PodRow,
    records: &[StoredRecord],
    recordings: &Recordings,
) -> Result<(Vec<WatchEvent>, Sources), IngestError> {
    let writes = writes(log, reader, row, records)?;
    let source = |seq: &Seq| {
        let record = record_at(records, *seq)?;
        let name = recordings.names.get(&record.recording).cloned().unwrap_or_default();
        let clock = record.stated.map_or(record.clock, |(_, clock)| clock);
        Some(Source { seq: *seq, recording: record.recording, name, line: record.line, clock })
    };
    let sources = writes.iter().map(|write| (Seq(write.seq), write.sightings.iter().filter_map(source).collect()));
    let sources = sources.collect();
    Ok((events_of_writes(reader, writes)?, sources))
}

fn events_of_writes(reader: &Reader<'_>, writes: Vec<Write>) -> Result<Vec<WatchEvent>, IngestError> {
    let mut events: Vec<WatchEvent> = Vec::with_capacity(writes.len());
    for write in writes {
        let mut event = event_of(reader, write)?;
        if let (Some(before), Clock::ManagedFields, EventKind::Modified) =
            (events.last(), event.window.clock, &event.kind)
            && is_attributed(&before.pod, &event.pod)
        {
            let tight = event.window.at.map(end_of_second);
            event.window.at_latest = tight.min(event.window.at_latest).or(tight);
        }
        events.push(event);
    }
    Ok(events)
}

/// The events among the records of one pod, in the order of the writes, without their windows.
pub(super) fn events_of(
    reader: &Reader<'_>,
    row: &PodRow,
    records: &[StoredRecord],
) -> Result<Vec<WatchEvent>, IngestError> {
    events_among(reader, records, target_of(row))
}

/// The same of records that need not be all of a pod.
pub(super) fn events_among(
    reader: &Reader<'_>,
    records: &[StoredRecord],
    target: Target,
) -> Result<Vec<WatchEvent>, IngestError> {
    let mut events = Vec::with_capacity(records.len());
    for granting in granted(reader, target, records)? {
        let Some(record) = record_at(records, granting.write.seq) else { continue };
        let write = Write { window: NO_WINDOW, ..write_of(granting, record) };
        events.push(event_of(reader, write)?);
    }
    Ok(events)
}

fn target_of(row: &PodRow) -> Target {
    let PodIdentity { namespace, name, uid, .. } = &row.identity;
    Target { namespace: namespace.as_str().into(), name: name.as_str().into(), uid: uid.as_str().into() }
}

fn event_of(reader: &Reader<'_>, write: Write) -> Result<WatchEvent, IngestError> {
    let pod = pod_at(reader, &write)?;
    let Write { seq, kind, window, known, .. } = write;
    Ok(WatchEvent { seq: Seq(seq), kind, window, pod, known })
}

/// A write without its window; the time that is stated of it stands in for it.
fn write_of(granting: Granting, record: &StoredRecord) -> Write {
    let Granting { write, object, pod, known } = granting;
    let OrderedWrite { seq, kind, stated, sightings, .. } = write;
    let clock = stated.map_or(Clock::None, |(_, clock)| clock);
    let at = stated.map(|(at, _)| at);
    let recorded_at = record.stated.map(|(at, _)| at);
    Write { seq: seq.0, kind, window: Window { at, at_latest: at, clock }, sightings, known, object, pod, recorded_at }
}

/// One entry a write, in the order of the writes.
fn granted(reader: &Reader<'_>, target: Target, records: &[StoredRecord]) -> Result<Vec<Granting>, IngestError> {
    let sighting = |record: &StoredRecord| Sighting {
        seq: Seq(record.seq),
        kind: record.kind.clone(),
        resource_version: record.resource_version.clone(),
        clock: record.clock,
        not_before: record.stamp.map(|at| ObservedAt::from_micros(at.micros())),
        stated: record.stated,
        recording: record.recording,
    };
    let ordered = order_writes(records.iter().map(sighting).collect());
    grant_requests(reader, records, target, ordered)
}

fn record_at(records: &[StoredRecord], seq: Seq) -> Option<&StoredRecord> {
    records.binary_search_by_key(&seq.0, |record| record.seq).ok().map(|index| &records[index])
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
