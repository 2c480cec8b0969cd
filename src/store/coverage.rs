//! What recordings cover, where they were interrupted and where they listed all pods: look-ups of rows of the log. What
//! follows from it is for `history/`.

use std::collections::BTreeSet;

use rusqlite::Row;
use rusqlite::types::FromSql;

use super::error::StoreError;
use super::read::Reader;
use super::spans::Spans;
use super::version_key::VersionKey;

/// A place where a recording was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterruptionRow {
    /// The ERROR record, or the first record of the new list.
    pub seq: i64,
    /// True for an ERROR record.
    pub is_error: bool,
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
    /// Of a recording without versions: its first and its last stated time, in microseconds.
    pub stated: Option<(i64, i64)>,
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

/// The first version.
const VERSION_FIRST: &str =
    "SELECT version FROM record WHERE version IS NOT NULL AND seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT 1";
/// The last versions, as many as wanted.
const VERSIONS_LAST: &str =
    "SELECT version FROM record WHERE version IS NOT NULL AND seq BETWEEN ?1 AND ?2 ORDER BY seq DESC LIMIT ?3";
const VERSION_NEWEST: &str = "SELECT max(version) FROM record WHERE seq BETWEEN ?1 AND ?2";
/// The first version of an event.
const VERSION_NEXT: &str = "SELECT version FROM record WHERE seq BETWEEN ?1 AND ?2
     AND version IS NOT NULL AND kind <> 'BOOKMARK' ORDER BY seq LIMIT 1";
const FIRST_WITH_VERSION: &str =
    "SELECT seq FROM record WHERE seq BETWEEN ?1 AND ?2 AND version IS NOT NULL ORDER BY seq LIMIT 1";
const FIRST_LIST_END: &str = "SELECT seq FROM record WHERE seq BETWEEN ?1 AND ?2 AND kind = 'LIST-END'
     AND kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END') ORDER BY seq LIMIT 1";
/// What ends a list, or cuts it off.
const LIST_END: &str = "SELECT seq FROM record WHERE kind IN ('LIST-BEGIN', 'LIST-END', 'ERROR')
     AND seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT 1";
/// The first record behind the ADDED events that a watch begins with, and behind an ERROR.
const FIRST_WRITE: &str = "SELECT seq FROM record WHERE seq BETWEEN ?1 AND ?2
     AND kind NOT IN ('ADDED', 'BOOKMARK', 'ERROR', 'EVENT', 'NODE') ORDER BY seq LIMIT 1";
/// The first record behind the ADDED events.
const FIRST_BEHIND_ADDED: &str = "SELECT seq FROM record WHERE seq BETWEEN ?1 AND ?2
     AND kind NOT IN ('ADDED', 'BOOKMARK', 'EVENT', 'NODE') ORDER BY seq LIMIT 1";
const ANY_POD: &str = "SELECT 1 FROM record WHERE seq BETWEEN ?1 AND ?2 AND pod IS NOT NULL LIMIT 1";
const ANY_BOOKMARK: &str = "SELECT 1 FROM record WHERE seq BETWEEN ?1 AND ?2 AND kind = 'BOOKMARK' LIMIT 1";
const ANY_FROM_BEFORE: &str = "SELECT 1 FROM record AS own WHERE own.seq BETWEEN ?1 AND ?2 AND own.kind = 'ADDED'
     AND (EXISTS (SELECT 1 FROM record AS other WHERE other.pod = own.pod AND (other.version < own.version
              OR other.version = own.version AND other.kind = 'MODIFIED'))
          OR own.lifecycle IS NOT 'creation')
     LIMIT 1";
const NAMESPACES: &str = "SELECT DISTINCT pod.namespace FROM record JOIN pod ON pod.id = record.pod
     WHERE record.seq BETWEEN ?1 AND ?2";
