//! What became slower, or faster, from one recording to another.

use super::pod::PodLatency;
use super::steps::Step;
use super::sums::{Group, QUANTILES, StepSums, grouped};

/// A step that pods of two recordings took, with the quantiles that differ by more than their bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepChange {
    /// Which step.
    pub step: Step,
    /// How many pods took it, on either side.
    pub pods: [usize; 2],
    /// What differs.
    pub quantiles: Vec<QuantileChange>,
}

/// A quantile of two recordings whose bounds lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantileChange {
    /// Its name.
    pub name: &'static str,
    /// At least and at most, on either side, in microseconds.
    pub bounds: [(i64, i64); 2],
}

impl QuantileChange {
    /// The second side took longer.
    #[must_use]
    pub fn is_slower(&self) -> bool {
        self.bounds[1].0 > self.bounds[0].1
    }
}

/// The steps that the pods of `after` took longer for than those of `before`, or shorter: by more than `tolerance_us`, whatever lies within
/// the bounds.
#[must_use]
pub fn changes(before: &[PodLatency], after: &[PodLatency], tolerance_us: i64) -> Vec<StepChange> {
    let [before, after] = [before, after].map(|pods| grouped(pods, None).pop());
    let steps = |group: &Option<Group>| group.as_ref().map(|group| group.steps.clone()).unwrap_or_default();
    let after = steps(&after);
    let same = |before: &StepSums| Some((before.clone(), after.iter().find(|it| it.step == before.step)?.clone()));
    let changed = |(before, after): (StepSums, StepSums)| {
        let quantiles = QUANTILES.iter().filter_map(|(name, hundredths)| {
            let bounds = [before.quantile(*hundredths), after.quantile(*hundredths)];
            lie_apart(bounds, tolerance_us).then_some(QuantileChange { name, bounds })
        });
        let quantiles: Vec<QuantileChange> = quantiles.collect();
        let pods = [before.count, after.count];
        (!quantiles.is_empty()).then_some(StepChange { step: before.step, pods, quantiles })
    };
    steps(&before).iter().filter_map(same).filter_map(changed).collect()
}

fn lie_apart([before, after]: [(i64, i64); 2], tolerance_us: i64) -> bool {
    let longer = |(_, most): (i64, i64), (least, _): (i64, i64)| least.saturating_sub(most) > tolerance_us;
    longer(before, after) || longer(after, before)
}

#[cfg(test)]
mod tests {
    use super::lie_apart;

    #[test]
    fn what_the_bounds_explain_is_no_change() {
        let second = 1_000_000;
        let table = [
            ([(3, 5), (6, 8)], 0, true),
            ([(3, 5), (6, 8)], 1, false),
            ([(3, 5), (5, 8)], 0, false),
            ([(6, 8), (3, 5)], 0, true),
            ([(3, 5), (4, 4)], 0, false),
        ];
        for (bounds, tolerance, expected) in table {
            let bounds = bounds.map(|(least, most)| (least * second, most * second));
            assert_eq!(lie_apart(bounds, tolerance * second), expected, "{bounds:?} {tolerance}");
        }
    }
}
