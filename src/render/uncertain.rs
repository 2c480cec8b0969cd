//! Why a state is only the last that was recorded, in words.

use super::timeline::{clock_time, gap_text};
use crate::history::Uncertain;

/// The words for one reason.
#[must_use]
pub fn uncertain_text(uncertain: &Uncertain) -> String {
    match uncertain {
        Uncertain::Gap(gap) => gap_text(gap),
        Uncertain::Ended(Some(at)) => {
            format!("not recorded from {} on: no recording that knew the pod goes on", clock_time(*at))
        }
        Uncertain::Ended(None) => "not recorded: no recording that knew the pod goes on".to_owned(),
        Uncertain::Partly => {
            "known in part: the object before is not recorded, only what requests wrote since".to_owned()
        }
        Uncertain::Untold(what) => format!("not told: {what}"),
    }
}
