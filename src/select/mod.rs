//! Which pods are meant: names, globs, uids, labels, owners. Pure.

mod labels;
mod owner;
mod pattern;
mod selection;

pub use labels::LabelSelector;
pub use owner::OwnerPattern;
pub use pattern::{NamePattern, Pattern, glob};
pub use selection::Selection;
