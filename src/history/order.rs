//! From observations, in the order of the log, to revisions, in the order in which they happened.

use std::collections::BTreeSet;

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
    /// It was read then: it was not written later.
    pub read_at: Option<ObservedAt>,
    /// All records that show it, recording by recording.
    pub observations: Vec<Seq>,
}

/// The revisions that these records of one pod, in the order of the log, show, in their order. A revision is a resourceVersion together with whether it
/// is a deletion; several records may show it. The one with the best times in its object stands for it: in one recording the
/// first of those; of several recordings the one that tells most of the write, never the one that was ingested first. The best
/// of the stated times counts. The resourceVersion orders; a record without one belongs where its stated time puts it, or behind
/// the record before it in its recording; where its recording has no versions and another has, where the newest time in its object
/// puts it, as with a kubelet's own list beside a watch.
#[must_use]
pub fn order(records: &[StoredRecord]) -> Vec<OrderedRevision> {
    // One that several recordings share counts once.
    let once = records.chunk_by(|left, right| left.seq == right.seq).map(|same| &same[0]);
    let versioned: BTreeSet<i64> =
        records.iter().filter(|record| record.resource_version.is_some()).map(|record| record.recording).collect();
    let is_timed = |record: &StoredRecord| {
        let is_apart = !versioned.is_empty() && !versioned.contains(&record.recording);
        record.resource_version.is_none() && (record.stated.is_some() || is_apart && record.not_before().is_some())
    };
    let (timed, placed): (Vec<&StoredRecord>, Vec<&StoredRecord>) = once.partition(|record| is_timed(record));
    let mut revisions = by_version(&placed);
    insert_by_time(&mut revisions, timed);
    revisions
}

