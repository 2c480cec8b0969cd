//! Requests among the writes of a pod: each is found again among the writes that other records show, or applied to the
//! object as known so far.

use std::rc::Rc;

use serde_json::Value;

use super::ingest::IngestError;
use crate::input::stored_record::{object_of, pod_of, pod_of_object, request_of};
use crate::model::time::SECOND_US;
use crate::model::{Clock, EventKind, Known, ObservedAt, Pod, Request, Seq, Target};
use crate::replay::OrderedWrite;
use crate::request::{Outcome, is_met_by, outcome, restamp};
use crate::store::{Reader, StoredRecord};

/// A write whose request, if it is one, has been granted.
#[derive(Debug, Clone)]
pub(super) struct Granting {
    pub(super) write: OrderedWrite,
    /// The object that a request made.
    pub(super) object: Option<Derived>,
    /// The same in the model's words.
    pub(super) pod: Option<Box<Pod>>,
    pub(super) known: Known,
}

/// An object that no record shows. A pod may have thousands of them, so they are kept packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Derived(Rc<[u8]>);

/// An API server keeps no object in etcd that is larger.
const OBJECT_BYTES_MAX: usize = 2 << 20;
/// What the derived objects of one pod may take.
const DERIVED_BYTES_MAX: usize = 64 << 20;

impl Derived {
    /// Of the object's text; `None` if it is larger than an API server keeps.
    fn new(text: &str) -> Option<Self> {
        let packed = zstd::bulk::compress(text.as_bytes(), 1).ok()?;
        (text.len() <= OBJECT_BYTES_MAX).then(|| Self(packed.into()))
    }

    /// The object.
    pub(super) fn object(&self) -> Value {
        let text = zstd::bulk::decompress(&self.0, OBJECT_BYTES_MAX).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

/// How far the time of a request may be from that of the write that it is.
const NEAR_US: i64 = 2 * SECOND_US;

/// How much older than its write the newest time in a status may be.
const KUBELET_LAG_US: i64 = 10 * SECOND_US;

struct Granter<'a> {
    reader: &'a Reader<'a>,
    records: &'a [StoredRecord],
    target: Target,
    done: Vec<Granting>,
    /// What the derived objects take.
    derived_bytes: usize,
}

/// Grants the requests among the writes of a pod.
pub(super) fn grant_requests(
    reader: &Reader<'_>,
    records: &[StoredRecord],
    target: Target,
    writes: Vec<OrderedWrite>,
) -> Result<Vec<Granting>, IngestError> {
    let mut granter = Granter { reader, records, target, done: Vec::with_capacity(writes.len()), derived_bytes: 0 };
    let mut coming = writes.into_iter().collect::<std::collections::VecDeque<_>>();
    while let Some(write) = coming.pop_front() {
        if write.kind == EventKind::Request {
            granter.take_request(write, coming.make_contiguous())?;
        } else {
            if write.kind == EventKind::Observed && write.stated.is_none() {
                granter.take_reflected(&write, &mut coming)?;
            }
            granter.done.push(Granting { write, object: None, pod: None, known: Known::Shown });
        }
    }
    Ok(granter.done)
}

impl Granter<'_> {
    fn take_request(&mut self, write: OrderedWrite, coming: &mut [OrderedWrite]) -> Result<(), IngestError> {
        let request = self.request(&write)?;
        if self.is_told_better(&write, &request)? {
            return Ok(());
        }
        // Nothing can be asked of a pod that is gone: it was asked before.
        let is_gone = self.done.last().is_some_and(|last| last.write.kind == EventKind::Deleted);
        if self.find_among_shown(&request, &write, coming)? || is_gone || self.is_watched(coming) {
            return Ok(());
        }
        let before = match self.done.last() {
            Some(last) => Some(self.object(last)?),
            None => None,
        };
        let is_whole = self.done.last().is_some_and(|last| matches!(last.known, Known::Shown | Known::Derived));
        let granted = match outcome(before.as_ref(), &request, &self.target) {
            Outcome::Written(kind, mut object) => {
                if let Some(next) = coming.iter().find(|next| next.kind.shows_pod()) {
                    restamp(&mut object, &self.shown_pod(next)?);
                }
                self.kept(&object).map(|kept| (kind, kept))
            }
            Outcome::Nothing => return Ok(()),
            Outcome::Unknown(why) => Err(why),
        };
        let (kind, (text, pod), known) = match granted {
            Ok((kind, kept)) => {
                let is_whole = is_whole || kind == EventKind::Added && request.body.is_some();
                (kind, kept, if is_whole { Known::Derived } else { Known::Partly })
            }
            Err(why) => {
                let part = request.subresource.as_deref().map(|part| format!("/{part}")).unwrap_or_default();
                let mut object = before.map_or_else(|| self.unknown(), Ok)?;
                if let Some(metadata) = object["metadata"].as_object_mut() {
                    metadata.remove("resourceVersion");
                }
                let known = Known::Untold(format!("{} pods{part}: {why}", request.verb).into());
                let text = object.to_string();
                let pod = pod_of_object(&text).map_err(|what| IngestError::Damaged { seq: write.seq.0, what })?;
                (EventKind::Request, (text, pod), known)
            }
        };
        let write = OrderedWrite { kind, ..write };
        // Where something is not told the object is as it was before.
        let before = self.done.last().and_then(|last| last.object.clone());
        let object = before.filter(|_| matches!(known, Known::Untold(_))).or_else(|| Derived::new(&text));
        self.derived_bytes += object.as_ref().map_or(0, |object| object.0.len());
        self.done.push(Granting { write, object, pod: Some(Box::new(pod)), known });
        Ok(())
    }

