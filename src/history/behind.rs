//! Which recordings of a cluster go on, or begin, behind a point: found without going through all of them, as a pod asks it that was
//! last seen there.

use super::point::{Point, number};
use crate::model::ObservedAt;

/// The recordings of one cluster, by where they begin and end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Behind {
    /// Those that begin with a version that is a number, by it: each with the first of it and those behind.
    numbered: Vec<(u128, First)>,
    /// Those that do not, by time.
    unnumbered: Vec<First>,
    /// All, by time.
    timed: Vec<First>,
    /// The last ends: of those with a number, of those without, of all.
    last: (Option<u128>, Option<ObservedAt>, Option<ObservedAt>),
}

/// Where a recording begins, by time and then by version, and its place among the coverages: the least is the first.
type First = ((Option<ObservedAt>, Option<u128>), usize);

impl Behind {
    /// Of the coverages of one cluster: the place of each, where it begins and where it ends.
    pub(super) fn of<'a>(coverages: impl Iterator<Item = (usize, &'a Point, &'a Point)>) -> Self {
        let mut behind = Self::default();
        for (place, from, until) in coverages {
            let first = (from.order(), place);
            match number(from.version.as_ref()) {
                Some(number) => behind.numbered.push((number, first)),
                None => behind.unnumbered.push(first),
            }
            behind.timed.push(first);
            let (numbered, unnumbered, timed) = &mut behind.last;
            match number(until.version.as_ref()) {
                Some(number) => *numbered = (*numbered).max(Some(number)),
                None => *unnumbered = (*unnumbered).max(until.at),
            }
            *timed = (*timed).max(until.at);
        }
        behind.numbered.sort_unstable();
        let mut least = None;
        for (_, first) in behind.numbered.iter_mut().rev() {
            *first = least.map_or(*first, |least| (*first).min(least));
            least = Some(*first);
        }
        behind.unnumbered.sort_unstable();
        behind.timed.sort_unstable();
        behind
    }

    /// The place of the first recording that begins behind a point.
    pub(super) fn first(&self, point: &Point) -> Option<usize> {
        let by_time = |firsts: &[First]| {
            let at = point.at?;
            firsts.get(firsts.partition_point(|((from, _), _)| *from <= Some(at))).copied()
        };
        let found = match number(point.version.as_ref()) {
            Some(version) => {
                let begin = self.numbered.partition_point(|(number, _)| *number <= version);
                let by_version = self.numbered.get(begin).map(|(_, first)| *first);
                by_version.into_iter().chain(by_time(&self.unnumbered)).min()
            }
            None => by_time(&self.timed),
        };
        found.map(|(_, place)| place)
    }

    /// Whether a recording goes on behind a point.
    pub(super) fn is_any(&self, point: &Point) -> bool {
        let (numbered, unnumbered, timed) = self.last;
        let is_later = |at: Option<ObservedAt>| point.at.is_some() && at > point.at;
        match number(point.version.as_ref()) {
            Some(version) => numbered > Some(version) || is_later(unnumbered),
            None => is_later(timed),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Behind;
    use crate::history::point::Point;
    use crate::model::{ObservedAt, ResourceVersion};

    fn point() -> impl Strategy<Value = Point> {
        let version = prop_oneof![Just(None), Just(Some("a".to_owned())), (0..9u8).prop_map(|it| Some(it.to_string()))];
        (version, proptest::option::of(0..9i64)).prop_map(|(version, at)| Point {
            version: version.and_then(|version| ResourceVersion::new(&version)),
            at: at.map(ObservedAt::from_micros),
        })
    }

    proptest! {
        #[test]
        fn the_same_is_found_as_by_going_through_all(
            covered in proptest::collection::vec((point(), point()), 0..12), from in point()
        ) {
            let behind = Behind::of(covered.iter().enumerate().map(|(place, (from, until))| (place, from, until)));
            let begins = covered.iter().enumerate().filter(|(_, (begin, _))| from.is_before(begin));
            let first = begins.min_by_key(|(_, (begin, _))| begin.order()).map(|(place, _)| place);
            prop_assert_eq!(behind.first(&from), first);
            prop_assert_eq!(behind.is_any(&from), covered.iter().any(|(_, end)| from.is_before(end)));
        }
    }
}
