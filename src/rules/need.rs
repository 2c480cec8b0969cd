//! What must be known before something can be judged. Where it is not known, the judgement is "not known", never a guess.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::Clock;

/// A piece of knowledge that a judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The object as a whole.
    WholeObject,
    /// The place of the event among the others of the pod.
    CertainOrder,
    /// The event before.
    EventBefore,
    /// That nothing happened between the event before and this one.
    NoGapBefore,
    /// That the kubelet wrote the status: only then it follows from the object.
    KubeletWrite,
    /// Container statuses that no rule doubts.
    TrustedContainers,
    /// When the pod was created.
    CreationTime,
    /// A time of the event that does not come from what it is compared with.
    OwnClock,
    /// A report of the kubelet.
    Report,
    /// The pod's sandboxes, which no object shows.
    Sandbox,
    /// A rule of Kubernetes that gives the value.
    Rule,
}

impl Need {
    /// Whether it is known of an event. What the judge sees to itself, or no rule of `check` asks for, is.
    pub(super) fn is_met(self, context: &EventContext<'_>, diagnostics: &Diagnostics) -> bool {
        match self {
            Self::EventBefore => context.before().is_some(),
            Self::NoGapBefore => !context.is_after_gap,
            Self::KubeletWrite => context.is_by_kubelet(),
            Self::TrustedContainers => !diagnostics.doubts_containers(),
            // Recordings of simulators write their times in a form of their own: where not even the creation can be read,
            // none can.
            Self::CreationTime => context.pod().metadata.created_at.is_some(),
            Self::OwnClock => {
                let is_own = !matches!(context.event().window.clock, Clock::Status | Clock::None);
                is_own && context.pod().metadata.written_at.is_some()
            }
            Self::WholeObject | Self::CertainOrder | Self::Report | Self::Sandbox | Self::Rule => true,
        }
    }
}
