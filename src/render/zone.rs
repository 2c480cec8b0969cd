//! The zone in which text shows times. The command line sets it once, before it shows anything, and only where the output is text for
//! people; everything else is in UTC.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex_lite::Regex;

use super::style::Meaning;
use crate::model::{ObservedAt, Zone};

static SHOWN: OnceLock<Zone> = OnceLock::new();

/// From here on text shows times in this zone. The first call counts.
pub fn show_times_in(zone: Zone) {
    let _ = SHOWN.set(zone);
}

/// The zone in which text shows times.
pub(super) fn shown() -> Zone {
    SHOWN.get().copied().unwrap_or(Zone::UTC)
}

/// `2026-11-20T15:09:47` of the zone, to the second.
pub(super) fn wall(at: ObservedAt) -> String {
    let zone = shown();
    let wall = if zone == Zone::UTC { at } else { ObservedAt::from_micros(zone.wall_us(at)) };
    wall.to_string()
}

/// What tells a time of the zone from another that its clocks show the same: `+02:00`; nothing for other times.
pub(super) fn offset_of_two(at: ObservedAt) -> String {
    let zone = shown();
    if zone == Zone::UTC { String::new() } else { zone.offset_of_two(at).unwrap_or_default() }
}

/// What the clocks of the zone are called between two moments: `UTC`, `CET`, `CEST to CET`.
pub(super) fn zone_name(from: ObservedAt, until: ObservedAt) -> String {
    let [from, until] = [from, until].map(|at| shown().name_at(at));
    if from == until { from } else { format!("{from} to {until}") }
}

/// In which zone times are, as a line above what does not say so itself; nothing where that is UTC.
#[must_use]
pub fn zone_line() -> String {
    let zone = shown();
    if zone == Zone::UTC { String::new() } else { Meaning::Faint.paint_line(&format!("times in {zone}")) }
}

/// A text of ours with its RFC 3339 times in the zone.
#[must_use]
pub fn zoned(text: &str) -> Cow<'_, str> {
    in_zone(text, shown())
}

/// What stands behind a colon was written by others: it stays as it is.
fn in_zone(text: &str, zone: Zone) -> Cow<'_, str> {
    static STAMP: OnceLock<Regex> = OnceLock::new();
    if zone == Zone::UTC {
        return text.into();
    }
    let (own, quoted) = text.split_at(text.find(": ").unwrap_or(text.len()));
    let stamp = STAMP.get_or_init(|| {
        Regex::new(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z\b")
            .expect("the pattern is one")
    });
    let own = stamp.replace_all(own, |found: &regex_lite::Captures<'_>| {
        ObservedAt::parse(&found[0]).map_or_else(|| found[0].to_owned(), |at| zone.rfc3339(at))
    });
    format!("{own}{quoted}").into()
}

#[cfg(test)]
mod tests {
    use super::in_zone;
    use crate::model::Zone;

    #[test]
    fn times_of_ours_are_in_the_zone_and_those_of_others_as_they_were_written() {
        let berlin = Zone::parse("Europe/Berlin").expect("a zone");
        for (text, expected) in [
            ("It runs since 2026-07-20T15:09:47Z.", "It runs since 2026-07-20T17:09:47+02:00."),
            ("The message: down since 2026-07-20T15:09:47Z", "The message: down since 2026-07-20T15:09:47Z"),
            (
                "Against the rules since 2026-11-20T15:09:47Z (PR001 x): 2026-11-20T15:09:47Z",
                "Against the rules since 2026-11-20T16:09:47+01:00 (PR001 x): 2026-11-20T15:09:47Z",
            ),
        ] {
            assert_eq!(in_zone(text, berlin), expected);
            assert_eq!(in_zone(text, Zone::UTC), text);
        }
    }
}
