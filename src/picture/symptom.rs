//! The first symptom of each pod.

use super::health::Health;
use super::service::Service;
use crate::model::{ConditionStatus, ObservedAt};
use crate::replay::{Subject, Transition, Value};
use crate::report::{JudgedPod, Note};
use crate::rules::{Finding, Severity};
use crate::timeline::TimeRange;

/// The first thing about a pod that did not go well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    /// When.
    pub at: ObservedAt,
    /// What.
    pub of: SymptomKind,
}

/// What a symptom is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SymptomKind {
    /// Something about the pod took a bad value.
    Value {
        /// What.
        subject: Subject,
        /// The value.
        value: String,
        /// The reason that goes with it.
        reason: Option<String>,
    },
    /// Ready was set to False while the containers were ready, as the node controller does when it hears no more of a node
    /// (C9).
    Unreachable,
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

/// The first symptom of a pod in a time range.
#[must_use]
pub fn first_symptom(pod: &JudgedPod, frame: &TimeRange) -> Option<Symptom> {
    let own = of_transitions(Service::of(&pod.report, &TimeRange::ALWAYS).transitions());
    let node = pod.report.related.iter().filter_map(of_node);
    let rule = pod.judgement.findings().iter().filter_map(of_finding);
    let all = node.chain(own).chain(rule).filter(|(at, _)| frame.contains(*at));
    // Of several at one time the one that explains the others.
    let (at, of) = all.min_by_key(|(at, of)| (*at, of.rank()))?;
    Some(Symptom { at, of })
}

impl SymptomKind {
    /// Causes before their consequences.
    fn rank(&self) -> usize {
        match self {
            Self::Node { .. } => 0,
            Self::Unreachable => 1,
            Self::Value { subject: Subject::Container(..), .. } => 2,
            Self::Value { .. } => 3,
            Self::Rule { .. } => 4,
        }
    }
}

/// What goes wrong before the pod is asked to end.
fn of_transitions<'a>(transitions: impl Iterator<Item = &'a Transition>) -> Vec<(ObservedAt, SymptomKind)> {
    let mut are_containers_ready = false;
    let mut found = Vec::new();
    for it in transitions {
        let of = match &it.subject {
            Subject::Condition(kind) if &**kind == "ContainersReady" => {
                are_containers_ready = it.to.as_ref().is_some_and(is_true);
                None
            }
            Subject::Condition(kind) if &**kind == "Ready" && are_containers_ready && it.reason.is_none() => {
                is_trouble(it).then_some(SymptomKind::Unreachable)
            }
            // A run that ended well and was followed by another: a probe that failed, a program that ends too soon.
            Subject::Container(..)
                if it.restart_count > Some(0) && it.to == Some(Value::Container("running".into())) =>
            {
                Some(SymptomKind::Value {
                    subject: it.subject.clone(),
                    value: "started again".to_owned(),
                    reason: None,
                })
            }
            Subject::Lifecycle
            | Subject::Field(_)
            | Subject::Phase
            | Subject::Condition(_)
            | Subject::Container(..) => is_trouble(it).then(|| of_value(it)),
        };
        found.extend(it.proved_at().zip(of));
    }
    found
}

fn of_value(transition: &Transition) -> SymptomKind {
    let value = transition.to.as_ref().map(ToString::to_string).unwrap_or_default();
    let is_container = matches!(transition.subject, Subject::Container(..));
    let reason = transition.reason.as_deref().filter(|_| !is_container);
    SymptomKind::Value { subject: transition.subject.clone(), value, reason: reason.map(str::to_owned) }
}

fn is_true(value: &Value) -> bool {
    *value == Value::Condition(ConditionStatus::True)
}

fn is_trouble(transition: &Transition) -> bool {
    let Transition { subject, from, to: Some(to), reason, .. } = transition else { return false };
    if from.as_ref() == Some(to) {
        return false;
    }
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

fn of_node(note: &Note) -> Option<(ObservedAt, SymptomKind)> {
    match note {
        Note::Node(note) if note.to != ConditionStatus::True => {
            Some((note.at, SymptomKind::Node { node: note.node.to_string(), status: note.to.to_string() }))
        }
        Note::Node(_) | Note::Event(_) | Note::Refused(_) => None,
    }
}

fn of_finding(finding: &Finding) -> Option<(ObservedAt, SymptomKind)> {
    let at = finding.window.at.filter(|_| finding.severity == Severity::Error)?;
    Some((at, SymptomKind::Rule { id: finding.rule.id, name: finding.rule.name }))
}
