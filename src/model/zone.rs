//! A time zone, for times that people read and type. What is stored, and documents for programs, are in UTC. The rules of the
//! zones are compiled in: the same time reads the same on every machine.

use std::fmt;

use chrono::{DateTime, Datelike as _, LocalResult, Offset as _, SecondsFormat, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::time::{ObservedAt, SECOND_US};

/// A time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// Names less alike than this are not suggested.
const NEAR_ENOUGH: f64 = 0.8;

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// Reads a name of the IANA database, like `Europe/Berlin`.
    ///
    /// # Errors
    /// A sentence that says what was expected, and the nearest name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let found = TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(text));
        found.map(Self).ok_or_else(|| {
            let likeness = |zone: &Tz| strsim::jaro_winkler(&text.to_lowercase(), &zone.name().to_lowercase());
            let near = TZ_VARIANTS.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
            let near = near.filter(|zone| likeness(zone) >= NEAR_ENOUGH);
            let near = near.map(|zone| format!("; did you mean {}?", zone.name())).unwrap_or_default();
            format!("unknown time zone; expected local, UTC or a name like Europe/Berlin{near}")
        })
    }

    /// The moment in this zone; `None` of what no calendar has.
    fn at(self, at: ObservedAt) -> Option<DateTime<Tz>> {
        let utc: DateTime<Utc> = DateTime::from_timestamp_micros(at.micros())?;
        // The first and the last days of the calendar have no room for an offset.
        let wall = utc.naive_utc().checked_add_offset(self.0.offset_from_utc_datetime(&utc.naive_utc()).fix())?;
        // RFC 3339 knows years of four digits.
        (1..=9999).contains(&wall.year()).then(|| utc.with_timezone(&self.0))
    }

    /// RFC 3339 with the zone's offset.
    #[must_use]
    pub fn rfc3339(self, at: ObservedAt) -> String {
        match self.at(at).filter(|_| self != Self::UTC) {
            Some(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, false),
            None => at.to_string(),
        }
    }

    /// The offset of the zone at a moment, like `+02:00`, if its clocks show the same time at another moment too: they are set back.
    #[must_use]
    pub fn offset_of_two(self, at: ObservedAt) -> Option<String> {
        let time = self.at(at)?;
        let is_twice = matches!(self.0.from_local_datetime(&time.naive_local()), LocalResult::Ambiguous(..));
        is_twice.then(|| time.format("%:z").to_string())
    }

    /// What clocks in the zone are called at a moment: `CET`; where they have no letters, `UTC+03`.
    #[must_use]
    pub fn name_at(self, at: ObservedAt) -> String {
        let name = self.at(at).map_or_else(|| "UTC".to_owned(), |time| time.format("%Z").to_string());
        if name.starts_with(['+', '-']) { format!("UTC{name}") } else { name }
    }

    /// Microseconds from 1970-01-01 on the clocks of the zone.
    #[must_use]
    pub fn wall_us(self, at: ObservedAt) -> i64 {
        let offset_s = self.at(at).map_or(0, |time| time.offset().fix().local_minus_utc());
        at.micros().saturating_add(i64::from(offset_s) * SECOND_US)
    }

    /// The moment at which the clocks of the zone show this. Of two, when they are set back, the later one; of an hour that they
    /// leave out, as if they had not been set forward yet.
    #[must_use]
    pub fn moment_of(self, wall_us: i64) -> ObservedAt {
        let at = || {
            let wall = DateTime::from_timestamp_micros(wall_us)?.naive_utc();
            match self.0.from_local_datetime(&wall).latest() {
                Some(time) => Some(time.timestamp_micros()),
                None => {
                    let before = wall.checked_sub_signed(TimeDelta::days(1))?;
                    let offset_s = self.0.offset_from_utc_datetime(&before).fix().local_minus_utc();
                    Some(wall_us - i64::from(offset_s) * SECOND_US)
                }
            }
        };
        ObservedAt::from_micros(at().unwrap_or(wall_us))
    }
}

/// The name by which it is asked for.
impl fmt::Display for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Zone;
    use crate::model::ObservedAt;

    fn at(text: &str) -> ObservedAt {
        ObservedAt::parse(text).expect("a time")
    }

    #[test]
    fn zones_are_known_by_name() {
        assert_eq!(Zone::parse("europe/berlin").map(|zone| zone.to_string()), Ok("Europe/Berlin".to_owned()));
        assert_eq!(Zone::parse("utc"), Ok(Zone::UTC));
        let wrong = Zone::parse("Europe/Berln").expect_err("no such zone");
        assert!(wrong.ends_with("did you mean Europe/Berlin?"), "{wrong}");
        assert!(Zone::parse("").is_err() && Zone::parse("+01:00").is_err());
    }

    #[test]
    fn a_moment_is_shown_and_found_again() {
        let table = [
            ("UTC", "2026-11-20T15:09:47Z", "2026-11-20T15:09:47Z", "UTC"),
            ("Europe/Berlin", "2026-11-20T15:09:47.250Z", "2026-11-20T16:09:47.250+01:00", "CET"),
            ("Europe/Berlin", "2026-07-20T15:09:47Z", "2026-07-20T17:09:47+02:00", "CEST"),
            ("Asia/Kathmandu", "2026-11-20T20:00:00Z", "2026-11-21T01:45:00+05:45", "UTC+0545"),
            ("America/Sao_Paulo", "2026-11-20T01:00:00Z", "2026-11-19T22:00:00-03:00", "UTC-03"),
        ];
        for (zone, utc, shown, name) in table {
            let (zone, utc) = (Zone::parse(zone).expect("a zone"), at(utc));
            assert_eq!((zone.rfc3339(utc), zone.name_at(utc)), (shown.to_owned(), name.to_owned()));
            assert_eq!(zone.moment_of(zone.wall_us(utc)), utc);
        }
    }

    #[test]
    fn clocks_that_are_set_show_an_hour_twice_or_never() {
        let berlin = Zone::parse("Europe/Berlin").expect("a zone");
        let wall = |text: &str| at(text).micros();
        assert_eq!(berlin.moment_of(wall("2026-10-25T02:30:00Z")), at("2026-10-25T01:30:00Z"));
        assert_eq!(berlin.moment_of(wall("2026-03-29T02:30:00Z")), at("2026-03-29T01:30:00Z"));
        // An hour that is shown twice is told with its offset.
        for (utc, offset) in [
            ("2026-10-25T00:30:00Z", Some("+02:00")),
            ("2026-10-25T01:30:00Z", Some("+01:00")),
            ("2026-10-25T02:30:00Z", None),
            ("2026-10-24T23:59:59Z", None),
        ] {
            assert_eq!(berlin.offset_of_two(at(utc)).as_deref(), offset, "{utc}");
        }
        // What no calendar has stays as it is, and what has a year of five digits in the zone.
        let end = at("9999-12-31T23:30:00Z");
        assert_eq!((berlin.rfc3339(end), berlin.wall_us(end)), (end.to_string(), end.micros()));
        let last = ObservedAt::from_micros(i64::MAX);
        assert_eq!((berlin.rfc3339(last), berlin.wall_us(last)), (last.to_string(), i64::MAX));
    }
}
