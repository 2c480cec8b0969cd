//! Use cases: join the stages, print nothing.

pub mod beside;
pub mod changes;
pub mod check;
pub mod crosscheck;
pub mod history;
pub mod incident;
pub mod ingest;
pub mod namesakes;
pub mod projection;
pub mod recorded;
pub mod recordings;
mod requests;
pub mod rule_settings;
pub mod select_pods;
pub mod suite;

pub use history::history;
pub use ingest::{IngestError, IngestOptions, IngestReport, ingest};
