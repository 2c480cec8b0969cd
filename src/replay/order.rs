//! From sightings, in the order of the log, to writes, in the order in which they happened.

use crate::model::{Clock, EventKind, ResourceVersion, Seq};

/// What of a record decides about its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Where it stands in the log.
    pub seq: Seq,
    /// What the record said.
    pub kind: EventKind,
    /// The version it shows.
    pub resource_version: Option<ResourceVersion>,
    /// How good its time is.
    pub clock: Clock,
}

/// The sightings of one pod, one for each write, in the order of the writes. A write is a resourceVersion together
/// with whether it is a deletion; several records may sight it, and the one with the best clock, then the first, stands
/// for it. The resourceVersion orders; a record without one belongs behind the record before it.
#[must_use]
pub fn order_writes(mut sightings: Vec<Sighting>) -> Vec<Sighting> {
    sightings.sort_by_key(|sighting| sighting.seq);
    let mut inherited = None;
    let mut placed: Vec<Placed> = Vec::with_capacity(sightings.len());
    for sighting in sightings {
        if let Some(version) = &sighting.resource_version {
            inherited = Some(version.clone());
        }
        placed.push(Placed { version: inherited.clone(), sighting });
    }
    placed.sort_by(|left, right| left.rank().cmp(&right.rank()));
    let mut writes: Vec<Sighting> = Vec::with_capacity(placed.len());
    for Placed { sighting, .. } in placed {
        let repeats = sighting.resource_version.is_some()
            && writes.last().is_some_and(|last| {
                last.resource_version == sighting.resource_version && last.is_deletion() == sighting.is_deletion()
            });
        if !repeats {
            writes.push(sighting);
        }
    }
    writes
}

/// A sighting and the version that it belongs to: its own, or that of the record before it.
struct Placed {
    version: Option<ResourceVersion>,
    sighting: Sighting,
}

impl Placed {
    /// By version; a deletion behind the write of the same version; within one write the best clock first, then the
    /// order of the log. Records without a version of their own stay behind those that have it, in the order of the log.
    fn rank(&self) -> (Option<&ResourceVersion>, bool, bool, Clock, Seq) {
        let sighting = &self.sighting;
        let has_none = sighting.resource_version.is_none();
        let clock = if has_none { Clock::None } else { sighting.clock };
        (self.version.as_ref(), sighting.is_deletion(), has_none, clock, sighting.seq)
    }
}

impl Sighting {
    fn is_deletion(&self) -> bool {
        self.kind == EventKind::Deleted
    }
}

#[cfg(test)]
mod tests {
    use super::{Sighting, order_writes};
    use crate::model::{Clock, EventKind, ResourceVersion, Seq};

    /// `SEQ KIND VERSION CLOCK / ...` to the same, in order and without repetition.
    fn check(log: &str, expected: &str) {
        let sightings = log.split(" / ").map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            Sighting {
                seq: Seq(words[0].parse().expect("a number")),
                kind: EventKind::from(words[1]),
                resource_version: ResourceVersion::new(words[2].trim_matches('-')),
                clock: if words.get(3) == Some(&"status") { Clock::Status } else { Clock::ManagedFields },
            }
        });
        let ordered = order_writes(sightings.collect()).iter().map(|write| write.seq.to_string()).collect::<Vec<_>>();
        assert_eq!(ordered.join(" "), expected, "{log}");
    }

    #[test]
    fn the_resource_version_orders_as_a_number() {
        check("1 ADDED 9 / 2 MODIFIED 100 / 3 MODIFIED 20", "1 3 2");
        check("1 ADDED 18446744073709551617 / 2 MODIFIED 18446744073709551616", "2 1");
    }

    #[test]
    fn a_write_counts_once() {
        check("1 ADDED 5 / 2 MODIFIED 6 / 3 ADDED 6 / 4 ADDED 5", "1 2");
        check("1 OBSERVED 5 status / 2 ADDED 5", "2");
        check("1 MODIFIED 5 / 2 DELETED 5", "1 2");
        check("1 DELETED 6 / 2 MODIFIED 5 / 3 DELETED 6", "2 1");
    }

    #[test]
    fn without_a_version_a_record_follows_the_one_before_it() {
        check("1 ADDED - / 2 MODIFIED - / 3 MODIFIED -", "1 2 3");
        check("1 ADDED 7 / 2 MODIFIED - / 3 MODIFIED 6", "3 1 2");
    }
}
