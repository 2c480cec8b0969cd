//! From sightings, in the order of the log, to writes, in the order in which they happened.

use crate::model::time::SECOND_US;
use crate::model::{Clock, EventKind, ObservedAt, ResourceVersion, Seq};

/// What of a record decides about its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Where it stands in the log.
    pub seq: Seq,
    /// What the record said.
    pub kind: EventKind,
    /// The version it shows.
    pub resource_version: Option<ResourceVersion>,
    /// How good the times in the object are.
    pub clock: Clock,
    /// The newest time in the object.
    pub not_before: Option<ObservedAt>,
    /// The time that the format states, and whose clock that is.
    pub stated: Option<(ObservedAt, Clock)>,
    /// The recording that it belongs to.
    pub recording: i64,
}

/// A write, and the records that sight it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedWrite {
    /// The record that stands for it: its object is the best.
    pub seq: Seq,
    /// What that record said.
    pub kind: EventKind,
    /// When it was, if a format states that.
    pub stated: Option<(ObservedAt, Clock)>,
    /// Not before this.
    pub not_before: Option<ObservedAt>,
    /// All records that sight it, in the order of the log.
    pub sightings: Vec<Seq>,
}

/// The writes that these sightings of one pod show, in their order. A write is a resourceVersion together with whether it
/// is a deletion; several records may sight it. The one with the best times in its object, then the first, stands for it;
/// the best of the stated times counts. The resourceVersion orders; a record without one belongs where its stated time
/// puts it, or behind the record before it.
#[must_use]
pub fn order_writes(mut sightings: Vec<Sighting>) -> Vec<OrderedWrite> {
    sightings.sort_by_key(|sighting| sighting.seq);
    let (timed, placed): (Vec<Sighting>, Vec<Sighting>) =
        sightings.into_iter().partition(|sighting| sighting.resource_version.is_none() && sighting.stated.is_some());
    let mut writes = by_version(placed);
    insert_by_time(&mut writes, timed);
    writes
}

fn by_version(sightings: Vec<Sighting>) -> Vec<OrderedWrite> {
    let mut inherited = None;
    let mut placed: Vec<Placed> = Vec::with_capacity(sightings.len());
    for sighting in sightings {
        if let Some(version) = &sighting.resource_version {
            inherited = Some(version.clone());
        }
        placed.push(Placed { version: inherited.clone(), sighting });
    }
    placed.sort_by(|left, right| left.rank().cmp(&right.rank()));
    let same = |left: &Placed, right: &Placed| {
        let (left, right) = (&left.sighting, &right.sighting);
        left.resource_version.is_some()
            && left.resource_version == right.resource_version
            && left.is_deletion() == right.is_deletion()
    };
    placed.chunk_by(same).map(write_of).collect()
}

/// One write of its sightings, the best first.
fn write_of(sightings: &[Placed]) -> OrderedWrite {
    let best = &sightings[0].sighting;
    let mut seqs: Vec<Seq> = sightings.iter().map(|placed| placed.sighting.seq).collect();
    seqs.sort_unstable();
    let is_first = |sighting: &Sighting| {
        let others = sightings.iter().map(|placed| &placed.sighting);
        others.filter(|other| other.recording == sighting.recording).all(|other| other.seq >= sighting.seq)
    };
    let trusted = sightings.iter().map(|placed| &placed.sighting).filter(|sighting| match sighting.stated {
        // Some recorders tell again, later, what they told before; only the first time is that of the write.
        Some((_, Clock::Received)) => sighting.is_live() && is_first(sighting),
        Some(_) | None => true,
    });
    let stated = trusted.filter_map(|sighting| sighting.stated).min_by_key(|(at, clock)| (*clock, *at));
    OrderedWrite { seq: best.seq, kind: best.kind.clone(), stated, not_before: best.not_before, sightings: seqs }
}

