//! One reason, and where it stands.

/// One reason at one place. The same word at another place is another entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The word as it is written. `OutOf<resource>` is a family: every word that begins with `OutOf`.
    pub word: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Who writes it.
    pub writer: &'static str,
    /// The versions of Kubernetes in which it is written, as far as they are known.
    pub versions: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to look at next.
    pub next: &'static str,
    /// The rules of `docs/semantics.md` that speak of it.
    pub rules: &'static [&'static str],
}

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `status.reason`.
    Pod,
    /// The reason of a condition of one of these types.
    Condition(&'static [&'static str]),
    /// `state.waiting.reason` of a container.
    Waiting,
    /// `state.terminated.reason` or `lastState.terminated.reason` of a container.
    Terminated,
    /// The column STATUS of `kubectl get pods`; not on the pod.
    Column,
    /// The reason of a core/v1 Event about the pod; not on the pod.
    Event,
    /// The message of a node's condition Ready; not on the pod.
    Node,
    /// The kubelet's log; not on the pod.
    Log,
}

impl Place {
    /// The place in one word, as it stands in the documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Condition(_) => "condition",
            Self::Waiting => "waiting",
            Self::Terminated => "terminated",
            Self::Column => "column",
            Self::Event => "event",
            Self::Node => "node",
            Self::Log => "log",
        }
    }
}

impl Reason {
    /// What the words of a family begin with; `None` if it is one word.
    pub(super) fn prefix(&self) -> Option<&'static str> {
        self.word.split_once('<').map(|(prefix, _)| prefix)
    }

    /// The first sentence of the meaning.
    #[must_use]
    pub fn first_sentence(&self) -> &'static str {
        self.meaning.find(". ").map_or(self.meaning, |end| &self.meaning[..=end])
    }
}
