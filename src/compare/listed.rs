//! A list held against what other recordings say at its version. Pure.

use crate::model::{PodIdentity, ResourceVersion};

/// What is known of one pod at the version of a list.
#[derive(Debug, Clone)]
pub struct PodAtList {
    /// Which pod.
    pub identity: PodIdentity,
    /// The version that the list shows.
    pub listed: Option<ResourceVersion>,
    /// The newest version, up to that of the list, that the other recordings tell; whether that is its deletion.
    pub told: Option<(ResourceVersion, bool)>,
    /// The other recordings would have told of the version that the list shows.
    pub would_be_told: bool,
    /// The list would tell of the pod.
    pub would_be_listed: bool,
    /// Where the objects of one version differ.
    pub differing: Vec<String>,
}

/// One point in which a list differs from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDifference {
    /// Which pod.
    pub identity: PodIdentity,
    /// What sort of difference.
    pub kind: ListDifferenceKind,
    /// It, in words.
    pub message: String,
}

/// A sort of difference between a list and the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListDifferenceKind {
    /// The list shows a version that the log does not tell.
    Untold,
    /// The list shows an older version than the log tells by then.
    Older,
    /// The list shows a pod that the log tells deleted.
    Deleted,
    /// The list does not show a pod that lives in the log.
    Missing,
    /// One version has two contents.
    Content,
}

impl ListDifferenceKind {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untold => "untold",
            Self::Older => "older",
            Self::Deleted => "deleted",
            Self::Missing => "missing",
            Self::Content => "content",
        }
    }
}

/// How the list differs from the log in this pod; `None` if it agrees, or if nothing proves that it does not.
#[must_use]
pub fn list_difference(pod: &PodAtList) -> Option<ListDifference> {
    use ListDifferenceKind as Kind;
    let (kind, message) = match (&pod.listed, &pod.told) {
        (Some(listed), Some((told, true))) => {
            (Kind::Deleted, format!("listed at resourceVersion {listed}, but deleted in the log at {told}"))
        }
        (Some(listed), Some((told, false))) if listed < told => {
            (Kind::Older, format!("listed at resourceVersion {listed}, but the log already has {told}"))
        }
        (Some(listed), Some((told, false))) if listed > told && pod.would_be_told => {
            (Kind::Untold, format!("listed at resourceVersion {listed}, which the log does not have; it has {told}"))
        }
        (Some(listed), Some((told, false))) if listed == told && !pod.differing.is_empty() => {
            let paths = pod.differing.join(", ");
            (Kind::Content, format!("resourceVersion {listed} has other content in the log: {paths}"))
        }
        (Some(listed), None) if pod.would_be_told => {
            (Kind::Untold, format!("listed at resourceVersion {listed}, but the log does not have this pod"))
        }
        (None, Some((told, false))) if pod.would_be_listed => {
            (Kind::Missing, format!("not listed, but alive in the log at resourceVersion {told}"))
        }
        (Some(_), Some((_, false)) | None) | (None, Some(_) | None) => return None,
    };
    Some(ListDifference { identity: pod.identity.clone(), kind, message })
}
