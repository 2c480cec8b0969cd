//! A time of which nothing was recorded, and why.

use crate::model::{ObservedAt, Seq};

/// A part of a pod's life of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Why it is there.
    pub kind: GapKind,
    /// Of a pod that vanished between two recordings: the one whose list does not tell of it.
    pub list: Option<i64>,
    /// The last event before it; `None` if it reaches back to the beginning.
    pub after: Option<Seq>,
    /// The first event behind it; `None` if none followed.
    pub before: Option<Seq>,
    /// When it began.
    pub from: Option<ObservedAt>,
    /// When it ended; `None` if it is open.
    pub until: Option<ObservedAt>,
}

impl Gap {
    /// It has no length: nothing is told of it in words. Within its second something may be missing all the same.
    #[must_use]
    pub fn is_momentary(&self) -> bool {
        let is_stretch = matches!(self.kind, GapKind::StartsMidLife | GapKind::Relist | GapKind::BetweenRecordings);
        is_stretch && self.from.is_some() && self.from == self.until
    }
}

/// Why something was not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapKind {
    /// The recording begins in the middle of the pod's life.
    StartsMidLife,
    /// The watch ended with an ERROR, usually 410 Expired.
    WatchError,
    /// The watch was begun anew, without an ERROR.
    Relist,
    /// A list held other pods, but not this one: it was deleted in between, or that list does not select it.
    Vanished,
    /// One recording of the pod had ended, the next had not begun.
    BetweenRecordings,
    /// Something was written that the log does not tell.
    Untold {
        /// What was asked for, and why it is not known what that did.
        what: Box<str>,
    },
    /// The object before is not recorded: only what requests wrote is known of it.
    Partial,
    /// The audit logs of the cluster hold no write of a status: from the binding on nothing tells of it but objects that are
    /// shown for another reason.
    StatusNotLogged,
    /// A container was started more than once between two events.
    RestartsUnseen {
        /// Which container.
        container: Box<str>,
        /// How many runs left no trace.
        runs: i64,
    },
}

impl GapKind {
    /// Whether whole events may be missing; of unseen restarts the events tell themselves.
    #[must_use]
    pub fn hides_events(&self) -> bool {
        match self {
            Self::StartsMidLife
            | Self::WatchError
            | Self::Relist
            | Self::Vanished
            | Self::BetweenRecordings
            | Self::Untold { .. }
            | Self::Partial
            | Self::StatusNotLogged => true,
            Self::RestartsUnseen { .. } => false,
        }
    }

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::StartsMidLife => "startsMidLife",
            Self::WatchError => "watchError",
            Self::Relist => "relist",
            Self::Vanished => "vanished",
            Self::BetweenRecordings => "betweenRecordings",
            Self::Untold { .. } => "untold",
            Self::Partial => "partial",
            Self::StatusNotLogged => "statusNotLogged",
            Self::RestartsUnseen { .. } => "restartsUnseen",
        }
    }
}
