//! The axis of time that all rows of a drawing share: where a moment lies on it, and where its ticks stand.

use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Zone};
use crate::report::JudgedPod;
use crate::timeline::TimeRange;

const MINUTE_US: i64 = 60 * SECOND_US;
const HOUR_US: i64 = 60 * MINUTE_US;
const DAY_US: i64 = 24 * HOUR_US;

/// How far apart ticks may stand, from a second to a day; shorter and longer ones are 1, 2 or 5 of a power of ten.
const STEPS_US: [i64; 19] = [
    SECOND_US,
    2 * SECOND_US,
    5 * SECOND_US,
    10 * SECOND_US,
    15 * SECOND_US,
    30 * SECOND_US,
    MINUTE_US,
    2 * MINUTE_US,
    5 * MINUTE_US,
    10 * MINUTE_US,
    15 * MINUTE_US,
    30 * MINUTE_US,
    HOUR_US,
    2 * HOUR_US,
    3 * HOUR_US,
    6 * HOUR_US,
    12 * HOUR_US,
    DAY_US,
    2 * DAY_US,
];

/// A time range, longer than nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    frame: TimeRange,
}

/// A moment that the axis names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The moment.
    pub at: ObservedAt,
    /// Its name in the zone: `15:09:47`, `15:09` or, where a day begins, `2026-11-21`.
    pub label: String,
}

impl Axis {
    /// The axis of a stretch; of one without length the second that begins with it.
    #[must_use]
    pub fn new(frame: TimeRange) -> Self {
        let shortest = if frame.length_us() == 0 { SECOND_US } else { 0 };
        Self { frame: TimeRange::new(frame.from, frame.until.plus_micros(shortest)) }
    }

    /// The axis on which all these pods fit; none if nothing about them has a time.
    #[must_use]
    pub fn over(pods: &[JudgedPod]) -> Option<Self> {
        let lives = pods.iter().filter_map(|pod| pod.report.lived());
        lives.reduce(|one, other| one.joined(&other)).map(Self::new)
    }

    /// From when to when.
    #[must_use]
    pub fn frame(&self) -> &TimeRange {
        &self.frame
    }

    /// Where a moment lies if the whole is `size` long; what lies outside stands at the end that is next to it.
    #[must_use]
    pub fn place(&self, at: ObservedAt, size: usize) -> usize {
        let length = i128::from(self.frame.length_us().max(1));
        let passed = i128::from(at.micros_since(self.frame.from)).clamp(0, length);
        let size_wide = i128::try_from(size).unwrap_or(i128::from(i64::MAX));
        usize::try_from(passed * size_wide / length).unwrap_or(size)
    }

    /// Ticks at times that are round in a zone, as close to each other as they can be if there may be `count_max` of them.
    #[must_use]
    pub fn ticks(&self, count_max: usize, zone: Zone) -> Vec<Tick> {
        let count_max = i64::try_from(count_max.max(1)).unwrap_or(i64::MAX);
        let step = step_us(self.frame.length_us() / count_max);
        let from = self.frame.from.micros();
        let first = from.saturating_add(zone.wall_us(self.frame.from).saturating_neg().rem_euclid(step));
        let times = std::iter::successors(Some(first), |at| at.checked_add(step));
        let times = times.take_while(|at| *at <= self.frame.until.micros());
        times.map(ObservedAt::from_micros).map(|at| Tick { at, label: label(zone.wall_us(at), step) }).collect()
    }
}

/// The shortest step longer than this.
fn step_us(shortest_us: i64) -> i64 {
    let decades = |first: i64, unit: i64| {
        let powers = std::iter::successors(Some(first), |power: &i64| power.checked_mul(10));
        powers.flat_map(move |power| [1, 2, 5].map(|times| power.saturating_mul(times).saturating_mul(unit)))
    };
    let parts = decades(1, 1).take_while(|step| *step < SECOND_US);
    let mut steps = parts.chain(STEPS_US).chain(decades(5, DAY_US));
    steps.find(|step| *step > shortest_us).unwrap_or(i64::MAX)
}

