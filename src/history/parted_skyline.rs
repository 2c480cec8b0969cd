//! A skyline of which only those parts are read that a question needs. The answers are those of the whole.

use super::time_bounds::{Skyline, TimeBound};
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, ResourceVersion};

/// Bounds that are read together, the skyline of a batch: which they are, and the first and the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The batch.
    pub batch: i64,
    /// Its lowest version.
    pub first: TimeBound,
    /// Its highest version, with its latest time.
    pub last: TimeBound,
}

/// The bounds of a cluster in parts, and what was read of them.
#[derive(Debug, Default)]
pub struct PartedSkyline {
    /// In the order of their first versions.
    parts: Vec<Part>,
    /// For each part, of it and those before it the one with the highest version and the one with the latest time.
    highest: Vec<usize>,
    latest: Vec<usize>,
    is_read: Vec<bool>,
    read: usize,
    bounds: Vec<TimeBound>,
    /// Of the parts that were read.
    skyline: Skyline,
}

impl PartedSkyline {
    /// Of these parts none is read yet.
    #[must_use]
    pub fn new(mut parts: Vec<Part>) -> Self {
        parts.sort_by(|left, right| left.first.version.cmp(&right.first.version));
        let up_to = |is_later: fn(&Part, &Part) -> bool| {
            let best = (0..parts.len()).scan(0, |best, place| {
                *best = if is_later(&parts[place], &parts[*best]) { place } else { *best };
                Some(*best)
            });
            best.collect()
        };
        let highest = up_to(|part, best| part.last.version > best.last.version);
        let latest = up_to(|part, best| part.last.at > best.last.at);
        let is_read = vec![false; parts.len()];
        Self { parts, highest, latest, is_read, read: 0, bounds: Vec::new(), skyline: Skyline::default() }
    }

