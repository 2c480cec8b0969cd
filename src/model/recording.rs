//! A recording as the log sums it up.

use super::time::StampedAt;

/// A recording of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingSummary {
    /// Its number.
    pub id: i64,
    /// The cluster it was taken from.
    pub cluster: String,
    /// The name of the input.
    pub name: String,
    /// The format it was read as.
    pub format: String,
    /// Records, markers included.
    pub records: i64,
    /// Bytes of the records.
    pub bytes: i64,
    /// Of which pods' events.
    pub events: i64,
    /// Different pods.
    pub pods: i64,
    /// The earliest of the newest times in its objects.
    pub first_at: Option<StampedAt>,
    /// The latest of them.
    pub last_at: Option<StampedAt>,
    /// ERROR records: the watch broke.
    pub errors: i64,
}
