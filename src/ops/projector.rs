//! Keeps the projection in step with the log, for SQL: no command reads it. A pod whose revisions come one after the other is
//! replayed as they are appended; any other waits in the table `stale` and is read again, as every command reads it, when the
//! projection is settled.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bodies::RecordBodies;
use super::facts::{Novelty, RecordPlace};
use super::ingest_error::IngestError;
use super::read_error::ReadError;
use super::recent::Recent;
use crate::history::{Bodies, Skyline, order};
use crate::model::{EventKind, Pod, Provenance, Seq, WatchEvent, Window, record_at};
use crate::replay::{PodState, step};
use crate::store::projection::WordCache;
use crate::store::{Log, Reader, StoreError};

/// Follows an ingest.
pub(super) struct Projector<'a> {
    log: &'a Log,
    reader: Reader<'a>,
    /// The state of each pod that was replayed so far and is not deleted.
    states: Recent<PodState>,
    words: WordCache,
    /// Those of the pods that wait that were met so far.
    stale: BTreeSet<i64>,
    /// Those that wait since this batch.
    newly_stale: BTreeSet<i64>,
    /// Pods whose state is not known, of which nothing but versions in order is recorded.
    plain: BTreeSet<i64>,
}

/// How many pods are remembered. The others are read from the log when they change.
const STATES_MAX: usize = 20_000;

impl<'a> Projector<'a> {
    pub(super) fn new(log: &'a Log) -> Self {
        Self {
            log,
            reader: log.reader(),
            states: Recent::new(STATES_MAX),
            words: WordCache::default(),
            stale: BTreeSet::new(),
            newly_stale: BTreeSet::new(),
            plain: BTreeSet::new(),
        }
    }

    /// Forgets everything: another process has written, and may have projected what waited.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.log);
    }

    /// Takes a pod record that is about to be appended.
    pub(super) fn take(
        &mut self,
        place: &RecordPlace<'_>,
        kind: &EventKind,
        pod: Pod,
        novelty: Novelty,
    ) -> Result<(), IngestError> {
        let is_next = match novelty {
            // The better observation of two stands for a revision. Where requests or records without a version are placed among
            // them, each observation may matter.
            Novelty::Again { is_shown_better: true } if self.is_plain(place, &pod)? => return Ok(()),
            Novelty::Again { .. } | Novelty::Between => false,
            // What has no version stands where its time puts it.
            Novelty::Next => place.version.is_some(),
        };
        // What cannot be read keeps nothing from being appended: the pod waits.
        let is_known = match is_next {
            true => {
                self.knows(place, &pod).or_else(|error| if error.is_of_one_pod() { Ok(false) } else { Err(error) })?
            }
            false => false,
        };
        // A pod is deleted once: which record tells it is found out with all of them.
        let is_deleted = |state: &mut PodState| state.is_deleted;
        let is_known = is_known && !(*kind == EventKind::Deleted && self.states.get(place.pod).is_some_and(is_deleted));
        if !is_known {
            self.wait(place.pod);
            return Ok(());
        }
        let (seq, kind, provenance) = (Seq(place.seq), kind.clone(), Provenance::Observed);
        let event = WatchEvent { seq, kind, window: Window::NONE, pod: Arc::new(pod), provenance, by: None };
        let state = self.states.get(place.pod).expect("it is known");
        let step = step(std::mem::take(state), event);
        match step.after.is_deleted {
            true => self.states.remove(place.pod),
            false => *state = step.after,
        }
        Ok(self.log.add_transitions(place.pod, &step.transitions, &mut self.words)?)
    }

    /// Whether nothing but versions in order is recorded of a pod.
    fn is_plain(&mut self, place: &RecordPlace<'_>, pod: &Pod) -> Result<bool, IngestError> {
        if !self.states.contains(place.pod) && !self.plain.contains(&place.pod) {
            let metadata = &pod.metadata;
            if self.waits(place)?
                || self.log.has_nameless(&metadata.namespace, &metadata.name, place.cluster)?
                || self.log.has_versionless(place.pod)?
            {
                return Ok(false);
            }
            self.plain.insert(place.pod);
        }
        Ok(true)
    }

    /// The pod is read again when the projection is settled.
    pub(super) fn wait(&mut self, pod: i64) {
        if self.stale.insert(pod) {
            self.newly_stale.insert(pod);
        }
        self.states.remove(pod);
        self.plain.remove(&pod);
    }

    /// Whether a pod waits already: since this file, or since one before.
    fn waits(&mut self, place: &RecordPlace<'_>) -> Result<bool, StoreError> {
        let waits = self.stale.contains(&place.pod) || !place.is_new_pod && self.log.is_stale(place.pod)?;
        if waits {
            self.stale.insert(place.pod);
        }
        Ok(waits)
    }

    /// Whether the state of a pod is known. One that other records than versions in order tell of is not.
    fn knows(&mut self, place: &RecordPlace<'_>, pod: &Pod) -> Result<bool, ReadError> {
        if self.states.contains(place.pod) {
            return Ok(true);
        }
        let metadata = &pod.metadata;
        if self.waits(place)? || self.log.has_nameless(&metadata.namespace, &metadata.name, place.cluster)? {
            return Ok(false);
        }
        let state = match place.is_new_pod {
            true => PodState::default(),
            false if self.log.has_versionless(place.pod)? => return Ok(false),
            false => self.newest_state(place.pod)?,
        };
        self.states.insert(place.pod, state);
        Ok(true)
    }

    /// The state that the newest revision of a pod left; nothing but versions in order is recorded of it.
    fn newest_state(&self, pod: i64) -> Result<PodState, ReadError> {
        let records = self.reader.newest_records_of(pod)?;
        let newest = order(&records).pop().and_then(|newest| record_at(&records, newest.seq));
        let Some(record) = newest else { return Ok(PodState::default()) };
        let pod = RecordBodies::new(&self.reader).pod(record)?;
        let is_deleted = record.kind == EventKind::Deleted;
        Ok(PodState { pod: Some(pod), is_deleted, window: Some(Window::NONE), is_partial: false })
    }

    /// Takes what a batch proves of time, and takes the pods that wait since it out of the projection. To be called before it
    /// is committed.
    pub(super) fn end_batch(&mut self, cluster: i64, bounds: &Skyline) -> Result<(), IngestError> {
        self.log.project_time_bounds(cluster, bounds)?;
        self.plain.clear();
        for pod in std::mem::take(&mut self.newly_stale) {
            self.log.set_stale(pod)?;
        }
        Ok(())
    }
}
