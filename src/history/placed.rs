//! Which recordings the records of one pod belong to, where what recordings cover was read apart from the pods in them: by
//! versions and times, as nothing else says it. Pure.

use std::collections::BTreeSet;

use super::coverage::{Coverage, Interruption, Recordings};
use super::point::{Point, number};
use crate::model::{Clock, EventKind, Seq, StoredRecord};

/// A part of a recording between its interruptions, by versions.
struct Part {
    recording: i64,
    /// How many interruptions of the recording stand before it.
    place: usize,
    from: u128,
    until: u128,
    is_list: bool,
}

impl Part {
    /// Whether it may hold a record: what is listed may be older than the list.
    fn may_hold(&self, record: &StoredRecord, version: u128) -> bool {
        let is_listed = record.kind == EventKind::Added || record.kind.is_bare();
        record.kind.is_bare() == self.is_list && version <= self.until && (is_listed || self.from <= version)
    }
}

/// Gives each record of a pod, in the order in which they came, the recording of `shared` that it belongs to, and says what is known of
/// the recordings of that pod: `shared`, with its places among these records. A record that none of them covers stays in its own
/// recording, which `own` knows.
#[must_use]
pub fn placed(records: &mut [StoredRecord], own: &Recordings, shared: &Recordings) -> Recordings {
    let parts = parts(shared);
    let mut at: Option<&Part> = None;
    let mut found: Vec<(Seq, i64, usize)> = Vec::with_capacity(records.len());
    let mut left: BTreeSet<i64> = BTreeSet::new();
    for record in records.iter_mut() {
        let place = match number(record.resource_version.as_ref()) {
            _ if matches!(record.stated, Some((_, Clock::Audit))) => logged(record, shared).map(|it| (it.recording, 0)),
            Some(version) => {
                at = next(&parts, at, record, version);
                at.map(|part| (part.recording, part.place))
            }
            None => None,
        };
        match place {
            Some((recording, part)) => {
                record.recording = recording;
                found.push((record.seq, recording, part));
            }
            None => {
                left.insert(record.recording);
                record.recording = apart(record.recording);
            }
        }
    }
    let end = Seq(records.iter().map(|record| record.seq.0).max().unwrap_or_default() + 1);
    let first_in = |recording: i64, part: usize| {
        found.iter().find(|(_, of, place)| *of == recording && *place >= part).map_or(end, |(seq, ..)| *seq)
    };
    let recordings = together(own, &left, shared, first_in);
    for record in records {
        record.recording_rank = recordings.rank_of(record.recording);
    }
    recordings
}

/// Parts of recordings that have versions, in their order.
fn parts(shared: &Recordings) -> Vec<Part> {
    let mut parts = Vec::new();
    for Coverage { recording, from, until, .. } in &shared.coverages {
        let interruptions = shared.interruptions_of(*recording);
        let begins = std::iter::once(from).chain(interruptions.iter().map(|it| &it.until));
        let ends = interruptions.iter().map(|it| &it.from).chain(std::iter::once(until));
        let versions =
            |(from, until): (&Point, &Point)| number(from.version.as_ref()).zip(number(until.version.as_ref()));
        for (place, (from, until)) in
            begins.zip(ends).enumerate().filter_map(|(place, it)| Some((place, versions(it)?)))
        {
            parts.push(Part { recording: *recording, place, from, until, is_list: shared.lists.contains(recording) });
        }
    }
    parts.sort_by_key(|part| (part.from, part.until, part.recording, part.place));
    parts
}

/// The part that the next record of a pod belongs to: the one of the record before it, else a later one of that recording, else the first
/// other. A pod that is listed again is in another part.
fn next<'a>(parts: &'a [Part], at: Option<&'a Part>, record: &StoredRecord, version: u128) -> Option<&'a Part> {
    let holding = || parts.iter().filter(|part| part.may_hold(record, version));
    let Some(at) = at else { return holding().next() };
    let stays = at.may_hold(record, version).then_some(at);
    let is_again = record.kind == EventKind::Added || record.kind.is_bare();
    let of_recording = || holding().find(|part| part.recording == at.recording && part.place > at.place);
    let is_behind = |part: &&Part| part.recording != at.recording && (part.from, part.until) >= (at.from, at.until);
    let goes_on = || of_recording().or_else(|| holding().find(is_behind));
    if is_again { goes_on().or(stays) } else { stays.or_else(goes_on) }
}

/// The audit logs that hold a request of this time.
fn logged<'a>(record: &StoredRecord, shared: &'a Recordings) -> Option<&'a Coverage> {
    let at = record.stated_at();
    shared.coverages.iter().find(|it| it.from.version.is_none() && it.from.at <= at && at <= it.until.at)
}

/// Stands for a recording of the pod alone, next to those that are shared.
fn apart(recording: i64) -> i64 {
    -recording
}

