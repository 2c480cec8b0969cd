//! Why the phase, the conditions and the containers of a pod are what they are at a moment: which container and which
//! rule of `docs/semantics.md` give them, and what speaks for a recorded value that the rules do not give. Sentences of
//! plain text, as nothing but the words differs between those who show them; pure.

mod conditions;
mod containers;
mod past;
mod phase;

use crate::kubelet::conditions::Computed;
use crate::kubelet::reasons::{Place, Reason, lookup};
use crate::kubelet::{Derived, Features};
use crate::model::{ConditionStatus, ObservedAt, Phase, Pod, Role, StampedAt, WatchEvent};
use past::Past;

/// Why a pod is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// How what was recorded stands to what the rules give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are the same.
    Agrees,
    /// They differ, and there is a lawful cause.
    Lawful,
    /// They differ, and no cause is known.
    Differs,
    /// The rules give nothing that could be compared.
    NotDerived,
}

impl Verdict {
    /// The word of the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Lawful => "lawful",
            Self::Differs => "differs",
            Self::NotDerived => "notDerived",
        }
    }
}

/// Why the phase is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Explains the last of these events of one pod, given in the order of their writes; `None` if there is none.
#[must_use]
pub fn explain(events: &[WatchEvent], features: Features) -> Option<Explanation> {
    let past = Past::new(events, features)?;
    let (reasons, unknown_reasons) = reasons(past.pod);
    Some(Explanation {
        phase: phase::explain(&past),
        conditions: conditions::explain(&past),
        containers: containers::explain(&past),
        reasons,
        unknown_reasons,
    })
}

/// The reasons that stand on a pod, in the order in which the explanation comes to them.
fn reasons(pod: &Pod) -> (Vec<&'static Reason>, Vec<String>) {
    let (mut known, mut unknown): (Vec<&'static Reason>, Vec<String>) = (Vec::new(), Vec::new());
    let mut add = |word: &Option<Box<str>>, stands: &dyn Fn(Place) -> bool| {
        let Some(word) = word.as_deref().filter(|word| !word.is_empty()) else { return };
        let mut here = lookup(word).into_iter().filter(|reason| stands(reason.place)).peekable();
        if here.peek().is_none() && !unknown.iter().any(|known| known == word) {
            unknown.push(word.to_owned());
        }
        for reason in here {
            if !known.contains(&reason) {
                known.push(reason);
            }
        }
    };
    add(&pod.status.reason, &|place| place == Place::Pod);
    for condition in &pod.status.conditions {
        add(&condition.reason, &|place| matches!(place, Place::Condition(types) if types.contains(&&*condition.kind)));
    }
    for (_, status) in pod.container_statuses() {
        for state in [&status.state, &status.last] {
            if let Some(waiting) = &state.waiting {
                add(&waiting.reason, &|place| place == Place::Waiting);
            }
            if let Some(run) = &state.terminated {
                add(&run.reason, &|place| place == Place::Terminated);
            }
        }
    }
    (known, unknown)
}
