//! When a pod came how far: each milestone with the earliest and the latest time at which it was.

use super::bounds::Bounds;
use super::pulls::pulled;
use crate::model::{Clock, ConditionStatus, ObservedAt, Role};
use crate::replay::{Lifecycle, PodField, Subject, Transition, Value};
use crate::report::{Note, PodReport};
use crate::timeline::{Gap, GapKind};

/// How far a pod came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Milestone {
    /// The API server stored it.
    Created,
    /// It was bound to a node.
    Scheduled,
    /// Its sandbox stood: PodReadyToStartContainers.
    Sandbox,
    /// Its init containers had ended: Initialized.
    Init,
    /// The image of its last container was there, as an Event tells.
    Images,
    /// Its last container was started.
    Started,
    /// It was ready.
    Ready,
    /// Its deletion was asked for.
    DeletionAsked,
    /// It was gone.
    Gone,
}

impl Milestone {
    /// All, in their usual order.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Scheduled,
        Self::Sandbox,
        Self::Init,
        Self::Images,
        Self::Started,
        Self::Ready,
        Self::DeletionAsked,
        Self::Gone,
    ];

    /// The word in text and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Scheduled => "scheduled",
            Self::Sandbox => "sandbox",
            Self::Images => "images",
            Self::Init => "init",
            Self::Started => "started",
            Self::Ready => "ready",
            Self::DeletionAsked => "deletion",
            Self::Gone => "gone",
        }
    }
}

/// The milestones that are known of a pod, in their usual order, and how long pulling its images took in all, as Events say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moments {
    /// Each milestone that is known.
    pub known: Vec<(Milestone, Bounds)>,
    /// How long its images were pulled in all, in microseconds; 0 where they were all there. `None` where no Event tells.
    pub pulled_us: Option<i64>,
    /// How long its init containers ran in all: at least, and at most.
    pub init_us: Option<(i64, i64)>,
}

impl Moments {
    /// When it came so far.
    #[must_use]
    pub fn of(&self, milestone: Milestone) -> Option<Bounds> {
        self.known.iter().find(|(known, _)| *known == milestone).map(|(_, bounds)| *bounds)
    }
}

/// How far a pod came, and when. What happened before a recording began is known only where its stamp never changes again.
#[must_use]
pub fn moments(report: &PodReport) -> Moments {
    let transitions = &report.timeline.transitions;
    let is_from_birth = report.gaps.iter().all(|gap| gap.kind != GapKind::StartsMidLife);
    let condition = |kind: &str| {
        let subject = Subject::Condition(kind.into());
        let is_true =
            |it: &&Transition| it.subject == subject && matches!(&it.to, Some(Value::Condition(ConditionStatus::True)));
        bounds(transitions.iter().find(is_true)?)
    };
    // What can come and go was seen for the first time only by who saw all of its life until then.
    let is_seen_until = |at: ObservedAt| {
        let hides = |gap: &Gap| !gap.is_momentary() && gap.from.is_none_or(|from| from < at);
        is_from_birth && !report.gaps.iter().any(hides)
    };
    let first = |kind: &str| condition(kind).filter(|bounds| is_seen_until(bounds.earliest));
    let lifecycle = |to: Lifecycle| {
        transitions.iter().filter(move |it| it.subject == Subject::Lifecycle && it.to == Some(Value::Lifecycle(to)))
    };
    let has_init = report.timeline.pod().is_some_and(|pod| pod.spec.containers.iter().any(|it| it.role == Role::Init));
    let started = started(report);
    let pulls = report.related.iter().filter_map(|note| match note {
        Note::Event(note) => Some(&note.event),
        Note::Node(_) | Note::Refused(_) => None,
    });
    let (images, pulled_us) = pulled(pulls, started).unzip();
    let created = lifecycle(Lifecycle::Created).next().and_then(written);
    // The kubelet stamps that of a static pod, long before its mirror is created.
    let is_after_creation = |bounds: &Bounds| created.is_none_or(|created| bounds.latest >= created.earliest);
    let found = [
        (Milestone::Created, created),
        (Milestone::Scheduled, scheduled(transitions, condition("PodScheduled")).filter(is_after_creation)),
        (Milestone::Sandbox, first("PodReadyToStartContainers")),
        (Milestone::Init, if has_init { first("Initialized") } else { None }),
        (Milestone::Images, images),
        (Milestone::Started, started),
        (Milestone::Ready, first("Ready")),
        (Milestone::DeletionAsked, lifecycle(Lifecycle::Deleting).next().and_then(written)),
        (Milestone::Gone, lifecycle(Lifecycle::Deleted).next_back().and_then(written)),
    ];
    let known = found.into_iter().filter_map(|(milestone, bounds)| Some((milestone, bounds?))).collect();
    Moments { known, pulled_us, init_us: if has_init { init(transitions) } else { Some((0, 0)) } }
}

