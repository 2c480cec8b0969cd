//! A moment as the user names it: RFC 3339, or an offset from the recording's end or start.

use crate::model::ObservedAt;
use crate::model::time::{SECOND_US, parse_duration_us};

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
    /// Microseconds into a day: the last such time that is recorded.
    TimeOfDay(i64),
}

impl Moment {
    /// Reads `2026-11-20T15:09:47Z`, `15:09:47`, `15:09`, `-5m` or `5m ago` (before the end), or `+30s` (after the start).
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
        ObservedAt::parse(text).map(Self::Absolute).ok_or_else(expected)
    }

    /// The point in time, given the bounds of what is recorded. A whole second means up to its end, as the clock of
    /// most events has no finer grain.
    #[must_use]
    pub fn resolve(self, start: ObservedAt, end: ObservedAt) -> ObservedAt {
        match self {
            Self::Absolute(at) => at,
            Self::BeforeEnd(offset) => end.plus_micros(-offset),
            Self::AfterStart(offset) => start.plus_micros(offset),
            Self::TimeOfDay(offset) => {
                let day = end.micros().div_euclid(DAY_US) * DAY_US;
                let at = ObservedAt::from_micros(day + offset);
                // On the day before, unless nothing was recorded then.
                let earlier = at.plus_micros(-DAY_US);
                if at > end && earlier >= start { earlier } else { at }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;
    use crate::model::ObservedAt;

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
