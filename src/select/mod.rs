//! Which pods are meant: names, globs, uids, labels, owners. Pure.

mod labels;
mod owner;
mod pattern;

pub use labels::LabelSelector;
pub use owner::OwnerPattern;
pub use pattern::{Pattern, Selection, glob};
