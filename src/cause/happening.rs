//! One thing that happened to a pod, with who did it and why, each with the records that show it.

use std::sync::Arc;

use super::causes::Cause;
use super::kind::{Kind, Weight};
use crate::model::{Actor, ObservedAt, Seq};

/// Something that happened to one pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// What.
    pub kind: Kind,
    /// When; the best estimate.
    pub at: Option<ObservedAt>,
    /// Not after this.
    pub at_latest: Option<ObservedAt>,
    /// When it was over, or was so for the last time.
    pub until: Option<ObservedAt>,
    /// It was over: the pod went on.
    pub is_over: bool,
    /// Who did it, where that is known.
    pub by: Option<Arc<Actor>>,
    /// What more is told of it.
    pub detail: Detail,
    /// Why, as far as that is proved.
    pub because: Vec<Because>,
    /// How bad it is.
    pub weight: Weight,
    /// The records that show it.
    pub evidence: Vec<Seq>,
}

/// What more is told of something that happened; what does not apply is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The container.
    pub container: Option<Box<str>>,
    /// In one word.
    pub reason: Option<Box<str>>,
    /// In a sentence.
    pub message: Option<Box<str>>,
    /// How a container ended, each code once in a row.
    pub exit_codes: Vec<i64>,
    /// How often.
    pub count: usize,
    /// How often a container was started again behind it.
    pub restarts: usize,
    /// A container is in a crash loop.
    pub is_loop: bool,
    /// The node.
    pub node: Option<Box<str>>,
    /// How long, in all, in microseconds.
    pub for_us: Option<i64>,
    /// The name of what was asked for, or that took its place; empty where it has none.
    pub name: Option<Box<str>>,
    /// The namespace of what is no pod.
    pub namespace: Option<Box<str>>,
    /// Who says by an Event that it did it.
    pub source: Option<Box<str>>,
}

/// Why something happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Because {
    /// The cause, by the rule that found it.
    pub cause: Cause,
    /// The same in words that stand behind "because of" or a colon.
    pub text: Box<str>,
    /// The records that show it.
    pub evidence: Vec<Seq>,
}

impl Because {
    pub(super) fn new(cause: Cause, text: impl Into<Box<str>>, evidence: Vec<Seq>) -> Self {
        Self { cause, text: text.into(), evidence }
    }

    /// Whether it is something that somebody did to what the pod belonged to.
    #[must_use]
    pub fn is_act(&self) -> bool {
        matches!(
            self.cause,
            Cause::OwnerDeleted | Cause::Rollout | Cause::Scale | Cause::NamespaceDeleted | Cause::OwnerChanged
        )
    }
}

impl Happening {
    /// A container ended well, each time.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.detail.exit_codes == [0]
    }

    pub(super) fn new(kind: Kind, weight: Weight, at: Option<ObservedAt>, evidence: Seq) -> Self {
        Self {
            kind,
            at,
            at_latest: at,
            until: None,
            is_over: false,
            by: None,
            detail: Detail { count: 1, ..Detail::default() },
            because: Vec::new(),
            weight,
            evidence: vec![evidence],
        }
    }
}
