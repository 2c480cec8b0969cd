//! The two clocks. `ObservedAt` is when an event was seen, or must have been; `StampedAt` is what the cluster wrote
//! into the object. They are two types so that nobody subtracts one from the other without saying so.

use std::fmt;

use chrono::{DateTime, SecondsFormat};

/// Microseconds in one second.
pub const SECOND_US: i64 = 1_000_000;

macro_rules! clock {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// From microseconds since 1970-01-01T00:00:00Z.
            #[must_use]
            pub const fn from_micros(micros: i64) -> Self {
                Self(micros)
            }

            /// Microseconds since 1970-01-01T00:00:00Z.
            #[must_use]
            pub const fn micros(self) -> i64 {
                self.0
            }

            /// Reads RFC 3339. `None` for anything else and for the zero time of Go, `0001-01-01T00:00:00Z`,
            /// which Kubernetes writes where it means "not set".
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let micros = DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros();
                (micros > GO_ZERO_US).then_some(Self(micros))
            }

            /// This many microseconds later, within the years 1 to 9999.
            #[must_use]
            pub fn plus_micros(self, micros: i64) -> Self {
                Self(self.0.saturating_add(micros).clamp(GO_ZERO_US, YEAR_9999_END_US))
            }

            /// Microseconds from `earlier` to this, negative if it is later.
            #[must_use]
            pub fn micros_since(self, earlier: Self) -> i64 {
                self.0.saturating_sub(earlier.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_rfc3339(self.0, out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_rfc3339(self.0, out)
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
