//! Where the recordings of a cluster knew a pod, and where they did not: worked out from versions and times, never from
//! the order of ingest. Not for what happened in between.

use std::collections::BTreeMap;

use super::coverage::{Interruption, InterruptionKind, Listing, Recordings};
use super::gap::{Gap, GapKind};
use super::point::{Point, number};
use crate::model::{EventKind, ObservedAt, ResourceVersion, Seq, StoredRecord};

/// A segment of a pod's life of which its recordings tell nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// What ended the recording before it, or `Vanished`.
    pub kind: GapKind,
    /// The list of another recording that does not tell of the pod any more.
    pub list: Option<i64>,
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub until: Point,
    /// The record before it.
    pub after: Option<Seq>,
    /// The first record behind it.
    pub before: Option<Seq>,
}

/// Where a pod was known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// Where nothing was recorded of it.
    pub holes: Vec<Hole>,
    /// Between two recordings that show the same version: nothing was written then.
    unchanged: Vec<(Point, Point)>,
    first: Option<(ObservedAt, ObservedAt)>,
    until: Point,
    /// Another recording of the cluster goes on behind the last that knew the pod.
    is_outlived: bool,
    is_deleted: bool,
    /// The version up to which it is known to have stayed as its last record shows it.
    stays_until: Option<ResourceVersion>,
}

/// Why the state of a pod at a moment is only the last that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncertain {
    /// The moment lies in a gap.
    Gap(Gap),
    /// The recordings that knew the pod had ended by then.
    Ended(Option<ObservedAt>),
    /// Only what requests wrote is known of the object.
    Partly,
    /// Something was written that is not known: what, and why not.
    Untold(Box<str>),
    /// Something was written at this time, by the API server's stamp, that no record tells.
    Unlogged(ObservedAt),
    /// The write happened within these times, of which the later may not be known: it may not have happened yet.
    Within(ObservedAt, Option<ObservedAt>),
}

impl Uncertain {
    /// The same as seen from the end of what is recorded: all that is recorded has happened by then.
    #[must_use]
    pub fn at_the_end(self) -> Option<Self> {
        match self {
            Self::Within(..) => None,
            Self::Gap(_) | Self::Ended(_) | Self::Partly | Self::Untold(_) | Self::Unlogged(_) => Some(self),
        }
    }
}

/// One part of one recording, between its interruptions, with records of the pod.
struct Segment<'a> {
    recording: i64,
    from: Point,
    until: Point,
    /// What ended it; `None` at the end of its recording.
    ending: Option<&'a Interruption>,
    records: Vec<&'a StoredRecord>,
}

impl Segment<'_> {
    /// The record of the oldest write that it shows, and that of the newest.
    fn oldest(&self) -> Option<&StoredRecord> {
        self.records.iter().copied().min_by_key(|record| order(record))
    }

    fn newest(&self) -> Option<&StoredRecord> {
        self.records.iter().copied().max_by_key(|record| order(record))
    }
}

/// The order of the writes, as far as it is known.
fn order(record: &StoredRecord) -> (Option<u128>, bool, (usize, Seq)) {
    (number(record.resource_version.as_ref()), record.kind == EventKind::Deleted, record.place())
}

fn segments<'a>(records: &'a [StoredRecord], recordings: &'a Recordings) -> Vec<Segment<'a>> {
    let mut parts: BTreeMap<(i64, usize), Vec<&StoredRecord>> = BTreeMap::new();
    for record in records {
        let own = recordings.interruptions_of(record.recording);
        let part = own.partition_point(|it| it.seq <= record.seq);
        parts.entry((record.recording, part)).or_default().push(record);
    }
    let mut segments: Vec<Segment<'_>> = Vec::with_capacity(parts.len());
    for ((recording, part), records) in parts {
        let Some(coverage) = recordings.coverage_of(recording) else { continue };
        let own = recordings.interruptions_of(recording);
        let begin = part.checked_sub(1).and_then(|before| own.get(before));
        let ending = own.get(part);
        let from = begin.map_or(&coverage.from, |it| &it.until).clone();
        let until = ending.map_or(&coverage.until, |it| &it.from).clone();
        let until = if until.is_before(&from) { from.clone() } else { until };
        segments.push(Segment { recording, from, until, ending, records });
    }
    let rank = |segment: &Segment<'_>| segment.records.first().map(|record| record.place());
    segments.sort_by_key(|segment| (segment.from.order(), segment.until.order(), rank(segment)));
    segments
}

