//! The whole judgement of one event: of its phase and of each condition, with the facts that it rests on. It is the pass that
//! `judge` makes, up to the event; lawful causes are looked for here only, as `judge` lists what is against the rules.

use std::collections::BTreeSet;
use std::ops::Range;

use super::asked::Asked;
use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, behind_gaps};
use super::finding::Finding;
use super::judge::Stream;
use super::need::Need;
use super::overview::Overview;
use super::pass::{Pass, Shown, found};
use super::past::Past;
use super::severity::Severity;
use super::standing::{Standing, is_reported};
use super::verdict::{ConditionJudgement, PhaseJudgement};
use super::{why_condition, why_phase};
use crate::kubelet::{Derived, Features};
use crate::model::{Pod, Seq, WatchEvent};
use crate::replay::Subject;

/// The judgement of one event.
#[derive(Debug, Clone)]
pub struct EventJudgement<'a> {
    /// The events up to it, itself included.
    pub events: &'a [WatchEvent],
    /// What the release has on whose rules apply.
    pub features: Features,
    /// The phase for which the kubelet computed the conditions.
    pub computed_for: Derived,
    /// A kubelet has reported on the pod, in this event or before.
    pub is_reported: bool,
    /// The phase.
    pub phase: PhaseJudgement,
    /// The conditions: those of Kubernetes in the order in which a pod passes them, then the others.
    pub conditions: Vec<ConditionJudgement>,
}

impl<'a> EventJudgement<'a> {
    /// The pod as the event shows it.
    #[must_use]
    pub fn pod(&self) -> &'a Pod {
        &self.events[self.events.len() - 1].pod
    }

    /// A kubelet had reported on the pod when its recording began.
    #[must_use]
    pub fn began_reported(&self) -> bool {
        self.events.first().is_some_and(|event| is_reported(&event.pod))
    }
}

/// Judges one of a pod's events, given in the order of their writes, by its place; `None` if there is none.
#[must_use]
pub fn judgement_at<'a>(
    events: &'a [WatchEvent],
    stream: Stream<'_>,
    features: Features,
    index: usize,
) -> Option<EventJudgement<'a>> {
    judgements(events, stream, features, index..index + 1).pop()
}

/// Judges a run of a pod's events, in one pass.
#[must_use]
pub fn judgements<'a>(
    events: &'a [WatchEvent],
    stream: Stream<'_>,
    features: Features,
    wanted: Range<usize>,
) -> Vec<EventJudgement<'a>> {
    let range = Overview::of(events).judged();
    let mut judging = Judging::new(&events[range.clone()], stream, features);
    let mut modelling = Judging::new(events, stream, features);
    let first_report = events.iter().position(|event| is_reported(&event.pod));
    let judgement = |index: usize| {
        // Of what cannot be judged the model is told, and no more.
        let is_whole = events[index].provenance.is_whole();
        let (begin, whole) = if range.contains(&index) && is_whole {
            (range.start, judging.at(index - range.start, None))
        } else {
            let missing = if index < range.start || !is_whole { Need::WholeObject } else { Need::CertainOrder };
            (0, modelling.at(index, Some(missing)))
        };
        let (events, (computed_for, phase, conditions)) = (&events[..=index], whole);
        let phase = PhaseJudgement { since: phase.since + begin, ..phase };
        let is_reported = first_report.is_some_and(|first| first <= index);
        EventJudgement { events, features, computed_for, is_reported, phase, conditions }
    };
    (wanted.start..wanted.end.min(events.len())).map(judgement).collect()
}

/// The pass of the rules over events that are judged, or are not.
struct Judging<'a> {
    events: &'a [WatchEvent],
    behind_gaps: BTreeSet<Seq>,
    features: Features,
    pass: Pass,
    standing: Standing,
    is_reported: bool,
    next: usize,
}

impl<'a> Judging<'a> {
    fn new(events: &'a [WatchEvent], stream: Stream<'_>, features: Features) -> Self {
        let behind_gaps = behind_gaps(stream.gaps);
        let pass = Pass::new(features, &Overview::of(events), stream.gaps);
        Self { events, behind_gaps, features, pass, standing: Standing::default(), is_reported: false, next: 0 }
    }

    /// The judgement of an event that is not behind the pass; `unjudged` is why it cannot be judged.
    fn at(&mut self, index: usize, unjudged: Option<Need>) -> Whole {
        let Self { events, behind_gaps, features, pass, standing, is_reported: reported, next } = self;
        let past = Past { events: &events[..=index], behind_gaps, features: *features };
        loop {
            let event = &events[*next];
            *reported = *reported || is_reported(&event.pod);
            let (is_wanted, is_reported) = (*next == index, *reported);
            let (_, whole) = pass.step(event, events.get(*next + 1), |context, diagnostics| {
                if unjudged.is_none() && event.provenance.is_whole() {
                    standing.take(context, errors(context, diagnostics));
                }
                is_wanted.then(|| whole(context, diagnostics, past, (standing, unjudged, is_reported)))
            });
            *next += 1;
            if let Some(whole) = whole {
                return whole;
            }
        }
    }
}

/// What the rules found against them.
fn errors(context: &EventContext<'_>, diagnostics: &Diagnostics) -> Vec<Finding> {
    let found = diagnostics.raw.iter().map(|raw| found(raw.clone(), &Shown::of(context.event())));
    found.filter(|found| found.severity == Severity::Error).collect()
}

type Whole = (Derived, PhaseJudgement, Vec<ConditionJudgement>);

fn whole(
    context: &EventContext<'_>,
    diagnostics: &Diagnostics,
    past: Past<'_>,
    (standing, unjudged, is_reported): (&Standing, Option<Need>, bool),
) -> Whole {
    let model = context.model_by_last_report();
    let asked = |subject: &Subject| Asked {
        past,
        against: standing.of(subject),
        unjudged,
        doubts_containers: diagnostics.doubts_containers(),
        is_reported,
    };
    let phase = why_phase::judge(context, &model, &asked(&Subject::Phase));
    let condition = |kind: &str| why_condition::judge(context, &model, kind, &asked(&Subject::Condition(kind.into())));
    let conditions = why_condition::kinds(context).into_iter().map(condition);
    (model.inferred.computed.clone(), phase, conditions.collect())
}
