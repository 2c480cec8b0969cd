//! The tables for query engines: their columns, Parquet files of them, a stream of Arrow, and the way back from Parquet to the records.
//! The only home of Arrow and Parquet. Replays nothing: a row is what the JSON of `replay` says, or a record of the log. Only `seconds` is worked out here, from two of its times.

mod batch;
mod events;
mod folder;
mod layout;
mod merged;
mod pages;
mod part;
mod stream;
mod table;

pub use batch::Rows;
pub use events::{export_of, write_events};
pub use folder::{Files, Folder};
pub use layout::Export;
pub use merged::{MergedEvents, is_parquet};
pub use part::{PartError, is_decoding, table_of};
pub use stream::TableStream;
pub use table::{Column, EVENTS, FINDINGS, INTERVALS, Kind, LATENCY, Place, TABLES, TRANSITIONS, Table, VERSION};