fn label(at_us: i64, step_us: i64) -> String {
    let text = ObservedAt::from_micros(at_us).to_string();
    let part = |from: usize, until: usize| text.get(from..until).unwrap_or(&text).to_owned();
    if at_us.rem_euclid(DAY_US) == 0 {
        return part(0, 10);
    }
    if step_us >= MINUTE_US {
        return part(11, 16);
    }
    let decimals = match step_us {
        SECOND_US.. => return part(11, 19),
        100_000.. => 1,
        10_000.. => 2,
        1_000.. => 3,
        _ => 6,
    };
    let fraction = format!("{:06}", at_us.rem_euclid(SECOND_US));
    format!("{}.{}", part(11, 19), &fraction[..decimals])
}

#[cfg(test)]
mod tests {
    use super::{Axis, TimeRange};
    use crate::model::{ObservedAt, Zone};

    fn axis(from: &str, until: &str) -> Axis {
        let at = |text: &str| ObservedAt::parse(text).expect("a time");
        Axis::new(TimeRange::new(at(from), at(until)))
    }

    #[test]
    fn ticks_stand_at_round_times() {
        let table = [
            ("15:09:47", "15:09:57", 5, "15:09:50 15:09:55"),
            (
                "15:09:47",
                "15:09:57",
                11,
                "15:09:47 15:09:48 15:09:49 15:09:50 15:09:51 15:09:52 15:09:53 15:09:54 15:09:55 15:09:56 15:09:57",
            ),
            ("15:09:47", "15:11:00", 6, "15:10:00 15:10:15 15:10:30 15:10:45 15:11:00"),
            ("15:09:47", "15:20:00", 3, "15:10 15:15 15:20"),
            ("15:09:47", "15:09:47.6", 3, "15:09:47.0 15:09:47.5"),
            ("15:09:47", "15:09:47.000007", 4, "15:09:47.000000 15:09:47.000002 15:09:47.000004 15:09:47.000006"),
            ("00:00:00", "23:59:59", 4, "2026-11-20 06:00 12:00 18:00"),
            ("15:09:47", "15:09:47", 2, "15:09:47 15:09:48"),
        ];
        for (from, until, count, expected) in table {
            let axis = axis(&format!("2026-11-20T{from}Z"), &format!("2026-11-20T{until}Z"));
            let told: Vec<String> = axis.ticks(count, Zone::UTC).into_iter().map(|tick| tick.label).collect();
            assert_eq!(told.join(" "), expected, "{from} {until}");
        }
    }

    #[test]
    fn there_are_never_more_ticks_than_asked_for_by_much() {
        for until in
            ["2026-11-20T15:09:47.001Z", "2026-11-20T19:00:00Z", "2027-01-20T15:09:47Z", "9999-12-31T23:59:59Z"]
        {
            for count in [0, 1, 2, 7, 20] {
                let ticks = axis("2026-11-20T15:09:47Z", until).ticks(count, Zone::UTC).len();
                assert!(ticks <= count.max(1) + 1, "{until}: {ticks} of {count}");
            }
        }
        assert_eq!(axis("0001-01-02T00:00:00Z", "9999-12-31T23:59:59Z").ticks(1, Zone::UTC).len(), 1);
        assert!(Axis::new(TimeRange::ALWAYS).ticks(5, Zone::UTC).len() <= 6);
    }

    #[test]
    fn places_lie_within() {
        let axis = axis("2026-11-20T15:00:00Z", "2026-11-20T15:00:10Z");
        let place = |text: &str| axis.place(ObservedAt::parse(text).expect("a time"), 100);
        let table = [
            ("2026-11-20T14:00:00Z", 0),
            ("2026-11-20T15:00:00Z", 0),
            ("2026-11-20T15:00:05.09Z", 50),
            ("2026-11-20T15:00:10Z", 100),
            ("2026-11-20T16:00:00Z", 100),
        ];
        for (text, expected) in table {
            assert_eq!(place(text), expected, "{text}");
        }
    }
}
