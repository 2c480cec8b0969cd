//! A point in the life of a cluster, and which of two comes before the other.

use std::cmp::Ordering;

use crate::model::{ObservedAt, ResourceVersion};

/// A point in the life of a cluster: a version, and when that was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Point {
    /// The version.
    pub version: Option<ResourceVersion>,
    /// Not before this.
    pub at: Option<ObservedAt>,
}

impl Point {
    /// A moment without a version, in microseconds since 1970.
    #[must_use]
    pub fn at(micros: i64) -> Self {
        Self { version: None, at: Some(ObservedAt::from_micros(micros)) }
    }

    /// By versions where both have one that is a number, else by time. `None` if neither can be compared.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        let numbers = number(self.version.as_ref()).zip(number(other.version.as_ref()));
        let times = || self.at.zip(other.at).map(|(own, other)| own.cmp(&other));
        numbers.map(|(own, other)| own.cmp(&other)).or_else(times)
    }

    /// Whether it is known to lie before another.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Less)
    }

    /// By time, then by version: a total order for sorting.
    pub(super) fn order(&self) -> (Option<ObservedAt>, Option<u128>) {
        (self.at, number(self.version.as_ref()))
    }
}

/// The number of a version that is one.
pub(super) fn number(version: Option<&ResourceVersion>) -> Option<u128> {
    version.and_then(ResourceVersion::number)
}
