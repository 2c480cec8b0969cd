//! The text of `timeline`: what happened to a pod, in the order of time.

mod birth;
mod legend;
mod merged;
mod page;
mod row;
mod summary;
mod text;
mod times;

pub use birth::Depth;
pub use legend::{Told, legend};
pub use merged::write_merged;
pub use text::write_timeline;
