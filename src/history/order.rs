//! From observations, in the order of the log, to revisions, in the order in which they happened.

use crate::model::time::SECOND_US;
use crate::model::{Clock, EventKind, ObservedAt, ResourceVersion, Seq, StoredRecord};

/// A revision in its place, and the records that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedRevision {
    /// The record that stands for it: its object is the best.
    pub seq: Seq,
    /// What that record said.
    pub kind: EventKind,
    /// When it was, if a format states that.
    pub stated: Option<(ObservedAt, Clock)>,
    /// Not before this.
    pub not_before: Option<ObservedAt>,
    /// All records that show it, in the order of the log.
    pub observations: Vec<Seq>,
}

/// The revisions that these records of one pod, given in the order of the log, show, in their order. A revision is a
/// resourceVersion together with whether it is a deletion; several records may show it. The one with the best times in its
/// object, then the first, stands for it; the best of the stated times counts. The resourceVersion orders; a record without
/// one belongs where its stated time puts it, or behind the record before it.
#[must_use]
pub fn order(records: &[StoredRecord]) -> Vec<OrderedRevision> {
    let (timed, placed): (Vec<&StoredRecord>, Vec<&StoredRecord>) =
        records.iter().partition(|record| record.resource_version.is_none() && record.stated.is_some());
    let mut revisions = by_version(&placed);
    insert_by_time(&mut revisions, timed);
    revisions
}

fn by_version(records: &[&StoredRecord]) -> Vec<OrderedRevision> {
    let mut inherited = None;
    let mut placed: Vec<Placed<'_>> = Vec::with_capacity(records.len());
    for record in records {
        if let Some(version) = &record.resource_version {
            inherited = Some(version);
        }
        placed.push(Placed { version: inherited, record });
    }
    placed.sort_by(|left, right| left.rank().cmp(&right.rank()));
    let same = |left: &Placed<'_>, right: &Placed<'_>| {
        let (left, right) = (left.record, right.record);
        left.resource_version.is_some()
            && left.resource_version == right.resource_version
            && is_deletion(left) == is_deletion(right)
    };
    placed.chunk_by(same).map(revision_of).collect()
}

/// One revision of the records that show it, the best first.
fn revision_of(placed: &[Placed<'_>]) -> OrderedRevision {
    let best = placed[0].record;
    let mut seqs: Vec<Seq> = placed.iter().map(|placed| placed.record.seq).collect();
    seqs.sort_unstable();
    let is_first = |record: &StoredRecord| {
        let others = placed.iter().map(|placed| placed.record);
        others.filter(|other| other.recording == record.recording).all(|other| other.seq >= record.seq)
    };
    let trusted = placed.iter().map(|placed| placed.record).filter(|record| match record.stated {
        // Some recorders send again, later, what they sent before; only the first time is that of the write.
        Some((_, Clock::Received)) => is_live(record) && is_first(record),
        Some(_) | None => true,
    });
    let stated = trusted.filter_map(|record| record.stated).min_by_key(|(at, clock)| (*clock, *at));
    let not_before = best.not_before();
    OrderedRevision { seq: best.seq, kind: best.kind.clone(), stated, not_before, observations: seqs }
}

/// Puts the records that only their time places among the revisions: behind the last that is not later.
fn insert_by_time(revisions: &mut Vec<OrderedRevision>, mut timed: Vec<&StoredRecord>) {
    if timed.is_empty() {
        return;
    }
    let begun = |record: &StoredRecord| begun_at(record.stated, record.not_before());
    timed.sort_by_key(|record| (begun(record), record.stated, record.seq));
    let mut latest = None;
    let times: Vec<Option<ObservedAt>> = revisions
        .iter()
        .map(|revision| {
            latest = latest.max(begun_at(revision.stated, revision.not_before));
            latest
        })
        .collect();
    let mut merged = Vec::with_capacity(revisions.len() + timed.len());
    let mut taken = revisions.drain(..).zip(times).peekable();
    for record in timed {
        let at = begun(record);
        // Nothing is asked of a pod before it is created: answers overtake each other.
        let is_creation = |revision: &OrderedRevision, time: Option<ObservedAt>| {
            let lead = time.zip(at).map(|(time, at)| time.micros_since(at));
            revision.kind == EventKind::Added && lead.is_some_and(|lead| lead <= FRESH_US)
        };
        if merged.is_empty()
            && let Some((revision, _)) = taken.next_if(|(revision, time)| is_creation(revision, *time))
        {
            merged.push(revision);
        }
        while let Some((revision, _)) = taken.next_if(|(_, time)| *time <= at) {
            merged.push(revision);
        }
        let stated = record.stated.filter(|_| is_live(record) || record.kind == EventKind::Request);
        let (seq, kind, not_before) = (record.seq, record.kind.clone(), record.not_before());
        merged.push(OrderedRevision { seq, kind, stated, not_before, observations: vec![seq] });
    }
    merged.extend(taken.map(|(revision, _)| revision));
    *revisions = merged;
}

/// When a write was asked for. Answers overtake each other; requests about one pod follow on what was written before.
fn begun_at(stated: Option<(ObservedAt, Clock)>, not_before: Option<ObservedAt>) -> Option<ObservedAt> {
    match stated {
        Some((at, Clock::Audit)) => not_before.or(Some(at)),
        Some((at, _)) => Some(at),
        None => not_before,
    }
}

/// A record and the version that it belongs to: its own, or that of the record before it.
struct Placed<'a> {
    version: Option<&'a ResourceVersion>,
    record: &'a StoredRecord,
}

