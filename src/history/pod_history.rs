//! One incarnation of a pod as the log knows it: its revisions in the order of the cluster, each with its window, the objects
//! read when they are asked for, and where the recordings saw the pod. All that follows is a function of this value.

use std::sync::Arc;

use serde_json::Value;

use super::coverage::Recordings;
use super::evidence::{SETTLED_US, is_attributed, settled_by};
use super::gap::GapKind;
use super::kubelet_list::{may_be_copy, take_copies};
use super::order::{OrderedRevision, order};
use super::point::Point;
use super::presence::{Hole, Presence, Uncertain, presence};
use super::reconcile::{Reconciled, reconcile};
use super::reconstructed::Reconstructed;
use super::source::{Bodies, TimeBounds};
use super::window::{end_of_second, window};
use super::writers::by_managed_fields;
use crate::model::{
    Actor, Clock, EventKind, ObservedAt, Pod, PodIdentity, Provenance, Seq, StoredRecord, Target, WatchEvent, Window,
    record_at,
};

/// The history of one incarnation of a pod.
#[derive(Debug)]
pub struct PodHistory<'a, B> {
    bodies: &'a B,
    /// Of which cluster.
    pub cluster: i64,
    /// Which pod.
    pub identity: PodIdentity,
    /// Its records, in the order of the log.
    pub records: Vec<StoredRecord>,
    /// Its revisions, in the order of the cluster.
    pub revisions: Vec<Revision>,
    /// Where the recordings saw it.
    pub presence: Presence,
}

/// The state of a pod's object after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// The record that stands for it.
    pub seq: Seq,
    /// What that record says.
    pub kind: EventKind,
    /// When it happened.
    pub window: Window,
    /// The records that show it, where they are more than the one that stands for it.
    observations: Box<[Seq]>,
    /// How its object is known.
    pub provenance: Provenance,
    /// The row of who made it, where an audit log tells.
    actor: Option<i64>,
    /// The object that a request made.
    object: Option<Reconstructed>,
    /// The same in the model's words.
    pod: Option<Arc<Pod>>,
}

impl Revision {
    /// The records that show it.
    #[must_use]
    pub fn observations(&self) -> &[Seq] {
        if self.observations.is_empty() { std::slice::from_ref(&self.seq) } else { &self.observations }
    }
}

/// What holds for a pod at a moment.
#[derive(Debug)]
pub struct StateAt<'a> {
    /// The last revision by then.
    pub revision: &'a Revision,
    /// Whether the pod was gone.
    pub is_gone: IsGone,
    /// Why that is only what was recorded last.
    pub uncertain: Option<Uncertain>,
}

impl StateAt<'_> {
    /// Whether the pod was there, or may have been: a deletion whose window the moment lies in may not have happened yet.
    #[must_use]
    pub fn may_be_there(&self) -> bool {
        let is_open = matches!(self.uncertain, Some(Uncertain::Within(_, Some(_))));
        self.is_gone == IsGone(false) || is_open && self.revision.kind == EventKind::Deleted
    }
}

/// Whether a pod was gone at the moment asked for: deleted, or missing from a list that holds others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsGone(pub bool);

