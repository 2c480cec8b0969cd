//! What Kubernetes computes from a pod: pure functions, one file a subject, citing the rule numbers of
//! `docs/semantics.md`.

pub mod human_duration;
pub mod reasons;
pub mod status_column;

pub use human_duration::human_duration;
pub use status_column::{Columns, Restarts, columns};
