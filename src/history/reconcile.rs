//! Requests without an answer among the revisions of a pod: each is found again among the revisions that other records show,
//! or applied to the object as known so far.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

use super::order::OrderedRevision;
use super::reconstructed::{OBJECT_BYTES_MAX, Reconstructed};
use super::source::Bodies;
use crate::model::id::is_of_incarnation;
use crate::model::time::SECOND_US;
use crate::model::{
    Clock, EventKind, ObservedAt, Pod, Provenance, Request, Seq, StoredRecord, Target, Verb, record_at,
};
use crate::request::{Outcome, is_end_inferred, is_met_by, outcome, proves_untold_writes, restamp};

/// A revision whose request, if it came of one, has been reconciled.
#[derive(Debug, Clone)]
pub(super) struct Reconciled {
    pub(super) revision: OrderedRevision,
    /// The object that a request made.
    pub(super) object: Option<Reconstructed>,
    /// The same in the model's words.
    pub(super) pod: Option<Arc<Pod>>,
    pub(super) provenance: Provenance,
}

/// What the reconstructed objects of one pod may take.
const RECONSTRUCTED_BYTES_MAX: usize = 64 << 20;

/// How far the time of a request may be from that of the write that it is.
const NEAR_US: i64 = 2 * SECOND_US;

/// Who ships a log may cut its times to milliseconds.
const SHIPPED_US: i64 = 1_000;

/// How much older than its write the newest time in a status may be.
const KUBELET_LAG_US: i64 = 10 * SECOND_US;

struct Reconciler<'a, B> {
    bodies: &'a B,
    records: &'a [StoredRecord],
    target: &'a Target,
    /// The records that are stated to be of the same time, in the order of the log.
    twins: BTreeMap<(ObservedAt, Clock), Vec<&'a StoredRecord>>,
    done: Vec<Reconciled>,
    /// The next revision that shows a pod, by how many come with and behind it.
    next_shown: Option<usize>,
    /// What the reconstructed objects take.
    reconstructed_bytes: usize,
}

/// Reconciles the requests among the revisions of a pod: one entry a revision that was made.
pub(super) fn reconcile<B: Bodies>(
    bodies: &B,
    records: &[StoredRecord],
    target: &Target,
    revisions: Vec<OrderedRevision>,
) -> Result<Vec<Reconciled>, B::Error> {
    let done = Vec::with_capacity(revisions.len());
    let mut twins: BTreeMap<_, Vec<&StoredRecord>> = BTreeMap::new();
    if revisions.iter().any(|revision| revision.kind == EventKind::Request) {
        for (stated, record) in records.iter().filter_map(|record| Some((record.stated?, record))) {
            twins.entry(stated).or_default().push(record);
        }
    }
    let mut reconciler = Reconciler { bodies, records, target, twins, done, next_shown: None, reconstructed_bytes: 0 };
    let mut coming = VecDeque::from(revisions);
    while let Some(mut revision) = coming.pop_front() {
        if revision.kind == EventKind::Request {
            reconciler.take_request(revision, coming.make_contiguous())?;
        } else {
            let is_listed = revision.kind == EventKind::Observed && revision.stated.is_none();
            if is_listed {
                reconciler.take_reflected(&mut revision, &mut coming)?;
            }
            if !is_listed || !reconciler.confirm(&revision)? {
                reconciler.take_shown(revision);
            }
        }
    }
    Ok(reconciler.done)
}

