//! Expected against recorded: a unified or a side-by-side diff of timelines, and the claims that do not hold.

mod layout;
mod page;
mod text;
mod words;

pub use layout::Layout;
pub use text::{comparison_text, summary_text};
pub use words::{Sides, Still, difference_text, line_words, pair_name, versions_text};
