//! What recordings cover, where they were interrupted and where they listed all pods: look-ups of rows of the log. What
//! follows from it is for `history/`.

use std::collections::{BTreeMap, BTreeSet};

use super::ends::earliest_and_latest;
use super::error::StoreError;
use super::log_table::{RECORDING, RELIST};
use super::read::Reader;
use super::rows::{BatchRow, RecordFacts};
use super::seal::Group;
use super::spans::Spans;
use super::summary::{is_write, may_stand_within_added};
use super::version_key::VersionKey;
use crate::history::InterruptionKind;
use crate::model::{AuditFact, Clock, EventKind, RecordLifecycle};

/// What an audit log tells of requests about pods, in sums.
#[derive(Debug, Default)]
pub struct AuditSums {
    /// How often it tells what.
    pub facts: BTreeMap<AuditFact, usize>,
    /// How many Events about pods it holds.
    pub events: usize,
}

/// A place where a recording was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterruptionRow {
    /// The ERROR record, or the first record of the new list.
    pub seq: i64,
    /// What interrupted it.
    pub kind: InterruptionKind,
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// The newest version of the recording before.
    pub version_before: Option<VersionKey>,
    /// The newest version at once when it went on: of the new list, or of the first record.
    pub version_behind: Option<VersionKey>,
}

/// From which version to which a recording covers its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageRow {
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// The version of its first record that has one, a bookmark perhaps.
    pub first: Option<VersionKey>,
    /// The newest version of the list that it begins with, or its first.
    pub from: Option<VersionKey>,
    /// Its newest version.
    pub until: Option<VersionKey>,
    /// What it was read as.
    pub format: String,
    /// Of a recording without versions, and of an audit log, whose records come in no order of versions: its first and its last
    /// stated time, in microseconds.
    pub stated: Option<(i64, i64)>,
    /// It is an audit log.
    pub is_audit: bool,
    /// It has records of pods, and not only of what is related to them.
    pub has_pods: bool,
}

/// A place where a recording listed all pods: a list, or the ADDED events that a watch begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRow {
    /// The recording.
    pub recording: i64,
    /// Its cluster.
    pub cluster: i64,
    /// Its first record.
    pub first: i64,
    /// The last record of a list; `None` for ADDED events.
    pub list_end: Option<i64>,
    /// The newest version in it.
    pub from: Option<VersionKey>,
    /// The version of the list, or of the first record behind the ADDED events.
    pub by: Option<VersionKey>,
    /// The namespaces of its pods.
    pub namespaces: BTreeSet<String>,
}

/// A place where a recording may be interrupted, or list all pods.
#[derive(Debug, Clone)]
struct Place {
    seq: i64,
    recording: i64,
    cluster: i64,
    kind: PlaceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PlaceKind {
    Error,
    /// A list of objects begins.
    List,
    /// The ADDED events of a watch begun anew.
    Relist,
    /// The recording begins.
    Begin,
}

impl Reader<'_> {
    /// Where recordings were interrupted, in the order of the log.
    pub fn interruptions(&self) -> Result<Vec<InterruptionRow>, StoreError> {
        let spans = self.spans()?;
        let places = self.places()?;
        let errors: BTreeSet<i64> =
            places.iter().filter(|place| place.kind == PlaceKind::Error).map(|place| place.seq).collect();
        let mut rows = Vec::new();
        for Place { seq, recording, cluster, kind } in places {
            let Some(own) = spans.get(&recording) else { continue };
            let before = own.before(seq);
            let kind = match kind {
                // Of several in a row the first.
                PlaceKind::Error => {
                    (!before.is_some_and(|before| errors.contains(&before))).then_some(InterruptionKind::Error)
                }
                PlaceKind::Relist => before.map(|_| InterruptionKind::Relist),
                PlaceKind::List => self.interrupted_by_list(own, seq)?,
                PlaceKind::Begin => None,
            };
            if let Some(kind) = kind {
                rows.push(InterruptionRow {
                    seq,
                    kind,
                    recording,
                    cluster,
                    version_before: self.version_before(own, seq)?,
                    version_behind: self.version_behind(own, seq)?,
                });
            }
        }
        Ok(rows)
    }

    /// What a list interrupts; `None` of the first, before which nothing of pods is recorded.
    fn interrupted_by_list(&self, own: &Spans, seq: i64) -> Result<Option<InterruptionKind>, StoreError> {
        let before = own.between(0, seq.saturating_sub(1));
        for record in self.walk_back(&before) {
            let kind = record?.kind;
            if kind == EventKind::ListEnd || kind.is_bare() {
                return Ok(Some(InterruptionKind::List));
            }
            if kind == EventKind::Bookmark || !kind.is_aside() {
                return Ok(Some(InterruptionKind::Relist));
            }
        }
        Ok(None)
    }

