//! Reads pods of a log: the one place where a pod's history is made of its records, for every command and for the
//! projection.

use super::bodies::RecordBodies;
use super::dump::{DumpFile, Dumps, Holds, cover_together};
use super::mirrored::hand_to_mirrors;
use super::read_error::ReadError;
use super::shared::Shared;
use crate::history::{
    Attributed, Coverage, Interruption, Listing, PodHistory, Point, Recordings, Revision, Skyline, TimeBounds,
    attribute, events_without_time, join_audit_logs, placed,
};
use crate::input::Format;
use crate::input::stored_record::{list_head, ownership_of};
use crate::input::stored_related::node_ready_of;
use crate::kubelet::{KubernetesVersion, Releases};
use crate::model::id::is_config_hash;
use crate::model::{NodeReady, ObservedAt, Ownership, PodIdentity, ResourceVersion, Seq, StoredRecord, WatchEvent};
use crate::store::coverage::ListingRow;
use crate::store::{PodRow, Reader, StoreError, VersionKey};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The history of a pod of a log.
pub type StoredHistory<'a> = PodHistory<'a, RecordBodies<'a>>;

/// Reads the pods of a log, one after the other, and what its recordings cover, once.
pub struct Reading<'a> {
    reader: &'a Reader<'a>,
    bodies: RecordBodies<'a>,
    recordings: OnceCell<Recordings>,
    /// The records of the name that was asked for last: its incarnations are asked for one after the other.
    attributed: RefCell<Option<AttributedName>>,
    /// The requests about all pods of the namespace that was asked for last: the end of the log then, and the cluster.
    of_namespace: RefCell<Option<(NamespacePlace, Rc<[StoredRecord]>)>>,
    /// The release whose rules are asked for.
    pub(super) asked: Option<KubernetesVersion>,
    /// The releases of the kubelets of the nodes that were asked for.
    pub(super) kubelets: RefCell<BTreeMap<NodePlace, Option<Releases>>>,
    /// What was read for it of the nodes.
    pub(super) nodes: RefCell<BTreeMap<i64, Option<NodeReady>>>,
    /// What its pods share with others that are not in the log.
    pub(super) shared: Option<&'a Shared>,
}

/// The end of the log when a namespace was asked for, its cluster, and its name.
type NamespacePlace = (i64, i64, String);

/// A cluster, and the name of a node.
type NodePlace = (i64, Box<str>);

/// The records of a name, each with the row of the pod that it was found to be about.
struct AttributedName {
    cluster: i64,
    namespace: String,
    name: String,
    /// The last record of the log when it was made.
    until: i64,
    records: Rc<Vec<Attributed>>,
}

impl<'a> Reading<'a> {
    /// Begins to read.
    #[must_use]
    pub fn new(reader: &'a Reader<'a>) -> Self {
        let bodies = RecordBodies::new(reader);
        Self {
            reader,
            bodies,
            recordings: OnceCell::new(),
            attributed: RefCell::default(),
            of_namespace: RefCell::default(),
            asked: None,
            kubelets: RefCell::default(),
            nodes: RefCell::default(),
            shared: None,
        }
    }

    /// The same, by the rules of a release; of what the log tells if none is given.
    #[must_use]
    pub fn by_rules_of(self, asked: Option<KubernetesVersion>) -> Self {
        Self { asked, ..self }
    }

    /// The same of one pod, with what it shares with others that are not in the log.
    pub(super) fn with_shared(self, shared: Option<&'a Shared>) -> Self {
        Self { shared, ..self }
    }

    /// The release whose rules apply, if one was given.
    #[must_use]
    pub fn release(&self) -> Option<KubernetesVersion> {
        self.asked
    }

    /// The log that is read.
    #[must_use]
    pub fn reader(&self) -> &'a Reader<'a> {
        self.reader
    }