impl Placed<'_> {
    /// By version; a deletion behind the revision of the same version; within one revision the best clock first, then the
    /// order of the log. Records without a version of their own stay behind those that have it, in the order of the log.
    fn rank(&self) -> (Option<&ResourceVersion>, bool, bool, Clock, Seq) {
        let record = self.record;
        let has_none = record.resource_version.is_none();
        let clock = if has_none { Clock::None } else { record.clock };
        (self.version, is_deletion(record), has_none, clock, record.seq)
    }
}

/// A creation that arrives later than this was observed by a watch that began later.
const FRESH_US: i64 = 2 * SECOND_US;

fn is_deletion(record: &StoredRecord) -> bool {
    record.kind == EventKind::Deleted
}

/// It arrived when it happened: an object that was there when the recorder began arrived later than it was written.
fn is_live(record: &StoredRecord) -> bool {
    match (&record.kind, record.stated, record.not_before()) {
        (EventKind::Observed, ..) => false,
        (EventKind::Added, Some((at, _)), Some(written)) => at.micros_since(written) <= FRESH_US,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::order;
    use crate::model::{Clock, EventKind, ObservedAt, ResourceVersion, Seq, StoredRecord};

    /// `SEQ KIND VERSION CLOCK / ...` to the same, in order and without repetition.
    fn check(log: &str, expected: &str) {
        let records = log.split(" / ").map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            StoredRecord {
                seq: Seq(words[0].parse().expect("a number")),
                kind: EventKind::from(words[1]),
                resource_version: ResourceVersion::new(words[2].trim_matches('-')),
                clock: if words.get(3) == Some(&"status") { Clock::Status } else { Clock::ManagedFields },
                line: 0,
                stamp: None,
                lifecycle: None,
                stated: words.get(3).and_then(|word| word.strip_prefix('@')).map(|second| {
                    let second: i64 = second.parse().expect("a number");
                    let clock = if words[1] == "REQUEST" { Clock::Audit } else { Clock::Received };
                    (ObservedAt::from_micros(second * 1_000_000), clock)
                }),
                recording: 1,
            }
        });
        let ordered = order(&records.collect::<Vec<_>>());
        let seqs: Vec<String> = ordered.iter().map(|revision| revision.seq.to_string()).collect();
        assert_eq!(seqs.join(" "), expected, "{log}");
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