/// Works out where a pod of `namespace` was known: `records` are all its records.
#[must_use]
pub fn presence(namespace: &str, records: &[StoredRecord], recordings: &Recordings) -> Presence {
    let segments = segments(records, recordings);
    let mut known = segments.iter();
    let Some(mut last) = known.next() else { return Presence::default() };
    let mut presence = Presence { first: last.from.at.zip(last.until.at), ..Presence::default() };
    let mut newest = last.newest();
    for next in known {
        let is_apart =
            last.until.is_before(&next.from) || last.recording == next.recording && !next.from.is_before(&last.until);
        let is_gone = newest.is_some_and(|newest| newest.kind == EventKind::Deleted);
        let oldest = next.oldest();
        // The version known before, shown again: nothing was written in between.
        let is_new = match (newest, oldest) {
            (Some(newest), Some(oldest)) => is_newer(newest, oldest),
            (None, _) | (_, None) => false,
        };
        let has_no_versions = oldest.is_some_and(|oldest| oldest.resource_version.is_none());
        if is_apart && !is_gone && !is_new && !has_no_versions {
            presence.unchanged.push((last.until.clone(), next.from.clone()));
        }
        if is_apart && !is_gone && (is_new || has_no_versions) {
            presence.holes.push(Hole {
                kind: kind_of(last),
                list: None,
                from: last.until.clone(),
                until: next.from.clone(),
                after: newest.map(|it| it.seq),
                before: oldest.map(|it| it.seq),
            });
        }
        newest = newest.into_iter().chain(next.newest()).max_by_key(|record| order(record));
        if !next.until.is_before(&last.until) {
            last = next;
        }
    }
    presence.until = last.until.clone();
    presence.stays_until = last.until.version.clone().filter(|_| tells_of_changes(last, recordings));
    presence.is_deleted = newest.is_some_and(|newest| newest.kind == EventKind::Deleted);
    if presence.is_deleted {
        return presence;
    }
    let cluster = recordings.coverage_of(last.recording).map(|it| it.cluster);
    let after = newest.map(|it| it.seq);
    if let Some((list, until)) = unlisted(namespace, last, records, recordings, cluster) {
        let list = (list != last.recording).then_some(list);
        let from = last.until.clone();
        presence.holes.push(Hole { kind: GapKind::Vanished, list, from, until, after, before: None });
    } else if let Some(ending) = last.ending {
        // Nothing more is recorded of it, and nothing proves that it was gone.
        let from = last.until.clone();
        let hole = Hole { kind: kind_of(last), list: None, from, until: ending.until.clone(), after, before: None };
        presence.holes.push(hole);
    }
    let next = cluster.and_then(|cluster| recordings.first_behind(cluster, &last.until));
    if let Some(next) = next.filter(|_| presence.holes.iter().all(|hole| hole.before.is_some())) {
        // Whether the next recording would tell of it, nobody says.
        let (from, until) = (last.until.clone(), next.from.clone());
        let kind = GapKind::BetweenRecordings;
        presence.holes.push(Hole { kind, list: None, from, until, after, before: None });
    }
    presence.is_outlived = cluster.is_some_and(|cluster| recordings.go_on_behind(cluster, &last.until));
    presence
}

/// Whether a record shows another write than the newest known before, as far as their versions tell: of two that are no numbers
/// only that they differ.
fn is_newer(newest: &StoredRecord, record: &StoredRecord) -> bool {
    let (known, shown) = (newest.resource_version.as_ref(), record.resource_version.as_ref());
    match (number(known), number(shown)) {
        (Some(known), Some(shown)) => shown > known,
        (None, _) | (_, None) => shown.is_some() && shown != known,
    }
}

/// Whether a part of a recording that shows the pod would tell of each change of it: a watch does, and what one list holds is
/// there at once. An audit log does not tell of what it leaves out.
fn tells_of_changes(segment: &Segment<'_>, recordings: &Recordings) -> bool {
    let Some(newest) = segment.newest() else { return false };
    let is_watched = matches!(newest.kind, EventKind::Added | EventKind::Modified) && !newest.is_of_audit();
    is_watched || newest.kind == EventKind::Observed && recordings.lists.contains(&segment.recording)
}

fn kind_of(segment: &Segment<'_>) -> GapKind {
    match segment.ending.map(|ending| ending.kind) {
        Some(InterruptionKind::Error) => GapKind::WatchError,
        Some(InterruptionKind::Relist) => GapKind::Relist,
        Some(InterruptionKind::List) | None => GapKind::BetweenRecordings,
    }
}

