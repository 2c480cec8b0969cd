//! Use cases: join the stages, print nothing.

mod append;
mod bodies;
pub mod changes;
pub mod check;
pub mod crosscheck;
mod facts;
pub mod incident;
mod ingest;
mod ingest_error;
pub mod ingest_options;
mod ingest_report;
pub mod pod_report;
mod pod_rows;
pub mod pods_at;
mod position;
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
pub use ingest::ingest;
pub use ingest_error::IngestError;
pub use ingest_options::IngestOptions;
pub use ingest_report::IngestReport;
pub use pod_report::replayed;
pub use pods_at::pods_at;
pub use read_error::ReadError;
pub use reading::Reading;
