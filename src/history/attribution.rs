//! Which incarnation of a name a record without a uid is about.

use std::collections::BTreeSet;

use crate::model::time::SECOND_US;
use crate::model::{EventKind, ObservedAt, RecordLifecycle, StoredRecord};

/// A record of a name, and the row of the incarnation that it is about, where that is known.
pub type Attributed = (Option<i64>, StoredRecord);

/// An incarnation while its name is gone through.
struct Incarnation {
    pod: i64,
    /// The time of its first record.
    begun_at: Option<ObservedAt>,
    /// The time of its deletion.
    ended_at: Option<ObservedAt>,
    /// It was deleted then or at any time later: no format states when.
    has_open_end: bool,
}

/// Finds the incarnation of each record of a name: some come with the row of theirs, as they state its uid. What states no
/// uid is about the incarnation that lives then; what comes before an incarnation is about it from its creation on.
#[must_use]
pub fn attribute(mut records: Vec<Attributed>) -> Vec<Attributed> {
    records.sort_by_key(|(pod, record)| (time_of(record), pod.is_some(), record.place()));
    let mut lives = Lives::default();
    for index in 0..records.len() {
        match records[index].0 {
            None => lives.take_nameless(&mut records, index),
            Some(pod) => lives.take_named(&mut records, index, pod),
        }
    }
    records
}

/// The incarnations of a name, as far as it was gone through.
#[derive(Default)]
struct Lives {
    ended: BTreeSet<i64>,
    living: Option<Incarnation>,
    before: Option<Incarnation>,
    /// The records without a uid that wait for the incarnation that they began.
    waiting: Vec<usize>,
}

impl Lives {
    fn take_nameless(&mut self, records: &mut [Attributed], index: usize) {
        let (at, lifecycle) = (time_of(&records[index].1), lifecycle_of(&records[index].1));
        let is_creation = lifecycle == Some(RecordLifecycle::Creation);
        // Two logs may have one creation.
        let is_known = self.waiting.first().is_some_and(|first| time_of(&records[*first].1) == at);
        if is_creation && !is_known {
            self.before = self.living.take().or(self.before.take());
            self.waiting.clear();
        }
        let may_be_late = lifecycle == Some(RecordLifecycle::Deletion) || self.living.is_none() && !is_creation;
        // Nothing is asked of a pod that is gone: one whose deletion nobody timed was there still.
        let is_alone = self.living.is_none() && self.waiting.is_empty();
        let was_there = is_alone && self.before.as_ref().is_some_and(|before| before.has_open_end);
        let is_of_before = may_be_late && (was_there || overlap(self.before.as_ref(), self.living.as_ref(), at));
        match if is_of_before { &self.before } else { &self.living } {
            Some(incarnation) => records[index].0 = Some(incarnation.pod),
            None => self.waiting.push(index),
        }
    }

    fn take_named(&mut self, records: &mut [Attributed], index: usize, pod: i64) {
        let at = time_of(&records[index].1);
        if !self.ended.contains(&pod) {
            // What waits is about this one from its creation on; without a creation, what came just before its first record.
            let begins = |place: &usize| {
                let waiting = &records[*place].1;
                let lead = at.zip(time_of(waiting)).map(|(at, time)| at.micros_since(time));
                lifecycle_of(waiting) == Some(RecordLifecycle::Creation) || lead.is_some_and(|lead| lead <= LEAD_US)
            };
            let own_from = self.waiting.iter().position(begins).unwrap_or(self.waiting.len());
            for place in self.waiting.drain(..).skip(own_from) {
                records[place].0 = Some(pod);
            }
            if self.living.as_ref().is_none_or(|living| living.pod != pod) {
                let next = Incarnation { pod, begun_at: at, ended_at: None, has_open_end: false };
                self.before = self.living.replace(next).or(self.before.take());
            }
        }
        if records[index].1.kind == EventKind::Deleted {
            self.end(pod, &records[index].1);
        }
    }

    fn end(&mut self, pod: i64, deletion: &StoredRecord) {
        self.ended.insert(pod);
        if let Some(gone) = self.living.take_if(|living| living.pod == pod) {
            self.before = Some(gone);
        }
        if let Some(before) = self.before.as_mut().filter(|before| before.pod == pod) {
            before.ended_at = time_of(deletion);
            before.has_open_end = deletion.stated.is_none();
        }
    }
}