    /// An object as it can be kept and read again: its text, and the pod that it is. Or why not.
    fn kept(&self, object: &Value) -> Result<(String, Pod), Box<str>> {
        let text = object.to_string();
        if self.derived_bytes > DERIVED_BYTES_MAX || text.len() > OBJECT_BYTES_MAX {
            return Err("what it made is larger than an API server keeps".into());
        }
        match pod_of_object(&text) {
            Ok(pod) => Ok((text, pod)),
            Err(why) => Err(format!("what it made does not read as a Pod: {why}").into()),
        }
    }

    /// An object that a list shows is as old as the newest time in it, or younger: the requests behind that time, up to the
    /// last that it reflects, came before it.
    fn take_reflected(
        &mut self,
        listed: &OrderedWrite,
        coming: &mut std::collections::VecDeque<OrderedWrite>,
    ) -> Result<(), IngestError> {
        const LOOKED_AT: usize = 64;
        // Every write of a status is stamped where there are managed fields; what the kubelet computed is older than its write.
        let has_stamps = self.record(listed.seq).is_some_and(|record| record.clock == Clock::ManagedFields);
        let lag_us = if has_stamps { NEAR_US } else { KUBELET_LAG_US };
        let is_request = |write: &&OrderedWrite| {
            let lag = write.stated.zip(listed.not_before).map(|((at, _), stamp)| at.micros_since(stamp));
            write.kind == EventKind::Request && lag.is_some_and(|lag| lag <= lag_us)
        };
        let requests = coming.iter().take_while(is_request).take(LOOKED_AT).count();
        if requests == 0 {
            return Ok(());
        }
        let object = self.shown(listed)?;
        let mut reflected = 0;
        for (place, write) in coming.iter().take(requests).enumerate() {
            let request = self.request(write)?;
            if is_met_by(&object, &listed.kind, &request, &self.target) {
                reflected = place + 1;
            }
        }
        let requests: Vec<OrderedWrite> = coming.drain(..reflected).collect();
        coming.push_front(listed.clone());
        for request in requests {
            self.take_request(request, coming.make_contiguous())?;
        }
        coming.pop_front();
        Ok(())
    }

    fn request(&self, write: &OrderedWrite) -> Result<Request, IngestError> {
        let stated = self.record(write.seq).and_then(|record| record.stated).map(|(at, _)| at);
        let seq = write.seq.0;
        let read = |body: &[u8]| request_of(body, stated);
        self.reader.with_body(seq, read)?.map_err(|what| IngestError::Damaged { seq, what })
    }

