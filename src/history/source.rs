//! What a history asks of the log: the bodies of records, and the bounds of time. Not where they are kept.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{Actor, ObservedAt, Pod, Request, ResourceVersion, StoredRecord};

/// The bodies of records, read when they are asked for.
pub trait Bodies {
    /// Why a body cannot be read.
    type Error;

    /// The pod that a record shows, in the model's words.
    ///
    /// # Errors
    /// When the body cannot be read, or shows no pod.
    fn pod(&self, record: &StoredRecord) -> Result<Arc<Pod>, Self::Error>;

    /// The whole object that a record shows.
    ///
    /// # Errors
    /// When the body cannot be read, or is no JSON as a whole.
    fn object(&self, record: &StoredRecord) -> Result<Arc<Value>, Self::Error>;

    /// The same; `None` of a body that is no JSON as a whole, though it may show a pod.
    ///
    /// # Errors
    /// When the body cannot be read.
    fn whole_object(&self, record: &StoredRecord) -> Result<Option<Arc<Value>>, Self::Error>;

    /// The request that a record holds.
    ///
    /// # Errors
    /// When the body cannot be read, or holds no request.
    fn request(&self, record: &StoredRecord) -> Result<Arc<Request>, Self::Error>;

    /// Who made a write, by the row that a record names.
    ///
    /// # Errors
    /// When the row cannot be read.
    fn actor(&self, row: i64) -> Result<Arc<Actor>, Self::Error>;

    /// The pod that an object is which no record shows: it may lack anything.
    ///
    /// # Errors
    /// What of it no pod has.
    fn pod_of(&self, object: &Value) -> Result<Pod, String>;
}

/// What the versions of a cluster prove of time.
pub trait TimeBounds {
    /// Why they cannot be read.
    type Error;

    /// The latest time that the write of `version` is known not to have happened before.
    ///
    /// # Errors
    /// When the bounds cannot be read.
    fn not_before(&self, cluster: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, Self::Error>;

    /// The API server's stamp on the first write from `version` on that carries a new one: the write of `version` did not
    /// happen after that second.
    ///
    /// # Errors
    /// When the bounds cannot be read.
    fn next_stamp(&self, cluster: i64, version: &ResourceVersion) -> Result<Option<ObservedAt>, Self::Error>;
}
