//! An entry of the log, and the window of time in which it must have happened.

use std::sync::Arc;

use super::actor::Actor;
use super::id::{ResourceVersion, Seq};
use super::pod::Pod;
use super::time::ObservedAt;
use super::words::words;

words! {
    /// What a record says of its object.
    EventKind {
        /// A watch event: the object entered the watch (created, or there when the watch began).
        Added = "ADDED",
        /// A watch event: the object was written.
        Modified = "MODIFIED",
        /// A watch event: the object was removed, or left the selection of the watch.
        Deleted = "DELETED",
        /// A watch event that carries a resourceVersion only.
        Bookmark = "BOOKMARK",
        /// A watch event that ends the stream, for example 410 Expired.
        Error = "ERROR",
        /// An object without a watch event around it: an item of a list, or `kubectl get -w -o json`.
        Observed = "OBSERVED",
        /// What kubectl printed of a pod for people: a part of its object, as of then.
        Printed = "PRINTED",
        /// The beginning of a list; its items follow as `OBSERVED`.
        ListBegin = "LIST-BEGIN",
        /// The end of a list; carries the list's resourceVersion.
        ListEnd = "LIST-END",
        /// A request to the API server, told without the object that came of it: it is applied to the object as known.
        Request = "REQUEST",
        /// A core/v1 Event about a pod: it stands beside the pod and is never part of its state.
        CoreEvent = "EVENT",
        /// A node: its readiness stands beside the pods that run on it.
        Node = "NODE",
        /// A request about pods that the API server refused: it stands beside them, and nothing came of it.
        Refused = "REFUSED",
        /// A request that wrote something else than a pod: a workload, a node, a namespace.
        Act = "ACT",
        /// A workload as a watch shows it: what changed of it stands beside its pods.
        Workload = "WORKLOAD",
        /// The time at which a dump of a cluster began or ended, which `oc adm must-gather` writes beside the files.
        Taken = "TAKEN",
        /// What stands before the records that one document wraps.
        WrapBegin = "WRAP-BEGIN",
        /// What stands between them.
        WrapMiddle = "WRAP-MIDDLE",
        /// What stands behind them.
        WrapEnd = "WRAP-END",
        /// A document as it came that holds records not as they are: as texts, packed. They follow as they were found in it.
        Envelope = "ENVELOPE",
        /// Behind the last of them.
        EnvelopeEnd = "ENVELOPE-END",
    }
}

/// One write to a pod, as the log saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchEvent {
    /// The position in the log of the record that shows this revision best.
    pub seq: Seq,
    /// What the record said.
    pub kind: EventKind,
    /// When it happened.
    pub window: Window,
    /// The whole object after the write (DELETED: the last one).
    pub pod: Arc<Pod>,
    /// How the object is known.
    pub provenance: Provenance,
    /// Who made the write, where that is known.
    pub by: Option<Arc<Actor>>,
}

/// How the object of an event is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Provenance {
    /// A record shows it as a whole.
    #[default]
    Observed,
    /// A request was applied to an object that was known as a whole.
    Reconstructed,
    /// Requests were applied, but the object that they were made of is known only in part.
    Partial,
    /// Something was written that is not told: the object is as it was known before. Why it is not told.
    Unknown(Box<str>),
}

impl Provenance {
    /// Whether the object is what the cluster had then. Only of such a one something follows from what is not in it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Observed | Self::Reconstructed => true,
            Self::Partial | Self::Unknown(_) => false,
        }
    }

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Observed => "shown",
            Self::Reconstructed => "derived",
            Self::Partial => "partly",
            Self::Unknown(_) => "untold",
        }
    }
}

impl WatchEvent {
    /// The version that this write made.
    #[must_use]
    pub fn resource_version(&self) -> Option<&ResourceVersion> {
        self.pod.metadata.resource_version.as_ref()
    }
}

impl EventKind {
    /// Whether a record of this kind shows a pod as a whole.
    #[must_use]
    pub fn shows_pod(&self) -> bool {
        matches!(self, Self::Added | Self::Modified | Self::Deleted | Self::Observed | Self::Printed | Self::Other(_))
    }

    /// Whether a record of this kind shows a pod as somebody found it, and not a write of it.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        matches!(self, Self::Observed | Self::Printed)
    }

    /// Whether a record of this kind names what it is about, be it a pod or not.
    #[must_use]
    pub fn has_target(&self) -> bool {
        matches!(self, Self::Request | Self::CoreEvent | Self::Node | Self::Refused | Self::Act | Self::Workload)
    }

    /// Whether a record of this kind may stand between those of a list of pods without being part of it.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        matches!(
            self,
            Self::Bookmark | Self::CoreEvent | Self::Node | Self::Refused | Self::Act | Self::Workload | Self::Taken
        ) || self.is_around()
    }

    /// Whether a record of this kind only keeps what stood around others.
    #[must_use]
    pub fn is_around(&self) -> bool {
        matches!(self, Self::WrapBegin | Self::WrapMiddle | Self::WrapEnd | Self::Envelope | Self::EnvelopeEnd)
    }
}

/// The time between which an event happened, and what that rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Not before this; the best estimate. `None` if nothing in the recording tells.
    pub at: Option<ObservedAt>,
    /// Not after this. `None` if nothing later bounds it.
    pub at_latest: Option<ObservedAt>,
    /// What `at` rests on.
    pub clock: Clock,
}

impl Window {
    /// Nothing is known of the time.
    pub const NONE: Self = Self { at: None, at_latest: None, clock: Clock::None };
}

/// What the time of an event rests on, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clock {
    /// The API server's audit log: the answer to the request was complete.
    Audit,
    /// Whoever recorded it took the time at which it arrived.
    Received,
    /// The API server's own stamps: the newest `metadata.managedFields[].time`, the creation, the deletion request.
    ManagedFields,
    /// The newest time in the object, where managedFields are missing: conditions, containers, start, creation.
    Status,
    /// An event with a lower resourceVersion happened then, and this object carries nothing newer.
    Inherited,
    /// No time at all.
    None,
}

impl Clock {
    /// All clocks, best first.
    pub const ALL: [Self; 6] =
        [Self::Audit, Self::Received, Self::ManagedFields, Self::Status, Self::Inherited, Self::None];

    /// The clock of a word; `None` for a word that is none.
    #[must_use]
    pub fn of_word(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|clock| Some(clock.as_str()) == word).unwrap_or(Self::None)
    }

    /// The word used in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Received => "received",
            Self::ManagedFields => "managedFields",
            Self::Status => "status",
            Self::Inherited => "inherited",
            Self::None => "none",
        }
    }
}