    /// Whether another record tells of the very same request: of two logs that both have it the one that says more counts.
    fn is_told_better(&self, write: &OrderedWrite, request: &Request) -> Result<bool, IngestError> {
        let Some(own) = self.record(write.seq) else { return Ok(false) };
        let Some((_, Clock::Audit)) = own.stated else { return Ok(false) };
        let twins = self.records.iter().filter(|record| record.seq != own.seq && record.stated == own.stated);
        for twin in twins {
            if twin.kind.shows_pod() {
                return Ok(true);
            }
            if twin.kind != EventKind::Request || twin.stamp != own.stamp {
                continue;
            }
            let other = {
                let stated = twin.stated.map(|(at, _)| at);
                self.reader.with_body(twin.seq, |body| request_of(body, stated))?
            };
            let Ok(other) = other else { continue };
            let rank = |request: &Request| (request.object.is_some(), request.body.is_some());
            let is_same = other.verb == request.verb && other.subresource == request.subresource;
            if is_same && (rank(&other) > rank(request) || rank(&other) == rank(request) && twin.seq < own.seq) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks for the write that a request is among those that other sources show near it; that write then has two sources,
    /// and the better clock.
    fn find_among_shown(
        &mut self,
        request: &Request,
        write: &OrderedWrite,
        coming: &mut [OrderedWrite],
    ) -> Result<bool, IngestError> {
        const LOOKED_AT: usize = 3;
        // The one before may be the write itself, if its time is known to the second only.
        if let Some(last) = self.done.last()
            && self.may_be(&last.write, write)
            && last.object.is_none()
            && is_met_by(&self.object(last)?, &last.write.kind, request, &self.target)
        {
            let earlier = self.done.len().checked_sub(2).map(|index| &self.done[index]);
            let was_so = match earlier {
                Some(earlier) => is_met_by(&self.object(earlier)?, &earlier.write.kind, request, &self.target),
                None => false,
            };
            if !was_so {
                if let Some(last) = self.done.last_mut() {
                    sight(&mut last.write, write);
                }
                return Ok(true);
            }
        }
        for place in 0..coming.len().min(LOOKED_AT) {
            let next = &coming[place];
            if !next.kind.shows_pod() {
                continue;
            }
            if !self.may_be(next, write) {
                return Ok(false);
            }
            if is_met_by(&self.shown(next)?, &next.kind, request, &self.target) {
                sight(&mut coming[place], write);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a write is one that another source than an audit log shows, at about the time of the request.
    fn may_be(&self, shown: &OrderedWrite, request: &OrderedWrite) -> bool {
        let is_near = match (shown.stated.map(|(at, _)| at).or(shown.not_before), request.stated) {
            (Some(shown), Some((at, _))) => shown.micros_since(at).abs() <= NEAR_US,
            _ => false,
        };
        is_near && shown.kind.shows_pod() && self.is_shown_elsewhere(shown)
    }

    fn is_shown_elsewhere(&self, write: &OrderedWrite) -> bool {
        let sightings = write.sightings.iter().filter_map(|seq| self.record(*seq));
        let mut shown = sightings.filter(|record| record.kind.shows_pod());
        shown.any(|record| !matches!(record.stated, Some((_, Clock::Audit))))
    }

    /// Whether one watch shows the write before and the one behind: it would show this one too, if there was one.
    fn is_watched(&self, coming: &[OrderedWrite]) -> bool {
        let watches = |write: &OrderedWrite| -> Vec<i64> {
            let records = write.sightings.iter().filter_map(|seq| self.record(*seq));
            let shown = records.filter(|record| {
                record.kind.shows_pod()
                    && record.kind != EventKind::Observed
                    && record.resource_version.is_some()
                    && !matches!(record.stated, Some((_, Clock::Audit)))
            });
            shown.map(|record| record.recording).collect()
        };
        let (Some(before), Some(behind)) = (self.done.last(), coming.iter().find(|write| write.kind.shows_pod()))
        else {
            return false;
        };
        let behind = watches(behind);
        watches(&before.write).iter().any(|recording| behind.contains(recording))
    }

    fn record(&self, seq: Seq) -> Option<&StoredRecord> {
        self.records.binary_search_by_key(&seq.0, |record| record.seq).ok().map(|index| &self.records[index])
    }

    fn object(&self, granting: &Granting) -> Result<Value, IngestError> {
        match &granting.object {
            Some(object) => Ok(object.object()),
            None => self.shown(&granting.write),
        }
    }

    fn shown_pod(&self, write: &OrderedWrite) -> Result<Pod, IngestError> {
        let seq = write.seq.0;
        let stated = self.record(write.seq).and_then(|record| record.stated).map(|(at, _)| at);
        let read = |body: &[u8]| pod_of(body, stated);
        self.reader.with_body(seq, read)?.map_err(|what| IngestError::Damaged { seq, what })
    }

    fn shown(&self, write: &OrderedWrite) -> Result<Value, IngestError> {
        let seq = write.seq.0;
        let stated = self.record(write.seq).and_then(|record| record.stated).map(|(at, _)| at);
        let read = |body: &[u8]| object_of(body, stated);
        self.reader.with_body(seq, read)?.map_err(|what| IngestError::Damaged { seq, what })
    }

    /// A pod of which only the name is known.
    fn unknown(&self) -> Result<Value, IngestError> {
        let Target { namespace, name, uid } = &self.target;
        Ok(serde_json::json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": namespace, "name": name, "uid": uid}
        }))
    }
}

/// A write that a request is too: the better clock wins.
fn sight(write: &mut OrderedWrite, request: &OrderedWrite) {
    write.sightings.extend(&request.sightings);
    write.sightings.sort_unstable();
    let times: [Option<(ObservedAt, Clock)>; 2] = [write.stated, request.stated];
    write.stated = times.into_iter().flatten().min_by_key(|(at, clock)| (*clock, *at));
}
