//! Where the records of each recording stand in the log. Recordings that are ingested at once, or that grow in turn, lie between
//! each other: what is before or behind a record is so within its recording.

/// The records of a recording as ranges of positions, the last included, in their order. Those of the recording that it goes on
/// from come first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(Vec<(i64, i64)>);

/// The recordings that go on from another, each with the records that it shares with it.
pub(super) type Shared = Vec<(i64, Spans)>;

impl Spans {
    /// The ranges.
    pub fn ranges(&self) -> impl DoubleEndedIterator<Item = (i64, i64)> {
        self.0.iter().copied()
    }

    /// Each position.
    pub fn positions(&self) -> impl Iterator<Item = i64> {
        self.ranges().flat_map(|(first, last)| first..=last)
    }

    /// The first position; 0 if there is none.
    #[must_use]
    pub fn begin(&self) -> i64 {
        self.0.first().map_or(0, |(first, _)| *first)
    }

    /// The last position; 0 if there is none.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.0.last().map_or(0, |(_, last)| *last)
    }

    /// The part from a position to another, both included.
    #[must_use]
    pub fn between(&self, from: i64, until: i64) -> Self {
        let begin = self.0.partition_point(|(_, last)| *last < from);
        let end = self.0.partition_point(|(first, _)| *first <= until);
        let clipped = |(first, last): &(i64, i64)| ((*first).max(from), (*last).min(until));
        let part = self.0.get(begin..end).unwrap_or_default().iter().map(clipped);
        Self(part.filter(|(first, last)| first <= last).collect())
    }

    /// The position before this one.
    #[must_use]
    pub fn before(&self, seq: i64) -> Option<i64> {
        let behind = self.0.partition_point(|(first, _)| *first < seq);
        let (_, last) = self.0.get(behind.checked_sub(1)?)?;
        Some((*last).min(seq - 1))
    }

    /// Whether a position is one of these.
    #[must_use]
    pub fn contains(&self, seq: i64) -> bool {
        let begun = self.0.partition_point(|(first, _)| *first <= seq);
        begun.checked_sub(1).is_some_and(|last| seq <= self.0[last].1)
    }

    /// Adds a range behind the others.
    pub(super) fn push(&mut self, first: i64, last: i64) {
        match self.0.last_mut() {
            Some(before) if before.1 + 1 == first => before.1 = last,
            Some(_) | None => self.0.push((first, last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Spans;

    fn spans(ranges: &[(i64, i64)]) -> Spans {
        let mut spans = Spans::default();
        ranges.iter().for_each(|(first, last)| spans.push(*first, *last));
        spans
    }

    #[test]
    fn what_follows_at_once_is_one_range() {
        assert_eq!(spans(&[(1, 3), (4, 6), (9, 9)]).0, [(1, 6), (9, 9)]);
    }

    #[test]
    fn a_part_ends_where_it_is_cut() {
        let own = spans(&[(1, 3), (7, 9), (20, 20)]);
        for (from, until, expected) in [
            (0, i64::MAX, "1-3 7-9 20-20"),
            (2, 8, "2-3 7-8"),
            (4, 6, ""),
            (9, 19, "9-9"),
            (21, i64::MAX, ""),
            (8, 7, ""),
        ] {
            let ranges = own.between(from, until).0;
            let told: Vec<String> = ranges.iter().map(|(first, last)| format!("{first}-{last}")).collect();
            assert_eq!(told.join(" "), expected, "{from} {until}");
        }
    }

    #[test]
    fn the_record_before_is_of_the_same_recording() {
        let own = spans(&[(3, 5), (9, 9)]);
        for (seq, expected) in [(3, None), (4, Some(3)), (9, Some(5)), (10, Some(9))] {
            assert_eq!(own.before(seq), expected, "{seq}");
        }
        let contained: Vec<i64> = (0..12).filter(|seq| own.contains(*seq)).collect();
        assert_eq!(contained, [3, 4, 5, 9]);
    }
}
