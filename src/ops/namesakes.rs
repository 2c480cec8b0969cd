//! Which incarnation of a name a record is about that tells no uid.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::ingest::IngestError;
use crate::input::stored_record::request_of;
use crate::model::time::SECOND_US;
use crate::model::{EventKind, ObservedAt, PodIdentity, Verb};
use crate::store::read::Attribution;
use crate::store::{PodRow, Reader, StoredRecord};

/// The records of a pod in the order of the log: its own, and those of its name that are about it.
///
/// # Errors
/// When the store cannot be read.
pub fn records_of(reader: &Reader<'_>, row: &PodRow) -> Result<Vec<StoredRecord>, IngestError> {
    let own = reader.records_of(row.id)?;
    let is_nameless = row.identity.uid.is_empty();
    if !is_nameless && !reader.has_nameless(&row.identity, row.cluster)? {
        return Ok(own);
    }
    let wanted = (!is_nameless).then_some(row.id);
    let attributed = attributed(reader, row)?;
    let of_pod = attributed.iter().filter(|(owner, _)| *owner == wanted);
    let mut found: Vec<StoredRecord> = of_pod.map(|(_, record)| record.clone()).collect();
    found.sort_by_key(|record| record.seq);
    Ok(found)
}

/// The records of a pod's name. Those of the name asked for last are remembered while the log stays as it is.
fn attributed(reader: &Reader<'_>, row: &PodRow) -> Result<Rc<Vec<Attributed>>, IngestError> {
    let until = reader.last_seq()?;
    let PodIdentity { namespace, name, .. } = &row.identity;
    if let Some(known) = &*reader.attributed.borrow()
        && known.until == until
        && known.cluster == row.cluster
        && known.namespace == *namespace
        && known.name == *name
    {
        return Ok(Rc::clone(&known.records));
    }
    let mut records = Vec::new();
    for namesake in reader.namesakes(row.id)? {
        let uid = (!namesake.identity.uid.is_empty()).then_some(namesake.id);
        for record in reader.records_of(namesake.id)? {
            records.push((uid, record));
        }
    }
    let records = Rc::new(attribute(reader, records)?);
    let (namespace, name) = (namespace.clone(), name.clone());
    let known = Attribution { cluster: row.cluster, namespace, name, until, records: Rc::clone(&records) };
    reader.attributed.replace(Some(known));
    Ok(records)
}

/// A record, and the row of the pod that it is about where that is known.
type Attributed = (Option<i64>, StoredRecord);

/// An incarnation while its name is gone through.
struct Incarnation {
    pod: i64,
    /// The time of its first record.
    begun_at: Option<ObservedAt>,
    /// The time of its deletion.
    ended_at: Option<ObservedAt>,
}

/// Goes through the records of a name in the order of time: what tells no uid is about the incarnation that lives then.
/// What comes before an incarnation is about it from its creation on.
fn attribute(reader: &Reader<'_>, mut records: Vec<Attributed>) -> Result<Vec<Attributed>, IngestError> {
    records.sort_by_key(|(uid, record)| (time_of(record), uid.is_some(), record.seq));
    let mut ended: BTreeSet<i64> = BTreeSet::new();
    let mut living: Option<Incarnation> = None;
    let mut before: Option<Incarnation> = None;
    // The records without a uid that wait for the incarnation that they began.
    let mut waiting: Vec<usize> = Vec::new();
    for index in 0..records.len() {
        let (uid, record) = &records[index];
        let at = time_of(record);
        let Some(uid) = *uid else {
            let verb = verb_of(reader, record)?;
            // Two logs may tell of one creation.
            let is_told = waiting.first().is_some_and(|first: &usize| time_of(&records[*first].1) == at);
            if verb == Some(Verb::Create) && !is_told {
                before = living.take().or(before);
                waiting.clear();
            }
            let may_be_late = verb == Some(Verb::Delete) || living.is_none() && verb != Some(Verb::Create);
            let is_of_before = may_be_late && overlap(before.as_ref(), living.as_ref(), at);
            match if is_of_before { &before } else { &living } {
                Some(incarnation) => records[index].0 = Some(incarnation.pod),
                None => waiting.push(index),
            }
            continue;
        };
        let is_end = record.kind == EventKind::Deleted;
        if !ended.contains(&uid) {
            // What waits is about this one from its creation on; without a creation, what came just before its first record.
            let begins = |place: usize| -> Result<bool, IngestError> {
                let waiting = &records[place].1;
                let lead = at.zip(time_of(waiting)).map(|(at, time)| at.micros_since(time));
                Ok(verb_of(reader, waiting)? == Some(Verb::Create) || lead.is_some_and(|lead| lead <= LEAD_US))
            };
            let mut own_from = waiting.len();
            for (index, place) in waiting.iter().enumerate() {
                if begins(*place)? {
                    own_from = index;
                    break;
                }
            }
            for place in waiting.drain(..).skip(own_from) {
                records[place].0 = Some(uid);
            }
            if living.as_ref().is_none_or(|living| living.pod != uid) {
                let next = Incarnation { pod: uid, begun_at: at, ended_at: None };
                before = living.replace(next).or(before);
            }
        }
        if is_end {
            ended.insert(uid);
            if let Some(mut gone) = living.take_if(|living| living.pod == uid) {
                gone.ended_at = at;
                before = Some(gone);
            } else if let Some(before) = before.as_mut().filter(|before| before.pod == uid) {
                before.ended_at = at;
            }
        }
    }
    Ok(records)
}

/// How long before the first record of an incarnation a request may come that is about it.
const LEAD_US: i64 = 2 * SECOND_US;

/// Whether a request may be about the incarnation before: one ended and the other began in that very second, and the
/// times of a watch are known to the second only.
fn overlap(before: Option<&Incarnation>, living: Option<&Incarnation>, at: Option<ObservedAt>) -> bool {
    let second = |at: Option<ObservedAt>| at.map(|at| at.micros().div_euclid(SECOND_US));
    match (before, living) {
        (Some(before), Some(living)) => {
            second(living.begun_at) == second(at) && before.ended_at.is_none_or(|end| second(Some(end)) >= second(at))
        }
        (Some(before), None) => before.ended_at.is_none_or(|end| second(Some(end)) >= second(at)),
        (None, _) => false,
    }
}

fn time_of(record: &StoredRecord) -> Option<ObservedAt> {
    let stamp = record.stamp.map(|at| ObservedAt::from_micros(at.micros()));
    record.stated.map(|(at, _)| at).or(stamp)
}

/// What a request asks of the pod as a whole; an eviction deletes it.
fn verb_of(reader: &Reader<'_>, record: &StoredRecord) -> Result<Option<Verb>, IngestError> {
    if record.kind != EventKind::Request {
        return Ok(None);
    }
    let stated = record.stated.map(|(at, _)| at);
    let request = reader.with_body(record.seq, |body| request_of(body, stated))?;
    Ok(request.ok().and_then(|request| match request.subresource.as_deref() {
        None => Some(request.verb),
        Some("eviction") => Some(Verb::Delete),
        Some(_) => None,
    }))
}
