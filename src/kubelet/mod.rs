//! What Kubernetes computes from a pod: pure functions, one file a subject, citing the rule numbers of
//! `docs/semantics.md`.

pub mod conditions;
pub mod container_moves;
pub mod human_duration;
pub mod inference;
pub mod merge;
pub mod phase;
pub mod reasons;
pub mod releases;
pub mod restart;
pub mod status_column;
pub mod status_manager;
pub mod status_validation;
pub mod transition_time;
pub mod version;
pub mod writer;

pub use human_duration::human_duration;
pub use phase::{Derived, Facts, derive_phase};
pub use releases::{Evidence, Releases, Told};
pub use status_column::{Columns, Restarts, columns, columns_as_known};
pub use status_manager::StatusManager;
pub use version::{Feature, Features, KubernetesVersion};
