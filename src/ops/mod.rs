//! Use cases: join the stages, print nothing.

mod bodies;
pub mod changes;
pub mod check;
pub mod crosscheck;
mod facts;
pub mod incident;
pub mod ingest;
mod ingest_error;
pub mod pod_report;
pub mod pods_at;
pub mod projection;
mod read_error;
pub mod reading;
mod recent;
pub mod recorded;
pub mod recordings;
pub mod related;
pub mod rule_settings;
pub mod salvage;
pub mod select_pods;
pub mod suite;

pub use bodies::RecordBodies;
pub use ingest::{IngestOptions, IngestReport, ingest};
pub use ingest_error::IngestError;
pub use pod_report::replayed;
pub use pods_at::pods_at;
pub use read_error::ReadError;
pub use reading::Reading;