    /// The bodies of its records.
    #[must_use]
    pub fn bodies(&self) -> &RecordBodies<'a> {
        &self.bodies
    }

    /// The node that a record shows; `None` of what does not read again, and without the condition Ready.
    pub(super) fn node_shown(&self, seq: i64) -> Result<Option<NodeReady>, StoreError> {
        if let Some(known) = self.nodes.borrow().get(&seq) {
            return Ok(known.clone());
        }
        Ok(self.reader.with_body(seq, node_ready_of)?.unwrap_or_default())
    }

    /// The history of one pod.
    ///
    /// # Errors
    /// When the store cannot be read or a record is damaged.
    pub fn pod(&self, row: &PodRow) -> Result<PodHistory<'_, RecordBodies<'a>>, ReadError> {
        self.bodies.next_pod();
        let mut records = self.records_of(row)?;
        if let Some(shared) = self.shared {
            let own = self.read_recordings()?;
            let _ = self.recordings.set(placed(&mut records, &own, &shared.recordings));
        }
        let source = (&self.bodies, self);
        PodHistory::read(source, row.cluster, row.identity.clone(), records, self.recordings()?)
    }

    /// The events of one pod without their windows: what the projection is made of.
    ///
    /// # Errors
    /// When the store cannot be read or a record is damaged.
    pub fn events_without_time(&self, row: &PodRow) -> Result<Vec<WatchEvent>, ReadError> {
        self.bodies.next_pod();
        events_without_time(&self.bodies, &row.identity, &self.records_of(row)?)
    }

    /// The records of a pod in the order of the log: its own, and those of its name that are about it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn records_of(&self, row: &PodRow) -> Result<Vec<StoredRecord>, ReadError> {
        let is_nameless = row.identity.uid.is_empty();
        let of_all = self.asked_of_all(row)?;
        if !is_nameless && !self.reader.has_nameless(&row.identity, row.cluster)? {
            let mut records = self.reader.records_of(row.id)?;
            records.extend(of_all.iter().cloned());
            records.sort_by_key(|record| record.seq);
            self.reader.share(&mut records)?;
            self.reader.rank(&mut records)?;
            records.sort_by_key(|record| (record.seq, record.recording_rank));
            return Ok(records);
        }
        let wanted = (!is_nameless).then_some(row.id);
        let attributed = self.attributed(row)?;
        let of_pod = attributed.iter().filter(|(pod, _)| *pod == wanted);
        let mut found: Vec<StoredRecord> = of_pod.map(|(_, record)| record.clone()).collect();
        if !found.is_empty() && !of_all.is_empty() {
            let mut of_all = of_all.to_vec();
            self.reader.share(&mut of_all)?;
            found.extend(of_all);
            self.reader.rank(&mut found)?;
        }
        found.sort_by_key(|record| (record.seq, record.recording_rank));
        Ok(found)
    }

    /// The requests about all pods of the namespace of one. Those of the namespace asked for last are remembered.
    fn asked_of_all(&self, row: &PodRow) -> Result<Rc<[StoredRecord]>, StoreError> {
        let place = (self.reader.last_seq()?, row.cluster, row.identity.namespace.clone());
        if let Some((known, records)) = &*self.of_namespace.borrow()
            && *known == place
        {
            return Ok(Rc::clone(records));
        }
        let records: Rc<[StoredRecord]> = self.reader.requests_of_namespace(row.cluster, &place.2)?.into();
        self.of_namespace.replace(Some((place, Rc::clone(&records))));
        Ok(records)
    }

    /// The records of a pod's name. Those of the name asked for last are remembered while the log stays as it is.
    fn attributed(&self, row: &PodRow) -> Result<Rc<Vec<Attributed>>, ReadError> {
        let until = self.reader.last_seq()?;
        let PodIdentity { namespace, name, .. } = &row.identity;
        if let Some(known) = &*self.attributed.borrow()
            && (known.until, known.cluster) == (until, row.cluster)
            && (&known.namespace, &known.name) == (namespace, name)
        {
            return Ok(Rc::clone(&known.records));
        }
        let (mut pods, mut records) = (Vec::new(), Vec::new());
        let namesakes = self.reader.namesakes(row.id)?;
        for namesake in &namesakes {
            let pod = (!namesake.identity.uid.is_empty()).then_some(namesake.id);
            let mut own = self.reader.records_of(namesake.id)?;
            self.reader.share(&mut own)?;
            records.extend(own);
            pods.resize(records.len(), pod);
        }
        self.reader.rank(&mut records)?;
        let mut records: Vec<Attributed> = pods.into_iter().zip(records).collect();
        for namesake in namesakes.iter().filter(|namesake| is_config_hash(&namesake.identity.uid)) {
            hand_to_mirrors(&self.bodies, (namesake.id, &namesake.identity), &mut records)?;
        }
        let records = Rc::new(attribute(records));
        let (cluster, namespace, name) = (row.cluster, namespace.clone(), name.clone());
        let known = AttributedName { cluster, namespace, name, until, records: Rc::clone(&records) };
        self.attributed.replace(Some(known));
        Ok(records)
    }

    /// What is known of the recordings of the log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn recordings(&self) -> Result<&Recordings, StoreError> {
        if let Some(known) = self.recordings.get() {
            return Ok(known);
        }
        let found = self.read_recordings()?;
        Ok(self.recordings.get_or_init(|| found))
    }

    fn read_recordings(&self) -> Result<Recordings, StoreError> {
        let reader = self.reader;
        let (mut coverages, mut audit_logs, mut covered) = (Vec::new(), Vec::new(), BTreeMap::new());
        let (mut dump_files, mut lists) = (BTreeMap::new(), BTreeSet::new());
        let names: BTreeMap<i64, String> = reader.recording_names()?.into_iter().collect();
        for row in reader.coverages()? {
            if let Some((name, holds)) = names.get(&row.recording).zip(Holds::of(&row)) {
                dump_files.insert(row.recording, DumpFile { name: name.clone(), holds });
            }
            if !row.has_pods {
                continue;
            }
            let (from, until) = match row.stated {
                Some((first, last)) => (Point::at(first), Point::at(last)),
                None => (self.point(row.cluster, row.from)?, self.point(row.cluster, row.until)?),
            };
            covered.insert(row.recording, (from.at, until.at));
            if row.format == Format::List.as_str() {
                lists.insert(row.recording);
            }
            let found = if row.is_audit { &mut audit_logs } else { &mut coverages };
            found.push(Coverage { recording: row.recording, cluster: row.cluster, from, until });
        }
        join_audit_logs(&mut audit_logs);
        coverages.append(&mut audit_logs);
        let dumps = Dumps::of(&dump_files);
        cover_together(&mut coverages, &dump_files, &dumps);
        for coverage in &coverages {
            if let Some(times) = dumps.covered(coverage) {
                covered.insert(coverage.recording, times);
            }
        }
        if coverages.len() > 1 {
            let ranks = reader.recording_ranks()?;
            coverages.sort_by_key(|coverage| ranks.get(&coverage.recording).copied());
        }
        let mut recordings = Recordings::covering(coverages);
        recordings.covered = covered;
        recordings.dumps =
            dumps.of.into_iter().map(|(recording, (root, number))| (recording, (root.to_owned(), number))).collect();
        recordings.lists = lists;
        recordings.names = names;
        for row in reader.interruptions()? {
            recordings.interruptions.push(Interruption {
                seq: Seq(row.seq),
                kind: row.kind,
                recording: row.recording,
                from: self.point(row.cluster, row.version_before)?,
                until: self.point(row.cluster, row.version_behind)?,
            });
        }
        recordings.interruptions.sort_by_key(|it| (it.recording, it.seq));
        recordings.without_statuses = reader.clusters_whose_audit_lacks(|fact| &*fact.what == "status")?;
        // A recording that stands alone and is not interrupted has nothing that its lists could be held against.
        if recordings.coverages.len() > 1 || !recordings.interruptions.is_empty() {
            for (row, stated) in self.whole_listings()? {
                let by = stated.map(|version| VersionKey::from(&version)).or(row.by);
                recordings.listings.push(Listing {
                    recording: row.recording,
                    cluster: row.cluster,
                    first: Seq(row.first),
                    from: self.point(row.cluster, by.clone().filter(|_| row.list_end.is_some()).or(row.from))?,
                    by: self.point(row.cluster, by)?,
                    namespaces: row.namespaces,
                    is_list: row.list_end.is_some(),
                });
            }
        }
        Ok(recordings)
    }

    /// The point of a version.
    pub(super) fn point(&self, cluster: i64, version: Option<VersionKey>) -> Result<Point, StoreError> {
        let Some(version) = version.and_then(|key| key.to_version()) else { return Ok(Point::default()) };
        let at = self.not_before(cluster, &version)?;
        Ok(Point { version: Some(version), at })
    }

    /// Where recordings listed all pods, with the version that a list says it is of. Parts of a list are left out: none of
    /// them holds all.
    pub(super) fn whole_listings(&self) -> Result<Vec<(ListingRow, Option<ResourceVersion>)>, StoreError> {
        let mut listings = Vec::new();
        let mut parts: BTreeSet<(i64, Option<ResourceVersion>)> = BTreeSet::new();
        let mut rows = self.reader.listings()?;
        if rows.len() > 1 {
            let ranks = self.reader.recording_ranks()?;
            rows.sort_by_key(|row| (ranks.get(&row.recording).copied(), row.first));
        }
        for row in rows {
            let mut stated = None;
            if let Some(end) = row.list_end {
                let mut text = self.reader.with_body(row.first, <[u8]>::to_vec)?;
                self.reader.with_body(end, |body| text.extend_from_slice(body))?;
                let (version, is_whole) = list_head(&text);
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
}

impl TimeBounds for Reading<'_> {
    type Error = StoreError;

    fn not_before(&self, cluster: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, StoreError> {
        let shared = self.shared.and_then(|shared| shared.skyline.not_before(version));
        Ok(self.reader.not_before(cluster, version)?.max(shared))
    }

    fn next_stamp(&self, cluster: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, StoreError> {
        match self.shared {
            Some(shared) => Ok(Skyline::next_stamp_of([&*self.reader.skyline(cluster)?, &shared.skyline], version)),
            None => self.reader.next_stamp(cluster, version),
        }
    }
}

/// What the pod that a revision left belongs to.
///
/// # Errors
/// When the store cannot be read, or the object is no JSON as a whole.
pub fn ownership_at(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    revision: &Revision,
) -> Result<Ownership, ReadError> {
    match history.shown_by(revision) {
        Some(record) => reading.bodies.ownership(record),
        None => Ok(ownership_of(&*history.object(revision)?)),
    }
}
