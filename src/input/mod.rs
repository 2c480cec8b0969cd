//! From bytes to events: opens files, cuts them into documents, decodes each into records. The home of `Deserialize`.
//! Knows nothing of the log or of the replay.

pub mod chunk;
mod compact;
pub mod decode;
pub mod detect;
pub mod expectation;
mod fields;
pub mod folder;
pub mod format;
pub mod guess;
mod list;
mod nesting;
pub mod note;
pub mod pod_json;
pub mod problem;
pub mod recall;
pub mod settings;
pub mod source;
mod values;
mod yaml;
pub mod yaml_tree;

pub use chunk::{CHUNK_BYTES, Chunk, ChunkReader, DOCUMENT_BYTES_MAX};
pub use decode::{Body, DecodedChunk, Record, Subject};
pub use detect::Format;
pub use format::{Shape, Time};
pub use problem::{Problem, ProblemKind};
pub use source::{EXPECTATION_BYTES_MAX, SETTINGS_BYTES_MAX, Source, SourceError};
