//! How long ago something was, as kubectl prints it: the inverse of `HumanDuration` (k8s.io/apimachinery/pkg/util/duration).

use chrono::DateTime;

use crate::model::ObservedAt;
use crate::model::time::SECOND_US;

/// When it was, in RFC 3339, of `3m5s` at a time. It may have been earlier, by less than the smallest unit printed.
pub(super) fn before(at: ObservedAt, age: &str) -> Option<String> {
    let micros = seconds(age)?.checked_mul(SECOND_US)?;
    let second = at.plus_micros(micros.checked_neg()?).micros().div_euclid(SECOND_US);
    stamp(second)
}

/// A time as `kubectl describe` prints it, `Fri, 20 Nov 2026 15:10:01 +0000`, in RFC 3339.
pub(super) fn stamp_of(text: &str) -> Option<String> {
    stamp(DateTime::parse_from_rfc2822(text).ok()?.timestamp())
}

fn stamp(second: i64) -> Option<String> {
    DateTime::from_timestamp(second, 0).map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn seconds(age: &str) -> Option<i64> {
    let (mut total, mut rest) = (0_i64, age);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes().get(digits)? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'y' => 365 * 86_400,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (!age.is_empty()).then_some(total)
}
