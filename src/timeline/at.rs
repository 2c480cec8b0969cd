//! A moment as the user names it: RFC 3339, or an offset from the recording's end or start.

use crate::model::time::{SECOND_US, parse_duration_us};
use crate::model::{ObservedAt, Zone};

const DAY_US: i64 = 86_400 * SECOND_US;

/// A moment, perhaps relative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A point in time.
    Absolute(ObservedAt),
    /// Microseconds before the end.
    BeforeEnd(i64),
    /// Microseconds after the start.
    AfterStart(i64),
    /// Microseconds into a day of the reader's zone: the last such time that is recorded.
    TimeOfDay(i64),
    /// Microseconds since 1970 on the clocks of the reader's zone.
    Wall(i64),
}

impl Moment {
    /// Reads `2026-11-20T15:09:47Z`, the same without a zone, `15:09:47`, `15:09`, `-5m` or `5m ago` (before the end), or `+30s` (after the start).
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "invalid time '{text}'; expected RFC 3339 like 2026-11-20T15:09:47Z, a time of the day like 15:09 or 15:09:47, or an \
                 offset from the recording's end like -5m or '5m ago', or from its start like +30s (units ms, s, m, h, d)"
            )
        };
        if let Some(offset) = text.strip_prefix('-') {
            return parse_duration_us(offset).map(Self::BeforeEnd).ok_or_else(expected);
        }
        if let Some(offset) = text.strip_prefix('+') {
            return parse_duration_us(offset).map(Self::AfterStart).ok_or_else(expected);
        }
        if let Some(offset) = text.strip_suffix(" ago") {
            return parse_duration_us(offset.trim_end()).map(Self::BeforeEnd).ok_or_else(expected);
        }
        if text.len() == "15:04".len() && text.contains(':') {
            return Self::parse(&format!("{text}:00")).map_err(|_| expected());
        }
        if text.len() == "15:04:05".len() {
            let on_first_day = ObservedAt::parse(&format!("1970-01-01T{text}Z")).ok_or_else(expected)?;
            return Ok(Self::TimeOfDay(on_first_day.micros()));
        }
        if let Some(at) = ObservedAt::parse(text) {
            return Ok(Self::Absolute(at));
        }
        let seconds = if text.len() == "2026-11-20T15:04".len() { ":00" } else { "" };
        let at = ObservedAt::parse(&format!("{text}{seconds}Z")).ok_or_else(expected)?;
        Ok(Self::Wall(at.micros()))
    }

    /// The point in time, given the bounds of what is recorded. A whole second means up to its end, as the clock of
    /// most events has no finer grain.
    #[must_use]
    pub fn resolve(self, start: ObservedAt, end: ObservedAt, zone: Zone) -> ObservedAt {
        match self {
            Self::Absolute(at) => at,
            Self::BeforeEnd(offset) => end.plus_micros(-offset),
            Self::Wall(wall_us) => zone.moment_of(wall_us),
            Self::AfterStart(offset) => start.plus_micros(offset),
            Self::TimeOfDay(offset) => {
                let day = zone.wall_us(end).div_euclid(DAY_US) * DAY_US;
                let at = zone.moment_of(day + offset);
                // On the day before, unless nothing was recorded then.
                let earlier = zone.moment_of(day - DAY_US + offset);
                if at > end && earlier >= start { earlier } else { at }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;
    use crate::model::{ObservedAt, Zone};

    #[test]
    fn times_without_a_zone_are_of_the_readers() {
        let at = |text: &str| ObservedAt::parse(text).expect("a time");
        let berlin = Zone::parse("Europe/Berlin").expect("a zone");
        let (start, end) = (at("2026-11-20T22:00:00Z"), at("2026-11-20T23:30:00Z"));
        let table = [
            ("23:15", "2026-11-20T22:15:00Z"),
            // It is the day after there.
            ("00:20:05", "2026-11-20T23:20:05Z"),
            ("2026-11-20T23:15", "2026-11-20T22:15:00Z"),
            ("2026-11-20 23:15:30", "2026-11-20T22:15:30Z"),
            ("2026-11-20T23:15:00Z", "2026-11-20T23:15:00Z"),
            ("2026-11-20T23:15:00-01:00", "2026-11-21T00:15:00Z"),
            ("-5m", "2026-11-20T23:25:00Z"),
        ];
        for (text, expected) in table {
            let moment = Moment::parse(text).expect("a time").resolve(start, end, berlin);
            assert_eq!(moment, at(expected), "{text}");
        }
    }

    #[test]
    fn moments_are_read() {
        let second = 1_000_000;
        let table = [
            ("-5m", Some(Moment::BeforeEnd(300 * second))),
            ("+30s", Some(Moment::AfterStart(30 * second))),
            ("+1h30m", Some(Moment::AfterStart(5_400 * second))),
            ("-250ms", Some(Moment::BeforeEnd(250_000))),
            ("1970-01-01T00:00:01Z", Some(Moment::Absolute(ObservedAt::from_micros(second)))),
            ("00:01:00", Some(Moment::TimeOfDay(60 * second))),
            ("00:01", Some(Moment::TimeOfDay(60 * second))),
            ("1970-01-01T00:01", Some(Moment::Wall(60 * second))),
            ("1970-01-01 00:01:00", Some(Moment::Wall(60 * second))),
            ("15m ago", Some(Moment::BeforeEnd(900 * second))),
            ("1h30m ago", Some(Moment::BeforeEnd(5_400 * second))),
            ("25:01:00", None),
            ("25:01", None),
            ("00:0x", None),
            ("1:234", None),
            ("ago", None),
            (" ago", None),
            ("-5m ago", None),
            ("-1M", None),
            ("-", None),
            ("5m", None),
            ("-9999999999999999999s", None),
            ("yesterday", None),
        ];
        for (text, expected) in table {
            assert_eq!(Moment::parse(text).ok(), expected, "{text}");
        }
    }
}
