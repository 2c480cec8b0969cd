//! The steps between milestones, and what users and the startup objective count.

use super::bounds::Bounds;
use super::moments::{Milestone, Moments};

/// From where to where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// From one milestone to the next that is known.
    Between(Milestone, Milestone),
    /// Created until the containers were started, without the pulls of images and without init containers: what the pod startup objective of
    /// Kubernetes counts.
    Startup,
}

impl Step {
    /// In JSON, and in text with an arrow.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Between(from, to) => (from.as_str(), to.as_str()),
            Self::Startup => ("created", "started, without images and init"),
        }
    }
}

/// How long a step took: at least, and at most, in microseconds. Two clocks may make it negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepTaken {
    /// Which step.
    pub step: Step,
    /// At least.
    pub least_us: i64,
    /// At most.
    pub most_us: i64,
}

/// The steps that a pod took, as far as both ends of each are known.
#[must_use]
pub fn steps_of(moments: &Moments) -> Vec<StepTaken> {
    use Milestone::{Created, DeletionAsked, Gone, Ready, Started};
    let birth: Vec<(Milestone, Bounds)> =
        moments.known.iter().copied().filter(|(milestone, _)| !matches!(milestone, DeletionAsked | Gone)).collect();
    let mut steps: Vec<StepTaken> = birth
        .windows(2)
        .filter_map(|pair| if let [from, to] = pair { Some(taken(*from, *to)) } else { None })
        .collect();
    let between = |from: Milestone, to: Milestone| Some(taken((from, moments.of(from)?), (to, moments.of(to)?)));
    // What is not there already: of a pod of which only these two are known it is its only step.
    let whole = between(Created, Ready).filter(|whole| steps.iter().all(|known| known.step != whole.step));
    steps.extend(whole);
    steps.extend(startup(moments, between(Created, Started)));
    steps.extend(between(DeletionAsked, Gone));
    steps
}

fn taken((from, began): (Milestone, Bounds), (to, ended): (Milestone, Bounds)) -> StepTaken {
    // Where nothing says that the clocks differ, it took no less than nothing.
    let most_us = ended.latest.micros_since(began.earliest);
    let least_us = ended.earliest.micros_since(began.latest);
    let least_us = if most_us >= 0 { least_us.max(0) } else { least_us };
    StepTaken { step: Step::Between(from, to), least_us, most_us }
}

/// What is left of the time to the start, where Events tell of the pulls and all runs of init containers are known.
fn startup(moments: &Moments, to_start: Option<StepTaken>) -> Option<StepTaken> {
    let (whole, pulled, (init_least, init_most)) = (to_start?, moments.pulled_us?, moments.init_us?);
    let least_us = (whole.least_us - pulled - init_most).max(0);
    let most_us = (whole.most_us - pulled - init_least).max(least_us);
    Some(StepTaken { step: Step::Startup, least_us, most_us })
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Milestone, Moments, Step, steps_of};
    use crate::model::ObservedAt;
    use crate::model::time::SECOND_US;

    fn at(second: i64) -> Bounds {
        let earliest = second * SECOND_US;
        Bounds {
            earliest: ObservedAt::from_micros(earliest),
            latest: ObservedAt::from_micros(earliest + SECOND_US - 1),
        }
    }

    /// `from > to LEAST..MOST` in seconds, the microsecond that a whole second lacks put back.
    fn told(moments: &Moments) -> Vec<String> {
        let seconds = |micros: i64| (micros + 1) / SECOND_US;
        let line = |it: super::StepTaken| {
            let (from, to) = it.step.words();
            format!("{from} > {to} {}..{}", seconds(it.least_us), seconds(it.most_us))
        };
        steps_of(moments).into_iter().map(line).collect()
    }

    #[test]
    fn steps_lie_between_what_is_known() {
        use Milestone::{Created, DeletionAsked, Gone, Images, Ready, Scheduled, Started};
        let known = |all: &[(Milestone, i64)]| Moments {
            known: all.iter().map(|(milestone, second)| (*milestone, at(*second))).collect(),
            ..Moments::default()
        };
        let table = [
            (
                known(&[(Created, 0), (Scheduled, 0), (Started, 7), (Ready, 9)]),
                &[
                    "created > scheduled 0..1",
                    "scheduled > started 6..8",
                    "started > ready 1..3",
                    "created > ready 8..10",
                ][..],
            ),
            (known(&[(Created, 0), (Ready, 9)]), &["created > ready 8..10"]),
            (known(&[(Created, 0), (DeletionAsked, 5), (Gone, 35)]), &["deletion > gone 29..31"]),
            (
                Moments {
                    pulled_us: Some(4 * SECOND_US),
                    init_us: Some((0, SECOND_US)),
                    ..known(&[(Created, 0), (Images, 5), (Started, 9)])
                },
                &["created > images 4..6", "images > started 3..5", "created > started, without images and init 3..6"],
            ),
        ];
        for (moments, expected) in table {
            assert_eq!(told(&moments), expected);
        }
        assert_eq!(Step::Startup.words().0, "created");
    }
}
