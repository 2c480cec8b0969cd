//! What part of a list is shown: the rows within a time range, and of these the last ones.

use super::TimeRange;
use crate::model::ObservedAt;
use crate::model::time::SECOND_US;

/// Which rows of a list in the order of time are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excerpt {
    range: TimeRange,
    last: Option<usize>,
}

impl Excerpt {
    /// All rows.
    pub const WHOLE: Self = Self { range: TimeRange::ALWAYS, last: None };

    /// Rows within the range, the last so many of them. An end at a whole second includes that second: times are shown no
    /// finer.
    #[must_use]
    pub fn new(range: TimeRange, last: Option<usize>) -> Self {
        let is_whole = range != TimeRange::ALWAYS && range.until.micros().rem_euclid(SECOND_US) == 0;
        let until = if is_whole { range.until.plus_micros(SECOND_US - 1) } else { range.until };
        Self { range: TimeRange { until, ..range }, last }
    }

    /// The times of the rows.
    #[must_use]
    pub fn range(&self) -> &TimeRange {
        &self.range
    }

    /// Whether all rows are shown.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::WHOLE
    }

    /// Whether the range holds a time. A row without a time may lie within, and is shown.
    #[must_use]
    pub fn contains(&self, at: Option<ObservedAt>) -> bool {
        at.is_none_or(|at| self.range.contains(at))
    }

    /// Whether the range holds a part of what went on from one time to another. An end that is not known is open.
    #[must_use]
    pub fn touches(&self, from: Option<ObservedAt>, until: Option<ObservedAt>) -> bool {
        from.is_none_or(|from| from <= self.range.until) && until.is_none_or(|until| until >= self.range.from)
    }

    /// The rows that are shown, given in the order of time.
    #[must_use]
    pub fn of<T>(&self, rows: impl IntoIterator<Item = T>, at: impl Fn(&T) -> Option<ObservedAt>) -> Vec<T> {
        self.last_of(rows.into_iter().filter(|row| self.contains(at(row))).collect())
    }

    /// The last rows of those within the range.
    #[must_use]
    pub fn last_of<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        let more = self.last.map_or(0, |last| rows.len().saturating_sub(last));
        rows.drain(..more);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;
    use crate::model::ObservedAt;
    use crate::timeline::TimeRange;

    fn at(tenths: i64) -> ObservedAt {
        ObservedAt::from_micros(tenths * 100_000)
    }

    #[test]
    fn rows_are_chosen_by_time_and_from_the_end() {
        // Tenths of a second; `0` stands for a row without a time.
        let rows = [10, 20, 0, 25, 30, 35, 40];
        let table = [
            (None, None, None, vec![10, 20, 0, 25, 30, 35, 40]),
            (Some(20), None, None, vec![20, 0, 25, 30, 35, 40]),
            (None, Some(25), None, vec![10, 20, 0, 25]),
            // A whole second lasts until its end.
            (Some(21), Some(30), None, vec![0, 25, 30, 35]),
            (None, None, Some(2), vec![35, 40]),
            (None, None, Some(0), vec![]),
            (None, None, Some(99), vec![10, 20, 0, 25, 30, 35, 40]),
            (None, Some(30), Some(2), vec![30, 35]),
        ];
        for (from, until, last, expected) in table {
            let range = TimeRange {
                from: from.map_or(TimeRange::ALWAYS.from, at),
                until: until.map_or(TimeRange::ALWAYS.until, at),
            };
            let shown = Excerpt::new(range, last).of(rows, |row| (*row > 0).then(|| at(*row)));
            assert_eq!(shown, expected, "{from:?} {until:?} {last:?}");
        }
    }

    #[test]
    fn what_goes_on_is_shown_where_a_part_of_it_lies_within() {
        let excerpt = Excerpt::new(TimeRange::new(at(20), at(30)), None);
        let table = [
            (Some(10), Some(19), false),
            (Some(10), Some(20), true),
            (Some(10), None, true),
            (None, Some(19), false),
            (Some(25), Some(26), true),
            (Some(39), Some(50), true),
            (Some(40), None, false),
        ];
        for (from, until, expected) in table {
            assert_eq!(excerpt.touches(from.map(at), until.map(at)), expected, "{from:?} {until:?}");
        }
    }
}