/// The first list behind the last segment that knew the pod which would tell of it and does not: its recording, and when
/// that was at the latest. The watch's own new list does; one of another recording if it lists the pod's namespace.
fn unlisted(
    namespace: &str,
    last: &Segment<'_>,
    records: &[StoredRecord],
    recordings: &Recordings,
    cluster: Option<i64>,
) -> Option<(i64, Point)> {
    let is_told = |listing: &Listing| {
        let own = recordings.interruptions_of(listing.recording);
        let end = own.get(own.partition_point(|it| it.seq <= listing.first)).map_or(Seq(i64::MAX), |it| it.seq);
        let within = &records[records.partition_point(|it| it.seq < listing.first)..];
        within.iter().take_while(|it| it.seq < end).any(|it| it.recording == listing.recording)
    };
    let newest_seq = last.records.iter().map(|it| it.seq).max();
    let proves = |listing: &&Listing| {
        let is_own = listing.recording == last.recording;
        let is_later = last.until.is_before(&listing.from)
            || last.until.is_before(&listing.by)
            || is_own && Some(listing.first) > newest_seq;
        Some(listing.cluster) == cluster
            && is_later
            && (is_own && !listing.is_list || listing.would_list(namespace))
            && !is_told(listing)
    };
    let first = recordings.listings.iter().filter(proves).min_by_key(|listing| listing.from.order())?;
    let until = if first.from.is_before(&last.until) { &first.by } else { &first.from };
    Some((first.recording, until.clone()))
}

impl Presence {
    /// Until when the pod is known.
    #[must_use]
    pub fn known_until(&self) -> Option<ObservedAt> {
        self.until.at.or(self.first.map(|(_, until)| until))
    }

    /// When a list no longer held the pod: it was gone by then. `None` if it never was.
    #[must_use]
    pub fn vanished_at(&self) -> Option<Option<ObservedAt>> {
        let vanished = self.holes.iter().find(|hole| hole.kind == GapKind::Vanished)?;
        Some(vanished.until.at.or(vanished.from.at))
    }

    /// Whether the pod lived in this time, or in part of it, as far as is known, without being recorded.
    #[must_use]
    pub fn lives_unrecorded_within(&self, from: ObservedAt, until: ObservedAt) -> bool {
        let holes = self.holes.iter().map(|hole| (&hole.from, &hole.until));
        let touches = |(begin, end): (&Point, &Point)| {
            begin.at.is_none_or(|begin| begin < until) && end.at.is_none_or(|end| end > from)
        };
        holes.chain(self.unchanged.iter().map(|(begin, end)| (begin, end))).any(touches)
    }

    /// The version up to which the pod is known to have stayed as its last record shows it; `None` if nothing tells, or it is gone.
    #[must_use]
    pub fn stays_until(&self) -> Option<&ResourceVersion> {
        self.stays_until.as_ref().filter(|_| !self.is_deleted)
    }

    /// Why what is known of a moment is only the last that was recorded; `None` if it is what held. `None` for a moment
    /// is the end of everything.
    #[must_use]
    pub fn uncertain_at(&self, at: Option<ObservedAt>) -> Option<Uncertain> {
        let begins_before = |from: &Point| at.is_none_or(|at| from.at.is_none_or(|from| from < at));
        let ends_behind = |hole: &Hole| match (&hole.before, &hole.kind, at) {
            (None, GapKind::Vanished, None) => false,
            (None, GapKind::Vanished, Some(at)) => hole.until.at.is_some_and(|until| at < until),
            (None, _, _) => true,
            (Some(_), _, None) => false,
            (Some(_), _, Some(at)) => hole.until.at.is_some_and(|until| at < until),
        };
        if let Some(hole) = self.holes.iter().find(|hole| begins_before(&hole.from) && ends_behind(hole)) {
            return Some(Uncertain::Gap(hole.gap()));
        }
        let has_ended = self.is_outlived && !self.is_deleted && self.until.at.is_some_and(|until| Some(until) < at);
        let vanished = self.vanished_at().is_some();
        (has_ended && !vanished).then_some(Uncertain::Ended(self.until.at))
    }
}

