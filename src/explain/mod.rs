//! Why the phase, the conditions and the containers of a pod are what they are at a moment, in words: which container and
//! which rule of `docs/semantics.md` give them, and what the rules' judgement of a recorded value rests on. It judges nothing
//! itself; pure.

mod conditions;
mod containers;
mod explanation;
mod phase;
#[cfg(test)]
mod tests;
mod words;

pub use explanation::{ConditionExplained, ContainerExplained, Explanation, PhaseExplained, Recorded};

use crate::kubelet::reasons::{Place, Reason, lookup};
use crate::model::Pod;
use crate::rules::EventJudgement;

/// Words the judgement of an event.
#[must_use]
pub fn explain(judgement: &EventJudgement<'_>) -> Explanation {
    let (reasons, unknown_reasons) = reasons(judgement.pod());
    Explanation {
        phase: phase::explain(judgement),
        conditions: conditions::explain(judgement),
        containers: containers::explain(judgement),
        reasons,
        unknown_reasons,
    }
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