impl<'a, B: Bodies> PodHistory<'a, B> {
    /// Makes the history of a pod of these records, given in the order of the log.
    ///
    /// # Errors
    /// When a body that is needed for it, or a time bound, cannot be read.
    pub fn read<T: TimeBounds>(
        (bodies, bounds): (&'a B, &T),
        cluster: i64,
        identity: PodIdentity,
        records: Vec<StoredRecord>,
        recordings: &Recordings,
    ) -> Result<Self, B::Error>
    where
        B::Error: From<T::Error>,
    {
        let mut revisions = revisions(bodies, &identity, &records)?;
        let mut before: Option<(&StoredRecord, Option<ObservedAt>)> = None;
        for revision in &mut revisions {
            let Some(record) = record_at(&records, revision.seq) else { continue };
            let stated = revision.window.at.map(|at| (at, revision.window.clock));
            let (record_before, earlier) = before.map_or((None, None), |(record, at)| (Some(record), at));
            let read_at = revision.window.at_latest;
            revision.window = window(bounds, cluster, record, stated, record_before, earlier)?;
            let at_latest = [revision.window.at_latest, read_at].into_iter().flatten();
            revision.window.at_latest = at_latest.filter(|latest| Some(*latest) >= revision.window.at).min();
            before = Some((record, revision.window.at));
        }
        let presence = presence(&identity.namespace, &records, recordings);
        let mut history = Self { bodies, cluster, identity, records, revisions, presence };
        let is_audited = |record: &StoredRecord| matches!(record.stated, Some((_, Clock::Audit)));
        if recordings.without_statuses.contains(&cluster) && history.records.iter().all(is_audited) {
            history.forget_statuses()?;
        }
        Ok(history)
    }

    /// Where no write of a status is logged, each object tells of the moment at which it is shown and no more, from the binding
    /// on; and what a request made of the one before has a status that is not known.
    fn forget_statuses(&mut self) -> Result<(), B::Error> {
        let mut is_bound = false;
        for place in 0..self.revisions.len() {
            let revision = &self.revisions[place];
            if is_bound && revision.provenance == Provenance::Reconstructed {
                self.revisions[place].provenance = Provenance::Partial;
            }
            let revision = &self.revisions[place];
            is_bound = is_bound || self.pod(revision)?.spec.node_name.is_some();
            if !is_bound || revision.kind == EventKind::Deleted {
                continue;
            }
            let next = self.revisions.get(place + 1);
            let point = |revision: &Revision| Point { version: None, at: revision.window.at };
            self.presence.holes.push(Hole {
                kind: GapKind::StatusNotLogged,
                list: None,
                from: point(revision),
                until: next.map_or_else(Point::default, point),
                after: Some(revision.seq),
                before: next.map(|next| next.seq),
            });
        }
        Ok(())
    }

    /// The pod that a revision left, in the model's words.
    ///
    /// # Errors
    /// When its body cannot be read.
    pub fn pod(&self, revision: &Revision) -> Result<Arc<Pod>, B::Error> {
        pod(self.bodies, &self.records, revision)
    }

    /// The record that shows the object which a revision left; `None` of one that was made of a request.
    #[must_use]
    pub fn shown_by(&self, revision: &Revision) -> Option<&StoredRecord> {
        if revision.object.is_some() { None } else { record_at(&self.records, revision.seq) }
    }

    /// The whole object that a revision left: the pod itself, without the watch event around it. Who needs both asks for this
    /// before `pod` and `events`: the body is then parsed once.
    ///
    /// # Errors
    /// When its body cannot be read, or is no JSON as a whole.
    pub fn object(&self, revision: &Revision) -> Result<Arc<Value>, B::Error> {
        match (&revision.object, record_at(&self.records, revision.seq)) {
            (Some(object), _) => Ok(Arc::new(object.object())),
            (None, Some(record)) => self.bodies.object(record),
            (None, None) => Ok(Arc::default()),
        }
    }

    /// The same; `None` of what is no JSON as a whole: it cannot be compared, and the timeline does not need it.
    ///
    /// # Errors
    /// When its body cannot be read.
    pub fn whole_object(&self, revision: &Revision) -> Result<Option<Arc<Value>>, B::Error> {
        match (&revision.object, record_at(&self.records, revision.seq)) {
            (Some(object), _) => Ok(Some(Arc::new(object.object()))),
            (None, Some(record)) => self.bodies.whole_object(record),
            (None, None) => Ok(None),
        }
    }

    /// Every revision with its pod. What the API server must have stamped happened within the second of its stamp.
    ///
    /// # Errors
    /// When a body cannot be read.
    pub fn events(&self) -> Result<Vec<WatchEvent>, B::Error> {
        self.each_event().collect()
    }

    /// The same, each read when it is its turn: of a long life not all have to be held at once.
    pub fn each_event(&self) -> impl Iterator<Item = Result<WatchEvent, B::Error>> {
        let mut before: Option<Arc<Pod>> = None;
        self.revisions.iter().map(move |revision| {
            let mut event = event(revision, self.pod(revision)?);
            event.by = self.written_by(revision, before.as_deref(), &event)?;
            if let Some(before) = &before {
                event.window.at_latest = stamped_by(revision, before, &event.pod);
            }
            before = Some(Arc::clone(&event.pod));
            Ok(event)
        })
    }

    /// Who wrote a revision of this pod, where that is known.
    ///
    /// # Errors
    /// When a body cannot be read.
    pub fn writer_of(&self, revision: &Revision) -> Result<Option<Arc<Actor>>, B::Error> {
        let before = self.revisions.iter().take_while(|earlier| earlier.seq != revision.seq).last();
        let before = before.map(|before| self.pod(before)).transpose()?;
        self.written_by(revision, before.as_deref(), &event(revision, self.pod(revision)?))
    }

    fn written_by(
        &self,
        revision: &Revision,
        before: Option<&Pod>,
        event: &WatchEvent,
    ) -> Result<Option<Arc<Actor>>, B::Error> {
        match revision.actor {
            Some(row) => Ok(Some(self.bodies.actor(row)?)),
            None => Ok(by_managed_fields(before, event).map(Arc::new)),
        }
    }

    /// What holds at a moment, and how well that is known; `None` before the first revision. No moment is the end.
    ///
    /// # Errors
    /// When a body that is needed to bound a write cannot be read.
    pub fn at(&self, at: Option<ObservedAt>) -> Result<Option<StateAt<'_>>, B::Error> {
        let Some(place) = self.place_at(at) else { return Ok(None) };
        let revision = &self.revisions[place];
        let is_deleted = revision.kind == EventKind::Deleted;
        let doubt = if is_deleted { None } else { self.doubt(&revision.provenance, at) };
        let uncertain = match (doubt, at) {
            (None, Some(at)) => match self.within(place, at)?.or_else(|| self.is_being_written(place, at)) {
                None => self.unseen_write(place, at)?,
                doubt => doubt,
            },
            (doubt, _) => doubt,
        };
        Ok(Some(StateAt { revision, is_gone: self.is_gone(revision, at), uncertain }))
    }