    /// The clusters that have audit logs of which none tells of a write of a pod like this.
    pub fn clusters_whose_audit_lacks(
        &self,
        is_such: impl Fn(&AuditFact) -> bool,
    ) -> Result<BTreeSet<i64>, StoreError> {
        let spans = self.spans()?;
        let clusters = self.whole(Group::Recordings, &RECORDING, "ORDER BY id", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
        let mut lacking: BTreeMap<i64, bool> = BTreeMap::new();
        for (recording, cluster) in clusters {
            let Some(own) = spans.get(&recording).filter(|_| lacking.get(&cluster) != Some(&false)) else { continue };
            for record in self.walk(own) {
                let record = record?;
                match record.stated {
                    _ if record.pod.is_none() => {}
                    Some((_, Clock::Audit)) => {
                        let is_found = record.audited.is_some_and(|fact| is_such(&fact));
                        lacking.insert(cluster, !is_found);
                        if is_found {
                            break;
                        }
                    }
                    // It is no audit log.
                    Some(_) | None => break,
                }
            }
        }
        Ok(lacking.into_iter().filter_map(|(cluster, lacks)| lacks.then_some(cluster)).collect())
    }

    /// What an audit log tells of requests about pods, how often each, and how many Events it holds; `None` of another recording.
    pub fn audited(&self, recording: i64) -> Result<Option<AuditSums>, StoreError> {
        let (mut sums, mut is_audit) = (AuditSums::default(), false);
        let spans = self.spans()?;
        let Some(own) = spans.get(&recording) else { return Ok(None) };
        for record in self.walk(own) {
            let record = record?;
            let is_told = record.pod.is_some() || matches!(record.kind, EventKind::Request | EventKind::Refused);
            match record.stated {
                _ if !is_told => sums.events += usize::from(record.kind == EventKind::CoreEvent),
                Some((_, Clock::Audit)) => is_audit = true,
                // It is no audit log.
                Some(_) | None => return Ok(None),
            }
            if let Some(fact) = record.audited {
                *sums.facts.entry(fact).or_default() += 1;
            }
        }
        Ok(is_audit.then_some(sums))
    }

    /// For each recording what it covers: the newest version at its beginning, and the newest of all.
    pub fn coverages(&self) -> Result<Vec<CoverageRow>, StoreError> {
        let spans = self.spans()?;
        let recordings = self.whole(Group::Recordings, &RECORDING, "ORDER BY id", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(3)?))
        })?;
        let mut rows = Vec::with_capacity(recordings.len());
        for (recording, cluster, format) in recordings {
            let Some(own) = spans.get(&recording) else { continue };
            let until = self.version_before(own, i64::MAX)?;
            let is_audit = self.is_of_audit(own)?;
            rows.push(CoverageRow {
                recording,
                cluster,
                is_audit,
                first: self.find(own, |record| record.version.is_some())?.and_then(|record| record.version),
                from: self.version_behind(own, own.begin())?,
                format,
                stated: if until.is_none() || is_audit { self.stated_within(own)? } else { None },
                until,
                has_pods: self.batch_of(own.begin())?.of_pods > 0
                    || batches_within(own, &self.all_batches()?).any(|batch| batch.of_pods > 0),
            });
        }
        Ok(rows)
    }

    /// The first and the last time that these records state.
    fn stated_within(&self, own: &Spans) -> Result<Option<(i64, i64)>, StoreError> {
        let batches = self.all_batches()?;
        Ok(earliest_and_latest(batches_within(own, &batches).map(|batch| batch.stated)))
    }

    /// Where recordings listed all pods, in the order of the log. The ADDED events at the beginning of a recording are such
    /// a place only if one of them shows a pod that was there before, and only if something follows: else they may be new
    /// pods, or cut off.
    pub fn listings(&self) -> Result<Vec<ListingRow>, StoreError> {
        let spans = self.spans()?;
        let mut listings = Vec::new();
        for place in self.places()? {
            let Some(own) = spans.get(&place.recording) else { continue };
            let end = match place.kind {
                PlaceKind::Error => None,
                PlaceKind::List => self.end_of_list(own, place.seq)?,
                PlaceKind::Relist | PlaceKind::Begin => self.end_of_added(own, &place)?,
            };
            let Some(end) = end else { continue };
            let listed = own.between(place.seq, end);
            let is_list = place.kind == PlaceKind::List;
            let by = if is_list {
                self.record(end)?.version
            } else {
                let tells_next = |it: &RecordFacts| it.version.is_some() && it.kind != EventKind::Bookmark;
                self.find(&own.between(end + 1, i64::MAX), tells_next)?.and_then(|next| next.version)
            };
            listings.push(ListingRow {
                recording: place.recording,
                cluster: place.cluster,
                first: place.seq,
                list_end: is_list.then_some(end),
                from: self.newest(&listed)?,
                by,
                namespaces: self.namespaces(&listed)?,
            });
        }
        Ok(listings)
    }

    /// The last record of the list that begins at a place, if it is whole.
    fn end_of_list(&self, own: &Spans, first: i64) -> Result<Option<i64>, StoreError> {
        let stream = self.stream()?;
        let mut behind = stream[stream.partition_point(|(seq, _)| *seq <= first)..].iter();
        let behind = behind.find(|(seq, _)| own.contains(*seq));
        Ok(behind.filter(|(_, kind)| *kind == EventKind::ListEnd).map(|(seq, _)| *seq))
    }

    /// The last of the ADDED events that a place begins with, if they are a list of all pods.
    fn end_of_added(&self, own: &Spans, place: &Place) -> Result<Option<i64>, StoreError> {
        let behind = self.find(&own.between(place.seq, i64::MAX), |record| !may_stand_within_added(&record.kind))?;
        let end = behind.map_or(own.end(), |behind| behind.seq - 1);
        let added = own.between(place.seq, end);
        let is_bookmark = |record: &RecordFacts| record.kind == EventKind::Bookmark;
        let is_open = end >= own.end() && self.find(&added, is_bookmark)?.is_none();
        let is_whole = !is_open && (place.kind == PlaceKind::Relist || self.shows_one_from_before(&added)?);
        Ok(is_whole.then_some(end))
    }

    /// Whether one of these ADDED events shows a pod that was there before.
    fn shows_one_from_before(&self, added: &Spans) -> Result<bool, StoreError> {
        for record in self.walk(added) {
            let record = record?;
            let (EventKind::Added, Some(pod)) = (&record.kind, record.pod) else { continue };
            if record.lifecycle != Some(RecordLifecycle::Creation) {
                return Ok(true);
            }
            let is_before = |(version, kind): &(Option<VersionKey>, EventKind)| match (version, &record.version) {
                (Some(other), Some(own)) => other < own || other == own && *kind == EventKind::Modified,
                (None, _) | (_, None) => false,
            };
            if self.versions_of(pod)?.iter().any(is_before) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn places(&self) -> Result<Vec<Place>, StoreError> {
        let clusters = self.whole(Group::Recordings, &RECORDING, "", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let clusters: BTreeMap<i64, i64> = clusters.into_iter().collect();
        let relists = self.whole(Group::Relists, &RELIST, "", [], |row| row.get::<_, i64>(0))?;
        let mut found: Vec<(i64, PlaceKind)> = relists.into_iter().map(|seq| (seq, PlaceKind::Relist)).collect();
        let stream = self.stream()?;
        let of_kind = |kind: EventKind, place: PlaceKind| {
            stream.iter().filter(move |(_, it)| *it == kind).map(move |(seq, _)| (*seq, place))
        };
        found.extend(of_kind(EventKind::Error, PlaceKind::Error));
        found.extend(of_kind(EventKind::ListBegin, PlaceKind::List));
        let forks = self.forks()?;
        for (recording, own) in self.spans()?.iter() {
            // A recording that goes on from another does not begin.
            let begins_with = || self.find(own, |record| !record.kind.is_around());
            if !forks.contains_key(recording)
                && begins_with()?.is_some_and(|first| matches!(first.kind, EventKind::Added | EventKind::Bookmark))
                && !self.is_of_audit(own)?
            {
                found.push((own.begin(), PlaceKind::Begin));
            }
        }
        let mut places = Vec::with_capacity(found.len());
        for (seq, kind) in found {
            let recording = self.batch_of(seq)?.recording;
            let cluster = clusters.get(&recording).copied().unwrap_or_default();
            places.push(Place { seq, recording, cluster, kind });
        }
        places.sort_by_key(|place| (place.seq, place.kind));
        for (recording, part) in self.shared()?.iter() {
            // Each has its row under the recording that was there first.
            let mut again: Vec<Place> = places.iter().filter(|place| part.contains(place.seq)).cloned().collect();
            again.dedup_by_key(|place| (place.seq, place.kind));
            places.extend(again.into_iter().map(|place| Place { recording: *recording, ..place }));
            places.sort_by_key(|place| (place.seq, place.kind));
        }
        Ok(places)
    }

    /// The newest version before a place. The records of a list come in no order, so some are looked at.
    fn version_before(&self, own: &Spans, seq: i64) -> Result<Option<VersionKey>, StoreError> {
        const LOOKED_AT: usize = 200;
        let before = own.between(0, seq.saturating_sub(1));
        let versions = self.walk_back(&before).filter_map(|record| record.map(|record| record.version).transpose());
        versions.take(LOOKED_AT).try_fold(None, |newest, version| Ok(newest.max(Some(version?))))
    }

    /// The newest times in the objects of the recordings that state neither a version nor a time, as the lists of kubelets.
    pub(super) fn stamps_without_version(&self) -> Result<Vec<i64>, StoreError> {
        let spans = self.spans()?;
        let mut stamps = Vec::new();
        for own in spans.values() {
            if self.version_before(own, i64::MAX)?.is_some() || self.stated_within(own)?.is_some() {
                continue;
            }
            for record in self.walk(own) {
                let record = record?;
                stamps.extend(record.stamp.filter(|_| record.pod.is_some()));
            }
        }
        Ok(stamps)
    }

    /// The newest version of the list that begins at a place, or of the first record behind it.
    fn version_behind(&self, own: &Spans, seq: i64) -> Result<Option<VersionKey>, StoreError> {
        let behind = own.between(seq, i64::MAX);
        let with_version = self.find(&behind, |record| record.version.is_some())?.map_or(0, |record| record.seq);
        let begin = self.find(&own.between(seq, seq), |record| record.kind == EventKind::ListBegin)?;
        let list_end = match begin {
            Some(_) => {
                let stream = self.stream()?;
                let mut behind = stream[stream.partition_point(|(at, _)| *at <= seq)..].iter();
                let end = behind.find(|(at, kind)| *kind == EventKind::ListEnd && own.contains(*at));
                end.map_or(0, |(at, _)| *at)
            }
            None => 0,
        };
        let last = with_version.max(list_end);
        let (mut newest, mut is_within) = (None, last > 0);
        for (mut begin, range_end) in behind.ranges() {
            while begin <= range_end && (is_within || begin <= last) {
                let batch = self.batch_of(begin)?;
                let end = range_end.min(batch.end() - 1);
                // Of a whole batch its summary says enough.
                if begin == batch.first_seq
                    && let Some(whole) = self.summaries_between(batch.id - 1, batch.id)?.pop()
                    && (batch.end() <= last + 1 || is_within && !whole.has_writes)
                {
                    is_within &= !whole.has_writes;
                    newest = newest.max(whole.newest);
                } else {
                    for record in self.walk(&behind.between(begin, end)) {
                        let record = record?;
                        is_within &= !is_write(&record.kind);
                        if !is_within && record.seq > last {
                            break;
                        }
                        newest = newest.max(record.version);
                    }
                }
                begin = end + 1;
            }
        }
        Ok(newest)
    }

    fn newest(&self, own: &Spans) -> Result<Option<VersionKey>, StoreError> {
        self.walk(own).try_fold(None, |newest, record| Ok(newest.max(record?.version)))
    }

    fn namespaces(&self, own: &Spans) -> Result<BTreeSet<String>, StoreError> {
        let (mut pods, mut namespaces) = (BTreeSet::new(), BTreeSet::new());
        for record in self.walk(own) {
            if let Some(id) = record?.pod
                && pods.insert(id)
                && let Some(pod) = self.pod(id)?
            {
                namespaces.insert(pod.identity.namespace);
            }
        }
        Ok(namespaces)
    }

    /// Whether a recording is an audit log, by its first record that is about a pod.
    fn is_of_audit(&self, own: &Spans) -> Result<bool, StoreError> {
        let first = self.find(own, |record| record.pod.is_some())?;
        Ok(first.is_some_and(|first| matches!(first.stated, Some((_, Clock::Audit)))))
    }

    /// The first record that is as wanted.
    fn find(&self, own: &Spans, is_wanted: impl Fn(&RecordFacts) -> bool) -> Result<Option<RecordFacts>, StoreError> {
        self.walk(own).find(|record| record.as_ref().map_or(true, &is_wanted)).transpose()
    }
}

/// The batches that begin in these ranges.
fn batches_within<'a>(own: &'a Spans, batches: &'a [BatchRow]) -> impl Iterator<Item = &'a BatchRow> {
    let begun = |seq: i64| batches.partition_point(|batch| batch.first_seq < seq);
    own.ranges().flat_map(move |(first, last)| &batches[begun(first)..begun(last + 1)])
}
