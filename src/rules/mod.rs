//! Was it supposed to happen that way? Judges a pod's events against the model and the invariants of a pod's life. Pure.
//!
//! One file a rule, named after it; its module comment is the rule's page. `table` gives the ids and the order.

mod asked;
mod at;
mod author;
mod diagnostics;
mod event_context;
mod expected;
mod finding;
mod judge;
mod kubelet_times;
mod need;
mod page;
mod rule;
mod severity;
mod shown_times;
mod standing;
mod table;
#[cfg(test)]
mod tests;
mod trusted;
mod verdict;
mod why_condition;
mod why_phase;

mod change_at_deletion;
mod containers_ready;
mod deleted_while_running;
mod deletion_withdrawn;
mod duplicate_differs;
mod ends_before_it_starts;
mod event_after_deleted;
mod foreign_status_write;
mod impossible_exit_code;
mod initialized;
mod last_state_cleared;
mod left_terminated;
mod node_changes;
mod observed_generation;
mod pending_again;
mod phase;
mod pod_scheduled;
mod qos_class_changes;
mod ready;
mod ready_to_start;
mod relist;
mod restart_count_falls;
pub mod shared_ip;
mod start_time_changes;
mod started_before_init;
mod starts_mid_life;
mod status_vanishes;
mod terminal_but_ready;
mod terminal_phase_left;
mod transition_time;
mod transition_time_before_pod;
mod transition_time_in_future;
mod transition_time_missing;
mod transition_times_order;
mod unseen_between_recordings;
mod vanished;
mod version_back;
mod watch_expired;

pub use at::{EventJudgement, judgement_at, judgements};
pub use author::Author;
pub use expected::{Difference, Expected, ExpectedTime};
pub use finding::Finding;
pub use judge::{Judgement, Stream, StreamFault, Tally, Track, judge};
pub use need::Need;
pub use page::{Page, page};
pub use phase::{is_rejected, killed};
pub use rule::Rule;
pub use severity::Severity;
pub use table::{RULES, known, rule};
pub use verdict::{Cause, ConditionJudgement, PhaseJudgement, Verdict};
