//! The first sign of trouble of each pod, and the story that they make together.

use std::collections::BTreeMap;

use super::Health;
use super::Stretch;
use crate::model::{ConditionStatus, ObservedAt, PodIdentity};
use crate::replay::{Lifecycle, Subject, Transition, Value};
use crate::report::{JudgedPod, Note};
use crate::rules::{Finding, Severity};

/// The first thing about a pod that did not go well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// When.
    pub at: ObservedAt,
    /// What.
    pub of: SignOf,
}

/// What a sign of trouble is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignOf {
    /// Something about the pod took a bad value.
    Value {
        /// What.
        subject: Subject,
        /// The value.
        value: String,
        /// The reason that goes with it.
        reason: Option<String>,
    },
    /// The node ceased to be ready.
    Node {
        /// Which.
        node: String,
        /// The status of its Ready.
        status: String,
    },
    /// A rule was broken that no bad value shows.
    Rule {
        /// Its id.
        id: &'static str,
        /// Its name.
        name: &'static str,
    },
}

/// The same sign at one or more pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// What.
    pub of: SignOf,
    /// When first and last.
    pub stretch: Stretch,
    /// At which pods, in the order of time.
    pub pods: Vec<PodIdentity>,
}

/// The first sign of trouble of a pod in a stretch of time.
#[must_use]
pub fn sign(pod: &JudgedPod, frame: &Stretch) -> Option<Sign> {
    let is_within = |sign: &Sign| frame.contains(sign.at);
    let own = of_transitions(&pod.report.timeline.transitions).find(is_within);
    let node = pod.report.beside.iter().filter_map(of_node).find(is_within);
    let rule = pod.judgement.findings.iter().filter_map(of_finding).find(is_within);
    // Of several at one time the node comes first: it explains the others.
    [node, own, rule].into_iter().flatten().min_by_key(|sign| sign.at)
}

/// What goes wrong before the pod is asked to end.
fn of_transitions(transitions: &[Transition]) -> impl Iterator<Item = Sign> {
    let is_asked_to_end = |it: &Transition| it.to == Some(Value::Lifecycle(Lifecycle::Deleting));
    let lives = transitions.iter().take_while(move |it| !is_asked_to_end(it));
    lives.filter(|it| is_trouble(it)).filter_map(|it| {
        let value = it.to.as_ref()?.to_string();
        let reason = it.reason.as_deref().filter(|_| !matches!(it.subject, Subject::Container(..)));
        let of = SignOf::Value { subject: it.subject.clone(), value, reason: reason.map(str::to_owned) };
        Some(Sign { at: it.window.at?, of })
    })
}

fn is_trouble(transition: &Transition) -> bool {
    let Transition { subject, from, to: Some(to), reason, .. } = transition else { return false };
    if from.as_ref() == Some(to) {
        return false;
    }
    let is_true = |value: &Value| *value == Value::Condition(ConditionStatus::True);
    match subject {
        Subject::Condition(kind) => match (&**kind, reason.as_deref()) {
            // A container that ended well makes a pod unready and is no trouble.
            ("Ready", Some("PodCompleted")) => false,
            ("Ready", _) => from.as_ref().is_some_and(is_true),
            ("PodScheduled", Some("Unschedulable")) | ("DisruptionTarget", _) => true,
            _ => false,
        },
        Subject::Phase | Subject::Container(..) => Health::of(to) == Health::Bad,
        Subject::Lifecycle | Subject::Field(_) => false,
    }
}

fn of_node(note: &Note) -> Option<Sign> {
    match note {
        Note::Node(note) if note.to != ConditionStatus::True => {
            Some(Sign { at: note.at, of: SignOf::Node { node: note.node.to_string(), status: note.to.to_string() } })
        }
        Note::Node(_) | Note::Event(_) => None,
    }
}

fn of_finding(finding: &Finding) -> Option<Sign> {
    let at = finding.window.at.filter(|_| finding.severity == Severity::Error)?;
    Some(Sign { at, of: SignOf::Rule { id: finding.rule.id, name: finding.rule.name } })
}

/// The signs of many pods: those alike are one chapter, in the order of time.
#[must_use]
pub fn story(signs: impl IntoIterator<Item = (PodIdentity, Sign)>) -> Vec<Chapter> {
    let mut alike: BTreeMap<SignOf, Vec<(ObservedAt, PodIdentity)>> = BTreeMap::new();
    for (pod, Sign { at, of }) in signs {
        alike.entry(of).or_default().push((at, pod));
    }
    let mut chapters: Vec<Chapter> = alike
        .into_iter()
        .filter_map(|(of, mut pods)| {
            pods.sort_by_key(|(at, _)| *at);
            let stretch = Stretch::new(pods.first()?.0, pods.last()?.0);
            Some(Chapter { of, stretch, pods: pods.into_iter().map(|(_, pod)| pod).collect() })
        })
        .collect();
    chapters.sort_by_key(|chapter| chapter.stretch.from);
    chapters
}