/// The shared recordings, with their places among the records of the pod, and those of the pod alone that are left.
fn together(
    own: &Recordings,
    left: &BTreeSet<i64>,
    shared: &Recordings,
    first_in: impl Fn(i64, usize) -> Seq,
) -> Recordings {
    let is_left = |recording: i64| left.contains(&recording);
    let own_coverages = own.coverages.iter().filter(|it| is_left(it.recording));
    let own_coverages = own_coverages.map(|it| Coverage { recording: apart(it.recording), ..it.clone() });
    let Recordings { coverages, places, behind, .. } =
        Recordings::covering(shared.coverages.iter().cloned().chain(own_coverages).collect());
    let mut recordings = Recordings { coverages, places, behind, ..shared.clone() };
    let place = |recording: i64, seq: Seq| {
        let part = shared.interruptions_of(recording).partition_point(|it| it.seq <= seq);
        first_in(recording, part)
    };
    recordings.interruptions.iter_mut().for_each(|it| it.seq = place(it.recording, it.seq));
    recordings.listings.iter_mut().for_each(|it| it.first = place(it.recording, it.first));
    let own_interruptions = own.interruptions.iter().filter(|it| is_left(it.recording));
    let own_interruptions = own_interruptions.map(|it| Interruption { recording: apart(it.recording), ..it.clone() });
    recordings.interruptions.extend(own_interruptions);
    recordings.interruptions.sort_by_key(|it| (it.recording, it.seq));
    recordings.lists.extend(own.lists.iter().filter(|it| is_left(**it)).map(|it| apart(*it)));
    if shared.coverages.iter().all(|it| it.from.version.is_some()) {
        // Only an audit log tells which writes are logged.
        recordings.without_statuses = own.without_statuses.clone();
    }
    recordings
}

#[cfg(test)]
mod tests {
    use super::placed;
    use crate::history::coverage::{Coverage, Interruption, InterruptionKind, Recordings};
    use crate::history::point::Point;
    use crate::model::{Clock, EventKind, ResourceVersion, Seq, StoredRecord};

    fn point(version: &str) -> Point {
        Point { version: ResourceVersion::new(version), at: None }
    }

    /// `RECORDING FROM-UNTIL`, with `!SEQ FROM-UNTIL` where one is interrupted and `list` behind a list.
    fn recordings(text: &str) -> Recordings {
        let (mut coverages, mut interruptions, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        let range = |text: &str| {
            let (from, until) = text.split_once('-').expect("two versions");
            (point(from), point(until))
        };
        for words in text.split(" / ").map(|part| part.split(' ').collect::<Vec<_>>()) {
            let recording = words[0].parse().expect("a number");
            let (from, until) = range(words[1]);
            coverages.push(Coverage { recording, cluster: 1, from, until });
            match words[2..] {
                [] => {}
                ["list"] => lists.push(recording),
                [seq, range_text] => {
                    let (from, until) = range(range_text);
                    let (seq, kind) = (Seq(seq[1..].parse().expect("a number")), InterruptionKind::Error);
                    interruptions.push(Interruption { seq, kind, recording, from, until });
                }
                _ => panic!("{text}"),
            }
        }
        Recordings { interruptions, lists: lists.into_iter().collect(), ..Recordings::covering(coverages) }
    }

    /// The versions of a pod's records, with `+` in front where it is added and `=` where it is listed, to the recording of each, and where
    /// among them recordings are interrupted.
    fn check(shared: &str, versions: &str, expected: &str) {
        let record = |(seq, word): (i64, &str)| StoredRecord {
            seq: Seq(seq),
            kind: match &word[..1] {
                "+" => EventKind::Added,
                "=" => EventKind::Observed,
                _ => EventKind::Modified,
            },
            resource_version: ResourceVersion::new(word.trim_start_matches(['+', '='])),
            line: 0,
            stamp: None,
            clock: Clock::None,
            stated: None,
            recording: 1,
            recording_rank: 0,
            lifecycle: None,
            actor: None,
        };
        let mut records: Vec<StoredRecord> = (1..).zip(versions.split(' ')).map(record).collect();
        let found = placed(&mut records, &recordings("1 1-99"), &recordings(shared));
        let mut told: Vec<String> = records.iter().map(|record| record.recording.to_string()).collect();
        told.extend(found.interruptions.iter().map(|it| format!("{}!{}", it.recording, it.seq.0)));
        assert_eq!(told.join(" "), expected, "{shared}: {versions}");
        assert_eq!(found.coverage_of(-1).is_some(), told.contains(&"-1".to_owned()), "{shared}: {versions}");
    }

    #[test]
    fn a_record_belongs_to_the_recording_that_covers_it() {
        check("7 5-20", "+3 9 20", "7 7 7");
        check("7 5-20 / 8 40-60", "+3 9 41", "7 7 8");
        check("7 5-20 / 8 40-60", "+45 50", "8 8");
        // A pod that is added again is in another recording, or behind an interruption.
        check("7 5-20 / 8 40-60", "+3 +3 45", "7 8 8");
        check("7 5-60 !9 20-40", "+3 9 45", "7 7 7 7!3");
        check("7 5-60 !9 20-40", "+3 +3", "7 7 7!2");
        check("7 5-60 !9 20-40", "+45", "7 7!1");
        check("7 5-60 !9 20-40", "+3", "7 7!2");
        // Its own recording goes on, whatever others cover.
        check("7 5-60 !9 20-40 / 8 30-50", "+3 45 41", "7 7 7 7!2");
        check("7 5-50 / 8 30-60", "+3 45 55", "7 7 8");
        // What is listed belongs to a list.
        check("7 5-20 / 8 40-40 list", "+3 9 =9", "7 7 8");
        check("7 5-20 / 8 40-40 list", "=45 +3", "-1 7");
        // What none covers stays where it was.
        check("7 5-20 / 8 40-60", "+3 30 70 41", "7 -1 -1 8");
        check("7 5-20", "+3 a 9", "7 -1 7");
    }
}
