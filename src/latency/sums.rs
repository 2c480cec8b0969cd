//! Many pods: how many took a step, and how long, by quantiles.

use std::collections::BTreeMap;

use super::moments::Milestone;
use super::pod::{By, PodLatency};
use super::steps::{Step, StepTaken, steps_of};

/// The quantiles of the table and of the JSON: their names, and how many hundredths.
pub const QUANTILES: [(&str, usize); 4] = [("P50", 50), ("P90", 90), ("P99", 99), ("max", 100)];

/// Pods that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What that is; empty for all pods.
    pub name: String,
    /// How many there are.
    pub pods: usize,
    /// The steps that they took, in their usual order.
    pub steps: Vec<StepSums>,
}

/// How long pods took for a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSums {
    /// Which step.
    pub step: Step,
    /// How many took it.
    pub count: usize,
    /// The lower bounds, sorted.
    least_us: Vec<i64>,
    /// The upper bounds, sorted.
    most_us: Vec<i64>,
    /// The middles between the bounds of each pod, sorted.
    middle_us: Vec<i64>,
}

impl StepSums {
    /// The quantile of so many hundredths, of the lower and of the upper bounds. The true one lies between: quantiles are monotone.
    #[must_use]
    pub fn quantile(&self, hundredths: usize) -> (i64, i64) {
        let place = (self.count * hundredths).div_ceil(100).clamp(1, self.count) - 1;
        (self.least_us[place], self.most_us[place])
    }

    /// How many took up to so long in the middle between their bounds, for each of the limits, and how many longer.
    #[must_use]
    pub fn histogram(&self, limits_us: &[i64]) -> Vec<usize> {
        let mut counts = vec![0; limits_us.len() + 1];
        for middle in &self.middle_us {
            counts[limits_us.partition_point(|limit| limit < middle)] += 1;
        }
        counts
    }
}

/// The pods in groups, the slowest to be ready first; all in one without a criterion.
#[must_use]
pub fn grouped(pods: &[PodLatency], by: Option<By>) -> Vec<Group> {
    let is_of_one = |pod: &PodLatency| pods.first().is_some_and(|first| first.identity.cluster == pod.identity.cluster);
    let is_one_cluster = by.is_none() || pods.iter().all(is_of_one);
    let mut groups: BTreeMap<String, Vec<&PodLatency>> = BTreeMap::new();
    for pod in pods {
        for name in names(pod, by) {
            let name = if is_one_cluster { name } else { format!("{}: {name}", pod.identity.cluster) };
            groups.entry(name).or_default().push(pod);
        }
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(name, pods)| sums(name, &pods)).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.whole().map(|whole| whole.quantile(90))));
    groups
}

impl Group {
    /// How long its pods took to be ready.
    #[must_use]
    pub fn whole(&self) -> Option<&StepSums> {
        self.steps.iter().find(|it| it.step == Step::Between(Milestone::Created, Milestone::Ready))
    }
}

fn names(pod: &PodLatency, by: Option<By>) -> Vec<String> {
    const NONE: &str = "-";
    match by {
        None => vec![String::new()],
        Some(By::Owner) => {
            let owner = pod.owner.as_ref();
            vec![owner.map_or(NONE.to_owned(), |it| {
                format!("{} {}/{}", it.kind.to_ascii_lowercase(), pod.identity.namespace, it.name)
            })]
        }
        Some(By::Node) => vec![pod.node.as_deref().unwrap_or(NONE).to_owned()],
        Some(By::Namespace) => vec![pod.identity.namespace.clone()],
        Some(By::Image) => {
            let mut images: Vec<String> = pod.images.iter().map(ToString::to_string).collect();
            images.sort_unstable();
            images.dedup();
            if images.is_empty() { vec![NONE.to_owned()] } else { images }
        }
    }
}

fn sums(name: String, pods: &[&PodLatency]) -> Group {
    let mut steps: BTreeMap<Place, (Step, Vec<StepTaken>)> = BTreeMap::new();
    for taken in pods.iter().flat_map(|pod| steps_of(&pod.moments)) {
        steps.entry(place(taken.step)).or_insert_with(|| (taken.step, Vec::new())).1.push(taken);
    }
    let sums = |(step, taken): (Step, Vec<StepTaken>)| {
        let sorted = |of: fn(&StepTaken) -> i64| {
            let mut all: Vec<i64> = taken.iter().map(of).collect();
            all.sort_unstable();
            all
        };
        let (least_us, most_us) = (sorted(|it| it.least_us), sorted(|it| it.most_us));
        let middle_us = sorted(|it| it.least_us + (it.most_us - it.least_us) / 2);
        StepSums { step, count: taken.len(), least_us, most_us, middle_us }
    };
    Group { name, pods: pods.len(), steps: steps.into_values().map(sums).collect() }
}

/// Where a step stands among the others: the whole behind its parts, the end behind all.
type Place = (u8, usize, usize);

fn place(step: Step) -> Place {
    let of = |milestone: Milestone| Milestone::ALL.iter().position(|known| *known == milestone).unwrap_or_default();
    match step {
        Step::Between(Milestone::DeletionAsked, to) => (3, of(Milestone::DeletionAsked), of(to)),
        Step::Between(Milestone::Created, Milestone::Ready) => (1, 0, 0),
        Step::Startup => (2, 0, 0),
        Step::Between(from, to) => (0, of(from), of(to)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, StepSums};
    use crate::latency::Milestone;

    #[test]
    fn a_quantile_lies_between_those_of_the_bounds() {
        let step = Step::Between(Milestone::Created, Milestone::Ready);
        let sums = StepSums {
            step,
            count: 4,
            least_us: vec![0, 1, 2, 9],
            most_us: vec![1, 2, 3, 10],
            middle_us: vec![0, 2, 2, 9],
        };
        let told: Vec<(i64, i64)> = [0, 25, 50, 90, 99, 100].iter().map(|it| sums.quantile(*it)).collect();
        assert_eq!(told, [(0, 1), (0, 1), (1, 2), (9, 10), (9, 10), (9, 10)]);
        assert_eq!(sums.histogram(&[1, 2]), [1, 2, 1]);
    }
}
