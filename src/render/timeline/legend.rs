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
        (told.inferred, "~   no event shows it; timestamps in a later event prove it"),
        (told.related, "·   told beside the pod, no part of its state: Events, readiness of its node"),
        (told.stamp, "@   what the cluster stamped on it, where that is another second"),
        (told.by, "by  it happened at the time on the left or later, up to this"),
        (told.count, "#   how often the container had been restarted"),
        (told.error, "!   not as Kubernetes' rules have it: `podreplay check` says more"),
        (told.warning, "?   lawful, and worth a look: `podreplay check` says more"),
        (told.same, "=   what Kubernetes computes from the containers is what is recorded"),
        (told.lawful, "()  Kubernetes computes this; what is recorded is lawful too"),
        (told.reason, "reason   only the reason or the message differs"),
        (told.time, "=@  only the lastTransitionTime differs: expected is this one, or that of the event (now)"),
        (told.nothing, "-   another client wrote it, or it cannot be derived from the pod"),
    ] {
        if is_used {
            out.push_str(&Meaning::Faint.paint_line(line));
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}
