//! From bytes to events: opens files, cuts them into documents, decodes each into records. The home of `Deserialize`.
//! Knows nothing of the log or of the replay.

pub mod archive;
mod audited;
mod boundary;
mod builder;
pub mod chunk;
mod compact;
mod csv_rows;
mod decode;
mod documents;
pub mod encoding;
mod envelope;
pub mod expectation;
mod fields;
pub mod folder;
pub mod format;
pub mod guess;
mod json_text;
mod json_value;
mod lines;
mod list;
mod managed_fields;
mod nesting;
mod object_json;
pub mod paced;
mod pod_json;
mod printed;
pub mod problem;
pub mod record;
pub mod settings;
pub mod source;
pub mod stored_record;
pub mod stored_related;
pub mod stored_workload;
mod unwrap;
mod values;
mod yaml;
pub mod yaml_tree;

pub use builder::DecodedChunk;
pub use chunk::{CHUNK_BYTES, Chunk, ChunkReader, DOCUMENT_BYTES_MAX};
pub use encoding::Encoding;
pub use format::{Format, Time};
pub use paced::Stop;
pub use problem::{Problem, ProblemKind};
pub use record::{Body, Record, Subject};
pub use source::{EXPECTATION_BYTES_MAX, SETTINGS_BYTES_MAX, Source, SourceError};
