//! How to take an input, and who is told of it while it runs.

use crate::input::Encoding;
use crate::model::ObservedAt;
use crate::model::id::DEFAULT_CLUSTER;

/// How to take an input.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// The cluster that the capture was taken from.
    pub cluster: String,
    /// The format, where it must not be told by the first bytes.
    pub encoding: Option<Encoding>,
    /// Take nothing of an input that has a bad record.
    pub strict: bool,
    /// When the recording began, for formats that tell times since then and do not say it.
    pub base_time: Option<ObservedAt>,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self { cluster: DEFAULT_CLUSTER.to_owned(), encoding: None, strict: false, base_time: None }
    }
}

/// Told while an ingest runs.
pub trait Progress {
    /// So many pod events have been appended or recognised.
    fn events(&self, events: u64);
}

/// No one listens.
impl Progress for () {
    fn events(&self, _: u64) {}
}
