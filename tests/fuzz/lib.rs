//! What the fuzz targets ask. `tests/it/fuzzed.rs` asks the same of what was kept of earlier runs.

pub mod decoding;
pub mod expectation;
pub mod store;

/// The folder of podreplay.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
