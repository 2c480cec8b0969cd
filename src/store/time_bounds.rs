//! The time bounds of the log: what the versions of each batch prove of time, and all of them together in the projection,
//! for the views.

use std::cell::RefMut;
use std::rc::Rc;

use rusqlite::{OptionalExtension, Row, params};

use super::ends::{Ends, KnownEnds, earliest_and_latest};
use super::error::StoreError;
use super::log_table::BATCH;
use super::open::Log;
use super::packed::unpack_bounds;
use super::read::Reader;
use super::rows::batch_row;
use super::seal::Group;
use super::version_key::VersionKey;
use crate::history::{Contradiction, Part, PartedSkyline, Skyline, TimeBound, contradiction};
use crate::model::{ObservedAt, ResourceVersion};

const LAST_AT: &str = "SELECT at FROM skyline WHERE cluster = ?1 AND version <= ?2 ORDER BY version DESC LIMIT 1";
/// Of the rows from this version on those with a time no later say nothing more; times rise with the versions, so they stand
/// together, up to the first row with a later time. (A blob sorts behind all versions.)
const DROP_DOMINATED: &str = "DELETE FROM skyline WHERE cluster = ?1 AND version >= ?2 AND version < coalesce(
     (SELECT version FROM skyline WHERE cluster = ?1 AND version >= ?2 AND at > ?3 ORDER BY version LIMIT 1), x'ff')";
const UPGRADE: &str = "UPDATE skyline SET is_stamped = 1 WHERE cluster = ?1 AND version = ?2 AND at = ?3";
const INSERT: &str = "INSERT INTO skyline (cluster, version, at, is_stamped) VALUES (?1, ?2, ?3, ?4)";

impl Log {
    fn project_bounds(&self, cluster: i64, skyline: &Skyline) -> Result<(), StoreError> {
        let add = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(INSERT)?;
            for bound in skyline.bounds() {
                let version = VersionKey::from(&bound.version);
                statement.execute(params![cluster, version, bound.at.micros(), bound.is_stamped])?;
            }
            Ok(())
        };
        add().map_err(|source| self.error(source))
    }

    /// Takes what the versions of a batch prove into the skyline of the projection.
    pub fn project_time_bounds(&self, cluster: i64, batch: &Skyline) -> Result<(), StoreError> {
        let project = || -> rusqlite::Result<()> {
            for TimeBound { version, at, is_stamped } in batch.bounds() {
                let (version, at) = (VersionKey::from(version), at.micros());
                let mut last = self.connection.prepare_cached(LAST_AT)?;
                let known: Option<i64> = last.query_row(params![cluster, version], |row| row.get(0)).optional()?;
                if known.is_none_or(|known| known < at) {
                    self.connection.prepare_cached(DROP_DOMINATED)?.execute(params![cluster, version, at])?;
                    self.connection.prepare_cached(INSERT)?.execute(params![cluster, version, at, is_stamped])?;
                } else if *is_stamped && known == Some(at) {
                    self.connection.prepare_cached(UPGRADE)?.execute(params![cluster, version, at])?;
                }
            }
            Ok(())
        };
        project().map_err(|source| self.error(source))?;
        self.unsettle(cluster)
    }

    /// Makes the skyline of the projection from the log again.
    pub fn project_skylines(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("DELETE FROM skyline").map_err(|source| self.error(source))?;
        self.reader().clusters()?.into_iter().try_for_each(|cluster| self.settle_skyline(cluster))
    }

    /// Makes the skyline of a cluster what all batches together say. Taken in batch by batch it may be another: where several tell of one
    /// version, which of them made it is known only with all.
    pub fn settle_skyline(&self, cluster: i64) -> Result<(), StoreError> {
        let fresh = self.reader().skyline(cluster)?;
        if self.stored_bounds(cluster)? != fresh.bounds() {
            const DROP: &str = "DELETE FROM skyline WHERE cluster = ?1";
            self.connection.execute(DROP, [cluster]).map_err(|source| self.error(source))?;
            self.project_bounds(cluster, &fresh)?;
        }
        self.settled(cluster)
    }

    fn stored_bounds(&self, cluster: i64) -> Result<Vec<TimeBound>, StoreError> {
        const ROWS: &str = "SELECT version, at, is_stamped FROM skyline WHERE cluster = ?1 ORDER BY version";
        Ok(self.reader().rows(ROWS, [cluster], |row| bound(row, 0))?.into_iter().flatten().collect())
    }

    /// The skylines of all clusters as they stand in the projection.
    pub fn stored_skyline(&self) -> Result<Vec<(i64, TimeBound)>, StoreError> {
        let mut stored = Vec::new();
        for cluster in self.reader().clusters()? {
            stored.extend(self.stored_bounds(cluster)?.into_iter().map(|bound| (cluster, bound)));
        }
        Ok(stored)
    }

    /// The same as the log gives them.
    pub fn fresh_skyline(&self) -> Result<Vec<(i64, TimeBound)>, StoreError> {
        let reader = self.reader();
        let mut fresh = Vec::new();
        for cluster in reader.clusters()? {
            fresh.extend(reader.skyline(cluster)?.bounds().iter().map(|bound| (cluster, bound.clone())));
        }
        Ok(fresh)
    }
}

