//! Between which times something was.

use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, StampedAt};

/// Between which times something was, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Not before this.
    pub earliest: ObservedAt,
    /// Not after this.
    pub latest: ObservedAt,
}

impl Bounds {
    /// A stamp of a whole second stands for all of that second, up to the time of the record that has it.
    pub(super) fn of_stamp(stamped: StampedAt, told_by: Option<ObservedAt>) -> Self {
        let earliest = ObservedAt::from_micros(stamped.micros());
        // Conditions and containers are stamped with whole seconds, cut off.
        let is_whole = stamped.micros().rem_euclid(SECOND_US) == 0;
        let end = if is_whole { ObservedAt::from_micros(stamped.micros() + SECOND_US - 1) } else { earliest };
        // A record older than its stamp comes from another clock.
        let latest = told_by.filter(|told| *told >= earliest).map_or(end, |told| end.min(told));
        Self { earliest, latest }
    }

    /// An Event has a time of its own.
    pub(super) fn of_second(at: ObservedAt) -> Self {
        Self::of_stamp(StampedAt::from_micros(at.micros()), None)
    }

    pub(super) fn later(self, other: Self) -> Self {
        Self { earliest: self.earliest.max(other.earliest), latest: self.latest.max(other.latest) }
    }
}