    /// Whether the pod was there at a moment, for all that is known.
    #[must_use]
    pub fn is_there(&self, at: Option<ObservedAt>) -> bool {
        self.place_at(at).is_some_and(|place| self.is_gone(&self.revisions[place], at) == IsGone(false))
    }

    /// The last revision by a moment, by its place.
    fn place_at(&self, at: Option<ObservedAt>) -> Option<usize> {
        let happened = |revision: &&Revision| match (at, revision.window.at) {
            (Some(at), Some(written_at)) => written_at <= at,
            (None, _) | (_, None) => true,
        };
        self.revisions.iter().take_while(happened).count().checked_sub(1)
    }

    fn is_gone(&self, revision: &Revision, at: Option<ObservedAt>) -> IsGone {
        let has_vanished = self.presence.vanished_at().is_some_and(|gone| at.is_none_or(|at| Some(at) >= gone));
        IsGone(revision.kind == EventKind::Deleted || has_vanished)
    }

    /// Whether a moment lies in the window of a write, which then may not have happened yet.
    fn within(&self, place: usize, at: ObservedAt) -> Result<Option<Uncertain>, B::Error> {
        let window = self.revisions[place].window;
        // A second ends with the next.
        let is_over = |latest: ObservedAt| at.plus_micros(1) >= latest;
        let is_long_over = window.at_latest.is_some_and(|latest| is_over(latest.plus_micros(SETTLED_US)));
        let Some(from) = window.at.filter(|from| *from <= at && !is_long_over) else { return Ok(None) };
        let latest = self.latest_of(place)?;
        Ok((!latest.is_some_and(is_over)).then_some(Uncertain::Within(from, latest)))
    }