impl Hole {
    /// The gap as the records tell it, without the events around it.
    #[must_use]
    pub fn gap(&self) -> Gap {
        Gap {
            kind: self.kind.clone(),
            list: self.list,
            after: self.after,
            before: self.before,
            from: self.from.at,
            until: self.until.at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Uncertain, presence};
    use crate::history::coverage::{Coverage, Interruption, InterruptionKind, Listing, Recordings};
    use crate::history::point::Point;
    use crate::model::{Clock, EventKind, ObservedAt, ResourceVersion, Seq, StoredRecord};

    fn second(second: i64) -> ObservedAt {
        ObservedAt::from_micros(second * 1_000_000)
    }

    /// The version of a second: in these tests they are one number.
    fn point(text: &str) -> Point {
        Point { version: ResourceVersion::new(text), at: Some(second(text.parse().expect("a number"))) }
    }

    /// What the recordings cover (`RECORDING FROM-UNTIL`, with `!SEQ AT-AGAIN` where one was interrupted and `=SEQ AT` where one
    /// lists all pods) and the records of a pod (`SEQ RECORDING VERSION`, with a D behind a deletion), to its gaps.
    fn check(covered: &str, records: &str, expected: &str) {
        let (mut coverages, mut interruptions, mut listings) = (Vec::new(), Vec::new(), Vec::new());
        for words in covered.split(" / ").map(|part| part.split(' ').collect::<Vec<_>>()) {
            let recording: i64 = words[0].parse().expect("a recording");
            let (from, until) = words[1].split_once('-').expect("two versions");
            let (from, until) = (point(from), point(until));
            coverages.push(Coverage { recording, cluster: 1, from, until });
            for pair in words[2..].chunks(2) {
                let seq = Seq(pair[0][1..].parse().expect("a record"));
                if pair[0].starts_with('!') {
                    let (from, until) = pair[1].split_once('-').expect("two versions");
                    let (from, until) = (point(from), point(until));
                    let kind = InterruptionKind::Error;
                    interruptions.push(Interruption { seq, kind, recording, from, until });
                } else {
                    let (from, by) = (point(pair[1]), point(pair[1]));
                    let namespaces = ["team".to_owned()].into();
                    let listing = Listing { recording, cluster: 1, first: seq, from, by, namespaces, is_list: true };
                    listings.push(listing);
                }
            }
        }
        let mut recordings = Recordings::covering(coverages);
        (recordings.interruptions, recordings.listings) = (interruptions, listings);
        let record = |words: &str| {
            let words: Vec<&str> = words.split(' ').collect();
            let version = words[2].trim_end_matches('D');
            StoredRecord {
                seq: Seq(words[0].parse().expect("a number")),
                kind: if version == words[2] { EventKind::Modified } else { EventKind::Deleted },
                resource_version: ResourceVersion::new(version),
                line: 0,
                stamp: None,
                clock: Clock::None,
                stated: None,
                recording: words[1].parse().expect("a number"),
                recording_rank: 0,
                lifecycle: None,
                actor: None,
            }
        };
        let records: Vec<StoredRecord> = records.split(" / ").map(record).collect();
        let presence = presence("team", &records, &recordings);
        let seconds = |at: Option<ObservedAt>| at.map_or("?".to_owned(), |at| (at.micros() / 1_000_000).to_string());
        let gaps: Vec<String> = presence
            .holes
            .iter()
            .map(|hole| format!("{} {}-{}", hole.kind.as_str(), seconds(hole.from.at), seconds(hole.until.at)))
            .collect();
        assert_eq!(gaps.join(" / "), expected, "{covered}: {records:?}");
    }

    #[test]
    fn what_no_recording_covers_is_a_gap() {
        check("1 5-20", "1 1 7 / 2 1 9", "");
        check("1 5-20 / 2 40-60", "1 1 7 / 2 2 45", "betweenRecordings 20-40");
        // They overlap, or the same version is shown again: nothing is missing.
        check("1 5-20 / 2 15-60", "1 1 7 / 2 2 45", "");
        check("1 5-20 / 2 40-60", "1 1 7 / 2 2 7", "");
        // The pod was gone before.
        check("1 5-20 / 2 40-60", "1 1 7 / 2 1 9D", "");
        check("1 5-60 !3 20-40", "1 1 7 / 2 1 9 / 4 1 45", "watchError 20-40");
        // Versions that are no numbers tell only whether they are the same.
        check("1 5-20 / 2 40-60", "1 1 a / 2 2 b", "betweenRecordings 20-40");
        check("1 5-20 / 2 40-60", "1 1 b / 2 2 a", "betweenRecordings 20-40");
        check("1 5-20 / 2 40-60", "1 1 a / 2 2 a", "");
    }

    #[test]
    fn a_list_without_the_pod_proves_that_it_is_gone() {
        check("1 5-20 / 2 40-60 =9 40", "1 1 7", "vanished 20-40");
        check("1 5-20 / 2 40-60 =9 40", "1 1 7 / 9 2 45", "betweenRecordings 20-40");
    }

    #[test]
    fn a_moment_in_a_gap_is_uncertain() {
        let coverage =
            |recording, from, until| Coverage { recording, cluster: 1, from: point(from), until: point(until) };
        let coverages = vec![coverage(1, "5", "20"), coverage(2, "40", "60")];
        let recordings = Recordings::covering(coverages);
        let record = |seq, recording, version| StoredRecord {
            seq: Seq(seq),
            kind: EventKind::Modified,
            resource_version: ResourceVersion::new(version),
            line: 0,
            stamp: None,
            clock: Clock::None,
            stated: None,
            recording,
            recording_rank: 0,
            lifecycle: None,
            actor: None,
        };
        let presence = presence("team", &[record(1, 1, "7"), record(2, 2, "45")], &recordings);
        for (at, is_gap) in [(10, false), (30, true), (45, false)] {
            let uncertain = presence.uncertain_at(Some(second(at)));
            assert_eq!(matches!(uncertain, Some(Uncertain::Gap(_))), is_gap, "{at}");
        }
    }
}
