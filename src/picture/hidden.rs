//! Where a row shows what was known last, because nothing was recorded.

use super::row::Lane;
use crate::replay::Subject;
use crate::report::PodReport;
use crate::timeline::{Gap, GapKind, Stretch};

/// A stretch of a row that is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden<'a> {
    /// From when to when.
    pub stretch: Stretch,
    /// Why.
    pub gap: &'a Gap,
}

/// What is not recorded of a row, in the order in which the gaps are told. An open end is that of the pod.
#[must_use]
pub fn hidden<'a>(report: &'a PodReport, lane: &Lane) -> Vec<Hidden<'a>> {
    let Some((first, end)) = report.timeline.bounds().map(|(first, _)| first).zip(report.ends_at()) else {
        return Vec::new();
    };
    let placed = |gap: &'a Gap| {
        let stretch = Stretch::new(gap.from.unwrap_or(first), gap.until.unwrap_or(end));
        Hidden { stretch, gap }
    };
    report.gaps.iter().filter(|gap| hides(gap, lane)).map(placed).collect()
}

/// Whether a gap is one of a row.
#[must_use]
pub fn hides(gap: &Gap, lane: &Lane) -> bool {
    match &gap.kind {
        GapKind::StartsMidLife
        | GapKind::WatchError
        | GapKind::Relist
        | GapKind::Vanished
        | GapKind::BetweenRecordings
        | GapKind::Untold { .. }
        | GapKind::Partial => true,
        // All else that the pod went through meanwhile is recorded.
        GapKind::RestartsUnseen { container, .. } => {
            matches!(lane, Lane::Subject(Subject::Container(name, _)) if name == container)
        }
    }
}