    /// The request that made the next revision had come in by then and was not answered: what it asks for may have been done.
    fn is_being_written(&self, place: usize, at: ObservedAt) -> Option<Uncertain> {
        let next = self.revisions.get(place + 1)?;
        let record = record_at(&self.records, next.seq).filter(|record| record.is_of_audit())?;
        let begun = record.not_before().filter(|begun| *begun <= at)?;
        Some(Uncertain::Within(begun, next.window.at))
    }

    /// A write that had happened by then and that no revision shows: an audit log may leave requests out, and the next object carries the
    /// API server's stamps of all of them.
    fn unseen_write(&self, place: usize, at: ObservedAt) -> Result<Option<Uncertain>, B::Error> {
        let of_audit = |next: &&Revision| record_at(&self.records, next.seq).is_some_and(StoredRecord::is_of_audit);
        let Some(next) = self.revisions.get(place + 1).filter(of_audit) else { return Ok(None) };
        let Window { at: written_at, at_latest, .. } = self.revisions[place].window;
        let Some(known) = at_latest.or(written_at) else { return Ok(None) };
        if at < end_of_second(known) {
            return Ok(None);
        }
        let metadata = &self.pod(next)?.metadata;
        // A grace period that was changed makes another time of the first request.
        let is_first = self.pod(&self.revisions[place])?.metadata.deletion_at.is_none();
        let deletion = metadata.deletion_requested_at().filter(|_| is_first);
        let stamps = metadata.write_stamps().chain(deletion).map(|stamp| ObservedAt::from_micros(stamp.micros()));
        let unseen = stamps.filter(|stamp| known < *stamp && end_of_second(*stamp) <= at).max();
        Ok(unseen.map(Uncertain::Unlogged))
    }

    /// When a revision was written at the latest: by what the API server stamped, or by the times that are new with it or with
    /// one that was written behind it.
    fn latest_of(&self, place: usize) -> Result<Option<ObservedAt>, B::Error> {
        let revision = &self.revisions[place];
        let mut before = place.checked_sub(1).map(|before| self.pod(&self.revisions[before])).transpose()?;
        let mut latest = revision.window.at_latest;
        if let Some(before) = &before {
            latest = stamped_by(revision, before, &*self.pod(revision)?);
        }
        for later in &self.revisions[place..] {
            let pod = self.pod(later)?;
            if let Some(settled) = settled_by(before.as_deref(), &pod, later.window.at) {
                return Ok(latest.into_iter().chain([settled]).min());
            }
            before = Some(pod);
        }
        Ok(latest)
    }

    /// Why the object that a revision left is not for certain what held at a moment.
    fn doubt(&self, provenance: &Provenance, at: Option<ObservedAt>) -> Option<Uncertain> {
        self.presence.uncertain_at(at).or_else(|| match provenance {
            Provenance::Partial => Some(Uncertain::Partly),
            Provenance::Unknown(what) => Some(Uncertain::Untold(what.clone())),
            Provenance::Observed | Provenance::Reconstructed => None,
        })
    }
}

/// When the API server had stamped the write of a revision by, as far as its object tells together with the one before.
fn stamped_by(revision: &Revision, before: &Pod, after: &Pod) -> Option<ObservedAt> {
    let Window { at, at_latest, clock } = revision.window;
    let tight = at.map(end_of_second);
    let is_asked_again = before.metadata.deletion_at.is_some()
        && before.metadata.deletion_grace_seconds != after.metadata.deletion_grace_seconds;
    if is_asked_again && clock == Clock::ManagedFields {
        // What is taken for its time is that of the first request, or what a release makes of the moment of the second.
        return at_latest.filter(|latest| Some(*latest) > tight);
    }
    let is_tight =
        clock == Clock::ManagedFields && revision.kind == EventKind::Modified && is_attributed(before, after);
    [tight.filter(|_| is_tight), at_latest].into_iter().flatten().min()
}

