//! Judges the pods of a log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::bodies::EVENTS_HELD;
use super::pod_report::pod_report;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use super::stretches::each_stretch;
use crate::history::Bodies;
use crate::kubelet::{Features, KubernetesVersion, Releases, Told};
use crate::model::{Clock, EventKind, Pod, PodIdentity, ResourceVersion, Seq, StoredRecord, WatchEvent};
use crate::report::{JudgedPod, PodFindings};
use crate::rules::shared_ip::{Addresses, Claims, Sightings};
use crate::rules::{Finding, Judge, Judgement, Mishaps, Overview, Stream, StreamFault, Tally, Track, judge_by_all};
use crate::store::{InTurn, Log, PodRow};
use crate::timeline::{Gap, Timeline, gaps};

/// What became of judging pods.
#[derive(Debug, Default)]
pub struct Checked {
    /// The pods that have findings, in the order in which they were given.
    pub pods: Vec<PodFindings>,
    /// How many events there were, and were judged.
    pub tally: Tally,
}

/// What only all pods together show, each by its place among those given.
#[derive(Debug, Default)]
pub struct Together {
    /// What pods share that they must not: it stands behind what each shows by itself.
    pub shared: BTreeMap<usize, Vec<Finding>>,
    /// How many events there were, and were judged.
    pub tally: Tally,
    /// What went wrong with them.
    pub mishaps: Mishaps,
    /// By the rules of which releases they were.
    pub told: BTreeSet<Told>,
}

/// Judges pods, and what only all of them together show. Without a version each pod's is what its objects tell. A store on
/// disk is read by two threads; the outcome does not depend on them.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn check(log: &Log, rows: Vec<PodRow>, version: Option<KubernetesVersion>) -> Result<Checked, ReadError> {
    let kept: Mutex<BTreeMap<usize, Vec<Finding>>> = Mutex::default();
    let lock = || kept.lock().unwrap_or_else(PoisonError::into_inner);
    let together = check_each(log, &rows, version, &|place, findings| {
        lock().insert(place, findings);
    })?;
    for (place, shared) in together.shared {
        lock().entry(place).or_default().extend(shared);
    }
    let of_pod =
        |(place, findings): (usize, Vec<Finding>)| PodFindings { identity: rows[place].identity.clone(), findings };
    let kept = std::mem::take(&mut *lock());
    Ok(Checked { pods: kept.into_iter().map(of_pod).collect(), tally: together.tally })
}

/// The same for many pods: the findings of each that has some are handed to `keep` as they are found, in any order and by
/// any thread, with the pod's place among `rows`; nothing of them stays here.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn check_each(
    log: &Log,
    rows: &[PodRow],
    version: Option<KubernetesVersion>,
    keep: &(impl Fn(usize, Vec<Finding>) + Sync),
) -> Result<Together, ReadError> {
    let reader = log.reader();
    let reading = Reading::new(&reader).by_rules_of(version);
    let mut worked = Worked::default();
    for stretch in each_stretch(log, &reading, rows, |reading, places| work(reading, (rows, places), keep))? {
        worked.tally += stretch.tally;
        worked.mishaps += stretch.mishaps;
        worked.told.extend(stretch.told);
        worked.sightings.merge(stretch.sightings);
    }
    let shared = shared_addresses(log, rows, worked.sightings)?;
    Ok(Together { shared, tally: worked.tally, mishaps: worked.mishaps, told: worked.told })
}

/// What pods that may share an address do: few, and read once more.
fn shared_addresses(
    log: &Log,
    rows: &[PodRow],
    sightings: Sightings,
) -> Result<BTreeMap<usize, Vec<Finding>>, ReadError> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let mut suspects: Vec<usize> = sightings.suspects().into_iter().collect();
    suspects.sort_by_key(|place| rows[*place].id);
    let mut addresses = Addresses::default();
    let mut in_turn = InTurn::new(&reader, suspects.iter().map(|place| rows[*place].id));
    for place in suspects {
        in_turn.step();
        let row = &rows[place];
        let mut claims = Claims::default();
        let history = reading.pod(row)?;
        for event in history.each_event() {
            claims.take(&event?);
        }
        history.presence.stays_until().into_iter().for_each(|until| claims.hold_until(until));
        addresses.add(place, row.cluster, claims);
    }
    let mut shared: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
    for (place, holder, finding) in addresses.shared() {
        let message = held_by(&rows[holder].identity);
        shared.entry(place).or_default().push(Finding { message, ..finding });
    }
    Ok(shared)
}

/// Why an address that two pods have is worth a finding.
pub(super) fn held_by(holder: &PodIdentity) -> String {
    format!("{}/{} holds it and lives on", holder.namespace, holder.name)
}

#[derive(Default)]
struct Worked {
    tally: Tally,
    mishaps: Mishaps,
    told: BTreeSet<Told>,
    sightings: Sightings,
}

/// Judges a stretch of pods.
fn work(
    reading: &Reading<'_>,
    (rows, places): (&[PodRow], &[usize]),
    keep: &impl Fn(usize, Vec<Finding>),
) -> Result<Worked, ReadError> {
    let mut worked = Worked::default();
    let mut in_turn = InTurn::new(reading.reader(), places.iter().map(|place| rows[*place].id));
    for place in places {
        in_turn.step();
        let row = &rows[*place];
        let (findings, seen, told) = found(reading, &reading.pod(row)?)?;
        worked.tally += seen.tally;
        worked.mishaps += seen.mishaps;
        worked.told.insert(told);
        worked.sightings.add(*place, row.cluster, seen.claims);
        if !findings.is_empty() {
            keep(*place, findings);
        }
    }
    Ok(worked)
}

