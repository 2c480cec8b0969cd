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
    static STAMP: OnceLock<Regex> = OnceLock::new();
    let zone = shown();
    if zone == Zone::UTC {
        return text.into();
    }
    let stamp = STAMP.get_or_init(|| {
        Regex::new(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z\b")
            .expect("the pattern is one")
    });
    stamp.replace_all(text, |found: &regex_lite::Captures<'_>| {
        ObservedAt::parse(&found[0]).map_or_else(|| found[0].to_owned(), |at| zone.rfc3339(at))
    })
}
