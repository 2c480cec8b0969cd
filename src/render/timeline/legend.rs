//! What the signs of the text mean.

use crate::render::style::Meaning;

/// Which signs were used and need a legend.
#[derive(Debug, Default)]
pub struct Told {
    pub(super) inferred: bool,
    pub(super) related: bool,
    pub(super) stamp: bool,
    pub(super) by: bool,
    pub(super) count: bool,
    pub(super) error: bool,
    pub(super) warning: bool,
    pub(super) same: bool,
    pub(super) lawful: bool,
    pub(super) reason: bool,
    pub(super) time: bool,
    pub(super) nothing: bool,
}

/// What the signs mean that were used.
#[must_use]
pub fn legend(told: &Told) -> String {
    let mut out = String::new();
    for (is_used, line) in [
        (told.inferred, "~   no event shows this change; timestamps in a later event prove it"),
        (told.related, "·   Events and node readiness"),
        (told.stamp, "@   the cluster's own timestamp, where it differs by a second or more"),
        (told.by, "by  happened between the time on the left and this one"),
        (told.count, "#   restarts of the container"),
        (told.error, "!   breaks a Kubernetes rule: see `podreplay check`"),
        (told.warning, "?   allowed but suspicious: see `podreplay check`"),
        (told.same, "=   Kubernetes computes the recorded value"),
        (told.lawful, "()  Kubernetes computes this; the recorded value is allowed too"),
        (told.reason, "reason   only the reason or the message differs"),
        (told.time, "=@  only lastTransitionTime differs: expected is this time, or that of the event (now)"),
        (told.nothing, "-   written by another client, or not derivable from the pod"),
    ] {
        if is_used {
            out.push_str(&Meaning::Faint.paint_line(line));
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}
