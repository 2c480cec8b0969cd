//! Use cases: join the stages, print nothing.

pub mod changes;
pub mod check;
pub mod history;
pub mod ingest;
pub mod labels;
pub mod projection;
pub mod rule_settings;
pub mod select;

pub use history::history;
pub use ingest::{IngestError, IngestOptions, IngestReport, ingest};
pub use select::{Pattern, Selection};
