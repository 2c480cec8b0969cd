//! The two clocks. `ObservedAt` is when an event was seen, or must have been; `StampedAt` is what the cluster wrote
//! into the object. They are two types so that nobody subtracts one from the other without saying so.

use std::fmt;
use std::num::NonZeroU64;

use chrono::{DateTime, SecondsFormat, Utc};

/// Microseconds in one second.
pub const SECOND_US: i64 = 1_000_000;

/// With its sign turned a number is kept in the order of time, and only the first of all is zero.
const SIGN: u64 = 1 << 63;

macro_rules! clock {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        ///
        /// There are very many of them, and some may be missing: kept like this, an `Option` takes no more room.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(NonZeroU64);

        impl $name {
            /// From microseconds since 1970-01-01T00:00:00Z.
            #[must_use]
            pub const fn from_micros(micros: i64) -> Self {
                match NonZeroU64::new(micros.cast_unsigned() ^ SIGN) {
                    Some(kept) => Self(kept),
                    // The beginning of time is a microsecond later.
                    None => Self(NonZeroU64::MIN),
                }
            }

            /// Microseconds since 1970-01-01T00:00:00Z.
            #[must_use]
            pub const fn micros(self) -> i64 {
                (self.0.get() ^ SIGN).cast_signed()
            }

            /// Reads RFC 3339. `None` for anything else and for the zero time of Go, `0001-01-01T00:00:00Z`,
            /// which Kubernetes writes where it means "not set".
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let micros = DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros();
                (micros > GO_ZERO_US).then_some(Self::from_micros(micros))
            }

            /// This many microseconds later, within the years 1 to 9999.
            #[must_use]
            pub fn plus_micros(self, micros: i64) -> Self {
                Self::from_micros(self.micros().saturating_add(micros).clamp(GO_ZERO_US, YEAR_9999_END_US))
            }

            /// Microseconds from `earlier` to this, negative if it is later.
            #[must_use]
            pub fn micros_since(self, earlier: Self) -> i64 {
                self.micros().saturating_sub(earlier.micros())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_rfc3339(self.micros(), out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_rfc3339(self.micros(), out)
            }
        }
    };
}

clock! {
    /// When an event happened as far as the recording shows.
    ObservedAt
}
clock! {
    /// A time that a component of the cluster wrote into the object, usually in whole seconds.
    StampedAt
}

impl ObservedAt {
    /// Reads what `Display` writes: also the years before 0 and after 9999 that a time of RFC 3339 can be in by UTC.
    #[must_use]
    pub fn of_displayed(text: &str) -> Option<Self> {
        let micros = || match text.strip_suffix("us") {
            Some(micros) => micros.parse().ok(),
            None => text.parse::<DateTime<Utc>>().ok().map(|time| time.timestamp_micros()),
        };
        Self::parse(text).or_else(|| micros().map(Self::from_micros))
    }
}

/// `9999-12-31T23:59:59.999999Z` in microseconds: RFC 3339 goes no further.
const YEAR_9999_END_US: i64 = 253_402_300_799 * SECOND_US + 999_999;
/// `0001-01-01T00:00:00Z` in microseconds.
const GO_ZERO_US: i64 = -62_135_596_800 * SECOND_US;

fn write_rfc3339(micros: i64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match DateTime::from_timestamp_micros(micros) {
        Some(time) => out.pad(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => write!(out, "{micros}us"),
    }
}

/// A length of time as Go and Kubernetes write it: `1m2.5s`, `-3s`, `0s`.
#[must_use]
pub fn duration_text(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let whole = micros.unsigned_abs();
    let second = SECOND_US.unsigned_abs();
    let (hours, minutes, seconds) = (whole / second / 3_600, whole / second / 60 % 60, whole / second % 60);
    let fraction = format!("{:06}", whole % second);
    let fraction = fraction.trim_end_matches('0');
    let seconds = if fraction.is_empty() { format!("{seconds}s") } else { format!("{seconds}.{fraction}s") };
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}"),
    }
}