    /// `Skyline::not_before` of all parts; `read` reads the bounds of a batch.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn not_before<E>(
        &mut self,
        version: &ResourceVersion,
        mut read: impl FnMut(i64, &mut Vec<TimeBound>) -> Result<(), E>,
    ) -> Result<Option<ObservedAt>, E> {
        while let Some(missing) = self.missing(version, Some(version)) {
            self.read(missing, &mut read)?;
        }
        Ok(self.skyline.not_before(version))
    }

    /// `Skyline::next_stamp` of all parts; `read` reads the bounds of a batch.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn next_stamp<E>(
        &mut self,
        version: &ResourceVersion,
        mut read: impl FnMut(i64, &mut Vec<TimeBound>) -> Result<(), E>,
    ) -> Result<Option<ObservedAt>, E> {
        loop {
            let next = self.skyline.stamped_from(version).next();
            match self.missing(version, next.map(|next| &next.version)) {
                Some(missing) => self.read(missing, &mut read)?,
                None => return Ok(next.map(|next| next.at)),
            }
        }
    }

    /// The first and the last time of `Skyline::bounds` of all parts; `read` reads the bounds of a batch.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn ends<E>(
        &mut self,
        mut read: impl FnMut(i64, &mut Vec<TimeBound>) -> Result<(), E>,
    ) -> Result<Option<(ObservedAt, ObservedAt)>, E> {
        let (Some(first), Some(highest)) = (self.parts.first(), self.highest.last()) else { return Ok(None) };
        let (lowest, highest) = (first.first.version.clone(), self.parts[*highest].last.version.clone());
        Ok(self.not_before(&lowest, &mut read)?.zip(self.not_before(&highest, &mut read)?))
    }

    /// A part without which the skyline may be another from one version to another: one with versions between them; one that may say
    /// a later time of a version before them; one that may say that the request with the latest time before them was not the first
    /// for its version.
    fn missing(&self, from: &ResourceVersion, until: Option<&ResourceVersion>) -> Option<usize> {
        if self.read == self.parts.len() {
            return None;
        }
        let before = self.skyline.bounds().partition_point(|bound| bound.version < *from);
        let before = before.checked_sub(1).map(|last| &self.skyline.bounds()[last]);
        let of_request = before.filter(|bound| bound.at.micros() % SECOND_US != 0).map(|bound| &bound.version);
        self.unread_between(from, until)
            .or_else(|| self.unread_later(from, before.map(|bound| bound.at)))
            .or_else(|| of_request.and_then(|version| self.unread_between(version, Some(version))))
    }

    /// The first part with versions between these that is not read yet.
    fn unread_between(&self, from: &ResourceVersion, until: Option<&ResourceVersion>) -> Option<usize> {
        let reaches = |place: &usize| self.parts[*place].last.version >= *from;
        let begin = self.highest.partition_point(|highest| !reaches(highest));
        let end = until.map_or(self.parts.len(), |it| self.parts.partition_point(|part| part.first.version <= *it));
        (begin..end).find(|place| !self.is_read[*place] && reaches(place))
    }

    /// The last part that begins before a version, has a later time and is not read yet.
    fn unread_later(&self, before: &ResourceVersion, than: Option<ObservedAt>) -> Option<usize> {
        let is_later = |place: &usize| Some(self.parts[*place].last.at) > than;
        let begin = self.latest.partition_point(|latest| !is_later(latest));
        let end = self.parts.partition_point(|part| part.first.version < *before);
        (begin..end).rev().find(|place| !self.is_read[*place] && is_later(place))
    }

    /// Reads a part, and those that follow it, as many as were read before: the skyline is made again, and who asks for much
    /// soon has all. What was not asked for and cannot be read is an error for whoever needs it.
    fn read<E>(
        &mut self,
        first: usize,
        read: &mut impl FnMut(i64, &mut Vec<TimeBound>) -> Result<(), E>,
    ) -> Result<(), E> {
        let count = self.read.max(1);
        let around = (first..self.parts.len()).chain(0..first);
        let unread: Vec<usize> = around.filter(|place| !self.is_read[*place]).take(count).collect();
        let mut of_part = Vec::new();
        for place in unread {
            of_part.clear();
            match read(self.parts[place].batch, &mut of_part) {
                Err(error) if place == first => return Err(error),
                Err(_) => continue,
                Ok(()) => {}
            }
            self.bounds.append(&mut of_part);
            self.is_read[place] = true;
            self.read += 1;
        }
        self.skyline = Skyline::new(self.bounds.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::{Part, PartedSkyline};
    use crate::history::{Skyline, TimeBound};
    use crate::model::{ObservedAt, ResourceVersion};

    /// Versions and times close to each other, of requests too.
    fn bound() -> impl Strategy<Value = TimeBound> {
        (1..40_u64, 0..60_i64, any::<bool>()).prop_map(|(version, at, is_stamped)| {
            let (version, at) = (ResourceVersion::from(version), ObservedAt::from_micros(at * 250_000));
            TimeBound { version, at, is_stamped }
        })
    }

    /// Mostly those of a batch follow those of the batch before.
    fn batches() -> impl Strategy<Value = Vec<Skyline>> {
        let of_batch = (0..60_u64, proptest::collection::vec(bound(), 0..6)).prop_map(|(later, bounds)| {
            let moved = |bound: TimeBound| {
                let number = u64::try_from(bound.version.number().unwrap_or_default()).unwrap_or_default();
                let seconds = i64::try_from(later).unwrap_or_default() * 1_000_000;
                TimeBound { version: (number / 4 + later).into(), at: bound.at.plus_micros(seconds), ..bound }
            };
            Skyline::new(bounds.into_iter().map(moved).collect())
        });
        proptest::collection::vec(of_batch, 0..12)
    }

    fn parts_of(batches: &[Skyline]) -> Vec<Part> {
        let ends = |(batch, skyline): (i64, &Skyline)| {
            let (first, last) = (skyline.bounds().first()?.clone(), skyline.bounds().last()?.clone());
            Some(Part { batch, first, last })
        };
        (0..).zip(batches).filter_map(ends).collect()
    }

    proptest! {
        #[test]
        fn what_is_read_in_part_answers_as_the_whole(
            batches in batches(),
            questions in proptest::collection::vec((0..80_u64, any::<bool>()), 1..12),
            damaged in proptest::option::of(0..12_i64),
        ) {
            let whole = Skyline::new(batches.iter().flat_map(|it| it.bounds().to_vec()).collect());
            let mut parted = PartedSkyline::new(parts_of(&batches));
            let read = |batch: i64, bounds: &mut Vec<TimeBound>| {
                bounds.extend_from_slice(batches[usize::try_from(batch).expect("a place")].bounds());
                Ok::<(), Infallible>(())
            };
            let ends = whole.bounds().first().zip(whole.bounds().last()).map(|(first, last)| (first.at, last.at));
            prop_assert_eq!(PartedSkyline::new(parts_of(&batches)).ends(read), Ok(ends));
            // Of a damaged batch nothing is read: whoever needs it is refused, the others are answered as before.
            let mut torn = PartedSkyline::new(parts_of(&batches));
            let read_but = |batch: i64, bounds: &mut Vec<TimeBound>| {
                if Some(batch) == damaged { Err(batch) } else { read(batch, bounds).map_err(|never| match never {}) }
            };
            for (version, is_next) in questions {
                let version = ResourceVersion::from(version);
                let answer = if is_next { torn.next_stamp(&version, read_but) } else { torn.not_before(&version, read_but) };
                let known = if is_next { whole.next_stamp(&version) } else { whole.not_before(&version) };
                prop_assert!(answer == Ok(known) || answer == Err(damaged.unwrap_or(-1)), "{answer:?}, not {known:?}");
                if is_next {
                    prop_assert_eq!(parted.next_stamp(&version, read), Ok(whole.next_stamp(&version)));
                } else {
                    prop_assert_eq!(parted.not_before(&version, read), Ok(whole.not_before(&version)));
                }
            }
        }
    }

    #[test]
    fn of_a_long_log_little_is_read() {
        let of_batch = |batch: u64| {
            let bound = |version: u64| TimeBound {
                version: (batch * 100 + version).into(),
                at: ObservedAt::from_micros(i64::try_from(batch * 100 + version).expect("small") * 1_000_000),
                is_stamped: true,
            };
            Skyline::new((0..100).map(bound).collect())
        };
        let batches: Vec<Skyline> = (0..1000).map(of_batch).collect();
        let mut parted = PartedSkyline::new(parts_of(&batches));
        let mut count = 0;
        let mut read = |batch: i64, bounds: &mut Vec<TimeBound>| {
            count += 1;
            bounds.extend_from_slice(batches[usize::try_from(batch).expect("a place")].bounds());
            Ok::<(), Infallible>(())
        };
        for version in (50_150..50_450).step_by(7).map(ResourceVersion::from) {
            parted.not_before(&version, &mut read).expect("it is read");
            parted.next_stamp(&version, &mut read).expect("it is read");
        }
        assert!(count <= 8, "{count} of 1000");
    }
}
