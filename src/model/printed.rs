//! What kubectl printed of a pod for people to read: less than its object, at the time of printing.

use super::StampedAt;

/// A pod of which no object was seen, only what kubectl printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Printed {
    /// The row of `kubectl get pods`; `None` of `kubectl describe`, which tells what the row is made of.
    pub row: Option<PrintedRow>,
}

/// READY, STATUS and RESTARTS as they were printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrintedRow {
    /// Containers that were ready.
    pub ready: usize,
    /// Containers that counted.
    pub total: usize,
    /// STATUS.
    pub status: Box<str>,
    /// How often containers were started again.
    pub restarts: i64,
    /// When the newest run that ended did, by `(30s ago)`, as exact as that was printed.
    pub restarted_at: Option<StampedAt>,
    /// READINESS GATES, where that was printed.
    pub gates: Option<Box<str>>,
    /// When it was created, by AGE: it may have been earlier by less than the smallest unit printed.
    pub created_at: Option<StampedAt>,
}
