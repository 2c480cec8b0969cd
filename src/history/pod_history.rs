//! One incarnation of a pod as the log knows it: its revisions in the order of the cluster, each with its window, the objects
//! read when they are asked for, and where the recordings saw the pod. All that follows is a function of this value.

use std::sync::Arc;

use serde_json::Value;

use super::coverage::Recordings;
use super::evidence::is_attributed;
use super::order::order;
use super::presence::{Presence, Uncertain, presence};
use super::reconcile::{Reconciled, reconcile};
use super::reconstructed::Reconstructed;
use super::source::{Bodies, TimeBounds};
use super::window::{end_of_second, window};
use crate::model::{
    Clock, EventKind, Known, ObservedAt, Pod, PodIdentity, Seq, StoredRecord, Target, WatchEvent, Window, record_at,
};

/// The history of one incarnation of a pod.
#[derive(Debug)]
pub struct PodHistory<'a, B> {
    bodies: &'a B,
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
    /// The records that show it.
    pub observations: Vec<Seq>,
    /// How its object is known.
    pub known: Known,
    /// The object that a request made.
    object: Option<Reconstructed>,
    /// The same in the model's words.
    pod: Option<Arc<Pod>>,
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

/// Whether a pod was gone at the moment asked for: deleted, or missing from a list that holds others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsGone(pub bool);

/// Before the time bounds of the cluster were asked.
const NO_WINDOW: Window = Window { at: None, at_latest: None, clock: Clock::None };

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
            revision.window = window(bounds, cluster, record, stated, record_before, earlier)?;
            before = Some((record, revision.window.at));
        }
        let presence = presence(&identity.namespace, &records, recordings);
        Ok(Self { bodies, identity, records, revisions, presence })
    }

    /// The pod that a revision left, in the model's words.
    ///
    /// # Errors
    /// When its body cannot be read.
    pub fn pod(&self, revision: &Revision) -> Result<Arc<Pod>, B::Error> {
        pod(self.bodies, &self.records, revision)
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

    /// Every revision with its pod. What the API server must have stamped happened within the second of its stamp.
    ///
    /// # Errors
    /// When a body cannot be read.
    pub fn events(&self) -> Result<Vec<WatchEvent>, B::Error> {
        let mut events: Vec<WatchEvent> = Vec::with_capacity(self.revisions.len());
        for revision in &self.revisions {
            let mut event = event(revision, self.pod(revision)?);
            if let (Some(before), Clock::ManagedFields, EventKind::Modified) =
                (events.last(), event.window.clock, &event.kind)
                && is_attributed(&before.pod, &event.pod)
            {
                let tight = event.window.at.map(end_of_second);
                event.window.at_latest = tight.min(event.window.at_latest).or(tight);
            }
            events.push(event);
        }
        Ok(events)
    }

    /// What holds at a moment, and how well that is known; `None` before the first revision. No moment is the end.
    #[must_use]
    pub fn at(&self, at: Option<ObservedAt>) -> Option<StateAt<'_>> {
        let happened = |revision: &&Revision| match (at, revision.window.at) {
            (Some(at), Some(written_at)) => written_at <= at,
            (None, _) | (_, None) => true,
        };
        let revision = self.revisions.iter().take_while(happened).last()?;
        let has_vanished = self.presence.vanished_at().is_some_and(|gone| at.is_none_or(|at| Some(at) >= gone));
        let is_deleted = revision.kind == EventKind::Deleted;
        let uncertain = if is_deleted { None } else { self.doubt(&revision.known, at) };
        Some(StateAt { revision, is_gone: IsGone(is_deleted || has_vanished), uncertain })
    }

    /// Why the object that a revision left is not for certain what held at a moment.
    fn doubt(&self, known: &Known, at: Option<ObservedAt>) -> Option<Uncertain> {
        self.presence.uncertain_at(at).or_else(|| match known {
            Known::Partly => Some(Uncertain::Partly),
            Known::Untold(what) => Some(Uncertain::Untold(what.clone())),
            Known::Shown | Known::Derived => None,
        })
    }
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
        revision.window = NO_WINDOW;
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
    let reconciled = reconcile(bodies, records, &target, order(records))?;
    Ok(reconciled.into_iter().map(revision_of).collect())
}

fn revision_of(reconciled: Reconciled) -> Revision {
    let Reconciled { revision, object, pod, known } = reconciled;
    let (at, clock) = revision.stated.map_or((None, Clock::None), |(at, clock)| (Some(at), clock));
    let window = Window { at, at_latest: at, clock };
    Revision { seq: revision.seq, kind: revision.kind, window, observations: revision.observations, known, object, pod }
}

fn pod<B: Bodies>(bodies: &B, records: &[StoredRecord], revision: &Revision) -> Result<Arc<Pod>, B::Error> {
    match (&revision.pod, record_at(records, revision.seq)) {
        (Some(pod), _) => Ok(Arc::clone(pod)),
        (None, Some(record)) => bodies.pod(record),
        (None, None) => Ok(Arc::default()),
    }
}

fn event(revision: &Revision, pod: Arc<Pod>) -> WatchEvent {
    let Revision { seq, kind, window, known, .. } = revision;
    WatchEvent { seq: *seq, kind: kind.clone(), window: *window, pod, known: known.clone() }
}