/// Reads `90s`, `1h30m`, `250.5ms` or `2.5s` as microseconds. Months and years have no fixed length and are refused.
#[must_use]
pub fn parse_duration_us(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let unit_begin = rest.find(|letter: char| !is_of_number(letter))?;
        let unit_end = rest[unit_begin..].find(is_of_number).map_or(rest.len(), |end| unit_begin + end);
        let (number, unit) = (&rest[..unit_begin], &rest[unit_begin..unit_end]);
        let part = match unit {
            "us" | "µs" => decimal(number, 1),
            "ms" => decimal(number, 1_000),
            "s" => decimal(number, SECOND_US),
            "m" => whole(number, 60 * SECOND_US),
            "h" => whole(number, 3_600 * SECOND_US),
            "d" => whole(number, 86_400 * SECOND_US),
            _ => None,
        };
        total = total.checked_add(part?)?;
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(total)
}

fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || letter == '.'
}

fn whole(number: &str, unit_us: i64) -> Option<i64> {
    number.parse::<i64>().ok()?.checked_mul(unit_us)
}

/// A number with up to nine decimals, as Go writes them; what is less than a microsecond is cut off.
fn decimal(number: &str, unit_us: i64) -> Option<i64> {
    const DECIMALS_MAX: usize = 9;
    let Some((units, decimals)) = number.split_once('.') else { return whole(number, unit_us) };
    let is_fraction =
        (1..=DECIMALS_MAX).contains(&decimals.len()) && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let billionths: i64 = if is_fraction { format!("{decimals:0<DECIMALS_MAX$}").parse().ok()? } else { return None };
    whole(units, unit_us)?.checked_add(billionths.checked_mul(unit_us)? / 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::{ObservedAt, parse_duration_us};

    #[test]
    fn times_are_in_order_and_take_no_more_room_where_they_may_be_missing() {
        let micros = [i64::MIN + 1, -1, 0, 1, i64::MAX];
        let times = micros.map(ObservedAt::from_micros);
        assert!(times.is_sorted());
        assert_eq!(times.map(ObservedAt::micros), micros);
        assert_eq!(size_of::<Option<ObservedAt>>(), size_of::<i64>());
    }

    #[test]
    fn every_time_that_is_shown_is_read_again() {
        let years = [-290_000, -1, 0, 1, 1969, 2026, 9999, 10_000, 262_000, 290_000];
        let micros = years.map(|year: i64| (year - 1970) * 31_556_952_000_000 + 1_000_007);
        for micros in [i64::MIN + 1, 0, i64::MAX].into_iter().chain(micros) {
            let shown = ObservedAt::from_micros(micros).to_string();
            assert_eq!(ObservedAt::of_displayed(&shown).map(ObservedAt::micros), Some(micros), "{shown}");
        }
        assert_eq!(["", "us", "soon", "2026-11-20"].map(ObservedAt::of_displayed), [None; 4]);
    }

    #[test]
    fn durations_have_units() {
        let table = [
            ("250ms", Some(250_000)),
            ("1m30s", Some(90_000_000)),
            ("1m2.5s", Some(62_500_000)),
            ("0.000001s", Some(1)),
            ("0s", Some(0)),
            ("1d", Some(86_400_000_000)),
            ("", None),
            ("10", None),
            ("1m2", None),
            ("s", None),
            ("1.5m", None),
            ("1.s", None),
            (".5s", None),
            ("1.234567891s", Some(1_234_567)),
            ("743.2505ms", Some(743_250)),
            ("12.5µs", Some(12)),
            ("1.0000000001s", None),
            ("1.2.3s", None),
            ("-1s", None),
            ("1M", None),
            ("9223372036855s", None),
            ("9223372036854s999999ms", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_duration_us(text), expected, "{text}");
        }
    }
}
