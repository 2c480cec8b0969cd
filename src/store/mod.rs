//! The log: an append-only SQLite store of records, and the projection of their transitions beside it. The home of
//! SQL. Knows bytes, ids and times; what the bytes mean is for `input/`, what follows from them for `replay/`.

mod ahead;
pub mod append;
mod append_facts;
pub mod block;
mod bodies;
pub mod coverage;
mod ends;
mod error;
mod followers;
mod log_table;
mod open;
mod packed;
mod pods;
pub mod projection;
mod ranks;
mod read;
mod recordings;
mod rows;
mod seal;
mod sealing;
mod spans;
mod summary;
mod time_bounds;
mod verify;
mod version_key;
mod walk;

pub use ahead::InTurn;
pub use append::{NewBatch, RecordRow, Writer};
pub use block::{Dictionary, EncodedBatch, encode_batch};
pub use coverage::AuditSums;
pub use error::StoreError;
pub use followers::{BatchPlace, Followers, KnownBatch};
pub use open::{Log, SCHEMA_VERSION};
pub use projection::TransitionRow;
pub use read::Reader;
pub use rows::{BatchRow, PodRow, RecordFacts, RecordingLabel, RelatedRow};
pub use spans::Spans;
pub use summary::BatchSummary;
pub use version_key::VersionKey;
