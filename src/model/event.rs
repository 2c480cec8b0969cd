//! An entry of the log, and the window of time in which it must have happened.

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
        /// The beginning of a list; its items follow as `OBSERVED`.
        ListBegin = "LIST-BEGIN",
        /// The end of a list; carries the list's resourceVersion.
        ListEnd = "LIST-END",
    }
}

/// One write to a pod, as the log saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchEvent {
    /// The position in the log of the best sighting of this write.
    pub seq: Seq,
    /// What the record said.
    pub kind: EventKind,
    /// When it happened.
    pub window: Window,
    /// The whole object after the write (DELETED: the last one).
    pub pod: Pod,
}

impl WatchEvent {
    /// The version that this write made.
    #[must_use]
    pub fn resource_version(&self) -> Option<&ResourceVersion> {
        self.pod.metadata.resource_version.as_ref()
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

/// What the time of an event rests on, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clock {
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
    pub const ALL: [Self; 4] = [Self::ManagedFields, Self::Status, Self::Inherited, Self::None];

    /// The clock of a word; `None` for a word that is none.
    #[must_use]
    pub fn of_word(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|clock| Some(clock.as_str()) == word).unwrap_or(Self::None)
    }

    /// The word used in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ManagedFields => "managedFields",
            Self::Status => "status",
            Self::Inherited => "inherited",
            Self::None => "none",
        }
    }
}
