//! The file `timestamp` that `oc adm must-gather` and `oc adm inspect` write beside a dump: a line when they begin and one when they
//! end, each a time as Go prints it, `2026-11-20 15:09:56.401220671 +0000 UTC m=+0.341882903`.

use chrono::DateTime;

use crate::model::ObservedAt;

/// The kind of the object that a line becomes: it has the line as `text`.
pub(in crate::input) const TAKEN: &str = "DumpTimestamp";

/// The time on a line; `None` if it holds anything else.
pub(in crate::input) fn time(line: &str) -> Option<ObservedAt> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [date, time, offset, _, since_start] = words[..] else { return None };
    since_start.strip_prefix("m=").filter(|seconds| seconds.starts_with(['+', '-']))?;
    let at = DateTime::parse_from_str(&[date, time, offset].join(" "), "%Y-%m-%d %H:%M:%S%.f %z").ok()?;
    Some(ObservedAt::from_micros(at.timestamp_micros()))
}
