//! What versions prove of time. Within a cluster the resourceVersion orders all writes, so the time of one write bounds the
//! times of all others.

use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, ResourceVersion};

/// A version, and the newest time that its object carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeBound {
    /// The version.
    pub version: ResourceVersion,
    /// The write of it did not happen before this.
    pub at: ObservedAt,
    /// The API server itself stamped it: if the time is new with this version, it is that of the write.
    pub is_stamped: bool,
}

/// The bounds of one cluster that say something: the times rise with the versions, about one for each second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skyline {
    bounds: Vec<TimeBound>,
    /// The places of those that the API server stamped.
    stamped: Vec<usize>,
}

/// Two bounds that cannot both be of one cluster, unless a clock was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The lower version, with the later time.
    pub lower: TimeBound,
    /// The higher version, with the earlier time.
    pub higher: TimeBound,
}

/// Clocks of one cluster differ by less.
const CLOCKS_US: i64 = 60 * SECOND_US;
/// Objects whose last write left no time, a label perhaps, can look like this, a few of them in a row: in whatever order they come,
/// the log keeps those that rise.
const CONTRADICTING_MIN: usize = 16;

impl Skyline {
    /// What another bound says as well, by an earlier version with a time as late, is left out.
    #[must_use]
    pub fn new(mut bounds: Vec<TimeBound>) -> Self {
        let order = |left: &TimeBound, right: &TimeBound| {
            left.version.cmp(&right.version).then(right.at.cmp(&left.at)).then(right.is_stamped.cmp(&left.is_stamped))
        };
        // Those of a watch come in order: to sort takes room and time.
        if !bounds.is_sorted_by(|left, right| order(left, right).is_le()) {
            bounds.sort_by(order);
        }
        let of_version = bounds.chunk_by(|left, right| left.version == right.version).map(of_one_version);
        let mut newest = None;
        let rising = of_version.filter(|bound| {
            let is_new = newest < Some(bound.at);
            newest = newest.max(Some(bound.at));
            is_new
        });
        let bounds: Vec<TimeBound> = rising.cloned().collect();
        let stamped = (0..bounds.len()).filter(|place| bounds[*place].is_stamped).collect();
        Self { bounds, stamped }
    }

    /// The bounds, in the order of the versions and of the times.
    #[must_use]
    pub fn bounds(&self) -> &[TimeBound] {
        &self.bounds
    }

    /// The latest time that the write of `version` is known not to have happened before.
    #[must_use]
    pub fn not_before(&self, version: &ResourceVersion) -> Option<ObservedAt> {
        let behind = self.bounds.partition_point(|bound| bound.version <= *version);
        behind.checked_sub(1).map(|last| self.bounds[last].at)
    }

    /// The stamp on the first write from `version` on that carries a new one.
    #[must_use]
    pub fn next_stamp(&self, version: &ResourceVersion) -> Option<ObservedAt> {
        self.stamped_from(version).next().map(|bound| bound.at)
    }

    pub(super) fn stamped_from(&self, version: &ResourceVersion) -> impl Iterator<Item = &TimeBound> {
        let first = self.stamped.partition_point(|place| self.bounds[*place].version < *version);
        self.stamped[first..].iter().map(|place| &self.bounds[*place])
    }

    /// The same of two skylines of one cluster together.
    #[must_use]
    pub fn next_stamp_of(both: [&Self; 2], version: &ResourceVersion) -> Option<ObservedAt> {
        let [own, other] = both;
        let first = |own: &Self, other: &Self| {
            let is_new = |bound: &&TimeBound| {
                let behind = other.bounds.partition_point(|it| it.version <= bound.version);
                let before = behind.checked_sub(1).map(|last| &other.bounds[last]);
                before.is_none_or(|it| it.at < bound.at || it.at == bound.at && it.version == bound.version)
            };
            own.stamped_from(version).find(is_new).map(|bound| (bound.version.clone(), bound.at))
        };
        first(own, other).into_iter().chain(first(other, own)).min().map(|(_, at)| at)
    }
}

/// What shows that bounds are not of one cluster: the first run of them, in the order of the log, whose versions and times rise together but of which each time is earlier than
/// that of a lower version: they are of another cluster.
#[must_use]
pub fn contradiction(bounds: &[TimeBound]) -> Option<Contradiction> {
    let mut order: Vec<usize> = (0..bounds.len()).collect();
    order.sort_by(|left, right| bounds[*left].version.cmp(&bounds[*right].version));
    // Of each bound the lower version with the latest time, if that is later than its own.
    let mut later: Vec<Option<usize>> = vec![None; bounds.len()];
    let mut latest: Option<usize> = None;
    for place in order {
        let at = bounds[place].at;
        later[place] = latest.filter(|latest| bounds[*latest].at > at.plus_micros(CLOCKS_US));
        latest = latest.filter(|latest| bounds[*latest].at >= at).or(Some(place));
    }
    let places: Vec<usize> = (0..bounds.len()).collect();
    let is_run = |left: &usize, right: &usize| {
        let rises = bounds[*left].version < bounds[*right].version && bounds[*left].at < bounds[*right].at;
        rises && later[*left].is_some() && later[*right].is_some()
    };
    let run = places.chunk_by(is_run).find(|run| run.len() >= CONTRADICTING_MIN)?;
    let higher = *run.first()?;
    Some(Contradiction { lower: bounds[later[higher]?].clone(), higher: bounds[higher].clone() })
}

