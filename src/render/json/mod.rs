//! The JSON documents of `docs/json.md`: a promise with a version. Keys are camelCase, times RFC 3339 in UTC,
//! resourceVersions strings. One file a document; what several have is in `parts` and `pod`. YAML is made from the same.

mod comparison;
mod explanation;
mod findings;
mod latency;
mod parts;
mod pod;
mod pods;
mod reasons;
mod recordings;
mod replayed;
mod rules;
mod story;
mod test_run;
mod write;

pub use comparison::write_comparison;
pub use explanation::write_explanation;
pub use findings::{finding_items, write_findings};
pub use latency::{latency_row, write_latency};
pub use pod::{HistoryPod, TimelinePod, WhoPod};
pub use pods::write_pods;
pub use reasons::write_reasons;
pub use recordings::write_recordings;
pub use replayed::{finding_rows, interval_rows, transition_rows};
pub use rules::write_rules;
pub use story::write_story;
pub use test_run::write_tests;
pub use write::{Lines, ListWriter, RowSink, pretty};