/// Puts the records that only their time places among the writes: behind the last that is not later.
fn insert_by_time(writes: &mut Vec<OrderedWrite>, mut timed: Vec<Sighting>) {
    if timed.is_empty() {
        return;
    }
    timed.sort_by_key(|sighting| (sighting.begun_at(), sighting.stated, sighting.seq));
    let mut latest = None;
    let times: Vec<Option<ObservedAt>> = writes
        .iter()
        .map(|write| {
            latest = latest.max(begun_at(write.stated, write.not_before));
            latest
        })
        .collect();
    let mut merged = Vec::with_capacity(writes.len() + timed.len());
    let mut taken = writes.drain(..).zip(times).peekable();
    for sighting in timed {
        let at = sighting.begun_at();
        // Nothing is asked of a pod before it is created: answers overtake each other.
        let is_creation = |write: &OrderedWrite, time: Option<ObservedAt>| {
            let lead = time.zip(at).map(|(time, at)| time.micros_since(at));
            write.kind == EventKind::Added && lead.is_some_and(|lead| lead <= FRESH_US)
        };
        if merged.is_empty()
            && let Some((write, _)) = taken.next_if(|(write, time)| is_creation(write, *time))
        {
            merged.push(write);
        }
        while let Some((write, _)) = taken.next_if(|(_, time)| *time <= at) {
            merged.push(write);
        }
        let stated = sighting.stated.filter(|_| sighting.is_live() || sighting.kind == EventKind::Request);
        let Sighting { seq, kind, not_before, .. } = sighting;
        merged.push(OrderedWrite { seq, kind, stated, not_before, sightings: vec![seq] });
    }
    merged.extend(taken.map(|(write, _)| write));
    *writes = merged;
}

/// When a write was asked for. Answers overtake each other; requests about one pod follow on what was written before.
fn begun_at(stated: Option<(ObservedAt, Clock)>, not_before: Option<ObservedAt>) -> Option<ObservedAt> {
    match stated {
        Some((at, Clock::Audit)) => not_before.or(Some(at)),
        Some((at, _)) => Some(at),
        None => not_before,
    }
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

/// A creation that arrives later than this was told of by a watch that began later.
const FRESH_US: i64 = 2 * SECOND_US;

impl Sighting {
    fn is_deletion(&self) -> bool {
        self.kind == EventKind::Deleted
    }

    fn begun_at(&self) -> Option<ObservedAt> {
        begun_at(self.stated, self.not_before)
    }

    /// It arrived when it happened: an object that was there when the recorder began arrived later than it was written.
    fn is_live(&self) -> bool {
        match (&self.kind, self.stated, self.not_before) {
            (EventKind::Observed, ..) => false,
            (EventKind::Added, Some((at, _)), Some(written)) => at.micros_since(written) <= FRESH_US,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Sighting, order_writes};
    use crate::model::{Clock, EventKind, ObservedAt, ResourceVersion, Seq};

    /// `SEQ KIND VERSION CLOCK / ...` to the same, in order and without repetition.
    fn check(log: &str, expected: &str) {
        let sightings = log.split(" / ").map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            Sighting {
                seq: Seq(words[0].parse().expect("a number")),
                kind: EventKind::from(words[1]),
                resource_version: ResourceVersion::new(words[2].trim_matches('-')),
                clock: if words.get(3) == Some(&"status") { Clock::Status } else { Clock::ManagedFields },
                not_before: None,
                stated: words.get(3).and_then(|word| word.strip_prefix('@')).map(|second| {
                    let second: i64 = second.parse().expect("a number");
                    let clock = if words[1] == "REQUEST" { Clock::Audit } else { Clock::Received };
                    (ObservedAt::from_micros(second * 1_000_000), clock)
                }),
                recording: 1,
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
    fn without_a_version_the_time_places_a_record() {
        check("1 ADDED 5 @10 / 2 MODIFIED 6 @20 / 3 REQUEST - @15", "1 3 2");
        check("1 REQUEST - @5 / 2 ADDED 5 @10 / 3 REQUEST - @30 / 4 REQUEST - @30", "1 2 3 4");
        check("1 ADDED - @10 / 2 REQUEST - @12 / 3 REQUEST - @11", "1 3 2");
    }

    #[test]
    fn without_a_version_a_record_follows_the_one_before_it() {
        check("1 ADDED - / 2 MODIFIED - / 3 MODIFIED -", "1 2 3");
        check("1 ADDED 7 / 2 MODIFIED - / 3 MODIFIED 6", "3 1 2");
    }
}
