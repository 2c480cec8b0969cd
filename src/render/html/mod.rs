//! The report of an incident as one HTML page that needs nothing else: no network, no server, no other file.
//!
//! What must be readable without a script is made here: the header, the story, a table of the worst pods. The picture is drawn by
//! the page's own script from the packed data (`data.rs`). The page's code lies in `page/`.

mod data;
mod document;
mod header;
mod page;
mod story;
mod table;
mod texts;
mod told;

pub use page::page;
pub use told::file_name;
