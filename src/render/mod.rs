//! Plain values to text: terminal, JSON, YAML. The home of formatting and colours; nothing is computed here. Everything
//! that comes from a recording is escaped.

pub mod bars;
pub mod difference;
mod drawing;
pub mod escape;
pub mod explain;
pub mod findings;
pub mod golden;
mod guides;
pub mod heading;
pub mod history;
pub mod html;
pub mod json;
pub mod junit;
pub mod latency;
pub mod layout;
mod notes;
pub mod pods;
pub mod reasons;
pub mod recordings;
pub mod releases;
pub mod rules;
pub mod story;
pub mod style;
pub mod suite;
pub mod svg;
mod symptoms;
pub mod table;
pub mod timeline;
pub mod trace;
pub mod who;
pub mod words;
pub mod yaml;
pub mod zone;

pub use words::many;