const STATED: &str = "SELECT min(stated), max(stated) FROM record WHERE seq BETWEEN ?1 AND ?2";

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
            let interrupts = match kind {
                // Of several in a row the first.
                PlaceKind::Error => !before.is_some_and(|before| errors.contains(&before)),
                // A recording may begin with a list.
                PlaceKind::List | PlaceKind::Relist => before.is_some(),
                PlaceKind::Begin => false,
            };
            if interrupts {
                rows.push(InterruptionRow {
                    seq,
                    is_error: kind == PlaceKind::Error,
                    recording,
                    cluster,
                    version_before: self.version_before(own, seq)?,
                    version_behind: self.version_behind(own, seq)?,
                });
            }
        }
        Ok(rows)
    }

    /// For each recording what it covers: the newest version at its beginning, and the newest of all.
    pub fn coverages(&self) -> Result<Vec<CoverageRow>, StoreError> {
        const RECORDINGS: &str = "SELECT id, cluster, format FROM recording ORDER BY id";
        let spans = self.spans()?;
        let recordings = self
            .rows(RECORDINGS, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)))?;
        let mut rows = Vec::with_capacity(recordings.len());
        for (recording, cluster, format) in recordings {
            let Some(own) = spans.get(&recording) else { continue };
            let until = self.version_before(own, i64::MAX)?;
            rows.push(CoverageRow {
                recording,
                cluster,
                first: self.first(own, VERSION_FIRST)?,
                from: self.version_behind(own, own.begin())?,
                format,
                stated: if until.is_none() { self.stated_between(own)? } else { None },
                until,
                has_pods: self.any(own, ANY_POD)?,
            });
        }
        Ok(rows)
    }

    fn stated_between(&self, own: &Spans) -> Result<Option<(i64, i64)>, StoreError> {
        let mut stated: Option<(i64, i64)> = None;
        for (first, last) in own.ranges() {
            let rows = self.rows(STATED, [first, last], |row| {
                Ok(row.get::<_, Option<i64>>(0)?.zip(row.get::<_, Option<i64>>(1)?))
            })?;
            for (from, until) in rows.into_iter().flatten() {
                let known = stated.unwrap_or((from, until));
                stated = Some((known.0.min(from), known.1.max(until)));
            }
        }
        Ok(stated)
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
                self.first(&own.between(end, end), VERSION_NEWEST)?
            } else {
                self.first(&own.between(end + 1, i64::MAX), VERSION_NEXT)?
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
        let behind = own.between(first + 1, i64::MAX);
        let (end, whole_end) = (self.first(&behind, LIST_END)?, self.first(&behind, FIRST_LIST_END)?);
        Ok(end.filter(|_| end == whole_end))
    }

    /// The last of the ADDED events that a place begins with, if they are a list of all pods.
    fn end_of_added(&self, own: &Spans, place: &Place) -> Result<Option<i64>, StoreError> {
        let behind = own.between(place.seq, i64::MAX);
        let end = self.first::<i64>(&behind, FIRST_BEHIND_ADDED)?.map_or(own.end(), |behind| behind - 1);
        let added = own.between(place.seq, end);
        let is_open = end >= own.end() && !self.any(&added, ANY_BOOKMARK)?;
        let is_whole = !is_open && (place.kind == PlaceKind::Relist || self.any(&added, ANY_FROM_BEFORE)?);
        Ok(is_whole.then_some(end))
    }

    fn places(&self) -> Result<Vec<Place>, StoreError> {
        // A recording that goes on from another does not begin.
        const PLACES: &str = "SELECT place.seq, batch.recording, recording.cluster, place.what FROM (
                 SELECT seq, kind AS what FROM record WHERE kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END')
                 UNION ALL SELECT seq, 'relist' FROM relist
                 UNION ALL SELECT min(first_seq), 'begin' FROM batch JOIN recording ON recording.id = batch.recording
                     WHERE forks IS NULL GROUP BY recording
             ) AS place
             JOIN batch ON batch.id = (SELECT id FROM batch WHERE first_seq <= place.seq ORDER BY first_seq DESC LIMIT 1)
             JOIN recording ON recording.id = batch.recording
             WHERE place.what NOT IN ('LIST-END', 'begin') OR place.what = 'begin'
                AND EXISTS (SELECT 1 FROM record WHERE record.seq = place.seq AND record.kind IN ('ADDED', 'BOOKMARK'))
             ORDER BY place.seq";
        let mut places = self.rows(PLACES, [], |row| {
            let kind = match row.get::<_, String>(3)?.as_str() {
                "ERROR" => PlaceKind::Error,
                "LIST-BEGIN" => PlaceKind::List,
                "relist" => PlaceKind::Relist,
                _ => PlaceKind::Begin,
            };
            Ok(Place { seq: row.get(0)?, recording: row.get(1)?, cluster: row.get(2)?, kind })
        })?;
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
        let mut versions: Vec<VersionKey> = Vec::new();
        for (first, last) in own.between(0, seq.saturating_sub(1)).ranges().rev() {
            let wanted = i64::try_from(LOOKED_AT - versions.len()).unwrap_or(0);
            versions.extend(self.rows(VERSIONS_LAST, [first, last, wanted], |row| row.get::<_, VersionKey>(0))?);
            if versions.len() >= LOOKED_AT {
                break;
            }
        }
        Ok(versions.into_iter().max())
    }

    /// The newest version of the list that begins at a place, or of the first record behind it.
    fn version_behind(&self, own: &Spans, seq: i64) -> Result<Option<VersionKey>, StoreError> {
        const LIST_BEGINS: &str = "SELECT 1 FROM record WHERE seq BETWEEN ?1 AND ?2 AND kind = 'LIST-BEGIN'";
        let behind = own.between(seq, i64::MAX);
        let with_version = self.first(&behind, FIRST_WITH_VERSION)?.unwrap_or(0);
        let is_list = self.any(&own.between(seq, seq), LIST_BEGINS)?;
        let list_end = if is_list { self.first(&behind, FIRST_LIST_END)?.unwrap_or(0) } else { 0 };
        let before_write = self.first::<i64>(&behind, FIRST_WRITE)?.map_or(i64::MAX, |write| write - 1);
        self.newest(&own.between(seq, with_version.max(list_end).max(before_write)))
    }

    fn newest(&self, own: &Spans) -> Result<Option<VersionKey>, StoreError> {
        let mut newest = None;
        for (first, last) in own.ranges() {
            let version = |row: &Row<'_>| row.get::<_, Option<VersionKey>>(0);
            newest = newest.max(self.rows(VERSION_NEWEST, [first, last], version)?.pop().flatten());
        }
        Ok(newest)
    }

    fn namespaces(&self, own: &Spans) -> Result<BTreeSet<String>, StoreError> {
        let mut namespaces = BTreeSet::new();
        for (first, last) in own.ranges() {
            namespaces.extend(self.rows(NAMESPACES, [first, last], |row| row.get::<_, String>(0))?);
        }
        Ok(namespaces)
    }

    /// The first that a statement finds.
    fn first<T: FromSql>(&self, own: &Spans, sql: &str) -> Result<Option<T>, StoreError> {
        for (first, last) in own.ranges() {
            if let Some(found) = self.rows(sql, [first, last], |row| row.get::<_, Option<T>>(0))?.into_iter().next() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn any(&self, own: &Spans, sql: &str) -> Result<bool, StoreError> {
        Ok(self.first::<i64>(own, sql)?.is_some())
    }
}