impl<B: Bodies> Reconciler<'_, B> {
    fn take_shown(&mut self, mut revision: OrderedRevision) {
        // A pod is deleted once. The answer to a deletion often has no version, or, from an older API server, that of the write
        // before.
        if revision.kind == EventKind::Deleted
            && let Some(last) =
                self.done.pop_if(|last| last.revision.kind == EventKind::Deleted && last.object.is_none())
        {
            let has_version =
                |it: &OrderedRevision| self.record(it.seq).is_some_and(|it| it.resource_version.is_some());
            match (has_version(&last.revision), has_version(&revision)) {
                (_, false) => {
                    let asked = std::mem::replace(&mut revision, last.revision);
                    merge(self.records, &mut revision, &asked);
                }
                (false, true) => merge(self.records, &mut revision, &last.revision),
                // Records without a uid may be about two pods.
                (true, true)
                    if is_of_incarnation(&self.target.uid)
                        && self.is_answer(&last.revision)
                        && !self.is_answer(&revision) =>
                {
                    merge(self.records, &mut revision, &last.revision);
                }
                (true, true) => self.done.push(last),
            }
        }
        let is_whole = revision.kind != EventKind::Printed;
        let provenance = if is_whole { Provenance::Observed } else { Provenance::Partial };
        self.done.push(Reconciled { revision, object: None, pod: None, provenance });
    }

    /// Whether audit logs alone show it.
    fn is_answer(&self, revision: &OrderedRevision) -> bool {
        revision.observations.iter().filter_map(|seq| self.record(*seq)).all(StoredRecord::is_of_audit)
    }

    fn take_request(&mut self, revision: OrderedRevision, coming: &mut [OrderedRevision]) -> Result<(), B::Error> {
        let Some(record) = self.record(revision.seq) else { return Ok(()) };
        let request = self.bodies.request(record)?;
        if self.has_better_twin(record, &request)? {
            return Ok(());
        }
        // What was asked of all pods of a namespace makes none of which nothing else is known.
        let is_of_all = request.verb == Verb::DeleteCollection && request.object.is_none();
        if is_of_all && self.done.is_empty() {
            return Ok(());
        }
        // Nothing can be asked of a pod that is gone: it was asked before.
        let is_gone = self.done.last().is_some_and(|last| last.revision.kind == EventKind::Deleted);
        if self.find_among_shown(&request, &revision, coming)? || is_gone || self.is_watched(coming) {
            return Ok(());
        }
        let before = self.done.last().map_or(Ok(None), |last| self.object(last))?;
        let was_whole = before.is_some() && self.done.last().is_some_and(|last| last.provenance.is_whole());
        // What the answer to a deletion of a collection lists is how the pod was.
        let is_listed = request.verb == Verb::DeleteCollection && request.object.is_some();
        let is_whole = was_whole || is_listed;
        let known = before.as_deref().filter(|_| was_whole || !is_listed);
        let is_end_shown = self.next_shown(coming).is_some_and(|next| next.kind == EventKind::Deleted);
        let made = match outcome(known, &request, self.target) {
            // The end that it asked for is shown by itself.
            Outcome::Written(EventKind::Deleted, _) if is_end_shown => return Ok(()),
            Outcome::Written(EventKind::Deleted, _) if !is_whole && is_end_inferred(&request) => {
                Err("whether that ended it follows from what is not known of the pod".into())
            }
            Outcome::Written(kind, mut object) => {
                if let Some(next) = self.next_shown(coming).and_then(|next| self.record(next.seq)) {
                    restamp(&mut object, &*self.bodies.pod(next)?);
                }
                self.kept(&object).map(|kept| (kind, kept))
            }
            Outcome::Nothing => return Ok(()),
            Outcome::Unknown(why) => Err(why),
        };
        let (kind, (text, pod), provenance) = match made {
            Ok((kind, kept)) => {
                let is_whole = is_whole || kind == EventKind::Added && request.body.is_some();
                let is_told = is_whole && !proves_untold_writes(&kept.1, &request);
                (kind, kept, if is_told { Provenance::Reconstructed } else { Provenance::Partial })
            }
            Err(why) => {
                let part = request.subresource.as_deref().map(|part| format!("/{part}")).unwrap_or_default();
                let provenance = Provenance::Unknown(format!("{} pods{part}: {why}", request.verb).into());
                (EventKind::Request, self.as_before(before.as_deref()), provenance)
            }
        };
        let revision = OrderedRevision { kind, ..revision };
        // Where something is not known the object is as it was before.
        let before = self.done.last().and_then(|last| last.object.clone());
        let object =
            before.filter(|_| matches!(provenance, Provenance::Unknown(_))).or_else(|| Reconstructed::new(&text));
        self.reconstructed_bytes += object.as_ref().map_or(0, Reconstructed::bytes);
        self.done.push(Reconciled { revision, object, pod: Some(Arc::new(pod)), provenance });
        Ok(())
    }

    /// The object as it was known before, without its version; of a pod of which only the name is known, that.
    fn as_before(&self, before: Option<&Value>) -> (String, Pod) {
        let Target { namespace, name, uid } = self.target;
        let named = || json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": namespace, "name": name, "uid": uid}});
        let mut object = before.cloned().unwrap_or_else(named);
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("resourceVersion");
        }
        // It was read before: it is a pod.
        (object.to_string(), self.bodies.pod_of(&object).unwrap_or_default())
    }

    /// An object as it can be kept and read again: its text, and the pod that it is. Or why not.
    fn kept(&self, object: &Value) -> Result<(String, Pod), Box<str>> {
        let text = object.to_string();
        if self.reconstructed_bytes > RECONSTRUCTED_BYTES_MAX || text.len() > OBJECT_BYTES_MAX {
            return Err("the result is larger than an API server accepts".into());
        }
        match self.bodies.pod_of(object) {
            Ok(pod) => Ok((text, pod)),
            Err(why) => Err(format!("the result is not a valid Pod: {why}").into()),
        }
    }

    /// Whether an object that an API server read is as the request before it left the pod: then that is when it was written.
    fn confirm(&mut self, read: &OrderedRevision) -> Result<bool, B::Error> {
        let (Some(_), Some(record)) = (read.read_at, self.record(read.seq)) else { return Ok(false) };
        let made = |last: &Reconciled| last.pod.clone().filter(|_| last.provenance == Provenance::Reconstructed);
        let Some(made) = self.done.last().and_then(made) else { return Ok(false) };
        let shown = self.bodies.pod(record)?;
        let is_same = made.spec == shown.spec
            && made.status == shown.status
            && made.metadata.deletion_at == shown.metadata.deletion_at;
        if let Some(asked) = is_same.then(|| self.done.pop()).flatten() {
            let mut revision = OrderedRevision { kind: asked.revision.kind.clone(), ..read.clone() };
            merge(self.records, &mut revision, &asked.revision);
            self.take_shown(revision);
        }
        Ok(is_same)
    }

    /// An object that a list shows is as old as the newest time in it, or younger: the requests behind that time, up to the
    /// last that it reflects, came before it. What an API server read came behind all that it had answered.
    fn take_reflected(
        &mut self,
        listed: &mut OrderedRevision,
        coming: &mut VecDeque<OrderedRevision>,
    ) -> Result<(), B::Error> {
        const LOOKED_AT: usize = 64;
        let Some(record) = self.record(listed.seq) else { return Ok(()) };
        // Every write of a status is stamped where there are managed fields; what the kubelet computed is older than its write.
        let lag_us = if record.clock == Clock::ManagedFields { NEAR_US } else { KUBELET_LAG_US };
        let may_reflect = |at: ObservedAt| match (listed.read_at, listed.not_before) {
            (Some(read_at), _) => at <= read_at,
            (None, Some(stamp)) => at.micros_since(stamp) <= lag_us,
            (None, None) => false,
        };
        let is_request = |revision: &&OrderedRevision| {
            revision.kind == EventKind::Request && revision.stated.is_some_and(|(at, _)| may_reflect(at))
        };
        let requests = coming.iter().take_while(is_request).take(LOOKED_AT).count();
        if requests == 0 {
            return Ok(());
        }
        let Some(object) = self.bodies.whole_object(record)? else { return Ok(()) };
        let mut reflected = 0;
        for (place, revision) in coming.iter().take(requests).enumerate() {
            let Some(record) = self.record(revision.seq) else { continue };
            let request = self.bodies.request(record)?;
            // What was read shows whatever was answered before, be it told or not.
            let is_untold = || matches!(outcome(Some(&object), &request, self.target), Outcome::Unknown(_));
            if is_met_by(&object, &listed.kind, &request, self.target) || listed.read_at.is_some() && is_untold() {
                reflected = place + 1;
            }
        }
        let requests: Vec<OrderedRevision> = coming.drain(..reflected).collect();
        coming.push_front(listed.clone());
        for request in requests {
            self.take_request(request, coming.make_contiguous())?;
        }
        if let Some(with_requests) = coming.pop_front() {
            *listed = with_requests;
        }
        Ok(())
    }

    /// Whether another record holds the very same request: of two logs that both have it the one that says more counts.
    fn has_better_twin(&self, own: &StoredRecord, request: &Request) -> Result<bool, B::Error> {
        if !own.is_of_audit() {
            return Ok(false);
        }
        let Some(at) = own.stated_at() else { return Ok(false) };
        let near = (at.plus_micros(-SHIPPED_US), Clock::Audit)..=(at.plus_micros(SHIPPED_US), Clock::Audit);
        let twins = self.twins.range(near).flat_map(|(_, twins)| twins);
        for twin in twins.filter(|record| record.seq != own.seq && record.is_of_audit()) {
            let is_at_once = twin.stated == own.stated;
            if twin.kind.shows_pod() && is_at_once {
                return Ok(true);
            }
            if twin.kind != EventKind::Request {
                continue;
            }
            let other = self.bodies.request(twin)?;
            let rank = |request: &Request| (request.object.is_some(), request.body.is_some());
            let is_same = match (&other.audit_id, &request.audit_id) {
                (Some(other), Some(own)) => other == own,
                (None, _) | (_, None) => {
                    let is_of_kind = other.verb == request.verb && other.subresource == request.subresource;
                    is_at_once && twin.stamp == own.stamp && is_of_kind
                }
            };
            if is_same && (rank(&other) > rank(request) || rank(&other) == rank(request) && twin.place() < own.place())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks for the revision that a request made among those that other sources show near it; that revision then has two
    /// sources, and the better clock.
    fn find_among_shown(
        &mut self,
        request: &Request,
        asked: &OrderedRevision,
        coming: &mut [OrderedRevision],
    ) -> Result<bool, B::Error> {
        const LOOKED_AT: usize = 3;
        if asks_for_end(request) {
            return self.find_end_among_shown(request, asked, coming);
        }
        // One before may be it, if its time is known to the second only: the first that is as the request wants it.
        let mut is_met = false;
        for place in (self.done.len().saturating_sub(LOOKED_AT)..self.done.len()).rev() {
            let done = &self.done[place];
            if done.object.is_some() || !self.may_be(&done.revision, asked) || !self.meets(done, request)? {
                break;
            }
            is_met = true;
            let earlier = place.checked_sub(1).map(|index| &self.done[index]);
            if !earlier.map_or(Ok(false), |earlier| self.meets(earlier, request))? {
                merge(self.records, &mut self.done[place].revision, asked);
                return Ok(true);
            }
        }
        if self.removes(request, asked)? {
            if let Some(last) = self.done.last_mut() {
                merge(self.records, &mut last.revision, asked);
            }
            return Ok(true);
        }
        // What was so already is made by none behind.
        let behind = if is_met { 0 } else { LOOKED_AT };
        for next in coming.iter_mut().take(behind) {
            if !next.kind.shows_pod() {
                continue;
            }
            if !self.may_be(next, asked) {
                return Ok(false);
            }
            let Some(record) = self.record(next.seq) else { continue };
            let object = self.bodies.whole_object(record)?;
            if object.is_some_and(|object| is_met_by(&object, &next.kind, request, self.target)) {
                merge(self.records, next, asked);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same of a deletion or an eviction: the first revision near it that has what it asks for where the one before had not,
    /// and that no other such request made. The end itself is the work of the last that asked for it.
    fn find_end_among_shown(
        &mut self,
        request: &Request,
        asked: &OrderedRevision,
        coming: &mut [OrderedRevision],
    ) -> Result<bool, B::Error> {
        const LOOKED_BACK: usize = 8;
        const LOOKED_AHEAD: usize = 8;
        // Whether this pod was among them nobody knows.
        if request.is_of_some() {
            return Ok(false);
        }
        for place in self.done.len().saturating_sub(LOOKED_BACK)..self.done.len() {
            let done = &self.done[place];
            if done.object.is_some() || !self.may_have_ended(&done.revision, asked) || !self.is_free(&done.revision) {
                continue;
            }
            let Some(object) = self.object(done)? else { continue };
            if self.ends(self.left_before(place)?.as_ref(), (&done.revision.kind, &object), request) {
                merge(self.records, &mut self.done[place].revision, asked);
                return Ok(true);
            }
        }
        if self.removes(request, asked)? {
            if let Some(last) = self.done.last_mut() {
                merge(self.records, &mut last.revision, asked);
            }
            return Ok(true);
        }
        let mut before = None;
        for next in coming.iter_mut().filter(|next| next.kind.shows_pod()).take(LOOKED_AHEAD) {
            if !self.may_have_ended(next, asked) {
                break;
            }
            if before.is_none() {
                before = self.left_before(self.done.len())?;
            }
            let Some(record) = self.record(next.seq) else { continue };
            let Some(object) = self.bodies.whole_object(record)? else { continue };
            if self.is_free(next) && self.ends(before.as_ref(), (&next.kind, &object), request) {
                merge(self.records, next, asked);
                return Ok(true);
            }
            before = Some((next.kind.clone(), object));
        }
        Ok(false)
    }

    /// What the last revision before a place left whose object is known.
    fn left_before(&self, place: usize) -> Result<Option<(EventKind, Arc<Value>)>, B::Error> {
        for done in self.done[..place].iter().rev() {
            if let Some(object) = self.object(done)? {
                return Ok(Some((done.revision.kind.clone(), object)));
            }
        }
        Ok(None)
    }

    /// Whether a revision is what a deletion made of the one before.
    fn ends(
        &self,
        before: Option<&(EventKind, Arc<Value>)>,
        (kind, object): (&EventKind, &Value),
        request: &Request,
    ) -> bool {
        let is_met = |kind: &EventKind, object: &Value| is_met_by(object, kind, request, self.target);
        let Some((kind_before, object_before)) = before else { return is_met(kind, object) };
        let is_held = object_before["metadata"]["finalizers"].as_array().is_some_and(|held| !held.is_empty());
        let is_end = *kind == EventKind::Deleted && *kind_before != EventKind::Deleted && !is_held;
        is_met(kind, object) && (is_end || !is_met(kind_before, object_before))
    }

    /// Whether no request is known yet that made a revision; the end may be asked for again.
    fn is_free(&self, revision: &OrderedRevision) -> bool {
        revision.kind == EventKind::Deleted
            || !self.records_of(revision).any(|record| record.kind == EventKind::Request)
    }

    /// Whether a request is the deletion that a watch shows and nothing times: a patch that takes the last finalizer leaves
    /// no stamp, and may come long after the newest in the object.
    fn removes(&self, request: &Request, asked: &OrderedRevision) -> Result<bool, B::Error> {
        let [.., before, last] = &*self.done else { return Ok(false) };
        let is_later = asked.stated.is_some_and(|(at, _)| Some(at) >= last.revision.not_before);
        if last.revision.kind != EventKind::Deleted || last.revision.stated.is_some() || !is_later {
            return Ok(false);
        }
        let before = self.object(before)?;
        Ok(matches!(outcome(before.as_deref(), request, self.target), Outcome::Written(EventKind::Deleted, _)))
    }

    /// Whether the object of a revision is as a request wants it.
    fn meets(&self, done: &Reconciled, request: &Request) -> Result<bool, B::Error> {
        let object = self.object(done)?;
        Ok(object.is_some_and(|object| is_met_by(&object, &done.revision.kind, request, self.target)))
    }

    /// Whether a revision is one that another source than an audit log shows, at about the time of the request. What was only
    /// read was written by any request before; who read it before the request did not read what that made.
    fn may_be(&self, shown: &OrderedRevision, asked: &OrderedRevision) -> bool {
        let is_read = |record: &StoredRecord| {
            record.kind == EventKind::Observed && matches!(record.stated, Some((_, Clock::Audit)))
        };
        let mut shows = self.records_of(shown).filter(|record| record.kind.shows_pod() && !record.is_of_audit());
        shows.any(|record| !is_read(record)) && self.may_have_ended(shown, asked)
    }

    /// The same of a deletion, which what somebody read behind its beginning shows as well as any.
    fn may_have_ended(&self, shown: &OrderedRevision, asked: &OrderedRevision) -> bool {
        shown.read_at.is_none_or(|read_at| asked.not_before <= Some(read_at)) && self.is_shown_near(shown, asked)
    }

    fn is_shown_near(&self, shown: &OrderedRevision, asked: &OrderedRevision) -> bool {
        let is_near = match (shown.stated.map(|(at, _)| at).or(shown.not_before), asked.stated) {
            (Some(shown), Some((at, _))) => shown.micros_since(at).abs() <= NEAR_US,
            (None, _) | (_, None) => false,
        };
        let mut records = self.records_of(shown).filter(|record| record.kind.shows_pod());
        is_near && shown.kind.shows_pod() && records.any(|record| !record.is_of_audit())
    }

    /// Whether one watch shows the revision before and the one behind: it would show this one too, if there was one.
    fn is_watched(&mut self, coming: &[OrderedRevision]) -> bool {
        let behind = self.next_shown(coming);
        let is_of_watch = |record: &&StoredRecord| {
            record.kind.shows_pod()
                && !record.kind.is_bare()
                && record.resource_version.is_some()
                && !record.is_of_audit()
        };
        let watches = |revision: &OrderedRevision| -> Vec<i64> {
            self.records_of(revision).filter(is_of_watch).map(|record| record.recording).collect()
        };
        let (Some(before), Some(behind)) = (self.done.last(), behind.map(watches)) else { return false };
        watches(&before.revision).iter().any(|recording| behind.contains(recording))
    }

    /// The next revision that shows a pod. What is found is remembered, as many requests may stand before it.
    fn next_shown<'c>(&mut self, coming: &'c [OrderedRevision]) -> Option<&'c OrderedRevision> {
        if let Some(first) = coming.first().filter(|first| first.kind.shows_pod()) {
            return Some(first);
        }
        let known = self.next_shown.filter(|with_it| *with_it <= coming.len());
        let with_it = known.unwrap_or_else(|| {
            let place = coming.iter().position(|next| next.kind.shows_pod());
            coming.len() - place.unwrap_or(coming.len())
        });
        self.next_shown = Some(with_it);
        coming.get(coming.len() - with_it)
    }

    fn records_of<'s>(&'s self, revision: &'s OrderedRevision) -> impl Iterator<Item = &'s StoredRecord> {
        revision.observations.iter().filter_map(|seq| self.record(*seq))
    }

    fn record(&self, seq: Seq) -> Option<&StoredRecord> {
        record_at(self.records, seq)
    }

    /// The object that a revision left.
    fn object(&self, done: &Reconciled) -> Result<Option<Arc<Value>>, B::Error> {
        match &done.object {
            Some(object) => Ok(Some(Arc::new(object.object()))),
            None => self.record(done.revision.seq).map_or(Ok(None), |record| self.bodies.whole_object(record)),
        }
    }
}

/// Whether a request asks for the end of the pod.
fn asks_for_end(request: &Request) -> bool {
    matches!(request.verb, Verb::Delete | Verb::DeleteCollection) || request.subresource.as_deref() == Some("eviction")
}

/// A revision that a request made too: the better clock wins. Of those that asked for the end the last one made it.
fn merge(records: &[StoredRecord], revision: &mut OrderedRevision, asked: &OrderedRevision) {
    revision.observations.extend(&asked.observations);
    revision.observations.sort_unstable_by_key(|seq| record_at(records, *seq).map(StoredRecord::place));
    let times: [Option<(ObservedAt, Clock)>; 2] = [revision.stated, asked.stated];
    let is_end = revision.kind == EventKind::Deleted;
    revision.stated = match times {
        [Some((earlier, Clock::Audit)), Some((later, Clock::Audit))] if is_end => {
            Some((earlier.max(later), Clock::Audit))
        }
        times => times.into_iter().flatten().min_by_key(|(at, clock)| (*clock, *at)),
    };
}
