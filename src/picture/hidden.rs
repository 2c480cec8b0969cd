//! Where a row shows what was known last, because nothing was recorded.

use super::row::Lane;
use crate::replay::Subject;
use crate::report::PodReport;
use crate::timeline::{Gap, GapKind, TimeRange};

/// A stretch of a row that is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden<'a> {
    /// From when to when.
    pub range: TimeRange,
    /// Why.
    pub gap: &'a Gap,
}

/// What is not recorded of a row, in the order in which the gaps are told. An open end is that of the pod.
#[must_use]
pub fn hidden<'a>(report: &'a PodReport, lane: &Lane) -> Vec<Hidden<'a>> {
    let Some(lived) = report.lived() else { return Vec::new() };
    let placed = |gap: &'a Gap| Hidden { range: stretch_of(gap, &lived), gap };
    report.gaps.iter().filter(|gap| hides(gap, lane)).map(placed).collect()
}

/// From when to when a gap of a pod that lived then reaches. An open end is that of the pod.
pub(super) fn stretch_of(gap: &Gap, lived: &TimeRange) -> TimeRange {
    TimeRange::new(gap.from.unwrap_or(lived.from), gap.until.unwrap_or(lived.until))
}

/// The part of a gap that is seen in a time range; none of one that only touches it.
#[must_use]
pub fn seen(gap: &Gap, lived: &TimeRange, frame: &TimeRange) -> Option<TimeRange> {
    let whole = stretch_of(gap, lived);
    whole.common(frame).filter(|part| part.length_us() > 0 || whole.length_us() == 0)
}

/// Whether a gap is one of a row.
#[must_use]
pub fn hides(gap: &Gap, lane: &Lane) -> bool {
    // All else that the pod went through meanwhile is recorded.
    let is_container =
        |container: &str| matches!(lane, Lane::Subject(Subject::Container(name, _)) if **name == *container);
    if let GapKind::RestartsUnseen { container, .. } = &gap.kind {
        is_container(container)
    } else {
        gap.kind.hides_events()
    }
}
