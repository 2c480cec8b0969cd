//! Every rule, with its id and what it must know. Of several findings about one subject of one event the first rule's stands,
//! so causes come before their consequences.

use super::need::Need;
use super::rule::Rule;
use super::severity::Severity;
use super::{
    change_at_deletion, clock_skew, containers_ready, deleted_while_running, deletion_withdrawn, ends_before_it_starts,
    event_after_deleted, foreign_status_write, impossible_exit_code, initialized, last_state_cleared, left_terminated,
    node_changes, observed_generation, pending_again, phase, pod_scheduled, qos_class_changes, ready, ready_to_start,
    restart_count_falls, start_time_changes, started_before_init, status_vanishes, terminal_but_ready,
    terminal_phase_left, transition_time, transition_time_before_pod, transition_time_in_future,
    transition_time_missing, transition_times_order,
};

macro_rules! rule {
    ($id:literal, $module:ident, $name:literal, $severity:ident, $rests_on:literal, [$($need:ident),*], $judge:expr) => {
        Rule {
            id: $id,
            name: $name,
            severity: Severity::$severity,
            rests_on: $rests_on,
            needs: &[$(Need::$need),*],
            source: include_str!(concat!(stringify!($module), ".rs")),
            judge: $judge,
        }
    };
}

/// Every rule, causes first.
pub static RULES: [Rule; 39] = [
    rule!(
        "PR101",
        foreign_status_write,
        "foreign-status-write",
        Error,
        "C9, H10, T7",
        [EventBefore, NoGapBefore],
        Some(foreign_status_write::judge)
    ),
    rule!(
        "PR102",
        change_at_deletion,
        "change-at-deletion",
        Error,
        "X9",
        [EventBefore, NoGapBefore],
        Some(change_at_deletion::judge)
    ),
    rule!("PR103", status_vanishes, "status-vanishes", Error, "T1, T3", [], Some(status_vanishes::judge)),
    rule!("PR104", left_terminated, "left-terminated", Error, "R1, T1, T2", [], Some(left_terminated::judge)),
    rule!("PR105", restart_count_falls, "restart-count-falls", Error, "E2", [], Some(restart_count_falls::judge)),
    rule!("PR106", last_state_cleared, "last-state-cleared", Error, "E1, E4", [], Some(last_state_cleared::judge)),
    rule!("PR107", started_before_init, "started-before-init", Error, "E1, C5", [], Some(started_before_init::judge)),
    rule!(
        "PR108",
        impossible_exit_code,
        "impossible-exit-code",
        Error,
        "E1, H7",
        [],
        Some(impossible_exit_code::judge)
    ),
    rule!("PR109", ends_before_it_starts, "ends-before-it-starts", Error, "E1", [], Some(ends_before_it_starts::judge)),
    rule!(
        "PR110",
        terminal_phase_left,
        "terminal-phase-left",
        Error,
        "H1, H4, T5, T6",
        [],
        Some(terminal_phase_left::judge)
    ),
    rule!("PR111", pending_again, "pending-again", Error, "P5, T5, E7", [KubeletWrite], Some(pending_again::judge)),
    rule!(
        "PR112",
        terminal_but_ready,
        "terminal-but-ready",
        Error,
        "M4, H10",
        [KubeletWrite],
        Some(terminal_but_ready::judge)
    ),
    rule!("PR113", node_changes, "node-changes", Error, "T4", [], Some(node_changes::judge)),
    rule!("PR114", start_time_changes, "start-time-changes", Error, "L9", [], Some(start_time_changes::judge)),
    rule!("PR115", qos_class_changes, "qos-class-changes", Error, "T4", [], Some(qos_class_changes::judge)),
    rule!("PR116", deletion_withdrawn, "deletion-withdrawn", Error, "H8, G2", [], Some(deletion_withdrawn::judge)),
    rule!("PR117", event_after_deleted, "event-after-deleted", Error, "H8", [], Some(event_after_deleted::judge)),
    rule!(
        "PR118",
        deleted_while_running,
        "deleted-while-running",
        Warning,
        "H8",
        [],
        Some(deleted_while_running::judge)
    ),
    rule!("PR119", shared_ip, "shared-ip", Error, "-", [], None),
    rule!(
        "PR001",
        phase,
        "phase",
        Error,
        "P1-P8, H1-H7, I2, I3b, I6c",
        [KubeletWrite, TrustedContainers],
        Some(phase::judge)
    ),
    rule!(
        "PR002",
        containers_ready,
        "containers-ready",
        Error,
        "C1",
        [KubeletWrite, TrustedContainers],
        Some(containers_ready::judge)
    ),
    rule!("PR003", ready, "ready", Error, "C2-C4", [KubeletWrite, TrustedContainers], Some(ready::judge)),
    rule!(
        "PR004",
        initialized,
        "initialized",
        Error,
        "C5",
        [KubeletWrite, TrustedContainers],
        Some(initialized::judge)
    ),
    rule!(
        "PR005",
        ready_to_start,
        "ready-to-start",
        Error,
        "C6, I5",
        [KubeletWrite, TrustedContainers],
        Some(ready_to_start::judge)
    ),
    rule!("PR006", pod_scheduled, "pod-scheduled", Error, "C7, C12, C13", [], Some(pod_scheduled::judge)),
    rule!("PR007", observed_generation, "observed-generation", Error, "G1-G4", [], Some(observed_generation::judge)),
    rule!(
        "PR201",
        transition_time_missing,
        "transition-time-missing",
        Error,
        "L1, L8",
        [CreationTime],
        Some(transition_time_missing::judge)
    ),
    rule!(
        "PR202",
        transition_time_before_pod,
        "transition-time-before-pod",
        Error,
        "L1",
        [CreationTime],
        Some(transition_time_before_pod::judge)
    ),
    rule!(
        "PR203",
        transition_time_in_future,
        "transition-time-in-future",
        Error,
        "L6",
        [OwnClock],
        Some(transition_time_in_future::judge)
    ),
    rule!("PR204", transition_time, "transition-time", Error, "L1-L7", [], Some(transition_time::judge)),
    rule!(
        "PR205",
        transition_times_order,
        "transition-times-order",
        Error,
        "L1",
        [KubeletWrite],
        Some(transition_times_order::judge)
    ),
    rule!("PR206", clock_skew, "clock-skew", Warning, "L6", [], Some(clock_skew::judge)),
    rule!("PR301", version_back, "version-back", Info, "-", [], None),
    rule!("PR302", duplicate_differs, "duplicate-differs", Warning, "-", [], None),
    rule!("PR303", starts_mid_life, "starts-mid-life", Info, "-", [], None),
    rule!("PR304", relist, "relist", Info, "-", [], None),
    rule!("PR305", watch_expired, "watch-expired", Info, "-", [], None),
    rule!("PR306", vanished, "vanished", Info, "-", [], None),
    rule!("PR307", unseen_between_recordings, "unseen-between-recordings", Info, "-", [], None),
];

/// The rule of an id or a name, in any case.
#[must_use]
pub fn rule(text: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id.eq_ignore_ascii_case(text) || rule.name.eq_ignore_ascii_case(text))
}

/// The rule of this id or name.
///
/// # Errors
/// A sentence with the nearest names.
pub fn known(text: &str) -> Result<&'static Rule, String> {
    rule(text).ok_or_else(|| {
        let likeness = |rule: &&Rule| strsim::jaro_winkler(&text.to_lowercase(), rule.name);
        let nearest = RULES.iter().max_by(|left, right| likeness(left).total_cmp(&likeness(right)));
        let near = nearest.map_or(String::new(), |rule| format!("; did you mean {} ({})?", rule.id, rule.name));
        format!("unknown rule '{text}'; expected an id or a name from podreplay rules{near}")
    })
}