/// The findings of one pod by itself.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn findings_of(reading: &Reading<'_>, row: &PodRow) -> Result<Vec<Finding>, ReadError> {
    Ok(found(reading, &reading.pod(row)?)?.0)
}

/// What was seen of a pod beside what it went through.
pub struct Seen {
    /// How many events there were, and were judged.
    pub tally: Tally,
    /// The addresses that it held.
    pub claims: Claims,
    /// What went wrong with it.
    pub mishaps: Mishaps,
}

/// Replays one pod and judges it.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn judged(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    track: Track,
) -> Result<(JudgedPod, Seen), ReadError> {
    let told = reading.told(history)?;
    let releases = told.releases;
    let (timeline, overview, claims) =
        looked_through(reading, history, releases, |events, on| Timeline::replay(events, on))?;
    let report = pod_report(history, timeline, reading.recordings()?, told);
    let mishaps = mishaps(&report.timeline);
    let seen = Seen { tally: Tally::of(&overview, &report.gaps), claims, mishaps };
    let judgement = judge(reading, history, (&report.timeline, &report.gaps, &overview), releases, track)?;
    Ok((JudgedPod { report, judgement }, seen))
}

/// The findings alone: what the pod went through is not kept.
fn found(reading: &Reading<'_>, history: &StoredHistory<'_>) -> Result<(Vec<Finding>, Seen, Told), ReadError> {
    let told = reading.told(history)?;
    let (timeline, overview, claims) =
        looked_through(reading, history, told.releases, |events, on| Timeline::replay_keeping(events, on, |_| false))?;
    let gaps = gaps(&timeline, &history.records, &history.presence, reading.recordings()?);
    let seen = Seen { tally: Tally::of(&overview, &gaps), claims, mishaps: mishaps(&timeline) };
    let judgement = judge(reading, history, (&timeline, &gaps, &overview), told.releases, Track::Left)?;
    Ok((judgement.into_findings(), seen, told))
}

fn mishaps(timeline: &Timeline) -> Mishaps {
    let last = timeline.pod().zip(timeline.entries.last());
    last.map(|(pod, entry)| Mishaps::of(pod, &entry.columns, timeline.state.is_deleted)).unwrap_or_default()
}

/// Looks through the events of a pod before they are judged.
fn looked_through(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    releases: Releases,
    replay: fn(&mut dyn Iterator<Item = WatchEvent>, Features) -> Timeline,
) -> Result<(Timeline, Overview, Claims), ReadError> {
    let (mut overview, mut claims, mut failed) = (Overview::default(), Claims::default(), Ok(()));
    let is_long = history.revisions.len() > EVENTS_HELD;
    let mut events = history.each_event().map_while(|event| match event {
        Ok(event) => {
            overview.take(&event);
            claims.take(&event);
            if is_long {
                reading.bodies().pass(event.seq);
            }
            Some(event)
        }
        Err(error) => {
            failed = Err(error);
            None
        }
    });
    let timeline = replay(&mut events, releases.likely());
    drop(events);
    history.presence.stays_until().into_iter().for_each(|until| claims.hold_until(until));
    failed.map(|()| (timeline, overview, claims))
}

fn judge(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    (timeline, gaps, overview): (&Timeline, &[Gap], &Overview),
    releases: Releases,
    track: Track,
) -> Result<Judgement, ReadError> {
    let faults = faults(reading, &history.records, timeline)?;
    let is_long = history.revisions.len() > EVENTS_HELD;
    let judgement = judge_by_all(releases, |features| {
        let mut judge = Judge::new(overview, Stream { gaps, faults: &faults }, features, track);
        for event in history.each_event() {
            let event = event?;
            if is_long {
                reading.bodies().pass(event.seq);
            }
            judge.take(event);
        }
        Ok(judge.finish())
    });
    history.revisions.iter().for_each(|revision| reading.bodies().forget(revision.seq));
    judgement
}

/// Records that contradict the order of the stream, or each other.
fn faults(reading: &Reading<'_>, records: &[StoredRecord], timeline: &Timeline) -> Result<Vec<StreamFault>, ReadError> {
    let mut in_place: Vec<&StoredRecord> = records.iter().collect();
    in_place.sort_by_key(|record| record.place());
    let versions = in_place.iter().filter_map(|record| record.resource_version.as_ref());
    if versions.is_sorted_by(|earlier, later| earlier < later) {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let mut seen: BTreeMap<(&ResourceVersion, bool), &StoredRecord> = BTreeMap::new();
    let mut seen_in: BTreeSet<(i64, &ResourceVersion, bool)> = BTreeSet::new();
    let mut newest_of: BTreeMap<i64, &ResourceVersion> = BTreeMap::new();
    let mut shown_by: BTreeMap<&ResourceVersion, Seq> = BTreeMap::new();
    for entry in &timeline.entries {
        if let Some(version) = &entry.resource_version {
            shown_by.entry(version).or_insert(entry.seq);
        }
    }
    for record in in_place {
        let Some(version) = &record.resource_version else { continue };
        // Answers overtake each other, and come from several API servers: an audit log may stand in any order.
        let is_ordered = !matches!(record.stated, Some((_, Clock::Audit)));
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
        if let Some(newest) = newest.filter(|newest| is_ordered && is_new && version < *newest) {
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
        pod.metadata.writers.clear();
        pod
    };
    plain(first) == plain(second)
}