/// The events of a pod without the windows of time, which depend on all other pods: what the projection is made of.
///
/// # Errors
/// When a body cannot be read.
pub fn events_without_time<B: Bodies>(
    bodies: &B,
    identity: &PodIdentity,
    records: &[StoredRecord],
) -> Result<Vec<WatchEvent>, B::Error> {
    let revisions = revisions(bodies, identity, records)?;
    let plain = |mut revision: Revision| {
        revision.window = Window::NONE;
        Ok(event(&revision, pod(bodies, records, &revision)?))
    };
    revisions.into_iter().map(plain).collect()
}

/// The revisions that these records show, in their order; for a window each has the time that a format states.
fn revisions<B: Bodies>(
    bodies: &B,
    identity: &PodIdentity,
    records: &[StoredRecord],
) -> Result<Vec<Revision>, B::Error> {
    let PodIdentity { namespace, name, uid, .. } = identity;
    let target = Target { namespace: namespace.as_str().into(), name: name.as_str().into(), uid: uid.as_str().into() };
    let mut reconciled = reconcile(bodies, records, &target, order(records))?;
    if records.iter().any(may_be_copy) && !records.iter().all(may_be_copy) {
        reconciled = take_copies(bodies, identity, records, reconciled)?;
    }
    Ok(reconciled.into_iter().map(|reconciled| revision_of(reconciled, records)).collect())
}

fn revision_of(reconciled: Reconciled, records: &[StoredRecord]) -> Revision {
    let Reconciled { revision, object, pod, provenance } = reconciled;
    let (at, clock) = revision.stated.map_or((None, Clock::None), |(at, clock)| (Some(at), clock));
    let window = Window { at, at_latest: at.or(revision.read_at), clock };
    let is_alone = *revision.observations == [revision.seq];
    Revision {
        actor: actor(records, &revision),
        seq: revision.seq,
        kind: revision.kind,
        window,
        observations: if is_alone { Box::default() } else { revision.observations.into() },
        provenance,
        object,
        pod,
    }
}

/// Who made a write: of the requests that were answered with it the first made it, the others changed nothing. Of those that
/// asked for the end the last one made it.
fn actor(records: &[StoredRecord], revision: &OrderedRevision) -> Option<i64> {
    let shown = revision.observations.iter().filter_map(|seq| record_at(records, *seq));
    let key = |record: &&StoredRecord| (record.stated, record.place());
    let told = shown.filter(|record| record.actor.is_some());
    let made = if revision.kind == EventKind::Deleted { told.max_by_key(key) } else { told.min_by_key(key) };
    made?.actor
}

fn pod<B: Bodies>(bodies: &B, records: &[StoredRecord], revision: &Revision) -> Result<Arc<Pod>, B::Error> {
    match (&revision.pod, record_at(records, revision.seq)) {
        (Some(pod), _) => Ok(Arc::clone(pod)),
        (None, Some(record)) => bodies.pod(record),
        (None, None) => Ok(Arc::default()),
    }
}

