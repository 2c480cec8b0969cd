//! The words that all forms of output share: times, durations, subjects, gaps.

use super::zone::{offset_of_two, wall, zone_name};
use crate::history::{Gap, GapKind, Uncertain};
use crate::kubelet::human_duration;
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Role};
use crate::replay::Subject;

/// The time of the day, to the second: `15:09:47`; of two that read the same with the offset: `02:30:00+02:00`.
#[must_use]
pub fn clock_time(at: ObservedAt) -> String {
    let wall = wall(at);
    wall.get(11..19).map_or_else(|| wall.clone(), |time| format!("{time}{}", offset_of_two(at)))
}

/// The same with the day, where that is not the day of a time told before.
pub(super) fn time_behind(before: Option<ObservedAt>, at: ObservedAt) -> String {
    let is_same_day = before.is_none_or(|before| date(before) == date(at));
    if is_same_day { clock_time(at) } else { format!("{} {}", date(at), clock_time(at)) }
}

/// `2026-11-20 15:09:47 to 15:10:01 UTC`.
pub(super) fn span_text(from: ObservedAt, until: ObservedAt) -> String {
    let name = zone_name(from, until);
    format!("{} {} to {} {name}", date(from), clock_time(from), time_behind(Some(from), until))
}

/// `15:09:47 and 15:10:01`, with their days where these differ.
pub(super) fn both_times(from: ObservedAt, until: ObservedAt) -> String {
    let day = if date(from) == date(until) { String::new() } else { format!("{} ", date(from)) };
    format!("{day}{} and {}", clock_time(from), time_behind(Some(from), until))
}

/// The day: `2026-11-20`.
#[must_use]
pub fn date(at: ObservedAt) -> String {
    let wall = wall(at);
    wall.get(..10).map_or_else(|| wall.clone(), str::to_owned)
}

pub(super) fn duration(micros: i64) -> String {
    human_duration(micros.div_euclid(SECOND_US))
}

/// How a subject is called.
#[must_use]
pub fn subject_text(subject: &Subject) -> String {
    match subject {
        Subject::Lifecycle => "pod".to_owned(),
        Subject::Field(field) => field.as_str().to_owned(),
        Subject::Phase => "phase".to_owned(),
        Subject::Condition(kind) => kind.to_string(),
        Subject::Container(name, role) => match role {
            Role::Regular => format!("container {name}"),
            Role::Init | Role::Sidecar | Role::Ephemeral => format!("{} {name}", role.as_str()),
        },
    }
}

/// A gap in words.
#[must_use]
pub fn gap_text(gap: &Gap) -> String {
    let span = match (gap.from, gap.until) {
        (Some(from), Some(until)) if from == until => format!(" at {}", clock_time(from)),
        (Some(from), Some(until)) => {
            format!(" between {} ({})", both_times(from, until), duration(until.micros_since(from)))
        }
        (Some(from), None) => format!(" from {} on", clock_time(from)),
        (None, Some(until)) => format!(" until {}", clock_time(until)),
        (None, None) => String::new(),
    };
    match &gap.kind {
        GapKind::StartsMidLife => format!("not recorded{span}: the recording begins after the pod was created"),
        GapKind::WatchError => format!("not recorded{span}: the watch ended with an error"),
        GapKind::Relist => format!("not recorded{span}: the watch restarted"),
        GapKind::Untold { what } => {
            let at = gap.from.map(|at| format!(" at {}", clock_time(at))).unwrap_or_default();
            format!("unknown{at}: {what}")
        }
        GapKind::StatusNotLogged => format!("unknown{span}: the audit log has no writes of pods/status"),
        GapKind::Partial => {
            format!("partly known{span}: no recording shows the whole object")
        }
        GapKind::BetweenRecordings if gap.before.is_none() => {
            format!("not recorded{span}: one recording ended, and the next does not contain this pod")
        }
        GapKind::BetweenRecordings => format!("not recorded{span}: one recording ended before the next began"),
        GapKind::Vanished => match gap.list {
            None => {
                format!("not recorded{span}: the watch restarted without this pod, so it was deleted")
            }
            Some(recording) => format!(
                "not recorded{span}: recording {recording} then lists all pods but this one: it was deleted, or that recording \
                 does not select it"
            ),
        },
        GapKind::RestartsUnseen { container, runs } => {
            let times = if *runs == 1 { "once more".to_owned() } else { format!("{runs} more times") };
            format!("not recorded{span}: container {container} ran {times}")
        }
    }
}

/// Why a state is only the last that was recorded.
#[must_use]
pub fn uncertain_text(uncertain: &Uncertain) -> String {
    match uncertain {
        Uncertain::Gap(gap) => gap_text(gap),
        Uncertain::Ended(Some(at)) => {
            format!("not recorded from {} on: no recording of the pod continues", clock_time(*at))
        }
        Uncertain::Ended(None) => "not recorded: no recording of the pod continues".to_owned(),
        Uncertain::Partly => "partly known: no recording shows the whole object".to_owned(),
        Uncertain::Untold(what) => format!("unknown: {what}"),
        Uncertain::Unlogged(at) => format!("unknown: what was written at {} is not logged", clock_time(*at)),
        Uncertain::Within(from, Some(until)) => {
            format!("written between {}, perhaps not yet", both_times(*from, *until))
        }
        Uncertain::Within(from, None) => {
            format!("written at {} or later, perhaps not yet", clock_time(*from))
        }
    }
}

/// `1 pod`, `2 pods`, `2 stretches`.
#[must_use]
pub fn many(count: usize, what: &str) -> String {
    let ending = if what.ends_with("ch") { "es" } else { "s" };
    format!("{count} {what}{}", if count == 1 { "" } else { ending })
}