fn by_version(records: &[&StoredRecord]) -> Vec<OrderedRevision> {
    let mut in_place: Vec<&StoredRecord> = records.to_vec();
    in_place.sort_by_key(|record| record.place());
    let mut before: Option<(i64, &ResourceVersion)> = None;
    let mut placed: Vec<Placed<'_>> = Vec::with_capacity(records.len());
    for record in in_place {
        if let Some(version) = &record.resource_version {
            before = Some((record.recording, version));
        }
        let inherited = before.filter(|(recording, _)| *recording == record.recording);
        placed.push(Placed { version: inherited.map(|(_, version)| version), record });
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

/// One revision of the records that show it.
fn revision_of(placed: &[Placed<'_>]) -> OrderedRevision {
    let shown = || placed.iter().map(|placed| placed.record);
    // The first of its recording with the best clock; of an audit log, which may stand newest first, the write before who read it.
    let is_reading = |record: &StoredRecord| record.kind == EventKind::Observed && audited_at(record.stated).is_some();
    let mut of_recordings: Vec<&StoredRecord> = shown().collect();
    of_recordings.sort_by_key(|record| (record.recording_rank, record.clock, is_reading(record), record.seq));
    of_recordings.dedup_by_key(|record| record.recording);
    let said_best = |record: &&&StoredRecord| {
        let stated = record.stated.map_or(Clock::None, |(_, clock)| clock);
        (record.clock, says_of_write(&record.kind), stated, record.place())
    };
    let best = of_recordings.iter().min_by_key(said_best).map_or(placed[0].record, |best| *best);
    let is_first = |record: &StoredRecord| {
        shown().filter(|other| other.recording == record.recording).all(|other| other.seq >= record.seq)
    };
    let trusted = shown().filter(|record| match record.stated {
        // Some recorders send again, later, what they sent before; only the first time is that of the write.
        Some((_, Clock::Received)) => is_live(record) && is_first(record),
        Some(_) | None => record.kind != EventKind::Observed,
    });
    let stated = trusted.filter_map(|record| record.stated).min_by_key(|(at, clock)| (*clock, *at));
    // A request that changed nothing answers with the object too: the first came with the write.
    let begun =
        of_recordings.iter().filter(|record| record.is_of_audit()).filter_map(|record| record.not_before()).min();
    let stamps = of_recordings.iter().filter(|record| !record.is_of_audit()).filter_map(|record| record.not_before());
    let not_before = stamps.max().max(begun);
    let read_at = shown().filter(|record| is_reading(record)).filter_map(|record| audited_at(record.stated)).min();
    let observations = shown().map(|record| record.seq).collect();
    OrderedRevision { seq: best.seq, kind: best.kind.clone(), stated, not_before, read_at, observations }
}

/// How much the kind of a record says of the write that made its object, the most first: what a watch sends as it happens, what
/// may have been there before, what was listed.
fn says_of_write(kind: &EventKind) -> u8 {
    match kind {
        EventKind::Modified | EventKind::Deleted => 0,
        EventKind::Added => 1,
        EventKind::Observed | EventKind::Printed => 2,
        EventKind::Bookmark
        | EventKind::Error
        | EventKind::ListBegin
        | EventKind::ListEnd
        | EventKind::Request
        | EventKind::CoreEvent
        | EventKind::Node
        | EventKind::Refused
        | EventKind::Act
        | EventKind::Workload
        | EventKind::Taken
        | EventKind::WrapBegin
        | EventKind::WrapMiddle
        | EventKind::WrapEnd
        | EventKind::Envelope
        | EventKind::EnvelopeEnd
        | EventKind::Other(_) => 3,
    }
}

/// Puts the records that only their time places among the revisions: behind the last that is not later.
fn insert_by_time(revisions: &mut Vec<OrderedRevision>, mut timed: Vec<&StoredRecord>) {
    if timed.is_empty() {
        return;
    }
    let begun = |record: &StoredRecord| begun_at(record.stated, record.not_before());
    timed.sort_by_key(|record| (begun(record), record.stated, record.place()));
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
        merged.push(OrderedRevision { seq, kind, stated, not_before, read_at: None, observations: vec![seq] });
    }
    merged.extend(taken.map(|(revision, _)| revision));
    *revisions = merged;
}

/// When an API server answered, to the microsecond.
fn audited_at(stated: Option<(ObservedAt, Clock)>) -> Option<ObservedAt> {
    stated.filter(|(_, clock)| *clock == Clock::Audit).map(|(at, _)| at)
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
    /// By version; a deletion behind the revision of the same version. Records without a version of their own stay behind those
    /// that have it. Then recording by recording, each in its order.
    fn rank(&self) -> (Option<&ResourceVersion>, bool, bool, (usize, Seq)) {
        let record = self.record;
        (self.version, is_deletion(record), record.resource_version.is_none(), record.place())
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

    /// `SEQ KIND VERSION [CLOCK] [#RANK] / ...`, where a recording has its rank for a number, to the same, in order and without
    /// repetition.
    fn check(log: &str, expected: &str) {
        let records = log.split(" / ").map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let rank = words.iter().find_map(|word| word.strip_prefix('#')).unwrap_or("1");
            StoredRecord {
                seq: Seq(words[0].parse().expect("a number")),
                kind: EventKind::from(words[1]),
                resource_version: ResourceVersion::new(words[2].trim_matches('-')),
                clock: if words.get(3) == Some(&"status") { Clock::Status } else { Clock::ManagedFields },
                line: 0,
                stamp: None,
                lifecycle: None,
                actor: None,
                stated: words.get(3).and_then(|word| word.strip_prefix('@')).map(|second| {
                    let second: i64 = second.parse().expect("a number");
                    let clock = if words[1] == "REQUEST" { Clock::Audit } else { Clock::Received };
                    (ObservedAt::from_micros(second * 1_000_000), clock)
                }),
                recording: rank.parse().expect("a number"),
                recording_rank: rank.parse().expect("a number"),
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
    fn of_several_recordings_the_content_decides_which_record_stands_for_a_write() {
        // In one recording the first.
        check("1 OBSERVED 5 / 2 MODIFIED 5", "1");
        for (first, second) in [("1", "2"), ("2", "1")] {
            check(&format!("{first} OBSERVED 5 #1 / {second} MODIFIED 5 #2"), second);
            check(&format!("{first} ADDED 5 #1 / {second} MODIFIED 5 #2"), second);
            check(&format!("{first} MODIFIED 5 #1 / {second} MODIFIED 5 #2"), first);
            check(&format!("{first} MODIFIED 5 status #1 / {second} OBSERVED 5 #2"), second);
            check(&format!("{first} MODIFIED 5 #1 / {second} MODIFIED 5 @9 #2"), second);
        }
    }

    #[test]
    fn of_several_recordings_each_keeps_its_own_order() {
        // What has no version follows the record before it in its recording.
        check("1 ADDED 7 #1 / 2 ADDED 9 #2 / 3 MODIFIED - #1", "1 3 2");
        check("1 ADDED 9 #2 / 2 ADDED 7 #1 / 3 MODIFIED - #1", "2 3 1");
        check("1 ADDED 7 #1 / 2 ADDED - #2", "2 1");
        check("1 REQUEST - @5 #2 / 2 REQUEST - @5 #1 / 3 REQUEST - @5 #1", "2 3 1");
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