/// Each batch of which the row is a multiple of this keeps the ends of so many batches, itself the last.
const TOGETHER: i64 = 32;
/// About so many bytes a packed bound takes.
const BOUND_BYTES: usize = 5;

/// The bound in three columns; none of a version that is empty.
fn bound(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<TimeBound>> {
    let (version, at, is_stamped) = (row.get::<_, VersionKey>(first)?, row.get(first + 1)?, row.get(first + 2)?);
    Ok(version.to_version().map(|version| TimeBound { version, at: ObservedAt::from_micros(at), is_stamped }))
}

/// The ends of the bounds of a batch, if it has any.
fn part(batch: i64, bounds: &[TimeBound]) -> Option<Part> {
    let (first, last) = (bounds.first()?.clone(), bounds.last()?.clone());
    Some(Part { batch, first, last })
}

impl Reader<'_> {
    /// What the versions of a cluster prove, as the log is when it is asked for first.
    pub fn skyline(&self, cluster: i64) -> Result<Rc<Skyline>, StoreError> {
        if let Some(known) = self.skylines.borrow().get(&cluster) {
            return Ok(Rc::clone(known));
        }
        let skyline = Rc::new(Skyline::new(self.time_bounds(cluster)?));
        self.skylines.borrow_mut().insert(cluster, Rc::clone(&skyline));
        Ok(skyline)
    }

    /// The latest time that the write of a version is known not to have happened before.
    pub fn not_before(&self, cluster: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, StoreError> {
        self.parted(cluster, |parted| parted.not_before(version, |batch, bounds| self.bounds_of_batch(batch, bounds)))
    }

    /// The stamp on the first write from a version on that carries a new one.
    pub fn next_stamp(&self, cluster: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, StoreError> {
        self.parted(cluster, |parted| parted.next_stamp(version, |batch, bounds| self.bounds_of_batch(batch, bounds)))
    }

    /// The earliest and the latest time that is stated or that versions prove, in microseconds.
    pub(super) fn time_ends(&self) -> Result<Option<(i64, i64)>, StoreError> {
        let mut known = self.known_ends()?;
        let mut all = known.stated;
        for parted in known.of_clusters.values_mut() {
            let ends = parted.ends(|batch, bounds| self.bounds_of_batch(batch, bounds))?;
            let ends = ends.map(|(first, last)| (first.micros(), last.micros()));
            all = earliest_and_latest([all, ends]);
        }
        Ok(all)
    }

    /// Asks of the time bounds of a cluster, as the log is when they are asked for first.
    fn parted<T>(
        &self,
        cluster: i64,
        ask: impl FnOnce(&mut PartedSkyline) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        ask(self.known_ends()?.of_clusters.entry(cluster).or_default())
    }

    fn known_ends(&self) -> Result<RefMut<'_, KnownEnds>, StoreError> {
        if self.ends.borrow().is_none() {
            let ends = self.log.as_of_one_moment(|| self.all_ends())?;
            self.ends.replace(Some(ends.into()));
        }
        Ok(RefMut::map(self.ends.borrow_mut(), Option::get_or_insert_default))
    }

    fn bounds_of_batch(&self, batch: i64, bounds: &mut Vec<TimeBound>) -> Result<(), StoreError> {
        let summaries = self.summaries_between(batch - 1, batch)?;
        summaries.iter().try_for_each(|it| self.unpacked(it, unpack_bounds(&it.time_bounds, bounds)))
    }

    /// The ends of all batches.
    fn all_ends(&self) -> Result<Ends, StoreError> {
        let batches = self.log.seal_of(Group::Batches)?.rows;
        let mut ends = Ends::default();
        let mut known = 0;
        while known + TOGETHER <= batches {
            for summary in self.summaries_between(known + TOGETHER - 1, known + TOGETHER)? {
                ends.add(match &summary.ends {
                    Some(kept) => self.unpacked(&summary, Ends::unpack(kept))?,
                    None => self.ends_between(known, known + TOGETHER, known + TOGETHER)?,
                });
            }
            known += TOGETHER;
        }
        ends.add(self.ends_between(known, batches, batches)?);
        // The seal of the batches is not compared with all of them here.
        let more = self.checked(&BATCH, "WHERE id > ?1 LIMIT 1", [batches], batch_row)?.0;
        match more.is_empty() {
            true => Ok(ends),
            false => Err(self.log.damaged(format!("batches: {batches} written, more found"))),
        }
    }

    /// The ends of the batches after one up to another, by the rows of each; of those after `summed` there is no summary yet.
    fn ends_between(&self, after: i64, summed: i64, until: i64) -> Result<Ends, StoreError> {
        let between = "WHERE id > ?1 AND id <= ?2 ORDER BY id";
        let (batches, _) = self.checked(&BATCH, between, [after, until], batch_row)?;
        if !batches.iter().map(|batch| batch.id).eq(after + 1..=until) {
            return Err(self.log.damaged(format!("a batch after batch {after} is not there")));
        }
        let stated = earliest_and_latest(batches.iter().map(|batch| batch.stated));
        let mut ends = Ends { stated, parts: Vec::new() };
        for summary in self.summaries_between(after, summed)? {
            let mut bounds = Vec::new();
            self.unpacked(&summary, unpack_bounds(&summary.time_bounds, &mut bounds))?;
            ends.parts.extend(part(summary.batch, &bounds).map(|part| (summary.cluster, part)));
        }
        Ok(ends)
    }

    /// What a batch keeps of the ends of others, packed; nothing where one of them is damaged, which keeps nothing from being appended.
    /// Its summary is not in the log yet: its cluster and its bounds are given.
    pub(super) fn ends_to_keep(
        &self,
        batch: i64,
        (cluster, bounds): (i64, &[TimeBound]),
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if batch % TOGETHER != 0 {
            return Ok(None);
        }
        let mut ends = match self.ends_between(batch - TOGETHER, batch - 1, batch) {
            Err(StoreError::Damaged { .. }) => return Ok(None),
            ends => ends?,
        };
        ends.parts.extend(part(batch, bounds).map(|part| (cluster, part)));
        Ok(Some(ends.pack()))
    }

    /// The names of the clusters of which no single cluster can have all recordings, each with what shows it.
    pub fn contradictions(&self) -> Result<Vec<(String, Contradiction)>, StoreError> {
        let mut found = Vec::new();
        // One recording is taken at its word.
        if self.recording_names()?.len() < 2 {
            return Ok(found);
        }
        for (cluster, name) in self.cluster_names()? {
            found.extend(contradiction(&self.time_bounds(*cluster)?).map(|it| (name.to_string(), it)));
        }
        Ok(found)
    }

    /// The bounds of a cluster, in the order of the log.
    fn time_bounds(&self, cluster: i64) -> Result<Vec<TimeBound>, StoreError> {
        let summaries = self.summaries(cluster)?;
        let mut bounds =
            Vec::with_capacity(summaries.iter().map(|it| it.time_bounds.len()).sum::<usize>() / BOUND_BYTES);
        for summary in &summaries {
            self.unpacked(summary, unpack_bounds(&summary.time_bounds, &mut bounds))?;
        }
        Ok(bounds)
    }
}