/// How long before the first record of an incarnation a request may come that is about it.
const LEAD_US: i64 = 2 * SECOND_US;

/// Whether a request may be about the incarnation before: one ended and the other began in that very second, and the
/// times of a watch are known to the second only.
fn overlap(before: Option<&Incarnation>, living: Option<&Incarnation>, at: Option<ObservedAt>) -> bool {
    let second = |at: Option<ObservedAt>| at.map(|at| at.micros().div_euclid(SECOND_US));
    let had_ended = |before: &Incarnation| before.ended_at.is_none_or(|end| second(Some(end)) >= second(at));
    match (before, living) {
        (Some(before), Some(living)) => second(living.begun_at) == second(at) && had_ended(before),
        (Some(before), None) => had_ended(before),
        (None, _) => false,
    }
}

fn time_of(record: &StoredRecord) -> Option<ObservedAt> {
    record.stated_at().or(record.not_before())
}

/// What a request says of the pod's life; an object without a uid says nothing here.
fn lifecycle_of(record: &StoredRecord) -> Option<RecordLifecycle> {
    record.lifecycle.filter(|_| record.kind == EventKind::Request)
}

#[cfg(test)]
mod tests {
    use super::{Attributed, attribute};
    use crate::model::{Clock, EventKind, ObservedAt, RecordLifecycle, Seq, StoredRecord};

    /// `SECOND KIND [POD] / ...`, where create, evict and patch are requests without a uid, to the pod of each record; `-`
    /// for one that is about none that is recorded.
    fn check(log: &str, expected: &str) {
        let record = |(seq, line): (i64, &str)| -> Attributed {
            let words: Vec<&str> = line.split(' ').collect();
            let (kind, lifecycle) = match words[1] {
                "create" => (EventKind::Request, Some(RecordLifecycle::Creation)),
                "evict" => (EventKind::Request, Some(RecordLifecycle::Deletion)),
                "patch" => (EventKind::Request, None),
                word => (EventKind::from(word), None),
            };
            let at = ObservedAt::from_micros(words[0].parse::<i64>().expect("a second") * 1_000_000);
            let pod = words.get(2).map(|pod| pod.parse().expect("a row"));
            let (resource_version, stamp) = (None, None);
            let stated = Some((at, Clock::Audit));
            let (seq, clock) = (Seq(seq), Clock::None);
            let (line, recording, recording_rank) = (0, 1, 0);
            let record = StoredRecord {
                seq,
                kind,
                resource_version,
                line,
                stamp,
                clock,
                stated,
                recording,
                recording_rank,
                lifecycle,
                actor: None,
            };
            (pod, record)
        };
        let mut found = attribute((1..).zip(log.split(" / ")).map(record).collect());
        found.sort_by_key(|(_, record)| record.seq);
        let pods: Vec<String> =
            found.iter().map(|(pod, _)| pod.map_or("-".to_owned(), |pod| pod.to_string())).collect();
        assert_eq!(pods.join(" "), expected, "{log}");
    }

    #[test]
    fn a_request_is_about_the_incarnation_that_lives_then() {
        check("10 ADDED 7 / 12 patch / 20 DELETED 7 / 30 ADDED 8 / 31 patch", "7 7 7 8 8");
        check("10 ADDED 7 / 20 DELETED 7 / 25 patch", "7 7 -");
    }

    #[test]
    fn what_came_before_an_incarnation_is_about_it_from_its_creation_on() {
        check("5 patch / 10 create / 11 patch / 20 ADDED 7", "- 7 7 7");
        check("5 patch / 19 patch / 20 ADDED 7", "- 7 7");
        // Two logs have one creation.
        check("10 create / 10 create / 20 ADDED 7", "7 7 7");
    }

    #[test]
    fn a_late_deletion_is_about_the_one_before() {
        check("10 ADDED 7 / 20 DELETED 7 / 20 ADDED 8 / 20 evict", "7 7 8 7");
        check("10 ADDED 7 / 20 evict / 20 DELETED 7 / 30 ADDED 8", "7 7 7 8");
    }
}
