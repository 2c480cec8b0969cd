//! What can go wrong where a log is read.

use crate::store::StoreError;

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The parts of a record that no replay reads are not what a JSON reader takes.
    #[error("record {seq} has no complete object: {what}")]
    NotShown {
        /// Which.
        seq: i64,
        /// What was found.
        what: String,
    },
    /// A record of the store is not what was appended.
    #[error("record {seq} of the store is damaged: {what}")]
    Damaged {
        /// Which.
        seq: i64,
        /// What was found.
        what: String,
    },
}

impl ReadError {
    /// Whether the store is not what was written.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::Store(StoreError::Damaged { .. }) => true,
            Self::NotShown { .. } | Self::Store(_) => false,
        }
    }

    /// Whether one pod cannot be read, and others can.
    #[must_use]
    pub fn is_of_one_pod(&self) -> bool {
        match self {
            Self::NotShown { .. } | Self::Damaged { .. } | Self::Store(StoreError::Damaged { .. }) => true,
            Self::Store(_) => false,
        }
    }
}
