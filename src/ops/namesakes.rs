//! Which incarnation of a name a record is about that tells no uid.

use std::collections::BTreeSet;

use super::ingest::IngestError;
use crate::model::{EventKind, ObservedAt, Verb};
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
    let mut records = Vec::new();
    for namesake in reader.namesakes(row.id)? {
        let uid = (!namesake.identity.uid.is_empty()).then_some(namesake.id);
        for record in reader.records_of(namesake.id)? {
            records.push((uid, record));
        }
    }
    let wanted = (!is_nameless).then_some(row.id);
    let mut found: Vec<StoredRecord> = attribute(reader, records)?
        .into_iter()
        .filter(|(owner, _)| *owner == wanted)
        .map(|(_, record)| record)
        .collect();
    found.sort_by_key(|record| record.seq);
    Ok(found)
}

/// A record, and the row of the pod that it is about where that is known.
type Attributed = (Option<i64>, StoredRecord);

/// Goes through the records of a name in the order of time: what tells no uid is about the incarnation that lives then.
/// What comes before an incarnation is about it from its creation on.
fn attribute(reader: &Reader<'_>, mut records: Vec<Attributed>) -> Result<Vec<Attributed>, IngestError> {
    let time = |record: &StoredRecord| -> Option<ObservedAt> {
        let stamp = record.stamp.map(|at| ObservedAt::from_micros(at.micros()));
        record.stated.map(|(at, _)| at).or(stamp)
    };
    records.sort_by_key(|(uid, record)| (time(record), uid.is_some(), record.seq));
    let ended: BTreeSet<i64> = BTreeSet::new();
    let mut ended = ended;
    let mut living: Option<i64> = None;
    // The records without a uid that wait for the incarnation that they began.
    let mut waiting: Vec<usize> = Vec::new();
    for index in 0..records.len() {
        let (uid, record) = &records[index];
        match uid {
            Some(uid) => {
                let uid = *uid;
                let is_end = record.kind == EventKind::Deleted;
                if !ended.contains(&uid) {
                    for place in waiting.drain(..) {
                        records[place].0 = Some(uid);
                    }
                    living = (!is_end).then_some(uid);
                }
                if is_end {
                    ended.insert(uid);
                }
            }
            None => {
                if is_creation(reader, record)? {
                    living = None;
                    waiting.clear();
                }
                match living {
                    Some(uid) => records[index].0 = Some(uid),
                    None => waiting.push(index),
                }
            }
        }
    }
    Ok(records)
}

fn is_creation(reader: &Reader<'_>, record: &StoredRecord) -> Result<bool, IngestError> {
    if record.kind != EventKind::Request {
        return Ok(false);
    }
    let stated = record.stated.map(|(at, _)| at);
    let request = reader.with_body(record.seq, |body| crate::input::recall::request_of(body, stated))?;
    Ok(request.is_ok_and(|request| request.verb == Verb::Create && request.subresource.is_none()))
}
