//! Which pods are meant: names, globs, uids, labels. Pure.

mod labels;
mod pattern;

pub use labels::LabelSelector;
pub use pattern::{Pattern, Selection, glob};