fn event(revision: &Revision, pod: Arc<Pod>) -> WatchEvent {
    let Revision { seq, kind, window, provenance, .. } = revision;
    let provenance = if pod.printed.is_some() { Provenance::Partial } else { provenance.clone() };
    WatchEvent { seq: *seq, kind: kind.clone(), window: *window, pod, provenance, by: None }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::PodHistory;
    use crate::history::{Bodies, Recordings, Skyline, TimeBound, TimeBounds};
    use crate::input::stored_record::pod_in_part_of_value;
    use crate::model::{
        Actor, Clock, EventKind, ObservedAt, Pod, PodIdentity, Request, ResourceVersion, Seq, StampedAt, StoredRecord,
        Verb,
    };

    /// What a test knows of the log: the bodies of its records, and the time bounds of its cluster.
    #[derive(Default)]
    struct Vectors {
        objects: Vec<Value>,
        requests: Vec<Option<Request>>,
        skyline: Skyline,
    }

    impl Vectors {
        fn place(record: &StoredRecord) -> usize {
            usize::try_from(record.seq.0).expect("it is counted from 1") - 1
        }
    }

    impl Bodies for Vectors {
        type Error = String;

        fn pod(&self, record: &StoredRecord) -> Result<Arc<Pod>, String> {
            pod_in_part_of_value(&self.objects[Self::place(record)]).map(Arc::new)
        }

        fn object(&self, record: &StoredRecord) -> Result<Arc<Value>, String> {
            Ok(Arc::new(self.objects[Self::place(record)].clone()))
        }

        fn whole_object(&self, record: &StoredRecord) -> Result<Option<Arc<Value>>, String> {
            self.object(record).map(Some)
        }

        fn request(&self, record: &StoredRecord) -> Result<Arc<Request>, String> {
            self.requests[Self::place(record)].clone().map(Arc::new).ok_or_else(|| "no request".to_owned())
        }

        fn actor(&self, _: i64) -> Result<Arc<Actor>, String> {
            Err("no actor".to_owned())
        }

        fn pod_of(&self, object: &Value) -> Result<Pod, String> {
            pod_in_part_of_value(object)
        }
    }

    impl TimeBounds for Vectors {
        type Error = String;

        fn not_before(&self, _: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, String> {
            Ok(self.skyline.not_before(version))
        }

        fn next_stamp(&self, _: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, String> {
            Ok(self.skyline.next_stamp(version))
        }
    }

    fn second(text: &str) -> ObservedAt {
        ObservedAt::from_micros(text.parse::<i64>().expect("a second") * 1_000_000)
    }

    fn request(word: &str, at: ObservedAt) -> Request {
        let (verb, subresource, body) = match word.split_once('=') {
            Some(("bind", node)) => (Verb::Create, Some("binding"), Some(json!({"target": {"name": node}}))),
            Some(("phase", phase)) => (Verb::Patch, Some("status"), Some(json!({"status": {"phase": phase}}))),
            _ if word == "evict" => (Verb::Create, Some("eviction"), Some(json!({}))),
            _ => (Verb::Patch, Some("status"), None),
        };
        let subresource = subresource.map(Into::into);
        Request {
            verb,
            subresource,
            uri: "".into(),
            manager: None,
            audit_id: None,
            at: Some(at),
            body,
            object: None,
            lacks: None,
        }
    }

    /// `SECOND KIND VERSION PHASE [NODE]` for a record of a watch, `SECOND REQUEST what` for a request of an audit log without
    /// its answer, to one line a revision: the record, when it happened, how it is known, phase and node. `others` are the
    /// time bounds of other pods: `VERSION@SECOND`.
    fn check(log: &str, others: &str, expected: &str) {
        let mut vectors = Vectors::default();
        let mut records = Vec::new();
        let mut bounds = Vec::new();
        let version = |text: &str| ResourceVersion::new(text).expect("not empty");
        for (seq, line) in (1..).zip(log.split(" / ")) {
            let words: Vec<&str> = line.split(' ').collect();
            let (at, kind) = (second(words[0]), EventKind::from(words[1]));
            let is_request = kind == EventKind::Request;
            let metadata = json!({"namespace": "team", "name": "web", "uid": "u", "resourceVersion": words[2]});
            vectors.objects.push(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata,
                "spec": {"nodeName": words.get(4)}, "status": {"phase": words.get(3)}}));
            vectors.requests.push(is_request.then(|| request(words[2], at)));
            let resource_version = (!is_request).then(|| version(words[2]));
            if let Some(version) = &resource_version {
                bounds.push(TimeBound { version: version.clone(), at, is_stamped: true });
            }
            records.push(StoredRecord {
                seq: Seq(seq),
                kind,
                resource_version,
                line: seq,
                stamp: Some(StampedAt::from_micros(at.micros())),
                clock: if is_request { Clock::None } else { Clock::ManagedFields },
                stated: is_request.then_some((at, Clock::Audit)),
                recording: 1,
                recording_rank: 0,
                lifecycle: None,
                actor: None,
            });
        }
        for other in others.split_whitespace() {
            let (of, at) = other.split_once('@').expect("a version and a second");
            bounds.push(TimeBound { version: version(of), at: second(at), is_stamped: true });
        }
        vectors.skyline = Skyline::new(bounds);
        let [namespace, name, uid, cluster] = ["team", "web", "u", ""].map(str::to_owned);
        let identity = PodIdentity { namespace, name, uid, cluster: cluster.into() };
        let history = PodHistory::read((&vectors, &vectors), 1, identity, records, &Recordings::default());
        let events = history.and_then(|history| history.events()).expect("vectors are read");
        let seconds = |at: Option<ObservedAt>| at.map_or("?".to_owned(), |at| (at.micros() / 1_000_000).to_string());
        let told = events.iter().map(|event| {
            let phase = event.pod.status.phase.as_ref().map_or("-", |phase| phase.as_str());
            let node = event.pod.spec.node_name.as_deref().unwrap_or("-");
            let (from, until) = (seconds(event.window.at), seconds(event.window.at_latest));
            format!("{} {from}-{until} {} {phase} {node}", event.seq, event.provenance.as_str())
        });
        assert_eq!(told.collect::<Vec<_>>().join(" / "), expected, "{log}");
    }

    #[test]
    fn revisions_come_in_the_order_of_the_cluster() {
        check(
            "10 ADDED 5 Pending / 14 MODIFIED 9 Running / 12 MODIFIED 7 Pending a",
            "",
            "1 10-11 shown Pending - / 3 12-13 shown Pending a / 2 14-15 shown Running -",
        );
    }

    #[test]
    fn other_pods_bound_the_time() {
        // A write that leaves no time of its own happened after those of lower versions, and before the next stamp.
        check(
            "10 ADDED 5 Pending / 10 MODIFIED 9 Pending a",
            "8@14 20@30",
            "1 10-11 shown Pending - / 2 14-31 shown Pending a",
        );
    }

    #[test]
    fn a_request_is_found_among_the_revisions_or_applied() {
        // The watch shows what the binding made: one revision, with the clock of the audit log.
        check(
            "10 ADDED 5 Pending / 11 REQUEST bind=a / 11 MODIFIED 7 Pending a",
            "",
            "1 10-11 shown Pending - / 3 11-11 shown Pending a",
        );
        // It is the one that put the pod on its node, not any behind that shows it there.
        check(
            "10 ADDED 5 Pending / 11 MODIFIED 7 Pending a / 11 MODIFIED 9 Running a / 11 REQUEST bind=a / 12 MODIFIED 11 Failed a",
            "",
            "1 10-11 shown Pending - / 2 11-11 shown Pending a / 3 11-12 shown Running a / 5 12-13 shown Failed a",
        );
        // An audit log alone: the binding is applied to the object before it.
        check(
            "10 ADDED 5 Pending / 15 REQUEST bind=a / 16 REQUEST phase=Running",
            "",
            "1 10-11 shown Pending - / 2 15-15 derived Pending a / 3 16-16 derived Running a",
        );
    }

    #[test]
    fn what_a_request_did_without_its_body_is_unknown() {
        check("10 ADDED 5 Pending / 15 REQUEST ?", "", "1 10-11 shown Pending - / 2 15-15 untold Pending -");
        // What is made of that is known in part, until an object shows the pod again.
        check(
            "10 ADDED 5 Pending / 15 REQUEST ? / 16 REQUEST phase=Running / 20 OBSERVED 9 Running a",
            "",
            "1 10-11 shown Pending - / 2 15-15 untold Pending - / 3 16-16 partly Running - / 4 20-21 shown Running a",
        );
        // Nothing is known of the object before: only what the request wrote.
        check("15 REQUEST phase=Running", "", "1 15-15 partly Running -");
    }
}