/// When something changed: by its stamp, else by when it was seen.
fn bounds(it: &Transition) -> Option<Bounds> {
    match it.stamped_at {
        Some(stamped) => Some(Bounds::of_stamp(stamped, it.window.at_latest)),
        None => {
            let earliest = it.window.at?;
            Some(Bounds { earliest, latest: it.window.at_latest?.max(earliest) })
        }
    }
}

/// The same of a write that is itself what happened: an audit log tells when the API server had answered it.
fn written(it: &Transition) -> Option<Bounds> {
    let answered = it.window.at.zip(it.window.at_latest).filter(|_| it.window.clock == Clock::Audit && !it.inferred);
    answered.map(|(earliest, latest)| Bounds { earliest, latest: latest.max(earliest) }).or_else(|| bounds(it))
}

/// When it was bound: by the request that did so, else by its condition, which never changes again.
fn scheduled(transitions: &[Transition], by_stamp: Option<Bounds>) -> Option<Bounds> {
    let is_binding = |it: &&Transition| {
        it.subject == Subject::Field(PodField::NodeName) && it.by.as_ref().is_some_and(|by| &*by.part == "binding")
    };
    transitions.iter().find(is_binding).and_then(written).or(by_stamp)
}

/// When the last of its regular containers was started for the first time.
fn started(report: &PodReport) -> Option<Bounds> {
    let pod = report.timeline.pod()?;
    let regular = pod.spec.containers.iter().filter(|it| it.role == Role::Regular);
    let first_run = |name: &str| {
        let is_first = |it: &&Transition| {
            matches!(&it.subject, Subject::Container(known, Role::Regular) if &**known == name)
                && it.restart_count.unwrap_or(0) == 0
                && matches!(&it.to, Some(Value::Container(state)) if &**state == "running")
        };
        bounds(report.timeline.transitions.iter().find(is_first)?)
    };
    let all: Option<Vec<Bounds>> = regular.map(|container| first_run(&container.name)).collect();
    all?.into_iter().reduce(Bounds::later)
}

/// How long init containers ran in all, from the start of each run to its end.
fn init(transitions: &[Transition]) -> Option<(i64, i64)> {
    let of_init = transitions.iter().filter(|it| matches!(it.subject, Subject::Container(_, Role::Init)));
    let (mut open, mut least, mut most): (Vec<(&Subject, Bounds)>, i64, i64) = (Vec::new(), 0, 0);
    for it in of_init {
        let Some(Value::Container(state)) = &it.to else { continue };
        if &**state == "running" {
            open.push((&it.subject, bounds(it)?));
        } else if state.starts_with("terminated(") {
            let place = open.iter().position(|(subject, _)| *subject == &it.subject)?;
            let ((_, from), until) = (open.swap_remove(place), bounds(it)?);
            least += until.earliest.micros_since(from.latest).max(0);
            most += until.latest.micros_since(from.earliest).max(0);
        }
    }
    open.is_empty().then_some((least, most))
}
