//! `timeline -o svg`: the same rows as one SVG document, for a report. Nothing in it runs or is loaded from elsewhere. Shapes
//! and patterns carry the meaning, so that it can be printed without colours; widths of text are estimated.

mod document;
mod legend;
mod merged;
mod page;
mod shapes;

pub use document::svg;
