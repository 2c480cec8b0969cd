//! The text of `timeline`: what happened to a pod, in the order of time.

mod legend;
mod page;
mod row;
mod summary;
mod text;

pub use legend::{Told, legend};
pub use text::write_timeline;
