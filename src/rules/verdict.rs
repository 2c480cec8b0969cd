//! The judgement of one subject at one event.

use super::author::Author;
use super::finding::Finding;
use super::need::Need;
use crate::kubelet::conditions::Computed;
use crate::kubelet::{Derived, Facts};
use crate::model::Phase;

/// How what is recorded stands to what Kubernetes' rules give.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It is the same.
    Agrees,
    /// It differs, and there is a lawful cause.
    Allowed(Allowance),
    /// It is against a rule: an error of `check` stands.
    Against(Box<Finding>),
    /// It cannot be told.
    NotKnown(Need),
}

/// Why a value may lawfully differ from the one that the object gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// The node rejected the pod at admission: its containers were never asked (H9).
    Rejected,
    /// No kubelet has reported on the pod yet.
    NotReported,
    /// The pod was active longer than its activeDeadlineSeconds (H3).
    DeadlineExceeded,
    /// The kubelet ended the pod for this reason of its own (H5).
    Killed(Box<str>),
    /// Another client wrote it (H10, T7).
    OtherWriter(Author),
    /// The node lifecycle controller marked the pod of a lost node unready, or somebody did so in the same way (C9).
    NodeLost(Option<Author>),
    /// The kubelet has computed this terminal phase and keeps the old one in the API until all has stopped (H6).
    HeldBack {
        /// What it has computed.
        phase: Phase,
        /// The reason of ContainersReady tells so (I2a).
        is_told: bool,
    },
    /// What had not ended when the pod was over was declared ended (H7).
    DeclaredEnded,
    /// The write that declares so computes no conditions (H7, I7).
    ConditionsOfBefore,
    /// The last writes to a pod that is over leave the conditions alone (H7, I7).
    LeftAlone,
    /// A terminal phase stays whatever the containers do (H1).
    TerminalStays,
    /// Every container is being started again, and what ran counts no longer (R3).
    RestartingAll,
    /// It follows from what the kubelet wrote last; others changed the object since.
    NotFollowedYet,
    /// The kubelet has not seen the newest readiness gates yet (C4).
    GatesUnseen,
    /// A probe's result was published without computing the condition anew (C5c, I8).
    ProbePublished,
    /// Right after a sandbox was lost one write shows its containers (I5).
    SandboxLost,
}

impl Verdict {
    /// The word of the document.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Allowed(_) => "lawful",
            Self::Against(_) => "differs",
            Self::NotKnown(_) => "notDerived",
        }
    }

    /// An error of `check` stands.
    #[must_use]
    pub fn is_against(&self) -> bool {
        matches!(self, Self::Against(_))
    }
}

/// The judgement of the phase.
#[derive(Debug, Clone)]
pub struct PhaseJudgement {
    /// How it stands.
    pub verdict: Verdict,
    /// What the containers give, and by which rule: that the kubelet is done with the pod is assumed only where nothing less
    /// gives the phase.
    pub derived: Derived,
    /// What that was derived from.
    pub facts: Facts,
    /// The event since which it is what it is, by its place.
    pub since: usize,
    /// Who made it so, if another client did.
    pub author: Option<Author>,
}

/// The judgement of a condition.
#[derive(Debug, Clone)]
pub struct ConditionJudgement {
    /// Its type.
    pub kind: Box<str>,
    /// How it stands.
    pub verdict: Verdict,
    /// What the rules give, where they give something.
    pub computed: Option<Computed>,
    /// Who made it what it is, if another client did.
    pub author: Option<Author>,
}