/// What all that bounds one version says, the latest first. Each stamp holds, to the second. Of requests, which are told to the
/// microsecond, the first made the version: one that changed nothing is answered with it too.
fn of_one_version(bounds: &[TimeBound]) -> &TimeBound {
    if let [only] = bounds {
        return only;
    }

    let is_request = |bound: &&TimeBound| bound.at.micros() % SECOND_US != 0;
    let first_request = bounds.iter().rev().find(is_request);
    let newest_stamp = bounds.iter().find(|bound| !is_request(bound));
    let latest = newest_stamp.into_iter().chain(first_request).max_by_key(|bound| bound.at);
    latest.unwrap_or(&bounds[0])
}

#[cfg(test)]
mod tests {
    use super::{Skyline, TimeBound, contradiction};
    use crate::model::{ObservedAt, ResourceVersion};

    fn version(text: &str) -> ResourceVersion {
        ResourceVersion::new(text).expect("not empty")
    }

    #[test]
    fn of_requests_that_answer_with_one_version_the_first_made_it() {
        let bound =
            |micros: i64| TimeBound { version: version("5"), at: ObservedAt::from_micros(micros), is_stamped: true };
        let check = |of: &[i64], expected: i64| {
            let skyline = Skyline::new(of.iter().map(|micros| bound(*micros)).collect());
            assert_eq!(skyline.not_before(&version("5")).map(ObservedAt::micros), Some(expected), "{of:?}");
        };
        check(&[10_900_000, 10_200_000], 10_200_000);
        check(&[9_000_000, 10_000_000, 10_200_000, 11_500_000], 10_200_000);
        check(&[9_000_000, 10_000_000], 10_000_000);
        check(&[11_000_000, 10_900_000], 11_000_000);
    }

    fn second(second: i64) -> ObservedAt {
        ObservedAt::from_micros(second * 1_000_000)
    }

    /// `VERSION@SECOND` with `!` where the API server stamped it.
    fn bounds(text: &str) -> Vec<TimeBound> {
        let bound = |word: &str| {
            let (of, at) = word.trim_end_matches('!').split_once('@').expect("a version and a second");
            TimeBound {
                version: version(of),
                at: second(at.parse().expect("a second")),
                is_stamped: word.ends_with('!'),
            }
        };
        text.split(' ').map(bound).collect()
    }

    fn skyline(text: &str) -> Skyline {
        Skyline::new(bounds(text))
    }

    #[test]
    fn what_an_earlier_version_says_as_well_is_left_out() {
        let same = skyline("5@10! 9@12");
        for text in ["9@12 5@10!", "5@10! 6@10! 7@9 9@12 9@11!", "5@10 5@10! 9@12"] {
            assert_eq!(skyline(text), same, "{text}");
        }
    }

    #[test]
    fn versions_of_several_clusters_contradict_each_other() {
        // So many versions from one on, a second apart.
        let rising = |version: i64, at: i64, count: i64| -> String {
            (0..count).map(|next| format!("{}@{} ", version + next, at + next)).collect()
        };
        let falling: String = (0..16).map(|next| format!("{}@{} ", 50 + next, 40 - next)).collect();
        for (first, second, expected) in [
            // One recording, and another of the same time.
            (rising(5, 10, 16), rising(5, 10, 16), None),
            // The other begins behind the first, with versions that are lower or higher.
            (rising(50, 10, 16), rising(5, 500, 16), Some("20 50")),
            (rising(5, 500, 16), rising(50, 10, 16), Some("20 50")),
            (rising(5, 10, 16), rising(50, 500, 16), None),
            // Clocks that differ by less than a minute.
            (rising(5, 100, 16), rising(50, 71, 16), None),
            // Objects whose last write left no time: few, or in any order.
            (rising(5, 500, 16), rising(50, 10, 15), None),
            (rising(5, 500, 16), falling, None),
        ] {
            let text = format!("{first}{second}");
            let found = contradiction(&bounds(text.trim_end()));
            let found = found.map(|it| format!("{} {}", it.lower.version, it.higher.version));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_version_is_bounded_by_those_around_it() {
        let bounds = skyline("5@10! 9@12 20@15!");
        for (of, not_before, next) in
            [("4", None, Some(10)), ("5", Some(10), Some(10)), ("9", Some(12), Some(15)), ("100", Some(15), None)]
        {
            assert_eq!(bounds.not_before(&version(of)), not_before.map(second), "{of}");
            assert_eq!(bounds.next_stamp(&version(of)), next.map(second), "{of}");
        }
    }

    #[test]
    fn two_skylines_say_what_all_their_bounds_say_together() {
        for (own, other) in [
            ("5@10! 9@12 20@15!", "7@11! 30@20!"),
            ("5@10! 9@12! 20@15!", "7@13 8@14! 30@20!"),
            ("20@15!", "5@10 9@15 30@20!"),
            ("5@10! 20@15!", "5@10! 20@15!"),
            ("5@10!", "7@10! 9@10!"),
            ("9@12!", "5@12!"),
        ] {
            let both = [skyline(own), skyline(other)];
            let all = skyline(&format!("{own} {other}"));
            for of in (1..40).map(|number: u32| version(&number.to_string())) {
                let told = Skyline::next_stamp_of([&both[0], &both[1]], &of);
                assert_eq!(told, all.next_stamp(&of), "{own} and {other}: {of}");
            }
        }
    }
}
