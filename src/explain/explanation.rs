//! What an explanation says: sentences of plain text, as nothing but the words differs between those who show them.

use crate::kubelet::Derived;
use crate::kubelet::conditions::Computed;
use crate::kubelet::reasons::Reason;
use crate::model::{ConditionStatus, ObservedAt, Phase, Role, StampedAt};
use crate::rules::Verdict;

/// Why a pod is as it is.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The phase.
    pub phase: PhaseExplained,
    /// The conditions: those of Kubernetes in the order in which a pod passes them, then the others.
    pub conditions: Vec<ConditionExplained>,
    /// The containers in the order of the spec.
    pub containers: Vec<ContainerExplained>,
    /// The reasons that stand on the pod, each once.
    pub reasons: Vec<&'static Reason>,
    /// Those of which the glossary knows nothing.
    pub unknown_reasons: Vec<String>,
}

/// Why the phase is what it is.
#[derive(Debug, Clone)]
pub struct PhaseExplained {
    /// What was recorded.
    pub recorded: Option<Phase>,
    /// When it was first recorded; `None` if it was so when the recording of the pod began.
    pub since: Option<ObservedAt>,
    /// `status.reason`.
    pub reason: Option<String>,
    /// `status.message`.
    pub message: Option<String>,
    /// What the containers give, and by which rule.
    pub derived: Derived,
    /// How the two stand to each other.
    pub verdict: Verdict,
    /// What the rule says.
    pub rule_text: &'static str,
    /// The containers that decide.
    pub because: Vec<String>,
    /// What else there is to say: what was inferred, what holds the phase, who wrote it.
    pub notes: Vec<String>,
}

/// Why a condition is what it is.
#[derive(Debug, Clone)]
pub struct ConditionExplained {
    /// Its type.
    pub kind: String,
    /// What was recorded; `None` if the pod has no such condition.
    pub recorded: Option<Recorded>,
    /// What the rules give, where they give something.
    pub computed: Option<Computed>,
    /// How the two stand to each other.
    pub verdict: Verdict,
    /// The containers and gates that decide.
    pub because: Vec<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

/// A condition as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Whether it holds.
    pub status: ConditionStatus,
    /// One word.
    pub reason: Option<String>,
    /// A sentence.
    pub message: Option<String>,
    /// Its lastTransitionTime.
    pub since: Option<StampedAt>,
}

/// What a container does, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerExplained {
    /// Its name.
    pub name: String,
    /// What it is to the pod.
    pub role: Role,
    /// `waiting(CrashLoopBackOff)`; `None` if nothing is reported of it.
    pub state: Option<String>,
    /// Sentences.
    pub because: Vec<String>,
}
